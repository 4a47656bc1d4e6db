"""Numbers that a payer shortened or damaged, compared with the numbers of a few documents that may be meant.

A whole number is found by the ledger's index; what is compared here needs a second witness, for a few digits or a
damaged number could be anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA

from oimkit.banking.matching.model import OpenItem
from oimkit.banking.matching.tokens import Token, joins, pieces

__all__ = ["DAMAGED", "SHORTENED", "Quoted", "read_quoted", "support"]

SHORTENED, DAMAGED = "number_shortened", "number_damaged"

_LETTERS = str.maketrans("OQDILZSGB", "000112568")
"""Letters that are taken for digits when a paper is scanned."""

_FEWEST = 3
"""Digits of the end of a number, without the zeros before them, that stand for it."""

_LONG = 6
"""Signs of a number in which one wrong sign still leaves enough of it."""

_SPLIT = re.compile(r"[0-9OQDILZSGB]+")


@dataclass(frozen=True, slots=True)
class Quoted:
    """The numbers of a text.

    ends    those without letters, and the pieces between letters
    joined  everything that is joined and long enough, with and without look-alike letters, the longest first
    known   what support has found for items, by their id
    """

    ends: frozenset[str]
    joined: tuple[tuple[str, str], ...]
    known: dict[str, str | None] = field(default_factory=dict, compare=False)

    @property
    def is_empty(self) -> bool:
        """True where the text has no number that could be anything's."""
        return not self.ends and not self.joined


def read_quoted(runs: tuple[Token, ...]) -> Quoted:
    """The numbers in the runs of a text."""
    found = list(joins(runs))
    digits = [number for number, all_digits, _, _ in found if all_digits]
    ends = {number.lstrip("0") for number in digits} | {number for number in digits if len(number) > _FEWEST}
    whole = {number for number, _, _, _ in found if len(number) >= _LONG - 1}
    for run in runs:  # numbers whose digits were read as letters
        if not run.is_digits and any(sign in "OQILZSGB" for sign in run.text):
            ends.update(piece.translate(_LETTERS).lstrip("0") for piece in _SPLIT.findall(run.text))
    joined = sorted(((number, number.translate(_LETTERS)) for number in whole), key=_longest_first)
    return Quoted(frozenset(end for end in ends if len(end) >= _FEWEST), tuple(joined))


def _longest_first(number: tuple[str, str]) -> tuple[int, str]:
    return -len(number[0]), number[0]


def _forms(number: str) -> tuple[str, tuple[str, ...], str]:
    """A number as compared, its ends that may stand for it, and its digits with look-alike letters read as digits."""
    runs = pieces(number)
    whole = "".join(runs)
    digits = [run for run in runs if run.isdecimal()]
    ends: list[str] = []
    if digits:
        last = digits[-1]
        ends.append(last.lstrip("0"))
        ends.append(last if len(last) > _FEWEST else "")
        if len(digits) > 1:
            year = digits[-2]
            ends.append((year + last).lstrip("0"))
            if len(year) == 4:
                ends.append((year[2:] + last).lstrip("0"))
                ends.append((year + last.lstrip("0")).lstrip("0"))
                ends.append((year[2:] + last.lstrip("0")).lstrip("0"))
        elif len(last) > 5:
            ends.extend(last[cut:].lstrip("0") for cut in range(1, len(last) - _FEWEST + 1))
    return whole, tuple(dict.fromkeys(end for end in ends if len(end) >= _FEWEST)), whole.translate(_LETTERS)


def support(item: OpenItem, quoted: Quoted) -> str | None:
    """SHORTENED or DAMAGED where *quoted* holds such a form of one of the item's numbers, else None."""
    if quoted.is_empty:
        return None
    if item.id not in quoted.known:
        quoted.known[item.id] = _support(item, quoted)
    return quoted.known[item.id]


def _support(item: OpenItem, quoted: Quoted) -> str | None:
    ends, long_numbers = _numbers(item.document_number, item.partner_document_number, item.payment_reference)
    if not quoted.ends.isdisjoint(ends):
        return SHORTENED
    for whole, plain in long_numbers:
        if _is_among(whole, plain, quoted.joined):
            return DAMAGED
    return None


@lru_cache(maxsize=262144)
def _numbers(*numbers: str | None) -> tuple[frozenset[str], tuple[tuple[str, str], ...]]:
    """The ends of a document's *numbers*, and those of them in which a slip leaves enough, with and without letters."""
    forms = [_forms(number) for number in numbers if number]
    ends = frozenset(end for _, ends, _ in forms for end in ends)
    return ends, tuple((whole, plain) for whole, _, plain in forms if len(whole) >= _LONG)


def _is_among(whole: str, plain: str, texts: Iterable[tuple[str, str]]) -> bool:
    """True when one of *texts* is *whole* but for a sign that is wrong, lost, swapped, or read wrongly, or a word.

    One sign more is no slip that is taken for one: a longer number is another number.
    """
    size = len(whole)
    for text, bare in texts:
        length = len(text)
        if length > size:
            if bare.endswith(plain) and text[-size - 1].isalpha():
                return True  # glued to a word
        elif length < size - 1:
            return False
        elif bare == plain or OSA.distance(text, whole, score_cutoff=1) <= 1:
            return True
    return False
