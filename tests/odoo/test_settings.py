"""Settings come from arguments, variables and profiles, and the secret from where nobody else looks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from oimkit.errors import ConfigurationError
from oimkit.odoo import Secret, Settings
from oimkit.odoo.settings import SecretSource, keep_in_keyring

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
    with pytest.raises(ConfigurationError, match="OIMKIT_DATABASE, OIMKIT_USER are not set"):
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


class FakeKeyring:
    """Stands for the package keyring with one backend that keeps secrets in memory."""

    class errors:
        class KeyringError(Exception):
            pass

    def __init__(self, *, broken: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = broken

    def get_password(self, service: str, account: str) -> str | None:
        if self.broken:
            raise self.errors.KeyringError("no backend")
        return self.kept.get((service, account))

    def set_password(self, service: str, account: str, secret: str) -> None:
        if self.broken:
            raise self.errors.KeyringError(f"no backend for {secret}")
        self.kept[service, account] = secret


@pytest.fixture
def keyring(monkeypatch) -> FakeKeyring:
    return use(monkeypatch, FakeKeyring())


def use(monkeypatch, fake: FakeKeyring) -> FakeKeyring:
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", fake.errors)
    return fake


ASKED = {name: value for name, value in BASE.items() if name != "OIMKIT_SECRET"}


def test_secret_comes_from_the_keyring_before_anybody_is_asked(keyring):
    settings = Settings.find(environ=ASKED, ask=lambda prompt: "typed")
    assert (settings.secret.reveal(), settings.secret_source) == ("typed", SecretSource.PROMPT)
    keep_in_keyring(settings.account, Secret("kept-canary"))
    assert keyring.kept == {("oimkit", "u@d@https://o.example.com"): "kept-canary"}
    settings = Settings.find(environ=ASKED, ask=lambda prompt: "typed")
    assert (settings.secret.reveal(), settings.secret_source) == ("kept-canary", SecretSource.KEYRING)
    assert Settings.find(environ=BASE).secret_source is SecretSource.VARIABLE


def test_machine_without_a_keyring_asks_on(monkeypatch):
    use(monkeypatch, FakeKeyring(broken=True))
    assert Settings.find(environ=ASKED, ask=lambda prompt: "typed").secret.reveal() == "typed"


def test_keyring_that_cannot_keep_is_told_without_the_secret(monkeypatch):
    use(monkeypatch, FakeKeyring(broken=True))
    with pytest.raises(ConfigurationError, match="no keyring could be opened") as caught:
        keep_in_keyring("u@d@x", Secret("canary-kept"))
    assert caught.value.__context__ is None
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigurationError, match=r"not installed here; install oimkit\[keyring\]"):
        keep_in_keyring("u@d@x", Secret("canary-kept"))


def test_profile_says_how_to_work_there(tmp_path):
    text = (
        '[test]\nurl = "https://x"\ndatabase = "d"\nuser = "u"\nproduction = true\nuuid = "0123456789abcdef"\n'
        'limiter = "sh"\nat_once = 3\ncompany = "Second"\nlanguage = "de_DE"\ndeadline_s = 30\n'
    )
    settings = Settings.find(environ={**profiles(tmp_path, text), "OIMKIT_SECRET": "s"})
    assert (settings.production, settings.production_by, settings.uuid) == (True, "the profile", "0123456789abcdef")
    assert (settings.limiter, settings.at_once, settings.company) == ("sh", 3, "Second")
    assert (settings.language, settings.deadline_s, settings.profile) == ("de_DE", 30, "test")
    for text, company in (("7", 7), ("Third", "Third")):
        assert Settings.find(environ={**BASE, "OIMKIT_COMPANY": text}).company == company


@pytest.mark.parametrize(
    "line",
    ['limiter = "fast"', "at_once = 0", 'uuid = "x"', "deadline_s = 0", 'language = "Deutsch"', 'production = "yes"'],
)
def test_senseless_value_of_a_profile_is_told_by_its_key(tmp_path, line):
    with pytest.raises(ConfigurationError, match=f"is not right in: {line.split()[0]}"):
        Settings.find(environ={**profiles(tmp_path, f"[test]\n{line}\n"), "OIMKIT_SECRET": "s"})


@pytest.mark.parametrize(
    ("variable", "profile", "expected"),
    [
        (None, None, (None, "the profile")),
        ("0", None, (False, "OIMKIT_PRODUCTION")),
        ("no", "false", (False, "OIMKIT_PRODUCTION")),
        ("0", "true", (True, "the profile")),
        ("1", "false", (True, "OIMKIT_PRODUCTION")),
        (None, "false", (False, "the profile")),
    ],
)
def test_one_yes_makes_a_target_production(tmp_path, variable, profile, expected):
    line = f"production = {profile}" if profile else ""
    environ = profiles(tmp_path, f'[test]\nurl = "https://x"\ndatabase = "d"\nuser = "u"\n{line}\n')
    environ |= {"OIMKIT_SECRET": "s"} | ({"OIMKIT_PRODUCTION": variable} if variable else {})
    settings = Settings.find(environ=environ)
    assert (settings.production, settings.production_by) == expected


def test_address_of_another_scheme_is_named():
    with pytest.raises(ConfigurationError, match="the scheme ftp of the server's address is not spoken"):
        Settings.find(environ={**BASE, "OIMKIT_URL": "ftp://erp.example.com"})
