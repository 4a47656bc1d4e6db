"""project.project, project.task, hr.employee and account.analytic.line: worked time and where it was worked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.refusals import UserError, ValidationError
from oimkit.sandbox.store import Row
from oimkit.sandbox.values import round_half_up

__all__ = ["AnalyticAccounts", "AnalyticLines", "Employees", "Projects", "Tasks"]


class AnalyticAccounts(Model):
    order = "code, name"

    def display_name(self, row: Row) -> str | None:
        partner = row.get("partner_id")
        name = str(row.get("name") or "")
        return f"{name} - {self.env['res.partner'].row(partner).get('name')}" if partner else name


class Projects(Model):
    order = "sequence, name, id"

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        own = {"allow_timesheets": True, "user_id": self.env.user, "privacy_visibility": "portal", "sequence": 10}
        company = False if self.env.has("shared_projects") else self.env.company
        return {**own, "company_id": company, **super().defaults(values)}

    def insert(self, values: Mapping[str, Any]) -> int:
        """A project that takes timesheets has an analytic account of its own."""
        id_ = super().insert(values)
        field = "account_id" if self.env.has("project_account_id") else "analytic_account_id"
        row = self.row(id_)
        if row.get("allow_timesheets") and not row.get(field):
            account = {"name": row["name"], "partner_id": row.get("partner_id") or False}
            self.put(id_, **{field: self.env["account.analytic.account"].new(account)})
        return id_

    def account_of(self, id_: int) -> int | None:
        row = self.row(id_)
        return row.get("account_id") if self.env.has("project_account_id") else row.get("analytic_account_id")


class Tasks(Model):
    order = "priority desc, sequence, id desc"

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        project = self.env["project.project"].row(values["project_id"]) if values.get("project_id") else {}
        own: dict[str, Any] = {"user_id": self.env.user} if "user_id" in self.fields else {}
        own |= {
            "company_id": project.get("company_id") or False,
            "priority": "0",
            "sequence": 10,
            "partner_id": project.get("partner_id") or False,
        }
        return {**own, **super().defaults(values)}

    def get_effective_hours(self, row: Row) -> Decimal:
        lines = self.env["account.analytic.line"]
        ids = lines.table.ids_where("task_id", [row["id"]])
        return sum((lines.row(id_).get("unit_amount") or Decimal(0) for id_ in ids), Decimal(0))


class Employees(Model):
    order = "name"

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"company_id": self.env.company, **super().defaults(values)}


class AnalyticLines(Model):
    """Timesheet lines where a project is set; ``amount`` is minus the employee's cost of the hours."""

    order = "date desc, id desc"
    label = "Analytic Line"

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        currency = self.env["res.company"].row(self.env.company)["currency_id"]
        own = {"date": self.env.today, "company_id": self.env.company, "currency_id": currency}
        return {**own, "user_id": self.env.user, "unit_amount": 0, "amount": 0, **super().defaults(values)}

    def new(self, values: Mapping[str, Any]) -> int:
        given = dict(values)
        task = self.env["project.task"].row(given["task_id"]) if given.get("task_id") else {}
        project = given.get("project_id") or task.get("project_id")
        if project:
            given |= {"project_id": project, **self._of_timesheet(given, project, task)}
            given.setdefault("name", "/")
        id_ = super().new({name: value for name, value in given.items() if value is not None})
        self._price(id_)
        return id_

    def _of_timesheet(self, given: Mapping[str, Any], project: int, task: Row) -> dict[str, Any]:
        projects: Any = self.env["project.project"]
        employee = given.get("employee_id") or self._employee_of(given.get("user_id") or self.env.user)
        if not employee and self.env.has("employee_required"):
            raise ValidationError("Timesheets must be created with an active employee in the selected companies.")
        user = self.env["hr.employee"].row(employee).get("user_id") if employee else None
        customer = task.get("partner_id") or projects.row(project).get("partner_id")
        billed = "non_billable_project" if not self.env.has("billing_types_of_15") and not task else "non_billable"
        return {
            "employee_id": employee,
            "user_id": user or given.get("user_id"),
            "account_id": given.get("account_id") or projects.account_of(project),
            "partner_id": given.get("partner_id") or customer,
            "timesheet_invoice_type": billed,
            "product_uom_id": next(iter(self.env["uom.uom"].matching([("name", "=", "Hours")])), None),
        }

    def _employee_of(self, user: int) -> int | None:
        return next(iter(sorted(self.env["hr.employee"].table.ids_where("user_id", [user]))), None)

    def _price(self, id_: int) -> None:
        row = self.row(id_)
        if row.get("project_id") and row.get("employee_id"):
            employee = self.env["hr.employee"].row(row["employee_id"])
            cost = employee.get("hourly_cost" if self.env.has("hourly_cost") else "timesheet_cost") or Decimal(0)
            self.put(id_, amount=round_half_up(-cost * (row.get("unit_amount") or Decimal(0))))

    def modify(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        super().modify(ids, values)
        if {"unit_amount", "employee_id"} & values.keys():
            for id_ in ids:
                self._price(id_)

    def remove(self, ids: Sequence[int]) -> None:
        moves = self.env["account.move"].table.rows
        linked = [moves.get(self.row(id_).get("timesheet_invoice_id") or 0) or {} for id_ in ids]
        if any(move.get("state") == "posted" for move in linked):
            raise UserError("You cannot remove a timesheet that has already been invoiced.")
        super().remove(ids)
