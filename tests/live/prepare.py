"""What a template database of the live ring holds; runs inside `odoo shell`, on Python 3.9 (Odoo 14) and later.

`servers.py` sends this file to the shell's standard input with one call of `prepare` behind it. The database is a
throw-away one: its passwords are made up at each installation and never leave the cache folder.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

RESULT_MARK = "OIMKIT-LIVE-RESULT "

# The groups of each user beside the internal user's own. The administrator's are added to what it has; the others have
# these and no more (Odoo gives a new user those of its default user, which applications extend).
GROUPS: dict[str, tuple[str, ...]] = {
    "admin": (
        "account.group_account_user",
        "account.group_account_manager",
        "hr_timesheet.group_timesheet_manager",
        "project.group_project_manager",
        "sales_team.group_sale_manager",
        "hr_expense.group_hr_expense_manager",
    ),
    "limited": (),
    "billing": ("account.group_account_invoice", "account.group_account_user"),
    "twofactor": ("account.group_account_invoice",),
}
# Invented account numbers (no such bank code is given out), the check digits computed below.
ACCOUNTS = (("EUR", "NL", "OIMK0417164300"), ("USD", "NL", "OIMK0417164301"))


def prepare(env: Any) -> None:
    """Make users, keys, currency and bank journals, commit, and print one line of JSON about them."""
    major = int(env["ir.module.module"].search([("name", "=", "base")]).latest_version.split(".")[0])
    use_euro(env)
    result = {
        "major": major,
        "server_version": env["ir.module.module"].search([("name", "=", "base")]).latest_version,
        "company_currency": env.company.currency_id.name,
        "users": [make_user(env, role, major) for role in GROUPS],
        "journals": bank_journals(env),
    }
    env.cr.commit()
    print(RESULT_MARK + json.dumps(result))


def use_euro(env: Any) -> None:
    """Give the company the euro; possible because nothing has been booked yet. The dollar stays active."""
    for code in ("EUR", "USD"):
        env["res.currency"].with_context(active_test=False).search([("name", "=", code)]).write({"active": True})
    env.company.write({"currency_id": env.ref("base.EUR").id})


def make_user(env: Any, role: str, major: int) -> dict[str, Any]:
    """The user of *role* with a new password and API key; `totp` is set for the one with a second factor."""
    password = secrets.token_urlsafe(12)
    if role == "admin":
        user = env.ref("base.user_admin")
        user.write({"password": password})
        if not env["hr.employee"].search([("user_id", "=", user.id)]):
            env["hr.employee"].create({"name": "Administrator", "user_id": user.id})
    else:
        create = env["res.users"].with_context(no_reset_password=True).create
        user = create({"name": role.capitalize(), "login": role, "email": role + "@example.com", "password": password})
    grant(env, user, ("base.group_user", *GROUPS[role]), major, only=role != "admin")
    key_of = env["res.users.apikeys"].with_user(user).sudo()._generate
    secret = key_of("rpc", "live ring", None) if major >= 18 else key_of("rpc", "live ring")
    totp = None
    if role == "twofactor":
        totp = base64.b32encode(secrets.token_bytes(20)).decode()
        env.flush_all() if major >= 16 else env["base"].flush()
        env.cr.execute("UPDATE res_users SET totp_secret = %s WHERE id = %s", (totp, user.id))
    return {
        "role": role, "login": user.login, "user_id": user.id, "password": password, "secret": secret, "totp": totp,
    }  # fmt: skip


def grant(env: Any, user: Any, names: tuple[str, ...], major: int, *, only: bool) -> None:
    """Give *user* the groups, and *only* those if so told; from 19 on the field of `res.users` has another name."""
    groups = [env.ref(name).id for name in names]
    user.write(
        {"group_ids" if major >= 19 else "groups_id": [(6, 0, groups)] if only else [(4, id_) for id_ in groups]}
    )


def bank_journals(env: Any) -> list[dict[str, Any]]:
    """One bank journal in the company's currency and one in dollars, each with its account number."""
    found = []
    for currency, country, rest in ACCOUNTS:
        number = iban(country, rest)
        if currency == env.company.currency_id.name:
            journal = env["account.journal"].search([("type", "=", "bank"), ("currency_id", "=", False)], limit=1)
        else:
            values = {"name": "Bank " + currency, "code": "BNK" + currency[0], "type": "bank"}
            values["currency_id"] = env["res.currency"].search([("name", "=", currency)]).id
            journal = env["account.journal"].create(values)
        journal.set_bank_account(number)
        found.append({"id": journal.id, "code": journal.code, "currency": currency, "account": number})
    return found


def iban(country: str, rest: str) -> str:
    """*country*, the two check digits of ISO 7064 MOD 97-10, *rest*."""
    digits = "".join(str(int(letter, 36)) for letter in rest + country + "00")
    return country + format(98 - int(digits) % 97, "02d") + rest
