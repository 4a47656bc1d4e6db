"""Python's cyclic garbage collector held off while a file is read or entries are matched.

A reading makes up to some million values that all stay and form no cycles, and the collector would go through all of
them again and again: up to 40 % of the time. It is the process's own, so that it is held off for as long as any thread
reads, and not switched on where the program has switched it off. What a large file gave then goes to the oldest
generation, where the collector comes rarely, instead of being the first thing that it goes through.

Nothing may stay for good because of that: cycles grow old with the rest, and the collector's own counters begin anew.
So what has grown old is counted here, and all of it is gone through when it has become much.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["without_collector"]

_FEW = 10_000
"""Values of a reading, or fewer, that are left to the collector as it is."""

_MANY = 1_000_000
"""Values that grow old, or are made in readings between which there is no gap, before all are gone through."""


class _Readings:
    """How many readings are going on, whether the first found the collector on, and what has grown old unseen."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.going_on = 0
        self.was_on = False
        self.aged = 0

    def begin(self) -> None:
        with self.lock:
            if self.going_on == 0:
                self.was_on = gc.isenabled()
                gc.disable()
            elif self.was_on and gc.get_count()[0] > _MANY:
                gc.collect()
            self.going_on += 1

    def end(self) -> None:
        with self.lock:
            self.going_on -= 1
            if self.going_on == 0 and self.was_on:
                if gc.get_count()[0] > _FEW:
                    self._age()
                gc.enable()

    def _age(self) -> None:
        """Move every value to the oldest generation, where the program itself has not frozen any."""
        if gc.get_freeze_count():
            return
        self.aged += _counted()
        gc.freeze()
        is_due = self.aged > _MANY and self.aged > gc.get_freeze_count() // 4  # a quarter, as the collector has it
        gc.unfreeze()
        if is_due:
            self.aged = 0
            gc.collect()


def _counted() -> int:
    """Values that the collector has counted and not gone through to the end."""
    young, middle, old = gc.get_count()
    first, second, _ = gc.get_threshold()
    return young + first * (middle + second * old)


_READINGS = _Readings()


@contextmanager
def without_collector() -> Iterator[None]:
    """The collector does not run within; a file within limits bounds what it leaves lying."""
    _READINGS.begin()
    try:
        yield
    finally:
        _READINGS.end()
