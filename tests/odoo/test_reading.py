"""Streams before servers that do not keep to what they were asked, and on wires that lose replies."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator

import pytest

from oimkit.errors import AccessRefused, BadReply, Busy, InputError, InvalidCall
from oimkit.odoo import Odoo, connect
from oimkit.odoo.codec import Wire
from oimkit.odoo.transport import Call, Deadline
from oimkit.odoo.transport.http import LostReply
from oimkit.odoo.typed import Model, unread
from oimkit.sandbox import Sandbox
from tests.odoo.meddling import Meddling

COUNT = 40


@pytest.fixture(scope="module", params=[14, 19])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(version=request.param) as server:
        odoo = connect(server.url, database=server.database, user=server.user, secret=server.secret)
        odoo.load("res.partner", ["name", "ref"], [[f"Partner {number}", "stream"] for number in range(COUNT)])
        yield server


MINE = [["ref", "=", "stream"]]


def ids(odoo: Odoo, **options: object) -> list[int]:
    return [record["id"] for record in odoo.stream("res.partner", MINE, ["name"], **options)]


class Filtering(Meddling):
    """A server that cuts the page first and drops what the user may not see afterwards, as those of messages do."""

    def __init__(self, inner: Meddling, hidden: set[int]) -> None:
        super().__init__(inner)
        self.hidden = hidden

    def send(self, call: Call, deadline: Deadline) -> object:
        if call.model == "res.partner" and call.method == "search_count":
            whole = Call(call.model, "search", None, call.arguments, call.context)
            return len([identity for identity in super().send(whole, deadline) if identity not in self.hidden])
        result = super().send(call, deadline)
        if call.model == "res.partner" and call.method == "search":
            return [identity for identity in result if identity not in self.hidden]
        if call.model == "res.partner" and call.method == "search_read":
            return [row for row in result if row["id"] not in self.hidden]
        return result


@pytest.mark.parametrize("load_names", [True, False])
@pytest.mark.parametrize("batch", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "keep",
    [
        lambda place: place % 5 == 0,
        lambda place: place in (0, COUNT - 1),
        lambda place: place == COUNT - 1,
        lambda place: place < 2,
        lambda place: False,
    ],
    ids=["every fifth", "first and last", "last", "first two", "none"],
)
def test_records_hidden_after_the_page_was_cut_do_not_end_the_reading(
    odoo: Odoo, wire: Meddling, batch: int, load_names: bool, keep
) -> None:
    everyone = ids(odoo)
    visible = [identity for place, identity in enumerate(everyone) if keep(place)]
    filtering = connect(transport=Filtering(wire, set(everyone) - set(visible)))
    assert ids(filtering, batch=batch, load_names=load_names) == visible


def answering(wire: Meddling, method: str, change) -> Odoo:
    """A client of a server whose answers to *method* on partners are changed."""

    class Changing(Meddling):
        def send(self, call: Call, deadline: Deadline) -> object:
            result = super().send(call, deadline)
            return change(result, call) if (call.model, call.method) == ("res.partner", method) else result

    return connect(transport=Changing(wire))


def test_a_server_that_ignores_the_order_is_refused_and_nothing_is_given_twice(wire: Meddling) -> None:
    odoo = answering(wire, "search_read", lambda rows, _: rows[::-1])
    with pytest.raises(BadReply, match="asked in the order of ids"):
        ids(odoo)


def test_a_server_that_ignores_the_condition_is_refused_and_does_not_go_round_for_ever(wire: Meddling) -> None:
    first: list[Wire] = []

    def always_the_first(rows: list[Wire], _: Call) -> list[Wire]:
        if not first:
            first.extend(rows)
        return [dict(row) for row in first]

    stream = answering(wire, "search_read", always_the_first).stream("res.partner", MINE, ["name"], batch=5)
    with pytest.raises(BadReply, match="cannot be streamed"):
        list(stream)


def test_a_server_whose_count_contradicts_its_search_is_told(wire: Meddling) -> None:
    odoo = answering(wire, "search_count", lambda _count, _call: 1)
    with pytest.raises(BadReply, match="does not find them"):
        ids(odoo)


@pytest.mark.parametrize("load_names", [True, False])
def test_lost_replies_and_busy_moments_are_asked_again(odoo: Odoo, wire: Meddling, load_names: bool) -> None:
    everyone = ids(odoo)
    number = [0]

    def lose(call: Call) -> None:
        number[0] += 1
        if number[0] % 3 == 0:
            raise LostReply("the reply was lost") if number[0] % 2 else Busy("busy", retry_after_s=0.0)

    wire.after = lose
    assert ids(odoo, batch=9, load_names=load_names) == everyone


def test_a_record_deleted_between_finding_and_reading_is_left_out(odoo: Odoo, wire: Meddling) -> None:
    doomed = odoo.load("res.partner", ["name", "ref"], [["gone", "stream"]] * 3)
    before = [identity for identity in ids(odoo) if identity not in doomed]

    def delete(call: Call) -> None:
        if call.method in ("search", "search_read") and doomed:
            wire.after = lambda _: None
            odoo.call("res.partner", "unlink", ids=doomed)

    wire.after = delete
    given = ids(odoo, batch=7, load_names=False)
    assert [identity for identity in given if identity not in doomed] == before


class Older(Meddling):
    """A server whose search_read has no argument load, as before 15."""

    def send(self, call: Call, deadline: Deadline) -> object:
        if call.method == "search_read" and "load" in call.arguments:
            raise InvalidCall("search_read does not take the argument load")
        return super().send(call, deadline)


def test_a_page_is_found_anew_when_a_record_was_hidden_before_it_was_read(wire: Meddling) -> None:
    refusals = [2]

    class Hiding(Older):
        def send(self, call: Call, deadline: Deadline) -> object:
            if call.method == "read" and refusals[0]:
                refusals[0] -= 1
                raise AccessRefused("the user may not do res.partner.read")
            return super().send(call, deadline)

    assert len(ids(connect(transport=Hiding(wire)), load_names=False)) == COUNT
    assert refusals == [0]
    refusals[0] = 3
    with pytest.raises(AccessRefused):
        ids(connect(transport=Hiding(wire)), load_names=False)


def test_a_model_whose_search_takes_no_switch_for_names_is_read_in_two_calls(wire: Meddling) -> None:
    older = Older(wire)
    assert len(ids(connect(transport=older), batch=15, load_names=False)) == COUNT
    assert older.sent.count("read") == 3


def test_pages_are_read_when_they_are_wanted(odoo: Odoo, wire: Meddling) -> None:
    stream = odoo.stream("res.partner", MINE, ["name"], batch=10)
    assert "search_read" not in wire.sent
    next(stream)
    assert wire.sent.count("search_read") == 1


def test_memory_does_not_grow_with_the_number_of_records(odoo: Odoo) -> None:
    for _ in odoo.stream("res.partner", [], ["name"], batch=5):
        pass
    gc.collect()
    tracemalloc.start()
    try:
        peaks = []
        for count in (10, COUNT):
            tracemalloc.reset_peak()
            stream = odoo.stream("res.partner", MINE, ["name", "create_date"], batch=5)
            for _ in zip(range(count), stream, strict=False):
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
        assert peaks[1] < peaks[0] + 200_000
    finally:
        tracemalloc.stop()


class Partner(Model):
    odoo_model = "res.partner"
    name: str = unread()


def test_instances_of_a_class_are_given_where_one_is_named(odoo: Odoo) -> None:
    partners = list(odoo.stream("res.partner", MINE, ["name"], batch=7, typed=Partner))
    assert [partner.id for partner in partners] == ids(odoo)
    assert all(type(partner) is Partner and partner.name.startswith("Partner") for partner in partners)


def test_a_class_of_another_model_is_refused_before_anything_is_read(odoo: Odoo, wire: Meddling) -> None:
    with pytest.raises(InputError, match=r"not of crm\.lead"):
        odoo.stream("crm.lead", [], ["name"], typed=Partner)
    assert "search_read" not in wire.sent


@pytest.mark.parametrize("batch", [0, -1, 100_001, True, "10"])
def test_a_batch_that_is_no_number_of_records_is_refused(odoo: Odoo, batch: object) -> None:
    with pytest.raises(InputError, match="batch"):
        odoo.stream("res.partner", [], ["name"], batch=batch)


def test_fields_given_as_one_text_are_refused(odoo: Odoo) -> None:
    for read in (odoo.stream, odoo.stream_raw, odoo.pages):
        with pytest.raises(InputError, match="one text"):
            read("res.partner", [], "name")


def test_attachments_of_fields_stay_hidden_on_every_page(odoo: Odoo, wire: Meddling) -> None:
    """The server hides them only as long as the domain names neither id nor res_field."""
    list(odoo.pages("ir.attachment", [], [], batch=1))
    seen: list[Wire] = []
    wire.before = lambda call: seen.append(call.arguments.get("domain"))
    list(odoo.pages("ir.attachment", [["name", "!=", "x"]], [], batch=1, after=0))
    assert all(["res_field", "=", False] in domain for domain in seen)
    seen.clear()
    list(odoo.pages("ir.attachment", [["res_field", "!=", False]], [], after=0))
    assert not any(["res_field", "=", False] in domain for domain in seen)


def test_what_several_records_point_to_is_read_in_one_call(odoo: Odoo, wire: Meddling) -> None:
    parents = ids(odoo)[:3]
    odoo.load("res.partner", ["name", "parent_id/.id"], [[f"Child of {parent}", str(parent)] for parent in parents])
    children = odoo.search_read("res.partner", [["parent_id", "in", parents]], ["parent_id"])
    wire.sent.clear()
    related = odoo.prefetch("res.partner", children, "parent_id", ["name"])
    assert [related.one(child["parent_id"])["id"] for child in children] == parents
    assert wire.sent == ["search_read"]
