"""The demo's chain on real servers: twice over, and killed at ten checkpoints on Odoo 19."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oimkit.odoo import connect
from tests.faults.test_chain_crash import Target, Worker
from tests.live import servers
from tests.live.session import hands_out_databases, server_of_this_process
from tests.live.snapshot import snapshot

pytestmark = pytest.mark.live

POINTS = 10
SETTLE_AFTER_S = 5.0
"""A real server may go on with a call whose client was killed; none of the chain's takes this long."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    process = Worker(settle_after_s=SETTLE_AFTER_S)
    yield process
    process.stop()


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Iterator[list[tuple[int, str]]]:
    """Databases to drop when the test is over."""
    made: list[tuple[int, str]] = []
    yield made
    for version, name in made:
        servers.drop_database(version, name)


def target(server: servers.LiveServer, made: list[tuple[int, str]]) -> Target:
    name = servers.fresh_database(server.major)
    made.append((server.major, name))
    return Target(server.url, name, server.user, server.secret)


def state(at: Target) -> dict[str, list[tuple[str, ...]]]:
    return snapshot(connect(at.url, database=at.database, user=at.user, secret=at.secret))


def own_server_of(major: int) -> servers.LiveServer:
    """The server of this process; the test is skipped where it does not hand out fresh databases."""
    server = server_of_this_process(major) if hands_out_databases(major) else None
    if server is None:
        pytest.skip(f"no real Odoo {major} that hands out databases")
    return server


@pytest.mark.parametrize("major", [pytest.param(14, id="live-14"), pytest.param(19, id="live-19")])
def test_the_chain_runs_and_a_second_run_creates_nothing(
    worker: Worker, major: int, tmp_path: Path, fresh: list[tuple[int, str]]
) -> None:
    server = own_server_of(major)
    at = target(server, fresh)
    first = worker.run(at, tmp_path / "journal", "auto")
    assert first["error"] is None, first
    assert first["created"] > 50
    before = state(at)
    second = worker.run(at, tmp_path / "journal", "auto")
    assert (second["error"], second["created"]) == (None, 0)
    assert state(at) == before


@pytest.mark.parametrize("major", [pytest.param(19, id="live-19")])
def test_killed_at_ten_checkpoints_the_chain_ends_as_undisturbed(
    worker: Worker, major: int, tmp_path: Path, fresh: list[tuple[int, str]]
) -> None:
    server = own_server_of(major)
    at = target(server, fresh)
    undisturbed = worker.run(at, tmp_path / "undisturbed", "auto")
    assert undisturbed["error"] is None, undisturbed
    expected, checkpoints = state(at), undisturbed["passed"]
    for index in range(POINTS):
        point = 1 + (2 * index + 1) * checkpoints // (2 * POINTS)
        at = target(server, fresh)
        journal = tmp_path / f"killed-{point}"
        assert worker.run(at, journal, "auto", kill_at=point)["killed"]
        worker.finish(at, journal, "auto")
        assert state(at) == expected, f"killed at checkpoint {point} of {checkpoints}"
