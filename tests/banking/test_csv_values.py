"""Numbers and days of CSV cells: one reading for a given decimal mark or order of days, or none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.banking.formats.csv_values import MARKS, ORDERS, read_currency, read_day, read_figure, read_number


@pytest.mark.parametrize(
    ("text", "comma", "point"),
    [
        ("1234,56", "1234.56", None),
        ("-1.234,56", "-1234.56", None),
        ("1,234.56", None, "1234.56"),
        ("1,234", "1.234", "1234"),
        ("1.234", "1234", "1.234"),
        ("1.234.567", "1234567", None),
        ("1'234.50", None, "1234.50"),
        ("1 234,56", "1234.56", None),
        ("1\u00a0234,56 €", "1234.56", None),
        ("+12,5", "12.5", None),
        ("12,50-", "-12.50", None),
        ("(12,50)", "-12.50", None),
        ("\u221212,50", "-12.50", None),
        ("£1,183.23", None, "1183.23"),
        ("- $12.01", None, "-12.01"),
        ("12.00 CR", None, "12.00"),
        ("12.00DR", None, "-12.00"),
        ("12,00 S", "-12.00", None),
        (".54", None, "0.54"),
        ("1,23,456.78", None, "123456.78"),
        ("-0,00", "0.00", None),
        ("7", "7", "7"),
    ],
)
def test_number(text: str, comma: str | None, point: str | None) -> None:
    wanted = {",": comma, ".": point}
    for mark in MARKS:
        expected = None if wanted[mark] is None else Decimal(str(wanted[mark]))
        assert read_number(text, mark) == expected


@pytest.mark.parametrize(
    "text",
    ["", "-", "+", "NaN", "Infinity", "1e5", "1_000", "12..34", "1,2,3", "1'23", "0'123", "--5", "-5-", "5-CR", "(5",
     "5)", "(-5)", "EUR 5 USD", "٣", "1 2,5", "0x1", "9" * 50, "5 apples"],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    assert [read_number(text, mark) for mark in MARKS] == [None, None]


def test_nought_has_no_sign() -> None:
    assert not read_number("-0.00", ".").is_signed()  # type: ignore[union-attr]


def test_a_currency_beside_a_number_is_named_or_vague() -> None:
    assert str(read_figure("12,00 EUR", ",").currency) == "EUR"  # type: ignore[union-attr]
    assert str(read_figure("£12.00", ".").currency) == "GBP"  # type: ignore[union-attr]
    assert read_figure("$12.00", ".").currency is None  # type: ignore[union-attr]
    assert (str(read_currency("zł")), read_currency("Euro")) == ("PLN", None)


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_what_is_written_with_groups_is_read_back(amount: Decimal) -> None:
    assert read_number(f"{amount:,}", ".") == amount
    assert read_number(f"{amount:,}".translate(str.maketrans(",.", ".,")), ",") == amount


@pytest.mark.parametrize(
    ("text", "dmy", "mdy", "ymd"),
    [
        ("03/04/2025", "2025-04-03", "2025-03-04", None),
        ("13/04/2025", "2025-04-13", None, None),
        ("2025-04-03", "2025-04-03", "2025-04-03", "2025-04-03"),
        ("20250403", "2025-04-03", "2025-04-03", "2025-04-03"),
        ("03042025", "2025-04-03", "2025-03-04", None),
        ("1.6.26", "2026-06-01", None, None),
        ("03.04.2025", "2025-04-03", None, None),
        ("01.02.03", "2003-02-01", None, "2001-02-03"),
        ("2025.04.03", "2025-04-03", "2025-04-03", "2025-04-03"),
        ("01/02/03", "2003-02-01", "2003-01-02", "2001-02-03"),
        ("27 Feb 2018", "2018-02-27", "2018-02-27", "2018-02-27"),
        ("12-Dec-2019", "2019-12-12", "2019-12-12", "2019-12-12"),
        ("Feb 27, 2018", "2018-02-27", "2018-02-27", "2018-02-27"),
        ("10 Feb 18", "2018-02-10", "2018-02-10", "2010-02-18"),
        ("3. März 2020", "2020-03-03", "2020-03-03", "2020-03-03"),
        ("1 août 2020", "2020-08-01", "2020-08-01", "2020-08-01"),
        ("2020-01-01T23:59:59.999-05:00", "2020-01-01", "2020-01-01", "2020-01-01"),
        ("31/12/2020 11:59 PM", "2020-12-31", None, None),
    ],
)
def test_day(text: str, dmy: str | None, mdy: str | None, ymd: str | None) -> None:
    for order, wanted in zip(("dmy", "mdy", "ymd"), (dmy, mdy, ymd), strict=True):
        assert read_day(text, order) == (date.fromisoformat(wanted) if wanted is not None else None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "30.02.2020", "12/15/2018/23", "2018/15/01", "01-02/2020", "1.1.1900", "01.01.2150", "today", "10",
             "12 Mar", "5 listopad 2020", "٠١/٠٢/٢٠٢٠", "2020-1", "0/1/2020"]
)  # fmt: skip
def test_what_is_no_day(text: str) -> None:
    assert [read_day(text, order) for order in ORDERS] == [None, None, None]
