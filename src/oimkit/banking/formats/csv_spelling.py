"""How a file spells its numbers and days: the decimal marks and the orders of days in which every row can be read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from oimkit.banking.csv_profiles.detection import Layout
from oimkit.banking.formats._common import refused
from oimkit.banking.formats.csv_rows import Row
from oimkit.banking.formats.csv_sorting import Kind, Sorter
from oimkit.banking.formats.csv_values import MARKS, ORDERS, Mark, Order, read_day, read_number
from oimkit.errors import StatementError

__all__ = ["Spelling", "spelling_of"]

NUMBERS = ("amount", "debit", "credit", "balance", "fee", "gross", "detail_amount", "opening", "closing")
"""Columns of numbers in the account's currency."""


class Spelling(NamedTuple):
    """The decimal marks and the orders of days in which the file can be read; more than one where it does not tell."""

    marks: tuple[Mark, ...]
    orders: tuple[Order, ...]


def spelling_of(layout: Layout, sorter: Sorter, rows: Iterable[Row]) -> Spelling:
    """What the profile says, or else what every row allows that can be read at all.

    A row that no mark or no order fits has no say here, nor has one behind those that decided; both are refused when
    they are read.

    Raises:
        StatementError: some rows are spelt in the one order of days only, others only in another.
    """
    marks = (layout.profile.amounts.decimal,) if layout.profile.amounts.decimal else MARKS
    orders = (layout.profile.dates.order,) if layout.profile.dates.order else ORDERS
    if len(marks) == len(orders) == 1:
        return Spelling(marks, orders)
    spans = {order: _Span() for order in orders}
    numbers = sorted({place for name in NUMBERS for place in layout.places.get(name, ())})
    days = [place for place in (sorter.booking, sorter.value) if place >= 0]
    differs = False
    for row in rows:
        cells = _entry_cells(sorter, row)
        if cells is None:
            continue
        if len(marks) > 1:
            marks = _narrowed_marks(marks, [cells[place].strip() for place in numbers])
        if len(orders) > 1:
            texts = [cells[place].strip() for place in days]
            orders = _narrowed_orders(orders, texts, row.line)
            differs = differs or any(_differ(text, orders) for text in texts)
            for order in orders:
                spans[order].take(texts, order)
    orders = _plausible(orders, spans)
    return Spelling(marks, orders if differs else orders[:1])


class _Span:
    """The first and the last day of all rows in one order of the days' parts."""

    def __init__(self) -> None:
        self.first, self.last = date.max, date.min

    def take(self, texts: list[str], order: Order) -> None:
        for text in texts:
            day = read_day(text, order)
            if day is not None:
                self.first, self.last = min(self.first, day), max(self.last, day)

    @property
    def days(self) -> int:
        return (self.last - self.first).days


_FEW_YEARS, _MANY_YEARS = 2 * 366, 10 * 366
"""Days. What is within two years when the years are read as years is spread over ten when days are taken for years."""


def _plausible(orders: tuple[Order, ...], spans: dict[Order, _Span]) -> tuple[Order, ...]:
    """The orders without those that take days for years: 01.03.25 to 28.03.25 is no statement of 2001 to 2028.

    Only years of two digits can be taken so, and only where another order has all rows within two years.
    """
    if len(orders) > 1 and any(spans[order].days <= _FEW_YEARS for order in orders):
        return tuple(order for order in orders if spans[order].days < _MANY_YEARS)
    return orders


def _entry_cells(sorter: Sorter, row: Row) -> list[str] | None:
    """The cells of an entry; None for any other row."""
    try:
        cells = sorter.cells(row)
        return cells if sorter.kind(cells, row.line) in (Kind.ENTRY, Kind.DETAIL) else None
    except StatementError:
        return None


def _narrowed_marks(marks: tuple[Mark, ...], texts: list[str]) -> tuple[Mark, ...]:
    fitting = tuple(mark for mark in marks if all(_is_number(text, mark) for text in texts))
    return fitting or marks


def _differ(text: str, orders: tuple[Order, ...]) -> bool:
    """True when the day is not the same in every order."""
    return len({read_day(text, order) for order in orders}) > 1


def _is_number(text: str, mark: Mark) -> bool:
    return not text or text == "-" or read_number(text, mark) is not None


def _narrowed_orders(orders: tuple[Order, ...], texts: list[str], line: int) -> tuple[Order, ...]:
    fitting = tuple(order for order in ORDERS if all(not text or read_day(text, order) is not None for text in texts))
    if not fitting:
        return orders
    left = tuple(order for order in orders if order in fitting)
    if not left:
        raise refused("csv", "the days of the rows are not all in the same order of day, month and year", line)
    return left
