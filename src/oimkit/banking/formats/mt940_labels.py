"""Field 86 as running text with labels or a code before it: ABN AMRO's columns, mBank, UBS, ZKB, solarisBank."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oimkit.banking.formats._common import clean, iban_or_none
from oimkit.banking.formats.mt940_details import Details, id_in

__all__ = ["read_labels"]


def read_labels(texts: Sequence[str]) -> Details | None:
    """The details of a text with labels, or None where it is none that is known."""
    first = texts[0]
    if _COLUMNS_BEGIN.match(first):
        return _read_columns(_run_together(texts))
    if _SEMICOLON_BEGIN.match(first):
        return _read_semicolons(_run_together(texts))
    if (match := _CODE_BEFORE.match(first)) is not None:
        return _read_code_before(match, texts)
    if _COLON_BEGIN.match(first):
        return _read_colons(" ".join(texts))
    return None


_LINE = 64
"""Characters from which on a line was cut by the bank, perhaps within a word; a shorter one ends with a word."""


def _run_together(texts: Sequence[str]) -> str:
    return "".join([text if len(text) >= _LINE else text + " " for text in texts])


# -- columns of 32 characters with Dutch labels (ABN AMRO) --------------------------------------------------------

_COLUMNS_BEGIN = re.compile(r"\s*SEPA [A-Z.\- ]{2,40}(?=IBAN:|INCASSANT:)", re.IGNORECASE)
_COLUMN = re.compile(
    r"(IBAN|BIC|NAAM|OMSCHRIJVING|KENMERK|MACHTIGING|INCASSANT|BETALINGSKENM\.|VOOR|DOOR): ?", re.IGNORECASE
)


def _read_columns(text: str) -> Details:
    said, *parts = _COLUMN.split(text)
    found: dict[str, str] = {}
    for label, value in zip(parts[::2], parts[1::2], strict=True):
        found.setdefault(label.upper(), value)
    text_line = clean(found.get("OMSCHRIJVING"))
    account = clean(found.get("IBAN"))
    return Details(
        name=clean(found.get("NAAM")),
        account=iban_or_none(account) or account,
        bank=clean(found.get("BIC")),
        end_to_end_id=id_in(found.get("KENMERK")),
        mandate_id=id_in(found.get("MACHTIGING")),
        creditor_id=clean(found.get("INCASSANT")),
        structured_reference=id_in(found.get("BETALINGSKENM.")),
        remittance=(text_line,) if text_line is not None else (),
        said=clean(said),
    )


# -- pieces between semicolons with Polish labels (mBank) ---------------------------------------------------------

_SEMICOLON_BEGIN = re.compile(r"[0-9]{3} [^;:]{1,80}(?:;|\Z)", re.ASCII)
_LABEL = re.compile(
    r"\s*(Z RACH\.|NA RACH\.|OD|DLA|TYT\.|TNR|ID IPH|ID OP|NR KARTY|NR|KURS|ID IDK): ?(.*)", re.IGNORECASE | re.DOTALL
)
_WIDE_BLANK = re.compile(r"\s{2,}")


def _read_semicolons(text: str) -> Details | None:
    said, *pieces = text.split(";")
    fields: list[tuple[str, list[str]]] = []
    for piece in pieces:
        match = _LABEL.match(piece)
        if match is not None:
            fields.append((match[1].upper(), [match[2]]))
        elif fields:
            fields[-1][1].append(piece)
    if not fields:
        return None
    found: dict[str, str] = {}
    for label, values in fields:
        found.setdefault(label, ";".join(values).rstrip("; "))
    name, *address = _WIDE_BLANK.split((found.get("OD") or found.get("DLA") or "").strip())
    text_line = clean(found.get("TYT."))
    return Details(
        name=clean(name),
        account=clean(found.get("Z RACH.") or found.get("NA RACH.")),
        address=tuple([line for line in map(clean, address) if line is not None]),
        remittance=(text_line,) if text_line is not None else (),
        bank_code=said[:3],
        codes=(("gvc", said[:3]),),
        references=tuple([(label, value) for label in _NUMBERS if (value := id_in(found.get(label))) is not None]),
        rate=clean(found.get("KURS")),
        said=clean(said[3:]),
    )


_NUMBERS = ("TNR", "ID IPH", "ID OP", "ID IDK", "NR KARTY", "NR")


# -- a code before plain text: Z04?text (UBS), ?ZKB:2214 text (Zuercher Kantonalbank) -----------------------------

_CODE_BEFORE = re.compile(r"([A-Z0-9]{3})\?(?![0-9]{2})|\?ZKB:([0-9]{3,6})(?: |\Z)", re.ASCII)


def _read_code_before(match: re.Match[str], texts: Sequence[str]) -> Details:
    code = match[1] or match[2]
    lines = [texts[0][match.end() :], *texts[1:]]
    if match[1] is not None:  # further texts stand behind further marks
        lines = "\n".join(lines).replace("?", "\n").split("\n")
    remittance = tuple([line for line in map(clean, lines) if line is not None])
    return Details(remittance=remittance, bank_code=code, codes=(("86", code),))


# -- pieces between colons: 999SEPA_CREDIT_TRANSFER:text:name:IBAN:text (solarisBank) -----------------------------

_COLON_BEGIN = re.compile(r"[0-9]{3}[A-Z_]{4,40}:", re.ASCII)


def _read_colons(text: str) -> Details:
    """What stands before the account is the name, what before it the text, and what behind it text as well."""
    said, *pieces = text[3:].split(":")
    at = next((place for place in range(len(pieces) - 1, 0, -1) if iban_or_none(pieces[place]) is not None), None)
    name = account = None
    texts = [":".join(pieces)]
    if at is not None:
        name, account = clean(pieces[at - 1]), iban_or_none(pieces[at])
        texts = [":".join(pieces[: at - 1]), ":".join(pieces[at + 1 :])]
    return Details(
        name=name,
        account=account,
        remittance=tuple([line for line in map(clean, texts) if line is not None]),
        codes=(("gvc", text[:3]), ("86", said)),
        said=clean(said),
    )
