"""Real Odoo 14 and 19 on this machine, without containers: install, start, hand out, stop.

    python -m tests.live.servers up          install what is missing, start, print one JSON object a server
    python -m tests.live.servers status      what runs, without secrets
    python -m tests.live.servers env [14|19] shell lines that point oimkit's command line at one server
    python -m tests.live.servers down        stop what `up` started and drop the copies

Everything lives in one cache folder: OIMKIT_LIVE_CACHE, else `oimkit/live` in the user's cache folder. Of each version
one initialised database is kept as a template; every `up` and every `fresh_database` makes a copy of it, which takes a
second. With OIMKIT_LIVE_URL, OIMKIT_LIVE_DATABASE, OIMKIT_LIVE_USER and OIMKIT_LIVE_SECRET set nothing is installed or
started: that server is the only one. Exit status of `up`: 0 when at least one server answers, 1 when none does.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import sys
import time
import uuid
import xmlrpc.client
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import requests

from tests.live import postgres
from tests.live.cache import Cache, LiveError, default_cache, run, say
from tests.live.install import (
    Chrooted,
    Installation,
    Mirror,
    Unpacked,
    check_rights,
    install_tools,
    machine_mirror,
)
from tests.live.prepare import RESULT_MARK
from tests.live.process import free_port, read_record, start, stop, write_record

INITIALISE_TIMEOUT_S = 1800
START_TIMEOUT_S = 180
ANSWER_TIMEOUT_S = 60
NAMED_SERVER = ("OIMKIT_LIVE_URL", "OIMKIT_LIVE_DATABASE", "OIMKIT_LIVE_USER", "OIMKIT_LIVE_SECRET")


@dataclass(frozen=True, slots=True)
class LiveUser:
    """A user of a template database.

    role      admin (all rights used here), limited (internal user only), billing (accounting, no timesheets), or
              twofactor (accounting, signs in with a second factor)
    secret    an API key; password is the password
    totp      the second factor's base32 secret, or None
    """

    role: str
    login: str
    user_id: int
    secret: str = field(repr=False)
    password: str = field(repr=False)
    totp: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LiveJournal:
    """A bank journal with its invented account number."""

    id: int
    code: str
    currency: str
    account: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A real Odoo that answers.

    version   as the server tells it, "14.0" or "19.0"; `major` is its first number
    user      the administrator's login; secret an API key of that user, password the password (None on a server that
              the environment names)
    """

    version: str
    url: str
    database: str
    user: str
    secret: str = field(repr=False)
    password: str | None = field(default=None, repr=False)
    users: tuple[LiveUser, ...] = ()
    journals: tuple[LiveJournal, ...] = ()

    @property
    def major(self) -> int:
        return int(self.version.removeprefix("saas~").split(".")[0])

    def user_in(self, role: str) -> LiveUser:
        """The user of *role*; KeyError on a server that the environment names, whose users nobody knows."""
        return {user.role: user for user in self.users}[role]


def running_servers() -> tuple[LiveServer, ...]:
    """The real servers to test against, oldest first: the one that the environment names, or those that `up` started.

    Starts nothing. Empty when there is none. Raises LiveError when the named server does not answer.
    """
    named = server_of_the_environment()
    if named:
        return (named,)
    cache = default_cache()
    found = [server_on_record(cache, major) for major in (14, 19)]
    return tuple(server for server in found if server)


def fresh_database(version: str | int) -> str:
    """The name of a new copy of the template database, on the running server of *version* ("14.0", "19", 19)."""
    installation, cluster = running(version)
    return copy_template(installation, cluster)


def drop_database(version: str | int, name: str) -> None:
    """Drop a copy that `fresh_database` made; nothing else can be dropped."""
    installation, cluster = running(version)
    if not name.startswith(copy_prefix(installation)):
        raise LiveError(f"{name} is not a copy of the template of Odoo {installation.major}; it stays")
    drop_copy(installation, cluster, name)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live.servers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=("up", "down", "status", "env"))
    parser.add_argument("version", nargs="?", choices=("14", "19"), help="for env; default: the newest that runs")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends at once, and with it the steps under way (cache.run)
    try:
        if arguments.action == "down":
            return down(default_cache())
        if arguments.action == "env":
            return print_environment(arguments.version)
        return up() if arguments.action == "up" else print_status(default_cache())
    except LiveError as refused:
        say(str(refused))
        return 1


