"""Connect: find the settings, choose the transport, log in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oimkit.errors import AccessDenied, BadReply, InvalidCall, OdooError
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Wire
from oimkit.odoo.limiter import Limiter, polite_limiter
from oimkit.odoo.schema import Schema
from oimkit.odoo.secret import Secret
from oimkit.odoo.settings import Settings
from oimkit.odoo.transport import Deadline, Http, HttpLimits, Json2, JsonRpc, Transport, XmlRpc
from oimkit.odoo.transport.calls import Call

__all__ = ["connect"]

_LIMITS = HttpLimits()


def connect(
    url: str | None = None,
    *,
    database: str | None = None,
    user: str | None = None,
    secret: str | Secret | None = None,
    transport: str | Transport = "auto",
    profile: str | None = None,
    deadline_s: float = 120.0,
    limit_bytes: int = _LIMITS.reply_bytes,
    context: Mapping[str, Wire] | None = None,
    allow_plain_http: bool = False,
    ca_bundle: str | None = None,
    proxy: str | None = None,
    limiter: Limiter | None = None,
) -> Odoo:
    """Log in to a database; what is not given comes from ``OIMKIT_*`` or a profile (settings.py).

    Args:
        secret: a password or an API key; an account with a second factor needs a key.
        transport: ``auto`` (JSON-2 where the server has it and the secret is a key, else JSON-RPC, else XML-RPC),
            one of ``json2``, ``jsonrpc``, ``xmlrpc``, or a Transport that is already logged in.
        deadline_s: seconds that a call may take in all, unless it says otherwise.
        limit_bytes: size of a reply after decompression.
        context: sent with every call (``lang``, ``tz``, ``allowed_company_ids``).
        allow_plain_http: send the secret unencrypted to a host other than this machine.
        ca_bundle: file of the certificate authorities to trust instead of the usual ones.
        proxy: address of a proxy; the environment's proxies are not used.
        limiter: how fast this server may be asked; the default is polite to Odoo Online.

    Raises:
        ConfigurationError: settings are missing or a secret would travel unencrypted.
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
        carrier = _log_in(settings, http, Deadline.after(deadline_s))
        gap = limiter or (polite_limiter(http.url) if settings.gap_s is None else Limiter(settings.gap_s))
    else:
        carrier = transport
        gap = limiter or polite_limiter(carrier.url)
    return _client(carrier, gap, deadline_s, context or {})


def _client(carrier: Transport, limiter: Limiter, deadline_s: float, context: Mapping[str, Wire]) -> Odoo:
    version = carrier.version(Deadline.after(deadline_s))

    def ask(model: str, method: str, *, context: Mapping[str, Wire] | None = None, **arguments: Any) -> Wire:
        return plain._send(Call(model, method, None, arguments, context or {}), Deadline.after(deadline_s))

    schema = Schema(ask)
    plain = Odoo(carrier, version, schema, limiter, deadline_s)
    return plain.with_context(**context)


def _log_in(settings: Settings, http: Http, deadline: Deadline) -> Transport:
    """A transport that is logged in, the one asked for or the best that the server has."""
    database, user, secret = settings.database, settings.user, settings.secret
    match settings.transport:
        case "json2":
            return Json2.login(http, database, user, secret, deadline)
        case "jsonrpc":
            return JsonRpc.login(http, database, user, secret, deadline)
        case "xmlrpc":
            return XmlRpc.login(http, database, user, secret, deadline)
    return _best(settings, http, deadline)


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
