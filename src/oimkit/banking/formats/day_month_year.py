"""Days as six digits DDMMYY, as CODA and CFONB 120 print them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

__all__ = ["day_month_year"]


@lru_cache(maxsize=4096)
def day_month_year(text: str) -> date | None:
    """The day of six digits DDMMYY, of this century below 80; None for blanks and zeros.

    Raises:
        ValueError: no day of the calendar.

    >>> day_month_year("310125")
    datetime.date(2025, 1, 31)
    """
    if not text.strip() or text == "000000":
        return None
    if not (len(text) == 6 and text.isascii() and text.isdigit()):
        raise ValueError("a day is six digits")
    year = int(text[4:])
    return date(2000 + year if year < 80 else 1900 + year, int(text[2:4]), int(text[:2]))
