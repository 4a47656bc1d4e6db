"""Sums and scaled digits that come out the same whatever decimal context the program has set."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce

__all__ = ["EXACT", "scaled", "summed"]

EXACT = Context(prec=200, traps=[InvalidOperation, Inexact])
"""As in oimkit.money: a sum is exact or refused."""


def scaled(digits: str | int, decimals: int) -> Decimal:
    """*digits*, ASCII ones alone or with a sign before them, the last *decimals* of them behind the point.

    ``Decimal.scaleb`` would round to the precision of the program's own context; reading a text never does.

    >>> scaled("000012345", 2), scaled(-5, 3)
    (Decimal('123.45'), Decimal('-0.005'))
    """
    return Decimal(f"{digits}E-{decimals}")


def summed(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of *amounts*, 0 for none.

    >>> summed([Decimal("0.10"), Decimal("-2")])
    Decimal('-1.90')
    """
    return reduce(EXACT.add, amounts, Decimal(0))
