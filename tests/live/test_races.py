"""Two processes on one key on real servers: a small round of tests.live.races, and what 14 checks by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.raw import Raw, RawFault
from tests.live import servers
from tests.live.own_server import own_server
from tests.live.races import Size, race

pytestmark = pytest.mark.live

SMALL = Size(processes=4, keys=8, rounds=2)


def hands_out_databases(major: int) -> bool:
    if servers.server_of_the_environment() is not None:
        return False
    return any(server.major == major for server in servers.running_servers())


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("major", [pytest.param(14, id="live-14"), pytest.param(19, id="live-19")])
def test_processes_that_race_make_each_record_once(major: int, workers: int) -> None:
    if not hands_out_databases(major):
        pytest.skip(f"no real Odoo {major} that hands out databases")
    with own_server(major, workers=workers) as server:
        outcome = race(server, workers, SMALL)
    assert outcome.is_clean, outcome
    assert outcome.created >= 2 * SMALL.keys * SMALL.rounds


@pytest.fixture
def old() -> Iterator[Raw]:
    """A plain client of a database of its own on real 14."""
    if not hands_out_databases(14):
        pytest.skip("no real Odoo 14 that hands out databases")
    (server,) = [server for server in servers.running_servers() if server.major == 14]
    name = servers.fresh_database(14)
    yield Raw(server.url, name, server.users[0].user_id, server.secret)
    servers.drop_database(14, name)


@pytest.mark.parametrize("major", [pytest.param(14, id="live-14")])
def test_14_checks_the_moment_once_more_when_it_writes(major: int, old: Raw) -> None:
    partner = old.create("res.partner", name="x")
    end = f"{old.value('res.partner', partner, 'write_date')}.999999"
    told = {"context": {"__last_update": {f"res.partner,{partner}": end}}}
    assert old.call("res.partner", "write", [partner], {"city": "Ghent"}, **told) is True
    told = {"context": {"__last_update": {f"res.partner,{partner}": "2020-01-01 00:00:00.999999"}}}
    with pytest.raises(RawFault):
        old.call("res.partner", "write", [partner], {"city": "Bruges"}, **told)
    assert old.value("res.partner", partner, "city") == "Ghent"
    assert major == 14
