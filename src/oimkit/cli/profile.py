"""``oimkit profile``: the connections that were written down, and a new one."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import click

from oimkit.cli.call import Call, common_options, connection_options, with_call
from oimkit.cli.connection import at_terminal
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.errors import ConfigurationError
from oimkit.odoo import Secret
from oimkit.odoo.settings import Settings, keep_in_keyring, profile_file, profile_names, read_profile

__all__ = ["command"]


@click.group("profile")
@common_options
def command() -> None:
    """Connections by name, in profiles.toml of the configuration folder; no secret stands there."""


@command.command("list")
@common_options
@with_call
def list_(call: Call, output: Output) -> Exit:
    """List the profiles; the one in OIMKIT_PROFILE is marked."""
    path = profile_file(os.environ)
    rows = [(name, read_profile(name, path)) for name in profile_names(path)]
    for name, values in rows:
        if call.json:
            output.record({"profile": name, **values})
    if not call.json and rows:
        keys = ("url", "database", "user")
        chosen = os.environ.get("OIMKIT_PROFILE")
        output.table(
            ("profile", *keys, "production"),
            [
                (
                    f"{name} *" if name == chosen else name,
                    *(str(values.get(key, "")) for key in keys),
                    {True: "yes", False: "no"}.get(values.get("production"), ""),  # type: ignore[call-overload]
                )
                for name, values in rows
            ],
        )
    if not rows:
        output.say(f"there is no profile in {path}; oimkit profile add NAME --url U --database D --user U makes one")
    return Exit.DONE


@command.command("show")
@click.argument("name")
@common_options
@with_call
def show(call: Call, output: Output, name: str) -> Exit:
    """Show what the profile NAME says."""
    values = read_profile(name, profile_file(os.environ))
    if call.json:
        output.record({"profile": name, **values})
    else:
        output.raw(_section(name, values))
    return Exit.DONE


@command.command("add")
@click.argument("name")
@click.option("--production/--no-production", default=None, help="Whether changes need a yes.")
@click.option("--company", help="The company to work in, by id or exact name.")
@click.option("--language", help="Language of translated texts, such as de_DE.")
@click.option("--keep-secret", is_flag=True, help="Ask for the secret and put it into the keyring.")
@connection_options
@common_options
@with_call
def add(
    call: Call,
    output: Output,
    name: str,
    production: bool | None,
    company: str | None,
    language: str | None,
    keep_secret: bool,
) -> Exit:
    """Write the profile NAME; nothing is asked of the server, `oimkit doctor --profile NAME` does that."""
    path = profile_file(os.environ)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise ConfigurationError("the name of a profile is letters, digits, hyphens and underscores")
    if name in profile_names(path):
        raise ConfigurationError(
            f"there is a profile {name!r} already in {path}", advice="edit it there, or choose another name"
        )
    given = {
        "url": call.url,
        "database": call.database,
        "user": call.user,
        "transport": call.transport,
        "production": production,
        "company": int(company) if company is not None and company.isascii() and company.isdigit() else company,
        "language": language,
    }
    values = {key: value for key, value in given.items() if value is not None}
    missing = [f"--{key}" for key in ("url", "database", "user") if key not in values]
    if missing:
        raise ConfigurationError(f"the profile is not complete: {', '.join(missing)} is not given", advice="give it")
    _append(path, name, values)
    output.say(f"profile {name} is in {path}; try it: oimkit doctor --profile {name}")
    if keep_secret:
        if not at_terminal():
            raise ConfigurationError("nobody can be asked for the secret", advice="run the command on a terminal")
        secret = Secret(str(click.prompt("Password or API key", hide_input=True, err=True)))
        keep_in_keyring(Settings.account_of(str(call.user), str(call.database), str(call.url)), secret)
        output.say("the secret is in the keyring")
    return Exit.DONE


def _append(path: Path, name: str, values: Mapping[str, object]) -> None:
    """Put the section behind what stands in the file, which is left as a person wrote it."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text = f"{before.rstrip()}\n\n{_section(name, values)}" if before.strip() else _section(name, values)
    tomllib.loads(text)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    try:
        read_profile(name, draft)
    except ConfigurationError:
        draft.unlink()
        raise
    draft.replace(path)


def _section(name: str, values: Mapping[str, object]) -> str:
    """The profile as TOML; JSON writes texts, numbers and lists of texts as TOML reads them."""
    lines = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
    return f"[{name}]\n{lines}"
