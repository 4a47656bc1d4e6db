"""The record that something is attached to: made sure of before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oimkit.errors import MissingRecord

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["demand_record"]


def demand_record(odoo: Odoo, model: str, *ids: int) -> None:
    """Return when the user sees all of these records, archived or not; MissingRecord otherwise.

    Asked with a search: servers attach to what is not there without a word (14), and answer a read of ids alone
    without looking.
    """
    found = odoo.with_context(active_test=False).search(model, [["id", "in", list(ids)]])
    missing = [identity for identity in ids if identity not in found]
    if missing:
        raise MissingRecord(
            f"{model} {missing[0]} is not there",
            advice="it was deleted, or this user may not see it",
        )
