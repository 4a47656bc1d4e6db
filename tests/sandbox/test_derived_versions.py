"""Versions 15 to 18: derived from 14 and 19, they keep the main job going and stand where the version map puts them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from oimkit.cli.demo.chain import Demo, run_chain
from oimkit.cli.demo.company import examples_folder, read_company
from oimkit.odoo import Journal, connect
from oimkit.sandbox import Sandbox
from oimkit.sandbox.changes import CHANGES
from oimkit.sandbox.profile import VERSIONS, load_profile
from oimkit.sandbox.rpc import entry_points
from tests.contract.conftest import Login, Server
from tests.contract.test_load import *  # noqa: F403
from tests.contract.test_rules import *  # noqa: F403

DERIVED = (15, 16, 17, 18)


@pytest.fixture(scope="module", params=[(f"sandbox-{version}",) for version in DERIVED], ids=map(str, DERIVED))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A double of a version that nobody has measured, for the contract tests that hold for every version."""
    (name,) = request.param
    with Sandbox(int(name.rpartition("-")[2])) as sandbox:
        known = {role: sandbox.login(role) for role in ("admin", "limited", "billing", "twofactor")}
        logins = {role: Login(own.login, own.user_id, own.password, own.api_key) for role, own in known.items()}
        yield Server(name, sandbox.version, sandbox.url, sandbox.database, logins, is_live=False, sandbox=sandbox)


@pytest.fixture
def token() -> str:
    return uuid.uuid4().hex[:12]


# Where the profiles come from ---------------------------------------------------------------------------------------


def test_the_profiles_say_where_they_come_from() -> None:
    kinds = {version: load_profile(version).provenance.kind for version in VERSIONS}
    assert kinds == {14: "taken", 15: "derived", 16: "derived", 17: "derived", 18: "derived", 19: "taken"}
    assert load_profile(14).provenance.servers == ("14.0",)
    assert load_profile(16).provenance.servers == ("14.0", "19.0")


@pytest.mark.parametrize("version", DERIVED)
def test_every_field_of_a_derived_profile_says_how_sure_it_is(version: int) -> None:
    sources = {field.provenance for fields in load_profile(version).models.values() for field in fields.values()}
    assert sources == {"both", "map", "assumed"}


@pytest.mark.parametrize("version", DERIVED)
def test_a_derived_profile_has_what_both_real_ones_have(version: int) -> None:
    old, new, between = (load_profile(number).models for number in (14, 19, version))
    for model in old.keys() & new.keys():
        assert old[model].keys() & new[model].keys() <= between[model].keys() <= old[model].keys() | new[model].keys()


@pytest.mark.parametrize(
    ("model", "field", "first", "last"),
    [
        ("crm.lead", "lost_reason", 14, 15),
        ("crm.lead", "lost_reason_id", 16, 19),
        ("crm.lead", "won_status", 19, 19),
        ("crm.stage", "team_id", 14, 18),
        ("crm.stage", "team_ids", 19, 19),
        ("account.account", "user_type_id", 14, 15),
        ("account.account", "account_type", 16, 19),
        ("account.account", "company_id", 14, 17),
        ("account.account", "company_ids", 18, 19),
        ("account.bank.statement", "state", 14, 15),
        ("account.bank.statement", "first_line_index", 16, 19),
        ("account.move.line", "exclude_from_invoice_tab", 14, 15),
        ("account.move.line", "analytic_distribution", 16, 19),
        ("account.full.reconcile", "name", 14, 16),
        ("account.analytic.line", "move_id", 14, 15),
        ("account.analytic.line", "move_line_id", 16, 19),
        ("project.project", "analytic_account_id", 14, 17),
        ("project.project", "account_id", 18, 19),
        ("project.task", "user_id", 14, 14),
        ("project.task", "user_ids", 15, 19),
        ("project.task", "kanban_state", 14, 16),
        ("project.task", "state", 17, 19),
        ("res.users", "groups_id", 14, 18),
        ("res.users", "group_ids", 19, 19),
        ("sale.order.line", "tax_id", 14, 18),
        ("account.payment", "memo", 18, 19),
    ],
)
def test_a_field_is_there_from_and_until_the_version_of_the_map(model: str, field: str, first: int, last: int) -> None:
    assert [number for number in VERSIONS if field in load_profile(number).models[model]] == list(
        range(first, last + 1)
    )


def test_the_models_on_the_path_are_there_in_every_version() -> None:
    path = {"account.move", "account.payment.register", "crm.lead", "ir.attachment", "mail.activity", "mail.message"}
    for version in VERSIONS:
        assert path <= load_profile(version).models.keys()


def test_every_change_lies_between_the_real_ones() -> None:
    assert {change.since for change in CHANGES.values()} <= set(range(15, 20))
    assert {change.source for change in CHANGES.values()} == {"map", "assumed"}


@pytest.mark.parametrize(
    ("method", "last"),
    [("name_get", 17), ("toggle_active", 18), ("exists", 18)],
)
def test_a_method_is_gone_after_its_last_version(server: Server, method: str, last: int) -> None:
    names = {entry["name"] for entry in _methods(server)}
    assert (method in names) == (server.version <= last)


def test_formatted_read_group_and_json2_come_with_19_only(server: Server) -> None:
    assert "formatted_read_group" not in {entry["name"] for entry in _methods(server)}
    reply = requests.post(f"{server.url}/json/2/res.partner/search", json={"domain": []}, timeout=10)
    assert reply.status_code == 404


def _methods(server: Server) -> list[dict[str, str]]:
    assert server.sandbox is not None
    model = server.sandbox.database_object.environment(2, {})["res.partner"]
    entries = entry_points(type(model))
    return [{"name": entry.name} for entry in entries if entry.since <= server.version <= entry.until]


# The main job -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_the_demonstration_runs_on_every_version(version: int, tmp_path: Path) -> None:
    company, hours = read_company(examples_folder())
    demo = Demo(company, hours, examples_folder())
    with Sandbox(version) as sandbox:
        odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)
        with Journal.open(tmp_path, odoo.server_key) as journal:
            first = run_chain(demo, odoo, journal, say=lambda _words: None, settle_after_s=5)
            again = run_chain(demo, odoo, journal, say=lambda _words: None, settle_after_s=5)
    paid = {invoice.reference: invoice.payment_state for invoice in first.invoices}
    assert paid == {"RF73MFS202610": "paid", "RF59AN9202610": "not_paid", "RF42HLB202610": "paid"}
    assert (first.created > 50, again.created) == (True, 0)
