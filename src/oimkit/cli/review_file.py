"""The review list as a file: entries that wait for a person go out, and choices come back in the same shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oimkit.banking import Entry, OpenItem
from oimkit.banking.matching import Reason
from oimkit.banking.settlement import ReviewRow, SettledItem, Settlement, SettlementPlan
from oimkit.errors import InputError
from oimkit.money import Money, total

__all__ = ["review_text", "with_choices"]

KEYS = ("entry", "date", "amount", "currency", "counterparty", "text", "reasons", "suggestions", "choice")
"""What a line holds. A person changes ``choice`` only: from null to a list of ids of open items."""

CHOSEN = Reason("chosen_by_a_person", "named in the review file")


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


def with_choices(
    text: str, plan: SettlementPlan, entries: Sequence[Entry], open_items: Sequence[OpenItem]
) -> SettlementPlan:
    """*plan* with the choices that *text* makes for entries that wait.

    An entry that no longer waits is passed over: its choice was carried out before, or it settled itself.

    Raises:
        InputError: a line is not of the shape that ``review_text`` writes, an entry's amount is not what it was, or a
            choice names an item that is not open, is used twice, or does not settle the entry to the cent.
    """
    waiting = {row.entry_id: row for row in plan.review}
    items = {item.id: item for item in open_items}
    used = {item.item_id for settlement in plan.settlements for item in settlement.items}
    chosen: dict[str, Settlement] = {}
    for choice in _read(text):
        row = waiting.get(choice.entry_id)
        if row is None or not choice.item_ids:
            continue
        settlement = _settle(choice, row, items)
        if used.intersection(choice.item_ids) or choice.entry_id in chosen:
            raise _refused(choice, "an item or the entry is already settled by another line", "choose each once")
        used.update(choice.item_ids)
        chosen[choice.entry_id] = settlement
    order = {entry.id: position for position, entry in enumerate(entries)}
    settlements = sorted([*plan.settlements, *chosen.values()], key=lambda one: order[one.entry_id])
    return SettlementPlan(tuple(settlements), tuple(row for row in plan.review if row.entry_id not in chosen))


@dataclass(frozen=True, slots=True)
class _Choice:
    line: int
    entry_id: str
    amount: Money
    item_ids: tuple[str, ...]


def _read(text: str) -> Iterator[_Choice]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _read_line(number, line)


def _read_line(number: int, line: str) -> _Choice:
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
    return _Choice(number, row["entry"], Money(row["amount"], row["currency"]), tuple(choice or ()))


def _settle(choice: _Choice, row: ReviewRow, items: Mapping[str, OpenItem]) -> Settlement:
    """The settlement that a person chose, exact like any other."""
    if choice.amount != row.amount:
        raise _refused(choice, "the entry's amount is not what the server has", "write the review file anew")
    if len(set(choice.item_ids)) != len(choice.item_ids) or any(item_id not in items for item_id in choice.item_ids):
        raise _refused(choice, "a chosen item is named twice or is not open", "write the review file anew")
    picked = [items[item_id] for item_id in choice.item_ids]
    if any(item.currency != row.amount.currency for item in picked):
        raise _refused(choice, "a chosen item is in another currency than the entry", "settle it in Odoo")
    if len({item.partner_id for item in picked}) > 1:
        raise _refused(choice, "the chosen items are of more than one partner", "settle it in Odoo")
    open_amount = total((item.residual for item in picked), row.amount.currency)
    if open_amount != row.amount:
        off = row.amount - open_amount
        raise _refused(choice, f"the chosen items differ from the entry by {off}", "choose items that sum to it")
    return Settlement(
        entry_id=row.entry_id,
        amount=row.amount,
        partner_id=picked[0].partner_id,
        items=tuple(SettledItem(item.id, item.residual) for item in picked),
        reasons=(*row.reasons, CHOSEN),
    )


def _refused(choice: _Choice, reason: str, advice: str) -> InputError:
    return InputError(f"line {choice.line} of the review file, entry {choice.entry_id}: {reason}", advice=advice)
