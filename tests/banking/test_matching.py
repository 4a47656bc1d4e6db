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
from tests.banking.matching_values import ANN, BOB, DAY, entry, item


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
    """The account is learned from the entry that quotes in full, and the first payment is known by it."""
    first = entry("121.00", "INV 2026 0001", account=BOB)
    second = entry("121.00", "INV/2026/00001", account=BOB, value_date=date(2026, 11, 9))
    result = match([first, second], [item("1")])
    assert [proposal.item_ids for proposal in result.proposals] == [("1",), ()]
    assert {"account_learned", "number_damaged"} <= codes(result.proposals[0])
    assert "claimed_by_another_entry" in codes(result.proposals[1])


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


def test_small_difference_is_rounding_within_the_terms_and_a_part_payment_beyond_them() -> None:
    short = [entry("120.01", "INV/2026/00001", account=ANN)]
    known = [item("1", partner_accounts=(ANN,))]
    proposal = only(short, known)
    assert [(part.kind, part.amount) for part in proposal.adjustments] == [("rounding", Money("-0.99", "EUR"))]
    assert proposal.allocations[0].amount == Money("121.00", "EUR")
    proposal = only(short, known, Terms.of(tolerances=[Money("0", "EUR")]))
    assert proposal.adjustments == ()
    assert proposal.allocations[0].amount == Money("120.01", "EUR")
    assert "paid_in_part" in codes(proposal)


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


@pytest.mark.parametrize(
    ("paid", "more", "code", "kind", "settled"),
    [
        (
            "118.58",
            {"discount": Money("2.42", "EUR"), "discount_date": DAY},
            "cash_discount",
            "cash_discount",
            "121.00",
        ),
        (
            "118.58",
            {"discount": Money("2.42", "EUR"), "discount_date": date(2026, 11, 1)},
            "discount_taken_late",
            None,
            "118.58",
        ),
        ("60.00", {}, "paid_in_part", None, "60.00"),
        ("125.00", {}, "paid_more_than_due", None, "121.00"),
    ],
)
def test_every_difference_has_its_name(
    paid: str, more: dict[str, object], code: str, kind: str | None, settled: str
) -> None:
    known = item("1", partner_accounts=(ANN,), **more)
    proposal = only([entry(paid, "INV/2026/00001", account=ANN)], [known, item("2", "900.00")])
    assert code in codes(proposal)
    assert [part.kind for part in proposal.adjustments] == ([kind] if kind else [])
    assert proposal.allocations[0].amount.text == settled
    assert (proposal.unallocated is not None) == (code == "paid_more_than_due")


def test_fee_that_the_bank_reports_or_a_foreign_bank_takes_is_named() -> None:
    known = item("1", partner_accounts=(ANN,))
    reported = entry("109.00", "INV/2026/00001", account=ANN, charges=Money("12.00", "EUR"))
    abroad = entry("109.00", "INV/2026/00001", account=ANN, bank_code="PMNT-RCDT-XBCT")
    for each, code in ((reported, "bank_fee_reported"), (abroad, "bank_fee_of_a_foreign_bank")):
        proposal = only([each], [known])
        assert code in codes(proposal)
        assert [(part.kind, part.amount.text) for part in proposal.adjustments] == [("bank_fee", "-12.00")]


def test_document_in_another_currency_is_settled_for_what_was_instructed() -> None:
    dollars = Money("130.00", "USD")
    known = replace(item("1", company_amount=Money("121.00", "EUR")), amount=dollars, residual=dollars)
    paid = entry("119.50", "INV/2026/00001", instructed=Money("130.00", "USD"))
    proposal = only([paid], [known])
    assert [(part.amount, part.paid) for part in proposal.allocations] == [
        (Money("130.00", "USD"), Money("121.00", "EUR"))
    ]
    assert [(part.kind, part.amount.text) for part in proposal.adjustments] == [("fx_difference", "-1.50")]
    other = entry("119.50", "INV/2026/00001", instructed=Money("125.00", "USD"))
    assert only([other], [known]).decision is Decision.REVIEW


def test_part_payment_is_refused_where_others_would_fill_the_amount() -> None:
    items = [
        item("1", "100.00", partner_accounts=(ANN,)),
        item("2", "-20.00", type=ItemType.CUSTOMER_CREDIT_NOTE, document_number="RINV/2026/00007"),
        item("3", "-20.00", type=ItemType.CUSTOMER_CREDIT_NOTE, document_number="RINV/2026/00008"),
    ]
    proposal = only([entry("80.00", "INV/2026/00001", account=ANN)], items)
    assert proposal.decision is Decision.REVIEW
    assert "more_may_be_meant" in codes(proposal)
    backed = only([entry("80.00", "INV/2026/00001 less 00008", account=ANN)], items)
    assert backed.item_ids == ("1", "3")


