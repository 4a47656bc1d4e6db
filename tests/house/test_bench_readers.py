"""The benchmark of the statement readers runs, reads what it generates whole, and hides no figure that is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.statements import peers
from bench.statements.files import FILES
from bench.statements.floors import FLOORS
from bench.statements.peers import Peer, missing
from oimkit.banking import read_statements
from oimkit.banking.formats import FORMATS

ROOT = Path(__file__).resolve().parent.parent.parent


def test_two_formats_are_measured(tmp_path: Path) -> None:
    out = tmp_path / "readers.json"
    command = [sys.executable, "-m", "bench.readers", "--entries", "200", "--formats", "n43,qif", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    rows: list[dict[str, Any]] = json.loads(out.read_text())["readers"]
    assert [(row["format"], row["entries"]) for row in rows] == [("n43", 200), ("qif", 200)]
    for row in rows:
        (floor,) = row["against"]
        assert row["own_s"] > 0 and floor["other_s"] > 0 and row["doubling"] > 1
        assert row["memory_mb"] <= row["memory_allowed_mb"] < 45
        assert floor["times_its_cpu"] == pytest.approx(floor["own_s"] / floor["other_s"], rel=0.5)
    missed = sum(not check["met"] for row in rows for check in row["checks"])
    assert done.returncode == (1 if missed else 0) and f"{missed} missed" in done.stdout


def test_every_format_has_a_file_and_a_floor() -> None:
    assert set(FILES) == set(FLOORS)
    assert {format_of(name) for name in FILES} == set(FORMATS)


@pytest.mark.parametrize("name", FILES)
def test_a_generated_file_is_read_whole_and_closes(name: str) -> None:
    statements = read_statements(FILES[name](1200), format=format_of(name))
    assert sum(len(statement.entries) for statement in statements) == 1200
    assert {statement.balanced for statement in statements} == {None if name in WITHOUT_BALANCES else True}
    entries = [entry for statement in statements for entry in statement.entries]
    assert all(entry.remittance for entry in entries)
    assert sum(entry.counterparty is not None for entry in entries) > 1000 or name == "mt940-plain"


def format_of(name: str) -> str:
    """The format of a file's name, which may name a dialect as well."""
    return name.partition("-")[0]


WITHOUT_BALANCES = {"ofx1", "ofx2", "mt942", "camt054", "qif"}


def test_a_program_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Peer("nothing", "no_such_package.module", "no-such-package", lambda path: 0, 2.0)
    monkeypatch.setitem(peers.PEERS, "n43", (absent, absent))
    assert missing(["n43"]) == [absent]


def test_a_program_that_is_not_installed_fails_the_run(tmp_path: Path) -> None:
    program = (
        "import sys, bench.statements.peers as peers, bench.readers as readers\n"
        "absent = peers.Peer('nothing', 'no_such_package', 'no-such-package', lambda path: 0, 2.0)\n"
        "peers.PEERS['n43'] = (absent,)\n"
        "sys.exit(readers.main())"
    )
    out = str(tmp_path / "readers.json")
    command = [sys.executable, "-c", program, "--entries", "50", "--rounds", "1", "--formats", "n43", "--out", out]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "NOT INSTALLED: no-such-package" in done.stderr
    assert json.loads(Path(out).read_text())["not_installed"] == ["no-such-package"]
