"""JSON-RPC, ``/jsonrpc``: the services ``common`` and ``object`` of Odoo 8 to 21."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from oimkit.errors import OdooError
from oimkit.odoo import faults
from oimkit.odoo.codec import Wire, dump_json, parse_json, refuse_unwireable
from oimkit.odoo.secret import Secret
from oimkit.odoo.transport.calls import Call, positional
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.http import Body, Http, Reply
from oimkit.odoo.transport.results import normalised
from oimkit.odoo.transport.tracebacks import read_trace
from oimkit.odoo.version import ServerVersion

__all__ = ["JsonRpc"]


@dataclass(frozen=True, slots=True, repr=False)
class JsonRpc:
    """Calls as JSON-RPC ``execute_kw``; make one with ``JsonRpc.login``."""

    http: Http
    database: str
    uid: int
    secret: Secret

    @property
    def name(self) -> str:
        return "jsonrpc"

    @property
    def url(self) -> str:
        return self.http.url

    def __repr__(self) -> str:
        return f"<JSON-RPC to {self.url}>"

    @classmethod
    def login(cls, http: Http, database: str, user: str, secret: Secret, deadline: Deadline) -> JsonRpc:
        """Ask for the user's id; AccessDenied when database, user or secret are wrong."""
        refuse_unwireable([database, user], "login")
        version = server_version(http, deadline)
        if version.major < 15:
            bind_session(http, database, deadline)
        start = dump_json([database, user])[:-1]
        body = _request("common", "authenticate", start, secret, b",{}]")
        reply = http.exchange("POST", "/jsonrpc", deadline, body=body, headers=_JSON)
        uid = _result(reply, Call("common", "login"), login=True)
        if type(uid) is not int:
            raise faults.refused_login(is_key=secret.looks_like_key)
        return cls(http, database, uid, secret)

    def version(self, deadline: Deadline) -> ServerVersion:
        return server_version(self.http, deadline)

    def send(self, call: Call, deadline: Deadline) -> Wire:
        args, named = positional(call)
        start = dump_json([self.database, self.uid])[:-1]
        end = b"," + dump_json([call.model, call.method, args, named])[1:]
        body = _request("object", "execute_kw", start, self.secret, end)
        reply = self.http.exchange("POST", "/jsonrpc", deadline, body=body, headers=_JSON, changes=call.changes)
        if reply.status == 500 and reply.is_html:
            bind_session(self.http, self.database, deadline)
        return _result(reply, call)


_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


def server_version(http: Http, deadline: Deadline) -> ServerVersion:
    """What the server says it is; BadReply when it is not an Odoo."""
    body = Body(b'{"jsonrpc":"2.0","method":"call","params":{"service":"common","method":"version","args":[]},"id":1}')
    reply = http.exchange("POST", "/jsonrpc", deadline, body=body, headers=_JSON)
    if reply.is_html or reply.status in (404, 405):
        raise faults.not_odoo(reply.status, changes=False)
    told = _result(reply, Call("common", "version"))
    if not isinstance(told, dict):
        raise faults.not_odoo(reply.status, changes=False)
    info = told.get("server_version_info")
    return ServerVersion.from_info(info if isinstance(info, list) else [], str(told.get("server_version") or ""))


def bind_session(http: Http, database: str, deadline: Deadline) -> None:
    """Get a cookie, without any login, that names the database.

    Odoo 14 with several databases answers every fault over ``/jsonrpc`` with an HTML page of status 500 unless
    the request belongs to one database; with such a cookie the faults come back as JSON. Only a convenience: a
    server that gives no cookie is left alone.
    """
    try:
        http.exchange("GET", f"/web/login?db={quote(database, safe='')}", deadline)
    except OdooError:  # most often the redirect that sets the cookie
        return


def _request(service: str, method: str, start: bytes, secret: Secret, end: bytes) -> Body:
    """The request's text with the secret put between *start* and *end* at the last moment, in no variable."""
    return Body(
        b'{"jsonrpc":"2.0","method":"call","params":{"service":"%b","method":"%b","args":'
        % (service.encode(), method.encode())
        + start
        + b","
        + dump_json(secret.reveal())
        + end
        + b'},"id":1}'
    )


def _result(reply: Reply, call: Call, *, login: bool = False) -> Wire:
    """The result in *reply*; raises the error that it stands for."""
    if reply.status != 200 and not (reply.is_json and reply.body[:1] == b"{"):
        raise faults.from_status(reply, call, login=login)
    return faults.settled(_read(reply, call, login=login))


def _read(reply: Reply, call: Call, *, login: bool) -> Wire | OdooError:
    answer = faults.decoded(reply, call, parse_json)
    if not isinstance(answer, dict) or "jsonrpc" not in answer:
        return faults.unusable("the reply is not one of JSON-RPC", call)
    error = answer.get("error")
    if error is None:
        return normalised(answer.get("result"), call)
    data = error.get("data") if isinstance(error, dict) else None
    if not isinstance(data, dict):
        return faults.from_server("", "", call, login=login)
    name, message, trace = (str(data.get(part) or "") for part in ("name", "message", "debug"))
    return faults.from_server(name, message, call, login=login, trace=read_trace(trace))
