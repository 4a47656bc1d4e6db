"""Commands that write ask before they change a production target, take --yes, and refuse where nobody can be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from oimkit.cli import connection
from oimkit.odoo import Journal, Odoo, connect
from oimkit.sandbox import Sandbox

Caller = Callable[..., Result]

RULES = 'version = "1"\ncurrency = "EUR"\n[[rates]]\nname = "r"\nrate = "100.00"\n[lines]\ngroup = ["project"]\n'
STATEMENT = (
    f":20:A\n:25:NL57OIMK0417164300\n:28C:1\n:60F:C{date.today():%y%m%d}EUR0,00\n"
    f":61:{date.today():%y%m%d}C250,00NTRFNONREF//B1\n:86:text\n:62F:C{date.today():%y%m%d}EUR250,00\n-\n"
)


@pytest.fixture
def odoo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Odoo]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Sandbox(version=19) as server:
        for name in ("url", "database", "user", "secret"):
            monkeypatch.setenv(f"OIMKIT_{name.upper()}", str(getattr(server, name)))
        plain = connect()
        for model, key, cells in (
            ("res.partner", "customer", {"name": "Harbour", "is_company": "1"}),
            ("hr.employee", "employee", {"name": "Ole"}),
            ("project.project", "project", {"name": "Crane", "partner_id/id": "oimkit.test_customer"}),
            (
                "account.analytic.line",
                "entry",
                {
                    "project_id/id": "oimkit.test_project",
                    "employee_id/id": "oimkit.test_employee",
                    "date": "2026-01-15",
                    "name": "work",
                    "unit_amount": "2.5",
                },
            ),
        ):
            plain.load(model, ["id", *cells], [[f"oimkit.test_{key}", *cells.values()]])
        monkeypatch.setenv("OIMKIT_PRODUCTION", "yes")
        yield plain


@pytest.fixture
def plan(odoo: Odoo, tmp_path: Path, call: Caller) -> Path:
    """A plan of one draft: making it reads production and asks nobody."""
    del odoo
    (tmp_path / "rules.toml").write_text(RULES)
    path = tmp_path / "plan.json"
    days = ("--from", "2026-01-01", "--to", "2026-01-31")
    result = call("bill", "plan", "--rules", tmp_path / "rules.toml", *days, "--out", path)
    assert result.exit_code == 0, result.stderr
    return path


@pytest.fixture
def statement(tmp_path: Path) -> Path:
    path = tmp_path / "week.sta"
    path.write_text(STATEMENT)
    return path


def test_writing_command_without_anybody_to_ask_is_refused(
    odoo: Odoo, plan: Path, statement: Path, call: Caller, tmp_path: Path
) -> None:
    for arguments in (("bill", "apply", plan), ("statement", "import", statement)):
        result = call(*arguments)
        assert (result.exit_code, "pass --yes" in result.stderr) == (2, True), result.stderr
    assert odoo.count("account.move", []) == 0
    with Journal.open(None, odoo.server_key) as journal:
        assert journal.runs() == []
    result = call("demo", "--url", odoo.url, "--out", tmp_path / "demo")
    assert (result.exit_code, "is production (OIMKIT_PRODUCTION says so)" in result.stderr) == (2, True)
    assert odoo.count("crm.lead", []) == 0


def test_yes_lets_every_writing_command_work(odoo: Odoo, plan: Path, statement: Path, call: Caller) -> None:
    assert call("bill", "apply", plan, "--yes").exit_code == 0
    assert call("statement", "import", statement, "--yes").exit_code == 0
    assert call("reconcile", "--journal", "BNK1", "--yes").exit_code in (0, 1)
    with Journal.open(None, odoo.server_key) as journal:
        run = next(run.id for run in journal.runs() if "import" in run.kind or "statement" in run.kind)
    refused = call("undo", run)
    assert (refused.exit_code, "nobody has allowed a run of the kind" in refused.stderr) == (2, True)
    assert call("undo", run, "--yes").exit_code == 0
    assert odoo.count("account.bank.statement.line", []) == 0


def test_dry_runs_and_lists_ask_nobody(odoo: Odoo, plan: Path, statement: Path, call: Caller) -> None:
    del odoo
    assert call("bill", "apply", plan, "--dry-run").exit_code == 0
    assert call("statement", "import", statement, "--dry-run").exit_code == 0
    assert call("reconcile", "--journal", "BNK1", "--dry-run").exit_code == 0
    assert call("resume", "--list").exit_code == 0
    assert call("resume").exit_code == 0
    assert call("doctor").exit_code == 0


def test_finishing_a_begun_run_asks(odoo: Odoo, call: Caller) -> None:
    with Journal.open(None, odoo.server_key) as journal:
        journal.begin("records", '{"records": []}')
    result = call("resume")
    assert (result.exit_code, "the end of 1 begun runs (records)" in result.stderr) == (2, True)
    assert call("resume", "--yes").exit_code == 0


@pytest.mark.parametrize(("answer", "status", "made"), [("y\n", 0, 1), ("n\n", 2, 0), ("\n", 2, 0)])
def test_person_at_a_terminal_is_asked(
    odoo: Odoo, plan: Path, call: Caller, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, made: int
) -> None:
    monkeypatch.setattr(connection, "at_terminal", lambda: True)
    result = call("bill", "apply", plan, input=answer)
    assert result.exit_code == status, result.stderr
    assert f"The database {odoo.database} at {odoo.url} is production (OIMKIT_PRODUCTION says so)." in result.stderr
    assert odoo.count("account.move", []) == made


# --- what is remembered


def test_doctor_lifts_nothing_and_marks_nothing(
    odoo: Odoo, call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state" / "oimkit" / "targets.json"
    assert call("doctor").exit_code == 0
    assert not state.exists()
    connect(production=True)
    remembered = state.read_text()
    monkeypatch.setenv("OIMKIT_PRODUCTION", "0")
    assert "one yes is enough, though OIMKIT_PRODUCTION says otherwise" in call("doctor", "--json").stdout
    assert state.read_text() == remembered


def test_remembered_target_is_forgotten_only_with_a_yes(
    odoo: Odoo, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(production=True)
    monkeypatch.delenv("OIMKIT_PRODUCTION")
    address = odoo.url.removeprefix("http://")
    assert address in call("production", "list", "--json").stdout
    refused = call("production", "forget", odoo.url, odoo.database)
    assert (refused.exit_code, "pass --yes" in refused.stderr) == (2, True)
    assert address in call("production", "list", "--json").stdout
    assert call("production", "forget", address, odoo.database, "--yes").exit_code == 0
    assert call("production", "list", "--json").stdout == ""
    again = call("production", "forget", address, odoo.database, "--yes")
    assert (again.exit_code, "nothing is remembered" in again.stderr) == (2, True)


def test_demo_where_nobody_can_be_asked_is_refused_as_every_command(
    odoo: Odoo, call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OIMKIT_PRODUCTION")
    result = call("demo", "--url", odoo.url, "--out", tmp_path / "demo")
    assert (result.exit_code, "answer y or pass --yes" in result.stderr) == (2, True)


def test_nothing_is_said_to_be_written_before_the_yes(odoo: Odoo, statement: Path, call: Caller) -> None:
    del odoo
    assert "writing to database" not in call("statement", "import", statement).stderr
    assert "writing to database" in call("statement", "import", statement, "--yes").stderr
