"""A plan is known by its type, stored whole, and carried out against its own database only."""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path

import pytest

import oimkit.odoo
from oimkit.errors import InputError
from oimkit.odoo import Journal, Report, apply, connect, register, resume
from oimkit.sandbox import Sandbox


@dataclass(frozen=True)
class Nothing:
    token: str


@dataclass(frozen=True)
class Unregistered:
    token: str


register("test.nothing", Nothing, lambda plan, session: session.report("test.nothing", [f"found {plan.token}"]))


@pytest.fixture(scope="module")
def odoo():
    with Sandbox(version=19) as sandbox:
        yield connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.api_key)


def test_report_is_kept_with_its_run(odoo, tmp_path):
    with Journal.open(tmp_path, odoo.server_key) as journal:
        report = apply(Nothing("x"), odoo, journal)
        assert report == Report(run=report.run, kind="test.nothing", findings=("found x",))
        assert journal.run(report.run).plan == '{"token":"x"}'
        assert "found x" in (journal.run(report.run).report or "")
        assert resume(odoo, journal) == []


def test_plan_of_an_unknown_type_is_refused(odoo, tmp_path):
    with Journal.open(tmp_path, odoo.server_key) as journal:
        with pytest.raises(InputError, match="Unregistered is not a plan"):
            apply(Unregistered("x"), odoo, journal)
        assert journal.runs() == []


def test_stored_run_of_an_unknown_kind_is_refused(odoo, tmp_path):
    with Journal.open(tmp_path, odoo.server_key) as journal:
        journal.begin("test.vanished", "{}")
        with pytest.raises(InputError, match="not known here"):
            resume(odoo, journal)


def test_kind_is_taken_once():
    with pytest.raises(InputError, match="already taken"):
        register("test.nothing", Unregistered, lambda plan, session: session.report("x"))


def test_journal_of_another_database_is_refused(odoo, tmp_path):
    with Journal.open(tmp_path, "other-database") as journal, pytest.raises(InputError, match="another database"):
        apply(Nothing("x"), odoo, journal)


def test_every_module_that_registers_a_plan_is_listed_among_the_adapters():
    listed = importlib.import_module("oimkit.odoo.adapters").__all__
    folder = Path(oimkit.odoo.__file__).parent
    for path in folder.rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        if any(isinstance(call.func, ast.Name) and call.func.id == "register" for call in calls):
            assert path.relative_to(folder).parts[0].removesuffix(".py") in listed, path
