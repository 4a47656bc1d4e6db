"""Calls, reads and writes over every transport, against the embedded Odoo and against servers that misbehave."""

from __future__ import annotations

import inspect
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from types import SimpleNamespace

import pytest
import tenacity

from oimkit.errors import (
    AccessDenied,
    BadReply,
    Busy,
    ConfigurationError,
    InputError,
    InvalidCall,
    InvalidRecord,
    MissingRecord,
    NotSent,
    OutcomeUnknown,
)
from oimkit.odoo import ExternalId, Found, Limiter, Odoo, Ref, Secret, connect, find
from oimkit.odoo.transport import Call, Deadline, Http, Json2
from oimkit.odoo.transport.calls import by_newest_name, positional
from oimkit.sandbox import Sandbox
from tests.odoo.hostile import Hostile, hostile, reply, result
from tests.watch import MEMO, NAME

WAYS = [(14, "jsonrpc"), (14, "xmlrpc"), (19, "jsonrpc"), (19, "xmlrpc"), (19, "json2")]


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[int, Sandbox]]:
    with Sandbox(version=14) as old, Sandbox(version=19) as new:
        yield {14: old, 19: new}


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{way[1]}")
def odoo(request, sandboxes) -> Odoo:
    version, transport = request.param
    sandbox = sandboxes[version]
    return connect(
        sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.api_key, transport=transport
    )


def partner(odoo: Odoo, **values) -> int:
    created = odoo.call("res.partner", "create", vals_list=[{"name": NAME, "comment": MEMO, **values}])
    assert isinstance(created, list)
    return created[0]


def test_named_call_means_the_same_on_every_transport(odoo):
    identity = partner(odoo, ref="named", comment="x")
    assert odoo.call("res.partner", "search", domain=[["id", "=", identity]], limit=1, order="id") == [identity]
    assert odoo.call("res.partner", "search_count", domain=[["id", "=", identity]]) == 1
    rows = odoo.call("res.partner", "read", ids=[identity], fields=["name", "parent_id"])
    assert rows == [{"id": identity, "name": NAME, "parent_id": False}]
    assert odoo.call("res.partner", "write", ids=[identity], vals={"name": "Changed"}) is True
    assert odoo.call("res.partner", "unlink", ids=[identity]) is True


def test_records_are_read_as_python_values(odoo):
    parent = partner(odoo)
    identity = partner(odoo, parent_id=parent, name="Ünvented\nline")
    row = odoo.read("res.partner", [identity], ["name", "parent_id", "ref", "active", "create_date", "child_ids"])[0]
    assert row["id"] == identity
    assert row["name"] == "Ünvented\nline"
    assert row["parent_id"].id == parent
    assert isinstance(row["parent_id"], Ref)
    assert row["ref"] is None
    assert row["active"] is True
    assert row["create_date"].tzinfo is UTC
    assert row["child_ids"] == ()


def test_read_keeps_the_order_of_the_ids(odoo):
    first, second = partner(odoo), partner(odoo)
    assert [row["id"] for row in odoo.read("res.partner", [second, first, second], ["name"])] == [second, first, second]


def test_missing_record_is_told(odoo):
    with pytest.raises(MissingRecord, match="1 of 2 records are not there, the first is 99999999"):
        odoo.read("res.partner", [partner(odoo), 99999999], ["name"])


def test_amount_is_rounded_to_its_currency_though_the_currency_was_not_asked_for(odoo):
    assert odoo.schema.field("account.move", "amount_total").currency_field == "currency_id"
    customer = partner(odoo)
    odoo.load(
        "account.move",
        [
            "id",
            "move_type",
            "partner_id/.id",
            "invoice_line_ids/id",
            "invoice_line_ids/name",
            "invoice_line_ids/quantity",
            "invoice_line_ids/price_unit",
        ],
        [
            [
                str(ExternalId.of("t", customer)),
                "out_invoice",
                str(customer),
                str(ExternalId.of("tl", customer)),
                "w",
                "1",
                "7",
            ]
        ],
    )
    row = odoo.search_read("account.move", [["partner_id", "=", customer]], ["amount_total"])[0]
    assert str(row["amount_total"]) == "7.00"
    assert set(row) == {"id", "amount_total"}


def test_written_values_are_read_back(odoo):
    identity, parent = partner(odoo), partner(odoo)
    odoo.write("res.partner", [identity], {"name": "New", "parent_id": Ref(parent), "ref": None})
    row = odoo.read("res.partner", [identity], ["name", "parent_id", "ref"])[0]
    assert (row["name"], row["parent_id"].id, row["ref"]) == ("New", parent, None)


