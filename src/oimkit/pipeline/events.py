"""What is asked of a case, what has happened to it, where it stands, and why something was refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from oimkit.errors import InputError
from oimkit.pipeline.definition import Fact, Guard

__all__ = [
    "Certainty",
    "Change",
    "Command",
    "Event",
    "Facts",
    "History",
    "Occasion",
    "Refusal",
    "State",
    "Violation",
    "facts_of",
]

Facts = tuple[tuple[str, Fact], ...]
"""Named facts, each name once, in the order of their names."""

Change = tuple[str, str | None, str]
"""(dimension, state before or None when the case begins, state after)"""


class Certainty(StrEnum):
    """How an event is known."""

    OBSERVED = "observed"  # a record or a log says so, with its time
    INFERRED = "inferred"  # it must have happened, for things to be as they are; the time is a bound
    ASSERTED = "asserted"  # the caller says so


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something happens or happened, by whom, and how that is known.

    occurred_at  aware; recorded_at is when it was written down, the same moment unless given
    actor        who did it, as an id such as ``user:2``; source where it was read, such as ``crm.lead:7``
    """

    occurred_at: datetime
    actor: str = ""
    source: str = ""
    certainty: Certainty = Certainty.ASSERTED
    recorded_at: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.occurred_at, self.recorded_at):
            if moment is not None and moment.tzinfo is None:
                raise InputError("a time without a zone is two times", advice="give an aware datetime")
        if self.recorded_at is not None and self.recorded_at < self.occurred_at:
            raise InputError("an event is recorded before it occurred", advice="swap or correct the two times")


@dataclass(frozen=True, slots=True)
class Command:
    """A step asked for: which case, what, to which target where the command has several, with which facts.

    The repr names the facts and hides their values, which may be names and addresses.
    """

    case: str
    name: str
    occasion: Occasion
    to: str | None = None
    facts: Facts = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.case:
            raise InputError("a command without a case", advice="name the case it is about")
        if self.facts:
            names = [name for name, _ in self.facts]
            if names != sorted(set(names)):
                raise InputError(
                    "the facts of a command are not in the order of their names, each once",
                    advice="build them with facts_of(...)",
                )

    @property
    def title(self) -> str:
        """The command as a person gives it: ``win``, ``move to qualified``."""
        return self.name if self.to is None else f"{self.name} to {self.to}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened to a case, with all that is needed to replay it. Never changed afterwards.

    sequence  1 for the first event of a case, then one more each
    command   the command (and its target ``to``) that brings it about in the machine's table
    changes   the dimensions that changed; a fact of None has stopped being true
    """

    case: str
    sequence: int
    name: str
    command: str
    to: str | None
    changes: tuple[Change, ...]
    facts: Facts = field(repr=False)
    occasion: Occasion

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""
        return self.occasion.occurred_at

    @property
    def recorded_at(self) -> datetime:
        """When it was written down."""
        return self.occasion.recorded_at or self.occasion.occurred_at

    @property
    def actor(self) -> str:
        """Who did it."""
        return self.occasion.actor

    @property
    def source(self) -> str:
        """Where it was read."""
        return self.occasion.source

    @property
    def certainty(self) -> Certainty:
        """How it is known."""
        return self.occasion.certainty


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands after *sequence* events: one state per dimension, in the machine's order, and the facts."""

    case: str
    position: tuple[str, ...]
    facts: Facts = field(repr=False)
    sequence: int
    at: datetime

    def fact(self, name: str) -> Fact:
        """What is known under *name*, or None."""
        for known, value in self.facts:
            if known == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command was not carried out; a value, to be shown or counted.

    code          unknown_command, unknown_target, not_begun, already_begun, already_there, not_from_here,
                  out_of_order, guard_failed: stable, for programs
    guard         the guard that failed, or None
    satisfied_by  what would make it pass: facts to give or steps to take first, in that order
    """

    code: str
    case: str
    command: str
    text: str
    satisfied_by: tuple[str, ...]
    guard: Guard | None = None

    def __str__(self) -> str:
        return f"{self.text}; to proceed: {', then '.join(self.satisfied_by)}"


@dataclass(frozen=True, slots=True)
class Violation:
    """The first step of a history that its machine does not allow.

    position      1-based place in the history
    alternatives  the commands that the case's state did allow there
    """

    case: str
    position: int
    event: str
    code: str
    text: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What has happened to one case, in order; it can only grow.

    machine  name and version of the definition it was made under, such as ``commercial/1``
    """

    machine: str
    case: str
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        for place, event in enumerate(self.events, start=1):
            if event.case != self.case or event.sequence != place:
                raise InputError(
                    f"event {place} of case {self.case} is numbered {event.sequence} or belongs to another case",
                    advice="a history holds every event of one case, numbered from 1",
                )

    def then(self, events: Iterable[Event]) -> History:
        """This history with *events* after it; InputError when they do not follow on."""
        return History(self.machine, self.case, (*self.events, *events))

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)


def facts_of(known: Mapping[str, Fact]) -> Facts:
    """*known* as facts in the order of their names."""
    return tuple(sorted(known.items(), key=lambda pair: pair[0]))
