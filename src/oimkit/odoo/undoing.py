"""Taking a run back: the records that it made are deleted, newest first, as far as the server lets it.

Nothing is deleted that anybody changed since it was made, unless told so; nothing that is posted; nothing that the
server refuses, because it is in use or the user lacks the right. What stays is told with its reason. Runs of bank
imports and settlements have an undoing of their own (``oimkit.odoo.banking``), as their records cannot simply go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from oimkit.errors import AccessRefused, InputError, InvalidCall, InvalidRecord, Refused
from oimkit.odoo.apply import apply, register
from oimkit.odoo.journal import Created, IntentState, Journal, RunState
from oimkit.odoo.keys import ExternalId, find
from oimkit.odoo.once import Report, ReportedRecord, Session

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo
    from oimkit.odoo.codec import Record

__all__ = ["Kept", "RecordsUndoPlan", "UndoneRecord", "not_taken_back", "plan_records_undo", "undo_records"]

KIND = "records_undo"

_AT_ONCE = 100
"""Records deleted in one call."""

_NAMED = 5
"""Changes that are named where they are told; further ones are only counted."""

_SLACK = timedelta(seconds=1)
"""Between creation and last change of a record that nobody has touched since: both are of one transaction."""

_POSTED = {"account.move": "posted", "account.payment": "posted", "account.bank.statement": "posted"}
"""States in which a document is part of the books."""


@dataclass(frozen=True, slots=True)
class UndoneRecord:
    """A record that is to be deleted."""

    model: str
    id: int
    key: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that stays, and why."""

    model: str
    id: int
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.model} {self.id} stays: {self.reason}"


@dataclass(frozen=True, slots=True)
class RecordsUndoPlan:
    """What is taken back of *run*: records to delete in this order, and those that stay.

    steps    how many changes the run made to records that were there, which are not taken back
    """

    run: str
    records: tuple[UndoneRecord, ...]
    kept: tuple[Kept, ...] = ()
    steps: int = 0


def undo_records(odoo: Odoo, journal: Journal, run: str, *, even_changed: bool = False) -> Report:
    """Take back what *run* made, once. Errors as ``plan_records_undo`` and ``apply``.

    The run counts as undone when nothing of it stays.
    """
    return apply(plan_records_undo(odoo, journal, run, even_changed=even_changed), odoo, journal)


def plan_records_undo(odoo: Odoo, journal: Journal, run: str, *, even_changed: bool = False) -> RecordsUndoPlan:
    """What taking *run* back will do; nothing is sent that changes anything.

    Args:
        even_changed: delete also what was changed since the run made it.

    Raises InputError: the run was undone before, or is not finished.
    """
    found = journal.run(run)
    if found.state is RunState.UNDONE:
        raise InputError(f"run {run} was taken back before")
    if found.state is RunState.OPEN:
        raise InputError(f"run {run} is not finished", advice="finish it with `oimkit resume` first")
    made = list(reversed(journal.created(run)))
    kept = {key: reason for model, group in _by_model(made) for key, reason in _kept(odoo, model, group, even_changed)}
    there = _there(odoo, made)
    return RecordsUndoPlan(
        run,
        tuple(UndoneRecord(one.model, one.id, one.key) for one in made if one.key in there and one.key not in kept),
        tuple(Kept(one.model, one.id, one.key, kept[one.key]) for one in made if one.key in kept),
        len(_changes(journal, run)),
    )


def not_taken_back(journal: Journal, run: str) -> tuple[str, ...]:
    """The finding that tells which changes *run* made to records that were there; empty when it made none."""
    changes = _changes(journal, run)
    if not changes:
        return ()
    named = ", ".join(changes[:_NAMED]) + (" ..." if len(changes) > _NAMED else "")
    return (f"{_counted(len(changes), 'change')} of run {run} to records that were there: not taken back ({named})",)


