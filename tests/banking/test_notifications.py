"""Notifications fill the entries they surely belong to, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from oimkit.banking import Entry, EntryStatus, Party, Statement, with_notifications
from oimkit.money import Currency, Money

DAY = date(2025, 3, 4)


def entry(amount: str, reference: str | None = None, **more: object) -> Entry:
    return Entry(amount=Money(amount, "EUR"), value_date=DAY, reference=reference, **more)  # type: ignore[arg-type]


def statement(*entries: Entry, kind: str = "camt053", account: str = "A") -> Statement:
    return Statement(format=kind, account=account, currency=Currency("EUR"), entries=entries)


DETAILS = (entry("6.00", counterparty=Party("One")), entry("4.00", counterparty=Party("Two")))
NOTIFIED = replace(entry("10.00", "R1"), status=EntryStatus.INFORMATION, details=DETAILS, end_to_end_id="E")


def test_a_batch_gets_its_details_and_keeps_what_it_says_itself() -> None:
    (found,) = with_notifications([statement(entry("10.00", "R1"))], [statement(NOTIFIED, kind="camt054")])
    (filled,) = found.entries
    assert [detail.counterparty for detail in filled.details] == [Party("One"), Party("Two")]
    assert (filled.status, filled.end_to_end_id, found.findings) == (EntryStatus.BOOKED, "E", ())


def test_what_the_statement_says_is_not_replaced() -> None:
    own = entry("10.00", "R1", end_to_end_id="mine")
    (found,) = with_notifications([statement(own)], [statement(NOTIFIED)])
    assert found.entries[0].end_to_end_id == "mine"


def test_a_batch_id_stands_in_for_a_reference() -> None:
    (found,) = with_notifications(
        [statement(entry("10.00", "R1", batch_id="PI"))], [statement(replace(NOTIFIED, reference=None, batch_id="PI"))]
    )
    assert len(found.entries[0].details) == 2


@pytest.mark.parametrize("other", [entry("10.00", "R2"), entry("9.00", "R1"), entry("-10.00", "R1"), entry("10.00")])
def test_another_reference_or_amount_is_another_entry(other: Entry) -> None:
    (found,) = with_notifications([statement(other)], [statement(NOTIFIED)])
    assert found.entries == (other,)
    assert [finding.code for finding in found.findings] == ["notification-unused"]


def test_another_account_is_left_alone() -> None:
    own = statement(entry("10.00", "R1"))
    assert with_notifications([own], [statement(NOTIFIED, account="B")]) == (own,)


@pytest.mark.parametrize("entries", [1, 2])
def test_two_that_could_be_the_same_are_a_question(entries: int) -> None:
    own = [entry("10.00", "R1")] * entries
    notified = [NOTIFIED] * (3 - entries)
    (found,) = with_notifications([statement(*own)], [statement(*notified)])
    assert found.entries == tuple(own)
    assert {finding.code for finding in found.findings} == {"notification-ambiguous"}


def test_a_batch_id_joins_no_two_that_have_references_of_their_own() -> None:
    own = entry("10.00", "R2", batch_id="PI")
    (found,) = with_notifications([statement(own)], [statement(replace(NOTIFIED, batch_id="PI"))])
    assert found.entries == (own,)
    assert [finding.code for finding in found.findings] == ["notification-unused"]


def test_a_notified_entry_fills_one_entry_only() -> None:
    named, nameless = entry("10.00", "R1", batch_id="PI"), entry("10.00", batch_id="PI")
    (found,) = with_notifications([statement(named, nameless)], [statement(replace(NOTIFIED, batch_id="PI"))])
    assert [len(each.details) for each in found.entries] == [2, 0]
    assert [finding.code for finding in found.findings] == ["notification-ambiguous"]
