"""``oimkit profile``: connections are written down without a secret, and what a person wrote stays."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from oimkit.cli import profile as profile_command
from oimkit.odoo import Settings
from oimkit.sandbox import Sandbox

Caller = Callable[..., Result]

NAMED = ("--url", "https://erp.example.com", "--database", "books", "--user", "me")


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("URL", "DATABASE", "USER", "SECRET", "PROFILE"):
        monkeypatch.delenv(f"OIMKIT_{name}", raising=False)
    return tmp_path / "oimkit" / "profiles.toml"


def test_added_profile_is_found_by_its_name(call: Caller, call_json: Callable[..., list[dict]], file: Path) -> None:
    result = call("profile", "add", "books", *NAMED, "--production", "--company", "2", "--language", "de_DE")
    assert result.exit_code == 0, result.stderr
    assert file.stat().st_mode & 0o077 == 0
    settings = Settings.find(profile="books", secret="s-from-the-caller")
    assert (settings.url, settings.database, settings.user) == ("https://erp.example.com", "books", "me")
    assert (settings.production, settings.company, settings.language) == (True, 2, "de_DE")
    (row,) = call_json("profile", "list", "--json")
    assert row == {
        "profile": "books",
        "url": "https://erp.example.com",
        "database": "books",
        "user": "me",
        "production": True,
        "company": 2,
        "language": "de_DE",
    }


def test_what_a_person_wrote_in_the_file_stays(call: Caller, file: Path) -> None:
    file.parent.mkdir()
    file.write_text('# my own words\n[old]\nurl = "https://old.example.com"\n')
    assert call("profile", "add", "new", *NAMED, "--company", 'Müller "Sons"').exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith('# my own words\n[old]\nurl = "https://old.example.com"\n')
    assert tomllib.loads(text)["new"]["company"] == 'Müller "Sons"'
    shown = call("profile", "show", "new")
    assert tomllib.loads(shown.stdout)["new"]["company"] == 'Müller "Sons"'


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "a b", *NAMED), "letters, digits"),
        (("add", "half", "--url", "https://x.example.com"), "--database, --user is not given"),
        (("add", "wrong", *NAMED, "--language", "Deutsch"), "is not right in: language"),
        (("show", "nobody"), "no file of profiles"),
    ],
)
def test_senseless_profile_is_refused_and_nothing_is_written(
    call: Caller, file: Path, arguments: tuple[str, ...], why: str
) -> None:
    result = call("profile", *arguments)
    assert (result.exit_code, why in result.stderr) == (2, True), result.stderr
    assert not file.exists()
    assert list(file.parent.glob("*")) == []


def test_profile_of_the_same_name_is_not_overwritten(call: Caller, file: Path) -> None:
    assert call("profile", "add", "books", *NAMED).exit_code == 0
    before = file.read_text()
    again = call("profile", "add", "books", *NAMED, "--production")
    assert (again.exit_code, "there is a profile 'books' already" in again.stderr) == (2, True)
    assert file.read_text() == before


def test_list_for_people_marks_the_chosen_one(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "oimkit profile add NAME" in call("profile", "list").stderr
    call("profile", "add", "books", *NAMED, "--no-production")
    call("profile", "add", "other", *NAMED)
    monkeypatch.setenv("OIMKIT_PROFILE", "books")
    shown = call("profile", "list").stdout
    assert "books *" in shown
    assert "other *" not in shown


def test_secret_goes_to_the_keyring_only_when_asked(
    call: Caller, keyring: dict[str, str], monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    call("profile", "add", "plain", *NAMED)
    assert keyring == {}
    monkeypatch.setattr(profile_command, "at_terminal", lambda: True)
    result = call("profile", "add", "kept", *NAMED, "--keep-secret", input="canary-typed-secret\n")
    assert result.exit_code == 0, result.stderr
    assert "canary" not in result.stdout + result.stderr + file.read_text()
    assert Settings.find(profile="kept").secret.reveal() == "canary-typed-secret"


def test_doctor_works_by_a_profile(call: Caller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Sandbox(version=19) as server:
        call("profile", "add", "box", "--url", server.url, "--database", server.database, "--user", server.user)
        monkeypatch.setenv("OIMKIT_SECRET", server.secret)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        assert call("doctor", "--profile", "box").exit_code == 0
