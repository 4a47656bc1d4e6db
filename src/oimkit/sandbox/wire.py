"""What goes over the wire: JSON and XML-RPC, read and written without binary floats.

Numbers with a fraction are read as ``Decimal`` and written as their plain text with a point, as the server's floats
look once printed. Bodies are bounded before they come here.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from oimkit.sandbox.refusals import ServerRefusal
from oimkit.sandbox.values import Records, shown

__all__ = [
    "NotMarshallable",
    "fault_of",
    "first_fault_of",
    "read_json",
    "read_xmlrpc",
    "write_json",
    "write_xmlrpc_fault",
    "write_xmlrpc_result",
]


class NotMarshallable(Exception):
    """XML-RPC has no form for this value; the text is the server's."""


def read_json(body: bytes) -> Any:
    """The JSON value of *body*. Raises ValueError."""
    return json.loads(body, parse_float=Decimal)


def write_json(value: Any) -> bytes:
    """*value* as JSON; a record set becomes its text, as the server's JSON-RPC does it."""
    text = json.dumps(value, default=_standing_for)
    first, *rest = text.split(_OPENING)
    return (first + "".join([part.replace('"', "", 1) for part in rest])).encode()


def _standing_for(value: Any) -> Any:
    """What the encoder writes for a value that it does not know: numbers in marks that are taken off again."""
    if isinstance(value, Decimal):
        return f"{_MARK}{shown(value)}"
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


# Made anew in each process, so that no text which a client sends can look like a marked number.
_MARK = f"#{secrets.token_hex(8)}#"
_OPENING = f'"{_MARK}'


def read_xmlrpc(body: bytes) -> tuple[str, list[Any]]:
    """(method name, parameters) of a methodCall. Raises ValueError for anything else."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except Exception:  # noqa: BLE001  the parsers behind it raise classes of several libraries
        raise ValueError("not an XML-RPC call") from None
    name = root.findtext("methodName")
    if root.tag != "methodCall" or not name:
        raise ValueError("not an XML-RPC call")
    return name, [_value(value) for value in root.findall("./params/param/value")]


def _value(element: Element) -> Any:
    if len(element) == 0:
        return element.text or ""
    inner = element[0]
    text = inner.text or ""
    tag = inner.tag
    if tag == "string":
        return text
    if tag in ("int", "i4", "i8"):
        return int(text)
    if tag == "boolean":
        return text.strip() == "1"
    if tag == "double":
        return Decimal(text.strip())
    if tag == "nil":
        return None
    if tag == "array":
        return [_value(value) for value in inner.findall("./data/value")]
    if tag == "struct":
        return {member.findtext("name") or "": _member(member) for member in inner.findall("member")}
    if tag == "base64":
        return base64.b64decode(text)
    if tag == "dateTime.iso8601":
        return text
    raise ValueError(f"not an XML-RPC value: {tag}")


def _member(member: Element) -> Any:
    value = member.find("value")
    return _value(value) if value is not None else None


_HEAD = "<?xml version='1.0'?>\n<methodResponse>\n"


def write_xmlrpc_result(value: Any) -> bytes:
    """A methodResponse. Raises NotMarshallable for None and record sets, anywhere inside."""
    return f"{_HEAD}<params>\n<param>\n{_xml(value)}\n</param>\n</params>\n</methodResponse>\n".encode()


def fault_of(refusal: ServerRefusal) -> tuple[int, str]:
    """(code, text) of a refusal on ``/xmlrpc/2``; an exception that is not Odoo's own comes with its traceback."""
    return refusal.fault_code, _traceback(refusal) if refusal.fault_code == 1 else refusal.message


def first_fault_of(refusal: ServerRefusal) -> tuple[str, str]:
    """(code, text) of a refusal on the first ``/xmlrpc``: there the code is text, and tells the class."""
    if refusal.fault_code == 1:
        return refusal.message, _traceback(refusal)
    if refusal.fault_code == 3:
        return "AccessDenied", refusal.message
    kind = refusal.name.rpartition(".")[2]
    return f"warning -- {'UserError' if kind == 'ValidationError' else kind}\n\n{refusal.message}", ""


def _traceback(refusal: ServerRefusal) -> str:
    kind = refusal.name.removeprefix("builtins.")
    return f'Traceback (most recent call last):\n  File "sandbox", line 1, in call\n{kind}: {refusal.message}\n'


def write_xmlrpc_fault(code: int | str, message: str) -> bytes:
    fault = _xml({"faultCode": code, "faultString": message})
    return f"{_HEAD}<fault>\n{fault}\n</fault>\n</methodResponse>\n".encode()


def _xml(value: Any) -> str:
    if value is None:
        raise NotMarshallable("cannot marshal None unless allow_none is enabled")
    if value is True or value is False:
        return f"<value><boolean>{int(value)}</boolean></value>"
    if isinstance(value, str):
        return f"<value><string>{escape(_printable(value))}</string></value>"
    if isinstance(value, int):
        if not -(2**31) <= value < 2**31:
            raise NotMarshallable("int exceeds XML-RPC limits")
        return f"<value><int>{value}</int></value>"
    if isinstance(value, Decimal):
        return f"<value><double>{shown(value)}</double></value>"
    if isinstance(value, dict):
        if any(not isinstance(key, str) for key in value):
            raise NotMarshallable("dictionary key must be string")
        members = "".join(f"<member><name>{escape(k)}</name>{_xml(v)}</member>" for k, v in value.items())
        return f"<value><struct>{members}</struct></value>"
    if isinstance(value, (list, tuple)):
        return "<value><array><data>" + "".join([_xml(item) for item in value]) + "</data></array></value>"
    if isinstance(value, Records):
        raise NotMarshallable(f"cannot marshal <class 'odoo.api.{value.model}'> objects")
    if isinstance(value, Mapping):
        raise NotMarshallable("cannot marshal <class 'odoo.tools.misc.frozendict'> objects")
    raise NotMarshallable(f"cannot marshal {type(value)} objects")


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold; newer servers drop them too."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")
