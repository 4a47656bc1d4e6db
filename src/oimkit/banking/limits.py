"""How much of a file is looked at before it is refused: sizes, counts and depth, with stated defaults."""

from __future__ import annotations

from dataclasses import dataclass

from oimkit.errors import InputError

__all__ = ["LIMITS", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one reading; a file beyond one of them is refused with the name of the bound.

    bytes       size of the file, checked before anything is decoded
    line_chars  characters of one line, of one row (CSV) or of one value (OFX, CAMT)
    entries     entries of the whole file, the transactions of batches included
    statements  statements or pages of the whole file
    depth       nesting of elements (CAMT, OFX)
    members     files in one archive
    """

    bytes: int = 64 * 1024 * 1024
    line_chars: int = 10_000
    entries: int = 1_000_000
    statements: int = 100_000
    depth: int = 64
    members: int = 1_000

    def __post_init__(self) -> None:
        if min(self.bytes, self.line_chars, self.entries, self.statements, self.depth, self.members) < 1:
            raise InputError("every limit is at least one")


LIMITS = Limits()
"""The defaults: years of a busy account fit, a hostile file does not."""
