"""What the server will print: stored precision, line amounts, predicted tax, and the fit of a line to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from oimkit.billing.exact import is_multiple, round_ratio
from oimkit.errors import InputError
from oimkit.money import Currency, Money, Rounding

__all__ = ["Printed", "Printing", "TaxMethod", "Unit", "fit"]


class TaxMethod(StrEnum):
    """How the company rounds tax: per line, or once over the lines of one tax (Odoo's own words)."""

    PER_LINE = "round_per_line"
    GLOBALLY = "round_globally"


class Unit(StrEnum):
    """What one unit of a printed quantity is. AMOUNT: quantity 1, the price is the whole amount."""

    HOUR = "hour"
    MINUTE = "minute"
    ENTRY = "entry"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Printed:
    """One line as the document shows it: quantity x price, rounded by the server, is the amount."""

    unit: Unit
    quantity: Decimal
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """Precision with which the server stores and prints an invoice line.

    Odoo stores quantity and price rounded half away from zero at the precisions "Product Unit of Measure" and
    "Product Price", multiplies what it stored, and rounds to the currency (measured on 17 and 18).

    currency_rounding  the server's step for amounts; None is the currency's minor unit
    """

    quantity_digits: int = 2
    price_digits: int = 2
    currency_rounding: Decimal | None = None
    tax_method: TaxMethod = TaxMethod.PER_LINE

    def __post_init__(self) -> None:
        if not 0 <= self.quantity_digits <= 12 or not 0 <= self.price_digits <= 12:
            raise InputError("a decimal precision lies between 0 and 12 digits")
        if self.currency_rounding is not None and not self.currency_rounding > 0:
            raise InputError("a currency is rounded to a step above zero")

    def step(self, currency: Currency) -> Decimal:
        """The smallest amount that is printed in *currency*."""
        return currency.minor_unit if self.currency_rounding is None else self.currency_rounding

    def stored_quantity(self, quantity: Fraction) -> Decimal:
        """*quantity* as the server keeps it."""
        return round_ratio(quantity, Decimal(1).scaleb(-self.quantity_digits), Rounding.HALF_UP)

    def stored_price(self, price: Fraction) -> Decimal:
        """*price* as the server keeps it."""
        return round_ratio(price, Decimal(1).scaleb(-self.price_digits), Rounding.HALF_UP)

    def subtotal(
        self, quantity: Decimal, price: Decimal, currency: Currency, *, discount: Decimal = Decimal(0)
    ) -> Decimal:
        """What the server prints for *quantity* x *price* less *discount* percent, after storing all three."""
        stored = Fraction(self.stored_quantity(Fraction(quantity))) * Fraction(self.stored_price(Fraction(price)))
        rest = 1 - Fraction(round_ratio(Fraction(discount), Decimal("0.01"), Rounding.HALF_UP)) / 100
        return round_ratio(stored * rest, self.step(currency), Rounding.HALF_UP)

    def tax(self, subtotals: Sequence[Money], percent: Decimal, currency: Currency) -> Money:
        """Tax of *percent* on lines of one tax, rounded as the company does it."""
        step, share = self.step(currency), Fraction(percent) / 100
        taxes = [Fraction(subtotal.amount) * share for subtotal in subtotals]
        if self.tax_method is TaxMethod.PER_LINE:
            taxes = [Fraction(round_ratio(tax, step, Rounding.HALF_UP)) for tax in taxes]
        return Money(round_ratio(sum(taxes, Fraction(0)), step, Rounding.HALF_UP), currency)


def fit(
    amount: Money,
    *,
    seconds: int,
    hourly: Decimal | None,
    each: tuple[int, Decimal] | None,
    printing: Printing,
    units: Sequence[Unit],
) -> Printed:
    """A printable quantity x price that is *amount* exactly on the server; the first of *units* that can.

    hourly  the agreed price of an hour, when the line has one; seconds are the billed time
    each    number of entries and the agreed price of one, when the line is billed by the entry

    The agreed price is never changed to make a line fit: where no quantity at the agreed price prints the
    amount, the line becomes 1 x amount. Raises InputError when even that is not printable.
    """
    for unit in (*units, Unit.AMOUNT):
        wanted = _quantity_and_price(unit, amount, seconds, hourly, each)
        if wanted is None or not is_multiple(wanted[1], Decimal(1).scaleb(-printing.price_digits)):
            continue
        quantity, price = printing.stored_quantity(wanted[0]), printing.stored_price(wanted[1])
        if printing.subtotal(quantity, price, amount.currency) == amount.amount:
            return Printed(unit, quantity, price, amount.amount)
    raise InputError(
        f"an amount in {amount.currency} cannot be printed with {printing.price_digits} price digits",
        advice="raise the server's decimal precision of product prices to that of the currency",
    )


def _quantity_and_price(
    unit: Unit, amount: Money, seconds: int, hourly: Decimal | None, each: tuple[int, Decimal] | None
) -> tuple[Fraction, Fraction] | None:
    """Exact quantity and exact agreed price in *unit*, or None where the line has no such price."""
    match unit:
        case Unit.HOUR:
            return None if hourly is None else (Fraction(seconds, 3600), Fraction(hourly))
        case Unit.MINUTE:
            return None if hourly is None else (Fraction(seconds, 60), Fraction(hourly) / 60)
        case Unit.ENTRY:
            return None if each is None else (Fraction(each[0]), Fraction(each[1]))
        case Unit.AMOUNT:
            return _once(amount)


def _once(amount: Money) -> tuple[Fraction, Fraction]:
    """1 x amount; a negative amount is -1 x its opposite, because a price below zero is no price."""
    return (Fraction(-1 if amount.amount < 0 else 1), Fraction(abs(amount.amount)))
