"""The environment decides nothing about a connection: no proxy, no password, no authority comes out of it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from oimkit.errors import NotSent
from oimkit.odoo import Secret
from oimkit.odoo.transport import Call, Deadline, Http, Json2, JsonRpc, XmlRpc
from tests.faults.test_wire_tls import AUTHORITY, tls
from tests.odoo.hostile import Hostile, hostile, reply, result

KINDS = (JsonRpc, Json2, XmlRpc)
PROXY_VARIABLES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
AUTHORITY_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
CANARY = "canary-of-netrc"
XML = reply(
    b"<?xml version='1.0'?><methodResponse><params><param><value><array><data><value><int>1</int></value></data>"
    b"</array></value></param></params></methodResponse>",
    kind="text/xml",
)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hostile]:
    """A proxy in every variable, and a password for this machine in the file of passwords."""
    lines = "\n".join(f"machine {host} login {CANARY} password {CANARY}" for host in ("127.0.0.1", "localhost"))
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text(f"{lines}\ndefault login {CANARY} password {CANARY}\n")
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with hostile(result("from the proxy")) as server:
        for name in PROXY_VARIABLES:
            monkeypatch.setenv(name, server.url)
        yield server


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_neither_a_proxy_nor_a_password_is_taken_from_the_environment(proxy: Hostile, host: str, kind: type) -> None:
    with hostile(XML if kind is XmlRpc else result([1]) if kind is JsonRpc else reply(b"[1]")) as server:
        transport = kind(Http(f"http://{host}:{server.port}"), "db", 2, Secret("s"))
        call = Call("res.partner", "search", arguments={"domain": []})
        assert transport.send(call, Deadline.after(5)) == [1]
    (request,) = server.received
    assert proxy.connections == 0
    assert CANARY.encode() not in request
    assert base64.b64encode(f"{CANARY}:{CANARY}".encode()) not in request
    assert b"proxy-authorization" not in request.lower()


def test_proxy_of_the_environment_sees_nothing_of_an_encrypted_call(proxy: Hostile) -> None:
    with tls("good") as server:
        JsonRpc(Http(server.url, ca_bundle=AUTHORITY), "db", 2, Secret("s")).send(
            Call("res.partner", "search", arguments={"domain": []}), Deadline.after(10)
        )
        assert len(server.received) == 1
    assert proxy.connections == 0


@pytest.mark.parametrize("variable", AUTHORITY_VARIABLES)
def test_authority_of_the_environment_is_not_trusted(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, AUTHORITY if variable != "SSL_CERT_DIR" else str(Path(AUTHORITY).parent))
    with tls("good") as server:
        with pytest.raises(NotSent, match="not signed by an authority"):
            JsonRpc(Http(server.url), "db", 2, Secret("s")).send(
                Call("res.partner", "search", arguments={"domain": []}), Deadline.after(10)
            )
        assert server.received == []
