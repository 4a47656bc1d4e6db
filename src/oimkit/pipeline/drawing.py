"""A machine drawn for people: a mermaid state diagram, and a description in plain text."""

from __future__ import annotations

from collections.abc import Iterator

from oimkit.pipeline.definition import Dimension, Guard, Transition, When
from oimkit.pipeline.machine import Machine

__all__ = ["describe", "mermaid"]


def mermaid(machine: Machine) -> str:
    """*machine* as the text of a mermaid state diagram: one composite state per dimension, guards in brackets.

    >>> door = Machine.flat("door", ("open", "closed"), begin="build",
    ...                     steps={"close": ("open", "closed"), "reopen": ("closed", "open")})
    >>> print(mermaid(door))
    stateDiagram-v2
        state "state" as d1 {
            state "open" as d1_open
            state "closed" as d1_closed
            [*] --> d1_open: build
            d1_open --> d1_closed: close
            d1_closed --> d1_open: reopen
        }
    <BLANKLINE>
    """
    lines = ["stateDiagram-v2"]
    for number, dimension in enumerate(machine.dimensions, start=1):
        lines += [f"    {line}" for line in _drawn(machine, dimension, f"d{number}")]
    return "\n".join(lines) + "\n"


def _drawn(machine: Machine, dimension: Dimension, prefix: str) -> Iterator[str]:
    """The lines of one dimension, its arrows merged by (from, to)."""
    yield f'state "{_text(dimension.name)}" as {prefix} {{'
    for state in dimension.states:
        yield f'    state "{_text(dimension.title(state))}" as {prefix}_{state}'
    labels: dict[tuple[str, str], list[str]] = {}
    for row in machine.transitions:
        for before, after in _arrows(row, dimension):
            start = f"{prefix}_{before}" if before else "[*]"
            labels.setdefault((start, f"{prefix}_{after}"), []).append(_label(row))
    for (start, end), names in labels.items():
        yield f"    {start} --> {end}: {', '.join(dict.fromkeys(names))}"
    for state in dimension.final:
        yield f"    {prefix}_{state} --> [*]"
    yield "}"


def _arrows(row: Transition, dimension: Dimension) -> Iterator[tuple[str | None, str]]:
    """(before, after) pairs that *row* draws in *dimension*; before is None where a case begins."""
    after = dict(row.then).get(dimension.name)
    if after is None:
        return
    if row.when is None:
        yield None, after
        return
    for before in dict(row.when).get(dimension.name, dimension.states):
        if before != after:
            yield before, after


def _label(row: Transition) -> str:
    guards = " and ".join(guard.name for guard in row.guards)
    return _text(f"{row.command} [{guards}]" if guards else row.command)


def _text(text: str) -> str:
    """*text* without the characters that mermaid reads as its own."""
    return "".join(character if character.isalnum() or character in " _-[]." else " " for character in text).strip()


def describe(machine: Machine) -> str:
    """*machine* in plain text: its dimensions, every command with where it may be given and its guards, its goals."""
    lines = [f"{machine.name}, version {machine.version}", "", "Dimensions"]
    for dimension in machine.dimensions:
        states = (f"{state} (final)" if state in dimension.final else state for state in dimension.states)
        lines.append(f"  {dimension.name}: {', '.join(states)}")
    lines += ["", "Steps"]
    for row in machine.transitions:
        lines.append(f"  {row.title}: {_condition(row.when)} -> {_effect(row)}")
        lines += [f"    needs: {guard.text} ({guard.name})" for guard in row.guards]
    lines += ["", "Guards"]
    lines += [f"  {guard.name}: {'; '.join(str(need) for need in guard.needs)}" for guard in _guards(machine)]
    lines += ["", "Promises"]
    lines += [f"  {goal.name}: from {_condition(goal.when)} to {_condition(goal.reach)}" for goal in machine.goals]
    return "\n".join(lines) + "\n"


def _guards(machine: Machine) -> tuple[Guard, ...]:
    return tuple(dict.fromkeys(guard for row in machine.transitions for guard in row.guards))


def _condition(when: When | None) -> str:
    if when is None:
        return "a new case"
    return ", ".join(f"{dimension} {' or '.join(states)}" for dimension, states in when) or "anywhere"


def _effect(row: Transition) -> str:
    changes = ", ".join(f"{dimension} {state}" for dimension, state in row.then)
    return f"{changes} ({row.event})" if changes else row.event
