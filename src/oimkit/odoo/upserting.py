"""Records created where they are missing and written to where they differ; equal ones are not sent.

Only fields that differ are written, many records in one call, by their database ids. A record that cannot be sent, or
that the server refuses, is told with its reason and does not keep the others from being written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from oimkit.errors import DivergedRecord, InputError, InvalidRecord
from oimkit.odoo.apply import register
from oimkit.odoo.codec import Field, Record, RecordRef, Ref, Rounded, Value
from oimkit.odoo.codec.writing import in_currency
from oimkit.odoo.keys import ExternalId, find
from oimkit.odoo.once import Report, Session, writing
from oimkit.odoo.records import PlannedRecord, groups, named
from oimkit.odoo.tables import MOST_ROWS, cells, check_values

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["UpsertOutcome", "UpsertPlan", "UpsertReport", "Upserted", "plan_upserts", "refuse_unfit"]

KIND = "upsert"


class UpsertOutcome(Enum):
    """What came of one record; refused: it cannot be sent, or the server said no; nothing of it was written."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Upserted:
    """One record of an upsert.

    id         None only for a refused record that is not there
    fields     the fields that were written, or of a refused record the one that the server named
    otherwise  fields that were written and that the server keeps otherwise than they were given
    reason     why it was refused, else ""
    """

    key: str
    model: str
    id: int | None
    outcome: UpsertOutcome
    fields: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UpsertPlan:
    """Records to be as given, each after the ones that its values name."""

    records: tuple[PlannedRecord, ...]


@dataclass(frozen=True, slots=True)
class UpsertReport(Report):
    """A report with what came of each record, in the order of the plan."""

    records: tuple[Upserted, ...] = ()

    def of(self, outcome: UpsertOutcome) -> tuple[Upserted, ...]:
        """The records with this outcome."""
        return tuple(record for record in self.records if record.outcome is outcome)


def plan_upserts(records: Iterable[PlannedRecord]) -> UpsertPlan:
    """The plan that makes *records* be as given.

    Raises InputError when a key is given twice, or a record has lines: a document's lines are made with it, once.
    """
    plan = UpsertPlan(tuple(records))
    keys = [record.key for record in plan.records]
    if len(set(keys)) != len(keys):
        raise InputError("a key is given twice", advice="give each record its own key")
    if any(record.lines for record in plan.records):
        raise InputError("a record with lines cannot be upserted", advice="create it with create_once")
    return plan


def _carry_out(plan: UpsertPlan, session: Session) -> UpsertReport:
    done: dict[str, Upserted] = {}
    for model, group in groups(plan.records):
        for start in range(0, len(group), MOST_ROWS):
            done |= _upsert(session, model, group[start : start + MOST_ROWS])
    records = tuple(done[str(record.key)] for record in plan.records)
    findings = [
        f"{record.key} was refused: {record.reason}" for record in records if record.outcome is UpsertOutcome.REFUSED
    ]
    findings += [
        f"{record.model} {record.id}: the server keeps {', '.join(record.otherwise)} otherwise than given"
        for record in records
        if record.otherwise
    ]
    told = session.report(KIND, findings)
    return UpsertReport(told.run, told.kind, told.created, told.reused, told.updated, told.findings, records)


def _upsert(session: Session, model: str, records: Sequence[PlannedRecord]) -> dict[str, Upserted]:
    found = find(session.odoo, [record.key for record in records])
    for key, there in found.items():
        if there.model != model:
            raise DivergedRecord(
                f"the key {key} belongs to a record of {there.model}, not of {model}", advice="choose another key"
            )
    wanted, unfit = _sifted(session.odoo, model, records)
    ids = {key: found[key].id for key in wanted if key in found and not session.may_have_sent(str(key))}
    made = _create(session, model, {key: values for key, values in wanted.items() if key not in ids})
    refused = {
        str(key): Upserted(
            str(key), model, found[key].id if key in found else None, UpsertOutcome.REFUSED, reason=reason
        )
        for key, reason in unfit.items()
    }
    return refused | made | _update(session, model, ids, {key: wanted[key] for key in ids})


def refuse_unfit(odoo: Odoo, record: PlannedRecord) -> None:
    """Return when *record* can be sent; InputError for a value that cannot, and for a key that is not there."""
    _values(odoo, record.model, record, _ids_of_named(odoo, [record]))


