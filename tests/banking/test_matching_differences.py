"""Every name that a difference between what was paid and what is due may have, at its limits."""

from __future__ import annotations

from datetime import date

import pytest

from oimkit.banking.matching import ItemType, OpenItem, Terms
from oimkit.banking.matching.differences import Explanation, explain, less_fee_of_provider, pays
from oimkit.banking.statement import Entry
from oimkit.money import Money

DAY = date(2026, 11, 2)


def entry(amount: str, currency: str = "EUR", **more: object) -> Entry:
    return Entry(**{"amount": Money(amount, currency), "value_date": DAY, **more})  # type: ignore[arg-type]


def item(amount: str, number: int = 1, currency: str = "EUR", **more: object) -> OpenItem:
    money = Money(amount, currency)
    values: dict[str, object] = {
        "id": f"{number}",
        "type": ItemType.CUSTOMER_INVOICE,
        "amount": money,
        "residual": money,
        "partner_id": "ann",
    }
    for name in ("discount", "company_amount"):
        if isinstance(more.get(name), str):
            more[name] = Money(str(more[name]), currency if name == "discount" else "EUR")
    return OpenItem(**{**values, **more})  # type: ignore[arg-type]


def items(*amounts: str, **more: object) -> list[OpenItem]:
    return [item(amount, number, **more) for number, amount in enumerate(amounts, start=1)]


def told(found: Explanation | None) -> object:
    """Code, doubt, parts as (amount, paid), adjustments as (kind, amount), and what stays unallocated."""
    if found is None:
        return None
    return (
        found.reason.code,
        found.doubt,
        [(part.amount.text, part.paid.text) for part in found.parts],
        [(each.kind, each.amount.text) for each in found.adjustments],
        found.unallocated.text if found.unallocated is not None else None,
    )


def full(*amounts: str) -> list[tuple[str, str]]:
    return [(amount, amount) for amount in amounts]


def explained(paid: str, due: list[OpenItem], terms: Terms | None = None, **more: object) -> object:
    return told(explain(entry(paid, **more), due, terms or Terms()))


def surely(paid: str, due: list[OpenItem], **more: object) -> object:
    return told(explain(entry(paid, **more), due, Terms(), surely=True))


# -- what is due, or not ------------------------------------------------------------------------------------------


def test_amount_that_is_due_needs_no_name() -> None:
    assert explained("30.00", items("10.00", "20.00")) == ("amount_exact", 0, full("10.00", "20.00"), [], None)
    assert explained("-30.00", items("-30.00")) == ("amount_exact", 0, full("-30.00"), [], None)
    assert pays(entry("10.00"), items("30.00", "-20.00"))
    assert not pays(entry("10.00"), items("10.00", currency="USD"))
    assert not pays(entry("10.00"), items("10.01"))


@pytest.mark.parametrize(("paid", "due"), [("-10.00", ["10.00"]), ("10.00", ["-10.01"]), ("5.00", ["10.00", "-10.00"])])
def test_money_that_went_the_other_way_pays_nothing(paid: str, due: list[str]) -> None:
    assert explained(paid, items(*due)) is None


# -- cash discount ------------------------------------------------------------------------------------------------


def test_cash_discount_is_taken_in_time_and_on_its_last_day() -> None:
    taken = ("cash_discount", 1, full("100.00"), [("cash_discount", "-2.00")], None)
    assert explained("98.00", [item("100.00", discount="2.00")]) == taken
    assert explained("98.00", [item("100.00", discount="2.00", discount_date=DAY)]) == taken
    assert surely("98.00", [item("100.00", discount="2.00")]) == taken
    day_before = date(2026, 11, 1)
    late = explained("98.00", [item("100.00", discount="2.00", discount_date=day_before)])
    assert late == ("discount_taken_late", 3, full("98.00"), [], None)
    booked = explained("98.00", [item("100.00", discount="2.00", discount_date=day_before)], booking_date=day_before)
    assert booked == taken


def test_cash_discount_is_taken_on_some_of_the_items_where_one_choice_fits() -> None:
    two = [item("100.00", 1, discount="2.00"), item("50.00", 2, discount="1.00"), item("10.00", 3)]
    both = ("cash_discount", 1, full("100.00", "50.00", "10.00"), [("cash_discount", "-3.00")], None)
    one = ("cash_discount", 1, full("100.00", "50.00", "10.00"), [("cash_discount", "-1.00")], None)
    assert explained("157.00", two) == both
    assert explained("159.00", two) == one
    alike = [item("100.00", 1, discount="2.00"), item("50.00", 2, discount="2.00")]
    assert explained("148.00", alike) is None  # on which of the two is a question, and no part payment
    together = [
        item("100.00", 1, discount="2.00"),
        item("50.00", 2, discount="1.00"),
        item("30.00", 3, discount="-1.00"),
    ]
    assert explained("178.00", together)[0] == "cash_discount"  # type: ignore[index]