def test_load_names_rows_and_columns_of_refused_rows(odoo):
    rows = [[str(ExternalId.of("x", 1)), "ok", ""], [str(ExternalId.of("x", 2)), "CANARY", "999999"]]
    with pytest.raises(InvalidRecord, match="row 1, column parent_id") as caught:
        odoo.load("res.partner", ["id", "name", "parent_id/.id"], rows)
    assert "CANARY" not in str(caught.value)
    assert "999999" not in str(caught.value)
    assert find(odoo, [ExternalId.of("x", 1)]) == {}


def test_load_gives_what_the_server_remarked_along_with_the_ids(odoo):
    name = f"Twin {ExternalId.of('twin', odoo.transport, odoo.version.major)}"
    twins = [partner(odoo, name=name) for _ in range(2)]
    ids = odoo.load("res.partner", ["name", "parent_id"], [["alone", ""], ["child", name]])
    assert odoo.read("res.partner", [ids[1]], ["parent_id"])[0]["parent_id"].id in twins
    (message,) = ids.messages
    assert (message.record, message.row, message.column, message.kind) == (1, 1, "parent_id", "warning")
    assert "Found multiple matches" in message.text
    assert str(message) == "warning about row 1, column parent_id"
    assert name not in repr(message)


def test_load_without_remarks_is_a_list_of_ids_and_no_message(odoo):
    ids = odoo.load("res.partner", ["name"], [["one"], ["two"]])
    assert ids.messages == ()
    assert ids == [record["id"] for record in odoo.read("res.partner", ids, ["name"])]
    assert ids == odoo.search("res.partner", [("id", "in", ids)], order="id")
    assert ids == [record["id"] for record in odoo.stream("res.partner", [("id", "in", ids)], ["name"])]
    assert odoo.call("res.partner", "write", ids=ids, vals={"category_id": [[6, 0, ids[:0]]]}) is True


def test_refusal_of_a_server_that_looked_no_further_says_so(odoo):
    with pytest.raises(InvalidRecord, match="refused all rows for at least 10 reasons"):
        odoo.load("crm.lead", ["name", "type"], [["", "opportunity"]] * 12)
    with pytest.raises(InvalidRecord, match="refused all rows for 3 reasons"):
        odoo.load("crm.lead", ["name", "type"], [["", "opportunity"]] * 3)


def test_load_is_refused_before_it_is_sent_when_the_table_is_wrong(odoo):
    with pytest.raises(InvalidCall, match="no field nope"):
        odoo.load("res.partner", ["id", "nope"], [["a.b", "c"]])
    with pytest.raises(InputError, match="the column active holds a bool"):
        odoo.load("res.partner", ["id", "active"], [["a.b", True]])  # type: ignore[list-item]
    with pytest.raises(InputError, match="the row has 1 cells and there are 2 columns"):
        odoo.load("res.partner", ["id", "name"], [["a.b"]])


def test_keys_are_found_in_one_call(odoo):
    keys = [ExternalId.of("found", odoo.transport, number) for number in range(3)]
    ids = odoo.load("res.partner", ["id", "name"], [[str(key), "x"] for key in keys])
    absent = ExternalId.of("absent")
    assert find(odoo, [*keys, absent]) == {
        key: Found("res.partner", identity) for key, identity in zip(keys, ids, strict=True)
    }


def test_unknown_names_are_invalid_calls(odoo):
    for wrong in (
        lambda: odoo.call("no.model", "search", domain=[]),
        lambda: odoo.call("res.partner", "no_such_method", ids=[1]),
        lambda: odoo.search_read("res.partner", [], ["nope"]),
        lambda: odoo.write("res.partner", [1], {"nope": 1}),
        lambda: odoo.schema.fields("no.model"),
    ):
        with pytest.raises(InvalidCall):
            wrong()


def test_schema_tells_what_the_server_has(odoo):
    assert odoo.schema.has_field("res.partner", "name")
    assert not odoo.schema.has_field("res.partner", "nope")
    assert not odoo.schema.has_field("no.model", "name")
    assert odoo.schema.has_field("crm.lead", "lost_reason_id") is (odoo.version.major >= 16)


def test_context_is_of_the_view_and_of_the_call(odoo):
    identity = partner(odoo, active=False)
    domain = [["id", "=", identity]]
    assert odoo.search("res.partner", domain) == []
    assert odoo.with_context(active_test=False).search("res.partner", domain) == [identity]
    assert odoo.call("res.partner", "search", domain=domain, context={"active_test": False}) == [identity]
    assert odoo.search("res.partner", domain) == []


