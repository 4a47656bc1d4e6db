"""What ``load`` answers: the ids of the records and what was remarked, or why not one of its rows was kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oimkit.errors import Busy, InvalidRecord, OdooError, OutcomeUnknown, RefusedRow
from oimkit.odoo.codec import Wire
from oimkit.odoo.codec.wire import unfit_for_the_wire
from oimkit.odoo.faults import from_server, is_conflict, masked
from oimkit.odoo.transport.calls import Call

__all__ = ["IN_THE_DATABASE", "ONLY_NEW", "LoadMessage", "Loaded", "loaded", "wrong_cell"]

ONLY_NEW: Mapping[str, Wire] = {"mode": "update", "noupdate": True}
"""Context of ``load``: mark new external ids as not to be updated, and do not update records so marked.

This is how a server keeps what a person has changed when it updates a module; measured on 14 and 19, for drafts and
for posted documents, and the same for users who may not read ``ir.model.data``.
"""

IN_THE_DATABASE = "load.database"
"""``server_class`` of a refusal by a constraint of the database: a conflict with another transaction can look so."""


@dataclass(frozen=True, slots=True)
class LoadMessage:
    """What the server remarked about rows that it took: a name that several records have, a word taken for yes.

    record  the place of the record among those loaded, from 0; row is the first of its rows; None where none is told
    column  the field that it is about, or None
    kind    the server's word for it: ``warning``, ...
    text    the server's own sentence, in the user's language; it may repeat the cell, so no repr shows it
    """

    record: int | None
    row: int | None
    column: str | None
    kind: str
    text: str = field(repr=False)

    def __str__(self) -> str:
        place = "the rows" if self.row is None else f"row {self.row}"
        return f"{self.kind} about {place}, column {self.column}" if self.column else f"{self.kind} about {place}"


class Loaded(list[int]):
    """Ids of the records of one ``load``, one a record, in order: a list, which the server's messages go along with.

    messages  what the server remarked about rows that it took; empty when it had nothing to say
    """

    __slots__ = ("messages",)

    def __init__(self, ids: Iterable[int], messages: Iterable[LoadMessage] = ()) -> None:
        super().__init__(ids)
        self.messages: tuple[LoadMessage, ...] = tuple(messages)


_LOOK = "ask for the external ids of its rows before loading them again"
_MOST_TOLD = 10


def wrong_cell(columns: Sequence[str], row: Sequence[str]) -> str | None:
    """Why *row* cannot be sent under *columns*, naming the column and never the cell; None when it can."""
    if len(row) != len(columns):
        return f"the row has {len(row)} cells and there are {len(columns)} columns"
    for column, cell in zip(columns, row, strict=True):
        if type(cell) is not str:
            return f"the column {column} holds a {type(cell).__name__}, and load takes text"
        if unfit_for_the_wire(cell):
            return f"the column {column} holds a control character or a half of a character pair"
    return None


def loaded(model: str, reply: Wire) -> Loaded:
    """Ids and messages from the reply of ``load``; a message of type error is a refusal of all rows."""
    messages = reply.get("messages") if isinstance(reply, dict) else None
    ids = reply.get("ids") if isinstance(reply, dict) else None
    if not isinstance(messages, list):
        raise OutcomeUnknown(f"{model}.load: the reply has no list of messages", advice=_LOOK)
    errors = [message for message in messages if isinstance(message, dict) and message.get("type") == "error"]
    if errors or ids is False or ids is None:
        raise _not_loaded(model, errors, is_whole=all(_is_placed(message) for message in messages))
    if not isinstance(ids, list) or any(type(identity) is not int for identity in ids):
        raise OutcomeUnknown(f"{model}.load: the reply holds ids that are none", advice=_LOOK)
    return Loaded(ids, [_remarked(message) for message in messages])


def _is_placed(message: Any) -> bool:
    """False for the message without rows by which a server says that it looked no further."""
    return isinstance(message, dict) and (message.get("type") == "error" or "rows" in message)


def _not_loaded(model: str, errors: Sequence[Mapping[str, Any]], *, is_whole: bool) -> OdooError:
    if any(is_conflict(str(error.get("message", ""))) for error in errors):
        return Busy(f"another transaction was in the way of {model}.load, nothing was kept", advice="try again later")
    for error in errors:
        text = str(error.get("message", ""))
        if "exceptions.AccessError" in text or text.startswith("You are not allowed to"):
            return from_server("odoo.exceptions.AccessError", text, Call(model, "load"))
    rows = tuple(_refused(error) for error in errors)
    return InvalidRecord(
        f"{model}.load refused all rows for {'' if is_whole else 'at least '}{len(rows)} reasons: "
        f"{'; '.join(map(str, rows[:_MOST_TOLD])) or 'none given'}",
        server_class=IN_THE_DATABASE if any(_is_of_database(error) for error in errors) else "load",
        rows=rows,
        advice="mend these rows and load again, nothing was kept",
    )


def _refused(error: Mapping[str, Any]) -> RefusedRow:
    record, row, column = _place(error)
    return RefusedRow(record, row, column, "" if column is not None else _why(str(error.get("message", ""))))


def _remarked(message: Any) -> LoadMessage:
    if not isinstance(message, dict):
        return LoadMessage(None, None, None, "message", str(message))
    return LoadMessage(*_place(message), str(message.get("type", "message")), str(message.get("message", "")))


def _place(message: Mapping[str, Any]) -> tuple[int | None, int | None, str | None]:
    """The record, its first row and the column that a message names."""
    rows, record, column = message.get("rows"), message.get("record"), message.get("field")
    first = rows.get("from") if isinstance(rows, dict) else None
    return (
        record if type(record) is int else None,
        first if type(first) is int else None,
        column if isinstance(column, str) else None,
    )


def _is_of_database(error: Mapping[str, Any]) -> bool:
    """True for a constraint that a conflict can seem to violate; a value that is missing is missing."""
    text = str(error.get("message", ""))
    named = isinstance(error.get("field"), str) or "not-null" in text or "null value in column" in text
    return not named and ("Failing row" in text or "violates" in text)


def _why(message: str) -> str:
    """What a message without a column says; PostgreSQL's own texts repeat the row, so they are left out."""
    return "refused by the database" if "Failing row" in message or "DETAIL" in message else masked(message, 160)
