"""What a person chose for entries that wait, made settlements that are exact like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from oimkit.banking import Entry, OpenItem
from oimkit.banking.matching import Reason
from oimkit.banking.settlement import ReviewRow, SettledItem, Settlement, SettlementPlan
from oimkit.errors import InputError
from oimkit.money import Money, total

__all__ = ["MOST_SHOWN", "Choice", "with_choices"]

MOST_SHOWN = 3
"""Suggestions that a person is shown for each entry, the best first."""

CHOSEN = Reason("chosen_by_a_person", "named in the review file")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for an entry of *amount*, and where: ``line 3``. No items: it goes on waiting."""

    place: str
    entry_id: str
    amount: Money
    item_ids: tuple[str, ...]


def with_choices(
    choices: Iterable[Choice], plan: SettlementPlan, entries: Sequence[Entry], open_items: Sequence[OpenItem]
) -> SettlementPlan:
    """*plan* with what a person chose for entries that wait.

    An entry that no longer waits is passed over: its choice was carried out before, or it settled itself.

    Raises:
        InputError: an entry's amount is not what it was, or a choice names an item that is not open, is used twice,
            or does not settle the entry to the cent.
    """
    waiting = {row.entry_id: row for row in plan.review}
    items = {item.id: item for item in open_items}
    used = {item.item_id for settlement in plan.settlements for item in settlement.items}
    chosen: dict[str, Settlement] = {}
    for choice in choices:
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


def _settle(choice: Choice, row: ReviewRow, items: Mapping[str, OpenItem]) -> Settlement:
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


def _refused(choice: Choice, reason: str, advice: str) -> InputError:
    return InputError(f"{choice.place} of the review file, entry {choice.entry_id}: {reason}", advice=advice)
