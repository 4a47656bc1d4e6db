"""The field tables of one server version, as they were taken from a real server (profiles/*.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from oimkit.sandbox.additions import ADDITIONS

__all__ = ["VERSIONS", "Field", "Profile", "load_profile"]

VERSIONS = (14, 19)


@dataclass(frozen=True, slots=True)
class Field:
    """One field as ``fields_get`` tells it; ``selection`` holds the stored keys, ``digits`` (total, decimals)."""

    name: str
    type: str
    relation: str | None = None
    relation_field: str | None = None
    digits: tuple[int, int] | None = None
    currency_field: str | None = None
    selection: tuple[str, ...] | None = None
    required: bool = False
    readonly: bool = False
    store: bool = True
    searchable: bool = True

    @property
    def is_x2many(self) -> bool:
        return self.type in ("one2many", "many2many")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a server of one version has: models, their fields, and the modules they come from."""

    version: int
    server_version: str
    modules: tuple[str, ...]
    models: Mapping[str, Mapping[str, Field]]


def load_profile(version: int) -> Profile:
    """The profile of *version* (one of VERSIONS) from the package's own data."""
    text = resources.files("oimkit.sandbox").joinpath("profiles", f"{version}.json").read_text(encoding="utf-8")
    table = json.loads(text)
    models = {name: fields for name, fields in table["models"].items() if fields is not None}
    for name, fields in ADDITIONS[version].items():
        models.setdefault(name, {**ALWAYS, **fields})
    return Profile(
        version=version,
        server_version=table["server_version"],
        modules=tuple(table["modules"]),
        models=MappingProxyType({name: _fields(fields) for name, fields in models.items()}),
    )


ALWAYS: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": "integer", "readonly": True},
    "display_name": {"type": "char", "readonly": True, "store": False},
    "create_date": {"type": "datetime", "readonly": True},
    "create_uid": {"type": "many2one", "relation": "res.users", "readonly": True},
    "write_date": {"type": "datetime", "readonly": True},
    "write_uid": {"type": "many2one", "relation": "res.users", "readonly": True},
}


def _fields(table: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Field]:
    return MappingProxyType({name: _field(name, entry) for name, entry in table.items()})


def _field(name: str, entry: Mapping[str, Any]) -> Field:
    digits, selection = entry.get("digits"), entry.get("selection")
    return Field(
        name=name,
        type=entry["type"],
        relation=entry.get("relation"),
        relation_field=entry.get("relation_field"),
        digits=(digits[0], digits[1]) if digits else None,
        currency_field=entry.get("currency_field"),
        selection=tuple(str(key) for key in selection) if selection is not None else None,
        required=bool(entry.get("required")),
        readonly=bool(entry.get("readonly")),
        store=entry.get("store", True),
        searchable=entry.get("searchable", True),
    )
