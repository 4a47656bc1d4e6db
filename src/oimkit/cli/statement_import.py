"""``oimkit statement import``: the entries of statement files into bank journals of Odoo, each once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import click

from oimkit.banking import Statement, join_pages, read_statements
from oimkit.banking.csv_profiles.model import Profile
from oimkit.banking.importing import ImportPlan, all_keys, plan_import
from oimkit.banking.limits import LIMITS
from oimkit.cli.applying import carry_out, report_row, show_report
from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call, yes_option
from oimkit.cli.connection import open_connection
from oimkit.cli.exits import Exit, highest
from oimkit.cli.files import read_bytes
from oimkit.cli.output import Output
from oimkit.cli.refusals import refuse_file
from oimkit.cli.statement_csv import csv_profile_option, profile_in
from oimkit.errors import InputError
from oimkit.odoo import Odoo
from oimkit.odoo.banking import known_keys, read_journal

__all__ = ["import_"]


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "format_", metavar="FORMAT", help="Read as this format instead of recognising it by content.")
@csv_profile_option
@click.option("--journal", "code", metavar="CODE", help="Bank journal; found by the account number when not named.")
@click.option("--per", type=click.Choice(["entry", "detail"]), default="entry", show_default=True)
@click.option("--dry-run", is_flag=True, help="Show what would be created and what to look at; write nothing.")
@click.option("--accept-unbalanced", is_flag=True, help="Take statements whose balances and entries disagree.")
@journal_option
@yes_option
@connection_options
@common_options
@with_call
def import_(
    call: Call,
    output: Output,
    files: tuple[str, ...],
    format_: str | None,
    csv_profile: str | None,
    code: str | None,
    per: str,
    dry_run: bool,
    accept_unbalanced: bool,
) -> Exit:
    """Import statement files into their bank journals; an entry that is there already is not imported again.

    Nothing is written when one of the files is refused. Gaps and overlaps with the journal's last balance are
    shown before anything is written (status 1). `oimkit undo RUN` takes a run back.
    """
    statements = _read_all(call, output, files, format_, profile_in(csv_profile, format_), accept_unbalanced)
    if statements is None:
        return Exit.REFUSED
    odoo = open_connection(call)
    plans = [
        _plan(odoo, group, code, cast("Literal['entry', 'detail']", per), accept_unbalanced)
        for group in _by_account(statements)
    ]
    return highest([_import(call, output, odoo, plan, dry_run) for plan in plans])


def _read_all(
    call: Call,
    output: Output,
    files: Sequence[str],
    format_: str | None,
    profile: Profile | None,
    accept_unbalanced: bool,
) -> tuple[Statement, ...] | None:
    """The statements of all files, pages joined; None when a file was refused, each refusal being told."""
    found: list[Statement] = []
    refused = False
    for name in files:
        try:
            data = read_bytes(name, limit_bytes=LIMITS.bytes)
            mode: Literal["report", "refuse"] = "report" if accept_unbalanced else "refuse"
            found.extend(read_statements(data, format=format_, profile=profile, unbalanced=mode))
        except InputError as error:
            refuse_file(call, output, name, error)
            refused = True
    return None if refused else join_pages(found)


def _by_account(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Statements of one account and currency together, in the order in which the accounts first appear."""
    groups: dict[tuple[str | None, str], list[Statement]] = {}
    for statement in statements:
        groups.setdefault((statement.account, statement.currency.code), []).append(statement)
    return list(groups.values())


def _plan(
    odoo: Odoo,
    statements: Sequence[Statement],
    code: str | None,
    per: Literal["entry", "detail"],
    accept_unbalanced: bool,
) -> ImportPlan:
    account = statements[0].account
    if code is None and account is None:
        raise InputError("the statement names no account", advice="name the bank journal with --journal")
    journal = read_journal(odoo, code=code, account=None if code else account)
    known = known_keys(odoo, all_keys(statements), journal_id=journal.id)
    return plan_import(statements, journal, known=known, per=per, accept_unbalanced=accept_unbalanced)


def _import(call: Call, output: Output, odoo: Odoo, plan: ImportPlan, dry_run: bool) -> Exit:
    """Show *plan* with its findings, then carry it out unless *dry_run*."""
    row: dict[str, object] = {
        "journal": plan.journal_code,
        "new": len(plan.entries),
        "known": plan.known,
        "pending": plan.pending,
        "findings": [
            {"code": finding.code, "reason": finding.reason, "line": finding.line} for finding in plan.findings
        ],
    }
    status = Exit.FINDINGS if plan.findings else Exit.DONE
    if not call.json:
        _show(output, plan)
    if dry_run or plan.is_empty:
        if call.json:
            output.record(
                {**row, "dry_run": dry_run, "entries": [_entry_row(plan, index) for index in range(len(plan.entries))]}
            )
        else:
            output.line("dry run: nothing was written" if dry_run else "nothing is new: nothing was written")
        return status
    report = carry_out(call, output, odoo, plan)
    if call.json:
        output.record({**row, "dry_run": False, **report_row(report), "findings": row["findings"]})
        return highest([status, Exit.FINDINGS if report.findings else Exit.DONE])
    return highest([status, show_report(call, output, report)])


def _entry_row(plan: ImportPlan, index: int) -> dict[str, object]:
    entry = plan.entries[index]
    return {
        "key": entry.key,
        "date": entry.day.isoformat(),
        "amount": entry.amount.text,
        "currency": entry.amount.currency.code,
        "reference": entry.reference,
    }


def _show(output: Output, plan: ImportPlan) -> None:
    output.heading(
        f"journal {plan.journal_code}: {len(plan.entries)} new entries, {plan.known} there already, "
        f"{plan.pending} not booked yet"
    )
    shown = [
        (entry.day.isoformat(), entry.amount.text, entry.partner_name or "", entry.label[:80]) for entry in plan.entries
    ]
    if shown:
        output.table(("day", "amount", "counterparty", "text"), shown, right=("amount",))
    for finding in plan.findings:
        output.line(f"look at: {finding.reason} ({finding.code})", style="yellow")
