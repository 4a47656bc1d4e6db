"""The life of an API key: when it ends, a new one in its place, the old one revoked.

Two ways lead to a new key, and the server decides which it takes:

- *By key* (``res.users.apikeys.generate`` and ``revoke``): later builds of 19.0 and newer versions, for Settings
  administrators, or for everybody where ``base.enable_programmatic_api_keys`` is set; ten keys a user by default.
  Debian's build of 19.0 does not have it.
- *By password*: what a person does in the preferences. The server checks the account's password, then makes the key.
  Measured on 14 over JSON-RPC and XML-RPC, and on 19 over JSON-2 (its other protocols refuse it).

The server tells name, scope and dates of a user's keys, never which of them is in use: a key is known by being the
only one, or by its id. 14 tells no date of expiry and has none.

Everything that holds a key or a password is sent from here, and what fails is raised without the frames that held it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from oimkit.errors import (
    AccessDenied,
    BadReply,
    ConfigurationError,
    InputError,
    InvalidCall,
    InvalidRecord,
    NotSent,
    OdooError,
    OimkitError,
    OutcomeUnknown,
    Refused,
)
from oimkit.odoo.codec import Wire
from oimkit.odoo.secret import Secret

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["ApiKey", "Rotated", "Stage", "expiring", "list_keys", "revoke", "rotate"]

T = TypeVar("T")

KEYS, WISH, CHECK = "res.users.apikeys", "res.users.apikeys.description", "res.users.identitycheck"

WARN_DAYS = 14
"""A key that ends within so many days is worth a word."""

USUAL_DAYS = 90
"""How long a key lives unless said otherwise: what 19 allows users who are not administrators."""

_ENGLISH: Mapping[str, Wire] = {"lang": "en_US"}
"""The server's sentences are told apart by their English text."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of the user, as the server lists it; the key itself is told once, when it is made.

    expires  None for a key without an end, and on servers that have none (``has_end`` is False there)
    """

    id: int
    name: str
    scope: str | None
    created: datetime | None
    expires: datetime | None
    has_end: bool = True

    def __repr__(self) -> str:
        return f"<API key {self.id}, expires {self.expires or 'never'}>"


class Stage(StrEnum):
    """How far a rotation has come; at each of them one key that is known works.

    BEGUN     a new key may be there; the old one works
    MADE      the new key was made and tried; the old one works
    KEPT      the new key is where it is to be kept; both work
    DONE      only the new key works
    UNDONE    only the old key works, and no new one is left
    """

    BEGUN = "begun"
    MADE = "made"
    KEPT = "kept"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of a rotation.

    new      the new key's entry, when the server shows which it is
    revoked  True when the old key no longer works
    finding  what is left for a person to do, or ""
    """

    new: ApiKey | None
    revoked: bool
    finding: str = ""


def list_keys(odoo: Odoo) -> tuple[ApiKey, ...]:
    """The user's own keys, the oldest first; none on servers before 14, which have no keys."""
    if not odoo.schema.has_model(KEYS):
        return ()
    has_end = odoo.schema.has_field(KEYS, "expiration_date")
    fields = ["name", "scope", "create_date", *(["expiration_date"] if has_end else [])]
    rows = odoo.search_read(KEYS, [("user_id", "=", odoo.uid)], fields, order="id")
    return tuple(
        ApiKey(
            row["id"],
            str(row["name"] or ""),
            row["scope"],
            row["create_date"],
            row["expiration_date"] if has_end else None,
            has_end,
        )
        for row in rows
    )


def expiring(keys: tuple[ApiKey, ...], now: datetime, *, within_days: int = WARN_DAYS) -> tuple[ApiKey, ...]:
    """Those of *keys* that end within *within_days* of *now* (aware), the first to end first."""
    end = now + timedelta(days=within_days)
    soon = [(key.expires, key) for key in keys if key.expires is not None and key.expires <= end]
    return tuple(key for _, key in sorted(soon, key=lambda pair: (pair[0], pair[1].id)))


