"""The HTTP side: three protocols, the few web routes that clients ask, and the faults on request."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from oimkit.sandbox import wire
from oimkit.sandbox.database import NAME, Database
from oimkit.sandbox.faults import Fault, FaultBoard, FaultKind
from oimkit.sandbox.refusals import Foreign, NotFound, ServerRefusal, Unauthorized
from oimkit.sandbox.replies import Reply, bad_gateway, described, json_reply, not_found, page
from oimkit.sandbox.services import Job, json2_job, legacy_job, version_info
from oimkit.sandbox.sessions import COOKIE
from oimkit.sandbox.store import Snapshot
from oimkit.sandbox.webclient import SessionExpired, WebClient

__all__ = ["LIMIT_BYTES", "SandboxServer"]

LIMIT_BYTES = 64 * 1024 * 1024
IDLE_S = 60


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
        self.web = WebClient(database)
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
        f"/xmlrpc/{version}{service}": service for version in ("", "2/") for service in ("common", "object", "db")
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
        if self.command != "HEAD":
            self.wfile.write(reply.body if part is None else reply.body[:part])
        self.wfile.flush()

    # Routes -----------------------------------------------------------------------------------------------------

    def do_HEAD(self) -> None:
        self._answer(self._get)

    def _get(self) -> Reply:
        path, database = self.path.partition("?")[0], self.server.database
        if database.has("json2"):
            if path in ("/web/version", "/json/version"):
                known = version_info(database)
                return json_reply({"version_info": known["server_version_info"], "version": known["server_version"]})
            if path.startswith("/json/2/"):
                return json_reply(described(NotFound("Did you mean POST /json/2/<model>/<method>?")), 404)
        return self.server.web.get(path, self.headers.get("Cookie"), self._bearer() or "") or not_found()

    def _bearer(self) -> str | None:
        """The key of an ``Authorization: Bearer`` header, or None."""
        kind, _space, key = self.headers.get("Authorization", "").partition(" ")
        return key.strip() if kind.lower() == "bearer" else None

    def _post(self) -> Reply:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self.close_connection = True
            return page(411, "Length Required")
        if int(length) > LIMIT_BYTES:
            self.close_connection = True
            return page(413, "Request Entity Too Large")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _Cut
        path = self.path.partition("?")[0]
        if path in self.legacy:
            return self._xmlrpc(self.legacy[path], body)
        if path == "/jsonrpc":
            return self._jsonrpc(body)
        if path.startswith("/json/2/") and self.server.database.has("json2"):
            return self._json2(path.removeprefix("/json/2/"), body)
        return self._webclient(path, body)

    # XML-RPC ----------------------------------------------------------------------------------------------------

    def _xmlrpc(self, service: str, body: bytes) -> Reply:
        try:
            method, arguments = wire.read_xmlrpc(body)
        except ValueError:
            return page(400, "Bad Request")

        def succeed(result: Any) -> Reply:
            try:
                return Reply(200, "text/xml", wire.write_xmlrpc_result(result))
            except wire.NotMarshallable as error:
                return Reply(200, "text/xml", wire.write_xmlrpc_fault(1, _unwritten(result, str(error))))

        def fail(refusal: ServerRefusal) -> Reply:
            worded = wire.fault_of(refusal) if self.path.startswith("/xmlrpc/2/") else wire.first_fault_of(refusal)
            return Reply(200, "text/xml", wire.write_xmlrpc_fault(*worded))

        return self._perform(lambda: legacy_job(self.server.database, service, method, arguments), succeed, fail)

    # JSON-RPC ---------------------------------------------------------------------------------------------------

    def _jsonrpc(self, body: bytes) -> Reply:
        try:
            request = wire.read_json(body)
            params = request["params"]
            service, method, arguments = params["service"], params["method"], list(params.get("args") or [])
        except (ValueError, TypeError, KeyError):
            return page(400, "Bad Request", "<p>Invalid JSON data</p>")
        succeed, fail = self._envelope(request.get("id"))
        return self._perform(lambda: legacy_job(self.server.database, service, method, arguments), succeed, fail)

    def _envelope(
        self, number: Any, headers: tuple[tuple[str, str], ...] = ()
    ) -> tuple[Callable[[Any], Reply], Callable[[ServerRefusal], Reply]]:
        """How a result and a refusal are told under JSON-RPC; a result of nothing has no ``result``."""
        head = {"jsonrpc": "2.0", "id": number}

        def succeed(result: Any) -> Reply:
            return json_reply(head if result is None else {**head, "result": result}, headers=headers)

        def fail(refusal: ServerRefusal) -> Reply:
            code, words = 0 if self.server.database.has("json_error_code_0") else 200, "Odoo Server Error"
            if isinstance(refusal, SessionExpired):
                code, words = 100, "Odoo Session Expired"
            return json_reply({**head, "error": {"code": code, "message": words, "data": described(refusal)}})

        return succeed, fail

    # The web client ---------------------------------------------------------------------------------------------

    def _webclient(self, path: str, body: bytes) -> Reply:
        try:
            request = wire.read_json(body)
            params = dict(request.get("params") or {})
        except (ValueError, TypeError, AttributeError):
            request, params = None, {}
        if request is None:
            return page(400, "Bad Request") if path.startswith("/web/") else not_found()
        succeed, fail = self._envelope(request.get("id"))
        try:
            found = self.server.web.job(path, params, self.headers.get("Cookie"))
        except ServerRefusal as refusal:
            return fail(refusal)
        if found is None:
            return not_found()
        job, session = found
        if session is not None:
            cookie = ("Set-Cookie", f"{COOKIE}={session}; Max-Age=604800; HttpOnly; Path=/")
            succeed, fail = self._envelope(request.get("id"), (cookie,))
        return self._perform(lambda: job, succeed, fail)

    # JSON-2 -----------------------------------------------------------------------------------------------------

    def _json2(self, rest: str, body: bytes) -> Reply:
        if self.headers.get("X-Odoo-Database", NAME) != NAME:
            return not_found()
        if self.headers.get_content_type() != "application/json":
            return page(415, "Unsupported Media Type", headers=(("Accept", "application/json"),))

        def fail(refusal: ServerRefusal) -> Reply:
            headers = (("WWW-Authenticate", "Bearer "),) if refusal.status == 401 else ()
            return json_reply(described(refusal), refusal.status, headers)

        def succeed(result: Any) -> Reply:
            return json_reply(result)

        def job() -> Job:
            key = self._bearer()
            if key is None:
                raise Unauthorized("User not authenticated, use an API Key with a Bearer Authorization header.")
            user = self.server.database.user_of_key(key)
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
            reply = succeed(job.run(self._snapshot(fault)))
        except ServerRefusal as refusal:
            return fail(refusal)
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            # Wire values of a kind that no method expects: the server answers with its interpreter's exception.
            return fail(Foreign(f"builtins.{type(error).__name__}", str(error)))
        return self._after(fault, reply, fail)

    def _snapshot(self, fault: Fault) -> Snapshot | None:
        """What the call's transaction sees, where a fault is about that."""
        now = self.server.database.store.snapshot()
        if fault.kind is FaultKind.CONFLICT:
            return Snapshot(now.commits, doomed=True)
        if fault.kind is FaultKind.OVERLAP:
            self.server.faults.meet(fault)
            return now
        return None

    def _after(self, fault: Fault, reply: Reply, fail: Callable[[ServerRefusal], Reply]) -> Reply:
        kind = fault.kind
        if kind in (FaultKind.DROP_AFTER_COMMIT, FaultKind.CRASH_AFTER_COMMIT):
            raise _Cut(crash=kind is FaultKind.CRASH_AFTER_COMMIT)
        if kind is FaultKind.DROP_INSIDE_REPLY:
            raise _Cut(reply)
        if kind is FaultKind.MARSHAL_AFTER_COMMIT:
            return fail(Foreign("builtins.TypeError", "cannot marshal None unless allow_none is enabled"))
        if kind is FaultKind.BAD_GATEWAY_AFTER:
            return bad_gateway()
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
        return page(429, "Too Many Requests", headers=(("Retry-After", retry_after),))
    if fault.kind is FaultKind.BAD_GATEWAY:
        return bad_gateway()
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


def _bad_request(message: str) -> Foreign:
    refusal = Foreign("werkzeug.exceptions.BadRequest", message)
    refusal.status = 400
    return refusal
