"""JSON-2, ``/json/2/<model>/<method>``: Odoo 19 and later, with an API key and named arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import requests

from oimkit.errors import AccessDenied, BadReply, ConfigurationError, OdooError
from oimkit.odoo import faults
from oimkit.odoo.codec import Wire, dump_json, parse_json
from oimkit.odoo.secret import Secret
from oimkit.odoo.transport.calls import (
    Call,
    by_newest_name,
    needed_argument,
    no_such_argument,
    other_names,
    without_ids,
)
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.documentation import Described, Documentation
from oimkit.odoo.transport.http import Body, Http, Reply
from oimkit.odoo.transport.results import normalised
from oimkit.odoo.transport.tracebacks import read_trace
from oimkit.odoo.version import ServerVersion

__all__ = ["Json2"]

_PATIENCE_S = 10.0
"""Seconds for a page of the server's documentation, which helps but is not needed."""


@dataclass(frozen=True, slots=True, repr=False)
class Json2:
    """Calls as JSON-2; make one with ``Json2.login``.

    names          argument names learnt from refusals: (model, method, name of the table) -> the server's name
    documentation  what the server says about its methods, asked where the table of signatures ends
    """

    http: Http
    database: str
    uid: int
    secret: Secret
    names: dict[tuple[str, str, str], str] = field(default_factory=dict)
    documentation: Documentation = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "documentation", Documentation(self._ask))

    @property
    def name(self) -> str:
        return "json2"

    @property
    def url(self) -> str:
        return self.http.url

    def __repr__(self) -> str:
        return f"<JSON-2 to {self.url}>"

    @classmethod
    def is_served(cls, http: Http, deadline: Deadline) -> bool:
        """True when the server says that it is of a version that has JSON-2."""
        try:
            version = _web_version(http, deadline)
        except BadReply:
            return False
        return (version.major, version.minor) >= (18, 4)

    @classmethod
    def login(cls, http: Http, database: str, user: str, secret: Secret, deadline: Deadline) -> Json2:
        """Ask whose key this is; AccessDenied when it is nobody's, or not *user*'s."""
        if not secret.fits_header or not (database.isascii() and database.isprintable()):
            raise ConfigurationError(
                "JSON-2 takes an API key and a database name of plain characters", advice="use transport jsonrpc"
            )
        transport = cls(http, database, 0, secret)
        try:
            uid = _uid_in(transport.send(Call("res.users", "context_get"), deadline))
        except AccessDenied as error:
            if "database" in error.advice and "user" not in error.advice:
                raise
            raise faults.refused_login(is_key=secret.looks_like_key) from None
        except BadReply:
            if cls.is_served(http, deadline):
                raise
            raise BadReply("this server has no JSON-2, which came with Odoo 19", advice="use transport auto") from None
        if uid is None:
            raise BadReply("the server does not tell whose key this is", advice="use transport jsonrpc")
        if _login_in(transport.send(Call("res.users", "read", (uid,), {"fields": ["login"]}), deadline)) != user:
            raise AccessDenied(
                "login refused: the API key belongs to another user", advice="give the user whose key it is"
            )
        return cls(http, database, uid, secret)

    def version(self, deadline: Deadline) -> ServerVersion:
        return _web_version(self.http, deadline)

    def send(self, call: Call, deadline: Deadline) -> Wire:
        """See Transport; asks the server's documentation before where the call goes beyond the table of signatures."""
        arguments = {
            self.names.get((call.model, call.method, name), name): value for name, value in by_newest_name(call).items()
        }
        if _is_beyond_the_table(call):
            refuse_undescribed(call, self.documentation.method(call.model, call.method, deadline))
        tried = set(arguments)
        while True:
            outcome = self._exchange(call, arguments, tried, deadline)
            if not isinstance(outcome, _OtherName):
                return outcome
            # refused before anything was done, so the same call may go again under the name this model uses
            arguments = {outcome.right if name == outcome.wrong else name: value for name, value in arguments.items()}
            tried.add(outcome.right)
            self._learn(call, outcome)

    def _learn(self, call: Call, found: _OtherName) -> None:
        for known in (found.wrong, *other_names(call, found.wrong)):
            self.names[call.model, call.method, known] = found.right

    def _ask(self, path: str, deadline: Deadline) -> Reply:
        headers = {"X-Odoo-Database": self.database}
        return self.http.exchange(
            "GET", path, deadline.at_most(_PATIENCE_S), headers=headers, auth=_Bearer(self.secret)
        )

    def _exchange(self, call: Call, arguments: Mapping[str, Wire], tried: Set[str], deadline: Deadline) -> Wire:
        whole: dict[str, Wire] = dict(arguments)
        if call.ids is not None:
            whole["ids"] = list(call.ids)
        if call.context:
            whole["context"] = dict(call.context)
        reply = self.http.exchange(
            "POST",
            f"/json/2/{call.model}/{call.method}",
            deadline,
            body=Body(dump_json(whole)),
            headers={"Content-Type": "application/json", "X-Odoo-Database": self.database},
            auth=_Bearer(self.secret),
            changes=call.changes,
        )
        if reply.status == 200 and reply.is_json and not reply.has_length and reply.body[-1:].isdigit():
            raise faults.unusable("nothing tells whether the number that came is whole", call)
        if reply.status == 200 and reply.is_json:
            return faults.settled(normalised(faults.decoded(reply, call, parse_json), call))
        return faults.settled(_refusal(reply, call, arguments, tried))


