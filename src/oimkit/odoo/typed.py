"""Records as classes: a field that was read has its type, one that was not read is told apart from an empty one.

A class stands for a model (``odoo_model``) and has one attribute a field; ``oimkit models generate`` writes such
classes from a server, and a small one is quickly written by hand:

>>> class Partner(Model):
...     odoo_model = "res.partner"
...     name: str
...     phone: str | None
...     country_id: Ref | None
>>> harbour = Partner.from_record({"id": 7, "name": "Harbour", "phone": None})
>>> harbour.name, harbour.phone
('Harbour', None)
>>> harbour.country_id
Traceback (most recent call last):
oimkit.errors.FieldNotRead: res.partner 7: the field country_id was not read; name it among the fields to read

What is read is checked by columns: each value must have exactly the type that the class promises (codec.py has the
table), and a selection must be one of its Literals. Records cannot be changed; ``odoo.write`` takes new values.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeVar, Union

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.errors import PydanticUndefinedAnnotation

from oimkit.errors import FieldNotRead, InputError
from oimkit.odoo.codec import Definition, Properties, Record, RecordRef, Ref, Value

__all__ = ["AwareDatetime", "Definition", "M", "Model", "Properties", "RecordRef", "Ref", "unread"]

M = TypeVar("M", bound="Model")
"""A class of records."""


class _Unread:
    """The value of a field that was not given, until it is taken out."""

    __slots__ = ()


_UNREAD = _Unread()


def unread(name: str | None = None) -> Any:
    """The default of a field: not read. *name* is the server's name where the attribute has another."""
    return Field(default_factory=lambda: _UNREAD, validation_alias=name, serialization_alias=name)


