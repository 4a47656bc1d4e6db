"""A line is printed so that quantity x price is its amount, and the agreed price is never bent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from oimkit.billing import Printing, Unit, plan_invoices
from oimkit.errors import InputError
from tests.billing.example import TODAY, plain, worked


def printed(minutes: int, rate: str, extra: str = "", printing: Printing | None = None) -> tuple[Unit, str, str, str]:
    plan = plan_invoices([worked(minutes=minutes)], plain(extra, rate), today=TODAY, printing=printing or Printing())
    line = plan.drafts[0].lines[0].printed
    return line.unit, str(line.quantity), str(line.price), str(line.amount)


MINUTES = '[lines]\ngroup = []\nunits = ["hour", "minute"]\ntext = "work"\n'


def test_hours_that_print_right_stay_hours() -> None:
    assert printed(150, "95.50") == (Unit.HOUR, "2.50", "95.50", "238.75")


def test_a_third_of_an_hour_becomes_one_amount() -> None:
    assert printed(20, "100.00") == (Unit.AMOUNT, "1.00", "33.33", "33.33")


def test_minutes_are_used_only_where_allowed_and_exact() -> None:
    assert printed(46, "48.00") == (Unit.AMOUNT, "1.00", "36.80", "36.80")
    assert printed(46, "48.00", MINUTES) == (Unit.MINUTE, "46.00", "0.80", "36.80")
    assert printed(20, "100.00", MINUTES) == (Unit.AMOUNT, "1.00", "33.33", "33.33")


def test_a_price_finer_than_the_server_stores_is_not_rounded_silently() -> None:
    assert printed(630, "87.125") == (Unit.AMOUNT, "1.00", "914.81", "914.81")
    assert printed(630, "87.125", printing=Printing(price_digits=3)) == (Unit.HOUR, "10.50", "87.125", "914.81")


def test_a_correction_has_a_negative_quantity_and_a_positive_price() -> None:
    assert printed(-20, "100.00") == (Unit.AMOUNT, "-1.00", "33.33", "-33.33")
    assert printed(-30, "100.00") == (Unit.HOUR, "-0.50", "100.00", "-50.00")


def test_text_shows_the_time_where_the_quantity_does_not() -> None:
    text = plan_invoices([worked(minutes=20)], plain(), today=TODAY).drafts[0].lines[0].text
    assert text == "work (0:20 h)"


def test_an_amount_that_no_price_can_print_is_refused() -> None:
    with pytest.raises(InputError, match="decimal precision"):
        printed(20, "100.00", printing=Printing(price_digits=0))


def test_entries_with_one_price_print_their_number() -> None:
    rules = plain('[[rates]]\nname = "visit"\nproject = 3\nrate = "45.00"\nper = "entry"\n')
    line = plan_invoices([worked(1), worked(2, 7)], rules, today=TODAY).drafts[0].lines[0]
    assert (line.printed.unit, line.printed.quantity, line.printed.price) == (Unit.ENTRY, 2, Decimal("45.00"))
    assert line.billed_seconds == line.seconds
