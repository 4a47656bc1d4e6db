"""Records of fixed columns, as CODA, CFONB 120, Norma 43 and TITO have them: cut, numbered, bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from oimkit.banking.exact import scaled
from oimkit.banking.formats._common import refused
from oimkit.banking.formats.short_days import year_month_day
from oimkit.banking.formats.text_lines import is_broken, lines_beginning, lines_in, without_filling
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = ["Record", "each_record", "printed_records"]

_DIGITS = re.compile(r"[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One record: its text as printed, and the 1-based line it stands on (or its number, where lines are not broken).

    Columns are counted from 1 and include both ends, as the standards count them. What lies behind the end of a short
    record is blank.
    """

    format: str
    line: int
    text: str

    def columns(self, first: int, last: int) -> str:
        """The characters of columns *first* to *last*, blanks kept, as many as the record has."""
        return self.text[first - 1 : last]

    def value(self, first: int, last: int) -> str | None:
        """The columns with white space cleaned, or None when nothing is left."""
        return " ".join(self.text[first - 1 : last].split()) or None

    def digits(self, first: int, last: int, what: str) -> str:
        """The columns when each holds an ASCII digit; StatementError else."""
        text = self.columns(first, last)
        if len(text) != last - first + 1 or not _DIGITS.fullmatch(text):
            raise self.refused(f"{what} is not {last - first + 1} digits", f"columns {first}-{last}")
        return text

    def amount(self, first: int, last: int, decimals: int, what: str) -> Decimal:
        """The unsigned amount that the columns hold in units of 10 ** -decimals; StatementError when not all digits."""
        return scaled(self.digits(first, last, what), decimals)

    def day(self, first: int, what: str) -> date | None:
        """The day YYMMDD in six columns from *first*; None for blanks or zeros, StatementError for anything else."""
        text = self.columns(first, first + 5)
        day = year_month_day(text)
        if day is None and text.strip() and text != "000000":
            self.digits(first, first + 5, what)
            raise self.refused(f"{what} is no day of the calendar", f"columns {first}-{first + 5}")
        return day

    def refused(self, reason: str, tag: str | None = None) -> StatementError:
        """The refusal of this record; *reason* repeats nothing of it."""
        return refused(self.format, reason, self.line, tag)

    def __repr__(self) -> str:
        return f"Record({self.format}, line {self.line}, {len(self.text)} characters)"


def each_record(
    text: str,
    *,
    format: str,  # noqa: A002
    limits: Limits,
    width: int,
    narrowed: Callable[[str, int], str] | None = None,
) -> Iterator[Record]:
    """The records of *text*, one a line, empty lines left out; without line breaks it is cut each *width* characters.

    Args:
        narrowed: what becomes of a line of more than *width* characters and its number; None leaves it as it is.

    Raises:
        StatementError: a line is longer than ``limits.line_chars``, a text without line breaks is no multiple of
            *width*.
    """
    whole = without_filling(text)
    if len(whole) > width and not is_broken(whole):
        yield from _cut(whole, format, width)
        return
    for line, content in lines_in(whole, format=format, limits=limits):
        if content and not content.isspace():
            if narrowed is not None and len(content) > width:
                content = narrowed(content, line)
            yield Record(format, line, content)


def _cut(text: str, format: str, width: int) -> Iterator[Record]:  # noqa: A002
    """The records of a text that is sent without line breaks, numbered from one."""
    whole = text.rstrip()
    if not 0 <= -len(whole) % width <= width - 2:
        raise refused(format, f"the file has no line breaks and is no multiple of {width} characters", 1)
    for number, start in enumerate(range(0, len(whole), width), 1):
        yield Record(format, number, whole[start : start + width].ljust(width))


def printed_records(text: str, code: str, width: int) -> int:
    """The records of *text* that begin with *code*, as a simple count finds them."""
    whole = without_filling(text)
    if is_broken(whole):
        return lines_beginning(whole, code)
    return sum(whole.startswith(code, start) for start in range(0, len(whole), width))
