"""Everything is created and done once: looked for first, written down, sent, written down again.

An external id alone does not make a creation happen once: Odoo 14 doubles the lines of a document that is
loaded a second time. So the key is asked for on the server before every send, and after an answer that did not
come nothing is sent until the server's own time limit has passed and the key has been asked for again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from oimkit.errors import Busy, DivergedRecord, InputError, InvalidRecord, NotSent, OdooError, OutcomeUnknown, Refused
from oimkit.odoo.codec import UNSET, Field, Value, cell_text
from oimkit.odoo.codec.writing import in_currency
from oimkit.odoo.journal import IntentState, Journal
from oimkit.odoo.keys import ExternalId, Found, find
from oimkit.odoo.loading import IN_THE_DATABASE

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Report", "ReportedRecord", "Session"]

T = TypeVar("T")

Lines = Mapping[str, Sequence[tuple[ExternalId, Mapping[str, Value]]]]

SETTLE_AFTER_S = 120.0
"""Seconds a server may still be at work on a call that nobody waits for any more (its default limit, wall time)."""

_MOST_ROWS = 200
"""Records of one ``load``: nothing is gained above, and more is lost when one of them is refused."""

_TRIES = 8
"""Times a creation is sent when another transaction was in its way and nothing was kept."""

_LONGEST_PAUSE_S = 5.0
"""Seconds between two of these tries at most; the first pauses are far shorter."""


@dataclass(frozen=True, slots=True)
class ReportedRecord:
    """A record that a run made or found."""

    model: str
    id: int
    key: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run.

    created   records this run made
    reused    records that were there under their key before this run
    updated   steps carried out on existing records, by name
    findings  what a person has to look at
    """

    run: str
    kind: str
    created: tuple[ReportedRecord, ...] = ()
    reused: tuple[ReportedRecord, ...] = ()
    updated: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Session:
    """One run being carried out; made by ``apply``.

    settle_after_s  the server's own time limit: after an unknown outcome nothing is sent again before it
    patience_s      seconds to wait in place for that limit; when it takes longer, OutcomeUnknown is raised
    """

    odoo: Odoo
    journal: Journal
    run: str
    settle_after_s: float = SETTLE_AFTER_S
    patience_s: float = 0.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def create(
        self,
        key: ExternalId,
        model: str,
        values: Mapping[str, Value],
        *,
        lines: Lines | None = None,
    ) -> int:
        """The id of the record under *key*: found on the server, else created with its lines in one transaction.

        Args:
            values: Python values by field; a many2one as Ref, id or ExternalId, an x2many as tuple of ids or of
                ExternalIds. A field given as None is left empty, one not given gets its default.
            lines: for a one2many field, each line's own key and values; all lines of a field give the same fields.

        Raises:
            OutcomeUnknown: no usable answer; the key is in the journal, a later run settles it.
            Refused: nothing was created.
            DivergedRecord: the key is another model's, or its record was deleted after this run had made it.
        """
        columns, rows = _table(self.odoo, key, model, values, lines or {})
        what = f"create {model}"
        for attempt in range(1, _TRIES + 1):
            found = self._settled(str(key), lambda: self._find(key, model))
            if found is not None:
                made = self._may_have_sent(str(key))
                self.journal.mark_done(self.run, str(key), what, model=model, record=found, created=made)
                return found
            self._refuse_vanished(str(key), model)
            try:
                return self._load(key, model, columns, rows, what)
            except InvalidRecord as error:
                found = self._find(key, model)
                if found is not None:
                    self.journal.mark_done(self.run, str(key), what, model=model, record=found)
                    return found
                if error.server_class != IN_THE_DATABASE or attempt == _TRIES:
                    raise
                self.sleep(_pause_s(attempt))  # 14 tells the loser of a conflict of a constraint: one more try tells
            except Busy as error:
                if attempt == _TRIES:
                    raise
                self.sleep(error.retry_after_s or _pause_s(attempt))
        raise AssertionError("unreachable")

    def create_many(self, model: str, records: Sequence[tuple[ExternalId, Mapping[str, Value]]]) -> tuple[int, ...]:
        """The ids of plain records under their keys, in order, as ``create`` gives them; new ones a few calls for all.

        A record may name another by its key only when that exists before. Records whose earlier outcome is not known,
        and all records of a batch that was in another transaction's way, are created one by one.

        Raises as ``create``; of a refused batch nothing was created.
        """
        what = f"create {model}"
        keys = [key for key, _ in records]
        if len(set(keys)) != len(keys):
            raise InputError(f"two records of {model} have the same key")
        known = self._known(model, keys, what)
        alone = {intent.key for intent in self.journal.unsettled()} | self._done_before()
        fresh = [(key, values) for key, values in records if key not in known and str(key) not in alone]
        for batch in _batches(self.odoo, model, fresh):
            known |= self._load_batch(model, batch, what)
        known |= {key: self.create(key, model, values) for key, values in records if key not in known}
        return tuple(known[key] for key in keys)

    def ensure(self, key: str, *, done: Callable[[], T | None], act: Callable[[], object]) -> T:
        """What *done* returns once the step holds: at once if it does already, else after one *act*.

        Args:
            key: the step's name, unique in the server's life: ``post oimkit.invoice_1``.
            done: reads the server; the result when the step holds, else None.
            act: carries the step out; called at most once.

        Raises:
            OutcomeUnknown: no usable answer; a later run asks *done* again, and acts only when the server's
                time limit has passed.
            Refused: the step was refused, nothing was done.
            DivergedRecord: the server reported success and the step does not hold.
        """
        result = self._settled(key, done)
        acted = self._may_have_sent(key)
        if result is None:
            acted = True
            self._intend(key, what=key)
            self._act([key], act)
            result = done()
            if result is None:
                self.journal.mark_failed(self.run, key)
                raise DivergedRecord(f"{key}: the server reported no error, and yet the step does not hold")
        self.journal.mark_done(self.run, key, key, created=acted)
        return result

    def report(self, kind: str, findings: Sequence[str] = ()) -> Report:
        """What this run has done so far, by the journal."""
        done = [intent for intent in self.journal.intents(self.run) if intent.state is IntentState.DONE]
        records = [
            (intent.created, ReportedRecord(intent.model, intent.record, intent.key))
            for intent in done
            if intent.model is not None and intent.record is not None
        ]
        return Report(
            run=self.run,
            kind=kind,
            created=tuple(record for made, record in records if made),
            reused=tuple(record for made, record in records if not made),
            updated=tuple(intent.key for intent in done if intent.model is None and intent.created),
            findings=tuple(findings),
        )

    # --- many at once

    def _known(self, model: str, keys: Sequence[ExternalId], what: str) -> dict[ExternalId, int]:
        """Records that are there, written down as found; those that this run may have made are left to ``create``."""
        unsettled = {intent.key for intent in self.journal.unsettled()}
        found = find(self.odoo, keys)
        known = {key: self._of_model(key, record, model) for key, record in found.items() if str(key) not in unsettled}
        if known:
            records = {str(key): record for key, record in known.items()}
            self.journal.mark_all_done(self.run, what, model, records, created=False)
        return known

    def _done_before(self) -> set[str]:
        return {intent.key for intent in self.journal.intents(self.run) if intent.state is IntentState.DONE}

    def _load_batch(self, model: str, batch: _Batch, what: str) -> dict[ExternalId, int]:
        """Records of one ``load``; none of them when another transaction was in its way or the answer was lost."""
        names = [str(key) for key in batch.keys]
        self._intend(*names, what=what)
        ids: list[int] = []

        def send() -> None:
            ids.extend(self.odoo.load_new(model, batch.columns, batch.rows))

        try:
            self._act(names, send)
        except (Busy, InvalidRecord):  # one by one: the reason is then told of the record that is to blame
            return {}
        if not ids:
            return {}
        if len(ids) != len(names):
            raise DivergedRecord(f"{what}: {len(names)} rows made {len(ids)} records")
        self.journal.mark_all_done(self.run, what, model, dict(zip(names, ids, strict=True)), created=True)
        return dict(zip(batch.keys, ids, strict=True))

    # --- one act

    def _load(self, key: ExternalId, model: str, columns: list[str], rows: list[list[str]], what: str) -> int:
        self._intend(str(key), what=what)
        ids: list[int] = []

        def send() -> None:
            ids.extend(self.odoo.load_new(model, columns, rows))

        self._act([str(key)], send)
        if not ids:  # the answer was lost after the commit: the key tells
            found = self._find(key, model)
            if found is None:
                raise OutcomeUnknown(f"{what}: the answer was lost", key=str(key), advice="run `oimkit resume`")
            ids.append(found)
        if len(ids) != 1:
            raise DivergedRecord(f"{what} under {key} made {len(ids)} records in place of one")
        self.journal.mark_done(self.run, str(key), what, model=model, record=ids[0], created=True)
        return ids[0]

    def _intend(self, *keys: str, what: str) -> None:
        until = self.journal.clock() + timedelta(seconds=self.odoo.deadline_s)
        self.journal.intend(self.run, *keys, what=what, until=until, settle_after_s=self.settle_after_s)

    def _act(self, keys: Sequence[str], act: Callable[[], object]) -> None:
        """Carry *act* out once; a result lost after the server's commit is no error here."""
        try:
            act()
        except OutcomeUnknown as error:
            self.journal.mark_unknown(self.run, *keys)
            if error.after_commit:
                return
            raise OutcomeUnknown(
                error.reason, key=keys[0], advice="it may have happened; `oimkit resume` asks the server and goes on"
            ) from None
        except (NotSent, Refused):
            self.journal.mark_failed(self.run, *keys)
            raise
        except OdooError as error:
            self.journal.mark_unknown(self.run, *keys)
            raise OutcomeUnknown(
                error.reason, key=keys[0], advice="`oimkit resume` asks the server and goes on"
            ) from error

    # --- what is known

    def _find(self, key: ExternalId, model: str) -> int | None:
        found = find(self.odoo, [key]).get(key)
        return None if found is None else self._of_model(key, found, model)

    @staticmethod
    def _of_model(key: ExternalId, found: Found, model: str) -> int:
        if found.model != model:
            raise DivergedRecord(
                f"the key {key} belongs to a record of {found.model}, not of {model}", advice="choose another key"
            )
        return found.id

    def _settled(self, key: str, look: Callable[[], T | None]) -> T | None:
        """What *look* finds, asked again after the server's time limit where an earlier act may still be running."""
        found = look()
        if found is not None:
            return found
        quiet = self._quiet_at(key)
        wait_s = (quiet - self.journal.clock()).total_seconds() if quiet else 0.0
        if wait_s <= 0:
            return None
        if wait_s > self.patience_s:
            raise OutcomeUnknown(
                f"{key} was sent before and has no known outcome",
                key=key,
                advice=f"the server may still be at work on it: run `oimkit resume` in {wait_s:.0f} s",
            )
        self.sleep(wait_s)
        return look()

    def _quiet_at(self, key: str) -> datetime | None:
        """When no act under *key* can be running on the server any more; None when none was sent."""
        ends = []
        for intent in self.journal.unsettled(key):
            until = intent.until
            if intent.at < self.journal.opened_at:  # its process ended before this one got the journal
                until = min(until, self.journal.opened_at)
            ends.append(until + timedelta(seconds=intent.settle_after_s))
        return max(ends, default=None)

    def _may_have_sent(self, key: str) -> bool:
        return any(intent.run == self.run for intent in self.journal.unsettled(key))

    def _refuse_vanished(self, key: str, model: str) -> None:
        for intent in self.journal.intents(self.run):
            if intent.key == key and intent.state is IntentState.DONE:
                raise DivergedRecord(
                    f"{model} {intent.record} was there under {key} in this run, and was deleted since",
                    advice="undo the run and plan anew",
                )


