"""What a person is shown first for an entry that is not booked unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from oimkit.banking.exact import EXACT
from oimkit.banking.matching.case import Case
from oimkit.banking.matching.differences import doubt_of, explain, pays
from oimkit.banking.matching.evidence import Evidence
from oimkit.banking.matching.model import OpenItem, Reason, Suggestion
from oimkit.banking.matching.sums import groups_of
from oimkit.banking.statement import Entry

__all__ = ["suggest"]


def suggest(case: Case, *, limit: int = 5) -> tuple[Suggestion, ...]:
    """At most *limit* sets of items, best first: what is quoted, then what fits the amount, then what the payer owes.

    The same set is shown once, with the reason that ranked it highest.
    """
    best: dict[tuple[str, ...], tuple[int, Why]] = {}
    for score, items, why in _candidates(case):
        ids = (items[0].id,) if len(items) == 1 else tuple(sorted({item.id for item in items}))
        if ids not in best or best[ids][0] < score:
            best[ids] = (score, why)
    ranked = sorted(best.items(), key=lambda each: (-each[1][0], each[0]))
    return tuple(Suggestion(ids, (Reason(*why),)) for ids, (_, why) in ranked[:limit])


Why = tuple[str, str]
"""Code and detail of a reason."""

Candidate = tuple[int, tuple[OpenItem, ...], Why]
"""A score, the higher the better, items, and why. From 1500 on they are quoted; below, payer, number, amount add up."""


def _candidates(case: Case) -> Iterator[Candidate]:
    yield from _ordered(case.evidence)
    named = _named(case.evidence)
    yield from _quoted(case, named)
    for partner, (weight, code) in _partners(case.evidence, named).items():
        yield from _owed(case, case.open_items(partner), weight, code)
    yield from _of_this_amount(case)


def _ordered(evidence: Evidence) -> Iterator[Candidate]:
    """Items of our own order or batch."""
    if evidence.ordered:
        yield 2000, evidence.ordered, ("end_to_end_id", f"{len(evidence.ordered)} item(s)")
    if evidence.batch:
        yield 1990, evidence.batch, ("batch_id", f"{len(evidence.batch)} item(s)")


def _named(evidence: Evidence) -> tuple[OpenItem, ...]:
    """Items that a number of their own names, once each, in the order in which they are quoted."""
    items = [naming.items[0] for naming in evidence.namings if len(naming.keys) == 1]
    return tuple({item.id: item for item in items}.values())


def _quoted(case: Case, named: tuple[OpenItem, ...]) -> Iterator[Candidate]:
    """The quoted items together, with others that make the amount exact, in parts, and one by one."""
    if not named:
        return
    found = explain(case.entry, named, case.terms)
    yield (1900 if found is not None and found.doubt <= 1 else 1800), named, ("quoted", f"{len(named)} item(s)")
    for size in range(1, min(len(named), 5)):
        for part in combinations(named[:10], size):
            if pays(case.entry, part):
                yield 1880, part, ("quoted_and_exact", f"{size} of {len(named)} quoted item(s)")
    for partner in dict.fromkeys(item.partner_id for item in named):
        of_partner = tuple(item for item in named if item.partner_id == partner)
        if len(of_partner) < len(named):
            yield 1790, of_partner, ("quoted", "those of one partner")
        yield from _with_others(case, of_partner, case.open_items(partner, besides=of_partner))
    for item in named:
        yield 1500, (item,), ("quoted", "one of several" if len(named) > 1 else "")


def _with_others(case: Case, named: tuple[OpenItem, ...], others: Sequence[OpenItem]) -> Iterator[Candidate]:
    """The quoted items with others of the partner: those of which the text has a part, those that fill the sum."""
    backed = case.supported(others)
    if backed:
        yield 1810, (*named, *backed), ("quoted", f"{len(backed)} item(s) by a part of their number")
    sums = case.filling(named, others, most=3)
    for group in sums.groups[:3] if sums is not None else ():
        reason = ("quoted_with_more", f"{len(group)} item(s) fill the amount")
        yield 1870 - 10 * len(group), (*named, *group), reason


def _partners(evidence: Evidence, named: tuple[OpenItem, ...]) -> dict[str, tuple[int, str]]:
    """Who may have paid, the best witness first: (weight, code); namesakes are left out where they are many."""
    found: dict[str, tuple[int, str]] = {}
    for naming in evidence.namings:
        for item in naming.items:
            found.setdefault(item.partner_id, (300, "partner_of_the_reference"))
    for item in named:
        found.setdefault(item.partner_id, (300, "partner_of_the_reference"))
    for partner, witness in evidence.payers.items():
        found.setdefault(partner, (100 + 40 * witness.strength, witness.reasons[0].code))
    weak = [partner for partner, (weight, _) in found.items() if weight <= _WEAK]
    return found if len(weak) <= _MOST_NAMESAKES else {each: found[each] for each in found if each not in weak}


_WEAK = 180
"""Weight of a partner whose name others have as well, or that is but like the printed one."""

_MOST_NAMESAKES = 2

_MOST_SHOWN = 5
"""Items of a group that nothing but its sum tells; larger ones take long to find and are seldom meant."""

_NEARLY = ("amount exact", "amount but for a named difference", "amount nearly", "less or more than is due")


def _owed(case: Case, items: Sequence[OpenItem], weight: int, code: str) -> Iterator[Candidate]:
    """What a partner has open: one item that fits, a group that does, then what may be paid in part."""
    entry = case.entry
    backed = case.supported(items)
    ids = {item.id for item in backed}
    for item in items:
        score = weight + (300 if item.id in ids else 0)
        doubt = doubt_of(entry, item, case.terms)
        if doubt is not None:
            nearness = _closeness(entry, item) if doubt >= 2 else 0
            yield score + (1000, 900, 600, 200)[doubt] + nearness, (item,), (code, _NEARLY[doubt])
        elif (item.residual.amount > 0) == (entry.amount.amount > 0):
            yield score + _closeness(entry, item) // 2, (item,), (code, "open")
    if len(backed) > 1:
        exact = explain(entry, backed, case.terms)
        score = weight + (1350 if exact is not None and exact.doubt <= 1 else 450)
        yield score, tuple(backed), (code, f"{len(backed)} items by parts of their numbers")
    yield from _groups(entry, backed, items, weight, code)


def _groups(
    entry: Entry, backed: Sequence[OpenItem], items: Sequence[OpenItem], weight: int, code: str
) -> Iterator[Candidate]:
    """Groups of items that sum to the amount; those that the text has parts of before others."""
    currency, amount = entry.amount.currency.code, entry.amount.amount
    ids = {item.id for item in backed}
    for pool in (backed, items) if backed else (items,):
        sums = groups_of(pool, amount, currency, least=2, most=_MOST_SHOWN)
        for group in sums.groups if sums is not None else ():
            shared = sum(item.id in ids for item in group)
            score = weight + 860 - 20 * len(group) + 80 * shared
            yield score, group, (code, f"{len(group)} items sum to the amount")


def _closeness(entry: Entry, item: OpenItem) -> int:
    """0 to 100: how near what is open is to what came, in proportion."""
    if item.currency != entry.amount.currency:
        return 0
    paid, due = entry.amount.amount.copy_abs(), item.residual.amount.copy_abs()
    return int(EXACT.divide_int(EXACT.multiply(min(paid, due), Decimal(100)), max(paid, due)))


def _of_this_amount(case: Case) -> Iterator[Candidate]:
    """Items of anybody that have this very amount, the likest name first."""
    for item in case.of_this_amount():
        likeness = case.likeness(item)
        has_number = case.support(item) is not None
        what = "name alike" if likeness else "a part of its number" if has_number else "nothing else"
        score = (600 + likeness * 5 // 2 if likeness else 300) + (400 if has_number else 0)
        yield score, (item,), ("amount_exact", what)
