"""Time between two readings of a clock, with the readings themselves rounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from oimkit.billing.rounding import TimeRounding
from oimkit.errors import InputError

__all__ = ["ClockTime", "clock_time"]

_UNROUNDED = TimeRounding()


@dataclass(frozen=True, slots=True)
class ClockTime:
    """Work from *start* to *stop*; ``seconds`` lie between them."""

    start: datetime
    stop: datetime

    @property
    def seconds(self) -> int:
        """Whole seconds from start to stop."""
        return int((self.stop - self.start).total_seconds())


def clock_time(
    start: datetime, stop: datetime, *, begin: TimeRounding = _UNROUNDED, end: TimeRounding = _UNROUNDED
) -> ClockTime:
    """Work from *start* to *stop*, each reading rounded on its own within its day.

    For sources that keep readings of a clock (attendance, telephone); a timesheet keeps a duration. What comes
    out is rounded again, as a duration, by the rule set. Both readings are local to one zone.

    Raises InputError when the stop lies before the start, or a reading has a part of a second.
    """
    if start.microsecond or stop.microsecond:
        raise InputError("a reading of the clock is a whole second")
    rounded = ClockTime(_rounded(start, begin), _rounded(stop, end))
    if stop < start or rounded.stop < rounded.start:
        raise InputError("the clock stopped before it started")
    return rounded


def _rounded(reading: datetime, rule: TimeRounding) -> datetime:
    midnight = reading.replace(hour=0, minute=0, second=0)
    return midnight + timedelta(seconds=rule.billed(int((reading - midnight).total_seconds())))
