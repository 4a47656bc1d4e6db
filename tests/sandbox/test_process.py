"""The sandbox as a process of its own: what it prints, how it ends, what its file keeps."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from oimkit.errors import ConfigurationError
from oimkit.sandbox import Sandbox
from tests.contract.raw import Raw


@dataclass
class Process:
    child: subprocess.Popen[str]
    about: dict[str, Any] = field(repr=False)

    def raw(self) -> Raw:
        return Raw(self.about["url"], self.about["database"], 2, self.about["secret"])


@contextmanager
def started(path: Path, *more: str) -> Iterator[Process]:
    command = [sys.executable, "-m", "oimkit.sandbox", "--path", str(path), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield Process(child, json.loads(child.stdout.readline()))
        finally:
            child.kill()


def test_it_prints_where_it_serves_and_ends_on_a_signal(tmp_path: Path) -> None:
    with started(tmp_path / "db.sqlite", "--version", "14") as process:
        assert set(process.about) == {"url", "database", "user", "secret", "api_key", "version", "pid"}
        assert process.raw().service("common", "version")["server_version"] == "14.0"
        process.child.send_signal(signal.SIGTERM)
        assert process.child.wait(10) == 0


def test_a_killed_process_keeps_what_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite"
    with started(path) as process:
        made = process.raw().create("res.partner", name="kept", email="a@b.example")
        secret = process.about["secret"]
        process.child.kill()
        process.child.wait(10)
    with Sandbox(19, path) as sandbox:
        assert sandbox.secret == secret
        raw = Raw(sandbox.url, sandbox.database, 2, sandbox.secret)
        assert raw.one("res.partner", made, "name", "email") == {"id": made, "name": "kept", "email": "a@b.example"}
        assert raw.create("res.partner", name="next") == made + 1


@pytest.mark.parametrize(("kind", "answered"), [("crash@2", True), ("crash-after-commit@2", False)])
def test_a_crash_ends_the_process_after_the_chosen_call(tmp_path: Path, kind: str, answered: bool) -> None:
    path = tmp_path / "db.sqlite"
    with started(path, "--fault", kind) as process:
        raw = process.raw()
        raw.create("res.partner", name="crash one")
        if answered:
            raw.create("res.partner", name="crash two")
        else:
            with pytest.raises(requests.ConnectionError):
                raw.create("res.partner", name="crash two")
        assert process.child.wait(10) == 70
    with Sandbox(19, path) as sandbox:
        raw = Raw(sandbox.url, sandbox.database, 2, sandbox.secret)
        assert raw.call("res.partner", "search_count", [["name", "like", "crash "]]) == 2


def test_a_clock_that_stands_still_dates_everything_alike(tmp_path: Path) -> None:
    with started(tmp_path / "db.sqlite", "--today", "2026-03-31T10:00:00") as process:
        made = process.raw().create("res.partner", name="then")
        assert process.raw().value("res.partner", made, "create_date") == "2026-03-31 10:00:00"


def test_a_wrong_fault_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "oimkit.sandbox", "--fault", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stderr.startswith("'nonsense' is not a fault; write KIND")
    assert done.stdout == ""


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, not records " * 100)
    with pytest.raises(ConfigurationError, match="cannot open its file"):
        Sandbox(19, path).start()


def test_a_file_of_the_other_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite"
    with Sandbox(14, path):
        pass
    with pytest.raises(ConfigurationError, match="holds a database of Odoo 14"):
        Sandbox(19, path).start()


def test_a_port_that_is_taken_is_refused() -> None:
    with Sandbox(19) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match="cannot listen"):
            Sandbox(19, port=port).start()


def test_a_version_without_a_profile_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no profile of Odoo 13"):
        Sandbox(13)
