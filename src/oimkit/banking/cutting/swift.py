"""Pieces of an MT940 or MT942 file, each of which ends where a field does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import IncrementalNewlineDecoder

from oimkit.banking.cutting.texts import Texts
from oimkit.banking.formats.mt940_fields import has_marked_lines

__all__ = ["swift_pieces"]

_ENTRY = "\n:61:"
_FIELD = re.compile(r"\n[ \t]*+:(?:[0-9]{2,4}[A-Z]?|[A-Z]{2}):")
"""The line end before a field; no text of another field goes past it."""


def swift_pieces(texts: Texts, size: int) -> Iterator[tuple[int, str]]:
    """The text of a file in pieces of about *size* characters, with the number of the first line of each.

    Line ends are ``\\n``. Every piece but the first begins with the line end before a field. A piece grows until a
    field ends in it; what has to be held is bounded by *texts*.
    """
    newlines = IncrementalNewlineDecoder(None, translate=True)
    held, line, searched, wanted = "", 1, 1, size
    is_marked: bool | None = None  # whether @@ stands for line ends
    while text := texts.read(wanted):
        held += newlines.decode(text)
        is_marked = has_marked_lines(held) if is_marked is None else is_marked
        held = held.replace("@@", "\n") if is_marked else held
        end = _last_field(held, searched)
        if end < 0:
            searched = max(1, held.rfind("\n"))
            wanted *= 2  # so that what is held is copied a few times only
            continue
        yield line, held[:end]
        line += held.count("\n", 0, end)
        held, searched, wanted = held[end:], 1, size
    yield line, held + newlines.decode("", final=True)


def _last_field(held: str, begin: int) -> int:
    """Where the last field begins, with the line end before it; -1 when none does behind *begin*."""
    end = held.rfind(_ENTRY, begin)
    return end if end >= 0 else max((match.start() for match in _FIELD.finditer(held, begin)), default=-1)
