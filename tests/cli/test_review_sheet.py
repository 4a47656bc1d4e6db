"""The review list as a spreadsheet and as a page: what a person sees, what comes back, and what is refused."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from oimkit.banking import Entry, OpenItem, Party, match
from oimkit.banking.matching import ItemType
from oimkit.banking.settlement import SettlementPlan, plan_settlement
from oimkit.cli.review_choices import with_choices
from oimkit.cli.review_page import review_page
from oimkit.cli.review_sheet import read_workbook, review_workbook
from oimkit.errors import InputError
from oimkit.money import Money


def entry(identity: str, amount: str, text: str = "thanks", name: str = "Harbour Light BV") -> Entry:
    money = Money(amount, "EUR")
    return Entry(
        id=identity, amount=money, value_date=date(2026, 1, 5), counterparty=Party(name=name), remittance=(text,)
    )


def item(identity: str, amount: str) -> OpenItem:
    money = Money(amount, "EUR")
    return OpenItem(
        id=identity,
        type=ItemType.CUSTOMER_INVOICE,
        amount=money,
        residual=money,
        partner_id="7",
        partner_name="Harbour Light",
        document_number=f"INV/2026/000{identity}",
        due_date=date(2026, 2, 1),
    )


ENTRIES = [entry("1", "30.00"), entry("2", "-5000.00", "=1+1"), entry("3", "20.00")]
ITEMS = [item("11", "10.00"), item("12", "20.00"), item("14", "20.00")]


@pytest.fixture
def plan() -> SettlementPlan:
    made = plan_settlement(match(ENTRIES, ITEMS), ENTRIES, ITEMS)
    assert {row.entry_id for row in made.review} == {"1", "2", "3"}
    return made


@pytest.fixture
def choose(plan: SettlementPlan) -> Callable[..., SettlementPlan]:
    """The plan after a person has written *choices* (entry -> cell) into the workbook and saved it."""

    def edit(choices: dict[str, object], column: str = "choice") -> SettlementPlan:
        book = load_workbook(BytesIO(review_workbook(plan, ENTRIES, ITEMS)))
        sheet = book["review"]
        titles = [cell.value for cell in sheet[2]]
        for row in sheet.iter_rows(min_row=3):
            identity = row[titles.index("entry")].value
            if identity in choices:
                row[titles.index(column)].value = choices[identity]
        out = BytesIO()
        book.save(out)
        return with_choices(read_workbook(out.getvalue()), plan, ENTRIES, ITEMS)

    return edit


def test_list_begins_with_what_is_worth_most_and_then_with_what_is_nearest(plan: SettlementPlan) -> None:
    assert [row.entry_id for row in plan.review] == ["2", "1", "3"]
    same = [entry("4", "30.00", name="Somebody Else"), entry("5", "30.00")]
    rows = plan_settlement(match(same, ITEMS), same, ITEMS).review
    assert [(row.entry_id, bool(row.suggestions)) for row in rows] == [("5", True), ("4", False)]


def test_sheet_shows_amounts_as_numbers_and_texts_as_texts(plan: SettlementPlan) -> None:
    sheet = load_workbook(BytesIO(review_workbook(plan, ENTRIES, ITEMS)))["review"]
    titles = [cell.value for cell in sheet[2]]
    first = dict(zip(titles, sheet[3], strict=True))
    assert (first["amount"].value, first["amount"].data_type) == (-5000, "n")
    assert (first["text"].value, first["text"].data_type, first["text"].quotePrefix) == ("=1+1", "s", True)
    assert first["counterparty"].value == "Harbour Light BV"
    assert first["why"].value
    second = dict(zip(titles, sheet[4], strict=True))
    assert "INV/2026/00011 Harbour Light 10.00 EUR" in " ".join(str(second[each].value) for each in "123")
    hidden = [letter for letter, column in sheet.column_dimensions.items() if column.hidden]
    assert len(hidden) >= 1


def test_workbook_as_it_was_written_changes_nothing(plan: SettlementPlan) -> None:
    assert with_choices(read_workbook(review_workbook(plan, ENTRIES, ITEMS)), plan, ENTRIES, ITEMS) == plan


@pytest.mark.parametrize("cell", ["#11 + #12", "#11+#12", "#12, #11", " #11 ; #12 "])
def test_items_are_chosen_by_their_ids(cell: str, choose: Callable[..., SettlementPlan]) -> None:
    (settlement,) = choose({"1": cell}).settlements
    assert settlement.entry_id == "1"
    assert {part.item_id for part in settlement.items} == {"11", "12"}
    assert settlement.reasons[-1].code == "chosen_by_a_person"


@pytest.mark.parametrize("cell", [1, "1", " 1 "])
def test_suggestion_is_chosen_by_its_number(
    cell: object, plan: SettlementPlan, choose: Callable[..., SettlementPlan]
) -> None:
    (third,) = [row for row in plan.review if row.entry_id == "3"]
    (settlement,) = choose({"3": cell}).settlements
    assert tuple(part.item_id for part in settlement.items) == third.suggestions[0].item_ids


@pytest.mark.parametrize("cell", ["11 + 12", "yes", "#", "#11 #12", "4", 1.5, True, date(2026, 1, 1), "=1"])
def test_choice_that_cannot_be_understood_is_refused_with_its_row(
    cell: object, choose: Callable[..., SettlementPlan]
) -> None:
    with pytest.raises(InputError, match="row 4"):
        choose({"1": cell})


def test_suggestion_that_is_not_there_is_refused(choose: Callable[..., SettlementPlan]) -> None:
    with pytest.raises(InputError, match="row 3 of the workbook has no suggestion 1"):
        choose({"2": "1"})


def test_choice_that_does_not_settle_the_entry_is_refused(choose: Callable[..., SettlementPlan]) -> None:
    with pytest.raises(InputError, match="row 4 of the review file, entry 1: the chosen items differ"):
        choose({"1": "#11"})


@pytest.mark.parametrize(("column", "cell"), [("entry", None), ("entry", 1), ("amount then", None), ("currency", 3)])
def test_row_that_lost_what_it_is_checked_by_is_refused(
    column: str, cell: object, choose: Callable[..., SettlementPlan]
) -> None:
    with pytest.raises(InputError, match="row 4 of the workbook has lost its entry or amount"):
        choose({"1": cell}, column)


def test_amount_that_was_changed_is_refused(choose: Callable[..., SettlementPlan]) -> None:
    edited = choose({"1": "31.00"}, "amount then")
    assert not edited.settlements  # nothing was chosen
    with pytest.raises(InputError):
        choose({"1": "x"}, "amount then")


def _zip(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _other_workbook() -> bytes:
    out = BytesIO()
    Workbook().save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"no workbook", _zip({}), _zip({"xl/workbook.xml": b"<x/>"}), _other_workbook()],
    ids=["empty", "cut", "text", "empty archive", "no parts", "another workbook"],
)
def test_what_is_no_review_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no workbook that --review-out writes"):
        list(read_workbook(data))


def test_workbook_that_unfolds_to_very_much_is_refused_at_once(plan: SettlementPlan) -> None:
    bomb = _zip({"xl/worksheets/sheet1.xml": b"<row/>" * 10_000_000})
    assert len(bomb) < 300_000
    begun = time.process_time()
    with pytest.raises(InputError, match="larger than any review list"):
        list(read_workbook(bomb))
    assert time.process_time() - begun < 1


def test_document_type_in_a_part_of_it_is_refused(plan: SettlementPlan) -> None:
    data = review_workbook(plan, ENTRIES, ITEMS)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE x [<!ENTITY a "b">]>' + sheet
    with pytest.raises(InputError):
        list(read_workbook(_zip(members)))


@given(st.text(max_size=60).filter(str.strip), st.text(max_size=60).filter(str.strip))
@settings(max_examples=60, deadline=None)
def test_any_texts_of_payers_go_out_as_texts(text: str, name: str) -> None:
    entries = [entry("1", "30.00", text, name)]
    plan = plan_settlement(match(entries, ITEMS), entries, ITEMS)
    data = review_workbook(plan, entries, ITEMS)
    for row in load_workbook(BytesIO(data))["review"].iter_rows(min_row=3):
        assert {cell.data_type for cell in row} <= {"s", "n", "d"}
    assert with_choices(read_workbook(data), plan, entries, ITEMS) == plan


def test_page_tells_what_waits_why_and_what_it_may_settle(plan: SettlementPlan) -> None:
    page = review_page(plan, ENTRIES, ITEMS, journal="BNK1")
    for text in ("BNK1", "-5000.00 EUR", "=1+1", "INV/2026/00012 Harbour Light 20.00 EUR", "came in", "went out"):
        assert text in page
    assert "Nothing waits" in review_page(replace(plan, review=()), ENTRIES, ITEMS, journal="BNK1")


def test_page_takes_no_text_for_markup() -> None:
    entries = [entry("1", "30.00", "<script>alert(1)</script>")]
    plan = plan_settlement(match(entries, []), entries, [])
    assert "<script>alert" not in review_page(plan, entries, [], journal="BNK1")
    assert plan.review[0].amount.amount == Decimal(30)
