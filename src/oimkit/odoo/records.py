"""Plain records created once under their keys: master data that later plans build on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from oimkit.errors import InputError
from oimkit.odoo.apply import register
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.once import Report, Session

__all__ = ["PlannedRecord", "RecordsPlan", "plan_records"]

RecordValue = (
    str | bool | int | Decimal | date | datetime | ExternalId | tuple[int, ...] | tuple[ExternalId, ...] | None
)
"""A field's value; another planned record is named by its key."""


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """One record to exist under *key* with *values* (pairs of field and value); found, it is left as it is."""

    key: ExternalId
    model: str
    values: tuple[tuple[str, RecordValue], ...]


@dataclass(frozen=True, slots=True)
class RecordsPlan:
    """Records to create once, each after the ones its values name."""

    records: tuple[PlannedRecord, ...]


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
        later = [key for key in _named(record) if key in planned and key not in seen]
        if later:
            raise InputError(f"{record.key} needs {later[0]}, which is planned after it", advice="put it first")
        seen.add(record.key)
    return plan


def _named(record: PlannedRecord) -> list[ExternalId]:
    """Keys that the record's values name."""
    named: list[ExternalId] = []
    for _, value in record.values:
        if isinstance(value, ExternalId):
            named.append(value)
        elif isinstance(value, tuple):
            named.extend(item for item in value if isinstance(item, ExternalId))
    return named


def _carry_out(plan: RecordsPlan, session: Session) -> Report:
    for model, records in _groups(plan):
        session.create_many(model, [(record.key, dict(record.values)) for record in records])
    return session.report("records")


def _groups(plan: RecordsPlan) -> Iterator[tuple[str, list[PlannedRecord]]]:
    """Records that may be created together: neighbours of one model, none of which names another of them."""
    group: list[PlannedRecord] = []
    for record in plan.records:
        named = set(_named(record))
        if group and (record.model != group[0].model or any(other.key in named for other in group)):
            yield group[0].model, group
            group = []
        group.append(record)
    if group:
        yield group[0].model, group


register("records", RecordsPlan, _carry_out)
