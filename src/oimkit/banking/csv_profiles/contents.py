"""What the columns of a file may be by their cells alone, for headers in unknown words and for files without one.

Nothing is read this way: a profile is proposed from it, which a person looks through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import permutations

from oimkit.banking.csv_profiles.detection import HEAD_ROWS, header_name
from oimkit.banking.csv_profiles.header_words import Words
from oimkit.banking.csv_profiles.model import Amounts, Sign, StatusWords
from oimkit.banking.formats._common import iban_or_none
from oimkit.banking.formats.csv_balances import Verdict, chain_of
from oimkit.banking.formats.csv_rows import DELIMITERS, Cutting, Row, Sheet
from oimkit.banking.formats.csv_values import MARKS, ORDERS, Mark, read_currency, read_day, read_figure
from oimkit.errors import StatementError

__all__ = ["read_contents"]

_LOOK = "the names of the columns are not known, each was taken for what its cells look like"
_FEWEST = 3
"""Fewer columns are no movement: a day, an amount and what it was for."""

_WIDEST = 300
"""More columns are no bank's file."""

_MOST = 12
"""Columns of numbers that are tried against each other."""


@dataclass(frozen=True, slots=True)
class _Body:
    """The rows below a header, or all rows without one, as cells: as many in each row.

    header_at  number of the header among the rows, from 0; -1 without a header
    titles     the header's cells, blank without a header
    """

    cutting: Cutting
    header_at: int
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, place: int) -> list[str]:
        """The cells of a column that are not blank."""
        return [row[place] for row in self.rows if row[place]]

    def is_full(self, place: int) -> bool:
        return len(self.column(place)) == len(self.rows)


def read_contents(sheet: Sheet) -> Words | None:
    """The columns of the file by their cells; None when no column holds days, or none holds amounts."""
    bodies = [body for delimiter in DELIMITERS if (body := _body(sheet, Cutting(delimiter))) is not None]
    if not bodies:
        return None
    body = max(bodies, key=lambda each: (len(each.rows), len(each.titles)))
    places = range(len(body.titles))
    days = [place for place in places if _holds_days(body.column(place)) and body.is_full(place)]
    numbers = [place for place in places if place not in days and _marks_of(body.column(place))]
    words = Words(body.cutting, body.header_at, body.titles, {}, Amounts(sign=Sign.OPEN), StatusWords(), None)
    words.doubts.append(_LOOK)
    if not days or not _place_numbers(words, body, numbers):
        return None
    words.fields["booking_date"] = days[:1]
    if len(days) > 1:
        words.fields["value_date"] = days[1:2]
    _place_texts(words, body, [place for place in places if place not in days and place not in numbers])
    left = [*days[2:], *(place for place in numbers if all(place not in used for used in words.fields.values()))]
    words.references.extend((_title(body, place), place) for place in left)
    if body.header_at < 0:
        words.cells = tuple(_kind(body, place, days, numbers) for place in places)
    return words


# -- the rows -----------------------------------------------------------------------------------------------------


def _body(sheet: Sheet, cutting: Cutting) -> _Body | None:
    """The rows that have a day and an amount, and the header above them; None when there are none."""
    rows = sheet.rows(cutting)
    if rows.delimiter not in (None, cutting.delimiter):
        return None
    table = [_cells(cutting, row) for row in rows.head(HEAD_ROWS)]
    first = next((at for at, cells in enumerate(table) if _is_movement(cells)), None)
    if first is None:
        return None
    width = len(table[first])
    movements = tuple(cells for cells in table[first:] if len(cells) == width and _is_movement(cells))
    above = table[first - 1] if first else ()
    if len(above) == width and _is_header(above):
        return _Body(cutting, first - 1, tuple(" ".join(cell.lstrip("\ufeff").split()) for cell in above), movements)
    return _Body(cutting, -1, ("",) * width, movements)


def _cells(cutting: Cutting, row: Row) -> tuple[str, ...]:
    """The cells of a row, () for one that cannot be cut in this way."""
    try:
        return tuple(cell.strip() for cell in cutting.cells(row))
    except StatementError:
        return ()


def _is_movement(cells: Sequence[str]) -> bool:
    if not _FEWEST <= len(cells) <= _WIDEST:
        return False
    others = [cell for cell in cells if not _is_day(cell)]
    return len(others) < len(cells) and any(map(_is_number, others))


def _is_header(cells: Sequence[str]) -> bool:
    """True for cells that may be names: most are filled, none is a day or a number, no two are the same."""
    names = [header_name(cell) for cell in cells if cell]
    if 2 * len(names) <= len(cells) or len(set(names)) < len(names):
        return False
    return not any(_is_day(cell) or _is_number(cell) for cell in cells)


