"""The review list as JSON lines: entries that wait for a person go out, and choices come back in the same shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oimkit.banking import Entry, OpenItem
from oimkit.banking.matching import Reason
from oimkit.banking.settlement import ReviewRow, SettlementPlan
from oimkit.cli.review_choices import Choice
from oimkit.errors import InputError
from oimkit.money import Money

__all__ = ["read_choices", "review_text"]

KEYS = ("entry", "date", "amount", "currency", "counterparty", "text", "reasons", "suggestions", "choice")
"""What a line holds. A person changes ``choice`` only: from null to a list of ids of open items."""


def review_text(plan: SettlementPlan, entries: Sequence[Entry], open_items: Sequence[OpenItem]) -> str:
    """One JSON object a line for each entry of *plan* that waits, with what may be chosen, best first."""
    by_id = {entry.id: entry for entry in entries}
    items = {item.id: item for item in open_items}
    rows = (_row(waiting, by_id[waiting.entry_id], items) for waiting in plan.review)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _row(waiting: ReviewRow, entry: Entry, items: Mapping[str, OpenItem]) -> dict[str, object]:
    party = entry.counterparty
    return {
        "entry": waiting.entry_id,
        "date": (entry.booking_date or entry.value_date).isoformat(),
        "amount": entry.amount.text,
        "currency": entry.amount.currency.code,
        "counterparty": party.name if party is not None else None,
        "text": " ".join(entry.remittance) or None,
        "reasons": [_reason(reason) for reason in waiting.reasons],
        "suggestions": [
            {
                "items": [_item(items[item_id]) for item_id in suggestion.item_ids],
                "reasons": [_reason(reason) for reason in suggestion.reasons],
            }
            for suggestion in waiting.suggestions
        ],
        "choice": None,
    }


def _reason(reason: Reason) -> dict[str, str]:
    return {"code": reason.code, "detail": reason.detail}


def _item(item: OpenItem) -> dict[str, object]:
    return {
        "id": item.id,
        "document": item.document_number,
        "partner": item.partner_name,
        "residual": item.residual.text,
        "currency": item.currency.code,
        "due_date": item.due_date.isoformat() if item.due_date else None,
    }


def read_choices(text: str) -> Iterator[Choice]:
    """What each line chooses; InputError for one that is not of the shape that ``review_text`` writes."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _read_line(number, line)


def _read_line(number: int, line: str) -> Choice:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict) or set(row) != set(KEYS):
        raise InputError(
            f"line {number} of the review file is not of the shape that --review-out writes",
            advice="change nothing but choice",
        )
    choice = row["choice"]
    named = choice is None or (isinstance(choice, list) and all(isinstance(item, str) and item for item in choice))
    texts = all(isinstance(row[name], str) for name in ("entry", "amount", "currency"))
    if not named or not texts:
        raise InputError(
            f"line {number} of the review file has a choice that is no list of item ids",
            advice='write null, or a list such as ["17"]',
        )
    return Choice(f"line {number}", row["entry"], Money(row["amount"], row["currency"]), tuple(choice or ()))
