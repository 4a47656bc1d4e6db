"""What billing asks before it plans: the printing of the invoices' own currency."""

from __future__ import annotations

from decimal import Decimal

import pytest

from oimkit.errors import InputError
from oimkit.money import Currency
from oimkit.odoo import connect
from oimkit.odoo.billing import preflight
from oimkit.sandbox import Sandbox


@pytest.mark.parametrize("version", [14, 19])
def test_printing_rounds_as_the_currency_of_the_rules_and_not_of_the_company(version: int) -> None:
    with Sandbox(version) as sandbox:
        odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)
        (dollar,) = odoo.search("res.currency", [["name", "=", "USD"]])
        odoo.write("res.currency", [dollar], {"rounding": Decimal(1)})
        assert preflight(odoo).printing.currency_rounding == Decimal("0.01")
        assert preflight(odoo, currency=Currency("USD")).printing.currency_rounding == Decimal(1)
        assert preflight(odoo, currency=Currency("USD")).currency == Currency("EUR")


def test_currency_that_is_not_active_is_refused() -> None:
    with Sandbox(19) as sandbox:
        odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)
        with pytest.raises(InputError, match="not active"):
            preflight(odoo, currency=Currency("THB"))
