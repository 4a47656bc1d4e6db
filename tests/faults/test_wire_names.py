"""Looking a host name up ends with the deadline, though the operating system's resolver knows none."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from oimkit.errors import NotSent
from oimkit.odoo import Secret
from oimkit.odoo.transport import Call, Deadline, Http, HttpLimits, JsonRpc
from oimkit.odoo.transport.resolving import Resolver, Unanswered
from tests.odoo.hostile import hostile, result

READ = Call("res.partner", "search", arguments={"domain": []})


class NameServer:
    """Stands for the operating system's resolver: answers after *release*, with what it is told."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.asked: list[str] = []
        self.answer: list[tuple[object, ...]] | OSError = []
        self._real = socket.getaddrinfo

    def getaddrinfo(
        self, host: str, port: int, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0
    ) -> object:
        if flags & socket.AI_NUMERICHOST:
            return self._real(host, port, family, kind, proto, flags)
        self.asked.append(host)
        self.release.wait(20)
        if isinstance(self.answer, OSError):
            raise self.answer
        return self.answer


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server.getaddrinfo)
    yield server
    server.release.set()


def address(port: int) -> tuple[object, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))


def send(http: Http, seconds: float) -> object:
    return JsonRpc(http, "db", 2, Secret("s")).send(READ, Deadline.after(seconds))


def test_name_server_that_is_silent_ends_at_the_deadline(names: NameServer) -> None:
    start = time.monotonic()
    with pytest.raises(NotSent, match=r"no name server told the address|within 0\.5 s"):
        send(Http("https://odoo.example"), 0.5)
    assert time.monotonic() - start <= 0.55


def test_name_server_that_is_silent_ends_at_the_limit_of_connecting(names: NameServer) -> None:
    start = time.monotonic()
    with pytest.raises(NotSent, match=r"no name server told the address of odoo\.example"):
        send(Http("https://odoo.example", limits=HttpLimits(connect_s=0.3)), 5)
    assert time.monotonic() - start <= 0.5


def test_host_that_is_asked_for_again_is_not_asked_for_twice(names: NameServer) -> None:
    http = Http("https://odoo.example")
    for _ in range(3):
        with pytest.raises(NotSent):
            send(http, 0.1)
    assert names.asked == ["odoo.example"]


def test_call_after_a_silent_name_server_is_served_when_it_answers(names: NameServer) -> None:
    with hostile(result([1])) as server:
        http = Http(f"http://late.localhost:{server.port}")
        with pytest.raises(NotSent):
            send(http, 0.1)
        names.answer = [address(server.port)]
        names.release.set()
        assert send(http, 5) == [1]
        assert server.connections == 1


def test_unknown_name_is_told(names: NameServer) -> None:
    names.answer = socket.gaierror(socket.EAI_NONAME, "unknown")
    names.release.set()
    with pytest.raises(NotSent, match=r"host name odoo\.example is not known"):
        send(Http("https://odoo.example"), 5)


def test_label_that_no_name_can_have_is_an_unknown_name() -> None:
    with pytest.raises(NotSent, match="is not known"):
        send(Http(f"https://{'x' * 64}.example"), 5)


def test_first_address_that_is_silent_leaves_time_for_the_second(names: NameServer) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as full, hostile(result([1])) as server:
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:  # fill the backlog, so that nothing further is accepted
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        names.answer = [address(full.getsockname()[1]), address(server.port)]
        names.release.set()
        start = time.monotonic()
        assert send(Http(f"http://two.localhost:{server.port}", limits=HttpLimits(connect_s=1.0)), 5) == [1]
        assert 0.4 <= time.monotonic() - start <= 1.0
        for client in waiting:
            client.close()


def test_addresses_in_numbers_are_not_asked_for(names: NameServer) -> None:
    resolver = Resolver()
    assert resolver.addresses("127.0.0.1", 80, 1.0)[0][4] == ("127.0.0.1", 80)
    assert resolver.addresses("::1", 80, 1.0)[0][4][:2] == ("::1", 80)
    assert names.asked == []
    with pytest.raises(Unanswered):
        resolver.addresses("odoo.example", 80, 0.05)


def test_threads_that_ask_for_one_host_share_the_question(names: NameServer) -> None:
    resolver = Resolver()
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(resolver.addresses("odoo.example", 80, 5.0))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    names.answer = [address(80)]
    names.release.set()
    for thread in threads:
        thread.join()
    assert found == [[address(80)]] * 8
    assert names.asked == ["odoo.example"]
