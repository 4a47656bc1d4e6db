"""Python values as the server takes them; what it would change, round or drop without a word is refused here."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from oimkit.errors import InputError
from oimkit.odoo.codec.model import UNSET, Field, RecordRef, Ref, Rounded, Value
from oimkit.odoo.codec.properties import Definition, Properties, write_definitions
from oimkit.odoo.codec.wire import Wire, double, dump_json, refuse_unwireable, unfit_for_the_wire
from oimkit.odoo.commands import Clear, Create, Delete, Link, Set, Unlink, Update, command_of

__all__ = ["MOST_BINARY_BYTES", "cell_text", "encode_value", "encode_values", "in_currency"]

Inner = Callable[[str, Mapping[str, Value]], dict[str, Wire]]
"""Values of a related model as wire values: the model's name, the values."""

MOST_BINARY_BYTES = 64 * 1024 * 1024
"""Bytes of one binary value. A server's limit for a whole request is 128 MiB unless it says otherwise, in base64."""


def encode_values(
    values: Mapping[str, Value],
    field_of: Callable[[str], Field],
    inner: Inner,
    *,
    decimals_of: Callable[[int | None], int | None] = lambda _currency: None,
) -> dict[str, Wire]:
    """*values* as the wire values of one record's fields; a field given as UNSET is left out.

    Args:
        field_of: the field of a name, of the model that is written.
        inner: values of related records, in commands.
        decimals_of: decimal places of a currency by its id, or for None the most that any currency here has.

    A RecordRef in a many2one_reference also sets the field that holds its model.

    Raises InputError, which names the field and never the value.
    """
    encoded: dict[str, Wire] = {}
    for name, value in values.items():
        if value is UNSET:
            continue
        field = field_of(name)
        encoded[name] = encode_value(field, in_currency(field, value, values, decimals_of), inner)
        if field.type == "many2one_reference" and type(value) is RecordRef:
            _set_model(field, value, values, encoded)
    return encoded


def encode_value(field: Field, value: Value, inner: Inner) -> Wire:
    """*value* as the wire value of *field*; None is ``false``.

    A tuple of ids in an x2many field is the whole set of linked records; a list holds commands, whose values go
    through *inner* with the related model.

    Raises InputError, which names the field and never the value.
    """
    if value is None:
        if field.type == "boolean":
            raise _misfit(field, value, "True or False")
        return False
    if value is UNSET:
        raise InputError(f"the field {field.name} is UNSET: a value that is left as it is cannot be written")
    encode = _ENCODERS.get(field.type)
    if encode is not None:
        return encode(field, value)
    if field.is_x2many:
        return _encode_links(field, value, inner)
    refuse_unwireable(value, f"the field {field.name}")
    return value


def cell_text(field: Field, value: Value) -> str:
    """*value* as a cell of ``load``: empty for None, ISO dates, UTC moments, plain decimal numbers, ids with commas."""
    if value is None:
        return ""
    if field.is_x2many:
        if not isinstance(value, tuple) or any(type(identity) is not int for identity in value):
            raise _misfit(field, value, "a tuple of ids")
        return ",".join(str(identity) for identity in value)
    if field.type == "many2one_reference" and type(value) is RecordRef:
        raise InputError(
            f"a row of load cannot give model and id of {field.name} in one cell",
            advice=f"give the id here and the model in {field.model_field or 'the field of the model'}",
        )
    if field.type == "properties":
        raise InputError(
            f"the field {field.name} is not written by load, which reads properties in a notation of its own",
            advice="write them afterwards, with write",
        )
    encoded = encode_value(field, value, lambda _model, values: dict(values))
    if field.type in ("json", "properties_definition"):
        return dump_json(encoded).decode()
    if isinstance(encoded, bool):
        return "1" if encoded else "0"
    if isinstance(encoded, Decimal):
        double(encoded)
        return f"{encoded:f}"
    return str(encoded)


def _misfit(field: Field, value: Value, wanted: str) -> InputError:
    return InputError(f"the field {field.name} takes {wanted}, not a {type(value).__name__}")


# --- plain values


def _encode_bool(field: Field, value: Value) -> Wire:
    if type(value) is not bool:
        raise _misfit(field, value, "True or False")
    return value


def _encode_integer(field: Field, value: Value) -> Wire:
    if type(value) is not int:
        raise _misfit(field, value, "an int")
    if not -(2**31) <= value < 2**31:
        raise InputError(f"the field {field.name} takes a number of 32 bits, and this one is larger")
    return value


def _encode_text(field: Field, value: Value) -> Wire:
    if type(value) is not str:
        raise _misfit(field, value, "text")
    if unfit_for_the_wire(value):
        raise InputError(
            f"the field {field.name} holds a control character or a half of a character pair",
            advice="remove it, the server's protocols cannot carry it",
        )
    return value


def _encode_selection(field: Field, value: Value) -> Wire:
    text = _encode_text(field, value)
    if field.selection and text not in field.selection:
        raise InputError(
            f"the field {field.name} has no such key",
            advice=f"its keys are {', '.join(field.selection[:20])}{' and more' if len(field.selection) > 20 else ''}",
        )
    return text


def _encode_bytes(field: Field, value: Value) -> Wire:
    if type(value) is not bytes:
        raise _misfit(field, value, "bytes, which are sent as base64")
    if len(value) > MOST_BINARY_BYTES:
        raise InputError(
            f"the field {field.name} was given {len(value)} bytes, and one request carries {MOST_BINARY_BYTES}",
            advice="keep large files elsewhere and write their address",
        )
    return base64.b64encode(value).decode("ascii")


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


# --- numbers


