"""The records of a text one after the other, in their columns: texts that were turned into UTF-8 twice are mended."""

from __future__ import annotations

from collections.abc import Iterator

from oimkit.banking.formats._common import refused
from oimkit.banking.formats.records import Record, records_of
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
    """As ``records_of``, one record at a time, blanks beyond *width* cut off; what was mended goes to *found*.

    A text in UTF-8 that a program took for Latin-1 and encoded once more has two characters for each accented letter,
    which moves every column behind it. It is mended only where the record then has exactly *width* characters, which
    chance does not give; any other record that is too long is left as it is.

    Raises:
        StatementError: as ``records_of``.
    """
    lines = text.rstrip("\x00\x1a\r\n").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) == 1:
        yield from records_of(text, format=format, limits=limits, width=width)
        return
    usual = min(width, limits.line_chars)
    for line, content in enumerate(lines, 1):
        if len(content) <= usual:
            if content and not content.isspace():
                yield Record(format, line, content)
        elif len(content) > limits.line_chars:
            raise refused(format, f"a line is longer than {limits.line_chars} characters", line)
        else:
            once = _encoded_once(content, width)
            if once is not None and not found:
                found.append(Finding("encoding-twice", "texts are encoded twice, as the width of records shows", line))
            yield Record(format, line, once or _narrowed(content, width))


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


def _narrowed(text: str, width: int) -> str:
    return text if text[width:].strip() else text[:width]
