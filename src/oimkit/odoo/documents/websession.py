"""A web session: what a browser signs in to, for the few things that a server gives to no other client.

Reports and attachments as files are served to web sessions only. A session needs a password: an API key opens none, and
a user with a second factor gets none from a password alone (measured on 14 and 19).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oimkit.errors import AccessDenied, BadReply, ConfigurationError, InputError, OdooError
from oimkit.odoo.codec import Wire, dump_json, parse_json
from oimkit.odoo.secret import Secret
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.http import Body, Http, Reply

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["WebSession", "web_session"]

_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, repr=False)
class WebSession:
    """A session of one user, open until ``web_session`` closes it."""

    _http: Http = field(repr=False)
    database: str
    uid: int
    deadline_s: float

    def __repr__(self) -> str:
        return f"<web session of user {self.uid} at {self._http.url}>"

    def download(self, path: str, sink: Callable[[bytes], object], *, limit_bytes: int) -> Reply:
        """GET *path*; what comes with status 200 goes to *sink*, in pieces, at most *limit_bytes* in all.

        Raises:
            NotSent: no connection.
            BadReply: no complete answer, a larger one, or the server sends elsewhere, as it does to those who may not.
        """
        deadline = Deadline.after(self.deadline_s)
        return self._http.exchange("GET", path, deadline, sink=sink, limit_bytes=limit_bytes)


@contextmanager
def web_session(odoo: Odoo, *, password: str | Secret | None = None) -> Iterator[WebSession]:
    """A web session of the connection's own user, closed on the server at the end.

    Args:
        password: of the same user; None takes the connection's own secret, where that is a password.

    Raises:
        ConfigurationError: the connection's secret is an API key, or the connection goes through no HTTP of ours.
        AccessDenied: the password is wrong, or the user has a second factor.
        BadReply: the address answers web sessions for another database (its filter by host name decides).
    """
    secret = Secret(password) if isinstance(password, str) else password
    session = _open(odoo, secret)
    try:
        yield session
    finally:
        _close(session)


def _open(odoo: Odoo, secret: Secret | None) -> WebSession:
    carrier: Any = odoo._transport
    http, own = getattr(carrier, "http", None), getattr(carrier, "secret", None)
    if not isinstance(http, Http):
        raise ConfigurationError("this connection was given a transport of its own, which opens no web session")
    if secret is None and isinstance(own, Secret) and not own.looks_like_key:
        secret = own
    if secret is None:
        raise ConfigurationError(
            "the connection's secret is an API key, and a web session needs a password",
            advice="pass password=, or use a way that needs no web session",
        )
    login = odoo.read("res.users", [odoo.uid], ["login"])[0]["login"]
    session = WebSession(http.with_own_cookies(), odoo.database, odoo.uid, odoo.deadline_s)
    told = _ask(session, "/web/session/authenticate", _sign_in(odoo.database, login, secret))
    if told.get("uid") is None or told.get("uid") is False:
        raise AccessDenied(
            "the web session was refused: the user has a second factor",
            advice="use a way that needs no web session, or a user without a second factor",
        )
    _refuse_another(session, told)
    _refuse_another(session, _ask(session, "/web/session/get_session_info", Body(b'{"jsonrpc":"2.0","params":{}}')))
    return session


def _sign_in(database: str, login: str, secret: Secret) -> Body:
    named = dump_json({"db": database, "login": login})[:-1]
    return Body(b'{"jsonrpc":"2.0","params":' + named + b',"password":' + dump_json(secret.reveal()) + b"}}")


def _ask(session: WebSession, path: str, body: Body) -> dict[str, Wire]:
    reply = session._http.exchange("POST", path, Deadline.after(session.deadline_s), body=body, headers=_JSON)
    answer = parse_json(reply.body) if reply.is_json and reply.status == 200 else None
    if not isinstance(answer, dict):
        raise BadReply(f"{path}: the reply is none of a web session", advice="check the address of the server")
    error = answer.get("error")
    if isinstance(error, dict):
        name = error.get("data", {}).get("name") if isinstance(error.get("data"), dict) else ""
        if name == "odoo.exceptions.AccessDenied":
            raise AccessDenied(
                "the web session was refused: user or password are wrong",
                advice="an API key opens no web session, give the password",
            )
        return {}
    result = answer.get("result")
    return result if isinstance(result, dict) else {}


def _refuse_another(session: WebSession, told: dict[str, Wire]) -> None:
    """BadReply when the server keeps no session for our user in our database: it would serve another's files."""
    if told.get("uid") != session.uid or told.get("db") != session.database:
        raise BadReply(
            "the server keeps no web session for this database at this address",
            advice="its database filter names another one for this host: use the address that belongs to the database",
        )


def _close(session: WebSession) -> None:
    with suppress(OdooError, InputError):  # it ends by itself; what was done in it is done
        _ask(session, "/web/session/destroy", Body(b'{"jsonrpc":"2.0","params":{}}'))
