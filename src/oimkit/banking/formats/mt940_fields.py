"""The fields of an MT940 file, with their lines; ordinary entries come in runs, so that they can be read in bulk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Field", "RawEntry", "Run", "raw_entry", "scan_fields"]


class Field(NamedTuple):
    """A field: its tag, the 1-based line on which it begins, and its lines without the tag."""

    tag: str
    line: int
    texts: list[str]


class RawEntry(NamedTuple):
    """A field 61, the lines of its fields 86 and those of its fields NS."""

    here: Field
    texts: list[str]
    extra: list[str]


class Run(NamedTuple):
    """Entries without anything between them, each with one field 86: the lines on which they begin, and their groups.

    The groups are days, mark, amount, type, the references of owner and bank, and the text of field 86.
    """

    lines: list[int]
    matches: list[re.Match[str]]

    @property
    def tag(self) -> str:
        """The tag that a run begins with."""
        return "61"

    @property
    def line(self) -> int:
        """The 1-based line of the first entry."""
        return self.lines[0]

    def raw(self) -> list[RawEntry]:
        """The entries as they were printed."""
        return [raw_entry(line, match) for line, match in zip(self.lines, self.matches, strict=True)]


def raw_entry(line: int, match: re.Match[str]) -> RawEntry:
    """One entry of a run as it was printed."""
    head, _, text = match[0].removeprefix("\n:61:").partition("\n:86:")
    return RawEntry(Field("61", line, [head]), text.split("\n"), [])


_PAIR = re.compile(
    r"\n:61:"
    r"([0-9]{10})"  # value date, booking date
    r"(R?[CD])[A-Z]?"
    r"([0-9]{1,20},[0-9]{0,5})"
    r"(?!NONREF)([NSF][A-Z0-9]{3})"
    r"(?:NONREF|([!-.0-~]{0,14}))"  # reference: longer ones may hold an account or a name
    r"(?://([!-~]*)|)"
    r"\n:86:"
    r"([0-9]{3}\?[^\n]*(?:\n ?[^:{ \t\n-][^\n]*){0,30})"  # no further line that may be a field or an envelope
    r"(?=\n:6(?:1|2[FM]):)"  # nothing more belongs to the entry
)
"""A field 61 of one line and its field 86 with numbered subfields, whole lines of them."""

_MOST = 256
"""Entries of one run: what has just been cut is read while it is in the processor's cache, and then forgotten."""


def scan_fields(text: str) -> Iterator[Field | Run]:
    """The fields of the file in order; envelopes, message ends and what stands between messages are left out.

    Behind a run stands a field 61, 62F or 62M, or the next run.
    """
    end, line = -1, 1  # the line end before the line of that number
    lines: list[int] = []
    matches: list[re.Match[str]] = []
    for match in _PAIR.finditer(text):
        begin, after = match.span()
        if begin != end or len(lines) == _MOST:
            if lines:
                yield Run(lines, matches)
                lines, matches = [], []
            if begin != end:
                between = text[end + 1 : begin].split("\n")
                yield from _fields(between, line)
                line += len(between)
        lines.append(line)
        matches.append(match)
        line += text.count("\n", begin, after)
        end = after
    if lines:
        yield Run(lines, matches)
    yield from _fields(text[end + 1 :].split("\n"), line)


_TAG = re.compile(r":([0-9]{2,4}[A-Z]?|[A-Z]{2}):")


def _fields(lines: Sequence[str], begin: int) -> list[Field]:
    """The fields of some lines, the first of which has the number *begin*."""
    fields: list[Field] = []
    texts: list[str] | None = None
    for number, line in enumerate(lines, begin):
        first = line[:1]
        if first in _SPECIAL:
            bare = line.lstrip(" \t")  # some banks indent every line
            match = _TAG.match(bare)
            if match is not None:
                texts = [bare[match.end() :]]
                fields.append(Field(match[1], number, texts))
                continue
            if (first == "-" and _ends_message(line)) or (first == "{" and line[2:3] == ":"):
                texts = None
                continue
        if texts is not None:
            texts.append(line)
    return fields


_SPECIAL = frozenset(":-{ \t")
"""What a line that is no plain text begins with."""


def _ends_message(line: str) -> bool:
    return line.startswith("-}") or not line[1:].strip()
