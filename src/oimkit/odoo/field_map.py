"""Names that do not change for fields that do: resolved on the server that is there, compared with the one to come.

>>> [(one.entry.name, one.was, one.will_be) for one in breaks(15, 16) if one.entry.model == "crm.lead"]
[('lost_reason', 'lost_reason', 'lost_reason_id')]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from oimkit.errors import InputError
from oimkit.odoo.schema import Schema
from oimkit.odoo.version_map import NEWEST, OLDEST, VERSION_MAP, Entry, Kind

__all__ = ["Break", "BreakKind", "Found", "breaks", "found_on", "has", "name_of", "names_of"]

_FIELDS: Mapping[tuple[str, str], Entry] = {
    (entry.model, entry.name): entry for entry in VERSION_MAP if entry.kind is Kind.FIELD
}


def name_of(schema: Schema, model: str, name: str) -> str | None:
    """What this server calls the field *name* of *model*, or None when it has no such field.

    The first spelling that ``fields_get`` tells of wins; the version's number is not asked.

    Raises InputError when the map has no such entry.
    """
    entry = _FIELDS.get((model, name))
    if entry is None:
        raise InputError(f"the field map has no entry {name} of {model}", advice="see oimkit.odoo.version_map")
    return _first(schema, entry)


def names_of(schema: Schema, model: str, names: Iterable[str]) -> dict[str, str | None]:
    """``name_of`` for each of *names*."""
    return {name: name_of(schema, model, name) for name in names}


def has(schema: Schema, model: str, name: str) -> bool:
    """Whether this server has the field *name* of *model* under any of its spellings."""
    return name_of(schema, model, name) is not None


def _first(schema: Schema, entry: Entry) -> str | None:
    if not schema.has_model(entry.model):
        return None
    known = schema.fields(entry.model)
    return next((spelling.name for spelling in entry.spellings if spelling.name in known), None)


# --- from one version to another


class BreakKind(StrEnum):
    """What a program that uses the name has to do about it.

    RENAMED  use the other name
    GONE     do without, see the note
    CHANGED  the name stays, its type does not
    NEW      nothing; there is something that was not there
    """

    RENAMED = "renamed"
    GONE = "gone"
    CHANGED = "changed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Break:
    """One entry of the map that is not the same on two versions; ``was`` and ``will_be`` are names, with types where
    those are what changed, or None where there is none."""

    entry: Entry
    kind: BreakKind
    was: str | None
    will_be: str | None


def breaks(here: int, there: int) -> tuple[Break, ...]:
    """What of the map is not on main version *there* as it is on *here*, in the order of models and names.

    *there* may be the older of the two. Raises InputError for a version that the map does not tell of.
    """
    for version in (here, there):
        if not OLDEST <= version <= NEWEST:
            raise InputError(
                f"the version map tells of Odoo {OLDEST} to {NEWEST}, not of {version}",
                advice="ask a server of that version: oimkit models generate --check",
            )
    found = (_break(entry, here, there) for entry in VERSION_MAP)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.entry.model, one.entry.name)))


def _break(entry: Entry, here: int, there: int) -> Break | None:
    was, will_be = entry.on(here), entry.on(there)
    if was == will_be:
        return None
    if was is None:
        kind = BreakKind.NEW
    elif will_be is None:
        kind = BreakKind.GONE
    elif was.name != will_be.name:
        kind = BreakKind.RENAMED
    elif was.type != will_be.type:
        return Break(entry, BreakKind.CHANGED, f"{was.name} ({was.type})", f"{will_be.name} ({will_be.type})")
    else:
        return None
    return Break(entry, kind, was.name if was else None, will_be.name if will_be else None)


# --- on the server that is there


@dataclass(frozen=True, slots=True)
class Found:
    """A field of the map on one server: what the server calls it, and what the map says its version calls it."""

    entry: Entry
    name: str | None
    expected: str | None

    @property
    def is_as_expected(self) -> bool:
        return self.name == self.expected


def found_on(schema: Schema, version: int) -> tuple[Found, ...]:
    """Every field of the map whose model the server of main version *version* has, by model and name.

    A name that is not as expected is that of a build between two versions, of a module that is not installed, or of a
    field that this user may not see.
    """
    found = []
    for (model, _), entry in sorted(_FIELDS.items()):
        if schema.has_model(model):
            spelling = entry.on(version)
            found.append(Found(entry, _first(schema, entry), spelling.name if spelling else None))
    return tuple(found)
