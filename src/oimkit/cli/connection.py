"""A connection, and the journal that belongs to it, from the options of a call."""

from __future__ import annotations

import sys

import click

from oimkit.cli.call import Call
from oimkit.errors import BadReply, OutcomeUnknown
from oimkit.odoo import Journal, Odoo, Settings, connect

__all__ = ["open_connection", "open_journal"]


def open_connection(call: Call) -> Odoo:
    """Log in to the database that *call*, the environment or the profile names; asks for the secret on a terminal."""
    settings = Settings.find(
        url=call.url,
        database=call.database,
        user=call.user,
        transport=call.transport,
        profile=call.profile,
        ask=_ask if sys.stdin.isatty() else None,
    )
    try:
        return connect(
            settings.url,
            database=settings.database,
            user=settings.user,
            secret=settings.secret,
            transport=settings.transport,
            profile=call.profile,
        )
    except OutcomeUnknown as error:  # logging in changes nothing, so there is nothing to settle
        raise BadReply(error.reason, advice=error.advice) from None


def open_journal(call: Call, odoo: Odoo) -> Journal:
    """The journal of the database that *odoo* is connected to; JournalHeld when another process writes through it."""
    return Journal.open(call.journal_dir, odoo.server_key)


def _ask(prompt: str) -> str:
    answer = click.prompt(prompt.rstrip(": "), hide_input=True, err=True)
    return str(answer)
