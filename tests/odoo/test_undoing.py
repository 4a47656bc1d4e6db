"""What a run made goes again, newest first; what is posted, used or changed since stays and is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from oimkit.errors import InputError, OutcomeUnknown
from oimkit.odoo import ExternalId, Journal, Odoo, apply, connect, resume
from oimkit.odoo.journal import RunState
from oimkit.odoo.records import plan_record, plan_records
from oimkit.odoo.undoing import plan_records_undo, undo_records
from oimkit.odoo.writing import create_once, upsert
from tests.odoo.meddling import lost_reply, raising


@pytest.fixture
def made(odoo: Odoo, journal: Journal) -> tuple[str, int, int]:
    """A run that made a partner and a draft invoice for it: the run, and their ids."""
    token = uuid4().hex
    partner, invoice = ExternalId("oimkit", f"p_{token}"), ExternalId("oimkit", f"i_{token}")
    values = {"move_type": "out_invoice", "partner_id": partner, "invoice_date": date(2026, 11, 2), "ref": token}
    line = {"name": "work", "quantity": Decimal(1), "price_unit": Decimal("10.00")}
    lines = {"invoice_line_ids": [(ExternalId("oimkit", f"l_{token}"), line)]}
    plan = plan_records(
        [
            plan_record(partner, "res.partner", {"name": token}),
            plan_record(invoice, "account.move", values, lines),
        ]
    )
    report = apply(plan, odoo, journal)
    by_model = {record.model: record.id for record in report.created}
    return report.run, by_model["res.partner"], by_model["account.move"]


def count(odoo: Odoo, model: str, identity: int) -> int:
    return odoo.count(model, [["id", "=", identity]])


def test_records_go_newest_first(odoo, wire, journal, made):
    run, partner, invoice = made
    plan = plan_records_undo(odoo, journal, run)
    assert [(one.model, one.id) for one in plan.records] == [("account.move", invoice), ("res.partner", partner)]
    report = undo_records(odoo, journal, run)
    assert report.findings == ()
    assert count(odoo, "account.move", invoice) == count(odoo, "res.partner", partner) == 0
    assert journal.run(run).state is RunState.UNDONE
    with pytest.raises(InputError, match="taken back before"):
        undo_records(odoo, journal, run)


def test_a_posted_invoice_and_its_customer_stay_with_a_reason(odoo, journal, made):
    run, partner, invoice = made
    odoo.call("account.move", "action_post", ids=[invoice])
    report = undo_records(odoo, journal, run, even_changed=True)
    assert any(f"account.move {invoice} stays: it is posted" in finding for finding in report.findings)
    assert count(odoo, "account.move", invoice) == 1
    assert journal.run(run).state is RunState.DONE
    assert partner


def test_what_a_person_changed_stays_unless_told_otherwise(odoo, sandbox, journal, made):
    run, partner, invoice = made
    other = sandbox.login("billing")
    person = connect(
        sandbox.url, database=sandbox.database, user=other.login, secret=other.password, transport="jsonrpc"
    )
    person.write("account.move", [invoice], {"ref": "mine now"})
    report = undo_records(odoo, journal, run)
    assert any(f"account.move {invoice} stays: it was changed by user" in finding for finding in report.findings)
    assert count(odoo, "account.move", invoice) == 1
    assert undo_records(odoo, journal, run, even_changed=True).findings == ()
    assert count(odoo, "account.move", invoice) == count(odoo, "res.partner", partner) == 0


def test_a_refusal_keeps_only_the_refused_record(odoo, wire, journal):
    keys = [ExternalId("oimkit", f"r_{uuid4().hex}") for _ in range(3)]
    report = apply(plan_records([plan_record(key, "res.partner", {"name": "x"}) for key in keys]), odoo, journal)
    held = report.created[1].id

    def refuse(call) -> None:
        from oimkit.errors import InvalidRecord

        if call.method == "unlink" and held in call.ids:
            raise InvalidRecord("another record needs it")

    wire.before = refuse
    undone = undo_records(odoo, journal, report.run)
    assert [finding.split(":")[0] for finding in undone.findings] == [f"res.partner {held} stays"]
    assert [count(odoo, "res.partner", record.id) for record in report.created] == [0, 1, 0]
    assert undone.summary == "2 records deleted, 1 stays"
    assert {record.id for record in undone.deleted} == {record.id for record in report.created} - {held}
    wire.before = lambda _call: None
    assert undo_records(odoo, journal, report.run).findings == ()
    assert journal.run(report.run).state is RunState.UNDONE


def test_records_that_were_there_before_the_run_stay(odoo, journal):
    key = ExternalId("oimkit", f"r_{uuid4().hex}")
    there = create_once(odoo, key, "res.partner", {"name": "x"}, journal=journal)
    again = apply(plan_records([plan_record(key, "res.partner", {"name": "x"})]), odoo, journal)
    undo_records(odoo, journal, again.run)
    assert count(odoo, "res.partner", there) == 1


def test_a_lost_reply_of_a_deletion_is_settled(odoo, wire, journal, made):
    run, partner, invoice = made
    wire.after = raising(lost_reply(), "unlink")
    with pytest.raises(OutcomeUnknown):
        undo_records(odoo, journal, run)
    resume(odoo, journal)
    assert count(odoo, "account.move", invoice) == count(odoo, "res.partner", partner) == 0
    assert wire.sent.count("unlink") == 2


def test_what_a_run_wrote_is_told_as_not_taken_back(odoo, journal):
    key = f"oimkit.u_{uuid4().hex}"
    create_once(odoo, key, "res.partner", {"name": "x"}, journal=journal)
    upsert(odoo, key, "res.partner", {"name": "y"}, journal=journal)
    run = journal.runs()[-1].id
    report = undo_records(odoo, journal, run)
    assert report.findings == (f"1 change of run {run} to records that were there: not taken back (write {key})",)
    assert report.summary == "0 records deleted, 1 change not taken back"
