"""Field 86 of MT940: one text in many dialects, read into the same few fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from oimkit.banking.formats._common import clean, iban_or_none

__all__ = ["Details", "read_details"]


class Details(NamedTuple):
    """What the text of one entry says, every text cleaned; amounts as printed: (currency, amount)."""

    name: str | None = None
    account: str | None = None
    bank: str | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    batch_id: str | None = None
    structured_reference: str | None = None
    remittance: tuple[str, ...] = ()
    bank_code: str | None = None
    return_reason: str | None = None
    instructed: tuple[str, str] | None = None
    charges: tuple[str, str] | None = None


_NOTHING = Details()

_NOT_PROVIDED = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOTAVAILABLE"})


def read_details(texts: Sequence[str], extra: Sequence[str] = ()) -> Details:
    """The details in the lines of field 86 (all of them, where a bank repeats it) and of :NS: (*extra*).

    The dialect is seen from the text itself: numbered subfields (``166?20...?31...``), slash codes
    (``/TRTP/.../IBAN/...``), or plain lines, of which ``REK: .../NAAM: ...`` is understood.
    """
    if not texts and not extra:
        return _NOTHING
    first = texts[0] if texts else ""
    if first[3:4] in _SUBFIELDS or (_CODE_ALONE.fullmatch(first) and texts[1:2] and texts[1][:1] in _SUBFIELDS):
        joined = "".join(texts)
        usual = _USUAL.fullmatch(joined)
        if usual is not None or _NUMBERED.match(joined):
            return _read_numbered(joined, usual)
    elif first[:1] in "/ " and _SLASH_START.match(first):
        return _read_slashes("".join(texts))
    return _read_plain([*texts, *(_without_number(line) for line in extra)])


# -- numbered subfields: German GVC, and the same with other separators in Poland, Hungary, the Netherlands ----------

_NUMBERED = re.compile(r"[0-9]{3}\s*([?~<>^|])[0-9]{2}", re.ASCII)
_CODE_ALONE = re.compile(r"[0-9]{3}\s*", re.ASCII)
_SUBFIELDS = frozenset("?~<>^|")

_FULL = 27
"""Characters of a full subfield: a text of that length goes on in the next one without a blank."""

_PURPOSE = frozenset({*map(str, range(20, 30)), *map(str, range(60, 64))})

_KEYWORDS = "EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|IBAN|BIC|PREF|RREF"
_KEYWORD = re.compile(rf"(?:(?<=\s)|(?<![A-Z]))({_KEYWORDS})(\+|: ?)")


def _read_numbered(text: str, usual: re.Match[str] | None) -> Details:
    if usual is not None:
        code, *purposes, bank, account, name, more_name, iban = usual.groups()
        pieces = [piece for piece in purposes if piece is not None]
        names = f"{name or ''}{more_name or ''}"
    else:
        code, pieces, names, bank, account, iban = _unusual(text)
    found, remittance = _by_piece(pieces) or _keywords(_joined(pieces))
    account = clean(account) or clean(iban)
    if iban is not None and iban_or_none(account) is None and iban_or_none(iban) is not None:
        account = clean(iban)
    return Details(
        " ".join(names.split()) or None,
        account or found.get("IBAN"),
        clean(bank) or found.get("BIC"),
        found.get("EREF"),
        found.get("MREF"),
        found.get("KREF") or found.get("PREF"),
        None,
        remittance,
        code,
        None,
        _printed_money(found["OAMT"]) if "OAMT" in found else None,
        _printed_money(found["COAM"]) if "COAM" in found else None,
    )


_USUAL = re.compile(
    r"([0-9]{3})(?:\?00[^?]*)?(?:\?10[^?]*)?"
    + "".join(rf"(?:\?{number}([^?]*))?" for number in range(20, 30))
    + "".join(rf"(?:\?{number}([^?]*))?" for number in range(30, 34))
    + r"(?:\?34[^?]*)?(?:\?38([^?]*))?",
    re.ASCII,
)
"""The subfields of nearly every German text, in order, each at most once and without a question mark in it."""


def _unusual(text: str) -> tuple[str, list[str], str, str | None, str | None, str | None]:
    """Code, purpose texts, name, bank, account and IBAN of a text in any order and with any separator.

    A separator that no number follows belongs to the text.
    """
    separator = text[3:].lstrip()[0]
    found: list[list[str]] = []
    for piece in text.split(separator)[1:]:
        if _TWO_DIGITS.match(piece):
            found.append([piece[:2], piece[2:]])
        elif found:
            found[-1][1] += separator + piece
    fields: dict[str, str] = {}
    for number, piece in found:
        fields[number] = fields.get(number, "") + piece
    pieces = [piece for number, piece in found if number in _PURPOSE]
    names = fields.get("32", "") + fields.get("33", "")
    return text[:3], pieces, names, fields.get("30"), fields.get("31"), fields.get("38")


_TWO_DIGITS = re.compile(r"[0-9]{2}", re.ASCII)


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
            if text and begin not in found and text not in _NOT_PROVIDED:
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
    free = parts[0]
    named = "SVWZ+" in purpose
    for keyword, mark, value in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if keyword == "SVWZ":
            free += "\n" + value
            continue
        if mark != "+" and (named or keyword in _STANDING):
            free += f"{keyword}{mark}{value}"
        elif mark == "+":
            value, _, rest = value.partition("\n")
            free += "\n" + rest
        text = " ".join(value.split())
        if text and keyword not in found and text not in _NOT_PROVIDED:
            found[keyword] = text.split(" ")[0] if keyword in ("IBAN", "BIC") else text
    return found, _lines(free)


_STANDING = frozenset({"IBAN", "BIC", "ABWA", "ABWE"})
_AT_PLUS = frozenset(_KEYWORDS.split("|")) - {"BIC"}


def _split_at_plus(purpose: str) -> list[str]:
    """As _KEYWORD.split, for a text without colons: quicker, because nearly every text is one."""
    parts = [""]
    for piece in purpose.split("+"):
        keyword = piece[-4:]
        if keyword in _AT_PLUS and not piece[-5:-4].isupper():
            parts[-1] += piece[:-4]
            parts += (keyword, "+", "")
        else:
            parts[-1] += piece + "+"
    parts[-1] = parts[-1][:-1]  # the last piece has no plus after it
    return parts


def _lines(text: str) -> tuple[str, ...]:
    return tuple([line for raw in text.split("\n") if (line := " ".join(raw.split()))])


_AMOUNT = re.compile(r"([A-Z]{3})? ?([0-9][0-9.,]*)")


def _printed_money(text: str | None) -> tuple[str, str] | None:
    match = _AMOUNT.match(text) if text else None
    return (match[1], match[2]) if match is not None and match[1] else None


# -- slash codes: ABN AMRO, Rabobank, Knab, bunq, ING ---------------------------------------------------------------

_CODES = (
    "TRTP|IBAN|BBAN|BIC|NAME|EREF|REMI|MARF|CSID|ORDP|BENM|ADDR|ISDT|PREF|RTRN|CNTP|PURP|ULTD|ULTC|ULTB|UDTR|UCRD|SVCL|"
    "TRCD|OCMT|CHGS|RREF|TRAN|IREF|ACRF|SVLV|ID"
)
_SLASH_START = re.compile(rf"\s*/(?:{_CODES})/")
_SLASH_CODE = re.compile(rf"/({_CODES})/")
_REASON = re.compile(r"[A-Z]{2}[0-9]{2}")
_SLASH_MONEY = re.compile(r"([A-Z]{3})([0-9][0-9.,]*)")


def _read_slashes(text: str) -> Details:
    parts = _SLASH_CODE.split(text)
    found: dict[str, str] = {}
    role = ""
    for code, value in zip(parts[1::2], parts[2::2], strict=True):
        if code in ("ULTD", "ULTC", "ULTB", "UDTR", "UCRD"):
            role = code
        elif code in ("ORDP", "BENM", "CNTP", "REMI"):
            role = ""
        if not (role and code in ("NAME", "ID", "ADDR")):
            found.setdefault(code, value)
    name, account, bank = found.get("NAME"), found.get("IBAN") or found.get("BBAN"), found.get("BIC")
    if "CNTP" in found:  # ING: account/BIC/name/city in one
        counterparty = [*found["CNTP"].split("/"), "", "", ""]
        account, bank, name = counterparty[0] or account, counterparty[1] or bank, counterparty[2] or name
    structured, remittance = _remittance(found.get("REMI"))
    reason = _REASON.search(found.get("RTRN", ""))
    return Details(
        name=clean(name),
        account=clean(account),
        bank=_without_blanks(bank),
        end_to_end_id=_provided(found.get("EREF")),
        mandate_id=_provided(found.get("MARF")),
        batch_id=_provided(found.get("PREF")),
        structured_reference=structured,
        remittance=remittance,
        bank_code=_transaction_code(found.get("TRCD")),
        return_reason=reason[0] if reason is not None else None,
        instructed=_slash_money(found.get("OCMT")),
        charges=_slash_money(found.get("CHGS")),
    )


def _remittance(text: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Structured reference and free text of /REMI/; ING marks them STRD/issuer/reference and USTD//text."""
    if text is None:
        return None, ()
    if text.startswith("STRD/"):
        reference = clean(text.removeprefix("STRD/").partition("/")[2].strip("/"))
        return reference, ()
    plain = clean(text.removeprefix("USTD//").strip("/ "))
    return None, (plain,) if plain is not None else ()


