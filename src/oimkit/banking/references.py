"""Structured creditor references: their forms, their check digits, and where they stand in a text.

| kind | form | check | source |
|---|---|---|---|
| rf | RF, 2 check digits, 1-21 letters and digits | mod 97-10 | ISO 11649 |
| be | 12 digits, +++123/4567/89002+++ or *** | first ten mod 97, 0 written 97 | Febelfin structured communication |
| fi | 4-20 digits, in fives from the right | weights 7-3-1 from the right, mod 10 | Finance Finland viitenumero |
| ch | 27 digits, 2 and five groups of five | recursive mod 10 | Swiss Payment Standards, QR reference |
| no | 2-25 digits, the last may be "-" | mod 10 (Luhn) or mod 11 | Bits/Mastercard Payment Services, KID |
| nl | 16 digits, check digit first | weights 2 4 8 5 10 9 7 3 6 1 from the right, mod 11 | Dutch betalingskenmerk |
| si | SI01 or SI12, 2-20 digits in parts | mod 11, weights 2, 3, 4 ... from the right | Slovenian models 01 and 12 |

A check digit says that a number was copied without a slip, not that it is a reference: one number in ten passes
mod 10. A reference counts only when an open document asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import mul

from stdnum import iso11649, luhn
from stdnum.be import ogm_vcs
from stdnum.ch import esr

__all__ = ["FoundReference", "ReferenceKind", "StructuredReference", "find_references", "read_reference"]


class ReferenceKind(StrEnum):
    """Which standard a reference follows."""

    RF = "rf"
    BE = "be"
    CH = "ch"
    NL = "nl"
    SI = "si"
    FI = "fi"
    NO = "no"


@dataclass(frozen=True, slots=True)
class StructuredReference:
    """A reference whose check digits hold.

    value  electronic form: capitals and digits only, a Finnish one without leading zeros
    """

    kind: ReferenceKind
    value: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The values under which the same reference may be quoted: an RF reference may wrap a Finnish one.

        >>> read_reference("RF34 1234 561")[0].keys
        ('RF341234561', '1234561')
        """
        body = self.value[4:].lstrip("0")
        if self.kind is ReferenceKind.RF and _is_finnish(body):
            return self.value, body
        return (self.value,)


@dataclass(frozen=True, slots=True)
class FoundReference:
    """A reference at ``text[start:end]``; marked when only its kind is written so (RF.., +++..+++, SI..)."""

    reference: StructuredReference
    start: int
    end: int
    marked: bool


def read_reference(text: str) -> tuple[StructuredReference, ...]:
    """Every reference that the whole of *text* can be, in the order of ReferenceKind; () when no check digit holds.

    Several kinds may fit one number; the document that asks for it decides.

    >>> read_reference("+++090/9337/55493+++")[0]
    StructuredReference(kind=<ReferenceKind.BE: 'be'>, value='090933755493')
    """
    text = text.strip().upper()
    if len(text) > _LONGEST_TEXT:
        return ()
    return tuple(
        StructuredReference(form.kind, value)
        for form in _FORMS
        if form.whole.fullmatch(text) and (value := form.read(text)) is not None
    )


def find_references(text: str) -> tuple[FoundReference, ...]:
    """Every checked reference inside *text*, as whole tokens, in text order and the order of ReferenceKind.

    A number is never part of a longer number: ``1234`` is not found in ``91234``. Norwegian and Finnish numbers
    of fewer than eight digits are found only in a text of their own (``read_reference``): in prose they are chance.
    """
    text = text.upper()
    found = [
        FoundReference(StructuredReference(form.kind, value), start, end, form.marks(text[start:end]))
        for form in _FORMS
        for start, end in form.places(text)
        if (value := form.read(text[start:end])) is not None
    ]
    order = list(ReferenceKind)
    return tuple(sorted(found, key=lambda each: (each.start, order.index(each.reference.kind), -each.end)))


_LONGEST_TEXT = 60
"""A reference with its marks and blanks is shorter than this."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How one kind is written: the whole of a field, a token in a text, its marks, and the check of its value."""

    kind: ReferenceKind
    whole: re.Pattern[str]
    token: re.Pattern[str]
    check: Callable[[str], str | None]
    mark: str = ""

    def read(self, text: str) -> str | None:
        """The electronic form when the check digits hold."""
        return self.check(_bare(text))

    def marks(self, text: str) -> bool:
        return bool(self.mark) and bool(re.match(self.mark, text))

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where tokens of this form stand; an RF reference may go on over blanks, so that every end is tried."""
        for match in self.token.finditer(text):
            if self.kind is ReferenceKind.RF:
                yield from _ends(match)
            else:
                yield match.span()


def _ends(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The token up to each of its blanks, longest first."""
    start, end = match.span()
    piece = match.group()
    for length in (len(piece), *(at for at in range(len(piece) - 1, 0, -1) if piece[at] == " ")):
        if len(_bare(piece[:length])) <= _RF_LENGTH:
            yield start, start + min(length, end - start)


