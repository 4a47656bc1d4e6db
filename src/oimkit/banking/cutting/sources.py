"""Where the bytes of a long file come from: a file or any binary stream, unfolded where it is a gzip archive."""

from __future__ import annotations

import zlib
from typing import BinaryIO, Protocol

from oimkit.banking.archives import GZIP
from oimkit.banking.limits import Limits
from oimkit.errors import InputError, StatementError

__all__ = ["Bytes", "Plain", "Unfolded"]

_BLOCK = 64 * 1024
_AGAIN = "download the archive again, or unpack it and give the statement files inside"

_MOST_RATIO = 250
"""Bytes that one byte of an archive may stand for, beyond ``limits.bytes``: statement files stay below a tenth of it,
deflate goes up to a thousand."""


class Bytes(Protocol):
    """The bytes of a file in order."""

    def read(self, size: int) -> bytes:
        """The next *size* bytes; fewer at the end alone."""


class Plain:
    """The bytes of a stream, the first of which can be looked at beforehand."""

    def __init__(self, stream: BinaryIO | Bytes) -> None:
        self._stream = stream
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        """The next *size* bytes without taking them; fewer at the end alone."""
        if len(self._ahead) < size:
            self._ahead += self._next(size - len(self._ahead))
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """The next *size* bytes; fewer at the end alone."""
        ahead, self._ahead = self._ahead[:size], self._ahead[size:]
        return ahead if len(ahead) == size else ahead + self._next(size - len(ahead))

    def put_back(self, found: bytes) -> None:
        """Give *found* again before what comes next."""
        self._ahead = found + self._ahead

    def _next(self, size: int) -> bytes:
        """A stream may give less than it is asked for; nothing is its end."""
        found = self._block(size)
        if len(found) == size or not found:
            return found
        blocks, missing = [found], size - len(found)
        while missing and (found := self._block(missing)):
            blocks.append(found)
            missing -= len(found)
        return b"".join(blocks)

    def _block(self, size: int) -> bytes:
        found = self._stream.read(size)
        if not isinstance(found, bytes):
            raise InputError("the source gives no bytes", advice="open the file in binary mode ('rb')")
        return found


class Unfolded:
    """The content of a gzip archive, unfolded as it is asked for; all of its members, one after the other.

    Raises StatementError when it is damaged or cut off, when something follows it, when it has more than
    ``limits.members`` members, or unfolds to far more than any statement file would.
    """

    def __init__(self, packed: Plain, limits: Limits) -> None:
        self._packed, self._limits = packed, limits
        self._unfold = zlib.decompressobj(wbits=31)
        self._taken = self._given = 0
        self._members = 1
        self._is_done = False

    def read(self, size: int) -> bytes:
        """At most *size* bytes; nothing at the end."""
        while not self._is_done:
            if self._unfold.eof and not self._next_member():
                break
            found = self._some(size)
            if found:
                return found
        return b""

    def _some(self, size: int) -> bytes:
        packed = self._unfold.unconsumed_tail
        if not packed:
            packed = self._packed.read(_BLOCK)
            self._taken += len(packed)
        try:
            found = self._unfold.decompress(packed, size)
        except zlib.error:
            raise StatementError("the gzip archive is damaged", advice=_AGAIN) from None
        if not packed and not found and not self._unfold.eof:
            raise StatementError("the gzip archive is cut off", advice=_AGAIN)
        self._given += len(found)
        if self._given > self._limits.bytes and self._given > self._taken * _MOST_RATIO:
            raise StatementError(
                f"the archive unfolds to more than {self._limits.bytes} bytes and to {_MOST_RATIO} times its size",
                advice="unpack it and give the statement file inside, or read it with higher limits",
            )
        return found

    def _next_member(self) -> bool:
        """Go on to the next member, past the zeros that fill up a block; False at the end of the archive."""
        rest = self._unfold.unused_data.lstrip(b"\x00")
        while len(rest) < len(GZIP) and (more := self._packed.read(_BLOCK)):
            self._taken += len(more)
            rest = (rest + more).lstrip(b"\x00")
        if not rest:
            self._is_done = True
            return False
        if not rest.startswith(GZIP):
            raise StatementError("something follows the gzip archive", advice=_AGAIN)
        self._members += 1
        if self._members > self._limits.members:
            raise StatementError(
                f"the archive holds more than {self._limits.members} files",
                advice="unpack it and give the statement files inside, or read it with higher limits",
            )
        self._unfold = zlib.decompressobj(wbits=31)
        self._packed.put_back(rest)
        return True
