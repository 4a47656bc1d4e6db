"""Golden files: invented statements in banks' dialects, and what a person reads in them, field by field.

Beside ``tests/files/golden/<format>/<dialect>.<ext>`` stands ``<dialect>.json``: the list of statements, each with the
keys of ``statement_row`` that are to hold, and under ``entries`` a row for every entry, each with the keys of
``entry_row`` that are to hold. What is not named is not compared; entries are always counted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from oimkit.banking import read_statements, statement_row

GOLDEN = Path(__file__).parent.parent / "files" / "golden"
CASES = sorted(GOLDEN.glob("*/*.json"))


def test_there_are_golden_files() -> None:
    assert CASES


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}/{case.stem}" for case in CASES])
def test_golden(case: Path) -> None:
    expected = json.loads(case.read_text(encoding="utf-8"))
    (file,) = (path for path in case.parent.glob(f"{case.stem}.*") if path != case)
    rows = [statement_row(statement, "f") for statement in read_statements(file.read_bytes(), unbalanced="report")]
    assert {row["format"] for row in rows} == {case.parent.name}
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert _only(row, wanted) == wanted


def _only(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The keys of *row* that *wanted* has; of its entries and their details likewise, all of them."""
    shown: dict[str, Any] = {}
    for key, value in wanted.items():
        if key in ("entries", "details"):
            entries = row[key]
            assert len(entries) == len(value), f"{len(entries)} {key}, wanted {len(value)}"
            shown[key] = [_only(entry, each) for entry, each in zip(entries, value, strict=True)]
        else:
            shown[key] = row[key]
    return shown
