"""How calls travel: over one kept connection, below any base path, compressed, with one look at a model's fields."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from oimkit.errors import BadReply
from oimkit.odoo import Secret, connect
from oimkit.odoo.transport import Call, Deadline, Http, Json2, JsonRpc, XmlRpc
from oimkit.sandbox import Sandbox
from tests.odoo.hostile import hostile, reply, result

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
