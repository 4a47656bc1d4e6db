"""The calls that every transport of a server must answer alike, as data, and what carries them out.

A call names its own records (``Own``) and marks its texts with ``§``, which stands for text that only one run has.
Each transport gets records of its own, made by the same calls in the same order, so that what it changes is its own.

Before outcomes are compared, and nowhere else, these are made alike:
ids of records that the run itself made   ``res.partner:3``, the third one of its model that the run saw
the run's mark in texts                    ``§``
the number in a document's name            ``INV/2026/11/n``
a moment of the last two hours             ``now``

What a protocol cannot carry is said by the call itself (``unreadable``, ``lost``), and must then be so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from oimkit.errors import OdooError, OimkitError, OutcomeUnknown
from oimkit.odoo import Odoo

MARK = "§"


@dataclass(frozen=True)
class Own:
    """The record, or with *index* one of the records, that an earlier call saved under this name."""

    name: str
    index: int = 0


@dataclass(frozen=True)
class Same:
    """One call; ``save`` keeps the ids that it gives, ``show`` says what of its result is compared.

    unreadable  transports whose protocol has no form for the result: reading it is a BadReply
    lost        transports whose protocol has no form for the result of what was done: OutcomeUnknown, after the commit
    """

    model: str
    method: str
    ids: object = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    role: str = "admin"
    save: str = ""
    show: Callable[[Any], Any] | None = None
    unreadable: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """What makes a call another call: who calls what, on which records, with which arguments."""
        return repr((self.role, self.model, self.method, self.ids, self.arguments, self.context))

    @property
    def title(self) -> str:
        text = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        on = "" if self.ids is None else f" on {self.ids!r}"
        around = f" in {dict(self.context)!r}" if self.context else ""
        return f"{self.role}: {self.model}.{self.method}({text[:160]}){on}{around}"


def call(
    model: str,
    method: str,
    ids: object = None,
    *,
    context: Mapping[str, Any] | None = None,
    role: str = "admin",
    save: str = "",
    show: Callable[[Any], Any] | None = None,
    unreadable: tuple[str, ...] = (),
    lost: tuple[str, ...] = (),
    **arguments: Any,
) -> Same:
    """A Same in the form in which ``Odoo.call`` is written."""
    return Same(model, method, ids, arguments, context or {}, role, save, show, unreadable, lost)


@dataclass(frozen=True)
class Outcome:
    """What came of a call: a value, or an error's class and reason."""

    kind: str
    value: Any

    def __repr__(self) -> str:
        return f"{self.kind} {self.value!r}"[:600]


NOT_MADE = "not made"
"""The kind of outcome of a call that needs a record which this server did not let the run make."""


class _NotThere(Exception):
    """A record that an earlier call should have made, and did not."""


_LISTS_OF_OWN = frozenset(["search", "create", "copy", "exists", "action_post"])
_ROWS = frozenset(["read", "search_read", "web_search_read", "get_metadata"])
_NUMBERED = re.compile(r"\b([A-Z]{2,5}/\d{4}/(?:\d\d/)?)\d{4,5}\b")
_ID_IN_TEXT = re.compile(r"\(id \d+\)|\(ids? [\d, ]+\)")


_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b")


def _now_or_not(found: re.Match[str]) -> str:
    try:
        moment = datetime.fromisoformat(found[0] + "+00:00")
    except ValueError:
        return found[0]
    return "now" if abs(datetime.now(UTC) - moment) < timedelta(hours=2) else found[0]


