"""The async client is the sync one in threads: same names, same results, same errors, on asyncio and on trio."""

from __future__ import annotations

import ast
import asyncio
import inspect
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest

from oimkit.errors import AccessDenied, ConfigurationError, InvalidCall, MissingRecord, OutcomeUnknown
from oimkit.odoo import Odoo, find
from oimkit.odoo import connect as connect_sync
from oimkit.odoo.aio import AsyncOdoo, connect
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.limiter import Limiter
from oimkit.odoo.threads import AsyncStream
from oimkit.sandbox import Fault, FaultKind, Sandbox, When
from scripts import write_async


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(version=19) as server:
        yield server


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest, sandbox: Sandbox) -> Callable[..., Any]:
    """Run an async function with a client, on each event loop."""

    def run_(test: Callable[[AsyncOdoo], Any], **options: Any) -> Any:
        async def main() -> Any:
            odoo = await connect(
                sandbox.url, database="sandbox", user="admin", secret=sandbox.secret, transport="jsonrpc", **options
            )
            return await test(odoo)

        return anyio.run(main, backend=request.param)

    yield run_
    sandbox.faults.clear()


# --- one surface


def public(cls: type) -> dict[str, Any]:
    return {name: value for name, value in inspect.getmembers_static(cls) if not name.startswith("_")}


def parameters(function: Any) -> list[tuple[str, object, object]]:
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def test_every_public_method_has_its_twin_with_the_same_parameters() -> None:
    twins = public(AsyncOdoo)
    for name, member in public(Odoo).items():
        assert name in twins, f"AsyncOdoo has no {name}: run python scripts/write_async.py"
        if callable(member):
            assert parameters(twins[name]) == parameters(member), f"{name}: run python scripts/write_async.py"


def test_fields_of_the_client_are_there_too() -> None:
    assert {name for name in Odoo.__dataclass_fields__ if not name.startswith("_")} <= set(public(AsyncOdoo))


def test_connect_takes_the_same_parameters() -> None:
    assert parameters(connect) == parameters(connect_sync)


def test_file_is_what_the_script_writes() -> None:
    kept, made = write_async.TARGET.read_text(encoding="utf-8"), write_async.written()

    def meaning(text: str) -> list[str]:
        nodes = [node for node in ast.parse(text).body if not isinstance(node, (ast.Import, ast.ImportFrom, ast.If))]
        return [ast.dump(node) for node in nodes]

    assert meaning(kept) == meaning(made), "run python scripts/write_async.py"


def test_what_may_change_something_is_waited_for_and_what_reads_is_left() -> None:
    source = ast.parse(write_async.TARGET.read_text(encoding="utf-8"))
    left = {
        node.name
        for node in ast.walk(source)
        if isinstance(node, ast.AsyncFunctionDef) and "leave=True" in ast.unparse(node) and node.name != "connect"
    }
    assert left <= write_async.READS
    assert not left & {"write", "load", "load_new", "create_once", "call"}
    assert {"read", "search", "search_read", "count"} <= left


# --- the same results


def test_reads_and_writes_give_what_the_sync_client_gives(run: Callable[..., Any], sandbox: Sandbox) -> None:
    async def test(odoo: AsyncOdoo) -> None:
        (made,) = await odoo.call("res.partner", "create", vals_list=[{"name": "async"}])  # type: ignore[misc]
        await odoo.write("res.partner", [made], {"ref": "seen"})
        assert await odoo.search("res.partner", [("ref", "=", "seen")], limit=1, order="id desc") == [made]
        (row,) = await odoo.read("res.partner", [made], ["name", "ref"])
        assert row == odoo.odoo.read("res.partner", [made], ["name", "ref"])[0]
        assert await odoo.server_key() == odoo.odoo.server_key
        assert (odoo.uid, odoo.database, odoo.transport) == (2, "sandbox", "jsonrpc")
        assert await odoo.load("res.partner", ["id", "name"], [["oimkit.async_1", "loaded"]])
        key = ExternalId("oimkit", "async_1")
        assert await odoo.run(lambda plain: find(plain, [key])) == find(odoo.odoo, [key])

    run(test)


def test_views_are_async_clients_over_the_same_connection(run: Callable[..., Any]) -> None:
    async def test(odoo: AsyncOdoo) -> None:
        view = odoo.with_context(lang="en_US").with_archived()
        assert isinstance(view, AsyncOdoo)
        assert view.context == {"lang": "en_US", "active_test": False}
        (company,) = await odoo.search("res.company", [], limit=1)
        chosen = await odoo.with_company(company)
        assert (chosen.company.id, chosen.limiter is odoo.limiter) == (company, True)  # type: ignore[union-attr]

    run(test)


