"""What a real server holds after the demo's chain, without ids and times: for comparing two databases."""

from __future__ import annotations

from typing import Any

from oimkit.odoo import Odoo, Ref

_FIELDS: dict[str, tuple[str, list[Any], tuple[str, ...]]] = {
    "leads": (
        "crm.lead",
        [["active", "in", [True, False]]],
        ("name", "type", "active", "probability", "partner_id", "stage_id"),
    ),
    "partners": ("res.partner", [], ("name", "is_company")),
    "employees": ("hr.employee", [], ("name",)),
    "projects": ("project.project", [], ("name", "partner_id")),
    "tasks": ("project.task", [], ("name", "project_id")),
    "hours": ("account.analytic.line", [], ("date", "name", "unit_amount", "timesheet_invoice_id")),
    "journals": ("account.journal", [], ("code", "bank_acc_number")),
    "documents": (
        "account.move",
        [],
        ("move_type", "state", "payment_reference", "amount_total", "amount_residual", "payment_state", "partner_id"),
    ),
    "items": (
        "account.move.line",
        [],
        ("name", "debit", "credit", "amount_residual", "reconciled", "account_id", "partner_id"),
    ),
    "bank lines": (
        "account.bank.statement.line",
        [],
        ("date", "payment_ref", "amount", "is_reconciled", "partner_name", "account_number", "ref"),
    ),
    "matches": ("account.partial.reconcile", [], ("amount",)),
    "notes": ("mail.message", [["model", "=", "crm.lead"]], ("body",)),
}


def snapshot(odoo: Odoo) -> dict[str, list[tuple[str, ...]]]:
    """Every record of the kinds that the chain writes, as sorted texts; document numbers stand for links."""
    found = {}
    for title, (model, domain, fields) in _FIELDS.items():
        rows = odoo.search_read(model, domain, list(fields))
        found[title] = sorted(tuple(_told(row[name]) for name in fields) for row in rows)
    return found


def _told(value: object) -> str:
    return f"-> {value.name}" if isinstance(value, Ref) else str(value)
