"""Pieces of a CAMT file, each of which ends behind an entry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oimkit.banking.cutting.texts import Texts

__all__ = ["camt_pieces"]

_NAME = "Ntry>"
_CLOSING = re.compile(r"</(?:[A-Za-z_][\w.-]{0,40}:)?\Z")
_LONGEST = 64
"""How far the closing tag of an entry may reach back into what was searched before."""


def camt_pieces(texts: Texts, size: int) -> Iterator[tuple[int, str, bool]]:
    """The text of a file in pieces of about *size* characters, with the first line of each, and True for the last one.

    Every piece but the last ends behind the closing tag of an Ntry. A piece grows until one stands in it; what has to
    be held is bounded by *texts*.
    """
    held, line, searched, wanted = "", 1, 0, size
    while text := texts.read(wanted):
        held += text
        end = _last_closing(held, searched)
        if end < 0:
            searched = max(0, len(held) - _LONGEST)
            wanted *= 2  # so that what is held is copied a few times only
            continue
        yield line, held[:end], False
        line += held.count("\n", 0, end)
        held, searched, wanted = held[end:], 0, size
    yield line, held, True


def _last_closing(held: str, begin: int) -> int:
    """Where the last closing tag of an Ntry ends; -1 when there is none behind *begin*."""
    at = held.rfind(_NAME, begin)
    while at >= 0:
        if _CLOSING.search(held, max(0, at - _LONGEST), at) is not None:
            return at + len(_NAME)
        at = held.rfind(_NAME, begin, at)
    return -1