def test_errors_are_the_same_classes(run: Callable[..., Any], sandbox: Sandbox) -> None:
    async def test(odoo: AsyncOdoo) -> None:
        with pytest.raises(MissingRecord):
            await odoo.read("res.partner", [987654], ["name"])
        with pytest.raises(InvalidCall):
            await odoo.call("res.partner", "no_such_method")
        sandbox.faults.add(Fault(FaultKind.DROP_AFTER_COMMIT, When("res.partner", "write")))
        with pytest.raises(OutcomeUnknown):
            await odoo.write("res.partner", [1], {"ref": "lost"})

    run(test)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_refused_login_is_raised(sandbox: Sandbox, backend: str) -> None:
    async def main() -> None:
        with pytest.raises(AccessDenied):
            await connect(sandbox.url, database="sandbox", user="admin", secret="wrong-async-secret")

    anyio.run(main, backend=backend)


def test_machine_without_anyio_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        monkeypatch.setitem(sys.modules, "anyio", None)
        with pytest.raises(ConfigurationError, match=r"pip install 'oimkit\[async\]'"):
            await connect("http://127.0.0.1:1")

    asyncio.run(main())


# --- many at once


def test_tasks_run_side_by_side_within_the_window(run: Callable[..., Any]) -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    async def test(odoo: AsyncOdoo) -> None:
        def slow(plain: Odoo) -> None:
            nonlocal under_way, most
            with lock:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.02)
            with lock:
                under_way -= 1

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(odoo.run, slow)

    run(test, limiter=Limiter(0.0, at_once=3))
    assert most == 3


def test_loop_goes_on_while_a_call_waits(run: Callable[..., Any], sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(FaultKind.SLOW, When("res.partner", "search_count", mutating=False), delay_ms=300))

    async def test(odoo: AsyncOdoo) -> int:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await anyio.sleep(0.01)
                ticks += 1

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tick)
            await odoo.count("res.partner", [])
            tasks.cancel_scope.cancel()
        return ticks

    assert run(test) >= 10


# --- streams


def test_stream_gives_every_record_once_in_order(run: Callable[..., Any]) -> None:
    async def test(odoo: AsyncOdoo) -> None:
        names = [[f"oimkit.async_stream_{n}", f"streamed {n}"] for n in range(450)]
        await odoo.load("res.partner", ["id", "name"], names)
        domain = [("name", "like", "streamed")]
        ids = [row["id"] async for row in odoo.stream("res.partner", domain, ["name"], batch=100)]
        assert ids == await odoo.search("res.partner", domain, order="id")
        pages = [len(page) async for page in odoo.pages("res.partner", domain, ["name"], batch=100)]
        assert sum(pages) == 450

    run(test)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_stream_reads_no_further_ahead_than_it_says(backend: str) -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    async def main() -> None:
        taken = 0
        async for _ in AsyncStream(numbers, Limiter(0.0), ahead=10):
            taken += 1
            assert len(made) <= taken + 10
            if taken == 25:
                break
        await anyio.sleep(0.05)
        assert len(made) <= 35

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_error_in_a_stream_reaches_the_loop_after_what_came_before(backend: str) -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise MissingRecord("gone")

    async def main() -> None:
        stream = AsyncStream(numbers, Limiter(0.0), ahead=1)
        assert await anext(stream) == 1
        with pytest.raises(MissingRecord):
            await anext(stream)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    anyio.run(main, backend=backend)


# --- cancellation


def test_cancelled_read_is_left_at_once(run: Callable[..., Any], sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(FaultKind.SLOW, When("res.partner", "search_count", mutating=False), delay_ms=1000))

    async def test(odoo: AsyncOdoo) -> float:
        start = time.monotonic()
        with anyio.move_on_after(0.1) as scope:
            await odoo.count("res.partner", [])
        assert scope.cancelled_caught
        return time.monotonic() - start

    assert run(test) < 0.7


def slow_write(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(FaultKind.LATE_COMMIT, When("res.partner", "write"), delay_ms=500))


async def partner(odoo: AsyncOdoo) -> int:
    (made,) = await odoo.call("res.partner", "create", vals_list=[{"name": "cancelled"}])  # type: ignore[misc]
    return int(made)


async def ref_of(odoo: AsyncOdoo, identity: int) -> object:
    (row,) = await odoo.read("res.partner", [identity], ["ref"])
    return row["ref"]


def test_cancelled_write_is_finished_before_its_scope_is_left(run: Callable[..., Any], sandbox: Sandbox) -> None:
    async def test(odoo: AsyncOdoo) -> None:
        made, told = await partner(odoo), []
        slow_write(sandbox)
        with anyio.move_on_after(0.1) as scope:
            told.append(await odoo.call("res.partner", "write", ids=[made], vals={"ref": "finished"}))
            await anyio.sleep(0)
            raise AssertionError("the cancellation comes at the next await")
        assert scope.cancelled_caught
        assert told == [True]
        assert await ref_of(odoo, made) == "finished"

    run(test)


def test_write_that_asyncio_leaves_goes_on_in_its_thread(sandbox: Sandbox) -> None:
    async def main() -> None:
        odoo = await connect(sandbox.url, database="sandbox", user="admin", secret=sandbox.secret)
        made = await partner(odoo)
        slow_write(sandbox)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(odoo.write("res.partner", [made], {"ref": "left behind"}), 0.1)
        assert await ref_of(odoo, made) is None
        await asyncio.sleep(0.8)
        assert await ref_of(odoo, made) == "left behind"

    asyncio.run(main())