def up() -> int:
    named = server_of_the_environment()
    servers = [named] if named else bring_up(default_cache())
    for server in servers:
        print(json.dumps(as_json(server)), flush=True)
    return 0 if servers else 1


def bring_up(cache: Cache) -> list[LiveServer]:
    """Install what is missing, both versions side by side, and start them; one that fails does not stop the other."""
    check_rights()
    with cache.locked():
        install_tools(cache)
        mirror = machine_mirror()
        with ThreadPoolExecutor(3) as side_by_side:
            cluster = side_by_side.submit(bring_up_cluster, cache)
            parts = installations(cache)
            results = [side_by_side.submit(install_and_serve, part, mirror, cluster) for part in parts]
            servers = []
            for part, result in zip(parts, results, strict=True):
                try:
                    servers.append(result.result())
                except (LiveError, OSError, ValueError) as failed:
                    say(f"*** Odoo {part.major} IS NOT AVAILABLE, its tests will not run: {failed}")
        return servers


def bring_up_cluster(cache: Cache) -> postgres.Cluster:
    """The running cluster; after its own start no server of an earlier run can be any good."""
    cluster, is_new_run = postgres.up(cache)
    if is_new_run:
        stop_servers(cache)
        drop_copies(cache, cluster)
    return cluster


def install_and_serve(installation: Installation, mirror: Mirror, cluster_up: Future[postgres.Cluster]) -> LiveServer:
    installation.install(mirror)
    cluster = cluster_up.result()
    cluster.add_role(role_of(installation))
    make_template(installation, cluster)
    record = installation.cache.run / f"{installation.major}.json"
    known = read_record(record)
    if not (known and known[0].is_alive):
        known = start_server(installation, cluster)
    process, facts = known
    write_record(record, process, **{**facts, "database": copy_template(installation, cluster)})
    server = server_on_record(installation.cache, installation.major)
    if server is None:
        raise LiveError(f"Odoo {installation.major} ended right after its start; see {facts['log']}")
    wait_until_it_knows(server, facts["log"])
    say(f"Odoo {server.version} answers at {server.url}, database {server.database}")
    return server


