"""However the server behaves, a call ends in time, with bounded memory, as an error of the tree."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from oimkit.errors import BadReply, NotSent, OdooError, OutcomeUnknown, Refused
from oimkit.odoo import Secret
from oimkit.odoo.transport import Call, Deadline, Http, HttpLimits, Json2, JsonRpc, XmlRpc
from tests.odoo.hostile import hostile, reply, result

READ = Call("res.partner", "search", arguments={"domain": []})
WRITE = Call("res.partner", "write", (1,), {"vals": {"name": "x"}})
KINDS = (JsonRpc, Json2, XmlRpc)

linux_only = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")


def transport(url: str, kind=JsonRpc, **limits):
    return kind(Http(url, limits=HttpLimits(**limits)), "db", 2, Secret("secret"))


def drip(what: bytes, gap_s: float = 0.05):
    def answer(connection: socket.socket, _request: bytes) -> None:
        for _ in range(2000):
            connection.sendall(what)
            time.sleep(gap_s)

    return answer


def elapsed_until(error: type[OdooError], call: Call, url: str, deadline_s: float, kind=JsonRpc) -> float:
    start = time.monotonic()
    with pytest.raises(error):
        transport(url, kind).send(call, Deadline.after(deadline_s))
    return time.monotonic() - start


DRIPS = {
    "silence": lambda connection, _request: time.sleep(20),
    "one byte of the status line at a time": drip(b"H"),
    "endless header": drip(b"X-A: " + b"a" * 10),
    "endless headers": drip(b"HTTP/1.1 200 OK\r\n"),
    "endless interim answers": drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "one byte of the body at a time": lambda connection, request: (
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n"),
        drip(b" ")(connection, request),
    ),
    "one byte of a chunk at a time": lambda connection, request: (
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        drip(b"1\r\n \r\n")(connection, request),
    ),
    "one byte of a chunk's size at a time": lambda connection, request: (
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        drip(b"0")(connection, request),
    ),
}


@pytest.mark.parametrize("how", DRIPS)
def test_dripping_server_ends_at_the_deadline(how):
    with hostile(DRIPS[how]) as server:
        assert elapsed_until(BadReply, READ, server.url, 1.0) <= 1.1


def test_dripping_server_leaves_the_outcome_of_a_write_unknown():
    with hostile(drip(b"H")) as server:
        assert elapsed_until(OutcomeUnknown, WRITE, server.url, 0.5) <= 0.55


def test_server_that_does_not_read_ends_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        big = Call("res.partner", "create", arguments={"vals_list": [{"comment": "x" * 30_000_000}]})
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert elapsed_until(OutcomeUnknown, big, url, 1.0) <= 1.3  # 30 MB are made into text before they are sent


def test_headers_without_end_are_refused_by_their_number():
    flood = b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 500
    with hostile(flood) as server:
        assert elapsed_until(BadReply, READ, server.url, 5.0) < 2


def test_reply_larger_than_the_limit_is_refused():
    with hostile(result("x" * 3000)) as server, pytest.raises(BadReply, match="larger than 2000 bytes"):
        transport(server.url, reply_bytes=2000).send(READ, Deadline.after(5))


def endless_chunks(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def test_endless_chunks_are_refused():
    with hostile(endless_chunks) as server, pytest.raises(BadReply, match="larger"):
        transport(server.url, reply_bytes=1_000_000).send(READ, Deadline.after(20))


@pytest.mark.parametrize("packed", ["gzip", "deflate", "two gzip members", "raw deflate"])
def test_compressed_reply_is_read(packed):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": list(range(5000))}).encode()
    raw = zlib.compressobj(wbits=-15)
    data, encoding = {
        "gzip": (gzip.compress(body), "gzip"),
        "two gzip members": (gzip.compress(body[:999]) + gzip.compress(body[999:]), "gzip"),
        "deflate": (zlib.compress(body), "deflate"),
        "raw deflate": (raw.compress(body) + raw.flush(), "deflate"),
    }[packed]
    with hostile(reply(data, headers=f"Content-Encoding: {encoding}\r\n")) as server:
        assert transport(server.url).send(READ, Deadline.after(5)) == list(range(5000))


@pytest.mark.parametrize("damage", ["cut", "not gzip", "unknown encoding"])
def test_damaged_compression_is_a_bad_reply(damage):
    packed = gzip.compress(b'{"jsonrpc":"2.0","result":1}' * 100)
    data, encoding = {
        "cut": (packed[:-9], "gzip"),
        "not gzip": (b"\x1f\x8b\x08garbage here", "gzip"),
        "unknown encoding": (packed, "br"),
    }[damage]
    with hostile(reply(data, headers=f"Content-Encoding: {encoding}\r\n")) as server, pytest.raises(BadReply):
        transport(server.url).send(READ, Deadline.after(5))


PROGRAM = textwrap.dedent(
    """
    import json, re, sys, time
    from pathlib import Path
    from oimkit.errors import BadReply
    from oimkit.odoo import Secret
    from oimkit.odoo.transport import Call, Deadline, Http, HttpLimits, JsonRpc
    sender = JsonRpc(Http(sys.argv[1], limits=HttpLimits(**json.loads(sys.argv[2]))), "db", 2, Secret("s"))
    peak = lambda: int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
    before, start = peak(), time.process_time()
    try:
        sender.send(Call("res.partner", "search", arguments={"domain": []}), Deadline.after(60))
    except BadReply as error:
        print(f"{(peak() - before) / 1024:.1f} {time.process_time() - start:.2f} {error}")
    """
)


def refused(answer: bytes | Callable[[socket.socket, bytes], None], **limits: int) -> str:
    """Why a reply is refused, in a process of its own: with less than 64 MB more memory and 2 s of processor time."""
    with hostile(answer) as server:
        program = [sys.executable, "-c", PROGRAM, server.url, json.dumps(limits)]
        done = subprocess.run(program, capture_output=True, text=True, timeout=120)
    grown_mb, seconds, sentence = done.stdout.split(" ", 2)
    assert 0 < float(grown_mb) < 64
    assert float(seconds) < 2
    return sentence


def bomb(encoding: str, mebibytes: int) -> bytes:
    """A reply of blanks, a thousandth of its size on the wire; its blocks are alike, so that one is packed for all."""
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    blanks = b" " * (1024 * 1024)
    first, each = (packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    packed = first + each * (mebibytes - 1) + packer.flush()
    assert len(packed) < mebibytes * 1100
    return reply(packed, headers=f"Content-Encoding: {encoding}\r\n")


@linux_only
@pytest.mark.parametrize("mebibytes", [64, 1024])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_bomb_is_refused_with_little_memory_and_in_no_time(encoding, mebibytes):
    assert "unfolds to more than 400 times its size" in refused(bomb(encoding, mebibytes))


@linux_only
def test_endless_chunks_are_refused_with_little_memory_and_in_no_time():
    assert "larger than 8388608 bytes" in refused(endless_chunks, reply_bytes=8 * 1024 * 1024)


def test_large_reply_of_records_that_are_mostly_empty_is_read():
    row = {f"x_field_of_the_record_{number}": False for number in range(60)}
    rows = [{"id": number, "name": "Lead", **row} for number in range(6000)]
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": rows}).encode()
    packed = gzip.compress(body)
    assert len(body) > 12_000_000
    assert len(body) > 80 * len(packed)
    with hostile(reply(packed, headers="Content-Encoding: gzip\r\n")) as server:
        assert transport(server.url).send(READ, Deadline.after(30)) == rows


def test_bound_on_unfolding_may_be_set():
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": "x" * 9_000_000}).encode()
    with hostile(reply(gzip.compress(body), headers="Content-Encoding: gzip\r\n")) as server:
        with pytest.raises(OutcomeUnknown, match="unfolds"):
            transport(server.url).send(WRITE, Deadline.after(5))
        assert transport(server.url, unfolding=2000).send(READ, Deadline.after(5)) == "x" * 9_000_000


def test_file_that_is_taken_piece_by_piece_may_unfold_as_it_likes():
    content = bytes(9_000_000)
    with hostile(reply(gzip.compress(content), headers="Content-Encoding: gzip\r\n")) as server:
        pieces: list[bytes] = []
        Http(server.url).exchange("GET", "/web/content/1", Deadline.after(5), sink=pieces.append)
    assert b"".join(pieces) == content


HOSTILE_VALUES = {
    "nested 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "nested 70 deep": b"[" * 70 + b"]" * 70,
    "objects nested 70 deep": b'{"a":' * 70 + b"1" + b"}" * 70,
    "number of 5,000 digits": b"9" * 5000,
    "NaN": b"NaN",
    "NaN inside": b'[{"amount": NaN}]',
    "number without end": b"1e99999999999999999999",
    "Infinity": b"-Infinity",
    "truncated": b"[1, 2",
    "two values": b"1 2",
    "no value": b"",
    "zero character": b'"\x00"',
    "not UTF-8": b'"\xff\xfe"',
    "not JSON": b"<html><body>Sign in</body></html>",
}
"""Results that are none, over every protocol that writes them in JSON."""


def wrapped(kind, value: bytes) -> bytes:
    """A reply with *value* as its result."""
    return reply(b'{"jsonrpc":"2.0","result":' + value + b"}" if kind is JsonRpc else value)


@pytest.mark.parametrize("kind", [JsonRpc, Json2])
@pytest.mark.parametrize("what", HOSTILE_VALUES)
def test_hostile_json_is_a_bad_reply(what, kind):
    with hostile(wrapped(kind, HOSTILE_VALUES[what])) as server:
        with pytest.raises(BadReply):
            transport(server.url, kind).send(READ, Deadline.after(5))
        with pytest.raises(OutcomeUnknown):
            transport(server.url, kind).send(WRITE, Deadline.after(5))


HOSTILE_ENVELOPES = {
    "empty": b"",
    "not JSON": b"<html><body>Sign in</body></html>",
    "a list": b"[1]",
    "another protocol": b'{"hello": "world"}',
    "only text": b'"hello"',
}


@pytest.mark.parametrize("what", HOSTILE_ENVELOPES)
def test_reply_that_is_no_json_rpc_is_a_bad_reply(what):
    with hostile(reply(HOSTILE_ENVELOPES[what])) as server:
        with pytest.raises(BadReply):
            transport(server.url).send(READ, Deadline.after(5))
        with pytest.raises(OutcomeUnknown):
            transport(server.url).send(WRITE, Deadline.after(5))


HOSTILE_REFUSALS = {
    "no object": b"[]",
    "nothing told": b"{}",
    "name that is no text": b'{"name": 5, "message": "no"}',
    "message that is no text": b'{"name": "odoo.exceptions.UserError", "message": {"a": [1]}, "debug": 7}',
    "nested 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "name of a megabyte": b'{"name": "' + b"x" * 1_000_000 + b'"}',
    "model of a megabyte": b'{"name": "ValueError", "message": "Object ' + b"x" * 1_000_000 + b" doesn't exist\"}",
    **{what: HOSTILE_VALUES[what] for what in ("NaN", "truncated", "no value", "not UTF-8", "not JSON")},
}


@pytest.mark.parametrize("status", ["404 Not Found", "422 Unprocessable Entity", "500 Internal Server Error"])
@pytest.mark.parametrize("what", HOSTILE_REFUSALS)
def test_hostile_refusal_of_json2_is_an_error_of_the_tree(what, status):
    with hostile(reply(HOSTILE_REFUSALS[what], status=status)) as server:
        for call, errors in ((READ, (BadReply, Refused)), (WRITE, (OutcomeUnknown, Refused))):
            with pytest.raises(errors) as caught:
                transport(server.url, Json2).send(call, Deadline.after(5))
            assert len(str(caught.value)) < 1000


SLOW_WORDS = (
    "database ",
    "(",
    "(: a",
    "('",
    "1 ",
    "AA11 ",
    "a.",
    "Object a.",
    "invalid field name: ",
    "\\n",
    "'method '",
)


@pytest.mark.parametrize("words", SLOW_WORDS)
def test_long_refusal_takes_no_time(words):
    told = f'{{"data":{{"name":"x.Error","message":"{words * (200_000 // len(words))}"}}}}'
    with hostile(reply(b'{"jsonrpc":"2.0","error":' + told.encode() + b"}")) as server:
        start = time.process_time()
        with pytest.raises(OdooError) as caught:
            transport(server.url).send(READ, Deadline.after(60))
        assert time.process_time() - start < 1
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("error", [b'"no"', b"{}", b'{"data": 5}', b'{"data": {"name": 5}, "message": []}'])
def test_error_of_another_form_is_an_error_of_the_tree(error):
    with hostile(reply(b'{"jsonrpc":"2.0","error":' + error + b"}")) as server:
        for call, errors in ((READ, (BadReply, Refused)), (WRITE, (OutcomeUnknown, Refused))):
            with pytest.raises(errors):
                transport(server.url).send(call, Deadline.after(5))


def xml(value: bytes) -> bytes:
    return (
        b"<?xml version='1.0'?><methodResponse><params><param><value>"
        + value
        + b"</value></param></params></methodResponse>"
    )


HOSTILE_XML = {
    "document type": b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + xml(b"<string>&a;</string>")[21:],
    "external entity": b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>" + xml(b"&a;")[21:],
    "unknown entity": xml(b"&nope;"),
    "processing instruction": xml(b"<?php x?>1"),
    "nested 100,000 deep": xml(b"<array><data><value>" * 100_000),
    "nested 70 deep": xml(b"<array><data><value>" * 70 + b"1" + b"</value></data></array>" * 70),
    "NaN": xml(b"<double>nan</double>"),
    "infinite": xml(b"<double>inf</double>"),
    "number of 5,000 digits": xml(b"<int>" + b"9" * 5000 + b"</int>"),
    "big decimal": xml(b"<bigdecimal>1.5</bigdecimal>"),
    "boolean that is none": xml(b"<boolean>2</boolean>"),
    "two values": xml(b"<int>1</int></value><value><int>2</int>"),
    "member without a name": xml(b"<struct><member><value>1</value></member></struct>"),
    "zero character": xml(b"<string>\x00</string>"),
    "control character in a tag": xml(b"<str\x0bing>x</string>"),
    "truncated": xml(b"<int>1</int>")[:-20],
    "empty": b"",
    "another document": b"<?xml version='1.0'?><rss></rss>",
    "sign in page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
}


@pytest.mark.parametrize("what", HOSTILE_XML)
def test_hostile_xml_is_a_bad_reply(what):
    with hostile(reply(HOSTILE_XML[what], kind="text/xml")) as server:
        with pytest.raises(BadReply):
            transport(server.url, XmlRpc).send(READ, Deadline.after(5))
        with pytest.raises(OutcomeUnknown):
            transport(server.url, XmlRpc).send(WRITE, Deadline.after(5))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"])
def test_page_of_a_proxy_leaves_a_write_unknown_and_fails_a_read(kind, status):
    page = reply(b"<html><head><title>502</title></head></html>", status=status, kind="text/html")
    with hostile(page) as server:
        with pytest.raises(OutcomeUnknown):
            transport(server.url, kind).send(WRITE, Deadline.after(5))
        with pytest.raises(BadReply):
            transport(server.url, kind).send(READ, Deadline.after(5))
        assert len(server.received) == 2


@pytest.mark.parametrize("where", ["before the status line", "in the headers", "in the body"])
@pytest.mark.parametrize("kind", KINDS)
def test_lost_reply_is_unknown_for_a_write_and_sent_once(kind, where):
    answer = {
        "before the status line": b"",
        "in the headers": b"HTTP/1.1 200 OK\r\nContent-Le",
        "in the body": result([1])[:-5],
    }[where]

    def cut(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    with hostile(cut) as server:
        with pytest.raises(OutcomeUnknown) as caught:
            transport(server.url, kind).send(WRITE, Deadline.after(5))
        assert len(server.received) == 1
        assert not caught.value.after_commit


def test_no_listener_is_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent, match="cannot be reached"):
        transport(f"http://127.0.0.1:{port}").send(WRITE, Deadline.after(2))


def test_unknown_host_is_not_sent():
    with pytest.raises(NotSent, match="not known"):
        JsonRpc(Http("https://nowhere.invalid"), "db", 2, Secret("s")).send(WRITE, Deadline.after(5))


def test_deadline_that_is_over_is_not_sent():
    now = [0.0]
    deadline = Deadline.after(1, clock=lambda: now[0])
    now[0] = 2.0
    with hostile(result(True)) as server:
        with pytest.raises(NotSent):
            transport(server.url).send(WRITE, deadline)
        assert server.connections == 0
