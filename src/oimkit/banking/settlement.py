"""From proposals to settlements: what is exact is booked, the rest is a list for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from oimkit.banking.matching import Decision, MatchResult, OpenItem, Proposal, Reason, Suggestion
from oimkit.banking.statement import Entry
from oimkit.errors import InputError
from oimkit.money import Money, total

__all__ = ["ReviewRow", "SettledItem", "Settlement", "SettlementPlan", "plan_settlement"]


@dataclass(frozen=True, slots=True)
class SettledItem:
    """An open item that is settled in full; *amount* is its residual."""

    item_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One entry that settles items of one partner in full, to the cent: sum(items) == amount."""

    entry_id: str
    amount: Money
    partner_id: str
    items: tuple[SettledItem, ...]
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        if total((item.amount for item in self.items), self.amount.currency) != self.amount:
            raise InputError(f"the items of entry {self.entry_id} do not sum to its amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One entry that waits for a person: what was found, and what may be chosen, best first."""

    entry_id: str
    amount: Money
    reasons: tuple[Reason, ...]
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class SettlementPlan:
    """Settlements in the order of the entries; and the entries that wait, the largest first, then the nearest."""

    settlements: tuple[Settlement, ...]
    review: tuple[ReviewRow, ...]


def plan_settlement(result: MatchResult, entries: Sequence[Entry], open_items: Sequence[OpenItem]) -> SettlementPlan:
    """A settlement for each automatic proposal that is exact: full residuals, one partner, nothing left over.

    *result* is what ``match`` said about these *entries* and *open_items*. An automatic proposal that is not exact (a
    difference, a part payment, items of several partners) waits for a person, with its items as the first suggestion.

    Raises:
        InputError: the result is not of these entries and items, an entry has no id, or an item would be settled twice.
    """
    if len(result.proposals) != len(entries):
        raise InputError("the proposals are not of these entries: their number differs")
    items = {item.id: item for item in open_items}
    settlements: list[Settlement] = []
    review: list[ReviewRow] = []
    used: set[str] = set()
    for proposal, entry in zip(result.proposals, entries, strict=True):
        if entry.id is None or proposal.entry_id != entry.id:
            raise InputError(
                "an entry without an id cannot be settled", advice="read the entries from where they are kept"
            )
        if any(item_id not in items for item_id in proposal.item_ids):
            raise InputError(f"entry {entry.id} would settle an item that is unknown")
        obstacle = _obstacle(proposal, entry, items) if proposal.decision is Decision.AUTO else None
        if proposal.decision is not Decision.AUTO or obstacle is not None:
            review.append(_row(entry.id, proposal, entry, obstacle))
            continue
        if used.intersection(proposal.item_ids):
            raise InputError(f"entry {entry.id} would settle an item that is already settled")
        used.update(proposal.item_ids)
        settlements.append(_settlement(entry.id, proposal, entry, items))
    return SettlementPlan(tuple(settlements), tuple(sorted(review, key=lambda row: _turn(row, items))))


def _turn(row: ReviewRow, items: dict[str, OpenItem]) -> tuple[Decimal, Decimal]:
    """When a person is asked about *row*: large amounts first, of equal ones the one that is nearest to its answer."""
    amount = row.amount.amount
    first = row.suggestions[0].item_ids if row.suggestions else ()
    due = [items[item_id].residual for item_id in first]
    is_payable = bool(due) and all(each.currency == row.amount.currency for each in due)
    missing = (row.amount - total(due, row.amount.currency)).amount if is_payable else amount
    return amount.copy_abs().copy_negate(), missing.copy_abs()


def _obstacle(proposal: Proposal, entry: Entry, items: dict[str, OpenItem]) -> Reason | None:
    """Why an automatic proposal is not booked unseen, or None."""
    if proposal.adjustments:
        return Reason("not_exact", f"a difference of {proposal.adjustments[0].amount} needs an account of its own")
    if proposal.unallocated is not None:
        return Reason("paid_more_than_due", f"{proposal.unallocated} would stay on the partner's account")
    if any(items[part.item_id].residual != part.amount for part in proposal.allocations):
        return Reason("not_in_full", "an item would stay partly open")
    if len({items[item_id].partner_id for item_id in proposal.item_ids}) > 1:
        return Reason("several_partners", f"{len(proposal.item_ids)} items of more than one partner")
    if any(part.amount.currency != entry.amount.currency for part in proposal.allocations):
        return Reason("other_currency", "an item is in another currency than the entry")
    return None


def _settlement(entry_id: str, proposal: Proposal, entry: Entry, items: dict[str, OpenItem]) -> Settlement:
    return Settlement(
        entry_id=entry_id,
        amount=entry.amount,
        partner_id=items[proposal.item_ids[0]].partner_id,
        items=tuple(SettledItem(part.item_id, part.amount) for part in proposal.allocations),
        reasons=proposal.reasons,
    )


def _row(entry_id: str, proposal: Proposal, entry: Entry, obstacle: Reason | None) -> ReviewRow:
    reasons = proposal.reasons if obstacle is None else (*proposal.reasons, obstacle)
    return ReviewRow(entry_id=entry_id, amount=entry.amount, reasons=reasons, suggestions=proposal.suggestions)
