"""Python's cyclic garbage collector held off while a file is read.

A reading makes up to some million values that all stay and form no cycles, and the collector would go through all of
them again and again: up to 40 % of the time. It is the process's own, so that it is held off for as long as any thread
reads, and not switched on where the program has switched it off. What was read is then given to the oldest generation,
where the collector comes rarely, instead of being the first thing that it goes through.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["without_collector"]


class _Readings:
    """How many readings are going on, and whether the first of them found the collector on."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.going_on = 0
        self.was_on = False

    def begin(self) -> None:
        with self.lock:
            if self.going_on == 0:
                self.was_on = gc.isenabled()
                gc.disable()
            self.going_on += 1

    def end(self) -> None:
        with self.lock:
            self.going_on -= 1
            if self.going_on == 0 and self.was_on:
                _age()
                gc.enable()


def _age() -> None:
    """Move every value to the oldest generation, where the program itself has not frozen any."""
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()


_READINGS = _Readings()


@contextmanager
def without_collector() -> Iterator[None]:
    """The collector does not run within; a file within limits bounds what it leaves lying."""
    _READINGS.begin()
    try:
        yield
    finally:
        _READINGS.end()
