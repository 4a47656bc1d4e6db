"""Host names to addresses within a time limit, which the operating system's own resolver does not know."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Address", "Resolver", "Unanswered"]

Address = tuple[Any, ...]
"""What ``socket.getaddrinfo`` tells about one address: family, type, protocol, name, socket address."""


class Unanswered(OSError):
    """No name server answered in time."""


@dataclass(slots=True)
class _Lookup:
    """One question that runs in a thread of its own, until it is over, however long that takes."""

    host: str
    port: int
    over: threading.Event = field(default_factory=threading.Event)
    found: Sequence[Address] = ()
    error: OSError | None = None

    def run(self) -> None:
        try:
            self.found = socket.getaddrinfo(self.host, self.port, 0, socket.SOCK_STREAM)
        except OSError as error:
            self.error = error
        except UnicodeError:  # a label of more than 63 characters
            self.error = socket.gaierror(socket.EAI_NONAME, "not a host name")
        self.over.set()


class Resolver:
    """Asks for addresses; threads that ask for the same host at the same time share one question.

    A question that is not answered in time is left to end by itself in a thread that ends with the process: the
    operating system offers no way to stop it, and no second one for the same host is started beside it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, int], _Lookup] = {}

    def addresses(self, host: str, port: int, within_s: float) -> Sequence[Address]:
        """The addresses of *host*, at least one.

        Raises Unanswered when that takes longer than *within_s* seconds, ``socket.gaierror`` for an unknown name.
        """
        try:
            return socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):  # a name: that has to be asked for
            lookup = self._ask(host, port)
        if not lookup.over.wait(max(within_s, 0)):
            raise Unanswered(f"no address within {within_s:.1f} s")
        with self._lock:
            if self._asked.get((host, port)) is lookup:
                del self._asked[host, port]
        if lookup.error is not None:
            raise lookup.error
        return lookup.found

    def _ask(self, host: str, port: int) -> _Lookup:
        with self._lock:
            lookup = self._asked.get((host, port))
            if lookup is None or lookup.over.is_set():
                lookup = self._asked[host, port] = _Lookup(host, port)
                threading.Thread(target=lookup.run, daemon=True, name="oimkit-resolver").start()
            return lookup