def test_cash_discount_of_more_than_six_items_is_taken_on_all_of_them_alone() -> None:
    six = [item("1000.00", number, discount=f"{number * 2**number}.00") for number in range(1, 7)]
    seven = [*six, item("1000.00", 7, discount="900.00")]
    assert explained("5998.00", six)[3] == [("cash_discount", "-2.00")]  # type: ignore[index]
    assert explained("6998.00", seven)[0] == "paid_in_part"  # type: ignore[index]
    whole = sum(number * 2**number for number in range(1, 7)) + 900
    assert explained(f"{7000 - whole}.00", seven)[0] == "cash_discount"  # type: ignore[index]


# -- fees ---------------------------------------------------------------------------------------------------------


def test_fee_that_the_bank_reports_is_taken_to_the_cent() -> None:
    reported = Money("12.00", "EUR")
    taken = ("bank_fee_reported", 1, full("100.00"), [("bank_fee", "-12.00")], None)
    assert explained("88.00", items("100.00"), charges=reported) == taken
    assert surely("88.00", items("100.00"), charges=-reported) == taken
    assert explained("-112.00", items("-100.00"), charges=reported) == (
        "bank_fee_reported",
        1,
        full("-100.00"),
        [("bank_fee", "-12.00")],
        None,
    )
    assert explained("87.00", items("100.00"), charges=reported)[0] == "paid_in_part"  # type: ignore[index]
    assert explained("88.00", items("100.00"), charges=Money("12.00", "USD"))[0] == "paid_in_part"  # type: ignore[index]
    assert explained("112.00", items("100.00"), charges=reported) is None


@pytest.mark.parametrize(
    ("paid", "due", "is_fee"),
    [
        ("950.00", "1000.00", True),
        ("949.99", "1000.00", False),
        ("20.00", "30.00", True),
        ("19.99", "30.00", False),
        ("0.40", "0.60", True),
        ("-1050.00", "-1000.00", False),
    ],
)
def test_foreign_bank_keeps_fifty_and_a_third_at_the_most(paid: str, due: str, is_fee: bool) -> None:
    found = explained(paid, items(due), Terms(tolerances=(Money("0", "EUR"),)), bank_code="PMNT-RCDT-XBCT")
    assert (found is not None and found[0] == "bank_fee_of_a_foreign_bank") == is_fee  # type: ignore[index]
    if is_fee:
        assert found[1] == 2  # type: ignore[index]
        assert surely(paid, items(due), bank_code="PMNT-RCDT-XBCT") is None


@pytest.mark.parametrize(
    ("paid", "is_fee"), [("95.00", True), ("94.99", False), ("99.99", True), ("100.00", False), ("0.00", False)]
)
def test_provider_of_cards_keeps_a_twentieth_at_the_most(paid: str, is_fee: bool) -> None:
    receipts = items("60.00", "40.00", type=ItemType.CARD_RECEIPT)
    found = told(less_fee_of_provider(entry(paid), receipts))
    assert (found is not None) == is_fee
    if is_fee:
        assert found[:2] == ("fee_of_the_provider", 1)  # type: ignore[index]
    assert less_fee_of_provider(entry(paid), [*receipts[:1], item("40.00", 2)]) is None
    assert less_fee_of_provider(entry(paid, "USD"), receipts) is None


def test_provider_of_cards_keeps_its_fee_of_cents_too() -> None:
    assert less_fee_of_provider(entry("0.96"), items("1.00", type=ItemType.CARD_RECEIPT)) is not None


# -- nearly -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "due", "is_rounding"),
    [
        ("9.00", "10.00", True),
        ("11.00", "10.00", True),
        ("8.99", "10.00", False),
        ("8.99", "9.99", False),
        ("9.10", "10.01", True),
        ("-9.00", "-10.00", True),
    ],
)
def test_rounding_is_one_unit_and_a_tenth_at_the_most(paid: str, due: str, is_rounding: bool) -> None:
    found = explained(paid, items(due))
    assert (found is not None and found[0] == "within_tolerance") == is_rounding  # type: ignore[index]
    if is_rounding:
        assert found[1] == 2  # type: ignore[index]
        assert found[3][0][0] == "rounding"  # type: ignore[index]
    assert surely(paid, items(due)) is None


def test_terms_tell_the_tolerance() -> None:
    terms = Terms(tolerances=(Money("0.05", "EUR"),))
    assert explained("99.95", items("100.00"), terms)[0] == "within_tolerance"  # type: ignore[index]
    assert explained("99.94", items("100.00"), terms)[0] == "paid_in_part"  # type: ignore[index]


