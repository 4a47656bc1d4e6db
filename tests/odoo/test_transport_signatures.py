"""Arguments by name on every transport: places for the old ones, the right name for the new, refusals alike."""

from __future__ import annotations

import json
import socket

import pytest

from oimkit.errors import InputError, InvalidCall, OutcomeUnknown
from oimkit.odoo import Secret
from oimkit.odoo.transport import Call, Deadline, Http, Json2, JsonRpc, XmlRpc
from oimkit.odoo.transport.calls import by_newest_name, positional
from oimkit.odoo.transport.signatures import TABLE, changes, signature
from tests.odoo.hostile import Hostile, hostile, reply, result

# --- the table


def test_every_name_stands_for_one_argument_of_its_method() -> None:
    for known in TABLE.values():
        names = [name for argument in known.arguments for name in argument.names]
        assert len(names) == len(set(names)), known.name
        needed = [argument.required for argument in known.arguments]
        assert needed == sorted(needed, reverse=True), f"{known.name}: what must be given stands first"


def test_method_of_one_model_is_not_known_of_another() -> None:
    assert signature("ir.config_parameter", "get_param") is not None
    assert signature("my.model", "get_param") is None
    assert signature("my.model", "search") is TABLE["search"]


def test_only_methods_that_are_known_to_read_may_be_asked_again() -> None:
    for method in ("read", "search", "search_read", "fields_get", "read_group", "has_access", "export_data"):
        assert not changes("my.model", method)
    for method in ("write", "create", "unlink", "load", "action_post", "get_param", "anything", "name_create"):
        assert changes("my.model", method)
    assert not changes("ir.config_parameter", "get_param")


# --- places


@pytest.mark.parametrize(
    ("call", "places", "named"),
    [
        (Call("m.m", "search", arguments={"domain": [], "limit": 5}), [[]], {"limit": 5}),
        (Call("m.m", "search", arguments={"args": [1], "order": "id"}), [[1]], {"order": "id"}),
        (Call("m.m", "search_read", arguments={"fields": ["a"]}), [], {"fields": ["a"]}),
        (Call("m.m", "search_read", arguments={"fields": ["a"], "domain": []}), [[], ["a"]], {}),
        (Call("m.m", "name_search", arguments={"domain": [1], "limit": 2}), ["", [1]], {"limit": 2}),
        (Call("m.m", "name_search", arguments={"args": [1]}), ["", [1]], {}),
        (Call("m.m", "name_search", arguments={"name": "x", "operator": "="}), ["x"], {"operator": "="}),
        (Call("m.m", "fields_get", arguments={"attributes": ["type"]}), [], {"attributes": ["type"]}),
        (Call("m.m", "create", arguments={"values": {"a": 1}}), [{"a": 1}], {}),
        (Call("m.m", "read", (1, 2), {"fields": ["a"], "load": None}), [[1, 2], ["a"], None], {}),
        (Call("m.m", "anything", (1,), {"x": 1}), [[1]], {"x": 1}),
        (Call("m.m", "anything", None, {"x": 1}, {"lang": "nl_NL"}), [], {"x": 1, "context": {"lang": "nl_NL"}}),
        (Call("res.users", "has_group", (2,), {"group_ext_id": "a.b"}), [[2], "a.b"], {}),
        (Call("res.users", "has_group", None, {"group_ext_id": "a.b"}), ["a.b"], {}),
    ],
)
def test_arguments_take_their_places(call: Call, places: list[object], named: dict[str, object]) -> None:
    assert positional(call) == (places, named)


def test_old_names_become_the_newest() -> None:
    assert by_newest_name(Call("m.m", "search", arguments={"args": [], "limit": 1})) == {"domain": [], "limit": 1}
    assert by_newest_name(Call("m.m", "default_get", arguments={"fields_list": ["a"]})) == {"fields": ["a"]}
    assert by_newest_name(Call("m.m", "write", (1,), {"values": {}})) == {"vals": {}}


