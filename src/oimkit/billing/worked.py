"""Worked time: entries of a timesheet in exact whole seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from oimkit.billing.exact import digest, is_multiple, round_ratio
from oimkit.errors import InputError
from oimkit.money import Money, Rounding

__all__ = ["BilledFee", "BilledTime", "Names", "Snap", "WorkedTime", "seconds_of_hours"]

_SECOND, _HUNDREDTH = Decimal(1), Decimal("0.01")

_LONGEST_S = 366 * 24 * 3600
"""One entry is never longer than a year: a bigger number is a wrong unit."""


class Snap(StrEnum):
    """How hours that were stored as a broken number become seconds.

    SECOND  the nearest whole second: 0.3333333333333333 h is 20 min, 0.33 h is 19 min 48 s
    MINUTE  as SECOND, but hours with at most two decimals that are a whole number of minutes cut to two
            decimals are that minute: 0.33 h is 20 min. Declare it when the hours were typed or imported
            from minutes with two decimals; it is never guessed.
    """

    SECOND = "second"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True, repr=False)
class Names:
    """What people call the records of an entry; used in rules and line texts, never in messages."""

    customer: str | None = None
    project: str | None = None
    task: str | None = None
    employee: str | None = None

    def __repr__(self) -> str:
        return "Names(...)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WorkedTime:
    """One dated entry of a timesheet.

    id           the entry's id where it is kept, above zero
    date         the day of the work, as entered
    seconds      worked time; below zero for a correction
    customer     who is billed: the commercial partner of the task or project, or None when there is none
    description  what was done, as entered
    recorded     quantity and unit as the source keeps them, part of the fingerprint, or None
    write_date   when the entry was last changed (aware), or None when the source does not tell
    """

    id: int
    date: date
    seconds: int
    customer: int | None = None
    project: int | None = None
    task: int | None = None
    employee: int | None = None
    description: str | None = None
    recorded: str | None = None
    write_date: datetime | None = None
    names: Names = field(default=Names())

    def __post_init__(self) -> None:
        if isinstance(self.seconds, bool) or not isinstance(self.seconds, int):
            raise InputError(f"worked time of entry {self.id} is a whole number of seconds")
        if self.id <= 0:
            raise InputError("an entry's id is above zero")
        if abs(self.seconds) > _LONGEST_S:
            raise InputError(f"entry {self.id} is longer than a year", advice="check the unit it was recorded in")
        if self.write_date is not None and self.write_date.tzinfo is None:
            raise InputError(f"the write date of entry {self.id} has no time zone")

    @property
    def fingerprint(self) -> str:
        """Digest of what was billed: id, day, people, work, time, text. Any later edit changes it."""
        return digest(
            *(self.id, self.date, self.employee, self.project, self.task),
            *(self.seconds, self.recorded, self.description),
        )[:32]

    def __repr__(self) -> str:
        return f"WorkedTime(id={self.id}, date={self.date}, seconds={self.seconds})"


@dataclass(frozen=True, slots=True)
class BilledTime:
    """Time that an earlier invoice covers.

    time            the entry as it was when it was billed
    billed_seconds  what was billed for it after rounding
    amount          what it cost, when known; a minimum fee needs it
    """

    time: WorkedTime
    billed_seconds: int
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class BilledFee:
    """A minimum fee that an earlier invoice charged to *customer* on *day*."""

    customer: int
    day: date
    amount: Money


def seconds_of_hours(hours: Decimal | str, *, snap: Snap = Snap.SECOND) -> int:
    """Whole seconds of *hours* as a server's double prints them (its shortest decimal text).

    A double cannot hold most minutes, so the nearest second is taken, halves away from zero; a change of
    more than half a second cannot happen except under ``Snap.MINUTE``, which the caller declares.

    >>> seconds_of_hours("0.3333333333333333"), seconds_of_hours("0.33"), seconds_of_hours("0.33", snap=Snap.MINUTE)
    (1200, 1188, 1200)
    """
    value = _finite(hours)
    if snap is Snap.MINUTE and is_multiple(value, _HUNDREDTH):
        minutes = round_ratio(value * 60, Decimal(1), Rounding.HALF_UP)
        if round_ratio(Fraction(minutes) / 60, _HUNDREDTH, Rounding.HALF_UP) == value:
            return int(minutes) * 60
    return int(round_ratio(value * 3600, _SECOND, Rounding.HALF_UP))


def _finite(hours: Decimal | str) -> Fraction:
    try:
        value = Decimal(hours)
    except (ArithmeticError, ValueError, TypeError):
        raise InputError("hours are a decimal number") from None
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise InputError("hours are a finite decimal number of ordinary size")
    return Fraction(value)
