"""What writing once rests on, on every server: creating under a key, taking back, not writing over a change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from oimkit.errors import DivergedRecord, InvalidRecord
from oimkit.odoo import ExternalId, Journal, Odoo, find
from oimkit.odoo.undoing import undo_records
from oimkit.odoo.upserting import UpsertOutcome
from oimkit.odoo.writing import create_once, upsert, write_many
from tests.contract.conftest import Target

HEAD = ["id", "move_type", "partner_id/.id", "ref", "invoice_date"]
LINE = ["invoice_line_ids/id", "invoice_line_ids/name", "invoice_line_ids/quantity", "invoice_line_ids/price_unit"]


@pytest.fixture
def odoo(target: Target) -> Odoo:
    return target.connect()


@pytest.fixture
def journal(odoo: Odoo, tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, odoo.server_key) as held:
        yield held


def invoice_rows(token: str, partner: int) -> list[list[str]]:
    first = [f"oimkit.m_{token}", "out_invoice", str(partner), token, "2026-11-02"]
    return [
        [*first, f"oimkit.l1_{token}", "work", "1", "10"],
        ["", "", "", "", "", f"oimkit.l2_{token}", "more", "2", "20"],
    ]


def partner_of(odoo: Odoo, token: str) -> int:
    return odoo.load_new("res.partner", ["id", "name"], [[f"oimkit.p_{token}", token]])[0]


def total(odoo: Odoo, invoice: int) -> tuple[Decimal, int]:
    row = odoo.read("account.move", [invoice], ["amount_untaxed", "invoice_line_ids"])[0]
    return row["amount_untaxed"], len(row["invoice_line_ids"])


def test_a_second_load_of_new_records_changes_nothing(odoo: Odoo, token: str) -> None:
    rows = [[f"oimkit.n_{token}", "first"]]
    first = odoo.load_new("res.partner", ["id", "name"], rows)
    second = odoo.load_new("res.partner", ["id", "name"], [[rows[0][0], "second"]])
    assert first == second
    assert odoo.read("res.partner", first, ["name"])[0]["name"] == "first"


def test_a_second_load_of_a_new_document_doubles_no_line(odoo: Odoo, token: str) -> None:
    """Plain ``load`` doubles them on 14, of a draft and of a posted invoice."""
    rows = invoice_rows(token, partner_of(odoo, token))
    (invoice,) = odoo.load_new("account.move", HEAD + LINE, rows)
    assert odoo.load_new("account.move", HEAD + LINE, rows) == [invoice]
    assert total(odoo, invoice) == (Decimal("50.00"), 2)
    odoo.call("account.move", "action_post", ids=[invoice])
    assert odoo.load_new("account.move", HEAD + LINE, rows) == [invoice]
    assert total(odoo, invoice) == (Decimal("50.00"), 2)


def test_a_user_who_may_not_read_keys_creates_once_too(target: Target, token: str, tmp_path: Path) -> None:
    partner = partner_of(target.connect(), token)
    odoo = target.connect("billing")
    rows = invoice_rows(token, partner)
    (invoice,) = odoo.load_new("account.move", HEAD + LINE, rows)
    assert odoo.load_new("account.move", HEAD + LINE, rows) == [invoice]
    assert total(odoo, invoice) == (Decimal("50.00"), 2)


def test_a_deleted_record_is_made_anew_under_its_key(odoo: Odoo, token: str) -> None:
    (first,) = odoo.load_new("res.partner", ["id", "name"], [[f"oimkit.d_{token}", "x"]])
    odoo.call("res.partner", "unlink", ids=[first])
    (second,) = odoo.load_new("res.partner", ["id", "name"], [[f"oimkit.d_{token}", "x"]])
    assert second != first


def test_create_once_gives_the_same_record_again(odoo: Odoo, journal: Journal, token: str) -> None:
    partner = create_once(odoo, f"oimkit.cp_{token}", "res.partner", {"name": token}, journal=journal)
    lines = {
        "invoice_line_ids": [
            (
                ExternalId("oimkit", f"cl{number}_{token}"),
                {"name": "work", "quantity": Decimal(1), "price_unit": Decimal("12.10")},
            )
            for number in range(3)
        ]
    }
    values = {"move_type": "out_invoice", "partner_id": partner, "invoice_date": date(2026, 11, 2), "ref": token}
    ids = {
        create_once(odoo, f"oimkit.cm_{token}", "account.move", values, lines=lines, journal=journal) for _ in range(3)
    }
    assert len(ids) == 1
    assert total(odoo, ids.pop()) == (Decimal("36.30"), 3)


def test_upsert_writes_only_what_differs(odoo: Odoo, journal: Journal, token: str) -> None:
    key = f"oimkit.u_{token}"
    made = upsert(odoo, key, "res.partner", {"name": token, "city": "Ghent", "comment": "hello"}, journal=journal)
    odoo.write("res.partner", [made.id or 0], {"street": "by hand"})
    same = upsert(odoo, key, "res.partner", {"name": token, "city": "Ghent", "comment": "hello"}, journal=journal)
    other = upsert(odoo, key, "res.partner", {"name": token, "city": "Bruges"}, journal=journal)
    assert [one.outcome.value for one in (made, same, other)] == ["created", "unchanged", "updated"]
    assert other.fields == ("city",)
    row = odoo.read("res.partner", [made.id or 0], ["city", "street"])[0]
    assert (row["city"], row["street"]) == ("Bruges", "by hand")


def test_refused_rows_are_told_and_the_others_written(odoo: Odoo, journal: Journal, token: str) -> None:
    records = {f"oimkit.w{number}_{token}": {"name": f"L{number}", "type": "lead"} for number in range(4)}
    made = write_many(odoo, "crm.lead", records, journal=journal)
    changed = {key: {"name": None if at == 2 else f"M{at}"} for at, key in enumerate(records)}
    report = write_many(odoo, "crm.lead", changed, journal=journal)
    assert [one.outcome for one in report.records] == [
        UpsertOutcome.UPDATED,
        UpsertOutcome.UPDATED,
        UpsertOutcome.REFUSED,
        UpsertOutcome.UPDATED,
    ]
    rows = odoo.read("crm.lead", [one.id or 0 for one in made.records], ["name"])
    assert [row["name"] for row in rows] == ["M0", "M1", "L2", "M3"]


def test_write_many_names_no_deleted_record(odoo: Odoo, journal: Journal, token: str) -> None:
    made = upsert(odoo, f"oimkit.g_{token}", "res.partner", {"name": token}, journal=journal)
    before = odoo.count("res.partner", [["name", "=", "ghost"]])
    with pytest.raises(InvalidRecord):
        odoo.load("res.partner", [".id", "name"], [["99999999", "ghost"]])
    assert odoo.count("res.partner", [["name", "=", "ghost"]]) == before
    assert made.id


def test_expect_refuses_a_record_that_was_changed(odoo: Odoo, journal: Journal, token: str) -> None:
    made = create_once(odoo, f"oimkit.e_{token}", "res.partner", {"name": token}, journal=journal)
    (row,) = odoo.read("res.partner", [made], ["write_date"])
    odoo.write("res.partner", [made], {"city": "Ghent"}, expect={made: row["write_date"]})
    with pytest.raises(DivergedRecord, match="nothing was written"):
        odoo.write("res.partner", [made], {"city": "x"}, expect={made: row["write_date"].replace(year=2020)})
    assert odoo.read("res.partner", [made], ["city"])[0]["city"] == "Ghent"


def test_undo_deletes_a_draft_and_keeps_a_posted_invoice(odoo: Odoo, journal: Journal, token: str) -> None:
    partner = partner_of(odoo, token)
    invoices = {}
    for name in ("draft", "posted"):
        values = {"move_type": "out_invoice", "partner_id": partner, "invoice_date": date(2026, 11, 2), "ref": token}
        line = {"name": "work", "quantity": Decimal(1), "price_unit": Decimal("1.00")}
        lines = {"invoice_line_ids": [(ExternalId("oimkit", f"ul_{name}_{token}"), line)]}
        key = f"oimkit.u_{name}_{token}"
        invoices[name] = create_once(odoo, key, "account.move", values, lines=lines, journal=journal)
    draft_run, posted_run = (run.id for run in journal.runs())
    odoo.call("account.move", "action_post", ids=[invoices["posted"]])
    assert undo_records(odoo, journal, draft_run).findings == ()
    (finding,) = undo_records(odoo, journal, posted_run).findings
    assert "it is posted" in finding
    assert find(odoo, [ExternalId.parse(f"oimkit.u_draft_{token}")]) == {}
    assert odoo.search("account.move", [["id", "in", list(invoices.values())]]) == [invoices["posted"]]


def test_undo_tells_why_a_customer_with_invoices_stays(odoo: Odoo, journal: Journal) -> None:
    token = uuid4().hex
    partner = create_once(odoo, f"oimkit.c_{token}", "res.partner", {"name": token}, journal=journal)
    odoo.load_new("account.move", HEAD + LINE, invoice_rows(token, partner))
    report = undo_records(odoo, journal, journal.runs()[0].id, even_changed=True)
    assert [finding.startswith(f"res.partner {partner} stays: the server refuses") for finding in report.findings] == [
        True
    ]