_RF_LENGTH = 25


def _bare(text: str) -> str:
    return _SIGNS.sub("", text) + ("-" if text.endswith("-") else "")


_SIGNS = re.compile(r"[^0-9A-Za-z]")


def _rf(bare: str) -> str | None:
    return bare if 5 <= len(bare) <= _RF_LENGTH and iso11649.is_valid(bare) else None


def _be(bare: str) -> str | None:
    return bare if len(bare) == 12 and ogm_vcs.is_valid(bare) else None


def _ch(bare: str) -> str | None:
    return bare if len(bare) == 27 and bare.strip("0") and esr.is_valid(bare) else None


def _fi(bare: str) -> str | None:
    value = bare.lstrip("0")
    return value if _is_finnish(value) else None


def _is_finnish(digits: str) -> bool:
    """4 to 20 digits, the last one tops the sum weighted 7, 3, 1 from the right up to a multiple of ten."""
    if not (4 <= len(digits) <= 20 and digits.isascii() and digits.isdigit()):
        return False
    weighted: int = sum(map(mul, _SEVEN_THREE_ONE, map(int, digits[-2::-1])))
    return (weighted + int(digits[-1])) % 10 == 0


_SEVEN_THREE_ONE = (7, 3, 1) * 7


def _no(bare: str) -> str | None:
    """2 to 25 digits with a Luhn digit, or a mod 11 digit, where ten is written "-"."""
    if not 2 <= len(bare) <= 25 or not bare.strip("0-"):
        return None
    if bare.isdigit() and luhn.is_valid(bare):
        return bare
    weighted: int = sum(map(mul, _TWO_TO_SEVEN, map(int, bare[-2::-1])))
    digit = -weighted % 11
    return bare if bare[-1] == ("-" if digit == 10 else str(digit)) else None


_TWO_TO_SEVEN = (2, 3, 4, 5, 6, 7) * 4


def _nl(bare: str) -> str | None:
    """16 digits; the first is the check digit of the other fifteen: 11 - sum mod 11, ten written 1, eleven 0."""
    if len(bare) != 16 or not bare.strip("0"):
        return None
    weights = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
    weighted = sum(weights[place % 10] * int(digit) for place, digit in enumerate(reversed(bare[1:])))
    digit = 11 - weighted % 11
    return bare if int(bare[0]) == {10: 1, 11: 0}.get(digit, digit) else None


def _si(bare: str) -> str | None:
    """SI01 (parts together) and SI12 (one part): last digit 11 - sum mod 11, ten and eleven written 0.

    The other models check their parts by tables of their own and are not judged here.
    """
    digits = bare[4:]
    if not (2 <= len(digits) <= 20 and digits.isdigit() and digits.strip("0")):
        return None
    weighted = sum((2 + place) * int(digit) for place, digit in enumerate(reversed(digits[:-1])))
    digit = 11 - weighted % 11
    return bare if int(digits[-1]) == (0 if digit >= 10 else digit) else None


def _form(kind: ReferenceKind, whole: str, token: str, check: Callable[[str], str | None], mark: str = "") -> _Form:
    return _Form(
        kind, re.compile(whole, re.ASCII), re.compile(rf"(?<![0-9A-Z]){token}(?![0-9A-Z])", re.ASCII), check, mark
    )


_BE = r"(?:(\+\+\+|\*\*\*) ?)?[0-9]{3}[/ ]?[0-9]{4}[/ ]?[0-9]{5}(?: ?(?:\+\+\+|\*\*\*))?"
_GROUPS_OF_FIVE = r"[0-9]{1,5}(?: [0-9]{5}){1,3}"
_SI = r"SI(?:01|12) ?[0-9]{1,12}(?:-[0-9]{1,12}){0,2}"

_FORMS = (
    _form(ReferenceKind.RF, r"RF ?[0-9]{2}(?: ?[0-9A-Z]){1,21}", r"RF ?[0-9]{2}(?: ?[0-9A-Z]){1,40}", _rf, "RF"),
    _form(ReferenceKind.BE, _BE, _BE, _be, r"\+\+\+|\*\*\*|[0-9]{3}/"),
    _form(ReferenceKind.CH, r"(?:[0-9] ?){26}[0-9]", r"(?:[0-9]{27}|[0-9]{2}(?: [0-9]{5}){5})", _ch, r"[0-9]{2} "),
    _form(ReferenceKind.NL, r"(?:[0-9]{4}[ .]?){3}[0-9]{4}", r"(?:[0-9]{16}|[0-9]{4}(?:[ .][0-9]{4}){3})", _nl),
    _form(ReferenceKind.SI, _SI, _SI, _si, "SI"),
    _form(ReferenceKind.FI, r"(?:[0-9] ?){3,19}[0-9]", rf"(?:[0-9]{{8,20}}|{_GROUPS_OF_FIVE})", _fi),
    _form(ReferenceKind.NO, r"[0-9]{1,24}[0-9-]", r"[0-9]{7,24}[0-9-]", _no),
)
