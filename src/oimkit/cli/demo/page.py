"""What the demo did, as a report page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oimkit.banking import Entry
from oimkit.banking.matching import Reason
from oimkit.billing import InvoiceLine, InvoicePlan
from oimkit.billing.explaining import explain
from oimkit.cli.demo.chain import BankWeek, Outcome
from oimkit.money import Money, total
from oimkit.pipeline.crm import Outcome as Ending
from oimkit.report import Explanation, Figure, Page, Section, Step, Table, Tone

__all__ = ["reasons_text", "report_page", "waiting"]


def report_page(outcome: Outcome, *, company: str, server: str) -> Page:
    """The page of one run of the demo on *server*."""
    waits = tuple(waiting(outcome))
    return Page(
        title=f"{company}: from a lead to a settled bank entry",
        summary=f"One pass of the oimkit demo on {server}. All names, accounts and amounts are invented.",
        figures=_figures(outcome, len(waits)),
        sections=(
            _leads(outcome),
            _invoices(outcome),
            *(_bank(week) for week in outcome.weeks),
            _waiting(waits),
            _again(outcome),
        ),
        footer="Written by `oimkit demo`. Run it again: nothing is created twice.",
    )


def waiting(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Bank entries that wait for a person, each with its reason."""
    for week in outcome.weeks:
        entries = {entry.id: entry for entry in week.entries}
        documents = {item.id: item.document_number or item.id for item in week.open_items}
        for row in week.settlement.review:
            reason = reasons_text(row.reasons)
            if row.suggestions:
                best = " + ".join(documents[item] for item in row.suggestions[0].item_ids)
                reason = f"{reason}; perhaps {best}"
            yield _entry_title(entries[row.entry_id]), reason


def reasons_text(reasons: Sequence[Reason]) -> str:
    """The reasons in one line, for a person."""
    return "; ".join(
        f"{reason.code.replace('_', ' ')} ({reason.detail})" if reason.detail else reason.code.replace("_", " ")
        for reason in reasons
    )


def _figures(outcome: Outcome, waits: int) -> tuple[Figure, ...]:
    invoices = outcome.invoices
    paid = sum(invoice.payment_state in ("paid", "in_payment") for invoice in invoices)
    billed = total((invoice.total for invoice in invoices), invoices[0].total.currency) if invoices else None
    settled = sum(len(week.settlement.settlements) for week in outcome.weeks)
    return (
        Figure(str(len(outcome.cases)), "leads"),
        Figure(_text(billed) if billed else "0", f"in {len(invoices)} invoices"),
        Figure(f"{paid} of {len(invoices)}", "invoices paid", Tone.DONE),
        Figure(str(settled), "bank entries settled in this run", Tone.DONE),
        Figure(str(waits), "wait for a person", Tone.WAITING if waits else Tone.PLAIN),
    )


def _leads(outcome: Outcome) -> Section:
    rows = []
    for _, lead, case in outcome.cases:
        standing = case.standing
        ending = {
            Ending.WON: "won: is a customer now",
            Ending.LOST: f"lost ({lead.reason}), kept with its history",
            Ending.OPEN: f"open, in stage {standing.stage}",
        }[standing.outcome]
        rows.append((lead.name, lead.partner_name, lead.expected_revenue, ending))
    table = Table(("lead", "company", "expected", "outcome"), tuple(rows), frozenset({2}))
    return Section(
        "Leads",
        "A lead becomes an opportunity and is won or lost by steps that the pipeline allows; each is read back.",
        tables=(table,),
    )


def _invoices(outcome: Outcome) -> Section:
    rows = tuple(
        (
            invoice.number,
            invoice.customer,
            invoice.reference,
            _text(invoice.total),
            _text(invoice.residual),
            invoice.payment_state.replace("_", " "),
        )
        for invoice in outcome.invoices
    )
    table = Table(("number", "customer", "reference", "total", "still open", "state"), rows, frozenset({3, 4}))
    return Section(
        "Two weeks of hours, three invoices",
        "Every line explains itself: which entries, how they were rounded, which rate won and which did not.",
        tables=(table,),
        explanations=tuple(_explanations(outcome.invoice_plan)),
    )


def _explanations(plan: InvoicePlan) -> Iterator[Explanation]:
    for draft in plan.drafts:
        for line in draft.lines:
            yield Explanation(_line_title(line), tuple(text.strip() for text in explain(line).splitlines()[1:]))


def _line_title(line: InvoiceLine) -> str:
    hours = f"{line.billed_seconds // 3600}:{line.billed_seconds % 3600 // 60:02d} h"
    return f"{line.text}: {hours}, {_text(line.amount)}"


def _bank(week: BankWeek) -> Section:
    statement = week.statement
    balances = {
        True: "opening and entries make the closing balance, to the cent",
        False: "the balances do not hold",
        None: "the format gives no opening balance, so nothing proves it whole",
    }[statement.balanced]
    entries = {entry.id: entry for entry in week.entries}
    documents = {item.id: item.document_number or item.id for item in week.open_items}
    steps = [
        Step(
            f"{_entry_title(entries[settlement.entry_id])} settles "
            + ", ".join(documents[item.item_id] for item in settlement.items),
            reasons_text(settlement.reasons),
        )
        for settlement in week.settlement.settlements
    ]
    steps += [
        Step(_entry_title(entries[row.entry_id]), reasons_text(row.reasons), Tone.WAITING)
        for row in week.settlement.review
    ]
    steps += [Step("Said before anything was written", finding.reason, Tone.PLAIN) for finding in week.plan.findings]
    return Section(
        f"Bank, {statement.format.upper()}",
        f"{len(statement.entries)} entries; {balances}. "
        f"{len(week.plan.entries)} are new in journal {week.plan.journal_code}, {week.plan.known} were there.",
        steps=tuple(steps),
    )


def _waiting(waits: Sequence[tuple[str, str]]) -> Section:
    return Section(
        "What waits for a person",
        "Only what is certain is settled. The rest is left as it is, with the reason.",
        steps=tuple(Step(title, reason, Tone.WAITING) for title, reason in waits),
    )


def _again(outcome: Outcome) -> Section:
    reused = sum(len(report.reused) for report in outcome.reports)
    return Section(
        "Once and only once",
        f"This run created {outcome.created} records and found {reused} that were there already. Every record is "
        "known by a key: a second run, a lost reply or a crash makes no second one.",
    )


def _entry_title(entry: Entry) -> str:
    day = entry.booking_date or entry.value_date
    name = entry.counterparty.name if entry.counterparty is not None and entry.counterparty.name else "no name given"
    direction = "from" if entry.amount.amount > 0 else "to"
    return f"{_text(entry.amount)} {direction} {name} on {day.isoformat()}"


def _text(amount: Money) -> str:
    return f"{amount.amount:,.{max(amount.currency.exponent or 0, 0)}f} {amount.currency}"
