"""``oimkit production``: what is remembered of which databases people work with, and how it is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

import click

from oimkit.cli.call import Call, common_options, with_call, yes_option
from oimkit.cli.connection import at_terminal
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.cli.redaction import printable
from oimkit.errors import ConfigurationError, InputError
from oimkit.odoo.production import Targets, place_of

__all__ = ["command"]


@click.group("production")
@common_options
def command() -> None:
    """The databases that were declared production, or not production, on this machine; nothing is asked of a server."""


@command.command("list")
@common_options
@with_call
def list_(call: Call, output: Output) -> Exit:
    """List what is remembered: address, database, UUID, and what it was declared to be."""
    targets = Targets.default()
    known = targets.read()
    if call.json:
        for one in known:
            output.record(
                {"address": one.place, "database": one.database, "uuid": one.uuid, "production": one.production}
            )
        return Exit.DONE
    if known:
        rows = [(one.place, one.database, one.uuid or "", "yes" if one.production else "no") for one in known]
        output.table(("address", "database", "UUID", "production"), rows)
    else:
        output.say(f"nothing is remembered in {targets.path}")
    return Exit.DONE


@command.command("forget")
@click.argument("address")
@click.argument("database")
@yes_option
@common_options
@with_call
def forget(call: Call, output: Output, address: str, database: str) -> Exit:
    """Forget what DATABASE at ADDRESS was declared to be; asks on a terminal, or takes --yes."""
    targets = Targets.default()
    known = targets.read()
    place = _place(address, [one.place for one in known])
    if not any(one.is_at(place, database) for one in known):
        raise InputError(
            f"nothing is remembered of the database {database} at {place}",
            advice="oimkit production list shows what is",
        )
    question = f"Forget what the database {database} at {place} was declared to be? Nothing asks there from then on."
    if not call.yes and not (at_terminal() and click.confirm(printable(question), default=False, err=True)):
        raise ConfigurationError(
            "nobody has allowed to forget it", advice="answer the question on a terminal, or pass --yes"
        )
    targets.forget(place, database)
    output.say(f"what the database {database} at {place} was declared to be is forgotten")
    return Exit.DONE


def _place(address: str, known: Sequence[str]) -> str:
    """The place that *address* means: one of the *known* as listed, or that of a URL."""
    if address in known:
        return address
    try:
        return place_of(address if "://" in address else f"https://{address}")
    except ValueError:  # no address at all: nothing is remembered of it
        return address
