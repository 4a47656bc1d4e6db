"""Amounts as banks print them: read in the one way that is possible, or refused."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from oimkit.errors import AmountError

__all__ = ["read_amount"]

_MAX_CHARS = 40
"""More characters than this are no amount of money."""

_PLAIN = {
    ".": re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII),
    ",": re.compile(r"[+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)", re.ASCII),
}
"""Digits with at most one decimal separator."""

_GROUPED = {
    ".": re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]*", re.ASCII),
    ",": re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]*", re.ASCII),
}
"""Thousands in groups of three by the one separator, then decimals by the other."""

_GROUPS_ONLY = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,})", re.ASCII)
"""Two or more groups of three by one separator: a decimal separator stands only once, so these are thousands."""

_TWO_WAYS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)
"""One separator before exactly three digits: thousands or decimals, nobody can tell."""


def read_amount(text: str, *, decimal: Literal[".", ","] | None = None) -> Decimal:
    """The amount that *text* says, when it can be read in exactly one way.

    Args:
        text: ASCII digits with an optional leading sign and separators; no blanks, no currency.
        decimal: the decimal separator where the format fixes it, None where point and comma are both in use.
            With a fixed separator the other one is accepted only as a well-formed thousands separator before it.

    Raises:
        AmountError: anything else: ``1,234`` or ``1.234`` without a fixed separator (thousands or decimals?),
            NaN, exponents, underscores, digits of other scripts, trailing signs, more than 40 characters.
            The message never repeats the text.

    >>> read_amount("1.234,56"), read_amount("-0.5"), read_amount("100,", decimal=",")
    (Decimal('1234.56'), Decimal('-0.5'), Decimal('100'))
    """
    if len(text) > _MAX_CHARS:
        raise AmountError(f"an amount of more than {_MAX_CHARS} characters is refused")
    if decimal is not None:
        if _PLAIN[decimal].fullmatch(text):
            return _decimal(text, decimal)
        if _GROUPED[decimal].fullmatch(text):
            return _decimal(text, decimal)
        raise AmountError("this is not one amount in digits with the decimal separator of the format")
    if _TWO_WAYS.fullmatch(text):
        raise AmountError("an amount with one separator before three digits can be read in two ways")
    for separator in (".", ","):
        if _PLAIN[separator].fullmatch(text) or _GROUPED[separator].fullmatch(text):
            return _decimal(text, separator)
    if _GROUPS_ONLY.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", ""))
    raise AmountError("this is not one amount in digits")


def _decimal(text: str, separator: str) -> Decimal:
    """The checked *text* as a number: the other separator dropped, this one made a point."""
    plain = text.replace("," if separator == "." else ".", "")
    return Decimal(plain.replace(",", ".").rstrip("."))
