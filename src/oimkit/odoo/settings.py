"""Where connection settings come from: arguments, then ``OIMKIT_*`` variables, then a profile.

A profile is a section of ``profiles.toml`` in the user's configuration folder (``$XDG_CONFIG_HOME/oimkit``)::

    [test]
    url = "https://test.example.com"
    database = "test"
    user = "import"
    secret_command = ["pass", "show", "odoo/test"]

The secret is never an option of a command and need not stand in a file: it comes from ``OIMKIT_SECRET``, the
command that the profile names, the keyring (service ``oimkit``, account ``user@database@url``) where the keyring
package is installed, or a prompt.
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pydantic

from oimkit.errors import ConfigurationError
from oimkit.odoo.secret import Secret

__all__ = ["Settings", "profile_file"]

TransportName = Literal["auto", "jsonrpc", "json2", "xmlrpc"]

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


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a connection needs.

    gap_s  seconds between two calls, or None for what is polite for this server
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
            raise ConfigurationError(
                f"the connection is not complete: {', '.join(missing)} is not set",
                advice="set the variables, or name a profile with OIMKIT_PROFILE",
            )
        address, base, login = str(found["url"]), str(found["database"]), str(found["user"])
        chosen = (
            transport if transport not in (None, "auto") else variables.get("OIMKIT_TRANSPORT") or section.transport
        )
        return cls(
            url=address,
            database=base,
            user=login,
            secret=secret or _find_secret(variables, section, f"{login}@{base}@{address}", ask),
            transport=_transport_name(chosen),
            allow_plain_http=section.allow_plain_http,
            ca_bundle=variables.get("OIMKIT_CA_BUNDLE") or section.ca_bundle,
            proxy=variables.get("OIMKIT_PROXY") or section.proxy,
            gap_s=section.gap_s,
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


def _read_profile(name: str, path: Path) -> _Profile:
    try:
        sections: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"there is no file of profiles for the profile {name!r}", advice=f"write {path}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the file of profiles cannot be read: {path}", advice="check its rights") from error
    except tomllib.TOMLDecodeError:
        raise ConfigurationError(f"the file of profiles is not TOML: {path}", advice="mend it") from None
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


def _transport_name(name: str) -> TransportName:
    for known in ("auto", "jsonrpc", "json2", "xmlrpc"):
        if name == known:
            return known
    raise ConfigurationError("the transport is not known", advice="use auto, jsonrpc, json2 or xmlrpc")


def _find_secret(variables: _Variables, section: _Profile, account: str, ask: Callable[[str], str] | None) -> Secret:
    if variables.get("OIMKIT_SECRET"):
        return Secret(variables.get("OIMKIT_SECRET") or "")
    if section.secret_command:
        return _ask_command(section.secret_command)
    kept = _ask_keyring(account)
    if kept is not None:
        return kept
    if ask is not None:
        return Secret(ask("Password or API key: "))
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


def _ask_keyring(account: str) -> Secret | None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        kept = keyring.get_password("oimkit", account)
    except (keyring.errors.KeyringError, RuntimeError):  # no keyring service runs here
        return None
    return Secret(kept) if kept else None