def _is_day(cell: str) -> bool:
    return any(read_day(cell, order) is not None for order in ORDERS)


def _is_number(cell: str) -> bool:
    return any(read_figure(cell, mark) is not None for mark in MARKS)


# -- the columns --------------------------------------------------------------------------------------------------


def _holds_days(cells: Sequence[str]) -> bool:
    """True when all cells are days in one order of their parts."""
    return bool(cells) and any(all(read_day(cell, order) is not None for cell in cells) for order in ORDERS)


def _marks_of(cells: Sequence[str]) -> tuple[Mark, ...]:
    """The decimal marks with which all cells are amounts; none where no cell has decimals or thousands."""
    if not any("," in cell or "." in cell for cell in cells):
        return ()
    return tuple(mark for mark in MARKS if all(read_figure(cell, mark) is not None for cell in cells))


def _place_numbers(words: Words, body: _Body, numbers: Sequence[int]) -> bool:
    """Say which columns are amount and balance, or debit, credit and balance; False when none is an amount."""
    marks = [mark for mark in MARKS if all(mark in _marks_of(body.column(place)) for place in numbers)]
    if not numbers or not marks:
        return False
    mark = marks[0]
    words.amounts = Amounts(decimal=mark if len(marks) == 1 else None, sign=Sign.OPEN)
    full = [place for place in numbers if body.is_full(place)][:_MOST]
    halves = [place for place in numbers if not body.is_full(place)][:_MOST]
    for debit, credit in permutations(halves, 2):
        if all(bool(row[debit]) != bool(row[credit]) for row in body.rows):
            _place_halves(words, body, (debit, credit), full, mark)
            return True
    if not full:
        return False
    amount, balance = next(_chained(body, full, mark), (full[0], None))
    words.fields["amount"] = [amount]
    if balance is not None:
        words.fields["balance"] = [balance]
    elif len(full) > 1:
        words.doubts.append("several columns hold numbers, and the first of them was taken for the amount")
    return True


def _chained(body: _Body, places: Sequence[int], mark: Mark) -> Iterator[tuple[int, int | None]]:
    """The pairs of a column of amounts and one of balances that follow from each other, with either sign."""
    for amount, balance in permutations(places, 2):
        moved, stood = _numbers(body, amount, mark), _numbers(body, balance, mark)
        turned = [-number for number in moved]
        if any(chain_of(each, stood, None).verdict is Verdict.PROVED for each in (moved, turned)):
            yield amount, balance


def _numbers(body: _Body, place: int, mark: Mark) -> list[Decimal]:
    figures = [read_figure(row[place], mark) for row in body.rows]
    return [figure.amount if figure is not None else Decimal(0) for figure in figures]


def _place_halves(words: Words, body: _Body, halves: tuple[int, int], full: Sequence[int], mark: Mark) -> None:
    """Two columns of which each row fills one: debits and credits as the balances say, else in the usual order."""
    words.amounts = replace(words.amounts, sign=Sign.COLUMNS)
    for debit, credit in (halves, halves[::-1]):
        outgoing = [abs(number) for number in _numbers(body, debit, mark)]
        moved = [come - gone for come, gone in zip(_numbers(body, credit, mark), outgoing, strict=True)]
        for balance in full:
            if chain_of(moved, _numbers(body, balance, mark), None).verdict is Verdict.PROVED:
                words.fields.update(debit=[debit], credit=[credit], balance=[balance])
                return
    words.fields.update(debit=[halves[0]], credit=[halves[1]])
    words.doubts.append("of the two columns of amounts the first was taken for money out, the second for money in")


def _place_texts(words: Words, body: _Body, places: Sequence[int]) -> None:
    """Tell accounts and currencies from texts; what is neither is text of the payment, or a further reference."""
    for place in places:
        cells = body.column(place)
        same = len(set(cells)) == 1 and body.is_full(place) and len(body.rows) > 1
        if cells and all(iban_or_none(cell) is not None for cell in cells):
            words.evidence = True
            words.fields.setdefault("account" if same else "other_account", [place])
        elif body.is_full(place) and all(read_currency(cell) is not None for cell in cells):
            words.fields.setdefault("currency", [place])
        elif any(any(sign.isalpha() for sign in cell) for cell in cells) and not same:
            words.fields.setdefault("remittance", []).append(place)
        elif cells:
            words.references.append((_title(body, place), place))


def _title(body: _Body, place: int) -> str:
    return body.titles[place] or f"column {place + 1}"


def _kind(body: _Body, place: int, days: Sequence[int], numbers: Sequence[int]) -> str:
    """What a cell of the column must look like in a file without a header."""
    if place in days:
        return "date"
    if place in numbers:
        return "amount" if body.is_full(place) else "amount?"
    return "text"
