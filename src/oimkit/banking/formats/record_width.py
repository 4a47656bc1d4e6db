"""The records of a text one after the other, in their columns: texts that were turned into UTF-8 twice are mended."""

from __future__ import annotations

from collections.abc import Iterator

from oimkit.banking.formats.records import Record, each_record
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Finding

__all__ = ["each_in_columns"]


def each_in_columns(
    text: str,
    *,
    format: str,  # noqa: A002
    limits: Limits,
    width: int,
    found: list[Finding],
) -> Iterator[Record]:
    """As ``each_record``, blanks beyond *width* cut off; what was mended goes to *found*.

    A text in UTF-8 that a program took for Latin-1 and encoded once more has two characters for each accented letter,
    which moves every column behind it. It is mended only where the record then has exactly *width* characters, which
    chance does not give; any other record that is too long is left as it is.

    Raises:
        StatementError: as ``each_record``.
    """

    def narrowed(content: str, line: int) -> str:
        once = _encoded_once(content, width)
        if once is None:
            return content if content[width:].strip() else content[:width]
        if not found:
            found.append(Finding("encoding-twice", "texts are encoded twice, as the width of records shows", line))
        return once

    return each_record(text, format=format, limits=limits, width=width, narrowed=narrowed)


def _encoded_once(text: str, width: int) -> str | None:
    """What was encoded twice, when it then has *width* characters."""
    for encoding in ("latin-1", "cp1252"):
        try:
            once = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if len(once) == width:
            return once
    return None
