"""Field 86 with slash codes (/EREF/.../NAME/...): ABN AMRO, Rabobank, ING, Knab, bunq, and banks of Macedonia."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from oimkit.banking.formats._common import clean, party
from oimkit.banking.formats.mt940_details import Details, id_in, money_in
from oimkit.banking.statement import Party

__all__ = ["is_slashed", "read_slashes", "slash_codes"]


def is_slashed(text: str) -> bool:
    """True when a field 86 whose lines are put together begins with a slash code."""
    return _START.match(text) is not None


def slash_codes(text: str) -> Iterator[tuple[str, str]]:
    """The codes of *text* in order, each with what follows it; nothing where it begins otherwise."""
    parts = _CODE.split(text)
    return zip(parts[1::2], parts[2::2], strict=True)


def read_slashes(text: str) -> Details:
    """The details of a field 86 whose lines are put together. A code that comes twice counts the first time."""
    found: dict[str, str] = {}
    ultimate: dict[str, dict[str, str]] = {}
    role = None
    for code, value in slash_codes(text):
        if code in _ULTIMATE:
            role = _ULTIMATE[code]
            ultimate.setdefault(role, {"": value})
        elif role is not None and code in _OF_PARTY:
            ultimate[role].setdefault(code, value)
        else:
            role = None
            found.setdefault(code, value)
    fields = _fields(found)
    _take_inline(found, fields)
    return Details(
        payer=_party(ultimate["payer"]) if "payer" in ultimate else None,
        payee=_party(ultimate["payee"]) if "payee" in ultimate else None,
        **fields,
    )


# -- codes --------------------------------------------------------------------------------------------------------


def _stripped(text: str) -> str | None:
    return " ".join(text.strip("/ ").split()) or None


def _without_blanks(text: str) -> str | None:
    return "".join(text.strip("/ ").split()) or None


def _reason(text: str) -> str | None:
    match = _REASON.search(text)
    return match[0] if match is not None else None


_REASON = re.compile(r"[A-Z]{2}[0-9]{2}", re.ASCII)


def _money(text: str) -> tuple[str, str] | None:
    return money_in(text.strip("/ "))


def _purpose(text: str) -> str | None:
    """The code of /PURP//CD/SALA, or what stands there instead."""
    match = _PURPOSE.match(text)
    return clean(match[1]) if match is not None else _stripped(text)


_PURPOSE = re.compile(r"/?(?:CD|PRTRY)/([^/]+)")


def _structured(text: str) -> str | None:
    """The reference of /REMI/STRD/issuer/reference (ING)."""
    return _stripped(text[5:].partition("/")[2]) if text.startswith("STRD/") else None


def _free_text(text: str) -> tuple[str, ...] | None:
    """The text of /REMI/, which ING marks as USTD//text."""
    plain = None if text.startswith("STRD/") else _stripped(text.removeprefix("USTD//"))
    return (plain,) if plain is not None else None


def _behind_comma(text: str) -> str | None:
    """The BIC of /ACCW/account,BIC (Rabobank)."""
    return _without_blanks(text.partition(",")[2])


_Read = Callable[[str], object]

_FIELDS: dict[str, tuple[tuple[str, _Read], ...]] = {
    "NAME": (("name", _stripped),),
    "IBAN": (("account", _stripped),),
    "BBAN": (("account", _stripped),),
    "ACCW": (("account", lambda text: _stripped(text.partition(",")[0])), ("bank", _behind_comma)),
    "BIC": (("bank", _without_blanks),),
    "ID": (("identification", _stripped),),
    "EREF": (("end_to_end_id", id_in),),
    "MARF": (("mandate_id", id_in),),
    "PREF": (("batch_id", id_in),),
    "CSID": (("creditor_id", _without_blanks),),
    "REMI": (("structured_reference", _structured), ("remittance", _free_text)),
    "PURP": (("purpose", _purpose),),
    "TRCD": (("bank_code", _stripped),),
    "RTRN": (("return_reason", _reason),),
    "OCMT": (("instructed", _money),),
    "CHGS": (("charges", _money),),
    "CHGS1": (("charges", _money),),
    "CHGS2": (("charges", _money),),
    "EXCH": (("rate", _stripped),),
    "TRTP": (("said", _stripped),),
    "BUSP": (("said", _stripped),),
}
"""Which fields of Details a code fills, and how."""

