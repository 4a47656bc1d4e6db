"""How fast one server may be asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from oimkit.odoo.transport.deadline import Deadline

__all__ = ["Limiter", "polite_limiter"]

ONLINE_GAP_S = 1.0
"""Seconds between two calls to Odoo Online; its quota is unpublished, and one call a second was found to be borne."""


class Limiter:
    """Calls start at least ``gap_s`` seconds apart, over all threads that share the limiter."""

    def __init__(
        self,
        gap_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.gap_s = gap_s
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_start = 0.0

    def wait(self, deadline: Deadline) -> None:
        """Return when the next call may start; NotSent when that is later than *deadline*."""
        if not self.gap_s:
            return
        with self._lock:
            now = self._clock()
            start = max(now, self._next_start)
            deadline.demand(start - now)
            self._next_start = start + self.gap_s
        if start > now:
            self._sleep(start - now)


def polite_limiter(url: str) -> Limiter:
    """One call a second to Odoo Online, no gap to any other server."""
    host = urlsplit(url).hostname or ""
    return Limiter(ONLINE_GAP_S if host == "odoo.com" or host.endswith(".odoo.com") else 0.0)
