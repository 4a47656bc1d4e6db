"""From proposals to settlements: only what is exact."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from oimkit.banking.matching import ItemType, OpenItem, Terms, match
from oimkit.banking.settlement import SettlementPlan, plan_settlement
from oimkit.banking.statement import Entry, Party
from oimkit.errors import InputError
from oimkit.money import Money


def entry(entry_id: str | None, amount: str, text: str) -> Entry:
    return Entry(id=entry_id, amount=Money(amount, "EUR"), value_date=date(2026, 11, 2), remittance=(text,))


def item(item_id: str, amount: str, **more: str) -> OpenItem:
    made = OpenItem(
        id=item_id,
        type=ItemType.CUSTOMER_INVOICE,
        amount=Money(amount, "EUR"),
        residual=Money(amount, "EUR"),
        partner_id="ann",
        document_number=f"INV/2026/000{item_id}",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def plan(entries: list[Entry], items: list[OpenItem], terms: Terms | None = None) -> SettlementPlan:
    return plan_settlement(match(entries, items, terms=terms or Terms()), entries, items)


def test_exact_proposal_becomes_a_settlement_with_its_reasons() -> None:
    made = plan([entry("7", "100.00", "INV/2026/00011")], [item("11", "100.00")])
    (settlement,) = made.settlements
    assert (settlement.entry_id, settlement.partner_id) == ("7", "ann")
    assert [(part.item_id, part.amount.text) for part in settlement.items] == [("11", "100.00")]
    assert settlement.reasons
    assert made.review == ()


def test_everything_else_waits_with_reasons_and_suggestions() -> None:
    made = plan([entry("7", "90.00", "INV/2026/00011"), entry("8", "1.00", "hello")], [item("11", "100.00")])
    assert made.settlements == ()
    assert [row.entry_id for row in made.review] == ["7", "8"]
    assert made.review[0].suggestions[0].item_ids == ("11",)
    assert all(row.reasons for row in made.review)


ANN = "NL57OIMK0417164300"


@pytest.mark.parametrize(
    ("paid", "code"), [("99.99", "not_exact"), ("60.00", "not_in_full"), ("104.00", "paid_more_than_due")]
)
def test_automatic_proposal_that_is_not_exact_waits_for_a_person(paid: str, code: str) -> None:
    due = replace(item("11", "100.00"), partner_accounts=(ANN,))
    came = replace(entry("7", paid, "INV/2026/00011"), counterparty=Party(account=ANN))
    (proposal,) = match([came], [due]).automatic
    assert proposal.item_ids == ("11",)
    made = plan([came], [due])
    assert made.settlements == ()
    assert code in {reason.code for reason in made.review[0].reasons}
    assert made.review[0].suggestions[0].item_ids == ("11",)


def test_instalments_of_one_item_wait_and_an_exact_payment_beside_them_is_settled() -> None:
    due = [replace(item(number, "100.00"), partner_accounts=(ANN,)) for number in ("11", "12")]
    came = [
        replace(entry(entry_id, paid, text), counterparty=Party(account=ANN))
        for entry_id, paid, text in (
            ("7", "50.00", "INV/2026/00011"),
            ("8", "50.00", "INV/2026/00011"),
            ("9", "100.00", "INV/2026/00012"),
        )
    ]
    made = plan(came, due)
    assert [settlement.entry_id for settlement in made.settlements] == ["9"]
    assert [row.entry_id for row in made.review] == ["7", "8"]


def test_batch_of_several_partners_waits_for_a_person() -> None:
    items = [item("11", "60.00", batch_id="B"), item("12", "40.00", batch_id="B", partner_id="bob")]
    made = plan([replace(entry("7", "100.00", "x"), batch_id="B")], items)
    assert "several_partners" in {reason.code for reason in made.review[0].reasons}


def test_entry_without_id_is_refused() -> None:
    with pytest.raises(InputError, match="without an id"):
        plan([entry(None, "100.00", "INV/2026/00011")], [item("11", "100.00")])


def test_proposals_of_other_items_are_refused() -> None:
    entries, items = [entry("7", "100.00", "INV/2026/00011")], [item("11", "100.00")]
    result = match(entries, items)
    with pytest.raises(InputError):
        plan_settlement(result, entries, [])
    with pytest.raises(InputError):
        plan_settlement(result, [], items)
