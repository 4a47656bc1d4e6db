"""``oimkit undo`` for runs of any kind: what goes, what stays, and the exit status that tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import Result

from oimkit.odoo import Journal, Odoo, apply, connect
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.records import plan_record, plan_records
from oimkit.odoo.writing import upsert
from oimkit.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(19) as running:
        yield running


@pytest.fixture
def odoo(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Odoo:
    settings = {"URL": sandbox.url, "DATABASE": sandbox.database, "USER": sandbox.user, "SECRET": sandbox.api_key}
    for name, value in settings.items():
        monkeypatch.setenv(f"OIMKIT_{name}", value)
    return connect()


@pytest.fixture
def run(odoo: Odoo, tmp_path: Path) -> tuple[str, list[int]]:
    """A run that made two draft invoices, and their ids."""
    keys = [ExternalId("oimkit", f"cli_{uuid4().hex}") for _ in range(2)]
    with Journal.open(tmp_path, odoo.server_key) as journal:
        report = apply(
            plan_records([plan_record(key, "account.move", {"move_type": "out_invoice"}) for key in keys]),
            odoo,
            journal,
        )
    return report.run, [record.id for record in report.created]


def test_a_dry_run_shows_what_would_go_and_writes_nothing(
    odoo: Odoo, run: tuple[str, list[int]], tmp_path: Path, call_json: Callable[..., list[dict[str, Any]]]
) -> None:
    name, ids = run
    (shown,) = call_json("undo", name, "--dry-run", "--json", "--journal-dir", tmp_path)
    assert [record["id"] for record in shown["records"]] == list(reversed(ids))
    assert shown["kept"] == []
    assert odoo.count("account.move", [["id", "in", ids]]) == 2


def test_a_dry_run_tells_what_will_not_be_taken_back(odoo: Odoo, tmp_path: Path, call: Callable[..., Result]) -> None:
    key = f"oimkit.cli_{uuid4().hex}"
    with Journal.open(tmp_path, odoo.server_key) as journal:
        odoo.load("res.partner", ["id", "name"], [[key, "x"]])
        upsert(odoo, key, "res.partner", {"name": "y"}, journal=journal)
        run = journal.runs()[-1].id
    result = call("undo", run, "--dry-run", "--journal-dir", tmp_path)
    assert result.exit_code == 1
    assert "nothing to delete; nothing was written" in result.stdout
    assert f"to records that were there: not taken back (write {key})" in result.stdout


def test_the_records_go(odoo: Odoo, run: tuple[str, list[int]], tmp_path: Path, call: Callable[..., Result]) -> None:
    name, ids = run
    done = call("undo", name, "--journal-dir", tmp_path)
    assert (done.exit_code, done.stdout.strip().endswith(": 2 records deleted")) == (0, True)
    assert odoo.count("account.move", [["id", "in", ids]]) == 0
    again = call("undo", name, "--journal-dir", tmp_path)
    assert again.exit_code == 2
    assert "taken back before" in again.stderr


def test_a_changed_record_stays_until_told_otherwise(
    odoo: Odoo, sandbox: Sandbox, run: tuple[str, list[int]], tmp_path: Path, call: Callable[..., Result]
) -> None:
    name, ids = run
    other = sandbox.login("billing")
    person = connect(sandbox.url, database=sandbox.database, user=other.login, secret=other.api_key)
    person.write("account.move", ids[:1], {"ref": "mine"})
    result = call("undo", name, "--journal-dir", tmp_path)
    assert result.exit_code == 1
    assert f"account.move {ids[0]} stays" in result.stdout
    assert odoo.search("account.move", [["id", "in", ids]]) == ids[:1]
    assert call("undo", name, "--even-changed", "--journal-dir", tmp_path).exit_code == 0
    assert odoo.count("account.move", [["id", "in", ids]]) == 0
