"""``oimkit doctor``: what the server is, what it allows this user, and what is missing, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import click

from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call
from oimkit.cli.connection import open_connection, open_journal
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.errors import AccessRefused, InputError, InvalidCall, JournalHeld
from oimkit.odoo import Odoo, Ref
from oimkit.odoo.billing import preflight

__all__ = ["Check", "Verdict", "checks", "command"]


class Verdict(StrEnum):
    """What a check found; ``unknown`` is neither good nor bad: the server does not tell."""

    OK = "ok"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what it is, what was found, and what to do when it is not there."""

    name: str
    verdict: Verdict
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Area:
    """A part of oimkit, the models it needs with the operations on them, and who can help when a right is missing."""

    name: str
    needs: tuple[tuple[str, str], ...]
    module: str
    right: str


_AREAS = (
    _Area("leads", (("crm.lead", "read"), ("crm.lead", "write"), ("crm.lost.reason", "read")), "CRM", "Sales / User"),
    _Area(
        "worked time",
        (("account.analytic.line", "read"), ("account.analytic.line", "write"), ("project.project", "read")),
        "Timesheets",
        "Timesheets / User: all timesheets",
    ),
    _Area(
        "invoices",
        (("account.move", "read"), ("account.move", "create"), ("account.move.line", "read")),
        "Invoicing",
        "Invoicing / Billing",
    ),
    _Area(
        "bank statements",
        (
            ("account.bank.statement.line", "read"),
            ("account.bank.statement.line", "create"),
            ("account.journal", "read"),
        ),
        "Invoicing",
        "Show Full Accounting Features (from 18 on: Basic)",
    ),
)


@click.command("doctor")
@journal_option
@connection_options
@common_options
@with_call
def command(call: Call, output: Output) -> Exit:
    """Tell what the server is, what it allows this user, and what is missing; nothing is changed there."""
    odoo = open_connection(call)
    found = [*checks(odoo), _journal_check(call, odoo)]
    for check in found:
        if call.json:
            row = {"check": check.name, "verdict": check.verdict.value, "text": check.text}
            output.record({**row, "advice": check.advice or None})
    if not call.json:
        rows = [(check.name, check.verdict.value, check.text, check.advice) for check in found]
        output.table(("check", "verdict", "found", "what to do"), rows)
    return Exit.FINDINGS if any(check.verdict is Verdict.MISSING for check in found) else Exit.DONE


def checks(odoo: Odoo) -> Iterator[Check]:
    """Everything that is looked at on the server, in the order in which a person would ask."""
    edition = odoo.version.edition or "community, or not told"
    yield Check("server", Verdict.OK, f"Odoo {odoo.version} ({edition}) at {odoo.url}")
    yield Check("login", Verdict.OK, f"database {odoo.database}, user id {odoo.uid}")
    yield _transport_check(odoo)
    for area in _AREAS:
        yield _area_check(odoo, area)
    yield _billing_check(odoo)
    yield from _journal_checks(odoo)


def _transport_check(odoo: Odoo) -> Check:
    if odoo.transport == "xmlrpc":
        return Check("transport", Verdict.OK, "xmlrpc", "jsonrpc is faster where a proxy lets it through")
    if odoo.transport == "jsonrpc" and odoo.version.major >= 19:
        return Check("transport", Verdict.OK, "jsonrpc", "with an API key as secret, json2 is taken, which will stay")
    return Check("transport", Verdict.OK, odoo.transport)


def _area_check(odoo: Odoo, area: _Area) -> Check:
    absent = sorted({model for model, _ in area.needs if not _is_there(odoo, model)})
    if absent:
        return Check(
            area.name,
            Verdict.MISSING,
            f"this user does not see {', '.join(absent)}",
            f"install {area.module}, or give the user a right to it",
        )
    answers = [(model, operation, _may(odoo, model, operation)) for model, operation in area.needs]
    refused = [f"{operation} {model}" for model, operation, may in answers if may is False]
    if refused:
        return Check(
            area.name,
            Verdict.MISSING,
            f"this user may not {', '.join(refused)}",
            f"give the user the right {area.right}",
        )
    if any(may is None for _, _, may in answers):
        return Check(area.name, Verdict.UNKNOWN, "the server does not tell what this user may do")
    return Check(area.name, Verdict.OK, ", ".join(sorted({model for model, _ in area.needs})))


def _billing_check(odoo: Odoo) -> Check:
    """What access rights do not tell: a record rule may hide the hours, and a module may be missing."""
    try:
        frame = preflight(odoo)
    except (AccessRefused, InvalidCall, InputError) as error:
        return Check("billing of hours", Verdict.MISSING, error.reason, error.advice)
    digits = f"quantities with {frame.printing.quantity_digits} decimals, prices with {frame.printing.price_digits}"
    return Check("billing of hours", Verdict.OK, f"in {frame.currency}, {digits}")


def _is_there(odoo: Odoo, model: str) -> bool:
    return odoo.schema.has_model(model)


def _may(odoo: Odoo, model: str, operation: str) -> bool | None:
    """Whether the user may do *operation* on *model*; None where the server has no way to ask."""
    try:
        return bool(odoo.call(model, "has_access", ids=[], operation=operation))
    except AccessRefused:
        return False
    except InvalidCall:
        pass  # before 18 the question had another name
    try:
        return bool(odoo.call(model, "check_access_rights", operation=operation, raise_exception=False))
    except AccessRefused:
        return False
    except InvalidCall:
        return None


def _journal_checks(odoo: Odoo) -> Iterator[Check]:
    """One check a bank journal: it needs an account number to be found by, and a suspense account to settle from."""
    if not odoo.schema.has_model("account.journal"):
        return
    wanted = ["code", "bank_account_id", "suspense_account_id", "currency_id"]
    known = [name for name in wanted if odoo.schema.has_field("account.journal", name)]
    try:
        journals = odoo.search_read("account.journal", [("type", "=", "bank")], known, order="id")
    except AccessRefused:
        return
    if not journals:
        yield Check(
            "bank journals", Verdict.MISSING, "there is none", "open one in Accounting / Configuration / Journals"
        )
    for journal in journals:
        name = f"bank journal {journal['code']}"
        currency = journal.get("currency_id")
        shown = currency.name if isinstance(currency, Ref) and currency.name else "the company's currency"
        if "suspense_account_id" in known and journal["suspense_account_id"] is None:
            yield Check(
                name, Verdict.MISSING, "it has no suspense account", "give it one, nothing can be settled without"
            )
        elif "bank_account_id" in known and journal["bank_account_id"] is None:
            advice = f"write the account number on it, or import with --journal {journal['code']}"
            yield Check(name, Verdict.OK, f"in {shown}, no account number", advice)
        else:
            yield Check(name, Verdict.OK, f"in {shown}")


def _journal_check(call: Call, odoo: Odoo) -> Check:
    """The journal on this machine: free, and nothing begun in it waits to be finished."""
    try:
        with open_journal(call, odoo) as journal:
            waiting = len(journal.open_runs())
    except JournalHeld as error:
        return Check("journal here", Verdict.MISSING, error.reason, error.advice)
    if waiting:
        return Check(
            "journal here", Verdict.MISSING, f"{waiting} runs were begun and not finished", "type: oimkit resume"
        )
    return Check("journal here", Verdict.OK, "free, nothing is waiting")
