"""What the doctor tells of the double and of real servers."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from oimkit.cli.app import command
from tests.contract.conftest import Target

Found = dict[str, dict[str, str]]


def ask(target: Target, monkeypatch: pytest.MonkeyPatch, role: str) -> tuple[int, Found]:
    login = target.server.logins[role]
    values = {
        "URL": target.server.url,
        "DATABASE": target.server.database,
        "USER": login.login,
        "SECRET": login.api_key,
        "TRANSPORT": target.transport,
    }
    for name, value in values.items():
        monkeypatch.setenv(f"OIMKIT_{name}", value)
    result = CliRunner().invoke(command, ["doctor", "--json"])
    return result.exit_code, {row["check"]: row for row in map(json.loads, result.stdout.splitlines())}


def test_good_server_is_in_order(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    status, found = ask(target, monkeypatch, "admin")
    assert status in (0, 1)  # other tests may have given the administrator a second company
    wrong = {name: row for name, row in found.items() if row["verdict"] in ("missing", "look") and name != "companies"}
    assert wrong == {}
    assert found["server"]["text"].startswith(f"Odoo {target.version}.0")
    assert found["transport"]["text"].startswith(target.transport)
    assert target.transport in found["protocols"]["text"]
    assert found["clock"]["verdict"] == "ok"
    assert found["currency"]["text"].startswith("EUR of company 1")
    assert found["way in"]["text"].startswith("an API key, without a second factor")
    assert found["target"]["text"] == "not production: nobody has declared it"


def test_rights_that_are_missing_are_told_with_the_servers_own_groups(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, found = ask(target, monkeypatch, "limited")
    assert status == 1
    assert found["login"]["verdict"] == "ok"
    assert "this user may not" in found["invoices"]["text"]
    assert found["invoices"]["advice"].startswith("an administrator gives it in Settings / Users: Invoicing / Billing")
    if target.is_live:
        group = "Accounting/Invoicing" if target.version >= 19 else "Invoicing/Billing"
        assert group in found["invoices"]["advice"]
    assert "may not read the database's UUID" in found["target"]["advice"]


@pytest.mark.real
def test_second_factor_is_seen(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = ask(target, monkeypatch, "twofactor")
    assert found["way in"]["text"] == "an API key, with a second factor"
