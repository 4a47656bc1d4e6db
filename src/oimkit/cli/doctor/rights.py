"""What this user may do in each part of oimkit, by model and operation; with the group that would allow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oimkit.cli.doctor.check import Check, Verdict
from oimkit.errors import AccessRefused, InputError, InvalidCall
from oimkit.odoo import Odoo, Ref
from oimkit.odoo.billing import preflight

__all__ = ["rights"]


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


def rights(odoo: Odoo) -> Iterator[Check]:
    """What this user may do in each part of oimkit, and whether the bank journals can be worked with."""
    for area in _AREAS:
        yield _area_check(odoo, area)
    yield _billing_check(odoo)
    yield from _journal_checks(odoo)


def _area_check(odoo: Odoo, area: _Area) -> Check:
    absent = sorted({model for model, _ in area.needs if not odoo.schema.has_model(model)})
    if absent:
        return Check(
            area.name,
            Verdict.MISSING,
            f"there is no {', '.join(absent)} here",
            f"install the app {area.module} (Apps in the menu; an administrator can), if this part is wanted",
        )
    answers = [(model, operation, _may(odoo, model, operation)) for model, operation in area.needs]
    refused = [(model, operation) for model, operation, may in answers if may is False]
    if refused:
        hardest = max(refused, key=lambda pair: ("read", "write", "create").index(pair[1]))
        told = _groups(odoo, *hardest)
        return Check(
            area.name,
            Verdict.MISSING,
            f"this user may not {', '.join(f'{operation} {model}' for model, operation in refused)}",
            f"an administrator gives it in Settings / Users: {area.right}"
            + (f" (this server allows it to: {told})" if told else ""),
        )
    if any(may is None for _, _, may in answers):
        return Check(area.name, Verdict.UNKNOWN, "the server does not tell what this user may do")
    return Check(area.name, Verdict.OK, ", ".join(sorted({model for model, _ in area.needs})))


def _groups(odoo: Odoo, model: str, operation: str) -> str:
    """The groups that allow *operation*, by the names that this server shows; "" where it does not tell."""
    try:
        odoo.call(model, "check_access_rights", operation=operation, raise_exception=True)
    except AccessRefused as error:
        _, found, groups = error.advice.partition("one of these groups: ")
        return groups if found else ""
    except InvalidCall:
        pass  # later versions have no such question
    return ""


def _billing_check(odoo: Odoo) -> Check:
    """What access rights do not tell: a record rule may hide the hours, and a module may be missing."""
    try:
        frame = preflight(odoo)
    except (AccessRefused, InvalidCall, InputError) as error:
        return Check("billing of hours", Verdict.MISSING, error.reason, error.advice)
    digits = f"quantities with {frame.printing.quantity_digits} decimals, prices with {frame.printing.price_digits}"
    return Check("billing of hours", Verdict.OK, f"in {frame.currency}, {digits}")


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
