"""Groups of items that sum to an amount, counted: two groups are a question, not an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from math import comb, gcd

from oimkit.banking.exact import EXACT
from oimkit.banking.matching.model import OpenItem

__all__ = ["NO_SUMS", "Sums", "groups_of"]

_MOST_ITEMS = 24
"""Items of which groups of more than two are tried."""

_MOST_FOUND = 4
Places = tuple[int, ...]
Halves = dict[int, dict[int, list[Places]]]
"""Groups by their size and sum."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Groups that sum to the amount, the smallest first, a few of them where there are many.

    tries   how many groups there are of the smallest size found, and below
    amount  what they sum to, without its sign, in the unit that all amounts are in: whole ones, or the smallest
    """

    groups: tuple[tuple[OpenItem, ...], ...]
    tries: int
    amount: int

    @property
    def is_telling(self) -> bool:
        """True when hardly any group would fit by chance: one in fifty such sums at the most."""
        return _is_telling(self.tries, self.amount)


NO_SUMS = Sums((), 0, 0)


def groups_of(items: Sequence[OpenItem], missing: Decimal, currency: str, *, least: int, most: int) -> Sums | None:
    """Groups of *least* to *most* of *items* in *currency* that sum to *missing*; None where they are too many to try.

    Of the smallest size in which there are any; larger ones are less likely to be meant, and count as long as they too
    would hardly fit by chance.
    """
    fitting = [item for item in items if item.residual.currency.code == currency]
    if missing > 0 and all(item.residual.amount > 0 for item in fitting):
        fitting = [item for item in fitting if item.residual.amount <= missing]
    elif missing < 0 and all(item.residual.amount < 0 for item in fitting):
        fitting = [item for item in fitting if item.residual.amount >= missing]
    if len(fitting) < least:
        return NO_SUMS
    *values, wanted = _units([*(item.residual.amount for item in fitting), missing])
    found = _search(tuple(values), wanted, least, most)
    if found is None:
        return None
    groups, tries = found
    chosen = tuple(tuple(fitting[place] for place in group) for group in groups)
    return Sums(chosen, tries, abs(wanted))


@lru_cache(maxsize=8192)
def _search(values: Places, wanted: int, least: int, most: int) -> tuple[tuple[Places, ...], int] | None:
    """The groups of the smallest size, and how many groups there are up to that size; all values together first."""
    count = len(values)
    if sum(values) == wanted:
        return (tuple(range(count)),), 1
    ordered = sorted(values)
    halves: Halves = {}
    tries = 0
    for size in range(least, min(most, count) + 1):
        if count > _MOST_ITEMS and size > 2:
            return None
        tries += comb(count, size)
        if not sum(ordered[:size]) <= wanted <= sum(ordered[-size:]):
            continue
        found = sorted(_of_size(values, wanted, size, halves))
        if found:
            more = (
                _larger(values, wanted, range(size + 1, min(most, count) + 1), tries, halves) if len(found) == 1 else []
            )
            return (*found[:_MOST_FOUND], *more[:_MOST_FOUND]), tries
    return (), tries


def _larger(values: Places, wanted: int, sizes: range, tries: int, halves: Halves) -> list[Places]:
    """Groups of the first of *sizes* that has any, while one would hardly fit by chance after so many *tries*."""
    for size in sizes:
        tries += comb(len(values), size)
        if len(values) > _MOST_ITEMS or not _is_telling(tries, abs(wanted)):
            break
        if found := sorted(_of_size(values, wanted, size, halves)):
            return found
    return []


def _is_telling(tries: int, amount: int) -> bool:
    return 50 * tries <= amount


def _of_size(values: Places, wanted: int, size: int, halves: Halves) -> list[Places]:
    """Groups of *size*: every group of its first half with those of the second that give the rest."""
    if size == 1:
        return [(place,) for place, value in enumerate(values) if value == wanted]
    behind = _sums(values, size // 2, halves)
    first = size - size // 2
    if {wanted - amount for amount in behind}.isdisjoint(map(sum, combinations(values, first))):
        return []
    before = zip(combinations(range(len(values)), first), map(sum, combinations(values, first)), strict=True)
    meeting = [(places, rest) for places, amount in before if (rest := behind.get(wanted - amount)) is not None]
    return [(*places, *last) for places, rest in meeting for last in rest if places[-1] < last[0]]


def _sums(values: Places, size: int, halves: Halves) -> dict[int, list[Places]]:
    """The groups of *size* by their sum."""
    known = halves.get(size)
    if known is None:
        known = halves[size] = defaultdict(list)
        for places, group in zip(combinations(range(len(values)), size), combinations(values, size), strict=True):
            known[sum(group)].append(places)
    return known


def _units(amounts: Sequence[Decimal]) -> list[int]:
    """The amounts in whole units of their currency where all are, else in the smallest unit that occurs."""
    in_cents = all(map(_CENT.same_quantum, amounts))
    decimals = 2 if in_cents else max(0, *(-_exponent(amount) for amount in amounts))
    smallest = [int(EXACT.scaleb(amount, decimals)) for amount in amounts]
    is_round = decimals > 0 and gcd(*smallest) % 10**decimals == 0
    return [amount // 10**decimals for amount in smallest] if is_round else smallest


_CENT = Decimal("0.01")


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)  # amounts are finite
    return exponent
