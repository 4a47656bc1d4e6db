"""Field 86 with numbered subfields: the German form, also used with other separators in Poland, Hungary, Triodos."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from oimkit.banking.formats._common import clean, iban_or_none
from oimkit.banking.formats.mt940_details import NOTHING, Details, money_in
from oimkit.banking.formats.mt940_values import codes_of
from oimkit.banking.statement import Party

__all__ = ["is_numbered", "read_numbered"]

_BEGINS = re.compile(r"[0-9]{3}\s*([?~<>^|])\1?[0-9]{2}|[?~<^|][012]0", re.ASCII)
"""A code of three digits and a subfield, or the first subfield of a text without code (Poland)."""


def is_numbered(text: str) -> bool:
    """True when a field 86 whose lines are put together consists of numbered subfields."""
    return _BEGINS.match(text) is not None


class _Parts(NamedTuple):
    """The subfields of one text: the pieces of the purpose in order, everything else as one text each."""

    code: str | None
    said: str | None
    journal: str | None
    pieces: Sequence[str]
    name: str
    bank: str | None
    account: str | None
    iban: str | None
    text_key: str | None


def read_numbered(text: str) -> Details:
    """The details of a field 86 whose lines are put together.

    Subfield 00 is the bank's own words, 10 its journal number, 20 to 29 and 60 to 63 the purpose with the keywords of
    SEPA (EREF+, MREF+, ...), 30 and 31 bank and account, 32 and 33 name, 34 the supplement of the code, 38 IBAN.
    """
    parts = _parts(text)
    pieces = list(parts.pieces)
    bank, account = clean(parts.bank), clean(parts.account) or clean(parts.iban)
    if parts.iban is not None and iban_or_none(account) is None and iban_or_none(parts.iban) is not None:
        account = clean(parts.iban)
    if bank is None and account is None and len(pieces) > 1 and _is_bank_and_account(pieces):
        bank, account, *pieces = (*pieces[:2], *pieces[2:])
    found, remittance = _by_piece(pieces) or _keywords(_joined(pieces))
    return Details(
        name=" ".join(parts.name.split()) or None,
        account=account or found.get("IBAN"),
        bank=bank or found.get("BIC"),
        identification=found.get("DEBT"),
        payer=_named(found.get("ABWA")),
        payee=_named(found.get("ABWE")),
        end_to_end_id=found.get("EREF"),
        mandate_id=found.get("MREF"),
        batch_id=found.get("KREF") or found.get("PREF"),
        creditor_id=found.get("CRED"),
        remittance=remittance,
        purpose=_purpose(found.get("PURP")),
        bank_code=parts.code,
        codes=codes_of(None, parts.code, parts.journal, parts.text_key),
        references=tuple((name, found[keyword]) for keyword, name in _REFERENCES if keyword in found),
        instructed=money_in(found.get("OAMT")),
        charges=money_in(found.get("COAM")),
        said=clean(parts.said),
    )


_PURPOSE_CODE = re.compile(r"[A-Z]{4}(?= |\Z)", re.ASCII)


def _purpose(text: str | None) -> str | None:
    """The code of PURP+; some banks write what it means behind it."""
    match = _PURPOSE_CODE.match(text) if text is not None else None
    return match[0] if match is not None else text


_REFERENCES = (("BREF", "AcctSvcrRef"), ("RREF", "RREF"))


def _named(name: str | None) -> Party | None:
    return Party(name) if name is not None else None


# -- subfields ----------------------------------------------------------------------------------------------------

_PURPOSE = frozenset({*map(str, range(20, 30)), *map(str, range(60, 64))})

_SEPARATOR = re.compile(r"[0-9]{0,3}\s*(.)", re.ASCII)


def _parts(text: str) -> _Parts:
    """The subfields of a text: by one pattern where they come as they nearly always do, else one by one."""
    head = _SEPARATOR.match(text)
    separator = head[1] if head is not None else "?"
    usual = _USUAL[separator].fullmatch(text) if separator in _USUAL else None
    return _usual(usual) if usual is not None else _unusual(text, separator)


def _usual_pattern(separator: str) -> re.Pattern[str]:
    mark, value = re.escape(separator), rf"([^{re.escape(separator)}]*)"
    numbers = ("00", "10", *range(20, 35), 38, *range(60, 64))
    return re.compile(r"([0-9]{3})?" + "".join(rf"(?:{mark}{number}{value})?" for number in numbers), re.ASCII)


_USUAL = {separator: _usual_pattern(separator) for separator in "?~<^|"}
"""The subfields in order, each at most once and without the separator in it."""


def _usual(match: re.Match[str]) -> _Parts:
    code, said, journal, *purposes, bank, account, name, more_name, text_key, iban, m60, m61, m62, m63 = match.groups()
    pieces = [piece for piece in (*purposes, m60, m61, m62, m63) if piece is not None]
    return _Parts(code, said, journal, pieces, f"{name or ''}{more_name or ''}", bank, account, iban, text_key)


_TWO_DIGITS = re.compile(r"[0-9]{2}", re.ASCII)


def _unusual(text: str, separator: str) -> _Parts:
    """The subfields of a text in any order and with any separator; one that no number follows belongs to the text."""
    code = text[:3] if text[0] != separator else None
    found: list[tuple[str, list[str]]] = []
    for piece in text.split(separator)[1:]:
        if _TWO_DIGITS.match(piece):
            found.append((piece[:2], [piece[2:]]))
        elif found:
            found[-1][1].append(piece)
    gathered: dict[str, list[str]] = {}
    for number, texts in found:
        gathered.setdefault(number, []).append(separator.join(texts))
    fields = {number: "".join(texts) for number, texts in gathered.items()}
    pieces = [separator.join(texts) for number, texts in found if number in _PURPOSE]
    account = fields.get("31")
    if separator == ">":  # Triodos: 31 is the own account, 10 the other one, noughts where it is an IBAN
        account = fields.get("10", "").strip("0 ") and fields["10"]
    name = fields.get("32", "") + fields.get("33", "")
    journal = fields.get("10") if separator != ">" else None
    return _Parts(
        code, fields.get("00"), journal, pieces, name, fields.get("30"), account, fields.get("38"), fields.get("34")
    )


_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)


def _is_bank_and_account(pieces: Sequence[str]) -> bool:
    """True when the purpose begins with BIC and IBAN in pieces of their own (Triodos)."""
    return _BIC.fullmatch(pieces[0].strip()) is not None and iban_or_none(pieces[1]) is not None


# -- the purpose --------------------------------------------------------------------------------------------------

_FULL = 27
"""Characters of a full subfield: a text of that length goes on in the next one without a blank."""

_KEYWORDS = "EREF|KREF|MREF|BREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|IBAN|BIC|PREF|RREF|PURP"
_KEYWORD = re.compile(rf"(?:(?<=\s)|(?<![A-Z]))({_KEYWORDS})(\+|: ?)")


def _joined(pieces: Sequence[str]) -> str:
    """The purpose: full pieces run on, shorter ones end a line."""
    return "".join([piece if len(piece) >= _FULL else piece + "\n" for piece in pieces])


def _by_piece(pieces: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]] | None:
    """As _keywords, for the common case: short pieces, a keyword only at the beginning of one, no colons; else None."""
    found: dict[str, str] = {}
    lines: list[str] = []
    for piece in pieces:
        if len(piece) >= _FULL or ":" in piece:
            return None
        begin, plus, rest = piece.partition("+")
        if not plus:
            rest = begin
        elif "+" in rest or begin not in _AT_PLUS:
            return None
        elif begin != "SVWZ":
            text = " ".join(rest.split())
            if text and begin not in found and text not in NOTHING:
                found[begin] = text.split(" ")[0] if begin == "IBAN" else text
            continue
        if line := " ".join(rest.split()):
            lines.append(line)
    return found, tuple(lines)


def _keywords(purpose: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """SEPA keywords (EREF+, MREF+, ...) and the remaining text by lines.

    The text of SVWZ+ is the remittance; without it, what is left beside the keywords. An id ends where its line does.
    IBAN: and BIC: within the text are left standing and used only where their subfields are empty.
    """
    if "+" not in purpose and ":" not in purpose:
        return {}, _lines(purpose)
    found: dict[str, str] = {}
    parts = _KEYWORD.split(purpose) if ":" in purpose else _split_at_plus(purpose)
    free = [parts[0]]
    named = "SVWZ+" in purpose
    for keyword, mark, value in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if keyword == "SVWZ":
            free.append("\n" + value)
            continue
        if mark != "+" and (named or keyword in _STANDING):
            free.append(f"{keyword}{mark}{value}")
        elif mark == "+":
            value, _, rest = value.partition("\n")
            free.append("\n" + rest)
        if mark != "+" and keyword in _ONLY_AT_PLUS:
            continue
        text = " ".join(value.split())
        if text and keyword not in found and text not in NOTHING:
            found[keyword] = text.split(" ")[0] if keyword in ("IBAN", "BIC") else text
    return found, _lines("".join(free))


_ONLY_AT_PLUS = frozenset({"BREF", "PURP", "ABWA", "ABWE"})
_STANDING = frozenset({"IBAN", "BIC"}) | _ONLY_AT_PLUS
_AT_PLUS = frozenset(_KEYWORDS.split("|")) - {"BIC"}


def _split_at_plus(purpose: str) -> list[str]:
    """As _KEYWORD.split, for a text without colons: quicker, because nearly every text is one."""
    parts: list[str] = []
    free: list[str] = []  # of the part that is not at its end
    *pieces, last = purpose.split("+")
    for piece in pieces:
        keyword = piece[-4:]
        if keyword in _AT_PLUS and not piece[-5:-4].isupper():
            free.append(piece[:-4])
            parts += ("".join(free), keyword, "+")
            free = []
        else:
            free.append(piece + "+")
    parts.append("".join([*free, last]))
    return parts


def _lines(text: str) -> tuple[str, ...]:
    return tuple([line for raw in text.split("\n") if (line := " ".join(raw.split()))])
