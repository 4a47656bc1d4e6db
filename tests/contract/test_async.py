"""The async client against the double and real servers: the same records as the sync one, on both event loops."""

from __future__ import annotations

from functools import partial

import anyio
import pytest

from oimkit.errors import AccessRefused, MissingRecord
from oimkit.odoo.aio import AsyncOdoo, connect
from tests.contract.conftest import Target

pytestmark = pytest.mark.parametrize("backend", ["asyncio", "trio"])


async def opened(target: Target, role: str = "admin") -> AsyncOdoo:
    login, server = target.server.logins[role], target.server
    return await connect(
        server.url, database=server.database, user=login.login, secret=login.api_key, transport=target.transport
    )


def test_records_made_side_by_side_are_read_in_a_stream(target: Target, backend: str) -> None:
    async def main() -> None:
        odoo = await opened(target)

        async def make(number: int) -> None:
            row = [f"oimkit.async_{target.fresh_token}_{backend}_{number}", f"{target.fresh_token} {number}"]
            await odoo.load("res.partner", ["id", "name"], [row])

        async with anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(make, number)
        domain = [("name", "like", target.fresh_token)]
        streamed = [row["id"] async for row in odoo.stream("res.partner", domain, ["name"], batch=4)]
        assert streamed == odoo.odoo.search("res.partner", domain, order="id")
        assert len(streamed) == await odoo.count("res.partner", domain)
        with pytest.raises(MissingRecord):
            await odoo.read("res.partner", [*streamed, 99_999_999], ["name"])

    anyio.run(main, backend=backend)


def test_refusals_are_the_same_classes(target: Target, backend: str) -> None:
    async def main() -> None:
        odoo = await opened(target, "limited")
        with pytest.raises(AccessRefused):
            await odoo.call("res.company", "create", vals_list=[{"name": "x"}])

    anyio.run(partial(main), backend=backend)
