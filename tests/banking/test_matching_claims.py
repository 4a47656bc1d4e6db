"""When one entry may settle items unseen, rule by rule, and what it says when it may not."""

from __future__ import annotations

from datetime import date

import pytest

from oimkit.banking.matching import Decision, ItemType, OpenItem, Proposal, match
from oimkit.banking.statement import Entry
from oimkit.money import Money
from tests.banking.matching_values import ANN, BOB, CLEO, entry, item


def of_ann(number: int, amount: str, **more: object) -> OpenItem:
    return item(number, amount, **{"partner_accounts": (ANN,), **more})


def of_bob(number: int, amount: str = "121.00", **more: object) -> OpenItem:
    return item(number, amount, **{"partner_id": "bob", "partner_accounts": (BOB,), **more})


def only(paid: Entry, *items: OpenItem) -> Proposal:
    (proposal,) = match([paid], items).proposals
    return proposal


def told(paid: Entry, *items: OpenItem) -> tuple[str, ...] | set[str]:
    """The ids that are settled, else the codes of the reasons why nothing is."""
    proposal = only(paid, *items)
    if proposal.decision is Decision.AUTO:
        return tuple(sorted(proposal.item_ids))
    return {reason.code for reason in proposal.reasons}


def codes(paid: Entry, *items: OpenItem) -> set[str]:
    return {reason.code for reason in only(paid, *items).reasons}


# -- our own orders -----------------------------------------------------------------------------------------------


def test_own_id_settles_its_item_and_nothing_else_that_is_quoted() -> None:
    ordered = item(end_to_end_id="E1")
    assert told(entry(end_to_end_id=" e1 "), ordered) == ("1",)
    assert told(entry("121.00", "INV/2026/00001", end_to_end_id="E1"), ordered, item(2)) == ("1",)
    assert told(entry("121.00", "INV/2026/00001 INV/2026/00002", end_to_end_id="E1"), ordered, item(2)) == ("1",)
    assert "names_another_document" in told(entry("121.00", "INV/2026/00002", end_to_end_id="E1"), ordered, item(2))
    assert told(entry("120.00", end_to_end_id="E1"), ordered) == {"end_to_end_id", "amount_differs"}
    assert told(entry(end_to_end_id="E1"), ordered, item(2, end_to_end_id="E1")) == {"end_to_end_id_tie"}


def test_batch_is_settled_whole_in_one_currency() -> None:
    both = [item(1, batch_id="B1"), item(2, "79.00", batch_id="B1", partner_id="bob")]
    assert told(entry("200.00", batch_id="B1"), *both) == ("1", "2")
    assert told(entry("121.00", batch_id="B1"), *both) == {"batch_id", "amount_differs"}
    dollars = item(2, batch_id="B1", amount="79.00")
    foreign = OpenItem(
        id="3",
        type=ItemType.CUSTOMER_INVOICE,
        amount=Money("79.00", "USD"),
        residual=Money("79.00", "USD"),
        partner_id="bob",
        batch_id="B1",
    )
    assert told(entry("200.00", batch_id="B1"), both[0], dollars, foreign) == {"batch_id", "other_currency"}


# -- references ---------------------------------------------------------------------------------------------------


def test_documents_of_two_partners_are_not_taken_together() -> None:
    quoted = entry("242.00", "INV/2026/00001 INV/2026/00002")
    assert "several_partners" in told(quoted, item(1), of_bob(2))
    assert told(quoted, item(1), item(2)) == ("1", "2")


def test_short_number_of_another_partner_is_no_reference() -> None:
    mine = of_ann(1, "121.00")
    short = of_bob(2, "50.00", document_number="202611")
    assert told(entry("121.00", "INV/2026/00001 202611", account=ANN), mine, short) == ("1",)
    assert "several_partners" in told(
        entry("171.00", "INV/2026/00001 INV/2026/00002", account=ANN), mine, of_bob(2, "50.00")
    )


