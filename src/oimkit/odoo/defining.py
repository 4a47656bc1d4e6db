"""Properties given by name: made whole before they are written, with what the parent record defines.

A server empties every property that a write does not name and drops every name it does not know, without an error. So
values by name are put into the record's own ``Properties`` (on write) or into those of its parent (on create).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oimkit.errors import InputError
from oimkit.odoo.codec import UNSET, Definition, Field, Properties, Ref, Value

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["changed_properties", "new_properties"]


def changed_properties(odoo: Odoo, model: str, ids: Sequence[int], values: Mapping[str, Value]) -> Mapping[str, Value]:
    """*values* for a write to *ids*, with properties given by name made whole by what the records hold now.

    Another's change between this reading and the write is lost, as with any field that is written as a whole.

    Raises InputError when the records would come to hold different properties: they are then written one by one.
    """
    by_name = _by_name(odoo, model, values)
    if not by_name:
        return values
    whole = dict(values)
    rows = odoo.read(model, ids, [field.name for field in by_name])
    for field in by_name:
        made = [row[field.name].with_values(values[field.name]) for row in rows]
        if any(each != made[0] for each in made[1:]):
            raise InputError(
                f"{model}.{field.name}: {len(ids)} records hold different properties, one write would make them equal",
                advice="write these records one by one",
            )
        whole[field.name] = made[0]
    return whole


def new_properties(odoo: Odoo, model: str, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """*values* for a new record, with properties given by name made whole by what their parent record defines."""
    by_name = _by_name(odoo, model, values)
    if not by_name:
        return values
    return {**values, **{field.name: _new(odoo, model, field, values) for field in by_name}}


def _by_name(odoo: Odoo, model: str, values: Mapping[str, Value]) -> list[Field]:
    """The properties fields of *values* that are given as a plain mapping of name to value."""
    if not isinstance(values, Mapping):
        raise InputError(
            f"the values of {model} are a mapping of fields to values",
            advice="write {'field': value}; of a typed record give to_record()",
        )
    plain = [name for name, value in values.items() if isinstance(value, Mapping) and type(value) is not Properties]
    fields = [odoo.schema.field(model, name) for name in plain]
    return [field for field in fields if field.type == "properties"]


def _new(odoo: Odoo, model: str, field: Field, values: Mapping[str, Value]) -> Properties:
    parent = values.get(field.definition_record or "")
    identity = parent.id if type(parent) is Ref else parent
    if type(identity) is not int or not field.definition_record or not field.definition_field:
        raise InputError(
            f"{model}.{field.name} is defined by the record in {field.definition_record or 'another field'}, and the"
            " values do not name it",
            advice=f"give {field.definition_record or 'that record'} along, or write the properties afterwards",
        )
    owner = odoo.schema.field(model, field.definition_record).relation
    if not owner:
        raise InputError(f"{model}.{field.name}: the field {field.definition_record} points to no model")
    definitions: tuple[Definition, ...] = odoo.read(owner, [identity], [field.definition_field])[0][
        field.definition_field
    ]
    return Properties(definitions, {n: v for n, v in values[field.name].items() if v is not UNSET})
