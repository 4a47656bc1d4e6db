"""The HTTP side: connections kept, sizes bounded, numbers exact, no secret shown."""

from __future__ import annotations

import http.client
import json
from decimal import Decimal

import pytest
import requests

from oimkit.sandbox import Sandbox
from oimkit.sandbox.wire import read_json, read_xmlrpc, write_json
from tests.contract.raw import Raw, RawFault, RawXml
from tests.sandbox.conftest import raw_of


def test_one_connection_serves_many_calls(sandbox: Sandbox) -> None:
    host = sandbox.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "params": {"service": "common", "method": "version", "args": []}})
    connection.request("POST", "/jsonrpc", body)
    first = connection.getresponse()
    first.read()
    socket = connection.sock
    connection.request("POST", "/jsonrpc", body)
    assert connection.getresponse().status == 200
    assert connection.sock is socket


def test_a_request_above_the_limit_is_refused_unread(sandbox: Sandbox) -> None:
    host = sandbox.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.putrequest("POST", "/jsonrpc")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()
    assert connection.getresponse().status == 413


@pytest.mark.parametrize("path", ["/xmlrpc/2/object", "/jsonrpc"])
def test_a_body_that_is_no_call_is_a_bad_request(sandbox: Sandbox, path: str) -> None:
    assert requests.post(sandbox.url + path, data=b"\x00nonsense", timeout=10).status_code == 400


def test_a_document_type_is_refused(sandbox: Sandbox) -> None:
    body = b'<!DOCTYPE x [<!ENTITY e "boom">]><methodCall><methodName>version</methodName></methodCall>'
    assert requests.post(sandbox.url + "/xmlrpc/2/common", data=body, timeout=10).status_code == 400


def test_an_unknown_address_is_a_page(sandbox: Sandbox) -> None:
    reply = requests.get(sandbox.url + "/nope", timeout=10)
    assert (reply.status_code, reply.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_numbers_keep_their_digits_on_the_wire() -> None:
    assert write_json({"a": Decimal("12.50"), "b": Decimal(10), "c": 3, "d": None, "e": "é\n"}) == (
        b'{"a": 12.5, "b": 10.0, "c": 3, "d": null, "e": "\\u00e9\\n"}'
    )
    assert read_json(b'{"a": 0.1}') == {"a": Decimal("0.1")}


def test_an_xml_call_is_read_with_all_its_kinds_of_values() -> None:
    body = (
        b"<methodCall><methodName>m</methodName><params><param><value><struct>"
        b"<member><name>i</name><value><int>3</int></value></member>"
        b"<member><name>d</name><value><double>0.1</double></value></member>"
        b"<member><name>b</name><value><boolean>1</boolean></value></member>"
        b"<member><name>s</name><value>text</value></member>"
        b"<member><name>a</name><value><array><data><value><string>x</string></value></data></array></value></member>"
        b"</struct></value></param></params></methodCall>"
    )
    expected = {"i": 3, "d": Decimal("0.1"), "b": True, "s": "text", "a": ["x"]}
    assert read_xmlrpc(body) == ("m", [expected])


@pytest.mark.parametrize("transport", ["xmlrpc", "jsonrpc"])
def test_the_same_record_reads_alike_on_each_transport(sandbox: Sandbox, transport: str) -> None:
    raw = raw_of(sandbox, transport)
    made = raw.create("res.partner", name="ü & <b>", color=3, partner_latitude=1.25)
    assert raw.one("res.partner", made, "name", "color", "partner_latitude", "country_id", "category_id") == {
        "id": made, "name": "ü & <b>", "color": 3, "partner_latitude": 1.25, "country_id": False, "category_id": [],
    }  # fmt: skip


def test_no_repr_shows_a_secret(sandbox: Sandbox) -> None:
    login = sandbox.login("admin")
    shown = repr(sandbox) + repr(login) + repr(sandbox.faults)
    assert login.password not in shown
    assert login.api_key not in shown


def test_each_database_has_its_own_secrets() -> None:
    with Sandbox(19) as one, Sandbox(19) as two:
        assert one.secret != two.secret
        stranger = RawXml(one.url, one.database, 2, two.secret)
        with pytest.raises(RawFault, match="Access Denied"):
            stranger.call("res.partner", "read", [1])


def test_ten_thousand_records_are_read_in_one_call(sandbox: Sandbox, raw: Raw) -> None:
    raw.call("res.partner", "create", [{"name": f"many {number}"} for number in range(10_000)])
    rows = raw.find("res.partner", [["name", "like", "many "]], "name", "create_date", "country_id")
    assert len(rows) == 10_000
