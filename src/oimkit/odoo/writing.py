"""Writing once, by call: what ``apply`` does for plans, for one record or many that a program has at hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from oimkit.errors import DivergedRecord, InvalidRecord
from oimkit.odoo.apply import apply
from oimkit.odoo.codec import Value
from oimkit.odoo.journal import Journal
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.once import SETTLE_AFTER_S, Lines
from oimkit.odoo.records import plan_record, plan_records
from oimkit.odoo.upserting import Upserted, UpsertOutcome, UpsertPlan, UpsertReport, plan_upserts, refuse_unfit

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["create_once", "upsert", "write_many"]


def create_once(
    odoo: Odoo,
    key: ExternalId | str,
    model: str,
    values: Mapping[str, Value],
    *,
    lines: Lines | None = None,
    journal: Journal | None = None,
    settle_after_s: float = SETTLE_AFTER_S,
    patience_s: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """The id of the record under *key*: the one that is there as it is, else a new one with its lines.

    Called again, after a crash or a lost answer, or by several processes at once, it makes one record and gives the
    same id to all. docs/once.md says by what.

    Args:
        key: an external id, ``module.name``; the module part must be no installed module (not checked).
        values: Python values by field; a many2one as Ref, id or ExternalId, an x2many as tuple of ids or keys.
        lines: for a one2many field, each line's own key and values; all lines of a field give the same fields.
        journal: where intent and result are kept; None is this database's journal in the user's state folder,
            opened for this call.
        settle_after_s: the server's own time limit for one call.
        patience_s: seconds to wait in place for that limit after an unknown outcome.

    Raises:
        OutcomeUnknown: no usable answer, or an earlier outcome is not known yet; ``resume`` settles it.
        Refused: nothing was created.
        DivergedRecord: the key belongs to a record of another model.
        NotSent: nothing was sent, because the server was not reached or the journal could not be written.
    """
    name = _key(key)
    plan = plan_records([plan_record(name, model, values, lines)])
    with _journal(odoo, journal) as held:
        report = apply(plan, odoo, held, settle_after_s=settle_after_s, patience_s=patience_s, sleep=sleep)
    (record,) = [record for record in (*report.created, *report.reused) if record.key == str(name)]
    return record.id


def upsert(
    odoo: Odoo,
    key: ExternalId | str,
    model: str,
    values: Mapping[str, Value],
    *,
    journal: Journal | None = None,
    settle_after_s: float = SETTLE_AFTER_S,
    patience_s: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Upserted:
    """The record under *key* made to be as *values*: created, or written to in the fields that differ, or left alone.

    Args and errors as ``create_once``. A field that is not given, or given as UNSET, is left as it is.

    Raises:
        InputError: a value does not fit its field, cannot be sent, or names a record that is not there.
        InvalidRecord: the server refused the record; nothing of it was written.
    """
    name = _key(key)
    plan = plan_upserts([plan_record(name, model, values)])
    with _journal(odoo, journal) as held:
        report = _carried_out(plan, odoo, held, settle_after_s, patience_s, sleep)
    (record,) = report.records
    if record.outcome is UpsertOutcome.REFUSED:
        refuse_unfit(odoo, plan.records[0])
        raise InvalidRecord(f"{model} under {name} was refused: {record.reason}", advice="mend the record")
    return record


def write_many(
    odoo: Odoo,
    model: str,
    records: Mapping[ExternalId | str, Mapping[str, Value]],
    *,
    journal: Journal | None = None,
    settle_after_s: float = SETTLE_AFTER_S,
    patience_s: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> UpsertReport:
    """Records of *model* made to be as given under their keys, up to 200 in a call; what came of each, in order.

    A record with a value that cannot be sent, or that the server refuses, is told with its reason in the report, and
    the others are written. Args as ``upsert``; a record may name another of *records* by its key when that stands
    before it.

    Raises: as ``create_once``, but a refused record is no error here; InputError for a key that is none, and for what
        is no matter of one record.
    """
    plan = plan_upserts([plan_record(_key(key), model, values) for key, values in records.items()])
    with _journal(odoo, journal) as held:
        return _carried_out(plan, odoo, held, settle_after_s, patience_s, sleep)


def _carried_out(
    plan: UpsertPlan,
    odoo: Odoo,
    journal: Journal,
    settle_after_s: float,
    patience_s: float,
    sleep: Callable[[float], None],
) -> UpsertReport:
    report = apply(plan, odoo, journal, settle_after_s=settle_after_s, patience_s=patience_s, sleep=sleep)
    if not isinstance(report, UpsertReport):
        raise DivergedRecord("the upsert's report is none")  # apply gives what its kind makes
    return report


def _key(key: ExternalId | str) -> ExternalId:
    return ExternalId.parse(key) if isinstance(key, str) else key


@contextmanager
def _journal(odoo: Odoo, journal: Journal | None) -> Iterator[Journal]:
    """*journal*, which stays open, or the user's own for as long as the block lasts."""
    if journal is not None:
        yield journal
        return
    with Journal.open(None, odoo.server_key) as own:
        yield own
