"""Servers that answer what the test tells them to, byte by byte, and count what reaches them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Hostile:
    """Listens on loopback; every request is given to *answer*, which writes to the socket what it likes."""

    def __init__(self, answer: Callable[[socket.socket, bytes], None]) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.received: list[bytes] = []
        self.connections = 0
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def bytes_received(self) -> int:
        return sum(len(request) for request in self.received)

    def _serve(self) -> None:
        while not self._stopped:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            try:
                while request := read_request(connection):
                    self.received.append(request)
                    self._answer(connection, request)
            except OSError:
                pass

    def stop(self) -> None:
        self._stopped = True
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def reply(body: bytes, *, status: str = "200 OK", kind: str = "application/json", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def result(value: object) -> bytes:
    return reply(json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode())


@contextmanager
def hostile(answer: Callable[[socket.socket, bytes], None] | bytes) -> Iterator[Hostile]:
    def send(connection: socket.socket, _request: bytes) -> None:
        assert isinstance(answer, bytes)
        connection.sendall(answer)

    server = Hostile(send if isinstance(answer, bytes) else answer)
    try:
        yield server
    finally:
        server.stop()