_REFERENCES = {"IREF": "InstrId", "TXID": "TxId", "UETR": "UETR", "CREF": "CREF", "RREF": "RREF", "ACRF": "ACRF"}
_ADDRESS = frozenset({"ADDR", "CITY", "CTRY"})
_INLINE = ("CNTP", "BENM", "ORDP")
_ULTIMATE = {
    "ULTD": "payer",
    "UDTR": "payer",
    "ULTC": "payee",
    "ULTB": "payee",
    "ULCR": "payee",
    "UCRD": "payee",
}
"""Whom the codes of a party that follow speak of: the ultimate payer or the ultimate payee, not the other side."""

_OF_PARTY = frozenset({"NAME", "ID", "IBAN", "BBAN", "BIC", "ACCW"}) | _ADDRESS
_OTHERS = ("ISDT", "SVCL", "SVLV", "TRAN", "IACC")
_CODES = "|".join(sorted({*_FIELDS, *_REFERENCES, *_ADDRESS, *_INLINE, *_ULTIMATE, *_OTHERS}))
_START = re.compile(rf"\s*/(?:{_CODES})/")
_CODE = re.compile(rf"/({_CODES})/")


def _fields(found: dict[str, str]) -> dict[str, Any]:
    """The fields of Details by their names, in so far as the codes fill them."""
    fields: dict[str, Any] = {}
    address: list[str] = []
    references: list[tuple[str, str]] = []
    for code, text in found.items():
        if (filled := _FIELDS.get(code)) is not None:
            for field, read in filled:
                if field not in fields and (value := read(text)) is not None:
                    fields[field] = value
        elif code in _ADDRESS and (line := _stripped(text)) is not None:
            address.append(line)
        elif code in _REFERENCES and (reference := id_in(text)) is not None:
            references.append((_REFERENCES[code], reference))
    if address:
        fields["address"] = tuple(address)
    if references:
        fields["references"] = tuple(references)
    if "bank_code" in fields:
        fields["codes"] = (("trcd", fields["bank_code"]),)
    return fields


# -- parties ------------------------------------------------------------------------------------------------------

_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)


def _take_inline(found: dict[str, str], fields: dict[str, Any]) -> None:
    """The other side from /CNTP/account/BIC/name/city/ (ING; BENM and ORDP likewise).

    Where no BIC stands in its place, the name does, and texts follow (Macedonia).
    """
    inline = next((found[code] for code in _INLINE if code in found and found[code].strip("/ ")), None)
    if inline is None:
        return
    account, _, after = inline.partition("/")
    bank, _, behind = after.partition("/")
    if bank and not _BIC.fullmatch(bank.strip()):
        printed = {"account": _stripped(account), "name": _stripped(bank)}
        text = _stripped(behind)
        if text is not None:
            fields.setdefault("remittance", (text,))
    else:
        name, _, city = behind.partition("/")
        printed = {"account": _stripped(account), "bank": _without_blanks(bank), "name": _stripped(name)}
        if (line := _stripped(city)) is not None:
            fields["address"] = (*fields.get("address", ()), line)
    fields.update({field: value for field, value in printed.items() if value is not None})


def _party(said: dict[str, str]) -> Party | None:
    """An ultimate party from /NAME/ and /ID/ behind its code, or from name/identification in it (ING)."""
    name, _, identification = said[""].strip(" ").partition("/")
    return party(
        _stripped(said.get("NAME", "")) or _stripped(name),
        None,
        None,
        (_stripped(said.get("ADDR", "")),),
        _stripped(said.get("ID", "")) or _stripped(identification),
    )
