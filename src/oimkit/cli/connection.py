"""A connection, and the journal that belongs to it, from the options of a call."""

from __future__ import annotations

import sys

import click

from oimkit.cli.call import Call
from oimkit.cli.redaction import printable
from oimkit.errors import BadReply, OutcomeUnknown
from oimkit.odoo import Journal, Odoo, Question, Secret, Settings, connect

__all__ = ["at_terminal", "find_settings", "open_connection", "open_journal", "open_with"]


def open_connection(call: Call) -> Odoo:
    """Log in to the database that *call*, the environment or the profile names; asks for the secret on a terminal."""
    return open_with(call, find_settings(call))


def find_settings(call: Call, *, secret: Secret | None = None) -> Settings:
    """The settings that *call*, the environment and the profile give; the secret is asked for on a terminal.

    secret  taken in place of what would be found
    """
    return Settings.find(
        url=call.url,
        database=call.database,
        user=call.user,
        secret=secret,
        transport=call.transport,
        profile=call.profile,
        ask=_ask if at_terminal() else None,
    )


def open_with(call: Call, settings: Settings) -> Odoo:
    """Log in with *settings*; what changes something on a production target asks on a terminal, or takes --yes."""
    try:
        return connect(
            settings.url,
            database=settings.database,
            user=settings.user,
            secret=settings.secret,
            transport=settings.transport,
            profile=call.profile,
            confirm=_allow if call.yes else _confirm if at_terminal() else _refuse,
        )
    except OutcomeUnknown as error:  # logging in changes nothing, so there is nothing to settle
        raise BadReply(error.reason, advice=error.advice) from None


def open_journal(call: Call, odoo: Odoo) -> Journal:
    """The journal of the database that *odoo* is connected to; JournalHeld when another process writes through it."""
    return Journal.open(call.journal_dir, odoo.server_key)


def at_terminal() -> bool:
    """True when a person can be asked."""
    return sys.stdin.isatty()


def _allow(question: Question) -> bool:
    """Yes: the person, or the program, said so with --yes."""
    del question
    return True


def _refuse(question: Question) -> bool:
    raise question.unanswered("answer the question on a terminal, or pass --yes")


def _confirm(question: Question) -> bool:
    return click.confirm(printable(str(question)), default=False, err=True)


def _ask(prompt: str) -> str:
    answer = click.prompt(prompt.rstrip(": "), hide_input=True, err=True)
    return str(answer)
