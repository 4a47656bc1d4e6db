"""Line texts: templates of named fields and nothing else."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass

from oimkit.errors import RuleError

__all__ = ["FIELDS", "Template"]

FIELDS = (
    *("customer", "project", "task", "employee", "description"),
    *("first_day", "last_day", "month", "hours", "time", "worked", "rate", "currency", "amount"),
)
"""What a line text may name; docs/billing.md says what each one prints."""

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Template:
    """A line text with fields in braces, such as ``{project}: {task}``.

    Only the names of FIELDS in plain braces are allowed: no attribute, index, conversion or format, so that
    a rule file can print what it is given and reach nothing else. ``{{`` and ``}}`` print a brace.
    """

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST:
            raise RuleError(f"a line text is at most {_LONGEST} characters long", where="lines.text")
        for _, name, form, conversion in self._parts():
            if name is not None and (name not in FIELDS or form or conversion):
                raise RuleError(
                    "a line text names a field that does not exist",
                    where="lines.text",
                    advice=f"use plain {{field}} of {', '.join(FIELDS)}",
                )

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with each field replaced by its value, which is never read as a template itself."""
        return "".join(text + (values[name] if name is not None else "") for text, name, _, _ in self._parts())

    def _parts(self) -> list[tuple[str, str | None, str | None, str | None]]:
        try:
            return list(string.Formatter().parse(self.text))
        except ValueError:
            raise RuleError(
                "a line text has a brace without its partner", where="lines.text", advice="write {{ or }} for a brace"
            ) from None
