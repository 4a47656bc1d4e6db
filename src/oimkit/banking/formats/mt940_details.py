"""Field 86 of MT940: one text in many dialects, read into the same few fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from oimkit.banking.formats._common import clean, iban_or_none

__all__ = ["Details", "read_details"]


@dataclass(frozen=True, slots=True, repr=False)
class Details:
    """What the text of one entry says; amounts as printed: (currency, amount)."""

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
    numbered = _NUMBERED.match(first)
    if numbered is None and len(texts) > 1 and _CODE_ALONE.fullmatch(first):
        numbered = _NUMBERED.match(first + texts[1])
    if numbered is not None:
        return _read_numbered(numbered[1], numbered[2], "".join(texts))
    if _SLASH_START.match(first):
        joined = "".join(texts)
        if len(_SLASH_CODE.findall(joined)) > 0:
            return _read_slashes(joined)
    return _read_plain([*texts, *(_without_number(line) for line in extra)])


# -- numbered subfields: German GVC, and the same with other separators in Poland, Hungary, the Netherlands ----------

_NUMBERED = re.compile(r"([0-9]{3})([?~<>^|])(?=[0-9]{2})")
_CODE_ALONE = re.compile(r"[0-9]{3}\s*")
_SUBFIELDS = {separator: re.compile(re.escape(separator) + r"([0-9]{2})") for separator in "?~<>^|"}

_FULL = 27
"""Characters of a full subfield: a text of that length goes on in the next one without a blank."""

_KEYWORD = re.compile(
    r"(?:(?<=\s)|(?<![A-Z]))(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|IBAN|BIC|PREF|RREF)(\+|: ?)"
)
_PURPOSE = (*range(20, 30), *range(60, 64))


def _read_numbered(code: str, separator: str, text: str) -> Details:
    pieces = _SUBFIELDS[separator].split(text)
    fields: dict[int, str] = {}
    for number, piece in zip(map(int, pieces[1::2]), pieces[2::2], strict=True):
        fields[number] = fields[number] + piece if number in fields else piece
    purpose = _joined([fields[number] for number in _PURPOSE if number in fields])
    found, remittance = _keywords(purpose)
    account = clean(fields.get(31)) or clean(fields.get(38))
    if account is not None and iban_or_none(account) is None and iban_or_none(fields.get(38)) is not None:
        account = fields[38]
    return Details(
        name=clean(fields.get(32, "") + fields.get(33, "")),
        account=account or found.get("IBAN"),
        bank=clean(fields.get(30)) or found.get("BIC"),
        end_to_end_id=found.get("EREF"),
        mandate_id=found.get("MREF"),
        batch_id=found.get("KREF") or found.get("PREF"),
        remittance=remittance,
        bank_code=code,
        instructed=_printed_money(found.get("OAMT")),
        charges=_printed_money(found.get("COAM")),
    )


def _joined(pieces: Sequence[str]) -> str:
    """The purpose: full pieces run on, shorter ones end a line."""
    return "".join(piece if len(piece) >= _FULL else piece + "\n" for piece in pieces)


def _keywords(purpose: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """SEPA keywords (EREF+, MREF+, ...) and the remaining text by lines.

    The text of SVWZ+ is the remittance; without it, what is left beside the keywords. IBAN: and BIC: within
    the text are left standing and used only where their subfields are empty.
    """
    if "+" not in purpose and ":" not in purpose:
        return {}, _lines(purpose)
    parts = _KEYWORD.split(purpose)
    found: dict[str, str] = {}
    free = [parts[0]]
    named = "SVWZ+" in purpose
    for keyword, mark, value in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if keyword == "SVWZ":
            free.append("\n" + value)
        elif keyword in ("ABWA", "ABWE") or (mark != "+" and (named or keyword in ("IBAN", "BIC"))):
            free.append(f"{keyword}{mark}{value}" if mark != "+" else "")
            _remember(found, keyword, value)
        else:
            _remember(found, keyword, value)
    return found, _lines("".join(free))


def _remember(found: dict[str, str], keyword: str, value: str) -> None:
    text = clean(value.replace("\n", "" if keyword in ("IBAN", "BIC") else " "))
    if text is not None and text.upper() not in _NOT_PROVIDED and keyword not in found:
        found[keyword] = text.split(" ")[0] if keyword in ("IBAN", "BIC") else text


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in map(clean, text.split("\n")) if line is not None)


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
