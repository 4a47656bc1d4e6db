"""A connection to the embedded Odoo whose calls a test can watch, stop and lose, and a journal for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oimkit.odoo import Journal, Odoo, connect
from oimkit.odoo.secret import Secret
from oimkit.odoo.transport import Deadline, Http, JsonRpc
from oimkit.sandbox import Sandbox
from tests.odoo.meddling import Meddling


@pytest.fixture(scope="module", params=[14, 19])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(version=request.param) as running:
        yield running


@pytest.fixture
def wire(sandbox: Sandbox) -> Meddling:
    http, secret = Http(sandbox.url), Secret(sandbox.api_key)
    return Meddling(JsonRpc.login(http, sandbox.database, sandbox.user, secret, Deadline.after(30)))


@pytest.fixture
def odoo(wire: Meddling) -> Odoo:
    return connect(transport=wire)


@pytest.fixture
def journal(odoo: Odoo, tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, odoo.server_key) as held:
        yield held
