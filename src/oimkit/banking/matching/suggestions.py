"""What a person is shown first for an entry that is not booked unseen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from oimkit.banking.exact import EXACT
from oimkit.banking.matching.differences import explain, pays
from oimkit.banking.matching.evidence import Evidence
from oimkit.banking.matching.ledger import Ledger
from oimkit.banking.matching.model import OpenItem, Reason, Suggestion, Terms
from oimkit.banking.matching.names import LIKE, likeness, read_name
from oimkit.banking.matching.numbers import support
from oimkit.banking.matching.sums import groups_of
from oimkit.banking.statement import Entry
from oimkit.money import total

__all__ = ["suggest"]


def suggest(
    entry: Entry, evidence: Evidence, ledger: Ledger, terms: Terms, *, limit: int = 5
) -> tuple[Suggestion, ...]:
    """At most *limit* sets of items, best first: what is quoted, then what fits the amount, then what the payer owes.

    The same set is shown once, with the reason that ranked it highest.
    """
    best: dict[tuple[str, ...], tuple[int, int, Reason]] = {}
    for order, (score, items, reason) in enumerate(_candidates(entry, evidence, ledger, terms)):
        ids = tuple(sorted({item.id for item in items}))
        if ids not in best or best[ids][0] < score:
            best[ids] = (score, -order, reason)
    ranked = sorted(best.items(), key=lambda each: (-each[1][0], each[0]))
    return tuple(Suggestion(ids, (reason,)) for ids, (_, _, reason) in ranked[:limit])


Candidate = tuple[int, tuple[OpenItem, ...], Reason]


def _candidates(entry: Entry, evidence: Evidence, ledger: Ledger, terms: Terms) -> Iterator[Candidate]:
    yield from _ordered(evidence)
    named = _named(evidence)
    yield from _quoted(entry, evidence, named, ledger, terms)
    for partner, (weight, code) in _partners(evidence, named).items():
        items = _of_day(entry, ledger.by_partner.get(partner, ()))
        yield from _owed(entry, evidence, items, terms, weight, code)
    yield from _of_this_amount(entry, evidence, ledger)


def _ordered(evidence: Evidence) -> Iterator[Candidate]:
    """Items of our own order or batch."""
    if evidence.ordered:
        yield 2000, evidence.ordered, Reason("end_to_end_id", f"{len(evidence.ordered)} item(s)")
    if evidence.batch:
        yield 1990, evidence.batch, Reason("batch_id", f"{len(evidence.batch)} item(s)")


def _named(evidence: Evidence) -> tuple[OpenItem, ...]:
    """Items that a number of their own names, once each, in the order in which they are quoted."""
    items = [naming.items[0] for naming in evidence.namings if len(naming.keys) == 1]
    return tuple({item.id: item for item in items}.values())


def _quoted(
    entry: Entry, evidence: Evidence, named: tuple[OpenItem, ...], ledger: Ledger, terms: Terms
) -> Iterator[Candidate]:
    """The quoted items together, with others that make the amount exact, in parts, and one by one."""
    if not named:
        return
    found = explain(entry, named, terms)
    yield (1900 if found is not None and found.doubt <= 1 else 1800), named, Reason("quoted", f"{len(named)} item(s)")
    for size in range(1, min(len(named), 5)):
        for part in combinations(named[:10], size):
            if pays(entry, part):
                yield 1880, part, Reason("quoted_and_exact", f"{size} of {len(named)} quoted item(s)")
    for partner in dict.fromkeys(item.partner_id for item in named):
        of_partner = tuple(item for item in named if item.partner_id == partner)
        if len(of_partner) < len(named):
            yield 1790, of_partner, Reason("quoted", "those of one partner")
        yield from _with_others(entry, evidence, of_partner, _of_day(entry, ledger.by_partner[partner]))
    for item in named:
        yield 1500, (item,), Reason("quoted", "one of several" if len(named) > 1 else "")


def _with_others(
    entry: Entry, evidence: Evidence, named: tuple[OpenItem, ...], items: Sequence[OpenItem]
) -> Iterator[Candidate]:
    """The quoted items with others of the partner: those of which the text has a part, those that fill the sum."""
    others = [item for item in items if item not in named]
    backed = [item for item in others if support(item, evidence.quoted) is not None]
    if backed:
        yield 1810, (*named, *backed), Reason("quoted", f"{len(backed)} item(s) by a part of their number")
    if any(item.currency != entry.amount.currency for item in named):
        return
    due = total((item.residual for item in named), entry.amount.currency)
    missing = EXACT.subtract(entry.amount.amount, due.amount)
    sums = groups_of(others, missing, entry.amount.currency.code, least=1, most=3)
    for group in sums.groups[:3] if sums is not None else ():
        yield (
            1870 - 10 * len(group),
            (*named, *group),
            Reason("quoted_with_more", f"{len(group)} item(s) fill the amount"),
        )


def _partners(evidence: Evidence, named: tuple[OpenItem, ...]) -> dict[str, tuple[int, str]]:
    """Who may have paid, the best witness first: (weight, code)."""
    found: dict[str, tuple[int, str]] = {}
    for naming in evidence.namings:
        for item in naming.items:
            found.setdefault(item.partner_id, (300, "partner_of_the_reference"))
    for item in named:
        found.setdefault(item.partner_id, (300, "partner_of_the_reference"))
    for partner, witness in evidence.payers.items():
        found.setdefault(partner, (100 + 40 * witness.strength, witness.reasons[0].code))
    return found


_NEARLY = ("amount exact", "amount but for a named difference", "amount nearly", "less or more than is due")


def _owed(
    entry: Entry, evidence: Evidence, items: Sequence[OpenItem], terms: Terms, weight: int, code: str
) -> Iterator[Candidate]:
    """What a partner has open: one item that fits, a group that does, then what may be paid in part, oldest first."""
    backed = []
    for item in sorted(items, key=_age):
        found = explain(entry, (item,), terms)
        number = 300 if support(item, evidence.quoted) is not None else 0
        if number:
            backed.append(item)
        if found is not None:
            nearness = _closeness(entry, item) if found.doubt >= 2 else 0
            score = weight + number + (1000, 900, 600, 200)[found.doubt] + nearness
            yield score, (item,), Reason(code, _NEARLY[found.doubt])
        elif (item.residual.amount > 0) == (entry.amount.amount > 0):
            yield weight + number + _closeness(entry, item) // 2, (item,), Reason(code, "open")
    if len(backed) > 1:
        exact = explain(entry, backed, terms)
        score = 1350 if exact is not None and exact.doubt <= 1 else 450
        yield weight + score, tuple(backed), Reason(code, f"{len(backed)} items by parts of their numbers")
    yield from _groups(entry, backed, items, weight, code)


def _groups(
    entry: Entry, backed: Sequence[OpenItem], items: Sequence[OpenItem], weight: int, code: str
) -> Iterator[Candidate]:
    """Groups of items that sum to the amount; those that the text has parts of before others."""
    currency, amount = entry.amount.currency.code, entry.amount.amount
    ids = {item.id for item in backed}
    for pool in (backed, items) if backed else (items,):
        sums = groups_of(pool, amount, currency, least=2, most=5)
        for group in sums.groups if sums is not None else ():
            shared = sum(item.id in ids for item in group)
            size = 860 - 20 * len(group) + 80 * shared
            yield weight + size, group, Reason(code, f"{len(group)} items sum to the amount")


def _closeness(entry: Entry, item: OpenItem) -> int:
    """0 to 100: how near what is open is to what came, in proportion."""
    if item.currency != entry.amount.currency:
        return 0
    paid, due = entry.amount.amount.copy_abs(), item.residual.amount.copy_abs()
    return int(EXACT.multiply(min(paid, due), Decimal(100)) // max(paid, due))


def _age(item: OpenItem) -> tuple[bool, object, str]:
    return item.due_date is None, item.due_date or 0, item.id


def _of_this_amount(entry: Entry, evidence: Evidence, ledger: Ledger) -> Iterator[Candidate]:
    """Items of anybody that have this very amount, the likest name first."""
    name = entry.counterparty.name if entry.counterparty is not None else None
    for item in _of_day(entry, ledger.of_amount(entry.amount, evidence.payers)):
        alike = _alike(name, item.partner_name)
        number = 400 if support(item, evidence.quoted) is not None else 0
        what = "name alike" if alike else "a part of its number" if number else "nothing else"
        yield (600 + alike * 5 // 2 if alike else 300) + number, (item,), Reason("amount_exact", what)


def _alike(name: str | None, other: str | None) -> int:
    if name is None or other is None:
        return 0
    found = likeness(read_name(name), read_name(other))
    return found if found >= LIKE else 0


def _of_day(entry: Entry, items: Iterable[OpenItem]) -> list[OpenItem]:
    """Items that were issued when the entry was booked."""
    day = max(entry.booking_date or entry.value_date, entry.value_date)
    return [item for item in items if item.issue_date is None or item.issue_date <= day]
