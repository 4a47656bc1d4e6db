"""XML-RPC, ``/xmlrpc/2``: for servers, or proxies before them, that let nothing else through.

Not over Python's ``xmlrpc.client``, which sends a request again by itself when the answer is lost and follows no
deadline. Three differences to the other transports remain, because the server makes them: 19 leaves control
characters out of texts that are read; a number beyond 32 bits, and a dict whose keys are numbers (the result of
``get_external_id``), cannot be read at all, which is an error; and what a method made can be unknown though it is
done, see ``results.unwritten``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oimkit.errors import OdooError
from oimkit.odoo import faults
from oimkit.odoo.codec import Wire, refuse_unwireable
from oimkit.odoo.secret import Secret
from oimkit.odoo.transport.calls import Call, positional
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.http import Body, Http, Reply
from oimkit.odoo.transport.results import normalised, unwritten
from oimkit.odoo.transport.tracebacks import read_trace
from oimkit.odoo.transport.xml_values import END, Fault, dump_call, param, parse_response
from oimkit.odoo.version import ServerVersion

__all__ = ["XmlRpc"]


@dataclass(frozen=True, slots=True, repr=False)
class XmlRpc:
    """Calls as XML-RPC ``execute_kw``; make one with ``XmlRpc.login``."""

    http: Http
    database: str
    uid: int
    secret: Secret

    @property
    def name(self) -> str:
        return "xmlrpc"

    @property
    def url(self) -> str:
        return self.http.url

    def __repr__(self) -> str:
        return f"<XML-RPC to {self.url}>"

    @classmethod
    def login(cls, http: Http, database: str, user: str, secret: Secret, deadline: Deadline) -> XmlRpc:
        """Ask for the user's id; AccessDenied when database, user or secret are wrong."""
        refuse_unwireable([database, user], "login")
        body = _request("authenticate", [database, user], secret, [{}])
        reply = http.exchange("POST", "/xmlrpc/2/common", deadline, body=body, headers=_XML)
        uid = _result(reply, Call("common", "login"), login=True)
        if type(uid) is not int:
            raise faults.refused_login(is_key=secret.looks_like_key)
        return cls(http, database, uid, secret)

    def version(self, deadline: Deadline) -> ServerVersion:
        """What ``common.version`` tells."""
        body = Body(dump_call("version", []))
        reply = self.http.exchange("POST", "/xmlrpc/2/common", deadline, body=body, headers=_XML)
        told = _result(reply, Call("common", "version"), login=True)
        if not isinstance(told, dict):
            raise faults.not_odoo(reply.status, changes=False)
        info = told.get("server_version_info")
        return ServerVersion.from_info(info if isinstance(info, list) else [], str(told.get("server_version") or ""))

    def send(self, call: Call, deadline: Deadline) -> Wire:
        args, named = positional(call)
        body = _request("execute_kw", [self.database, self.uid], self.secret, [call.model, call.method, args, named])
        reply = self.http.exchange("POST", "/xmlrpc/2/object", deadline, body=body, headers=_XML, changes=call.changes)
        return _result(reply, call)


_XML: Mapping[str, str] = {"Content-Type": "text/xml"}


def _request(method: str, before: list[Wire], secret: Secret, after: list[Wire]) -> Body:
    """The request's text with the secret among its parameters, put there at the last moment, in no variable."""
    start, end = dump_call(method, before), dump_call(method, after)
    cut = end.index(b"<params>") + len(b"<params>")
    return Body(start[: -len(END)] + param(secret.reveal()) + end[cut:])


def _result(reply: Reply, call: Call, *, login: bool = False) -> Wire:
    """The result in *reply*; raises the error that it stands for."""
    if reply.status != 200:
        raise faults.from_status(reply, call, login=login)
    return faults.settled(_read(reply, call, login=login))


def _read(reply: Reply, call: Call, *, login: bool) -> Wire | OdooError:
    answer = faults.decoded(reply, call, parse_response)
    if not isinstance(answer, Fault):
        return normalised(answer, call)
    told = unwritten(read_trace(answer.text), call) if answer.code == 1 else None
    return faults.from_xmlrpc(answer.code, answer.text, call, login=login) if told is None else told[0]
