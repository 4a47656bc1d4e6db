"""Time, network and the order in which writers get their turns, all drawn from one seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from oimkit.errors import Busy, NotSent, OutcomeUnknown
from oimkit.odoo.transport.calls import Call
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.http import LostReply
from oimkit.odoo.version import ServerVersion
from tests.simulation.model_server import ModelServer

__all__ = ["LIMIT_S", "Killed", "Rates", "SimulatedTransport", "Turns", "World"]

START = datetime(2026, 11, 22, tzinfo=UTC)
LIMIT_S = 120.0
"""Seconds after which the server ends a call; a late call commits within them."""


class Killed(BaseException):
    """The process ended here."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances of what may happen to one call that changes something.

    crash      at each of the moments before and after a call and after a commit of the journal: over a creation of two
               calls and four commits this is about one in ten
    lost_read  to one call that changes nothing
    """

    lost_request: float = 0.15
    lost_reply: float = 0.15
    late_commit: float = 0.15
    marshalling: float = 0.05
    busy: float = 0.05
    not_sent: float = 0.03
    crash: float = 0.013
    lost_read: float = 0.05


class World:
    """One seed's time, server and faults.

    faults_left  how many faults may still happen; at zero the network is sound, so that every history ends
    """

    def __init__(self, seed: int, server: ModelServer, rates: Rates, faults: int) -> None:
        self.random = random.Random(seed)
        self.server = server
        self.rates = rates
        self.faults_left = faults
        self.now_s = 0.0
        self.late: list[tuple[float, int, Call]] = []
        self._order = 0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def chance(self, rate: float) -> bool:
        """True at *rate*, while faults are left; each costs one."""
        if self.faults_left and self.random.random() < rate:
            self.faults_left -= 1
            return True
        return False

    def advance(self, to_s: float) -> None:
        """Let time pass; calls that were still under way commit at their moment."""
        while self.late and self.late[0][0] <= to_s:
            self.now_s, _, call = self.late.pop(0)
            self.server.call(call)
        self.now_s = max(self.now_s, to_s)

    def commit_later(self, call: Call) -> None:
        self._order += 1
        self.late.append((self.now_s + self.random.uniform(0, LIMIT_S), self._order, call))
        self.late.sort(key=lambda item: item[:2])


class Turns:
    """Writers in threads of which exactly one runs; who goes on is drawn at every step.

    Each step lets a little time pass. ``run`` returns when all writers have ended.
    """

    def __init__(self, most: int) -> None:
        self._go = [threading.Lock() for _ in range(most)]
        self._over = threading.Lock()
        for lock in (*self._go, self._over):
            lock.acquire()
        self._jobs: list[Callable[[], None] | None] = [None] * most
        self._wake: dict[int, float] = {}
        self._world: World | None = None
        self.failure: BaseException | None = None
        for number in range(most):
            threading.Thread(target=self._serve, args=(number,), daemon=True).start()

    def run(self, world: World, jobs: list[Callable[[], None]]) -> None:
        self._world, self.failure = world, None
        self._wake = dict.fromkeys(range(len(jobs)), 0.0)
        self._jobs[: len(jobs)] = jobs
        self._hand_on(None)
        self._over.acquire()
        self._world = None
        if self.failure is not None:
            raise self.failure

    def step(self, number: int, sleep_s: float = 0.0) -> None:
        """A moment at which another writer may go on; the own one does so after *sleep_s* at the earliest."""
        world = self._world
        if world is None:  # nothing is played: a client is being made
            return
        world.advance(world.now_s + world.random.random())
        self._wake[number] = world.now_s + sleep_s
        if len(self._wake) == 1:
            world.advance(self._wake[number])
            return
        self._hand_on(number)

    def _hand_on(self, current: int | None) -> None:
        world = self._world
        assert world is not None
        if not self._wake:
            self._over.release()
            return
        ready = [number for number, wake in self._wake.items() if wake <= world.now_s]
        if not ready:
            world.advance(min(self._wake.values()))
            ready = [number for number, wake in self._wake.items() if wake <= world.now_s]
        chosen = ready[int(world.random.random() * len(ready))]
        if chosen == current:
            return
        self._go[chosen].release()
        if current is not None:
            self._go[current].acquire()

    def _serve(self, number: int) -> None:
        while True:
            self._go[number].acquire()
            job = self._jobs[number]
            assert job is not None
            try:
                job()
            except BaseException as error:  # the main thread raises it
                self.failure = self.failure or error
            del self._wake[number]
            self._hand_on(None)


class SimulatedTransport:
    """One writer's way to the server of the current world (fulfils Transport)."""

    name = "jsonrpc"
    url = "http://simulated"
    database = "simulated"
    uid = 2

    def __init__(self, number: int, turns: Turns) -> None:
        self.number = number
        self.turns = turns
        self.world: World | None = None

    def version(self, _deadline: Deadline) -> ServerVersion:
        return ServerVersion(19, 0)

    def send(self, call: Call, _deadline: Deadline) -> Any:
        world = self.world
        assert world is not None
        self.turns.step(self.number)
        self.crash()
        reply = self._changed(world, call) if call.changes else self._read(world, call)
        self.turns.step(self.number)
        self.crash()
        return reply

    def crash(self, _step: str = "") -> None:
        """The process may end here."""
        assert self.world is not None
        if self.world.chance(self.world.rates.crash):
            raise Killed

    def _read(self, world: World, call: Call) -> Any:
        if world.chance(world.rates.lost_read):
            raise LostReply("the reply was lost")
        return world.server.call(call)

    def _changed(self, world: World, call: Call) -> Any:
        rates = world.rates
        if world.chance(rates.not_sent):
            raise NotSent("no connection")
        if world.chance(rates.busy):
            raise Busy("another transaction was in the way")
        if world.chance(rates.lost_request):
            raise OutcomeUnknown("the request was lost")
        if world.chance(rates.late_commit):
            world.commit_later(call)
            raise OutcomeUnknown("no reply in time")
        reply = world.server.call(call)
        if world.chance(rates.lost_reply):
            raise OutcomeUnknown("the reply was lost")
        if world.chance(rates.marshalling):
            raise OutcomeUnknown("cannot marshal None", after_commit=True)
        return reply