def rotate(
    odoo: Odoo,
    old: Secret,
    *,
    name: str,
    now: datetime,
    keep: Callable[[Secret], None],
    reconnect: Callable[[Secret], Odoo],
    password: Callable[[], Secret] | None = None,
    days: int = USUAL_DAYS,
    old_id: int | None = None,
    on_stage: Callable[[Stage, int | None], None] = lambda stage, key: None,
) -> Rotated:
    """Make a new key, try it, keep it, revoke the old one: in this order, so that a key that works is always known.

    Args:
        old: the secret of *odoo*: an API key, or the password where the user has no key yet.
        now: the present moment (aware), from which *days* are counted.
        keep: puts the new key where it will be looked for; when it raises, the new key is revoked.
        reconnect: logs in with the key given; used to try the new key and to see that the old one is dead.
        password: gives the account's password where the server wants it; None where nobody can be asked.
        old_id: which key *old* is, where the user has several and the server wants an id.
        on_stage: told how far it has come, with the new key's id where that is known.

    Raises:
        Refused: the server makes no key; nothing has changed.
        OutcomeUnknown: a key may have been made that nobody knows; the old one works.
        ConfigurationError: the server wants the account's password, and nobody can be asked.
    """
    if days < 1:
        raise InputError("a key lives for one day or more")
    odoo = replace(odoo, is_permitted=True)  # asked for by name: no second question on a production target
    before = list_keys(odoo)
    maker = _Maker(odoo, old, name, now + timedelta(days=days), password)
    on_stage(Stage.BEGUN, None)
    try:
        new = _made(maker, before)
    except (Refused, NotSent, InputError):  # nothing was made
        on_stage(Stage.UNDONE, None)
        raise
    entry = _newcomer(odoo, before, name)
    try:
        fresh = _tried(reconnect, new, odoo)
        on_stage(Stage.MADE, entry.id if entry else None)
        keep(new)
    except OimkitError as error:
        if _take_back(maker, new, entry, error):
            on_stage(Stage.UNDONE, None)
        raise
    on_stage(Stage.KEPT, entry.id if entry else None)
    maker = replace(maker, odoo=replace(fresh, is_permitted=True))
    finding = _retire(maker, old, before, old_id, reconnect)
    if not finding:
        on_stage(Stage.DONE, entry.id if entry else None)
    return Rotated(entry, not finding, finding)


def revoke(odoo: Odoo, key_id: int, password: Callable[[], Secret] | None = None) -> None:
    """Revoke the user's own key with this id, by password.

    Raises: InputError for a key that is not the user's; ConfigurationError and Refused as ``rotate``.
    """
    if key_id not in {key.id for key in list_keys(odoo)}:
        raise InputError(f"this user has no API key {key_id}", advice="oimkit key show lists them")
    _after_check(replace(odoo, is_permitted=True), KEYS, "remove", (key_id,), password)


@dataclass(frozen=True, slots=True)
class _Maker:
    """What making and revoking a key needs."""

    odoo: Odoo
    old: Secret
    name: str
    until: datetime
    password: Callable[[], Secret] | None

    @property
    def until_text(self) -> str:
        return self.until.strftime("%Y-%m-%d %H:%M:%S")


def _made(maker: _Maker, before: tuple[ApiKey, ...]) -> Secret:
    """The new key; by key where the server has that, else by password."""
    try:
        made = _by_key(maker, before) if maker.old.looks_like_key else None
        return made or _by_password(maker)
    except OutcomeUnknown as error:
        left = _newcomer(maker.odoo, before, maker.name)
        what = f"the key {left.id} was made and nobody has it" if left else "no new key is to be seen"
        reason, advice = error.reason, f"{what}; the old key works: revoke that one with `oimkit key revoke`, try again"
    raise OutcomeUnknown(f"the answer to the wish for a new key was lost: {reason}", advice=advice)


def _by_key(maker: _Maker, before: tuple[ApiKey, ...]) -> Secret | None:
    """A key made by ``generate``; None where the server has no such method."""
    scopes = {key.scope for key in before}
    scope = scopes.pop() if len(scopes) == 1 else "rpc"

    def send() -> Wire:
        return maker.odoo.call(
            KEYS,
            "generate",
            context=_ENGLISH,
            key=maker.old.reveal(),
            scope=scope or False,
            name=maker.name,
            expiration_date=maker.until_text,
        )

    try:
        told = _bare(send)
    except InvalidCall as error:
        if "method" in error.reason:
            return None
        raise
    except Refused as error:
        refusal = _said(error)
    else:
        return _secret(told)
    raise refusal


