"""Statements written in another format, read back, and what that format could not carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from oimkit.banking.formats import FORMATS
from oimkit.banking.limits import LIMITS
from oimkit.banking.statement import Entry, Statement
from oimkit.banking.writing.camt053 import write_camt053
from oimkit.banking.writing.mt940 import write_mt940
from oimkit.errors import InputError, StatementError

__all__ = ["WRITERS", "Loss", "Written", "write_statements"]


class Writer(Protocol):
    """A format's writer: statements -> the bytes of one file."""

    def __call__(self, statements: Iterable[Statement], *, message_id: str, created: datetime) -> bytes: ...


WRITERS: Mapping[str, Writer] = MappingProxyType({"camt053": write_camt053, "mt940": write_mt940})
"""The formats that can be written."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A field that reads back otherwise than it was written.

    statement, entry, detail  numbers from 1; None for what belongs to the whole statement, or entry
    field                     name of the field of Statement or Entry; ``entry`` for an entry that is not booked, where
                              the format has only booked ones
    """

    statement: int
    field: str
    entry: int | None = None
    detail: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """A file, and what it lacks of what it was made from."""

    data: bytes
    losses: tuple[Loss, ...]

    def __repr__(self) -> str:
        return f"Written({len(self.data)} bytes, {len(self.losses)} losses)"


_NEVER_LOST = frozenset({"amount", "value_date", "booking_date", "status", "account", "currency", "opening", "closing"})
"""A file in which one of these reads back otherwise is not given; of a detail only its amount."""

_NOT_COMPARED = {
    Statement: frozenset({"line", "format", "member", "findings", "entries", "opening", "closing"}),
    Entry: frozenset({"line", "raw", "details", "id", "book", "account"}),
}


def write_statements(
    statements: Sequence[Statement],
    format: str,  # noqa: A002  the field's own word
    *,
    message_id: str,
    created: datetime,
) -> Written:
    """*statements* as one file of *format*, read back and compared.

    Args:
        format: a name in ``WRITERS``.
        message_id: the file's own id, at most 35 characters.
        created: the moment of its making.

    Raises:
        InputError: no such format, no statement, an id that is too long.
        StatementError: the format cannot carry an account, a date or an amount as it is.
    """
    if format not in WRITERS:
        raise InputError(f"statements are written as one of {', '.join(WRITERS)}")
    if not statements or not 1 <= len(message_id) <= 35:
        raise InputError("there is at least one statement to write, and the id of the file has 1 to 35 characters")
    data = WRITERS[format](statements, message_id=message_id, created=created)
    again = FORMATS[format].read(data, limits=LIMITS)
    losses = tuple(_losses(statements, again))
    lost = next((loss for loss in losses if _is_grave(loss)), None)
    if lost is not None or len(again) != len(statements):
        what = f"the {lost.field} of statement {lost.statement}" if lost is not None else "every statement"
        raise StatementError(f"{format} cannot carry {what} as it is", format=format, advice="choose another format")
    return Written(data, losses)


def _is_grave(loss: Loss) -> bool:
    return loss.field in _NEVER_LOST and (loss.detail is None or loss.field == "amount")


def _losses(before: Sequence[Statement], after: Sequence[Statement]) -> Iterable[Loss]:
    for number, (one, other) in enumerate(zip(before, after, strict=False), 1):
        for name in (*_fields(one, other), *_ends(one, other)):
            yield Loss(number, name)
        yield from _entries(one.entries, other.entries, number, None)


def _left_out(before: Sequence[Entry], after: Sequence[Entry]) -> frozenset[int]:
    """The numbers of entries that are not booked, where exactly these are missing afterwards."""
    others = frozenset(number for number, entry in enumerate(before, 1) if not entry.is_booked)
    return others if len(after) == len(before) - len(others) else frozenset()


def _entries(before: Sequence[Entry], after: Sequence[Entry], statement: int, entry: int | None) -> Iterable[Loss]:
    left_out = _left_out(before, after) if entry is None else frozenset()
    if len(before) - len(left_out) != len(after):
        yield Loss(statement, "amount" if entry is None else "details", entry)
        return
    for number in sorted(left_out):
        yield Loss(statement, "entry", number)
    kept = [(number, each) for number, each in enumerate(before, 1) if number not in left_out]
    for (number, one), other in zip(kept, after, strict=True):
        for name in _fields(one, other):
            yield Loss(statement, name, number if entry is None else entry, None if entry is None else number)
        if entry is None:
            yield from _entries(one.details, other.details, statement, number)


def _fields(one: Statement | Entry, other: Statement | Entry) -> Iterable[str]:
    """The names of the fields in which the two differ; what only the file has (the id it must have) is no loss."""
    names = (field.name for field in fields(one) if field.name not in _NOT_COMPARED[type(one)])
    differing = [name for name in names if getattr(one, name) != getattr(other, name)]
    return [name for name in differing if name in _NEVER_LOST or getattr(one, name) not in (None, ())]


def _ends(one: Statement, other: Statement) -> Iterable[str]:
    """Opening and closing where amount or day differ; their codes are compared among all balances."""
    for name in ("opening", "closing"):
        before, after = getattr(one, name), getattr(other, name)
        if (before and (before.amount, before.date)) != (after and (after.amount, after.date)):
            yield name
