"""What the async client adds to a call and to a record of a stream, without any server.

python -m bench.async_hops
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable

import anyio

from oimkit.odoo.limiter import Limiter
from oimkit.odoo.threads import AHEAD, AsyncStream, in_thread

CALLS, RECORDS = 3000, 20_000


async def measured(act: Callable[[], Awaitable[None]], times: int) -> float:
    """Microseconds of processor time for each of *times*."""
    start = time.process_time()
    await act()
    return round((time.process_time() - start) / times * 1e6, 2)


async def figures() -> dict[str, float]:
    limiter = Limiter(0.0)

    async def calls() -> None:
        for _ in range(CALLS):
            await in_thread(lambda: None, limiter)

    async def stream(ahead: int) -> None:
        async for _ in AsyncStream(lambda: iter(range(RECORDS)), limiter, ahead):
            pass

    await calls()  # threads are started once
    return {
        "call_us": await measured(calls, CALLS),
        "record_us": await measured(lambda: stream(AHEAD), RECORDS),
        "record_one_by_one_us": await measured(lambda: stream(1), RECORDS),
    }


if __name__ == "__main__":
    for backend in ("asyncio", "trio"):
        print(json.dumps({"loop": backend, **anyio.run(figures, backend=backend)}))
