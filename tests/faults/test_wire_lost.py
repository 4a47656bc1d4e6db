"""A reply that is lost after the server has done the work: told as unknown, never sent again, done exactly once.

Every method that changes something and that the sandbox has, over every transport, with the reply cut at four places.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from oimkit.errors import BadReply, NotSent, OutcomeUnknown
from oimkit.odoo import Odoo, Secret, connect
from oimkit.odoo.transport import Call, Deadline, Http, Json2
from oimkit.sandbox import Fault, FaultKind, Sandbox, When
from tests.faults.cutting import CUTS, Cutting, cutting
from tests.odoo.hostile import hostile, result

WAYS = [(14, "jsonrpc"), (14, "xmlrpc"), (19, "jsonrpc"), (19, "xmlrpc"), (19, "json2")]
PARTNER, LEAD, MOVE = "res.partner", "crm.lead", "account.move"


@dataclass(frozen=True)
class Act:
    """One mutating call: what is there before, the call, and how often its effect is there after it (1 when once)."""

    method: str
    prepare: Callable[[Odoo, str], Any]
    act: Callable[[Odoo, str, Any], object]
    effects: Callable[[Odoo, str, Any], int]


def partner(odoo: Odoo, mark: str) -> int:
    return one(odoo, PARTNER, {"name": mark})


def lead(odoo: Odoo, mark: str) -> int:
    return one(odoo, LEAD, {"name": mark, "type": "opportunity"})


def draft(odoo: Odoo, mark: str) -> int:
    line = [0, 0, {"name": "work", "quantity": 1, "price_unit": 10}]
    values = {"move_type": "out_invoice", "ref": mark, "partner_id": partner(odoo, mark), "invoice_line_ids": [line]}
    return one(odoo, MOVE, values)


def posted(odoo: Odoo, mark: str) -> int:
    move = draft(odoo, mark)
    odoo.call(MOVE, "action_post", ids=[move])
    return move


def one(odoo: Odoo, model: str, values: dict[str, Any]) -> int:
    (identity,) = odoo.call(model, "create", vals_list=[values])
    return int(identity)


def nothing(_odoo: Odoo, _mark: str) -> None:
    return None


def named(odoo: Odoo, mark: str, _before: Any) -> int:
    return odoo.with_context(active_test=False).count(PARTNER, [["name", "=", mark]])


def where(model: str, field: str, value: Any) -> Callable[[Odoo, str, Any], int]:
    """1 when the record made before has *value* in *field*."""

    def effects(odoo: Odoo, _mark: str, identity: Any) -> int:
        (row,) = odoo.call(model, "read", ids=[identity], fields=[field])
        return int(row[field] == value)

    return effects


def gone(odoo: Odoo, mark: str, before: Any) -> int:
    return 1 - named(odoo, mark, before)


def notes(odoo: Odoo, mark: str, partner_id: Any) -> int:
    said = [["model", "=", PARTNER], ["res_id", "=", partner_id], ["body", "like", mark]]
    return odoo.count("mail.message", said)


ACTS = [
    Act("create", nothing, lambda o, m, _: o.call(PARTNER, "create", vals_list=[{"name": m}]), named),
    Act("name_create", nothing, lambda o, m, _: o.call(PARTNER, "name_create", name=m), named),
    Act("load", nothing, lambda o, m, _: o.load(PARTNER, ["name"], [[m]]), named),
    Act("write", partner, lambda o, _, i: o.write(PARTNER, [i], {"ref": "x"}), where(PARTNER, "ref", "x")),
    Act("unlink", partner, lambda o, _, i: o.call(PARTNER, "unlink", ids=[i]), gone),
    Act("archive", partner, lambda o, _, i: o.write(PARTNER, [i], {"active": False}), where(PARTNER, "active", False)),
    Act("message_post", partner, lambda o, m, i: o.call(PARTNER, "message_post", ids=[i], body=m), notes),
    Act(
        "action_set_won", lead, lambda o, _, i: o.call(LEAD, "action_set_won", ids=[i]), where(LEAD, "probability", 100)
    ),
    Act(
        "action_set_lost", lead, lambda o, _, i: o.call(LEAD, "action_set_lost", ids=[i]), where(LEAD, "active", False)
    ),
    Act("action_post", draft, lambda o, _, i: o.call(MOVE, "action_post", ids=[i]), where(MOVE, "state", "posted")),
    Act("button_draft", posted, lambda o, _, i: o.call(MOVE, "button_draft", ids=[i]), where(MOVE, "state", "draft")),
    Act("button_cancel", draft, lambda o, _, i: o.call(MOVE, "button_cancel", ids=[i]), where(MOVE, "state", "cancel")),
]


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


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_lost_reply_leaves_the_work_done_once_and_unknown(
    sandboxes: dict[int, Sandbox], ways: dict[int, Cutting], version: int, transport: str, cut: str
) -> None:
    sandbox, way = sandboxes[version], ways[version]
    direct, cut_off = client(sandbox, sandbox.url, "jsonrpc"), client(sandbox, way.url, transport)
    for act in ACTS:
        mark = uuid.uuid4().hex
        before = act.prepare(direct, mark)
        cut_off.schema.fields(PARTNER)
        way.cut = cut
        try:
            with pytest.raises(OutcomeUnknown) as caught:
                act.act(cut_off, mark, before)
        finally:
            carried, way.cut = way.carried, None
        assert (act.method, carried) == (act.method, 1)
        assert not caught.value.after_commit
        assert (act.method, act.effects(direct, mark, before)) == (act.method, 1)


@pytest.mark.parametrize("version", [14, 19])
def test_fault_after_the_commit_is_told_as_done_with_an_unknown_result(
    sandboxes: dict[int, Sandbox], version: int
) -> None:
    sandbox = sandboxes[version]
    odoo = client(sandbox, sandbox.url, "xmlrpc")
    for act in ACTS:
        mark = uuid.uuid4().hex
        before = act.prepare(odoo, mark)
        sandbox.faults.add(Fault(FaultKind.MARSHAL_AFTER_COMMIT, When(mutating=True)))
        calls = sandbox.faults.mutating
        with pytest.raises(OutcomeUnknown) as caught:
            act.act(odoo, mark, before)
        assert caught.value.after_commit
        assert sandbox.faults.mutating == calls + 1
        assert (act.method, act.effects(odoo, mark, before)) == (act.method, 1)


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
        start = time.monotonic()
        with pytest.raises((BadReply, NotSent)):
            odoo.call(PARTNER, "search_count", domain=[], deadline_s=0.8)
        assert time.monotonic() - start <= 0.88
    assert 2 <= len(asked) <= 3
