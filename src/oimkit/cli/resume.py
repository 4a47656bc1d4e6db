"""``oimkit resume``: settles unknown outcomes and finishes what was begun."""

from __future__ import annotations

import click

import oimkit.odoo.adapters  # noqa: F401  importing it makes every kind of plan known
from oimkit.cli.applying import show_report
from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call, yes_option
from oimkit.cli.connection import open_connection, open_journal
from oimkit.cli.exits import Exit, highest
from oimkit.cli.output import Output
from oimkit.odoo import Journal, resume

__all__ = ["command"]


@click.command("resume")
@click.option("--list", "listed", is_flag=True, help="Only list the runs in the journal, the oldest first.")
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="Wait here so long for the server to have ended what it may still be at work on.",
)
@journal_option
@yes_option
@connection_options
@common_options
@with_call
def command(call: Call, output: Output, listed: bool, wait: int) -> Exit:
    """Settle unknown outcomes by asking for their keys, and finish every begun run from its stored plan."""
    odoo = open_connection(call)
    with open_journal(call, odoo) as journal:
        if listed:
            return _list(call, output, journal)
        if not journal.open_runs():
            output.say("nothing was begun and left unfinished")
            return Exit.DONE
        reports = resume(odoo, journal, patience_s=wait)
    return highest([show_report(call, output, report) for report in reports])


def _list(call: Call, output: Output, journal: Journal) -> Exit:
    runs = journal.runs()
    rows = [(run.id, run.kind, run.state.value, run.started.isoformat(timespec="seconds")) for run in runs]
    if call.json:
        for row in rows:
            output.record(dict(zip(("run", "kind", "state", "started"), row, strict=True)))
    else:
        output.table(("run", "kind", "state", "started"), rows)
    return Exit.DONE
