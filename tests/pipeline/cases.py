"""What the tests of the pipelines share: moments, occasions, a command with every fact a guard could ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oimkit.money import Money
from oimkit.pipeline import Certainty, Command, Machine, Occasion, Refusal, State, facts_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

EVERYTHING = facts_of(
    {
        "blocked_channels": ("email",),
        "channel": "phone",
        "contact_name": "A. Example",
        "contact_why": "asked on the phone",
        "customer": "partner:7",
        "expected_revenue": Money("4800", "EUR"),
        "lost_reason": "too expensive",
        "title": "Twelve desks",
        "trigger": "stated_wish",
    }
)
"""Facts that satisfy every guard of the shipped pipelines."""


def at(hours: int = 0, certainty: Certainty = Certainty.ASSERTED) -> Occasion:
    """An occasion *hours* after the start."""
    return Occasion(START + timedelta(hours=hours), "user:2", certainty=certainty)


def able(case: str, name: str, to: str | None = None, hours: int = 0) -> Command:
    """A command that brings every fact."""
    return Command(case, name, at(hours), to, EVERYTHING)


def run(machine: Machine, commands: list[Command], state: State | None = None) -> State:
    """The state after *commands*, all of which must be allowed."""
    for command in commands:
        decided = machine.decide(state, command)
        assert not isinstance(decided, Refusal), str(decided)
        for event in decided:
            state = machine.evolve(state, event)
    assert state is not None
    return state


def targets(machine: Machine) -> list[tuple[str, str | None]]:
    """Every (command, target) of the table, each once."""
    return list(dict.fromkeys((row.command, row.to) for row in machine.transitions))
