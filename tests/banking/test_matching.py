"""What may be settled unseen, what goes to a person, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from oimkit.banking.matching import (
    Decision,
    ItemType,
    OpenItem,
    Outcome,
    Proposal,
    Terms,
    match,
)
from oimkit.banking.statement import Entry, EntryStatus, Party
from oimkit.errors import InputError
from oimkit.money import Money

DAY = date(2026, 11, 2)
ANN = "NL57OIMK0417164300"
BOB = "NL30OIMK0417164301"


def entry(amount: str = "121.00", *text: str, account: str | None = None, **more: object) -> Entry:
    party = Party(account=account) if account is not None else None
    values: dict[str, object] = {
        "amount": Money(amount, "EUR"),
        "value_date": DAY,
        "remittance": text,
        "counterparty": party,
    }
    return Entry(**{**values, **more})  # type: ignore[arg-type]


def item(item_id: str = "1", amount: str = "121.00", **more: object) -> OpenItem:
    values: dict[str, object] = {
        "id": item_id,
        "type": ItemType.CUSTOMER_INVOICE,
        "amount": Money(amount, "EUR"),
        "residual": Money(amount, "EUR"),
        "partner_id": "ann",
        "document_number": f"INV/2026/0000{item_id}",
        "issue_date": date(2026, 10, 1),
    }
    return OpenItem(**{**values, **more})  # type: ignore[arg-type]


def only(entries: list[Entry], items: list[OpenItem], terms: Terms | None = None) -> Proposal:
    (proposal,) = match(entries, items, terms=terms or Terms()).proposals
    return proposal


def codes(proposal: Proposal) -> set[str]:
    return {reason.code for reason in proposal.reasons}


@pytest.mark.parametrize(
    "text", ["INV/2026/00001", "invoice inv 2026-00001 thanks", "factINV202600001", "2026/00001", "INV/2026/0000\n1"]
)
def test_quoted_number_and_exact_amount_settle_the_document(text: str) -> None:
    proposal = only([entry("121.00", *text.split("\n"))], [item("1"), item("2")])
    assert proposal.decision is Decision.AUTO
    assert proposal.item_ids == ("1",)
    assert proposal.allocations[0].amount == Money("121.00", "EUR")
    assert "amount_exact" in codes(proposal)
    assert proposal.outcome is Outcome.MATCH


@pytest.mark.parametrize("text", ["INV/2026/000011", "INV/2026/10000 1 1", "9INV/2026/000017"])
def test_number_inside_a_longer_number_names_nothing(text: str) -> None:
    assert only([entry("121.00", text)], [item("1"), item("2")]).decision is not Decision.AUTO


def test_structured_reference_with_check_digits_settles_in_any_of_its_forms() -> None:
    asked = item("1", payment_reference="+++090/9337/55493+++", document_number="A1")
    for quoted in (
        entry("121.00", structured_reference="090933755493"),
        entry("121.00", structured_reference="***090/9337/55493***"),
        entry("121.00", "ref 090/9337/55493 ok"),
        entry("121.00", end_to_end_id="090933755493"),
    ):
        proposal = only([quoted], [asked, item("2")])
        assert proposal.item_ids == ("1",), quoted
        assert "payment_reference" in codes(proposal)


def test_finnish_reference_is_recognised_with_leading_zeros_and_inside_rf() -> None:
    asked = item("1", payment_reference="1234561", document_number="A1")
    for reference in ("00000000000001234561", "RF341234561", "12 34561"):
        assert only([entry("121.00", structured_reference=reference)], [asked, item("2")]).item_ids == ("1",)


def test_other_amount_goes_to_review_with_the_document_first() -> None:
    proposal = only([entry("100.00", "INV/2026/00001")], [item("1"), item("2", "100.00", partner_id="bob")])
    assert proposal.decision is Decision.REVIEW
    assert proposal.suggestions[0].item_ids == ("1",)
    assert "amount_differs" in codes(proposal)


def test_several_invoices_less_a_credit_note_settle_when_they_sum_exactly() -> None:
    items = [
        item("1", "100.00"),
        item("2", "50.00"),
        item("3", "-20.00", type=ItemType.CUSTOMER_CREDIT_NOTE, document_number="RINV/2026/00007"),
        item("4", "130.00"),
    ]
    proposal = only([entry("130.00", "INV/2026/00001, INV/2026/00002 less RINV/2026/00007")], items)
    assert proposal.item_ids == ("1", "2", "3")
    assert [part.amount.text for part in proposal.allocations] == ["100.00", "50.00", "-20.00"]


def test_one_of_several_quoted_documents_is_never_settled_alone() -> None:
    proposal = only([entry("100.00", "INV/2026/00001 INV/2026/00002")], [item("1", "100.00"), item("2", "50.00")])
    assert proposal.decision is Decision.REVIEW
    assert ("1",) in [suggestion.item_ids for suggestion in proposal.suggestions]


def test_documents_of_two_partners_in_one_text_go_to_review() -> None:
    items = [item("1", "100.00"), item("2", "50.00", partner_id="bob")]
    assert "several_partners" in codes(only([entry("150.00", "INV/2026/00001 INV/2026/00002")], items))


def test_known_account_and_a_single_item_of_this_amount_settle() -> None:
    items = [
        item("1", partner_accounts=(ANN,)),
        item("2", "50.00", partner_accounts=(ANN,)),
        item("3", partner_id="bob"),
    ]
    proposal = only([entry("121.00", "thank you", account="NL57 OIMK 0417 1643 00")], items)
    assert proposal.item_ids == ("1",)
    assert "account_known" in codes(proposal)


def test_two_items_of_one_amount_are_a_tie_and_both_are_shown() -> None:
    items = [item("1", partner_accounts=(ANN,)), item("2", partner_accounts=(ANN,))]
    proposal = only([entry("121.00", "thank you", account=ANN)], items)
    assert proposal.decision is Decision.REVIEW
    assert "equal_amounts" in codes(proposal)
    assert [suggestion.item_ids for suggestion in proposal.suggestions[:2]] == [("1",), ("2",)]


@pytest.mark.parametrize("text", ["INV/2026/09999", "INV/2026/099", "RF18539007547034"])
def test_known_account_is_not_enough_when_something_else_is_quoted(text: str) -> None:
    items = [item("1", partner_accounts=(ANN,)), item("2", "50.00")]
    proposal = only([entry("121.00", text, account=ANN)], items)
    assert proposal.decision is Decision.REVIEW
    assert "quotes_something_not_open" in codes(proposal)


def test_account_of_another_partner_contradicts_the_reference() -> None:
    items = [item("1", partner_accounts=(ANN,)), item("2", "50.00", partner_id="bob", partner_accounts=(BOB,))]
    assert only([entry("121.00", "INV/2026/00001", account=BOB)], items).decision is Decision.REVIEW
    assert only([entry("121.00", "INV/2026/00001", account="NL02ABNA0123456789")], items).decision is Decision.AUTO


def test_item_in_another_currency_is_never_settled_unseen() -> None:
    dollars = replace(item("1"), residual=Money("121.00", "USD"), amount=Money("121.00", "USD"))
    proposal = only([entry("121.00", "INV/2026/00001")], [dollars])
    assert proposal.decision is Decision.REVIEW
    assert "other_currency" in codes(proposal)


def test_document_issued_after_the_payment_contradicts() -> None:
    late = item("1", issue_date=date(2026, 11, 3))
    assert "issued_after_the_payment" in codes(only([entry("121.00", "INV/2026/00001")], [late]))


def test_reference_shared_by_the_payers_documents_needs_the_amount() -> None:
    shared = "+++090/9337/55493+++"
    items = [item("1", payment_reference=shared), item("2", "50.00", payment_reference=shared)]
    assert only([entry("50.00", structured_reference=shared)], items).item_ids == ("2",)
    assert "shared_number" in codes(only([entry("70.00", structured_reference=shared)], items))


def test_own_order_comes_back_by_its_end_to_end_id() -> None:
    order = item("1", "-75.00", type=ItemType.OUTGOING_PAYMENT, end_to_end_id="E2E-77", document_number="P1")
    assert only([entry("-75.00", end_to_end_id="e2e-77")], [order, item("2")]).item_ids == ("1",)
    assert only([entry("75.00", end_to_end_id="e2e-77")], [order]).decision is not Decision.AUTO


def test_batch_settles_all_its_items_or_none() -> None:
    items = [item(str(n), "10.00", partner_id=f"p{n}", batch_id="B-1") for n in (1, 2, 3)]
    assert only([entry("30.00", batch_id="B-1")], items).item_ids == ("1", "2", "3")
    assert only([entry("29.00", batch_id="B-1")], items).decision is Decision.REVIEW


def test_two_entries_for_one_item_the_earlier_gets_it() -> None:
    late, early = entry("121.00", "INV/2026/00001", value_date=date(2026, 11, 5)), entry("121.00", "INV/2026/00001")
    decisions = [proposal.decision for proposal in match([late, early], [item("1")]).proposals]
    assert decisions == [Decision.REVIEW, Decision.AUTO]


def test_two_entries_of_one_day_for_one_item_are_a_tie() -> None:
    result = match([entry("121.00", "INV/2026/00001"), entry("121.00", "INV/2026/00001 again")], [item("1")])
    assert not result.automatic
    assert all("tie_between_entries" in codes(proposal) for proposal in result.proposals)


def test_second_payment_of_the_same_payer_is_not_taken_for_the_first() -> None:
    first = entry("121.00", "INV 2026 0001", account=BOB)
    second = entry("121.00", "INV/2026/00001", account=BOB, value_date=date(2026, 11, 9))
    result = match([first, second], [item("1")])
    assert not result.automatic
    assert "paid_twice_perhaps" in codes(result.proposals[1])


def test_entry_delivered_twice_is_taken_once() -> None:
    twice = [entry("121.00", "INV/2026/00001", reference="B1", id=each) for each in ("b", "a")]
    result = match(twice, [item("1")])
    assert [proposal.outcome for proposal in result.proposals] == [Outcome.DUPLICATE_IMPORT, Outcome.MATCH]


def test_facts_of_the_statement_come_before_any_item() -> None:
    terms = Terms.of(own_accounts=["NL57 OIMK 0417 1643 00"])
    assert (
        only([entry("121.00", "INV/2026/00001", account=ANN)], [item("1")], terms).outcome is Outcome.INTERNAL_TRANSFER
    )
    assert only([entry("121.00", "INV/2026/00001", return_reason="AC04")], [item("1")]).outcome is Outcome.REVERSAL
    pending = entry("121.00", "INV/2026/00001", status=EntryStatus.PENDING)
    assert only([pending], [item("1")]).decision is Decision.NONE


def test_books_do_not_meet() -> None:
    assert only([entry("121.00", "INV/2026/00001", book="a")], [item("1", book="b")]).decision is Decision.NONE


def test_tolerance_is_zero_unless_the_terms_name_one() -> None:
    short = [entry("120.99", "INV/2026/00001")]
    assert only(short, [item("1")]).decision is Decision.REVIEW
    proposal = only(short, [item("1")], Terms.of(tolerances=[Money("0.05", "EUR")]))
    assert proposal.decision is Decision.AUTO
    assert [(part.kind, part.amount) for part in proposal.adjustments] == [("rounding", Money("-0.01", "EUR"))]


def test_same_id_twice_is_refused() -> None:
    with pytest.raises(InputError, match="same id"):
        match([entry()], [item("1"), item("1")])


def test_open_item_refuses_what_cannot_be_open() -> None:
    for wrong in ({"residual": Money("0", "EUR")}, {"residual": Money("-1", "EUR")}, {"residual": Money("122", "EUR")}):
        with pytest.raises(InputError):
            replace(item("1"), **wrong)  # type: ignore[arg-type]


def test_reasons_and_reprs_hold_no_names_accounts_or_texts() -> None:
    secret = entry(
        "121.00", "CANARYTEXT INV/2026/00001", account="NL02ABNA0123456789", structured_reference="CANARYREF"
    )
    secret = replace(secret, counterparty=Party(name="CANARYNAME", account="NL02ABNA0123456789"))
    known = item("1", partner_name="CANARYPARTNER", partner_accounts=("NL02ABNA0123456789",), customer_number="CANARY9")
    shown = repr(match([secret], [known])) + repr(secret) + repr(known)
    assert "CANARY" not in shown
    assert "0123456789" not in shown


def test_short_number_without_letters_needs_a_second_witness() -> None:
    numbered = item("1", document_number="001657", partner_name="Ann Trading")
    stranger = entry("121.00", "invoice 001657", counterparty=Party(name="Somebody Else"))
    assert "short_number_alone" in codes(only([stranger], [numbered, item("2")]))
    ann = entry("121.00", "invoice 001657", counterparty=Party(name="TRADING ANN"))
    assert only([ann], [numbered, item("2")]).item_ids == ("1",)


def test_known_account_is_not_enough_when_a_plain_number_of_our_length_is_quoted() -> None:
    items = [item("1", document_number="001404", partner_accounts=(ANN,)), item("2", "50.00", document_number="001405")]
    assert "quotes_something_not_open" in codes(only([entry("121.00", "invoice 001003", account=ANN)], items))


def test_first_payment_with_more_words_in_its_name_puts_the_second_in_doubt() -> None:
    first = entry("121.00", "INV 00 1", counterparty=Party(name="Ann Trading Logroño"))
    second = entry("121.00", "INV/2026/00001", counterparty=Party(name="Ann Trading"), value_date=date(2026, 11, 9))
    result = match([first, second], [item("1", partner_name="Ann Trading")])
    assert "paid_twice_perhaps" in codes(result.proposals[1])
