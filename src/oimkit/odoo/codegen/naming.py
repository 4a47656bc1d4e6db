"""Python names for models and fields: plain ones as they are, the others altered in one way only."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

__all__ = ["RESERVED", "attribute_names", "class_names", "module_names"]

_PLAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*", re.ASCII)
_OTHER = re.compile(r"[^a-zA-Z0-9_]")

RESERVED = frozenset(
    {
        # what pydantic's BaseModel has; its names beginning with model_ are fields of Odoo only by accident
        *("construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema"),
        *("schema_json", "update_forward_refs", "validate", "model_computed_fields", "model_config"),
        *("model_construct", "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields"),
        *("model_fields_set", "model_json_schema", "model_parametrized_name", "model_post_init", "model_rebuild"),
        *("model_validate", "model_validate_json", "model_validate_strings"),
        # what Model adds
        *("check_model", "fields_read", "from_record", "from_records", "odoo_model", "server_names", "to_record"),
        # what annotations are written with
        *("bool", "bytes", "int", "str", "tuple", "unread"),
        *("Any", "AwareDatetime", "Date", "Decimal", "Definition", "Literal", "Model", "Properties", "RecordRef"),
        "Ref",
    }
)
"""Attributes that no field may have in a class; such a field gets an underscore behind its name."""


def attribute_names(fields: Iterable[str]) -> dict[str, str]:
    """The attribute of each field of one model; the same fields give the same attributes in any order.

    >>> attribute_names(["name", "class", "__last_update", "copy"])
    {'name': 'name', '__last_update': 'last_update', 'class': 'class_', 'copy': 'copy_'}
    """
    names = sorted(set(fields))
    attributes = {name: name for name in names if _is_free(name)}
    taken = set(attributes)
    for name in names:
        if name not in attributes:
            attributes[name] = _new_name(_OTHER.sub("_", name).strip("_") or "field", "_", taken)
    return attributes


def class_names(models: Iterable[str]) -> dict[str, str]:
    """The class of each model: ``ResPartner`` for ``res.partner``."""
    taken: set[str] = set()
    return {name: _new_name(_camel(name), "2", taken) for name in sorted(set(models))}


def module_names(models: Iterable[str]) -> dict[str, str]:
    """The module of each model: ``res_partner`` for ``res.partner``."""
    taken: set[str] = set()
    plain = {name: _OTHER.sub("_", name).strip("_").lower() or "model" for name in models}
    return {name: _new_name(plain[name], "_2", taken) for name in sorted(plain)}


def _camel(model: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in _OTHER.sub("_", model).split("_")) or "Record"


def _is_free(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name)) and not keyword.iskeyword(name) and name not in RESERVED


def _new_name(base: str, behind: str, taken: set[str]) -> str:
    """*base*, with a letter before a digit, and *behind* it until nobody else has it."""
    name = f"f_{base}" if base[0].isdigit() else base
    if not _is_free(name):
        name += "_"
    while name in taken:
        name += behind
    taken.add(name)
    return name
