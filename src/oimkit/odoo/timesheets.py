"""Worked time as Odoo keeps it: what the user may see of it, and entries as exact seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from oimkit.billing import Names, Printing, Snap, TaxMethod, WorkedTime, seconds_of_hours
from oimkit.billing.exact import round_ratio
from oimkit.errors import AccessRefused, InputError, InvalidCall
from oimkit.money import Currency, Rounding
from oimkit.odoo.codec import Record, Ref, Wire
from oimkit.odoo.field_map import has, name_of
from oimkit.odoo.keys import ExternalId, find

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Preflight", "Recorded", "preflight", "read_entries", "read_worked_time", "unread_time"]

LINE = "account.analytic.line"

LINK = "timesheet_invoice_id"
"""The invoice that bills an entry; module sale_timesheet. Read-only on the screen, writable over RPC."""

_HOUR = ExternalId("uom", "product_uom_hour")

_UNROUNDED_PRICE_DIGITS = 6
"""From 19 on a line's price is stored as it is sent (fields_get tells no digits); six are more than any rate has."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What the server and the user's rights say before anything is billed.

    printing  precision with which this server stores and prints invoice lines
    company   the user's company: entries and invoices are its
    currency  the company's currency, with its database id
    """

    printing: Printing
    company: int
    currency: Currency
    currency_id: int


def preflight(odoo: Odoo, *, currency: Currency | None = None) -> Preflight:
    """Make sure that billing can work here, and read what the server prints.

    Without these checks a user without timesheet rights is told that there is nothing to bill: a record rule
    hides every entry from who has accounting rights only, without an error.

    Args:
        currency: of the invoices, whose rounding the printing then has; None for the company's.

    Raises:
        InputError: the currency is not active in this database.
        InvalidCall: the modules that link timesheets to invoices are not installed.
        AccessRefused: a right is missing; the sentence names it.
    """
    if not (odoo.schema.has_model("account.move") and odoo.schema.has_model(LINE)):
        _require_rights(odoo)
    if not odoo.schema.has_field(LINE, LINK) or not odoo.schema.has_field("account.move", "timesheet_ids"):
        raise InvalidCall(
            "this database does not link timesheets to invoices",
            advice="install the module Sales Timesheet (sale_timesheet)",
        )
    _require_rights(odoo)
    company = _company(odoo)
    own = company["currency_id"]
    printed = own.id if currency is None or currency.code == own.name else currency_id(odoo, currency)
    (row,) = odoo.read("res.currency", [printed], ["rounding"])
    price, quantity = (odoo.schema.field("account.move.line", name).decimals for name in ("price_unit", "quantity"))
    return Preflight(
        printing=Printing(
            quantity_digits=_precision(odoo, "Product Unit of Measure") if quantity is None else quantity,
            price_digits=_UNROUNDED_PRICE_DIGITS if price is None else price,
            currency_rounding=row["rounding"],
            tax_method=TaxMethod(company["tax_calculation_rounding_method"] or TaxMethod.PER_LINE),
        ),
        company=company["id"],
        currency=Currency(own.name),
        currency_id=own.id,
    )


def currency_id(odoo: Odoo, currency: Currency) -> int:
    """The id of *currency*; InputError when it is not active in this database."""
    found = odoo.search("res.currency", [["name", "=", currency.code]])
    if len(found) != 1:
        raise InputError(f"the currency {currency} is not active in this database", advice="activate it in Accounting")
    return found[0]


def read_worked_time(odoo: Odoo, *, start: date, end: date, snap: Snap = Snap.SECOND) -> tuple[WorkedTime, ...]:
    """Entries of the user's company, of *start* to *end*, both days included, that no living invoice covers.

    By day and id. An entry is free when it is linked to no invoice or to a cancelled one. Not read, and counted by
    ``unread_time``: entries that belong to a line of a sales order, which that order bills, and entries of other
    companies, because invoices are made in the user's own. The customer is the commercial partner of the task, else
    of the project. Ask ``preflight`` first: without the right to see timesheets the result is empty, and no error.

    Args:
        snap: how hours stored with two decimals are read; the rule set declares it.

    Raises:
        InputError: an entry is recorded in a unit that is no unit of time.
        MissingRecord: an entry was deleted while it was read.
    """
    domain: list[Wire] = [*_of_days(start, end), *_FREE, ["company_id", "=", _company_id(odoo)]]
    if odoo.schema.has_field(LINE, "so_line"):
        domain.append(["so_line", "=", False])
    ids = odoo.search(LINE, domain, order="date, id")
    return tuple(recorded.time for recorded in read_entries(odoo, ids, snap=snap))


def unread_time(odoo: Odoo, *, start: date, end: date) -> tuple[str, ...]:
    """Unbilled entries that ``read_worked_time`` does not return, in sentences with counts; none for nothing."""
    findings = []
    company = _company_id(odoo)
    free: list[Wire] = [*_FREE, ["company_id", "=", company]]
    late = odoo.count(LINE, [["project_id", "!=", False], ["date", "<", start.isoformat()], *free, *_no_order(odoo)])
    if late:
        findings.append(f"{late} unbilled entries lie before {start}: bill them with an earlier first day")
    if odoo.schema.has_field(LINE, "so_line"):
        ordered = odoo.count(LINE, [*_of_days(start, end), *free, ["so_line", "!=", False]])
        if ordered:
            findings.append(f"{ordered} unbilled entries belong to sales orders: invoice them from the order")
    others = odoo.count(LINE, [*_of_days(start, end), *_FREE, ["company_id", "!=", company], *_no_order(odoo)])
    if others:
        findings.append(f"{others} unbilled entries belong to other companies: bill them as a user of that company")
    return tuple(findings)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it is now, and the invoice it is linked to, if any."""

    time: WorkedTime
    invoice: int | None


