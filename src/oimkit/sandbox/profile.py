"""The field tables of each server version: 14 and 19 as taken from real servers, 15 to 18 derived from those two.

``profiles/14.json`` and ``profiles/19.json`` are written by ``scripts/take_field_tables.py`` from running servers.
``profiles/lifetimes.json`` says since or until when the models and fields are there that only one of the two has. A
derived version holds what both real ones have, and what the lifetimes say it has; a field that only one real server
has and of which no lifetime is known is left out, so that nobody leans on a guess without seeing it refused.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from oimkit.sandbox.changes import CHANGES

__all__ = ["VERSIONS", "Field", "Profile", "Provenance", "load_profile", "words_of"]

VERSIONS = (14, 15, 16, 17, 18, 19)
_OLDER, _NEWER = 14, 19
# From this version on a field of differing definitions is taken as 19.0 has it, unless its lifetime names another.
_NEWER_SINCE = 17

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field as ``fields_get`` tells it.

    string      its title in English
    selection   the stored keys; ``labels`` their titles, in the same order
    digits      (total, decimals)
    provenance  see Profile
    """

    name: str
    type: str
    string: str = ""
    relation: str | None = None
    relation_field: str | None = None
    digits: tuple[int, int] | None = None
    currency_field: str | None = None
    selection: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    required: bool = False
    readonly: bool = False
    store: bool = True
    searchable: bool = True
    model_field: str | None = None
    definition_record: str | None = None
    definition_record_field: str | None = None
    provenance: str = ""

    @property
    def is_x2many(self) -> bool:
        return self.type in ("one2many", "many2many")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a profile comes from.

    kind      "taken" from a real server of that very version, or "derived" from other versions
    servers   the server versions that were asked
    method    how, in one sentence
    """

    kind: Literal["taken", "derived"]
    servers: tuple[str, ...]
    method: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a server of one version has: models, their fields, and the modules they come from.

    ``provenance`` tells where the whole comes from, ``Field.provenance`` where one field does: ``taken``, ``both``
    (in 14.0 and in 19.0), ``map`` (the upgrade analyses say so) or ``assumed`` (nobody has checked).
    """

    version: int
    server_version: str
    modules: tuple[str, ...]
    models: Mapping[str, Mapping[str, Field]]
    provenance: Provenance

    def has(self, change: str) -> bool:
        """Whether this version behaves the new way in what ``changes.CHANGES`` calls *change*."""
        return CHANGES[change].since <= self.version


@functools.cache
def load_profile(version: int) -> Profile:
    """The profile of *version* (one of VERSIONS) from the package's own data."""
    if version in (_OLDER, _NEWER):
        return _taken(version)
    return _derived(version)


def _taken(version: int) -> Profile:
    table = _data(str(version))
    models = {name: fields for name, fields in table["models"].items() if fields is not None}
    return Profile(
        version=version,
        server_version=table["server_version"],
        modules=tuple(table["modules"]),
        models=MappingProxyType(
            {
                name: MappingProxyType({field: _field(field, entry, "taken") for field, entry in fields.items()})
                for name, fields in models.items()
            }
        ),
        provenance=Provenance(
            "taken",
            (table["server_version"],),
            "fields_get of a running community server, asked by scripts/take_field_tables.py",
        ),
    )


def _derived(version: int) -> Profile:
    older, newer, lifetimes = _data(str(_OLDER)), _data(str(_NEWER)), _data("lifetimes")
    models: dict[str, Mapping[str, Field]] = {}
    for name in sorted({*older["models"], *newer["models"]}):
        old, new = older["models"].get(name), newer["models"].get(name)
        if old is not None and new is not None:
            models[name] = _merged(version, old, new, lifetimes["fields"].get(name, {}))
        elif (life := lifetimes["models"].get(name)) is not None and _lives(life, version):
            table = old if old is not None else new
            models[name] = MappingProxyType({key: _field(key, table[key], life["source"]) for key in table})
    return Profile(
        version=version,
        server_version=f"{version}.0",
        modules=tuple(sorted({*older["modules"]} & {*newer["modules"]})),
        models=MappingProxyType(models),
        provenance=Provenance(
            "derived",
            (older["server_version"], newer["server_version"]),
            "what both real servers have, and of the rest what profiles/lifetimes.json says this version has",
        ),
    )


def _merged(
    version: int, old: Mapping[str, Entry], new: Mapping[str, Entry], lifetimes: Mapping[str, Entry]
) -> Mapping[str, Field]:
    found: dict[str, Field] = {}
    for name in sorted({*old, *new}):
        life = lifetimes.get(name, {})
        if name in old and name in new:
            entry = new[name] if version >= life.get("changed", _NEWER_SINCE) else old[name]
            source = "both" if old[name] == new[name] else life.get("source", "assumed")
            found[name] = _field(name, entry, source)
        elif life and _lives(life, version):
            found[name] = _field(name, old[name] if name in old else new[name], life["source"])
    return MappingProxyType(found)


def _lives(life: Entry, version: int) -> bool:
    return bool(life.get("since", _OLDER) <= version <= life.get("until", _NEWER))


def words_of(name: str) -> str:
    """A title made from a field's technical name: ``parent_id`` is Parent."""
    return name.removesuffix("_ids").removesuffix("_id").replace("_", " ").strip().title()


def _data(name: str) -> dict[str, Any]:
    text = resources.files("oimkit.sandbox").joinpath("profiles", f"{name}.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def _field(name: str, entry: Entry, provenance: str) -> Field:
    digits, selection, labels = entry.get("digits"), entry.get("selection"), entry.get("labels")
    return Field(
        name=name,
        type=entry["type"],
        string=entry.get("string") or words_of(name),
        relation=entry.get("relation"),
        relation_field=entry.get("relation_field"),
        digits=(digits[0], digits[1]) if digits else None,
        currency_field=entry.get("currency_field"),
        selection=tuple(str(key) for key in selection) if selection is not None else None,
        labels=tuple(str(label) for label in labels) if labels is not None else None,
        required=bool(entry.get("required")),
        readonly=bool(entry.get("readonly")),
        store=entry.get("store", True),
        searchable=entry.get("searchable", True),
        model_field=entry.get("model_field"),
        definition_record=entry.get("definition_record"),
        definition_record_field=entry.get("definition_record_field"),
        provenance=provenance,
    )