class Model(BaseModel):
    """A record of ``odoo_model``, with the fields that were read; equal when class, id and read values are equal."""

    model_config = ConfigDict(
        strict=True,  # a float is no Decimal, a text no number
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        protected_namespaces=(),  # Odoo's models have fields such as model_id
        defer_build=True,  # a package of 30 models is imported at once, and few of them are built by hand
        hide_input_in_errors=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    odoo_model: ClassVar[str] = ""
    _own_layout: ClassVar[Any] = None

    id: int

    @classmethod
    def from_record(cls, record: Mapping[str, Value]) -> Self:
        """The record that was read as *record*, which stays as it is; raises as ``from_records``."""
        (made,) = cls.from_records([dict(record)])
        return made

    @classmethod
    def from_records(cls, records: Sequence[Record]) -> list[Self]:
        """Records that were read with the same fields, in their order; the dicts become the instances.

        Raises:
            InputError: the class has no such field, a field holds a value of another type than the class says, or a
                selection is none of its Literals; names the model, the record and the field, never the value.
        """
        if not records:
            return []
        names = _columns_of(cls, records)
        for server_name, name, check in names:
            if check is not None or server_name != name:
                _check_column(cls, records, server_name, name, check)
        read = {name for _, name, _ in names}
        make, put = cls.__new__, object.__setattr__
        made = []
        for record in records:
            instance = make(cls)
            put(instance, "__dict__", record)
            put(instance, "__pydantic_fields_set__", read)
            put(instance, "__pydantic_extra__", None)
            put(instance, "__pydantic_private__", None)
            made.append(instance)
        return made

    @classmethod
    def check_model(cls, model: str) -> None:
        """InputError when the class stands for another model than *model*."""
        if cls.odoo_model != model:
            raise InputError(
                f"the class {cls.__name__} is of {cls.odoo_model or 'no model'}, not of {model}",
                advice="pass the class of the model that is read",
            )

    @classmethod
    def server_names(cls) -> tuple[str, ...]:
        """The fields of the class as the server calls them, ``id`` left out: what a small class needs to be read."""
        return tuple(name for name in _layout(cls).names if name != "id")

    def to_record(self) -> Record:
        """What was read, by the server's names, as ``read`` gives it; what was not read is left out."""
        aliases = _layout(type(self)).aliases
        return {aliases.get(name, name): value for name, value in self.__dict__.items()}

    @property
    def fields_read(self) -> frozenset[str]:
        """The attributes that hold a value."""
        return frozenset(self.__dict__)

    def model_post_init(self, _context: Any, /) -> None:
        for name in [name for name, value in self.__dict__.items() if value is _UNREAD]:
            del self.__dict__[name]

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [("id", self.__dict__.get("id"))]  # texts of a record may be a person's

    if not TYPE_CHECKING:  # for mypy there are the fields alone

        def __getattr__(self, name: str) -> Any:
            cls = type(self)
            if name in cls.model_fields:
                raise FieldNotRead(
                    f"{cls.odoo_model or cls.__name__} {self.__dict__.get('id')}: the field {name} was not read",
                    advice="name it among the fields to read",
                )
            return super().__getattr__(name)


# --- what a class promises


Check = Callable[[list[Any]], "list[Any] | None"]
"""Values of a column as the class wants them, or None when they are so already; raises _Misfit for the first other."""


class _Misfit(Exception):
    """The row, and whether its value is merely a selection that the class does not know."""

    def __init__(self, row: int, unknown: bool = False) -> None:
        self.row = row
        self.unknown = unknown


@dataclass(frozen=True, slots=True)
class _Layout:
    """The fields of a class: attribute by server's name, server's name by attribute where they differ, checks."""

    names: Mapping[str, str]
    aliases: Mapping[str, str]
    checks: dict[str, Check | None]


def _layout(cls: type[Model]) -> _Layout:
    """The layout of *cls* itself, made once."""
    known: _Layout | None = cls.__dict__.get("_own_layout")
    if known is None:
        known = _read_layout(cls)
        type.__setattr__(cls, "_own_layout", known)
    return known


def _read_layout(cls: type[Model]) -> _Layout:
    decorators = cls.__pydantic_decorators__
    if decorators.field_validators or decorators.model_validators or decorators.root_validators:
        raise InputError(
            f"the class {cls.__name__} has validators, which reading does not run",
            advice="give the field an Annotated type with the validator",
        )
    _resolve(cls)
    names: dict[str, str] = {}
    for name, info in cls.model_fields.items():
        alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
        names[alias or name] = name
    return _Layout(names, {name: alias for alias, name in names.items() if alias != name}, {})


def _resolve(cls: type[Model]) -> None:
    """See that the annotations of *cls* are types, not names of types that came later."""
    if all(not isinstance(info.annotation, (str, typing.ForwardRef)) for info in cls.model_fields.values()):
        return
    try:
        cls.model_rebuild()
    except PydanticUndefinedAnnotation as error:
        raise InputError(
            f"the class {cls.__name__} names a type that is not known where it stands ({error.name})",
            advice="define the class at the top of a module, after its types",
        ) from None


def _columns_of(cls: type[Model], records: Sequence[Record]) -> list[tuple[str, str, Check | None]]:
    """Server's name, attribute and check of each field of the records; InputError for one that the class lacks."""
    layout = _layout(cls)
    width = len(records[0])
    if any(len(record) != width for record in records):
        raise InputError(f"records of {cls.odoo_model} with different fields cannot be taken over together")
    columns = []
    for server_name in records[0]:
        name = layout.names.get(server_name)
        if name is None:
            raise InputError(
                f"the class {cls.__name__} has no field {server_name}",
                advice="leave it out, or generate the models again (oimkit models generate)",
            )
        if name not in layout.checks:
            layout.checks[name] = _check_of(cls, name)
        columns.append((server_name, name, layout.checks[name]))
    if "id" not in records[0]:
        raise InputError(f"a record of {cls.odoo_model} without its id cannot be taken over")
    return columns


def _check_column(
    cls: type[Model], records: Sequence[Record], server_name: str, name: str, check: Check | None
) -> None:
    try:
        values = [record[server_name] for record in records]
        converted = check(values) if check is not None else None
    except KeyError:
        raise InputError(f"records of {cls.odoo_model} with different fields cannot be taken over together") from None
    except _Misfit as misfit:
        raise _refusal(cls, server_name, records[misfit.row].get("id"), unknown=misfit.unknown) from None
    if server_name != name:
        for record in records:
            record[name] = record.pop(server_name)
    if converted is not None:
        for record, value in zip(records, converted, strict=True):
            record[name] = value


def _refusal(cls: type[Model], name: str, identity: object, *, unknown: bool) -> InputError:
    said = "is a selection that the class does not know" if unknown else "is not of the type that the class says"
    return InputError(
        f"{cls.odoo_model} {identity}: the value of the field {name} {said} ({cls.__name__})",
        advice="the server has changed: see what with oimkit models generate --check, and generate the models again",
    )


# --- checks by the annotation of a field


_PLAIN = (bool, int, str, bytes, Decimal, date, datetime, Ref, RecordRef, Properties, list, dict, types.NoneType)
_TUPLES = {tuple[int, ...]: int, tuple[Definition, ...]: Definition}


def _check_of(cls: type[Model], name: str) -> Check | None:
    info = cls.model_fields[name]
    parts = _parts(info.annotation)
    if info.metadata or not all(_is_known(part) for part in parts):
        return _adapted(Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation)
    if Any in parts:
        return None
    literals = frozenset(chain.from_iterable(typing.get_args(part) for part in parts if _is_literal(part)))
    others = frozenset(datetime if part is AwareDatetime else part for part in parts if not _is_literal(part))
    if literals:
        return _selection(literals, others)
    if others & _TUPLES.keys():
        return _tuples(others)
    return _typed(others, aware=AwareDatetime in parts)


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the annotation alone."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return tuple(chain.from_iterable(_parts(part) for part in typing.get_args(annotation)))
    return (annotation,)


def _is_literal(part: Any) -> bool:
    return typing.get_origin(part) is Literal


def _is_known(part: Any) -> bool:
    return part is Any or part is AwareDatetime or part in _PLAIN or _is_literal(part) or part in _TUPLES


def _typed(allowed: frozenset[Any], *, aware: bool) -> Check:
    def check(values: list[Any]) -> None:
        if not allowed.issuperset(map(type, values)):
            raise _Misfit(next(row for row, value in enumerate(values) if type(value) not in allowed))
        if aware:
            for row, value in enumerate(values):
                if value is not None and value.tzinfo is None:
                    raise _Misfit(row)

    return check


def _selection(literals: frozenset[Any], others: frozenset[Any]) -> Check:
    known = {(type(literal), literal) for literal in literals}
    exact = frozenset(type(literal) for literal in literals) | others

    def check(values: list[Any]) -> None:
        if not exact.issuperset(map(type, values)):
            raise _Misfit(next(row for row, value in enumerate(values) if type(value) not in exact))
        strangers = {value for value in set(values) if type(value) not in others and (type(value), value) not in known}
        if strangers:
            raise _Misfit(next(row for row, value in enumerate(values) if value in strangers), unknown=True)

    return check


def _tuples(others: frozenset[Any]) -> Check:
    allowed = frozenset(tuple if part in _TUPLES else part for part in others)
    inner = {_TUPLES[part] for part in others if part in _TUPLES}

    def check(values: list[Any]) -> None:
        if not allowed.issuperset(map(type, values)):
            raise _Misfit(next(row for row, value in enumerate(values) if type(value) not in allowed))
        if not inner.issuperset(map(type, chain.from_iterable(value for value in values if type(value) is tuple))):
            raise _Misfit(
                next(
                    row
                    for row, value in enumerate(values)
                    if type(value) is tuple and not inner.issuperset(map(type, value))
                )
            )

    return check


def _adapted(annotation: Any) -> Check:
    """A type that is not of the table (an enumeration, a value class of one's own): pydantic reads it."""
    adapter: TypeAdapter[list[Any]] = TypeAdapter(list[annotation])

    def check(values: list[Any]) -> list[Any]:
        try:
            return adapter.validate_python(values)
        except ValidationError as error:
            place = error.errors(include_input=False, include_context=False, include_url=False)[0]["loc"]
            raise _Misfit(int(place[0]) if place else 0) from None

    return check