def read_entries(odoo: Odoo, ids: Sequence[int], *, snap: Snap) -> tuple[Recorded, ...]:
    """The entries with these ids, in this order; MissingRecord when one was deleted or is hidden."""
    if not ids:
        return ()
    rows = odoo.read(LINE, ids, list(_FIELDS))
    customers = _customers(odoo, rows)
    units = _unit_seconds(odoo, {row["product_uom_id"].id for row in rows if row["product_uom_id"]})
    return tuple(Recorded(_worked(row, customers, units, snap), _id(row[LINK])) for row in rows)


_FIELDS = ("date", "name", "unit_amount", "product_uom_id", "employee_id", "project_id", "task_id", "write_date", LINK)

_FREE: tuple[Wire, ...] = ("|", [LINK, "=", False], [f"{LINK}.state", "=", "cancel"])


def _of_days(start: date, end: date) -> list[Wire]:
    return [["project_id", "!=", False], ["date", ">=", start.isoformat()], ["date", "<=", end.isoformat()]]


def _no_order(odoo: Odoo) -> list[Wire]:
    return [["so_line", "=", False]] if odoo.schema.has_field(LINE, "so_line") else []


def _worked(row: Record, customers: _Customers, units: Mapping[int, Fraction], snap: Snap) -> WorkedTime:
    customer = customers.of(row)
    unit = _id(row["product_uom_id"])
    return WorkedTime(
        id=row["id"],
        date=row["date"],
        seconds=_seconds(row, None if unit is None else units.get(unit), snap),
        customer=_id(customer),
        project=_id(row["project_id"]),
        task=_id(row["task_id"]),
        employee=_id(row["employee_id"]),
        description=row["name"],
        recorded=f"{row['unit_amount'].normalize():f} of unit {unit}",
        write_date=row["write_date"],
        names=Names(_name(customer), *(_name(row[field]) for field in ("project_id", "task_id", "employee_id"))),
    )


def _seconds(row: Record, unit_s: Fraction | None, snap: Snap) -> int:
    """Seconds of an entry in its own unit; an entry without a unit is in hours."""
    if row["product_uom_id"] is None or unit_s == 3600:
        return seconds_of_hours(row["unit_amount"], snap=snap)
    if unit_s is None:
        raise InputError(
            f"entry {row['id']} is recorded in unit {row['product_uom_id'].id}, which is no unit of time",
            advice="record it in hours",
        )
    return int(round_ratio(Fraction(row["unit_amount"]) * unit_s, Decimal(1), Rounding.HALF_UP))


def _id(ref: Ref | None) -> int | None:
    return None if ref is None else ref.id


def _name(ref: Ref | None) -> str | None:
    return None if ref is None else ref.name


# -- rights and precision ----------------------------------------------------------------------------------------


def _require_rights(odoo: Odoo) -> None:
    """Refuse with the one right that is missing; administrators grant it in the user's form."""
    if not _may(odoo, "account.move", "create"):
        raise AccessRefused(
            "this user may not create invoices",
            advice="give it the right Invoicing: Billing (account.group_account_invoice)",
        )
    if not _has_group(odoo, "hr_timesheet.group_hr_timesheet_approver"):
        raise AccessRefused(
            "this user does not see the timesheets of others, so nothing would seem to be left to bill",
            advice="give it the right Timesheets: all timesheets (hr_timesheet.group_hr_timesheet_approver)",
        )


