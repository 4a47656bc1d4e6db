"""What the dates and amounts of a QIF file prove about their own spelling: the order of a date, the decimal mark."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from oimkit.banking.amounts import read_amount
from oimkit.banking.formats._common import refused
from oimkit.banking.statement import Finding
from oimkit.errors import AmountError, StatementError

__all__ = ["DateOrder", "DecimalMark", "Spelling", "spelling_of"]

DateOrder: TypeAlias = Literal["DMY", "MDY", "YMD"]
"""Where day, month and year stand in a date of three numbers. A year of four digits that comes first needs no order."""

DecimalMark: TypeAlias = Literal[".", ","]

_FORMAT = "qif"

_TIME = r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?: ?[AaPp][Mm])?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_NUMBERS = re.compile(r"([0-9]{1,4})([./-]) ?([0-9]{1,2})([./-]?'|[./-]) ?([0-9]{1,4})\.?" + _TIME, re.ASCII)
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)
_DAY_NAME = re.compile(r"([0-9]{1,2})[ ./-]([A-Za-z]{3,9})[ ./',-]{1,2}([0-9]{2}|[0-9]{4})" + _TIME, re.ASCII)
_NAME_DAY = re.compile(r"([A-Za-z]{3,9})[ ./-]([0-9]{1,2})[ ./',-]{1,2}([0-9]{2}|[0-9]{4})" + _TIME, re.ASCII)

_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = {form: number for number, name in enumerate(_NAMES, 1) for form in (name[:3], name)} | {"sept": 9}

_GROUPED = re.compile(
    "[+-]?[1-9][0-9]{0,2}(?:(?: [0-9]{3})+|(?:'[0-9]{3})+|(?:\u00a0[0-9]{3})+|(?:\u202f[0-9]{3})+)(?:[.,][0-9]*)?",
    re.ASCII,
)
"""Thousands by blanks or apostrophes, which are never decimal marks."""

_ORDINARY = re.compile(r"[+-]?[0-9]+(?:([.,])[0-9]{1,2})?", re.ASCII)
"""What most amounts look like; these need no second look."""

_TWO_WAYS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)
"""One separator before exactly three digits: what read_amount refuses unless it is told the decimal mark."""

_MARKS: tuple[DecimalMark, DecimalMark] = (".", ",")


@dataclass(slots=True, repr=False)
class Spelling:
    """How the dates and amounts of one file are spelled, as far as the file proves it.

    days     what every date text of the file says; a text that is missing here is no date that can be read
    decimal  the decimal mark that the amounts show, or None where none of them shows it
    finding  how the order of the dates was decided, or None where no date depends on it
    """

    days: dict[str, date]
    decimal: DecimalMark | None
    finding: Finding | None
    told: bool = False
    by_mark: int = 0
    """Amounts read so far that have one reading only because the mark is known."""

    def day(self, text: str, line: int, tag: str = "D") -> date:
        """The day that *text* says; StatementError when it is none."""
        day = self.days.get(text)
        if day is None:
            raise refused(_FORMAT, "a date is no day of the calendar in the order of this file's dates", line, tag)
        return day

    def amount(self, text: str, line: int, tag: str = "T") -> Decimal:
        """The amount that *text* says; StatementError when it cannot be read in exactly one way."""
        ordinary = _ORDINARY.fullmatch(text) is not None
        plain = text if ordinary else _without_groups(text)
        if not ordinary and _TWO_WAYS.fullmatch(plain):
            return self._by_mark(plain, line, tag)
        try:
            amount = read_amount(plain)
        except AmountError as error:
            raise refused(_FORMAT, error.reason, line, tag) from None
        if self.told and self.decimal not in (_shown(plain) or (self.decimal,)):
            raise refused(_FORMAT, "an amount has another decimal mark than the caller says", line, tag)
        return amount

    def _by_mark(self, plain: str, line: int, tag: str) -> Decimal:
        """An amount with one separator before three digits: decimals after the file's mark, else thousands."""
        if self.decimal is None:
            raise refused(
                _FORMAT,
                "an amount with one separator before three digits can be read in two ways, and the other amounts of "
                "the file do not show its decimal mark",
                line,
                tag,
            )
        self.by_mark += 1
        return read_amount(plain.replace(_other(self.decimal), ""), decimal=self.decimal)


