"""How fast one server may be asked: gap, window, quiet on request, and a quota of second tries."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from oimkit.errors import ConfigurationError, NotSent
from oimkit.odoo.transport.deadline import Deadline

__all__ = ["PACES", "Limiter", "Pace", "pace_of", "polite_limiter"]

ONLINE_GAP_S = 1.0
"""Seconds between two calls to Odoo Online; its quota is unpublished, and one call a second was found to be borne."""

_LONGEST_HOLD_S = 3600.0
"""Seconds of quiet that a server can ask for at most: a wrong header must not stop a program for a day."""

_TOKENS, _COST, _REFUND = 100, 5, 1
"""Second tries are paid for: so many tokens at most, so many for each try, so many back for each answered call."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a kind of server wants to be asked.

    gap_s    seconds between the starts of two calls, 0 for none
    at_once  calls that may be under way at the same time
    """

    gap_s: float
    at_once: int


PACES: Mapping[str, Pace] = MappingProxyType(
    {
        "online": Pace(ONLINE_GAP_S, 1),  # *.odoo.com
        "sh": Pace(0.1, 2),  # odoo.sh: a branch has one worker or a few, and each call counts against its time
        "own": Pace(0.0, 8),  # as many as a small server has workers; a call above that would wait in the server
    }
)
"""The paces by the names that a profile gives them."""


class Limiter:
    """One window to one server; every thread and every view of a connection shares it.

    Args:
        gap_s: seconds between the starts of two calls, over all threads.
        at_once: calls under way at the same time, or None for any number.
        tokens: what second tries are paid from; in an outage they end, and begin again as calls succeed.
    """

    def __init__(
        self,
        gap_s: float,
        *,
        at_once: int | None = None,
        tokens: int = _TOKENS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if gap_s < 0 or (at_once is not None and at_once < 1) or tokens < 0:
            raise ConfigurationError("a limiter takes a gap from 0 s on, and one or more calls at once")
        self.gap_s = gap_s
        self.at_once = at_once
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_start = 0.0
        self._held_until = 0.0
        self._most_tokens = self._tokens = tokens
        self._window = threading.BoundedSemaphore(at_once) if at_once is not None else None

    @classmethod
    def named(cls, name: str) -> Limiter:
        """A limiter for ``online``, ``sh`` or ``own``; ConfigurationError for another name."""
        if name not in PACES:
            raise ConfigurationError(
                "the limiter of the profile is not known", advice=f"use one of {', '.join(sorted(PACES))}"
            )
        pace = PACES[name]
        return cls(pace.gap_s, at_once=pace.at_once)

    def __repr__(self) -> str:
        return f"Limiter(gap_s={self.gap_s:g}, at_once={self.at_once})"

    @contextmanager
    def turn(self, deadline: Deadline) -> Iterator[None]:
        """One call's time on the server: begins when it may start, NotSent when that is later than *deadline*."""
        if self._window is not None and not self._window.acquire(timeout=max(deadline.remaining_s, 0)):
            raise NotSent(
                f"{self.at_once} other calls were under way until the deadline of {deadline.total_s:g} s",
                advice="give the call more time, or ask with fewer threads",
            )
        try:
            self.wait(deadline)
            yield
        finally:
            if self._window is not None:
                self._window.release()

    def wait(self, deadline: Deadline) -> None:
        """Return when the next call may start; NotSent when that is later than *deadline*."""
        while True:
            with self._lock:
                now = self._clock()
                held_s = self._held_until - now
                if held_s <= 0:
                    start = max(now, self._next_start)
                    deadline.demand(start - now)
                    self._next_start = start + self.gap_s
                    break
                if deadline.remaining_s <= held_s:
                    raise NotSent(
                        f"the server asked for {held_s:.0f} s of quiet, more than the deadline of "
                        f"{deadline.total_s:g} s leaves",
                        advice="try again later",
                    )
            self._sleep(held_s)
        if start > now:
            self._sleep(start - now)

    def hold(self, seconds: float) -> None:
        """No call of any thread starts for *seconds* from now: what a ``Retry-After`` asks for, one hour at most."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + min(max(seconds, 0.0), _LONGEST_HOLD_S))

    def take_retry(self) -> bool:
        """True when a call may be tried again, which uses the quota up; False when too many were already."""
        with self._lock:
            if self._tokens < _COST:
                return False
            self._tokens -= _COST
            return True

    def answered(self) -> None:
        """A call was answered: a part of the quota comes back."""
        with self._lock:
            self._tokens = min(self._most_tokens, self._tokens + _REFUND)


def pace_of(url: str) -> str:
    """The pace for the server at *url*: ``sh`` for branches of odoo.sh, ``online`` for other hosts of odoo.com.

    A production branch of odoo.sh has an address like Odoo Online's and is treated as that; the profile's
    ``limiter = "sh"`` says better.

    >>> pace_of("https://acme.odoo.com"), pace_of("https://acme-test-1.dev.odoo.com"), pace_of("https://erp.acme.org")
    ('online', 'sh', 'own')
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host.endswith((".dev.odoo.com", ".odoo.sh")):
        return "sh"
    return "online" if host == "odoo.com" or host.endswith(".odoo.com") else "own"


def polite_limiter(url: str) -> Limiter:
    """The limiter for the kind of server that *url* tells."""
    return Limiter.named(pace_of(url))
