"""Texts of a server inside Python source: whatever they hold, they stay comments and docstrings."""

from __future__ import annotations

import textwrap

__all__ = ["docstring", "literal", "one_line"]

_LONGEST = 1200
_WIDTH = 110


def one_line(text: str, longest: int = _LONGEST) -> str:
    """*text* as one line that ends no docstring: no control or formatting characters, no quotation marks.

    >>> one_line('He said ""\\"no\\nway\\\\')
    "He said '''no way\\\\\\\\"
    """
    visible = "".join(character if character.isprintable() else " " for character in text[: 2 * longest])
    short = " ".join(visible.split())
    if len(short) > longest:
        short = short[: longest - 3].rstrip() + "..."
    return short.replace("\\", "\\\\").replace('"', "'")


def docstring(sentences: list[str], indent: str) -> list[str]:
    """The lines of a docstring of *sentences*, each seen to by ``one_line`` already."""
    text = " ".join(sentence for sentence in sentences if sentence)
    lines = textwrap.wrap(
        text, _WIDTH - len(indent) - 3, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    ) or ["-"]
    if len(lines) == 1:
        return [f'{indent}"""{lines[0]}"""']
    return [f'{indent}"""{lines[0]}', *(f"{indent}{line}" for line in lines[1:]), f'{indent}"""']


def literal(value: str | int) -> str:
    """*value* as Python source, in ASCII."""
    source = ascii(value)
    return f'"{source[1:-1]}"' if source[0] == "'" and '"' not in source else source
