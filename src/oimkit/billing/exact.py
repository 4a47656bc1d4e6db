"""Exact numbers: ratios rounded once, durations read from text, digests of values."""

from __future__ import annotations

import hashlib
import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction

from oimkit.errors import InputError
from oimkit.money import Rounding, round_to

__all__ = ["digest", "is_multiple", "read_seconds", "round_ratio"]

_EXACT = Context(prec=200, traps=[InvalidOperation, Inexact])

_SECONDS = {"h": 3600, "min": 60, "s": 1}

_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ?(h|min|s)", re.ASCII)


def round_ratio(value: Fraction, step: Decimal, mode: Rounding) -> Decimal:
    """*value* moved once to a multiple of *step* by *mode*; no intermediate rounding whatever the fraction.

    >>> round_ratio(Fraction(100, 3), Decimal("0.01"), Rounding.HALF_UP)
    Decimal('33.33')
    """
    if step <= 0:
        raise InputError("a rounding step must be above zero")
    part, of = step.as_integer_ratio()
    numerator, denominator = value.numerator * of, value.denominator * part
    steps, rest = divmod(numerator, denominator)
    if rest:  # the multiple of the denominator next to the numerator is the number of steps, times the denominator
        steps = int(round_to(Decimal(numerator), Decimal(denominator), mode)) // denominator
    return _EXACT.multiply(Decimal(steps), step)


def is_multiple(value: Fraction, step: Decimal) -> bool:
    """True when *value* is a whole number of *step*: 1.5 of 0.01 is, 1/3 is not."""
    part, of = step.as_integer_ratio()
    return value.numerator * of % (value.denominator * part) == 0


def read_seconds(text: str) -> int:
    """Whole seconds of a duration such as ``15 min``, ``0.25 h`` or ``36 s``.

    Raises InputError for any other form and for a part of a second.

    >>> read_seconds("0.25 h"), read_seconds("6 min")
    (900, 360)
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise InputError("a duration is a number and h, min or s, such as '15 min' or '0.25 h'")
    seconds = Fraction(found[1]) * _SECONDS[found[2]]
    if seconds.denominator != 1:
        raise InputError("a duration is a whole number of seconds")
    return int(seconds)


def digest(*parts: object) -> str:
    """64 hex digits over *parts*, each with its type and length, so that 1+23 and 12+3 differ."""
    content = hashlib.sha256()
    for part in parts:
        text = "" if part is None else str(part)
        content.update(f"{type(part).__name__}:{len(text)}:{text};".encode())
    return content.hexdigest()
