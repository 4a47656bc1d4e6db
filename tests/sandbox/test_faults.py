"""Faults on request: each happens at the chosen call, and what was committed is what its name says."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from xml.parsers.expat import ExpatError

import pytest
import requests

from oimkit.errors import ConfigurationError
from oimkit.sandbox import Fault, FaultKind, Sandbox, When, parse_fault
from tests.contract.raw import Raw, RawFault
from tests.sandbox.conftest import raw_of

CREATE = When("res.partner", "create")


def names(raw: Raw) -> list[str]:
    rows = raw.find("res.partner", [["name", "like", "fault "]], "name", order="id")
    return [row["name"] for row in rows]


@pytest.mark.parametrize("transport", ["xmlrpc", "jsonrpc"])
@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        (FaultKind.DROP_BEFORE_CALL, 0),
        (FaultKind.DROP_AFTER_COMMIT, 1),
        (FaultKind.DROP_INSIDE_REPLY, 1),
    ],
)
def test_a_dropped_reply_leaves_what_was_committed(
    sandbox: Sandbox, transport: str, kind: FaultKind, kept: int
) -> None:
    sandbox.faults.add(Fault(kind, CREATE, times=3))  # the standard library's client sends a dropped call again
    with pytest.raises((requests.RequestException, OSError, http.client.HTTPException, ExpatError)):
        raw_of(sandbox, transport).call("res.partner", "create", {"name": "fault a"})
    sandbox.faults.clear()
    stored = names(raw_of(sandbox))
    if transport == "xmlrpc" and kind is FaultKind.DROP_AFTER_COMMIT:
        assert set(stored) == {"fault a"}
    else:
        assert len(stored) == kept


def test_a_marshalling_fault_comes_after_the_commit(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(FaultKind.MARSHAL_AFTER_COMMIT, CREATE))
    with pytest.raises(RawFault, match="cannot marshal None unless allow_none is enabled"):
        raw_of(sandbox, "xmlrpc").call("res.partner", "create", {"name": "fault b"})
    assert names(raw_of(sandbox)) == ["fault b"]


def test_too_many_requests_says_when_to_come_again_and_does_nothing(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, CREATE, delay_ms=3000))
    reply = post(raw, "create", {"name": "fault c"})
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "3")
    assert names(raw) == []


@pytest.mark.parametrize(("kind", "kept"), [(FaultKind.BAD_GATEWAY, []), (FaultKind.BAD_GATEWAY_AFTER, ["fault d"])])
def test_a_proxy_page_tells_nothing_about_what_was_done(
    sandbox: Sandbox, raw: Raw, kind: FaultKind, kept: list[str]
) -> None:
    sandbox.faults.add(Fault(kind, CREATE))
    reply = post(raw, "create", {"name": "fault d"})
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html")
    assert names(raw) == kept


@pytest.mark.parametrize("kind", [FaultKind.SLOW, FaultKind.LATE_COMMIT])
def test_a_slow_reply_comes_in_the_end(sandbox: Sandbox, raw: Raw, kind: FaultKind) -> None:
    sandbox.faults.add(Fault(kind, CREATE, delay_ms=200))
    start = time.monotonic()
    raw.create("res.partner", name="fault e")
    assert time.monotonic() - start >= 0.2
    assert names(raw) == ["fault e"]


def test_a_fault_waits_for_the_nth_call_that_changes_something(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(Fault(FaultKind.BAD_GATEWAY, When(nth=2)))
    raw.find("res.partner", [], "name")
    raw.create("res.partner", name="fault f")
    raw.find("res.partner", [], "name")
    assert post(raw, "create", {"name": "fault g"}).status_code == 502
    assert names(raw) == ["fault f"]


def test_a_fault_strikes_as_often_as_it_was_told(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(Fault(FaultKind.BAD_GATEWAY, CREATE, times=2))
    statuses = [post(raw, "create", {"name": "fault h"}).status_code for _ in range(3)]
    assert statuses == [502, 502, 200]


def test_calls_are_counted_and_the_changing_ones_among_them(sandbox: Sandbox, raw: Raw) -> None:
    before = sandbox.faults.calls, sandbox.faults.mutating
    raw.create("res.partner", name="fault i")
    raw.find("res.partner", [], "name")
    assert (sandbox.faults.calls - before[0], sandbox.faults.mutating - before[1]) == (2, 1)


def test_a_crash_ends_the_sandbox_in_this_process(wait_until: Callable[[Callable[[], bool]], None]) -> None:
    with Sandbox(19) as sandbox:
        raw = raw_of(sandbox)
        sandbox.faults.add(Fault(FaultKind.CRASH, CREATE))
        assert post(raw, "create", {"name": "fault j"}).status_code == 200
        wait_until(lambda: "running=False" in repr(sandbox))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop-after-commit@7", Fault(FaultKind.DROP_AFTER_COMMIT, When(nth=7))),
        ("crash", Fault(FaultKind.CRASH, When())),
        ("slow:account.move.action_post@2", Fault(FaultKind.SLOW, When("account.move", "action_post", 2))),
        ("bad-gateway:res.partner.*", Fault(FaultKind.BAD_GATEWAY, When("res.partner"))),
    ],
)
def test_a_fault_is_read_from_the_command_line(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize("text", ["nonsense", "crash@0", "crash@x", ""])
def test_a_fault_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_fault(text)


def post(raw: Raw, method: str, *arguments: object) -> requests.Response:
    """The bare answer to one call on res.partner."""
    login = [raw.database, raw.user_id, raw.secret]
    params = {"service": "object", "method": "execute_kw", "args": [*login, "res.partner", method, list(arguments), {}]}
    return raw.session.post(f"{raw.url}/jsonrpc", json={"jsonrpc": "2.0", "id": 1, "params": params}, timeout=10)
