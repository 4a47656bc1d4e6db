"""The lines of a text one at a time, so that a large file is not held twice; those that are too long are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oimkit.banking.formats._common import refused
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = [
    "is_broken",
    "line_too_long",
    "lines_beginning",
    "lines_by_piece",
    "lines_in",
    "refuse_long_lines",
    "with_line_feeds",
    "without_filling",
]

_PIECE = 64 * 1024
"""Characters of a text that are cut into lines at a time."""


def lines_in(text: str, *, format: str, limits: Limits) -> Iterator[tuple[int, str]]:  # noqa: A002
    """Line numbers from one, and lines without their ends.

    Only CR, LF and both together break lines: other characters that Python takes for line ends may stand in names.

    Raises:
        StatementError: a line is longer than ``limits.line_chars``.

    >>> list(lines_in("a\\r\\n\\nb", format="n43", limits=Limits()))
    [(1, 'a'), (2, ''), (3, 'b')]
    """
    number, most = 0, limits.line_chars
    for lines in lines_by_piece(text, 0, len(text)):
        for line in lines:
            number += 1
            if len(line) > most:
                raise line_too_long(number, format=format, limits=limits)
            yield number, line


def lines_by_piece(text: str, begin: int, end: int) -> Iterator[list[str]]:
    """The lines of *text* from *begin* up to *end*, those of one piece together."""
    while begin <= end:
        stop = text.find("\n", begin + _PIECE, end)
        piece = text[begin:stop] if stop >= 0 else text[begin:end]
        if "\r" in piece:
            piece = with_line_feeds(piece.removesuffix("\r") if stop >= 0 else piece)
        yield piece.split("\n")
        begin = stop + 1 if stop >= 0 else end + 1


def line_too_long(line: int, *, format: str, limits: Limits) -> StatementError:  # noqa: A002
    """The refusal of a line that is longer than ``limits.line_chars``."""
    return refused(format, f"a line is longer than {limits.line_chars} characters", line)


def refuse_long_lines(text: str, line: int, *, format: str, limits: Limits) -> None:  # noqa: A002
    """StatementError for the first line that is too long in *text*, whose first line has the number *line*."""
    if len(text) <= limits.line_chars:
        return
    for number, content in enumerate(text.split("\n"), line):
        if len(content) > limits.line_chars:
            raise line_too_long(number, format=format, limits=limits)


def with_line_feeds(text: str) -> str:
    """*text* with every line ended by a line feed, whatever ended it."""
    if "\r" not in text:
        return text
    if text[-1] == "\r" or _ALONE.search(text) is not None:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\r", "")  # quicker than to replace each pair, and the same where there are only pairs


_ALONE = re.compile(r"\r[^\n]")


def without_filling(text: str) -> str:
    """*text* without the line ends behind its last line, and what old programs fill a block with."""
    return text.rstrip("\x00\x1a\r\n")


def is_broken(text: str) -> bool:
    """True when a line end stands in *text*."""
    return "\n" in text or "\r" in text


def lines_beginning(text: str, code: str) -> int:
    """How many lines of *text* begin with *code*."""
    return text.startswith(code) + text.count("\n" + code) + text.count("\r" + code)
