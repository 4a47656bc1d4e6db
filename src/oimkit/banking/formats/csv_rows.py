"""Delimited text: rows with the lines they stand on, and their cells, cut strictly."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from oimkit.banking.formats._common import refused
from oimkit.banking.limits import Limits

__all__ = ["DELIMITERS", "Cutting", "Row", "Rows", "Sheet", "rows_of"]

DELIMITERS = (";", ",", "\t", "|")

_FORMAT = "csv"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE | re.DOTALL)


class Row(NamedTuple):
    """One row: the 1-based line it begins on, and its text as printed; a quoted cell may run over several lines."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Rows:
    """The rows of a file that are not blank, kept as texts and lines: a Row is made when it is looked at.

    ended      True when the file ends with a line end
    delimiter  what the first line of the file (``sep=;``) says, or None
    """

    texts: list[str]
    lines: array[int]
    ended: bool
    delimiter: str | None

    def __len__(self) -> int:
        return len(self.texts)

    def head(self, count: int) -> list[Row]:
        """The first *count* rows."""
        return list(map(Row, self.lines[:count], self.texts[:count]))

    def below(self, place: int) -> Iterator[Row]:
        """The rows behind the one at *place*; all of them for -1."""
        return map(Row, islice(self.lines, place + 1, None), islice(self.texts, place + 1, None))

    def __repr__(self) -> str:
        return f"Rows({len(self.texts)} rows)"


@dataclass(frozen=True, slots=True)
class Cutting:
    """How a row is cut into cells: by *delimiter*, where *quote* (or None) may stand around a whole cell."""

    delimiter: str
    quote: str | None = '"'

    def cells(self, row: Row) -> list[str]:
        """The cells of *row*, quotes taken away and doubled ones made single.

        Blanks may stand around the quotes, and ``="..."`` (a text kept from Excel) is a quoted cell.

        Raises:
            StatementError: double quotes do not stand around whole cells.
        """
        text, quote = row.text, self.quote
        if quote is None or quote not in text:
            return text.split(self.delimiter)
        if text[0] == quote == text[-1] and len(text) > 1:
            cells = text[1:-1].split(f"{quote}{self.delimiter}{quote}")
            if 2 * len(cells) == text.count(quote):
                return cells
        return self._cut(row, quote)

    def _cut(self, row: Row, quote: str) -> list[str]:
        whole, cell = _patterns(self.delimiter, quote)
        closed = row.text + self.delimiter
        if not whole.fullmatch(closed):
            raise refused(_FORMAT, "quotes do not stand around whole cells", row.line)
        double = quote + quote
        return [quoted.replace(double, quote) if marked else plain for marked, quoted, plain in cell.findall(closed)]


@lru_cache(maxsize=32)
def _patterns(delimiter: str, quote: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A whole row that ends with its delimiter, and one of its cells; a cell's first sign decides between its forms.

    An apostrophe that is no quote of a whole cell is a letter: it may as well begin a name ('t Hof).
    """
    cut, mark = re.escape(delimiter), re.escape(quote)
    inside = rf"[^{mark}]*(?:{mark}{mark}[^{mark}]*)*"
    plain = rf"[^{cut}]*" if quote == "'" else rf"[^{mark}{cut}]*"
    whole = re.compile(rf"(?:[ ]*=?{mark}{inside}{mark}[ ]*{cut}|{plain}{cut})*")
    cell = re.compile(rf"(?:[ ]*=?({mark})({inside}){mark}[ ]*|({plain})){cut}")
    return whole, cell


def rows_of(text: str, *, limits: Limits, multiline: bool) -> Rows:
    """The rows of *text*, blank ones left out; where *multiline*, a cell whose ``"`` is open goes on in the next line.

    A row whose quoted cell never ends is that one line; ``Cutting.cells`` then refuses it. Only CR, LF and both
    together end lines: other characters that Python takes for line ends may stand in texts.

    Raises:
        StatementError: a row is longer than ``limits.line_chars``.
    """
    lines = _even(text).split("\n")
    ended = not lines[-1].strip()
    delimiter = _declared(lines[0])
    if delimiter is not None:
        lines[0] = ""
    rows = Rows([], array("L"), ended, delimiter)
    if multiline:
        _join(lines, rows, limits)
    else:
        for number, line in enumerate(lines, 1):
            _add(rows, number, line, limits)
    return rows


def _even(text: str) -> str:
    """*text* with one kind of line end."""
    if "\r" not in text:
        return text
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")


def _declared(line: str) -> str | None:
    """The delimiter that Excel's first line names."""
    match = _SEPARATOR_LINE.fullmatch(line.strip(" \ufeff"))
    return match[1] if match is not None and match[1] in DELIMITERS else None


def _add(rows: Rows, number: int, text: str, limits: Limits) -> None:
    """Put a row that is not blank to the others."""
    if len(text) > limits.line_chars:
        raise refused(_FORMAT, f"a row is longer than {limits.line_chars} characters", number)
    if text and not text.isspace():
        rows.texts.append(text)
        rows.lines.append(number)


def _join(lines: list[str], rows: Rows, limits: Limits) -> None:
    """The rows, lines joined while the number of quotes is odd: in a well-formed row it is even."""
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at if line.count('"') % 2 == 0 else _end_of(lines, at, limits)
        _add(rows, at + 1, line if end == at else "\n".join(lines[at : end + 1]), limits)
        at = end + 1


def _end_of(lines: list[str], at: int, limits: Limits) -> int:
    """The line on which the cell that is open at the end of line *at* ends; *at* itself when it never does."""
    room = limits.line_chars - len(lines[at])
    for end in range(at + 1, len(lines)):
        room -= len(lines[end]) + 1
        if room < 0:
            return at
        if lines[end].count('"') % 2:
            return end
    return at


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """A decoded file, cut into rows in one of two ways: quoted cells may run over lines, or no cell does."""

    text: str
    limits: Limits
    _kept: dict[bool, Rows] = field(default_factory=dict)

    def rows(self, cutting: Cutting) -> Rows:
        """The rows for *cutting*; only cells in double quotes run over lines."""
        multiline = cutting.quote == '"'
        if multiline not in self._kept:
            self._kept[multiline] = rows_of(self.text, limits=self.limits, multiline=multiline)
        return self._kept[multiline]

    @property
    def declares_delimiter(self) -> bool:
        """True when the first line only names the delimiter."""
        return any(rows.delimiter is not None for rows in self._kept.values())

    def __repr__(self) -> str:
        return f"Sheet({len(self.text)} characters)"