def test_short_number_needs_somebody_who_is_known() -> None:
    short = item(document_number="12345", partner_accounts=(ANN,), partner_name="Ann Technics")
    assert "short_number_alone" in told(entry("121.00", "12345"), short)
    assert told(entry("121.00", "12345", account=ANN), short) == ("1",)
    assert told(entry("121.00", "12345", name="Ann Technics"), short) == ("1",)
    assert "short_number_alone" in told(entry("121.00", "12345", name="Zebra Holdings"), short)


@pytest.mark.parametrize(("alike", "is_settled"), [(3, True), (4, False)])
def test_plain_number_of_a_frequent_amount_needs_somebody_who_is_known(alike: int, is_settled: bool) -> None:
    items = [item(number, partner_id=f"p{number}") for number in range(1, alike + 1)]
    found = told(entry("121.00", "INV/2026/00001", account=CLEO), *items)
    assert found == (("1",) if is_settled else {"document_number", "common_amount"})
    checked = [item(1, payment_reference="RF18539007547034"), *items[1:]]
    assert told(entry("121.00", "RF18539007547034", account=CLEO), *checked) == ("1",)


def test_shared_number_is_decided_by_the_payer_then_by_the_amount() -> None:
    same = {"document_number": "2026-0100"}
    ann, bob = of_ann(1, "121.00", **same), of_bob(2, "121.00", **same)
    assert told(entry("121.00", "2026-0100", account=BOB), ann, bob) == ("2",)
    assert told(entry("121.00", "2026-0100"), ann, bob) == {"shared_number"}
    assert told(entry("121.00", "2026-0100"), ann, of_bob(2, "90.00", **same)) == ("1",)
    assert told(entry("118.00", "2026-0100"), of_ann(1, "121.00", discount=Money("3.00", "EUR"), **same), bob) == ("1",)
    with_other = entry("200.00", "2026-0100 INV/2026/00003")
    assert told(with_other, ann, bob, of_ann(3, "79.00")) == ("1", "3")


# -- a reference and another amount -------------------------------------------------------------------------------


def test_other_items_of_the_partner_fill_the_amount() -> None:
    assert told(entry("150.37", "INV/2026/00001", account=ANN), of_ann(1, "121.00"), of_ann(2, "29.37")) == ("1", "2")
    assert "only_group_of_this_sum" in codes(
        entry("150.37", "INV/2026/00001", account=ANN), of_ann(1, "121.00"), of_ann(2, "29.37")
    )
    backed = entry("101.00", "INV/2026/00001 less 00002", account=ANN)
    notes = [
        of_ann(number, "-20.00", type=ItemType.CUSTOMER_CREDIT_NOTE, document_number=f"RINV/2026/0000{number}")
        for number in (2, 3)
    ]
    assert told(backed, of_ann(1, "121.00"), *notes) == ("1", "2")
    assert "more_may_be_meant" in told(entry("101.00", "INV/2026/00001", account=ANN), of_ann(1, "121.00"), *notes)


def test_part_is_taken_from_a_known_payer_who_says_nothing_else() -> None:
    mine = of_ann(1, "121.00")
    assert told(entry("60.00", "INV/2026/00001", account=ANN), mine) == ("1",)
    assert told(entry("60.00", "INV/2026/00001"), mine) == {"document_number", "amount_differs", "payer_not_known"}
    checked = item(payment_reference="RF18539007547034")
    assert told(entry("60.00", "RF18539007547034"), checked) == ("1",)
    assert "quotes_something_not_open" in told(entry("60.00", "INV/2026/00001 INV/2026/00009", account=ANN), mine)
    assert "amount_of_another_item" in told(
        entry("60.00", "INV/2026/00001", account=ANN), mine, of_ann(2, "60.00", document_number="X/9/77777")
    )
    assert "more_may_be_meant" in told(entry("60.00", "INV/2026/00001 00777", account=ANN), mine, of_ann(777, "999.00"))


