"""Typed reading gives the same records over every transport of every server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from oimkit.errors import FieldNotRead, InputError
from oimkit.odoo.codegen import survey
from oimkit.odoo.typed import AwareDatetime, Model, Ref, unread
from tests.contract.conftest import Target


class Lead(Model):
    odoo_model = "crm.lead"
    name: str = unread()
    type: Literal["lead", "opportunity"] = unread()
    partner_id: Ref | None = unread()
    email_from: str | None = unread()
    expected_revenue: Decimal = unread()
    create_date: AwareDatetime = unread()
    active: bool = unread()
    color: int = unread()
    tag_ids: tuple[int, ...] = unread()


class WithoutOpportunities(Model):
    odoo_model = "crm.lead"
    type: Literal["lead"]


def test_records_are_instances_with_the_values_of_the_dicts(target: Target) -> None:
    odoo = target.connect()
    (partner,) = odoo.load("res.partner", ["id", "name"], [[f"typed.{target.fresh_token}", "Typed reading"]])
    (lead,) = odoo.load(
        "crm.lead",
        ["id", "name", "type", "partner_id/.id", "expected_revenue"],
        [[f"typed.lead_{target.fresh_token}", "Typed", "opportunity", str(partner), "12.5"]],
    )
    (read,) = odoo.read("crm.lead", [lead], Lead.server_names(), typed=Lead)
    (plain,) = odoo.read("crm.lead", [lead], Lead.server_names())
    assert read.to_record() == plain
    assert (read.name, read.type, read.active, read.tag_ids) == ("Typed", "opportunity", True, ())
    assert read.partner_id is not None
    assert read.partner_id.id == partner
    assert read.expected_revenue == Decimal("12.5")
    assert abs(read.create_date - datetime.now(UTC)) < timedelta(minutes=10)
    assert Lead.model_validate_json(read.model_dump_json()) == read


def test_stream_gives_instances_and_tells_what_was_not_read(target: Target) -> None:
    odoo = target.connect()
    keys = [[f"typed.s_{target.fresh_token}_{number}", "Streamed"] for number in range(5)]
    ids = odoo.load("crm.lead", ["id", "name"], keys)
    streamed = list(odoo.stream("crm.lead", [["id", "in", ids]], ["name"], batch=2, typed=Lead))
    assert [lead.id for lead in streamed] == sorted(ids)
    assert {lead.name for lead in streamed} == {"Streamed"}
    with pytest.raises(FieldNotRead, match="the field color was not read"):
        _ = streamed[0].color


def test_selection_that_the_class_does_not_know_is_refused(target: Target) -> None:
    odoo = target.connect()
    (lead,) = odoo.load(
        "crm.lead", ["id", "name", "type"], [[f"typed.o_{target.fresh_token}", "Opportunity", "opportunity"]]
    )
    with pytest.raises(InputError, match=f"crm.lead {lead}: the value of the field type is a selection that"):
        odoo.read("crm.lead", [lead], ["type"], typed=WithoutOpportunities)


def test_survey_is_the_same_over_every_transport(target: Target) -> None:
    over = survey(target.connect(), ["res.partner", "account.move", "crm.lead"])
    other = next(one for one in target.server.transports if one != target.transport)
    assert survey(Target(target.server, other).connect(), ["res.partner", "account.move", "crm.lead"]) == over
