"""Guarded transitions a second: oimkit's machine beside `transitions` and `python-statemachine`, same table.

    python bench/pipeline.py [events]

One thread, best of three, in seconds of processor time, so that a busy machine counts less. The table is a sale of six
states and seven steps, each guarded by a fact; each case runs six steps. oimkit decides and evolves, which makes an
event and a state per step and keeps both; the libraries change a model in place and keep no history. A library that
is not installed is named as such.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oimkit.pipeline import (
    Command,
    Dimension,
    Guard,
    Machine,
    Need,
    Occasion,
    Refusal,
    State,
    Transition,
    facts_of,
)

STEPS = ("begin", "qualify", "propose", "revise", "propose", "win")
"""What each case goes through."""

TABLE = {
    "qualify": ("new", "qualified"),
    "propose": ("qualified", "proposed"),
    "revise": ("proposed", "qualified"),
    "win": ("proposed", "won"),
    "lose": ("proposed", "lost"),
    "reopen": ("lost", "new"),
    "settle": ("won", "settled"),
}
LIMIT = 150_000


def machine() -> Machine:
    """The table as a machine; every step is guarded by a fact that must be known."""
    guard = Guard("title_known", (Need("title"),), "a case has a title")
    rows = [Transition("begin", "begun", (("state", "new"),), None, guards=(guard,))]
    rows += [
        Transition(command, command, (("state", after),), (("state", (before,)),), guards=(guard,))
        for command, (before, after) in TABLE.items()
    ]
    states = ("new", "qualified", "proposed", "won", "lost", "settled")
    return Machine("sale", 1, (Dimension("state", states, final=("settled",)),), tuple(rows))


def oimkit_rate(events: int) -> float:
    """Transitions a second of oimkit, commands built beforehand, every event kept."""
    definition, day = machine(), datetime(2026, 1, 1, tzinfo=UTC)
    occasions = [Occasion(day + timedelta(hours=hour)) for hour in range(len(STEPS))]
    commands = [
        Command(f"case{number}", name, on, facts=facts_of({"title": "a"}) if name == "begin" else ())
        for number in range(events // len(STEPS))
        for name, on in zip(STEPS, occasions, strict=True)
    ]

    def run() -> int:
        history, state = [], None
        for command in commands:
            if state is not None and state.case != command.case:
                state = None
            decided = definition.decide(state, command)
            if isinstance(decided, Refusal):
                raise SystemExit(str(decided))
            for event in decided:
                state = definition.evolve(state, event)
            history += decided
        assert isinstance(state, State) and state.position == ("won",)
        return len(history)

    return best(run)


def transitions_rate(events: int) -> float | None:
    """Transitions a second of `transitions`, a guard on every step."""
    try:
        from transitions import Machine as Peer
    except ImportError:
        return None

    class Case:
        title = "a"

        def known(self) -> bool:
            return bool(self.title)

    cases = [Case() for _ in range(events // (len(STEPS) - 1))]
    table = [
        {"trigger": name, "source": before, "dest": after, "conditions": "known"}
        for name, (before, after) in TABLE.items()
    ]
    peer = Peer(
        model=cases[:1],
        states=["new", "qualified", "proposed", "won", "lost", "settled"],
        transitions=table,
        initial="new",
        auto_transitions=False,
    )
    model = cases[0]

    def run() -> int:
        for _ in cases:
            peer.set_state("new")
            for step in STEPS[1:]:
                model.trigger(step)
        assert model.state == "won"
        return len(cases) * (len(STEPS) - 1)

    return best(run)


def statemachine_rate(events: int) -> float | None:
    """Transitions a second of `python-statemachine`, a guard on every step."""
    try:
        from statemachine import State as PeerState
        from statemachine import StateMachine
    except ImportError:
        return None

    class Sale(StateMachine):
        new = PeerState(initial=True)
        qualified = PeerState()
        proposed = PeerState()
        won = PeerState()
        lost = PeerState()
        settled = PeerState(final=True)
        qualify = new.to(qualified, cond="known")
        propose = qualified.to(proposed, cond="known")
        revise = proposed.to(qualified, cond="known")
        win = proposed.to(won, cond="known")
        lose = proposed.to(lost, cond="known")
        reopen = lost.to(new, cond="known")
        settle = won.to(settled, cond="known")
        title = "a"

        def known(self) -> bool:
            return bool(self.title)

    count = events // (len(STEPS) - 1)

    def run() -> int:
        for _ in range(count):
            sale = Sale()
            for step in STEPS[1:]:
                sale.send(step)
        return count * (len(STEPS) - 1)

    return best(run)


def best(run: Callable[[], int]) -> float:
    """The highest rate of three runs."""
    rates = []
    for _ in range(3):
        start = time.process_time()
        done = run()
        rates.append(done / (time.process_time() - start))
    return max(rates)


def main() -> int:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    own = oimkit_rate(events)
    figures: dict[str, float | None] = {
        "oimkit": own,
        "transitions": transitions_rate(events // 10),
        "python-statemachine": statemachine_rate(events // 100),
    }
    for name, rate in figures.items():
        text = "not installed" if rate is None else f"{rate:>12,.0f} a second  {own / rate:6.1f} x slower than oimkit"
        print(f"{name:<22}{text}" if name != "oimkit" else f"{name:<22}{own:>12,.0f} a second")
    out = Path("out/bench")
    out.mkdir(parents=True, exist_ok=True)
    out.joinpath("pipeline.json").write_text(json.dumps({"transitions_per_second": figures, "limit": LIMIT}, indent=1))
    return 0 if own >= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
