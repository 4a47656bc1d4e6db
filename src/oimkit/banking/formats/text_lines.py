"""The lines of a text one at a time, so that a large file is not held twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["is_broken", "lines_in"]

_END = re.compile(r"\r\n|\r|\n")


def lines_in(text: str) -> Iterator[tuple[int, str]]:
    """Line numbers from one, and lines without their ends.

    Only CR, LF and both together break lines: other characters that Python takes for line ends may stand in names.

    >>> list(lines_in("a\\r\\n\\nb"))
    [(1, 'a'), (2, ''), (3, 'b')]
    """
    number, start = 1, 0
    for end in _END.finditer(text):
        yield number, text[start : end.start()]
        number, start = number + 1, end.end()
    yield number, text[start:]


def is_broken(text: str) -> bool:
    """True when a line end stands in *text*."""
    return "\n" in text or "\r" in text
