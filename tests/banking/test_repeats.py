"""Entries that were already in another file are told, once each, whatever the formats of the two."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import (
    Entry,
    EntryStatus,
    Statement,
    read_statements,
    shared_entries,
    with_repeats,
    write_statements,
)
from oimkit.money import Currency, Money
from tests.banking.statement_files import FILES

CREATED = datetime(2025, 4, 1, 8, 30)
EUR = Currency("EUR")
DAY = date(2025, 3, 3)
IBAN = "DE02120300000000202051"


def entry(amount: str, day: int = 3, **more: object) -> Entry:
    return Entry(amount=Money(amount, "EUR"), value_date=date(2025, 3, day), **more)  # type: ignore[arg-type]


def dated(day: date) -> Entry:
    return Entry(amount=Money("1.00", "EUR"), value_date=day)


def statement(*entries: Entry, format: str = "camt053", account: str | None = IBAN) -> Statement:  # noqa: A002
    return Statement(format=format, account=account, currency=EUR, entries=entries)


def evidence(known: Statement, new: Statement) -> list[str]:
    return [shared.evidence for shared in shared_entries([known], [new])]


WRITTEN = [
    path
    for folder in ("camt053", "golden/camt053")
    for path in sorted((FILES / folder).iterdir())
    if path.suffix == ".xml"
]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_a_file_downloaded_once_more_in_another_format_is_known_entry_by_entry(path: Path) -> None:
    known = read_statements(path.read_bytes(), unbalanced="report")
    data = write_statements(known, "mt940", message_id="M", created=CREATED).data
    new = read_statements(data, format="mt940", unbalanced="report")
    shared = shared_entries(known, new)
    booked = [each for one in new for each in one.booked]
    assert Counter(id(each.new) for each in shared) == Counter(map(id, booked))
    assert len({id(each.known) for each in shared}) == len(shared)
    assert all(each.known.amount == each.new.amount for each in shared)


def test_two_equal_payments_stay_two() -> None:
    twice = (entry("-5.00"), entry("-5.00"))
    assert evidence(statement(*twice), statement(*twice, format="mt940")) == ["count", "count"]
    assert evidence(statement(*twice), statement(*twice, entry("-5.00"), format="mt940")) == ["count", "count"]
    assert evidence(statement(*twice, entry("-5.00")), statement(entry("-5.00"), format="ofx1")) == ["count"]
    assert evidence(statement(*twice), statement(*twice, entry("-5.00"))) == ["key", "key"]


def test_the_surest_evidence_is_taken_first() -> None:
    known = statement(entry("5.00", reference="B2"), entry("5.00", reference="B1", end_to_end_id="E1"))
    new = statement(entry("5.00", reference="B1"), entry("5.00", reference="B2"), format="mt940")
    pairs = shared_entries([known], [new])
    assert [(pair.known.reference, pair.new.reference, pair.evidence) for pair in pairs] == [
        ("B1", "B1", "reference"),
        ("B2", "B2", "reference"),
    ]


def test_a_reference_that_mt940_cut_is_the_same() -> None:
    known = statement(entry("5.00", reference="2025030312345678901234567890"))
    assert evidence(known, statement(entry("5.00", reference="2025030312345678"), format="mt940")) == ["reference"]


def test_other_ids_amounts_and_days_are_other_entries() -> None:
    known = statement(entry("5.00", end_to_end_id="E1"))
    assert evidence(known, statement(entry("5.00", end_to_end_id="E2"), format="mt940")) == []
    assert evidence(known, statement(entry("5.01", end_to_end_id="E1"), format="mt940")) == []
    assert evidence(known, statement(entry("5.00", 4, end_to_end_id="E1"), format="mt940")) == []
    assert evidence(known, statement(entry("5.00"), format="mt940")) == ["count"]


def test_the_value_day_is_compared_where_a_format_has_no_other() -> None:
    known = statement(entry("5.00", 4, booking_date=date(2025, 3, 3)))
    assert evidence(known, statement(entry("5.00", 4), format="qif")) == ["count"]
    assert evidence(known, statement(entry("5.00", 3), format="qif")) == ["count"]
    assert evidence(known, statement(entry("5.00", 5), format="qif")) == []


@pytest.mark.parametrize(
    ("account", "same"),
    [(IBAN, True), (None, True), ("12030000/202051", True), ("202051", True), ("0000202052", False), ("51", False)],
)
def test_an_account_is_the_same_as_far_as_its_number_goes(account: str | None, same: bool) -> None:
    known, new = statement(entry("5.00")), statement(entry("5.00"), format="mt940", account=account)
    assert bool(shared_entries([known], [new])) is same
    assert bool(shared_entries([new], [known])) is same


def test_a_currency_that_a_file_does_not_name_may_be_any() -> None:
    unnamed, dollars = (
        Statement(format="qif", account=IBAN, currency=currency, entries=(Entry(amount=amount, value_date=DAY),))
        for currency in (Currency("XXX"), Currency("USD"))
        for amount in [Money("5.00", currency)]
    )
    euros = statement(entry("5.00"))
    assert (evidence(euros, unnamed), evidence(unnamed, euros), evidence(euros, dollars)) == (["count"], ["count"], [])


def test_a_statement_that_repeats_is_marked() -> None:
    first = statement(entry("1.00"), entry("2.00"))
    again = statement(entry("2.00"), entry("1.00"), format="mt940")
    more = statement(entry("2.00"), entry("3.00", 9), format="ofx1")
    other = statement(entry("4.00"), account="DE02500105170137075030")
    codes = [[finding.code for finding in one.findings] for one in with_repeats([first, again, more, other])]
    assert codes == [[], ["statement-repeated"], ["entries-repeated"], []]


def test_statements_of_other_days_cost_nothing() -> None:
    years = [statement(dated(date.fromordinal(730_000 + day)))
             for day in range(4_000)]  # fmt: skip
    assert with_repeats(years) == tuple(years)


def test_entries_that_are_not_booked_are_not_shared() -> None:
    pending = entry("5.00", status=EntryStatus.PENDING)
    assert evidence(statement(pending), statement(entry("5.00"), format="mt940")) == []


ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from(["1.00", "-1.00", "2.00"]),
        st.integers(1, 3),
        reference=st.sampled_from([None, "B1", "B2"]),
        end_to_end_id=st.sampled_from([None, "E1", "E2"]),
        remittance=st.sampled_from([(), ("rent",), ("fee",)]),
    ),
    max_size=8,
)


@given(ENTRIES, ENTRIES, st.sampled_from(["camt053", "mt940"]))
@settings(max_examples=200, deadline=None)
def test_every_entry_is_shared_once_at_most_and_with_its_like(known: list[Entry], new: list[Entry], name: str) -> None:
    pairs = shared_entries([statement(*known)], [statement(*new, format=name)])
    for side in ("known", "new"):
        assert max(Counter(id(getattr(pair, side)) for pair in pairs).values(), default=1) == 1
    assert all((p.known.amount, p.known.value_date) == (p.new.amount, p.new.value_date) for p in pairs)


@given(ENTRIES, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_all_of_a_file_is_shared_with_itself_in_any_order_and_with_nothing_left_of_its_texts(
    entries: list[Entry], chance: object
) -> None:
    bare = [replace(each, reference=None, remittance=(), end_to_end_id=None) for each in entries]
    chance.shuffle(bare)  # type: ignore[attr-defined]
    assert len(shared_entries([statement(*entries)], [statement(*bare, format="qif")])) == len(entries)
    assert len(shared_entries([statement(*entries)], [statement(*reversed(entries))])) == len(entries)
