"""The way to the server, before anybody logs in: address, TLS, redirect, version, protocols, clock, database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from oimkit.cli.doctor.check import Check, Verdict
from oimkit.errors import AccessDenied, BadReply, ConfigurationError, InvalidCall, NotSent, OdooError
from oimkit.odoo import Odoo, ServerVersion, Settings
from oimkit.odoo.limiter import pace_of
from oimkit.odoo.transport import Deadline, Http, Json2, XmlRpc
from oimkit.odoo.transport.http import Body, Reply
from oimkit.odoo.transport.jsonrpc import server_version

__all__ = ["Reached", "log_in", "reach"]

OLDEST, NEWEST = 12, 19
"""The versions that oimkit knows; a newer one is expected to work."""

CLOCK_S = 60
"""A clock that differs by more makes dates, expiries and times to come again wrong."""

_PATIENCE_S = 20.0


class Reached:
    """Goes on from check to check; ``version`` is None until the server has told it.

    Args:
        now: the present moment (aware).
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.version: ServerVersion | None = None
        self._now = now

    def checks(self) -> Iterator[Check]:
        """Every check in order; ends early after one without which the next has no sense."""
        settings = self.settings
        try:
            http = Http(
                settings.url,
                allow_plain_http=settings.allow_plain_http,
                ca_bundle=settings.ca_bundle,
                proxy=settings.proxy,
            )
        except ConfigurationError as error:
            yield Check("address", Verdict.MISSING, error.reason, error.advice)
            return
        yield _address(http.url, settings)
        try:
            self.version = _version(http, settings)
        except (NotSent, BadReply) as error:
            yield Check("server", Verdict.MISSING, error.reason, error.advice)
            return
        yield _release(self.version)
        yield _protocols(http, self.version, settings)
        yield _clock(http, self._now)
        yield _database(http, settings.database)


