"""Twice the input takes about twice the time, also where a file is made to be slow; and it ends in a value."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from oimkit.banking import FORMATS, read_statements
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError
from tests.fuzz.growth import MOST_RATIO, growth, least_s
from tests.fuzz.slow import SLOW, Maker

SIZE = int(os.environ.get("OIMKIT_GROWTH_BYTES", 32 * 1024))
MOST_S = SIZE / (64 * 1024)
"""CPU seconds for twice the size; reading it takes a tenth of that on a slow machine."""

OPEN = Limits(line_chars=10**9, depth=10**6)
"""With lines and nesting allowed, so that the patterns themselves are tried."""

CASES = [(name, what, maker) for name, makers in SLOW.items() for what, maker in makers.items()]


def _reading(name: str | None, limits: Limits) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        try:
            read_statements(data, format=name, unbalanced="report", damaged="report", limits=limits)
        except StatementError as error:
            assert error.reason

    return read


@pytest.mark.parametrize(("name", "what", "maker"), CASES, ids=[f"{name}-{what}" for name, what, _ in CASES])
def test_time_grows_with_the_size_and_no_faster(name: str | None, what: str, maker: Maker) -> None:
    small, large = maker(SIZE), maker(2 * SIZE)
    assert least_s(_reading(name, Limits()), large, MOST_S) < MOST_S
    assert least_s(_reading(name, OPEN), large, MOST_S) < MOST_S
    ratio, times = growth(_reading(name, OPEN), small, large)
    assert ratio <= MOST_RATIO, times


def test_every_format_has_texts_made_to_be_slow() -> None:
    assert set(SLOW) == {None, *FORMATS}


def test_what_grows_with_the_square_is_seen() -> None:
    def squares(data: bytes) -> int:
        return sum(data.count(b"\n", 0, at) for at in range(0, len(data), 128))

    ratio, _ = growth(squares, b"x" * 256 * 1024, b"x" * 512 * 1024)
    assert ratio > MOST_RATIO
