"""Money: an exact amount in one currency, its rounding and its exact splitting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
)
from enum import Enum

from oimkit.errors import AmountError, CurrencyMismatch, InputError

__all__ = ["Currency", "Money", "Rounding", "round_to", "split", "total"]

_EXACT = Context(prec=200, traps=[InvalidOperation, Inexact])
"""Sums and products are exact or refused: 200 digits are more than any ledger holds."""

_ROUNDED = Context(prec=200, traps=[InvalidOperation])

_MAX_DIGITS = 60
"""An amount of more digits than this is no amount of money."""

_AMOUNT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)

_EXPONENTS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
    "CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
    "HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
    "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
    "SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG "
    "YER ZAR ZMW ZWG ZWL "
    # withdrawn, met in old statements
    "ATS BEF BYR CYP DEM EEK ESP FIM FRF GRD IEP ITL LTL LUF LVL MTL NLG PTE ROL RUR SIT SKK TRL YUM",
}
"""Minor-unit exponents of ISO 4217. The withdrawn ones keep the exponent they had when withdrawn
(BEF, BYR, ESP, GRD, ITL, LUF, PTE, TRL had coins or none; they are listed with the exponent that bank files print)."""

_EXPONENT_OF = {code: exponent for exponent, codes in _EXPONENTS.items() for code in codes.split()}


class Rounding(Enum):
    """How a number that lies between two permitted values is moved to one of them.

    The HALF modes go to the nearer value and differ only in the exact middle. UP and DOWN are away from
    zero and towards zero; CEILING and FLOOR are towards plus and minus infinity. Odoo rounds amounts
    HALF_UP (half away from zero).
    """

    HALF_UP = ROUND_HALF_UP
    HALF_EVEN = ROUND_HALF_EVEN
    HALF_DOWN = ROUND_HALF_DOWN
    UP = ROUND_UP
    DOWN = ROUND_DOWN
    CEILING = ROUND_CEILING
    FLOOR = ROUND_FLOOR


def round_to(value: Decimal, step: Decimal, mode: Rounding) -> Decimal:
    """*value* moved to a multiple of *step* by *mode*; exact for any finite value and any step above zero.

    >>> round_to(Decimal("0.34"), Decimal("0.25"), Rounding.HALF_UP)
    Decimal('0.25')
    """
    if not value.is_finite() or not step.is_finite() or step <= 0:
        raise InputError("a finite value is rounded, to a finite step above zero")
    if max(_digits(value), _digits(step)) > _MAX_DIGITS:
        raise InputError(f"a value to round and its step have at most {_MAX_DIGITS} digits")
    numerator, denominator = value.as_integer_ratio()
    step_numerator, step_denominator = step.as_integer_ratio()
    steps = _round_ratio(numerator * step_denominator, denominator * step_numerator, mode)
    return _EXACT.multiply(Decimal(steps), step)


def _round_ratio(numerator: int, denominator: int, mode: Rounding) -> int:
    """The whole number that *numerator* / *denominator* (> 0) becomes under *mode*, without any division error."""
    whole, rest = divmod(abs(numerator), denominator)
    negative = numerator < 0
    if rest:
        twice = 2 * rest
        match mode:
            case Rounding.UP:
                away = True
            case Rounding.DOWN:
                away = False
            case Rounding.CEILING:
                away = not negative
            case Rounding.FLOOR:
                away = negative
            case Rounding.HALF_UP:
                away = twice >= denominator
            case Rounding.HALF_DOWN:
                away = twice > denominator
            case Rounding.HALF_EVEN:
                away = twice > denominator or (twice == denominator and whole % 2 == 1)
        whole += away
    return -whole if negative else whole


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by its ISO 4217 alphabetic code.

    >>> Currency("JPY").exponent, Currency("EUR").exponent, Currency("BHD").exponent
    (0, 2, 3)
    """

    code: str

    def __post_init__(self) -> None:
        if len(self.code) != 3 or not (self.code.isascii() and self.code.isalpha() and self.code.isupper()):
            raise InputError("a currency code is three capital letters (ISO 4217)")

    @property
    def exponent(self) -> int | None:
        """Digits of the minor unit, or None where ISO 4217 gives none (XXX, XAU, an unknown code)."""
        return _EXPONENT_OF.get(self.code)

    @property
    def minor_unit(self) -> Decimal:
        """The smallest amount that can be paid, such as 0.01; InputError where the currency has none."""
        if self.exponent is None:
            raise InputError(f"currency {self.code} has no minor unit in ISO 4217")
        return Decimal(1).scaleb(-self.exponent)

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Money:
    """An exact amount in one currency; any number of decimals, finite, never a float.

    Equal amounts are equal whatever their trailing zeros: ``Money("1.5", "EUR") == Money("1.50", "EUR")``.
    Adding, subtracting or ordering two currencies raises CurrencyMismatch.

    >>> Money("100.00", "EUR") + Money("0.1", "EUR")
    Money('100.10', 'EUR')
    """

    amount: Decimal
    currency: Currency

    def __init__(self, amount: Decimal | int | str, currency: Currency | str) -> None:
        object.__setattr__(self, "amount", _read(amount))
        object.__setattr__(self, "currency", Currency(currency) if isinstance(currency, str) else currency)

    @classmethod
    def zero(cls, currency: Currency | str) -> Money:
        """Nothing, in *currency*."""
        return cls(0, currency)

    @classmethod
    def from_minor_units(cls, units: int, currency: Currency | str) -> Money:
        """*units* of the currency's minor unit: 1234 EUR cents are 12.34 EUR."""
        currency = Currency(currency) if isinstance(currency, str) else currency
        return cls(_EXACT.multiply(Decimal(units), currency.minor_unit), currency)

    @property
    def minor_units(self) -> int:
        """The amount as a whole number of minor units; AmountError when it is not one."""
        units = _EXACT.divide(self.amount, self.currency.minor_unit)
        if units != units.to_integral_value():
            raise AmountError(f"the amount is not a whole number of minor units of {self.currency}")
        return int(units)

    @property
    def is_payable(self) -> bool:
        """True when the amount has no more decimals than the currency's minor unit."""
        exponent = self.currency.exponent
        return exponent is None or _decimals(self.amount) <= exponent

    def rounded(self, mode: Rounding) -> Money:
        """The payable amount next to this one by *mode*."""
        return Money(round_to(self.amount, self.currency.minor_unit, mode), self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(_EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(_EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if isinstance(factor, bool) or not isinstance(factor, (int, Decimal)):
            return NotImplemented
        return Money(_EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(self.amount.copy_negate() if self.amount else self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(self.amount.copy_abs(), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise InputError("money can be added to and compared with money only")
        if other.currency is not self.currency and other.currency != self.currency:
            raise CurrencyMismatch(f"amounts in {self.currency} and {other.currency} cannot be added or compared")
        return other.amount

    def __str__(self) -> str:
        return f"{self.text} {self.currency}"

    def __repr__(self) -> str:
        return f"Money({self.text!r}, {self.currency.code!r})"

    @property
    def text(self) -> str:
        """The amount with at least the currency's decimals and a point, as ``--json`` output prints it."""
        exponent = self.currency.exponent or 0
        decimals = _decimals(self.amount)
        return f"{self.amount:.{max(exponent, decimals)}f}"


def _decimals(amount: Decimal) -> int:
    """Decimals that carry a value: 2 for 1.50 -> 1, none for 100."""
    exponent = amount.normalize(_ROUNDED).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _digits(value: Decimal) -> int:
    """Digits it takes to write the finite *value* out, before and after the point."""
    _sign, digits, exponent = value.as_tuple()
    places = int(exponent)
    return len(digits) + places if places >= 0 else max(len(digits), -places)


def _read(amount: Decimal | int | str) -> Decimal:
    """The amount as a finite Decimal of bounded length; floats and bool are refused."""
    if isinstance(amount, bool) or not isinstance(amount, (Decimal, int, str)):
        raise AmountError("an amount is a Decimal, an int or a decimal text, never a float")
    if isinstance(amount, str):
        if len(amount) > _MAX_DIGITS + 2 or not _AMOUNT.fullmatch(amount):
            raise AmountError("an amount text is digits with an optional sign and decimal point")
        amount = Decimal(amount)
    value = Decimal(amount)
    if not value.is_finite():
        raise AmountError("an amount must be finite")
    if _digits(value) > _MAX_DIGITS:
        raise AmountError(f"an amount has at most {_MAX_DIGITS} digits")
    return value or value.copy_abs()


def total(amounts: Iterable[Money], currency: Currency | str) -> Money:
    """The sum of *amounts*, all in *currency*; zero for none."""
    result = Money.zero(currency)
    summed = result.amount
    for amount in amounts:
        summed = _EXACT.add(summed, result._same(amount))
    return Money(summed, result.currency)


def split(whole: Money, weights: Sequence[int | Decimal]) -> tuple[Money, ...]:
    """Parts of *whole* in proportion to *weights*; they sum to *whole* exactly.

    Minor units left over go to the largest remainders, the earlier part on a tie. A negative whole is split
    like its opposite. Weights are non-negative and not all zero; *whole* must be payable (AmountError).

    >>> split(Money("100.00", "EUR"), [1, 1, 1])
    (Money('33.34', 'EUR'), Money('33.33', 'EUR'), Money('33.33', 'EUR'))
    """
    parts = _whole_weights(weights)
    units, sign = abs(whole.minor_units), -1 if whole.amount < 0 else 1
    all_parts = sum(parts)
    shares = [divmod(units * part, all_parts) for part in parts]
    spare = units - sum(share for share, _ in shares)
    favoured = set(sorted(range(len(shares)), key=lambda index: -shares[index][1])[:spare])
    return tuple(
        Money.from_minor_units(sign * (share + (index in favoured)), whole.currency)
        for index, (share, _) in enumerate(shares)
    )


def _whole_weights(weights: Sequence[int | Decimal]) -> list[int]:
    """Weights as whole numbers in the same proportion; refused when negative, not finite or all zero."""
    exact = [Decimal(weight) for weight in weights]
    if any(not weight.is_finite() or weight < 0 for weight in exact) or not any(exact):
        raise InputError("weights are finite, not negative and not all zero")
    ratios = [weight.as_integer_ratio() for weight in exact]
    common = 1
    for _, denominator in ratios:
        common = common * denominator // _gcd(common, denominator)
    return [numerator * (common // denominator) for numerator, denominator in ratios]


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a
