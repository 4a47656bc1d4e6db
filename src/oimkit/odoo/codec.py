"""Wire values to Python values and back, by field type: the only place of oimkit in which a float exists.

| type in ``fields_get`` | on the wire | in Python |
|---|---|---|
| boolean | true, false | bool |
| integer | number | int |
| float, monetary | number | Decimal, with the field's digits or its currency's decimals where they are known |
| date | ``2026-01-31`` | date, never shifted |
| datetime | ``2026-01-31 23:30:00``, in UTC | aware datetime in UTC |
| many2one | ``[id, name]`` | Ref |
| one2many, many2many | list of ids | tuple of ids |
| char, text, html, selection, reference | text | str |
| binary | base64 text | str |
| json, properties, anything else | as it is | as it is |

``false`` in a field that is not a boolean is None. Numbers are read from their own text, so that 0.1 is
``Decimal("0.1")``, and are written only where the server's double holds exactly the same number.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, NoReturn

from oimkit.errors import BadReply, InputError

__all__ = [
    "Field",
    "Record",
    "Ref",
    "Value",
    "Wire",
    "cell_text",
    "decode_column",
    "double_text",
    "dump_json",
    "encode_value",
    "parse_json",
    "read_double",
    "refuse_unwireable",
]

Wire = Any
"""None, bool, int, Decimal, str, a list of these or a dict from str to these."""

Value = Any
"""None, bool, int, Decimal, str, date, aware datetime, Ref, a tuple of ids, or JSON as it is; by the field's type."""

Record = dict[str, Any]
"""A record that was read: ``id`` and the fields that were asked for, as Values."""

_DEPTH = 60
"""Levels of lists and dicts in one call or reply; Odoo's own replies have fewer than ten."""

_UNWIREABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot carry, or the server's database does not store."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)

_EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN, Emax=999, Emin=-999, traps=[InvalidOperation])


@dataclass(frozen=True, slots=True)
class Ref:
    """A record that a many2one field points to; ``name`` is what the server displays for it."""

    id: int
    name: str | None = None

    def __repr__(self) -> str:  # a display name may be a person's
        return f"Ref({self.id})"


@dataclass(frozen=True, slots=True)
class Field:
    """What ``fields_get`` tells about one field.

    decimals        digits after the point of a float, or None where the server does not tell
    currency_field  the field of the same record that holds a monetary field's currency, or None
    """

    name: str
    type: str
    relation: str | None = None
    required: bool = False
    readonly: bool = False
    stored: bool = True
    decimals: int | None = None
    currency_field: str | None = None
    selection: tuple[str, ...] = ()

    @property
    def is_x2many(self) -> bool:
        return self.type in ("one2many", "many2many")


# --- JSON text


def parse_json(text: bytes) -> Wire:
    """The value of a JSON text: Decimal for numbers with a point, no NaN, no infinity, bounded depth.

    Raises BadReply for anything else; the message never repeats the text.
    """
    try:
        value = _loads(text)
    except RecursionError:
        raise BadReply("the reply is nested too deep") from None
    except ValueError:  # also UnicodeDecodeError, and an int of more digits than Python reads
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
        return _double(value)
    raise InputError(f"a value of type {type(value).__name__} cannot be sent")


def _double(value: Decimal) -> float:
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
    return repr(_double(value))


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
            _double(value)
        except InputError as error:
            raise InputError(f"{path}: {error.reason}", advice=error.advice) from None
    elif kind is list or kind is tuple:
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


# --- fields: reading


