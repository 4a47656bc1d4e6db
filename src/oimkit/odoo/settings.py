"""Where connection settings come from: arguments, then ``OIMKIT_*`` variables, then a profile.

A profile is a section of ``profiles.toml`` in the user's configuration folder (``$XDG_CONFIG_HOME/oimkit``)::

    [test]
    url = "https://test.example.com"
    database = "test"
    user = "import"
    secret_command = ["pass", "show", "odoo/test"]

docs/connecting.md lists the keys of a profile. The secret is never an option of a command and need not stand in a
file: it comes from ``OIMKIT_SECRET``, the command that the profile names, the keyring (service ``oimkit``, account
``user@database@url``) where the keyring package is installed, or a prompt.
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pydantic

from oimkit.errors import ConfigurationError
from oimkit.odoo.secret import Secret

__all__ = [
    "KEYRING_SERVICE",
    "PROFILE_KEYS",
    "SecretSource",
    "Settings",
    "ask_keyring",
    "keep_in_keyring",
    "profile_file",
    "profile_names",
    "read_profile",
]

TransportName = Literal["auto", "jsonrpc", "json2", "xmlrpc"]

KEYRING_SERVICE = "oimkit"
"""The name under which secrets stand in the keyring, each under the account ``user@database@url``."""

_COMMAND_S = 60.0
"""Seconds that a profile's command may take to print the secret; it may ask for a passphrase."""


class _Profile(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True, strict=True)

    url: str | None = None
    database: str | None = None
    user: str | None = None
    transport: TransportName = "auto"
    secret_command: list[str] | None = None
    allow_plain_http: bool = False
    ca_bundle: str | None = None
    proxy: str | None = None
    gap_s: float | None = pydantic.Field(default=None, ge=0, le=60)
    at_once: int | None = pydantic.Field(default=None, ge=1, le=64)
    limiter: Literal["online", "sh", "own"] | None = None
    production: bool | None = None
    uuid: str | None = pydantic.Field(default=None, pattern=r"^[0-9A-Za-z-]{16,64}$")
    company: int | str | None = None
    language: str | None = pydantic.Field(default=None, pattern=r"^[a-z]{2,3}(_[A-Za-z@]+)*$")
    deadline_s: float | None = pydantic.Field(default=None, gt=0, le=86400)


PROFILE_KEYS = tuple(_Profile.model_fields)
"""What may stand in a profile."""


