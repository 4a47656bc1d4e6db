"""What each row of a CSV file is: an entry, more text of one, a row with a balance, or nothing that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from oimkit.banking.csv_profiles.detection import Layout, header_name
from oimkit.banking.csv_profiles.model import LineRule
from oimkit.banking.csv_profiles.vocabulary import listed
from oimkit.banking.formats._common import refused
from oimkit.banking.formats.csv_rows import Row
from oimkit.banking.formats.csv_values import MARKS, ORDERS, read_day, read_figure

__all__ = ["Kind", "Said", "Sorter", "line_values"]


class Kind(Enum):
    """What a row is.

    ENTRY           one movement
    UNDATED         a pending row that the bank prints without a day
    SKIPPED         a row whose status says that it is no movement
    WITHOUT_AMOUNT  a row with a day and no amount, where the layout has such rows
    BALANCE         a row with a day whose text says that it is a balance, in a layout read by the words of its header
    DETAIL          one payment of the batch above it
    CONTINUATION    more text of the entry above it
    LINE            a row that the profile knows by its label
    ASIDE           a row of which only cells beside the entries are filled
    LOOSE           a row with a single cell
    REPEATED        the header once more
    BLANK           nothing but delimiters
    """

    ENTRY = auto()
    UNDATED = auto()
    SKIPPED = auto()
    WITHOUT_AMOUNT = auto()
    BALANCE = auto()
    DETAIL = auto()
    CONTINUATION = auto()
    LINE = auto()
    ASIDE = auto()
    LOOSE = auto()
    REPEATED = auto()
    BLANK = auto()


class Said(NamedTuple):
    """What a row above the header or below the entries says: which field, the text, and the line."""

    gives: str
    text: str
    line: int


class Sorter:
    """Sorts the rows of one layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.booking = layout.place("booking_date")
        self.value = layout.place("value_date")
        self._amounts = [place for name in ("amount", "debit", "credit") for place in layout.places.get(name, ())]
        self._detail = layout.place("detail_amount")
        self._status = layout.place("status")
        self._aside = {place for name in ("aside", "opening", "closing") for place in layout.places.get(name, ())}
        self._skip = frozenset(word.casefold() for word in layout.profile.status.skip)
        self._undated = frozenset(word.casefold() for word in layout.profile.dates.pending)
        self._rules = layout.profile.lines
        self._balances = listed("rows", "balance") if layout.profile.guessed else frozenset()

    def cells(self, row: Row) -> list[str]:
        """The cells of *row*, as many as the header has, and a blank one behind them for columns that are not there.

        Raises:
            StatementError: quotes are not well-formed, or cells beyond the header's are filled.
        """
        cells = self._layout.cutting.cells(row)
        width = self._layout.width
        if len(cells) > width:
            if any(cell.strip() for cell in cells[width:]):
                raise refused("csv", "a row has more cells than the header has names", row.line)
            del cells[width:]
        cells.extend([""] * (width + 1 - len(cells)))
        return cells

    def kind(self, cells: list[str], line: int) -> Kind:
        """What the row with these cells is; StatementError when it is nothing that the layout has."""
        day = cells[self.booking].strip() or cells[self.value].strip()
        if day and self._balances and not self._balances.isdisjoint(cell.strip().casefold() for cell in cells):
            return Kind.BALANCE
        if day and day[0].isdigit() and not self._skip:
            for place in self._amounts:
                if cells[place] and not cells[place].isspace():
                    return Kind.ENTRY
        filled = [place for place, cell in enumerate(cells) if cell and not cell.isspace()]
        if not filled:
            return Kind.BLANK
        if day and len(filled) > 1 and day[0].isdigit():
            return self._entry_kind(cells, line)
        return self._other_kind(cells, filled, day, line)

    def _entry_kind(self, cells: list[str], line: int) -> Kind:
        if self._skip and cells[self._status].strip().casefold() in self._skip:
            return Kind.SKIPPED
        for place in self._amounts:
            if cells[place] and not cells[place].isspace():
                return Kind.ENTRY
        if self._layout.profile.rows.without_amount:
            return Kind.WITHOUT_AMOUNT
        raise refused("csv", "a row has a day and no amount", line)

    def _other_kind(self, cells: list[str], filled: list[int], day: str, line: int) -> Kind:
        first = cells[filled[0]]
        if any(_labelled(rule, first) is not None for rule in self._rules):
            return Kind.LINE
        if day.casefold() in self._undated and day:
            return Kind.UNDATED
        if tuple(map(header_name, cells[: self._layout.width])) == self._layout.header:
            return Kind.REPEATED
        if not day and self._detail in filled:
            return Kind.DETAIL
        if self._aside.issuperset(filled):
            return Kind.ASIDE
        if not day and self._layout.profile.rows.continuation and not set(self._amounts) & set(filled):
            return Kind.CONTINUATION
        if len(filled) == 1 and not _is_value(first):
            return Kind.LOOSE
        if len(filled) > 1 and day:
            return self._entry_kind(cells, line)
        raise refused("csv", "a row has no day, and is nothing else that the layout has", line)


def _is_value(text: str) -> bool:
    """True for what an entry may begin with: a row of it alone is a torn entry."""
    text = text.strip()
    return any(read_day(text, order) for order in ORDERS) or any(read_figure(text, mark) for mark in MARKS)


# -- rows above the header and below the entries ------------------------------------------------------------------


def line_values(layout: Layout, cells: list[str], line: int) -> Iterator[Said]:
    """What the row says by the profile's labels; each cell may be a label."""
    for place, cell in enumerate(cells):
        for rule in layout.profile.lines:
            inside = _labelled(rule, cell)
            if inside is None:
                continue
            text = _value(rule, cells, place, inside)
            if text:
                yield Said(rule.gives, text, line)


def _labelled(rule: LineRule, cell: str) -> str | None:
    """What stands for the star when *cell* is the rule's label, "" without a star; None when it is another cell."""
    name = header_name(cell)
    before, star, behind = (part.casefold() for part in rule.label.partition("*"))
    before, behind = " ".join(before.split()), " ".join(behind.split())
    if not star:
        return "" if name == before else None
    if len(name) < len(before) + len(behind) or not (name.startswith(before) and name.endswith(behind)):
        return None
    plain = " ".join(cell.lstrip("\ufeff").split())
    return plain[len(before) : len(plain) - len(behind)].strip()


def _value(rule: LineRule, cells: list[str], place: int, inside: str) -> str:
    if rule.cell is not None:
        text = cells[rule.cell - 1] if rule.cell <= len(cells) else ""
    elif inside and rule.label.endswith("*"):
        text = inside
    else:
        text = next((cell for cell in cells[place + 1 :] if cell.strip()), "")
    if rule.after is not None:
        text = text.partition(rule.after)[2]
    if rule.until is not None:
        text = text.partition(rule.until)[0]
    return " ".join(text.split())