def test_poison_text_is_refused_and_the_next_record_passes(odoo):
    with pytest.raises(InputError, match=r"vals_list\[0\].name"):
        partner(odoo, name="bad\x0b")
    assert partner(odoo, name="good")


def test_threads_share_a_client(odoo):
    counted: list[int] = []
    threads = [threading.Thread(target=lambda: counted.append(odoo.count("res.users", []))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counted) == 6
    assert len(set(counted)) == 1


# --- choice of the transport


def test_auto_is_json2_with_a_key_where_the_server_has_it(sandboxes):
    new, old = sandboxes[19], sandboxes[14]
    assert connect(new.url, database=new.database, user=new.user, secret=new.api_key).transport == "json2"
    assert connect(new.url, database=new.database, user=new.user, secret=new.secret).transport == "jsonrpc"
    assert connect(old.url, database=old.database, user=old.user, secret=old.api_key).transport == "jsonrpc"


def test_password_that_looks_like_a_key_goes_to_json_rpc():
    def answer(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET /web/version"):
            connection.sendall(reply(b'{"version": "19.0", "version_info": [19, 0]}'))
        elif b"/json/2/" in request:
            body = {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}
            connection.sendall(reply(json.dumps(body).encode(), status="401 Unauthorized"))
        elif b'"version"' in request:
            connection.sendall(result({"server_version": "19.0", "server_version_info": [19, 0]}))
        else:
            connection.sendall(result(2))

    with hostile(answer) as server:
        assert connect(server.url, database="d", user="u", secret="0123456789" * 4).transport == "jsonrpc"


def test_server_without_json_is_asked_over_xmlrpc():
    def answer(connection: socket.socket, request: bytes) -> None:
        if b"/xmlrpc/2/common" not in request:
            connection.sendall(reply(b"<html>no</html>", status="404 Not Found", kind="text/html"))
        elif b"authenticate" in request:
            connection.sendall(reply(xml_reply("<int>7</int>"), kind="text/xml"))
        else:
            told = "<struct><member><name>server_version</name><value>12.0</value></member></struct>"
            connection.sendall(reply(xml_reply(told), kind="text/xml"))

    with hostile(answer) as server:
        odoo = connect(server.url, database="d", user="u", secret="pw")
        assert (odoo.transport, odoo.uid, odoo.version.major) == ("xmlrpc", 7, 12)


def xml_reply(value: str) -> bytes:
    return (
        f"<?xml version='1.0'?><methodResponse><params><param><value>{value}</value></param></params></methodResponse>"
    ).encode()


# --- refusals that help


@pytest.mark.parametrize("version", [14, 19])
@pytest.mark.parametrize("transport", ["auto", "jsonrpc", "xmlrpc"])
@pytest.mark.parametrize(
    ("change", "error", "part"),
    [
        ({"secret": "wrong"}, AccessDenied, "make an API key"),
        ({"secret": "0" * 40}, AccessDenied, "expired, revoked"),
        ({"user": "nobody"}, AccessDenied, "login refused"),
        ({"database": "nowhere"}, AccessDenied, "database"),
    ],
)
def test_refused_login_tells_what_to_do(sandboxes, version, transport, change, error, part):
    sandbox = sandboxes[version]
    settings = {"database": sandbox.database, "user": sandbox.user, "secret": sandbox.secret, **change}
    with pytest.raises(error, match=part):
        connect(sandbox.url, transport=transport, **settings)


def test_json2_on_an_old_server_is_told(sandboxes):
    old = sandboxes[14]
    with pytest.raises(BadReply, match="no JSON-2"):
        connect(old.url, database=old.database, user=old.user, secret=old.api_key, transport="json2")


def test_key_of_another_user_is_refused(sandboxes):
    new = sandboxes[19]
    with pytest.raises(AccessDenied, match="another user"):
        connect(new.url, database=new.database, user="limited", secret=new.api_key, transport="json2")


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html>Welcome</html>", b"hello", b"[]", b'{"error": 1}'])
def test_address_that_is_no_odoo_is_told(page):
    with hostile(reply(page, kind="text/html")) as server, pytest.raises(BadReply) as caught:
        connect(server.url, database="d", user="u", secret="s")
    assert "Welcome" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://10.0.0.1:8069",
        "ftp://example.com",
        "example.com",
        "https://",
        "https://user:canary@example.com",
        "https://example.com/?db=x",
        "https://example.com/#x",
        "https://exa mple.com",
        "https://example.com:99999",
        "https://[::1",
        "",
    ],
)
def test_address_that_is_wrong_or_unsafe_is_refused_before_anything_is_sent(url):
    with pytest.raises(ConfigurationError) as caught:
        connect(url, database="d", user="u", secret="s")
    assert "canary" not in str(caught.value)


