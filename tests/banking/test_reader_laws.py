"""The laws of readers fail for a reader that breaks them; and limits hold in both ways of reading."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from oimkit.banking import Balance, Entry, Finding, Statement, read_statements
from oimkit.banking.limits import LIMITS, Limits
from oimkit.errors import StatementError
from oimkit.money import Currency, Money
from tests.banking import reader_laws
from tests.banking.reader_laws import (
    assert_change_moves_no_money,
    assert_change_moves_no_money_unseen,
    assert_limits_hold,
    assert_read_or_refused,
    assert_time_grows_with_the_file,
    read_or_refused,
)
from tests.banking.statement_files import camt053, mt940, ntry, ofx
from tests.fuzz.growth import MOST_RATIO

EUR = Currency("EUR")


def statement(text: str, *findings: Finding, **more: Any) -> Statement:
    """A statement of one entry of so many euros."""
    entry = Entry(amount=Money(text, "EUR"), value_date=date(2025, 3, 4))
    return Statement(format="x", account=None, currency=EUR, entries=(entry,), findings=findings, **more)


def digits(data: bytes, **_: object) -> tuple[Statement, ...]:
    """A reader of whole euros, for which anything but digits is no statement."""
    if not data.isdigit():
        raise StatementError("no digits", format="x")
    return (statement(data.decode()),)


# -- a reader that breaks a law ---------------------------------------------------------------------------------------

LEFT_OUT = Finding("record-not-read", "left out", line=1)


def test_a_reader_that_keeps_the_law_of_any_bytes_passes() -> None:
    assert_read_or_refused(digits, "x", [b"1", b"x"])


@pytest.mark.parametrize("inputs", [[], [b"1", b"2"], [b"x"]])
def test_inputs_that_all_end_alike_prove_nothing(inputs: list[bytes]) -> None:
    with pytest.raises(AssertionError):
        assert_read_or_refused(digits, "x", inputs)


@pytest.mark.parametrize(
    ("refusing", "reporting"),
    [
        (StatementError("", format="x"), StatementError("no", format="x")),
        (StatementError("no", format="y"), StatementError("no", format="x")),
        (StatementError("no", format="x"), StatementError("no", format="y")),
        (StatementError("no", format="x"), statement("1", replace(LEFT_OUT, line=None))),
        (statement("1"), StatementError("no", format="x")),
        (statement("1"), statement("2")),
        (statement("1", LEFT_OUT), statement("1", LEFT_OUT)),
    ],
    ids=["no reason", "format", "format of damage", "no line", "refused", "differs", "left out unasked"],
)
def test_two_ways_of_reading_that_do_not_fit_fail(
    refusing: Statement | StatementError, reporting: Statement | StatementError
) -> None:
    def read(data: bytes, *, damaged: str) -> tuple[Statement, ...]:
        outcome = refusing if damaged == "refuse" else reporting
        if isinstance(outcome, StatementError):
            raise outcome
        return (outcome,)

    with pytest.raises(AssertionError):
        read_or_refused(read, "x", b"")


def test_a_change_that_moves_money_fails_unless_it_is_told_where_that_will_do() -> None:
    def told(data: bytes, **_: object) -> tuple[Statement, ...]:
        return (replace(*digits(data), findings=(LEFT_OUT,)),)

    def closed(data: bytes, **_: object) -> tuple[Statement, ...]:
        """Any amount closes."""
        (found,) = digits(data)
        opening, closing = (Balance(Money(text, "EUR"), None, "OPBD") for text in ("0", data.decode()))
        return (replace(found, opening=opening, closing=closing),)

    changes = [(0, b"2"), (0, b"x")]
    for read, laws in ((told, 1), (closed, 2)):
        for law in (assert_change_moves_no_money, assert_change_moves_no_money_unseen)[:laws]:
            with pytest.raises(AssertionError):
                law(read, b"1", changes)
    assert_change_moves_no_money_unseen(told, b"1", changes)


@pytest.mark.parametrize("changes", [[], [(0, b"1")], [(0, b"x")]])
def test_changes_that_change_nothing_or_are_all_refused_prove_nothing(changes: list[tuple[int, bytes]]) -> None:
    with pytest.raises(AssertionError):
        assert_change_moves_no_money(digits, b"1", changes)


def test_a_limit_that_holds_in_one_way_of_reading_only_fails() -> None:
    def read(data: bytes, *, limits: Limits, damaged: str) -> tuple[Statement, ...]:
        if damaged == "refuse" and limits != LIMITS:
            raise StatementError("more than 1 entries, more than 1 statements, longer than 5", format="x")
        return ()

    with pytest.raises(pytest.fail.Exception):
        assert_limits_hold(read, b"", 5)


@pytest.mark.parametrize(("ratio", "passes"), [(1, True), (MOST_RATIO / 2, True), (MOST_RATIO / 2 + 0.01, False)])
def test_time_for_twice_the_file_is_bounded(ratio: float, passes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def growth(read: object, small: bytes, large: bytes) -> tuple[float, str]:
        return ratio * len(large) / len(small), "told"

    monkeypatch.setattr(reader_laws, "growth", growth)
    with nullcontext() if passes else pytest.raises(AssertionError, match="told"):
        assert_time_grows_with_the_file(digits, bytes, 1000)


# -- the formats that statement_files writes ---------------------------------------------------------------------------

LONG = "x" * 60
CREDIT = ":61:250304C1,00NTRFNONREF"
TRANSACTION = f"<DTPOSTED>20250304<TRNAMT>1.00<MEMO>{LONG}"
ENDS_OF_STATEMENTS = {"ofx1": b"</STMTTRNRS>", "camt053": b"</Stmt>"}
TWO_ENTRIES = {
    "mt940": mt940(CREDIT, f":86:{LONG}", CREDIT),
    "mt942": mt940(":34F:EUR0,", CREDIT, f":86:{LONG}", CREDIT),
    "ofx1": ofx(TRANSACTION, TRANSACTION),
    "camt053": camt053(ntry("1.00", f"<AddtlNtryInf>{LONG}</AddtlNtryInf>"), ntry("1.00")),
}


def twice(name: str, data: bytes) -> bytes:
    """The statement of *data* two times; where messages have a frame, both are in one."""
    if name not in ENDS_OF_STATEMENTS:
        return data + data
    end = ENDS_OF_STATEMENTS[name]
    start = end.replace(b"/", b"")
    head, rest = data.split(start)
    body, tail = rest.split(end)
    return head + 2 * (start + body + end) + tail


@pytest.mark.parametrize("name", TWO_ENTRIES)
def test_limits_hold_in_both_ways_of_reading(name: str) -> None:
    read = partial(read_statements, format=name, unbalanced="report")
    data = twice(name, TWO_ENTRIES[name])
    assert [len(statement.entries) for statement in read(data)] == [2, 2]
    assert_limits_hold(read, data, 50)
