"""Which way a printed rate of exchange goes."""

from __future__ import annotations

from decimal import Decimal, localcontext

from oimkit.banking.exact import EXACT
from oimkit.banking.statement import Exchange
from oimkit.money import Money

__all__ = ["exchange_by_amounts"]


def exchange_by_amounts(rate: Decimal | None, original: Money | None, booked: Money | None) -> Exchange | None:
    """The conversion at *rate* in the direction in which *original* and *booked* agree best; without one of them, in
    none. None without a rate.

    >>> exchange_by_amounts(Decimal("1.25"), Money("125", "USD"), Money("-100", "EUR"))
    Exchange(rate=Decimal('1.25'), source=Currency(code='EUR'), target=Currency(code='USD'))
    """
    if rate is None:
        return None
    if original is None or booked is None or original.currency == booked.currency:
        return Exchange(rate)
    before, after = original.amount.copy_abs(), booked.amount.copy_abs()
    with localcontext(EXACT):
        agrees = abs(before * rate - after) <= abs(after * rate - before)
    if agrees:
        return Exchange(rate, original.currency, booked.currency)
    return Exchange(rate, booked.currency, original.currency)
