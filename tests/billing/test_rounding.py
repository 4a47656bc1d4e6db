"""Time is rounded up, down or to the nearest step, and every entry gets an exact share."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.billing import Half, Mode, TimeRounding
from oimkit.billing.rounding import shares_of


@pytest.mark.parametrize(
    ("mode", "half", "minutes", "billed"),
    [
        (Mode.UP, Half.UP, 1, 15),
        (Mode.UP, Half.UP, 15, 15),
        (Mode.UP, Half.UP, -1, -15),
        (Mode.DOWN, Half.UP, 14, 0),
        (Mode.DOWN, Half.UP, -29, -15),
        (Mode.NEAREST, Half.UP, 22, 15),
        (Mode.NEAREST, Half.UP, 23, 30),
    ],
)
def test_modes_go_away_from_zero_or_towards_it(mode: Mode, half: Half, minutes: int, billed: int) -> None:
    assert TimeRounding(mode=mode, half=half, step_seconds=900).billed(minutes * 60) == billed * 60


@pytest.mark.parametrize(("half", "billed"), [(Half.UP, (10, 20)), (Half.DOWN, (0, 10)), (Half.EVEN, (0, 20))])
def test_exact_half_goes_where_it_was_declared(half: Half, billed: tuple[int, int]) -> None:
    rule = TimeRounding(half=half, step_seconds=600)
    assert (rule.billed(300), rule.billed(900)) == (billed[0] * 60, billed[1] * 60)


def test_minimum_lifts_short_time_but_neither_none_nor_negative_time() -> None:
    rule = TimeRounding(minimum_seconds=1800)
    assert [rule.billed(seconds) for seconds in (1, 1800, 1801, 0, -60)] == [1800, 1800, 1801, 0, -60]


@given(st.lists(st.integers(-40_000, 40_000).filter(bool), min_size=1, max_size=12), st.integers(-100_000, 100_000))
def test_shares_sum_to_what_is_billed(worked: list[int], billed: int) -> None:
    assert sum(shares_of(billed, worked)) == billed


@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=12), st.integers(0, 100_000))
def test_share_of_a_longer_entry_is_never_smaller(worked: list[int], gained: int) -> None:
    shares = shares_of(sum(worked) + gained, worked)
    pairs = sorted(zip(worked, shares, strict=True))
    assert all(one[1] <= other[1] for one, other in itertools.pairwise(pairs) if one[0] < other[0])
