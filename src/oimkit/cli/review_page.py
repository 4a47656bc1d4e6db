"""The review list as an HTML page, to read and to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oimkit.banking import Entry, OpenItem
from oimkit.banking.settlement import ReviewRow, SettlementPlan
from oimkit.cli.review_choices import MOST_SHOWN
from oimkit.money import total
from oimkit.report import Explanation, Figure, Page, Section, Table, Tone, render_page

__all__ = ["review_page"]


def review_page(plan: SettlementPlan, entries: Sequence[Entry], open_items: Sequence[OpenItem], *, journal: str) -> str:
    """A page of what waits in *journal*: every entry, why it waits, and what it may settle."""
    by_id = {entry.id: entry for entry in entries}
    items = {item.id: item for item in open_items}
    rows = tuple(_cells(row, by_id[row.entry_id]) for row in plan.review)
    columns = ("day", "amount", "counterparty", "text", "why it waits")
    waiting = Table(columns, rows, numeric=frozenset({1}), caption="The largest first")
    choices = tuple(_choices(row, by_id[row.entry_id], items) for row in plan.review if row.suggestions)
    sections = (
        Section("What waits", tables=(waiting,)),
        Section(
            "What each may settle", text="The best first, by document, partner and what is open.", explanations=choices
        ),
    )
    return render_page(
        Page(
            title=f"Bank journal {journal}: entries that wait for a person",
            summary=f"{len(plan.review)} of {len(entries)} entries wait; {len(plan.settlements)} can be settled.",
            figures=_figures(plan),
            sections=sections if plan.review else (Section("What waits", text="Nothing waits."),),
        )
    )


def _figures(plan: SettlementPlan) -> tuple[Figure, ...]:
    """How many wait, and what they come to in each currency, money that came and money that went apart."""
    figures = [Figure(str(len(plan.review)), "entries wait", Tone.WAITING if plan.review else Tone.DONE)]
    for currency in sorted({row.amount.currency for row in plan.review}, key=str):
        amounts = [row.amount for row in plan.review if row.amount.currency == currency]
        for label, part in (
            ("came in", [a for a in amounts if a.amount > 0]),
            ("went out", [a for a in amounts if a.amount < 0]),
        ):
            if part:
                figures.append(Figure(str(total(part, currency)), label))
    return tuple(figures)


def _cells(row: ReviewRow, entry: Entry) -> tuple[str, ...]:
    why = "; ".join(reason.code.replace("_", " ") for reason in row.reasons)
    return *_named(row, entry), " ".join(entry.remittance), why


def _named(row: ReviewRow, entry: Entry) -> tuple[str, str, str]:
    """By what a person knows an entry: day, amount, other side."""
    name = entry.counterparty.name if entry.counterparty is not None else None
    return (entry.booking_date or entry.value_date).isoformat(), str(row.amount), name or ""


def _choices(row: ReviewRow, entry: Entry, items: Mapping[str, OpenItem]) -> Explanation:
    steps = []
    for number, suggestion in enumerate(row.suggestions[:MOST_SHOWN], start=1):
        named = [items[item_id] for item_id in suggestion.item_ids]
        documents = " + ".join(_document(item) for item in named)
        why = "; ".join(
            " ".join((reason.code.replace("_", " "), reason.detail)).strip() for reason in suggestion.reasons
        )
        steps.append(f"{number}: {documents} ({why})")
    return Explanation(" ".join(filter(None, _named(row, entry))), tuple(steps))


def _document(item: OpenItem) -> str:
    return " ".join(
        part for part in (item.document_number or f"#{item.id}", item.partner_name, str(item.residual)) if part
    )
