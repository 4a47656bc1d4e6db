"""The review file: what a person gets, what of it comes back, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from oimkit.banking import Entry, OpenItem, Party, match
from oimkit.banking.matching import ItemType
from oimkit.banking.settlement import SettlementPlan, plan_settlement
from oimkit.cli.review_choices import with_choices
from oimkit.cli.review_file import KEYS, read_choices, review_text
from oimkit.errors import InputError
from oimkit.money import Money


def entry(identity: str, amount: str, text: str = "invoices") -> Entry:
    party = Party(name="Harbour Light BV")
    money = Money(amount, "EUR")
    return Entry(id=identity, amount=money, value_date=date(2026, 1, 5), counterparty=party, remittance=(text,))


def item(identity: str, amount: str, partner: str = "7", currency: str = "EUR") -> OpenItem:
    money = Money(amount, currency)
    return OpenItem(id=identity, type=ItemType.CUSTOMER_INVOICE, amount=money, residual=money, partner_id=partner)


ENTRIES = [entry("1", "30.00"), entry("2", "29.00")]
ITEMS = [
    item("11", "10.00"),
    item("12", "20.00"),
    item("13", "29.00"),
    item("14", "20.00", "8"),
    item("15", "30.00", "9", "USD"),
]


@pytest.fixture
def plan() -> SettlementPlan:
    made = plan_settlement(match(ENTRIES, ITEMS), ENTRIES, ITEMS)
    assert len(made.review) == 2 and not made.settlements
    return made


@pytest.fixture
def choose(plan: SettlementPlan) -> Callable[..., SettlementPlan]:
    """The plan after a person has put *choices* (entry -> item ids, or anything) into the file."""

    def edit(choices: dict[str, Any], **changes: Any) -> SettlementPlan:
        rows = [json.loads(line) for line in review_text(plan, ENTRIES, ITEMS).splitlines()]
        edited = [{**row, "choice": choices.get(row["entry"]), **changes} for row in rows]
        return with_choices(read_choices("".join(json.dumps(row) + "\n" for row in edited)), plan, ENTRIES, ITEMS)

    return edit


def test_file_holds_what_a_person_needs_to_judge(plan: SettlementPlan) -> None:
    rows = [json.loads(line) for line in review_text(plan, ENTRIES, ITEMS).splitlines()]
    assert [set(row) for row in rows] == [set(KEYS)] * 2
    assert (rows[0]["entry"], rows[0]["amount"], rows[0]["counterparty"]) == ("1", "30.00", "Harbour Light BV")
    assert rows[0]["choice"] is None and rows[0]["reasons"]


def test_file_as_it_was_written_changes_nothing(plan: SettlementPlan) -> None:
    assert with_choices(read_choices(review_text(plan, ENTRIES, ITEMS)), plan, ENTRIES, ITEMS) == plan


def test_choice_becomes_a_settlement_that_says_who_decided(choose: Callable[..., SettlementPlan]) -> None:
    changed = choose({"1": ["11", "12"]})
    (settlement,) = changed.settlements
    assert (settlement.entry_id, settlement.partner_id) == ("1", "7")
    assert [part.item_id for part in settlement.items] == ["11", "12"]
    assert settlement.reasons[-1].code == "chosen_by_a_person"
    assert [row.entry_id for row in changed.review] == ["2"]


def test_settlements_stay_in_the_order_of_the_entries(choose: Callable[..., SettlementPlan]) -> None:
    assert [one.entry_id for one in choose({"2": ["13"], "1": ["11", "12"]}).settlements] == ["1", "2"]


@pytest.mark.parametrize(
    "choice",
    [["11"], ["11", "11"], ["11", "99"], ["11", "14"], ["15"], ["13"]],
    ids=["too little", "twice", "not open", "two partners", "other currency", "too much"],
)
def test_choice_that_is_not_exact_is_refused_with_its_line(
    choice: list[str], choose: Callable[..., SettlementPlan]
) -> None:
    with pytest.raises(InputError, match="line 1 of the review file, entry 1"):
        choose({"1": choice})


def test_item_is_chosen_once(choose: Callable[..., SettlementPlan]) -> None:
    rows = {"1": ["11", "12"], "2": ["13"]}
    assert len(choose(rows).settlements) == 2


@pytest.mark.parametrize("choice", ["11", [11], [""], {"id": "11"}, 0, True])
def test_choice_that_is_no_list_of_ids_is_refused(choice: object, choose: Callable[..., SettlementPlan]) -> None:
    with pytest.raises(InputError, match="line 1"):
        choose({"1": choice})


@pytest.mark.parametrize("changes", [{"more": 1}, {"amount": 30}, {"amount": "x"}, {"entry": 1}])
def test_line_of_another_shape_is_refused(changes: dict[str, Any], choose: Callable[..., SettlementPlan]) -> None:
    with pytest.raises(InputError):
        choose({"1": ["11", "12"]}, **changes)


def test_amount_that_was_changed_is_refused(choose: Callable[..., SettlementPlan]) -> None:
    with pytest.raises(InputError, match="amount is not what the server has"):
        choose({"1": ["11", "12"]}, amount="31.00")


@pytest.mark.parametrize("text", ["[]\n", "{}\n", "null\n", "no json\n", "[" * 100_000 + "\n", '{"entry": "1"}\n'])
def test_what_is_no_review_file_is_refused(text: str, plan: SettlementPlan) -> None:
    with pytest.raises(InputError, match="line 1 of the review file"):
        with_choices(read_choices(text), plan, ENTRIES, ITEMS)


def test_entry_that_no_longer_waits_is_passed_over(plan: SettlementPlan, choose: Callable[..., SettlementPlan]) -> None:
    text = review_text(plan, ENTRIES, ITEMS).replace('"choice": null', '"choice": ["11", "12"]', 1)
    settled = SettlementPlan((), plan.review[1:])
    assert with_choices(read_choices(text), settled, ENTRIES, ITEMS) == settled