def _sifted(
    odoo: Odoo, model: str, records: Sequence[PlannedRecord]
) -> tuple[dict[ExternalId, dict[str, Value]], dict[ExternalId, str]]:
    """The values of the records that can be sent, and why each of the others cannot: one bad one stops none.

    Values are in the form in which they are read: ids for keys, amounts with their digits.
    """
    _refuse_lines(odoo, model, records)
    ids = _ids_of_named(odoo, records)
    wanted, unfit = {}, {}
    for record in records:
        try:
            wanted[record.key] = _values(odoo, model, record, ids)
        except InputError as error:
            unfit[record.key] = error.reason.removeprefix(f"{model} under {record.key}: ")
    return wanted, unfit


def _ids_of_named(odoo: Odoo, records: Iterable[PlannedRecord]) -> dict[ExternalId, int]:
    keys = {key for record in records for key in named(record)}
    return {key: there.id for key, there in find(odoo, keys).items()} if keys else {}


def _refuse_lines(odoo: Odoo, model: str, records: Sequence[PlannedRecord]) -> None:
    for name in {name: None for record in records for name, _ in record.values}:
        if odoo.schema.field(model, name).type == "one2many":
            raise InputError(f"the field {name} of {model} holds lines, which an upsert does not write")


def _values(odoo: Odoo, model: str, record: PlannedRecord, ids: Mapping[ExternalId, int]) -> dict[str, Value]:
    for key in named(record):
        if key not in ids:
            raise InputError(f"{model} under {record.key}: names {key}, which is not there", advice="create it before")
    values: dict[str, Value] = dict(record.values)
    check_values(odoo, record.key, model, values)
    return {name: _plain(odoo, model, name, value, values, ids) for name, value in values.items()}


def _plain(
    odoo: Odoo, model: str, name: str, value: Value, values: Mapping[str, Value], ids: Mapping[ExternalId, int]
) -> Value:
    field = odoo.schema.field(model, name)
    if isinstance(value, ExternalId):
        return ids[value]
    if isinstance(value, tuple):
        return tuple(ids[item] if isinstance(item, ExternalId) else item for item in value)
    given = in_currency(field, value, values, odoo.schema.decimals_for)
    return given.to(field.decimals) if isinstance(given, Rounded) else given


# --- creating


def _create(session: Session, model: str, records: Mapping[ExternalId, Mapping[str, Value]]) -> dict[str, Upserted]:
    try:
        ids = dict(zip(records, session.create_many(model, list(records.items())), strict=True))
        return {str(key): Upserted(str(key), model, made, UpsertOutcome.CREATED) for key, made in ids.items()}
    except InvalidRecord:
        return {str(key): _create_alone(session, model, key, values) for key, values in records.items()}


def _create_alone(session: Session, model: str, key: ExternalId, values: Mapping[str, Value]) -> Upserted:
    try:
        return Upserted(str(key), model, session.create(key, model, values), UpsertOutcome.CREATED)
    except InvalidRecord as error:
        return _refused(key, model, None, error)


def _refused(key: ExternalId, model: str, record: int | None, error: InvalidRecord) -> Upserted:
    columns = tuple(dict.fromkeys(row.column for row in error.rows if row.column))
    reasons = "; ".join(dict.fromkeys(row.reason for row in error.rows if row.reason))
    reason = reasons or (f"the server does not take {', '.join(columns)}" if columns else error.reason)
    return Upserted(str(key), model, record, UpsertOutcome.REFUSED, columns, (), reason)


# --- updating


def _update(
    session: Session, model: str, ids: Mapping[ExternalId, int], wanted: Mapping[ExternalId, Mapping[str, Value]]
) -> dict[str, Upserted]:
    differing = _differing(session.odoo, model, ids, wanted)
    waited = [session.wait_for(writing(key)) for key, names in differing.items() if names]
    if any(waited):  # what was under way has arrived by now, or never will
        differing = _differing(session.odoo, model, ids, wanted)
    settled = [writing(key) for key, names in differing.items() if not names and session.may_have_sent(writing(key))]
    if settled:
        session.journal.mark_all_done(session.run, f"write {model}", None, dict.fromkeys(settled), created=True)
    done = {
        str(key): Upserted(str(key), model, ids[key], UpsertOutcome.UNCHANGED)
        for key, names in differing.items()
        if not names
    }
    for batch in _alike(session.odoo, model, ids, wanted, differing):
        done |= _write(session, model, ids, batch)
    return _with_otherwise(session.odoo, model, ids, wanted, done)


Rows = dict[ExternalId, dict[str, str]]
"""Cells by column, of records that give the same columns."""