# --- refusals before anything is sent


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (Call("m.m", "search", (1,), {"domain": []}), "m.m.search is a method of the model and takes no ids"),
        (Call("m.m", "write", None, {"vals": {}}), "m.m.write is a method of records and was given no ids"),
        (Call("m.m", "unlink"), "m.m.unlink is a method of records and was given no ids"),
        (Call("account.move", "action_post"), "account.move.action_post is a method of records"),
        (Call("m.m", "search"), "m.m.search needs the argument domain"),
        (Call("m.m", "create"), "m.m.create needs the argument vals_list"),
        (Call("m.m", "write", (1,)), "m.m.write needs the argument vals"),
        (Call("m.m", "load", None, {"fields": []}), "m.m.load needs the argument data"),
        (Call("m.m", "search", None, {"domain": [], "args": []}), "domain and args are two names of one argument"),
    ],
)
@pytest.mark.parametrize("kind", [JsonRpc, Json2, XmlRpc])
def test_misuse_is_refused_alike_and_nothing_is_sent(kind: type, call: Call, part: str) -> None:
    with hostile(result(True)) as server:
        with pytest.raises(InvalidCall, match=part):
            kind(Http(server.url), "d", 2, Secret("k")).send(call, Deadline.after(5))
        assert server.connections == 0


def test_method_of_records_may_be_called_on_none_of_them_when_that_is_said() -> None:
    assert positional(Call("m.m", "has_access", (), {"operation": "read"})) == ([[], "read"], {})


@pytest.mark.parametrize("name", ["ids", "context"])
def test_parts_of_the_call_are_no_arguments(name: str) -> None:
    with pytest.raises(InputError, match="no argument of the method"):
        Call("m.m", "anything", arguments={name: [1]})


# --- what the server of 19 tells


PAGE = {
    "model": "my.model",
    "methods": {
        "book": {"parameters": {"amount": {}, "day": {"default": None}}, "api": []},
        "plan": {"parameters": {"day": {}, "rest": {"kind": "VAR_KEYWORD"}}, "api": ["model"]},
        "create": {"parameters": {"values": {}}, "api": ["model"]},
        "name_search": {"parameters": {"name": {"default": ""}, "args": {"default": None}}, "api": ["model"]},
        "odd": {"parameters": "?"},
    },
}
UNEXPECTED = "got an unexpected keyword argument '%s'"
MISSING = "missing a required argument: '%s'"


class New:
    """A server of 19 with one model, which binds arguments as its page says."""

    def __init__(self, page: object = PAGE, status: str = "200 OK") -> None:
        self.page, self.status = page, status
        self.pages = 0
        self.bodies: list[dict[str, object]] = []

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET /doc-bearer/"):
            self.pages += 1
            connection.sendall(reply(json.dumps(self.page).encode(), status=self.status))
            return
        body = json.loads(request.split(b"\r\n\r\n", 1)[1])
        method = request.split(b" ")[1].decode().rpartition("/")[2]
        names = {"create": "values", "name_search": "args"}.get(method)
        wrong = [name for name in body if name in ("vals_list", "domain", "vals", "nonsense")]
        if wrong and (method == "name_search" or wrong == ["nonsense"]):
            self.refuse(connection, UNEXPECTED % wrong[0])
        elif wrong:
            self.refuse(connection, MISSING % names)
        else:
            self.bodies.append(body)
            connection.sendall(reply(b"[7]"))

    @staticmethod
    def refuse(connection: socket.socket, message: str) -> None:
        refusal = {"name": "werkzeug.exceptions.UnprocessableEntity", "message": message}
        connection.sendall(reply(json.dumps(refusal).encode(), status="422 Unprocessable Entity"))


def client(server: Hostile) -> Json2:
    return Json2(Http(server.url), "d", 2, Secret("k"))


def send(transport: Json2, call: Call) -> object:
    return transport.send(call, Deadline.after(5))


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (Call("my.model", "book", None, {"amount": 1}), "book is a method of records and was given no ids"),
        (Call("my.model", "plan", None, {}), "plan needs the argument day"),
        (Call("my.model", "search", None, {"domain": [], "nope": 1}), "search does not take the argument nope"),
    ],
)
def test_call_beyond_the_table_is_refused_by_what_the_server_says(call: Call, part: str) -> None:
    search = {"parameters": {"domain": {}, "offset": {"default": 0}}, "api": ["model"]}
    new = New({**PAGE, "methods": {**PAGE["methods"], "search": search}})  # type: ignore[dict-item]
    with hostile(new) as server:
        transport = client(server)
        for _ in range(3):
            with pytest.raises(InvalidCall, match=part):
                send(transport, call)
        assert (new.pages, new.bodies) == (1, [])


def test_call_that_the_servers_words_allow_is_sent() -> None:
    new = New()
    with hostile(new) as server:
        transport = client(server)
        assert send(transport, Call("my.model", "plan", None, {"day": "2026-01-01", "more": 1})) == [7]
        assert send(transport, Call("my.model", "book", (3,), {"amount": 1})) == [7]
        assert send(transport, Call("my.model", "not_described")) == [7]
        assert new.bodies == [{"day": "2026-01-01", "more": 1}, {"amount": 1, "ids": [3]}, {}]
        assert new.pages == 1


