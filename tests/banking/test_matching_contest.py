"""Entries that want the same item, and second payments that another entry puts in doubt."""

from __future__ import annotations

from datetime import date

import pytest

from oimkit.banking.matching import Decision, MatchResult, OpenItem, Outcome, match
from oimkit.banking.statement import Entry
from tests.banking import matching_values as values
from tests.banking.matching_values import ANN, BOB, CLEO


def entry(day: int, *text: str, amount: str = "121.00", account: str | None = ANN, **more: object) -> Entry:
    """An entry of a *day* in November, from Ann's account where no other is named."""
    return values.entry(amount, *text, account=account, value_date=date(2026, 11, day), **more)  # type: ignore[arg-type]


def item(number: int = 1, amount: str = "121.00", **more: object) -> OpenItem:
    return values.item(number, amount, **{"partner_accounts": (ANN,), **more})  # type: ignore[arg-type]


def settled(result: MatchResult) -> list[bool]:
    return [proposal.decision is Decision.AUTO for proposal in result.proposals]


def codes(result: MatchResult, index: int = 0) -> set[str]:
    return {reason.code for reason in result.proposals[index].reasons}


# -- who gets an item ---------------------------------------------------------------------------------------------


def test_earlier_of_two_references_gets_the_item() -> None:
    result = match([entry(3, "INV/2026/00001"), entry(2, "INV/2026/00001")], [item()])
    assert settled(result) == [False, True]
    assert "claimed_by_another_entry" in codes(result)


def test_day_of_booking_counts_before_the_value_date() -> None:
    late = entry(2, "INV/2026/00001", booking_date=date(2026, 11, 5))
    assert settled(match([late, entry(4, "INV/2026/00001")], [item()])) == [False, True]


@pytest.mark.parametrize("days", [(2, 2), (2, 3), (2, 3, 4)])
def test_payer_and_amount_alone_are_a_tie_on_any_days(days: tuple[int, ...]) -> None:
    result = match([entry(day) for day in days], [item()])
    assert settled(result) == [False] * len(days)
    for index in range(len(days)):
        assert "tie_between_entries" in codes(result, index)


def test_payer_and_amount_alone_give_way_to_a_reference_however_late() -> None:
    result = match([entry(2), entry(9, "INV/2026/00001")], [item(), item(2, "50.00")])
    assert settled(result)[0] is False
    alone = match([entry(2)], [item(), item(2, "50.00")])
    assert settled(alone) == [True]


def test_own_order_comes_before_a_reference_of_an_earlier_day() -> None:
    ordered = item(end_to_end_id="E1")
    result = match([entry(2, "INV/2026/00001", account=BOB), entry(9, account=CLEO, end_to_end_id="E1")], [ordered])
    assert settled(result) == [False, True]


def test_parts_share_an_item_up_to_what_is_open() -> None:
    parts = [entry(day, "INV/2026/00001", amount=paid) for day, paid in ((2, "60.00"), (3, "61.00"), (4, "0.01"))]
    result = match(parts, [item(), item(2, "999.00")])
    assert settled(result) == [True, True, False]
    same_day = [entry(2, "INV/2026/00001", amount=paid) for paid in ("60.00", "62.00")]
    assert settled(match(same_day, [item(), item(2, "999.00")])) == [False, False]


# -- the same payment again ---------------------------------------------------------------------------------------

REFERENCE = entry(5, "INV/2026/00001")


@pytest.mark.parametrize(("day", "in_doubt"), [(2, True), (5, True), (6, False)])
def test_reference_is_in_doubt_when_the_payer_paid_as_much_before(day: int, in_doubt: bool) -> None:
    result = match([REFERENCE, entry(day, "INV/2026/00099")], [item()])
    assert settled(result)[0] is not in_doubt
    assert ("paid_twice_perhaps" in codes(result)) is in_doubt


@pytest.mark.parametrize(("issued", "in_doubt"), [(1, True), (2, True), (3, False)])
def test_payment_from_before_the_document_puts_nothing_in_doubt(issued: int, in_doubt: bool) -> None:
    known = item(issue_date=date(2026, 11, issued))
    assert settled(match([REFERENCE, entry(2, "INV/2026/00099")], [known]))[0] is not in_doubt


def test_payment_of_something_else_puts_nothing_in_doubt() -> None:
    other = item(2, partner_id="bob", partner_accounts=(BOB,), partner_name="Bob", issue_date=None)
    paid = entry(2, account=BOB, name="Ann Technics")
    result = match([entry(5, "INV/2026/00001", name="Ann Technics"), paid], [item(), other])
    assert settled(result) == [True, True]


