"""Cut off, answers lost, answers that cannot be written: the end is the undisturbed one, with nothing made twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from oimkit.errors import OutcomeUnknown
from oimkit.odoo import Journal, apply, connect, resume
from oimkit.odoo.crm import CrmPlan, read_history
from oimkit.pipeline import NEW_CUSTOMER, Contactability, Outcome, Trigger, crm
from oimkit.sandbox import Fault, FaultKind, Sandbox, When
from tests.pipeline.sales import Sales, on, won

STRIDE = 1 if os.environ.get("OIMKIT_EVERY_POINT") == "1" else 4
"""Every how many points a run is disturbed: each one with OIMKIT_EVERY_POINT=1, which takes minutes."""


@pytest.fixture(params=[(14, "xmlrpc"), (19, "json2")], ids=["14-xmlrpc", "19-json2"], scope="module")
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, str]]:
    version, transport = request.param
    with Sandbox(version=version) as sandbox:
        yield sandbox, transport


def fresh(served: tuple[Sandbox, str], folder: Path, number: object) -> Sales:
    sandbox, transport = served
    secret = sandbox.api_key if transport == "json2" else sandbox.secret
    odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=secret, transport=transport)
    return Sales(odoo, f"{number}", folder / f"journal-{number}")


def chain(sales: Sales) -> CrmPlan:
    """One case won, one lost, silenced and taken back."""
    case = sales.name("b")
    plan = sales.plan(
        *won(sales),
        sales.lead("b", email=sales.email("b"), phone=sales.phone),
        crm.convert(case, on(1), Trigger.STATED_WISH, customer=NEW_CUSTOMER),
        crm.lose(case, on(2), f"No budget {sales.token}"),
        crm.forbid(case, on(3), "asked by mail"),
        crm.reopen(case, on(4), "qualified"),
    )
    assert plan.refusals == ()
    return plan


def finish(sales: Sales, plan: CrmPlan) -> None:
    """What a person does after a disturbance: resume until nothing is open, and the command once more."""
    for _ in range(3):
        with Journal.open(sales.folder, sales.odoo.server_key) as journal:
            try:
                resume(sales.odoo, journal, settle_after_s=0)
                apply(plan, sales.odoo, journal, settle_after_s=0)
            except OutcomeUnknown:
                continue
            return
    raise AssertionError("the outcome stayed unknown")


def check_the_end(sales: Sales, before: tuple[int, ...]) -> None:
    assert sales.case("won").standing.outcome is Outcome.WON
    stands = sales.case("b").standing
    assert (stands.outcome, stands.stage, stands.contactability) == (
        Outcome.OPEN,
        "qualified",
        Contactability.FORBIDDEN,
    )
    made = [now - then for now, then in zip(sales.records(), before, strict=True)]
    assert made[:5] == [2, 2, 1, 1, 1]
    histories = read_history(sales.odoo, [sales.id("won"), sales.id("b")])
    assert [len(history) for history in histories] == [5, 5]


class _Cut(Exception):
    """The process ends here."""


def test_a_run_cut_off_at_any_commit_of_the_journal_is_finished_from_its_plan(
    served: tuple[Sandbox, str], tmp_path: Path
) -> None:
    for point in count(2, STRIDE):
        sales = fresh(served, tmp_path, f"cut{point}")
        plan, before, commits = chain(sales), sales.records(), 0

        def cut(_what: str, last: int = point) -> None:
            nonlocal commits
            commits += 1
            if commits == last:
                raise _Cut

        try:
            with Journal.open(sales.folder, sales.odoo.server_key, on_commit=cut) as journal:
                apply(plan, sales.odoo, journal, settle_after_s=0)
        except (_Cut, OutcomeUnknown):
            pass
        finish(sales, plan)
        check_the_end(sales, before)
        if commits < point:
            break
    assert point > 40


@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_AFTER_COMMIT, FaultKind.MARSHAL_AFTER_COMMIT, FaultKind.DROP_BEFORE_CALL]
)
def test_an_answer_lost_at_any_changing_call_is_settled_by_reading(
    served: tuple[Sandbox, str], tmp_path: Path, kind: FaultKind
) -> None:
    for call in count(1, STRIDE):
        sales = fresh(served, tmp_path, f"{kind.name.lower()}{call}")
        plan, before = chain(sales), sales.records()
        board = served[0].faults
        seen = board.mutating
        board.add(Fault(kind, When(nth=call)))
        try:
            with Journal.open(sales.folder, sales.odoo.server_key) as journal:
                apply(plan, sales.odoo, journal, settle_after_s=0)
        except OutcomeUnknown:
            pass
        unmet = board.mutating - seen < call
        board.clear()
        finish(sales, plan)
        check_the_end(sales, before)
        if unmet:
            break
    assert call > 15
