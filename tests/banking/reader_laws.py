"""The laws that every reader keeps under cut, changed, mutated and grown input; each format's tests apply them.

A reader is called as ``read(data, damaged=..., limits=...)``: that of a format, or ``read_statements`` bound to a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias

import pytest

from oimkit.banking import Statement
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError
from tests.fuzz.growth import MOST_RATIO, growth

__all__ = [
    "Reader",
    "assert_change_moves_no_money",
    "assert_change_moves_no_money_unseen",
    "assert_limits_hold",
    "assert_read_or_refused",
    "assert_refused",
    "assert_time_grows_with_the_file",
    "read_or_refused",
]

Reader: TypeAlias = Callable[..., tuple[Statement, ...]]

WAYS = ("refuse", "report")
"""What is done with records that are damaged."""


# -- cut off, beyond a limit ----------------------------------------------------------------------------------------


def assert_refused(read: Reader, data: bytes, reason: str, **options: Limits) -> None:
    """Refused for *reason* also where damaged records may be left out."""
    for damaged in WAYS:
        with pytest.raises(StatementError, match=reason):
            read(data, damaged=damaged, **options)


def assert_limits_hold(read: Reader, data: bytes, line_chars: int) -> None:
    """*data* has two statements, two entries in the first of them, and a line of more than *line_chars* characters."""
    assert_refused(read, data, "more than 1 entries", limits=Limits(entries=1))
    assert_refused(read, data, "more than 1 statements", limits=Limits(statements=1))
    assert_refused(read, data, f"longer than {line_chars}", limits=Limits(line_chars=line_chars))


# -- any bytes ------------------------------------------------------------------------------------------------------


def assert_read_or_refused(read: Reader, name: str, inputs: Iterable[bytes]) -> None:
    """Each of *inputs* ends as ``read_or_refused`` demands, and not all of them in the same way."""
    outcomes = {read_or_refused(read, name, data) is not None for data in inputs}
    assert outcomes == {True, False}


def read_or_refused(read: Reader, name: str, data: bytes) -> tuple[Statement, ...] | None:
    """What *data* says when its damage may be left out, or None for a refusal, which names its reason and format.

    What can be read whole is read alike in both ways, and what is left out of the rest is told with its line.
    """
    try:
        whole = read(data, damaged="refuse")
    except StatementError as error:
        assert error.reason and error.format == name
        whole = None
    try:
        found = read(data, damaged="report")
    except StatementError as error:
        assert error.reason and error.format == name
        assert whole is None
        return None
    left_out = [each for statement in found for each in statement.findings if each.code == "record-not-read"]
    assert all(finding.line is not None for finding in left_out)
    if whole is not None:
        assert found == whole and not left_out
    return found


# -- one character changed ------------------------------------------------------------------------------------------


def assert_change_moves_no_money(read: Reader, data: bytes, changes: Iterable[tuple[int, bytes]]) -> None:
    """A byte replaced at a place is refused, or leaves every amount and both balances as they were."""
    right = _money(read(data))
    for at, statements in _changed(read, data, changes):
        assert _money(statements) == right, at


def assert_change_moves_no_money_unseen(read: Reader, data: bytes, changes: Iterable[tuple[int, bytes]]) -> None:
    """As above, or else a finding tells of it, or a balance that does not close."""
    right = _money(read(data))
    for at, statements in _changed(read, data, changes):
        told = any(statement.findings or statement.balanced is not True for statement in statements)
        assert told or _money(statements) == right, at


def _changed(
    read: Reader, data: bytes, changes: Iterable[tuple[int, bytes]]
) -> Iterator[tuple[int, tuple[Statement, ...]]]:
    """What is read of each change that is one and is not refused; some are refused, and not all."""
    refused = taken = 0
    for at, letter in changes:
        if data[at : at + 1] == letter:
            continue
        try:
            statements = read(data[:at] + letter + data[at + 1 :])
        except StatementError:
            refused += 1
            continue
        taken += 1
        yield at, statements
    assert refused and taken


def _money(statements: tuple[Statement, ...]) -> list[Decimal]:
    """Opening, closing and entries of each statement."""
    found = []
    for statement in statements:
        balances = (statement.opening, statement.closing)
        found += [balance.amount.amount for balance in balances if balance is not None]
        found += [entry.amount.amount for entry in statement.entries]
    return found


# -- grown ----------------------------------------------------------------------------------------------------------


def assert_time_grows_with_the_file(
    read: Callable[[bytes], object], written: Callable[[int], bytes], entries: int
) -> None:
    """Twice as many entries take about twice the time."""
    ratio, times = growth(read, written(entries), written(2 * entries))
    assert ratio <= MOST_RATIO, times
