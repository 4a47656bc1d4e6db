"""Values of fields: what is kept in a row, and how a value from the wire becomes one.

Kept are: None for empty, bool, int, ``Decimal`` for float and monetary fields, text, ``YYYY-MM-DD`` and
``YYYY-MM-DD HH:MM:SS`` (UTC) for dates, an id for many2one, a list of ids for many2many. There is no binary float in
the sandbox: numbers are read from the wire as ``Decimal`` and written as their shortest text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from oimkit.sandbox.profile import Field
from oimkit.sandbox.refusals import Foreign

__all__ = ["Created", "Records", "as_decimal", "cast", "empty", "round_half_up", "shown"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}))?")


@dataclass(frozen=True, slots=True)
class Records:
    """A record set as a method's result: text over JSON-RPC, ids over JSON-2, a marshalling fault over XML-RPC."""

    model: str
    ids: tuple[int, ...]

    def __str__(self) -> str:
        inside = ", ".join(str(id_) for id_ in self.ids)
        return f"{self.model}({inside}{',' if len(self.ids) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Created:
    """What ``create`` gives: one id for one dictionary, a list for a list; over JSON-2 always a list."""

    ids: tuple[int, ...]
    single: bool


_WIDE = Context(prec=400)
"""Room for every double with all of its digits."""


def round_half_up(value: Decimal, decimals: int = 2) -> Decimal:
    """*value* with *decimals* places, halves away from zero as the server rounds."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_WIDE)


def shown(value: Decimal) -> str:
    """*value* as the server prints a number in a message and on the wire: 10 is ``10.0``."""
    text = format(value.normalize(), "f")
    return text if "." in text else text + ".0"


def as_decimal(value: Any) -> Decimal:
    """A number or its text as Decimal; False and None are 0. Raises ValueError for anything else."""
    if value is None or value is False or value == "":
        return Decimal(0)
    try:
        number = Decimal(value) if not isinstance(value, bool) else Decimal(int(value))
    except (InvalidOperation, TypeError):
        raise ValueError(f"could not convert string to float: {str(value)!r}") from None
    if not number.is_finite():
        raise ValueError(f"could not convert string to float: {str(value)!r}")
    return number


def empty(field: Field) -> Any:
    """What reading an empty *field* gives before it goes on the wire."""
    if field.type in ("float", "monetary"):
        return Decimal(0)
    if field.type == "integer":
        return 0
    if field.is_x2many:
        return []
    return False if field.type == "boolean" else None


def cast(model: str, field: Field, value: Any, decimals: int | None) -> Any:
    """*value* from the wire as it is kept in *field* of *model*; x2many fields are not for here.

    decimals  places to round a number to, or None to keep all

    Raises Foreign (ValueError) for a value that the server's database or field would not take.
    """
    if field.type == "boolean":
        return bool(value)
    if value is None or value is False:
        return None
    if field.type in ("float", "monetary"):
        number = _number(value)
        return round_half_up(number, decimals) if decimals is not None else number
    if field.type in ("integer", "many2one_reference"):
        return _integer(value)
    if field.type == "many2one":
        return _many2one(model, field, value)
    if field.type == "date":
        return _matched(_DATE, str(value)[:10], model, field)
    if field.type == "datetime":
        found = _DATETIME.fullmatch(str(value)[:19])
        if not found:
            raise Foreign("builtins.ValueError", f"time data {str(value)!r} does not match format '%Y-%m-%d %H:%M:%S'")
        return f"{found[1]} {found[2] or '00:00:00'}"
    if field.type == "selection":
        if field.selection is not None and str(value) not in field.selection:
            raise Foreign("builtins.ValueError", f"Wrong value for {model}.{field.name}: {value!r}")
        return str(value)
    if field.type in ("json", "properties", "properties_definition"):
        return value
    return str(value) or None


def _integer(value: Any) -> int:
    number = int(_number(value))
    if not -(2**31) <= number < 2**31:
        raise Foreign("psycopg2.errors.NumericValueOutOfRange", "integer out of range\n")
    return number


def _number(value: Any) -> Decimal:
    try:
        number = as_decimal(value)
    except ValueError as error:
        raise Foreign("builtins.ValueError", str(error)) from None
    if abs(number) >= _BEYOND_DOUBLES:
        raise Foreign("psycopg2.errors.NumericValueOutOfRange", "value out of range: overflow\n")
    return number


_BEYOND_DOUBLES = Decimal("1.8E+308")


def _many2one(model: str, field: Field, value: Any) -> int:
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int):
        raise Foreign("builtins.ValueError", f"Wrong value for {model}.{field.name}: {value!r}")
    return value


def _matched(pattern: re.Pattern[str], text: str, model: str, field: Field) -> str:
    if not pattern.fullmatch(text):
        raise Foreign("builtins.ValueError", f"Wrong value for {model}.{field.name}: {text!r}")
    return text
