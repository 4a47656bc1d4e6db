"""Plain records from a plan: few calls, each record once, and the one that is to blame named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oimkit.errors import DivergedRecord, InputError, InvalidRecord, OutcomeUnknown
from oimkit.odoo import ExternalId, Journal, Odoo, Report, apply, connect, resume
from oimkit.odoo.records import PlannedRecord, RecordsPlan, plan_records
from oimkit.sandbox import Sandbox
from oimkit.sandbox.faults import Fault, FaultKind, When

COUNT = 12


@pytest.fixture(params=[14, 19])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(version=request.param) as running:
        yield running


@pytest.fixture
def odoo(sandbox: Sandbox) -> Odoo:
    return connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)


def key(number: int) -> ExternalId:
    return ExternalId("oimkit", f"records_{number}")


def partner(number: int, **more: object) -> PlannedRecord:
    values = {"name": f"partner {number}", **more}
    return PlannedRecord(key(number), "res.partner", tuple(values.items()))  # type: ignore[arg-type]


def plan() -> RecordsPlan:
    return plan_records(partner(number) for number in range(COUNT))


def run(odoo: Odoo, folder: Path, what: RecordsPlan) -> Report:
    with Journal.open(folder, odoo.server_key) as journal:
        return apply(what, odoo, journal, settle_after_s=0)


def made(odoo: Odoo) -> int:
    return odoo.count("res.partner", [["name", "like", "partner "]])


def test_records_of_one_model_are_one_call(sandbox: Sandbox, odoo: Odoo, tmp_path: Path) -> None:
    before = sandbox.faults.mutating
    report = run(odoo, tmp_path, plan())
    assert (len(report.created), made(odoo), sandbox.faults.mutating - before) == (COUNT, COUNT, 1)


def test_second_run_sends_nothing_that_changes(sandbox: Sandbox, odoo: Odoo, tmp_path: Path) -> None:
    run(odoo, tmp_path, plan())
    before = sandbox.faults.mutating
    report = run(odoo, tmp_path / "another journal", plan())
    assert (len(report.created), len(report.reused)) == (0, COUNT)
    assert sandbox.faults.mutating == before


def test_only_what_is_missing_is_created(odoo: Odoo, tmp_path: Path) -> None:
    run(odoo, tmp_path, plan_records([partner(3), partner(7)]))
    report = run(odoo, tmp_path, plan())
    assert (len(report.created), len(report.reused), made(odoo)) == (COUNT - 2, 2, COUNT)


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER_COMMIT, FaultKind.DROP_BEFORE_CALL, FaultKind.BAD_GATEWAY_AFTER])
def test_lost_reply_of_a_batch_is_settled_by_resume(
    sandbox: Sandbox, odoo: Odoo, tmp_path: Path, kind: FaultKind
) -> None:
    sandbox.faults.add(Fault(kind, When("res.partner", "load")))
    with pytest.raises(OutcomeUnknown):
        run(odoo, tmp_path, plan())
    with Journal.open(tmp_path, odoo.server_key) as journal:
        (report,) = resume(odoo, journal, settle_after_s=0)
    assert (len(report.created), made(odoo)) == (COUNT, COUNT)


def test_fault_after_the_commit_of_a_batch_is_settled_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret, transport="xmlrpc")
    sandbox.faults.add(Fault(FaultKind.MARSHAL_AFTER_COMMIT, When("res.partner", "load")))
    report = run(odoo, tmp_path, plan())
    assert (len(report.created), made(odoo)) == (COUNT, COUNT)


def test_record_that_is_refused_is_named_and_the_ones_before_it_stay(odoo: Odoo, tmp_path: Path) -> None:
    bad = partner(5, parent_id=ExternalId("oimkit", "not_there"))
    wrong = RecordsPlan((partner(4, parent_id=key(0)), bad))
    run(odoo, tmp_path, plan_records([partner(0)]))
    with pytest.raises(InvalidRecord, match="parent_id"):
        run(odoo, tmp_path, wrong)
    assert made(odoo) == 2
    report = run(odoo, tmp_path, plan_records([partner(4), partner(5)]))
    assert (len(report.created), len(report.reused)) == (1, 1)


def test_record_that_names_a_neighbour_comes_in_a_call_after_it(odoo: Odoo, tmp_path: Path) -> None:
    run(odoo, tmp_path, plan_records([partner(0), partner(1, parent_id=key(0)), partner(2, parent_id=key(1))]))
    rows = odoo.search_read("res.partner", [["name", "like", "partner "]], ["parent_id"], order="id")
    assert [row["parent_id"] and row["parent_id"].id for row in rows] == [None, rows[0]["id"], rows[1]["id"]]


def test_key_of_another_model_is_refused(odoo: Odoo, tmp_path: Path) -> None:
    run(odoo, tmp_path, plan())
    with pytest.raises(DivergedRecord, match="belongs to a record of"):
        run(odoo, tmp_path, plan_records([PlannedRecord(key(0), "hr.employee", (("name", "x"),))]))


def test_key_planned_twice_is_refused() -> None:
    with pytest.raises(InputError, match="planned twice"):
        plan_records([partner(0), partner(0)])


def test_record_planned_before_the_one_it_names_is_refused() -> None:
    with pytest.raises(InputError, match="planned after it"):
        plan_records([partner(1, parent_id=key(0)), partner(0)])
