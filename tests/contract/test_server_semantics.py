"""What servers do, asked with plain requests: the sandbox is right only where a real server gives the same answers."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.contract.conftest import Server
from tests.contract.raw import Raw, RawFault, RawJson2, RawXml

BANK_LINE = "account.bank.statement.line"
LINES = "account.move.line"
TIME = "account.analytic.line"


@pytest.fixture
def raw(server: Server) -> Raw:
    return server.raw()


@pytest.fixture
def partner(raw: Raw, token: str) -> int:
    return raw.create("res.partner", name=f"Customer {token}")


def fault_of(raw: Raw, model: str, method: str, *arguments: Any, **named: Any) -> RawFault:
    with pytest.raises(RawFault) as caught:
        raw.call(model, method, *arguments, **named)
    return caught.value


def quietly(raw: Raw, model: str, method: str, *arguments: Any, **named: Any) -> None:
    """A call whose result is nothing, or a record set."""
    raw.call(model, method, *arguments, **named)


# Records ------------------------------------------------------------------------------------------------------------


def test_an_empty_field_reads_as_false_a_number_as_zero_a_list_as_empty(raw: Raw, partner: int) -> None:
    row = raw.one(
        "res.partner", partner, "country_id", "email", "partner_latitude", "category_id", "is_company", "color"
    )
    assert row == {
        "id": partner, "country_id": False, "email": False, "partner_latitude": 0.0, "category_id": [],
        "is_company": False, "color": 0,
    }  # fmt: skip


def test_create_of_one_gives_an_id_and_of_a_list_a_list(raw: Raw, token: str) -> None:
    one = raw.call("res.partner", "create", {"name": f"a {token}"})
    two = raw.call("res.partner", "create", [{"name": f"b {token}"}, {"name": f"c {token}"}])
    assert isinstance(one, int)
    assert [type(id_) for id_ in two] == [int, int]


def test_read_leaves_out_what_is_gone_and_write_refuses_it(raw: Raw) -> None:
    assert raw.call("res.partner", "read", [99999999], ["name"]) == []
    assert fault_of(raw, "res.partner", "write", [99999999], {"name": "x"}).name == "odoo.exceptions.MissingError"


def test_a_child_is_named_after_its_company(raw: Raw, partner: int, token: str) -> None:
    child = raw.create("res.partner", name="Zoe", parent_id=partner)
    row = raw.one("res.partner", child, "display_name", "commercial_partner_id", "parent_id")
    assert row["display_name"] == f"Customer {token}, Zoe"
    assert row["parent_id"] == [partner, f"Customer {token}"]


def test_a_link_reads_as_id_and_name_or_as_the_id_alone(raw: Raw, partner: int, token: str) -> None:
    child = raw.create("res.partner", name="Zoe", parent_id=partner)
    assert raw.call("res.partner", "read", [child], ["parent_id"], load="")[0]["parent_id"] == partner


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ([["name", "=", "T1"]], ["T1"]),
        ([["name", "!=", "T1"]], ["T2", "T3"]),
        ([["name", "in", ["T1", "T3"]]], ["T1", "T3"]),
        ([["name", "not in", ["T1", "T3"]]], ["T2"]),
        ([["name", "like", "T_"]], ["T1", "T2", "T3"]),
        ([["name", "ilike", "t2"]], ["T2"]),
        ([["name", "not ilike", "t2"]], ["T1", "T3"]),
        ([["name", "=like", "%3"]], ["T3"]),
        ([["color", ">", 1]], ["T2", "T3"]),
        ([["color", "<=", 2]], ["T1", "T2"]),
        ([["email", "=", False]], ["T2", "T3"]),
        ([["email", "!=", False]], ["T1"]),
        (["|", ["name", "=", "T1"], ["name", "=", "T2"]], ["T1", "T2"]),
        (["!", ["name", "=", "T1"]], ["T2", "T3"]),
        (["&", ["color", ">=", 2], "!", ["name", "=", "T3"]], ["T2"]),
        (["|", "&", ["color", ">=", 2], ["name", "=", "T3"], ["email", "!=", False]], ["T1", "T3"]),
        ([["parent_id.email", "ilike", "top"]], ["T1", "T2", "T3"]),
        ([["email", "=?", False]], ["T1", "T2", "T3"]),
        ([["category_id", "=", False]], ["T1", "T2", "T3"]),
        ([["id", "in", []]], []),
    ],
)
def test_domains_select(raw: Raw, token: str, domain: list[Any], expected: list[str]) -> None:
    top = raw.create("res.partner", name=f"Top {token}", email=f"top@{token}.example")
    for number in (1, 2, 3):
        email = {"email": "a@b.example"} if number == 1 else {}
        raw.create("res.partner", name=f"T{number}", parent_id=top, color=number, **email)
    found = raw.find("res.partner", [["parent_id", "=", top], *domain], "name", order="color")
    assert [row["name"] for row in found] == expected


def test_a_tree_is_searched_downwards(raw: Raw, partner: int) -> None:
    child = raw.create("res.partner", name="Zoe", parent_id=partner)
    assert raw.call("res.partner", "search", [["id", "child_of", partner]], order="id") == [partner, child]


def test_archived_records_are_found_only_when_asked_for(raw: Raw, partner: int) -> None:
    raw.call("res.partner", "write", [partner], {"active": False})
    here = [["id", "=", partner]]
    assert raw.call("res.partner", "search", here) == []
    assert raw.call("res.partner", "search", [*here, ["active", "in", [True, False]]]) == [partner]
    assert raw.call("res.partner", "search", here, context={"active_test": False}) == [partner]


def test_search_pages_in_the_order_asked_for(raw: Raw, partner: int) -> None:
    ids = [raw.create("res.partner", name=f"C{number}", parent_id=partner) for number in (1, 2, 3)]
    domain = [["parent_id", "=", partner]]
    assert raw.call("res.partner", "search", domain, order="name desc", limit=2) == [ids[2], ids[1]]
    assert raw.call("res.partner", "search", domain, order="name desc", limit=2, offset=2) == [ids[0]]
    assert raw.call("res.partner", "search_count", domain) == 3


def test_list_commands_create_change_and_delete_children(raw: Raw, partner: int) -> None:
    commands = [[0, 0, {"name": "A"}], [0, 0, {"name": "B"}]]
    raw.call("res.partner", "write", [partner], {"child_ids": commands})
    first, second = sorted(raw.value("res.partner", partner, "child_ids"))
    raw.call("res.partner", "write", [partner], {"child_ids": [[1, first, {"name": "A2"}], [2, second, 0]]})
    rows = raw.find("res.partner", [["parent_id", "=", partner]], "name")
    assert [row["name"] for row in rows] == ["A2"]


def test_link_commands_add_remove_and_replace(raw: Raw, token: str) -> None:
    tags = [raw.create("crm.tag", name=f"{number} {token}") for number in (1, 2, 3)]
    lead = raw.create("crm.lead", name=token, type="lead", tag_ids=[[6, 0, tags[:2]]])
    raw.call("crm.lead", "write", [lead], {"tag_ids": [[4, tags[2], 0], [3, tags[0], 0]]})
    assert sorted(raw.value("crm.lead", lead, "tag_ids")) == tags[1:]
    raw.call("crm.lead", "write", [lead], {"tag_ids": [[5, 0, 0]]})
    assert raw.value("crm.lead", lead, "tag_ids") == []


def test_a_refused_call_leaves_nothing_behind(raw: Raw, token: str) -> None:
    fault_of(raw, "res.partner", "create", [{"name": f"kept? {token}"}, {"nope": 1}])
    assert raw.call("res.partner", "search_count", [["name", "=", f"kept? {token}"]]) == 0


def test_names_are_searched(raw: Raw, partner: int, token: str) -> None:
    assert raw.call("res.partner", "name_search", f"Customer {token}") == [[partner, f"Customer {token}"]]


def test_only_the_old_server_has_name_get(server: Server, raw: Raw, partner: int, token: str) -> None:
    if server.version < 17:
        assert raw.call("res.partner", "name_get", [partner]) == [[partner, f"Customer {token}"]]
    else:
        assert fault_of(raw, "res.partner", "name_get", [partner]).name == "builtins.AttributeError"


def test_fields_get_tells_types_links_and_digits(raw: Raw) -> None:
    fields = raw.call("account.move.line", "fields_get", ["debit", "account_id", "quantity"], ["type", "relation"])
    assert fields["debit"]["type"] == "monetary"
    assert (fields["account_id"]["type"], fields["account_id"]["relation"]) == ("many2one", "account.account")
    assert fields["quantity"] == {"type": "float"}


def test_groups_count_and_sum(server: Server, raw: Raw, token: str) -> None:
    domain = [["name", "=", token]]
    for revenue, stage in ((10.1, 1), (20.2, 1), (5, 2)):
        raw.create("crm.lead", name=token, type="opportunity", expected_revenue=revenue, stage_id=stage)
    rows = raw.call("crm.lead", "read_group", domain, ["expected_revenue:sum"], ["stage_id"])
    counted = {
        row["stage_id"][0]: (row["stage_id_count"], row["expected_revenue"]) for row in rows if row["stage_id_count"]
    }
    assert counted == {1: (2, pytest.approx(30.3)), 2: (1, 5.0)}
    assert len(rows) == raw.call("crm.stage", "search_count", [])
    whole = raw.call("crm.lead", "read_group", domain, ["expected_revenue:sum"], ["stage_id"], lazy=False)
    assert sum(row["__count"] for row in whole) == 3


def test_the_new_server_groups_with_named_aggregates(server: Server, raw: Raw, token: str) -> None:
    if server.version < 19:
        assert fault_of(raw, "crm.lead", "formatted_read_group", []).name == "builtins.AttributeError"
        return
    for revenue in (10, 20):
        raw.create("crm.lead", name=token, type="opportunity", expected_revenue=revenue, stage_id=1)
    rows = raw.call(
        "crm.lead", "formatted_read_group", [["name", "=", token]], ["stage_id"], ["__count", "expected_revenue:sum"]
    )
    assert rows == [
        {"stage_id": [1, "New"], "__extra_domain": [["stage_id", "=", 1]], "__count": 2, "expected_revenue:sum": 30.0}
    ]


# load ---------------------------------------------------------------------------------------------------------------


def test_load_creates_once_and_then_changes(raw: Raw, token: str) -> None:
    columns = ["id", "name", "email"]
    first = raw.call("res.partner", "load", columns, [[f"oimkit.{token}", f"L {token}", "a@b.example"]])
    again = raw.call("res.partner", "load", columns, [[f"oimkit.{token}", f"L2 {token}", ""]])
    assert first["ids"] == again["ids"]
    assert (first["messages"], first["nextrow"]) == ([], 0)
    assert raw.one("res.partner", first["ids"][0], "name", "email")["email"] is False
    keys = raw.find("ir.model.data", [["module", "=", "oimkit"], ["name", "=", token]], "model", "res_id")
    assert [(key["model"], key["res_id"]) for key in keys] == [("res.partner", first["ids"][0])]


def test_load_with_one_bad_row_keeps_nothing_and_names_the_row(raw: Raw, token: str) -> None:
    rows = [[f"oimkit.{token}_1", f"ok {token}", ""], [f"oimkit.{token}_2", "bad", "oimkit.is_not_there"]]
    answer = raw.call("res.partner", "load", ["id", "name", "parent_id/id"], rows)
    (message,) = answer["messages"]
    assert answer["ids"] is False
    assert (message["type"], message["rows"], message["record"]) == ("error", {"from": 1, "to": 1}, 1)
    assert message["field"] == "parent_id"
    assert "No matching record found for external id 'oimkit.is_not_there'" in message["message"]
    assert raw.call("res.partner", "search_count", [["name", "=", f"ok {token}"]]) == 0


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("credit_limit", "abc", "'abc' does not seem to be a number"),
        ("parent_id/.id", "99999999", "No matching record found for database id '99999999'"),
        ("type", "nonsense", "Value 'nonsense' not found in selection field"),
    ],
)
def test_load_says_which_cell_it_cannot_read(raw: Raw, token: str, column: str, cell: str, words: str) -> None:
    if column == "credit_limit":
        column = "partner_latitude"
    answer = raw.call("res.partner", "load", ["id", "name", column], [[f"oimkit.{token}", "x", cell]])
    assert answer["ids"] is False
    assert words in answer["messages"][0]["message"]
    assert answer["messages"][0]["field"] == column.split("/")[0]


def test_load_of_a_bad_date_says_so(raw: Raw, token: str, partner: int) -> None:
    columns = ["id", "move_type", "partner_id/.id", "invoice_date"]
    answer = raw.call("account.move", "load", columns, [[f"oimkit.{token}", "out_invoice", str(partner), "01/11/2026"]])
    assert "'01/11/2026' does not seem to be a valid date" in answer["messages"][0]["message"]


def test_load_of_a_contact_without_a_name_is_refused_without_a_field(raw: Raw, token: str) -> None:
    answer = raw.call("res.partner", "load", ["id", "name"], [[f"oimkit.{token}", ""]])
    message = answer["messages"][0]
    assert answer["ids"] is False
    assert "Contacts require a name" in message["message"]
    assert "field" not in message


def test_load_of_nothing_does_nothing(raw: Raw) -> None:
    assert raw.call("res.partner", "load", ["id", "name"], []) == {"ids": [], "messages": [], "nextrow": 0}


def test_load_of_one_key_twice_in_a_call_gives_its_id_twice(raw: Raw, token: str) -> None:
    rows = [[f"oimkit.{token}", "x"], [f"oimkit.{token}", "y"]]
    first, second = raw.call("res.partner", "load", ["id", "name"], rows)["ids"]
    assert first == second


def test_load_reads_booleans_names_and_lists(raw: Raw, token: str, partner: int) -> None:
    columns = ["id", "name", "is_company", "parent_id"]
    answer = raw.call("res.partner", "load", columns, [[f"oimkit.{token}", "x", "yes", f"Customer {token}"]])
    row = raw.one("res.partner", answer["ids"][0], "is_company", "parent_id")
    assert (row["is_company"], row["parent_id"][0]) == (True, partner)


def test_load_in_pages_says_where_to_go_on(raw: Raw, token: str) -> None:
    rows = [[f"oimkit.{token}_{number}", f"x{number}"] for number in range(5)]
    answer = raw.call("res.partner", "load", ["id", "name"], rows, context={"_import_limit": 2})
    assert (len(answer["ids"]), answer["nextrow"]) == (2, 2)


def test_a_key_of_another_model_is_refused_by_19_and_moved_by_14(server: Server, raw: Raw, token: str) -> None:
    raw.call("res.partner", "load", ["id", "name"], [[f"oimkit.{token}", "x"]])
    answer = raw.call("crm.tag", "load", ["id", "name"], [[f"oimkit.{token}", f"tag {token}"]])
    models = [row["model"] for row in raw.find("ir.model.data", [["name", "=", token]], "model")]
    if server.version >= 17:
        assert answer["ids"] is False
        assert "found record of different model res.partner" in answer["messages"][0]["message"]
        assert models == ["res.partner"]
    else:
        assert len(answer["ids"]) == 1
        assert models == ["crm.tag"]


def test_a_key_goes_with_its_record(raw: Raw, token: str) -> None:
    (id_,) = raw.call("res.partner", "load", ["id", "name"], [[f"oimkit.{token}", "x"]])["ids"]
    raw.call("res.partner", "unlink", [id_])
    assert raw.find("ir.model.data", [["name", "=", token]], "id") == []


def test_a_key_can_be_asked_for_by_everyone(server: Server, raw: Raw, token: str) -> None:
    (id_,) = raw.call("res.partner", "load", ["id", "name"], [[f"oimkit.{token}", "x"]])["ids"]
    billing = server.raw("billing")
    assert billing.call("ir.model.data", "check_object_reference", "oimkit", token) == ["res.partner", id_]
    fault = fault_of(billing, "ir.model.data", "check_object_reference", "oimkit", f"{token}_none")
    assert (fault.name, "External ID not found" in fault.message) == ("builtins.ValueError", True)


def test_two_rows_for_one_key_are_refused(raw: Raw, token: str, partner: int) -> None:
    values = {"module": "oimkit", "name": token, "model": "res.partner", "res_id": partner}
    raw.call("ir.model.data", "create", values)
    fault = fault_of(raw, "ir.model.data", "create", values)
    assert "duplicate key value violates unique constraint" in fault.message


# Faults on each transport -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (("res.partner", "write", [99999999], {"name": "x"}), "odoo.exceptions.MissingError"),
        (("res.partner", "create", {}), "odoo.exceptions.ValidationError"),
        (("res.partner", "read", [1], ["nope"]), "builtins.ValueError"),
        (("res.partner", "search", [["nope", "=", 1]]), "builtins.ValueError"),
        (("res.partner", "search", [["id", "foo", 1]]), "builtins.ValueError"),
        (("res.partner", "create", {"nope": 1}), "builtins.ValueError"),
        (("res.partner", "nope", [1]), "builtins.AttributeError"),
        (("res.partner", "_compute", [1]), "odoo.exceptions.AccessError"),
        (("nope.model", "read", [1]), "odoo.exceptions.UserError"),
        (("account.move", "create", {"move_type": "nonsense"}), "builtins.ValueError"),
        (("account.move", "action_post", [99999999]), "odoo.exceptions.MissingError"),
    ],
)
def test_jsonrpc_faults_carry_the_class_in_a_reply_of_status_200(raw: Raw, call: tuple[Any, ...], name: str) -> None:
    fault = fault_of(raw, *call)
    assert (fault.name, fault.status) == (name, 200)


@pytest.mark.parametrize(
    ("call", "code", "words"),
    [
        (("res.partner", "write", [99999999], {"name": "x"}), "2", "does not exist or has been deleted"),
        (("res.partner", "create", {}), "2", ""),
        (("res.partner", "read", [1], ["nope"]), "1", "Invalid field 'nope' on"),
        (("res.partner", "nope", [1]), "1", "AttributeError: "),
        (("nope.model", "read", [1]), "2", "Object nope.model doesn't exist"),
        (("res.partner", "_compute", [1]), "4", "cannot be called remotely"),
    ],
)
def test_xmlrpc_faults_carry_a_number(server: Server, call: tuple[Any, ...], code: str, words: str) -> None:
    fault = fault_of(server.raw(transport="xmlrpc"), *call)
    assert fault.name == code
    assert words in fault.message


@pytest.mark.parametrize(
    ("model", "method", "named", "status", "name"),
    [
        ("res.partner", "write", {"ids": [99999999], "vals": {"name": "x"}}, 404, "odoo.exceptions.MissingError"),
        ("res.partner", "create", {"vals_list": {}}, 422, "odoo.exceptions.ValidationError"),
        ("res.partner", "search", {"domain": [["nope", "=", 1]]}, 500, "builtins.ValueError"),
        ("res.partner", "nope", {}, 404, "werkzeug.exceptions.NotFound"),
        ("nope.model", "read", {}, 404, "werkzeug.exceptions.NotFound"),
        ("res.partner", "search", {"ids": [1], "domain": []}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("res.partner", "search", {}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("res.partner", "create", {"vals": {}}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("res.partner", "_compute", {}, 403, "odoo.exceptions.AccessError"),
    ],
)
def test_json2_faults_carry_a_status(
    new_server: Server, model: str, method: str, named: dict[str, Any], status: int, name: str
) -> None:
    raw = new_server.raw(transport="json2")
    assert isinstance(raw, RawJson2)
    with pytest.raises(RawFault) as caught:
        raw.post(model, method, named)
    assert (caught.value.status, caught.value.name) == (status, name)


def test_json2_gives_lists_of_ids(new_server: Server, token: str) -> None:
    raw = new_server.raw(transport="json2")
    (made,) = raw.call("res.partner", "create", vals_list={"name": token})
    assert raw.call("res.partner", "search", domain=[["name", "=", token]]) == [made]
    assert raw.call("res.partner", "read", ids=[made], fields=["name"]) == [{"id": made, "name": token}]
    assert raw.call("res.users", "context_get")["uid"] == new_server.logins["admin"].user_id


@pytest.mark.parametrize("key", ["nonsense", None])
def test_json2_without_a_valid_key_is_unauthorised(server: Server, key: str | None) -> None:
    headers = {"X-Odoo-Database": server.database} | ({"Authorization": f"bearer {key}"} if key else {})
    reply = requests.post(f"{server.url}/json/2/res.partner/search", json={"domain": []}, headers=headers, timeout=60)
    assert reply.status_code == (401 if server.version >= 19 else 404)


def test_signing_in_with_a_wrong_password_gives_false(server: Server, raw: Raw) -> None:
    assert raw.service("common", "authenticate", server.database, "admin", "wrong", {}) is False
    assert raw.service("common", "authenticate", server.database, "nobody", "wrong", {}) is False


def test_a_second_factor_wants_a_key(server: Server, raw: Raw) -> None:
    login = server.logins["twofactor"]
    assert raw.service("common", "authenticate", server.database, login.login, login.password, {}) is False
    assert raw.service("common", "authenticate", server.database, login.login, login.api_key, {}) == login.user_id


def test_a_call_with_a_wrong_secret_is_denied(server: Server) -> None:
    known = server.raw()
    over_json = Raw(known.url, known.database, known.user_id, "wrong")
    over_xml = RawXml(known.url, known.database, known.user_id, "wrong")
    assert fault_of(over_json, "res.partner", "read", [1]).name == "odoo.exceptions.AccessDenied"
    assert (fault_of(over_xml, "res.partner", "read", [1])).name == "3"


def test_another_database_is_an_error_of_the_server(server: Server) -> None:
    raw = RawXml(server.url, "there_is_no_such_database", 2, "x")
    assert 'database "there_is_no_such_database" does not exist' in fault_of(raw, "res.partner", "read", [1]).message


def test_the_version_is_told_without_signing_in(server: Server, raw: Raw) -> None:
    told = raw.service("common", "version")
    assert (told["server_version_info"][0], told["protocol_version"]) == (server.version, 1)
    reply = requests.get(f"{server.url}/web/version", timeout=60)
    assert reply.status_code == (200 if server.version >= 19 else 404)


def test_a_method_that_returns_nothing_faults_on_xmlrpc_after_it_was_done(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="lead")
    fault = fault_of(server.raw(transport="xmlrpc"), "crm.lead", "action_set_lost", [lead])
    assert fault.name == "1"
    assert "cannot marshal None unless allow_none is enabled" in fault.message
    assert raw.value("crm.lead", lead, "active") is False


# Rights -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["billing", "twofactor"])
def test_who_may_not_see_timesheets_finds_none_without_an_error(
    server: Server, raw: Raw, token: str, role: str
) -> None:
    project = raw.create("project.project", name=token)
    line = raw.create(TIME, project_id=project, name="w", unit_amount=1)
    user = server.raw(role)
    assert user.call(TIME, "search_count", [["project_id", "=", project]]) == 0
    assert fault_of(user, TIME, "read", [line], ["name"]).name == "odoo.exceptions.AccessError"


def test_who_may_not_book_is_refused_a_statement_line(server: Server, raw: Raw) -> None:
    user = server.raw("twofactor")
    journal = bank_journal(raw)
    model = "account.bank.statement" if server.version < 16 else BANK_LINE
    values = {"journal_id": journal} | ({"name": "x"} if server.version < 16 else {"payment_ref": "x", "amount": 1})
    assert fault_of(user, model, "create", values).name == "odoo.exceptions.AccessError"
    assert user.call(model, "check_access_rights", "create", False) is False
    assert raw.call(model, "check_access_rights", "create", False) is True


def test_load_without_the_right_is_refused_in_a_message(new_server: Server, token: str) -> None:
    answer = new_server.raw("limited").call("res.partner", "load", ["id", "name"], [[f"oimkit.{token}", "x"]])
    assert answer["ids"] is False
    assert "You are not allowed to create" in answer["messages"][0]["message"]


def test_groups_are_asked_for_each_in_its_way(server: Server, raw: Raw) -> None:
    group = "account.group_account_user"
    arguments = (group,) if server.version < 18 else ([raw.user_id], group)
    assert raw.call("res.users", "has_group", *arguments) is True
    user = server.raw("twofactor")
    arguments = (group,) if server.version < 18 else ([user.user_id], group)
    assert user.call("res.users", "has_group", *arguments) is False


# Leads --------------------------------------------------------------------------------------------------------------


def reason_field(server: Server) -> str:
    return "lost_reason" if server.version < 16 else "lost_reason_id"


def test_a_won_lead_stands_in_a_won_stage_at_a_hundred(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="opportunity")
    assert raw.call("crm.lead", "action_set_won", [lead]) is True
    row = raw.one("crm.lead", lead, "probability", "active", "stage_id", "date_closed")
    assert (row["probability"], row["active"]) == (100.0, True)
    assert raw.value("crm.stage", row["stage_id"][0], "is_won") is True
    assert row["date_closed"]
    if server.version >= 19:
        assert raw.value("crm.lead", lead, "won_status") == "won"


def test_a_lost_lead_is_archived_at_zero_in_its_stage_with_its_reason(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="opportunity", stage_id=2)
    quietly(raw, "crm.lead", "action_set_lost", [lead], **{reason_field(server): 1})
    row = raw.one("crm.lead", lead, "probability", "active", "stage_id", "date_closed", reason_field(server))
    assert (row["probability"], row["active"], row["stage_id"][0]) == (0.0, False, 2)
    assert row[reason_field(server)][0] == 1
    assert bool(row["date_closed"]) is (server.version >= 19)


def test_a_restored_lead_is_active_without_a_reason(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="opportunity", stage_id=2)
    quietly(raw, "crm.lead", "action_set_lost", [lead], **{reason_field(server): 1})
    quietly(raw, "crm.lead", "toggle_active" if server.version < 19 else "action_restore", [lead])
    row = raw.one("crm.lead", lead, "active", "date_closed", reason_field(server))
    assert row == {"id": lead, "active": True, "date_closed": False, reason_field(server): False}


def test_writing_a_won_stage_wins(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="opportunity")
    raw.call("crm.lead", "write", [lead], {"stage_id": 4})
    assert raw.value("crm.lead", lead, "probability") == 100.0


def test_a_won_stage_written_on_a_lost_lead_revives_it_only_on_19(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="opportunity")
    quietly(raw, "crm.lead", "action_set_lost", [lead])
    raw.call("crm.lead", "write", [lead], {"stage_id": 4})
    row = raw.one("crm.lead", lead, "active", "probability")
    assert (row["active"], row["probability"]) == (server.version >= 19, 100.0)


def test_losing_in_the_won_stage_is_refused_only_by_19(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="opportunity")
    raw.call("crm.lead", "action_set_won", [lead])
    if server.version >= 19:
        assert fault_of(raw, "crm.lead", "action_set_lost", [lead]).name == "odoo.exceptions.ValidationError"
    else:
        quietly(raw, "crm.lead", "action_set_lost", [lead])
        assert raw.value("crm.lead", lead, "probability") == 0.0


def test_a_won_lead_moved_back_is_open_again(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="opportunity")
    raw.call("crm.lead", "action_set_won", [lead])
    raw.call("crm.lead", "write", [lead], {"stage_id": 1})
    row = raw.one("crm.lead", lead, "probability", "date_closed")
    assert row["probability"] < 100
    assert bool(row["date_closed"]) is (server.version < 19)


def test_archiving_by_write_is_not_losing_but_closes(server: Server, raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="opportunity", probability=40)
    raw.call("crm.lead", "write", [lead], {"active": False})
    row = raw.one("crm.lead", lead, "probability", "date_closed")
    assert (row["probability"], bool(row["date_closed"])) == (40.0, True)


def test_the_conversion_wizard_makes_a_customer(raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="lead", contact_name="Ann", partner_name=f"Mill {token}")
    context = {"active_ids": [lead], "active_model": "crm.lead", "active_id": lead}
    values = {"lead_id": lead, "name": "convert", "action": "create"}
    wizard = raw.call("crm.lead2opportunity.partner", "create", values, context=context)
    raw.call("crm.lead2opportunity.partner", "action_apply", [wizard], context=context)
    row = raw.one("crm.lead", lead, "type", "partner_id", "date_conversion")
    assert (row["type"], row["partner_id"][1]) == ("opportunity", f"Mill {token}, Ann")
    assert row["date_conversion"]


def test_the_conversion_wizard_wants_its_records_in_the_context(raw: Raw, token: str) -> None:
    lead = raw.create("crm.lead", name=token, type="lead")
    values = {"lead_id": lead, "name": "convert", "action": "create"}
    wizard = raw.call("crm.lead2opportunity.partner", "create", values, context={"active_ids": [lead]})
    assert fault_of(raw, "crm.lead2opportunity.partner", "action_apply", [wizard]).name == "builtins.IndexError"


# Worked time --------------------------------------------------------------------------------------------------------


@pytest.fixture
def project(raw: Raw, token: str, partner: int) -> int:
    return raw.create("project.project", name=f"Project {token}", partner_id=partner)


def worked(raw: Raw, project: int, *hours: float) -> list[int]:
    return [raw.create(TIME, project_id=project, name=f"w{h}", date="2026-11-02", unit_amount=h) for h in hours]


def test_a_timesheet_line_knows_its_employee_customer_and_account(raw: Raw, project: int, partner: int) -> None:
    (line,) = worked(raw, project, 1.5)
    row = raw.one(TIME, line, "employee_id", "partner_id", "account_id", "unit_amount", "user_id")
    assert (row["partner_id"][0], row["unit_amount"], row["user_id"][0]) == (partner, 1.5, raw.user_id)
    assert row["employee_id"]
    assert row["account_id"]


def test_hours_are_kept_as_they_were_sent(raw: Raw, project: int) -> None:
    (line,) = worked(raw, project, 0.3333333333)
    assert raw.value(TIME, line, "unit_amount") == 0.3333333333


def test_an_invoice_takes_timesheets_from_another_one_silently(raw: Raw, project: int, partner: int) -> None:
    first, second = worked(raw, project, 1, 2)
    one = draft(raw, partner, (1, 10), timesheet_ids=[[6, 0, [first, second]]])
    two = draft(raw, partner, (1, 10), timesheet_ids=[[6, 0, [second]]])
    assert raw.value("account.move", one, "timesheet_ids") == [first]
    assert raw.value(TIME, second, "timesheet_invoice_id")[0] == two


def test_time_is_free_again_when_its_draft_is_deleted(raw: Raw, project: int, partner: int) -> None:
    (line,) = worked(raw, project, 1)
    move = draft(raw, partner, (1, 10), timesheet_ids=[[6, 0, [line]]])
    raw.call("account.move", "unlink", [move])
    assert raw.value(TIME, line, "timesheet_invoice_id") is False


def test_time_on_a_posted_invoice_cannot_be_deleted(raw: Raw, project: int, partner: int) -> None:
    (line,) = worked(raw, project, 1)
    move = draft(raw, partner, (1, 10), timesheet_ids=[[6, 0, [line]]])
    quietly(raw, "account.move", "action_post", [move])
    assert "already been invoiced" in fault_of(raw, TIME, "unlink", [line]).message


# Invoices -----------------------------------------------------------------------------------------------------------


def draft(raw: Raw, partner: int, *lines: tuple[float, float], **more: Any) -> int:
    commands = [[0, 0, {"name": "work", "quantity": quantity, "price_unit": price}] for quantity, price in lines]
    values = {"move_type": "out_invoice", "partner_id": partner, "invoice_date": "2026-11-05", **more}
    return raw.create("account.move", **values, invoice_line_ids=commands)


def posted(raw: Raw, partner: int, *lines: tuple[float, float]) -> int:
    move = draft(raw, partner, *lines)
    quietly(raw, "account.move", "action_post", [move])
    return move


def items(raw: Raw, move: int, *fields: str) -> list[dict[str, Any]]:
    return raw.find(LINES, [["move_id", "=", move]], "account_id", "debit", "credit", *fields, order="id")


def trade_item(raw: Raw, move: int) -> dict[str, Any]:
    (item,) = [row for row in items(raw, move) if row["account_id"][1].endswith("Account Receivable")]
    return item


def test_a_draft_balances_with_a_receivable_item(raw: Raw, partner: int) -> None:
    move = draft(raw, partner, (2, 10.5), (1, 4))
    row = raw.one("account.move", move, "amount_untaxed", "amount_total", "amount_residual", "state", "payment_state")
    assert (row["amount_untaxed"], row["amount_total"], row["amount_residual"]) == (25.0, 25.0, 25.0)
    assert (row["state"], row["payment_state"]) == ("draft", "not_paid")
    assert sorted((item["debit"], item["credit"]) for item in items(raw, move)) == [(0, 4), (0, 21), (25, 0)]


def test_quantities_are_rounded_and_the_line_is_priced_before_on_14_after_on_19(
    server: Server, raw: Raw, partner: int
) -> None:
    move = draft(raw, partner, (0.3333, 100))
    (line,) = raw.value("account.move", move, "invoice_line_ids")
    row = raw.one(LINES, line, "quantity", "price_subtotal")
    assert row["quantity"] == 0.33
    assert row["price_subtotal"] == (33.33 if server.version < 17 else 33.0)


def test_prices_are_rounded_by_14_and_kept_by_19(server: Server, raw: Raw, partner: int) -> None:
    move = draft(raw, partner, (3, 1.005))
    (line,) = raw.value("account.move", move, "invoice_line_ids")
    assert raw.value(LINES, line, "price_unit") == (1.01 if server.version < 17 else 1.005)
    assert raw.value("account.move", move, "amount_total") == 3.02


def test_19_rounds_the_untaxed_amount_once_over_all_lines(server: Server, raw: Raw, partner: int) -> None:
    move = draft(raw, partner, (3, 0.1), (3, 0.7), (3, 19.99), (3, 1.005), (3, 33.333333))
    assert raw.value("account.move", move, "amount_total") == (165.39 if server.version < 17 else 165.38)
    debit = sum(item["debit"] for item in items(raw, move))
    assert debit == pytest.approx(sum(item["credit"] for item in items(raw, move)))


def test_a_tax_is_an_item_of_its_own(raw: Raw, partner: int) -> None:
    tax = raw.call("account.tax", "search", [["type_tax_use", "=", "sale"], ["amount", "=", 15]], limit=1)
    line = {"name": "x", "quantity": 3, "price_unit": 10.01, "tax_ids": [[6, 0, tax]]}
    move = raw.create("account.move", move_type="out_invoice", partner_id=partner, invoice_line_ids=[[0, 0, line]])
    row = raw.one("account.move", move, "amount_untaxed", "amount_tax", "amount_total")
    assert (row["amount_untaxed"], row["amount_tax"], row["amount_total"]) == (30.03, 4.5, 34.53)
    assert sorted(item["credit"] for item in items(raw, move)) == [0, 4.5, 30.03]


def test_posting_numbers_the_invoice_and_gives_it_a_payment_reference(server: Server, raw: Raw, partner: int) -> None:
    move = draft(raw, partner, (1, 10), ref="my own")
    answer = raw.call("account.move", "action_post", [move])
    row = raw.one("account.move", move, "name", "state", "payment_reference", "ref", "invoice_date")
    assert answer == (f"account.move({move},)" if server.version < 17 else False)
    assert row["name"].startswith("INV/2026/11/" if server.version < 17 else "INV/2026/0")
    assert (row["state"], row["payment_reference"], row["ref"]) == ("posted", row["name"], "my own")


def test_a_second_draft_has_no_number(server: Server, raw: Raw, partner: int) -> None:
    draft(raw, partner, (1, 1))
    move = draft(raw, partner, (1, 1))
    assert raw.value("account.move", move, "name") == ("/" if server.version < 17 else False)


def test_posting_again_is_refused_only_by_19(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 10))
    if server.version < 17:
        assert raw.call("account.move", "action_post", [move]) == f"account.move({move},)"
    else:
        assert "must be in draft" in fault_of(raw, "account.move", "action_post", [move]).message


def test_an_invoice_without_customer_lines_or_with_a_negative_total_is_not_posted(raw: Raw, partner: int) -> None:
    nobody = raw.create(
        "account.move", move_type="out_invoice", invoice_line_ids=[[0, 0, {"name": "x", "price_unit": 1}]]
    )
    empty = raw.create("account.move", move_type="out_invoice", partner_id=partner)
    negative = draft(raw, partner, (-1, 10))
    for move in (nobody, empty, negative):
        assert fault_of(raw, "account.move", "action_post", [move]).name == "odoo.exceptions.UserError"
        assert raw.value("account.move", move, "state") == "draft"


def test_a_posted_invoice_is_not_deleted_and_a_draft_is(raw: Raw, partner: int) -> None:
    move, other = posted(raw, partner, (1, 10)), draft(raw, partner, (1, 10))
    assert fault_of(raw, "account.move", "unlink", [move]).name == "odoo.exceptions.UserError"
    assert raw.call("account.move", "unlink", [other]) is True
    assert raw.call(LINES, "search_count", [["move_id", "=", other]]) == 0


def test_back_to_draft_the_lines_can_be_changed(raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 10))
    name = raw.value("account.move", move, "name")
    quietly(raw, "account.move", "button_draft", [move])
    commands = [[0, 0, {"name": "more", "quantity": 1, "price_unit": 5}]]
    raw.call("account.move", "write", [move], {"invoice_line_ids": commands})
    assert raw.value("account.move", move, "amount_total") == 15.0
    quietly(raw, "account.move", "action_post", [move])
    assert raw.value("account.move", move, "name") == name


def test_the_lines_of_a_posted_invoice_are_frozen_only_on_19(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 10))
    change = {"invoice_line_ids": [[0, 0, {"name": "more", "quantity": 1, "price_unit": 5}]]}
    if server.version >= 17:
        fault = fault_of(raw, "account.move", "write", [move], change)
        assert fault.message.endswith("readonly fields on a posted move: invoice_line_ids")
    else:
        raw.call("account.move", "write", [move], change)
        assert raw.value("account.move", move, "amount_total") == 15.0


def test_an_entry_that_does_not_balance_is_refused(raw: Raw) -> None:
    account = raw.call("account.account", "search", [["code", "=", "400000"]])[0]
    lines = [[0, 0, {"name": "x", "account_id": account, "debit": 5}]]
    fault = fault_of(raw, "account.move", "create", {"move_type": "entry", "line_ids": lines})
    assert fault.name == "odoo.exceptions.UserError"


INVOICE_COLUMNS = [
    "id", "move_type", "partner_id/.id", "invoice_date", "ref",
    "invoice_line_ids/id", "invoice_line_ids/name", "invoice_line_ids/quantity", "invoice_line_ids/price_unit",
]  # fmt: skip


def invoice_rows(token: str, partner: int) -> list[list[str]]:
    head = [f"oimkit.{token}", "out_invoice", str(partner), "2026-11-05", token]
    return [
        [*head, f"oimkit.{token}_1", "a", "1.5", "10"],
        ["", "", "", "", "", f"oimkit.{token}_2", "b", "1", "10.15"],
    ]


def test_an_invoice_loaded_again_doubles_on_14_and_stays_on_19(
    server: Server, raw: Raw, partner: int, token: str
) -> None:
    first = raw.call("account.move", "load", INVOICE_COLUMNS, invoice_rows(token, partner))
    (move,) = first["ids"]
    assert raw.value("account.move", move, "amount_total") == 25.15
    again = raw.call("account.move", "load", INVOICE_COLUMNS, invoice_rows(token, partner))
    assert again["ids"] == [move]
    doubled = server.version < 17
    assert raw.value("account.move", move, "amount_total") == (50.3 if doubled else 25.15)
    assert len(raw.value("account.move", move, "invoice_line_ids")) == (4 if doubled else 2)


def test_a_posted_invoice_loaded_again_doubles_on_14_and_is_refused_on_19(
    server: Server, raw: Raw, partner: int, token: str
) -> None:
    (move,) = raw.call("account.move", "load", INVOICE_COLUMNS, invoice_rows(token, partner))["ids"]
    quietly(raw, "account.move", "action_post", [move])
    again = raw.call("account.move", "load", INVOICE_COLUMNS, invoice_rows(token, partner))
    if server.version < 17:
        assert again["ids"] == [move]
        assert raw.value("account.move", move, "amount_total") == 50.3
    else:
        assert again["ids"] is False
        assert (
            "readonly fields on a posted move: invoice_date, partner_id, invoice_line_ids"
            in again["messages"][0]["message"]
        )
        assert raw.value("account.move", move, "amount_total") == 25.15


def test_keys_of_invoice_lines_are_kept_only_by_19(server: Server, raw: Raw, partner: int, token: str) -> None:
    raw.call("account.move", "load", INVOICE_COLUMNS, invoice_rows(token, partner))
    keys = raw.find("ir.model.data", [["name", "like", token]], "model", order="name")
    expected = ["account.move"] if server.version < 17 else ["account.move", LINES, LINES]
    assert [key["model"] for key in keys] == expected


def test_an_invoice_and_its_timesheets_load_in_one_call(raw: Raw, partner: int, project: int, token: str) -> None:
    lines = worked(raw, project, 1, 2)
    rows = [
        [*row, ",".join(map(str, lines)) if not number else ""]
        for number, row in enumerate(invoice_rows(token, partner))
    ]
    (move,) = raw.call("account.move", "load", [*INVOICE_COLUMNS, "timesheet_ids/.id"], rows)["ids"]
    linked = raw.find(TIME, [["timesheet_invoice_id", "=", move]], "id", order="id")
    assert [row["id"] for row in linked] == lines


# Bank ---------------------------------------------------------------------------------------------------------------


def bank_journal(raw: Raw) -> int:
    return int(raw.call("account.journal", "search", [["code", "=", "BNK1"]])[0])


def bank_line(server: Server, raw: Raw, amount: float, **more: Any) -> int:
    """One posted bank line, in a statement of its own where the server wants one."""
    values = {"date": "2026-11-06", "payment_ref": "payment", "amount": amount, **more}
    if server.version >= 16:
        return raw.create(BANK_LINE, journal_id=bank_journal(raw), **values)
    statement = raw.create(
        "account.bank.statement", journal_id=bank_journal(raw), date="2026-11-06", name="S", line_ids=[[0, 0, values]]
    )
    quietly(raw, "account.bank.statement", "button_post", [statement])
    return int(raw.value("account.bank.statement", statement, "line_ids")[0])


def suspense_item(raw: Raw, line: int) -> int:
    suspense = raw.value("account.journal", bank_journal(raw), "suspense_account_id")[0]
    move = raw.value(BANK_LINE, line, "move_id")[0]
    return int(raw.call(LINES, "search", [["move_id", "=", move], ["account_id", "=", suspense]])[0])


def settle(raw: Raw, line: int, move: int, partner: int) -> int:
    """The proven recipe: the suspense item onto the receivable account, then matched; the item's id."""
    item, owed = suspense_item(raw, line), trade_item(raw, move)
    raw.call(LINES, "write", [item], {"account_id": owed["account_id"][0], "partner_id": partner})
    quietly(raw, LINES, "reconcile", [item, owed["id"]])
    return item


