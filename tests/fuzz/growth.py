"""Whether reading twice as much takes about twice the time, told on a busy machine as well."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

from tests.conftest import WATCH

__all__ = ["MOST_RATIO", "growth", "least_s"]

MOST_RATIO = 2.5
"""How many times as long twice the input may take: two, and what caches and the allocator add."""

SPARE_S = 0.01
"""What the clock may be off for short times."""

TRIES = 12


def growth(read: Callable[[bytes], object], small: bytes, large: bytes) -> tuple[float, str]:
    """How many times as long *read* takes for *large*, which is twice as much as *small*; and the times in words.

    The shortest of up to twelve turns count, the two sizes in turn, until they are in proportion: a busy machine makes
    some turns longer, but what grows with the square of the size is too long in all of them.
    """
    once = twice = float("inf")
    for _ in range(TRIES):
        once, twice = min(once, cpu_s(read, small)), min(twice, cpu_s(read, large))
        if twice <= MOST_RATIO * once:
            break
    return (twice - SPARE_S) / once, f"{once:.3f} s for {len(small)} bytes, {twice:.3f} s for {len(large)}"


def least_s(read: Callable[[bytes], object], data: bytes, wanted: float) -> float:
    """The least of up to three turns, until one takes less than *wanted* seconds."""
    least = float("inf")
    for _ in range(3):
        least = min(least, cpu_s(read, data))
        if least < wanted:
            break
    return least


def cpu_s(read: Callable[[bytes], object], data: bytes) -> float:
    """Seconds of this process, without the collector, which looks at all that other tests have left, and the watch."""
    gc.disable()
    most_pending, WATCH.most_pending = WATCH.most_pending, sys.maxsize
    begun = time.process_time()
    try:
        read(data)
    finally:
        taken = time.process_time() - begun
        gc.enable()
        WATCH.most_pending = most_pending
    return taken
