"""Numbers that are shortened or damaged, and those that are other numbers."""

from __future__ import annotations

import pytest

from oimkit.banking.matching import ItemType, OpenItem
from oimkit.banking.matching.numbers import DAMAGED, SHORTENED, read_quoted, support
from oimkit.banking.matching.tokens import tokens
from oimkit.money import Money


def supported(text: str, number: str) -> str | None:
    due = Money("1", "EUR")
    item = OpenItem(
        id="1",
        type=ItemType.CUSTOMER_INVOICE,
        amount=due,
        residual=due,
        partner_id="p",
        document_number=number,
    )
    return support(item, read_quoted(tokens(text)))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("invoice 1147", "INV/2026/01147"),
        ("01147 thanks", "INV/2026/01147"),
        ("26/1147", "INV/2026/01147"),
        ("2026-1147", "INV/2026/01147"),
        ("INV/226/01147", "INV/2026/01147"),
        ("factINV/2026/O1147", "INV/2026/01147"),
        ("less CN 00069", "RINV/2026/00069"),
        ("16824", "1358400016824"),
    ],
)
def test_end_of_a_number_supports_it(text: str, number: str) -> None:
    assert supported(text, number) == SHORTENED


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("INV/2026/01148", "INV/2026/01147"),
        ("INV/2O26/O1I47", "INV/2026/01147"),
        ("INV/2026/10147", "INV/2026/01147"),
        ("INV/2026/0147", "INV/2026/01147"),
        ("FACTUURVEN/2026/021S", "VEN/2026/0215"),
    ],
)
def test_one_slip_leaves_the_rest_of_a_number(text: str, number: str) -> None:
    assert supported(text, number) == DAMAGED


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("INV/2026/011470", "INV/2026/01147"),
        ("INV/2026/05522", "INV/2026/01147"),
        ("47", "INV/2026/01147"),
        ("order 88421147", "INV/2026/01147"),
        ("thank you", "INV/2026/01147"),
        ("", "INV/2026/01147"),
        ("A12", "A13"),
    ],
)
def test_other_numbers_support_nothing(text: str, number: str) -> None:
    assert supported(text, number) is None
