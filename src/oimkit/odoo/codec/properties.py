"""Properties (17 and later): fields that a parent record defines, each with its own type and value.

A server takes a write of properties as the whole: what the write does not name is emptied, a name that is not defined
is dropped, and a key that a selection does not have becomes empty, all without an error (measured on 19). So a
``Properties`` is always whole, and refuses what its definitions do not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from oimkit.errors import InputError
from oimkit.odoo.codec.model import UNSET, Ref, Rounded, Value
from oimkit.odoo.codec.wire import Wire, double, unfit_for_the_wire

__all__ = ["Definition", "Properties", "Unreadable", "read_definitions", "read_properties", "write_definitions"]

_OWN = ("name", "type", "string", "selection", "tags", "comodel", "default")
_VALUELESS = ("separator",)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored value that does not fit its property's type; it is written back as it was."""

    wire: Wire = field(repr=False)


@dataclass(frozen=True, slots=True)
class Definition:
    """One property as its parent record defines it.

    name     the technical name, by which values are kept
    type     boolean, integer, float, monetary, char, text, html, date, datetime, selection, tags, many2one, many2many
             or separator, which has no value
    label    what people see
    options  (key, label) of a selection or of tags
    comodel  the model of a many2one or many2many, or None
    default  the wire value that new records get, or None
    more     what else the server keeps of the definition
    """

    name: str
    type: str
    label: str = ""
    options: tuple[tuple[str, str], ...] = ()
    comodel: str | None = None
    default: Wire = None
    more: Mapping[str, Wire] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.name or not self.type:
            raise InputError("a property has a name and a type")

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that a value of a selection or of tags may have."""
        return tuple(key for key, _ in self.options)


@dataclass(frozen=True, slots=True)
class Properties(Mapping[str, Value]):
    """The properties of one record: a mapping of every defined name to its value, None where there is none.

    >>> size = Definition("a1", "selection", "Size", (("s", "Small"), ("l", "Large")))
    >>> Properties((size,)).with_values(a1="l")["a1"]
    'l'
    """

    definitions: tuple[Definition, ...] = ()
    values_by_name: Mapping[str, Value] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        known = {definition.name: definition for definition in self.definitions}
        checked: dict[str, Value] = {}
        for name, value in self.values_by_name.items():
            if name not in known:
                raise InputError(
                    f"there is no property {name[:40]!r} here",
                    advice=f"these are defined: {', '.join(known) or 'none'}",
                )
            if value is not None and value is not UNSET:
                checked[name] = value if type(value) is Unreadable else _checked(known[name], value)
        object.__setattr__(self, "values_by_name", MappingProxyType(checked))

    def __getitem__(self, name: str) -> Value:
        if not any(definition.name == name for definition in self.definitions):
            raise KeyError(name)
        return self.values_by_name.get(name)

    def __iter__(self) -> Iterator[str]:
        return (definition.name for definition in self.definitions if definition.type not in _VALUELESS)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __hash__(self) -> int:
        return hash(self.definitions)

    def labelled(self, label: str) -> Definition:
        """The one definition that people see under *label*; InputError when there is none, or more than one."""
        found = [definition for definition in self.definitions if definition.label == label]
        if len(found) != 1:
            raise InputError(
                f"{len(found)} properties have the label {label[:40]!r}", advice="use the technical name of one"
            )
        return found[0]

    def with_values(self, values: Mapping[str, Value] | None = None, /, **named: Value) -> Properties:
        """The same with these values: None empties one, UNSET and what is not named stay as they are."""
        changes = {name: value for name, value in {**(values or {}), **named}.items() if value is not UNSET}
        return replace(self, values_by_name={**self.values_by_name, **changes})

    def wire(self) -> dict[str, Wire]:
        """Every value by name, as a server takes it for the whole."""
        known = {definition.name: definition for definition in self.definitions}
        return {name: _written(known[name], value) for name, value in self.values_by_name.items()}


# --- reading


def read_properties(told: Any) -> Properties:
    """The properties in the list that a server gives; ValueError or TypeError when it is none."""
    definitions, values = [], {}
    for entry in told:
        definition = _definition(entry)
        definitions.append(definition)
        value = entry.get("value")
        if value is not None and (value is not False or definition.type == "boolean"):
            values[definition.name] = _read(definition, value)
    return Properties(tuple(definitions), values)


def read_definitions(told: Any) -> tuple[Definition, ...]:
    """The definitions that a parent record holds."""
    return tuple(_definition(entry) for entry in told)


def _definition(entry: Mapping[str, Any]) -> Definition:
    options = entry.get("selection") or entry.get("tags") or ()
    return Definition(
        name=entry["name"],
        type=entry["type"],
        label=entry.get("string") or "",
        options=tuple((str(option[0]), str(option[1])) for option in options),
        comodel=entry.get("comodel") or None,
        default=entry.get("default"),
        more=MappingProxyType(
            {
                **{key: value for key, value in entry.items() if key not in (*_OWN, "value")},
                **({"tags": entry["tags"]} if entry.get("tags") else {}),  # they have a colour, too
            }
        ),
    )


def _read(definition: Definition, value: Any) -> Value:
    """*value* by the property's type; Unreadable where another client has stored one that does not fit."""
    try:
        match definition.type:
            case "date":
                return date.fromisoformat(value)
            case "datetime":
                return datetime.fromisoformat(value).replace(tzinfo=UTC)
            case "many2one":
                return _ref(value)
            case "many2many":
                return tuple(_ref(item) for item in value)
            case "tags":
                read: Value = tuple(value)
            case "float" | "monetary" if type(value) is int:
                read = Decimal(value)
            case _:
                read = value
        return _checked(definition, read)
    except (InputError, ValueError, TypeError, IndexError):
        return Unreadable(value)


