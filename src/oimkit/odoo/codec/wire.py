"""What every transport can carry, and how it is written: JSON text, numbers as doubles, text that XML can hold.

Numbers are read from their own text, so that 0.1 is ``Decimal("0.1")``, and are written only where the server's double
holds exactly the same number.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from oimkit.errors import BadReply, InputError

__all__ = [
    "Wire",
    "double",
    "double_text",
    "dump_json",
    "parse_json",
    "read_double",
    "refuse_unwireable",
    "unfit_for_the_wire",
]

Wire = Any
"""None, bool, int, Decimal, str, a list of these or a dict from str to these."""

_DEPTH = 60
"""Levels of lists and dicts in one call or reply; Odoo's own replies have fewer than ten."""

_UNWIREABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot carry, or the server's database does not store."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


def unfit_for_the_wire(text: str) -> bool:
    """True when *text* holds a control character (tab and line ends are none) or a half of a character pair."""
    return _UNWIREABLE.search(text) is not None


def parse_json(text: bytes) -> Wire:
    """The value of a JSON text: Decimal for numbers with a point, no NaN, no infinity, bounded depth.

    Raises BadReply for anything else; the message never repeats the text.
    """
    try:
        value = _loads(text)
    except RecursionError:
        raise BadReply("the reply is nested too deep") from None
    except (ValueError, ArithmeticError):  # also UnicodeDecodeError, and numbers of more digits than Python reads
        raise BadReply("the reply is not JSON") from None
    _refuse_deep(text, value)
    return value


def _refuse_constant(_text: str) -> NoReturn:
    raise ValueError("not a finite number")


def _loads(text: bytes) -> Wire:
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_deep(text: bytes, value: Wire) -> None:
    """BadReply when *value*, read from *text*, has more than the permitted levels.

    Brackets are peeled from the text pair by pair, which is quick; only where texts hold stray brackets, or the
    reply is really deep, the value itself is walked.
    """
    brackets = text.translate(None, _NO_BRACKETS)
    for _ in range(_DEPTH):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    level: list[Wire] = [value]
    for _ in range(_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer if type(outer) is list else ())
            if type(inner) is list or type(inner) is dict
        ]
        if not level:
            return
    raise BadReply("the reply is nested too deep")


_NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")


def dump_json(value: Wire) -> bytes:
    """*value*, already seen by ``refuse_unwireable``, as JSON text in UTF-8."""
    return json.dumps(value, default=_number, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return double(value)
    raise InputError(f"a value of type {type(value).__name__} cannot be sent")


def double(value: Decimal) -> float:
    """The double whose shortest text is *value*; InputError when there is none."""
    number = float(value) if value.is_finite() else math.nan
    if not math.isfinite(number) or Decimal(repr(number)) != value:
        raise InputError(
            "an amount is not representable: the server keeps doubles, and none stands for exactly this number",
            advice="round it; with 2 decimals the limit is about 70 million million",
        )
    return number


def double_text(value: Decimal) -> str:
    """*value* as the text of a number that every server reads as the same double: ``12.5``."""
    return repr(double(value))


def read_double(text: str) -> Decimal:
    """The number in *text*, as a server writes a double; ValueError for NaN, infinity or anything else."""
    if len(text) > 400 or not _NUMBER.fullmatch(text):
        raise ValueError("not a finite number")
    return Decimal(text)


def refuse_unwireable(value: Wire, path: str = "arguments", depth: int = 0) -> None:
    """Return when *value* can be sent on every transport and read by the server as the same value.

    Raises InputError that names the place (``arguments.values.name``, ``arguments.data[3][2]``), never the value.
    """
    kind = type(value)
    if kind is str:
        if _UNWIREABLE.search(value):
            raise InputError(
                f"{path} holds a control character or a half of a character pair",
                advice="remove it, the server's protocols cannot carry it",
            )
    elif kind is bool or value is None:
        return
    elif kind is int:
        if not -(2**63) <= value < 2**63:
            raise InputError(f"{path} is a number of more than 64 bits")
    elif kind is Decimal:
        try:
            double(value)
        except InputError as error:
            raise InputError(f"{path}: {error.reason}", advice=error.advice) from None
    elif kind is list or kind is tuple or isinstance(value, list):  # ids as `load` gives them are a list of its own
        if depth >= _DEPTH:
            raise InputError(f"{path} is nested too deep")
        for index, inner in enumerate(value):
            refuse_unwireable(inner, f"{path}[{index}]", depth + 1)
    elif isinstance(value, Mapping):
        if depth >= _DEPTH:
            raise InputError(f"{path} is nested too deep")
        for key, inner in value.items():
            if type(key) is not str or _UNWIREABLE.search(key):
                raise InputError(f"{path} has a key that is not plain text")
            refuse_unwireable(inner, f"{path}.{key}" if key.isidentifier() else f"{path}.?", depth + 1)
    elif isinstance(value, float):
        raise InputError(f"{path} is a float", advice="use Decimal, whose digits are the ones you mean")
    else:
        raise InputError(f"{path} is of type {kind.__name__}, which is no wire value")
