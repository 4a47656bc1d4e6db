"""No secret in any message, repr, log record or traceback, whatever goes wrong."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import socket
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import oimkit
from oimkit.errors import OimkitError
from oimkit.odoo import Secret, Settings, connect, dump
from oimkit.odoo.transport import Call, Deadline, Http, HttpLimits, Json2, JsonRpc, XmlRpc
from tests.odoo.hostile import hostile, reply, result

OUR_CODE = str(Path(oimkit.__file__).parent)

KEY, PASSWORD = ("c0ffee5ec7e7c0ffee5ec7e7c0ffee5ec7e70123", "canary-pass-9d41")

FAILURES: dict[str, Callable[[socket.socket, bytes], object] | bytes] = {
    "lost reply": lambda connection, _: connection.shutdown(socket.SHUT_RDWR),
    "sign-in page": reply(b"<!DOCTYPE html><html></html>", kind="text/html"),
    "error page": reply(b"<html>500</html>", status="500 Internal", kind="text/html"),
    "gateway": reply(b"<html>502</html>", status="502 Bad", kind="text/html"),
    "redirect": reply(b"", status="307 Temporary", headers="Location: https://elsewhere.invalid/\r\n"),
    "limit": reply(b"", status="429 Too Many"),
    "unauthorized": reply(b"{}", status="401 Unauthorized"),
    "too large": result("x" * 9000),
    "not JSON": reply(b"{"),
    "cut": lambda connection, _: (connection.sendall(result([1, 2])[:-9]), connection.shutdown(socket.SHUT_RDWR)),
    "garbage": b"\x00\x01\x02 garbage\r\n\r\n",
    "bad gzip": reply(b"\x1f\x8bxx", headers="Content-Encoding: gzip\r\n"),
}


def echo(connection: socket.socket, request: bytes) -> None:
    """A server that puts the whole request into its error, as a debugging one might."""
    text = request.decode("latin-1")
    error = {"code": 200, "message": text, "data": {"name": "odoo.x.Weird", "message": text, "debug": text}}
    body = json.dumps({"jsonrpc": "2.0", "error": error, "name": "x.Weird", "message": text}).encode()
    connection.sendall(reply(body, status="500 Internal" if text.startswith("POST /json/2/") else "200 OK"))


FAILURES["echo"] = echo


@pytest.fixture(autouse=True)
def every_log(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    assert_clean("\n".join(record.getMessage() + str(record.args) + str(record.exc_text) for record in caplog.records))


def assert_clean(text: str) -> None:
    for canary in (KEY, PASSWORD):
        assert canary not in text


def assert_error_is_clean(error: BaseException) -> None:
    """Text, repr, arguments, attributes and the formatted traceback with local values of every frame of oimkit."""
    assert_clean(f"{error} {error!r} {error.args} {vars(error)}")
    assert_clean("".join(traceback.format_exception(error)))
    chain: BaseException | None = error
    ours = 0
    while chain is not None:
        whole = traceback.TracebackException.from_exception(chain, capture_locals=True)
        for frame in whole.stack:
            if frame.filename.startswith(OUR_CODE):
                ours += 1
                assert_clean(f"{frame.filename}:{frame.lineno} {frame.locals}")
        chain = chain.__cause__ or chain.__context__
    assert ours, "no frame of oimkit was looked at"


@pytest.mark.parametrize("secret", [KEY, PASSWORD], ids=["key", "password"])
@pytest.mark.parametrize("kind", [JsonRpc, Json2, XmlRpc])
@pytest.mark.parametrize("failure", FAILURES)
def test_failed_call_shows_no_secret(failure, kind, secret):
    with hostile(FAILURES[failure]) as server:
        transport = kind(Http(server.url, limits=HttpLimits(reply_bytes=5000)), "db", 2, Secret(secret))
        for call in (
            Call("res.partner", "search", arguments={"domain": []}),
            Call("res.partner", "write", (1,), {"vals": {}}),
        ):
            with pytest.raises(OimkitError) as caught:
                transport.send(call, Deadline.after(5))
            assert_error_is_clean(caught.value)
        assert_clean(f"{transport!r} {transport}")


@pytest.mark.parametrize("secret", [KEY, PASSWORD], ids=["key", "password"])
@pytest.mark.parametrize("failure", FAILURES)
def test_failed_login_shows_no_secret(failure, secret, monkeypatch):
    monkeypatch.setenv("OIMKIT_SECRET", secret)
    with hostile(FAILURES[failure]) as server:
        for transport in ("auto", "jsonrpc", "json2", "xmlrpc"):
            with pytest.raises(OimkitError) as caught:
                connect(server.url, database="d", user="u", transport=transport, limit_bytes=5000)
            assert_error_is_clean(caught.value)


def test_refused_settings_show_no_secret(monkeypatch):
    monkeypatch.setenv("OIMKIT_SECRET", KEY)
    for wrong in (
        lambda: connect("http://example.com", database="d", user="u"),
        lambda: connect("https://x.invalid", database="d"),
        lambda: connect("https://x.invalid", database="d", user="u", transport="pigeon"),
        lambda: connect("https://x.invalid", database="d", user="u", transport="jsonrpc"),
    ):
        with pytest.raises(OimkitError) as caught:
            wrong()
        assert_error_is_clean(caught.value)


def test_call_that_cannot_be_encoded_shows_no_secret():
    transport = JsonRpc(Http("http://127.0.0.1:1"), "db", 2, Secret(KEY))
    with pytest.raises(OimkitError) as caught:
        transport.send(Call("a.b", "c", arguments={"x": "\x00"}), Deadline.after(1))
    assert_error_is_clean(caught.value)


def test_secret_shows_itself_nowhere():
    secret = Secret(KEY)
    settings = Settings("https://x", "d", "u", secret)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>50}", f"{settings}", str(dataclasses.asdict(settings))]
    shown += [repr(copy.deepcopy(secret)), repr(vars(type(secret))), f"{[secret]!r}"]
    assert_clean(" ".join(shown))
    for write in (pickle.dumps, json.dumps, dump):
        with pytest.raises((TypeError, OimkitError)) as caught:
            write(secret)
        assert_clean(str(caught.value))


def test_secret_is_still_what_is_sent():
    with hostile(result(True)) as server:
        JsonRpc(Http(server.url), "db", 2, Secret(PASSWORD)).send(Call("a.b", "c"), Deadline.after(5))
        assert PASSWORD.encode() in server.received[0]
    with hostile(reply(b"true")) as server:
        Json2(Http(server.url), "db", 2, Secret(KEY)).send(Call("a.b", "c"), Deadline.after(5))
        assert f"Authorization: bearer {KEY}".encode() in server.received[0]
        assert server.received[0].count(KEY.encode()) == 1
