"""A quick way of reading and the general one: whatever comes out of them is the same, refusals included."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias

from oimkit.banking import Entry, read_statements
from oimkit.errors import StatementError

__all__ = ["Switch", "assert_ways_agree", "assert_ways_agree_on_corpus"]

Switch: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Within it the quick way, or a part of it, is not taken."""


def assert_ways_agree(data: bytes, *, switches: tuple[Switch, ...], **options: Any) -> None:
    """With each of *switches* the reading of *data* gives what it gives without."""
    quick = _outcome(data, options)
    for switch in switches:
        with switch():
            assert _outcome(data, options) == quick


def assert_ways_agree_on_corpus(corpus: Path, formats: tuple[str, ...], agree: Callable[[bytes], None]) -> None:
    """*agree* holds for every file of the corpus in *formats*."""
    paths = [path for name in formats for path in sorted((corpus / name).rglob("*")) if path.is_file()]
    assert {path.relative_to(corpus).parts[0] for path in paths} == set(formats)
    for path in paths:
        agree(path.read_bytes())


def _outcome(data: bytes, options: dict[str, Any]) -> object:
    """Everything a reading gives, amounts to the last zero, lines and raw texts, or the refusal."""
    try:
        statements = read_statements(data, unbalanced="report", **options)
    except StatementError as error:
        return str(error), error.line, error.tag
    findings = [statement.findings for statement in statements]
    return statements, findings, [_printed(entry) for statement in statements for entry in statement.entries]


def _printed(entry: Entry) -> object:
    """What the equality of entries leaves out; the texts of details are given by the cut of CAMT alone."""
    return str(entry.amount.amount), entry.line, entry.raw, [detail.line for detail in entry.details]