def decode_column(field: Field, rows: Sequence[Record], decimals_of: Callable[[int], int | None]) -> None:
    """Turn the values of one field into Python values, in place, in every row that has it.

    decimals_of  decimal places of a currency by its id, None where unknown; asked for monetary fields only

    Raises BadReply when a value does not fit the field's type.
    """
    name = field.name
    try:
        if field.type == "monetary" and field.currency_field:
            _decode_monetary(name, field.currency_field, rows, decimals_of)
        elif field.type in ("float", "monetary"):
            _decode_numbers(name, rows, field.decimals)
        elif field.type == "many2one":
            _decode_refs(name, rows)
        elif field.type in ("one2many", "many2many"):
            for row in rows:
                row[name] = tuple(row[name] or ())
        elif field.type == "date":
            _convert(name, rows, _Memo(date.fromisoformat))
        elif field.type == "datetime":
            _convert(name, rows, _Memo(_moment))
        elif field.type != "boolean":
            for row in rows:
                if row[name] is False:
                    row[name] = None
    except KeyError:
        raise BadReply(f"the server left out the field {name}") from None
    except (ValueError, TypeError, IndexError, ArithmeticError):
        raise BadReply(f"the server gave a value for the field {name} that is no {field.type}") from None


class _Memo(dict[Any, Any]):
    """Values already converted, within one reply: dates, amounts and names repeat."""

    __slots__ = ("_convert",)

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        self._convert = convert

    def __missing__(self, value: Any) -> Any:
        converted = self[value] = self._convert(value)
        return converted


def _convert(name: str, rows: Sequence[Record], converted: _Memo) -> None:
    for row in rows:
        value = row[name]
        row[name] = None if value is False or value is None else converted[value]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text + "+00:00")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _decode_numbers(name: str, rows: Sequence[Record], decimals: int | None) -> None:
    if decimals is None:
        for row in rows:
            value = row[name]
            if type(value) is not Decimal:
                row[name] = None if value is False or value is None else _EXACT.create_decimal(_whole(value))
        return
    step, quantize = Decimal(1).scaleb(-decimals), _EXACT.quantize
    for row in rows:
        value = row[name]
        row[name] = None if value is False or value is None else quantize(value, step)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _decode_refs(name: str, rows: Sequence[Record]) -> None:
    seen: dict[int, Ref] = {}
    for row in rows:
        value = row[name]
        if value is False or value is None:
            row[name] = None
            continue
        if type(value) is int:
            identity, display = value, None
        else:
            identity, display = value
            if display is False:
                display = None
        ref = seen.get(identity)
        if ref is None or (ref.name is not display and ref.name != display):
            if type(identity) is not int or (display is not None and type(display) is not str):
                raise TypeError
            ref = seen[identity] = Ref(identity, display)
        row[name] = ref


def _decode_monetary(
    name: str, currency_field: str, rows: Sequence[Record], decimals_of: Callable[[int], int | None]
) -> None:
    """Amounts with the decimals of each row's own currency, where the row tells it."""
    steps: dict[int | None, Decimal | None] = {None: None}
    for row in rows:
        value = row[name]
        if value is False or value is None:
            row[name] = None
            continue
        currency = row.get(currency_field)
        identity = currency.id if type(currency) is Ref else currency[0] if type(currency) is list else currency or None
        if identity not in steps:
            decimals = None if identity is None else decimals_of(identity)
            steps[identity] = None if decimals is None else Decimal(1).scaleb(-decimals)
        step = steps[identity]
        if step is not None:
            row[name] = _EXACT.quantize(value, step)
        elif type(value) is not Decimal:
            row[name] = Decimal(_whole(value))


# --- fields: writing


def encode_value(field: Field, value: Value, inner: Callable[[str, Mapping[str, Value]], dict[str, Wire]]) -> Wire:
    """*value* as the wire value of *field*; None is ``false``.

    A tuple of ids in an x2many field is the whole set of linked records; a list holds commands
    (``(0, 0, values)``, ``(1, id, values)``, ``(4, id, 0)``, ...), whose values go through *inner* with the related
    model.

    Raises InputError, which names the field and never the value.
    """
    if value is None:
        if field.type == "boolean":
            raise _misfit(field, value, "True or False")
        return False
    encode = _ENCODERS.get(field.type)
    if encode is not None:
        return encode(field, value)
    if field.is_x2many:
        return _encode_links(field, value, inner)
    return value


