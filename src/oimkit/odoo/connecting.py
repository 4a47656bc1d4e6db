"""Connect: find the settings, choose the transport, log in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oimkit.errors import AccessDenied, BadReply, InvalidCall, OdooError
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Wire
from oimkit.odoo.faults import Throttled, refused_login
from oimkit.odoo.limiter import Limiter, pace_of, polite_limiter
from oimkit.odoo.production import Confirm, ProductionGuard, Targets
from oimkit.odoo.schema import Schema
from oimkit.odoo.secret import Secret
from oimkit.odoo.settings import Settings
from oimkit.odoo.transport import Deadline, Http, HttpLimits, Json2, JsonRpc, Transport, XmlRpc
from oimkit.odoo.transport.calls import Call

__all__ = ["connect"]

_LIMITS = HttpLimits()

_DEADLINE_S = 120.0

_TRIES = 3
"""Times a login is tried when the server turns it away and says when to come again."""


def connect(
    url: str | None = None,
    *,
    database: str | None = None,
    user: str | None = None,
    secret: str | Secret | None = None,
    transport: str | Transport = "auto",
    profile: str | None = None,
    deadline_s: float | None = None,
    limit_bytes: int = _LIMITS.reply_bytes,
    context: Mapping[str, Wire] | None = None,
    allow_plain_http: bool = False,
    ca_bundle: str | None = None,
    proxy: str | None = None,
    limiter: Limiter | None = None,
    production: bool | None = None,
    confirm: Confirm | None = None,
    company: int | str | None = None,
    language: str | None = None,
) -> Odoo:
    """Log in to a database; what is not given comes from ``OIMKIT_*`` or a profile (settings.py).

    Args:
        secret: a password or an API key; an account with a second factor needs a key.
        transport: ``auto`` (JSON-2 where the server has it and the secret is a key, else JSON-RPC, else XML-RPC),
            one of ``json2``, ``jsonrpc``, ``xmlrpc``, or a Transport that is already logged in.
        deadline_s: seconds that a call may take in all, unless it says otherwise; 120 by default.
        limit_bytes: size of a reply after decompression.
        context: sent with every call (``lang``, ``tz``, ``allowed_company_ids``).
        allow_plain_http: send the secret unencrypted to a host other than this machine.
        ca_bundle: file of the certificate authorities to trust instead of the usual ones.
        proxy: address of a proxy; the environment's proxies are not used.
        limiter: how fast this server may be asked; the default goes by the server's kind (limiter.py).
        production: whether what changes something needs a yes; True is remembered, False does not lift what is.
        confirm: asked before something is changed on a production target (production.py); it gets a Question.
        company: the company to work in, by id or exact name; see ``Odoo.with_company``.
        language: of translated texts, ``de_DE``; see ``Odoo.with_language``.

    Raises:
        ConfigurationError: settings are missing, a secret would travel unencrypted, or the database is not the one
            whose UUID the profile states.
        InputError: the user does not belong to the company, or the language is not installed.
        AccessDenied: database, user or secret are wrong.
        NotSent, BadReply: no server, or no Odoo, at this address.
    """
    secret = Secret(secret) if isinstance(secret, str) else secret  # from here on no local value shows it
    if isinstance(transport, str):
        settings = Settings.find(
            url=url, database=database, user=user, secret=secret, transport=transport, profile=profile
        )
        http = Http(
            settings.url,
            limits=HttpLimits(reply_bytes=limit_bytes),
            allow_plain_http=allow_plain_http or settings.allow_plain_http,
            ca_bundle=ca_bundle or settings.ca_bundle,
            proxy=proxy or settings.proxy,
        )
        limit_s = deadline_s or settings.deadline_s or _DEADLINE_S
        gap = limiter or _limiter(settings, http.url)
        deadline = Deadline.after(limit_s)
        carrier = _patiently(lambda: _log_in(settings, http, deadline), gap, deadline)
        guard = _guard(settings, production, confirm)
        company, language = company if company is not None else settings.company, language or settings.language
    else:
        carrier = transport
        gap = limiter or polite_limiter(carrier.url)
        limit_s = deadline_s or _DEADLINE_S
        guard = ProductionGuard(marked=production, lasting=production, confirm=confirm, targets=Targets.default())
    odoo = _client(carrier, gap, limit_s, context or {}, guard)
    guard.begin(odoo)
    odoo = odoo if language is None else odoo.with_language(language)
    return odoo if company is None else odoo.with_company(company)


def _patiently(log_in: Callable[[], Transport], limiter: Limiter, deadline: Deadline) -> Transport:
    """What *log_in* returns, again after the quiet that the server asks for when it turns the login away."""
    for _ in range(_TRIES - 1):
        with limiter.turn(deadline):
            try:
                return log_in()
            except Throttled as error:
                if error.retry_after_s is None:
                    raise
                limiter.hold(error.retry_after_s)
    with limiter.turn(deadline):
        return log_in()


def _limiter(settings: Settings, url: str) -> Limiter:
    """The limiter for this kind of server, with what the profile says otherwise."""
    usual = Limiter.named(settings.limiter or pace_of(url))
    if settings.gap_s is None and settings.at_once is None:
        return usual
    gap_s = usual.gap_s if settings.gap_s is None else settings.gap_s
    return Limiter(gap_s, at_once=settings.at_once or usual.at_once)


def _guard(settings: Settings, production: bool | None, confirm: Confirm | None) -> ProductionGuard:
    """Production when anybody says so; else not when anybody says that; else nobody has said anything."""
    if settings.production is None or (production and not settings.production):
        marked, by = production, "the caller"
    else:
        marked, by = settings.production, settings.production_by
    said = (production, settings.declared)
    return ProductionGuard(
        marked=marked,
        by=by,
        lasting=True if True in said else False if False in said else None,
        confirm=confirm,
        targets=Targets.default(),
        uuid=settings.uuid,
    )


def _client(
    carrier: Transport, limiter: Limiter, deadline_s: float, context: Mapping[str, Wire], guard: ProductionGuard
) -> Odoo:
    version = carrier.version(Deadline.after(deadline_s))

    def ask(model: str, method: str, *, context: Mapping[str, Wire] | None = None, **arguments: Any) -> Wire:
        return plain._send(Call(model, method, None, arguments, context or {}), Deadline.after(deadline_s))

    schema = Schema(ask)
    plain = Odoo(carrier, version, schema, limiter, deadline_s, guard=guard)
    return plain.with_context(**context)


def _log_in(settings: Settings, http: Http, deadline: Deadline) -> Transport:
    """A transport that is logged in, the one asked for or the best that the server has."""
    database, user, secret = settings.database, settings.user, settings.secret
    match settings.transport:
        case "json2":
            return _by_json2(settings, http, deadline)
        case "jsonrpc":
            return JsonRpc.login(http, database, user, secret, deadline)
        case "xmlrpc":
            return XmlRpc.login(http, database, user, secret, deadline)
    return _best(settings, http, deadline)


def _by_json2(settings: Settings, http: Http, deadline: Deadline) -> Transport:
    """JSON-2, which was asked for by name; a password for it is told as such, not as a wrong one."""
    try:
        return Json2.login(http, settings.database, settings.user, settings.secret, deadline)
    except AccessDenied as error:
        if settings.secret.looks_like_key or error.reason != refused_login().reason:
            raise
    raise AccessDenied(
        "login refused: JSON-2 takes an API key, and this secret looks like a password",
        advice="make an API key in the user's preferences, under Account Security, or leave transport at auto",
    )


def _best(settings: Settings, http: Http, deadline: Deadline) -> Transport:
    database, user, secret = settings.database, settings.user, settings.secret
    if secret.looks_like_key and database.isascii() and Json2.is_served(http, deadline):
        try:
            return Json2.login(http, database, user, secret, deadline)
        except (AccessDenied, InvalidCall):
            pass  # 40 hexadecimal digits may be a password: the other services will say
    try:
        return JsonRpc.login(http, database, user, secret, deadline)
    except BadReply as error:
        no_json: OdooError = error
    try:
        return XmlRpc.login(http, database, user, secret, deadline)
    except BadReply:
        raise no_json from None
