"""The fixture for other projects' tests: a server a run, new records for each test, a version where one is named."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from oimkit.sandbox import FaultKind, Sandbox
from oimkit.sandbox.pytest_plugin import OdooDouble
from tests.contract.raw import Raw
from tests.sandbox.conftest import raw_of

PROJECT = """
import xmlrpc.client
import pytest

@pytest.fixture
def call(oimkit_sandbox):
    objects = xmlrpc.client.ServerProxy(oimkit_sandbox.url + "/xmlrpc/2/object")
    def call(model, method, *arguments):
        login = oimkit_sandbox.database, 2, oimkit_sandbox.secret
        return objects.execute_kw(*login, model, method, list(arguments))
    return call

MADE = []

@pytest.mark.parametrize("turn", range(3))
def test_records_begin_anew_with_the_same_ids(call, turn):
    assert call("res.partner", "search", [["name", "=", "Mill"]]) == []
    MADE.append(call("res.partner", "create", {"name": "Mill"}))
    assert len(set(MADE)) == 1

def test_the_version_is_that_of_the_ini(oimkit_sandbox):
    assert oimkit_sandbox.version == 16

@pytest.mark.oimkit_sandbox(version=14)
def test_the_version_is_that_of_the_marker(oimkit_sandbox, call):
    assert oimkit_sandbox.version == 14
    assert "user_type_id" in call("account.account", "fields_get")

def test_journals_end_with_the_test(oimkit_sandbox):
    import os
    from pathlib import Path
    assert os.environ["XDG_STATE_HOME"] == oimkit_sandbox.environ["XDG_STATE_HOME"]
    assert list(Path(os.environ["XDG_STATE_HOME"]).iterdir()) == []
    assert Path(os.environ["XDG_STATE_HOME"]) == oimkit_sandbox.state

def test_nothing_of_the_client_is_imported(oimkit_sandbox):
    import sys
    assert [name for name in sys.modules if name.startswith("oimkit.odoo")] == []

def test_the_secret_does_not_show(oimkit_sandbox):
    assert oimkit_sandbox.secret not in repr(oimkit_sandbox)
"""


def run_pytest(folder: Path, text: str, ini: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_project.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", "--strict-config"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=environment)


def test_pytest_finds_the_plugin() -> None:
    (found,) = entry_points(group="pytest11", name="oimkit_sandbox")
    assert found.load().oimkit_sandbox


def test_a_project_uses_the_fixture(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, PROJECT, "oimkit_sandbox_version = 16")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


def test_a_version_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "def test_it(oimkit_sandbox): pass", "oimkit_sandbox_version = newest")
    assert "'newest' is no version of Odoo; write a number of 14 to 19" in done.stdout


def test_faults_and_records_of_a_test_are_gone_in_the_next(sandbox: Sandbox, raw: Raw) -> None:
    from oimkit.sandbox import Fault, When

    sandbox.mark()
    before = sandbox.dump()
    made = raw.create("res.partner", name="Mill")
    raw.call("res.partner", "write", [1], {"name": "Other"})
    sandbox.faults.add(Fault(FaultKind.BAD_GATEWAY, When()))
    sandbox.restore()
    assert sandbox.dump() == before
    assert raw.create("res.partner", name="Mill") == made
    assert sandbox.faults.calls == 1


def test_restoring_a_file_keeps_what_is_restored(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite"
    with Sandbox(19, path) as sandbox:
        kept = raw_of(sandbox).create("res.partner", name="kept")
        sandbox.mark()
        raw_of(sandbox).call("res.partner", "unlink", [kept])
        raw_of(sandbox).create("res.partner", name="gone")
        sandbox.restore()
        before = sandbox.dump()
    with Sandbox(19, path) as again:
        assert again.dump() == before


def test_a_new_database_costs_less_than_starting_a_server(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.mark()
    started = time.perf_counter()
    with Sandbox(sandbox.version):
        starting = time.perf_counter() - started
    for number in range(20):
        raw.create("res.partner", name=f"P{number}")
    restored = time.perf_counter()
    sandbox.restore()
    assert time.perf_counter() - restored < starting


def test_the_handle_knows_what_a_client_needs(sandbox: Sandbox, tmp_path: Path) -> None:
    handle = OdooDouble(sandbox, tmp_path)
    assert handle.environ == {
        "OIMKIT_URL": sandbox.url,
        "OIMKIT_DATABASE": sandbox.database,
        "OIMKIT_USER": "admin",
        "OIMKIT_SECRET": sandbox.secret,
        "XDG_STATE_HOME": str(tmp_path),
    }


@pytest.mark.oimkit_sandbox(version=17)
def test_the_fixture_works_here_too(oimkit_sandbox: OdooDouble) -> None:
    assert raw_of(oimkit_sandbox.server).service("common", "version")["server_serie"] == "17.0"
