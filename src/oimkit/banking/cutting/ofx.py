"""Pieces of an OFX file, SGML or XML, each of which ends where an entry begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oimkit.banking.cutting.texts import Texts
from oimkit.banking.formats.ofx_tokens import has_begun, has_open_section, plain_piece, plain_text

__all__ = ["ofx_pieces"]

_ENTRY = "<STMTTRN>"
_ANY_ENTRY = re.compile(r"<STMTTRN\s*>", re.IGNORECASE)
_LONGEST = 64
"""How far the beginning of an entry may reach back into what was searched before."""


def ofx_pieces(texts: Texts, size: int) -> Iterator[tuple[int, str]]:
    """The text of a file as plain_text gives it, in pieces of about *size* characters, with the first line of each.

    An entry begins every piece but the first, and no comment or CDATA section goes on from one piece into the next. A
    piece grows until that is so; what has to be held is bounded by *texts*.
    """
    held, line, searched, wanted = "", 1, 1, size
    is_first = True
    while text := texts.read(wanted):
        held += text
        end = _last_entry(held, searched)
        if end < 0 or (is_first and not has_begun(held[:end])) or has_open_section(held[:end]):
            searched = max(1, len(held) - _LONGEST)
            wanted *= 2  # so that what is held is copied a few times only
            continue
        yield line, _plain(held[:end], texts.format, line, is_first=is_first)
        line += held.count("\n", 0, end)
        held, searched, wanted, is_first = held[end:], 1, size, False
    yield line, _plain(held, texts.format, line, is_first=is_first)


def _last_entry(held: str, begin: int) -> int:
    """Where the last entry begins; -1 when none does behind *begin*."""
    end = held.rfind(_ENTRY, begin)
    return end if end >= 0 else max((match.start() for match in _ANY_ENTRY.finditer(held, begin)), default=-1)


def _plain(text: str, name: str, line: int, *, is_first: bool) -> str:
    return plain_text(text, name) if is_first else plain_piece(text, name, line)
