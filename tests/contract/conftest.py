"""Where a contract test runs: the sandbox as 14 and as 19 always, and every real server with OIMKIT_TEST_LIVE=1.

``server``  one server, for tests of the server itself
``target``  one server and one transport that it has, for tests of oimkit

A real server gets a database of its own for the session (the one named by OIMKIT_LIVE_* is used as it is). Tests share
it, so each makes its own records and marks them with ``fresh_token``.
"""

from __future__ import annotations

import os
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from oimkit.odoo import Odoo, connect
from oimkit.sandbox import Sandbox
from tests.contract.raw import Raw, RawJson2, RawXml
from tests.watch import MEMO, NAME

SANDBOXES = (14, 19)
LIVE = os.environ.get("OIMKIT_TEST_LIVE") == "1"
ONE_TRANSPORT = os.environ.get("OIMKIT_LIVE_TRANSPORTS") == "one"
"""On real servers each test over one transport, not all: the tests are spread evenly, always in the same way."""


@dataclass(frozen=True)
class Login:
    """One user's ways in: a password, and an API key that every transport takes."""

    login: str
    user_id: int
    password: str | None = field(repr=False)
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class Server:
    """One running server: ``version`` is its major number."""

    name: str
    version: int
    url: str
    database: str
    logins: dict[str, Login]
    is_live: bool
    sandbox: Sandbox | None = None

    @property
    def transports(self) -> tuple[str, ...]:
        return ("xmlrpc", "jsonrpc", "json2") if self.version >= 19 else ("xmlrpc", "jsonrpc")

    def raw(self, role: str = "admin", transport: str = "jsonrpc") -> Raw:
        """A plain client as the user of *role*: admin, limited, billing or twofactor."""
        kind = {"xmlrpc": RawXml, "jsonrpc": Raw, "json2": RawJson2}[transport]
        login = self.logins[role]
        return kind(self.url, self.database, login.user_id, login.api_key)


@dataclass(frozen=True)
class Target:
    """One server over one transport."""

    server: Server
    transport: str
    fresh_token: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def version(self) -> int:
        return self.server.version

    @property
    def is_live(self) -> bool:
        return self.server.is_live

    @property
    def sandbox(self) -> Sandbox | None:
        """The double itself, for its faults; None on a real server."""
        return self.server.sandbox

    def connect(self, role: str = "admin") -> Odoo:
        login = self.server.logins[role]
        use_key = self.transport == "json2" or login.password is None or role == "twofactor"
        secret = login.api_key if use_key else login.password
        server = self.server
        return connect(server.url, database=server.database, user=login.login, secret=secret, transport=self.transport)

    def admin(self, role: str = "admin") -> Raw:
        """A plain client for preparing and for looking behind oimkit's back."""
        return self.server.raw(role)


