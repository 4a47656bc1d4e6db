"""Everything is created and done once: looked for first, written down, sent, written down again.

An external id alone does not make a creation happen once: Odoo 14 doubles the lines of a document that is
loaded a second time. So the key is asked for on the server before every send, the send itself leaves alone what
another process has made under the key since (``Odoo.load_new``), and after an answer that did not come nothing is
sent until the server's own time limit has passed and the key has been asked for again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from oimkit.errors import Busy, DivergedRecord, InputError, InvalidRecord, NotSent, OdooError, OutcomeUnknown, Refused
from oimkit.odoo.codec import Value
from oimkit.odoo.journal import IntentState, Journal
from oimkit.odoo.keys import ExternalId, Found, find
from oimkit.odoo.loading import IN_THE_DATABASE, Loaded
from oimkit.odoo.tables import Batch, Lines, batches, table

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Lines", "Report", "ReportedRecord", "Session", "writing"]

T = TypeVar("T")


SETTLE_AFTER_S = 120.0
"""Seconds a server may still be at work on a call that nobody waits for any more (its default limit, wall time)."""

_TRIES = 12
"""Times a creation is sent when another transaction was in its way and nothing was kept.

On 14 all drafts of one journal are in each other's way: each locks the entry that was numbered last.
"""

_TRIES_AT_A_CONSTRAINT = 3
"""Times a record without lines is sent when a constraint of the database is said to forbid it.