def _pause_s(attempt: int) -> float:
    """Seconds before the next try, random so that two that were in each other's way part."""
    return min(random.uniform(0.05, 0.25) * float(2**attempt), _LONGEST_PAUSE_S)  # noqa: S311  a pause, no secret


# --- the table for load


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records that one ``load`` creates: they give the same fields in the same way."""

    keys: list[ExternalId]
    columns: list[str]
    rows: list[list[str]]


def _batches(odoo: Odoo, model: str, records: Sequence[tuple[ExternalId, Mapping[str, Value]]]) -> Iterator[_Batch]:
    """*records* in their order, cut where the columns change and after ``_MOST_ROWS``."""
    batch = _Batch([], [], [])
    for key, values in records:
        columns, rows = _table(odoo, key, model, values, {})
        if batch.keys and (columns != batch.columns or len(batch.keys) == _MOST_ROWS):
            yield batch
            batch = _Batch([], [], [])
        batch = _Batch([*batch.keys, key], columns, batch.rows + rows)
    if batch.keys:
        yield batch


def check_values(odoo: Odoo, key: ExternalId, model: str, values: Mapping[str, Value]) -> None:
    """Return when *values* can be sent for the record under *key*; InputError names the key and the field."""
    _cells(odoo, key, model, values)


def _table(
    odoo: Odoo, key: ExternalId, model: str, values: Mapping[str, Value], lines: Lines
) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of ``load`` for one document: its own cells in the first row, one line a row beside them."""
    for name in values:
        if name in lines:
            raise InputError(f"the field {name} is given as a value and as lines")
    head = {"id": str(key), **_cells(odoo, key, model, values)}
    columns, height = list(head), max((len(rows) for rows in lines.values()), default=0)
    table = [list(head.values())] + [[""] * len(head) for _ in range(height - 1)]
    for name, rows in lines.items():
        block = _line_cells(odoo, odoo.schema.field(model, name), rows)
        names = list(block[0]) if block else []
        if any(list(cells) != names for cells in block):
            raise InputError(f"the lines of {name} do not all give the same fields, in the same order")
        columns += [f"{name}/{inner}" for inner in names]
        for index, row in enumerate(table):
            row += block[index].values() if index < len(block) else [""] * len(names)
    return columns, table


