"""Entries that belong together: what was delivered twice, returned, moved between own accounts, or paid twice.

A link is made where exactly one entry fits best; where two fit alike, none is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from oimkit.banking.matching.ledger import normal_account, normal_id
from oimkit.banking.matching.model import Outcome, Proposal
from oimkit.banking.matching.names import SAME, alike
from oimkit.banking.statement import Entry
from oimkit.money import Money

__all__ = ["delivery", "linked"]

_NO_REFERENCE = frozenset({"NONREF", "NOTPROVIDED"})

_LATEST_RETURN = 400
"""Days after which a debit can still be returned, an unauthorised one too (13 months)."""

_LONGEST_TRANSFER = 7
"""Days between the two legs of a transfer at the most."""


def delivery(entry: Entry) -> object | None:
    """By what an entry that is delivered again is known: account, bank reference, days and amount; else None."""
    if entry.reference is None or entry.reference.upper() in _NO_REFERENCE:
        return None
    return entry.book, entry.account, entry.reference, entry.booking_date, entry.value_date, entry.amount


def linked(entries: Sequence[Entry], proposals: Iterable[Proposal]) -> dict[int, int]:
    """The position of the entry that each one belongs to, by the position of that one.

    A second delivery belongs to the first, a return to the entry that it returns, a second payment to the entry that
    settles its item, and the two legs of a transfer belong to each other.
    """
    by_outcome: dict[Outcome | None, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        by_outcome[proposal.outcome].append(proposal)
    settled = by_outcome[Outcome.MATCH]
    repeated = {proposal.index for proposal in by_outcome[Outcome.DUPLICATE_IMPORT]}
    links = dict(_deliveries(entries, repeated))
    links.update(_returns(entries, [proposal.index for proposal in by_outcome[Outcome.REVERSAL]], repeated))
    links.update(_transfers(entries, [proposal.index for proposal in by_outcome[Outcome.INTERNAL_TRANSFER]]))
    links.update(_payments(by_outcome[Outcome.ON_ACCOUNT], settled))
    return links


def _deliveries(entries: Sequence[Entry], repeated: set[int]) -> Iterator[tuple[int, int]]:
    wanted = {delivery(entries[index]) for index in repeated}
    first = {
        key: index
        for index, entry in enumerate(entries)
        if index not in repeated and (key := delivery(entry)) is not None and key in wanted
    }
    for index in repeated:
        if (found := first.get(delivery(entries[index]))) is not None:
            yield index, found


# -- returns ------------------------------------------------------------------------------------------------------


def _returns(entries: Sequence[Entry], returned: Sequence[int], repeated: set[int]) -> Iterator[tuple[int, int]]:
    """Each return with the one earlier entry of the opposite amount that has its id, else its other side."""
    if not returned:
        return
    earlier: dict[object, list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        if index not in repeated and entry.is_booked:
            earlier[entry.book, entry.account, entry.amount].append(index)
    for index in returned:
        entry = entries[index]
        before = [
            each
            for each in earlier[entry.book, entry.account, -entry.amount]
            if each != index and 0 <= (_day(entry) - _day(entries[each])).days <= _LATEST_RETURN
        ]
        for fits in (_has_its_id, _has_its_mandate, _has_its_other_side):
            fitting = [each for each in before if fits(entry, entries[each])]
            if fitting:
                if len(fitting) == 1:
                    yield index, fitting[0]
                break


def _has_its_id(entry: Entry, other: Entry) -> bool:
    mine, theirs = entry.end_to_end_id, other.end_to_end_id
    return mine is not None and theirs is not None and normal_id(mine) == normal_id(theirs)


def _has_its_mandate(entry: Entry, other: Entry) -> bool:
    mine, theirs = entry.mandate_id, other.mandate_id
    return mine is not None and theirs is not None and normal_id(mine) == normal_id(theirs)


def _has_its_other_side(entry: Entry, other: Entry) -> bool:
    mine, theirs = entry.counterparty, other.counterparty
    if mine is None or theirs is None:
        return False
    if mine.account is not None and theirs.account is not None:
        return normal_account(mine.account) == normal_account(theirs.account)
    return alike(mine.name, theirs.name) >= SAME


# -- transfers ----------------------------------------------------------------------------------------------------


def _transfers(entries: Sequence[Entry], legs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Two legs: from one account to the other and the other way round, the same amount, each the other's nearest."""
    ways: dict[object, list[int]] = defaultdict(list)
    for index in legs:
        if (way := _way(entries[index])) is not None:
            ways[way].append(index)
    nearest: dict[int, int] = {}
    for index in legs:
        way = _way(entries[index])
        if way is not None:
            mine, theirs, amount = way
            found = _nearest(index, ways.get((theirs, mine, -amount), ()), lambda each: _day(entries[each]))
            if found is not None:
                nearest[index] = found
    for index, found in nearest.items():
        if nearest.get(found) == index:
            yield index, found


def _way(entry: Entry) -> tuple[str, str, Money] | None:
    """Own account, the other one, and the amount."""
    other = entry.counterparty.account if entry.counterparty is not None else None
    if entry.account is None or other is None:
        return None
    return normal_account(entry.account), normal_account(other), entry.amount


def _nearest(index: int, others: Iterable[int], day: Callable[[int], date]) -> int | None:
    """The one of *others* that is nearest in time to the entry at *index*; None where two are, or none within days."""
    distances = sorted((abs((day(each) - day(index)).days), each) for each in others if each != index)
    if not distances or distances[0][0] > _LONGEST_TRANSFER:
        return None
    return None if len(distances) > 1 and distances[0][0] == distances[1][0] else distances[0][1]


# -- second payments ----------------------------------------------------------------------------------------------


def _payments(second: Iterable[Proposal], settled: Iterable[Proposal]) -> Iterator[tuple[int, int]]:
    """Each second payment with the one entry that settles what it points to."""
    settlers: dict[str, list[int]] = defaultdict(list)
    for proposal in settled:
        for item_id in proposal.item_ids:
            settlers[item_id].append(proposal.index)
    for proposal in second:
        ids = proposal.suggestions[0].item_ids if proposal.suggestions else ()
        found = {index for item_id in ids for index in settlers.get(item_id, ())}
        if len(found) == 1:
            yield proposal.index, found.pop()


def _day(entry: Entry) -> date:
    return entry.booking_date or entry.value_date
