"""``oimkit undo``: what a run has created or settled is taken back."""

from __future__ import annotations

import click

import oimkit.odoo.adapters  # noqa: F401  importing it makes every kind of plan known
from oimkit.cli.applying import noting_the_run, show_report
from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call, yes_option
from oimkit.cli.connection import open_connection, open_journal
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.odoo.banking import plan_undo, undo

__all__ = ["command"]


@click.command("undo")
@click.argument("run")
@click.option("--dry-run", is_flag=True, help="Show what would be taken back; write nothing.")
@journal_option
@yes_option
@connection_options
@common_options
@with_call
def command(call: Call, output: Output, run: str, dry_run: bool) -> Exit:
    """Take back what RUN has done: an import's entries are deleted, a reconciliation's matches are undone.

    `oimkit resume --list` shows the runs. An import whose entries were settled since is refused: undo that run first.
    """
    odoo = open_connection(call)
    with open_journal(call, odoo) as journal:
        if not dry_run:
            return show_report(call, output, noting_the_run(journal, output, lambda: undo(odoo, journal, run)))
        plan = plan_undo(odoo, journal, run)
    counts = {"statements": len(plan.statements), "entries": len(plan.lines), "settlements": len(plan.unsettle)}
    if call.json:
        output.record({"run": run, "dry_run": True, **counts})
    else:
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing"
        output.line(f"run {run}: {told} would be taken back; nothing was written")
    return Exit.DONE
