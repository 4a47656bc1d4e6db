"""The PostgreSQL cluster of the live ring: its own folder and port, fast and of no lasting value."""

from __future__ import annotations

import contextlib
import os
import pwd
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.live.cache import Cache, LiveError, remove, run, say
from tests.live.process import Started, free_port, identify, read_record, start, stop, write_record

OLDEST = 13  # DROP DATABASE ... WITH (FORCE), gen_random_uuid()
PREFERRED_PORT = 54329
START_TIMEOUT_S = 60
OWNER = "postgres"
# The cache may lie in root's home, where the cluster's user may not look: of root's rights it keeps that single one.
AS_OWNER = (
    "setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups",
    "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",
)  # fmt: skip
SETTINGS = (
    "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "full_page_writes=off",
    "synchronous_commit=off", "max_connections=80", "shared_buffers=128MB", "autovacuum_naptime=60",
)  # fmt: skip


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL server of this machine that is new enough."""
    found = [folder.parent for folder in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    usable = [folder for folder in found if folder.parent.name.isdigit() and int(folder.parent.name) >= OLDEST]
    return max(usable, key=lambda folder: int(folder.parent.name), default=None)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster."""

    cache: Cache
    port: int

    @property
    def identity(self) -> str:
        """Another one after every initdb: a template database belongs to one cluster."""
        return (self.cache.root / "pg" / "identity").read_text(encoding="ascii")

    def sql(self, statement: str, *, database: str = "postgres", timeout_s: float = 120) -> str:
        """What psql prints for *statement* (unaligned, no headings), as the cluster's owner."""
        client = (binaries() or Path("/usr/bin")) / "psql"
        address = ("-h", "127.0.0.1", "-p", str(self.port), "-U", OWNER, "-d", database)
        command = (client, *address, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement)
        return run(command, self.cache.logs / "psql.log", timeout_s=timeout_s, env={"PGOPTIONS": ""}).strip()

    def has_database(self, name: str) -> bool:
        return self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == "1"

    def add_role(self, name: str) -> None:
        if self.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'") != "1":
            self.sql(f'CREATE ROLE "{name}" LOGIN CREATEDB')

    def copy(self, template: str, name: str, owner: str) -> None:
        """A copy of *template* with a database identity of its own (what tells two databases apart over RPC)."""
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{owner}"')
        self.sql("UPDATE ir_config_parameter SET value = gen_random_uuid() WHERE key = 'database.uuid'", database=name)

    def drop(self, name: str) -> None:
        """Drop *name*, whoever is connected to it; a template (no connections allowed) is opened for that first."""
        if self.has_database(name):
            self.sql(f'ALTER DATABASE "{name}" IS_TEMPLATE false ALLOW_CONNECTIONS true')
            self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def seal(self, name: str) -> None:
        """Make *name* a template: nobody connects to it, no server lists it."""
        self.sql(f'ALTER DATABASE "{name}" IS_TEMPLATE true ALLOW_CONNECTIONS false')


def running_cluster(cache: Cache) -> Cluster | None:
    """The cluster of *cache*, if it runs."""
    record = read_record(cache.run / "postgres.json")
    return Cluster(cache, record[1]["port"]) if record and record[0].is_alive else None


def up(cache: Cache) -> tuple[Cluster, bool]:
    """The running cluster, and whether it had to be started now. One that does not start is made anew."""
    running = running_cluster(cache)
    if running:
        return running, False
    try:
        return begin(cache), True
    except LiveError as failed:
        if not (cache.root / "pg" / "identity").exists():
            raise
        say(f"the cluster does not start and is made anew ({str(failed).splitlines()[0]})")
        (cache.root / "pg" / "identity").unlink()
        return begin(cache), True


def down(cache: Cache) -> None:
    """Stop the cluster that we started, at once (its content is of no lasting value)."""
    record = read_record(cache.run / "postgres.json")
    if record:
        stop(record[0])
    (cache.run / "postgres.json").unlink(missing_ok=True)


def begin(cache: Cache) -> Cluster:
    folder = cache.root / "pg"
    if not (folder / "identity").exists():
        initialise(cache, folder)
    adopted = left_running(folder)
    if adopted:
        write_record(cache.run / "postgres.json", adopted[0], port=adopted[1])
        return Cluster(cache, adopted[1])
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    port = free_port(PREFERRED_PORT)
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    command = [*AS_OWNER, str(server_binary("postgres")), "-D", str(folder / "data"), "-p", str(port), *settings]
    started = start(command, cache.logs / "postgres.log")
    cluster = Cluster(cache, port)
    deadline = time.monotonic() + START_TIMEOUT_S
    while not answers(cluster):
        if not started.is_alive or time.monotonic() > deadline:
            stop(started)
            raise LiveError(f"PostgreSQL did not come up; see {cache.logs / 'postgres.log'}")
        time.sleep(0.2)
    write_record(cache.run / "postgres.json", started, port=port)
    return cluster


def initialise(cache: Cache, folder: Path) -> None:
    remove(folder)
    folder.mkdir(mode=0o700)
    owner = pwd.getpwnam(OWNER)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    options = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-U", OWNER)
    run((*AS_OWNER, server_binary("initdb"), "-D", folder / "data", *options), cache.logs / "initdb.log", timeout_s=300)
    (folder / "identity").write_text(uuid.uuid4().hex, encoding="ascii")


def server_binary(name: str) -> Path:
    folder = binaries()
    if folder is None:
        raise LiveError("no PostgreSQL server is installed: apt-get install postgresql-15")
    return folder / name


def left_running(folder: Path) -> tuple[Started, int] | None:
    """A server of this very cluster that an earlier run started but could not write down any more."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = (folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        command = Path(f"/proc/{int(lines[0])}/cmdline").read_bytes().split(b"\0")
        if str(folder / "data").encode() in command:
            return identify(int(lines[0])), int(lines[3])
    return None


def answers(cluster: Cluster) -> bool:
    try:
        return cluster.sql("SELECT 1", timeout_s=10) == "1"
    except LiveError:
        return False