def make_template(installation: Installation, cluster: postgres.Cluster) -> None:
    """The initialised database of one version, with users, keys and journals; made once for a cluster."""
    name = template_of(installation)

    def make() -> None:
        cluster.drop(name)
        shutil.rmtree(filestore(installation, name), ignore_errors=True)
        # Nothing listens while the database is made: these two ports are not used.
        installation.configure(postgres_port=cluster.port, http_port=1, second_port=2, dbfilter=".*")
        options = ("-c", installation.inner(installation.config), "-d", name, "--no-http")
        modules = ("-i", installation.modules, "--stop-after-init", f"--without-demo={installation.without_demo}")
        install = installation.command("server", *options, *modules)
        run(install, installation.log, timeout_s=INITIALISE_TIMEOUT_S, env=installation.env)
        facts = prepare_template(installation, options)
        secrets = installation.cache.root / f"template-{installation.major}.json"
        with os.fdopen(os.open(secrets, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as output:
            json.dump(facts, output)
        cluster.seal(name)

    step, fingerprint = f"template{installation.major}", f"{installation.fingerprint} {cluster.identity}"
    if not cluster.has_database(name):
        (installation.cache.root / "done" / step).unlink(missing_ok=True)
    installation.cache.once(step, fingerprint, make)


def prepare_template(installation: Installation, options: tuple[str, ...]) -> dict[str, Any]:
    """Run prepare.py in the version's own shell; what it prints behind its mark is what is known of the template."""
    script = (Path(__file__).parent / "prepare.py").read_text(encoding="utf-8") + "\n\nprepare(env)\n"
    shell = installation.command("shell", *options)
    printed = run(shell, installation.log, timeout_s=600, env=installation.env, given=script)
    for line in printed.splitlines():
        if line.startswith(RESULT_MARK):
            facts: dict[str, Any] = json.loads(line.removeprefix(RESULT_MARK))
            return facts
    raise LiveError(f"the template of Odoo {installation.major} was not prepared; see {installation.log}")


def start_server(installation: Installation, cluster: postgres.Cluster) -> tuple[Any, dict[str, Any]]:
    """Start one server on free ports. What is written down about it is all that `running_servers` needs."""
    port = free_port(8200 + installation.major)
    second = free_port(8300 + installation.major)
    home = copy_prefix(installation) + "home"
    if installation.major < 16 and not cluster.has_database(home):
        copy_template(installation, cluster, home)
    installation.configure(
        postgres_port=cluster.port, http_port=port, second_port=second, dbfilter=database_filter(installation, home)
    )
    log = installation.cache.logs / f"server-{installation.major}.log"
    command = installation.command("server", "-c", installation.inner(installation.config))
    process = start(command, log, env=installation.env)
    facts = {"url": f"http://127.0.0.1:{port}", "log": str(log), "version": f"{installation.major}.0"}
    deadline = time.monotonic() + START_TIMEOUT_S
    while (version := version_of(facts["url"])) is None:
        if not process.is_alive or time.monotonic() > deadline:
            stop(process)
            raise LiveError(f"Odoo {installation.major} did not come up; see {log}")
        time.sleep(0.3)
    return process, {**facts, "version": version}


def database_filter(installation: Installation, home: str) -> str:
    """Which databases a server tells of: on old versions *home* alone, else all.

    On 14 /jsonrpc answers an error as JSON only when the request has a database by itself; that is so when the filter
    leaves exactly one. Other databases are still served to whoever names them. JSON-2 needs an open filter.
    """
    return f"^{home}$" if installation.major < 16 else ".*"


def wait_until_it_knows(server: LiveServer, log: str) -> None:
    """Sign in once, so that the first test does not wait for the database to be loaded."""
    try:
        user_id = ask_common(server.url, "authenticate", server.database, server.user, server.secret, {})
    except (requests.RequestException, xmlrpc.client.Error, ExpatError) as failed:
        reason = type(failed).__name__
        raise LiveError(f"Odoo {server.version} does not sign its administrator in ({reason}); see {log}") from None
    if not user_id:
        raise LiveError(f"Odoo {server.version} refuses its administrator's key; see {log}")


def version_of(url: str) -> str | None:
    """The version that the server at *url* tells, or None when none answers."""
    try:
        told = ask_common(url, "version")
    except (requests.RequestException, xmlrpc.client.Error, ExpatError):
        return None
    return str(told["server_version"]) if isinstance(told, dict) else None


def ask_common(url: str, method: str, *arguments: Any) -> Any:
    """What the service `common` answers over XML-RPC, the one transport that every version has."""
    body = xmlrpc.client.dumps(arguments, method).encode()
    reply = requests.post(
        url + "/xmlrpc/2/common", data=body, headers={"Content-Type": "text/xml"}, timeout=ANSWER_TIMEOUT_S
    )
    reply.raise_for_status()
    return xmlrpc.client.loads(reply.content)[0][0]


def server_of_the_environment() -> LiveServer | None:
    values = [os.environ.get(name, "") for name in NAMED_SERVER]
    if not any(values):
        return None
    if not all(values):
        raise LiveError(f"set all of {', '.join(NAMED_SERVER)}, or none")
    url, database, user, secret = values
    version = version_of(url.rstrip("/"))
    if version is None:
        raise LiveError("the server of OIMKIT_LIVE_URL does not answer over XML-RPC; check the address")
    return LiveServer(version, url.rstrip("/"), database, user, secret)


def server_on_record(cache: Cache, major: int) -> LiveServer | None:
    record = read_record(cache.run / f"{major}.json")
    if record is None or not record[0].is_alive:
        return None
    facts = record[1]
    made = json.loads((cache.root / f"template-{major}.json").read_text(encoding="utf-8"))
    users = tuple(LiveUser(**user) for user in made["users"])
    journals = tuple(LiveJournal(**journal) for journal in made["journals"])
    admin = users[0]
    return LiveServer(
        facts["version"], facts["url"], facts["database"], admin.login, admin.secret, admin.password, users, journals
    )


def as_json(server: LiveServer) -> dict[str, Any]:
    """The object that `up` prints. Only servers that we made ourselves show their secrets."""
    facts = {"version": server.version, "url": server.url, "database": server.database, "user": server.user}
    is_ours = bool(server.users)
    secrets = {"secret": server.secret, "password": server.password} if is_ours else {"secret": None, "password": None}
    return {**facts, **secrets, "users": plain(server.users), "journals": plain(server.journals)}


def plain(rows: Sequence[LiveUser | LiveJournal]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]


def installations(cache: Cache) -> tuple[Installation, ...]:
    return (Chrooted(cache), Unpacked(cache))


def running(version: str | int) -> tuple[Installation, postgres.Cluster]:
    if any(os.environ.get(name) for name in NAMED_SERVER):
        raise LiveError("a server that the environment names gets no databases from here")
    major = int(str(version).split(".")[0])
    cache = default_cache()
    cluster = postgres.running_cluster(cache)
    for installation in installations(cache):
        if installation.major == major and cluster and server_on_record(cache, major):
            return installation, cluster
    raise LiveError(f"no server of Odoo {major} runs here: python -m tests.live.servers up")


def role_of(installation: Installation) -> str:
    """The database role: each version lists only what is its own."""
    return f"odoo{installation.major}"


def template_of(installation: Installation) -> str:
    return f"template_odoo{installation.major}"


def copy_prefix(installation: Installation) -> str:
    return f"oimkit{installation.major}_"


def filestore(installation: Installation, database: str) -> Path:
    return installation.data / "filestore" / database


def copy_template(installation: Installation, cluster: postgres.Cluster, name: str | None = None) -> str:
    """A copy of the template with its attachments (hard links: Odoo never changes a stored file)."""
    name = name or copy_prefix(installation) + uuid.uuid4().hex[:8]
    cluster.copy(template_of(installation), name, role_of(installation))
    source, target = filestore(installation, template_of(installation)), filestore(installation, name)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=os.link)
    return name


def drop_copy(installation: Installation, cluster: postgres.Cluster, name: str) -> None:
    cluster.drop(name)
    shutil.rmtree(filestore(installation, name), ignore_errors=True)


def drop_copies(cache: Cache, cluster: postgres.Cluster) -> None:
    for installation in installations(cache):
        like = copy_prefix(installation).replace("_", r"\_") + "%"
        for name in cluster.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{like}'").split():
            drop_copy(installation, cluster, name)


def stop_servers(cache: Cache) -> None:
    for installation in installations(cache):
        record = cache.run / f"{installation.major}.json"
        known = read_record(record)
        if known:
            stop(known[0])
        record.unlink(missing_ok=True)


def down(cache: Cache) -> int:
    with cache.locked():
        stop_servers(cache)
        cluster = postgres.running_cluster(cache)
        if cluster:
            drop_copies(cache, cluster)
        postgres.down(cache)
    say("stopped")
    return 0


def print_status(cache: Cache) -> int:
    servers = [server_of_the_environment()] if any(map(os.environ.get, NAMED_SERVER)) else []
    servers = servers or [server_on_record(cache, part.major) for part in installations(cache)]
    for server in filter(None, servers):
        is_answering = version_of(server.url) is not None
        facts = {"version": server.version, "url": server.url, "database": server.database, "answers": is_answering}
        print(json.dumps(facts), flush=True)
    return 0 if any(servers) else 1


def print_environment(version: str | None) -> int:
    servers = [server for server in running_servers() if version in (None, str(server.major))]
    if not servers:
        raise LiveError("no such server runs: python -m tests.live.servers up")
    server = servers[-1]
    values = {"URL": server.url, "DATABASE": server.database, "USER": server.user, "SECRET": server.secret}
    for name, value in values.items():
        print(f"export OIMKIT_{name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
