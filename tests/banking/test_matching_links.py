"""Entries that belong together are told, and where two fit alike, none is."""

from __future__ import annotations

from datetime import date

from oimkit.banking.matching import ItemType, MatchResult, OpenItem, Outcome, Terms, match
from oimkit.banking.statement import Entry, Party
from oimkit.money import Money

CURRENT, SAVINGS, ANN = "NL57OIMK0417164300", "NL30OIMK0417164301", "BE68539007547034"
TERMS = Terms.of(own_accounts=[CURRENT, SAVINGS])


def entry(amount: str, day: int, other: str | None, *text: str, own: str = CURRENT, **more: object) -> Entry:
    values: dict[str, object] = {
        "amount": Money(amount, "EUR"),
        "value_date": date(2026, 11, day),
        "account": own,
        "counterparty": Party(account=other) if other is not None else None,
        "remittance": text,
    }
    return Entry(**{**values, **more})  # type: ignore[arg-type]


def item(number: int = 1, amount: str = "121.00") -> OpenItem:
    return OpenItem(
        id=str(number),
        type=ItemType.CUSTOMER_INVOICE,
        amount=Money(amount, "EUR"),
        residual=Money(amount, "EUR"),
        partner_id="ann",
        document_number=f"INV/2026/{number:05d}",
        partner_accounts=(ANN,),
    )


def links(result: MatchResult) -> list[int | None]:
    return [proposal.linked for proposal in result.proposals]


def test_second_delivery_belongs_to_the_first() -> None:
    twice = [entry("121.00", 2, ANN, "INV/2026/00001", reference="B1", id=each) for each in "ba"]
    assert links(match(twice, [item()])) == [1, None]


def test_return_belongs_to_what_has_its_id() -> None:
    entries = [
        entry("121.00", 2, ANN, end_to_end_id="DD-1"),
        entry("121.00", 2, ANN, end_to_end_id="DD-2"),
        entry("-121.00", 5, ANN, end_to_end_id="dd-2 ", return_reason="MS02"),
    ]
    assert links(match(entries, [])) == [None, None, 1]


def test_return_without_an_id_belongs_to_the_only_entry_of_its_other_side() -> None:
    debit = entry("121.00", 2, ANN)
    back = entry("-121.00", 5, ANN, return_reason="MS02")
    assert links(match([debit, entry("121.00", 2, None), back], [])) == [None, None, 0]
    assert links(match([debit, debit, back], [])) == [None, None, None]


def test_return_belongs_to_nothing_of_another_amount_account_or_book_and_nothing_later() -> None:
    back = entry("-121.00", 5, ANN, end_to_end_id="DD-1", return_reason="MS02")
    others = [
        entry("120.00", 2, ANN, end_to_end_id="DD-1"),
        entry("121.00", 2, ANN, own=SAVINGS, end_to_end_id="DD-1"),
        entry("121.00", 2, ANN, end_to_end_id="DD-1", book="b"),
        entry("121.00", 6, ANN, end_to_end_id="DD-1"),
    ]
    for other in others:
        assert links(match([other, back], [])) == [None, None]


def test_two_legs_of_a_transfer_belong_to_each_other() -> None:
    legs = [
        entry("-1000.00", 2, SAVINGS),
        entry("1000.00", 3, CURRENT, own=SAVINGS),
        entry("-1000.00", 20, "NL30 OIMK 0417 1643 01"),
        entry("1000.00", 20, CURRENT, own=SAVINGS),
        entry("500.00", 3, CURRENT, own=SAVINGS),
    ]
    result = match(legs, [], terms=TERMS)
    assert {proposal.outcome for proposal in result.proposals} == {Outcome.INTERNAL_TRANSFER}
    assert links(result) == [1, 0, 3, 2, None]


def test_legs_that_fit_alike_or_lie_far_apart_are_not_paired() -> None:
    out = entry("-1000.00", 2, SAVINGS)
    both = [entry("1000.00", day, CURRENT, own=SAVINGS) for day in (3, 3)]
    assert links(match([out, *both], [], terms=TERMS)) == [None, None, None]
    assert links(match([out, entry("1000.00", 10, CURRENT, own=SAVINGS)], [], terms=TERMS)) == [None, None]


def test_legs_in_two_books_are_paired() -> None:
    legs = [entry("-1000.00", 2, SAVINGS, book="a"), entry("1000.00", 2, CURRENT, own=SAVINGS, book="b")]
    assert links(match(legs, [], terms=TERMS)) == [1, 0]


def test_second_payment_belongs_to_the_first() -> None:
    paid = [entry("121.00", day, ANN, "INV/2026/00001") for day in (4, 2)]
    result = match(paid, [item()])
    assert [proposal.outcome for proposal in result.proposals] == [Outcome.ON_ACCOUNT, Outcome.MATCH]
    assert links(result) == [1, None]
