"""Processes on the same keys on real servers: a small round of ``python -m tests.live.races``."""

from __future__ import annotations

import pytest

from tests.live.own_server import own_server
from tests.live.races import Size, race
from tests.live.session import hands_out_databases

pytestmark = pytest.mark.live

SMALL = Size(processes=4, keys=5, rounds=2)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("major", [pytest.param(14, id="live-14"), pytest.param(19, id="live-19")])
def test_processes_that_race_make_each_record_once(major: int, workers: int) -> None:
    if not hands_out_databases(major):
        pytest.skip(f"no real Odoo {major} that hands out databases")
    with own_server(major, workers=workers) as server:
        outcome = race(server, workers, SMALL)
    assert outcome.is_clean, outcome
    assert outcome.created >= 2 * SMALL.keys * SMALL.rounds
