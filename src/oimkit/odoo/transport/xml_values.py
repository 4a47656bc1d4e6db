"""Values as XML-RPC writes them, and back, exactly.

The marshalling is our own. Python's ``xmlrpc.client`` reads a number as a double that is no longer the number's text,
reads an external entity as empty text, and writes XML that nobody can read when a text holds a control character.

Servers write the characters of a text as they are, and XML does not carry all of them: a parser makes a line feed of
a carriage return, and refuses control characters (which 14 writes, 19 leaves out). Both are made readable before
parsing, so that a text arrives as it is in the database; what 19 leaves out is lost, and nothing tells that it was.
"""

from __future__ import annotations

import re
import xml.parsers.expat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.parsers.expat import ExpatError

from oimkit.errors import BadReply, InputError
from oimkit.odoo.codec import Wire, double_text, read_double

__all__ = ["END", "Fault", "dump_call", "param", "parse_response"]

_DEPTH = 60

# --- writing

END = b"</params></methodCall>"
"""What ``dump_call`` ends with."""


def dump_call(method: str, params: list[Wire]) -> bytes:
    """The text of a call with values that ``refuse_unwireable`` has seen.

    A carriage return is written as a character reference, or XML would make a line feed of it.
    """
    start = f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>".encode()
    return start + b"".join(param(value) for value in params) + END


def param(value: Wire) -> bytes:
    out: list[str] = ["<param>"]
    _dump(value, out.append)
    out.append("</param>")
    return "".join(out).encode()


def _dump(value: Wire, write: Callable[[str], None]) -> None:
    kind = type(value)
    if kind is str:
        write(f"<value><string>{_escaped(value)}</string></value>")
    elif kind is bool:
        write(f"<value><boolean>{int(value)}</boolean></value>")
    elif kind is int:
        tag = "int" if -(2**31) <= value < 2**31 else "i8"
        write(f"<value><{tag}>{value}</{tag}></value>")
    elif kind is Decimal:
        write(f"<value><double>{double_text(value)}</double></value>")
    elif value is None:
        write("<value><nil/></value>")
    elif kind is list or kind is tuple or isinstance(value, list):
        write("<value><array><data>")
        for inner in value:
            _dump(inner, write)
        write("</data></array></value>")
    elif isinstance(value, Mapping):
        write("<value><struct>")
        for name, inner in value.items():
            write(f"<member><name>{_escaped(name)}</name>")
            _dump(inner, write)
            write("</member>")
        write("</struct></value>")
    else:
        raise InputError(f"a value of type {kind.__name__} cannot be sent")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


# --- reading


@dataclass(frozen=True, slots=True)
class Fault:
    """The server's refusal: 1 to 4, and a text that may hold data."""

    code: object
    text: str

    def __repr__(self) -> str:
        return f"Fault({self.code!r})"


def parse_response(text: bytes) -> Wire | Fault:
    """The value of an XML-RPC response; Decimal for doubles. BadReply, which never repeats the text, for anything else.

    Document types, entities and processing instructions are refused, whatever they are for.
    """
    if b"\r" in text:
        text = _with_carriage_returns(text)
    try:
        reader = _parsed(text)
    except ExpatError:
        reader = None
    if reader is None:
        stood_in = _with_stand_ins(text)
        try:
            reader = _parsed(stood_in, _STOOD_FOR) if stood_in is not None else None
        except ExpatError:
            reader = None
    if reader is None:
        raise BadReply("the reply is not XML")
    return reader.response()


def _parsed(text: bytes, stood_for: Mapping[int, str] | None = None) -> _Reader:
    """A reader that has seen *text* as a whole. Raises ExpatError, or BadReply for XML that is not XML-RPC."""
    reader = _Reader(stood_for)
    try:
        reader.parser.Parse(text, True)
    except _Odd as error:
        reason = str(error)
    except (ValueError, TypeError, KeyError, IndexError):
        reason = "the reply is not XML-RPC"
    else:
        return reader
    raise BadReply(reason)


def _with_carriage_returns(text: bytes) -> bytes:
    """*text* with references for the carriage returns inside its root, where no section of raw characters is."""
    start, end = text.find(b"<methodResponse"), text.rfind(b"</methodResponse")
    if start < 0 or end < start or b"<![CDATA[" in text:
        return text
    return text[:start] + text[start:end].replace(b"\r", b"&#13;") + text[end:]


