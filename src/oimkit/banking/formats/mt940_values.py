"""What single parts of MT940 fields say: amounts, days, signs, codes."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.amounts import read_amount

__all__ = [
    "NEGATIVE",
    "NO_REFERENCE",
    "bank_code",
    "day",
    "entry_day",
    "last_of_february",
    "plain_days",
    "printed_amount",
]

NO_REFERENCE = frozenset({"NONREF", "NOREF", "KREF+", "EREF+", "MREF+", "PREF+", "KREF", "EREF", "MREF", "PREF", "X"})
"""What stands in the reference when there is none, or when it is in field 86."""

NEGATIVE = frozenset({"D", "RC", "ED"})
"""Debits; the reversal of a credit takes money off, the reversal of a debit gives it back."""


def printed_amount(text: str) -> Decimal:
    """An amount with the comma of SWIFT, or with the point of old Rabobank files where it cannot mean thousands."""
    if _PLAIN_AMOUNT.fullmatch(text):  # as read_amount would, without its other cases
        return Decimal(text.replace(",", "."))
    return read_amount(text, decimal="," if "," in text else None)


_PLAIN_AMOUNT = re.compile(r"[0-9]{1,20},[0-9]{0,5}", re.ASCII)


@lru_cache(maxsize=4096)
def day(text: str) -> date | None:
    """YYMMDD; years 80 to 99 are of the last century (SWIFT). None when there is no such day."""
    year = int(text[:2])
    try:
        return date(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


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
def plain_days(text: str) -> tuple[date, date] | None:
    """Value date and booking date of YYMMDDMMDD; None where one of them is not a day of the calendar."""
    value = day(text[:6])
    booked = entry_day(text[6:], value) if value is not None else None
    return (value, booked) if value is not None and booked is not None else None


@lru_cache(maxsize=256)
def last_of_february(text: str) -> date | None:
    """The last of February for YY0229 and YY0230: value dates of banks that count 30 days a month."""
    if text[2:6] not in ("0229", "0230"):
        return None
    return day(text[:4] + "29") or day(text[:4] + "28")


@lru_cache(maxsize=1024)
def bank_code(type_code: str | None, own_code: str | None) -> str | None:
    """SWIFT type and the bank's own code, as German banks join them in CAMT (NTRF+166)."""
    swift = " ".join(type_code.split()) if type_code else ""
    return f"{swift}+{own_code}" if swift and own_code else swift or own_code