def test_part_payment_of_somebody_unknown_goes_to_a_person() -> None:
    proposal = only([entry("60.00", "INV/2026/00001", account=BOB)], [item("1")])
    assert proposal.decision is Decision.REVIEW
    assert "payer_not_known" in codes(proposal)


def test_instalments_settle_one_item_together_and_never_more_than_it() -> None:
    known = item("1", partner_accounts=(ANN,))
    parts = [entry(paid, "INV/2026/00001", account=ANN) for paid in ("40.00", "40.00", "41.00")]
    result = match(parts, [known])
    assert [proposal.item_ids for proposal in result.proposals] == [("1",)] * 3
    assert result.allocated() == {"1": Money("121.00", "EUR")}
    late = entry("50.00", "INV/2026/00001", account=ANN, value_date=date(2026, 11, 9))
    last = match([*parts, late], [known]).proposals[-1]
    assert last.decision is Decision.REVIEW
    assert "claimed_by_another_entry" in codes(last)


def test_nothing_is_learned_about_an_entry_from_itself() -> None:
    """A plain number and a frequent amount from somebody unknown: the account must not vouch for itself."""
    items = [item(str(number), document_number=f"2026-0000{number}", partner_id=f"p{number}") for number in range(1, 7)]
    stranger = entry("121.00", "invoice 2026-00001", account=BOB)
    assert "common_amount" in codes(only([stranger], items))
    again = entry("50.00", "2026-00009", account=BOB)
    own = item("9", "50.00", document_number="2026-00009", partner_id="p1")
    assert match([stranger, again], [*items, own]).proposals[0].item_ids == ("1",)


def test_nothing_is_learned_from_an_entry_that_is_no_payment() -> None:
    """Delivered twice, the second teaches what the first says: that is no second witness. Nor is a return."""
    items = [item(str(number), document_number=f"2026-0000{number}", partner_id=f"p{number}") for number in range(1, 7)]
    stranger = entry("121.00", "invoice 2026-00001", account=BOB, reference="B1", id="a")
    for other in (replace(stranger, id="b"), replace(stranger, id="b", reference="B2", return_reason="AC04")):
        first, _ = match([stranger, other], items).proposals
        assert "common_amount" in {reason.code for reason in first.reasons}


def test_fee_is_never_named_where_more_came_than_is_due() -> None:
    known = item("1", partner_accounts=(ANN,))
    proposal = only([entry("133.00", "INV/2026/00001", account=ANN, charges=Money("12.00", "EUR"))], [known])
    assert "bank_fee_reported" not in codes(proposal)


def test_provider_of_cards_keeps_its_fee_and_nobody_else() -> None:
    receipts = [item(str(n), "50.00", type=ItemType.CARD_RECEIPT, partner_id=f"p{n}", batch_id="PO1") for n in (1, 2)]
    proposal = only([entry("98.00", batch_id="PO1")], receipts)
    assert [(part.kind, part.amount.text) for part in proposal.adjustments] == [("bank_fee", "-2.00")]
    assert only([entry("80.00", batch_id="PO1")], receipts).decision is Decision.REVIEW


def test_number_of_another_partner_that_the_payer_did_not_mean() -> None:
    """The payer is known and owes this very amount: a slip of the pen named somebody else's document."""
    meant = item("1", partner_accounts=(ANN,), document_number="INV/2026/03636")
    named = item("2", document_number="INV/2026/03036", partner_id="bob")
    proposal = only(
        [entry("121.00", "INV/2026/03036", account="NL02ABNA0123456789", counterparty=Party(name="Ann"))],
        [replace(meant, partner_name="Ann"), named],
    )
    assert proposal.decision is Decision.REVIEW
    assert "amount_of_the_payer" in codes(proposal)


def test_what_settles_nothing_is_told_where_it_is_known() -> None:
    paid = item("1", partner_accounts=(ANN,))
    twice = [entry(account=ANN), entry(account=ANN, value_date=date(2026, 11, 9))]
    twice = [replace(each, remittance=("INV/2026/00001",)) for each in twice]
    assert [proposal.outcome for proposal in match(twice, [paid]).proposals] == [Outcome.MATCH, Outcome.ON_ACCOUNT]
    wages = entry("-900.00", "wages", bank_code="PMNT-ICDT-SALA", account="NL02ABNA0123456789")
    assert only([wages], [paid]).outcome is Outcome.RULE
    stranger = entry("77.00", "hello", account="NL02ABNA0123456789", bank_code="PMNT-RCDT-ESCT")
    assert only([stranger], [paid]).outcome is Outcome.NONE
    known = entry("77.00", "hello", account=ANN, bank_code="PMNT-RCDT-ESCT")
    assert only([known], [paid]).outcome is None
