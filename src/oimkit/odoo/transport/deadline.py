"""One point in time after which a call is over, whatever the other side does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from oimkit.errors import InputError, NotSent

__all__ = ["Deadline"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a call, retries and waiting included.

    total_s  seconds the call was given
    at       the end on *clock*
    """

    total_s: float
    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """A deadline *seconds* from now; they are above zero."""
        if not seconds > 0:
            raise InputError("a deadline must be above zero seconds")
        return cls(seconds, clock() + seconds, clock)

    @property
    def remaining_s(self) -> float:
        """Seconds left, zero or below when it is over."""
        return self.at - self.clock()

    def at_most(self, seconds: float) -> Deadline:
        """This deadline, or one *seconds* from now when that is earlier."""
        return Deadline(self.total_s, min(self.at, self.clock() + seconds), self.clock)

    def demand(self, wait_s: float = 0.0) -> None:
        """NotSent when less than *wait_s* seconds are left."""
        if self.remaining_s <= wait_s:
            raise NotSent(f"the deadline of {self.total_s:g} s ended before the call could be sent", advice="try again")
