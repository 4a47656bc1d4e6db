"""What single parts of the fields of MT940 and MT942 say: amounts, days, signs, codes."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from oimkit.banking.amounts import read_amount
from oimkit.banking.formats._common import as_currency, signed
from oimkit.banking.formats.short_days import year_month_day
from oimkit.banking.statement import Balance
from oimkit.errors import AmountError
from oimkit.money import Currency, Money

__all__ = [
    "NEGATIVE",
    "NO_REFERENCE",
    "PrintedBalance",
    "bank_code",
    "codes_of",
    "entry_day",
    "last_of_february",
    "plain_days",
    "printed_amount",
    "printed_money",
    "read_balance",
]

NO_REFERENCE = frozenset({"NONREF", "NOREF", "KREF+", "EREF+", "MREF+", "PREF+", "KREF", "EREF", "MREF", "PREF", "X"})
"""What stands in the reference when there is none, or when it is in field 86."""

NEGATIVE = frozenset({"D", "RC", "ED"})
"""Debits; the reversal of a credit takes money off, the reversal of a debit gives it back."""


PrintedBalance: TypeAlias = tuple[Currency, Balance]
"""A balance and the currency that it names."""


def printed_amount(text: str) -> Decimal:
    """An amount with the comma of SWIFT, or with the point of old Rabobank files where it cannot mean thousands."""
    if _PLAIN_AMOUNT.fullmatch(text):  # as read_amount would, without its other cases
        return Decimal(text.replace(",", "."))
    return read_amount(text, decimal="," if "," in text else None)


_PLAIN_AMOUNT = re.compile(r"[0-9]{1,20},[0-9]{0,5}", re.ASCII)


def printed_money(printed: tuple[str, str] | None) -> Money | None:
    """An accompanying amount, or None when it is absent or cannot be read in one way: nothing hangs on it."""
    currency = as_currency(printed[0]) if printed is not None else None
    if printed is None or currency is None:
        return None
    try:
        return Money(printed_amount(printed[1]), currency)
    except AmountError:
        return None


_BALANCE = re.compile(r"([CDcd])([0-9]{6})([A-Z]{3}) ?([0-9][0-9.,]*)\s*", re.ASCII)


def read_balance(text: str, code: str) -> PrintedBalance | None:
    """The balance of a field 60, 62, 64 or 65, of the type *code* of ISO 20022; None where it has another form.

    Raises:
        AmountError: it has the form, but its amount can be read in two ways.
    """
    match = _BALANCE.fullmatch(text)
    currency = as_currency(match[3]) if match is not None else None
    if match is None or currency is None:
        return None
    amount = signed(printed_amount(match[4]), match[1] in "Dd")
    return currency, Balance(Money(amount, currency), year_month_day(match[2]), code)


@lru_cache(maxsize=4096)
def entry_day(text: str, value: date) -> date | None:
    """MMDD in the year that brings it nearest to the value date; None when there is no such day."""
    days = []
    for year in (value.year - 1, value.year, value.year + 1):
        try:
            days.append(date(year, int(text[:2]), int(text[2:4])))
        except ValueError:
            continue
    return min(days, key=lambda near: abs(near - value), default=None)


@lru_cache(maxsize=4096)
def plain_days(text: str) -> tuple[date, date | None] | None:
    """Value date and booking date of YYMMDDMMDD or YYMMDD; None where one of them is not a day of the calendar."""
    value = year_month_day(text[:6])
    if value is None or len(text) == 6:
        return (value, None) if value is not None else None
    booked = entry_day(text[6:], value)
    return (value, booked) if booked is not None else None


@lru_cache(maxsize=256)
def last_of_february(text: str) -> date | None:
    """The last of February for YY0229 and YY0230: value dates of banks that count 30 days a month."""
    if text[2:6] not in ("0229", "0230"):
        return None
    return year_month_day(text[:4] + "29") or year_month_day(text[:4] + "28")


@lru_cache(maxsize=1024)
def bank_code(type_code: str | None, own_code: str | None) -> str | None:
    """SWIFT type and the bank's own code, as German banks join them in CAMT (NTRF+166)."""
    swift = " ".join(type_code.split()) if type_code else ""
    return f"{swift}+{own_code}" if swift and own_code else swift or own_code


@lru_cache(maxsize=4096)
def codes_of(
    type_code: str | None, own_code: str | None, journal: str | None = None, text_key: str | None = None
) -> tuple[tuple[str, str], ...]:
    """The codes of one entry as (scheme, code).

    *own_code* is the three digits before numbered subfields (Geschaeftsvorfallcode), *journal* its subfield 10
    (Primanota), *text_key* its subfield 34.
    """
    printed = (("swift", type_code), ("gvc", own_code), ("primanota", journal), ("text-key", text_key))
    return tuple((scheme, plain) for scheme, code in printed if code and (plain := " ".join(code.split())))
