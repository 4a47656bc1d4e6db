"""What a server fills into required fields that nobody gave: the values that real servers were seen to have.

A model's own ``defaults`` come first; this is for the rest, so that no required field of a record is empty where a
real server never leaves it so. A required field that is not named here stays empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["fill_required"]

# (model, field) -> the value; "=key" the record of that external id, "@today", "@now", "@model:name" an ir.model row
_ALIASES = {"alias_contact": "everyone", "alias_defaults": "{}"}
_FILLINGS: Mapping[str, Mapping[str, str]] = {
    "account.analytic.account": {"plan_id": "=analytic.analytic_plan_projects"},
    "account.bank.statement.line": {"auto_post": "no"},
    "account.journal": {"invoice_reference_model": "odoo", "invoice_reference_type": "invoice"},
    "account.move": {"auto_post": "no"},
    "account.tax": {"country_id": "=base.us"},
    "crm.team": {**_ALIASES, "alias_model_id": "@model:crm.lead"},
    "hr.employee": {
        "date_version": "@today",
        "distance_home_work_unit": "kilometers",
        "employee_type": "employee",
        "hr_responsible_id": "=base.user_root",
        "last_modified_date": "@now",
        "last_modified_uid": "=base.user_root",
        "marital": "single",
    },
    "mail.activity.type": {"delay_from": "previous_activity", "delay_unit": "days", "chaining_type": "suggest"},
    "project.project": {
        **_ALIASES,
        "alias_model_id": "@model:project.task",
        "rating_status": "stage",
        "rating_status_period": "monthly",
        "billing_type": "not_billable",
        "last_update_status": "to_define",
    },
    "project.task": {"kanban_state": "normal", "state": "01_in_progress"},
    "res.company": {
        "cost_method": "standard",
        "account_opening_date": "@today",
        "fiscalyear_last_month": "12",
        "account_price_include": "tax_excluded",
        "inventory_period": "manual",
        "layout_background": "Blank",
    },
    "res.partner": {
        "property_account_payable_id": "=account.1_payable",
        "property_account_receivable_id": "=account.1_receivable",
        "autopost_bills": "ask",
    },
    "res.users": {
        "property_account_payable_id": "=account.1_payable",
        "property_account_receivable_id": "=account.1_receivable",
        "autopost_bills": "ask",
        "notification_type": "email",
        "outgoing_mail_server_type": "default",
    },
    "uom.uom": {"uom_type": "reference"},
}


def fill_required(model: Model, id_: int) -> None:
    """Give the empty required fields of one record what the server would give them."""
    known = _FILLINGS.get(model.name)
    if known is None:
        return
    row = model.row(id_)
    wanted = {name: text for name, text in known.items() if name in model.fields and model.fields[name].required}
    missing = {name: _value(model, text) for name, text in wanted.items() if row.get(name) is None}
    if missing:
        model.put(id_, **missing)


def _value(model: Model, text: str) -> Any:
    if text.startswith("="):
        return model.env.ref(text[1:])
    if text.startswith("@model:"):
        return next(iter(model.env["ir.model"].table.ids_where("model", [text.removeprefix("@model:")])), None)
    return {"@today": model.env.today, "@now": model.env.now}.get(text, text)