def test_a_journal_is_found_by_its_account_number(raw: Raw) -> None:
    number = raw.value("account.journal", bank_journal(raw), "bank_acc_number")
    domain = [["bank_account_id.sanitized_acc_number", "=", number]]
    assert raw.call("account.journal", "search", domain) == [bank_journal(raw)]


def test_a_bank_line_has_an_entry_of_bank_against_suspense(server: Server, raw: Raw) -> None:
    line = bank_line(server, raw, 30)
    row = raw.one(BANK_LINE, line, "move_id", "is_reconciled", "amount_residual", "state")
    journal = raw.one("account.journal", bank_journal(raw), "default_account_id", "suspense_account_id")
    booked = {item["account_id"][0]: item["debit"] - item["credit"] for item in items(raw, row["move_id"][0])}
    assert booked == {journal["default_account_id"][0]: 30.0, journal["suspense_account_id"][0]: -30.0}
    assert (row["is_reconciled"], row["amount_residual"], row["state"]) == (False, -30.0, "posted")
    assert raw.value("account.move", row["move_id"][0], "name").startswith("BNK1/2026/")


def test_14_wants_a_statement_that_is_open(old_server: Server) -> None:
    server, raw = old_server, old_server.raw()
    values = {"date": "2026-11-06", "payment_ref": "x", "amount": 1, "journal_id": bank_journal(raw)}
    assert fault_of(raw, BANK_LINE, "create", values).name == "builtins.KeyError"
    line = bank_line(server, raw, 5)
    statement = raw.value(BANK_LINE, line, "statement_id")[0]
    fault = fault_of(raw, BANK_LINE, "create", {**values, "statement_id": statement})
    assert fault.message == "You can only create statement line in open bank statements."
    assert "Only new statements" in fault_of(raw, "account.bank.statement", "button_post", [statement]).message