def _ref(value: Any) -> Ref:
    identity, name = (value, None) if type(value) is int else value
    if type(identity) is not int:
        raise TypeError
    return Ref(identity, name or None)


# --- writing


def _checked(definition: Definition, value: Value) -> Value:
    """*value* when it fits; InputError names the property and what it takes, never the value."""
    fits = _FITS.get(definition.type)
    if fits is None:
        if definition.type in _VALUELESS:
            raise InputError(f"the property {definition.name} separates others, it has no value")
        return value  # of a type that came after this was written: as it is
    if type(value) is Rounded and definition.type in ("float", "monetary"):
        return value.value
    if type(value) not in fits:
        wanted = " or ".join(kind.__name__ for kind in fits)
        raise InputError(f"the property {definition.name} takes {wanted}, not a {type(value).__name__}")
    if type(value) is datetime and (value.utcoffset() is None or value.microsecond):
        raise InputError(f"the property {definition.name} takes a datetime with a time zone and in whole seconds")
    if type(value) is str and unfit_for_the_wire(value):
        raise InputError(f"the property {definition.name} holds a control character or a half of a character pair")
    if type(value) is Decimal:
        double(value)
    chosen: tuple[Any, ...] = ()
    if definition.type == "selection":
        chosen = (value,)
    elif definition.type == "tags":
        chosen = value
    if any(key not in definition.keys for key in chosen):
        raise InputError(
            f"the property {definition.name} has no such key", advice=f"it has {', '.join(definition.keys) or 'none'}"
        )
    if definition.type == "many2many":
        return tuple(item if type(item) is Ref else _link(definition, item) for item in value)
    return _link(definition, value) if definition.type == "many2one" and type(value) is int else value


def _link(definition: Definition, value: Any) -> Ref:
    if type(value) is not int or value < 1:
        raise InputError(f"the property {definition.name} takes a Ref or an id")
    return Ref(value)


_FITS: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "float": (Decimal,),
    "monetary": (Decimal,),
    "char": (str,),
    "text": (str,),
    "html": (str,),
    "date": (date,),
    "datetime": (datetime,),
    "selection": (str,),
    "tags": (tuple,),
    "many2one": (Ref, int),
    "many2many": (tuple,),
}


def _written(definition: Definition, value: Value) -> Wire:
    match value:
        case Unreadable():
            return value.wire
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
        case date():
            return value.isoformat()
        case Ref():
            return value.id
        case tuple():
            return [item.id if type(item) is Ref else item for item in value]
    return value


def write_definitions(definitions: Sequence[Definition]) -> list[dict[str, Wire]]:
    """*definitions* as the parent record takes them."""
    return [_definition_wire(definition) for definition in definitions]


def _definition_wire(definition: Definition) -> dict[str, Wire]:
    entry: dict[str, Wire] = {"name": definition.name, "type": definition.type, "string": definition.label}
    if definition.type == "selection":
        entry["selection"] = [list(option) for option in definition.options]
    if definition.type == "tags" and "tags" not in definition.more:
        entry["tags"] = [[key, label, 0] for key, label in definition.options]
    if definition.comodel:
        entry["comodel"] = definition.comodel
    if definition.default is not None:
        entry["default"] = definition.default
    return {**entry, **definition.more}
