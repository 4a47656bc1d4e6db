"""Taking a run back: entries that it imported are deleted, settlements that it made are undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from oimkit.banking.importing import ImportPlan, PlannedStatement
from oimkit.banking.settlement import SettlementPlan
from oimkit.errors import InputError
from oimkit.odoo.apply import apply, register
from oimkit.odoo.banking.fields import id_of
from oimkit.odoo.banking.importing import KIND as IMPORT
from oimkit.odoo.banking.importing import has_state
from oimkit.odoo.banking.journals import STATEMENT
from oimkit.odoo.banking.rights import LINE, require_rights
from oimkit.odoo.banking.settling import KIND as SETTLEMENT
from oimkit.odoo.banking.settling import reconcile_key, still_settled
from oimkit.odoo.client import Odoo
from oimkit.odoo.journal import IntentState, Journal, RunState
from oimkit.odoo.keys import MODULE, ExternalId, find
from oimkit.odoo.once import Report, Session
from oimkit.odoo.saved import restore

__all__ = ["UndoPlan", "carry_out_undo", "has_own_undo", "plan_undo", "undo"]

KIND = "bank_undo"


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What is taken back of *run*: statements to delete with their lines, or lines whose settlement is undone."""

    run: str
    statements: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
    unsettle: tuple[int, ...] = ()

    @property
    def summary(self) -> str:
        """What is taken back, counted."""
        counts = {
            "statements deleted": len(self.statements),
            "entries deleted": len(self.lines),
            "settlements undone": len(self.unsettle),
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing was there any more"


def has_own_undo(kind: str) -> bool:
    """True for runs of this *kind*, whose records cannot simply be deleted: ``undo`` here takes them back."""
    return kind in (IMPORT, SETTLEMENT, KIND)


def undo(odoo: Odoo, journal: Journal, run: str) -> Report:
    """Take back what *run* made, once, and mark it undone. Errors as ``plan_undo`` and ``apply``."""
    return apply(plan_undo(odoo, journal, run), odoo, journal)


def plan_undo(odoo: Odoo, journal: Journal, run: str) -> UndoPlan:
    """What taking *run* back will do; nothing is sent that changes anything.

    Raises:
        InputError: the run is no import and no settlement, was undone before, or an entry that it imported has been
            settled since (take that back first), or somebody added entries of their own to its statements.
    """
    found = journal.run(run)
    if found.state is RunState.UNDONE:
        raise InputError(f"run {run} was taken back before")
    if found.state is RunState.OPEN:
        raise InputError(f"run {run} is not finished", advice="finish it with `oimkit resume` first")
    if found.kind == IMPORT:
        return _import_undo(odoo, journal, run, restore(ImportPlan, found.plan))
    if found.kind == SETTLEMENT:
        return _settlement_undo(odoo, journal, run, restore(SettlementPlan, found.plan))
    raise InputError(f"run {run} is of the kind {found.kind}, which cannot be taken back")


def _import_undo(odoo: Odoo, journal: Journal, run: str, plan: ImportPlan) -> UndoPlan:
    made = {record.key: record.id for record in journal.created(run) if record.model == STATEMENT}
    statements = odoo.search(STATEMENT, [["id", "in", sorted(made.values())]], order="id")
    own = _entries_of(odoo, [one for one in plan.statements if str(ExternalId(MODULE, one.key)) in made])
    added = odoo.search(LINE, [["statement_id", "in", statements], ["id", "not in", own]], order="id")
    if added:
        raise InputError(
            f"{len(added)} entries that run {run} did not import were added to its statements, the first is {added[0]}",
            advice="take them out of the statement in Odoo, then undo this run",
        )
    lines = odoo.search_read(LINE, [["id", "in", own]], ["is_reconciled", "amount"], order="id")
    settled = [line["id"] for line in lines if line["is_reconciled"] is True and line["amount"]]
    if settled:
        raise InputError(
            f"{len(settled)} of {len(lines)} entries that run {run} imported are settled, the first is {settled[0]}",
            advice="undo the run that settled them, or unreconcile them in Odoo, then undo this one",
        )
    return UndoPlan(run, statements=tuple(statements), lines=tuple(id_of(line) for line in lines))


def _entries_of(odoo: Odoo, statements: Iterable[PlannedStatement]) -> list[int]:
    """Ids of the lines that were created from *statements*, by their keys."""
    keys = [ExternalId(MODULE, entry.key) for statement in statements for entry in statement.entries]
    return sorted(found.id for found in find(odoo, keys).values() if found.model == LINE)


def _settlement_undo(odoo: Odoo, journal: Journal, run: str, plan: SettlementPlan) -> UndoPlan:
    acted = {intent.key for intent in journal.intents(run) if intent.state is IntentState.DONE and intent.created}
    settled = (each for each in plan.settlements if reconcile_key(each) in acted and still_settled(odoo, each))
    return UndoPlan(run, unsettle=tuple(sorted(int(each.entry_id) for each in settled)))


def carry_out_undo(plan: UndoPlan, session: Session) -> Report:
    """What *plan* says, each step once: matches undone, statements reopened (up to 15), then all deleted."""
    require_rights(session.odoo)
    for line in plan.unsettle:
        _unsettle(session, plan, line)
    if has_state(session.odoo):
        for statement in plan.statements:
            _reopen(session, plan, statement)
        _delete(session, plan, LINE, plan.lines)
        _delete(session, plan, STATEMENT, plan.statements)
    else:  # from 16 on a line of a valid statement may not be deleted, and lines outlive their statement
        _delete(session, plan, STATEMENT, plan.statements)
        _delete(session, plan, LINE, plan.lines)
    session.journal.mark_undone(plan.run)
    return replace(session.report(KIND), summary=plan.summary)


def _unsettle(session: Session, plan: UndoPlan, line: int) -> None:
    odoo = session.odoo
    method = "button_undo_reconciliation" if has_state(odoo) else "action_undo_reconciliation"

    def undone() -> bool | None:
        return odoo.read(LINE, [line], ["is_reconciled"])[0]["is_reconciled"] is False or None

    session.ensure(
        f"unreconcile {LINE} {line} of {plan.run}", done=undone, act=lambda: odoo.call(LINE, method, ids=[line])
    )


def _reopen(session: Session, plan: UndoPlan, statement: int) -> None:
    odoo = session.odoo

    def is_open() -> bool | None:
        return not odoo.search(STATEMENT, [["id", "=", statement], ["state", "!=", "open"]]) or None

    session.ensure(
        f"reopen {STATEMENT} {statement} of {plan.run}",
        done=is_open,
        act=lambda: odoo.call(STATEMENT, "button_reopen", ids=[statement]),
    )


def _delete(session: Session, plan: UndoPlan, model: str, ids: tuple[int, ...]) -> None:
    odoo = session.odoo

    def gone() -> bool | None:
        return not odoo.search(model, [["id", "in", list(ids)]]) or None

    if ids:
        session.ensure(
            f"delete {len(ids)} {model} of {plan.run}", done=gone, act=lambda: odoo.call(model, "unlink", ids=list(ids))
        )


register(KIND, UndoPlan, carry_out_undo)