def _encode_decimal(field: Field, value: Value) -> Wire:
    if type(value) is int:
        value = Decimal(value)
    if type(value) is Rounded:
        value = value.to(field.decimals)
    elif type(value) is Decimal:
        _refuse_more_digits(field, value, field.decimals)
    else:
        raise _misfit(field, value, "a Decimal")
    try:
        double(value)
    except InputError as error:
        raise InputError(f"the field {field.name}: {error.reason}", advice=error.advice) from None
    return value


def _refuse_more_digits(field: Field, value: Decimal, decimals: int | None) -> None:
    """InputError where the server would round *value* to what the field keeps."""
    if decimals is None or not value.is_finite():
        return
    sign, digits, exponent = value.as_tuple()
    places = -int(exponent)
    del sign
    if places > decimals and any(digits[max(len(digits) - (places - decimals), 0) :]):
        raise InputError(
            f"the field {field.name} keeps {decimals} digits after the point, and this number has more",
            advice="round it, or write Rounded(value) to have it rounded to what the field keeps",
        )


def in_currency(
    field: Field, value: Value, values: Mapping[str, Value], decimals_of: Callable[[int | None], int | None]
) -> Value:
    """*value* of one record's *values*; an amount of money is refused or rounded by the decimals of its currency.

    The currency is the one that *values* give along; where they do not, no currency in use may keep fewer digits.
    """
    if field.type != "monetary" or type(value) not in (Decimal, Rounded):
        return value
    decimals = decimals_of(_currency_in(field, values))
    if type(value) is Rounded:
        return value.to(decimals)
    _refuse_more_digits(field, value, decimals)
    return value


def _currency_in(field: Field, values: Mapping[str, Value]) -> int | None:
    """The id of the currency that *values* give along with a monetary field, or None."""
    currency = values.get(field.currency_field) if field.currency_field else None
    if type(currency) is Ref:
        return currency.id
    return currency if type(currency) is int else None


# --- records


def _encode_ref(field: Field, value: Value) -> Wire:
    if type(value) is Ref:
        return value.id
    if type(value) is not int:
        raise _misfit(field, value, "a Ref or an id")
    return value


def _encode_reference(field: Field, value: Value) -> Wire:
    if type(value) is not RecordRef or value.model is None:
        raise _misfit(field, value, "a RecordRef with its model")
    if field.selection and value.model not in field.selection:
        raise InputError(
            f"the field {field.name} takes no record of {value.model}",
            advice=f"it takes records of {', '.join(field.selection[:20])}",
        )
    return f"{value.model},{value.id}"


def _encode_pointer(field: Field, value: Value) -> Wire:
    return value.id if type(value) is RecordRef else _encode_integer(field, value)


def _set_model(field: Field, value: RecordRef, values: Mapping[str, Value], encoded: dict[str, Wire]) -> None:
    """Write the model of *value* beside its id; InputError when another one is given there."""
    if value.model is None or field.model_field is None:
        raise InputError(f"the field {field.name} takes a RecordRef with its model, or the id alone")
    if values.get(field.model_field, value.model) != value.model:
        raise InputError(f"{field.name} is a record of {value.model}, and {field.model_field} says another model")
    encoded[field.model_field] = value.model


def _encode_links(field: Field, value: Value, inner: Inner) -> list[list[Wire]]:
    if isinstance(value, tuple):
        if any(type(identity) is not int for identity in value):
            raise _misfit(field, value, "a tuple of ids")
        return [[6, 0, list(value)]]
    if not isinstance(value, list):
        raise _misfit(field, value, "a tuple of ids or a list of commands")
    return [_encode_command(field, command, inner) for command in value]


def _encode_command(field: Field, given: Value, inner: Inner) -> list[Wire]:
    try:
        command = command_of(given)
    except InputError as error:
        raise InputError(f"the field {field.name}: {error.reason}", advice=error.advice) from None
    match command:
        case Create(values):
            return [0, 0, _inner_values(field, values, inner)]
        case Update(identity, values):
            return [1, identity, _inner_values(field, values, inner)]
        case Delete(identity):
            return [2, identity, 0]
        case Unlink(identity):
            return [3, identity, 0]
        case Link(identity):
            return [4, identity, 0]
        case Clear():
            return [5, 0, 0]
        case Set(ids):
            return [6, 0, list(ids)]


def _inner_values(field: Field, values: Mapping[str, Value], inner: Inner) -> dict[str, Wire]:
    try:
        return inner(field.relation or "", values)
    except InputError as error:
        raise InputError(f"in {field.name}: {error.reason}", advice=error.advice) from None


# --- properties


def _whole_properties(field: Field, value: Value) -> Properties:
    if type(value) is not Properties:
        raise InputError(
            f"the field {field.name} takes Properties, not a {type(value).__name__}: the server empties every property"
            " that a write does not name",
            advice="read the record and use its Properties.with_values(...)",
        )
    return value


def _encode_properties(field: Field, value: Value) -> Wire:
    return _whole_properties(field, value).wire()


def _encode_definitions(field: Field, value: Value) -> Wire:
    if not isinstance(value, (tuple, list)) or any(type(each) is not Definition for each in value):
        raise _misfit(field, value, "a tuple of Definition")
    return write_definitions(value)


_ENCODERS: dict[str, Callable[[Field, Value], Wire]] = {
    "boolean": _encode_bool,
    "integer": _encode_integer,
    "many2one_reference": _encode_pointer,
    "float": _encode_decimal,
    "monetary": _encode_decimal,
    "char": _encode_text,
    "text": _encode_text,
    "html": _encode_text,
    "selection": _encode_selection,
    "reference": _encode_reference,
    "binary": _encode_bytes,
    "date": _encode_date,
    "datetime": _encode_moment,
    "many2one": _encode_ref,
    "properties": _encode_properties,
    "properties_definition": _encode_definitions,
}