def _no_keys(odoo: Odoo) -> InvalidCall:
    if odoo.version.major < 14:
        return InvalidCall(f"Odoo {odoo.version} has no API keys", advice="they came with 14; use the password")
    return InvalidCall(
        "this server makes no API keys over RPC, and shows none",
        advice="the embedded Odoo is such a server; on a real one make the key in the preferences, Account Security",
    )


def _by_password(maker: _Maker) -> Secret:
    wish: dict[str, Wire] = {"name": maker.name}
    if maker.odoo.schema.has_field(WISH, "expiration_date"):
        wish["expiration_date"] = maker.until_text
        if maker.odoo.schema.has_field(WISH, "duration"):
            wish["duration"] = "-1"  # the date is given
    try:
        made = maker.odoo.call(WISH, "create", vals_list=[wish], context=_ENGLISH)
    except InvalidCall as error:
        if "model" in error.reason:
            raise _no_keys(maker.odoo) from None
        raise
    except Refused as error:
        raise _said(error) from None
    told = _after_check(maker.odoo, WISH, "make_key", tuple(made) if isinstance(made, list) else (), maker.password)
    found = _default_key(told)
    if found is None:
        raise OutcomeUnknown("the server made a key and did not show it")
    return found


def _after_check(
    odoo: Odoo, model: str, method: str, ids: tuple[int, ...], password: Callable[[], Secret] | None
) -> Wire:
    """What *method* returns once the server has checked who asks; it does not ask twice within ten minutes."""
    try:
        first = _bare(lambda: odoo.call(model, method, ids=ids, context=_ENGLISH))
    except Refused as error:
        refusal: OimkitError = _said(error)
    else:
        if not isinstance(first, dict) or first.get("res_model") != CHECK:
            return first
        if password is None:
            raise ConfigurationError(
                "the server wants the account's password before it makes or removes a key, and nobody can be asked",
                advice="run the command on a terminal, or do it in the preferences under Account Security",
            )
        return _checked(odoo, int(first["res_id"]), password())
    raise refusal


def _checked(odoo: Odoo, wizard: int, password: Secret) -> Wire:
    stored = odoo.schema.has_field(CHECK, "password") and odoo.schema.field(CHECK, "password").stored

    def send() -> Wire:
        if stored:
            odoo.call(CHECK, "write", ids=[wizard], vals={"password": password.reveal()})
            return odoo.call(CHECK, "run_check", ids=[wizard], context=_ENGLISH)
        return odoo.call(CHECK, "run_check", ids=[wizard], context={**_ENGLISH, "password": password.reveal()})

    try:
        return _bare(send)
    except Refused as error:
        refusal = _said(error)
    if stored:  # a refused password must not stay in the server's table
        odoo.call(CHECK, "write", ids=[wizard], vals={"password": False})
    raise refusal


def _tried(reconnect: Callable[[Secret], Odoo], new: Secret, odoo: Odoo) -> Odoo:
    """A connection by the new key; BadReply when it is another user's."""
    fresh = reconnect(new)
    if fresh.uid != odoo.uid:
        raise BadReply("the new key belongs to another user", advice="report it: this must not happen")
    return fresh


def _take_back(maker: _Maker, new: Secret, entry: ApiKey | None, error: OimkitError) -> bool:
    """Revoke the new key that cannot be used, True when that was done; the advice of *error* tells either way."""
    number = f" {entry.id}" if entry else ""
    try:
        if not _revoked_by_key(maker.odoo, new):
            if entry is None:
                raise InputError("its id is not known")
            _after_check(maker.odoo, KEYS, "remove", (entry.id,), maker.password)
    except OimkitError:
        told, is_gone = f"the old key works; the new key{number} could not be revoked: oimkit key revoke{number}", False
    else:
        told, is_gone = "the old key works, the new one was revoked again", True
    error.advice = f"{error.advice}; {told}" if error.advice else told
    return is_gone


