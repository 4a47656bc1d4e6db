"""The parts of a machine's definition, all data: dimensions, needs, guards, transitions, goals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from oimkit.errors import RuleError
from oimkit.money import Money

__all__ = ["Dimension", "Fact", "Goal", "Guard", "Need", "Test", "Transition", "When", "identifier"]

Fact = None | bool | int | str | Decimal | date | datetime | Money | tuple[str, ...]
"""What may be known of a case under one name; None is nothing known."""

When = tuple[tuple[str, tuple[str, ...]], ...]
"""A condition on where a case stands: (dimension, permitted states) pairs that must all hold."""

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def identifier(text: str, what: str) -> str:
    """*text* when it can name *what* (small letters, digits, underscores); RuleError otherwise."""
    if not _IDENTIFIER.fullmatch(text):
        raise RuleError(
            f"the name of {what} is not usable",
            where=ascii(text[:40]),
            advice="use a small letter, then small letters, digits and underscores, 63 at most",
        )
    return text


class Test(StrEnum):
    """How a need looks at a fact."""

    __test__ = False  # not a test class of pytest

    PRESENT = "present"
    ABSENT = "absent"
    ONE_OF = "one_of"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a guard asks of the facts of a case.

    fact     the name of the fact
    test     present, absent, one_of (*values*) or outside (its text is not among the texts of the fact *listing*)
    given    the fact has to come with the command itself; what was known before does not count
    """

    fact: str
    test: Test = Test.PRESENT
    values: tuple[str, ...] = ()
    listing: str | None = None
    given: bool = False

    def __post_init__(self) -> None:
        identifier(self.fact, "a fact")
        if bool(self.values) != (self.test is Test.ONE_OF):
            raise RuleError("a need has values exactly when its test is one_of", where=self.fact)
        if (self.listing is not None) != (self.test is Test.OUTSIDE):
            raise RuleError("a need has a listing exactly when its test is outside", where=self.fact)

    def holds(self, known: Mapping[str, Fact], given: Mapping[str, Fact]) -> bool:
        """Whether *known* (what the command brings included) and *given* (the command alone) meet the need."""
        value = (given if self.given else known).get(self.fact)
        there = value is not None and value != "" and value != ()
        test = self.test
        if test is Test.PRESENT:
            return there
        if test is Test.ABSENT:
            return not there
        if test is Test.ONE_OF:
            return value in self.values
        listed = known.get(self.listing or "")
        return there and not (isinstance(listed, tuple) and value in listed)

    def __str__(self) -> str:
        first = "" if self.given else ", or record it first"
        match self.test:
            case Test.PRESENT:
                return f"give {self.fact}{first}"
            case Test.ABSENT:
                return f"leave {self.fact} empty"
            case Test.ONE_OF:
                return f"give {self.fact} as {' or '.join(self.values)}{first}"
            case Test.OUTSIDE:
                return f"give {self.fact} as one that {self.listing} does not name"


@dataclass(frozen=True, slots=True)
class Guard:
    """A named condition on a transition: what it needs, and the rule in one sentence."""

    name: str
    needs: tuple[Need, ...]
    text: str

    def __post_init__(self) -> None:
        identifier(self.name, "a guard")
        if not self.needs or not self.text:
            raise RuleError("a guard needs something and says what", where=self.name)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One independent question about a case, and its possible answers (the states).

    final   states in which this dimension may rest for ever; every other one must have a way out
    titles  what a person reads for a state, where that differs from its name
    """

    name: str
    states: tuple[str, ...]
    final: tuple[str, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        identifier(self.name, "a dimension")
        for state in self.states:
            identifier(state, "a state")
        if not self.states or len(set(self.states)) != len(self.states):
            raise RuleError("a dimension has at least one state and names each once", where=self.name)
        strangers = {*self.final, *(state for state, _ in self.titles)} - set(self.states)
        if strangers:
            raise RuleError(f"unknown states are called final or titled: {sorted(strangers)}", where=self.name)

    def title(self, state: str) -> str:
        """What a person reads for *state*."""
        return dict(self.titles).get(state, state)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: from where, by which command, under which guards, to where.

    command  what is asked for; ``to`` tells rows of one command apart by the target the caller names
    event    what then has happened
    when     where the case must stand; () is anywhere. None: the case does not exist yet and begins here
    then     the dimensions that change; a transition that begins a case sets every one of them
    clears   facts that stop being true, such as the reason of a loss that is taken back
    """

    command: str
    event: str
    then: tuple[tuple[str, str], ...] = ()
    when: When | None = ()
    to: str | None = None
    guards: tuple[Guard, ...] = ()
    clears: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        identifier(self.command, "a command")
        identifier(self.event, "an event")
        if self.to is not None:
            identifier(self.to, "a target")

    @property
    def title(self) -> str:
        """The command as a person gives it: ``win``, ``move to qualified``."""
        return self.command if self.to is None else f"{self.command} to {self.to}"


@dataclass(frozen=True, slots=True)
class Goal:
    """A promise of the definition: from wherever *when* holds, a place where *reach* holds can be reached."""

    name: str
    when: When
    reach: When
