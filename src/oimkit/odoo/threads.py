"""Running the sync client in worker threads of an event loop: asyncio's or trio's, whichever calls.

What a cancelled call means:

- A call that only reads is left at once; its thread ends when the call does, or at its deadline.
- A call that may change something, cancelled by a scope of anyio or trio (``move_on_after``, a task group that ends):
  it is finished first, its result or error is given, and the cancellation comes at the next ``await``. Nothing goes
  on in the background when a scope is left.
- The same cancelled by asyncio itself (``asyncio.timeout``, ``wait_for``, ``task.cancel()``): asyncio leaves it at
  once and the call goes on in its thread. Its outcome is unknown, as after a lost reply: settle it by its key, and
  never send it afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from oimkit.errors import ConfigurationError
from oimkit.odoo.transport.calls import Call

if TYPE_CHECKING:
    from typing import Self

    import anyio
    from anyio.lowlevel import RunVar

    from oimkit.odoo.client import Odoo
    from oimkit.odoo.limiter import Limiter

__all__ = ["AsyncStream", "InThreads", "in_thread"]

T = TypeVar("T")

AT_ONCE = 8
"""Worker threads for a connection whose limiter has no window of its own."""

AHEAD = 200
"""Items of a stream that are taken in one go: a hop between threads for each would cost more than reading it."""


async def in_thread(act: Callable[[], T], limiter: Limiter | None = None, *, leave: bool = False) -> T:
    """What *act* returns in a worker thread; with *leave*, a cancellation does not wait for it.

    Raises ConfigurationError where anyio is not installed.
    """
    try:
        from anyio import to_thread
    except ImportError:
        raise ConfigurationError(
            "the async client needs the package anyio, which is not installed", advice="pip install 'oimkit[async]'"
        ) from None
    window = None if limiter is None else _window(limiter)
    return await to_thread.run_sync(act, abandon_on_cancel=leave, limiter=window)


@cache
def _windows() -> RunVar[dict[int, tuple[Limiter, anyio.CapacityLimiter]]]:
    """For each event loop, the threads that may wait for each limiter."""
    from anyio.lowlevel import RunVar

    return RunVar("oimkit_windows")


def _window(limiter: Limiter) -> anyio.CapacityLimiter:
    """As many threads as the limiter lets call at once, so that tasks wait in the loop and not in threads."""
    from anyio import CapacityLimiter

    try:
        known = _windows().get()
    except LookupError:
        known = {}
        _windows().set(known)
    if id(limiter) not in known:  # the limiter is kept with it, so that its id stays its own
        known[id(limiter)] = (limiter, CapacityLimiter(limiter.at_once or AT_ONCE))
    return known[id(limiter)][1]


class AsyncStream(Generic[T]):
    """What an iterator of the sync client gives, for ``async for``; read in a thread, a few items ahead at most.

    The iterator is not asked for more than ``ahead`` items beyond those that were taken, so that a slow consumer
    slows the reading down. One task at a time may take from it.
    """

    def __init__(self, make: Callable[[], Iterator[T]], limiter: Limiter, ahead: int = AHEAD) -> None:
        self._make = make
        self._limiter = limiter
        self._ahead = ahead
        self._source: Iterator[T] | None = None
        self._ready: list[T] = []
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if not self._ready and not self._ended:
            taken = await in_thread(self._take, self._limiter, leave=True)
            self._ready = taken[::-1]
            self._ended = not taken
        if not self._ready:
            raise StopAsyncIteration
        return self._ready.pop()

    def _take(self) -> list[T]:
        if self._source is None:
            self._source = iter(self._make())
        return list(islice(self._source, self._ahead))


class InThreads:
    """The part of ``AsyncOdoo`` that is written by hand; the rest is made from ``Odoo`` by scripts/write_async.py."""

    def __init__(self, odoo: Odoo) -> None:
        self.odoo = odoo

    def __repr__(self) -> str:
        return f"<Async{repr(self.odoo)[1:]}"

    def _like(self, odoo: Odoo) -> Self:
        return type(self)(odoo)

    async def _run(self, act: Callable[[], T], *, leave: bool = False) -> T:
        return await in_thread(act, self.odoo.limiter, leave=leave)

    def _stream(self, make: Callable[[], Iterator[T]], ahead: int) -> AsyncStream[T]:
        return AsyncStream(make, self.odoo.limiter, ahead)

    @staticmethod
    def _only_reads(model: str, method: str) -> bool:
        return not Call(model, method).changes

    async def run(self, act: Callable[[Odoo], T]) -> T:
        """What *act* returns for the sync client, in one worker thread: for functions such as ``apply`` and ``find``.

        It is taken for something that changes: a cancelled scope waits until *act* has ended.
        """
        return await self._run(lambda: act(self.odoo))
