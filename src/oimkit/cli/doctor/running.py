"""The sub-command ``doctor``: from the address to the rights, each finding with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call
from oimkit.cli.connection import find_settings, open_journal, open_with
from oimkit.cli.doctor.check import Check, Verdict
from oimkit.cli.doctor.reaching import log_in, reach
from oimkit.cli.doctor.rights import rights
from oimkit.cli.doctor.surroundings import surroundings
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.errors import ConfigurationError, JournalHeld, OdooError
from oimkit.odoo import Odoo, Secret, Settings

__all__ = ["command"]


@click.command("doctor")
@journal_option
@connection_options
@common_options
@with_call
def command(call: Call, output: Output) -> Exit:
    """Tell what the server is, what it allows this user, and what is missing; nothing is changed there.

    Status 1 when a person should look at something, 2 when the address is none, 3 when the server was not
    reached or let nobody in.
    """
    settings, no_secret = _settings(call)
    found: list[Check] = []
    for check in _checks(call, settings, no_secret):
        found.append(check)
        if call.json:
            row = {"check": check.name, "verdict": check.verdict.value, "text": check.text}
            output.record({**row, "advice": check.advice or None})
    if not call.json:
        rows = [(check.name, check.verdict.value, check.text, check.advice) for check in found]
        output.table(("check", "verdict", "found", "what to do"), rows)
    if not any(check.name == "login" and check.verdict is Verdict.OK for check in found):
        status = _stopped(found[-1], output)
        return Exit.REFUSED if no_secret is not None and found[-1].name == "login" else status
    return Exit.FINDINGS if any(check.verdict.is_finding for check in found) else Exit.DONE


def _stopped(last: Check, output: Output) -> Exit:
    """Say in one sentence, as every command does, why nobody got in."""
    output.complain(f"{last.text}; {last.advice}" if last.advice else last.text)
    return Exit.REFUSED if last.name == "address" else Exit.SERVER


def _settings(call: Call) -> tuple[Settings, ConfigurationError | None]:
    """The settings, and why there is no secret among them: the way can be walked up to the login without one."""
    try:
        return find_settings(call), None
    except ConfigurationError as error:
        missing = error
    return find_settings(call, secret=_NONE), missing


_NONE = Secret("not known")
"""Stands where a secret would, and is never sent."""


def _checks(call: Call, settings: Settings, no_secret: ConfigurationError | None) -> Iterator[Check]:
    """Everything that is looked at, in the order in which a person would ask; ends where nothing more can be asked."""
    way = reach(settings)
    yield from way.checks()
    if way.version is None:
        return
    if no_secret is not None:
        yield Check("login", Verdict.MISSING, no_secret.reason, no_secret.advice)
        return
    odoo, login = log_in(settings, lambda: open_with(call, settings))
    yield login
    if odoo is None:
        return
    yield from _until_refused("the login", surroundings(odoo, settings, datetime.now(UTC)))
    yield from _until_refused("the rights", rights(odoo))
    yield _journal(call, odoo)


def _until_refused(what: str, checks: Iterator[Check]) -> Iterator[Check]:
    """*checks*, and in place of an error what it says: what was found until then is shown all the same."""
    try:
        yield from checks
    except OdooError as error:
        yield Check(f"rest of {what}", Verdict.MISSING, f"could not be looked at: {error.reason}", error.advice)


def _journal(call: Call, odoo: Odoo) -> Check:
    """The journal on this machine: free, and nothing begun in it waits to be finished."""
    try:
        with open_journal(call, odoo) as journal:
            waiting = len(journal.open_runs())
    except JournalHeld as error:
        return Check("journal here", Verdict.MISSING, error.reason, error.advice)
    if waiting:
        return Check(
            "journal here", Verdict.MISSING, f"{waiting} runs were begun and not finished", "type: oimkit resume"
        )
    return Check("journal here", Verdict.OK, "free, nothing is waiting")