def spelling_of(
    dates: Iterable[tuple[str, int]],
    amounts: Iterable[tuple[str, int]],
    *,
    printed: DateOrder | None,
    told: DateOrder | None,
    decimal: DecimalMark | None,
) -> Spelling:
    """What a file proves by all its dates and all its amounts, each with its line.

    Args:
        printed: the order that the file's own header names (``!Option:MDY``), or None.
        told: the order that the caller knows, or None; then the file need prove nothing.
        decimal: the decimal mark that the caller knows, or None.

    Raises:
        StatementError: dates that can be read in two ways, and no date or header that proves one of them; dates that
            prove two orders; amounts that show two decimal marks.
    """
    first_lines: dict[str, int] = {}
    for text, line in dates:
        first_lines.setdefault(text, line)
    read = {text: _printed(text) for text in first_lines}
    order, finding = _order({text: one for text, one in read.items() if one is not None}, first_lines, printed, told)
    days = {text: one.day(order) for text, one in read.items() if one is not None}
    return Spelling(
        {text: day for text, day in days.items() if day is not None},
        _mark(amounts) if decimal is None else decimal,
        finding,
        told=decimal is not None,
    )


# -- dates --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Printed:
    """A date as printed, by the days that it can be: one for each order that gives a day of the calendar."""

    fixed: date | None
    by_order: dict[DateOrder, date]

    def day(self, order: DateOrder | None) -> date | None:
        return self.fixed or self.by_order.get(order or "DMY")

    def orders(self) -> dict[DateOrder, date]:
        """The days that it can be as this format stands: the year first only where its number can be no day."""
        last = dict(self.by_order)
        first = last.pop("YMD", None)
        return last if last or first is None or first.year % 100 < 32 else {"YMD": first}


def _printed(text: str) -> _Printed | None:
    """What *text* can say, or None when it is no date in any spelling."""
    numbers = _NUMBERS.fullmatch(text)
    if numbers is not None:
        return _of_numbers(numbers[1], numbers[3], numbers[5], numbers[2], numbers[4])
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        return _fixed(compact[1], compact[2], compact[3])
    for pattern, (at_day, at_month) in ((_DAY_NAME, (1, 2)), (_NAME_DAY, (2, 1))):
        named = pattern.fullmatch(text)
        if named is not None:
            month = _MONTHS.get(named[at_month].lower())
            return _fixed(named[3], str(month), named[at_day]) if month is not None else None
    return None


def _of_numbers(first: str, middle: str, last: str, separator: str, before_last: str) -> _Printed | None:
    """A date of three numbers. An apostrophe stands before a year of this century (Quicken since 2000)."""
    if len(first) == 4:
        return _fixed(first, middle, last) if len(last) <= 2 and before_last == separator else None
    apostrophe = before_last.endswith("'")
    if len(first) > 2 or len(last) == 3 or not (apostrophe or before_last == separator):
        return None
    if len(last) == 1 and not apostrophe:
        return None
    found: dict[DateOrder, date] = {}
    year = _year(last, apostrophe)
    found |= _if_day("DMY", year, middle, first)
    found |= _if_day("MDY", year, first, middle)
    if len(first) == 2 and len(middle) == 2 and len(last) == 2 and not apostrophe:
        found |= _if_day("YMD", _year(first, False), middle, last)
    return _Printed(None, found) if found else None


def _fixed(year: str, month: str, day: str) -> _Printed | None:
    found = _if_day("YMD", _year(year, False), month, day)
    return _Printed(found["YMD"], found) if found else None


def _year(text: str, apostrophe: bool) -> int | None:
    """The year that the digits say: two of them are 1980 to 2079, after an apostrophe 2000 to 2079; None else."""
    if len(text) == 4:
        return int(text) if text[:2] in ("19", "20") else None
    short = int(text)
    if short < 80:
        return 2000 + short
    return None if apostrophe else 1900 + short


def _if_day(order: DateOrder, year: int | None, month: str, day: str) -> dict[DateOrder, date]:
    try:
        return {} if year is None else {order: date(year, int(month), int(day))}
    except ValueError:
        return {}


