"""One name for what versions call differently, found on the server that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from oimkit.errors import InputError, InvalidCall
from oimkit.odoo.field_map import BreakKind, breaks, found_on, has, name_of, names_of
from oimkit.odoo.schema import Schema
from oimkit.odoo.version_map import NEWEST, OLDEST, VERSION_MAP, Evidence, Kind


def schema(**models: list[str]) -> Schema:
    """A server with these models (dots as underscores) and char fields."""
    known: Mapping[str, list[str]] = {name.replace("__", "."): fields for name, fields in models.items()}

    def call(model: str, method: str, **_arguments: object) -> Any:
        assert method == "fields_get"
        if model not in known:
            raise InvalidCall(f"no model {model}")
        return {name: {"type": "char"} for name in known[model]}

    return Schema(call)


@pytest.mark.parametrize(("fields", "name"), [(["lost_reason"], "lost_reason"), (["lost_reason_id"], "lost_reason_id")])
def test_name_is_the_one_that_the_server_tells(fields: list[str], name: str) -> None:
    assert name_of(schema(crm__lead=fields), "crm.lead", "lost_reason") == name


def test_field_that_the_server_lacks_has_no_name() -> None:
    there = schema(crm__lead=["name"])
    assert name_of(there, "crm.lead", "outcome") is None
    assert not has(there, "crm.lead", "outcome")
    assert name_of(there, "uom.uom", "family") is None


def test_revenue_of_old_servers_is_not_the_weighted_one() -> None:
    old = schema(crm__lead=["planned_revenue", "expected_revenue"])
    new = schema(crm__lead=["expected_revenue", "prorated_revenue"])
    assert names_of(old, "crm.lead", ["revenue", "prorated_revenue"]) == {
        "revenue": "planned_revenue",
        "prorated_revenue": "expected_revenue",
    }
    assert names_of(new, "crm.lead", ["revenue", "prorated_revenue"]) == {
        "revenue": "expected_revenue",
        "prorated_revenue": "prorated_revenue",
    }


def test_entry_that_the_map_lacks_is_refused() -> None:
    with pytest.raises(InputError, match=r"no entry colour of crm.lead"):
        name_of(schema(crm__lead=["name"]), "crm.lead", "colour")


def test_every_entry_is_the_only_one_of_its_name_and_its_spellings_do_not_overlap() -> None:
    names = [(entry.kind, entry.model, entry.name) for entry in VERSION_MAP]
    assert len(names) == len(set(names))
    for entry in VERSION_MAP:
        for version in range(OLDEST, NEWEST + 1):
            assert sum(spelling.holds_on(version) for spelling in entry.spellings) <= 1, entry
        assert any(entry.on(version) for version in range(OLDEST, NEWEST + 1)), entry
        assert entry.evidence in Evidence


def test_something_of_every_entry_is_not_the_same_on_every_version() -> None:
    still = [
        entry.name for entry in VERSION_MAP if len({entry.on(version) for version in range(OLDEST, NEWEST + 1)}) == 1
    ]
    assert still == []


def test_way_from_one_version_to_another_tells_what_is_renamed_gone_changed_and_new() -> None:
    found = {(one.entry.model, one.entry.name): one for one in breaks(14, 19)}
    told = {key: (one.kind, one.was, one.will_be) for key, one in found.items()}
    assert told["crm.lead", "lost_reason"] == (BreakKind.RENAMED, "lost_reason", "lost_reason_id")
    assert told["res.users", "groups"] == (BreakKind.RENAMED, "groups_id", "group_ids")
    assert told["res.partner", "mobile"] == (BreakKind.GONE, "mobile", None)
    assert told["crm.lead", "outcome"] == (BreakKind.NEW, None, "won_status")
    assert told["project.task", "deadline"] == (
        BreakKind.CHANGED,
        "date_deadline (date)",
        "date_deadline (datetime)",
    )
    assert ("crm.lead", "revenue") not in told
    assert breaks(19, 19) == ()


def test_way_back_tells_the_opposite() -> None:
    there = {(one.entry.model, one.entry.name): (one.was, one.will_be) for one in breaks(14, 19)}
    back = {(one.entry.model, one.entry.name): (one.will_be, one.was) for one in breaks(19, 14)}
    assert there == back


@pytest.mark.parametrize("version", [11, 20])
def test_version_that_the_map_does_not_tell_of_is_refused(version: int) -> None:
    with pytest.raises(InputError, match=f"tells of Odoo 12 to 19, not of {version}"):
        breaks(14, version)


def test_difference_between_server_and_map_is_told() -> None:
    found = {one.entry.name: one for one in found_on(schema(crm__stage=["team_id"], crm__lead=["won_status"]), 19)}
    assert not found["teams"].is_as_expected
    assert (found["teams"].name, found["teams"].expected) == ("team_id", "team_ids")
    assert found["outcome"].is_as_expected
    assert found["lost_reason"].name is None
    assert {one.entry.model for one in found.values()} == {"crm.stage", "crm.lead"}


def test_map_knows_what_the_adapters_ask_for() -> None:
    asked = {
        ("crm.lead", "lost_reason"),
        ("crm.lead", "revenue"),
        ("crm.lead", "outcome"),
        ("crm.stage", "teams"),
        ("account.account", "type"),
        ("account.move.line", "discounted_amount"),
        ("account.bank.statement", "state"),
        ("account.bank.statement.line", "running_balance"),
        ("uom.uom", "family"),
        ("uom.uom", "relative_factor"),
    }
    assert asked <= {(entry.model, entry.name) for entry in VERSION_MAP if entry.used and entry.kind is Kind.FIELD}