def test_more_is_kept_for_one_document_and_no_other_number() -> None:
    mine = of_ann(1, "121.00")
    assert told(entry("125.00", "INV/2026/00001", account=ANN), mine) == ("1",)
    assert "more_may_be_meant" in told(entry("125.00", "INV/2026/00001 98765", account=ANN), mine)
    assert "more_may_be_meant" in told(
        entry("245.00", "INV/2026/00001 INV/2026/00002", account=ANN), mine, of_ann(2, "121.00")
    )
    rest_is_due = told(entry("125.00", "INV/2026/00001", account=ANN), mine, of_ann(3, "4.00"))
    assert {"amount_of_another_item", "more_may_be_meant"} <= set(rest_is_due)
    assert told(entry("125.37", "INV/2026/00001", account=ANN), mine, of_ann(3, "4.37")) == ("1", "3")


# -- payer and amount ---------------------------------------------------------------------------------------------


def test_payer_with_one_fitting_item_settles_it_unless_something_else_is_quoted() -> None:
    items = of_ann(1, "121.00"), of_ann(2, "50.00")
    assert told(entry(account=ANN), *items) == ("1",)
    assert "only_item_of_this_amount" in codes(entry(account=ANN), *items)
    assert "quotes_something_not_open" in told(entry("121.00", "INV/2026/00099", account=ANN), *items)
    assert "equal_amounts" in told(entry(account=ANN), *items, of_ann(3, "121.00"))
    assert told(entry("121.00", "no. 00003", account=ANN), *items, of_ann(3, "121.00")) == ("3",)


def test_discount_of_one_item_and_exact_amount_of_another_leave_a_question() -> None:
    exact, discounted = of_ann(1, "98.00"), of_ann(2, "100.00", discount=Money("2.00", "EUR"))
    assert told(entry("98.00", account=ANN), discounted) == ("2",)
    assert "equal_amounts" in told(entry("98.00", account=ANN), exact, discounted)
    assert told(entry("98.00", "00002", account=ANN), exact, discounted) == ("2",)


def test_two_known_payers_are_a_question() -> None:
    paid = entry(account=ANN, mandate_id="M-BOB")
    assert told(paid, of_ann(1, "121.00"), of_bob(2, "90.00", mandate_id="M-BOB")) == {"several_payers"}


def test_group_of_a_known_payer_is_settled_where_it_is_the_only_one_and_telling() -> None:
    items = of_ann(1, "100.01"), of_ann(2, "250.37"), of_ann(3, "77.77")
    assert told(entry("350.38", account=ANN), *items) == ("1", "2")
    assert told(entry("428.15", account=ANN), *items) == ("1", "2", "3")
    assert "amount_differs" in told(entry("500.00", account=ANN), *items)
    assert "quotes_something_not_open" in told(entry("350.38", "INV/2026/00099", account=ANN), *items)
    assert "several_groups" in told(entry("350.38", account=ANN), *items, of_ann(4, "100.01"))
    assert told(entry("350.38", "00002 and 00004", account=ANN), *items, of_ann(4, "100.01")) == ("2", "4")
    round_ones = [of_ann(number, f"{number}.00") for number in range(1, 7)]
    assert "group_by_chance" in told(entry("10.00", account=ANN), *round_ones)
    assert told(entry("350.38", account=ANN), *items, of_ann(4, "122.60")) == ("1", "2")
    assert "several_groups" in told(entry("350.38", account=ANN), *items, of_ann(4, "172.60"), of_ann(5, "0.02"))


@pytest.mark.parametrize(("parts", "is_instalment"), [(2, True), (3, True), (4, True), (5, False)])
def test_even_part_of_another_item_may_be_an_instalment(parts: int, is_instalment: bool) -> None:
    group = of_ann(1, "100.01"), of_ann(2, "250.37")
    other = of_ann(3, str(Money("350.38", "EUR").amount * parts))
    found = told(entry("350.38", account=ANN), *group, other)
    assert ("instalment_of_another_item" in found) == is_instalment


