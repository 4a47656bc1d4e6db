"""``oimkit key``: the user's API keys shown, replaced and revoked."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from oimkit.cli.call import Call, common_options, connection_options, with_call
from oimkit.cli.connection import at_terminal, find_settings, open_connection, open_with
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.errors import ConfigurationError
from oimkit.odoo import Odoo, Secret, Settings
from oimkit.odoo.api_keys import USUAL_DAYS, WARN_DAYS, ApiKey, Stage, expiring, list_keys, revoke, rotate
from oimkit.odoo.journal import journal_directory
from oimkit.odoo.settings import SecretSource, keep_in_keyring

__all__ = ["command"]


@click.group("key")
@common_options
def command() -> None:
    """The user's API keys: when they end, a new one in place of the old, one revoked."""


@command.command("show")
@click.option(
    "--days",
    type=click.IntRange(0, 3650),
    default=WARN_DAYS,
    show_default=True,
    help="A key that ends within so many days is a finding.",
)
@connection_options
@common_options
@with_call
def show(call: Call, output: Output, days: int) -> Exit:
    """List the user's API keys; status 1 when one ends soon, or when a rotation was begun and not finished."""
    odoo = open_connection(call)
    keys = list_keys(odoo)
    soon = {key.id for key in expiring(keys, datetime.now(UTC), within_days=days)}
    left = _Begun.read(odoo)
    for key in keys:
        if call.json:
            output.record(_row(key, ends_soon=key.id in soon))
    if not call.json:
        rows = [(str(key.id), key.name, key.scope or "all", _day(key.created), _end(key)) for key in keys]
        output.table(("id", "name", "scope", "made", "ends"), rows)
        for key in keys:
            if key.id in soon:
                output.line(f"look at: key {key.id} ends on {_day(key.expires)}: oimkit key rotate", style="yellow")
    if left is not None:
        output.complain(left.told)
    return Exit.FINDINGS if soon or left else Exit.DONE


@command.command("rotate")
@click.option("--name", help="The new key's name in the preferences; default: oimkit and the day.")
@click.option("--days", type=click.IntRange(1, 3650), default=USUAL_DAYS, show_default=True, help="How long it lives.")
@click.option("--old", "old_id", type=int, metavar="ID", help="Which key is replaced, where the user has several.")
@click.option(
    "--keep",
    type=click.Choice(["keyring", "terminal"]),
    help="Where the new key goes: into the keyring, or once onto standard output. "
    "Default: the keyring, when the present key came from there.",
)
@connection_options
@common_options
@with_call
def rotate_(call: Call, output: Output, name: str | None, days: int, old_id: int | None, keep: str | None) -> Exit:
    """Make a new key, try it, keep it, revoke the old one; when anything fails, a key that is known still works."""
    settings = find_settings(call)
    place = keep or ("keyring" if settings.secret_source is SecretSource.KEYRING else None)
    if place is None:
        raise ConfigurationError(
            f"the present secret came from {settings.secret_source.value}, where a command cannot put the new one",
            advice="say where it goes: --keep keyring or --keep terminal",
        )
    odoo = open_with(call, settings)
    now = datetime.now(UTC)
    begun = _Begun(odoo.url, odoo.database, odoo.uid, name or f"oimkit {now:%Y-%m-%d %H:%M}")
    left = _Begun.read(odoo)
    if left is not None:
        output.complain(left.told)
    done = rotate(
        odoo,
        settings.secret,
        name=begun.name,
        now=now,
        days=days,
        keep=lambda secret: _keep(output, call, settings, secret, place),
        reconnect=lambda secret: open_with(call, settings.with_secret(secret)),
        password=_ask_password if at_terminal() else None,
        old_id=old_id,
        on_stage=begun.note,
    )
    if done.revoked or not settings.secret.looks_like_key:
        begun.forget()
    end = _end(done.new) if done.new else "never told"
    output.say(f"the new key {done.new.id if done.new else ''} works until {end}; kept in: {place}")
    if done.finding:
        output.complain(done.finding)
    else:
        output.say("the old key is revoked")
    if settings.secret_source not in (SecretSource.KEYRING, SecretSource.PROMPT) and place == "keyring":
        output.say(f"take the old key out of {settings.secret_source.value}, or it will be tried first")
    return Exit.FINDINGS if done.finding else Exit.DONE


@command.command("revoke")
@click.argument("key_id", metavar="ID", type=int)
@connection_options
@common_options
@with_call
def revoke_(call: Call, output: Output, key_id: int) -> Exit:
    """Revoke the key ID of this user; the server asks for the account's password."""
    odoo = open_connection(call)
    revoke(odoo, key_id, _ask_password if at_terminal() else None)
    left = _Begun.read(odoo)
    if left is not None:
        left.forget()
    output.say(f"key {key_id} is revoked")
    return Exit.DONE


def _row(key: ApiKey, *, ends_soon: bool) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scope": key.scope,
        "made": key.created.isoformat() if key.created else None,
        "ends": key.expires.isoformat() if key.expires else None,
        "ends_soon": ends_soon,
    }


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def _end(key: ApiKey) -> str:
    if not key.has_end:
        return "never (this version knows no end)"
    return _day(key.expires) or "never"


def _keep(output: Output, call: Call, settings: Settings, secret: Secret, place: str) -> None:
    """Put the new key where the person said; on standard output it must have left this process before it counts."""
    if place == "keyring":
        keep_in_keyring(settings.account, secret)
        return
    if call.json:
        output.record({"key": secret.reveal()})
    else:
        output.raw(secret.reveal())
    output.flush()


def _ask_password() -> Secret:
    return Secret(str(click.prompt("The account's password (Odoo checks who asks)", hide_input=True, err=True)))


@dataclass(frozen=True, slots=True)
class _Begun:
    """A rotation that was begun, written down so that a crash leaves word; it holds no key.

    stage   how far it had come
    key_id  the new key's id, where the server has shown it
    """

    url: str
    database: str
    uid: int
    name: str
    stage: str = Stage.BEGUN.value
    key_id: int | None = None

    @classmethod
    def read(cls, odoo: Odoo) -> _Begun | None:
        path = _path(odoo.url, odoo.database, odoo.uid)
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            return cls(odoo.url, odoo.database, odoo.uid, str(told["name"]), str(told["stage"]), told["key_id"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            return cls(odoo.url, odoo.database, odoo.uid, "oimkit ...", "at a stage that cannot be read")

    def note(self, stage: Stage, key_id: int | None) -> None:
        """Write down how far it has come, before anything goes on."""
        path = _path(self.url, self.database, self.uid)
        if stage in (Stage.DONE, Stage.UNDONE):
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps({"name": self.name, "stage": stage.value, "key_id": key_id})
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())

    def forget(self) -> None:
        _path(self.url, self.database, self.uid).unlink(missing_ok=True)

    @property
    def told(self) -> str:
        """What the stopped rotation has left, and how to finish."""
        number = self.key_id or "of that name"
        match self.stage:
            case Stage.KEPT.value:
                state = "the new key works and is kept, the old one works too: revoke the old one"
            case Stage.MADE.value:
                state = f"the old key works; the new key {number} was perhaps kept: if not, revoke it"
            case _:
                state = f"the old key works; if there is a new key {number}, nobody has it: revoke it"
        return f"a rotation (new key named {self.name}) was stopped: {state} with oimkit key revoke ID"


def _path(url: str, database: str, uid: int) -> Path:
    """The file of this user's rotation in the state folder."""
    place = hashlib.sha256(f"{url}\n{database}\n{uid}".encode()).hexdigest()[:24]
    return journal_directory() / f"rotation-{place}.json"
