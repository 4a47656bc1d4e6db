"""Records created once under their keys, with their lines: master data that later plans build on, or one document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from oimkit.errors import InputError
from oimkit.odoo.apply import register
from oimkit.odoo.codec import UNSET, RecordRef, Ref, Rounded, Value
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.once import Lines, Report, Session

__all__ = ["PlannedLine", "PlannedRecord", "RecordsPlan", "groups", "named", "plan_record", "plan_records"]

KIND = "records"

RecordValue = (
    str
    | bool
    | int
    | Decimal
    | Rounded
    | date
    | datetime
    | Ref
    | RecordRef
    | ExternalId
    | tuple[int, ...]
    | tuple[ExternalId, ...]
    | None
)
"""A field's value; another planned record is named by its key."""

RecordValues = tuple[tuple[str, RecordValue], ...]
"""Pairs of field and value."""


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line of the one2many *field* of a record, under a key of its own."""

    field: str
    key: ExternalId
    values: RecordValues


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """One record to exist under *key* with *values* and *lines*; found, it is left as it is."""

    key: ExternalId
    model: str
    values: RecordValues
    lines: tuple[PlannedLine, ...] = ()

    def __repr__(self) -> str:  # values may hold names and texts
        return f"<record of {self.model} under {self.key}, {len(self.values)} values, {len(self.lines)} lines>"


@dataclass(frozen=True, slots=True)
class RecordsPlan:
    """Records to create once, each after the ones its values name."""

    records: tuple[PlannedRecord, ...]


def plan_record(key: ExternalId, model: str, values: Mapping[str, Value], lines: Lines | None = None) -> PlannedRecord:
    """The planned record of *values* and *lines*, in the form that ``Session.create`` takes them."""
    planned = tuple(
        PlannedLine(field, line, _given(cells)) for field, rows in (lines or {}).items() for line, cells in rows
    )
    return PlannedRecord(key, model, _given(values), planned)


def _given(values: Mapping[str, Value]) -> RecordValues:
    return tuple((name, value) for name, value in values.items() if value is not UNSET)


def plan_records(records: Iterable[PlannedRecord]) -> RecordsPlan:
    """The plan that creates *records* in this order.

    Raises InputError when a key is planned twice, or a value names a record that is planned later.
    """
    plan = RecordsPlan(tuple(records))
    planned = [record.key for record in plan.records]
    if len(set(planned)) != len(planned):
        raise InputError("a key is planned twice", advice="give each record its own key")
    seen: set[ExternalId] = set()
    for record in plan.records:
        later = [key for key in named(record) if key in planned and key not in seen]
        if later:
            raise InputError(f"{record.key} needs {later[0]}, which is planned after it", advice="put it first")
        seen.add(record.key)
    return plan


def named(record: PlannedRecord) -> list[ExternalId]:
    """Keys that the record's values name."""
    found: list[ExternalId] = []
    for _, value in (*record.values, *(pair for line in record.lines for pair in line.values)):
        if isinstance(value, ExternalId):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(item for item in value if isinstance(item, ExternalId))
    return found


def _carry_out(plan: RecordsPlan, session: Session) -> Report:
    for model, records in groups(plan.records):
        if records[0].lines:
            session.create(records[0].key, model, dict(records[0].values), lines=_lines(records[0]))
        else:
            session.create_many(model, [(record.key, dict(record.values)) for record in records])
    return session.report(KIND)


def _lines(record: PlannedRecord) -> Lines:
    by_field: dict[str, list[tuple[ExternalId, Mapping[str, Value]]]] = {}
    for line in record.lines:
        by_field.setdefault(line.field, []).append((line.key, dict(line.values)))
    return by_field


def groups(records: Iterable[PlannedRecord]) -> Iterator[tuple[str, list[PlannedRecord]]]:
    """Records that may be created together: neighbours of one model, none of which names another of them.

    A record with lines stands alone.
    """
    group: list[PlannedRecord] = []
    for record in records:
        needed = set(named(record))
        parts = record.lines or any(other.lines or other.key in needed for other in group)
        if group and (parts or record.model != group[0].model):
            yield group[0].model, group
            group = []
        group.append(record)
    if group:
        yield group[0].model, group


register(KIND, RecordsPlan, _carry_out)