def test_known_method_with_known_arguments_asks_for_no_page() -> None:
    new = New()
    with hostile(new) as server:
        send(client(server), Call("my.model", "read", (1,), {"fields": ["a"]}))
        assert new.pages == 0


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "500 Internal Server Error"])
def test_page_that_is_not_given_is_no_reason_to_refuse(status: str) -> None:
    new = New({"name": "odoo.exceptions.AccessError", "message": "no"}, status)
    with hostile(new) as server:
        transport = client(server)
        assert send(transport, Call("my.model", "plan")) == [7]
        assert send(transport, Call("my.model", "plan")) == [7]
        assert send(transport, Call("other.model", "plan")) == [7]
        assert new.pages == (1 if status.startswith("403") else 2)


@pytest.mark.parametrize("page", ["?", [], {"methods": []}, {"methods": {"plan": {"parameters": []}}}, {}])
def test_page_of_another_form_is_no_reason_to_refuse(page: object) -> None:
    with hostile(New(page)) as server:
        assert send(client(server), Call("my.model", "plan")) == [7]


def test_page_that_never_comes_leaves_time_for_the_call() -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET"):
            connection.close()
        else:
            connection.sendall(reply(b"true"))

    with hostile(answer) as server:
        assert send(client(server), Call("my.model", "plan")) is True


@pytest.mark.parametrize(
    ("call", "right"),
    [
        (Call("my.model", "create", None, {"vals_list": [{}]}), "values"),
        (Call("my.model", "create", None, {"vals": {}}), "values"),
        (Call("my.model", "name_search", None, {"domain": []}), "args"),
    ],
)
def test_name_that_an_override_uses_is_learnt_from_its_refusal_once(call: Call, right: str) -> None:
    new = New()
    with hostile(new) as server:
        transport = client(server)
        assert send(transport, call) == [7]
        before = len(server.received)
        assert send(transport, call) == [7]
        assert len(server.received) == before + 1
        assert [list(body) for body in new.bodies] == [[right], [right]]


@pytest.mark.parametrize("message", [MISSING % "values_list", UNEXPECTED % "vals_list", UNEXPECTED % "vals", "no"])
def test_server_that_wants_ever_another_name_is_given_up(message: str) -> None:
    refusal = json.dumps({"name": "werkzeug.exceptions.UnprocessableEntity", "message": message}).encode()
    with hostile(reply(refusal, status="422 Unprocessable Entity")) as server:
        with pytest.raises(InvalidCall):
            send(client(server), Call("my.model", "create", None, {"vals_list": [{}]}))
        assert len(server.received) <= 4


# --- results


@pytest.mark.parametrize(
    ("method", "ids", "arguments", "told", "given"),
    [
        ("create", None, {"vals_list": {}}, 5, [5]),
        ("create", None, {"vals_list": [{}]}, [5], [5]),
        ("create", None, {"vals_list": []}, [], []),
        ("copy", (1,), {}, 5, [5]),
        ("copy", (1,), {}, [5], [5]),
        ("copy", (1,), {}, "my.model(5,)", [5]),
        ("message_post", (1,), {"body": "x"}, 5, [5]),
        ("message_post", (1,), {"body": "x"}, False, []),
        ("activity_schedule", (1,), {}, "mail.activity(5, 6)", [5, 6]),
        ("search", None, {"domain": []}, [5], [5]),
        ("search", None, {"domain": [], "count": True}, 5, 5),
        ("anything", (1,), {}, "my.model(5,)", [5]),
        ("anything", (1,), {}, 5, 5),
        ("anything", (1,), {}, None, None),
        ("read", (1,), {"fields": []}, "my.model(5,)", "my.model(5,)"),
    ],
)
def test_record_sets_are_lists_of_ids(method, ids, arguments, told, given) -> None:
    with hostile(result(told)) as server:
        transport = JsonRpc(Http(server.url), "d", 2, Secret("k"))
        assert transport.send(Call("my.model", method, ids, arguments), Deadline.after(5)) == given


@pytest.mark.parametrize("told", ["made", True, {"id": 5}, [5, "x"], ["a"]])
def test_creation_that_answers_with_something_else_is_unknown(told: object) -> None:
    with hostile(result(told)) as server, pytest.raises(OutcomeUnknown, match="no list of ids"):
        transport = JsonRpc(Http(server.url), "d", 2, Secret("k"))
        transport.send(Call("my.model", "create", None, {"vals_list": [{}]}), Deadline.after(5))
