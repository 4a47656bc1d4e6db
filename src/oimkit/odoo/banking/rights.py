"""What the user must be allowed to do before any of it begins."""

from __future__ import annotations

from oimkit.errors import AccessRefused, InvalidCall
from oimkit.odoo.client import Odoo

__all__ = ["require_rights"]

LINE = "account.bank.statement.line"


def require_rights(odoo: Odoo) -> None:
    """Nothing when the user may create bank statement lines.

    On a community server no menu gives this right; the group is called "Show Full Accounting Features" up to 17 and
    "Basic" (accounting) from 18.

    Raises:
        AccessRefused: the user may not, or the Invoicing app is not there; nothing was sent that changes anything.
    """
    try:
        allowed = odoo.call(LINE, "check_access_rights", operation="create", raise_exception=False)
    except InvalidCall:
        if not odoo.schema.has_model(LINE):
            raise AccessRefused(
                "this server has no bank statements", advice="install the app Invoicing (account) there"
            ) from None
        allowed = odoo.call(LINE, "has_access", ids=[], operation="create")
    if allowed is not True:
        raise AccessRefused(
            "this user may not create bank statement lines",
            advice="let an administrator add the user to the group account.group_account_user "
            "(Show Full Accounting Features; from 18 account.group_account_basic)",
        )
