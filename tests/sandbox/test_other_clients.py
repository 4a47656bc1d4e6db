"""Other people's clients do their basic work against the sandbox: what they send by default is understood."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import odoolib
import odooly
import odoorpc
import pytest

from oimkit.sandbox import Sandbox

VERSIONS = (14, 16, 19)
FIELDS = ["name", "email"]


@pytest.fixture(params=VERSIONS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(request.param) as running:
        yield running


def port_of(sandbox: Sandbox) -> int:
    port = urlsplit(sandbox.url).port
    assert port is not None
    return port


# The standard library ----------------------------------------------------------------------------------------------


def test_xmlrpc_client_does_a_whole_session(sandbox: Sandbox) -> None:
    common: Any = xmlrpc.client.ServerProxy(f"{sandbox.url}/xmlrpc/2/common")
    objects: Any = xmlrpc.client.ServerProxy(f"{sandbox.url}/xmlrpc/2/object")
    assert common.version()["server_version"] == f"{sandbox.version}.0"
    user = common.authenticate(sandbox.database, sandbox.user, sandbox.secret, {})

    def call(method: str, *arguments: Any, **named: Any) -> Any:
        return objects.execute_kw(sandbox.database, user, sandbox.secret, "res.partner", method, list(arguments), named)

    made = call("create", {"name": "Mill", "email": "a@mill.example"})
    assert call("search", [["name", "=", "Mill"]]) == [made]
    assert call("write", [made], {"email": "b@mill.example"}) is True
    assert call("read", [made], FIELDS) == [{"id": made, "name": "Mill", "email": "b@mill.example"}]
    assert call("search_read", [["id", "=", made]], fields=["name"]) == [{"id": made, "name": "Mill"}]
    assert call("search_count", [["id", "=", made]]) == 1
    assert call("fields_get", ["name"], attributes=["type"]) == {"name": {"type": "char"}}
    assert call("unlink", [made]) is True
    with pytest.raises(xmlrpc.client.Fault, match="does not exist or has been deleted"):
        call("write", [made], {"name": "x"})
    assert common.authenticate(sandbox.database, sandbox.user, "wrong", {}) is False


def test_xmlrpc_client_uses_the_older_call_without_named_arguments(sandbox: Sandbox) -> None:
    objects: Any = xmlrpc.client.ServerProxy(f"{sandbox.url}/xmlrpc/2/object")
    made = objects.execute(sandbox.database, 2, sandbox.secret, "res.partner", "create", {"name": "Mill"})
    assert objects.execute(sandbox.database, 2, sandbox.secret, "res.partner", "read", [made], ["name"]) == [
        {"id": made, "name": "Mill"}
    ]


# OdooRPC -----------------------------------------------------------------------------------------------------------


def test_odoorpc_does_a_whole_session(sandbox: Sandbox) -> None:
    odoo: Any = odoorpc.ODOO("127.0.0.1", port=port_of(sandbox))
    assert odoo.version == f"{sandbox.version}.0"
    assert odoo.db.list() == [sandbox.database]
    odoo.login(sandbox.database, sandbox.user, sandbox.secret)
    assert odoo.env.user.login == sandbox.user
    partners = odoo.env["res.partner"]
    made = partners.create({"name": "Mill"})
    assert partners.search([("name", "=", "Mill")]) == [made]
    mill = partners.browse(made)
    mill.email = "a@mill.example"
    assert (mill.name, mill.email, mill.is_company) == ("Mill", "a@mill.example", False)
    partners.write([made], {"name": "Mill & Son"})
    assert partners.read([made], ["name"]) == [{"id": made, "name": "Mill & Son"}]
    assert odoo.execute("res.partner", "search_count", [("id", "=", made)]) == 1
    assert partners.fields_get(["name"])["name"]["type"] == "char"
    assert odoo.env.ref("base.main_company").name == "My Company"
    mill.unlink()
    with pytest.raises(odoorpc.error.RPCError, match="does not exist"):
        partners.write([made], {"name": "x"})
    odoo.logout()


def test_odoorpc_is_told_of_a_wrong_password(sandbox: Sandbox) -> None:
    odoo: Any = odoorpc.ODOO("127.0.0.1", port=port_of(sandbox))
    with pytest.raises(odoorpc.error.RPCError, match="Wrong login ID or password"):
        odoo.login(sandbox.database, sandbox.user, "wrong")


# odooly ------------------------------------------------------------------------------------------------------------


@contextmanager
def connected(url: str, sandbox: Sandbox, **more: Any) -> Iterator[Any]:
    """A client without what odooly remembers of others."""
    odooly.Env._cache.clear()
    secret = {} if "api_key" in more else {"password": sandbox.secret}
    client = odooly.Client(url, db=sandbox.database, user=sandbox.user, **secret, **more)
    try:
        yield client
    finally:
        odooly.Env._cache.clear()


def work_with_odooly(env: Any) -> None:
    partners = env["res.partner"]
    partners.create({"name": "Mill", "email": "a@mill.example"})
    made = partners.get([("name", "=", "Mill")])
    assert (made.name, made.email, made.is_company) == ("Mill", "a@mill.example", False)
    assert partners.search([f"id = {made.id}"]).ids == [made.id]
    made.write({"email": "b@mill.example"})
    assert partners.read([made.id], ["name", "email"]) == [{"id": made.id, "name": "Mill", "email": "b@mill.example"}]
    assert partners.search_count([("id", "=", made.id)]) == 1
    assert partners.field("name")["type"] == "char"
    assert env["res.partner"].get(made.id).name == "Mill"
    made.unlink()
    assert partners.search([("id", "=", made.id)]).ids == []


def test_odooly_works_in_a_web_session_as_it_does_by_default(sandbox: Sandbox) -> None:
    with connected(sandbox.url, sandbox) as client:
        assert client.server_version == f"{sandbox.version}.0"
        assert client.env.user.login == sandbox.user
        work_with_odooly(client.env)


def test_odooly_works_over_jsonrpc(sandbox: Sandbox) -> None:
    with connected(f"{sandbox.url}/jsonrpc", sandbox) as client:
        work_with_odooly(client.env)


def test_odooly_works_over_json2_with_a_key() -> None:
    with Sandbox(19) as sandbox, connected(sandbox.url, sandbox, api_key=sandbox.api_key) as client:
        work_with_odooly(client.env)
        assert client.env._json2, "it did not use JSON-2"


def test_odooly_is_told_of_a_wrong_password(sandbox: Sandbox) -> None:
    odooly.Env._cache.clear()
    with pytest.raises(odooly.Error, match="Invalid username or password"):
        odooly.Client(sandbox.url, db=sandbox.database, user=sandbox.user, password="wrong")


# odoo-client-lib ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["xmlrpc", "jsonrpc"])
def test_odoo_client_lib_does_a_whole_session(sandbox: Sandbox, protocol: str) -> None:
    connection: Any = odoolib.get_connection(
        hostname="127.0.0.1", port=port_of(sandbox), protocol=protocol, database=sandbox.database,
        login=sandbox.user, password=sandbox.secret,
    )  # fmt: skip
    connection.check_login()
    if protocol == "jsonrpc" or sandbox.version >= 17:  # older servers cannot send the context over XML-RPC
        assert connection.get_user_context()["lang"] == "en_US"
    partners = connection.get_model("res.partner")
    made = partners.create({"name": "Mill"})
    assert partners.search([("name", "=", "Mill")]) == [made]
    partners.write([made], {"email": "a@mill.example"})
    assert partners.read([made], FIELDS) == [{"id": made, "name": "Mill", "email": "a@mill.example"}]
    assert [row["id"] for row in partners.search_read([("id", "=", made)], ["name"])] == [made]
    assert partners.fields_get(["name"])["name"]["type"] == "char"
    partners.unlink([made])
    assert partners.search([("name", "=", "Mill")]) == []


def test_odoo_client_lib_works_over_json2() -> None:
    with Sandbox(19) as sandbox:
        connection: Any = odoolib.get_connection(
            hostname="127.0.0.1", port=port_of(sandbox), protocol="json2", database=sandbox.database,
            login=sandbox.user, password=sandbox.api_key,
        )  # fmt: skip
        partners = connection.get_model("res.partner")
        (made,) = partners.create([{"name": "Mill"}])
        assert partners.search([("name", "=", "Mill")]) == [made]
        partners.write(made, {"email": "a@mill.example"})
        assert partners.search_read([("id", "=", made)], ["email"]) == [{"id": made, "email": "a@mill.example"}]
        partners.unlink([made])
        assert partners.search([("name", "=", "Mill")]) == []


def test_the_first_xmlrpc_tells_the_class_in_the_code(sandbox: Sandbox) -> None:
    objects: Any = xmlrpc.client.ServerProxy(f"{sandbox.url}/xmlrpc/object")
    with pytest.raises(xmlrpc.client.Fault) as caught:
        objects.execute_kw(sandbox.database, 2, sandbox.secret, "res.partner", "write", [[99999999], {"name": "x"}])
    assert str(caught.value.faultCode).startswith("warning -- MissingError\n\nRecord does not exist")
    with pytest.raises(xmlrpc.client.Fault) as caught:
        objects.execute_kw(sandbox.database, 2, "wrong", "res.partner", "read", [[1]])
    assert (caught.value.faultCode, caught.value.faultString) == ("AccessDenied", "Access Denied")
