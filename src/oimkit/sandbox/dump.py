"""A snapshot of the business records that does not depend on ids, times or the order in which they were made.

A record is told by its external id where it has one, else by its model's own words (name, reference, amount); links
are written as those labels. Two runs that did the same work give equal snapshots, one that made a record twice or
lost one does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.export import external_id_of

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment
    from oimkit.sandbox.model import Model

__all__ = ["BUSINESS", "dump_store"]

# The models that are compared, each with the fields that tell what a record says.
BUSINESS: dict[str, tuple[str, ...]] = {
    "res.partner": ("name", "email", "vat", "ref", "active", "is_company", "parent_id"),
    "res.partner.bank": ("acc_number", "partner_id"),
    "crm.lead": (
        "name", "type", "stage_id", "active", "probability", "partner_id", "user_id", "expected_revenue",
        "lost_reason", "lost_reason_id", "won_status", "email_from", "contact_name", "partner_name",
    ),
    "project.project": ("name", "partner_id", "active"),
    "project.task": ("name", "project_id", "partner_id", "active"),
    "hr.employee": ("name", "active"),
    "account.analytic.line": (
        "name", "date", "unit_amount", "amount", "project_id", "task_id", "employee_id", "timesheet_invoice_id",
    ),
    "account.move": (
        "name", "move_type", "state", "partner_id", "date", "invoice_date", "ref", "payment_reference",
        "amount_untaxed", "amount_total", "amount_residual", "payment_state", "journal_id",
    ),
    "account.move.line": (
        "name", "move_id", "account_id", "partner_id", "quantity", "price_unit", "debit", "credit", "amount_currency",
        "amount_residual", "reconciled",
    ),
    "account.partial.reconcile": ("amount", "debit_move_id", "credit_move_id"),
    "account.bank.statement": ("name", "date", "journal_id", "state", "balance_start", "balance_end_real"),
    "account.bank.statement.line": (
        "payment_ref", "date", "amount", "partner_id", "partner_name", "account_number", "ref", "journal_id",
        "is_reconciled", "statement_id",
    ),
    "mail.message": ("body", "model", "res_id"),
}  # fmt: skip
# Who refers to whom when a record is told: a line by its document and its own words, never by an id.
_TOLD_BY: dict[str, tuple[str, ...]] = {
    "account.move.line": ("move_id", "account_id", "name", "debit", "credit"),
    "account.move": ("move_type", "name", "ref", "partner_id", "amount_total"),
    "account.analytic.line": ("date", "employee_id", "name", "unit_amount"),
    "account.bank.statement.line": ("date", "payment_ref", "amount"),
    "res.users": ("login",),
}
_DEPTH = 4


def dump_store(env: Environment) -> dict[str, Any]:
    """``{model: [record, ...]}``, records as dictionaries of text, sorted; and every external id with what it names."""
    env = env.with_context(active_test=False).sudo()
    snapshot: dict[str, Any] = {}
    for name, fields in BUSINESS.items():
        if name in env.profile.models:
            model = env[name]
            rows = [_record(model, id_, fields) for id_ in model.table.rows]
            snapshot[name] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    snapshot["external ids"] = sorted(_external_ids(env))
    return snapshot


def _record(model: Model, id_: int, fields: tuple[str, ...]) -> dict[str, Any]:
    row = model.row(id_)
    record = {name: _text(model, name, model.get(row, name), _DEPTH) for name in fields if name in model.fields}
    external_id = external_id_of(model, id_)
    return {"external id": external_id, **record} if external_id else record


def _text(model: Model, name: str, value: Any, depth: int) -> Any:
    if value is None or value is False:
        return None
    field = model.fields[name]
    if field.type == "many2one" and field.relation in model.env.profile.models:
        return _label(model.env[field.relation or ""], value, depth - 1)
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    return value if isinstance(value, (bool, str)) else str(value)


def _label(model: Model, id_: int, depth: int) -> str:
    """The record's external id, or the words it is told by; ids never show."""
    external_id = external_id_of(model, id_)
    if external_id or depth <= 0:
        return external_id or model.name
    row = model.table.rows.get(id_)
    if row is None:
        return f"{model.name} (gone)"
    names = [name for name in _TOLD_BY.get(model.name, (model.rec_name,)) if name in model.fields]
    return " | ".join(str(_text(model, name, model.get(row, name), depth)) for name in names)


def _external_ids(env: Environment) -> Iterator[str]:
    for row in env["ir.model.data"].table.rows.values():
        if row["model"] in BUSINESS:
            there = "" if row["res_id"] in env[row["model"]].table.rows else " (gone)"
            yield f"{row['module']}.{row['name']} = {row['model']}{there}"
