"""Records made to be as given: created, written to where they differ, left alone where they do not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from oimkit.errors import InputError, InvalidRecord, OutcomeUnknown
from oimkit.odoo import ExternalId, connect, resume
from oimkit.odoo.upserting import UpsertOutcome
from oimkit.odoo.writing import create_once, upsert, write_many
from tests.odoo.meddling import Meddling, lost_reply, raising

CREATED, UPDATED, UNCHANGED, REFUSED = UpsertOutcome


@pytest.fixture
def key() -> ExternalId:
    return ExternalId("oimkit", f"u_{uuid4().hex}")


def test_missing_record_is_created_then_unchanged_then_updated(odoo, wire, journal, key):
    first = upsert(odoo, key, "res.partner", {"name": "Ada", "ref": "1"}, journal=journal)
    wire.sent.clear()
    same = upsert(odoo, key, "res.partner", {"name": "Ada", "ref": "1"}, journal=journal)
    assert "load" not in wire.sent
    assert "write" not in wire.sent
    other = upsert(odoo, key, "res.partner", {"name": "Ada", "ref": "2"}, journal=journal)
    assert [one.outcome for one in (first, same, other)] == [CREATED, UNCHANGED, UPDATED]
    assert first.id == same.id == other.id
    assert other.fields == ("ref",)
    assert odoo.read("res.partner", [first.id], ["ref"])[0]["ref"] == "2"


def test_a_field_that_is_not_given_is_left_as_a_person_wrote_it(odoo, journal, key):
    made = upsert(odoo, key, "res.partner", {"name": "Ada", "city": "Ghent"}, journal=journal)
    odoo.write("res.partner", [made.id], {"city": "Bruges"})
    upsert(odoo, key, "res.partner", {"name": "Ada B"}, journal=journal)
    assert odoo.read("res.partner", [made.id], ["name", "city"])[0]["city"] == "Bruges"


def test_none_empties_a_field_and_an_empty_one_is_unchanged(odoo, journal, key):
    made = upsert(odoo, key, "res.partner", {"name": "Ada", "city": "Ghent"}, journal=journal)
    assert upsert(odoo, key, "res.partner", {"city": None}, journal=journal).outcome is UPDATED
    assert upsert(odoo, key, "res.partner", {"city": None}, journal=journal).outcome is UNCHANGED
    assert odoo.read("res.partner", [made.id], ["city"])[0]["city"] is None


def test_a_record_named_by_its_key_is_compared_by_id(odoo, journal, key):
    parent = create_once(odoo, f"{key}_parent", "res.partner", {"name": "Works", "is_company": True}, journal=journal)
    values = {"name": "Ada", "parent_id": ExternalId.parse(f"{key}_parent")}
    made = upsert(odoo, key, "res.partner", values, journal=journal)
    assert odoo.read("res.partner", [made.id], ["parent_id"])[0]["parent_id"].id == parent
    assert upsert(odoo, key, "res.partner", values, journal=journal).outcome is UNCHANGED
    with pytest.raises(InputError, match="not there"):
        upsert(odoo, key, "res.partner", {"parent_id": ExternalId("oimkit", "nobody")}, journal=journal)


def test_many_are_few_calls_and_only_what_differs_is_sent(odoo, wire, journal, key):
    records = {f"{key}_{number}": {"name": f"P{number}", "ref": f"{number}"} for number in range(250)}
    first = write_many(odoo, "res.partner", records, journal=journal)
    assert len(first.of(CREATED)) == 250
    assert wire.sent.count("load") == 2
    wire.sent.clear()
    records[f"{key}_7"] = {"name": "P7", "ref": "seven"}
    records[f"{key}_249"] = {"name": "P249", "ref": "last"}
    second = write_many(odoo, "res.partner", records, journal=journal)
    assert [one.key for one in second.of(UPDATED)] == [f"{key}_7", f"{key}_249"]
    assert len(second.of(UNCHANGED)) == 248
    assert wire.sent.count("load") == 2  # one for each two hundred
    assert [one.id for one in second.records] == [one.id for one in first.records]


def test_what_the_server_remarks_is_a_finding_without_its_words(odoo, wire, journal, key):
    place = {"record": 0, "rows": {"from": 0, "to": 0}, "field": "name"}

    class Remarking(Meddling):
        def send(self, call, deadline):
            reply = super().send(call, deadline)
            told = {**place, "type": "warning", "message": "the cell CANARY is odd"}
            return {**reply, "messages": [told]} if call.method == "load" else reply

    report = write_many(connect(transport=Remarking(wire)), "res.partner", {key: {"name": "Ada"}}, journal=journal)
    assert report.findings == ("create res.partner: the server has a warning about row 0, column name",)


def test_a_refused_record_is_told_and_the_others_are_written(odoo, journal, key):
    values = {"type": "opportunity", "expected_revenue": Decimal(1)}
    names = {f"{key}_{number}": {"name": f"L{number}", **values} for number in range(4)}
    made = write_many(odoo, "crm.lead", names, journal=journal)
    changed = {name: {"name": f"{at}x" if at != 2 else None} for at, name in enumerate(names)}
    report = write_many(odoo, "crm.lead", changed, journal=journal)
    assert [one.outcome for one in report.records] == [UPDATED, UPDATED, REFUSED, UPDATED]
    assert report.records[2].reason
    assert any(f"{key}_2 was refused" in finding for finding in report.findings)
    told = odoo.read("crm.lead", [one.id for one in made.records], ["name"])
    assert [row["name"] for row in told] == ["0x", "1x", "L2", "3x"]


def test_a_refused_new_record_is_told_and_the_others_are_made(odoo, journal, key):
    records = {f"{key}_{number}": {"name": None if number == 1 else f"L{number}"} for number in range(3)}
    report = write_many(odoo, "crm.lead", records, journal=journal)
    assert [one.outcome for one in report.records] == [CREATED, REFUSED, CREATED]
    with pytest.raises(InvalidRecord, match="refused"):
        upsert(odoo, f"{key}_1", "crm.lead", {"name": None}, journal=journal)


def test_a_record_that_cannot_be_sent_is_told_with_its_id_and_left_as_it_is(odoo, wire, journal, key):
    made = write_many(odoo, "res.partner", {f"{key}_1": {"name": "A"}, f"{key}_2": {"name": "B"}}, journal=journal)
    wire.sent.clear()
    report = write_many(
        odoo, "res.partner", {f"{key}_1": {"name": "A\x00"}, f"{key}_2": {"name": "B2"}}, journal=journal
    )
    assert [(one.outcome, one.id) for one in report.records] == [
        (REFUSED, made.records[0].id),
        (UPDATED, made.records[1].id),
    ]
    assert wire.sent.count("load") == 1
    assert [row["name"] for row in odoo.read("res.partner", [one.id for one in made.records], ["name"])] == ["A", "B2"]


def test_a_record_that_names_a_refused_one_is_refused_and_the_others_are_made(odoo, journal, key):
    parent = ExternalId.parse(f"{key}_parent")
    records = {
        parent: {"name": "Works\x07"},
        f"{key}_child": {"name": "Ada", "parent_id": parent},
        f"{key}_other": {"name": "Bo"},
    }
    report = write_many(odoo, "res.partner", records, journal=journal)
    assert [one.outcome for one in report.records] == [REFUSED, REFUSED, CREATED]
    assert report.records[1].reason == f"names {parent}, which is not there"


def test_a_lost_reply_of_a_write_is_settled_by_reading(odoo, wire, journal, key):
    made = upsert(odoo, key, "res.partner", {"name": "Ada"}, journal=journal)
    wire.after = raising(lost_reply())
    with pytest.raises(OutcomeUnknown):
        upsert(odoo, key, "res.partner", {"name": "Ada B"}, journal=journal)
    wire.sent.clear()
    (report,) = resume(odoo, journal)
    assert "load" not in wire.sent
    assert report.updated == (f"write {key}",)
    assert not journal.unsettled()
    assert odoo.read("res.partner", [made.id], ["name"])[0]["name"] == "Ada B"


def test_a_lost_request_of_a_write_waits_for_the_servers_limit(odoo, wire, journal, key):
    upsert(odoo, key, "res.partner", {"name": "Ada"}, journal=journal)
    wire.before = raising(lost_reply())
    with pytest.raises(OutcomeUnknown):
        upsert(odoo, key, "res.partner", {"name": "Ada B"}, journal=journal)
    with pytest.raises(OutcomeUnknown, match="still be at work"):
        resume(odoo, journal)
    (report,) = resume(odoo, journal, settle_after_s=120, patience_s=300, sleep=lambda _s: None)
    assert report.updated == (f"write {key}",)


def test_a_lost_reply_of_a_creation_is_settled_as_created(odoo, wire, journal, key):
    wire.after = raising(lost_reply())
    with pytest.raises(OutcomeUnknown):
        upsert(odoo, key, "res.partner", {"name": "Ada"}, journal=journal)
    (report,) = resume(odoo, journal)
    assert [record.key for record in report.created] == [str(key)]
    assert not journal.unsettled()


def test_a_record_deleted_between_look_and_write_is_refused_not_made_anew(odoo, wire, journal, key):
    made = upsert(odoo, key, "res.partner", {"name": "Ada"}, journal=journal)
    count = odoo.count("res.partner", [])

    def delete(call) -> None:
        if call.method == "load":
            wire.before = lambda _call: None
            odoo.call("res.partner", "unlink", ids=[made.id])

    wire.before = delete
    with pytest.raises(InvalidRecord):
        upsert(odoo, key, "res.partner", {"name": "Ada B"}, journal=journal)
    assert odoo.count("res.partner", []) == count - 1


def test_lines_are_refused(odoo, journal, key):
    made = create_once(odoo, key, "account.move", {"move_type": "out_invoice", "ref": "x"}, journal=journal)
    assert made
    with pytest.raises(InputError, match="lines"):
        upsert(odoo, key, "account.move", {"invoice_line_ids": ()}, journal=journal)


def test_dates_and_amounts_are_compared_as_they_are_kept(odoo, journal, key):
    values = {"name": "L", "expected_revenue": Decimal("10.5"), "date_deadline": date(2026, 11, 30)}
    upsert(odoo, key, "crm.lead", values, journal=journal)
    assert upsert(odoo, key, "crm.lead", values, journal=journal).outcome is UNCHANGED
