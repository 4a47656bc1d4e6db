"""The payment reference of a draft: an ISO 11649 creditor reference over a body that the rule set states."""

from __future__ import annotations

from stdnum.iso7064 import mod_97_10

from oimkit.billing.periods import Period
from oimkit.billing.rating import is_listed
from oimkit.billing.rules import RuleSet
from oimkit.billing.worked import WorkedTime
from oimkit.errors import RuleError

__all__ = ["creditor_reference", "payment_reference"]

_LONGEST_BODY = 21
"""ISO 11649: RF, two check digits and at most 21 letters and digits."""


def payment_reference(rules: RuleSet, customer: int, time: WorkedTime, period: Period) -> str | None:
    """The reference of a draft for *customer* over work of *period*, or None where the rules state none.

    Year and month are those of the last day of the work.

    Raises RuleError: the customer has no code, or the body is not 1 to 21 letters and digits.
    """
    template = rules.payment_reference
    if template is None:
        return None
    codes = [entry.code for entry in rules.customers if is_listed((entry.customer,), customer, time.names.customer)]
    if template.needs_code and len(codes) != 1:
        raise RuleError(
            f"customer {customer} has {len(codes)} codes for its payment reference",
            where="customers",
            advice="give each customer one code, or leave {code} out of invoices.payment_reference",
        )
    return creditor_reference(
        template.fill(
            {
                "code": codes[0] if codes else "",
                "customer": str(customer),
                "year": f"{period.last.year:04d}",
                "month": f"{period.last.month:02d}",
                "first_entry": str(time.id),
            }
        )
    )


def creditor_reference(body: str) -> str:
    """RF, the two check digits of ISO 11649 and *body* in capitals.

    >>> creditor_reference("539007547034")
    'RF18539007547034'
    """
    body = body.upper()
    if not (body.isascii() and body.isalnum() and len(body) <= _LONGEST_BODY):
        raise RuleError(
            f"the body of a payment reference is 1 to {_LONGEST_BODY} letters and digits",
            where="invoices.payment_reference",
        )
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"
