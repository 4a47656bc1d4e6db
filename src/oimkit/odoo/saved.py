"""Plans and reports as text: exact, the same bytes for the same value, readable again as the same value.

What can be saved: None, bool, int, str, Decimal, date, datetime with a time zone, timedelta, Enum, Money, Currency,
tuples, frozensets, mappings, and frozen dataclasses of these. A field's declared type says how its text is read
back; where it may be one of several (``A | B``, ``object``), the text names the kind.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from oimkit.errors import InputError
from oimkit.money import Currency, Money
from oimkit.odoo.codec import Ref
from oimkit.odoo.keys import ExternalId

__all__ = ["dump", "restore"]

T = TypeVar("T")

_HALF = re.compile("[\ud800-\udfff]")
"""Halves of character pairs, which no file takes; they can only stand inside texts, where JSON has a form for them."""

_KIND = "kind"
_VALUE = "value"


def dump(value: object) -> str:
    """*value* as JSON text; equal values of one type give equal text.

    Raises InputError for what cannot be saved, such as a float, a list in a place for tuples, or a naive datetime.
    """
    text = json.dumps(_write(type(value), value, "plan"), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def restore(kind: type[T], text: str) -> T:
    """The *kind* whose ``dump`` is *text*; InputError, which names the place, for any other text."""
    try:
        data = json.loads(text, parse_float=_refuse_float, parse_constant=_refuse_float)
    except (ValueError, RecursionError):
        raise InputError("a saved plan is not readable", advice="make the plan anew") from None
    return cast(T, _read(kind, data, "plan"))


def _refuse_float(_text: str) -> Any:
    raise ValueError("no floats in a saved plan")


# --- writing


def _write(declared: Any, value: object, path: str) -> Any:
    """*value* in the form that *declared* reads; tagged with its kind where *declared* leaves that open."""
    declared = _plain(declared)
    if _is_open(declared):
        return _write_tagged(declared, value, path)
    if declared in _SCALARS:
        if type(value) is not declared:
            raise _misfit(path, declared, value)
        return _SCALARS[declared].write(value, path)
    if isinstance(declared, type) and issubclass(declared, Enum):
        if not isinstance(value, declared):
            raise _misfit(path, declared, value)
        return value.name
    if dataclasses.is_dataclass(declared) and isinstance(declared, type):
        if type(value) is not declared:
            raise _misfit(path, declared, value)
        return {
            name: _write(kind, getattr(value, name), f"{path}.{name}") for name, kind in _fields_of(declared).items()
        }
    return _write_container(declared, value, path)


def _write_container(declared: Any, value: object, path: str) -> Any:
    origin, parameters = typing.get_origin(declared) or declared, typing.get_args(declared)
    if origin is typing.Literal:
        if value not in parameters:
            raise _misfit(path, declared, value)
        return value
    if origin in (tuple, Sequence, Iterable):
        if not isinstance(value, tuple):
            raise _misfit(path, tuple, value)
        return [
            _write(kind, item, f"{path}[{index}]")
            for index, (kind, item) in enumerate(zip(_item_kinds(declared, len(value), path), value, strict=True))
        ]
    if origin in (frozenset, AbstractSet):
        if not isinstance(value, frozenset):
            raise _misfit(path, frozenset, value)
        return sorted((_write(parameters[0], item, path) for item in value), key=_order)
    if origin in (Mapping, dict, types.MappingProxyType):
        if not isinstance(value, Mapping):
            raise _misfit(path, dict, value)
        key_kind, item_kind = parameters or (str, object)
        pairs = [[_write(key_kind, key, f"{path}.key"), _write(item_kind, item, path)] for key, item in value.items()]
        return sorted(pairs, key=_order)
    raise InputError(f"{path}: a value declared as {_name(declared)} cannot be saved")


def _write_tagged(declared: Any, value: object, path: str) -> Any:
    if value is None or type(value) in (bool, int, str):
        return value
    kind: Any = type(value)
    for option in _options(declared):
        if _fits(option, value):
            return {_KIND: _tag(option), _VALUE: _write(option, value, path)}
    if _options(declared):
        raise _misfit(path, declared, value)
    if kind in _SCALARS or kind in _KNOWN:
        return {_KIND: _tag(kind), _VALUE: _write(kind, value, path)}
    if kind is tuple:
        return {_KIND: "tuple", _VALUE: _write(tuple[object, ...], value, path)}
    if isinstance(value, Mapping):
        return {_KIND: "mapping", _VALUE: _write(Mapping[str, object], value, path)}
    raise InputError(f"{path}: a value of type {kind.__name__} cannot be saved")


# --- reading


def _read(declared: Any, data: Any, path: str) -> object:
    declared = _plain(declared)
    if _is_open(declared):
        return _read_tagged(declared, data, path)
    if declared in _SCALARS:
        try:
            return _SCALARS[declared].read(data)
        except (ValueError, TypeError, KeyError, InvalidOperation):
            raise _unreadable(path, declared) from None
    if isinstance(declared, type) and issubclass(declared, Enum):
        if not isinstance(data, str) or data not in declared.__members__:
            raise _unreadable(path, declared)
        return declared[data]
    if dataclasses.is_dataclass(declared) and isinstance(declared, type):
        return _read_dataclass(declared, data, path)
    return _read_container(declared, data, path)


def _read_dataclass(declared: Any, data: Any, path: str) -> object:
    fields = _fields_of(declared)
    if not isinstance(data, dict) or not _needed_fields(declared) <= set(data) <= set(fields):
        raise InputError(
            f"{path}: the saved fields are not those of {_name(declared)}", advice="it was saved by another version"
        )
    return declared(
        **{name: _read(kind, data[name], f"{path}.{name}") for name, kind in fields.items() if name in data}
    )


def _read_container(declared: Any, data: Any, path: str) -> object:
    origin, parameters = typing.get_origin(declared) or declared, typing.get_args(declared)
    if origin is typing.Literal:
        if data not in parameters:
            raise _unreadable(path, declared)
        return data
    if not isinstance(data, list):
        raise _unreadable(path, declared)
    if origin in (tuple, Sequence, Iterable):
        kinds = _item_kinds(declared, len(data), path)
        return tuple(
            _read(kind, item, f"{path}[{index}]") for index, (kind, item) in enumerate(zip(kinds, data, strict=True))
        )
    if origin in (frozenset, AbstractSet):
        return frozenset(_read(parameters[0], item, path) for item in data)
    if origin in (Mapping, dict, types.MappingProxyType):
        key_kind, item_kind = parameters or (str, object)
        if any(not isinstance(pair, list) or len(pair) != 2 for pair in data):
            raise _unreadable(path, declared)
        return {_read(key_kind, key, f"{path}.key"): _read(item_kind, item, path) for key, item in data}
    raise InputError(f"{path}: a value declared as {_name(declared)} cannot be read back")


def _read_tagged(declared: Any, data: Any, path: str) -> object:
    if data is None or type(data) in (bool, int, str):
        if _options(declared) and not any(_fits(option, data) for option in _options(declared)):
            raise _unreadable(path, declared)
        return data
    if not isinstance(data, dict) or set(data) != {_KIND, _VALUE}:
        raise _unreadable(path, declared)
    options = _options(declared)
    known: dict[str, Any] = {_tag(option): option for option in options}
    if not options:
        known = {_tag(kind): kind for kind in (*_SCALARS, *_KNOWN)}
        known |= {"tuple": tuple[object, ...], "mapping": Mapping[str, object]}
    if data[_KIND] not in known:
        raise _unreadable(path, declared)
    return _read(known[data[_KIND]], data[_VALUE], path)


# --- types


@dataclasses.dataclass(frozen=True, slots=True)
class _Scalar:
    write: Callable[[Any, str], Any]
    read: Callable[[Any], object]


def _exactly(kind: type) -> Callable[[Any], object]:
    def read(data: Any) -> object:
        if type(data) is not kind:
            raise TypeError
        return data

    return read


def _write_decimal(value: Decimal, path: str) -> str:
    if not value.is_finite():
        raise InputError(f"{path}: a number that is not finite cannot be saved")
    return str(value)


def _write_moment(value: datetime, path: str) -> str:
    if value.utcoffset() is None:
        raise InputError(f"{path}: a datetime without a time zone cannot be saved")
    return value.astimezone(UTC).isoformat()


def _read_moment(data: Any) -> datetime:
    moment = datetime.fromisoformat(data)
    if moment.utcoffset() is None:
        raise ValueError
    return moment


def _read_decimal(data: Any) -> Decimal:
    if type(data) is not str or not data.isascii() or "_" in data:
        raise TypeError
    value = Decimal(data)
    if not value.is_finite():
        raise ValueError
    return value


_SCALARS: dict[Any, _Scalar] = {
    type(None): _Scalar(lambda value, _path: value, _exactly(type(None))),
    bool: _Scalar(lambda value, _path: value, _exactly(bool)),
    int: _Scalar(lambda value, _path: value, _exactly(int)),
    str: _Scalar(lambda value, _path: value, _exactly(str)),
    Decimal: _Scalar(_write_decimal, _read_decimal),
    datetime: _Scalar(_write_moment, _read_moment),
    date: _Scalar(lambda value, _path: value.isoformat(), date.fromisoformat),
    timedelta: _Scalar(
        lambda value, _path: [value.days, value.seconds, value.microseconds], lambda data: timedelta(*data)
    ),
    Currency: _Scalar(lambda value, _path: value.code, Currency),
    Money: _Scalar(
        lambda value, path: [_write_decimal(value.amount, path), value.currency.code],
        lambda data: Money(_read_decimal(data[0]), data[1]),
    ),
}

_KNOWN: tuple[type, ...] = (Ref, ExternalId)
"""Dataclasses that may stand where a type says only ``object``."""


@cache
def _plain(declared: Any) -> Any:
    """*declared* without NewType, Annotated and Final around it."""
    while True:
        if hasattr(declared, "__supertype__"):
            declared = declared.__supertype__
        elif typing.get_origin(declared) in (typing.Annotated, typing.Final, typing.ClassVar):
            declared = typing.get_args(declared)[0]
        else:
            return declared


@cache
def _is_open(declared: Any) -> bool:
    """True where the type does not say what the value is: a union, ``object``, ``Any``."""
    return declared in (object, Any) or typing.get_origin(declared) in (typing.Union, types.UnionType)


@cache
def _options(declared: Any) -> tuple[Any, ...]:
    return tuple(_plain(option) for option in typing.get_args(declared))


def _fits(option: Any, value: object) -> bool:
    origin = typing.get_origin(option) or option
    if origin is typing.Literal:
        return value in typing.get_args(option)
    if isinstance(origin, type):
        if origin in _SCALARS:
            return type(value) is origin
        if origin in (Sequence, Iterable):
            return isinstance(value, tuple)
        return isinstance(value, origin)
    return False


@cache
def _tag(option: Any) -> str:
    origin = typing.get_origin(option) or option
    return {tuple: "tuple", Mapping: "mapping", dict: "mapping", frozenset: "set"}.get(origin, _name(origin))


def _name(declared: Any) -> str:
    return getattr(declared, "__name__", str(declared))


def _item_kinds(declared: Any, count: int, path: str) -> Sequence[Any]:
    """The declared type of each of *count* items."""
    parameters = typing.get_args(declared)
    if not parameters:
        return (object,) * count
    if typing.get_origin(declared) is not tuple or (len(parameters) == 2 and parameters[1] is Ellipsis):
        return (parameters[0],) * count
    if len(parameters) != count:
        raise InputError(f"{path}: a tuple of {len(parameters)} has {count} items")
    return parameters


@cache
def _fields_of(declared: Any) -> Mapping[str, Any]:
    hints = typing.get_type_hints(declared, include_extras=False)
    return types.MappingProxyType(
        {field.name: hints[field.name] for field in dataclasses.fields(declared) if field.init}
    )


@cache
def _needed_fields(declared: Any) -> frozenset[str]:
    """Fields without a default: a text that an earlier version saved may lack the others."""
    absent = dataclasses.MISSING
    return frozenset(
        field.name
        for field in dataclasses.fields(declared)
        if field.init and field.default is absent and field.default_factory is absent
    )


def _order(written: Any) -> str:
    return json.dumps(written, ensure_ascii=False, sort_keys=True)


def _misfit(path: str, declared: Any, value: object) -> InputError:
    return InputError(f"{path}: a {type(value).__name__} stands where {_name(declared)} is declared")


def _unreadable(path: str, declared: Any) -> InputError:
    return InputError(
        f"{path}: the saved text is no {_name(declared)}", advice="it was changed, or another version saved it"
    )