def _differing(
    odoo: Odoo, model: str, ids: Mapping[ExternalId, int], wanted: Mapping[ExternalId, Mapping[str, Value]]
) -> dict[ExternalId, tuple[str, ...]]:
    """For each record the fields whose value on the server is not the one wanted."""
    if not ids:
        return {}
    names = sorted({name for values in wanted.values() for name in values})
    there = {row["id"]: row for row in odoo.read(model, sorted(set(ids.values())), names)}
    return {key: _unequal(odoo, model, values, there[ids[key]]) for key, values in wanted.items()}


def _unequal(odoo: Odoo, model: str, values: Mapping[str, Value], row: Record) -> tuple[str, ...]:
    return tuple(
        name for name, value in values.items() if not _is_equal(odoo.schema.field(model, name), value, row[name])
    )


def _alike(
    odoo: Odoo,
    model: str,
    ids: Mapping[ExternalId, int],
    wanted: Mapping[ExternalId, Mapping[str, Value]],
    differing: Mapping[ExternalId, tuple[str, ...]],
) -> Iterator[Rows]:
    """Rows to write, together where they give the same columns."""
    batches: dict[tuple[str, ...], Rows] = {}
    for key, names in differing.items():
        if names:
            values = wanted[key]
            row = {".id": str(ids[key]), **cells(odoo, key, model, {name: values[name] for name in names})}
            batches.setdefault(tuple(row), {})[key] = row
    yield from batches.values()


def _write(session: Session, model: str, ids: Mapping[ExternalId, int], rows: Rows) -> dict[str, Upserted]:
    """Write *rows*; those that the server refuses are left out, tried once more alone, and told."""
    columns = list(next(iter(rows.values())))
    try:
        session.update_many(model, columns, {key: list(row.values()) for key, row in rows.items()})
    except InvalidRecord as error:
        if len(rows) == 1:
            (key,) = rows
            return {str(key): _refused(key, model, ids[key], error)}
        return _write_apart(session, model, ids, rows, error)
    fields = tuple(column.partition("/")[0] for column in columns[1:])
    return {str(key): Upserted(str(key), model, ids[key], UpsertOutcome.UPDATED, fields) for key in rows}


def _write_apart(
    session: Session, model: str, ids: Mapping[ExternalId, int], rows: Rows, error: InvalidRecord
) -> dict[str, Upserted]:
    """The rows that the server did not name in one call, the named ones each alone; all alone where it named none."""
    keys = list(rows)
    bad = {keys[row.record] for row in error.rows if row.record is not None and 0 <= row.record < len(keys)}
    good = {key: row for key, row in rows.items() if key not in bad} if bad else {}
    done = _write(session, model, ids, good) if good else {}
    for key, row in rows.items():
        if key not in good:
            done |= _write(session, model, ids, {key: row})
    return done


def _with_otherwise(
    odoo: Odoo,
    model: str,
    ids: Mapping[ExternalId, int],
    wanted: Mapping[ExternalId, Mapping[str, Value]],
    done: Mapping[str, Upserted],
) -> dict[str, Upserted]:
    """*done* with the fields that the server, read again, keeps otherwise than they were given."""
    written = {key: ids[key] for key in ids if done[str(key)].outcome is UpsertOutcome.UPDATED}
    left = _differing(odoo, model, written, {key: wanted[key] for key in written})
    result = dict(done)
    for key, names in left.items():
        one = done[str(key)]
        if names:
            result[str(key)] = Upserted(one.key, one.model, one.id, one.outcome, one.fields, names, one.reason)
    return result


# --- equality


_TAG = re.compile(r"<[^>]*>")


def _is_equal(field: Field, wanted: Value, there: Value) -> bool:
    """True when the server's value says what *wanted* says."""
    if _is_empty(field, wanted):
        return _is_empty(field, there)
    if field.type == "html" and isinstance(there, str) and "<" not in wanted:
        return _TAG.sub("", there).strip() == str(wanted).strip()
    if field.is_x2many:
        return _set(wanted) == _set(there)
    is_same: bool = _bare(wanted) == _bare(there)
    return is_same


def _is_empty(field: Field, value: Value) -> bool:
    if value is None or value == "" or value == ():
        return True
    return field.type in ("integer", "float", "monetary") and bool(value == 0)


def _set(value: Value) -> AbstractSet[Any]:
    return frozenset(value) if isinstance(value, tuple) else frozenset()


def _bare(value: Value) -> Value:
    return value.id if isinstance(value, Ref) else (value.model, value.id) if isinstance(value, RecordRef) else value


register(KIND, UpsertPlan, _carry_out)
