"""Properties (17 and later): values by name, shown with the definitions of a parent record.

As measured on 19: a write is the whole (a name that it leaves out is emptied), an unknown name is dropped, a key that a
selection does not have and a record that is not there become False; new records get the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.profile import Field
from oimkit.sandbox.store import Row

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["fields_of", "kept", "shown", "with_defaults"]

_FIELDS: dict[tuple[int, str], tuple[Field, ...]] = {}


def fields_of(model: Model) -> tuple[Field, ...]:
    """The fields of *model* that are properties."""
    name = (model.env.version, model.name)
    known = _FIELDS.get(name)
    if known is None:
        known = _FIELDS[name] = tuple(field for field in model.fields.values() if field.type == "properties")
    return known


def definitions(model: Model, row: Row, field: Field) -> list[Mapping[str, Any]]:
    """What the parent of *row* defines for *field*."""
    link = model.fields.get(field.definition_record or "")
    parent = row.get(field.definition_record or "")
    if link is None or not parent or not link.relation or link.relation not in model.env.profile.models:
        return []
    owner = model.env[link.relation].table.rows.get(parent) or {}
    return list(owner.get(field.definition_record_field or "") or [])


def kept(model: Model, row: Row, field: Field, value: Any) -> dict[str, Any]:
    """*value* of a write, a mapping or a list of definitions with values, as it is kept."""
    if isinstance(value, list):
        given = {entry["name"]: entry["value"] for entry in value if "value" in entry}
    else:
        given = dict(value or {})
    known = {definition["name"]: definition for definition in definitions(model, row, field)}
    return {name: _fitting(model, known[name], item) for name, item in given.items() if name in known}


def with_defaults(model: Model, row: Row, field: Field) -> dict[str, Any]:
    """What a new record keeps."""
    own = row.get(field.name) or {}
    defaults = {each["name"]: each["default"] for each in definitions(model, row, field) if each.get("default")}
    return {**defaults, **own}


def shown(model: Model, row: Row, field: Field) -> list[dict[str, Any]]:
    """The definitions, each with its value where there is one."""
    own = row.get(field.name) or {}
    return [
        {**each, "value": _named(model, each, own[each["name"]])} if each["name"] in own else dict(each)
        for each in definitions(model, row, field)
    ]


def _fitting(model: Model, definition: Mapping[str, Any], value: Any) -> Any:
    kind = definition["type"]
    if kind == "selection":
        return value if value in [option[0] for option in definition.get("selection") or ()] else False
    if kind == "tags":
        return [tag for tag in value or () if tag in [option[0] for option in definition.get("tags") or ()]]
    if kind in ("many2one", "many2many") and definition.get("comodel") in model.env.profile.models:
        there = model.env[definition["comodel"]].table.rows
        if kind == "many2many":
            return [_id(item) for item in value or () if _id(item) in there]
        return _id(value) if _id(value) in there else False
    return value


def _id(value: Any) -> int:
    return int((value[0] if isinstance(value, list) and value else value) or 0)


def _named(model: Model, definition: Mapping[str, Any], value: Any) -> Any:
    if definition["type"] not in ("many2one", "many2many") or not value:
        return value
    comodel = model.env[definition["comodel"]].elevated()
    if definition["type"] == "many2many":
        return [[item, comodel.name_by_id(item)] for item in value]
    return [value, comodel.name_by_id(value)]