def _may(odoo: Odoo, model: str, operation: str) -> bool:
    try:
        return bool(odoo.call(model, "check_access_rights", operation=operation, raise_exception=False))
    except InvalidCall:  # gone after 19; its successor is asked on an empty record set
        return bool(odoo.call(model, "has_access", ids=[], operation=operation))


def _has_group(odoo: Odoo, group: str) -> bool:
    """Whether the user is in *group*: a method of the model until 17, of the user's record from 18."""
    ids = [odoo.uid] if odoo.version.major >= 18 else None
    return bool(odoo.call("res.users", "has_group", ids=ids, group_ext_id=group))


def _company_id(odoo: Odoo) -> int:
    """The company in which the server makes this user's invoices."""
    (user,) = odoo.read("res.users", [odoo.uid], ["company_id"])
    company: Ref = user["company_id"]
    return company.id


def _company(odoo: Odoo) -> Record:
    fields = ["currency_id", "tax_calculation_rounding_method"]
    (company,) = odoo.read("res.company", [_company_id(odoo)], fields)
    return company


def _precision(odoo: Odoo, use: str) -> int:
    """Digits of a decimal precision; asked by method, because only administrators may read the table."""
    digits = odoo.call("decimal.precision", "precision_get", application=use)
    if type(digits) is not int:
        raise InvalidCall(f"the server tells no decimal precision for {use}")
    return digits


# -- customers and units -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Customers:
    """Who is billed for a task and for a project."""

    by_task: Mapping[int, Ref]
    by_project: Mapping[int, Ref]

    def of(self, row: Record) -> Ref | None:
        task, project = row["task_id"], row["project_id"]
        found = None if task is None else self.by_task.get(task.id)
        if found is None and project is not None:
            found = self.by_project.get(project.id)
        return found


def _customers(odoo: Odoo, rows: Iterable[Record]) -> _Customers:
    partners: dict[str, dict[int, int]] = {}
    for model, field in (("project.task", "task_id"), ("project.project", "project_id")):
        ids = sorted({row[field].id for row in rows if row[field] is not None})
        found = odoo.read(model, ids, ["partner_id"]) if ids else []
        partners[model] = {row["id"]: row["partner_id"].id for row in found if row["partner_id"] is not None}
    ids = sorted({partner for by_record in partners.values() for partner in by_record.values()})
    commercial = {row["id"]: row["commercial_partner_id"] for row in _commercial(odoo, ids)}
    by_task, by_project = (
        {record: commercial[partner] for record, partner in by_record.items()} for by_record in partners.values()
    )
    return _Customers(by_task, by_project)


def _commercial(odoo: Odoo, partners: Sequence[int]) -> list[Record]:
    return odoo.read("res.partner", partners, ["commercial_partner_id"]) if partners else []


def _unit_seconds(odoo: Odoo, units: set[int]) -> dict[int, Fraction]:
    """Exact seconds of each unit that is one of time; the others are left out.

    Until 18 a unit's factor says how many of it make the reference (hours 8, days 1); from 19 how many of the
    reference it is (hours 1, days 8). A minute is stored as 0.0166667 hours there, off by a millionth.
    """
    if not units:
        return {}
    found = find(odoo, [_HOUR]).get(_HOUR)
    if found is None:
        raise InputError("this database has no unit for hours (uom.product_uom_hour)")
    newer = has(odoo.schema, "uom.uom", "relative_factor")
    family = name_of(odoo.schema, "uom.uom", "family") or "category_id"
    rows = {row["id"]: row for row in odoo.read("uom.uom", sorted({*units, found.id}), ["factor", family])}
    hour = rows[found.id]
    return {
        unit: 3600 * _ratio(rows[unit]["factor"], hour["factor"], newer)
        for unit in units
        if _family(rows[unit][family]) == _family(hour[family])
    }


def _ratio(factor: Decimal, hour: Decimal, newer: bool) -> Fraction:
    """How many hours a unit is."""
    return Fraction(factor) / Fraction(hour) if newer else Fraction(hour) / Fraction(factor)


def _family(value: Ref | str | None) -> object:
    """What units of one kind have in common: their category, or the root of their tree."""
    return value.id if isinstance(value, Ref) else (value or "").split("/")[0]
