"""What is read never depends on the decimal context of the program that reads."""

from __future__ import annotations

import decimal
from datetime import date
from pathlib import Path

import pytest

from oimkit.banking import Statement, read_statements
from oimkit.banking.matching import ItemType, OpenItem, match
from oimkit.banking.statement import Entry, Party
from oimkit.errors import StatementError
from oimkit.money import Money

GOLDEN = Path(__file__).parents[1] / "files" / "golden"
COARSE = decimal.Context(prec=2, rounding=decimal.ROUND_CEILING, Emax=3, Emin=-3)


@pytest.mark.parametrize("format_", sorted(folder.name for folder in GOLDEN.iterdir()))
def test_a_coarse_context_changes_nothing_that_is_read(format_: str) -> None:
    files = [path.read_bytes() for path in sorted((GOLDEN / format_).iterdir()) if path.suffix != ".json"]
    expected = [_read(data) for data in files]
    with decimal.localcontext(COARSE):
        assert [_read(data) for data in files] == expected


def _read(data: bytes) -> tuple[Statement, ...] | str:
    try:
        return read_statements(data, unbalanced="report", damaged="report")
    except StatementError as error:
        return error.reason


ACCOUNT = "NL57OIMK0417164300"
PAID = {  # amount, and what else the entry says, for every way in which a difference is named
    "exact": ("1210.37", {}),
    "discount": ("1186.16", {}),
    "fee": ("1198.02", {"charges": Money("12.35", "EUR")}),
    "foreign bank": ("1198.02", {"bank_code": "PMNT-RCDT-XBCT"}),
    "rounding": ("1210.30", {}),
    "part": ("605.13", {}),
    "more": ("1214.50", {}),
    "with others": ("1510.59", {}),
    "conversion": ("121.45", {"instructed": Money("130.00", "USD")}),
}


def _matched(amount: str, more: dict[str, object]) -> object:
    entry = Entry(
        amount=Money(amount, "EUR"),
        value_date=date(2026, 11, 2),
        remittance=("INV/2026/00008" if "instructed" in more else "INV/2026/00001",),
        counterparty=Party(account=ACCOUNT),
        **more,  # type: ignore[arg-type]
    )
    return match([entry], [*(_item(number) for number in range(1, 8)), _item(8, "USD")])


def _item(number: int, currency: str = "EUR") -> OpenItem:
    amount = Money("130.00", currency) if currency == "USD" else Money(f"{1310 - 100 * number}.37", currency)
    if number > 4 and currency == "EUR":
        amount = Money(f"{100 * (number - 4)}.{10 + number}", currency)
    return OpenItem(
        id=str(number),
        type=ItemType.CUSTOMER_INVOICE,
        amount=amount,
        residual=amount,
        partner_id="ann",
        document_number=f"INV/2026/{number:05d}",
        partner_accounts=(ACCOUNT,),
        discount=Money("24.21", "EUR") if number == 1 else None,
        company_amount=Money("121.87", "EUR") if currency == "USD" else None,
    )


@pytest.mark.parametrize("name", PAID)
def test_a_coarse_context_changes_nothing_that_is_matched(name: str) -> None:
    expected = _matched(*PAID[name])
    with decimal.localcontext(COARSE):
        assert _matched(*PAID[name]) == expected
