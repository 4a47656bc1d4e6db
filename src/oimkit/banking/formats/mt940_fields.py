"""The fields of an MT940 or MT942 file, with their lines; ordinary entries come in runs, to be read in bulk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from oimkit.banking.formats.text_lines import lines_by_piece

__all__ = [
    "BEHIND_END",
    "ENVELOPE",
    "Field",
    "RawEntry",
    "Run",
    "has_marked_lines",
    "raw_entry",
    "scan_fields",
    "with_lines",
]

ENVELOPE = "{"
"""The tag under which a line of blocks 1, 2, 3 or 5 of a SWIFT message comes."""

BEHIND_END = "-"
"""The tag under which a line that is only a hyphen comes with the lines below it: the end of a message and what stands
between two, or a line of a text."""


_MARKED = re.compile(r"[\s-]{0,40}@@:[0-9]{2}")


def with_lines(text: str) -> str:
    """*text* with line ends; in files taken from FinTS (HBCI) the signs ``@@`` stand for them.

    >>> with_lines("@@:20:STARTUMS@@:25:1/2"), with_lines(":20:A\\n:86:B@@:C")
    ('\\n:20:STARTUMS\\n:25:1/2', ':20:A\\n:86:B@@:C')
    """
    return text.replace("@@", "\n") if has_marked_lines(text) else text


def has_marked_lines(begin: str) -> bool:
    """True when a file that begins so writes ``@@`` for its line ends."""
    return _MARKED.match(begin) is not None


class Field(NamedTuple):
    """A field: its tag, the 1-based line on which it begins, and its lines without the tag."""

    tag: str
    line: int
    texts: list[str]


class RawEntry(NamedTuple):
    """A field 61, the lines of its fields 86, those of its fields NS, and all of these fields in order."""

    here: Field
    texts: list[str]
    extra: list[str]
    fields: list[Field]

    @property
    def printed(self) -> str:
        """All of it as printed."""
        lines = [f":{field.tag}:" + "\n".join(field.texts) for field in self.fields]
        return "\n".join(lines).rstrip("\n")


class Run(NamedTuple):
    """Entries without anything between them, each with at most one field 86: the line of the first, and their groups.

    The groups are the entry as printed, days, mark, amount, type, the references of owner and bank, what stands in
    their place with the line below it where they are not plain, and the text of field 86; the last four may be None.
    """

    line: int
    matches: list[re.Match[str]]

    @property
    def tag(self) -> str:
        """The tag that a run begins with."""
        return "61"

    def raw(self) -> list[RawEntry]:
        """The entries as they were printed."""
        entries: list[RawEntry] = []
        line = self.line
        for match in self.matches:
            entries.append(raw_entry(line, match))
            line += match[0].count("\n")
        return entries


def raw_entry(line: int, match: re.Match[str]) -> RawEntry:
    """One entry of a run as it was printed."""
    head, mark, text = match[1].removeprefix(":61:").partition("\n:86:")
    here = Field("61", line, head.split("\n"))
    if not mark:
        return RawEntry(here, [], [], [here])
    below = Field("86", line + len(here.texts), text.split("\n"))
    return RawEntry(here, below.texts, [], [here, below])


_FURTHER = r"\n ?[^:{ \t\n-][^\n]*+"
"""A further line of a text that cannot be a field, an envelope or the end of a message."""


def _up_to(most: int, pattern: str) -> str:
    """*pattern* any number of times up to *most*, as branches: CPython's re takes longer for a repeated group."""
    return f"(?:{pattern}{_up_to(most - 1, pattern)}|)" if most else ""


_PAIR = re.compile(
    r"\n(:61:"
    r"([0-9]{10}|[0-9]{6})"  # value date, booking date
    r"(R?[CD])[A-Z]?"
    r"([0-9]{1,20}+,[0-9]{0,5}+)"
    r"(?!NONREF)([NSF][A-Z0-9]{3})"
    r"(?:(?<!CHK)(?:NONREF|([!-.0-~]{0,14}+))(?://([!-~]*+)|)(?=\n:)"  # longer ones may hold an account or a name
    r"|([^\n]*+(?:\n[^:{ \t\n-][^\n]*+|)))"
    rf"(?:\n:86:([^\n]*+{_up_to(11, _FURTHER)})|))"  # SWIFT allows 6 lines, banks print a few more
    r"(?=\n:6(?:1|2[FM]):)"  # nothing more belongs to the entry
)
"""A field 61 of one line or two, and its field 86, whole lines of them."""

_MOST = 256
"""Entries of one run: what has just been cut is read while it is in the processor's cache, and then forgotten."""


def scan_fields(text: str, line: int = 1) -> Iterator[Field | Run]:
    """The fields of *text* in order; message ends are left out, and what stands between messages is BEHIND_END.

    *text* is a file, or a piece of one that begins with the line end before a field; *line* is the number of its first
    line. Behind a run stands a field 61, 62F or 62M, or the next run.
    """
    begin = 0  # of the first line that has not been given, which has the number *line*
    for matches in _runs(text):
        first, after = matches[0].start() + 1, matches[-1].end() + 1
        if first > begin:
            yield from _fields(_lines(text, begin, first - 1), line)
            line += text.count("\n", begin, first)
        yield Run(line, matches)
        line += text.count("\n", first, after)
        begin = after
    yield from _fields(_lines(text, begin, len(text)), line)


def _lines(text: str, begin: int, end: int) -> Iterator[str]:
    """The lines of *text* from *begin* up to the line end at *end*."""
    for lines in lines_by_piece(text, begin, end):
        yield from lines


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """The matches of _PAIR, those together that have nothing between them."""
    matches: list[re.Match[str]] = []
    end = -1
    for match in _PAIR.finditer(text):
        begin, after = match.span()
        if begin != end or len(matches) == _MOST:
            if matches:
                yield matches
            matches = []
        matches.append(match)
        end = after
    if matches:
        yield matches


_TAG = re.compile(r":([0-9]{2,4}[A-Z]?|[A-Z]{2}):")


def _fields(lines: Iterable[str], begin: int) -> Iterator[Field]:
    """The fields of some lines, the first of which has the number *begin*; each when all of its lines are known."""
    field: Field | None = None
    texts: list[str] | None = None
    for number, line in enumerate(lines, begin):
        first = line[:1]
        if first in _SPECIAL:
            bare = line.lstrip(" \t")  # some banks indent every line
            match = _TAG.match(bare)
            is_envelope = first == "{" and line[2:3] == ":"
            if match is not None or is_envelope or (first == "-" and _ends_message(line)):
                is_hyphen = first == "-" and not line.startswith("-}")
                if is_hyphen and field is not None and field.tag == BEHIND_END:
                    field.texts.append(line)
                    continue
                if field is not None and _says_something(field):
                    yield field
                texts = [] if is_hyphen and field is not None else None
                field = Field(BEHIND_END, number, texts) if texts is not None else None
            if match is not None:
                texts = [bare[match.end() :]]
                field = Field(match[1], number, texts)
                continue
            if is_envelope:
                field = Field(ENVELOPE, number, [line])
                continue
        if texts is not None:
            texts.append(line)
    if field is not None and _says_something(field):
        yield field


_SPECIAL = frozenset(":-{ \t")
"""What a line that is no plain text begins with."""


def _says_something(field: Field) -> bool:
    return field.tag != BEHIND_END or any(text.strip(" \t-") for text in field.texts)


def _ends_message(line: str) -> bool:
    return line.startswith("-}") or not line[1:].strip()