def test_less_than_due_pays_in_the_order_quoted() -> None:
    assert explained("60.00", items("100.00")) == ("paid_in_part", 3, full("60.00"), [], None)
    assert explained("130.00", items("100.00", "50.00")) == ("paid_in_part", 3, full("100.00", "30.00"), [], None)
    assert explained("-130.00", items("-100.00", "-50.00")) == ("paid_in_part", 3, full("-100.00", "-30.00"), [], None)
    assert explained("90.00", items("100.00", "50.00")) is None  # nothing is left for the second
    assert explained("100.00", items("100.00", "50.00")) is None
    assert explained("20.00", items("100.00", "-50.00")) is None


def test_discount_taken_too_late_has_a_name_of_its_own() -> None:
    late = {"discount": "2.00", "discount_date": date(2026, 10, 1)}
    two = [item("50.00", 1), item("100.00", 2, **late)]
    terms = Terms(tolerances=(Money("0", "EUR"),))
    assert explained("148.00", two, terms)[0] == "discount_taken_late"  # type: ignore[index]
    assert explained("147.00", two, terms)[0] == "paid_in_part"  # type: ignore[index]
    small = [item("100.00", 1, discount="0.50", discount_date=date(2026, 10, 1))]
    assert explained("99.50", small)[:2] == ("discount_taken_late", 3)  # type: ignore[index]


@pytest.mark.parametrize(
    ("paid", "due", "rest"),
    [
        ("1050.00", "1000.00", "50.00"),
        ("1050.01", "1000.00", None),
        ("10100.00", "10000.00", "100.00"),
        ("10100.01", "10000.00", None),
        ("50.00", "40.00", "10.00"),
        ("50.01", "40.00", None),
        ("49.00", "39.00", None),
        ("-1050.00", "-1000.00", "-50.00"),
    ],
)
def test_little_more_than_due_stays_on_the_account(paid: str, due: str, rest: str | None) -> None:
    found = explained(paid, items(due))
    assert found == (("paid_more_than_due", 3, full(due), [], rest) if rest is not None else None)


# -- other currencies ---------------------------------------------------------------------------------------------


def dollars(amount: str = "130.00", number: int = 1, booked: str | None = "121.00") -> OpenItem:
    return item(amount, number, "USD", company_amount=booked)


def test_document_in_another_currency_is_paid_by_what_was_instructed() -> None:
    told_rate = ("amount_before_conversion", 1, [("130.00", "121.00")], [("fx_difference", "-21.00")], None)
    assert explained("100.00", [dollars()], instructed=Money("130.00", "USD")) == told_rate
    assert surely("100.00", [dollars()], instructed=Money("130.00", "USD")) == told_rate
    assert explained("100.00", [dollars()], instructed=Money("130.01", "USD")) is None
    assert explained("-100.00", [dollars()], instructed=Money("130.00", "USD")) is None
    refund = explained("-100.00", [dollars("-130.00", booked="-121.00")], instructed=Money("130.00", "USD"))
    assert refund == ("amount_before_conversion", 1, [("-130.00", "-121.00")], [("fx_difference", "21.00")], None)


@pytest.mark.parametrize(
    ("paid", "moved"),
    [("100.00", []), ("104.00", [("fx_difference", "4.00")]), ("96.00", [("fx_difference", "-4.00")])],
)
def test_amount_near_the_booked_one_is_a_moved_rate(paid: str, moved: list[tuple[str, str]]) -> None:
    near = ("near_the_booked_amount", 2, [("130.00", "100.00")], moved, None)
    assert explained(paid, [dollars(booked="100.00")]) == near
    assert explained(paid, [dollars(booked="100.00")], instructed=Money("99.00", "GBP")) == near
    assert surely(paid, [dollars(booked="100.00")]) is None


@pytest.mark.parametrize("paid", ["104.01", "95.99", "-100.00"])
def test_amount_far_from_the_booked_one_is_not(paid: str) -> None:
    assert explained(paid, [dollars(booked="100.00")]) is None


def test_conversion_needs_one_currency_and_every_booked_amount() -> None:
    assert explained("121.00", [dollars(booked=None)]) is None
    assert explained("242.00", [dollars(), dollars("130.00", 2, None)]) is None
    assert explained("221.00", [dollars(), item("100.00", 2)]) is None
    pounds = item("100.00", 2, "GBP", company_amount="121.00")
    assert explained("242.00", [dollars(), pounds]) is None
    in_dollars = item("130.00", 1, "GBP", company_amount=Money("121.00", "USD"))
    assert explained("121.00", [in_dollars]) is None
    assert explained("242.00", [dollars(), dollars("70.00", 2)])[2] == [("130.00", "121.00"), ("70.00", "121.00")]  # type: ignore[index]
