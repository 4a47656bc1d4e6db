"""Records of the Finnish machine-readable statement: cut by the length they state, spelled in real letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from oimkit.banking.formats._common import iban_or_none, refused, signed, unless_zeros
from oimkit.banking.formats.national_accounts import finnish_iban
from oimkit.banking.formats.records import Record
from oimkit.banking.formats.text_lines import is_broken, lines_in
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = ["FORMAT", "Letters", "Line", "account_of", "lines_of", "printed_amount"]

FORMAT = "tito"

_LENGTHS = re.compile(r"T[0-9]{2}([0-9]{3})", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One record, or the refusal that stands for a line that is none."""

    code: str
    record: Record
    refusal: StatementError | None = None


def lines_of(text: str, limits: Limits) -> Iterator[Line]:
    """The records of *text*, one a line, or one after the other by their lengths where lines are not broken.

    A record shorter than it says has lost the blanks at its end. One that is longer, and one without code and length,
    comes with its refusal.

    Raises:
        StatementError: a line is too long, a text without line breaks is no chain of records.
    """
    whole = text.rstrip("\x00\x1a\r\n ")
    first = _LENGTHS.match(whole)
    if first is not None and len(whole) > int(first[1]) and not is_broken(whole):
        yield from _chain(whole)
        return
    for number, content in lines_in(whole, format=FORMAT, limits=limits):
        if content.strip():
            yield _line(number, content)


def _line(number: int, content: str) -> Line:
    record = Record(FORMAT, number, content)
    match = _LENGTHS.match(content)
    if match is None:
        return Line(content[:3], record, record.refused("a line does not begin with T, a record's code and its length"))
    if content[int(match[1]) :].strip():
        return Line(content[:3], record, record.refused("a record is longer than it says", content[:3]))
    return Line(content[:3], record)


def _chain(text: str) -> Iterator[Line]:
    """The records of a text without line breaks, numbered from one."""
    start = number = 0
    while start < len(text):
        number += 1
        match = _LENGTHS.match(text, start)
        if match is None or int(match[1]) < match.end() - start:
            raise refused(FORMAT, "the file has no line breaks and is no chain of records with their lengths", number)
        record = Record(FORMAT, number, text[start : start + int(match[1])])
        yield Line(record.text[:3], record)
        start += int(match[1])


# -- letters ------------------------------------------------------------------------------------------------------

_SEVEN_BITS = str.maketrans("[\\]^{|}~", "ÄÖÅÜäöåü")
"""The Finnish letters of SFS 4017, the national variant of ISO 646."""


@dataclass(frozen=True, slots=True)
class Letters:
    """How the texts of a file are spelled: with brackets for Finnish letters where the whole file is of 7 bits."""

    seven_bits: bool

    def value(self, record: Record, first: int, last: int) -> str | None:
        """The columns with white space cleaned, in real letters, or None."""
        text = record.value(first, last)
        return text.translate(_SEVEN_BITS) if text is not None and self.seven_bits else text

    def rows(self, record: Record, first: int, width: int) -> list[str]:
        """The texts from column *first* on, each *width* wide, blank ones left out."""
        ends = range(first, len(record.text) + 1, width)
        found = [self.value(record, start, start + width - 1) for start in ends]
        return [text for text in found if text is not None]


def printed_amount(record: Record, first: int, what: str) -> Decimal:
    """The amount in cents that follows its sign in column *first*: 18 digits; only zero needs no sign.

    Raises:
        StatementError: no sign, or not all digits.
    """
    sign = record.columns(first, first)
    amount = record.amount(first + 1, first + 18, 2, what)
    if sign not in ("+", "-") and (amount or sign.strip("0 ")):
        raise record.refused(f"{what} has no sign", f"columns {first}-{first}")
    return signed(amount, sign == "-")


def account_of(record: Record, first: int, last: int) -> str | None:
    """The account in the banks' electronic form (14 digits) as its IBAN, else as printed; None for blanks and zeros."""
    text = unless_zeros(record.value(first, last))
    return None if text is None else finnish_iban(text) or iban_or_none(text) or text
