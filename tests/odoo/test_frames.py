"""Tables of pandas and polars: exact amounts, aware moments, missing where a field is empty."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pandas
import polars
import pytest

from oimkit.errors import ConfigurationError, InputError
from oimkit.odoo import Odoo, connect, frames
from oimkit.odoo.frames import to_pandas, to_polars
from oimkit.sandbox import Sandbox

FIELDS = ["name", "expected_revenue", "date_deadline", "create_date", "active", "color", "stage_id", "tag_ids"]


@pytest.fixture(scope="module")
def odoo() -> Iterator[Odoo]:
    with Sandbox(version=19) as server:
        client = connect(server.url, database=server.database, user=server.user, secret=server.secret)
        rows = [["Big", "70000000.07", "2026-01-31"], ["Empty", "", ""], ["Small", "0.1", "2400-12-31"]]
        client.load("crm.lead", ["name", "expected_revenue", "date_deadline"], rows)
        yield client


def test_pandas_keeps_amounts_dates_and_moments_exact(odoo: Odoo) -> None:
    frame = to_pandas(odoo, "crm.lead", [], FIELDS, names=True, batch=2)
    assert list(frame.columns) == ["id", *FIELDS[:7], "stage_id.name", "tag_ids"]
    assert frame["name"].tolist() == ["Big", "Empty", "Small"]
    assert [str(amount) for amount in frame["expected_revenue"]] == ["70000000.07", "0.00", "0.10"]
    assert all(type(amount) is Decimal for amount in frame["expected_revenue"])
    assert frame["date_deadline"].tolist() == [date(2026, 1, 31), None, date(2400, 12, 31)]
    assert str(frame["create_date"].dtype) == "datetime64[us, UTC]"
    assert frame["create_date"][0].tzinfo is not None
    assert str(frame["id"].dtype) == str(frame["stage_id"].dtype) == "Int64"
    assert frame["stage_id.name"].tolist() == ["New"] * 3
    assert frame["tag_ids"].tolist() == [()] * 3


def test_polars_keeps_amounts_dates_and_moments_exact(odoo: Odoo) -> None:
    frame = to_polars(odoo, "crm.lead", [], FIELDS, batch=2)
    assert frame.schema["expected_revenue"] == polars.Decimal(38, 2)
    assert frame["expected_revenue"].to_list() == [Decimal("70000000.07"), Decimal("0.00"), Decimal("0.10")]
    assert frame["expected_revenue"].sum() == Decimal("70000000.17")
    assert frame["date_deadline"].to_list() == [date(2026, 1, 31), None, date(2400, 12, 31)]
    assert frame.schema["create_date"] == polars.Datetime("us", "UTC")
    assert frame["create_date"][0] <= datetime.now(UTC)
    assert frame.schema["stage_id"] == frame.schema["id"] == polars.Int64
    assert frame.schema["tag_ids"] == polars.List(polars.Int64)


def test_no_records_make_a_table_with_the_same_columns(odoo: Odoo) -> None:
    nobody = [["id", "=", 0]]
    assert list(to_pandas(odoo, "crm.lead", nobody, FIELDS).columns) == ["id", *FIELDS]
    assert to_polars(odoo, "crm.lead", nobody, FIELDS).schema["date_deadline"] == polars.Date


@pytest.mark.parametrize("digits", ["1" + "0" * 38, "0." + "0" * 38 + "1", "1" * 20 + "." + "1" * 20])
def test_amounts_that_a_polars_column_cannot_hold_are_refused(digits: str) -> None:
    with pytest.raises(InputError, match="38"):
        frames._polars_amounts(polars, "amount", [Decimal(digits), None])


def test_amounts_of_different_places_stay_equal_in_polars() -> None:
    amounts = [Decimal(1), Decimal("-0.005"), None, Decimal("12345678901234567890.12"), Decimal("1E+3")]
    assert frames._polars_amounts(polars, "amount", amounts).to_list() == amounts


def test_missing_values_are_missing_in_pandas() -> None:
    for kind in ("integer", "many2one", "boolean", "char", "datetime"):
        series = frames._pandas_series(pandas, kind, [None, None])
        assert series.isna().all(), kind


@pytest.mark.parametrize(("name", "make"), [("pandas", to_pandas), ("polars", to_polars)])
def test_a_library_that_is_not_installed_is_named(odoo: Odoo, monkeypatch: pytest.MonkeyPatch, name: str, make) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=f"{name} is not installed"):
        make(odoo, "crm.lead", [], ["name"])
