"""Exports hold what the server holds, also when the first call was cut off by a lost server."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from oimkit.errors import InputError, NotSent
from oimkit.odoo import Odoo, connect, export
from oimkit.odoo.transport import Call
from tests.contract.conftest import Target
from tests.odoo.meddling import Meddling

FIELDS = ["name", "expected_revenue", "date_deadline", "create_date", "active", "stage_id", "tag_ids", "user_id"]


def leads(target: Target, count: int) -> list[list[object]]:
    """The domain of new leads: amounts, dates, texts that a spreadsheet would take for formulas."""
    rows = [
        {
            "name": f'={number}+"1"\n{target.fresh_token}',
            "expected_revenue": float(Decimal(number) / 10),
            "date_deadline": "2026-02-28" if number % 2 else False,
        }
        for number in range(count)
    ]
    return [["id", "in", target.admin().call("crm.lead", "create", rows)]]


def test_an_export_holds_exactly_what_is_read(target: Target, tmp_path: Path) -> None:
    domain = leads(target, 7)
    odoo = target.connect()
    done = export(odoo, "crm.lead", domain, FIELDS, tmp_path / "leads.jsonl", batch=3, names=True)
    lines = [json.loads(line) for line in (tmp_path / "leads.jsonl").read_text(encoding="utf-8").splitlines()]
    records = odoo.search_read("crm.lead", domain, FIELDS, order="id")
    assert done.records == len(lines) == 7
    for line, record in zip(lines, records, strict=True):
        assert line["id"] == record["id"]
        assert line["name"] == record["name"]
        assert line["expected_revenue"] == str(record["expected_revenue"])
        assert line["date_deadline"] == (record["date_deadline"] and record["date_deadline"].isoformat())
        assert line["create_date"] == record["create_date"].strftime("%Y-%m-%dT%H:%M:%SZ")
        assert (line["stage_id"], line["stage_id.name"]) == (record["stage_id"].id, record["stage_id"].name)
        assert line["tag_ids"] == list(record["tag_ids"])


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_that_lost_its_server_goes_on_where_it_stood(target: Target, tmp_path: Path, form: str) -> None:
    domain = leads(target, 9)
    odoo = target.connect()
    export(odoo, "crm.lead", domain, FIELDS, tmp_path / f"whole.{form}", batch=2)
    out = tmp_path / f"cut.{form}"
    with pytest.raises(NotSent):
        export(cut_off_after(odoo, pages=2), "crm.lead", domain, FIELDS, out, batch=2)
    assert not out.exists()
    with pytest.raises(InputError, match="4 records"):
        export(odoo, "crm.lead", domain, FIELDS, out, batch=2)
    with pytest.raises(InputError, match="another fields"):
        export(odoo, "crm.lead", domain, FIELDS[1:], out, batch=2, resume=True)
    done = export(odoo, "crm.lead", domain, FIELDS, out, batch=5, resume=True)
    assert (done.records, done.resumed) == (9, 4)
    assert out.read_bytes() == (tmp_path / f"whole.{form}").read_bytes()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [out.name, f"whole.{form}"]


def cut_off_after(odoo: Odoo, *, pages: int) -> Odoo:
    """*odoo* whose server is not reached any more after so many pages."""
    wire = Meddling(odoo._transport)
    left = [pages]

    def before(call: Call) -> None:
        if call.model == "crm.lead" and call.method in ("search_read", "search", "read"):
            if not left[0]:
                raise NotSent("no connection")
            left[0] -= call.method != "search"

    wire.before = before
    return connect(transport=wire, deadline_s=2)
