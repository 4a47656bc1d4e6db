"""Who sees which records: by company and by group, asked with plain requests on the double and on real servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.conftest import Server
from tests.contract.raw import Raw, RawFault

SELLER = ("base.group_user", "sales_team.group_sale_salesman")


@pytest.fixture
def raw(server: Server) -> Raw:
    return server.raw()


@pytest.fixture
def second(raw: Raw, token: str) -> int:
    """Another company; whoever makes it belongs to it."""
    return raw.create("res.company", name=f"Second {token}")


@pytest.fixture
def user(server: Server, raw: Raw, token: str) -> Callable[..., Raw]:
    """Makes a user with a password, who then signs in."""

    def make(name: str, *groups: str, **values: Any) -> Raw:
        ids = [raw.call("ir.model.data", "check_object_reference", *group.split("."))[1] for group in groups]
        field = "groups_id" if server.version < 19 else "group_ids"
        login, password = f"{name}-{token}", f"p-{token}"
        values = {"login": login, "name": login, "password": password, field: [[6, 0, ids]], **values}
        made = raw.create("res.users", **values)
        assert raw.service("common", "authenticate", raw.database, login, password, {}) == made
        return Raw(raw.url, raw.database, made, password)

    return make


def refused(raw: Raw, model: str, method: str, *arguments: Any, **named: Any) -> str:
    with pytest.raises(RawFault) as caught:
        raw.call(model, method, *arguments, **named)
    assert caught.value.name == "odoo.exceptions.AccessError"
    return caught.value.message


def test_a_seller_sees_the_own_leads_and_those_of_nobody(raw: Raw, user: Callable[..., Raw], token: str) -> None:
    one, two = user("one", *SELLER), user("two", *SELLER)
    own = one.create("crm.lead", name=token, type="lead")
    other = two.create("crm.lead", name=token, type="lead")
    free = raw.create("crm.lead", name=token, type="lead", user_id=False)
    domain = [["name", "=", token]]
    assert set(one.call("crm.lead", "search", domain)) == {own, free}
    assert set(raw.call("crm.lead", "search", domain)) == {own, other, free}
    assert one.call("crm.lead", "search_count", domain) == 2
    for method, arguments in (("read", [["name"]]), ("write", [{"name": "x"}])):
        refused(one, "crm.lead", method, [other], *arguments)
    assert "You are not allowed to delete" in refused(one, "crm.lead", "unlink", [own])


def test_the_old_server_names_the_rule_and_the_new_one_does_not(
    server: Server, user: Callable[..., Raw], token: str
) -> None:
    one, two = user("one", *SELLER), user("two", *SELLER)
    lead = two.create("crm.lead", name=token, type="lead")
    message = refused(one, "crm.lead", "read", [lead], ["name"])
    if server.version < 17:
        assert message == (
            "Due to security restrictions, you are not allowed to access 'Lead/Opportunity' (crm.lead) records.\n\n"
            f"Records: {token} (id={lead})\nUser: one-{token} (id={one.user_id})\n\n"
            "This restriction is due to the following rules:\n- Personal Leads\n\n"
            "Contact your administrator to request access if necessary."
        )
    else:
        assert f"Sorry, one-{token} (id={one.user_id}) doesn't have 'read' access to:\n- Lead" in message
        assert "Personal Leads" not in message
        assert "multi-company" not in message


def test_a_user_of_another_company_sees_its_records_only(
    raw: Raw, user: Callable[..., Raw], second: int, token: str
) -> None:
    there = user("there", *SELLER, company_id=second, company_ids=[[6, 0, [second]]])
    here = raw.create("res.partner", name=f"Here {token}", company_id=1)
    shared = raw.create("res.partner", name=f"Shared {token}")
    domain = [["name", "like", token], ["is_company", "=", False], ["id", "in", [here, shared]]]
    assert there.call("res.partner", "search", domain) == [shared]
    assert raw.call("res.partner", "search_count", domain) == 2
    assert "multi-company issue" in refused(there, "res.partner", "read", [here], ["name"])
    assert there.call("res.company", "search", []) == [second]
    assert there.call("account.journal", "search", []) == []


def test_the_companies_of_the_context_narrow_what_is_seen(raw: Raw, second: int, token: str) -> None:
    here = raw.create("res.partner", name=f"Here {token}", company_id=1)
    there = raw.create("res.partner", name=f"There {token}", company_id=second)
    domain = [["id", "in", [here, there]]]
    seen = [
        sorted(raw.call("res.partner", "search", domain, context={"allowed_company_ids": companies}))
        for companies in ([1], [second], [1, second])
    ]
    assert seen == [[here], [there], [here, there]]
    message = refused(raw, "res.partner", "read", [there], ["name"], context={"allowed_company_ids": [1]})
    assert "multi-company issue" in message


def test_companies_that_are_not_the_users_are_refused(user: Callable[..., Raw], second: int) -> None:
    there = user("there", *SELLER, company_id=second, company_ids=[[6, 0, [second]]])
    message = refused(there, "res.partner", "search", [], context={"allowed_company_ids": [1]})
    assert message == "Access to unauthorized or invalid companies."


def test_a_new_record_gets_the_company_of_its_maker(
    user: Callable[..., Raw], raw: Raw, second: int, token: str
) -> None:
    there = user("there", *SELLER, company_id=second, company_ids=[[6, 0, [second]]])
    lead = there.create("crm.lead", name=token, type="lead")
    assert raw.value("crm.lead", lead, "company_id")[0] == second


def test_an_invoice_needs_a_journal_of_the_company(raw: Raw, second: int, token: str) -> None:
    values = {"move_type": "out_invoice", "partner_id": raw.create("res.partner", name=token)}
    with pytest.raises(RawFault, match="No journal could be found in company Second"):
        raw.call("account.move", "create", values, context={"allowed_company_ids": [second]})


def test_whoever_makes_a_company_belongs_to_it(raw: Raw, second: int) -> None:
    assert second in raw.value("res.users", raw.user_id, "company_ids")


def test_an_archived_user_may_not_sign_in(raw: Raw, user: Callable[..., Raw]) -> None:
    gone = user("gone", "base.group_user")
    raw.call("res.users", "write", [gone.user_id], {"active": False})
    with pytest.raises(RawFault) as caught:
        gone.call("res.partner", "search", [], limit=1)
    assert caught.value.name == "odoo.exceptions.AccessDenied"
