"""Entries of OFX cut out whole: those with the same tags in the same order share one pattern.

Most files hold thousands of entries that differ in their values only. The first of a shape is taken apart tag by tag;
what comes out is a pattern of the literal tags, by which the next ones are cut without looking at each tag again. An
entry is cut so only when it is closed, short, and holds nothing but elements and parties; every other one is left to
the general way, tag by tag. Where each value belongs is not decided here but by ``RawEntry``, for both ways alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from oimkit.banking.formats.ofx_shapes import AGGREGATES, PARTS, RawEntry
from oimkit.banking.formats.ofx_tokens import TAG_AND_VALUE, Token, refuse_long, tokens
from oimkit.banking.limits import Limits

__all__ = ["COMMON", "Record", "parts"]

COMMON = ("TRNTYPE", "DTPOSTED", "DTAVAIL", "TRNAMT", "FITID", "NAME", "MEMO", "CHECKNUM", "REFNUM")
"""The elements of an ordinary entry; one that has others as well is not ordinary."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The pattern of a shape, and in which of its groups each element stands; group 1 is the whole entry.

    common  the groups of COMMON, in its order, a group that is always empty for those that are absent; or None
    part    the first tag of a part inside the entry, as printed, or None
    """

    pattern: re.Pattern[str]
    values: tuple[tuple[str, int], ...]
    memos: tuple[int, ...]
    common: tuple[int, ...] | None
    part: str | None


_NONE = _Plan(re.compile(r"(?!)"), (), (), None, None)
"""Fits nothing."""


class Record(NamedTuple):
    """One entry cut out whole: its line, where it begins, its plan and the groups of it."""

    line: int
    begin: int
    plan: _Plan
    match: re.Match[str]

    def common(self) -> tuple[str, ...] | None:
        """The entry as printed and the values of COMMON, "" for what is absent; None where it is not ordinary."""
        groups = self.plan.common
        return self.match.group(*groups) if groups is not None else None

    def part(self) -> tuple[str, int] | None:
        """The name and the line of the first part inside the entry; None where it has none."""
        tag = self.plan.part
        if tag is None:
            return None
        return tag.strip("<>/").split()[0].upper(), self.line + self.match[1].partition(tag)[0].count("\n")

    def raw(self) -> RawEntry:
        """The entry as the general way gathers it."""
        match, plan = self.match, self.plan
        raw = RawEntry(self.line, self.begin, pending=False)
        raw.values = {key: match[group] for key, group in plan.values}
        raw.memos = [match[group] for group in plan.memos]
        raw.end = match.end()
        return raw


def parts(text: str, name: str, limits: Limits, line: int = 1) -> Iterator[Token | Record]:
    """The tags of *text* in order, with the entries that have a plan cut out whole; *line* is that of its beginning.

    Raises StatementError for a value longer than ``limits.line_chars``.
    """
    plans = _Plans(limits.line_chars)
    at = 0
    begin = text.find(_OPEN)
    while begin >= 0:
        yield from tokens(text, at, begin, line, name, limits)
        line += text.count("\n", at, begin)
        at = begin
        match = plans.match(text, begin)
        end = begin
        while match is not None:
            yield Record(line, match.start(1), plans.last, match)
            line += text.count("\n", at, match.end())
            at = end = match.end()
            match = plans.match(text, end)
            if match is not None:
                line += text.count("\n", end, match.start(1))
                at = match.start(1)
        if end > begin:
            at = _behind(text, end, line, name, limits)
            line += text.count("\n", end, at)
        begin = text.find(_OPEN, max(at, begin + 1))
    yield from tokens(text, at, len(text), line, name, limits)


_OPEN = "<STMTTRN>"
_CLOSE = "</STMTTRN>"


def _behind(text: str, end: int, line: int, name: str, limits: Limits) -> int:
    """Where the next tag begins behind the closing tag that ends at *end*; what stands between belongs to nothing."""
    closing = TAG_AND_VALUE.match(text, end - len(_CLOSE))
    assert closing is not None
    refuse_long(closing[3], "STMTTRN", line, name, limits)
    return closing.end()


@dataclass(slots=True)
class _Plans:
    """The plans met in one file, and the last one used."""

    most_chars: int
    known: dict[tuple[str, ...], _Plan | None] = field(default_factory=dict)
    last: _Plan = _NONE
    recent: tuple[_Plan, ...] = ()

    def match(self, text: str, at: int) -> re.Match[str] | None:
        """The entry that begins at *at*, blanks before it left out, cut by its plan; None where it has none."""
        match = self.last.pattern.match(text, at) or self._by_recent(text, at)
        if match is None:
            plan = self._plan(text, at)
            if plan is None:
                return None
            match = plan.pattern.match(text, at)
            self._use(plan)
        if match is not None and match.end() - at > self.most_chars:
            return None  # one of its values may be too long
        return match

    def _by_recent(self, text: str, at: int) -> re.Match[str] | None:
        """The entry cut by one of the plans used last but one and before: no two plans fit one entry."""
        for plan in self.recent:
            match = plan.pattern.match(text, at)
            if match is not None:
                self._use(plan)
                return match
        return None

    def _use(self, plan: _Plan) -> None:
        others = [other for other in self.recent if other is not plan]
        self.last, self.recent = plan, (self.last, *others[: _RECENT - 1])

    def _plan(self, text: str, at: int) -> _Plan | None:
        begin = _BLANKS.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing as well
        if not text.startswith(_OPEN, begin):
            return None
        most = begin + self.most_chars
        following = text.find(_OPEN, begin + 1, most)
        end = text.find(_CLOSE, begin, following if following >= 0 else most)
        if end < 0:
            return None
        matches = list(TAG_AND_VALUE.finditer(text, begin, end + len(_CLOSE)))
        tags = tuple([text[match.start() : match.start(3)] for match in matches])
        if tags not in self.known:
            if len(self.known) >= _MOST_PLANS:
                return None
            self.known[tags] = _planned(tags, matches)
        return self.known[tags]


_BLANKS = re.compile(r"\s*")
_RECENT = 3
"""Plans that are tried before an entry is taken apart; more of them are slower where many shapes take turns."""

_MOST_PLANS = 64
"""Shapes of one file; banks have a handful."""

_MOST_TAGS = 60


def _planned(tags: tuple[str, ...], matches: list[re.Match[str]]) -> _Plan | None:
    """The plan of a shape, or None where an entry of it is not cut whole.

    A value is told by the number of its group, and where it belongs by an entry that gathers these numbers as values.
    """
    if len(tags) > _MOST_TAGS or tags[-1] != _CLOSE:
        return None
    raw = RawEntry(0, 0, pending=False)
    inside = ""
    part = None
    pattern = [re.escape(_OPEN), "[^<]*+"]
    group = 1
    for tag, match in zip(tags[1:-1], matches[1:-1], strict=True):
        closing, name = match[1] == "/", match[2].upper()
        captured = False
        if name in PARTS:
            if closing != (inside == name) or (not closing and inside):
                return None  # not opened, not closed, or nested
            inside = "" if closing else name
            part = part or tag
        elif name in AGGREGATES:
            return None
        elif not closing:
            group += 1
            captured = True
            raw.take(inside, name, str(group))
        pattern += [re.escape(tag), "([^<]*+)" if captured else "[^<]*+"]
    if inside or raw.repeated is not None:
        return None
    whole = re.compile(r"\s*+(" + "".join([*pattern, re.escape(_CLOSE)]) + ")()")
    values = tuple([(key, int(number)) for key, number in raw.values.items()])
    memos = tuple([int(number) for number in raw.memos])
    return _Plan(whole, values, memos, _common(dict(values), memos, empty=group + 1), part)


def _common(values: dict[str, int], memos: tuple[int, ...], *, empty: int) -> tuple[int, ...] | None:
    """The groups of an ordinary entry: a day, an amount, at most one memo, and nothing beside COMMON."""
    if not values.keys() <= set(COMMON) - {"MEMO"} or len(memos) > 1 or not {"TRNAMT", "DTPOSTED"} <= values.keys():
        return None
    values = values | {"MEMO": memos[0]} if memos else values
    return (1, *[values.get(name, empty) for name in COMMON])
