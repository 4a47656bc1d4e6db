"""A plan carried out, and its report shown."""

from __future__ import annotations

from collections.abc import Callable

from oimkit.cli.call import Call
from oimkit.cli.connection import open_journal
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.errors import InputError, OdooError
from oimkit.odoo import Journal, Odoo, Report, apply
from oimkit.odoo.apply import act_of

__all__ = ["carry_out", "report_row", "show_report"]


def carry_out(call: Call, output: Output, odoo: Odoo, plan: object) -> Report:
    """Apply *plan* through the journal of *odoo*'s database."""
    with open_journal(call, odoo) as journal:
        odoo = odoo.permitted(act_of(plan))  # asked before anything is said to be written
        output.say(f"writing to database {odoo.database}; the journal is {journal.path}")
        return noting_the_run(journal, output, lambda: apply(plan, odoo, journal))


def noting_the_run(journal: Journal, output: Output, act: Callable[[], Report]) -> Report:
    """What *act* reports; when it fails, a remark names the run that stays open."""
    try:
        return act()
    except (OdooError, InputError):
        for run in journal.open_runs():
            output.complain(f"run {run.id} ({run.kind}) is begun and not finished: oimkit resume goes on with it")
        raise


def report_row(report: Report) -> dict[str, object]:
    """*report* as one JSON object."""
    row: dict[str, object] = {
        "run": report.run,
        "kind": report.kind,
        "created": [{"model": made.model, "id": made.id, "key": made.key} for made in report.created],
        "reused": [{"model": found.model, "id": found.id, "key": found.key} for found in report.reused],
        "updated": list(report.updated),
        "findings": list(report.findings),
    }
    if report.summary:
        row["deleted"] = [{"model": gone.model, "id": gone.id, "key": gone.key} for gone in report.deleted]
        row["summary"] = report.summary
    return row


def show_report(call: Call, output: Output, report: Report) -> Exit:
    """Print *report*; FINDINGS when a person must look at something."""
    if call.json:
        output.record(report_row(report))
    else:
        done = report.summary or (
            f"{len(report.created)} created, {len(report.reused)} were there already, {len(report.updated)} steps done"
        )
        output.line(f"run {report.run} ({report.kind}): {done}")
        for finding in report.findings:
            output.line(f"look at: {finding}", style="yellow")
    return Exit.FINDINGS if report.findings else Exit.DONE