def test_plain_http_is_allowed_to_this_machine_or_on_request():
    assert Http("http://127.0.0.1:1/erp/").url == "http://127.0.0.1:1/erp"
    assert Http("http://[::1]:1").url == "http://[::1]:1"
    assert Http("http://localhost:1").url == "http://localhost:1"
    assert Http("http://10.0.0.1", allow_plain_http=True).url == "http://10.0.0.1"


def test_environment_decides_neither_proxy_nor_password(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login canary password canary")
    with hostile(result("proxy")) as proxy, hostile(result([1])) as server:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        Http(server.url).exchange("POST", "/jsonrpc", Deadline.after(5))
        assert proxy.connections == 0
        assert b"authorization" not in server.received[0].lower()


def test_no_parameter_switches_the_verification_of_certificates_off():
    named = inspect.signature(connect).parameters
    assert [name for name in named if re.search("verify|insecure|ssl", name)] == []
    assert "ca_bundle" in named


# --- how long a call may take


def test_a_call_may_take_two_minutes_unless_it_says_otherwise(sandboxes):
    new = sandboxes[19]
    assert connect(new.url, database=new.database, user=new.user, secret=new.secret).deadline_s == 120


def test_one_call_may_have_a_time_limit_of_its_own():
    def answer(connection: socket.socket, request: bytes) -> None:
        if b'"search_count"' in request:
            connection.recv(1)
        is_version = b'"version"' in request
        connection.sendall(result({"server_version": "19.0", "server_version_info": [19, 0]} if is_version else 2))

    with hostile(answer) as server:
        odoo = flaky_client(server, deadline_s=3)
        start = time.monotonic()
        with pytest.raises(BadReply, match=r"within the deadline of 0\.3 s"):
            odoo.call("res.partner", "search_count", domain=[], deadline_s=0.3)
        assert time.monotonic() - start <= 0.6


# --- trying again


class Flaky:
    """Answers the login, then fails *failures* times, then answers 5."""

    def __init__(self, failure: bytes, failures: int) -> None:
        self.failure, self.left, self.asked = failure, failures, 0

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        if b'"version"' in request:
            connection.sendall(result({"server_version": "19.0", "server_version_info": [19, 0]}))
        elif b'"authenticate"' in request:
            connection.sendall(result(2))
        else:
            self.asked += 1
            self.left -= 1
            connection.sendall(result(5) if self.left < 0 else self.failure)
            if self.left >= 0:
                connection.shutdown(socket.SHUT_RDWR)


def flaky_client(server: Hostile, **options) -> Odoo:
    return connect(server.url, database="d", user="u", secret="s", transport="jsonrpc", **options)


GATEWAY = reply(b"<html>502</html>", status="502 Bad Gateway", kind="text/html")
LIMITED = reply(b"", status="429 Too Many Requests", headers="Retry-After: 0\r\n")
UNTOLD = reply(b"", status="429 Too Many Requests")


@pytest.mark.parametrize("failure", [b"", GATEWAY, LIMITED, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
def test_read_is_asked_three_times_at_most(failure):
    flaky = Flaky(failure, 2)
    with hostile(flaky) as server:
        assert flaky_client(server).count("res.partner", []) == 5
    assert flaky.asked == 3
    flaky = Flaky(failure, 9)
    with hostile(flaky) as server, pytest.raises((BadReply, Busy)):
        flaky_client(server).count("res.partner", [])
    assert flaky.asked == 3


@pytest.mark.parametrize(
    ("failure", "error"),
    [(b"", OutcomeUnknown), (GATEWAY, OutcomeUnknown), (UNTOLD, Busy), (result(5)[:-3], OutcomeUnknown)],
)
def test_write_is_sent_once(failure, error):
    flaky = Flaky(failure, 9)
    with hostile(flaky) as server, pytest.raises(error):
        flaky_client(server).call("res.partner", "write", ids=[1], vals={})
    assert flaky.asked == 1


def test_write_that_was_turned_away_with_a_time_is_sent_again():
    flaky = Flaky(LIMITED, 2)
    with hostile(flaky) as server:
        flaky_client(server).call("res.partner", "write", ids=[1], vals={})
    assert flaky.asked == 3


def test_retry_after_beyond_the_deadline_is_not_waited_for():
    flaky = Flaky(reply(b"", status="429 Too Many Requests", headers="Retry-After: 60\r\n"), 9)
    with hostile(flaky) as server, pytest.raises(Busy) as caught:
        flaky_client(server, deadline_s=2).count("res.partner", [])
    assert caught.value.retry_after_s == 60
    assert flaky.asked == 1


def test_pauses_before_second_tries_differ_within_their_bounds(monkeypatch):
    pauses = []
    monkeypatch.setattr(tenacity.nap, "time", SimpleNamespace(sleep=pauses.append))
    with hostile(Flaky(b"", 99)) as server:
        odoo = flaky_client(server, limiter=Limiter(0, tokens=1000))
        for _ in range(10):
            with pytest.raises(BadReply):
                odoo.count("res.partner", [])
    first, second = pauses[::2], pauses[1::2]
    assert (len(first), len(second)) == (10, 10)
    assert 0 <= min(first) < max(first) <= 0.2
    assert 0 <= min(second) < max(second) <= 0.4
    assert len(set(pauses)) > 15


def test_large_reply_is_not_asked_for_again():
    flaky = Flaky(result("x" * 5000), 9)
    with hostile(flaky) as server, pytest.raises(BadReply, match="larger"):
        flaky_client(server, limit_bytes=2000).count("res.partner", [])
    assert flaky.asked == 1


# --- the rest


def test_limiter_keeps_its_gap_over_threads():
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))

    limiter = Limiter(0.5, clock=lambda: now[0], sleep=sleep)
    deadline = Deadline.after(1.2, clock=lambda: now[0])
    for _ in range(3):
        limiter.wait(deadline)
    assert slept == [0.5, 1.0]
    with pytest.raises(NotSent):
        limiter.wait(deadline)


def test_arguments_go_by_position_where_names_differ_between_versions():
    call = Call("res.partner", "search", arguments={"domain": [], "limit": 5}, context={"lang": "de_DE"})
    assert positional(call) == ([[]], {"limit": 5, "context": {"lang": "de_DE"}})
    assert positional(Call("a.b", "write", (1, 2), {"vals": {}})) == ([[1, 2], {}], {})
    assert positional(Call("a.b", "act", (1,), {"x": 1})) == ([[1]], {"x": 1})
    assert by_newest_name(Call("a.b", "search", arguments={"args": []})) == {"domain": []}


def test_argument_name_of_an_override_is_learnt_once():
    refusal = {"name": "werkzeug.exceptions.UnprocessableEntity", "message": "missing a required argument: 'vals'"}

    def answer(connection: socket.socket, request: bytes) -> None:
        if b"vals_list" in request:
            connection.sendall(reply(json.dumps(refusal).encode(), status="422 Unprocessable Entity"))
        else:
            connection.sendall(reply(b"[7]"))

    with hostile(answer) as server:
        transport = Json2(Http(server.url), "d", 2, Secret("k"))
        call = Call("x.y", "create", arguments={"vals_list": [{"a": Decimal("1.50")}]})
        assert transport.send(call, Deadline.after(5)) == [7]
        assert transport.send(call, Deadline.after(5)) == [7]
        assert len(server.received) == 3
        assert server.received[2].endswith(b'{"vals":[{"a":1.5}]}')


def test_error_page_of_json_rpc_binds_a_session_for_the_next_call():
    def answer(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"GET /web/login?db=d "):
            connection.sendall(
                reply(b"", status="302 Found", headers="Location: /\r\nSet-Cookie: session_id=abc; Path=/\r\n")
            )
        elif b"session_id=abc" in request:
            error = {"data": {"name": "odoo.exceptions.UserError", "message": "Now it is told"}}
            connection.sendall(reply(json.dumps({"jsonrpc": "2.0", "error": error}).encode()))
        else:
            connection.sendall(reply(b"<!DOCTYPE html>", status="500 Internal", kind="text/html"))

    from oimkit.odoo.transport import JsonRpc

    with hostile(answer) as server:
        transport = JsonRpc(Http(server.url), "d", 2, Secret("k"))
        with pytest.raises(OutcomeUnknown):
            transport.send(Call("x.y", "act", (1,)), Deadline.after(5))
        with pytest.raises(InvalidRecord, match="Now it is told"):
            transport.send(Call("x.y", "act", (1,)), Deadline.after(5))