def test_the_recipe_pays_the_invoice_to_the_cent(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 30.45))
    line = bank_line(server, raw, 30.45)
    item = settle(raw, line, move, partner)
    row = raw.one("account.move", move, "payment_state", "amount_residual")
    assert (row["payment_state"], row["amount_residual"]) == ("paid", 0.0)
    assert raw.value(BANK_LINE, line, "is_reconciled") is True
    matched = raw.one(LINES, item, "reconciled", "amount_residual", "full_reconcile_id", "matching_number")
    assert (matched["reconciled"], matched["amount_residual"]) == (True, 0.0)
    number = str(matched["full_reconcile_id"][0])
    assert matched["matching_number"] == (f"A{number}" if server.version < 17 else number)


def test_between_the_two_calls_only_19_shows_the_line_as_settled(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 30))
    line = bank_line(server, raw, 30)
    account = trade_item(raw, move)["account_id"][0]
    raw.call(LINES, "write", [suspense_item(raw, line)], {"account_id": account, "partner_id": partner})
    assert raw.value(BANK_LINE, line, "is_reconciled") is (server.version >= 17)
    assert raw.value("account.move", move, "payment_state") == "not_paid"


def test_a_smaller_payment_leaves_a_rest(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 100))
    line = bank_line(server, raw, 30)
    item = settle(raw, line, move, partner)
    row = raw.one("account.move", move, "payment_state", "amount_residual")
    assert (row["payment_state"], row["amount_residual"]) == ("partial", 70.0)
    assert raw.value(BANK_LINE, line, "is_reconciled") is True
    assert raw.value(LINES, item, "matching_number").startswith("P")


