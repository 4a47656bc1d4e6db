"""Good files damaged at random, and heaps of their pieces: inputs that a reader has to read or to refuse."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

__all__ = ["heaped", "overwritten", "random_changes", "spliced"]


def random_changes(data: bytes, letters: bytes, count: int) -> Iterator[tuple[int, bytes]]:
    """*count* places of *data*, each with the letter to stand there."""
    chance = random.Random(7)
    for _ in range(count):
        yield chance.randrange(len(data)), bytes([chance.choice(letters)])


def overwritten(seeds: Sequence[bytes], count: int) -> Iterator[bytes]:
    """Seeds with up to eleven places cut, filled or replaced by bytes of any kind; one input in four of them alone."""
    chance = random.Random(11)
    for turn in range(count):
        data = bytearray(chance.choice(seeds)) if turn % 4 else bytearray(chance.randbytes(chance.randrange(400)))
        for _ in range(chance.randrange(12)):
            place = chance.randrange(len(data) + 1)
            data[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        yield bytes(data)


def spliced(seed: bytes, words: Sequence[bytes], record: int, count: int) -> Iterator[bytes]:
    """The seed with one to five *words* put in, over a character or over a whole *record*; and bytes of any kind."""
    chance = random.Random(1)
    for _ in range(count):
        data = bytearray(seed)
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(data))
            data[at : at + chance.choice((0, 1, record))] = chance.choice(words)
        yield bytes(data)
        yield chance.randbytes(60)


def heaped(pieces: Sequence[bytes], count: int, *, heads: Sequence[bytes] = (b"",)) -> Iterator[bytes]:
    """Up to 29 *pieces* in any order below one of the *heads*, with up to two bytes changed."""
    chance = random.Random(20260101)
    for _ in range(count):
        data = chance.choice(heads) + b"".join(chance.choices(pieces, k=chance.randrange(30)))
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(data) + 1)
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        yield data
