"""Numbers in texts: whole tokens, however they are punctuated.

A text is cut into runs of letters and runs of digits. A document number is recognised when its runs stand next
to each other in the text, joined by at most two blanks, points, dashes, slashes or underscores: ``INV/2026/00017``
is found in ``inv 2026-00017`` and in ``INV202600017``, never in ``INV/2026/000171``, because a run is always whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Token", "comparable", "joins", "pieces", "shape", "tokens"]

_RUN = re.compile(r"[0-9]+|[^\W\d_]+")
_JOINTS = " -./_"

_LONGEST_JOIN = 8
"""A Swiss reference in its printed groups has six runs, an RF reference in groups of four has seven or eight."""

_LONGEST_KEY = 40


class Token(NamedTuple):
    """One run of letters or of digits; joined tells whether only a joint lies between it and the run before."""

    text: str
    is_digits: bool
    joined: bool


def tokens(text: str) -> tuple[Token, ...]:
    """The runs of *text* in order, in capitals."""
    text = text.upper()
    found: list[Token] = []
    end = -1
    for match in _RUN.finditer(text):
        start, after = match.span()
        joined = end == start or (end >= 0 and start - end <= 2 and not text[end:start].strip(_JOINTS))
        found.append(Token(match.group(), text[start] in "0123456789", joined))
        end = after
    return tuple(found)


def pieces(number: str) -> list[str]:
    """The texts of the runs of *number* in order, in capitals, where it does not matter how they are joined."""
    return _RUN.findall(number.upper())


def joins(runs: tuple[Token, ...]) -> Iterator[tuple[str, bool, int, int]]:
    """Every way to read neighbouring runs as one number: (text, all digits, first run, run after the last)."""
    for first, start in enumerate(runs):
        text, all_digits = start.text, start.is_digits
        has_digits = all_digits
        if has_digits:
            yield text, all_digits, first, first + 1
        for last in range(first + 1, min(len(runs), first + _LONGEST_JOIN)):
            run = runs[last]
            if not run.joined or len(text) + len(run.text) > _LONGEST_KEY:
                break
            text += run.text
            all_digits = all_digits and run.is_digits
            has_digits = has_digits or run.is_digits
            if has_digits:
                yield text, all_digits, first, last + 1


def comparable(number: str) -> str:
    """*number* without its punctuation, in capitals: the form in which numbers are compared."""
    return "".join(pieces(number))


def shape(number: list[str]) -> tuple[str, ...] | None:
    """How numbers of one series look: letters as they are, digits by their count; None when too common to tell.

    >>> shape(pieces("INV/2026/00017")), shape(pieces("4711"))
    (('INV', '4', '5'), None)
    """
    if len(number) < 2 or sum(len(piece) for piece in number if piece.isdecimal()) < 5:
        return None
    return tuple([str(len(piece)) if piece.isdecimal() else piece for piece in number])
