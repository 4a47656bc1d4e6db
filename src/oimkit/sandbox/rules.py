"""Record rules: which records of a model a user sees, by company and by group.

A rule without groups holds for everybody and rules without groups are joined with AND; rules of groups are joined
with OR over the user's groups, and a user whom no rule of a group names is not bound by any. Declared here are the
rules of real servers for the models on the path; a client can neither read nor change them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oimkit.sandbox import rights
from oimkit.sandbox.domains import compile_domain, mentions
from oimkit.sandbox.refusals import AccessError

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment
    from oimkit.sandbox.model import Model
    from oimkit.sandbox.store import Row

__all__ = ["Rule", "passing", "refuse_hidden", "rules_of"]

Domain = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the server's name for it, the domain for a user, and the group it is for ("" for everybody)."""

    name: str
    domain: Callable[[Environment], Domain]
    group: str = ""


def _companies(field: str = "company_id", *, shared: bool = True) -> Callable[[Environment], Domain]:
    def domain(env: Environment) -> Domain:
        own = (field, "in", list(env.companies))
        return ["|", (field, "=", False), own] if shared else [own]

    return domain


def _always(*domain: Any) -> Callable[[Environment], Domain]:
    return lambda _env: domain


def _own(*more: Any) -> Callable[[Environment], Domain]:
    return lambda env: [("user_id", "=", env.user), *more]


def _of_partner(env: Environment) -> Domain:
    own = ("company_id", "in", list(env.companies))
    return ["|", "|", ("partner_share", "=", False), own, ("company_id", "=", False)]


_TIME = ("project_id", "!=", False)
_RULES: Mapping[str, Sequence[Rule]] = {
    "account.analytic.line": (
        Rule("Analytic line multi company rule", _companies()),
        Rule("account.analytic.line.billing.user", _always(("project_id", "=", False)), rights.INVOICE),
        Rule("account.analytic.line.timesheet.user", _own(_TIME), rights.TIMESHEET_USER),
        Rule("account.analytic.line.timesheet.approver", _always(_TIME), rights.TIMESHEET_APPROVER),
        Rule("account.analytic.line.timesheet.manager", _always(_TIME), rights.TIMESHEET_MANAGER),
    ),
    "crm.lead": (
        Rule("CRM Lead Multi-Company", _companies()),
        Rule(
            "Personal Leads",
            lambda env: ["|", ("user_id", "=", env.user), ("user_id", "=", False)],
            rights.SALESMAN,
        ),
        Rule("All Leads", _always((1, "=", 1)), rights.ALL_LEADS),
    ),
    "res.partner": (Rule("res.partner company", _of_partner),),
    "res.company": (
        Rule("company rule employee", lambda env: [("id", "in", list(env.own_companies))], rights.USER),
        Rule("company rule erp manager", _always((1, "=", 1)), rights.ACCESS_RIGHTS),
    ),
    "account.account": (Rule("Account multi-company", _companies("company_id")),),
    "account.analytic.account": (Rule("Analytic multi company rule", _companies()),),
    "account.bank.statement": (Rule("Account bank statement company rule", _companies()),),
    "account.bank.statement.line": (Rule("Account bank statement line company rule", _companies()),),
    "account.journal": (Rule("Journal multi-company", _companies()),),
    "account.move": (Rule("Account Entry", _companies()),),
    "account.move.line": (Rule("Entry lines", _companies()),),
    "account.payment": (Rule("Account payment company rule", _companies()),),
    "account.tax": (Rule("Tax multi-company", _companies()),),
    "hr.employee": (Rule("Employee multi company rule", _companies()),),
    "project.project": (Rule("Project: multi-company", _companies()),),
    "project.task": (Rule("Project/Task: multi-company", _companies()),),
    "res.partner.bank": (Rule("Partner bank company rule", _companies()),),
}
# On 19 a reader of the books sees the analytic lines that are no timesheets.
_READER = Rule("account.analytic.line.readonly.user", _always(("project_id", "=", False)), rights.READONLY)


def rules_of(env: Environment, model: str) -> tuple[tuple[Rule, Domain], ...]:
    """The rules that bind the calling user on *model*, each with its domain, but company rules that let all pass."""
    if env.su:
        return ()
    listed = list(_RULES.get(model, ()))
    if model == "account.analytic.line" and env.has("groups_renamed"):
        listed.append(_READER)
    if not listed:
        return ()
    groups = rights.groups_of(env)
    fields = env.profile.models[model]
    found = []
    for rule in listed:
        if rule.group and rule.group not in groups:
            continue
        if not rule.group and ("company_id" not in fields or env.sees_every_company):
            continue
        found.append((rule, rule.domain(env)))
    return tuple(found)


def passing(model: Model, ids: set[int]) -> set[int]:
    """Those of *ids* that the rules let the calling user see."""
    found, by_group, named = ids, set(), False
    for rule, domain in rules_of(model.env, model.name):
        seen = _meeting(model, ids, domain)
        if rule.group:
            by_group |= seen
            named = True
        else:
            found = found & seen
    return found & by_group if named else found


def _meeting(model: Model, ids: set[int], domain: Domain) -> set[int]:
    test, _candidates = compile_domain(model, domain)
    rows = model.table.rows
    return {id_ for id_ in ids if id_ in rows and test(rows[id_])}


def refuse_hidden(model: Model, operation: str, ids: set[int]) -> None:
    """Raise AccessError where the rules hide one of *ids*, with the server's words."""
    hidden = ids - passing(model, ids)
    if hidden:
        raise AccessError(_worded(model, operation, [model.row(id_) for id_ in sorted(hidden)]))


def _worded(model: Model, operation: str, hidden: Sequence[Row]) -> str:
    env = model.env
    failing = [
        (rule, domain)
        for rule, domain in rules_of(env, model.name)
        if any(row["id"] not in _meeting(model, {row["id"]}, domain) for row in hidden)
    ]
    is_company = any(mentions(domain, "company_id") for _rule, domain in failing)
    user = f"{env.sudo()['res.users'].name_by_id(env.user)} (id={env.user})"
    if env.has("rules_in_jest"):
        access = "read" if operation == "write" else operation
        words = (
            "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
            f"Sorry, {user} doesn't have '{access}' access to:\n- {model.title()} ({model.name})\n"
        )
        return f"{words}\n{_hint(env, model, hidden)}" if is_company else words
    names = ", ".join(f"{model.elevated().name_by_id(row['id'])} (id={row['id']})" for row in hidden)
    rules = "".join(f"\n- {rule.name}" for rule, _domain in failing)
    company = "\n\nNote: this might be a multi-company issue." if is_company else ""
    return (
        f"Due to security restrictions, you are not allowed to access '{model.title()}' ({model.name}) records.\n\n"
        f"Records: {names}\nUser: {user}\n\nThis restriction is due to the following rules:{rules}{company}\n\n"
        "Contact your administrator to request access if necessary."
    )


def _hint(env: Environment, model: Model, hidden: Sequence[Row]) -> str:
    """Whether another company of the user's own would do."""
    wanted = {model.get(row, "company_id") for row in hidden}
    names = [str(env.sudo()["res.company"].name_by_id(id_)) for id_ in sorted(wanted & set(env.own_companies))]
    if not names:
        return (
            "This seems to be a multi-company issue, but you do not have access to the proper company to access the "
            "record anyhow."
        )
    return (
        "This seems to be a multi-company issue, you might be able to access the record by switching to the company: "
        + ", ".join(names)
        + "."
    )