def test_a_larger_payment_leaves_a_rest_on_its_item(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 40))
    item = settle(raw, bank_line(server, raw, 70), move, partner)
    assert raw.value("account.move", move, "payment_state") == "paid"
    row = raw.one(LINES, item, "reconciled", "amount_residual")
    assert (row["reconciled"], row["amount_residual"]) == (False, -30.0)


def test_several_invoices_are_paid_by_one_line(server: Server, raw: Raw, partner: int) -> None:
    one, two = posted(raw, partner, (1, 10.1)), posted(raw, partner, (1, 20.2))
    item, owed = suspense_item(raw, bank_line(server, raw, 30.3)), trade_item(raw, one)
    raw.call(LINES, "write", [item], {"account_id": owed["account_id"][0], "partner_id": partner})
    quietly(raw, LINES, "reconcile", [item, owed["id"], trade_item(raw, two)["id"]])
    assert {raw.value("account.move", move, "payment_state") for move in (one, two)} == {"paid"}


def test_a_line_is_split_through_its_entry(server: Server, raw: Raw, partner: int) -> None:
    one, two = posted(raw, partner, (1, 20)), posted(raw, partner, (1, 100))
    line = bank_line(server, raw, 50)
    item, account = suspense_item(raw, line), trade_item(raw, one)["account_id"][0]
    entry = raw.value(BANK_LINE, line, "move_id")[0]
    part = {"account_id": account, "partner_id": partner, "debit": 0}
    commands = [
        [1, item, {**part, "credit": 20, "amount_currency": -20}],
        [0, 0, {**part, "name": "rest", "credit": 30, "amount_currency": -30}],
    ]
    if server.version >= 18:
        assert fault_of(raw, "account.move", "write", [entry], {"line_ids": commands}).message.endswith(
            "posted move: line_ids"
        )
    raw.call("account.move", "write", [entry], {"line_ids": commands}, context={"skip_readonly_check": True})
    parts = [row["id"] for row in items(raw, entry) if row["account_id"][0] == account]
    assert parts[0] == item
    quietly(raw, LINES, "reconcile", [parts[0], trade_item(raw, one)["id"]])
    quietly(raw, LINES, "reconcile", [parts[1], trade_item(raw, two)["id"]])
    states = [raw.one("account.move", move, "payment_state", "amount_residual") for move in (one, two)]
    assert [(row["payment_state"], row["amount_residual"]) for row in states] == [("paid", 0.0), ("partial", 70.0)]
    assert raw.value(BANK_LINE, line, "is_reconciled") is True


