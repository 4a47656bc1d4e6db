"""One limiter is one window to a server, whoever asks."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from oimkit.errors import BadReply, Busy, ConfigurationError, NotSent, OutcomeUnknown
from oimkit.odoo import Limiter, connect
from oimkit.odoo.faults import from_status
from oimkit.odoo.limiter import pace_of, polite_limiter
from oimkit.odoo.transport import Call, Deadline
from oimkit.odoo.transport.http import Reply
from oimkit.sandbox import Sandbox
from oimkit.sandbox.faults import Fault, FaultKind, When
from tests.odoo.hostile import Hostile, hostile, reply, result


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


def limiter(time_: Time, gap_s: float = 0.0, **more: int) -> Limiter:
    return Limiter(gap_s, clock=time_.clock, sleep=time_.sleep, **more)


def test_held_limiter_lets_nobody_start_before_the_server_said():
    time_ = Time()
    limit = limiter(time_)
    limit.hold(30)
    limit.wait(Deadline.after(60, clock=time_.clock))
    assert time_.slept == [30.0]
    limit.wait(Deadline.after(60, clock=time_.clock))
    assert time_.slept == [30.0]


def test_quiet_longer_than_the_deadline_is_told_at_once():
    time_ = Time()
    limit = limiter(time_)
    limit.hold(30)
    with pytest.raises(NotSent, match="30 s of quiet, more than the deadline of 10 s leaves; try again later"):
        limit.wait(Deadline.after(10, clock=time_.clock))
    assert time_.slept == []


def test_shorter_quiet_does_not_end_a_longer_one():
    time_ = Time()
    limit = limiter(time_)
    limit.hold(30)
    limit.hold(1)
    limit.wait(Deadline.after(60, clock=time_.clock))
    assert time_.slept == [30.0]


def test_senseless_quiet_is_an_hour_at_most():
    time_ = Time()
    limit = limiter(time_)
    limit.hold(999_999)
    limit.wait(Deadline.after(5000, clock=time_.clock))
    assert time_.slept == [3600.0]


def test_window_holds_the_most_calls_at_a_time():
    limit, under_way, most, lock = Limiter(0.0, at_once=3), 0, 0, threading.Lock()

    def call(_: int) -> None:
        nonlocal under_way, most
        with limit.turn(Deadline.after(10)):
            with lock:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.01)
            with lock:
                under_way -= 1

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(call, range(40)))
    assert most == 3


def test_call_that_finds_no_place_in_time_is_not_sent():
    limit = Limiter(0.0, at_once=1)
    with (
        limit.turn(Deadline.after(10)),
        pytest.raises(NotSent, match="1 other calls were under way"),
        limit.turn(Deadline.after(0.05)),
    ):
        pass
    with limit.turn(Deadline.after(0.05)):
        pass


def test_place_in_the_window_is_free_again_after_a_failure():
    limit = Limiter(0.0, at_once=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), limit.turn(Deadline.after(1)):
            1 / 0  # noqa: B018


def test_second_tries_end_in_an_outage_and_begin_again_after_it():
    limit = Limiter(0.0, tokens=20)
    assert [limit.take_retry() for _ in range(6)] == [True, True, True, True, False, False]
    for _ in range(5):
        limit.answered()
    assert limit.take_retry()
    assert not limit.take_retry()


def test_outage_is_not_answered_with_three_times_the_requests():
    asked = 0

    def gone(connection: socket.socket, request: bytes) -> None:
        nonlocal asked
        if b'"version"' in request:
            connection.sendall(result({"server_version": "19.0", "server_version_info": [19, 0]}))
        elif b'"authenticate"' in request:
            connection.sendall(result(2))
        else:
            asked += 1
            connection.sendall(reply(b"<html>502</html>", status="502 Bad Gateway", kind="text/html"))

    with hostile(gone) as server:
        odoo = connect(
            server.url, database="d", user="u", secret="s", transport="jsonrpc", limiter=Limiter(0.0, tokens=10)
        )
        for _ in range(12):
            with pytest.raises(BadReply):
                odoo.count("res.partner", [])
    assert asked == 12 + 2


def throttled(server_of: list[Hostile], seconds: int) -> list[float]:
    """When the calls came in: the first is turned away for *seconds*."""
    moments: list[float] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        if b'"version"' in request:
            connection.sendall(result({"server_version": "19.0", "server_version_info": [19, 0]}))
        elif b'"authenticate"' in request:
            connection.sendall(result(2))
        else:
            moments.append(time.monotonic())
            first = len(moments) == 1
            late = reply(b"", status="429 Too Many Requests", headers=f"Retry-After: {seconds}\r\n")
            connection.sendall(late if first else result(5))

    server_of.append(Hostile(answer))
    return moments


def test_retry_after_of_one_thread_keeps_all_threads_quiet():
    servers: list[Hostile] = []
    moments = throttled(servers, 1)
    try:
        odoo = connect(servers[0].url, database="d", user="u", secret="s", transport="jsonrpc")
        assert odoo.limiter.at_once == 8
        with ThreadPoolExecutor(4) as threads:
            first = threads.submit(odoo.count, "res.partner", [])
            while not moments:
                time.sleep(0.01)
            time.sleep(0.1)
            others = [threads.submit(odoo.count, "res.partner", []) for _ in range(3)]
            assert [future.result() for future in (first, *others)] == [5, 5, 5, 5]
    finally:
        servers[0].stop()
    assert len(moments) == 5
    assert min(moments[1:]) - moments[0] >= 0.95


def test_write_turned_away_by_the_embedded_server_happens_once():
    with Sandbox(version=19) as sandbox:
        odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)
        fault = Fault(FaultKind.TOO_MANY_REQUESTS, When("res.partner", "create"), delay_ms=1000)
        sandbox.faults.add(fault)
        odoo.call("res.partner", "create", vals_list=[{"name": "turned away once"}])
        assert odoo.count("res.partner", [("name", "=", "turned away once")]) == 1


def test_profile_of_a_server_is_told_by_its_address():
    assert pace_of("https://odoo.com.example.org") == "own"
    assert pace_of("https://ODOO.com") == "online"
    assert pace_of("http://127.0.0.1:8069") == "own"
    online, sh = polite_limiter("https://acme.odoo.com"), polite_limiter("https://x-1.dev.odoo.com")
    assert (online.gap_s, online.at_once) == (1.0, 1)
    assert (sh.gap_s, sh.at_once) == (0.1, 2)


@pytest.mark.parametrize("wrong", [{"gap_s": -1.0}, {"gap_s": 0.0, "at_once": 0}])
def test_senseless_limiter_is_refused(wrong):
    with pytest.raises(ConfigurationError, match="limiter"):
        Limiter(**wrong)


def test_unknown_profile_is_refused():
    with pytest.raises(ConfigurationError, match="online, own, sh"):
        Limiter.named("fast")


def test_limit_without_a_time_is_told_to_the_caller_of_a_write():
    with hostile(_limited) as server:
        odoo = connect(server.url, database="d", user="u", secret="s", transport="jsonrpc")
        with pytest.raises(Busy) as caught:
            odoo.call("res.partner", "write", ids=[1], vals={})
    assert caught.value.retry_after_s is None


def _limited(connection: socket.socket, request: bytes) -> None:
    if b'"version"' in request:
        connection.sendall(result({"server_version": "19.0", "server_version_info": [19, 0]}))
    elif b'"authenticate"' in request:
        connection.sendall(result(2))
    else:
        connection.sendall(reply(b"", status="429 Too Many Requests"))


def test_date_without_a_zone_is_read_as_universal_time():
    later = (datetime.now(UTC) + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S")
    for zone in ("", " GMT"):
        page = Reply(429, {"retry-after": later + zone}, b"")
        wait = from_status(page, Call("res.partner", "read")).retry_after_s
        assert 85 < wait <= 90


def test_login_that_is_turned_away_is_tried_again_after_the_time_asked_for():
    asked: list[float] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(time.monotonic())
        if len(asked) == 1:
            connection.sendall(reply(b"", status="429 Too Many Requests", headers="Retry-After: 1\r\n"))
        elif b'"version"' in request:
            connection.sendall(result({"server_version": "19.0", "server_version_info": [19, 0]}))
        else:
            connection.sendall(result(2))

    with hostile(answer) as server:
        assert connect(server.url, database="d", user="u", secret="s", transport="jsonrpc").uid == 2
        asked.clear()
        with pytest.raises(NotSent, match="1 s of quiet, more than the deadline"):
            connect(server.url, database="d", user="u", secret="s", transport="jsonrpc", deadline_s=0.5)
    assert len(asked) == 1


def test_login_limited_without_a_time_is_told_at_once():
    with hostile(reply(b"", status="429 Too Many Requests")) as server, pytest.raises(Busy):
        connect(server.url, database="d", user="u", secret="s", transport="jsonrpc")


def test_time_that_a_server_in_maintenance_names_is_kept_for_reads_only():
    page = Reply(503, {"retry-after": "7"}, b"<html></html>")
    told = from_status(page, Call("res.partner", "read"))
    assert isinstance(told, Busy)
    assert told.retry_after_s == 7
    assert isinstance(from_status(page, Call("res.partner", "write")), OutcomeUnknown)