def _retire(
    maker: _Maker,
    old: Secret,
    before: tuple[ApiKey, ...],
    old_id: int | None,
    reconnect: Callable[[Secret], Odoo],
) -> str:
    """Revoke the old key, and see that it is dead; what is left for a person to do, or ""."""
    if not old.looks_like_key:
        return "the login was by password until now, so there is no old key to revoke"
    only = before[0].id if len(before) == 1 else None
    which = old_id or only
    try:
        if not _revoked_by_key(maker.odoo, old):
            if which is None:
                ids = ", ".join(str(key.id) for key in before)
                return (
                    f"the new key works and is kept; which of the keys {ids} the old one is, the server does not tell: "
                    "oimkit key revoke ID"
                )
            _after_check(maker.odoo, KEYS, "remove", (which,), maker.password)
    except (OdooError, ConfigurationError) as error:
        return (
            f"the new key works and is kept; the old one{f' {which}' if which else ''} was not revoked "
            f"({error.reason}): oimkit key revoke {which or 'ID'}"
        )
    if _is_alive(reconnect, old):
        return "the new key works and is kept; the old one works too, so another key was revoked: oimkit key show"
    return ""


def _is_alive(reconnect: Callable[[Secret], Odoo], old: Secret) -> bool:
    try:
        reconnect(old)
    except AccessDenied:
        return False
    return True


def _revoked_by_key(odoo: Odoo, key: Secret) -> bool:
    """Revoke *key* by itself; False where the server has no such method."""
    try:
        _bare(lambda: odoo.call(KEYS, "revoke", context=_ENGLISH, key=key.reveal()))
    except InvalidCall as error:
        if "method" in error.reason:
            return False
        raise
    except Refused as error:
        refusal = _said(error)
    else:
        return True
    raise refusal


def _newcomer(odoo: Odoo, before: tuple[ApiKey, ...], name: str) -> ApiKey | None:
    """The key that is there now and was not before; None when that is not exactly one."""
    known = {key.id for key in before}
    new = [key for key in list_keys(odoo) if key.id not in known and key.name == name]
    return new[0] if len(new) == 1 else None


def _default_key(action: Wire) -> Secret | None:
    """The key in the action that shows it to a person."""
    context = action.get("context") if isinstance(action, dict) else None
    return _secret(context.get("default_key")) if isinstance(context, dict) else None


def _secret(told: Wire) -> Secret | None:
    return Secret(told) if isinstance(told, str) and told else None


def _bare(send: Callable[[], T]) -> T:
    """What *send* returns; its error without the frames, because they hold what was sent."""
    try:
        return send()
    except OimkitError as error:
        failure = error
    failure.__traceback__ = failure.__cause__ = failure.__context__ = None
    raise failure


_SENTENCES: tuple[tuple[str, str, str], ...] = (
    (
        "Programmatic API keys are not enabled",
        "the server lets only Settings administrators make and revoke keys by program",
        "ask one to set the parameter base.enable_programmatic_api_keys, or make the key in the preferences",
    ),
    (
        "API keys is reached",
        "the user has as many API keys as the server allows programs to make",
        "revoke those that nobody uses: oimkit key show, oimkit key revoke ID",
    ),
    (
        "You cannot exceed",
        "the server does not let this user have a key that lives so long",
        "ask for fewer days with --days; 90 is the usual limit, only Settings administrators may go beyond",
    ),
    ("must have an expiration date", "the server wants a date of expiry", "say for how many days with --days"),
    ("in the past", "the date of expiry is past already", "check the clocks here and on the server"),
    (
        "Incorrect Password",
        "the server did not take the account's password",
        "type the password of the login page, not the API key; with single sign-on there may be none",
    ),
    (
        "only be accessed over HTTP",
        "the server makes and removes keys only in a request of its own kind",
        "connect with transport json2 (19 and later), or do it in the preferences under Account Security",
    ),
    ("Only internal users", "only internal users can have API keys", "ask an administrator for another user"),
)
"""A part of the server's English text, what it means, and what to do."""


def _said(error: Refused) -> Refused:
    """*error* in words that say what to do, where its text is one that is known."""
    for part, reason, advice in _SENTENCES:
        if part in error.reason:
            return InvalidRecord(reason, server_class=error.server_class, advice=advice)
    if isinstance(error, AccessDenied):
        return AccessDenied(
            "the server did not take the account's password, or the key that was to be replaced",
            server_class=error.server_class,
            advice="type the password of the login page, not the API key",
        )
    return error
