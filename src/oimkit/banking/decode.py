"""Bytes to text: byte-order mark, UTF-8, the file's own header, then evidence; and which of them it was."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from oimkit.banking.statement import Finding

__all__ = ["MARKS", "Decoded", "decode", "encoding_named"]


@dataclass(frozen=True, slots=True, repr=False)
class Decoded:
    """The text of a file, the encoding it was read with, and what a person should know about that choice."""

    text: str
    encoding: str
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        return f"Decoded({len(self.text)} characters, {self.encoding})"


MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32 before UTF-16: the mark of the one begins with the mark of the other."""

_DECLARED = {
    "1250": "cp1250",
    "1251": "cp1251",
    "1252": "cp1252",
    "1253": "cp1253",
    "1254": "cp1254",
    "1257": "cp1257",
    "437": "cp437",
    "850": "cp850",
    "852": "cp852",
    "858": "cp858",
    "88591": "iso-8859-1",
    "88592": "iso-8859-2",
    "88599": "iso-8859-9",
    "885915": "iso-8859-15",
    "latin1": "iso-8859-1",
    "latin2": "iso-8859-2",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "shiftjis": "shift_jis",
    "big5": "big5",
}
"""What headers call the encodings met in bank files, punctuation and prefixes removed. Anything else says nothing."""

_CANDIDATES = ("cp1252", "cp850", "cp1250", "cp852", "iso-8859-1")
"""Tried on evidence, the more common first; the last one always decodes."""

_LIKELY = frozenset(
    "äöüÄÖÜßéèêëàáâãçñóòôõúùûíìîïåæøÅÆØÉÈÀÁÂÃÇÊÏÑÓÔÕÚÛÍŠšŽžČčĆćŁłĄąĘęŚśŻżŹźŃńŐőŰűĐđŘřŤťĎďŇňĚěŮů€§°²£–—’‘“”…·´"
)

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")

_PREFIX = re.compile(r"^(?:windows|cp|ibm|x|iso|csiso)+")

_ASCII = bytes(range(128))

_LIKELY_SAMPLE = 20_000
"""Non-ASCII characters that are weighed; more do not change the verdict."""


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """The text of *data*, whatever the header claims.

    Valid UTF-8 is UTF-8 even under a header that says 1252 (a common defect of banks). Bytes that are not follow
    *declared*, the name in the file's own header, when it is known and fits; else the encoding whose reading
    looks most like words. A choice by evidence is reported as finding ``encoding-guessed``.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _with_mark(data[len(mark) :], encoding)
    wide = _wide(data)
    if wide is not None:
        return _with_mark(data, wide)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    known = encoding_named(declared)
    if known is not None:
        try:
            return Decoded(data.decode(known), known)
        except UnicodeDecodeError:
            pass
    high = data.translate(None, _ASCII)[:_LIKELY_SAMPLE]
    encoding = max(_CANDIDATES, key=lambda name: _likeness(high, name))
    return Decoded(
        data.decode(encoding, "replace"),
        encoding,
        (
            Finding(
                "encoding-guessed",
                f"the bytes are not UTF-8 and no header names a fitting encoding; texts were read as {encoding}",
            ),
        ),
    )


def _with_mark(data: bytes, encoding: str) -> Decoded:
    """Text under a byte-order mark; what does not fit it is replaced and reported."""
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        finding = Finding("encoding-broken", f"some bytes are not valid {encoding} and were replaced")
        return Decoded(data.decode(encoding, "replace"), encoding, (finding,))


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of the beginning is zero."""
    head = data[:64]
    if len(head) < 8:
        return None
    if not any(head[1::2]) and all(head[0::2]):
        return "utf-16-le"
    if not any(head[0::2]) and all(head[1::2]):
        return "utf-16-be"
    return None


def encoding_named(declared: str | None) -> str | None:
    """The Python codec of a declared name, or None for NONE, USASCII and names that say nothing."""
    if declared is None:
        return None
    plain = re.sub(r"[^a-z0-9]", "", declared.lower())
    return _DECLARED.get(plain) or _DECLARED.get(_PREFIX.sub("", plain))


def _likeness(high: bytes, encoding: str) -> int:
    """How much non-ASCII bytes look like words: letters of European languages for, controls and boxes against."""
    try:
        text = high.decode(encoding)
    except UnicodeDecodeError:
        return -(10**9)
    likely = sum(character in _LIKELY for character in text)
    odd = len(_CONTROL.findall(text)) + sum("\u2500" <= character <= "\u25ff" for character in text)
    return likely - 3 * odd
