"""A reply that is lost after the server has done the work: told as unknown, never sent again, done exactly once.

Every method of the sandbox that changes something (``acts.py``), over every transport, with the reply cut at four
places.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator

import pytest

from oimkit.errors import BadReply, NotSent, OutcomeUnknown
from oimkit.odoo import Odoo, Secret, connect
from oimkit.odoo.transport import Call, Deadline, Http, Json2
from oimkit.sandbox import Fault, FaultKind, Sandbox, When
from tests.faults.acts import ACTS, UNTRIED, acts_of, changing_entry_points
from tests.faults.cutting import CUTS, Cutting, cutting
from tests.odoo.hostile import hostile, result

WAYS = [(14, "jsonrpc"), (14, "xmlrpc"), (19, "jsonrpc"), (19, "xmlrpc"), (19, "json2")]
PARTNER = "res.partner"


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[int, Sandbox]]:
    with Sandbox(version=14) as old, Sandbox(version=19) as new:
        yield {14: old, 19: new}


@pytest.fixture(scope="module")
def ways(sandboxes: dict[int, Sandbox]) -> Iterator[dict[int, Cutting]]:
    with cutting(sandboxes[14].url) as old, cutting(sandboxes[19].url) as new:
        yield {14: old, 19: new}


def client(sandbox: Sandbox, url: str, transport: str) -> Odoo:
    settings = {"database": sandbox.database, "user": sandbox.user, "secret": sandbox.api_key}
    return connect(url, transport=transport, **settings)


@pytest.mark.parametrize("version", [14, 19])
def test_every_method_that_changes_something_has_an_act_or_a_reason(version: int) -> None:
    assert changing_entry_points(version) - {act.name for act in acts_of(version)} <= UNTRIED.keys()


def test_acts_and_exceptions_are_of_methods_that_are_there() -> None:
    there = {(name, version) for version in (14, 19) for name in changing_entry_points(version)}
    assert {(act.name, version) for act in ACTS for version in act.versions} <= there
    assert UNTRIED.keys() <= {name for name, _ in there} - {act.name for act in ACTS}


@pytest.mark.parametrize("version", [14, 19])
def test_effect_of_every_act_is_there_once_after_it_and_not_before(sandboxes: dict[int, Sandbox], version: int) -> None:
    odoo = client(sandboxes[version], sandboxes[version].url, "jsonrpc")
    for act in acts_of(version):
        mark = uuid.uuid4().hex
        before = act.prepare(odoo, mark)
        assert (act.name, act.effects(odoo, mark, before)) == (act.name, 0)
        act.act(odoo, mark, before)
        assert (act.name, act.effects(odoo, mark, before)) == (act.name, 1)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_lost_reply_leaves_the_work_done_once_and_unknown(
    sandboxes: dict[int, Sandbox], ways: dict[int, Cutting], version: int, transport: str, cut: str
) -> None:
    sandbox, way = sandboxes[version], ways[version]
    direct, cut_off = client(sandbox, sandbox.url, "jsonrpc"), client(sandbox, way.url, transport)
    for act in acts_of(version):
        mark = uuid.uuid4().hex
        before = act.prepare(direct, mark)
        cut_off.schema.fields(PARTNER)
        way.cut = cut
        try:
            with pytest.raises(OutcomeUnknown) as caught:
                act.act(cut_off, mark, before)
        finally:
            carried, way.cut = way.carried, None
        assert (act.name, carried) == (act.name, 1)
        assert not caught.value.after_commit
        assert (act.name, act.effects(direct, mark, before)) == (act.name, 1)


@pytest.mark.parametrize("version", [14, 19])
def test_fault_after_the_commit_is_told_as_done_with_an_unknown_result(
    sandboxes: dict[int, Sandbox], version: int
) -> None:
    sandbox = sandboxes[version]
    direct, odoo = client(sandbox, sandbox.url, "jsonrpc"), client(sandbox, sandbox.url, "xmlrpc")
    odoo.schema.fields(PARTNER)
    for act in acts_of(version):
        mark = uuid.uuid4().hex
        before = act.prepare(direct, mark)
        sandbox.faults.add(Fault(FaultKind.MARSHAL_AFTER_COMMIT, When(mutating=True)))
        calls = sandbox.faults.mutating
        with pytest.raises(OutcomeUnknown) as caught:
            act.act(odoo, mark, before)
        assert caught.value.after_commit
        assert sandbox.faults.mutating == calls + 1
        assert (act.name, act.effects(direct, mark, before)) == (act.name, 1)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_read_whose_reply_is_lost_is_asked_three_times_and_ends(
    sandboxes: dict[int, Sandbox], ways: dict[int, Cutting], version: int, transport: str, cut: str
) -> None:
    way = ways[version]
    odoo = client(sandboxes[version], way.url, transport)
    way.cut = cut
    try:
        with pytest.raises(BadReply, match="before the answer was complete"):
            odoo.count(PARTNER, [])
    finally:
        carried, way.cut = way.carried, None
    assert carried == 3
    assert odoo.count(PARTNER, []) >= 1


def test_number_that_may_be_cut_short_is_no_answer() -> None:
    def answer(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n12")
        connection.shutdown(socket.SHUT_RDWR)

    with hostile(answer) as server, pytest.raises(BadReply, match="whether the number that came is whole"):
        transport = Json2(Http(server.url), "db", 2, Secret("s"))
        transport.send(Call(PARTNER, "search_count", arguments={"domain": []}), Deadline.after(5))


def test_tries_of_a_read_end_together_at_its_deadline() -> None:
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        if b'"search_count"' not in request:
            connection.sendall(told(request))
            return
        asked.append(request)
        time.sleep(0.3)
        connection.shutdown(socket.SHUT_RDWR)

    def told(request: bytes) -> bytes:
        is_version = b'"version"' in request
        return result({"server_version": "19.0", "server_version_info": [19, 0]} if is_version else 2)

    with hostile(answer) as server:
        odoo = connect(server.url, database="d", user="u", secret="s", transport="jsonrpc")
        taken: list[float] = []
        for _ in range(3):  # a busy machine makes a turn longer, but not each of three
            asked.clear()
            start = time.monotonic()
            with pytest.raises((BadReply, NotSent)):
                odoo.call(PARTNER, "search_count", domain=[], deadline_s=0.8)
            taken.append(time.monotonic() - start)
            assert 2 <= len(asked) <= 3
        assert min(taken) <= 0.88