def _changes(journal: Journal, run: str) -> tuple[str, ...]:
    return tuple(
        intent.key
        for intent in journal.intents(run)
        if intent.state is IntentState.DONE and intent.model is None and intent.created
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _by_model(made: Iterable[Created]) -> Iterator[tuple[str, list[Created]]]:
    groups: dict[str, list[Created]] = {}
    for one in made:
        groups.setdefault(one.model, []).append(one)
    yield from groups.items()


def _there(odoo: Odoo, made: Sequence[Created]) -> set[str]:
    """Keys that still name the record which the run made."""
    found = find(odoo, [ExternalId.parse(one.key) for one in made])
    names = {(one.key, one.model, one.id) for one in made}
    return {str(key) for key, there in found.items() if (str(key), there.model, there.id) in names}


def _kept(odoo: Odoo, model: str, made: Sequence[Created], even_changed: bool) -> Iterator[tuple[str, str]]:
    """Keys of records that must stay, each with the reason."""
    wanted = ["create_date", "write_date", "create_uid", "write_uid", "state"]
    fields = [name for name in wanted if odoo.schema.has_field(model, name)]
    keys = {one.id: one.key for one in made}
    everything = odoo.with_context(active_test=False)
    for start in range(0, len(made), 500):
        ids = [one.id for one in made[start : start + 500]]
        for row in everything.search_read(model, [["id", "in", ids]], fields):
            reason = _reason(model, row, even_changed)
            if reason:
                yield keys[row["id"]], reason


def _reason(model: str, row: Record, even_changed: bool) -> str:
    if model in _POSTED and row.get("state") == _POSTED[model]:
        return "it is posted; reset it to draft or reverse it in Odoo first"
    made, changed = row.get("create_date"), row.get("write_date")
    if even_changed or made is None or changed is None:
        return ""
    by = row.get("write_uid")
    if changed - made > _SLACK or (by is not None and row.get("create_uid") != by):
        who = f" by user {by.id}" if by is not None else ""
        return f"it was changed{who} at {changed:%Y-%m-%d %H:%M:%S} UTC, after it was made; --even-changed deletes it"
    return ""


def _carry_out(plan: RecordsUndoPlan, session: Session) -> Report:
    refused: list[Kept] = []
    for model, records in _neighbours(plan.records):
        refused += _delete(session, plan, model, records)
    stays = [*plan.kept, *refused]
    if not stays:
        session.journal.mark_undone(plan.run)
    left = {(kept.model, kept.id) for kept in refused}
    deleted = tuple(
        ReportedRecord(one.model, one.id, one.key) for one in plan.records if (one.model, one.id) not in left
    )
    told = [f"{_counted(len(deleted), 'record')} deleted"]
    if stays:
        told.append(f"{len(stays)} {'stays' if len(stays) == 1 else 'stay'}")
    if plan.steps:
        told.append(f"{_counted(plan.steps, 'change')} not taken back")
    findings = [*map(str, stays), *not_taken_back(session.journal, plan.run)]
    return replace(session.report(KIND, findings), deleted=deleted, summary=", ".join(told))


def _neighbours(records: Sequence[UndoneRecord]) -> Iterator[tuple[str, list[UndoneRecord]]]:
    """Records of one model that follow each other, at most ``_AT_ONCE``."""
    group: list[UndoneRecord] = []
    for record in records:
        if group and (record.model != group[0].model or len(group) == _AT_ONCE):
            yield group[0].model, group
            group = []
        group.append(record)
    if group:
        yield group[0].model, group


def _delete(session: Session, plan: RecordsUndoPlan, model: str, records: list[UndoneRecord]) -> list[Kept]:
    """Delete *records* in one call, or each alone where the server refuses that; those that stay."""
    odoo = session.odoo.with_context(active_test=False)
    ids = [record.id for record in records]

    def gone() -> bool | None:
        return not odoo.search(model, [["id", "in", ids]]) or None

    name = f"delete {model} {ids[0]}" + (f" and {len(ids) - 1} more" if len(ids) > 1 else "")
    try:
        session.ensure(f"{name} of {plan.run}", done=gone, act=lambda: odoo.call(model, "unlink", ids=ids))
    except (InvalidRecord, AccessRefused, InvalidCall) as error:
        if len(records) == 1:
            one = records[0]
            return [Kept(one.model, one.id, one.key, _told(error))]
        return [kept for record in records for kept in _delete(session, plan, model, [record])]
    return []


def _told(error: Refused) -> str:
    return f"the server refuses to delete it ({error.reason})"


register(KIND, RecordsUndoPlan, _carry_out)
