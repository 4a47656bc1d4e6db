"""``oimkit reconcile``: bank entries settled against open items in Odoo, and what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from oimkit.banking import Entry, OpenItem, Terms, match
from oimkit.banking.journals import JournalState
from oimkit.banking.settlement import SettlementPlan, plan_settlement
from oimkit.cli.applying import carry_out, report_row, show_report
from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call, yes_option
from oimkit.cli.connection import open_connection
from oimkit.cli.exits import Exit, highest
from oimkit.cli.files import read_bytes, read_text, write_bytes, write_text
from oimkit.cli.output import Output
from oimkit.cli.review_choices import Choice, with_choices
from oimkit.cli.review_file import read_choices, review_text
from oimkit.cli.review_page import review_page
from oimkit.cli.review_sheet import read_workbook, review_workbook
from oimkit.odoo import Odoo
from oimkit.odoo.banking import read_journal, read_open_items, read_unsettled, unfinished

__all__ = ["command"]


@click.command("reconcile")
@click.option("--journal", "code", required=True, metavar="CODE", help="The bank journal whose entries are settled.")
@click.option("--dry-run", is_flag=True, help="Show what would be settled and what waits; write nothing.")
@click.option(
    "--review-out",
    "reviews_out",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what waits to this file: .xlsx a spreadsheet, .html a page, else JSON lines. May be given again.",
)
@click.option("--review-in", metavar="FILE", help="Apply the choices that a person made in such a file.")
@journal_option
@yes_option
@connection_options
@common_options
@with_call
def command(
    call: Call, output: Output, code: str, dry_run: bool, reviews_out: tuple[Path, ...], review_in: str | None
) -> Exit:
    """Settle the entries of a bank journal that match open items exactly, and show what waits for a person and why.

    In the spreadsheet of --review-out a person writes the number of a suggestion, or ids such as #17 + #18, into the
    column "choice", in JSON lines a list of item ids; --review-in applies that, if it settles the entry to the cent.
    """
    choices = None if review_in is None else _choices(review_in)
    odoo = open_connection(call)
    journal = read_journal(odoo, code=code)
    entries = _waiting(odoo, journal)
    items = read_open_items(odoo, company_id=journal.company_id)
    terms = Terms.of(own_accounts=[journal.account] if journal.account else [])
    plan = plan_settlement(match(entries, items, terms=terms), entries, items)
    if choices is not None:
        plan = with_choices(choices, plan, entries, items)
    for path in reviews_out:
        _write_review(path, plan, entries, items, journal=code)
    if not call.json:
        _show(output, plan, entries, items)
    waiting = Exit.FINDINGS if plan.review else Exit.DONE
    if dry_run or not plan.settlements:
        if call.json:
            output.record({**_row(plan), "journal": code, "dry_run": dry_run})
        else:
            output.line("dry run: nothing was written" if dry_run else "nothing can be settled: nothing was written")
        return waiting
    report = carry_out(call, output, odoo, plan)
    if call.json:
        output.record({**_row(plan), "journal": code, "dry_run": False, **report_row(report)})
        return highest([waiting, Exit.FINDINGS if report.findings else Exit.DONE])
    return highest([waiting, show_report(call, output, report)])


def _choices(name: str) -> list[Choice]:
    """What a person chose in a file of --review-out."""
    if name.lower().endswith(".xlsx"):
        return list(read_workbook(read_bytes(name, limit_bytes=_LARGEST_WORKBOOK)))
    return list(read_choices(read_text(name, what="the review file")))


_LARGEST_WORKBOOK = 32 * 1024 * 1024


def _write_review(
    path: Path, plan: SettlementPlan, entries: Sequence[Entry], items: Sequence[OpenItem], *, journal: str
) -> None:
    """What waits, in the form that the name of the file asks for."""
    match path.suffix.lower():
        case ".xlsx":
            write_bytes(path, review_workbook(plan, entries, items))
        case ".html":
            write_text(path, review_page(plan, entries, items, journal=journal))
        case _:
            write_text(path, review_text(plan, entries, items))


def _waiting(odoo: Odoo, journal: JournalState) -> tuple[Entry, ...]:
    """Entries that settle nothing yet, those included that a crash left between the two calls of a settlement."""
    found = {entry.id: entry for entry in (*read_unsettled(odoo, journal), *unfinished(odoo, journal))}
    return tuple(sorted(found.values(), key=lambda entry: int(entry.id or 0)))


def _row(plan: SettlementPlan) -> dict[str, object]:
    return {
        "settlements": [
            {
                "entry": one.entry_id,
                "amount": one.amount.text,
                "currency": one.amount.currency.code,
                "items": [{"id": item.item_id, "amount": item.amount.text} for item in one.items],
                "reasons": [{"code": reason.code, "detail": reason.detail} for reason in one.reasons],
            }
            for one in plan.settlements
        ],
        "review": [
            {
                "entry": one.entry_id,
                "amount": one.amount.text,
                "currency": one.amount.currency.code,
                "reasons": [{"code": reason.code, "detail": reason.detail} for reason in one.reasons],
                "suggestions": [list(suggestion.item_ids) for suggestion in one.suggestions],
            }
            for one in plan.review
        ],
    }


def _show(output: Output, plan: SettlementPlan, entries: Sequence[Entry], open_items: Sequence[OpenItem]) -> None:
    by_id = {entry.id: entry for entry in entries}
    documents = {item.id: item.document_number or item.id for item in open_items}
    if plan.settlements:
        rows = [
            (
                *_entry_cells(by_id, one.entry_id),
                ", ".join(documents[item.item_id] for item in one.items),
                ", ".join(reason.code for reason in one.reasons),
            )
            for one in plan.settlements
        ]
        output.table(("day", "amount", "counterparty", "settles", "because"), rows, right=("amount",), title="Settled")
    if plan.review:
        rows = [
            (
                *_entry_cells(by_id, one.entry_id),
                " or ".join("+".join(documents[item] for item in each.item_ids) for each in one.suggestions[:3]),
                ", ".join(reason.code for reason in one.reasons),
            )
            for one in plan.review
        ]
        columns = ("day", "amount", "counterparty", "perhaps", "because")
        output.table(columns, rows, right=("amount",), title="Waits for a person")
    if not entries:
        output.line("no entry waits in this journal")


def _entry_cells(by_id: Mapping[str | None, Entry], entry_id: str) -> tuple[str, str, str]:
    entry = by_id[entry_id]
    name = entry.counterparty.name if entry.counterparty is not None else None
    return (entry.booking_date or entry.value_date).isoformat(), entry.amount.text, name or ""
