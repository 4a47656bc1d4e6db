"""A way to a server that carries every request there and cuts the replies it is told to cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.odoo.hostile import read_request

CUTS = ("before the status line", "in the status line", "in the headers", "in the body")


class Cutting:
    """Listens on loopback; ``cut`` names where the reply to each further request ends, None lets them through.

    carried  requests that reached the server and were answered by it, since the last change of ``cut``
    """

    def __init__(self, url: str) -> None:
        self._there = (urlsplit(url).hostname or "", urlsplit(url).port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._cut: str | None = None
        self.carried = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def cut(self) -> str | None:
        return self._cut

    @cut.setter
    def cut(self, where: str | None) -> None:
        self._cut = where
        self.carried = 0

    def stop(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                while request := read_request(connection):
                    reply = self._carry(request)
                    cut = self._cut
                    self.carried += 1
                    connection.sendall(reply if cut is None else _part(reply, cut))
                    if cut is not None:
                        return
            except OSError:
                return

    def _carry(self, request: bytes) -> bytes:
        """The server's whole reply: it is committed when the reply is there."""
        with socket.create_connection(self._there, timeout=30) as server:
            server.sendall(request)
            return read_request(server)


def _part(reply: bytes, where: str) -> bytes:
    head = reply.index(b"\r\n\r\n") + 4
    return {
        "before the status line": b"",
        "in the status line": reply[:7],
        "in the headers": reply[: head - 10],
        "in the body": reply[: head + (len(reply) - head) // 2],
    }[where]


@contextmanager
def cutting(url: str) -> Iterator[Cutting]:
    way = Cutting(url)
    try:
        yield way
    finally:
        way.stop()