def cell_text(field: Field, value: Value) -> str:
    """*value* as a cell of ``load``: empty for None, ISO dates, UTC moments, plain decimal numbers, ids with commas."""
    if value is None:
        return ""
    if field.is_x2many:
        if not isinstance(value, tuple) or any(type(identity) is not int for identity in value):
            raise _misfit(field, value, "a tuple of ids")
        return ",".join(str(identity) for identity in value)
    if field.type in ("json", "properties"):
        return dump_json(value).decode()
    encoded = encode_value(field, value, lambda _model, values: dict(values))
    if isinstance(encoded, bool):
        return "1" if encoded else "0"
    if isinstance(encoded, Decimal):
        _double(encoded)
        return f"{encoded:f}"
    return str(encoded)


def _misfit(field: Field, value: Value, wanted: str) -> InputError:
    return InputError(f"the field {field.name} takes {wanted}, not a {type(value).__name__}")


def _encode_bool(field: Field, value: Value) -> Wire:
    if type(value) is not bool:
        raise _misfit(field, value, "True or False")
    return value


def _encode_integer(field: Field, value: Value) -> Wire:
    if type(value) is not int:
        raise _misfit(field, value, "an int")
    if not -(2**31) <= value < 2**31 and field.type == "integer":
        raise InputError(f"the field {field.name} takes a number of 32 bits, and this one is larger")
    return value


def _encode_decimal(field: Field, value: Value) -> Wire:
    if type(value) is int:
        value = Decimal(value)
    if type(value) is not Decimal:
        raise _misfit(field, value, "a Decimal")
    try:
        _double(value)
    except InputError as error:
        raise InputError(f"the field {field.name}: {error.reason}", advice=error.advice) from None
    return value


def _encode_text(field: Field, value: Value) -> Wire:
    if type(value) is not str:
        raise _misfit(field, value, "text")
    return value


def _encode_date(field: Field, value: Value) -> Wire:
    if type(value) is not date:
        raise _misfit(field, value, "a date")
    return value.isoformat()


def _encode_moment(field: Field, value: Value) -> Wire:
    if type(value) is not datetime:
        raise _misfit(field, value, "a datetime")
    if value.tzinfo is None or value.utcoffset() is None:
        raise InputError(f"the field {field.name} takes a datetime with a time zone, and this one has none")
    if value.microsecond:
        raise InputError(f"the field {field.name} keeps whole seconds", advice="use value.replace(microsecond=0)")
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")


def _encode_ref(field: Field, value: Value) -> Wire:
    if type(value) is Ref:
        return value.id
    if type(value) is not int:
        raise _misfit(field, value, "a Ref or an id")
    return value


def _encode_links(
    field: Field, value: Value, inner: Callable[[str, Mapping[str, Value]], dict[str, Wire]]
) -> list[list[Wire]]:
    if isinstance(value, tuple):
        if any(type(identity) is not int for identity in value):
            raise _misfit(field, value, "a tuple of ids")
        return [[6, 0, list(value)]]
    if not isinstance(value, list):
        raise _misfit(field, value, "a tuple of ids or a list of commands")
    return [_encode_command(field, command, inner) for command in value]


def _encode_command(
    field: Field, command: Iterable[Any], inner: Callable[[str, Mapping[str, Value]], dict[str, Wire]]
) -> list[Wire]:
    parts = list(command)
    if not parts or type(parts[0]) is not int or not 0 <= parts[0] <= 6:
        raise InputError(f"the field {field.name} takes commands that begin with 0 to 6")
    if parts[0] in (0, 1) and len(parts) == 3 and isinstance(parts[2], Mapping):
        parts[2] = inner(field.relation or "", parts[2])
    elif parts[0] == 6 and len(parts) == 3:
        parts[2] = list(parts[2])
    return parts


_ENCODERS: dict[str, Callable[[Field, Value], Wire]] = {
    "boolean": _encode_bool,
    "integer": _encode_integer,
    "many2one_reference": _encode_integer,
    "float": _encode_decimal,
    "monetary": _encode_decimal,
    "char": _encode_text,
    "text": _encode_text,
    "html": _encode_text,
    "selection": _encode_text,
    "reference": _encode_text,
    "binary": _encode_text,
    "date": _encode_date,
    "datetime": _encode_moment,
    "many2one": _encode_ref,
}
