"""Numbers and days as CSV files print them: read in one given way, or not at all; which way is decided elsewhere."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from oimkit.banking.formats._common import as_currency, signed
from oimkit.money import Currency

__all__ = ["MARKS", "ORDERS", "Figure", "Mark", "Order", "read_currency", "read_day", "read_figure", "read_number"]

Mark: TypeAlias = Literal[",", "."]
"""The decimal mark."""

Order: TypeAlias = Literal["dmy", "mdy", "ymd"]
"""In which order day, month and year stand."""

MARKS: tuple[Mark, ...] = (",", ".")
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")

_LONGEST = 40
"""More characters than this are no amount and no day."""


class Figure(NamedTuple):
    """A number with what is printed beside it.

    amount    signed as printed: a minus before or behind, brackets, DR or S (Soll) make it negative
    currency  the currency whose code or sign stands in the cell, where it names one
    marked    True when a sign, brackets, CR or DR are printed
    """

    amount: Decimal
    currency: Currency | None
    marked: bool


_PLAIN = {
    ",": re.compile(r"[+-]?[0-9]{1,30}(?:,[0-9]{0,8})?", re.ASCII),
    ".": re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{0,8})?", re.ASCII),
}
"""What nearly every cell is."""

_PARTS = re.compile(r"([^0-9.,]*)([0-9.,](?:[0-9.,'’ ]*[0-9.,])?)([^0-9.,]*)", re.ASCII | re.DOTALL)
"""What stands before the digits, the digits with their separators, what stands behind."""

_DIGITS = {
    mark: re.compile(
        rf"[0-9]+(?:[{mark}][0-9]*)?|[{mark}][0-9]+"
        rf"|[1-9][0-9]{{0,2}}(?:([{other}'’ ])[0-9]{{3}}(?:\1[0-9]{{3}})*)(?:[{mark}][0-9]*)?",
        re.ASCII,
    )
    for mark, other in ((",", "."), (".", ","))
}
"""Digits with one decimal mark; thousands in groups of three by one and the same separator."""

_LAKH = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?", re.ASCII)
"""Groups as in India: 1,23,456.78."""

_BESIDE = re.compile(r"([+-]?)(\(?)([+-]?)([^\s()+-]{0,5}\.?)([+-]?)(\)?)", re.DOTALL)
"""Around the digits, blanks taken away: signs, a bracket, a currency."""

_SIDES = {"CR": 1, "DR": -1, "H": 1, "S": -1}
"""Behind the digits: credit and debit, Haben and Soll."""

_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₪": "ILS", "₺": "TRY", "₴": "UAH", "zł": "PLN", "Kč": "CZK",
          "Ft": "HUF", "R$": "BRL", "US$": "USD", "C$": "CAD", "A$": "AUD", "S$": "SGD",
          "Fr.": "CHF"}  # fmt: skip
_VAGUE_SIGNS = frozenset({"$", "¥", "kr", "kr.", "Kr", "Kr.", "R"})
"""Signs of several currencies: they stand beside an amount and name none."""

_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u2013": "-", "\t": " "})


def read_number(text: str, mark: Mark) -> Decimal | None:
    """The amount that ``read_figure`` reads; the quick way for what nearly every cell is."""
    if _PLAIN[mark].fullmatch(text):
        number = Decimal(text if mark == "." else text.replace(",", "."))
        return number or number.copy_abs()
    figure = read_figure(text.strip(), mark)
    return figure.amount if figure is not None else None


@lru_cache(maxsize=4096)
def read_figure(text: str, mark: Mark) -> Figure | None:
    """The number that *text* is when *mark* is the decimal mark; None when it is not exactly one number.

    >>> read_figure("-1.234,56", ",").amount, read_figure("£12.30 CR", ".").amount, read_figure("1.234,56", ".")
    (Decimal('-1234.56'), Decimal('12.30'), None)
    """
    parts = _PARTS.fullmatch(text.translate(_BLANKS).strip(" ")) if len(text) <= _LONGEST else None
    if parts is None or not (_DIGITS[mark].fullmatch(parts[2]) or (mark == "." and _LAKH.fullmatch(parts[2]))):
        return None
    return _beside(parts[1].replace(" ", ""), _number(parts[2], mark), parts[3].replace(" ", ""))


def _number(digits: str, mark: Mark) -> Decimal:
    """Checked *digits* as a number: separators of groups dropped, the mark made a point."""
    whole, _, rest = digits.partition(mark)
    for separator in ".,'’ ":
        whole = whole.replace(separator, "")
    number = Decimal(f"{whole or '0'}.{rest}" if rest else whole)
    return number or number.copy_abs()


def _beside(before: str, number: Decimal, behind: str) -> Figure | None:
    """The figure with the signs and the currency around it; None when they do not go together."""
    side = _SIDES.get(behind.upper(), 0)
    left, right = _BESIDE.fullmatch(before), _BESIDE.fullmatch("" if side else behind)
    if left is None or right is None or left[6] or right[2] or bool(left[2]) != bool(right[6]):
        return None
    signs = [sign for sign in (*left.group(1, 3, 5), *right.group(1, 3, 5)) if sign]
    marks = len(signs) + bool(left[2]) + bool(side)
    names = [name for name in (left[4], right[4]) if name]
    if marks > 1 or len(names) > 1:
        return None
    currency = _currency(names[0]) if names else None
    if names and currency is None and names[0] not in _VAGUE_SIGNS:
        return None
    negative = bool(left[2]) or side < 0 or "-" in signs
    return Figure(signed(number, negative), currency, marks > 0)


def _currency(name: str) -> Currency | None:
    return read_currency(name) if name in _SIGNS or name.isupper() else None


def read_currency(text: str) -> Currency | None:
    """The currency that a code of three letters or the sign of one currency names; None for anything else."""
    text = text.strip()
    return Currency(_SIGNS[text]) if text in _SIGNS else as_currency(text)


# -- days ---------------------------------------------------------------------------------------------------------

_TIME = (
    r"(?:[T ,]{1,3}[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|UTC|GMT|[A-Z]{2,5}|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_NUMERIC = re.compile(rf"([0-9]{{1,4}})([-/.])[ ]?([0-9]{{1,2}})\2[ ]?([0-9]{{1,4}})\.?{_TIME}", re.ASCII)
_COMPACT = re.compile(rf"([0-9]{{8}}){_TIME}", re.ASCII)
_NAMED = re.compile(
    rf"([0-9]{{1,4}})(?:st|nd|rd|th)?[-/. ]{{1,2}}([^\W\d_]{{3,10}})\.?[-/., ]{{1,2}}([0-9]{{2,4}}){_TIME}"
)
_NAMED_FIRST = re.compile(
    rf"([^\W\d_]{{3,10}})\.?[-/. ]{{1,2}}([0-9]{{1,2}})(?:st|nd|rd|th)?,?[-/. ]{{1,2}}([0-9]{{4}}){_TIME}"
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar januari janvier janv enero ene gennaio gen janeiro sty stycznia styczeń leden ledna",
            "feb february februar februari febr février fevrier févr fevr fév fev febrero febbraio fevereiro lut luty "
            "lutego únor února",
            "mar march mär märz marz mrz maart mrt mars marzo março marec marca marzec březen března",
            "apr april avril avr abril abr aprile kwi kwietnia kwiecień duben dubna",
            "may mai mei maj mayo maggio mag maio maja květen května",
            "jun june juni juin junio giugno giu junho cze czerwca czerwiec červen června",
            "jul july juli juillet juil julio luglio lug julho lipca lipiec červenec července",
            "aug august augustus août aout agosto ago augusti sie sierpnia sierpień srpen srpna",
            "sep sept september septembre septiembre settembre set setembro wrz września wrzesień září",
            "oct october okt oktober octobre octubre ottobre ott outubro out paź października październik říjen října",
            "nov november novembre noviembre novembro",
            "dec december dez dezember décembre decembre déc diciembre dic dicembre dezembro gru grudnia grudzień "
            "prosinec prosince",
        ),
        1,
    )
    for name in names.split()
}
"""Months in EN DE NL FR ES IT PT SV DA NO PL CZ; "lis" and "listopad" are left out: November in Polish and Czech,
October in Croatian."""


@lru_cache(maxsize=8192)
def read_day(text: str, order: Order) -> date | None:
    """The day that *text* is when its parts stand in *order*; None when it is not exactly one day of the calendar.

    A year first, or a month by its name with a year of four digits, is one day whatever the order. With points between
    its parts the month is never first. Years of two digits are of 1980 to 2079, years of four of 1970 to 2099. A time
    of day behind the day is left out, and never moves it.

    >>> read_day("03/04/2025", "dmy"), read_day("03/04/2025", "mdy"), read_day("2025-04-03T10:00:00", "dmy")
    (datetime.date(2025, 4, 3), datetime.date(2025, 3, 4), datetime.date(2025, 4, 3))
    """
    text = text.translate(_BLANKS).strip(" ")
    if not text or len(text) > _LONGEST:
        return None
    match = _NUMERIC.fullmatch(text)
    if match is not None:
        return _numeric((match[1], match[3], match[4]), match[2], order)
    match = _COMPACT.fullmatch(text)
    if match is not None:
        return _compact(match[1], order)
    return _named(text, order)


def _numeric(parts: tuple[str, str, str], separator: str, order: Order) -> date | None:
    """The day of three numbers. Nobody writes the month first with points between: no locale of Unicode's CLDR does."""
    first, second, third = parts
    if separator == "." and order == "mdy" and len(first) < 4:
        return None
    if len(first) == 4:
        return _day(first, second, third) if len(third) <= 2 else None
    if len(third) == 4 and order == "ymd":
        return None
    if len(third) not in (2, 4) or (order == "ymd" and len(first) != 2) or len(first) > 2:
        return None
    year, month, day = {"dmy": (third, second, first), "mdy": (third, first, second), "ymd": (first, second, third)}[
        order
    ]
    return _day(year, month, day)


def _compact(digits: str, order: Order) -> date | None:
    """Eight digits: the year first where that is a day at all. It never is one both ways, for no month is 19 or 20."""
    if order == "ymd" or digits[:2] in ("19", "20"):
        day = _day(digits[:4], digits[4:6], digits[6:])
        if day is not None or order == "ymd":
            return day
    first, second, year = digits[:2], digits[2:4], digits[4:]
    return _day(year, second, first) if order == "dmy" else _day(year, first, second)


def _named(text: str, order: Order) -> date | None:
    match = _NAMED.fullmatch(text)
    if match is not None:
        month = _MONTHS.get(match[2].casefold())
        day, year = match[1], match[3]
        if len(day) == 4 or (len(year) == 2 and order == "ymd"):
            day, year = year, day
        return _day(year, str(month), day) if month is not None and len(day) <= 2 and len(year) in (2, 4) else None
    match = _NAMED_FIRST.fullmatch(text)
    month = _MONTHS.get(match[1].casefold()) if match is not None else None
    return _day(match[3], str(month), match[2]) if match is not None and month is not None else None


def _day(year: str, month: str, day: str) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < 80 else 1900
    if not 1970 <= number <= 2099:
        return None
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None
