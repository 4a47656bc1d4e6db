"""``oimkit undo``: what a run has created or settled is taken back."""

from __future__ import annotations

import click

import oimkit.odoo.adapters  # noqa: F401  importing it makes every kind of plan known
from oimkit.cli.applying import noting_the_run, show_report
from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call, yes_option
from oimkit.cli.connection import open_connection, open_journal
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.odoo import Journal, Odoo, Report
from oimkit.odoo.banking import has_own_undo, plan_undo, undo
from oimkit.odoo.undoing import not_taken_back, plan_records_undo, undo_records

__all__ = ["command"]


@click.command("undo")
@click.argument("run")
@click.option("--dry-run", is_flag=True, help="Show what would be taken back; write nothing.")
@click.option("--even-changed", is_flag=True, help="Delete also records that were changed since the run made them.")
@journal_option
@yes_option
@connection_options
@common_options
@with_call
def command(call: Call, output: Output, run: str, dry_run: bool, even_changed: bool) -> Exit:
    """Take back what RUN has done: records that it made are deleted, a reconciliation's matches are undone.

    `oimkit resume --list` shows the runs. What is posted, was changed since, or is refused by the server stays and is
    told with its reason. An import whose entries were settled since is refused: undo that run first.
    """
    odoo = open_connection(call)
    with open_journal(call, odoo) as journal:
        if not dry_run:
            return show_report(
                call,
                output,
                noting_the_run(journal, output, lambda: _undo(odoo, journal, run, even_changed=even_changed)),
            )
        if has_own_undo(journal.run(run).kind):
            return _show_bank_plan(call, output, odoo, journal, run)
        return _show_records_plan(call, output, odoo, journal, run, even_changed=even_changed)


def _undo(odoo: Odoo, journal: Journal, run: str, *, even_changed: bool) -> Report:
    if has_own_undo(journal.run(run).kind):
        return undo(odoo, journal, run)
    return undo_records(odoo, journal, run, even_changed=even_changed)


def _show_bank_plan(call: Call, output: Output, odoo: Odoo, journal: Journal, run: str) -> Exit:
    plan = plan_undo(odoo, journal, run)
    counts = {"statements": len(plan.statements), "entries": len(plan.lines), "settlements": len(plan.unsettle)}
    if call.json:
        output.record({"run": run, "dry_run": True, **counts})
    else:
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing"
        output.line(f"run {run}: {told} would be taken back; nothing was written")
    return Exit.DONE


def _show_records_plan(
    call: Call, output: Output, odoo: Odoo, journal: Journal, run: str, *, even_changed: bool
) -> Exit:
    plan = plan_records_undo(odoo, journal, run, even_changed=even_changed)
    stays = not_taken_back(journal, run)
    if call.json:
        records = [{"model": one.model, "id": one.id, "key": one.key} for one in plan.records]
        kept = [{"model": one.model, "id": one.id, "key": one.key, "reason": one.reason} for one in plan.kept]
        findings = {"kept": kept, "steps": plan.steps, "findings": list(stays)}
        output.record({"run": run, "dry_run": True, "records": records, **findings})
    else:
        number = len(plan.records)
        told = (
            f"at most {number} records would be deleted (the server may refuse some)" if number else "nothing to delete"
        )
        output.line(f"run {run}: {told}; nothing was written")
        for one in (*plan.kept, *stays):
            output.line(f"look at: {one}", style="yellow")
    return Exit.FINDINGS if plan.kept or stays else Exit.DONE
