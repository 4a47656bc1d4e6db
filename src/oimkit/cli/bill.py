"""``oimkit bill``: worked time planned into explained invoice drafts, and a plan carried out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from oimkit.billing import InvoiceDraft, InvoiceLine, InvoicePlan, Period, RuleSet, explain, plan_invoices
from oimkit.cli.applying import carry_out, show_report
from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call, yes_option
from oimkit.cli.connection import open_connection
from oimkit.cli.exits import Exit
from oimkit.cli.files import read_text, write_text
from oimkit.cli.output import Output
from oimkit.cli.plan_file import plan_text, read_plan
from oimkit.odoo import Odoo
from oimkit.odoo.billing import DraftPlan, plan_drafts, preflight, read_worked_time, resolve_rules, unread_time

__all__ = ["command"]

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("bill")
@common_options
def command() -> None:
    """Plan invoices from worked time, and apply a plan."""


@command.command("plan")
@click.option("--rules", required=True, metavar="FILE", help="The rule file (TOML); docs/billing.md explains its keys.")
@click.option("--from", "start", type=_DAY, metavar="DAY", help="First day of work; default: first of last month.")
@click.option("--to", "end", type=_DAY, metavar="DAY", help="Last day of work, included; default: today.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan here, for bill apply.")
@connection_options
@common_options
@with_call
def plan(
    call: Call, output: Output, rules: str, start: datetime | None, end: datetime | None, out: Path | None
) -> Exit:
    """Show which drafts the work of these days becomes, each line with its explanation; nothing is written to Odoo."""
    rule_set = RuleSet.from_toml(read_text(rules, what="the rule file"))
    today = datetime.now(UTC).astimezone().date()
    last = end.date() if end is not None else today
    period = Period(start.date() if start is not None else _first_of_last_month(last), last)
    odoo = open_connection(call)
    made, drafts, findings = _plan(odoo, rule_set, period, today)
    if out is not None:
        write_text(out, plan_text("bill", odoo, drafts))
        output.say(f"the plan is in {out}; oimkit bill apply {out} carries it out")
    if call.json:
        for draft in made.drafts:
            output.record(_draft_row(draft))
        for item in made.left_out:
            output.record({"type": "left_out", "entry": item.entry, "reason": item.reason.value})
        for finding in findings:
            output.record({"type": "finding", "reason": finding})
    else:
        _show(output, made, findings)
    return Exit.FINDINGS if findings else Exit.DONE


@command.command("apply")
@click.argument("plan_file", metavar="PLAN")
@click.option("--dry-run", is_flag=True, help="Show what would be created; write nothing.")
@journal_option
@yes_option
@connection_options
@common_options
@with_call
def apply(call: Call, output: Output, plan_file: str, dry_run: bool) -> Exit:
    """Create the drafts of a plan that bill plan wrote, each once; nothing is posted."""
    text = read_text(plan_file, what="the plan")
    odoo = open_connection(call)
    drafts = read_plan("bill", DraftPlan, text, odoo)
    if dry_run:
        for invoice in drafts.invoices:
            row = {"reference": invoice.reference, "lines": len(invoice.lines), "untaxed": invoice.untaxed.text}
            if call.json:
                output.record({**row, "currency": invoice.untaxed.currency.code, "dry_run": True})
            else:
                output.line(f"would create {invoice.reference}: {len(invoice.lines)} lines, {invoice.untaxed}")
        return Exit.DONE
    return show_report(call, output, carry_out(call, output, odoo, drafts))


def _plan(odoo: Odoo, rules: RuleSet, period: Period, today: date) -> tuple[InvoicePlan, DraftPlan, tuple[str, ...]]:
    """The plan, what of it is to be written, and everything a person has to look at."""
    frame = preflight(odoo, currency=rules.currency)
    resolved = resolve_rules(odoo, rules)
    times = read_worked_time(odoo, start=period.first, end=period.last, snap=resolved.snap)
    made = plan_invoices(times, resolved, today=today, printing=frame.printing, period=period)
    drafts = plan_drafts(odoo, made, frame=frame)
    return made, drafts, (*drafts.findings, *unread_time(odoo, start=period.first, end=period.last))


def _first_of_last_month(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _customer(draft: InvoiceDraft) -> str:
    names = {time.names.customer for time in draft.times if time.names.customer}
    return names.pop() if len(names) == 1 else f"customer {draft.customer}"


def _draft_row(draft: InvoiceDraft) -> dict[str, object]:
    return {
        "type": "draft",
        "key": draft.key,
        "kind": draft.kind.value,
        "customer": draft.customer,
        "customer_name": _customer(draft),
        "date": draft.invoice_date.isoformat(),
        "from": draft.period.first.isoformat(),
        "to": draft.period.last.isoformat(),
        "amount": draft.amount.text,
        "currency": draft.currency.code,
        "payment_reference": draft.payment_reference,
        "lines": [_line_row(line) for line in draft.lines],
    }


def _line_row(line: InvoiceLine) -> dict[str, object]:
    return {
        "number": line.number,
        "text": line.text,
        "seconds": line.seconds,
        "billed_seconds": line.billed_seconds,
        "quantity": f"{line.printed.quantity:f}",
        "price": f"{line.printed.price:f}",
        "amount": line.amount.text,
        "entries": [time.id for time in line.times],
        "explanation": explain(line).split("\n"),
    }


def _show(output: Output, made: InvoicePlan, findings: Iterable[str]) -> None:
    for draft in made.drafts:
        kind = draft.kind.value.replace("_", " ")
        output.heading(f"{kind} for {_customer(draft)}, {draft.period.first} to {draft.period.last}: {draft.amount}")
        rows = [
            (str(line.number), line.text, f"{line.printed.quantity:f}", f"{line.printed.price:f}", line.amount.text)
            for line in draft.lines
        ]
        output.table(("line", "text", "quantity", "price", "amount"), rows, right=("quantity", "price", "amount"))
        for line in draft.lines:
            output.line(explain(line), style="dim")
        output.line("")
    counted: dict[str, int] = {}
    for item in made.left_out:
        counted[item.reason.value] = counted.get(item.reason.value, 0) + 1
    for reason, count in sorted(counted.items()):
        output.line(f"{count} entries left out: {reason}")
    for finding in findings:
        output.line(f"look at: {finding}", style="yellow")
    output.line(f"{len(made.drafts)} drafts, {made.amount} before tax")