A conflict can look like that; for documents with lines on 14 most do, so these have ``_TRIES``.
"""

_AT_A_CONSTRAINT = (
    "{} tries were refused alike and nothing was kept: run again where others write to the same journal or records at "
    "this moment, else mend the record"
)

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
    deleted   records that an undo deleted
    findings  what a person has to look at
    summary   what an undo did in one sentence, "" for every other run
    """

    run: str
    kind: str
    created: tuple[ReportedRecord, ...] = ()
    reused: tuple[ReportedRecord, ...] = ()
    updated: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    deleted: tuple[ReportedRecord, ...] = field(default=(), kw_only=True)
    summary: str = field(default="", kw_only=True)


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
    _remarks: list[str] = field(default_factory=list, init=False, repr=False)

    def create(
        self,
        key: ExternalId,
        model: str,
        values: Mapping[str, Value],
        *,
        lines: Lines | None = None,
        check: Callable[[], None] | None = None,
    ) -> int:
        """The id of the record under *key*: found on the server, else created with its lines in one transaction.

        Args:
            values: Python values by field; a many2one as Ref, id or ExternalId, an x2many as tuple of ids or of
                ExternalIds. A field given as None is left empty, one not given gets its default.
            lines: for a one2many field, each line's own key and values; all lines of a field give the same fields.
            check: asked right before each send, whatever the pause since the last; what it raises, nothing was sent.

        Raises:
            OutcomeUnknown: no usable answer; the key is in the journal, a later run settles it.
            Refused: nothing was created.
            DivergedRecord: the key is another model's, or its record was deleted after this run had made it.
        """
        columns, rows = table(self.odoo, key, model, values, lines or {})
        tries_at_a_constraint = _TRIES if lines else _TRIES_AT_A_CONSTRAINT
        what = f"create {model}"
        for attempt in range(1, _TRIES + 1):
            found = self._settled(str(key), lambda: self._find(key, model))
            if found is not None:
                made = self.may_have_sent(str(key))
                self.journal.mark_done(self.run, str(key), what, model=model, record=found, created=made)
                return found
            self._refuse_vanished(str(key), model)
            if check is not None:
                check()
            try:
                return self._load(key, model, columns, rows, what)
            except InvalidRecord as error:
                found = self._find(key, model)
                if found is not None:
                    self.journal.mark_done(self.run, str(key), what, model=model, record=found)
                    return found
                if error.server_class != IN_THE_DATABASE:
                    raise
                if attempt >= tries_at_a_constraint:
                    error.advice = _AT_A_CONSTRAINT.format(attempt)
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
        for batch in batches(self.odoo, model, fresh):
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
            Refused: the step was refused, nothing was done, and nobody else has done it either.
            DivergedRecord: the server reported success and the step does not hold.
        """
        result = self._settled(key, done)
        acted = self.may_have_sent(key)
        if result is None:
            self._intend(key, what=key)
            try:
                self._act([key], act)
                acted = True
            except Refused:  # a second posting is refused: another process may have come first
                result = done()
                if result is None:
                    raise
            else:
                result = done()
                if result is None:
                    self.journal.mark_failed(self.run, key)
                    raise DivergedRecord(f"{key}: the server reported no error, and yet the step does not hold")
        self.journal.mark_done(self.run, key, key, created=acted)
        return result

    def update_many(self, model: str, columns: Sequence[str], rows: Mapping[ExternalId, Sequence[str]]) -> None:
        """Write cells to records that are there, all of them or none, in one call.

        Args:
            columns: ``.id`` first, so that a record that was deleted meanwhile is refused and never made anew.
            rows: by the record's key.

        Raises as ``create``; what was written before has the same outcome when it is written again.
        """
        what, names = f"write {model}", [writing(key) for key in rows]
        for attempt in range(1, _TRIES + 1):
            self._intend(*names, what=what)
            try:
                self._act(names, lambda: self._note(what, self.odoo.load(model, columns, list(rows.values()))))
            except Busy as error:
                if attempt == _TRIES:
                    raise
                self.sleep(error.retry_after_s or _pause_s(attempt))
            else:
                break
        self.journal.mark_all_done(self.run, what, None, dict.fromkeys(names), created=True)

    def wait_for(self, key: str) -> bool:
        """Wait until nothing that was sent under *key* can be under way; False when nothing was.

        Raises OutcomeUnknown when that takes longer than ``patience_s``.
        """
        sent = bool(self.journal.unsettled(key))
        self._settled(key, lambda: None)
        return sent

    def report(self, kind: str, findings: Sequence[str] = ()) -> Report:
        """What this run has done so far, by the journal; the server's remarks about rows stand among the findings."""
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
            findings=(*findings, *self._remarks),
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

    def _load_batch(self, model: str, batch: Batch, what: str) -> dict[ExternalId, int]:
        """Records of one ``load``; none of them when another transaction was in its way or the answer was lost."""
        names = [str(key) for key in batch.keys]
        self._intend(*names, what=what)
        ids: list[int] = []

        def send() -> None:
            ids.extend(self._note(what, self.odoo.load_new(model, batch.columns, batch.rows)))

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
            ids.extend(self._note(what, self.odoo.load_new(model, columns, rows)))

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

    def _note(self, what: str, loaded: Loaded) -> Loaded:
        """*loaded*, its messages kept for the report: by their place, as their text may repeat a cell."""
        self._remarks.extend(f"{what}: the server has a {message}" for message in loaded.messages)
        return loaded

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

    def may_have_sent(self, key: str) -> bool:
        """True when this run has sent something under *key* whose outcome is not written down."""
        return any(intent.run == self.run for intent in self.journal.unsettled(key))

    def _refuse_vanished(self, key: str, model: str) -> None:
        for intent in self.journal.intents(self.run):
            if intent.key == key and intent.state is IntentState.DONE:
                raise DivergedRecord(
                    f"{model} {intent.record} was there under {key} in this run, and was deleted since",
                    advice="undo the run and plan anew",
                )


def writing(key: ExternalId) -> str:
    """The name, in the journal, of writing to the record under *key*."""
    return f"write {key}"


def _pause_s(attempt: int) -> float:
    """Seconds before the next try, random so that two that were in each other's way part."""
    return min(random.uniform(0.05, 0.25) * float(2**attempt), _LONGEST_PAUSE_S)  # noqa: S311  a pause, no secret