def test_matching_twice_or_across_accounts_is_refused(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 30))
    item = settle(raw, bank_line(server, raw, 30), move, partner)
    owed = trade_item(raw, move)["id"]
    assert "already reconciled" in fault_of(raw, LINES, "reconcile", [item, owed]).message
    other, open_item = (
        suspense_item(raw, bank_line(server, raw, 5)),
        trade_item(raw, posted(raw, partner, (1, 5)))["id"],
    )
    assert fault_of(raw, LINES, "reconcile", [other, open_item]).name == "odoo.exceptions.UserError"


def test_undoing_opens_the_invoice_and_makes_the_items_anew(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 30))
    line = bank_line(server, raw, 30)
    item = settle(raw, line, move, partner)
    entry, name = raw.value(BANK_LINE, line, "move_id")
    quietly(
        raw, BANK_LINE, "button_undo_reconciliation" if server.version < 16 else "action_undo_reconciliation", [line]
    )
    row = raw.one("account.move", move, "payment_state", "amount_residual")
    assert (row["payment_state"], row["amount_residual"]) == ("not_paid", 30.0)
    assert raw.value(BANK_LINE, line, "is_reconciled") is False
    assert raw.value(BANK_LINE, line, "move_id") == [entry, name]
    assert raw.call(LINES, "read", [item], ["name"]) == []


