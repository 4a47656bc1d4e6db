"""Writing only to what has not changed since it was read: an optimistic check by ``write_date``.

The moments are the server's and are read in whole seconds, so a second change within the same second as the one that
was read is not seen. Between the check and the write a gap of one call remains on every version: no method of a server
writes under such a condition. (14 still has a check of the context ``__last_update``; measured, a write passes it by.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from oimkit.errors import DivergedRecord, InputError
from oimkit.odoo.codec import Wire

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["write_unchanged"]


def write_unchanged(
    odoo: Odoo, model: str, ids: Sequence[int], values: Mapping[str, Wire], expect: Mapping[int, datetime]
) -> None:
    """Write wire *values* to records whose ``write_date`` is still the one in *expect*, to all of them or to none.

    Raises:
        DivergedRecord: a record was changed since; nothing was written.
        InputError: *expect* does not name every record.
        MissingRecord: a record is not there.
    """
    missing = [identity for identity in ids if identity not in expect]
    if missing:
        raise InputError(
            f"expect names no moment for {model} {missing[0]}", advice="give the write_date of each record"
        )
    _refuse_changed(odoo, model, ids, expect)
    odoo.call(model, "write", ids=list(ids), vals=dict(values))


def _refuse_changed(odoo: Odoo, model: str, ids: Sequence[int], expect: Mapping[int, datetime]) -> None:
    rows = odoo.read(model, list(ids), ["write_date"])
    changed = [row["id"] for row in rows if row["write_date"] != expect[row["id"]].replace(microsecond=0)]
    if changed:
        raise DivergedRecord(
            f"{len(changed)} of {len(rows)} records of {model} were changed since they were read, the first is "
            f"{changed[0]}; nothing was written",
            advice="read them again and decide anew",
        )
