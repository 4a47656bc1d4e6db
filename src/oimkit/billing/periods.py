"""Periods of whole days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from oimkit.errors import InputError

__all__ = ["Period", "Validity"]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from *first* to *last*, both included, as people and Odoo's dates say it."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputError(f"a period from {self.first} to {self.last} ends before it begins")

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the period in order."""
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def contains(self, day: date) -> bool:
        """True from the first day to the last, both included."""
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Validity:
    """Days from *start* up to but without *end*; None is open. Half-open, so that successors neither meet nor gap."""

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InputError(f"a validity from {self.start} up to {self.end} holds on no day")

    def contains(self, day: date) -> bool:
        """True from the start day on and before the end day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: Validity) -> bool:
        """True when some day lies in both."""
        return not _ends_by(self, other) and not _ends_by(other, self)


def _ends_by(earlier: Validity, later: Validity) -> bool:
    return earlier.end is not None and later.start is not None and earlier.end <= later.start
