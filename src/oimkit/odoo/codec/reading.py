"""Values of fields as they come from the server."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

from oimkit.errors import BadReply, InputError
from oimkit.odoo.codec.model import Field, Record, RecordRef, Ref
from oimkit.odoo.codec.properties import read_definitions, read_properties

__all__ = ["decode_column", "read_moment"]

_EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN, Emax=999, Emin=-999, traps=[InvalidOperation])


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
            _convert(name, rows, _Memo(_day))
        elif field.type == "datetime":
            _convert(name, rows, _Memo(read_moment))
        elif field.type in _SINGLE:
            read = _SINGLE[field.type]
            for row in rows:
                value = row[name]
                row[name] = None if value is False or value is None else read(value)
        elif field.type == "integer":
            for row in rows:
                if type(row[name]) is Decimal:  # servers write a number of more than 32 bits as a double
                    row[name] = _integral(row[name])
        elif field.type == "many2one_reference":
            _decode_pointers(name, field.model_field, rows)
        elif field.type in ("properties", "properties_definition"):
            read_all = read_properties if field.type == "properties" else read_definitions
            for row in rows:
                row[name] = read_all(row[name] or [])
        elif field.type != "boolean":
            for row in rows:
                if row[name] is False:
                    row[name] = None
    except KeyError:
        raise BadReply(f"the server left out the field {name}") from None
    except _TextId:
        raise BadReply(
            f"the field {name} points to records whose ids are texts, which are not read here",
            advice="leave the field out, or ask for it with call",
        ) from None
    except (ValueError, TypeError, IndexError, ArithmeticError, InputError):
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


def _day(text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else text.rjust(10, "0"))  # servers write the year 1 as 1-01-01


def _integral(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise ValueError
    return int(value)


def read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat((text if len(text) == 19 else text.rjust(19, "0")) + "+00:00")
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


class _TextId(Exception):
    """A record of a model that is computed, such as account.root, which counts by texts."""


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
            if isinstance(identity, str) and identity.isdigit():
                raise _TextId
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


# --- records of any model, bytes


def _reference(text: str) -> RecordRef | None:
    """``res.partner,7``; a model without a record, ``res.partner,0``, is nothing."""
    model, _, number = text.partition(",")
    identity = int(number)
    return RecordRef(model, identity) if identity else None


def _decode_pointers(name: str, model_field: str | None, rows: Sequence[Record]) -> None:
    for row in rows:
        identity = row[name]
        if not identity:
            row[name] = None
            continue
        model = row.get(model_field) if model_field else None
        row[name] = RecordRef(model or None, _whole(identity))


def _bytes(value: Any) -> Any:
    """The bytes of base64 text; what computed fields of this type hold instead of it, lists and dicts, as it is."""
    if type(value) is str:
        try:
            return base64.b64decode(value.replace("\n", ""), validate=True)
        except binascii.Error:
            raise ValueError from None
    if type(value) not in (list, dict):
        raise TypeError
    return value


_SINGLE: dict[str, Callable[[Any], Any]] = {"reference": _reference, "binary": _bytes}