def test_taking_a_match_back_opens_the_invoice(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 30))
    item = settle(raw, bank_line(server, raw, 30), move, partner)
    quietly(raw, LINES, "remove_move_reconcile", [item])
    assert raw.value("account.move", move, "payment_state") == "not_paid"
    assert raw.value(LINES, item, "amount_residual") == -30.0


def test_a_settled_line_is_deleted_only_by_19(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 30))
    line = bank_line(server, raw, 30)
    settle(raw, line, move, partner)
    entry = raw.value(BANK_LINE, line, "move_id")[0]
    if server.version < 17:
        assert "must unreconcile first" in fault_of(raw, BANK_LINE, "unlink", [line]).message
        quietly(raw, BANK_LINE, "button_undo_reconciliation", [line])
    raw.call(BANK_LINE, "unlink", [line])
    assert raw.call("account.move", "search_count", [["id", "=", entry]]) == 0
    assert raw.value("account.move", move, "payment_state") == "not_paid"


def test_a_paid_invoice_reset_to_draft_is_open_again_only_on_14(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 30))
    item = settle(raw, bank_line(server, raw, 30), move, partner)
    quietly(raw, "account.move", "button_draft", [move])
    row = raw.one("account.move", move, "payment_state", "amount_residual")
    expected = ("not_paid", 30.0) if server.version < 17 else ("paid", 0.0)
    assert (row["payment_state"], row["amount_residual"]) == expected
    assert raw.value(LINES, item, "reconciled") is (server.version >= 17)


