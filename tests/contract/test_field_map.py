"""The version map is true of the servers there are: every name it tells is there, with the type it tells."""

from __future__ import annotations

import pytest

from oimkit.odoo.field_map import found_on
from oimkit.odoo.version_map import VERSION_MAP, Kind
from tests.contract.conftest import Target

STILL_THERE = {
    ("crm.lead", "expected_revenue"),
    ("account.bank.statement.line", "name"),
    ("account.bank.statement.line", "currency_id"),
    ("account.payment", "payment_method_id"),
    ("account.payment", "reconciled_invoice_ids"),
}
"""Names that an entry had on other versions, and that stand for something else on this one."""


def test_every_field_has_the_name_that_the_map_tells(target: Target) -> None:
    odoo = target.connect()
    assert [
        (one.entry.model, one.entry.name)
        for one in found_on(odoo.schema, target.version)
        if one.expected and not one.is_as_expected
    ] == []


def test_name_of_another_version_is_not_there(target: Target) -> None:
    odoo = target.connect()
    wrong = []
    for entry in VERSION_MAP:
        if entry.kind is not Kind.FIELD or not odoo.schema.has_model(entry.model):
            continue
        holds = entry.on(target.version)
        others = {spelling.name for spelling in entry.spellings} - {holds.name if holds else None}
        wrong += [
            f"{entry.model}.{name}"
            for name in others
            if (entry.model, name) not in STILL_THERE and odoo.schema.has_field(entry.model, name)
        ]
    assert wrong == []


def test_types_are_those_that_the_map_tells(target: Target) -> None:
    odoo = target.connect()
    for entry in VERSION_MAP:
        holds = entry.on(target.version)
        if entry.kind is Kind.FIELD and holds and holds.type and odoo.schema.has_model(entry.model):
            assert odoo.schema.field(entry.model, holds.name).type == holds.type, entry


@pytest.mark.live
def test_models_that_a_version_has_lost_are_not_there(target: Target) -> None:
    odoo = target.connect()
    for entry in VERSION_MAP:
        if entry.kind is Kind.MODEL and entry.on(target.version) is None:
            assert not odoo.schema.has_model(entry.name), entry
