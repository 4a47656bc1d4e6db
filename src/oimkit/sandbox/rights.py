"""Who may do what: model rights by group; records rules are in rules.py.

The lists are the real servers' own, cut to the models and groups that play a part here; a model that is not named
may be read by every internal user and changed by the settings group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.refusals import AccessError

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment

__all__ = ["GROUPS", "IMPLIED", "USER_GROUPS", "check_model", "groups_of", "has_group", "may"]

USER = "base.group_user"
INVOICE, READONLY = "account.group_account_invoice", "account.group_account_readonly"
BASIC, FULL = "account.group_account_basic", "account.group_account_user"
ACCOUNT_MANAGER = "account.group_account_manager"
TIMESHEET_USER, TIMESHEET_APPROVER = "hr_timesheet.group_hr_timesheet_user", "hr_timesheet.group_hr_timesheet_approver"
TIMESHEET_MANAGER = "hr_timesheet.group_timesheet_manager"
PROJECT_USER, PROJECT_MANAGER = "project.group_project_user", "project.group_project_manager"
SALESMAN, ALL_LEADS = "sales_team.group_sale_salesman", "sales_team.group_sale_salesman_all_leads"
SALE_MANAGER = "sales_team.group_sale_manager"
SYSTEM, ACCESS_RIGHTS = "base.group_system", "base.group_erp_manager"
CONTACTS, HR_USER = "base.group_partner_manager", "hr.group_hr_user"
EXPENSE_MANAGER, EXPENSE_APPROVER = "hr_expense.group_hr_expense_manager", "hr_expense.group_hr_expense_team_approver"

# Each group's name as a refusal shows it.
GROUPS: Mapping[str, str] = {
    USER: "Role / User",
    "base.group_portal": "Role / Portal",
    ACCESS_RIGHTS: "Access Rights",
    SYSTEM: "Role / Administrator",
    CONTACTS: "Contact Creation",
    INVOICE: "Accounting/Invoicing",
    READONLY: "Show Accounting Features - Readonly",
    BASIC: "Basic",
    FULL: "Show Full Accounting Features",
    ACCOUNT_MANAGER: "Accounting/Administrator",
    TIMESHEET_USER: "Timesheets/User: own timesheets only",
    TIMESHEET_APPROVER: "Timesheets/User: all timesheets",
    TIMESHEET_MANAGER: "Timesheets/Administrator",
    PROJECT_USER: "Project/User",
    PROJECT_MANAGER: "Project/Administrator",
    SALESMAN: "Sales/User: Own Documents Only",
    ALL_LEADS: "Sales/User: All Documents",
    SALE_MANAGER: "Sales/Administrator",
    HR_USER: "Employees/Officer: Manage all employees",
    EXPENSE_APPROVER: "Expenses/Team Approver",
    EXPENSE_MANAGER: "Expenses/Administrator",
    "crm.group_use_lead": "Show Lead Menu",
}

IMPLIED: Mapping[str, tuple[str, ...]] = {
    INVOICE: (USER,),
    READONLY: (USER,),
    BASIC: (INVOICE,),
    FULL: (BASIC, READONLY),
    ACCOUNT_MANAGER: (INVOICE,),
    TIMESHEET_USER: (USER,),
    TIMESHEET_APPROVER: (TIMESHEET_USER,),
    TIMESHEET_MANAGER: (TIMESHEET_APPROVER, HR_USER),
    PROJECT_USER: (USER,),
    PROJECT_MANAGER: (PROJECT_USER,),
    SALESMAN: (USER,),
    ALL_LEADS: (SALESMAN,),
    SALE_MANAGER: (ALL_LEADS,),
    HR_USER: (USER,),
    EXPENSE_APPROVER: (USER,),
    EXPENSE_MANAGER: (EXPENSE_APPROVER,),
    ACCESS_RIGHTS: (USER,),
    SYSTEM: (ACCESS_RIGHTS, CONTACTS),
}

# The users of a new database, as the live ring prepares them on a real one.
USER_GROUPS: Mapping[str, tuple[str, ...]] = {
    "admin": (
        USER,
        SYSTEM,
        FULL,
        ACCOUNT_MANAGER,
        TIMESHEET_MANAGER,
        PROJECT_MANAGER,
        SALE_MANAGER,
        EXPENSE_MANAGER,
    ),
    "limited": (USER,),
    "billing": (USER, INVOICE, FULL),
    "twofactor": (USER, INVOICE),
}

_READ = {USER: "r"}
_ACCESS: Mapping[str, Mapping[str, str]] = {
    "account.account": {USER: "r", ACCOUNT_MANAGER: "rwcu"},
    "account.analytic.account": {USER: "r", PROJECT_MANAGER: "rwcu", FULL: "rwcu", SALESMAN: "rwc"},
    "account.analytic.line": {PROJECT_MANAGER: "rwcu", INVOICE: "rwcu", TIMESHEET_USER: "rwcu", READONLY: "r"},
    "account.bank.statement": {INVOICE: "r", READONLY: "r", BASIC: "rwcu"},
    "account.bank.statement.line": {INVOICE: "r", READONLY: "r", BASIC: "rwcu"},
    "account.full.reconcile": {INVOICE: "rwcu", READONLY: "r"},
    "account.journal": {INVOICE: "r", READONLY: "r", SALESMAN: "r", ACCOUNT_MANAGER: "rwcu"},
    "account.move": {ACCOUNT_MANAGER: "r", INVOICE: "rwcu", READONLY: "r", SALESMAN: "r"},
    "account.move.line": {ACCOUNT_MANAGER: "r", INVOICE: "rwcu", READONLY: "r", SALESMAN: "r"},
    "account.partial.reconcile": {INVOICE: "rwcu", READONLY: "r", SALESMAN: "r"},
    "account.payment": {INVOICE: "rwcu", READONLY: "r"},
    "account.tax": {USER: "r", ACCOUNT_MANAGER: "rwcu"},
    "crm.lead": {SALESMAN: "rwc", SALE_MANAGER: "rwcu"},
    "crm.lead.lost": {SALESMAN: "rwc"},
    "crm.lead2opportunity.partner": {SALESMAN: "rwc"},
    "crm.lost.reason": {USER: "r", SALE_MANAGER: "rwcu"},
    "crm.stage": {USER: "r", SALE_MANAGER: "rwcu"},
    "crm.tag": {SALESMAN: "rwc", SALE_MANAGER: "rwcu"},
    "crm.team": {USER: "r", SALE_MANAGER: "rwcu"},
    "decimal.precision": {SYSTEM: "rwcu"},
    "hr.employee": {HR_USER: "rwcu", SYSTEM: "r"},
    "ir.attachment": {USER: "rwcu"},
    "ir.config_parameter": {SYSTEM: "rwcu"},
    "ir.model.data": {ACCESS_RIGHTS: "rwcu"},
    "mail.activity": {USER: "rwcu"},
    "mail.blacklist": {USER: "r", SYSTEM: "rwcu"},
    "phone.blacklist": {USER: "r", SYSTEM: "rwcu"},
    "mail.message": {USER: "rwc"},
    "product.product": {USER: "r", SALE_MANAGER: "rwcu", EXPENSE_MANAGER: "rwcu", ACCOUNT_MANAGER: "rwcu"},
    "project.milestone": {USER: "r", PROJECT_MANAGER: "rwcu"},
    "project.project": {USER: "r", PROJECT_MANAGER: "rwcu"},
    "project.tags": {USER: "r", PROJECT_MANAGER: "rwcu"},
    "project.task": {USER: "r", PROJECT_USER: "rwcu"},
    "project.task.type": {USER: "r", PROJECT_MANAGER: "rwcu"},
    "res.company": {USER: "r", ACCESS_RIGHTS: "rwcu"},
    "res.groups": {USER: "r", ACCESS_RIGHTS: "rwcu"},
    "res.partner": {USER: "r", CONTACTS: "rwcu", SALESMAN: "rwc"},
    "res.partner.bank": {USER: "r", CONTACTS: "rwcu"},
    "res.users": {USER: "r", ACCESS_RIGHTS: "rwcu"},
}
# From 19 on some lists are shorter, on 14 longer.
_ACCESS_14: Mapping[str, Mapping[str, str]] = {
    "account.journal": {USER: "r", ACCOUNT_MANAGER: "rwcu"},
    "ir.model.data": {USER: "rc", ACCESS_RIGHTS: "rwcu"},
}
_DEFAULT: Mapping[str, str] = {USER: "r", SYSTEM: "rwcu"}
_LETTER = {"read": "r", "write": "w", "create": "c", "unlink": "u"}
_VERB = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}


def groups_of(env: Environment) -> frozenset[str]:
    """External ids of every group of the calling user, implied ones included."""
    found: frozenset[str] = env.store.remembered(("groups", env.user), lambda: _groups_of(env))
    return found


def _groups_of(env: Environment) -> frozenset[str]:
    row = env.store.table("res.users").rows.get(env.user) or {}
    names = {id_: data["module"] + "." + data["name"] for id_, data in _group_names(env)}
    field = "group_ids" if env.has("groups_renamed") else "groups_id"
    found: set[str] = set()
    waiting = [names[id_] for id_ in row.get(field) or [] if id_ in names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += IMPLIED.get(name, ())
    return frozenset(found)


def _group_names(env: Environment) -> list[tuple[int, Mapping[str, Any]]]:
    table = env.store.table("ir.model.data")
    return [(table.rows[id_]["res_id"], table.rows[id_]) for id_ in table.ids_where("model", ["res.groups"])]


def has_group(env: Environment, name: str) -> bool:
    return name in groups_of(env)


def may(env: Environment, model: str, operation: str) -> bool:
    """Whether the calling user's groups allow *operation* (read, write, create, unlink) on *model*."""
    return env.su or not groups_of(env).isdisjoint(_allowed(env, model, operation))


def _allowed(env: Environment, model: str, operation: str) -> list[str]:
    lists = ({} if env.has("keys_of_administrators") else _ACCESS_14).get(model) or _ACCESS.get(model, _DEFAULT)
    return [group for group, letters in lists.items() if _LETTER[operation] in letters]


def check_model(env: Environment, model: str, label: str, operation: str) -> None:
    """Raise AccessError unless ``may``; the message names the groups that would do."""
    if may(env, model, operation):
        return
    names = "".join(f"\n\t- {GROUPS[group]}" for group in sorted(_allowed(env, model, operation)))
    raise AccessError(
        f"You are not allowed to {_VERB[operation]} '{label}' ({model}) records.\n\n"
        f"This operation is allowed for the following groups:{names}\n\n"
        "Contact your administrator to request access if necessary."
    )
