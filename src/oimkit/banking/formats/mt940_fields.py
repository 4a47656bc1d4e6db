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
    """Entries without anything between them, each with one field 86: the line of the first, and the groups of each.

    The groups are days, mark, amount, type, the references of owner and bank, and the text of field 86.
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
    head, _, text = match[0].removeprefix("\n:61:").partition("\n:86:")
    return RawEntry(Field("61", line, [head]), text.split("\n"), [])


_FURTHER = r"\n ?[^:{ \t\n-][^\n]*+"
"""A further line of a text that cannot be a field, an envelope or the end of a message."""


def _up_to(most: int, pattern: str) -> str:
    """*pattern* any number of times up to *most*, as branches: CPython's re takes longer for a repeated group."""
    return f"(?:{pattern}{_up_to(most - 1, pattern)}|)" if most else ""


_PAIR = re.compile(
    r"\n:61:"
    r"([0-9]{10})"  # value date, booking date
    r"(R?[CD])[A-Z]?"
    r"([0-9]{1,20}+,[0-9]{0,5}+)"
    r"(?!NONREF)([NSF][A-Z0-9]{3})"
    r"(?:NONREF|([!-.0-~]{0,14}+))"  # reference: longer ones may hold an account or a name
    r"(?://([!-~]*+)|)"
    r"\n:86:"
    rf"([0-9]{{3}}\?[^\n]*+{_up_to(11, _FURTHER)})"  # SWIFT allows 6 lines, banks print a few more
    r"(?=\n:6(?:1|2[FM]):)"  # nothing more belongs to the entry
)
"""A field 61 of one line and its field 86 with numbered subfields, whole lines of them."""

_MOST = 256
"""Entries of one run: what has just been cut is read while it is in the processor's cache, and then forgotten."""


def scan_fields(text: str) -> Iterator[Field | Run]:
    """The fields of the file in order; envelopes, message ends and what stands between messages are left out.

    Behind a run stands a field 61, 62F or 62M, or the next run.
    """
    begin, line = 0, 1  # of the first line that has not been given
    for matches in _runs(text):
        first, after = matches[0].start() + 1, matches[-1].end() + 1
        if first > begin:
            between = text[begin : first - 1].split("\n")
            yield from _fields(between, line)
            line += len(between)
        yield Run(line, matches)
        line += text.count("\n", first, after)
        begin = after
    yield from _fields(text[begin:].split("\n"), line)


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """The matches of _PAIR, those together that have nothing between them."""
    matches: list[re.Match[str]] = []
    end = -1
    for match in _PAIR.finditer(text):
        if match.start() != end or len(matches) == _MOST:
            if matches:
                yield matches
            matches = []
        matches.append(match)
        end = match.end()
    if matches:
        yield matches


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
