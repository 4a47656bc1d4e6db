"""Line texts: templates of named fields and nothing else."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oimkit.errors import RuleError

__all__ = ["FIELDS", "REFERENCE_FIELDS", "ReferenceTemplate", "Template"]

FIELDS = (
    *("customer", "project", "task", "employee", "description"),
    *("first_day", "last_day", "month", "hours", "time", "worked", "rate", "currency", "amount"),
)
"""What a line text may name; docs/billing.md says what each one prints."""

_LONGEST = 2000


REFERENCE_FIELDS = ("code", "customer", "year", "month", "first_entry")
"""What the body of a payment reference may name: docs/billing.md says what each one prints."""


@dataclass(frozen=True, slots=True)
class Template:
    """A line text with fields in braces, such as ``{project}: {task}``.

    Only the names of FIELDS in plain braces are allowed: no attribute, index, conversion or format, so that
    a rule file can print what it is given and reach nothing else. ``{{`` and ``}}`` print a brace.
    """

    text: str

    def __post_init__(self) -> None:
        _check(self.text, FIELDS)

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with each field replaced by its value, which is never read as a template itself."""
        return _filled(self.text, values)


@dataclass(frozen=True, slots=True)
class ReferenceTemplate:
    """The body of a payment reference, such as ``{code}{year}{month}``: as Template, with REFERENCE_FIELDS."""

    text: str

    def __post_init__(self) -> None:
        _check(self.text, REFERENCE_FIELDS)

    @property
    def needs_code(self) -> bool:
        """True when the customer's code is part of the reference."""
        return any(name == "code" for _, name, _, _ in _parts(self.text))

    def fill(self, values: Mapping[str, str]) -> str:
        """The body with each field replaced by its value."""
        return _filled(self.text, values)


def _check(text: str, known: Sequence[str]) -> None:
    if len(text) > _LONGEST:
        raise RuleError(f"a text is at most {_LONGEST} characters long")
    for _, name, form, conversion in _parts(text):
        if name is not None and (name not in known or form or conversion):
            raise RuleError(
                "the text names a field that does not exist", advice=f"use plain {{field}} of {', '.join(known)}"
            )


def _filled(text: str, values: Mapping[str, str]) -> str:
    return "".join(plain + (values[name] if name is not None else "") for plain, name, _, _ in _parts(text))


def _parts(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(string.Formatter().parse(text))
    except ValueError:
        raise RuleError("the text has a brace without its partner", advice="write {{ or }} for a brace") from None
