"""Days of six digits, as formats of the eighties print them, years 00 to 79 of this century: each read once."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

__all__ = ["day_month_year", "year_month_day"]

_DAY = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)


@lru_cache(maxsize=4096)
def year_month_day(text: str) -> date | None:
    """The day that *text* says, YYMMDD; None when it is not six digits or no day.

    >>> year_month_day("250131"), year_month_day("250230")
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


@lru_cache(maxsize=4096)
def day_month_year(text: str) -> tuple[date | None, bool]:
    """The day that *text* says, DDMMYY, and whether it says something that is none: blanks and zeros say nothing.

    >>> day_month_year("310125"), day_month_year("000000"), day_month_year("310225")
    ((datetime.date(2025, 1, 31), False), (None, False), (None, True))
    """
    if not text.strip() or text == "000000":
        return None, False
    day = year_month_day(text[4:] + text[2:4] + text[:2])
    return day, day is None
