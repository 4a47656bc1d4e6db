"""Settings come from arguments, variables and profiles, and the secret from where nobody else looks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from oimkit.errors import ConfigurationError
from oimkit.odoo import Secret, Settings

BASE = {"OIMKIT_URL": "https://o.example.com", "OIMKIT_DATABASE": "d", "OIMKIT_USER": "u", "OIMKIT_SECRET": "canary-1"}


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)


def profiles(folder: Path, text: str) -> dict[str, str]:
    (folder / "oimkit").mkdir()
    (folder / "oimkit" / "profiles.toml").write_text(text)
    return {"XDG_CONFIG_HOME": str(folder), "OIMKIT_PROFILE": "test"}


def test_variables_are_enough():
    settings = Settings.find(environ=BASE)
    assert (settings.url, settings.database, settings.user) == ("https://o.example.com", "d", "u")
    assert settings.secret.reveal() == "canary-1"
    assert settings.transport == "auto"


def test_arguments_win_over_variables_and_variables_over_the_profile(tmp_path):
    environ = profiles(tmp_path, '[test]\nurl = "https://p.example.com"\ndatabase = "p"\nuser = "p"\ngap_s = 2.0\n')
    settings = Settings.find(
        user="argument",
        environ={**environ, "OIMKIT_DATABASE": "variable", "OIMKIT_SECRET": "s", "OIMKIT_TRANSPORT": "xmlrpc"},
    )
    assert (settings.url, settings.database, settings.user) == ("https://p.example.com", "variable", "argument")
    assert settings.transport == "xmlrpc"
    assert settings.gap_s == 2.0


def test_what_is_missing_is_named():
    with pytest.raises(ConfigurationError, match="OIMKIT_DATABASE, OIMKIT_USER is not set"):
        Settings.find(environ={"OIMKIT_URL": "https://x"})
    with pytest.raises(ConfigurationError, match="no secret was found"):
        Settings.find(environ={name: value for name, value in BASE.items() if name != "OIMKIT_SECRET"})


def test_secret_comes_from_the_profiles_command(tmp_path):
    environ = profiles(
        tmp_path,
        f'[test]\nurl = "https://x"\ndatabase = "d"\nuser = "u"\n'
        f'secret_command = ["{sys.executable}", "-c", "print(\'from-command\'); print(2)"]\n',
    )
    assert Settings.find(environ=environ).secret.reveal() == "from-command"


@pytest.mark.parametrize("command", ['["/does/not/exist"]', '["false"]', '["true"]', "[]", '[""]'])
def test_command_without_a_secret_is_refused(tmp_path, command):
    environ = profiles(tmp_path, f'[test]\nurl = "https://x"\ndatabase = "d"\nuser = "u"\nsecret_command = {command}\n')
    with pytest.raises(ConfigurationError, match="secret"):
        Settings.find(environ=environ)


def test_secret_is_asked_for_last():
    environ = {name: value for name, value in BASE.items() if name != "OIMKIT_SECRET"}
    assert Settings.find(environ=environ, ask=lambda prompt: "typed").secret.reveal() == "typed"


def test_secret_in_a_profile_is_refused(tmp_path):
    environ = profiles(tmp_path, '[test]\nurl = "https://x"\nsecret = "canary-2"\n')
    with pytest.raises(ConfigurationError, match="holds a secret") as caught:
        Settings.find(environ=environ)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[other]\n", "no profile 'test'"),
        ("not toml at all", "not TOML"),
        ("[test]\nurl = 5\n", "url"),
        ("[test]\ngap_s = -1.0\n", "gap_s"),
        ('[test]\nunknown = "canary"\n', "unknown"),
        ('test = "canary"\n', "not right"),
        ('[test]\ntransport = "pigeon"\n', "transport"),
    ],
)
def test_wrong_profile_is_told_by_its_key(tmp_path, text, part):
    with pytest.raises(ConfigurationError, match=part) as caught:
        Settings.find(environ=profiles(tmp_path, text))
    assert "canary" not in str(caught.value)


def test_missing_file_of_profiles_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="no file of profiles"):
        Settings.find(environ={"XDG_CONFIG_HOME": str(tmp_path), "OIMKIT_PROFILE": "test"})


def test_unknown_transport_is_refused():
    with pytest.raises(ConfigurationError, match="transport"):
        Settings.find(environ=BASE, transport="pigeon")


@pytest.mark.parametrize("value", ["", "a\nb", "a\ud800"])
def test_secret_that_cannot_be_sent_is_refused(value):
    with pytest.raises(ConfigurationError, match="the secret"):
        Secret(value)
