"""Twice the input takes about twice the time, also where a file is made to be slow; and it ends in a value."""

from __future__ import annotations

import time

import pytest

from oimkit.banking import read_statements
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError
from tests.fuzz.inputs import SLOW

SIZE = 64 * 1024
MOST_S = 1.0
"""CPU seconds for 128 KB; reading them takes a tenth of that on a slow machine."""

TRIES = 4
"""A busy machine slows one measurement, not four; what grows with the square of the size fails them all."""

OPEN = Limits(line_chars=10**9, depth=10**6)
"""With lines and nesting allowed, so that the patterns themselves are tried."""


def cpu_s(data: bytes, limits: Limits) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        try:
            read_statements(data, unbalanced="report", limits=limits)
        except StatementError as error:
            assert error.reason
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("limits", [Limits(), OPEN], ids=["default limits", "no limits"])
@pytest.mark.parametrize("name", list(SLOW))
def test_time_grows_with_the_size_and_no_faster(name: str, limits: Limits) -> None:
    small, large = SLOW[name](SIZE), SLOW[name](2 * SIZE)
    for _ in range(TRIES):
        once, twice = cpu_s(small, limits), cpu_s(large, limits)
        if twice < MOST_S and twice < 3 * once + 0.05:  # 2.5 is the aim; the rest is the clock and the allocator
            return
    pytest.fail(f"{once:.3f} s for {SIZE} bytes and {twice:.3f} s for twice as many, {TRIES} times over")