def _order(
    read: dict[str, _Printed], lines: dict[str, int], printed: DateOrder | None, told: DateOrder | None
) -> tuple[DateOrder | None, Finding | None]:
    """The order of the file's numeric dates, and how it is known; None where no date depends on it."""
    open_dates = {text: one for text, one in read.items() if one.fixed is None}
    if told is not None:
        return told, Finding("date-order", f"the dates are read as {told}, as the caller says") if open_dates else None
    ordered = {text: one.orders() for text, one in open_dates.items()}
    proofs: dict[DateOrder, list[int]] = {"DMY": [], "MDY": [], "YMD": []}
    for text, orders in ordered.items():
        if len(orders) == 1:
            proofs[next(iter(orders))].append(lines[text])
    proven: set[DateOrder] = {order for order, found in proofs.items() if found}
    if printed is not None:
        proven.add(printed)
    if len(proven) > 1:
        raise _refused_order("the dates of the file prove two different orders of day and month", proofs, printed)
    if proven:
        order = proven.pop()
        if printed is None:
            _refuse_leading_year(open_dates, order, lines)
        return order, _finding(order, proofs, printed)
    for text, orders in ordered.items():
        if len(orders) == 2 and len(set(orders.values())) == 2:
            raise StatementError(
                "a date can be read with the day or with the month first, and no date of the file proves which",
                format=_FORMAT,
                line=lines[text],
                tag="D",
                advice="export a longer period, in which some day is after the 12th, ask the bank for another format, "
                'or read it with read_qif(data, date_order="DMY") or "MDY"',
            )
    return None, None


def _refuse_leading_year(open_dates: dict[str, _Printed], order: DateOrder, lines: dict[str, int]) -> None:
    """Raise when the dates make a closer row with a year of two digits first, which nothing rules out."""
    if order == "YMD" or not all("YMD" in one.by_order for one in open_dates.values()):
        return
    last = [one.by_order[order] for one in open_dates.values() if order in one.by_order]
    first = [one.by_order["YMD"] for one in open_dates.values()]
    if last and max(first) - min(first) < max(last) - min(last):
        raise StatementError(
            "the dates can be read with a year of two digits first or last, and nothing proves which",
            format=_FORMAT,
            line=min(lines[text] for text in open_dates),
            tag="D",
            advice='ask the bank for another format, or read it with read_qif(data, date_order="DMY"), "MDY" or "YMD"',
        )


def _refused_order(reason: str, proofs: dict[DateOrder, list[int]], printed: DateOrder | None) -> StatementError:
    """The refusal, at the date that stands alone against the others or against the header."""
    against = [found for order, found in proofs.items() if found and order != printed]
    fewest = min(against, key=len)
    return refused(_FORMAT, reason, min(fewest), "D")


def _finding(order: DateOrder, proofs: dict[DateOrder, list[int]], printed: DateOrder | None) -> Finding:
    words = {"DMY": "day first", "MDY": "month first", "YMD": "year first"}[order]
    if printed is not None:
        return Finding("date-order", f"the dates are read with the {words}, as the header of the file says", None, "D")
    lines = proofs[order]
    return Finding(
        "date-order",
        f"the dates are read with the {words}: {len(lines)} of them can be read in no other order",
        min(lines),
        "D",
    )


# -- amounts ------------------------------------------------------------------------------------------------------


def _mark(amounts: Iterable[tuple[str, int]]) -> DecimalMark | None:
    """The decimal mark that the amounts show, or None where none of them shows it.

    One program in one country has written the file: amounts with a point and others with a comma are no two habits,
    one of them is damaged.
    """
    lines: dict[DecimalMark, list[int]] = {}
    for text, line in amounts:
        for mark in _shown(text):
            lines.setdefault(mark, []).append(line)
    if len(lines) > 1:
        reason = "the amounts of the file show two different decimal marks"
        raise refused(_FORMAT, reason, min(lines.values(), key=len)[0])
    return next(iter(lines), None)


def _shown(text: str) -> Collection[DecimalMark]:
    """The decimal mark that one amount shows by itself, or nothing."""
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary is not None:
        return _MARK_OF[ordinary[1]]
    plain = _without_groups(text)
    try:
        read_amount(plain)
    except AmountError:
        return ()
    there = [mark for mark in _MARKS if mark in plain]
    if len(there) == 2:
        return (max(there, key=plain.rindex),)
    return tuple(_other(mark) if plain.count(mark) > 1 else mark for mark in there)


_MARK_OF: dict[str | None, tuple[DecimalMark, ...]] = {".": (".",), ",": (",",), None: ()}


def _other(mark: DecimalMark) -> DecimalMark:
    return "," if mark == "." else "."


def _without_groups(text: str) -> str:
    """*text* without blanks or apostrophes between its thousands, when they stand there in order."""
    if _GROUPED.fullmatch(text):
        return re.sub("[ '\u00a0\u202f]", "", text)
    return text