def test_a_cancelled_invoice_keeps_its_match_only_on_14(server: Server, raw: Raw, partner: int) -> None:
    move = posted(raw, partner, (1, 30))
    item = settle(raw, bank_line(server, raw, 30), move, partner)
    quietly(raw, "account.move", "button_cancel", [move])
    row = raw.one("account.move", move, "state", "payment_state")
    assert (row["state"], row["payment_state"]) == ("cancel", "not_paid")
    assert raw.value(LINES, item, "reconciled") is (server.version < 17)


def test_statement_lines_loaded_again_stay_as_they_are(server: Server, raw: Raw, token: str) -> None:
    journal = str(bank_journal(raw))
    if server.version >= 16:
        columns = ["id", "journal_id/.id", "date", "payment_ref", "amount"]
        rows = [[f"oimkit.{token}_{n}", journal, "2026-11-06", f"r{n}", str(n)] for n in (1, 2)]
        first, again = (raw.call(BANK_LINE, "load", columns, rows) for _ in range(2))
        count = [["payment_ref", "in", ["r1", "r2"]], ["id", "in", first["ids"]]]
    else:
        columns = [
            "id",
            "name",
            "date",
            "journal_id/.id",
            "line_ids/id",
            "line_ids/date",
            "line_ids/payment_ref",
            "line_ids/amount",
        ]
        head = [f"oimkit.{token}", "S", "2026-11-06", journal]
        rows = [[*(head if n == 1 else [""] * 4), f"oimkit.{token}_{n}", "2026-11-06", f"r{n}", str(n)] for n in (1, 2)]
        first, again = (raw.call("account.bank.statement", "load", columns, rows) for _ in range(2))
        count = [["statement_id", "in", first["ids"]]]
    assert first["ids"] == again["ids"]
    assert raw.call(BANK_LINE, "search_count", count) == 2
    keys = raw.find("ir.model.data", [["name", "like", f"{token}_"], ["model", "=", BANK_LINE]], "id")
    assert len(keys) == 2


