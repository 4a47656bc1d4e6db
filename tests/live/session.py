"""The server that this process of the tests has to itself.

Where the tests of one server run in several processes (pytest-xdist), the first takes the server that `up` started and
every other starts one of its own: one process of Odoo answers one call at a time.
"""

from __future__ import annotations

import os
from contextlib import ExitStack

from tests.live.own_server import own_server
from tests.live.servers import LiveServer, running_servers, server_of_the_environment

__all__ = ["close", "hands_out_databases", "server_of_this_process"]

_OPEN = ExitStack()
_STARTED: dict[int, LiveServer] = {}


def server_of_this_process(major: int) -> LiveServer | None:
    """The server of a major version for the tests of this process; None where there is none."""
    known = next((server for server in running_servers() if server.major == major), None)
    if known is None or server_of_the_environment() is not None or _is_first_process():
        return known
    if major not in _STARTED:
        _STARTED[major] = _OPEN.enter_context(own_server(major, workers=0))
    return _STARTED[major]


def hands_out_databases(major: int) -> bool:
    """False for a server that the environment names: nothing is made on it but what its tests need."""
    if server_of_the_environment() is not None:
        return False
    return any(server.major == major for server in running_servers())


def close() -> None:
    """Stop what was started here."""
    _OPEN.close()
    _STARTED.clear()


def _is_first_process() -> bool:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