_FORBIDDEN = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""Characters, in UTF-8, that XML 1.0 does not carry and PostgreSQL stores."""

_FORBIDDEN_CHARACTERS = "".join(map(chr, [*range(1, 9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
_STAND_INS = {character.encode(): chr(0xFDD0 + place).encode() for place, character in enumerate(_FORBIDDEN_CHARACTERS)}
_STOOD_FOR = {0xFDD0 + place: character for place, character in enumerate(_FORBIDDEN_CHARACTERS)}
"""Noncharacters, which no text is meant to hold and XML carries, in place of those that it does not."""

_ENCODED_OTHERWISE = re.compile(rb"^[^>]{0,200}encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)


def _with_stand_ins(text: bytes) -> bytes | None:
    """*text* with a stand-in for each character that XML forbids; None where there is none or it is unclear."""
    if not _FORBIDDEN.search(text) or re.search(rb"\xef\xb7[\x90-\xaf]", text) or _ENCODED_OTHERWISE.match(text):
        return None
    return _FORBIDDEN.sub(lambda found: _STAND_INS[found[0]], text)


class _Odd(Exception):
    """Not XML-RPC, by a reason that holds no data."""


_OPEN: Any = object()
"""Stands for a value whose type element has not come yet."""


class _Reader:
    """A stack of open values, driven by Expat's events."""

    def __init__(self, stood_for: Mapping[int, str] | None = None) -> None:
        self._stood_for = stood_for
        parser = xml.parsers.expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 64 * 1024
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ProcessingInstructionHandler = self._refuse
        self.parser = parser
        self._text: list[str] = []
        self._containers: list[list[Wire] | dict[str, Wire]] = []
        self._names: list[str] = []
        self._value: Wire = _OPEN
        self._depth = 0
        self._is_fault = False
        self._is_response = False
        self._results: list[Wire] = []

    def response(self) -> Wire | Fault:
        if not self._is_response or len(self._results) != 1:
            raise BadReply("the reply is not XML-RPC")
        result = self._results[0]
        if not self._is_fault:
            return result
        if not isinstance(result, dict) or "faultString" not in result:
            raise BadReply("the reply is a fault without a text")
        return Fault(result.get("faultCode"), str(result["faultString"]))

    def _refuse(self, *_: object) -> None:
        raise _Odd("the reply declares a document type or an entity, which is refused")

    def _characters(self, text: str) -> None:
        self._text.append(text if self._stood_for is None else text.translate(self._stood_for))

    def _start(self, tag: str, _attributes: object) -> None:
        self._text.clear()
        if tag == "value":
            self._value = _OPEN
            return
        if tag == "array" or tag == "struct":
            self._depth += 1
            if self._depth > _DEPTH:
                raise _Odd("the reply is nested too deep")
            if tag == "array":
                self._containers.append([])
            else:
                self._containers.append({})
        elif tag == "fault":
            self._is_fault = True
        elif tag == "methodResponse":
            self._is_response = True
        elif tag not in _TAGS:
            raise _Odd("the reply has an element that XML-RPC does not know")

    def _end(self, tag: str) -> None:
        read = _SCALARS.get(tag)
        if read is not None:
            self._value = read("".join(self._text))
        elif tag == "value":
            self._end_value()
        elif tag == "name":
            self._names.append("".join(self._text))
        elif tag == "array" or tag == "struct":
            self._depth -= 1
            self._value = self._containers.pop()
        self._text.clear()

    def _end_value(self) -> None:
        value = self._value
        if value is _OPEN:  # a value without a type is text
            value = "".join(self._text)
        if not self._containers:
            self._results.append(value)
            if len(self._results) > 1:
                raise _Odd("the reply holds more than one value")
        else:
            owner = self._containers[-1]
            if type(owner) is list:
                owner.append(value)
            else:
                owner[self._names.pop()] = value  # type: ignore[call-overload]
        self._value = value


def _whole(text: str) -> int:
    text = text.strip()
    if len(text) > 40 or not text.lstrip("-").isascii() or not text.lstrip("-").isdigit():
        raise _Odd("the reply holds a whole number that is none")
    return int(text)


def _boolean(text: str) -> bool:
    match text.strip():
        case "1" | "true":
            return True
        case "0" | "false":
            return False
    raise _Odd("the reply holds a boolean that is none")


def _double(text: str) -> Decimal:
    try:
        return read_double(text.strip())
    except ValueError:
        raise _Odd("the reply holds a number that is not finite") from None


def _moment(text: str) -> str:
    """``20260131T23:30:00`` as Odoo's own text for moments."""
    text = text.strip()
    if len(text) != 17 or text[8] != "T":
        raise _Odd("the reply holds a moment that is none")
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[9:]}"


_SCALARS: Mapping[str, Callable[[str], Wire]] = {
    "string": str,
    "int": _whole,
    "i4": _whole,
    "i8": _whole,
    "i2": _whole,
    "i1": _whole,
    "biginteger": _whole,
    "boolean": _boolean,
    "double": _double,
    "nil": lambda _text: None,
    "base64": lambda text: "".join(text.split()),
    "dateTime.iso8601": _moment,
}
_TAGS = frozenset([*_SCALARS, "value", "data", "member", "name", "params", "param"])