class SecretSource(StrEnum):
    """Where a secret came from, so that its successor can be put there."""

    ARGUMENT = "the caller"
    VARIABLE = "OIMKIT_SECRET"
    COMMAND = "the profile's secret_command"
    KEYRING = "the keyring"
    PROMPT = "the terminal"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a connection needs.

    gap_s       seconds between two calls, or None for what is polite for this server
    at_once     calls under way at the same time, or None for what is polite
    limiter     the kind of server: ``online``, ``sh``, ``own``; None for what its address tells
    production  whether changes need a yes; None when nobody said
    declared    what the profile alone says of it: this is remembered, OIMKIT_PRODUCTION is not
    uuid        the database's UUID, for users who may not read it; a database with another one is refused
    company     the company to work in, by id or exact name
    deadline_s  seconds for a call, or None for the default
    profile     the section that was read, or None
    """

    url: str
    database: str
    user: str
    secret: Secret
    transport: TransportName = "auto"
    allow_plain_http: bool = False
    ca_bundle: str | None = None
    proxy: str | None = None
    gap_s: float | None = None
    at_once: int | None = None
    limiter: str | None = None
    production: bool | None = None
    production_by: str = "the caller"
    declared: bool | None = None
    uuid: str | None = None
    company: int | str | None = None
    language: str | None = None
    deadline_s: float | None = None
    profile: str | None = None
    secret_source: SecretSource = SecretSource.ARGUMENT

    @property
    def account(self) -> str:
        """The name of the account in the keyring."""
        return self.account_of(self.user, self.database, self.url)

    @staticmethod
    def account_of(user: str, database: str, url: str) -> str:
        """The account under which the keyring keeps this user's secret."""
        return f"{user}@{database}@{url}"

    def with_secret(self, secret: Secret) -> Settings:
        """The same settings with another secret, given by the caller."""
        return replace(self, secret=secret, secret_source=SecretSource.ARGUMENT)

    @classmethod
    def find(
        cls,
        *,
        url: str | None = None,
        database: str | None = None,
        user: str | None = None,
        secret: str | Secret | None = None,
        transport: str | None = None,
        profile: str | None = None,
        environ: Mapping[str, str] | None = None,
        ask: Callable[[str], str] | None = None,
    ) -> Settings:
        """The settings from arguments, environment and profile, in this order for each one of them.

        Args:
            environ: the variables to read, normally those of the process.
            ask: shows a prompt and returns the secret, or None where nobody can be asked.

        Raises ConfigurationError, which names what is missing and where it can be put.
        """
        secret = Secret(secret) if isinstance(secret, str) else secret  # from here on no local value shows it
        variables = _Variables(os.environ if environ is None else environ)
        del environ
        named = profile or variables.get("OIMKIT_PROFILE")
        section = _read_profile(named, profile_file(variables)) if named else _Profile()
        found = {
            "url": url or variables.get("OIMKIT_URL") or section.url,
            "database": database or variables.get("OIMKIT_DATABASE") or section.database,
            "user": user or variables.get("OIMKIT_USER") or section.user,
        }
        missing = [f"OIMKIT_{name.upper()}" for name, value in found.items() if not value]
        if missing:
            are = "is" if len(missing) == 1 else "are"
            raise ConfigurationError(
                f"the connection is not complete: {', '.join(missing)} {are} not set",
                advice="set what is missing, or name a profile with OIMKIT_PROFILE",
            )
        address, base, login = str(found["url"]), str(found["database"]), str(found["user"])
        _refuse_other_scheme(address)
        chosen = (
            transport if transport not in (None, "auto") else variables.get("OIMKIT_TRANSPORT") or section.transport
        )
        found_secret, source = (
            (secret, SecretSource.ARGUMENT)
            if secret is not None
            else _find_secret(variables, section, cls.account_of(login, base, address), ask)
        )
        production, production_by = _production(variables, section)
        return cls(
            url=address,
            database=base,
            user=login,
            secret=found_secret,
            transport=_transport_name(chosen),
            allow_plain_http=section.allow_plain_http,
            ca_bundle=variables.get("OIMKIT_CA_BUNDLE") or section.ca_bundle,
            proxy=variables.get("OIMKIT_PROXY") or section.proxy,
            gap_s=section.gap_s,
            at_once=section.at_once,
            limiter=section.limiter,
            production=production,
            production_by=production_by,
            declared=section.production,
            uuid=section.uuid,
            company=_company(variables.get("OIMKIT_COMPANY")) or section.company,
            language=variables.get("OIMKIT_LANGUAGE") or section.language,
            deadline_s=section.deadline_s,
            profile=named or None,
            secret_source=source,
        )


