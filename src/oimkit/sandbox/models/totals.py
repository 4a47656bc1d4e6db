"""Amounts of invoices: line subtotals, taxes by percentage, the receivable or payable item, all in whole cents.

14 rounds each line's tax, 19 the sum (the company's ``tax_calculation_rounding_method`` decides); on 19 with rounding
of the sum the untaxed amount is rounded once over all lines too, and the largest line's item takes what is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from oimkit.sandbox.values import round_half_up

__all__ = ["LineAmounts", "TaxShare", "balances", "line_amounts", "taxes"]

ZERO, HUNDRED = Decimal(0), Decimal(100)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """raw is the unrounded untaxed amount; subtotal and total are rounded, total with the line's own taxes."""

    raw: Decimal
    subtotal: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class TaxShare:
    """What one tax (id) takes of one line: its rate in percent and the line's unrounded base."""

    tax: int
    rate: Decimal
    base: Decimal


def line_amounts(quantity: Decimal, price: Decimal, discount: Decimal, rates: Sequence[Decimal]) -> LineAmounts:
    raw = quantity * price * (HUNDRED - discount) / HUNDRED
    subtotal = round_half_up(raw)
    taxed = subtotal + sum((round_half_up(subtotal * rate / HUNDRED) for rate in rates), ZERO)
    return LineAmounts(raw, subtotal, taxed)


def balances(raws: Sequence[Decimal], *, globally: bool) -> tuple[Decimal, ...]:
    """The booked amount of each line; rounded once over all lines where *globally*, else each for itself."""
    rounded = [round_half_up(raw) for raw in raws]
    if not globally or not raws:
        return tuple(rounded)
    over = round_half_up(sum(raws, ZERO)) - sum(rounded, ZERO)
    largest = max(range(len(raws)), key=lambda index: abs(rounded[index]))
    rounded[largest] += over
    return tuple(rounded)


def taxes(shares: Sequence[TaxShare], *, globally: bool) -> dict[int, Decimal]:
    """Amount by tax id, in the order in which the taxes first appear."""
    found: dict[int, Decimal] = {}
    for share in shares:
        amount = share.base * share.rate / HUNDRED
        found[share.tax] = found.get(share.tax, ZERO) + (amount if globally else round_half_up(amount))
    return {tax: round_half_up(amount) for tax, amount in found.items()}
