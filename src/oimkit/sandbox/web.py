"""The HTTP side: three protocols, the few web routes that clients ask, and the faults on request."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from oimkit.sandbox import wire
from oimkit.sandbox.database import NAME, Database
from oimkit.sandbox.faults import Fault, FaultBoard, FaultKind
from oimkit.sandbox.refusals import Foreign, NotFound, ServerRefusal, Unauthorized
from oimkit.sandbox.services import Job, json2_job, legacy_job, version_info

__all__ = ["LIMIT_BYTES", "Reply", "SandboxServer"]

LIMIT_BYTES = 64 * 1024 * 1024
IDLE_S = 60
_JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_NO_DATABASE = (
    "<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>\n"
    "<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>\n"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class _Cut(Exception):
    """The connection ends here; ``reply`` is sent in part before, if there is one."""

    def __init__(self, reply: Reply | None = None, *, crash: bool = False) -> None:
        self.reply, self.crash = reply, crash
        super().__init__()


class SandboxServer(ThreadingHTTPServer):
    """The listening socket on loopback; one thread a connection, the database's lock makes calls take turns."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, database: Database, faults: FaultBoard, port: int, on_crash: Callable[[], None]) -> None:
        self.database, self.faults, self.on_crash = database, faults, on_crash
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none of the server's business; anything else is a defect and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: SandboxServer
    protocol_version = "HTTP/1.1"
    server_version = "oimkit-sandbox"
    disable_nagle_algorithm = True
    wbufsize = 65536  # head and body leave in one piece
    timeout = IDLE_S
    legacy: ClassVar[dict[str, str]] = {
        "/xmlrpc/2/common": "common",
        "/xmlrpc/2/object": "object",
        "/xmlrpc/2/db": "db",
    }

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def do_PUT(self) -> None:
        self._answer(self._get)

    def do_DELETE(self) -> None:
        self._answer(self._get)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Nothing: the double is quiet."""

    # Sending ----------------------------------------------------------------------------------------------------

    def _answer(self, route: Callable[[], Reply]) -> None:
        try:
            reply = route()
        except _Cut as cut:
            self.close_connection = True
            if cut.reply is not None:
                self._send(cut.reply, part=len(cut.reply.body) // 2)
            if cut.crash:
                self.server.on_crash()
            return
        self._send(reply)

    def _send(self, reply: Reply, part: int | None = None) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body if part is None else reply.body[:part])
        self.wfile.flush()

    # Routes -----------------------------------------------------------------------------------------------------

    def _get(self) -> Reply:
        path = self.path.partition("?")[0]
        if self.server.database.has("json2"):
            if path in ("/web/version", "/json/version"):
                known = version_info(self.server.database)
                info = {"version_info": known["server_version_info"], "version": known["server_version"]}
                return Reply(200, _JSON, wire.write_json(info))
            if path == "/web/health":
                return Reply(200, "application/json", b'{"status": "pass"}')
            if path.startswith("/json/2/"):
                refusal = NotFound("Did you mean POST /json/2/<model>/<method>?")
                return Reply(404, _JSON, wire.write_json(_described(refusal)))
        if path == "/":
            return Reply(303, _HTML, _page(303, "See Other", ""), (("Location", "/web"),))
        return _not_found()

    def _post(self) -> Reply:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self.close_connection = True
            return Reply(411, _HTML, _page(411, "Length Required", ""))
        if int(length) > LIMIT_BYTES:
            self.close_connection = True
            return Reply(413, _HTML, _page(413, "Request Entity Too Large", ""))
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _Cut
        path = self.path.partition("?")[0]
        if path in self.legacy:
            return self._xmlrpc(self.legacy[path], body)
        if path == "/jsonrpc":
            return self._jsonrpc(body)
        if path == "/web/database/list":
            return Reply(200, _JSON, wire.write_json({"jsonrpc": "2.0", "id": None, "result": [NAME]}))
        if path.startswith("/json/2/") and self.server.database.has("json2"):
            return self._json2(path.removeprefix("/json/2/"), body)
        return _not_found()

    # XML-RPC ----------------------------------------------------------------------------------------------------

    def _xmlrpc(self, service: str, body: bytes) -> Reply:
        try:
            method, arguments = wire.read_xmlrpc(body)
        except ValueError:
            return Reply(400, _HTML, _page(400, "Bad Request", ""))

        def succeed(result: Any) -> Reply:
            try:
                return Reply(200, "text/xml", wire.write_xmlrpc_result(result))
            except wire.NotMarshallable as error:
                return Reply(200, "text/xml", wire.write_xmlrpc_fault(1, _unwritten(result, str(error))))

        def fail(refusal: ServerRefusal) -> Reply:
            text = refusal.message
            if refusal.fault_code == 1:
                kind = refusal.name.removeprefix("builtins.")
                text = f'Traceback (most recent call last):\n  File "sandbox", line 1, in call\n{kind}: {text}\n'
            return Reply(200, "text/xml", wire.write_xmlrpc_fault(refusal.fault_code, text))

        return self._perform(lambda: legacy_job(self.server.database, service, method, arguments), succeed, fail)

    # JSON-RPC ---------------------------------------------------------------------------------------------------

    def _jsonrpc(self, body: bytes) -> Reply:
        try:
            request = wire.read_json(body)
            params = request["params"]
            service, method, arguments = params["service"], params["method"], list(params.get("args") or [])
        except (ValueError, TypeError, KeyError):
            return Reply(400, _HTML, _page(400, "Bad Request", "<p>Invalid JSON data</p>"))
        head = {"jsonrpc": "2.0", "id": request.get("id")}

        def succeed(result: Any) -> Reply:
            answer = head if result is None else {**head, "result": result}
            return Reply(200, _JSON, wire.write_json(answer))

        def fail(refusal: ServerRefusal) -> Reply:
            code = 0 if self.server.database.has("json_error_code_0") else 200
            error = {"code": code, "message": "Odoo Server Error", "data": _described(refusal)}
            return Reply(200, _JSON, wire.write_json({**head, "error": error}))

        return self._perform(lambda: legacy_job(self.server.database, service, method, arguments), succeed, fail)

    # JSON-2 -----------------------------------------------------------------------------------------------------

    def _json2(self, rest: str, body: bytes) -> Reply:
        if self.headers.get("X-Odoo-Database", NAME) != NAME:
            return _not_found()
        if self.headers.get_content_type() != "application/json":
            return Reply(415, _HTML, _page(415, "Unsupported Media Type", ""), (("Accept", "application/json"),))

        def fail(refusal: ServerRefusal) -> Reply:
            headers = (("WWW-Authenticate", "Bearer "),) if refusal.status == 401 else ()
            return Reply(refusal.status, _JSON, wire.write_json(_described(refusal)), headers)

        def succeed(result: Any) -> Reply:
            return Reply(200, _JSON, wire.write_json(result))

        def job() -> Job:
            kind, _space, key = self.headers.get("Authorization", "").partition(" ")
            if kind.lower() != "bearer":
                raise Unauthorized("User not authenticated, use an API Key with a Bearer Authorization header.")
            user = self.server.database.user_of_key(key.strip())
            if user is None:
                raise Unauthorized("Invalid apikey")
            model, slash, method = rest.partition("/")
            if not slash or not method:
                raise NotFound("Did you mean POST /json/2/<model>/<method>?")
            try:
                named = wire.read_json(body)
            except ValueError as error:
                raise _bad_request(f"could not parse the body as json: {error}") from None
            return json2_job(self.server.database, user, model, method, named if isinstance(named, dict) else {})

        return self._perform(job, succeed, fail)

    # One call, with its fault -----------------------------------------------------------------------------------

    def _perform(
        self, make: Callable[[], Job], succeed: Callable[[Any], Reply], fail: Callable[[ServerRefusal], Reply]
    ) -> Reply:
        try:
            job = make()
            fault = self.server.faults.strike(job.call) if job.call is not None else None
            if fault is None:
                return succeed(job.run())
            early = _before(fault)
            if early is not None:
                return early
            reply = succeed(job.run())
        except ServerRefusal as refusal:
            return fail(refusal)
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            # Wire values of a kind that no method expects: the server answers with its interpreter's exception.
            return fail(Foreign(f"builtins.{type(error).__name__}", str(error)))
        return self._after(fault, reply, fail)

    def _after(self, fault: Fault, reply: Reply, fail: Callable[[ServerRefusal], Reply]) -> Reply:
        kind = fault.kind
        if kind in (FaultKind.DROP_AFTER_COMMIT, FaultKind.CRASH_AFTER_COMMIT):
            raise _Cut(crash=kind is FaultKind.CRASH_AFTER_COMMIT)
        if kind is FaultKind.DROP_INSIDE_REPLY:
            raise _Cut(reply)
        if kind is FaultKind.MARSHAL_AFTER_COMMIT:
            return fail(Foreign("builtins.TypeError", "cannot marshal None unless allow_none is enabled"))
        if kind is FaultKind.BAD_GATEWAY_AFTER:
            return _bad_gateway()
        if kind is FaultKind.SLOW:
            time.sleep(fault.delay_ms / 1000)
        if kind is FaultKind.CRASH:
            self.close_connection = True
            self._send(reply)
            raise _Cut(crash=True)
        return reply


def _before(fault: Fault) -> Reply | None:
    """The answer of a fault that keeps the call from being made, or None; a late commit waits here."""
    if fault.kind is FaultKind.DROP_BEFORE_CALL:
        raise _Cut
    if fault.kind is FaultKind.TOO_MANY_REQUESTS:
        retry_after = str(max(1, fault.delay_ms // 1000))
        return Reply(429, _HTML, _page(429, "Too Many Requests", ""), (("Retry-After", retry_after),))
    if fault.kind is FaultKind.BAD_GATEWAY:
        return _bad_gateway()
    if fault.kind is FaultKind.LATE_COMMIT:
        time.sleep(fault.delay_ms / 1000)
    return None


def _unwritten(result: Any, reason: str) -> str:
    """The server's traceback when XML-RPC cannot write *result*: the functions between controller and exception."""
    inside = "dump_struct" if isinstance(result, dict) else "dump_array" if isinstance(result, list) else None
    functions = ["_xmlrpc", "dumps", "dumps", "__dump", *((inside, "__dump") if inside else ())]
    if "None" in reason:
        functions.append("dump_nil")
    frames = "".join(f'  File "sandbox", line 1, in {name}\n' for name in functions)
    return f"Traceback (most recent call last):\n{frames}TypeError: {reason}\n"


def _bad_gateway() -> Reply:
    return Reply(502, "text/html", b"<html>\n<head><title>502 Bad Gateway</title></head>\n<body></body>\n</html>\n")


def _bad_request(message: str) -> Foreign:
    refusal = Foreign("werkzeug.exceptions.BadRequest", message)
    refusal.status = 400
    return refusal


def _not_found() -> Reply:
    return Reply(404, _HTML, _page(404, "Not Found", _NO_DATABASE))


def _page(status: int, title: str, text: str) -> bytes:
    return f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n{text}".encode()


def _described(refusal: ServerRefusal) -> dict[str, Any]:
    return {
        "name": refusal.name,
        "debug": f"Traceback (most recent call last):\n{refusal.name}: {refusal.message}\n",
        "message": refusal.message,
        "arguments": [refusal.message, *([refusal.status] if refusal.name.startswith("werkzeug.") else [])],
        "context": {},
    }
