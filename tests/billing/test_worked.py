"""Hours as a server prints them become whole seconds."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.billing import Snap, WorkedTime, plan_invoices, seconds_of_hours
from oimkit.errors import InputError
from tests.billing.example import TODAY, rules, worked


@given(st.integers(-6000, 6000))
def test_any_whole_minute_survives_a_double(minutes: int) -> None:
    assert seconds_of_hours(repr(minutes / 60)) == minutes * 60


@given(st.integers(0, 6000))
def test_two_decimals_are_the_minute_only_when_declared(minutes: int) -> None:
    text = f"{minutes / 60:.2f}"
    assert seconds_of_hours(text, snap=Snap.MINUTE) == minutes * 60
    assert seconds_of_hours(text) == int(Decimal(text) * 3600)


def test_snapping_leaves_time_that_is_no_minute_alone() -> None:
    assert seconds_of_hours("0.01", snap=Snap.MINUTE) == 36
    assert seconds_of_hours("-0.33", snap=Snap.MINUTE) == -1200


@pytest.mark.parametrize("text", ["", "1,5", "NaN", "Infinity", "1e999999999", "abc"])
def test_hours_that_are_no_number_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        seconds_of_hours(text)


def test_repr_shows_no_name_and_no_text() -> None:
    time = worked(description="secret work")
    assert "Harbour" not in repr(time) and "secret" not in repr(time) and "Ida" not in repr(time.names)


def test_repr_of_a_plan_and_its_rules_shows_no_name() -> None:
    plan = plan_invoices([worked(description="secret work")], rules(), today=TODAY)
    shown = repr(plan) + repr(plan.rules) + repr(plan.drafts[0].lines[0].explanation) + repr(plan.rules.rates)
    assert "Harbour" not in shown and "secret" not in shown and "Ida" not in shown and "Internal" not in shown


def test_fingerprint_changes_with_what_was_billed_and_with_nothing_else() -> None:
    time = worked(description="a")
    assert time.fingerprint == worked(description="a", customer=8).fingerprint
    changed = [worked(description="b"), worked(description="a", seconds=1), worked(description="a", employee=6)]
    assert len({time.fingerprint, *(other.fingerprint for other in changed)}) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 0},
        {"seconds": 10**9},
        {"seconds": True},
        {"write_date": datetime(2026, 1, 1)},
    ],
)
def test_an_impossible_entry_is_refused(wrong: dict[str, object]) -> None:
    values: dict[str, object] = {"id": 1, "date": date(2026, 1, 1), "seconds": 60}
    with pytest.raises(InputError):
        WorkedTime(**{**values, **wrong})  # type: ignore[arg-type]
