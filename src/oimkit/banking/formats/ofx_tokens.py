"""The markup of OFX cut into tags and values, SGML and XML alike, in time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = [
    "TAG_AND_VALUE",
    "Token",
    "has_begun",
    "has_open_section",
    "plain_piece",
    "plain_text",
    "refuse_long",
    "tokens",
    "undo_entities",
]


Token: TypeAlias = tuple[bool, str, str, int, int, int]
"""(closing tag?, name in capitals, text up to the next tag, 1-based line, where the tag begins, where it ends)"""

_AGAIN = "download the statement again"

_TAG = r"/?[A-Za-z][A-Za-z0-9_.:-]{0,63}(?:\s[^<>]{0,400})?/?>"
TAG_AND_VALUE = re.compile(
    rf"<(/?)([A-Za-z][A-Za-z0-9_.:-]{{0,63}})(?:\s[^<>]{{0,400}})?/?>([^<]*(?:<(?!{_TAG})[^<]*)*)"
)
"""A tag and the text after it. A < that begins no tag is text: names and memos hold unescaped ones."""

_START = re.compile(r"<OFX(?:\s[^<>]{0,400})?>", re.IGNORECASE)
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)\b", re.IGNORECASE)


def plain_text(text: str, name: str) -> str:
    """*text* from ``<OFX>`` on, without comments and with CDATA sections made ordinary text; lines keep their number.

    Raises StatementError for a document type or entity declaration and for a section that never ends.
    """
    start = _START.search(text)
    if start is None:
        raise StatementError("the file has no <OFX> element", format=name, tag="OFX", advice=_AGAIN)
    _refuse_declaration(text, name, 1)
    return plain_piece("\n" * text.count("\n", 0, start.start()) + text[start.start() :], name)


def plain_piece(text: str, name: str, line: int = 1) -> str:
    """As plain_text, for a piece of a file behind ``<OFX>``, in which every section ends; its first line is *line*."""
    if "<!" not in text:
        return text
    _refuse_declaration(text, name, line)
    text = _replace(text, "<!--", "-->", lambda inside: _comment(inside, name), name, line)
    return _replace(text, "<![CDATA[", "]]>", _escape, name, line)


def has_begun(text: str) -> bool:
    """True when ``<OFX>`` stands in *text*."""
    return _START.search(text) is not None


def has_open_section(text: str) -> bool:
    """True when a comment or a CDATA section of *text* goes on behind it."""
    for opening, closing in (("<!--", "-->"), ("<![CDATA[", "]]>")):
        parts, done = [], 0
        while (at := text.find(opening, done)) >= 0:
            end = text.find(closing, at + len(opening))
            if end < 0:
                return True
            parts.append(text[done:at])
            done = end + len(closing)
        text = "".join([*parts, text[done:]])
    return False


def _refuse_declaration(text: str, name: str, line: int) -> None:
    declaration = _DECLARATION.search(text)
    if declaration is not None:
        raise StatementError(
            "the file declares a document type or entities, which statements never need",
            format=name,
            line=_line(text, declaration.start()) + line - 1,
            tag="DOCTYPE",
            advice="do not trust its sender",
        )


def _replace(text: str, opening: str, closing: str, change: Callable[[str], str], name: str, line: int) -> str:
    """*text* with every section from *opening* to *closing* put through *change*; linear."""
    at = text.find(opening)
    if at < 0:
        return text
    parts, done = [], 0
    while at >= 0:
        end = text.find(closing, at + len(opening))
        if end < 0:
            raise StatementError(
                "a comment or CDATA section never ends",
                format=name,
                line=_line(text, at) + line - 1,
                advice=_AGAIN,
            )
        parts += [text[done:at], change(text[at + len(opening) : end])]
        done = end + len(closing)
        at = text.find(opening, done)
    return "".join([*parts, text[done:]])


_AMOUNT_TAG = re.compile(r"<(?:TRNAMT|BALAMT|STMTTRN)\b", re.IGNORECASE)


def _comment(inside: str, name: str) -> str:
    """Nothing in the place of a comment; one that hides amounts is refused, because programs differ in reading it."""
    if _AMOUNT_TAG.search(inside) is not None:
        raise StatementError(
            "amounts stand inside a comment, which some programs read and others do not",
            format=name,
            tag="TRNAMT",
            advice="the file was edited by hand: download the statement again",
        )
    return "\n" * inside.count("\n")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def tokens(text: str, begin: int, end: int, line: int, name: str, limits: Limits) -> Iterator[Token]:
    """The tags of *text* from *begin*, which has the number *line*, up to *end*, where a tag begins or the text ends.

    Raises StatementError for a value longer than ``limits.line_chars``.
    """
    at = begin
    for match in TAG_AND_VALUE.finditer(text, begin, end):
        slash, tag, value = match.groups()
        here = match.start()
        line += text.count("\n", at, here)
        at = here
        tag = tag.upper()
        if len(value) > limits.line_chars:
            refuse_long(value, tag, line, name, limits)
        yield slash == "/", tag, value, line, here, match.start(3)


def refuse_long(value: str, tag: str, line: int, name: str, limits: Limits) -> None:
    """Raise StatementError when a value is too long, blanks around it not counted."""
    if len(value.strip()) > limits.line_chars:
        raise StatementError(
            f"a value is longer than {limits.line_chars} characters",
            format=name,
            line=line,
            tag=tag if len(tag) <= 12 else None,
            advice=_AGAIN,
        )


_ENTITY = re.compile(r"&(amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}


def undo_entities(text: str) -> str:
    """*text* with the five entities of XML, &nbsp; and character numbers resolved once; bare ampersands stay."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name in _NAMED:
        return _NAMED[name]
    number = int("0" + name[1:], 16) if name[1] in "xX" else int(name[1:])
    if number < 32 or number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return " "
    return chr(number)
