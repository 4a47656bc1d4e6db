"""A server of one's own on the running cluster: with several worker processes, on a fresh database, stopped afterwards.

``up`` starts one process a version; Odoo on a company's own machine mostly runs with ``workers``, where calls of two
clients are answered by two processes that know nothing of each other.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.live.cache import LiveError, default_cache
from tests.live.install import Installation
from tests.live.process import Started, free_port, read_record, start, stop, write_record
from tests.live.servers import (
    START_TIMEOUT_S,
    LiveServer,
    copy_template,
    database_filter,
    drop_copy,
    running,
    server_on_record,
    version_of,
    wait_until_it_knows,
)


@contextmanager
def own_server(version: str | int, *, workers: int) -> Iterator[LiveServer]:
    """A server of *version* with *workers* processes (0: one with threads) on a database of its own.

    The one that `up` started must run: its installation, its cluster and the template's users are used. What an
    earlier, killed run of this function left is stopped first.
    """
    installation, cluster = running(version)
    known = server_on_record(default_cache(), installation.major)
    assert known is not None
    _stop_left_over(installation, workers)
    database = copy_template(installation, cluster)
    record = default_cache().run / f"own-{installation.major}-{workers}-{database}-{os.getpid()}.json"
    process: Started | None = None
    try:
        process, url, log = _start(installation, database, workers)
        write_record(record, process)
        server = replace(known, url=url, database=database)
        _wait(server, process, log)
        yield server
    finally:
        if process is not None:
            stop(process)
        record.unlink(missing_ok=True)
        drop_copy(installation, cluster, database)


def _start(installation: Installation, database: str, workers: int) -> tuple[Started, str, str]:
    port, second = free_port(0), free_port(0)
    options = {
        "workers": workers,
        "http-port": port,
        installation.port_option.replace("_", "-"): second,
        "db-filter": database_filter(installation, database),
        "max-cron-threads": 0,
    }
    log = installation.cache.logs / f"own-{installation.major}-{workers}.log"
    words = [f"--{name}={value}" for name, value in options.items()]
    command = installation.command("server", "-c", installation.inner(installation.config), *words)
    return start(command, log, env=installation.env), f"http://127.0.0.1:{port}", str(log)


def _wait(server: LiveServer, process: Started, log: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while version_of(server.url) is None:
        if not process.is_alive or time.monotonic() > deadline:
            raise LiveError(f"the server with workers did not come up; see {log}")
        time.sleep(0.3)
    wait_until_it_knows(server, log)


def _stop_left_over(installation: Installation, workers: int) -> None:
    """Stop servers whose maker was killed; those of makers that live stay."""
    for record in default_cache().run.glob(f"own-{installation.major}-{workers}-*.json"):
        maker = int(record.stem.rpartition("-")[2])
        known = read_record(record)
        if known and not os.path.exists(f"/proc/{maker}"):
            stop(known[0])
            record.unlink(missing_ok=True)
