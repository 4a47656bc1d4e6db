"""The command as a person or a script calls it: in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from oimkit.cli.app import command
from oimkit.sandbox import Sandbox


@pytest.fixture
def call() -> Callable[..., Result]:
    """Call ``oimkit`` in this process; the result has exit_code, stdout and stderr."""

    def run(*arguments: object, **more: Any) -> Result:
        return CliRunner().invoke(command, [str(argument) for argument in arguments], **more)

    return run


@pytest.fixture
def call_json(call: Callable[..., Result]) -> Callable[..., list[dict[str, Any]]]:
    """Call ``oimkit`` and give the objects of its standard output, which must hold nothing else."""

    def run(*arguments: object, status: int = 0, **more: Any) -> list[dict[str, Any]]:
        result = call(*arguments, **more)
        assert result.exit_code == status, result.stderr
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert all(isinstance(row, dict) for row in rows)
        return rows

    return run


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call ``oimkit`` as a process of its own."""

    def run(*arguments: object, environ: Mapping[str, str] | None = None, **more: Any) -> Any:
        return subprocess.run(
            [Path(sys.executable).parent / "oimkit", *(str(argument) for argument in arguments)],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), **(environ or {})},
            **more,
        )

    return run


@pytest.fixture(scope="session", params=[14, 19])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """An embedded Odoo that a module's tests share; none of them may rely on what another one did."""
    with Sandbox(version=request.param) as server:
        yield server


@pytest.fixture
def connected(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Set OIMKIT_* to the sandbox as the user named (admin by default), with a journal folder of the test's own."""

    def connect(user: str = "admin", **settings: str) -> None:
        login = sandbox.login(user)
        values = {"URL": sandbox.url, "DATABASE": sandbox.database, "USER": user, "SECRET": login.password, **settings}
        for name, value in values.items():
            monkeypatch.setenv(f"OIMKIT_{name}", value)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    connect()
    return connect


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a keyring of this machine keeps, by account; nothing at first."""
    kept: dict[str, str] = {}

    class Keyring:
        class errors:
            class KeyringError(Exception):
                pass

        @staticmethod
        def get_password(service: str, account: str) -> str | None:
            return kept.get(account)

        @staticmethod
        def set_password(service: str, account: str, secret: str) -> None:
            kept[account] = secret

    monkeypatch.setitem(sys.modules, "keyring", Keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", Keyring.errors)
    return kept