def test_own_orders_and_parts_are_beyond_that_doubt() -> None:
    ordered = item(end_to_end_id="E1")
    assert settled(match([entry(5, end_to_end_id="E1"), entry(2, "INV/2026/00099")], [ordered]))[0]
    part = entry(5, "INV/2026/00001", amount="60.00")
    assert settled(match([part, entry(2, "INV/2026/00099", amount="60.00")], [item()]))[0]


@pytest.mark.parametrize(
    ("payer", "before", "in_doubt"),
    [
        ({"account": ANN}, {"account": "nl57 oimk 0417 1643 00"}, True),
        ({"account": ANN}, {"account": BOB}, False),
        ({"account": None, "name": "Ann Technics"}, {"account": BOB, "name": "ANN TECHNICS"}, True),
        ({"account": CLEO}, {"account": None, "name": "Ann Technic Works"}, True),
        ({"account": CLEO}, {"account": None, "name": "Zebra Holdings"}, False),
        ({"account": CLEO, "name": "Mother Ann"}, {"account": None, "name": "Mother Ann"}, True),
        ({"account": ANN}, {"account": None}, False),
        ({"account": None}, {"account": BOB}, False),
    ],
)
def test_same_payer_is_told_by_account_or_name(
    payer: dict[str, object], before: dict[str, object], in_doubt: bool
) -> None:
    known = item(partner_accounts=(), partner_name="Ann Technic Works", payment_reference="RF18539007547034")
    quoted = entry(5, "RF18539007547034", **payer)  # type: ignore[arg-type]
    result = match([quoted, entry(2, "no number", **before)], [known])  # type: ignore[arg-type]
    assert ("paid_twice_perhaps" in codes(result)) is in_doubt


def test_same_payer_is_told_by_the_partner_that_both_point_to() -> None:
    known = item(partner_accounts=(ANN, BOB), mandate_id="M1", customer_number="C4711")
    for before in (entry(2, account=BOB), entry(2, account=None, mandate_id="M1"), entry(2, "C4711", account=CLEO)):
        result = match([REFERENCE, before], [known, item(2, amount="121.00")])
        assert "paid_twice_perhaps" in codes(result)


def test_claim_that_is_lost_to_a_tie_says_so() -> None:
    result = match([entry(2, account=ANN), entry(2, account=BOB)], [item(partner_accounts=(ANN, BOB))])
    assert settled(result) == [False, False]
    assert "tie_between_entries" in codes(result)


# -- what an entry is recognised as -------------------------------------------------------------------------------


def test_whole_second_payment_stays_on_account_and_a_part_of_one_does_not() -> None:
    whole = match([entry(2, "INV/2026/00001"), entry(9, "INV/2026/00001")], [item()])
    assert [proposal.outcome for proposal in whole.proposals] == [Outcome.MATCH, Outcome.ON_ACCOUNT]
    part = match([entry(2, "INV/2026/00001"), entry(9, "INV/2026/00001", amount="60.00")], [item()])
    assert [proposal.outcome for proposal in part.proposals] == [Outcome.MATCH, None]
    tied = match([entry(2, "INV/2026/00001"), entry(2, "INV/2026/00001")], [item()])
    assert [proposal.outcome for proposal in tied.proposals] == [None, None]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("PMNT-CCRD-POSD", Outcome.RULE),
        ("PMNT-RCDT-CHRG", Outcome.RULE),
        ("ACMT-MDOP-FEES", Outcome.RULE),
        ("PMNT-RCDT-ESCT", Outcome.NONE),
        ("CHRG", Outcome.NONE),
        (None, Outcome.NONE),
    ],
)
def test_what_pays_no_document_is_told_by_its_code(code: str | None, outcome: Outcome) -> None:
    (proposal,) = match([entry(2, account=CLEO, bank_code=code)], [item(amount="7.00")]).proposals
    assert proposal.outcome is outcome


def test_what_may_pay_a_document_is_no_rule_and_not_nobodys() -> None:
    quoted = entry(2, "INV/2026/00001", amount="9.00", account=CLEO, bank_code="PMNT-CCRD-POSD")
    assert match([quoted], [item()]).proposals[0].outcome is None
    known = entry(2, amount="0.37")
    assert match([known], [item()]).proposals[0].outcome is None
