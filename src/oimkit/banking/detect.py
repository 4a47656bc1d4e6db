"""Which format a file is in, by its content and never by its name."""

from __future__ import annotations

import re

from oimkit.banking.formats.csv_recognition import knows_columns
from oimkit.banking.formats.mt940_fields import with_lines
from oimkit.banking.formats.registry import FORMATS, added_formats
from oimkit.errors import StatementError

__all__ = ["KNOWN_FORMATS", "detect", "format_shown", "refuse_foreign"]

KNOWN_FORMATS = tuple(FORMATS)
"""Every name that detect can give, but for the formats that other packages add."""

_HEAD_BYTES = 64 * 1024
"""Looked at from the beginning of the file: more than any header, prolog or first statement."""

_FOREIGN = (
    (b"%PDF", "a PDF", "ask the bank for a file for programs (CAMT.053, MT940, OFX), a printed statement is not one"),
    (b"PK\x03\x04", "a ZIP archive", "read_statements opens it, its format is that of the files inside"),
    (b"\x1f\x8b", "a gzip archive", "read_statements opens it, its format is that of the file inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it and give the files inside"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document", "save it as CSV, or ask the bank for CAMT.053 or MT940"),
    (b"{\\rtf", "a text document (RTF)", "ask the bank for CAMT.053, MT940 or OFX"),
    (b"\x89PNG", "an image", "ask the bank for CAMT.053, MT940 or OFX"),
    (b"\xff\xd8\xff", "an image", "ask the bank for CAMT.053, MT940 or OFX"),
)

_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_OFX = re.compile(r"<\?OFX\b|<OFX\b|^[ \t]{0,40}OFXHEADER[ \t]{0,40}:", re.IGNORECASE | re.MULTILINE)
_OFX2 = re.compile(r"<\?OFX\b|\A\s*<\?xml\b", re.IGNORECASE)
_CAMT_ELEMENTS = (
    ("camt053", re.compile(r"<(?:[\w.-]{1,40}:)?BkToCstmrStmt\b")),
    ("camt052", re.compile(r"<(?:[\w.-]{1,40}:)?BkToCstmrAcctRpt\b")),
    ("camt054", re.compile(r"<(?:[\w.-]{1,40}:)?BkToCstmrDbtCdtNtfctn\b")),
)
_CAMT_NAMESPACE = re.compile(r"camt\.(05[234])\b")
_XML = re.compile(r"\s*<(?:\?xml\b|!--|[A-Za-z])")
_PAYMENT_XML = re.compile(r"\b(?:pain|pacs)\.0\d\d\b")
_MT_TAG = re.compile(r"^[ \t]*:(?:20|25P?|28C?|60[FM]|61|62[FM]|86):", re.MULTILINE)
_MT_STATEMENT = re.compile(r"^[ \t]*:(?:25P?|34F|60[FM]|61|62[FM]):", re.MULTILINE)
_MT_ORDER = re.compile(r"^:(?:23[BE]|32[AB]|50[A-Z]?|59[A-Z]?|71A):", re.MULTILINE)
_MT_ENVELOPE = re.compile(r"\{2:[IO]94([0-9])")
_LINE_END = re.compile(r"\r\n?|\n")
_MT942_FIELD = re.compile(r"^:34F:", re.MULTILINE)
_MT940_FIELD = re.compile(r"^:60[FM]:", re.MULTILINE)
_LINES = (
    ("1c", re.compile(r"\s*1CClientBankExchange")),
    (
        "qif",  # notes and empty records may stand above the first header
        re.compile(
            r"(?:[ \t]*+(?:#[^\r\n]*+|\^[ \t]*+)?(?:\r\n?|\n))*+[ \t]*+!(?:Type|Account|Option|Clear)\b", re.IGNORECASE
        ),
    ),
    ("tito", re.compile(r"\s*T00322[01]00")),
    ("bai2", re.compile(r"\s*01,[^,\r\n]*,[^,\r\n]*,[^,\r\n]*,")),
    ("coda", re.compile(r"\s*00000[0-9 ]{6}[0-9 ]{3}05[ D]")),
    ("cfonb120", re.compile(r"\s*0[147]\d{5}.{4}[0-9 ]{5}[A-Z ]{3}[0-9 ].{70,84}[0-9 ]{13}[A-R{}\xc3\xe8\xe9]")),
    ("n43", re.compile(r"\s*(?:00\d{10}[^\r\n]{0,68}\s*)?11\d{18}[^\r\n]{30}")),
)


def detect(data: bytes) -> str:
    """The name of the format of *data*: one of KNOWN_FORMATS, or of those that other packages add.

    Raises:
        StatementError: the file is empty, is something else (PDF, archive, HTML page, payment order), or nothing
            that is known; the sentence says what it looks like and what to do.
    """
    refuse_foreign(data)
    name = format_shown(data)
    if name is None:
        raise StatementError(
            "the content is no bank statement format that is known",
            advice=f"give a file in one of {', '.join(KNOWN_FORMATS)}, or name its format",
        )
    return name


def format_shown(data: bytes) -> str | None:
    """The name of the format that the content of *data* shows, or None."""
    text = _head(data)
    return _by_content(text) or _added(text)


def refuse_foreign(data: bytes) -> None:
    """StatementError for an empty file and one that is no statement file of any kind: PDF, archive, HTML page, ..."""
    if not data.lstrip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise StatementError("the file is empty", advice="download the statement again")
    bare = data.lstrip()
    for signature, what, advice in _FOREIGN:
        if bare.startswith(signature):
            raise StatementError(f"the file is {what}, not a bank statement file", advice=advice)
    if _HTML.match(_head(data)):
        raise StatementError(
            "the file is an HTML page, not a bank statement file",
            advice="the download was probably a login or error page: download the statement again",
        )


def _head(data: bytes) -> str:
    """The beginning as text in which ASCII can be trusted, whatever the encoding."""
    head = data[:_HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[:64].count(0) >= len(head[:64]) // 3:
        head = head.replace(b"\x00", b"").lstrip(b"\xff\xfe")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _by_content(text: str) -> str | None:
    """The format by what the text begins with, else by the first sign of one anywhere in it, else by its columns.

    A payer's text may hold the signs of another format; it never comes before those of its own.
    """
    name = next((name for name, pattern in _LINES if pattern.match(text)), None)
    if name is not None:
        return name
    ofx = _OFX.search(text) if "OFX" in text.upper() else None  # the word alone is found many times as quickly
    if ofx is not None and not _named_before(text, ofx.start()):
        return "ofx2" if _OFX2.search(text) else "ofx1"
    if _XML.match(text):
        return _xml(text)
    lined = with_lines(text)
    if _MT_TAG.search(lined) or "{4:" in text[:400]:
        return _mt(lined)
    return "csv" if _looks_tabular(text) or knows_columns(text) else None


def _named_before(text: str, end: int) -> bool:
    """True when a sign of CAMT or of an MT message stands in *text* before *end*."""
    signs = [pattern for _, pattern in _CAMT_ELEMENTS] if _XML.match(text) else [_MT_TAG]
    return any(sign.search(text, 0, end) for sign in signs)


def _added(text: str) -> str | None:
    """The first format of another package that takes the file for its own."""
    recognising = [each for each in added_formats().values() if each.recognises is not None]
    return next((each.name for each in recognising if each.recognises is not None and each.recognises(text)), None)


def _xml(text: str) -> str | None:
    for name, element in _CAMT_ELEMENTS:
        if element.search(text):
            return name
    namespace = _CAMT_NAMESPACE.search(text)
    if namespace is not None:
        return f"camt{namespace[1]}"
    if _PAYMENT_XML.search(text):
        raise StatementError(
            "the file is a payment order or payment status (pain, pacs), not a bank statement",
            advice="give the account statement (camt.053) instead",
        )
    raise StatementError(
        "the file is XML but neither CAMT nor OFX", advice="ask the bank for camt.053, or name its format"
    )


def _mt(text: str) -> str:
    if _MT_ORDER.search(text) and not _MT_STATEMENT.search(text):
        raise StatementError(
            "the file is a payment order or advice (SWIFT MT101, MT103, ...), not a bank statement",
            advice="give the account statement (MT940 or camt.053) instead",
        )
    envelope = _MT_ENVELOPE.search(text)
    if _MT940_FIELD.search(text):
        return "mt940"
    if (envelope is not None and envelope[1] == "2") or _MT942_FIELD.search(text):
        return "mt942"
    return "mt940"


def _looks_tabular(text: str) -> bool:
    """At least two lines, most of which are cut into the same number (three or more) of fields."""
    lines = [line for line in _LINE_END.split(text, maxsplit=60)[:60] if line.strip()]
    if len(lines) < 2:
        return False
    for separator in (";", ",", "\t", "|"):
        counts = [line.count(separator) for line in lines]
        common = max(set(counts), key=counts.count)
        if common >= 2 and counts.count(common) * 2 > len(lines):
            return True
    return False
