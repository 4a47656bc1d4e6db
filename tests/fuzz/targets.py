"""What is fuzzed: a name, where its inputs come from, and what may come out."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from oimkit.banking import FORMATS, KNOWN_FORMATS, Statement, detect, join_pages, read_statements, statement_row
from oimkit.banking.limits import Limits
from oimkit.banking.writing import write_statements
from oimkit.errors import StatementError
from tests.fuzz.replies import WAYS, read_reply

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """``run`` gets bytes and returns whether they were read; any exception that leaves it is a defect.

    decodings  ways in which ``run`` tries to read each input, at least
    """

    name: str
    run: Callable[[bytes], bool]
    decodings: int = 1


def _reads(name: str) -> Callable[[bytes], bool]:
    """Read as one format: whole, else what can be read of it; one input in eight in every way, and these compared."""

    def run(data: bytes) -> bool:
        whole = _statements(data, name)
        if whole is None:
            _check(_statements(data, name, damaged="report"), name)
            return False
        _check(whole, name)
        if zlib.crc32(data) % 8 == 0:
            _compare_ways(data, name, whole)
        return True

    return run


def _statements(data: bytes, name: str, **ways: str) -> tuple[Statement, ...] | None:
    """The statements, or None for a refusal with reason and format."""
    try:
        return read_statements(data, format=name, **{"unbalanced": "report", **ways})  # type: ignore[arg-type]
    except StatementError as error:
        assert error.reason and error.format in (name, _SIBLING.get(name))
        assert error.line is None or error.line >= 1
        return None


_SIBLING = {"mt940": "mt942", "mt942": "mt940"}
"""A file may hold messages of both kinds, and either reader takes them as what they are."""


def _check(statements: tuple[Statement, ...] | None, name: str) -> None:
    """What was read can be joined and shown."""
    for statement in join_pages(statements or ()):
        assert statement.format in (name, _SIBLING.get(name))
        statement_row(statement, "file")


def _compare_ways(data: bytes, name: str, whole: tuple[Statement, ...]) -> None:
    """Nothing is left out of a file that reads whole, and what is refused for its sums is what is told of them."""
    assert _statements(data, name, damaged="report") == whole
    assert _statements(data, name, unbalanced="refuse") in (None, whole)


def _detects(data: bytes) -> bool:
    """Recognise, and read as what was recognised."""
    try:
        name = detect(data)
    except StatementError as error:
        assert error.reason and error.advice
        return False
    assert name in KNOWN_FORMATS
    try:
        read_statements(data)
    except StatementError as error:
        assert error.reason and error.format in (None, name, _SIBLING.get(name))
        return False
    return True


_SMALL = Limits(bytes=256 * 1024, members=20)


def _unpacks(data: bytes) -> bool:
    try:
        _check_members(read_statements(data, unbalanced="report", limits=_SMALL))
    except StatementError as error:
        assert error.reason
        return False
    return True


def _check_members(statements: tuple[Statement, ...]) -> None:
    """Files of an archive are counted from one, in its order."""
    members = [statement.member or 1 for statement in statements]
    assert members == sorted(members) and members[0] >= 1


_CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _writes(data: bytes) -> bool:
    """What is read can be written, or the format says that it cannot carry it; reading it back is part of writing."""
    try:
        statements = read_statements(data, unbalanced="report")
    except StatementError:
        return False
    try:
        written = write_statements(statements, ("mt940", "camt053")[len(data) % 2], message_id="M", created=_CREATED)
    except StatementError as error:
        assert error.reason
        return False
    assert written.data
    return True


TARGETS = (
    *(Target(name, _reads(name)) for name in FORMATS),
    Target("detect", _detects, 2),
    Target("archives", _unpacks),
    Target("written", _writes, 2),
    Target("replies", read_reply, len(WAYS)),
)