# -- nobody is known ----------------------------------------------------------------------------------------------


def test_damaged_number_or_a_like_name_finds_the_item_of_this_amount() -> None:
    known = item(37, partner_name="Ann Technic Works")
    assert told(entry("121.00", "INV/2026/0O037"), known) == ("37",)
    assert told(entry("121.00", "no 00037"), known) == {"nothing_names_an_item"}
    assert told(entry("121.00", "no 00037", name="Ann Technik Works"), known) == ("37",)
    assert told(entry("121.00", name="Ann Technik Works"), known) == ("37",)
    assert told(entry("121.00", name="Zebra Holdings"), known) == {"nothing_names_an_item"}
    assert told(entry("121.00", "INV/2026/00099", name="Ann Technik Works"), known) != ("37",)


@pytest.mark.parametrize(("others", "is_settled"), [(2, True), (3, False)])
def test_like_name_is_not_enough_where_many_have_the_amount(others: int, is_settled: bool) -> None:
    known = item(1, partner_name="Ann Technic Works")
    rest = [item(number, partner_id=f"p{number}") for number in range(2, 2 + others)]
    found = told(entry("121.00", name="Ann Technik Works"), known, *rest)
    assert (found == ("1",)) == is_settled


def test_account_of_several_partners_names_none_of_them() -> None:
    shared = item(1, partner_accounts=(ANN,)), item(2, "50.00", partner_id="bob", partner_accounts=(ANN,))
    assert told(entry(account=ANN), *shared) == {"account_of_several_partners"}


# -- what speaks against ------------------------------------------------------------------------------------------


def test_account_of_another_partner_speaks_against_a_reference() -> None:
    found = told(entry("121.00", "INV/2026/00001", account=BOB), of_ann(1, "121.00"), of_bob(2, "50.00"))
    assert "account_of_another_partner" in found


def test_payer_with_an_item_of_this_amount_speaks_against_the_reference_to_another() -> None:
    paid = entry("121.00", "INV/2026/00001", name="Bob Builders", account=CLEO)
    bob = item(2, partner_id="bob", partner_name="Bob Builders")
    assert "amount_of_the_payer" in told(paid, item(1, partner_name="Ann Technics"), bob)
    other = item(2, "50.00", partner_id="bob", partner_name="Bob Builders")
    assert told(paid, item(1, partner_name="Ann Technics"), other) == ("1",)


@pytest.mark.parametrize(("issued", "is_settled"), [(1, True), (2, True), (3, False)])
def test_document_of_the_day_may_be_paid_and_one_of_the_next_may_not(issued: int, is_settled: bool) -> None:
    found = told(entry("121.00", "INV/2026/00001"), item(issue_date=date(2026, 11, issued)))
    assert (found == ("1",)) == is_settled
    if not is_settled:
        assert "issued_after_the_payment" in found


def test_unknown_number_speaks_against_a_reference_but_not_against_our_own_id() -> None:
    quoted = entry("121.00", "INV/2026/00001 INV/2026/00099")
    assert "quotes_something_not_open" in told(quoted, item(1))
    ordered = entry("121.00", "INV/2026/00099", end_to_end_id="E1")
    assert told(ordered, item(1, end_to_end_id="E1")) == ("1",)


# -- what a person is shown ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("namesakes", "is_shown"), [(2, True), (3, False)])
def test_of_many_namesakes_only_items_of_the_very_amount_are_shown(namesakes: int, is_shown: bool) -> None:
    items = [
        item(number, "500.00", partner_id=f"p{number}", partner_name="Ann Technics")
        for number in range(1, namesakes + 1)
    ]
    exact = item(9, "121.00", partner_id="p1", partner_name="Ann Technics")
    shown = {
        each
        for suggestion in only(entry("121.00", "INV/2026/54321", name="Ann Technics"), *items, exact).suggestions
        for each in suggestion.item_ids
    }
    assert "9" in shown
    assert ("1" in shown) is is_shown
