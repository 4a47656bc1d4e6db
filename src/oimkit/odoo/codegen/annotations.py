"""The Python type of a field, as source: what the codec gives for it, and whether it may be empty."""

from __future__ import annotations

from dataclasses import dataclass

from oimkit.odoo.codegen.survey import FieldFacts
from oimkit.odoo.codegen.texts import literal

__all__ = ["Annotation", "annotation_of"]

_NAMES = {
    "boolean": "bool",
    "integer": "int",
    "float": "Decimal",
    "monetary": "Decimal",
    "date": "Date",
    "datetime": "AwareDatetime",
    "many2one": "Ref",
    "one2many": "tuple[int, ...]",
    "many2many": "tuple[int, ...]",
    "char": "str",
    "text": "str",
    "html": "str",
    "selection": "str",
    "reference": "RecordRef",
    "many2one_reference": "RecordRef",
    "binary": "bytes",
    "properties": "Properties",
    "properties_definition": "tuple[Definition, ...]",
}
"""By type in ``fields_get``; what is not here (json, types to come) may hold anything."""

_NEVER_EMPTY = frozenset(
    {
        *("boolean", "integer", "float", "monetary", "one2many", "many2many"),
        *("properties", "properties_definition"),
    }
)
"""Types for which a server sends a value always: 0 and no links are values."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """The members of a union; ``uses`` are the names that a module must import for them."""

    parts: tuple[str, ...]
    values: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()


def annotation_of(field: FieldFacts) -> Annotation:
    """The type of *field*: of a required one a value, of another one a value or None.

    A binary field that is not stored may hold what a screen is drawn from (``account.move.tax_totals``): anything.
    """
    name = "Any" if field.type == "binary" and not field.stored else _NAMES.get(field.type, "Any")
    if name == "Any":
        return Annotation(("Any",), uses=frozenset({"Any"}))
    empty = () if field.required or field.type in _NEVER_EMPTY else ("None",)
    if field.selection is not None:
        return Annotation(empty, tuple(literal(value) for value in field.selection), frozenset({"Literal"}))
    return Annotation((name, *empty), uses=frozenset({name}) - _BUILT_IN | _INSIDE.get(name, frozenset()))


_BUILT_IN = frozenset({"bool", "int", "str", "bytes", "tuple[int, ...]", "tuple[Definition, ...]"})
_INSIDE = {"tuple[Definition, ...]": frozenset({"Definition"})}
