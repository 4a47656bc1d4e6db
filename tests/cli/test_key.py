"""``oimkit key``: what the user sees of its keys, and where a new one goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from oimkit.cli import key as key_command
from oimkit.odoo import Odoo, Secret
from tests.odoo.key_server import KeyServer

Caller = Callable[..., Result]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> KeyServer:
    """A key server behind the command, with one key that OIMKIT_SECRET holds."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    server = KeyServer()
    values = {"URL": "https://keys.example.com", "DATABASE": "d", "USER": "u", "SECRET": server.add("old")}
    for name, value in values.items():
        monkeypatch.setenv(f"OIMKIT_{name}", value)

    def open_with(call: object, settings: object) -> Odoo:
        return server.connect(settings.secret)  # type: ignore[attr-defined]

    monkeypatch.setattr(key_command, "open_with", open_with)
    monkeypatch.setattr(
        key_command, "open_connection", lambda call: server.connect(key_command.find_settings(call).secret)
    )
    return server


def test_show_lists_keys_and_says_which_end_soon(server: KeyServer, call_json: Callable[..., list[dict]]) -> None:
    soon = datetime.now(UTC) + timedelta(days=5)
    server.add("soon", expires=f"{soon:%Y-%m-%d %H:%M:%S}")
    old, ending = call_json("key", "show", "--json", status=1)
    assert (old["name"], old["ends"], old["ends_soon"]) == ("old", None, False)
    assert (ending["name"], ending["ends_soon"]) == ("soon", True)
    assert len(call_json("key", "show", "--days", "3", "--json")) == 2


def test_show_for_people_tells_what_to_do(server: KeyServer, call: Caller) -> None:
    soon = datetime.now(UTC) + timedelta(days=5)
    server.add("soon", expires=f"{soon:%Y-%m-%d %H:%M:%S}")
    result = call("key", "show")
    assert result.exit_code == 1
    assert "never" in result.stdout
    assert "oimkit key rotate" in result.stdout


def test_new_key_goes_to_the_terminal_only_when_asked(server: KeyServer, call: Caller) -> None:
    refused = call("key", "rotate")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "the present secret came from OIMKIT_SECRET" in refused.stderr
    assert "--keep terminal" in refused.stderr
    done = call("key", "rotate", "--keep", "terminal")
    assert done.exit_code == 0, done.stderr
    (row,) = server.keys.values()
    assert done.stdout == row["key"] + "\n"
    assert row["key"] not in done.stderr
    assert "the old key is revoked" in done.stderr


def test_json_is_one_object(server: KeyServer, call: Caller) -> None:
    done = call("key", "rotate", "--keep", "terminal", "--json", "--quiet")
    (row,) = server.keys.values()
    assert json.loads(done.stdout) == {"key": row["key"]}


def test_new_key_goes_back_into_the_keyring_that_the_old_one_came_from(
    server: KeyServer, call: Caller, keyring: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = server.keys.values()
    monkeypatch.delenv("OIMKIT_SECRET")
    keyring["u@d@https://keys.example.com"] = old["key"]
    done = call("key", "rotate", "--days", "30")
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    (row,) = server.keys.values()
    assert keyring == {"u@d@https://keys.example.com": row["key"]}


def test_password_is_asked_for_on_a_terminal_where_the_server_wants_it(
    server: KeyServer, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.by_key = False
    refused = call("key", "rotate", "--keep", "terminal")
    assert (refused.exit_code, "wants the account's password" in refused.stderr) == (2, True)
    assert call("key", "show").stderr == ""  # nothing was made, so nothing is left to tell
    monkeypatch.setattr(key_command, "at_terminal", lambda: True)
    done = call("key", "rotate", "--keep", "terminal", input=f"{server.password}\n{server.password}\n")
    assert done.exit_code == 0, done.stderr
    assert len(server.keys) == 1
    assert server.password not in done.stdout + done.stderr


def test_stopped_rotation_is_told_until_it_is_finished(
    server: KeyServer, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(settings: object, secret: Secret) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(key_command, "keep_in_keyring", stop)
    assert call("key", "rotate", "--keep", "keyring", "--name", "turned").exit_code == 130
    told = call("key", "show")
    assert told.exit_code == 1
    (new,) = [number for number, row in server.keys.items() if row["name"] == "turned"]
    assert f"the old key works; the new key {new} was perhaps kept: if not, revoke it" in told.stderr
    monkeypatch.setattr(key_command, "at_terminal", lambda: True)
    assert call("key", "revoke", new, input=f"{server.password}\n").exit_code == 0
    assert call("key", "show").exit_code == 0


def test_findings_of_a_rotation_give_status_1(server: KeyServer, call: Caller) -> None:
    server.lose = "revoke"
    done = call("key", "rotate", "--keep", "terminal")
    assert done.exit_code == 1
    assert "was not revoked" in done.stderr


def test_key_of_nobody_is_refused(server: KeyServer, call: Caller) -> None:
    refused = call("key", "revoke", "99")
    assert (refused.exit_code, "oimkit key show lists them" in refused.stderr) == (2, True)


def test_server_that_makes_no_keys_is_not_said_to_be_of_a_version_without_them(
    connected: Callable[..., None], call: Caller
) -> None:
    del connected
    result = call("key", "rotate", "--keep", "terminal")
    assert result.exit_code == 3
    assert "this server makes no API keys over RPC" in result.stderr
    assert "came with 14" not in result.stderr
