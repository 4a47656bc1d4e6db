"""The same table in another engine: `transitions` accepts and refuses the same walks (run where it is installed)."""

from __future__ import annotations

import random

import pytest

from oimkit.pipeline import Refusal, State, commercial
from tests.pipeline.cases import able, at, targets

transitions = pytest.importorskip("transitions", reason="transitions is not installed")


def test_another_engine_takes_the_same_steps() -> None:
    machine = commercial()
    positions = list(machine.positions())
    names = {position: "_".join(position) for position in positions}
    commands = {(name, to): f"{name}_{to}" for name, to in targets(machine)}

    class Case:
        pass

    case = Case()
    peer = transitions.Machine(case, states=list(names.values()), initial=names[positions[0]], auto_transitions=False)
    for position in positions:
        for row, after in machine.steps_from(position):
            peer.add_transition(commands[row.command, row.to], names[position], names[after])
    chance = random.Random(7)
    state = State("c", positions[0], (), 1, at().occurred_at)
    allowed = 0
    for _ in range(4_000):
        name, to = chance.choice(list(commands))
        if name == "capture":
            continue
        decided = machine.decide(state, able("c", name, to))
        may = getattr(case, f"may_{commands[name, to]}")()
        assert may == (not isinstance(decided, Refusal)), (state.position, name, to)
        if may and not isinstance(decided, Refusal):
            case.trigger(commands[name, to])  # type: ignore[attr-defined]
            state = machine.evolve(state, decided[0])
            allowed += 1
        assert case.state == names[state.position]  # type: ignore[attr-defined]
    assert allowed > 500
