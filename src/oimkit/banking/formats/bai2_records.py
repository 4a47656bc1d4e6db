"""Records of BAI2: each with its continuations (88), cut where several stand on one line, and their fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from oimkit.banking.formats._common import clean, refused
from oimkit.banking.formats.short_days import year_month_day
from oimkit.banking.formats.text_lines import is_broken, lines_in
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = [
    "FORMAT",
    "Fields",
    "Funds",
    "Record",
    "amount_of",
    "day_of",
    "funds_of",
    "printed_transactions",
    "records_of",
]

FORMAT = "bai2"

_CODES = frozenset({"01", "02", "03", "16", "49", "98", "99"})

_CODE = re.compile(r"[ \t]*([0-9]{2})[ \t]*,", re.ASCII)

_NEXT = (
    r"(?=02,[^,/]{0,40},[^,/]{0,40},|03,[^,/]{1,40},(?:[A-Z]{3})?,|16,[0-9]{3},\+?[0-9]{0,20},|88,"
    r"|49,[+-]?[0-9]{1,20},[0-9]{1,9}[ \t]{0,9}/|9[89],[+-]?[0-9]{1,20},[0-9]{1,9},[0-9]{1,9}[ \t]{0,9}/)"
)
"""The beginning of a record, strict enough that words of a text do not look like one."""

_ON_ONE_LINE = re.compile(r"(?<=/)[ \t]{1,200}" + _NEXT, re.ASCII)
_WITHOUT_LINES = re.compile(r"(?<=/)[ \t]{0,200}" + _NEXT, re.ASCII)

_HEADER = re.compile(r"01,(?:[^,/]{0,80},){5}([0-9]{1,5}),", re.ASCII)


@dataclass(slots=True, repr=False)
class Record:
    """One record with its continuations.

    line     1-based line of its beginning
    pieces   what follows the code on its own line and on each continuation, white space at the end cut
    printed  its lines as printed
    count    records that it is for the bank's counts: itself and its continuations
    doubted  True when it begins behind a text on the same line, so that it might be part of that text
    stray    True when a line without a code goes on with its text
    refusal  why it is no record, for a line that is none
    """

    code: str
    line: int
    pieces: list[str]
    printed: list[str]
    count: int = 1
    doubted: bool = False
    stray: bool = False
    refusal: StatementError | None = None

    @property
    def raw(self) -> str:
        return "\n".join(self.printed)

    def refused(self, reason: str, tag: str | None = None) -> StatementError:
        """The refusal of this record; *reason* repeats nothing of it."""
        return refused(FORMAT, reason, self.line, tag or self.code)


def records_of(text: str, limits: Limits) -> Iterator[Record]:
    """The records of *text* in order, each with its continuations.

    Lines that begin with no code go on with the text of a transaction (16); elsewhere, and with a code that BAI2 does
    not have, they come as a record with a refusal.

    Raises:
        StatementError: a line is longer than ``limits.line_chars``.
    """
    current: Record | None = None
    for line, content, follows in _physical(text, limits):
        match = _CODE.match(content)
        code = match[1] if match is not None else ""
        rest = content[match.end() :] if match is not None else content
        if code == "88" and current is not None and current.refusal is None:
            current.pieces.append(rest)
            current.printed.append(content)
            current.count += 1
            current.doubted |= follows and current.code == "16"
            continue
        if not code and current is not None and current.code == "16":
            current.pieces.append(content)
            current.printed.append(content)
            current.stray = True
            continue
        behind_text = follows and current is not None and current.code == "16"
        if current is not None:
            yield current
        current = Record(code, line, [rest], [content], doubted=behind_text)
        if code not in _CODES:
            what = "a record has a code that BAI2 does not have" if code != "88" else "a continuation follows no record"
            current.refusal = current.refused(what if code else "a line begins with no code of a record", code or None)
    if current is not None:
        yield current


def _physical(text: str, limits: Limits) -> Iterator[tuple[int, str, bool]]:
    """Line number, content without white space at its end, and whether it follows another record on its line."""
    whole = text.rstrip("\x00\x1a\r\n ")
    if not is_broken(whole):
        for number, content in enumerate(_unbroken(whole), 1):
            yield number, content.rstrip(), number > 1
        return
    for number, content in lines_in(whole, format=FORMAT, limits=limits):
        for index, part in enumerate(_ON_ONE_LINE.split(content)):
            if part.strip():
                yield number, part.rstrip(), index > 0


def _unbroken(text: str) -> list[str]:
    """The records of a text without line breaks: cut by the record length of its header, else where one begins."""
    width = _width(text)
    if width:
        return [text[start : start + width] for start in range(0, len(text), width)]
    return _WITHOUT_LINES.split(text)


def _width(text: str) -> int:
    """The record length of the header where every record of that length begins with a code; else 0."""
    header = _HEADER.match(text)
    width = int(header[1]) if header is not None else 0
    return width if width and all(_CODE.match(text, start) for start in range(0, len(text), width)) else 0


_PRINTED = re.compile(r"(?:\A|[\r\n])[ \t]*16[ \t]*,|/[ \t]+16,[0-9]{3},\+?[0-9]{0,20},", re.ASCII)
_PRINTED_UNBROKEN = re.compile(r"/[ \t]*16,[0-9]{3},\+?[0-9]{0,20},", re.ASCII)
_PRINTED_BLOCK = re.compile(r"[ \t]*16[ \t]*,", re.ASCII)


def printed_transactions(text: str) -> int:
    """Records 16 as a simple count finds them."""
    whole = text.rstrip("\x00\x1a\r\n ")
    if is_broken(whole):
        return len(_PRINTED.findall(whole))
    width = _width(whole)
    if not width:
        return len(_PRINTED_UNBROKEN.findall(whole))
    return sum(_PRINTED_BLOCK.match(whole, start) is not None for start in range(0, len(whole), width))


# -- fields -------------------------------------------------------------------------------------------------------


@dataclass(slots=True, repr=False)
class Fields:
    """The fields of a record, one after the other over its continuations; then its text.

    A slash at the end of a line ends the field before it; a comma before that slash leaves an empty field.
    """

    record: Record
    piece: int = field(default=0, init=False)
    at: int = field(default=0, init=False)

    def next(self) -> str | None:
        """The next field without white space around it, or None after the last."""
        if self.piece >= len(self.record.pieces):
            return None
        content = self.record.pieces[self.piece]
        end = content.find(",", self.at)
        if end >= 0:
            found = content[self.at : end]
            self.at = end + 1
        else:
            found = _unslashed(content[self.at :])
            self.piece, self.at = self.piece + 1, 0
        return found.strip()

    def or_empty(self) -> str:
        """The next field, empty after the last."""
        return self.next() or ""

    @property
    def begins_piece(self) -> bool:
        """True when the next field is the first of a continuation."""
        return self.at == 0 and 0 < self.piece < len(self.record.pieces)

    def peek(self) -> str | None:
        """The next field, which stays the next."""
        piece, at = self.piece, self.at
        found = self.next()
        self.piece, self.at = piece, at
        return found

    def texts(self) -> list[str]:
        """What is left, one text a line, commas kept; blank lines left out."""
        rest = self.record.pieces[self.piece :]
        if rest:
            rest = [rest[0][self.at :], *rest[1:]]
        self.piece = len(self.record.pieces)
        return [text for piece in rest if (text := clean(_unslashed(piece))) is not None]


def _unslashed(text: str) -> str:
    return text.rstrip().removesuffix("/")


# -- values -------------------------------------------------------------------------------------------------------

_AMOUNT = re.compile(r"[+-]?[0-9]{1,24}", re.ASCII)


def amount_of(text: str, record: Record, what: str) -> int:
    """Minor units with their sign; StatementError when *text* is anything but digits with a sign or none."""
    if not _AMOUNT.fullmatch(text):
        raise record.refused(f"{what} is not a whole number of minor units")
    return int(text)


def day_of(text: str, record: Record, what: str) -> date | None:
    """The day of six digits YYMMDD, years 00 to 79 of this century; None for an empty field or zeros."""
    if not text.strip("0"):
        return None
    day = year_month_day(text)
    if day is None:
        raise record.refused(f"{what} is no day of the calendar in six digits")
    return day


@dataclass(frozen=True, slots=True)
class Funds:
    """When an amount is available: on *day*, or in parts whose sum is *total* minor units; both may be unknown."""

    day: date | None = None
    total: int | None = None


_ANY_TIME = Funds()


def funds_of(fields: Fields, record: Record) -> Funds:
    """The funds type and the fields that it brings along.

    Z, 0, 1 and 2 bring none; V a day and a time; S the amounts for today, tomorrow and later; D a number of pairs of
    days and amounts.

    Raises:
        StatementError: another funds type, for what follows it cannot be told then.
    """
    kind = fields.or_empty().upper()
    if kind in ("", "Z", "0", "1", "2"):
        return _ANY_TIME
    if kind == "V":
        day = day_of(fields.or_empty(), record, "the value day")
        fields.next()
        return Funds(day=day)
    if kind == "S":
        return Funds(total=sum(_part(fields, record) for _ in range(3)))
    if kind == "D":
        count = fields.or_empty()
        if not (count.isascii() and count.isdigit() and len(count) <= 4):
            raise record.refused("the number of parts in which an amount is available is no number")
        total = 0
        for _ in range(int(count)):
            if fields.next() is None:
                raise record.refused("an amount has fewer parts than it says")
            total += _part(fields, record)
        return Funds(total=total)
    raise record.refused("a funds type is none of BAI2")


def _part(fields: Fields, record: Record) -> int:
    text = fields.or_empty()
    return amount_of(text, record, "an available amount") if text else 0