def _line_cells(
    odoo: Odoo, owner: Field, rows: Sequence[tuple[ExternalId, Mapping[str, Value]]]
) -> list[dict[str, str]]:
    if owner.type != "one2many" or not owner.relation:
        raise InputError(f"the field {owner.name} has no lines")
    keys = [key for key, _ in rows]
    if len(set(keys)) != len(keys):
        raise InputError(f"two lines of {owner.name} have the same key")
    block = []
    for key, values in rows:
        block.append({"id": str(key), **_cells(odoo, key, owner.relation, values)})
    return block


def _cells(odoo: Odoo, key: ExternalId, model: str, values: Mapping[str, Value]) -> dict[str, str]:
    """Columns and cells of one record; a field given as UNSET has none, so that the server fills it in."""
    cells = {}
    for name, value in values.items():
        if value is UNSET:
            continue
        field = odoo.schema.field(model, name)
        try:
            column, cell = _cell(field, in_currency(field, value, values, odoo.schema.decimals_for))
        except InputError as error:
            raise InputError(f"{model} under {key}: {error.reason}", advice=error.advice) from None
        cells[column] = cell
    return cells


def _cell(target: Field, value: Value) -> tuple[str, str]:
    """The column and the cell for one value: records by database id or by external id, never by name."""
    if isinstance(value, ExternalId):
        if target.type != "many2one":
            raise InputError(f"the field {target.name} takes no single record")
        return f"{target.name}/id", str(value)
    if target.is_x2many:
        if isinstance(value, tuple) and value and all(isinstance(item, ExternalId) for item in value):
            return f"{target.name}/id", ",".join(str(item) for item in value)
        return f"{target.name}/.id", cell_text(target, value)
    if target.type == "many2one":
        return f"{target.name}/.id", cell_text(target, value)
    return target.name, cell_text(target, value)