class _Variables:
    """Environment variables, one of which is the secret: their repr shows none."""

    __slots__ = ("get",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.get: Callable[[str], str | None] = lambda name: environ.get(name)

    def __repr__(self) -> str:
        return "<variables>"


def profile_file(environ: Mapping[str, str] | _Variables) -> Path:
    """``profiles.toml`` in the user's configuration folder (XDG)."""
    base = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME") or "~").expanduser() / ".config")
    return Path(base) / "oimkit" / "profiles.toml"


def _read_sections(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the file of profiles cannot be read: {path}", advice="check its rights") from error
    except tomllib.TOMLDecodeError:
        raise ConfigurationError(f"the file of profiles is not TOML: {path}", advice="mend it") from None


def _read_profile(name: str, path: Path) -> _Profile:
    if not path.exists():
        raise ConfigurationError(
            f"there is no file of profiles for the profile {name!r}",
            advice=f"write {path}, or type: oimkit profile add {name}",
        )
    sections = _read_sections(path)
    if name not in sections:
        raise ConfigurationError(f"there is no profile {name!r} in {path}", advice="add a section of this name")
    section = sections[name]
    if isinstance(section, dict) and {"secret", "password", "api_key"} & set(section):
        raise ConfigurationError(
            f"the profile {name!r} holds a secret", advice="take it out, and name a secret_command or use the keyring"
        )
    wrong: list[str] = []
    try:
        return _Profile.model_validate(section)
    except pydantic.ValidationError as error:
        wrong = [".".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)]
    raise ConfigurationError(
        f"the profile {name!r} is not right in: {', '.join(wrong)}",
        advice="the settings page of the docs lists its keys",
    )


def _refuse_other_scheme(address: str) -> None:
    scheme, is_there, _ = address.partition("://")
    if is_there and scheme.lower() not in ("http", "https") and scheme.isalnum():
        raise ConfigurationError(
            f"the scheme {scheme} of the server's address is not spoken", advice="give it as https://host"
        )


def _transport_name(name: str) -> TransportName:
    for known in ("auto", "jsonrpc", "json2", "xmlrpc"):
        if name == known:
            return known
    raise ConfigurationError("the transport is not known", advice="use auto, jsonrpc, json2 or xmlrpc")


def _company(text: str | None) -> int | str | None:
    """An id, or an exact name."""
    return int(text) if text and text.isascii() and text.isdigit() else text or None


def _production(variables: _Variables, section: _Profile) -> tuple[bool | None, str]:
    """Whether the target was declared production, and by whom; one yes is enough."""
    text = (variables.get("OIMKIT_PRODUCTION") or "").strip().lower()
    if text in ("1", "true", "yes"):
        return True, "OIMKIT_PRODUCTION"
    if text not in ("", "0", "false", "no"):
        raise ConfigurationError("OIMKIT_PRODUCTION is neither yes nor no", advice="set it to 1 or 0, or unset it")
    if text and not section.production:
        return False, "OIMKIT_PRODUCTION"
    return section.production, "the profile"


def profile_names(path: Path) -> tuple[str, ...]:
    """The names of the profiles in the file at *path*, in its order; none when there is no file."""
    return tuple(_read_sections(path)) if path.exists() else ()


def read_profile(name: str, path: Path) -> dict[str, object]:
    """What the profile *name* in the file at *path* says, checked; ConfigurationError when it is not right."""
    return _read_profile(name, path).model_dump(exclude_unset=True)


def _find_secret(
    variables: _Variables, section: _Profile, account: str, ask: Callable[[str], str] | None
) -> tuple[Secret, SecretSource]:
    if variables.get("OIMKIT_SECRET"):
        return Secret(variables.get("OIMKIT_SECRET") or ""), SecretSource.VARIABLE
    if section.secret_command:
        return _ask_command(section.secret_command), SecretSource.COMMAND
    kept = ask_keyring(account)
    if kept is not None:
        return kept, SecretSource.KEYRING
    if ask is not None:
        return Secret(ask("Password or API key: ")), SecretSource.PROMPT
    raise ConfigurationError(
        "no secret was found",
        advice="set OIMKIT_SECRET, name a secret_command in the profile, or keep it in the keyring as service oimkit",
    )


def _ask_command(command: list[str]) -> Secret:
    """The first line that the profile's command prints."""
    status, secret = _run(command)
    if secret is None:
        raise ConfigurationError(
            f"the profile's secret_command printed no secret and ended with status {status}", advice="try it by hand"
        )
    return secret


def _run(command: list[str]) -> tuple[int | None, Secret | None]:
    try:
        done = subprocess.run(  # noqa: S603  the user's own command, from the user's own file, without a shell
            command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=_COMMAND_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None, None
    if done.returncode != 0 or not done.stdout.strip():
        return done.returncode, None
    return 0, Secret(done.stdout.decode(errors="replace").splitlines()[0])


def ask_keyring(account: str) -> Secret | None:
    """The secret under *account* in the keyring; None without one, without a keyring, or without its package."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    return _from_keyring(lambda: keyring.get_password(KEYRING_SERVICE, account), keyring.errors.KeyringError)


def _from_keyring(get: Callable[[], str | None], failure: type[Exception]) -> Secret | None:
    try:
        return Secret(get() or "")
    except (failure, RuntimeError, ConfigurationError):  # no keyring service runs here, or nothing is in it
        return None


def keep_in_keyring(account: str, secret: Secret) -> None:
    """Put *secret* into the keyring under *account*; ConfigurationError where there is none."""
    reason = ""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        reason = "the package keyring is not installed here"
    else:
        try:
            keyring.set_password(KEYRING_SERVICE, account, secret.reveal())
        except (keyring.errors.KeyringError, RuntimeError):  # outside of the handler: its frames hold the secret
            reason = "no keyring could be opened on this machine"
    if reason:
        raise ConfigurationError(
            f"the secret could not be kept: {reason}",
            advice="install oimkit[keyring] where there is a keyring, or keep it elsewhere and name a secret_command",
        )
