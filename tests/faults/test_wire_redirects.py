"""A redirect is never followed: the body holds the secret."""

from __future__ import annotations

import pytest

from oimkit.errors import BadReply, OutcomeUnknown
from oimkit.odoo import Secret
from oimkit.odoo.transport import Call, Deadline, Http, Json2, JsonRpc, XmlRpc
from tests.faults.test_wire_tls import AUTHORITY, tls
from tests.odoo.hostile import hostile, reply, result

STATUSES = ("301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect")
TARGETS = ("same host", "other host", "other scheme and port")


def location(target: str, here: int, there: int) -> str:
    return {
        "same host": f"http://127.0.0.1:{here}/elsewhere",
        "other host": f"http://localhost:{there}/jsonrpc",
        "other scheme and port": f"https://127.0.0.1:{there}/jsonrpc",
    }[target]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", [JsonRpc, Json2, XmlRpc])
def test_redirect_raises_and_nothing_reaches_the_second_server(kind, status, target):
    with hostile(result(1)) as second, hostile(lambda connection, _: connection.sendall(first_answer)) as first:
        first_answer = reply(b"", status=status, headers=f"Location: {location(target, first.port, second.port)}\r\n")
        transport = kind(Http(first.url), "db", 2, Secret("canary-secret-5f1e"))
        with pytest.raises(BadReply, match="redirects") as caught:
            transport.send(Call("res.partner", "search", arguments={"domain": []}), Deadline.after(5))
        assert second.connections == 0
        assert second.bytes_received == 0
        assert len(first.received) == 1
        assert "canary" not in str(caught.value)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", [JsonRpc, Json2, XmlRpc])
def test_redirect_from_an_encrypted_server_to_plain_http_reaches_nobody(kind, status):
    with hostile(result(1)) as second:
        answer = reply(b"", status=status, headers=f"Location: http://localhost:{second.port}/jsonrpc\r\n")
        with tls("good", answer) as first:
            transport = kind(Http(first.url, ca_bundle=AUTHORITY), "db", 2, Secret("canary-secret-5f1e"))
            with pytest.raises(BadReply, match="redirects to http on the same host"):
                transport.send(Call("res.partner", "search", arguments={"domain": []}), Deadline.after(5))
            assert len(first.received) == 1
        assert second.connections == 0


@pytest.mark.parametrize("status", STATUSES)
def test_redirect_of_a_write_leaves_its_outcome_unknown(status):
    answer = reply(b"", status=status, headers="Location: http://localhost:1/\r\n")
    with hostile(answer) as server:
        transport = JsonRpc(Http(server.url), "db", 2, Secret("s"))
        with pytest.raises(OutcomeUnknown) as caught:
            transport.send(Call("res.partner", "write", (1,), {"vals": {}}), Deadline.after(5))
        assert not caught.value.after_commit
        assert len(server.received) == 1