def test_a_statement_of_14_begins_where_the_last_one_ended(old_server: Server, token: str) -> None:
    raw = old_server.raw()
    journal = raw.create("account.journal", name=f"Bank {token}", code=f"B{token[:4]}".upper(), type="bank")
    line = [0, 0, {"date": "2026-11-06", "payment_ref": "x", "amount": 12.34}]
    raw.create("account.bank.statement", journal_id=journal, date="2026-11-06", name="one", line_ids=[line])
    made = raw.create("account.bank.statement", journal_id=journal, date="2026-11-07", name="two")
    row = raw.one("account.bank.statement", made, "balance_start", "balance_end", "balance_end_real", "state")
    assert (row["balance_start"], row["balance_end"], row["state"]) == (12.34, 12.34, "open")


def test_the_running_balance_of_19_adds_up(new_server: Server, token: str) -> None:
    raw = new_server.raw()
    journal = raw.create("account.journal", name=f"Bank {token}", code=f"B{token[:4]}".upper(), type="bank")
    for day, amount in (("2026-11-02", 5.5), ("2026-11-01", 10)):
        raw.create(BANK_LINE, journal_id=journal, date=day, payment_ref="x", amount=amount)
    rows = raw.find(BANK_LINE, [["journal_id", "=", journal]], "running_balance", "amount")
    assert [(row["amount"], row["running_balance"]) for row in rows] == [(5.5, 15.5), (10.0, 10.0)]
    assert raw.value("account.journal", journal, "current_statement_balance") == 15.5
