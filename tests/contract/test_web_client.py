"""Web sessions, the documentation of methods and the first XML-RPC: the same on the double and on real servers."""

from __future__ import annotations

import xmlrpc.client
from typing import Any

import pytest
import requests

from tests.contract.conftest import Server


class Browser:
    """A web session of one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False

    def post(self, path: str, **params: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 7, "method": "call", "params": params}
        reply = self.session.post(f"{self.server.url}{path}", json=body, timeout=60)
        return dict(reply.json())

    def sign_in(self, role: str = "admin", *, key: bool = False) -> dict[str, Any]:
        login = self.server.logins[role]
        secret = login.api_key if key else login.password
        return self.post("/web/session/authenticate", db=self.server.database, login=login.login, password=secret)

    def call(self, model: str, method: str, *arguments: Any, **named: Any) -> dict[str, Any]:
        params = {"model": model, "method": method, "args": list(arguments), "kwargs": named}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", **params)


def test_a_password_opens_a_session_that_calls_know(new_server: Server, token: str) -> None:
    browser = Browser(new_server)
    info = browser.sign_in()["result"]
    admin = new_server.logins["admin"]
    assert (info["uid"], info["username"], info["db"]) == (admin.user_id, admin.login, new_server.database)
    assert info["user_context"]["uid"] == admin.user_id
    assert info["user_companies"]["current_company"] == 1
    made = browser.call("res.partner", "create", {"name": token})["result"]
    assert isinstance(made, int)
    found = browser.call("res.partner", "search_read", [["name", "=", token]], fields=["name"])["result"]
    assert found == [{"id": made, "name": token}]
    assert browser.post("/web/session/get_session_info")["result"]["uid"] == admin.user_id


def test_a_refusal_in_a_session_is_told_as_over_jsonrpc(new_server: Server) -> None:
    browser = Browser(new_server)
    browser.sign_in()
    error = browser.call("res.partner", "write", [99999999], {"name": "x"})["error"]
    assert (error["message"], error["data"]["name"]) == ("Odoo Server Error", "odoo.exceptions.MissingError")


@pytest.mark.parametrize("role", ["admin", "billing"])
def test_a_key_or_a_wrong_password_opens_no_session(server: Server, role: str) -> None:
    assert Browser(server).sign_in(role, key=True)["error"]["data"]["name"] == "odoo.exceptions.AccessDenied"


def test_with_a_second_factor_nobody_is_signed_in_yet(server: Server) -> None:
    assert Browser(server).sign_in("twofactor")["result"]["uid"] is None


def test_a_database_that_is_not_there_is_an_error_of_the_server(server: Server) -> None:
    answer = Browser(server).post("/web/session/authenticate", db="there_is_none", login="admin", password="x")
    assert answer["error"]["data"]["name"] == "psycopg2.OperationalError"


def test_the_version_is_told_without_a_session(server: Server) -> None:
    reply = requests.post(f"{server.url}/web/webclient/version_info", json={}, timeout=60).json()
    assert reply["result"]["server_version_info"][0] == server.version


def test_the_documentation_names_the_parameters_in_order(new_server: Server) -> None:
    admin = new_server.logins["admin"]
    headers = {"Authorization": f"bearer {admin.api_key}", "X-Odoo-Database": new_server.database}
    told = requests.get(f"{new_server.url}/doc-bearer/res.partner.json", headers=headers, timeout=60).json()
    methods = told["methods"]
    assert [list(methods[name]["parameters"]) for name in ("search", "create", "write", "load")] == [
        ["domain", "offset", "limit", "order"], ["vals_list"], ["vals"], ["fields", "data"],
    ]  # fmt: skip
    assert [("model" in methods[name].get("api", ())) for name in ("search", "create", "write", "unlink")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert methods["search"]["parameters"]["offset"]["default"] == 0
    assert told["fields"]["name"]["type"] == "char"


def test_the_documentation_is_not_for_everybody(new_server: Server) -> None:
    limited = new_server.logins["limited"]
    headers = {"Authorization": f"bearer {limited.api_key}", "X-Odoo-Database": new_server.database}
    url = f"{new_server.url}/doc-bearer/res.partner.json"
    refused = requests.get(url, headers=headers, timeout=60)
    assert (refused.status_code, refused.json()["name"]) == (403, "odoo.exceptions.AccessError")
    assert requests.get(url, timeout=60).status_code in (401, 404)


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("write", [[99999999], {"name": "x"}], "warning -- MissingError\n\nRecord does not exist"),
        ("create", [{}], "warning -- UserError\n\n"),
        ("_compute", [[1]], "warning -- AccessError\n\nPrivate methods"),
    ],
)
def test_the_first_xmlrpc_tells_the_class_in_the_code(
    server: Server, method: str, arguments: list[Any], code: str
) -> None:
    admin = server.logins["admin"]
    objects: Any = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/object")
    with pytest.raises(xmlrpc.client.Fault) as caught:
        objects.execute_kw(server.database, admin.user_id, admin.api_key, "res.partner", method, arguments)
    assert str(caught.value.faultCode).startswith(code)
    assert caught.value.faultString == ""


def test_a_wrong_secret_is_told_by_the_first_xmlrpc_too(server: Server) -> None:
    objects: Any = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/object")
    with pytest.raises(xmlrpc.client.Fault) as caught:
        objects.execute_kw(server.database, 2, "wrong", "res.partner", "read", [[1]])
    assert (caught.value.faultCode, caught.value.faultString) == ("AccessDenied", "Access Denied")


def test_a_session_that_has_ended_is_known_no_more(new_server: Server) -> None:
    browser = Browser(new_server)
    browser.sign_in()
    browser.post("/web/session/destroy")
    try:
        answer = browser.call("res.partner", "search", [])
    except requests.JSONDecodeError:  # several databases: the server does not know which one is meant
        return
    assert answer["error"]["code"] == 100
