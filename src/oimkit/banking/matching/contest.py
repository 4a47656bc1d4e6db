"""Several entries want the same item: who gets it, and when nobody does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from oimkit.banking.exact import EXACT
from oimkit.banking.matching.case import Case
from oimkit.banking.matching.claims import PARTLY, WEAKEST, Claim
from oimkit.banking.matching.differences import Part
from oimkit.banking.matching.ledger import normal_account
from oimkit.banking.matching.model import Reason
from oimkit.banking.matching.names import alike

__all__ = ["Hearing", "contest"]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one entry said for itself, and what it claims, if anything."""

    case: Case
    claim: Claim | None
    reasons: tuple[Reason, ...]

    @property
    def day(self) -> date:
        return self.case.entry.booking_date or self.case.entry.value_date


def contest(hearings: Mapping[int, Hearing]) -> dict[int, Reason]:
    """The positions whose claim fails, and why; every other claim stands, and no item is settled beyond what is open.

    The stronger kind of evidence is heard first, then the earlier day. Entries of the same rank and day that want
    more of one item than is left are a tie: none gets it. A claim by payer and amount alone gives way to any other
    claim, earlier or later. A claim also fails when the same payer moved the same amount before, by an entry that
    nobody understands: one of the two is a second payment, and it need not be the later one.
    """
    bids = [
        (position, hearing.claim, hearing.day) for position, hearing in hearings.items() if hearing.claim is not None
    ]
    doubted = _paid_twice(hearings)
    lost: dict[int, Reason] = {}
    settled: dict[str, Decimal] = defaultdict(Decimal)
    asked: dict[str, Decimal] = defaultdict(Decimal)
    weak = Counter(item.id for _, claim, _ in bids if claim.rank == WEAKEST for item in claim.items)
    for group in _rounds(bids):
        for _, claim, _ in group:
            for part in claim.parts:
                asked[part.item.id] = EXACT.add(asked[part.item.id], part.amount.amount)
        for position, claim, _ in group:
            if any(_is_beyond(part, EXACT.add(settled[part.item.id], part.amount.amount)) for part in claim.parts):
                lost[position] = Reason("claimed_by_another_entry", "a stronger or earlier entry settles it")
            elif any(
                _is_beyond(part, asked[part.item.id]) or (claim.rank == WEAKEST and weak[part.item.id] > 1)
                for part in claim.parts
            ):
                first = claim.parts[0].item.id
                lost[position] = Reason("tie_between_entries", f"another entry points to open item {first} as well")
        for position, claim, _ in group:
            if position not in lost and position not in doubted:
                for part in claim.parts:
                    settled[part.item.id] = EXACT.add(settled[part.item.id], part.amount.amount)
    return {**doubted, **lost}


def _is_beyond(part: Part, amount: Decimal) -> bool:
    """True when *amount* is more than is open of an item."""
    return amount.copy_abs() > part.item.residual.amount.copy_abs()


Bid = tuple[int, Claim, date]


def _rounds(bids: Sequence[Bid]) -> Iterator[list[Bid]]:
    for _, group in groupby(sorted(bids, key=_turn), key=_turn):
        yield list(group)


def _turn(bid: Bid) -> tuple[int, date]:
    _, claim, day = bid
    return claim.rank, day


def _paid_twice(hearings: Mapping[int, Hearing]) -> dict[int, Reason]:
    """Claims of an amount that the same payer also moved by an entry whose own claim is weaker, or missing.

    An id of our own order is beyond doubt. A reference is in doubt when the other entry is not later: the first
    payment may have quoted the document badly. Account and amount are in doubt either way.
    """
    doubtful: dict[object, list[Hearing]] = defaultdict(list)
    for hearing in hearings.values():
        if hearing.claim is None or hearing.claim.rank == WEAKEST:
            doubtful[hearing.case.entry.amount].append(hearing)
    lost: dict[int, Reason] = {}
    for position, hearing in hearings.items():
        if hearing.claim is None or hearing.claim.rank in (0, PARTLY):
            continue
        if any(_puts_in_doubt(other, hearing, hearing.claim) for other in doubtful.get(hearing.case.entry.amount, ())):
            lost[position] = Reason("paid_twice_perhaps", "the same payer moved this amount by another entry as well")
    return lost


def _puts_in_doubt(other: Hearing, hearing: Hearing, claim: Claim) -> bool:
    if other is hearing or (claim.rank != WEAKEST and other.day > hearing.day):
        return False
    if any(item.issue_date is not None and item.issue_date > other.day for item in claim.items):
        return False  # it came before these documents were issued
    if other.claim is not None and not {item.id for item in other.claim.items} & {item.id for item in claim.items}:
        return False  # it settles something else
    return _same_payer(hearing, other, claim)


def _same_payer(hearing: Hearing, other: Hearing, claim: Claim) -> bool:
    """True when both entries have one account or nearly one name, or *other* points to the partner of the items."""
    partners = {item.partner_id for item in claim.items} | hearing.case.evidence.account_owners
    theirs = other.case.evidence
    if partners & (theirs.account_owners | theirs.said_partners):
        return True
    a, b = hearing.case.entry.counterparty, other.case.entry.counterparty
    if b is None:
        return False
    if alike(b.name, claim.items[0].partner_name) or (a is not None and alike(b.name, a.name)):
        return True
    return a is not None and a.account is not None and b.account is not None and _equal(a.account, b.account)


def _equal(account: str, other: str) -> bool:
    return normal_account(account) == normal_account(other)
