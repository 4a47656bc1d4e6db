"""Entries and open items of the tests of matching."""

from __future__ import annotations

from datetime import date

from oimkit.banking.matching import ItemType, OpenItem
from oimkit.banking.statement import Entry, Party
from oimkit.money import Money

__all__ = ["ANN", "BOB", "CLEO", "DAY", "entry", "item"]

ANN, BOB, CLEO = "NL57OIMK0417164300", "NL30OIMK0417164301", "BE68539007547034"
DAY = date(2026, 11, 2)


def entry(
    amount: str = "121.00", *text: str, account: str | None = None, name: str | None = None, **more: object
) -> Entry:
    """An entry of *amount* euros with *text*, from or to *account* and *name* where one of them is given."""
    values: dict[str, object] = {
        "amount": Money(amount, "EUR"),
        "value_date": DAY,
        "remittance": text,
        "counterparty": Party(account=account, name=name) if account or name else None,
    }
    return Entry(**{**values, **more})  # type: ignore[arg-type]


def item(number: int | str = 1, amount: str = "121.00", **more: object) -> OpenItem:
    """An invoice of Ann's, whose id is its number."""
    values: dict[str, object] = {
        "id": f"{number}",
        "type": ItemType.CUSTOMER_INVOICE,
        "amount": Money(amount, "EUR"),
        "residual": Money(amount, "EUR"),
        "partner_id": "ann",
        "document_number": f"INV/2026/{int(number):05d}",
        "issue_date": date(2026, 10, 1),
    }
    return OpenItem(**{**values, **more})  # type: ignore[arg-type]
