"""XML written element by element; an element without content is not written at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

__all__ = ["element", "leaf"]

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 has no form for."""


def leaf(name: str, text: str | None, **attributes: str) -> str:
    """``<name>text</name>``, or nothing where the text is None; characters that XML cannot carry are left out."""
    if text is None:
        return ""
    shown = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{shown}>{escape(_UNFIT.sub('', text))}</{name}>"


def element(name: str, *content: str | Iterable[str]) -> str:
    """``<name>content</name>`` of what is written already, or nothing where there is none."""
    inside = "".join(part if isinstance(part, str) else "".join(part) for part in content)
    return f"<{name}>{inside}</{name}>" if inside else ""
