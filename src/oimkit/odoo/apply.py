"""Plans carried out once: stored whole before anything is sent, resumed from what was stored, never planned anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from oimkit.errors import (
    Busy,
    DivergedRecord,
    IllegalTransition,
    InputError,
    OutcomeUnknown,
    Refused,
)
from oimkit.odoo.journal import Journal, Run
from oimkit.odoo.once import SETTLE_AFTER_S, Report, ReportedRecord, Session
from oimkit.odoo.saved import dump, restore

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Report", "ReportedRecord", "Session", "act_of", "apply", "register", "resume"]

Plan = TypeVar("Plan")


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    plan_type: type
    carry_out: Callable[[Any, Session], Report]


_KINDS: dict[str, _Kind] = {}


def register(kind: str, plan_type: type[Plan], carry_out: Callable[[Plan, Session], Report]) -> None:
    """Make plans of *plan_type* known under *kind*; called once by the module that knows how to carry them out.

    Args:
        carry_out: acts through the session only; asked again with the same plan after a crash, it goes on.
    """
    known = _KINDS.get(kind)
    if known is not None and known.plan_type.__qualname__ != plan_type.__qualname__:
        raise InputError(f"the kind of plan {kind} is already taken")
    _KINDS[kind] = _Kind(kind, plan_type, carry_out)


def apply(
    plan: object,
    odoo: Odoo,
    journal: Journal,
    *,
    settle_after_s: float = SETTLE_AFTER_S,
    patience_s: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Report:
    """Carry *plan* out, or finish the open run of an equal plan.

    Args:
        settle_after_s: the server's own time limit for one call, kept with every intent.
        patience_s: seconds to wait in place until an earlier act can have ended.

    Raises:
        OutcomeUnknown: an outcome of this or of an earlier run is not known; ``resume`` settles it.
        Refused, InputError, DivergedRecord: the run stopped; what it had made until then is in the journal.
        NotSent, Busy: the run is open, ``resume`` goes on with it.
    """
    kind = _kind_of(plan)
    _check_journal(odoo, journal)
    text = dump(plan)
    odoo = odoo.permitted(act_of(plan))
    equal = None
    for run in journal.open_runs():
        if run.kind == kind.name and run.plan == text:
            equal = run
        else:
            _refuse_unsettled(run, journal)
    run = equal or journal.begin(kind.name, text)
    return _carry_out(kind, plan, run, Session(odoo, journal, run.id, settle_after_s, patience_s, sleep))


def resume(
    odoo: Odoo,
    journal: Journal,
    *,
    settle_after_s: float = SETTLE_AFTER_S,
    patience_s: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Report]:
    """Finish every open run from its stored plan, the oldest first; errors as ``apply``."""
    _check_journal(odoo, journal)
    reports = []
    runs = journal.open_runs()
    if runs:
        odoo = odoo.permitted(f"the end of {len(runs)} begun runs ({', '.join(sorted({run.kind for run in runs}))})")
    for run in runs:
        kind = _KINDS.get(run.kind)
        if kind is None:
            raise InputError(f"the run {run.id} is of the kind {run.kind}, which is not known here")
        plan: object = restore(kind.plan_type, run.plan)
        reports.append(_carry_out(kind, plan, run, Session(odoo, journal, run.id, settle_after_s, patience_s, sleep)))
    return reports


def _carry_out(kind: _Kind, plan: object, run: Run, session: Session) -> Report:
    try:
        report = kind.carry_out(plan, session)
    except Busy:
        raise
    except (Refused, InputError, DivergedRecord, IllegalTransition):
        session.journal.stop(run.id)
        raise
    session.journal.finish(run.id, dump(report))
    return report


def act_of(plan: object) -> str:
    """What carrying *plan* out is called where somebody is asked to allow it."""
    return f"a run of the kind {_kind_of(plan).name}"


def _kind_of(plan: object) -> _Kind:
    for kind in _KINDS.values():
        if kind.plan_type is type(plan):
            return kind
    raise InputError(f"a {type(plan).__name__} is not a plan that can be carried out")


def _check_journal(odoo: Odoo, journal: Journal) -> None:
    if journal.server_key != odoo.server_key:
        raise InputError(
            "the journal belongs to another database than the connection",
            advice="open it with Journal.open(directory, odoo.server_key)",
        )


def _refuse_unsettled(run: Run, journal: Journal) -> None:
    """New work waits until every outcome is known."""
    for intent in journal.unsettled():
        if intent.run == run.id:
            raise OutcomeUnknown(
                f"the outcome of {intent.key} in the run {run.id} is not known",
                key=intent.key,
                advice="run `oimkit resume` first",
            )