def _provided(text: str | None) -> str | None:
    plain = clean(text.strip("/ ")) if text is not None else None
    return None if plain is None or plain.upper() in _NOT_PROVIDED else plain


def _transaction_code(text: str | None) -> str | None:
    return clean(text.strip("/ ")) if text is not None else None


def _without_blanks(text: str | None) -> str | None:
    return "".join(text.split()) or None if text is not None else None


def _slash_money(text: str | None) -> tuple[str, str] | None:
    match = _SLASH_MONEY.match(text) if text is not None else None
    return (match[1], match[2]) if match is not None else None


# -- plain lines ----------------------------------------------------------------------------------------------------

_REK = re.compile(r"REK: *([A-Z0-9]+)(?:/NAAM: *(.*))?")
_NUMBERED_LINE = re.compile(r"[0-9]{2}(?=\S)")


def _read_plain(texts: Sequence[str]) -> Details:
    remittance: list[str] = []
    name = account = None
    for text in texts:
        match = _REK.match(text)
        if match is not None:
            account, name = match[1], match[2] or name
            continue
        line = clean(text)
        if line is not None:
            remittance.append(line)
    return Details(name=clean(name), account=account, remittance=tuple(remittance))


def _without_number(line: str) -> str:
    """A line of :NS: without the two digits that number it."""
    return _NUMBERED_LINE.sub("", line, count=1)