def _live_names() -> list[str]:
    if not LIVE:
        return []
    from tests.live.servers import running_servers

    return [f"live-{server.version.split('.')[0]}" for server in running_servers()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a server cannot be asked: faults of a real one, and behaviour of versions that it is not."""
    there = [item for item in items if _fits(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(there)])
    items[:] = there


def _fits(item: pytest.Item) -> bool:
    if item.get_closest_marker("double") and item.get_closest_marker("live"):
        return False
    if item.get_closest_marker("real") and not item.get_closest_marker("live"):
        return False
    if ONE_TRANSPORT and item.get_closest_marker("live") and not _has_its_transport(item):
        return False
    bounds = item.get_closest_marker("versions")
    return bounds is None or bounds.kwargs.get("first", 0) <= _major(item) <= bounds.kwargs.get("last", 99)


def _has_its_transport(item: pytest.Item) -> bool:
    """True when a test of one transport has the one that falls to it; which one its name decides."""
    target = item.callspec.params.get("target")  # type: ignore[attr-defined]
    if target is None:
        return True
    name, transport = target
    others = _transports(name)
    return others[zlib.crc32(item.nodeid.replace(f"{name}-{transport}", name).encode()) % len(others)] == transport


def _major(item: pytest.Item) -> int:
    """The version of the server that *item*, a test of one server or target, was parametrized with."""
    parameters = item.callspec.params  # type: ignore[attr-defined]
    name: str = (parameters.get("target") or parameters["server"])[0]
    return int(name.rpartition("-")[2])


NAMES = [f"sandbox-{version}" for version in SANDBOXES] + _live_names()
_SERVERS: dict[str, Server] = {}


def _param(name: str, *more: str) -> object:
    marks = [pytest.mark.live] if name.startswith("live-") else []
    return pytest.param((name, *more), id="-".join((name, *more)), marks=marks)


def _transports(name: str) -> tuple[str, ...]:
    major = int(name.rpartition("-")[2])
    return ("xmlrpc", "jsonrpc", "json2") if major >= 19 else ("xmlrpc", "jsonrpc")


@pytest.fixture(scope="session")
def running() -> Iterator[dict[str, Server]]:
    """The servers that tests have asked for so far; sandboxes are stopped and copies dropped at the end."""
    yield _SERVERS
    for server in _SERVERS.values():
        if server.sandbox is not None:
            server.sandbox.stop()
        elif "OIMKIT_LIVE_URL" not in os.environ:
            from tests.live.servers import drop_database

            drop_database(server.version, server.database)
    _SERVERS.clear()


def _server(name: str) -> Server:
    if name not in _SERVERS:
        version = int(name.rpartition("-")[2])
        _SERVERS[name] = _start(name, version) if name.startswith("sandbox") else _live(name, version)
    return _SERVERS[name]


def _start(name: str, version: int) -> Server:
    sandbox = Sandbox(version)
    sandbox.start()
    logins = {}
    for role in ("admin", "limited", "billing", "twofactor"):
        known = sandbox.login(role)
        logins[role] = Login(known.login, known.user_id, known.password, known.api_key)
    started = Server(name, version, sandbox.url, sandbox.database, logins, is_live=False, sandbox=sandbox)
    _name_its_people(started.raw())
    return started


def _name_its_people(raw: Raw) -> None:
    """Give the users names that the watch over the whole run knows: no error may repeat them."""
    for user in raw.find("res.users", [["login", "in", ["limited", "billing", "twofactor"]]], "login", "partner_id"):
        raw.call("res.partner", "write", [user["partner_id"][0]], {"name": f"{user['login']} {NAME}", "comment": MEMO})


def _live(name: str, version: int) -> Server:
    from tests.live.servers import fresh_database
    from tests.live.session import server_of_this_process

    found = server_of_this_process(version)
    assert found is not None
    database = found.database if "OIMKIT_LIVE_URL" in os.environ else fresh_database(version)
    logins = {user.role: Login(user.login, user.user_id, user.password, user.secret) for user in found.users}
    if not logins:
        raw = Raw(found.url, found.database, 0, found.secret)
        user_id = int(raw.service("common", "authenticate", found.database, found.user, found.secret, {}))
        logins = {"admin": Login(found.user, user_id, None, found.secret)}
    return Server(name, version, found.url, database, logins, is_live=True)


@pytest.fixture(params=[_param(name) for name in NAMES])
def server(request: pytest.FixtureRequest, running: dict[str, Server]) -> Server:
    """One server, the sandbox in both versions and each real one."""
    del running
    return _server(request.param[0])


@pytest.fixture(params=[_param(name) for name in NAMES if int(name.rpartition("-")[2]) >= 19])
def new_server(request: pytest.FixtureRequest, running: dict[str, Server]) -> Server:
    """One server of 19 or later."""
    del running
    return _server(request.param[0])


@pytest.fixture(params=[_param(name) for name in NAMES if int(name.rpartition("-")[2]) < 16])
def old_server(request: pytest.FixtureRequest, running: dict[str, Server]) -> Server:
    """One server before 16, where bank lines stand in statements."""
    del running
    return _server(request.param[0])


@pytest.fixture(params=[_param(name, transport) for name in NAMES for transport in _transports(name)])
def target(request: pytest.FixtureRequest, running: dict[str, Server]) -> Iterator[Target]:
    """One server over one of its transports."""
    del running
    found = _server(request.param[0])
    yield Target(found, request.param[1])
    if found.sandbox is not None:
        found.sandbox.faults.clear()


@pytest.fixture
def token() -> str:
    """Text that no other test uses."""
    return uuid.uuid4().hex[:12]