def _uid_in(told: Wire) -> int | None:
    uid = told.get("uid") if isinstance(told, dict) else None
    return uid if type(uid) is int else None


def _login_in(rows: Wire) -> object:
    return rows[0].get("login") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None


@dataclass(frozen=True, slots=True)
class _OtherName:
    """The server knows the argument *wrong* as *right*."""

    wrong: str
    right: str


class _Bearer:
    """Puts the key into the request's header when it is prepared."""

    __slots__ = ("_secret",)

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = "bearer " + self._secret.reveal()
        return request


def _is_beyond_the_table(call: Call) -> bool:
    """True when the method has no signature, and ids do not tell what it is called on, or an argument is not in it."""
    known = call.signature
    if known is None:
        return call.ids is None
    return not known.open and any(known.place(name) is None for name in call.arguments)


def refuse_undescribed(call: Call, told: Described | None) -> None:
    """Return when *call* fits what the server says about its method, or it says nothing.

    Raises InvalidCall for ids or none where the method wants the other, an argument that it does not have, or one
    that is missing and has no other name.
    """
    if told is None:
        return
    if call.ids is None and not told.of_model:
        raise without_ids(call)
    names = {name for given in call.arguments for name in (given, *other_names(call, given))}
    for name in call.arguments:
        if not told.open and not {name, *other_names(call, name)}.intersection(told.names):
            raise no_such_argument(call, name, told.names)
    for name in told.required:
        if name not in names:
            raise needed_argument(call, name)


_MISSING = re.compile(r"missing a required argument: '(\w+)'")
_UNEXPECTED = re.compile(r"got an unexpected keyword argument '(\w+)'")


def _refusal(reply: Reply, call: Call, arguments: Mapping[str, Wire], tried: Set[str]) -> _OtherName | OdooError:
    """The other name that an argument has here, or the error that *reply* stands for when it is not about that."""
    if not reply.is_json:
        if reply.status == 404 and b"X-Odoo-Database" in reply.body:
            return AccessDenied("the server has no database of this name", advice="check the name of the database")
        return faults.from_status(reply, call)
    try:
        told = parse_json(reply.body)
    except BadReply:
        told = None
    if reply.status == 429 or not isinstance(told, dict) or not isinstance(told.get("name"), str):
        return faults.from_status(reply, call)
    name, message = told["name"], str(told.get("message") or "")
    if name.endswith("UnprocessableEntity") and (other := _other_name(message, call, arguments, tried)):
        return other
    return faults.from_server(name, message, call, trace=read_trace(str(told.get("debug") or "")))


def _other_name(message: str, call: Call, arguments: Mapping[str, Wire], tried: Set[str]) -> _OtherName | None:
    """The name under which the server wants an argument that was given under another, where it tells or is known."""
    if missing := _MISSING.search(message):
        wanted = missing[1]
        given = [name for name in other_names(call, wanted) if name in arguments]
        return _OtherName(given[0], wanted) if given and wanted not in tried else None
    if unexpected := _UNEXPECTED.search(message):
        wrong = unexpected[1]
        left = [name for name in other_names(call, wrong) if name not in tried]
        return _OtherName(wrong, left[0]) if left and wrong in arguments else None
    return None


def _web_version(http: Http, deadline: Deadline) -> ServerVersion:
    """What ``/web/version`` tells, which needs no login; BadReply where it is not served."""
    reply = http.exchange("GET", "/web/version", deadline)
    if reply.status != 200 or not reply.is_json:
        raise faults.not_odoo(reply.status, changes=False)
    told = parse_json(reply.body)
    if not isinstance(told, dict):
        raise faults.not_odoo(reply.status, changes=False)
    info = told.get("version_info")
    return ServerVersion.from_info(info if isinstance(info, list) else [], str(told.get("version") or ""))
