"""Amounts are read in the one way that is possible, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from oimkit.banking import read_amount
from oimkit.errors import AmountError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("-12", "-12"),
        ("+12.5", "12.5"),
        ("12,50", "12.50"),
        ("12,", "12"),
        (".5", "0.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("-1.234.567,8", "-1234567.8"),
        ("0.123", "0.123"),
        ("0,123", "0.123"),
        ("1234.567", "1234.567"),
        ("12345678901234567890.12", "12345678901234567890.12"),
    ],
)
def test_an_amount_with_one_reading_is_read(text: str, value: str) -> None:
    assert read_amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1,234", "1.234", "-12.345", "999,999"])
def test_an_amount_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises(AmountError, match="two ways"):
        read_amount(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", ",", "-", "NaN", "Infinity", "1e5", "1_000", "$120", "12.50-", "1'234.50", "12..34", "1.23.4"),
        *("12,34,567", "1.2345,6", "1,234,56", " 12", "12 ", "1 234", "٣", "１２", "1.234.56", "0x1F", "--1", "1" * 41),
        "01.234.567",
    ],
)
def test_what_is_no_amount_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(AmountError) as refused:
        read_amount(text)
    assert not text.strip() or len(text) < 3 or text not in str(refused.value)


def test_a_fixed_separator_settles_what_is_ambiguous() -> None:
    assert read_amount("1,234", decimal=",") == Decimal("1.234")
    assert read_amount("1.234,5", decimal=",") == Decimal("1234.5")


@pytest.mark.parametrize(("text", "decimal"), [("12.50", ","), ("12,50", "."), ("1.234", ","), ("1,234", ".")])
def test_a_fixed_separator_is_the_only_one(text: str, decimal: str) -> None:
    with pytest.raises(AmountError):
        read_amount(text, decimal=decimal)  # type: ignore[arg-type]
