"""What surrounds the work: second factor and key, companies, language, currency, production, the rights to know it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oimkit.cli.doctor.check import Check, Verdict
from oimkit.errors import AccessRefused, InputError, OdooError, Refused
from oimkit.odoo import Odoo, Ref, Settings
from oimkit.odoo.api_keys import WARN_DAYS, expiring, list_keys
from oimkit.odoo.limiter import pace_of
from oimkit.odoo.production import Standing

__all__ = ["surroundings"]


def surroundings(odoo: Odoo, settings: Settings, now: datetime) -> Iterator[Check]:
    """Everything about the login that is not a right; *now* is aware."""
    plan = _plan(odoo)
    if plan is not None:
        yield plan
        return
    yield _transport(odoo)
    yield _factor(odoo, settings)
    yield _keys(odoo, now)
    yield _companies(odoo)
    yield _currency(odoo)
    yield _language(odoo)
    yield _production(odoo)


def _plan(odoo: Odoo) -> Check | None:
    """A user who may not read itself: on Odoo Online the sign of a plan without the external API."""
    try:
        odoo.call("res.users", "read", ids=[odoo.uid], fields=["login"])
    except AccessRefused as error:
        if pace_of(odoo.url) == "online":
            text = "every call is refused, as it is on a plan without the external API"
            return Check("plan", Verdict.MISSING, text, "take the plan Custom, or ask who runs the database")
        return Check("plan", Verdict.MISSING, f"the user may not even read itself: {error.reason}", error.advice)
    return None


def _transport(odoo: Odoo) -> Check:
    return Check("transport", Verdict.OK, f"{odoo.transport}, {odoo.limiter!r}")


def _factor(odoo: Odoo, settings: Settings) -> Check:
    """Whether the way in stays open: a password ends with the second factor, a key does not."""
    has_second = False
    if odoo.schema.has_field("res.users", "totp_enabled"):
        (row,) = odoo.read("res.users", [odoo.uid], ["totp_enabled"])
        has_second = bool(row["totp_enabled"])
    second = "with a second factor" if has_second else "without a second factor"
    if settings.secret.looks_like_key:
        return Check("way in", Verdict.OK, f"an API key, {second}")
    advice = "make an API key in the preferences, under Account Security; a second factor would shut the password out"
    return Check("way in", Verdict.OK, f"a password, {second}", advice)


def _keys(odoo: Odoo, now: datetime) -> Check:
    try:
        keys = list_keys(odoo)
    except Refused as error:
        return Check("API keys", Verdict.UNKNOWN, f"the server does not list them: {error.reason}")
    if not keys:
        return Check("API keys", Verdict.OK, "this user has none")
    soon = expiring(keys, now)
    if soon and soon[0].expires is not None:
        first = soon[0]
        when = f"the first (id {first.id}) on {first.expires:%Y-%m-%d}"
        text = f"{len(soon)} of {len(keys)} end within {WARN_DAYS} days, {when}"
        return Check(
            "API keys", Verdict.LOOK, text, "oimkit key show lists them, oimkit key rotate replaces the one in use"
        )
    ends = [key.expires for key in keys if key.expires is not None]
    until = f"the first ends on {min(ends):%Y-%m-%d}" if ends else "none has an end"
    return Check("API keys", Verdict.OK, f"{len(keys)}, {until}")


def _companies(odoo: Odoo) -> Check:
    (user,) = odoo.read("res.users", [odoo.uid], ["company_id", "company_ids"])
    current, every = user["company_id"], user["company_ids"]
    mine = [record.id if isinstance(record, Ref) else int(record) for record in every or ()]
    names = {row["id"]: row["name"] for row in odoo.search_read("res.company", [("id", "in", mine)], ["name"])}
    shown = ", ".join(f"{identity} ({names.get(identity, '?')})" for identity in sorted(mine))
    if odoo.company is not None:
        return Check("companies", Verdict.OK, f"works in {odoo.company.id}, belongs to {shown}")
    if len(mine) > 1:
        return Check(
            "companies",
            Verdict.LOOK,
            f"belongs to {shown}, and none is chosen: records of all are open, new ones get company {current.id}",
            "choose one: company = ... in the profile, or odoo.with_company(...)",
        )
    return Check("companies", Verdict.OK, f"belongs to {shown}")


def _currency(odoo: Odoo) -> Check:
    if odoo.company is None:
        (user,) = odoo.read("res.users", [odoo.uid], ["company_id"])
    company = odoo.company.id if odoo.company is not None else user["company_id"].id
    (row,) = odoo.read("res.company", [company], ["currency_id"])
    if row["currency_id"] is None:
        return Check("currency", Verdict.LOOK, f"company {company} has none", "give it one in Settings / Companies")
    active = odoo.search_read("res.currency", [("active", "=", True)], ["name"], order="id")
    names = ", ".join(str(one["name"]) for one in active)
    return Check("currency", Verdict.OK, f"{row['currency_id'].name} of company {company}; active: {names}")


def _language(odoo: Odoo) -> Check:
    (user,) = odoo.read("res.users", [odoo.uid], ["lang", "tz"])
    own, zone = str(user["lang"] or "en_US"), user["tz"] or "none, so UTC"
    wanted = str(odoo.context.get("lang") or own)
    try:
        odoo.with_language(wanted)
    except InputError as error:
        return Check("language", Verdict.MISSING, error.reason, error.advice)
    except OdooError as error:
        return Check("language", Verdict.UNKNOWN, error.reason)
    return Check("language", Verdict.OK, f"{wanted}, time zone {zone}")


def _production(odoo: Odoo) -> Check:
    verdict = odoo.guard.verdict(odoo)
    text = f"{verdict.standing.value}: {verdict.why}"
    if verdict.standing is Standing.PERHAPS:
        return Check("target", Verdict.LOOK, text, verdict.lift)
    if odoo.guard.uuid(odoo) is None:
        advice = (
            "this user may not read the database's UUID, so it is known by its address only; the profile may state it"
        )
        return Check("target", Verdict.OK, text, advice)
    return Check("target", Verdict.OK, text, verdict.lift)
