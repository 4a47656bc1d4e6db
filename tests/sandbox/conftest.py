"""Sandboxes of both versions, and the plain clients that talk to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from oimkit.sandbox import Sandbox
from tests.contract.raw import Raw, RawJson2, RawXml

VERSIONS = (14, 19)


def raw_of(sandbox: Sandbox, transport: str = "jsonrpc", user: str = "admin") -> Raw:
    login = sandbox.login(user)
    kind = {"jsonrpc": Raw, "xmlrpc": RawXml, "json2": RawJson2}[transport]
    return kind(sandbox.url, sandbox.database, login.user_id, login.api_key)


@pytest.fixture(params=VERSIONS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(request.param) as running:
        yield running


@pytest.fixture
def raw(sandbox: Sandbox) -> Raw:
    return raw_of(sandbox)


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Wait, at most five seconds, until something holds."""

    def wait(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 5
        while not holds():
            assert time.monotonic() < end, "it did not happen within five seconds"
            time.sleep(0.01)

    return wait
