"""What a person is shown first for an entry that is not booked unseen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from oimkit.banking.matching.evidence import Evidence, most_alike, same_name
from oimkit.banking.matching.ledger import Ledger
from oimkit.banking.matching.model import OpenItem, Reason, Suggestion
from oimkit.banking.statement import Entry
from oimkit.money import Money, total

__all__ = ["suggest"]


def suggest(entry: Entry, evidence: Evidence, ledger: Ledger, *, limit: int = 5) -> tuple[Suggestion, ...]:
    """At most *limit* sets of items, best first: what is quoted, then what fits the amount, then what the payer owes.

    The same set is shown once, with the reason that ranked it highest.
    """
    best: dict[tuple[str, ...], tuple[int, int, Reason]] = {}
    for order, (score, items, reason) in enumerate(_candidates(entry, evidence, ledger)):
        ids = tuple(sorted(item.id for item in items))
        if ids not in best or best[ids][0] < score:
            best[ids] = (score, -order, reason)
    ranked = sorted(best.items(), key=lambda each: (-each[1][0], each[0]))
    return tuple(Suggestion(ids, (reason,)) for ids, (_, _, reason) in ranked[:limit])


Candidate = tuple[int, tuple[OpenItem, ...], Reason]


def _candidates(entry: Entry, evidence: Evidence, ledger: Ledger) -> Iterator[Candidate]:
    yield from _ordered(evidence)
    named = _named(evidence)
    yield from _quoted(entry, named, ledger)
    partners = _partners(entry, evidence, named, ledger)
    for partner, (weight, code) in partners.items():
        yield from _owed(entry, _of_day(entry, ledger.by_partner.get(partner, ())), weight, code)
    yield from _of_this_amount(entry, ledger)


def _ordered(evidence: Evidence) -> Iterator[Candidate]:
    """Items of our own order or batch."""
    if evidence.ordered:
        yield 100, evidence.ordered, Reason("end_to_end_id", f"{len(evidence.ordered)} item(s)")
    if evidence.batch:
        yield 99, evidence.batch, Reason("batch_id", f"{len(evidence.batch)} item(s)")


def _named(evidence: Evidence) -> tuple[OpenItem, ...]:
    """Items that a number of their own names, once each."""
    items = {naming.items[0].id: naming.items[0] for naming in evidence.namings if len(naming.keys) == 1}
    return tuple(items[item_id] for item_id in sorted(items))


def _quoted(entry: Entry, named: tuple[OpenItem, ...], ledger: Ledger) -> Iterator[Candidate]:
    """The quoted items together, with a credit note that makes the amount exact, in parts, and one by one."""
    if not named:
        return
    yield 95 if _pays(entry, named) else 90, named, Reason("quoted", f"{len(named)} item(s)")
    for size in range(1, min(len(named), 5)):
        for part in combinations(named[:10], size):
            if _pays(entry, part):
                yield 94, part, Reason("quoted_and_exact", f"{size} of {len(named)} quoted item(s)")
    others = [item for item in ledger.by_partner[named[0].partner_id] if item not in named]
    for other in _of_day(entry, others):
        if _pays(entry, (*named, other)):
            yield 93, (*named, other), Reason("quoted_with_one_more", f"{other.type.value} makes the amount exact")
    for item in named:
        yield 80, (item,), Reason("quoted", "one of several" if len(named) > 1 else "")


def _partners(
    entry: Entry, evidence: Evidence, named: tuple[OpenItem, ...], ledger: Ledger
) -> dict[str, tuple[int, str]]:
    """Who may have paid, the best witness first: (weight, code)."""
    found: dict[str, tuple[int, str]] = {}
    for naming in evidence.namings:
        for item in naming.items:
            found.setdefault(item.partner_id, (30, "partner_of_the_reference"))
    for item in named:
        found.setdefault(item.partner_id, (30, "partner_of_the_reference"))
    for partner in sorted(evidence.account_owners):
        found.setdefault(partner, (28, "account_known"))
    for partner in sorted(evidence.said_partners):
        found.setdefault(partner, (24, "partner_named"))
    if not found:
        for partner in _alike(entry, ledger):
            found.setdefault(partner, (22, "name_alike"))
    return found


def _alike(entry: Entry, ledger: Ledger) -> list[str]:
    """Partners whose name is like the other side's, the most alike first, three at most."""
    name = entry.counterparty.name if entry.counterparty is not None else None
    return [] if name is None else most_alike(name, ledger.partner_names, limit=3)


def _owed(entry: Entry, items: Sequence[OpenItem], weight: int, code: str) -> Iterator[Candidate]:
    """What a partner has open: the exact amount, an exact sum, the amount less discount, then the nearest due."""
    same_sign = [item for item in items if (item.residual.amount > 0) == (entry.amount.amount > 0)]
    for item in items:
        if item.residual == entry.amount:
            yield 40 + weight, (item,), Reason(code, "amount exact")
        elif item.discount is not None and _same(entry, item.residual - item.discount):
            yield 38 + weight, (item,), Reason(code, "amount less cash discount")
        elif entry.instructed is not None and abs(item.residual) == abs(entry.instructed):
            yield 39 + weight, (item,), Reason(code, "amount before conversion")
    for part in _exact_sums(entry, items):
        yield 36 + weight, part, Reason(code, f"{len(part)} items sum to the amount")
    for item in sorted(same_sign, key=lambda each: (each.due_date is None, each.due_date or entry.value_date, each.id))[
        :3
    ]:
        yield weight, (item,), Reason(code, "open")


def _exact_sums(entry: Entry, items: Sequence[OpenItem]) -> Iterator[tuple[OpenItem, ...]]:
    """Groups of two to four of at most sixteen items, credit notes included, that sum to the amount."""
    fitting = [item for item in items if item.currency == entry.amount.currency]
    if len(fitting) > _MOST_ITEMS:
        return
    amounts = [item.residual.amount for item in fitting]
    places: dict[Decimal, list[int]] = defaultdict(list)
    for place, amount in enumerate(amounts):
        places[amount].append(place)
    for size in (1, 2, 3):
        for chosen in combinations(range(len(fitting)), size):
            missing = entry.amount.amount - sum((amounts[place] for place in chosen), _NOTHING)
            for last in places.get(missing, ()):
                if last > chosen[-1]:
                    yield tuple(fitting[place] for place in (*chosen, last))


_NOTHING = Decimal(0)

_MOST_ITEMS = 16


def _of_this_amount(entry: Entry, ledger: Ledger) -> Iterator[Candidate]:
    """Items of anybody that have this very amount, the likest name first."""
    name = entry.counterparty.name if entry.counterparty is not None else None
    equal = ledger.by_amount.get((entry.amount.currency.code, entry.amount.amount), [])
    for item in _of_day(entry, equal):
        alike = same_name(name, item.partner_name)
        yield (
            (20 + alike // 3 if alike else 5),
            (item,),
            Reason("amount_exact", "name alike" if alike else "nothing else"),
        )


def _of_day(entry: Entry, items: Iterable[OpenItem]) -> list[OpenItem]:
    """Items that were issued when the entry was booked."""
    day = max(entry.booking_date or entry.value_date, entry.value_date)
    return [item for item in items if item.issue_date is None or item.issue_date <= day]


def _pays(entry: Entry, items: Sequence[OpenItem]) -> bool:
    if any(item.currency != entry.amount.currency for item in items):
        return False
    return total((item.residual for item in items), entry.amount.currency) == entry.amount


def _same(entry: Entry, amount: Money) -> bool:
    return amount == entry.amount
