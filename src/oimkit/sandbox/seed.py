"""What a new database holds: what a real one has after installation, with the users the live ring prepares.

Company in euro, a generic chart of accounts, journals (two bank journals with invented account numbers), lead stages
and lost reasons, an internal project, precisions, groups and users. Passwords and keys are made up for each database.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oimkit.sandbox import rights
from oimkit.sandbox.fillings import fill_required
from oimkit.sandbox.logins import LOGINS, give_login

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment

__all__ = ["plant"]


# code, name, account type of 16 and later, whether it is reconciled, key
_ACCOUNTS: tuple[tuple[str, str, str, bool, str], ...] = (
    ("101000", "Current Assets", "asset_current", False, "current_assets"),
    ("101401", "Bank", "asset_cash", False, "bank"),
    ("101402", "Bank Suspense Account", "asset_current", False, "suspense"),
    ("101403", "Outstanding Receipts", "asset_current", True, "outstanding_receipts"),
    ("101404", "Outstanding Payments", "asset_current", True, "outstanding_payments"),
    ("101405", "Bank USD", "asset_cash", False, "bank_usd"),
    ("101501", "Cash", "asset_cash", False, "cash"),
    ("101701", "Liquidity Transfer", "asset_current", True, "transfer"),
    ("121000", "Account Receivable", "asset_receivable", True, "receivable"),
    ("131000", "Tax Paid", "asset_current", False, "tax_paid"),
    ("211000", "Account Payable", "liability_payable", True, "payable"),
    ("251000", "Tax Received", "liability_current", False, "tax_received"),
    ("301000", "Capital", "equity", False, "capital"),
    ("400000", "Product Sales", "income", False, "income"),
    ("441000", "Foreign Exchange Gain", "income", False, "exchange_gain"),
    ("442000", "Cash Difference Gain", "income", False, "cash_gain"),
    ("600000", "Expenses", "expense", False, "expense"),
    ("620000", "Bank Fees", "expense", False, "bank_fees"),
    ("641000", "Foreign Exchange Loss", "expense", False, "exchange_loss"),
    ("642000", "Cash Difference Loss", "expense", False, "cash_loss"),
)
_OLD_CODES = {"suspense": "101401", "bank": "101402"}
_OLD_TYPES: Mapping[str, tuple[str, str]] = {
    "asset_receivable": ("Receivable", "receivable"),
    "liability_payable": ("Payable", "payable"),
    "asset_cash": ("Bank and Cash", "liquidity"),
    "asset_current": ("Current Assets", "other"),
    "liability_current": ("Current Liabilities", "other"),
    "equity": ("Equity", "other"),
    "income": ("Income", "other"),
    "expense": ("Expenses", "other"),
}
_GROUPS = {
    "Payable": "liability",
    "Current Liabilities": "liability",
    "Equity": "equity",
    "Income": "income",
    "Expenses": "expense",
}
_STAGES = (("New", 1, False), ("Qualified", 2, False), ("Proposition", 3, False), ("Won", 70, True))
_LOST_REASONS = ("Too expensive", "We don't have people/skills", "Not enough stock")
_COUNTRIES = (("be", "Belgium"), ("ch", "Switzerland"), ("de", "Germany"), ("es", "Spain"), ("fr", "France"),
              ("gb", "United Kingdom"), ("nl", "Netherlands"), ("us", "United States"))  # fmt: skip
_ENGLISH = {"name": "English (US)", "code": "en_US", "iso_code": "en", "url_code": "en", "active": True,
            "direction": "ltr", "date_format": "%m/%d/%Y", "week_start": "7",
            "grouping": "[3,0]", "decimal_point": ".", "thousands_sep": ","}  # fmt: skip
_PRECISIONS = (("Product Price", 2), ("Discount", 2), ("Stock Weight", 2), ("Volume", 2), ("Payment Terms", 6))
_SUBTYPES: tuple[tuple[str, str, str | bool], ...] = (
    ("mail.mt_comment", "Discussions", False),
    ("mail.mt_note", "Note", False),
    ("mail.mt_activities", "Activities", False),
    ("crm.mt_lead_create", "Opportunity Created", "crm.lead"),
    ("crm.mt_lead_stage", "Stage Changed", "crm.lead"),
    ("crm.mt_lead_won", "Opportunity Won", "crm.lead"),
    ("crm.mt_lead_lost", "Opportunity Lost", "crm.lead"),
    ("crm.mt_lead_restored", "Opportunity Restored", "crm.lead"),
)
BANK_NUMBER, BANK_NUMBER_USD = "NL57OIMK0417164300", "NL30OIMK0417164301"


def plant(env: Environment) -> None:
    """Fill a new database; row 0 of the logins remembers its version."""
    env.store.put(LOGINS, 0, {"id": 0, "version": env.version})
    _base(env)
    _users(env)
    _accounting(env)
    _sales_and_projects(env)
    for model in ("res.company", "res.partner", "res.users"):  # these were there before the accounts were
        for id_ in list(env[model].table.rows):
            fill_required(env[model], id_)


def _keyed(env: Environment, model: str, key: str, values: Mapping[str, Any]) -> int:
    return env[model].insert({**env[model].defaults(values), **values, "id": key})


def _base(env: Environment) -> None:
    for code, name in _COUNTRIES:
        _keyed(env, "res.country", f"base.{code}", {"name": name, "code": code.upper()})
    clock = "%I:%M:%S %p" if env.version >= 19 else "%H:%M:%S"
    _keyed(env, "res.lang", "base.lang_en", _ENGLISH | {"time_format": clock})
    for code, symbol in (("EUR", "€"), ("USD", "$"), ("GBP", "£"), ("CHF", "CHF")):
        values = {
            "name": code,
            "symbol": symbol,
            "rounding": "0.01",
            "decimal_places": 2,
            "active": code in ("EUR", "USD"),
        }
        _keyed(env, "res.currency", f"base.{code}", values)
    partner = _keyed(env, "res.partner", "base.main_partner", {"name": "My Company", "is_company": True})
    euro = env.ref("base.EUR")
    rounding = "round_globally" if env.has("journals_of_19") else "round_per_line"
    company = {"name": "My Company", "partner_id": partner, "currency_id": euro}
    _keyed(env, "res.company", "base.main_company", {**company, "tax_calculation_rounding_method": rounding})
    for key, value in (("database.uuid", str(uuid.uuid4())), ("web.base.url", "http://127.0.0.1")):
        env["ir.config_parameter"].insert({"key": key, "value": value})
    unit = "Product Unit" if env.has("units_relative") else "Product Unit of Measure"
    for name, digits in ((unit, 2), *_PRECISIONS):
        env["decimal.precision"].insert({"name": name, "digits": digits})
    for name in env.profile.modules:
        env["ir.module.module"].insert({"name": name, "state": "installed"})
    for name in env.profile.models:
        env["ir.model"].insert({"model": name, "name": name})
    if "account.analytic.plan" in env.profile.models:
        _keyed(env, "account.analytic.plan", "analytic.analytic_plan_projects", {"name": "Project"})


def _users(env: Environment) -> None:
    for name, title in rights.GROUPS.items():
        _keyed(env, "res.groups", name, {"name": title.rpartition("/")[2].strip()})
    field = "group_ids" if env.has("groups_renamed") else "groups_id"
    _keyed(env, "res.partner", "base.partner_root", {"name": "System", "active": False})
    root = env.ref("base.partner_root")
    user = {"login": "__system__", "partner_id": root, "company_id": 1, "active": False}
    _keyed(env, "res.users", "base.user_root", user)
    for login, groups in rights.USER_GROUPS.items():
        name = "Administrator" if login == "admin" else login.capitalize()
        partner = env["res.partner"].new({"name": name, "email": f"{login}@example.com"})
        values = {"login": login, "partner_id": partner, "company_id": 1, "company_ids": [(6, 0, [1])]}
        values[field] = [(6, 0, [env.ref(group) for group in _closure(env, groups)])]
        key = "base.user_admin" if login == "admin" else f"sandbox.user_{login}"
        id_ = _keyed(env, "res.users", key, values)
        totp = "JBSWY3DPEHPK3PXP" if login == "twofactor" else None
        give_login(env.store, id_, login, totp=totp)


def _closure(env: Environment, groups: tuple[str, ...]) -> list[str]:
    """14 writes implied groups down with the user; 19 keeps the given ones only."""
    if env.has("groups_renamed"):
        return list(groups)
    found: list[str] = []
    waiting = list(groups)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += rights.IMPLIED.get(name, ())
    return found


def _accounting(env: Environment) -> None:
    types: dict[str, int] = {}
    if not env.has("account_types"):
        for name, kind in sorted(set(_OLD_TYPES.values())):
            own = {"name": name, "type": kind, "internal_group": _GROUPS.get(name, "asset")}
            types[name] = env["account.account.type"].insert(own)
    accounts: dict[str, int] = {}
    for code, name, kind, reconciled, key in _ACCOUNTS:
        code = code if env.has("chart_of_17") else _OLD_CODES.get(key, code)
        values: dict[str, Any] = {"code": code, "name": name, "reconcile": reconciled}
        old = not env.has("account_types")
        values |= {"user_type_id": types[_OLD_TYPES[kind][0]]} if old else {"account_type": kind}
        values |= {"company_ids": [(6, 0, [1])]} if env.has("account_companies") else {"company_id": 1}
        accounts[key] = _keyed(env, "account.account", f"account.1_{key}", values)
    _journals(env, accounts)
    for use in ("sale", "purchase"):
        name = "15%" if env.has("chart_of_17") else "Tax 15.00%"
        values = {"name": name, "amount": 15, "amount_type": "percent", "type_tax_use": use, "company_id": 1}
        tax = _keyed(env, "account.tax", f"account.1_{use}_tax", values)
        env["res.company"].put(1, **{f"account_{use}_tax_id": tax})
    for name in ("Immediate Payment", "15 Days", "30 Days"):
        env["account.payment.term"].new({"name": name})


def _journals(env: Environment, accounts: Mapping[str, int]) -> None:
    suspense, dollar = accounts["suspense"], env.ref("base.USD")
    sale, purchase = ("Sales", "Purchases") if env.has("journals_of_19") else ("Customer Invoices", "Vendor Bills")
    rows: tuple[tuple[str, str, str, int, dict[str, Any]], ...] = (
        ("INV", sale, "sale", 5, {"default_account_id": accounts["income"]}),
        ("BILL", purchase, "purchase", 6, {"default_account_id": accounts["expense"]}),
        ("MISC", "Miscellaneous Operations", "general", 7, {}),
        ("EXCH", "Exchange Difference", "general", 9, {}),
        ("BNK1", "Bank", "bank", 10, {"default_account_id": accounts["bank"], "suspense_account_id": suspense}),
        ("CSH1", "Cash", "cash", 11, {"default_account_id": accounts["cash"], "suspense_account_id": suspense}),
        ("BNKU", "Bank USD", "bank", 12,
         {"default_account_id": accounts["bank_usd"], "suspense_account_id": suspense, "currency_id": dollar}),
    )  # fmt: skip
    for code, name, kind, sequence, more in rows:
        values = {"code": code, "name": name, "type": kind, "sequence": sequence, "company_id": 1, **more}
        _keyed(env, "account.journal", f"account.1_{code.lower()}", values)
    for code, number in (("BNK1", BANK_NUMBER), ("BNKU", BANK_NUMBER_USD)):
        env["account.journal"].modify([env.ref(f"account.1_{code.lower()}") or 0], {"bank_acc_number": number})


_UNITS = (
    ("unit", "Units", "Unit", 1, 1),
    ("hour", "Hours", "Working Time", 8, 1),
    ("day", "Days", "Working Time", 1, 8),
)


def _units(env: Environment) -> None:
    """Units with their factors: until 18 how many of it make the reference (a day), from 19 how many hours it is."""
    kinds: dict[str, int] = {}
    for key, name, kind, older, newer in _UNITS:
        unit = {"name": name, "active": True, "factor": newer if env.has("units_relative") else older}
        if not env.has("units_relative"):
            kinds[kind] = kinds.get(kind) or env["uom.category"].insert({"name": kind})
            _keyed(env, "uom.uom", f"uom.product_uom_{key}", {**unit, "category_id": kinds[kind]})
        else:
            id_ = _keyed(env, "uom.uom", f"uom.product_uom_{key}", {**unit, "relative_factor": newer})
            root = kinds.setdefault(kind, id_)
            path = f"{root}/" if root == id_ else f"{root}/{id_}/"
            env["uom.uom"].put(id_, parent_path=path, relative_uom_id=None if root == id_ else root)


def _sales_and_projects(env: Environment) -> None:
    for key, name, model in _SUBTYPES:
        _keyed(env, "mail.message.subtype", key, {"name": name, "res_model": model, "internal": key == "mail.mt_note"})
    for number, (name, sequence, won) in enumerate(_STAGES, start=1):
        _keyed(env, "crm.stage", f"crm.stage_lead{number}", {"name": name, "sequence": sequence, "is_won": won})
    for number, name in enumerate(_LOST_REASONS, start=1):
        _keyed(env, "crm.lost.reason", f"crm.lost_reason_{number}", {"name": name})
    _keyed(env, "crm.team", "sales_team.team_sales_department", {"name": "Sales"})
    for name in ("Search engine", "Lead Recall", "Newsletter"):
        env["utm.source"].new({"name": name})
    for key, name in (("email", "Email"), ("call", "Call"), ("meeting", "Meeting"), ("todo", "To Do")):
        _keyed(env, "mail.activity.type", f"mail.mail_activity_data_{key}", {"name": name})
    template = {"name": "Invoice: Send by email", "model": "account.move"}
    _keyed(env, "mail.template", "account.email_template_edi_invoice", template)
    _units(env)
    env["hr.employee"].new({"name": "Administrator", "user_id": env.ref("base.user_admin")})
    env["project.project"].new({"name": "Internal", "allow_timesheets": True})
