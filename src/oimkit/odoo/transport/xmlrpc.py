"""XML-RPC, ``/xmlrpc/2``: for servers, or proxies before them, that let nothing else through.

The marshalling is our own. Python's ``xmlrpc.client`` sends a request again by itself when the answer is lost,
follows no deadline, reads a number as a double that is no longer the number's text, reads an external entity as
empty text, and writes XML that nobody can read when a text holds a control character.

One difference to the other transports remains, because the server makes it: a carriage return in a text that is
*read* arrives as a line feed. Whoever compares texts with line ends, or makes keys of them, unifies the ends first.
"""

from __future__ import annotations

import xml.parsers.expat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.parsers.expat import ExpatError

from oimkit.errors import BadReply, InputError, OdooError
from oimkit.odoo import faults
from oimkit.odoo.codec import Wire, double_text, read_double, refuse_unwireable
from oimkit.odoo.secret import Secret
from oimkit.odoo.transport.calls import Call, positional
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.http import Body, Http, Reply
from oimkit.odoo.transport.results import normalised, unwritten
from oimkit.odoo.transport.tracebacks import read_trace
from oimkit.odoo.version import ServerVersion

__all__ = ["Fault", "XmlRpc", "dump_call", "parse_response"]

_DEPTH = 60


@dataclass(frozen=True, slots=True, repr=False)
class XmlRpc:
    """Calls as XML-RPC ``execute_kw``; make one with ``XmlRpc.login``."""

    http: Http
    database: str
    uid: int
    secret: Secret

    @property
    def name(self) -> str:
        return "xmlrpc"

    @property
    def url(self) -> str:
        return self.http.url

    def __repr__(self) -> str:
        return f"<XML-RPC to {self.url}>"

    @classmethod
    def login(cls, http: Http, database: str, user: str, secret: Secret, deadline: Deadline) -> XmlRpc:
        """Ask for the user's id; AccessDenied when database, user or secret are wrong."""
        refuse_unwireable([database, user], "login")
        body = _request("authenticate", [database, user], secret, [{}])
        reply = http.exchange("POST", "/xmlrpc/2/common", deadline, body=body, headers=_XML)
        uid = _result(reply, Call("common", "login"), login=True)
        if type(uid) is not int:
            raise faults.refused_login(is_key=secret.looks_like_key)
        return cls(http, database, uid, secret)

    def version(self, deadline: Deadline) -> ServerVersion:
        """What ``common.version`` tells."""
        body = Body(dump_call("version", []))
        reply = self.http.exchange("POST", "/xmlrpc/2/common", deadline, body=body, headers=_XML)
        told = _result(reply, Call("common", "version"), login=True)
        if not isinstance(told, dict):
            raise faults.not_odoo(reply.status, changes=False)
        info = told.get("server_version_info")
        return ServerVersion.from_info(info if isinstance(info, list) else [], str(told.get("server_version") or ""))

    def send(self, call: Call, deadline: Deadline) -> Wire:
        args, named = positional(call)
        body = _request("execute_kw", [self.database, self.uid], self.secret, [call.model, call.method, args, named])
        reply = self.http.exchange("POST", "/xmlrpc/2/object", deadline, body=body, headers=_XML, changes=call.changes)
        return _result(reply, call)


_XML: Mapping[str, str] = {"Content-Type": "text/xml"}


def _request(method: str, before: list[Wire], secret: Secret, after: list[Wire]) -> Body:
    """The request's text with the secret among its parameters, put there at the last moment, in no variable."""
    start, end = dump_call(method, before), dump_call(method, after)
    cut = end.index(b"<params>") + len(b"<params>")
    return Body(start[: -len(_END)] + _param(secret.reveal()) + end[cut:])


def _result(reply: Reply, call: Call, *, login: bool = False) -> Wire:
    """The result in *reply*; raises the error that it stands for."""
    if reply.status != 200:
        raise faults.from_status(reply, call, login=login)
    return faults.settled(_read(reply, call, login=login))


def _read(reply: Reply, call: Call, *, login: bool) -> Wire | OdooError:
    answer = faults.decoded(reply, call, parse_response)
    if not isinstance(answer, Fault):
        return normalised(answer, call)
    told = unwritten(read_trace(answer.text), call) if answer.code == 1 else None
    return faults.from_xmlrpc(answer.code, answer.text, call, login=login) if told is None else told[0]


# --- writing

_END = b"</params></methodCall>"


def dump_call(method: str, params: list[Wire]) -> bytes:
    """The text of a call with values that ``refuse_unwireable`` has seen.

    A carriage return is written as a character reference, or XML would make a line feed of it.
    """
    start = f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>".encode()
    return start + b"".join(_param(value) for value in params) + _END


def _param(value: Wire) -> bytes:
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
    elif kind is list or kind is tuple:
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
    reader = _Reader()
    try:
        reader.parser.Parse(text, True)
    except ExpatError:
        raise BadReply("the reply is not XML") from None
    except _Odd as error:
        reason = str(error)
    except (ValueError, TypeError, KeyError, IndexError):
        reason = "the reply is not XML-RPC"
    else:
        return reader.response()
    raise BadReply(reason)


class _Odd(Exception):
    """Not XML-RPC, by a reason that holds no data."""


_OPEN: Any = object()
"""Stands for a value whose type element has not come yet."""


class _Reader:
    """A stack of open values, driven by Expat's events."""

    def __init__(self) -> None:
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
        self._text.append(text)

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