def reach(settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Reached:
    """The way to the server of *settings*, not yet walked."""
    return Reached(settings, now)


def log_in(settings: Settings, connect: Callable[[], Odoo]) -> tuple[Odoo | None, Check]:
    """The connection, or None, and the check that tells who it is or why there is none."""
    try:
        odoo = connect()
    except AccessDenied as error:
        return None, Check("login", Verdict.MISSING, error.reason, _with_plan(settings, error.advice))
    except (OdooError, ConfigurationError, InvalidCall) as error:
        return None, Check("login", Verdict.MISSING, error.reason, error.advice)
    return odoo, Check("login", Verdict.OK, f"database {odoo.database}, user id {odoo.uid}")


def _with_plan(settings: Settings, advice: str) -> str:
    """On Odoo Online a plan without the external API looks like a wrong password."""
    if pace_of(settings.url) != "online":
        return advice
    return (
        f"{advice}; on Odoo Online only the plan Custom has the external API, and One App Free and Standard "
        "refuse as if the password were wrong: look at the database's subscription"
    )


def _address(url: str, settings: Settings) -> Check:
    parts = urlsplit(url)
    kind = {"online": "Odoo Online", "sh": "odoo.sh", "own": "a server of one's own"}[pace_of(url)]
    if parts.scheme == "https":
        trusted = "certificates by the file named" if settings.ca_bundle else "certificates checked as usual"
        return Check("address", Verdict.OK, f"{url}, {kind}, {trusted}")
    host = parts.hostname or ""
    if host in ("localhost", "127.0.0.1", "::1"):
        return Check("address", Verdict.OK, f"{url}, this machine, not encrypted")
    return Check(
        "address",
        Verdict.LOOK,
        f"{url} is not encrypted: everybody on the way can read the secret",
        "give the address with https, or put a proxy with TLS before the server",
    )


def _version(http: Http, settings: Settings) -> ServerVersion:
    """What the server is, over whatever answers; the error of the first way when none does."""
    try:
        return server_version(http, Deadline.after(_PATIENCE_S))
    except BadReply as error:
        first = error
    try:
        return _by_xmlrpc(http, settings)
    except OdooError:
        raise first from None


def _by_xmlrpc(http: Http, settings: Settings) -> ServerVersion:
    return XmlRpc(http, settings.database, 0, settings.secret).version(Deadline.after(_PATIENCE_S))


def _has_xmlrpc(http: Http, settings: Settings) -> bool:
    try:
        _by_xmlrpc(http, settings)
    except OdooError:
        return False
    return True


def _has_jsonrpc(http: Http) -> bool:
    try:
        server_version(http, Deadline.after(_PATIENCE_S))
    except OdooError:
        return False
    return True


def _has_json2(http: Http) -> bool:
    try:
        return Json2.is_served(http, Deadline.after(_PATIENCE_S))
    except OdooError:
        return False


def _release(version: ServerVersion) -> Check:
    edition = version.edition or "community, or not told"
    text = f"Odoo {version} ({edition})"
    if version.major < OLDEST:
        return Check("server", Verdict.MISSING, f"{text} is older than {OLDEST}.0", "upgrade it, or use its own tools")
    if version.major > NEWEST:
        return Check(
            "server", Verdict.LOOK, f"{text} is newer than what oimkit was tried on", "try a test database first"
        )
    return Check("server", Verdict.OK, text)


def _protocols(http: Http, version: ServerVersion, settings: Settings) -> Check:
    answers = {"json2": _has_json2(http), "jsonrpc": _has_jsonrpc(http), "xmlrpc": _has_xmlrpc(http, settings)}
    open_ways = [name for name, is_there in answers.items() if is_there]
    text = f"{', '.join(open_ways)} answer; asked for: {settings.transport}"
    if settings.transport not in ("auto", *open_ways):
        return Check("protocols", Verdict.MISSING, text, f"use transport auto, or one of {', '.join(open_ways)}")
    if "jsonrpc" not in open_ways and "json2" not in open_ways:
        advice = "a proxy lets only XML-RPC through; let it pass /jsonrpc, which is many times faster to read"
        return Check("protocols", Verdict.LOOK, text, advice)
    if version.major >= 19 and "json2" in open_ways and not settings.secret.looks_like_key:
        advice = "with an API key as secret json2 is taken, which will stay; the others go away with Odoo 22"
        return Check("protocols", Verdict.OK, text, advice)
    return Check("protocols", Verdict.OK, text)


def _clock(http: Http, now: Callable[[], datetime]) -> Check:
    before = now()
    try:
        reply = http.exchange("GET", "/web/version", Deadline.after(_PATIENCE_S))
    except OdooError as error:
        return Check("clock", Verdict.UNKNOWN, f"the server's clock could not be asked: {error.reason}")
    there = _date(reply)
    if there is None:
        return Check("clock", Verdict.UNKNOWN, "the server's answers carry no date")
    here = before + (now() - before) / 2
    seconds = round(abs((there - here).total_seconds()))
    if seconds > CLOCK_S:
        order = "ahead of" if there > here else "behind"
        return Check(
            "clock",
            Verdict.LOOK,
            f"the server's clock is {seconds} s {order} this machine's",
            "let both take their time from the network (NTP): days, expiries and times to come again go wrong",
        )
    return Check("clock", Verdict.OK, "here and there the same to the minute")


def _date(reply: Reply) -> datetime | None:
    try:
        moment = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _database(http: Http, wanted: str) -> Check:
    """Whether the database is among those that the server lists, where it lists them."""
    body = Body(b'{"jsonrpc": "2.0", "params": {}}')
    headers = {"Content-Type": "application/json"}
    try:
        reply = http.exchange("POST", "/web/database/list", Deadline.after(_PATIENCE_S), body=body, headers=headers)
        names = _names(reply)
    except OdooError:
        names = None
    if names is None:
        return Check("database", Verdict.UNKNOWN, "the server does not list its databases, as most do not")
    if wanted in names:
        return Check("database", Verdict.OK, wanted)
    if not names:
        return Check("database", Verdict.UNKNOWN, "the server lists no database to strangers")
    shown = ", ".join(sorted(names)[:10]) + (" ..." if len(names) > 10 else "")
    return Check(
        "database",
        Verdict.UNKNOWN,
        f"{wanted} is not among those that the server lists: {shown}",
        "if the login is refused, this is why: check the name, capital letters count",
    )


def _names(reply: Reply) -> list[str] | None:
    from oimkit.odoo.codec import parse_json

    if reply.status != 200 or not reply.is_json:
        return None
    told = parse_json(reply.body)
    result = told.get("result") if isinstance(told, dict) else None
    return [str(name) for name in result] if isinstance(result, list) else None
