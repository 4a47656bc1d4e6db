"""How calls travel: over one kept connection, below any base path, compressed, with one look at a model's fields."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from oimkit.errors import AccessDenied, BadReply
from oimkit.odoo import Secret, connect
from oimkit.odoo.documents import attach, read_attachment, web_session
from oimkit.odoo.transport import Call, Deadline, Http, Json2, JsonRpc, XmlRpc
from oimkit.sandbox import Sandbox
from tests.odoo.hostile import hostile, read_request, reply, result

KEY = Secret("0" * 40)
XML_ANSWER = (
    b"<?xml version='1.0'?><methodResponse><params><param><value><int>7</int></value></param></params></methodResponse>"
)

ANSWERS: dict[type, bytes] = {
    JsonRpc: result(7),
    Json2: reply(b"7"),
    XmlRpc: reply(XML_ANSWER, kind="text/xml"),
}
PATHS = {JsonRpc: b"/erp/jsonrpc", Json2: b"/erp/json/2/res.partner/search_count", XmlRpc: b"/erp/xmlrpc/2/object"}
COUNT = Call("res.partner", "search_count", arguments={"domain": []})


@pytest.mark.parametrize("kind", [JsonRpc, Json2, XmlRpc])
def test_calls_share_one_connection_and_take_a_compressed_reply(kind: type) -> None:
    with hostile(ANSWERS[kind]) as server:
        transport = kind(Http(server.url), "db", 2, KEY)
        assert [transport.send(COUNT, Deadline.after(5)) for _ in range(20)] == [7] * 20
        assert server.connections == 1
        assert all(b"accept-encoding: gzip" in request.lower() for request in server.received)


@pytest.mark.parametrize("kind", [JsonRpc, Json2, XmlRpc])
def test_a_base_path_stands_before_every_path(kind: type) -> None:
    with hostile(ANSWERS[kind]) as server:
        transport = kind(Http(f"{server.url}/erp/"), "db", 2, KEY)
        assert transport.send(COUNT, Deadline.after(5)) == 7
        (request,) = server.received
        assert request.split(b" ", 2)[1] == PATHS[kind]


def below(base: bytes, sandbox: Sandbox) -> Callable[[socket.socket, bytes], None]:
    """A proxy that has the sandbox below *base*, and nothing anywhere else."""
    there = urlsplit(sandbox.url)

    def answer(connection: socket.socket, request: bytes) -> None:
        method, path, rest = request.split(b" ", 2)
        if not path.startswith(base + b"/"):
            connection.sendall(reply(b"", status="404 Not Found"))
            return
        with socket.create_connection((there.hostname, there.port), timeout=30) as server:
            server.sendall(b" ".join([method, path.removeprefix(base), rest]))
            connection.sendall(read_request(server))

    return answer


@pytest.mark.parametrize("transport", ["auto", "json2", "jsonrpc", "xmlrpc"])
def test_every_path_of_a_connection_and_its_web_session_is_below_the_base_path(transport: str) -> None:
    with Sandbox(version=19) as sandbox, hostile(below(b"/erp", sandbox)) as server:
        secret = sandbox.secret if transport == "jsonrpc" else sandbox.api_key
        odoo = connect(f"{server.url}/erp", database="sandbox", user="admin", secret=secret, transport=transport)
        (contact,) = odoo.load("res.partner", ["name"], [["below a path"]])
        attachment = attach(odoo, "res.partner", contact, "a.txt", b"content")
        with web_session(odoo, password=sandbox.secret) as web:
            assert read_attachment(odoo, attachment, web=web) == b"content"
        paths = [request.split(b" ", 2)[1] for request in server.received]
    assert [path for path in paths if not path.startswith(b"/erp/")] == []
    assert len(set(paths)) >= 5


def test_the_fields_of_a_model_are_asked_for_once() -> None:
    with Sandbox(version=19) as sandbox:
        inner = JsonRpc.login(
            Http(sandbox.url), sandbox.database, sandbox.user, Secret(sandbox.api_key), Deadline.after(10)
        )
        counting = Counting(inner)
        odoo = connect(transport=counting)
        for limit in range(1, 4):
            odoo.search_read("res.partner", [], ["name"], limit=limit)
        assert counting.seen.count("search_read") == 3
        assert counting.seen.count("fields_get") == 1


class Counting:
    """A transport that notes the methods which pass through it."""

    def __init__(self, inner: JsonRpc) -> None:
        self.inner = inner
        self.seen: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def send(self, call: Call, deadline: Deadline) -> object:
        self.seen.append(call.method)
        return self.inner.send(call, deadline)


def test_a_call_may_have_a_deadline_of_its_own() -> None:
    def silent(connection: socket.socket, _request: bytes) -> None:
        connection.settimeout(5)
        connection.recv(1)

    with hostile(silent) as server:
        transport = JsonRpc(Http(server.url), "db", 2, KEY)
        with pytest.raises(BadReply, match=r"within the deadline of 0\.5 s"):
            transport.send(COUNT, Deadline.after(0.5))


def test_password_given_to_json2_is_told_as_a_password() -> None:
    with Sandbox(version=19) as server:
        who = {"database": server.database, "user": server.user, "transport": "json2"}
        with pytest.raises(AccessDenied, match=r"JSON-2 takes an API key, and this secret looks like a password"):
            connect(server.url, secret=server.secret, **who)
        with pytest.raises(AccessDenied, match="the API key may be expired"):
            connect(server.url, secret="0" * 40, **who)
