"""A QIF text cut into what its headers open: accounts, blocks of movements and, passed over, lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from oimkit.banking.formats._common import clean, refused
from oimkit.banking.formats.qif_spelling import DateOrder
from oimkit.banking.formats.text_lines import line_too_long, refuse_long_lines
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = ["Account", "Block", "File", "Record", "cut", "movements_printed"]

_FORMAT = "qif"

_MOVEMENTS = {
    "bank": "Bank",
    "cash": "Cash",
    "ccard": "CCard",
    "otha": "Oth A",
    "oths": "Oth A",  # German
    "othl": "Oth L",
    "invst": "Invst",
}
"""The kinds of block that hold movements, blanks left out."""

_LISTS = frozenset(["cat", "class", "memorized", "security", "prices", "tag", "budget", "payee"])
"""The kinds of list that hold no movement: names, templates, prices."""

_ORDERS: dict[str, DateOrder] = {"!option:dmy": "DMY", "!option:mdy": "MDY", "!option:ymd": "YMD"}


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """The lines up to a ``^``, which is among them; *line* is the 1-based line of the file it begins on."""

    line: int
    text: str

    def fields(self) -> Iterator[tuple[int, str, str]]:
        """The lines that say something: line of the file, letter, and what follows it without blanks around it."""
        for number, line in enumerate(self.text.split("\n"), self.line):
            plain = line.strip()
            if plain and plain[0] != "^":
                yield number, plain[0], plain[1:].strip()


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """What a record under ``!Account`` says: name (N), description (D), statement balance ($) and its date (/)."""

    line: int
    name: str | None
    description: str | None
    balance: str | None
    balance_date: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """The movements under one ``!Type`` header, and the account that an ``!Account`` before it names."""

    kind: str
    line: int
    account: Account | None
    records: list[Record]


@dataclass(slots=True, repr=False)
class File:
    """All that a QIF text holds.

    blocks    blocks of movements in file order
    accounts  every account listed, in file order
    order     the order of dates that ``!Option:MDY`` or ``!Option:DMY`` names
    lists     True when a list stands in the file (categories, securities, ...)
    refused   for each block under a header that is not known, why it cannot be read
    """

    blocks: list[Block] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    order: DateOrder | None = None
    lists: bool = False
    refused: list[StatementError] = field(default_factory=list)


_CONTROL = re.compile(r"^[^\S\n]*[!^][^\n]*$", re.MULTILINE)
"""Headers, and the marks that end a record."""


def cut(text: str, limits: Limits) -> File:
    """The blocks and accounts of a QIF text whose lines end with line feeds.

    Raises:
        StatementError: a record before the first header, a movement that does not end with ``^`` (the file is cut
            off), two orders of dates named, a line longer than ``limits.line_chars``.
    """
    cutter = _Cutter(limits)
    start, line = 0, 1
    for control in _CONTROL.finditer(text):
        said = control[0].strip()
        before = text[start : control.start()]
        here = line + before.count("\n")
        if said[0] == "!":
            cutter.left_open(before, line, here)
            cutter.header(said, here)
        else:
            cutter.end(before, said, line, here)
        start, line = control.end() + 1, here + 1
    cutter.left_open(text[start:], line, None)
    return cutter.file


class _Cutter:
    """Where the cutting stands: what the last header opened."""

    def __init__(self, limits: Limits) -> None:
        self.file = File()
        self.limits = limits
        self.section = ""  # "", "account", "list", "unknown" or "movements"
        self.listed: list[Account] = []  # under the last !Account header
        self.current: Account | None = None

    def end(self, before: str, mark: str, line: int, here: int) -> None:
        """A ``^`` (``^^`` by old programs) on line *here* ends what stands *before* it, from *line* on."""
        if mark not in ("^", "^^"):
            raise refused(_FORMAT, "something follows the mark that ends a record", here, "^")
        if self._is_empty(before, line):
            return
        self._take(Record(*_from_first_line(before + mark, line)))

    def left_open(self, before: str, line: int, header: int | None) -> None:
        """A header or the end of the file (None) ends what stands before it, which only lists may leave to it."""
        if self._is_empty(before, line):
            return
        record = Record(*_from_first_line(before, line))
        if self.section == "movements" and header is None:
            raise refused(_FORMAT, "the file is cut off: its last movement does not end", record.line, "^")
        if self.section == "movements":
            raise refused(_FORMAT, "a movement does not end before the next header", record.line, "^")
        self._take(record)

    def header(self, line: str, number: int) -> None:
        name = line.lower()
        if len(line) > self.limits.line_chars:
            raise line_too_long(number, format=_FORMAT, limits=self.limits)
        if name.startswith(("!option:", "!clear:")):
            self._option(name, number)
        elif name == "!account":
            self.section, self.listed, self.current = "account", [], None
        elif name.startswith("!type:"):
            self._type("".join(name.removeprefix("!type:").split()), number)
        else:
            self.section = "unknown"

    def _is_empty(self, before: str, line: int) -> bool:
        """True when nothing is said: empty lines, and above the first header notes that people put there."""
        if not before or before.isspace():
            return True
        refuse_long_lines(before, line, format=_FORMAT, limits=self.limits)
        if self.section:
            return False
        for number, text in enumerate(before.split("\n"), line):
            if text.strip() and text.strip()[0] != "#":
                raise refused(_FORMAT, "a record stands before the first header", number)
        return True

    def _take(self, record: Record) -> None:
        if self.section == "movements":
            self.file.blocks[-1].records.append(record)
        elif self.section == "account":
            self._account(record)
        elif self.section == "unknown":
            # reported once for all the records under the header
            self.file.refused.append(
                refused(_FORMAT, "a block of records has a header that is not known", record.line, "!")
            )
            self.section = "list"

    def _option(self, name: str, number: int) -> None:
        order = _ORDERS.get("".join(name.split()))
        if order is None:
            return
        if self.file.order not in (None, order):
            raise refused(_FORMAT, "the headers of the file name two orders of dates", number, "!Option")
        self.file.order = order

    def _type(self, name: str, number: int) -> None:
        kind = _MOVEMENTS.get(name)
        if kind is not None:
            if self.listed:
                # more than one is the list of all accounts, and says nothing of the movements that follow
                self.current = self.listed[0] if len(self.listed) == 1 else None
                self.listed = []
            self.section = "movements"
            self.file.blocks.append(Block(kind, number, self.current, []))
        elif name in _LISTS:
            self.section, self.file.lists = "list", True
        else:
            self.section = "unknown"

    def _account(self, record: Record) -> None:
        said: dict[str, str | None] = {}
        for _, letter, text in record.fields():
            said.setdefault(letter, clean(text))
        account = Account(record.line, said.get("N"), said.get("D"), said.get("$"), said.get("/"))
        self.listed.append(account)
        self.file.accounts.append(account)


def _from_first_line(text: str, line: int) -> tuple[int, str]:
    """The line that *text* says something on first, and the text from there on."""
    plain = text.lstrip()
    return line + text.count("\n", 0, len(text) - len(plain)), plain


_BLOCK = re.compile(
    r"^[^\S\n]*!type:[^\S\n]*(?:bank|cash|ccard|oth[^\S\n]*[asl]|invst)[^\S\n]*$(.*?)"
    r"(?=^[^\S\n]*!(?!option:|clear:)|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_RECORD = re.compile(r"^[^\S\n]*[^\s^!][^\n]*\n(?:[^\S\n]*\n)*[^\S\n]*\^", re.MULTILINE)


def movements_printed(text: str) -> int:
    """How many records end inside blocks of movements, counted without regard to what they say."""
    return sum(sum(1 for _ in _RECORD.finditer(text, *block.span(1))) for block in _BLOCK.finditer(text))
