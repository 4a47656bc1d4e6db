"""Days of six digits, YYMMDD, as formats of the eighties print them: each read once."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from oimkit.banking.formats.records import Record

__all__ = ["day_in", "short_day"]

_DAY = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)


@lru_cache(maxsize=4096)
def short_day(text: str) -> date | None:
    """The day that *text* says, years 00 to 79 of this century; None when it is not six digits or no day.

    >>> short_day("250131"), short_day("250230")
    (datetime.date(2025, 1, 31), None)
    """
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year = int(match[1])
    try:
        return date(2000 + year if year < 80 else 1900 + year, int(match[2]), int(match[3]))
    except ValueError:
        return None  # no day of the calendar, as the first line says


def day_in(record: Record, first: int, what: str) -> date | None:
    """The day in six columns from *first*; None for blanks or zeros, StatementError for anything else."""
    return short_day(record.columns(first, first + 5)) or record.day(first, "YYMMDD", what)
