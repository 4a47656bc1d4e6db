"""An encrypted connection to the wrong party is none: nothing of the request leaves.

The certificates are invented, with their keys, for these tests only; ``good`` is valid until 2126.
"""

from __future__ import annotations

import inspect
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oimkit.errors import ConfigurationError, NotSent
from oimkit.odoo import Secret, aio, connect
from oimkit.odoo.settings import Settings, _Profile
from oimkit.odoo.transport import Call, Deadline, Http, HttpLimits, Json2, JsonRpc, XmlRpc
from tests.odoo.hostile import read_request, result

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = str(CERTIFICATES / "authority.pem")


class TlsServer:
    """Answers every request with *answer* behind the certificate of this name."""

    def __init__(self, certificate: str, answer: bytes) -> None:
        self._answer = answer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        self.received: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
                connection.settimeout(5)
                with self._context.wrap_socket(connection, server_side=True) as wrapped:
                    self.received.append(read_request(wrapped))
                    wrapped.sendall(self._answer)
            except ssl.SSLError:
                continue
            except OSError:
                return

    def stop(self) -> None:
        self._listener.close()


@contextmanager
def tls(certificate: str, answer: bytes | None = None) -> Iterator[TlsServer]:
    server = TlsServer(certificate, result([1]) if answer is None else answer)
    try:
        yield server
    finally:
        server.stop()


def ask(url: str, ca_bundle: str | None) -> object:
    transport = JsonRpc(Http(url, ca_bundle=ca_bundle), "db", 2, Secret("tls-secret-77"))
    return transport.send(Call("res.partner", "write", (1,), {"vals": {}}), Deadline.after(10))


def test_certificate_of_a_named_authority_is_accepted():
    with tls("good") as server:
        assert ask(server.url, AUTHORITY) == [1]


@pytest.mark.parametrize(
    ("certificate", "part"),
    [
        ("expired", "expired"),
        ("not_yet_valid", "not yet valid"),
        ("other_host", "another host"),
        ("other_authority", "not signed by an authority"),
        ("self_signed", "not signed by an authority"),
    ],
)
def test_wrong_certificate_is_not_sent(certificate, part):
    with tls(certificate) as server:
        with pytest.raises(NotSent, match=part):
            ask(server.url, AUTHORITY)
        assert server.received == []


def test_authority_that_nobody_named_is_not_trusted():
    with tls("good") as server:
        with pytest.raises(NotSent, match="not signed by an authority"):
            ask(server.url, None)
        assert server.received == []


def test_port_without_tls_is_told():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(NotSent, match="does not speak TLS"):
            ask(f"https://localhost:{port}", AUTHORITY)


@pytest.mark.parametrize("no_bundle", [None, ""])
def test_certificates_are_verified_where_no_file_of_authorities_is_named(no_bundle):
    http = Http("https://localhost:1", ca_bundle=no_bundle)
    assert http._session.verify is True
    assert http.with_own_cookies()._session.verify is True
    with tls("self_signed") as server:
        with pytest.raises(NotSent, match="not signed by an authority"):
            ask(server.url, no_bundle)
        assert server.received == []


OPENERS = (
    *(connect, aio.connect, Settings, _Profile, Http, HttpLimits, JsonRpc, Json2, XmlRpc),
    *(Http.exchange, JsonRpc.login, Json2.login, XmlRpc.login),
)


@pytest.mark.parametrize("opener", OPENERS, ids=lambda opener: opener.__qualname__)
def test_nothing_that_opens_a_connection_can_switch_the_verification_off(opener):
    names = inspect.signature(opener).parameters
    assert [name for name in names if re.search("verif|insecure|unsafe|ssl|tls|cert|trust", name)] == []


def test_file_of_authorities_that_is_absent_is_told():
    with tls("good") as server, pytest.raises(ConfigurationError, match="file of the certificate authorities"):
        ask(server.url, "/does/not/exist.pem")


def test_handshake_that_drips_ends_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(2000)
                for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 500:  # a record of 16 KB that never ends
                    try:
                        connection.sendall(bytes([byte]))
                    except OSError:
                        return
                    time.sleep(0.05)

        threading.Thread(target=serve, daemon=True).start()
        transport = JsonRpc(Http(f"https://localhost:{listener.getsockname()[1]}"), "db", 2, Secret("s"))
        start = time.monotonic()
        with pytest.raises(NotSent):
            transport.send(Call("res.partner", "write", (1,), {"vals": {}}), Deadline.after(2.0))
        assert time.monotonic() - start <= 2.2
