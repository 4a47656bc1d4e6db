"""The commands that write, on the embedded Odoo: each does its work once, and a second run finds nothing to do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from openpyxl import load_workbook

from oimkit.odoo import Journal, Odoo, connect
from oimkit.sandbox import Fault, FaultKind, Sandbox, When

Caller = Callable[..., Result]
JsonCaller = Callable[..., list[dict[str, Any]]]

RULES = """
version = "1"
currency = "EUR"

[[rates]]
name = "standard"
rate = "100.00"

[lines]
group = ["project"]
"""

TIE = """
[[rates]]
name = "another"
rate = "95.00"
"""

STATEMENT = (
    ":20:A\n:25:NL57OIMK0417164300\n:28C:1\n:60F:C{day}EUR0,00\n"
    ":61:{day}C250,00NTRFNONREF//B1\n:86:{reference}\n"
    ":61:{day}C77,00NTRFNONREF//B2\n:86:something else\n:62F:C{day}EUR327,00\n-\n"
)
"""Paid on the day the test runs: a payment from before its invoice was made would be left for review."""


class Company:
    """A database with a customer, a project and two hours and a half of work."""

    def __init__(self, server: Sandbox) -> None:
        self.server = server
        self.odoo = connect(server.url, database=server.database, user=server.user, secret=server.secret)
        self.customer = self.load("res.partner", "customer", name="Harbour", is_company="1")
        employee = self.load("hr.employee", "employee", name="Ole")
        project = self.load("project.project", "project", **{"name": "Crane", "partner_id/.id": str(self.customer)})
        self.load(
            "account.analytic.line",
            "entry",
            **{
                "project_id/.id": str(project),
                "employee_id/.id": str(employee),
                "date": "2026-01-15",
                "name": "work",
                "unit_amount": "2.5",
            },
        )

    def load(self, model: str, key: str, **cells: str) -> int:
        (identity,) = self.odoo.load(model, ["id", *cells], [[f"oimkit.test_{key}", *cells.values()]])
        return identity

    def invoices(self) -> list[dict[str, Any]]:
        fields = ["state", "amount_untaxed", "amount_residual", "payment_state", "payment_reference"]
        return list(self.odoo.search_read("account.move", [["move_type", "=", "out_invoice"]], fields, order="id"))

    def post(self, invoice: int) -> None:
        self.odoo.call("account.move", "action_post", ids=[invoice])


@pytest.fixture(params=[14, 19])
def company(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Company]:
    with Sandbox(version=request.param) as server:
        for name in ("url", "database", "user", "secret"):
            monkeypatch.setenv(f"OIMKIT_{name.upper()}", str(getattr(server, name)))
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        yield Company(server)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return path


@pytest.fixture
def week(tmp_path: Path) -> Callable[[str], Path]:
    def write(reference: str) -> Path:
        path = tmp_path / "week.sta"
        path.write_text(STATEMENT.format(reference=reference, day=f"{date.today():%y%m%d}"))
        return path

    return write


DAYS = ("--from", "2026-01-01", "--to", "2026-01-31")


def journal_of(odoo: Odoo) -> Journal:
    return Journal.open(None, odoo.server_key)


def test_doctor_finds_everything_in_order(company: Company, call_json: JsonCaller) -> None:
    found = {row["check"]: row["verdict"] for row in call_json("doctor", "--json")}
    assert set(found.values()) == {"ok"}
    assert {"server", "login", "transport", "leads", "worked time", "invoices", "bank statements"} <= set(found)


def test_doctor_tells_that_something_was_begun(company: Company, call: Caller) -> None:
    with journal_of(company.odoo) as journal:
        journal.begin("records", '{"records": []}')
    result = call("doctor")
    assert result.exit_code == 1
    assert "oimkit resume" in result.stdout


def test_bill_plan_explains_and_writes_nothing(company: Company, rules: Path, call_json: JsonCaller) -> None:
    (draft,) = call_json("bill", "plan", "--rules", rules, *DAYS, "--json")
    assert (draft["type"], draft["amount"], draft["currency"]) == ("draft", "250.00", "EUR")
    assert (draft["customer"], draft["customer_name"]) == (company.customer, "Harbour")
    (line,) = draft["lines"]
    assert (line["seconds"], line["amount"]) == (9000, "250.00")
    assert line["explanation"]
    assert company.invoices() == []


def test_bill_plan_for_people_shows_the_explanation(company: Company, rules: Path, call: Caller) -> None:
    result = call("bill", "plan", "--rules", rules, *DAYS)
    assert result.exit_code == 0
    for text in ("Harbour", "250.00", "9000 s worked", "1 drafts"):
        assert text in result.stdout


def test_demo_posts_no_draft_but_its_own(company: Company, rules: Path, tmp_path: Path, call: Caller) -> None:
    plan = tmp_path / "plan.json"
    assert call("bill", "plan", "--rules", rules, *DAYS, "--out", plan).exit_code == 0
    assert call("bill", "apply", plan).exit_code == 0
    named = ("--url", company.server.url, "--database", company.server.database, "--user", company.server.user)
    result = call("demo", *named, "--yes", "--out", tmp_path / "demo")
    assert result.exit_code == 0, result.stderr
    states = [
        row["state"]
        for row in company.odoo.search_read("account.move", [["partner_id", "=", company.customer]], ["state"])
    ]
    assert states == ["draft"]


def test_time_without_a_rate_is_a_finding(company: Company, rules: Path, call_json: JsonCaller) -> None:
    rules.write_text(RULES.replace('name = "standard"', 'name = "standard"\nvalid_from = 2027-01-01'))
    rows = call_json("bill", "plan", "--rules", rules, *DAYS, "--json", status=1)
    assert [row["reason"] for row in rows if row["type"] == "left_out"] == ["no-rate"]
    assert any(row["type"] == "finding" for row in rows)


def test_rates_that_tie_are_refused_with_both_named(company: Company, rules: Path, call: Caller) -> None:
    rules.write_text(RULES + TIE)
    result = call("bill", "plan", "--rules", rules, *DAYS)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "rates[0]" in result.stderr and "rates[1]" in result.stderr
    assert result.stderr.count("\n") == 1 and "; " in result.stderr


def test_plan_is_applied_once(
    company: Company, rules: Path, call: Caller, call_json: JsonCaller, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert call("bill", "plan", "--rules", rules, *DAYS, "--out", plan).exit_code == 0
    assert call("bill", "apply", plan, "--dry-run").exit_code == 0
    assert company.invoices() == []
    (report,) = call_json("bill", "apply", plan, "--json")
    assert [made["model"] for made in report["created"]] == ["account.move"]
    (again,) = call_json("bill", "apply", plan, "--json")
    assert again["created"] == []
    (invoice,) = company.invoices()
    assert (invoice["state"], invoice["amount_untaxed"]) == ("draft", Decimal("250.00"))
    assert call_json("bill", "plan", "--rules", rules, *DAYS, "--json") == []


@pytest.mark.parametrize("change", ["server", "kind", "text"])
def test_plan_of_another_kind_or_database_is_refused(
    change: str, company: Company, rules: Path, call: Caller, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    call("bill", "plan", "--rules", rules, *DAYS, "--out", plan)
    frame = json.loads(plan.read_text())
    plan.write_text("no plan" if change == "text" else json.dumps({**frame, change: "0" * 36}))
    result = call("bill", "apply", plan)
    assert result.exit_code == 2
    assert company.invoices() == []


def test_dry_run_of_an_import_writes_nothing(company: Company, week: Any, call_json: JsonCaller) -> None:
    (row,) = call_json("statement", "import", week("x"), "--dry-run", "--json")
    assert (row["journal"], row["new"], row["dry_run"]) == ("BNK1", 2, True)
    assert company.odoo.count("account.bank.statement.line", []) == 0


def test_second_import_brings_nothing(company: Company, week: Any, call_json: JsonCaller) -> None:
    (first,) = call_json("statement", "import", week("x"), "--json")
    (second,) = call_json("statement", "import", week("x"), "--json")
    assert (first["new"], second["new"], second["known"]) == (2, 0, 2)
    assert company.odoo.count("account.bank.statement.line", []) == 2


def test_refused_file_keeps_the_whole_import_from_being_written(
    company: Company, week: Any, call_json: JsonCaller, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.sta"
    bad.write_text("no statement")
    (row,) = call_json("statement", "import", week("x"), bad, "--json", status=2)
    assert row["file"] == str(bad)
    assert company.odoo.count("account.bank.statement.line", []) == 0


def test_gap_is_told_before_anything_is_written(company: Company, week: Any, call: Caller, tmp_path: Path) -> None:
    call("statement", "import", week("x"))
    later = tmp_path / "later.sta"
    day = f"{date.today() + timedelta(days=9):%y%m%d}"
    later.write_text(
        f":20:B\n:25:NL57OIMK0417164300\n:28C:3\n:60F:C{day}EUR400,00\n"
        f":61:{day}C1,00NTRFNONREF//B9\n:86:later\n:62F:C{day}EUR401,00\n-\n"
    )
    result = call("statement", "import", later, "--dry-run")
    assert result.exit_code == 1
    assert "balance-gap" in result.stdout
    assert company.odoo.count("account.bank.statement.line", []) == 2


def invoiced(company: Company, rules: Path, call: Caller, tmp_path: Path) -> dict[str, Any]:
    """The posted invoice over 250.00, billed by the commands."""
    plan = tmp_path / "plan.json"
    call("bill", "plan", "--rules", rules, *DAYS, "--out", plan)
    assert call("bill", "apply", plan).exit_code == 0
    (invoice,) = company.invoices()
    company.post(invoice["id"])
    (invoice,) = company.invoices()
    return invoice


def test_reconcile_settles_what_is_certain_and_asks_about_the_rest(
    company: Company, rules: Path, week: Any, call: Caller, call_json: JsonCaller, tmp_path: Path
) -> None:
    invoice = invoiced(company, rules, call, tmp_path)
    call("statement", "import", week(invoice["payment_reference"]))
    (dry,) = call_json("reconcile", "--journal", "BNK1", "--dry-run", "--json", status=1)
    assert len(dry["settlements"]) == 1 and company.invoices()[0]["amount_residual"] > 0
    (done,) = call_json("reconcile", "--journal", "BNK1", "--json", status=1)
    assert [row["amount"] for row in done["settlements"]] == [invoice["amount_residual"].__format__(".2f")]
    assert [row["amount"] for row in done["review"]] == ["77.00"]
    assert company.invoices()[0]["payment_state"] == "paid"
    (again,) = call_json("reconcile", "--journal", "BNK1", "--json", status=1)
    assert again["settlements"] == []


def test_persons_choice_is_carried_out(
    company: Company, rules: Path, week: Any, call: Caller, call_json: JsonCaller, tmp_path: Path
) -> None:
    invoiced(company, rules, call, tmp_path)
    call("statement", "import", week("nothing that names it"))
    review = tmp_path / "review.jsonl"
    call_json("reconcile", "--journal", "BNK1", "--dry-run", "--review-out", review, "--json", status=1)
    (item,) = [
        line["id"]
        for line in company.odoo.search_read(
            "account.move.line", [["move_id.move_type", "=", "out_invoice"], ["amount_residual", ">", 0]], ["name"]
        )
    ]
    rows = [json.loads(line) for line in review.read_text().splitlines()]
    rows[0]["choice"] = [str(item)]
    review.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (done,) = call_json("reconcile", "--journal", "BNK1", "--review-in", review, "--json", status=1)
    assert done["settlements"][0]["reasons"][-1]["code"] == "chosen_by_a_person"
    assert company.invoices()[0]["payment_state"] == "paid"
    (again,) = call_json("reconcile", "--journal", "BNK1", "--review-in", review, "--json", status=1)
    assert again["settlements"] == []


def test_choice_in_the_spreadsheet_is_carried_out(
    company: Company, rules: Path, week: Any, call: Caller, call_json: JsonCaller, tmp_path: Path
) -> None:
    invoiced(company, rules, call, tmp_path)
    call("statement", "import", week("nothing that names it"))
    sheet, page = tmp_path / "review.XLSX", tmp_path / "review.html"
    outs = ("--review-out", sheet, "--review-out", page)
    (dry,) = call_json("reconcile", "--journal", "BNK1", "--dry-run", *outs, "--json", status=1)
    assert f"{len(dry['review'])} of" in page.read_text()
    book = load_workbook(sheet)
    (item,) = [row[0].value for row in book["open items"].iter_rows(min_row=2)]
    book["review"]["A3"] = item
    book.save(sheet)
    (done,) = call_json("reconcile", "--journal", "BNK1", "--review-in", sheet, "--json", status=1)
    assert done["settlements"][0]["reasons"][-1]["code"] == "chosen_by_a_person"
    assert company.invoices()[0]["payment_state"] == "paid"


def test_runs_are_taken_back_the_last_one_first(
    company: Company, rules: Path, week: Any, call: Caller, call_json: JsonCaller, tmp_path: Path
) -> None:
    invoice = invoiced(company, rules, call, tmp_path)
    (imported,) = call_json("statement", "import", week(invoice["payment_reference"]), "--json")
    (settled,) = call_json("reconcile", "--journal", "BNK1", "--json", status=1)
    assert call("undo", imported["run"]).exit_code == 2
    (preview,) = call_json("undo", settled["run"], "--dry-run", "--json")
    assert preview["settlements"] == 1
    assert company.invoices()[0]["payment_state"] == "paid"
    assert call("undo", settled["run"]).exit_code == 0
    assert company.invoices()[0]["payment_state"] == "not_paid"
    assert call("undo", imported["run"]).exit_code == 0
    assert company.odoo.count("account.bank.statement.line", []) == 0
    listed = {row["run"]: row["state"] for row in call_json("resume", "--list", "--json")}
    assert listed[imported["run"]] == listed[settled["run"]] == "undone"


def test_lost_reply_is_an_unknown_outcome_that_resume_settles(
    company: Company, week: Any, call: Caller, call_json: JsonCaller
) -> None:
    company.server.faults.add(Fault(FaultKind.DROP_AFTER_COMMIT, When(method="load")))
    path = week("x")
    result = call("statement", "import", path)
    status = result.exit_code
    assert status in (0, 4), result.stderr
    if status == 4:
        assert "oimkit resume" in result.stderr
        assert call("resume", "--wait", "600").exit_code == 0
    assert company.odoo.count("account.bank.statement.line", []) == 2
    (again,) = call_json("statement", "import", path, "--json")
    assert (again["new"], again["known"]) == (0, 2)


def test_resume_without_anything_begun_is_done(company: Company, call: Caller) -> None:
    result = call("resume")
    assert (result.exit_code, result.stdout) == (0, "")


def test_second_process_is_told_who_holds_the_journal(company: Company, week: Any, process: Callable[..., Any]) -> None:
    with journal_of(company.odoo) as journal:
        state = {"XDG_STATE_HOME": str(journal.path.parents[1])}
        result = process("statement", "import", week("x"), environ=state)
    assert result.returncode == 2
    assert f"another process writes through this journal (its id is {os.getpid()})" in result.stderr


def test_default_days_are_last_month_and_this(company: Company, rules: Path, call_json: JsonCaller) -> None:
    (draft,) = call_json("bill", "plan", "--rules", rules, "--to", "2026-02-10", "--json")
    assert draft["from"] == draft["to"] == "2026-01-15"
    assert (
        call_json("bill", "plan", "--rules", rules, "--to", "2026-03-31", "--json", status=1)[-1]["type"] == "finding"
    )