class Run:
    """All calls over one transport, by users who each have a connection; *mark* is the run's own text."""

    def __init__(self, users: Mapping[str, Odoo], mark: str) -> None:
        self._users = users
        self._mark = mark
        self._saved: dict[str, list[int]] = {}
        self._newest: dict[str, int] = {}
        self._labels: dict[tuple[str, int], str] = {}

    @property
    def transport(self) -> str:
        return self._users["admin"].transport

    def outcome(self, same: Same) -> Outcome:
        """Carry *same* out, once."""
        self._note_newest(same.model)
        odoo = self._users[same.role]
        try:
            arguments = {name: self._own(value) for name, value in same.arguments.items()}
            ids = None if same.ids is None else self._own(same.ids)
        except _NotThere as absent:
            return Outcome(NOT_MADE, str(absent))
        try:
            result = odoo.call(same.model, same.method, ids=ids, context=self._own(same.context), **arguments)
        except OimkitError as error:
            return Outcome(_error_kind(error), self._text(error.reason))
        if same.save:
            self._saved[same.save] = [row["id"] if isinstance(row, dict) else row for row in result]
        if same.show is not None:
            return Outcome("value", self._plain(same.show(result)))
        return Outcome("value", self._shown(same, result))

    # --- what goes in

    def _own(self, value: Any) -> Any:
        """*value* with the run's records and text in it."""
        if isinstance(value, Own) and len(self._saved.get(value.name, ())) <= value.index:
            raise _NotThere(value.name)
        if isinstance(value, Own):
            return self._saved[value.name][value.index]
        if isinstance(value, str):
            return value.replace(MARK, self._mark)
        if isinstance(value, Mapping):
            return {name: self._own(inner) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._own(inner) for inner in value]
        return value

    # --- what comes out

    def _shown(self, same: Same, result: Any) -> Any:
        if same.method in _LISTS_OF_OWN and isinstance(result, list):
            return [self._label(same.model, identity) for identity in result]
        if same.method == "message_post" and isinstance(result, list):
            return [self._label("mail.message", identity) for identity in result]
        if same.method in _ROWS and isinstance(result, list):
            return [self._row(same.model, row) for row in result]
        if same.method in ("name_create", "name_search") and isinstance(result, list):
            return self._pairs(same.model, result)
        if same.method == "load" and isinstance(result, dict) and isinstance(result.get("ids"), list):
            return self._plain({**result, "ids": [self._label(same.model, identity) for identity in result["ids"]]})
        return self._plain(result)

    def _pairs(self, model: str, result: list[Any]) -> Any:
        if result and type(result[0]) is int:
            return [self._label(model, result[0]), *self._plain(result[1:])]
        return [[self._label(model, pair[0]), *self._plain(pair[1:])] for pair in result]

    def _row(self, model: str, row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._cell(model, name, value) for name, value in row.items()}

    def _cell(self, model: str, name: str, value: Any) -> Any:
        known = self._users["admin"].schema.fields(model).get(name)
        relation = model if name == "id" else known.relation if known else None
        if relation and type(value) is int:
            return self._label(relation, value)
        if relation and known and known.is_x2many and isinstance(value, list):
            return [self._label(relation, identity) for identity in value]
        if relation and isinstance(value, list) and len(value) == 2 and type(value[0]) is int:
            return [self._label(relation, value[0]), self._plain(value[1])]
        return self._plain(value)

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {self._text(name): self._plain(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._plain(inner) for inner in value]
        return (type(value).__name__, value) if isinstance(value, (bool, int, Decimal)) else value

    def _text(self, text: str) -> str:
        text = _MOMENT.sub(_now_or_not, text.replace(self._mark, MARK))
        return _ID_IN_TEXT.sub("(id n)", _NUMBERED.sub(r"\1n", text))

    # --- ids

    def _note_newest(self, model: str) -> None:
        """Remember the newest id of *model* and the models it points to, before the run makes any."""
        if model in self._newest:
            return
        admin = self._users["admin"]
        try:
            known = admin.schema.fields(model)
        except OdooError:
            self._newest[model] = 0
            return
        for name in (model, *(column.relation for column in known.values() if column.relation in _MADE_BESIDE)):
            if name and name not in self._newest:
                found = admin.call(name, "search", domain=[], order="id desc", limit=1, context={"active_test": False})
                self._newest[name] = found[0] if found else 0

    def _label(self, model: str, identity: int) -> Any:
        if type(identity) is not int or identity <= self._newest.get(model, 2**62):
            return identity
        number = sum(1 for known, _ in self._labels if known == model) + 1
        return self._labels.setdefault((model, identity), f"{model}:{number}")


_MADE_BESIDE = frozenset(
    ["account.move.line", "mail.message", "res.partner", "res.partner.category", "account.move", "crm.lead"]
)
"""Models whose records other calls make as well: their newest id is taken before."""


def _error_kind(error: OimkitError) -> str:
    known = f", after_commit={error.after_commit}" if isinstance(error, OutcomeUnknown) else ""
    return f"{type(error).__name__}{known}"


def distinct_made(calls: Sequence[Same], outcomes: Sequence[Outcome]) -> int:
    """How many different ones of *calls* were really made."""
    pairs = zip(calls, outcomes, strict=True)
    return len({same.identity for same, outcome in pairs if outcome.kind != NOT_MADE})


def distinct_values(calls: Sequence[Same], outcomes: Sequence[Outcome]) -> int:
    """How many different ones of *calls* gave a value."""
    pairs = zip(calls, outcomes, strict=True)
    return len({same.identity for same, outcome in pairs if outcome.kind == "value"})


def differences(
    calls: Sequence[Same], runs: Mapping[str, Sequence[Outcome]]
) -> Iterator[tuple[Same, dict[str, Outcome]]]:
    """Each call whose outcome is not the same in every run, or not as the call says, with all of its outcomes."""
    for place, same in enumerate(calls):
        found = {transport: outcomes[place] for transport, outcomes in runs.items()}
        carried = [outcome for transport, outcome in found.items() if transport not in (*same.unreadable, *same.lost)]
        if any(outcome != carried[0] for outcome in carried) or not all(
            _is_as_said(same, *pair) for pair in found.items()
        ):
            yield same, found


def _is_as_said(same: Same, transport: str, outcome: Outcome) -> bool:
    """True when *outcome* is an error exactly where the call says that its result cannot be carried."""
    if transport in same.unreadable:
        return outcome.kind == "BadReply"
    if transport in same.lost:
        return outcome.kind == LOST
    return outcome.kind in _ANSWERS


LOST = "OutcomeUnknown, after_commit=True"
_ANSWERS = frozenset(
    ["value", NOT_MADE, "InputError", "InvalidCall", "InvalidRecord", "MissingRecord", "AccessRefused", "Refused"]
)
"""What a call may come to: a value or a refusal; anything else is no answer of a server that works."""
