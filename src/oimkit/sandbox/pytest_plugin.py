"""Fixtures for the tests of projects that talk to Odoo; pytest finds them once oimkit is installed.

``oimkit_sandbox`` is an Odoo double on loopback with a database as new for each test. The version is that of the
marker ``@pytest.mark.oimkit_sandbox(version=16)``, else of the ini option ``oimkit_sandbox_version``, else 19. One
server a version serves the whole run; each test begins with the same records and the same ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from oimkit.sandbox.database import Login
    from oimkit.sandbox.faults import FaultBoard
    from oimkit.sandbox.server import Sandbox

__all__ = ["OdooDouble", "oimkit_sandbox", "oimkit_sandbox_servers", "pytest_addoption", "pytest_configure"]

_INI = "oimkit_sandbox_version"


@dataclass(frozen=True, slots=True)
class OdooDouble:
    """What a test needs of the server: any client can sign in with it. The secrets are invented, and never shown.

    state  the folder that oimkit keeps its journals in during the test
    """

    server: Sandbox
    state: Path

    def __repr__(self) -> str:
        return f"OdooDouble(version={self.version}, url={self.url!r})"

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def database(self) -> str:
        return self.server.database

    @property
    def user(self) -> str:
        """The administrator's login; ``login`` knows the others."""
        return self.server.user

    @property
    def secret(self) -> str:
        """The administrator's password."""
        return self.server.secret

    @property
    def api_key(self) -> str:
        """The administrator's API key: for JSON-2, and instead of the password everywhere but in the web client."""
        return self.server.api_key

    @property
    def version(self) -> int:
        return self.server.version

    @property
    def faults(self) -> FaultBoard:
        """Where faults are asked for; none is left when the next test begins."""
        return self.server.faults

    @property
    def environ(self) -> Mapping[str, str]:
        """The variables that ``oimkit.connect()`` reads, and ``XDG_STATE_HOME``: no journal stays behind."""
        return {
            "OIMKIT_URL": self.url,
            "OIMKIT_DATABASE": self.database,
            "OIMKIT_USER": self.user,
            "OIMKIT_SECRET": self.secret,
            "XDG_STATE_HOME": str(self.state),
        }

    def login(self, name: str) -> Login:
        """The user *name*: admin, limited, billing, twofactor, or one that was made over RPC with a password."""
        return self.server.login(name)

    def dump(self) -> dict[str, Any]:
        """Every business record in a form that knows no ids and no times: equal states give equal dumps."""
        return self.server.dump()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(_INI, "the Odoo version of the fixture oimkit_sandbox, 14 to 19", default="19")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "oimkit_sandbox(version): the Odoo version of the fixture oimkit_sandbox")


@pytest.fixture(scope="session")
def oimkit_sandbox_servers() -> Iterator[dict[int, Sandbox]]:
    """The servers that tests have asked for so far, one a version."""
    servers: dict[int, Sandbox] = {}
    yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture
def oimkit_sandbox(
    request: pytest.FixtureRequest,
    oimkit_sandbox_servers: dict[int, Sandbox],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> OdooDouble:
    """An Odoo double with the records of a new database; ``XDG_STATE_HOME`` is a temporary folder meanwhile."""
    version = _wanted(request)
    server = oimkit_sandbox_servers.get(version)
    if server is None or not server.is_running:
        server = oimkit_sandbox_servers[version] = _started(version)
    else:
        server.restore()
    state = tmp_path_factory.mktemp("oimkit-state")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))  # else journals and declared targets would outlive the test
    return OdooDouble(server, state)


def _wanted(request: pytest.FixtureRequest) -> int:
    marker = request.node.get_closest_marker("oimkit_sandbox")
    given = marker.kwargs.get("version", *marker.args[:1]) if marker else request.config.getini(_INI)
    try:
        return int(given)
    except (TypeError, ValueError):
        raise pytest.UsageError(f"{given!r} is no version of Odoo; write a number of 14 to 19") from None


def _started(version: int) -> Sandbox:
    from oimkit.sandbox.server import Sandbox

    server = Sandbox(version)
    server.start()
    server.mark()
    return server
