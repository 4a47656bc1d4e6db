"""What is read never depends on the decimal context of the program that reads."""

from __future__ import annotations

import decimal
from pathlib import Path

import pytest

from oimkit.banking import Statement, read_statements
from oimkit.errors import StatementError

GOLDEN = Path(__file__).parents[1] / "files" / "golden"
COARSE = decimal.Context(prec=2, rounding=decimal.ROUND_CEILING, Emax=3, Emin=-3)


@pytest.mark.parametrize("format_", sorted(folder.name for folder in GOLDEN.iterdir()))
def test_a_coarse_context_changes_nothing_that_is_read(format_: str) -> None:
    files = [path.read_bytes() for path in sorted((GOLDEN / format_).iterdir()) if path.suffix != ".json"]
    expected = [_read(data) for data in files]
    with decimal.localcontext(COARSE):
        assert [_read(data) for data in files] == expected


def _read(data: bytes) -> tuple[Statement, ...] | str:
    try:
        return read_statements(data, unbalanced="report", damaged="report")
    except StatementError as error:
        return error.reason
