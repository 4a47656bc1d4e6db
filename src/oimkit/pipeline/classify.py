"""What a record of another system says, read as a commercial case: its standing, and what in it does not agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from oimkit.errors import InputError
from oimkit.pipeline.crm import Channel, Contactability, Kind, Outcome, Standing, Visibility
from oimkit.pipeline.events import Certainty, Command, Event, Facts, Occasion, Refusal, State
from oimkit.pipeline.machine import Machine

__all__ = ["Inconsistency", "Limbo", "ObservedLead", "classify", "inconsistencies", "observe"]


@dataclass(frozen=True, slots=True)
class ObservedLead:
    """A lead or opportunity as a record shows it at one moment.

    probability    percent, 0 to 100, or None where the record has none
    stage, won_stage  code of its stage, and whether that stage is for won sales
    told_outcome   the outcome where the system states one itself, else None: it is then read from the rest
    reachable_by   channels that the record has an address for; *blocked* are those of them that must not be used
    source         where it was read, such as ``crm.lead:7``; seen_at is when
    """

    case: str
    kind: Kind
    active: bool
    probability: Decimal | None
    stage: str
    won_stage: bool
    seen_at: datetime
    told_outcome: Outcome | None = None
    has_lost_reason: bool = False
    captured_at: datetime | None = None
    converted_at: datetime | None = None
    stage_entered_at: datetime | None = None
    closed_at: datetime | None = None
    reachable_by: tuple[Channel, ...] = ()
    blocked: tuple[Channel, ...] = ()
    facts: Facts = field(default=(), repr=False)
    source: str = ""

    def __post_init__(self) -> None:
        if self.seen_at.tzinfo is None:
            raise InputError("a time without a zone is two times", advice="give an aware datetime")


class Limbo(StrEnum):
    """The ways in which such records contradict themselves."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    L6 = "L6"
    L7 = "L7"
    L8 = "L8"
    L9 = "L9"


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """One contradiction in a record, and how it is repaired."""

    code: Limbo
    text: str
    repair: str


_TEXTS: dict[Limbo, tuple[str, str]] = {
    Limbo.L1: ("archived, with a probability above 0: put away, not lost", "restore it, or lose it with a reason"),
    Limbo.L2: ("archived at 100 % in a won stage: won, but out of every report", "restore it"),
    Limbo.L3: ("active in a won stage below 100 %: neither open nor won", "win it, or move it to an open stage"),
    Limbo.L4: ("open, with a closing date left over", "clear the closing date"),
    Limbo.L5: ("won, without a closing date", "write the day it was won as closing date"),
    Limbo.L6: ("a lead at 100 %: sold before it was an opportunity", "reopen it, convert it, win it"),
    Limbo.L7: ("lost in a won stage", "reopen it into an open stage and lose it there"),
    Limbo.L8: ("open, with the reason of a loss left over", "clear the reason"),
    Limbo.L9: ("an opportunity without conversion date", "write the day it became one, or leave it as made directly"),
}

_HUNDRED = Decimal(100)


def classify(seen: ObservedLead) -> Standing:
    """The standing that *seen* amounts to; what does not fit is named by ``inconsistencies``.

    A loss is told by archiving at 0 %, so a lost record counts as in sight: its being archived is spent on the loss.
    Sources: meaning of won and lost by series, crm.lead of Odoo 13 to 19.
    """
    outcome = seen.told_outcome or _outcome(seen)
    visible = seen.active or outcome is Outcome.LOST
    return Standing(
        seen.kind,
        seen.stage,
        outcome,
        Visibility.ACTIVE if visible else Visibility.ARCHIVED,
        _contactability(seen),
    )


def _outcome(seen: ObservedLead) -> Outcome:
    """The outcome of a record whose system does not state it."""
    if seen.probability == _HUNDRED and (seen.active or seen.won_stage):
        return Outcome.WON
    if not seen.active and not seen.probability:
        return Outcome.LOST
    return Outcome.OPEN


def _contactability(seen: ObservedLead) -> Contactability:
    blocked = set(seen.blocked) & set(seen.reachable_by)
    if not blocked:
        return Contactability.FREE
    return Contactability.FORBIDDEN if blocked == set(seen.reachable_by) else Contactability.RESTRICTED


def inconsistencies(seen: ObservedLead) -> tuple[Inconsistency, ...]:
    """What contradicts itself in *seen*, in the order of the codes; () for a sound record."""
    return tuple(Inconsistency(code, *_TEXTS[code]) for code in _codes(seen, classify(seen)))


def _codes(seen: ObservedLead, stands: Standing) -> Iterator[Limbo]:
    certain = seen.probability == _HUNDRED
    archived_as_won = not seen.active and certain and seen.won_stage
    if not seen.active and seen.probability and not archived_as_won:
        yield Limbo.L1
    if archived_as_won:
        yield Limbo.L2
    if seen.active and seen.won_stage and not certain:
        yield Limbo.L3
    if stands.outcome is Outcome.OPEN and seen.closed_at is not None:
        yield Limbo.L4
    if stands.outcome is Outcome.WON and seen.closed_at is None:
        yield Limbo.L5
    if seen.kind is Kind.LEAD and certain:
        yield Limbo.L6
    if stands.outcome is Outcome.LOST and seen.won_stage:
        yield Limbo.L7
    if stands.outcome is Outcome.OPEN and seen.has_lost_reason:
        yield Limbo.L8
    if seen.kind is Kind.OPPORTUNITY and seen.converted_at is None:
        yield Limbo.L9


def observe(seen: ObservedLead, machine: Machine) -> tuple[Event, ...]:
    """The events that must have happened for *seen* to be as it is; replaying them gives its standing.

    Where the record keeps the time of a step the event is observed, otherwise inferred, its time then being the
    earliest it can have happened. A record that no regular history explains is adopted as it was found.
    """
    events = _regular(seen, machine)
    if events is None:
        found_at = seen.captured_at if seen.captured_at and seen.captured_at <= seen.seen_at else seen.seen_at
        on = Occasion(found_at, "", seen.source, Certainty.INFERRED, seen.seen_at)
        return (machine.adopt(seen.case, classify(seen).position, on, seen.facts),)
    return events


def _regular(seen: ObservedLead, machine: Machine) -> tuple[Event, ...] | None:
    """The history by the machine's own steps, or None when they do not lead to where *seen* stands."""
    state: State | None = None
    events: list[Event] = []
    for name, to, at, facts in _steps(seen, classify(seen)):
        decided = machine.decide(state, Command(seen.case, name, _occasion(seen, state, at), to, facts))
        if isinstance(decided, Refusal):
            if decided.code == "already_there":
                continue
            return None
        for event in decided:
            state = machine.evolve(state, event)
        events += decided
    return tuple(events) if state is not None and state.position == classify(seen).position else None


def _steps(seen: ObservedLead, stands: Standing) -> Iterator[tuple[str, str | None, datetime | None, Facts]]:
    """The steps (command, target, time kept, facts) by which a case usually comes to stand like that."""
    converted = stands.kind is Kind.OPPORTUNITY and seen.converted_at is not None and seen.captured_at is not None
    born = Kind.LEAD if converted else stands.kind  # what was an opportunity from the start has no such time
    yield "capture", born.value, seen.captured_at, seen.facts
    if born is not stands.kind:
        yield "convert", None, seen.converted_at, ()
    if not seen.won_stage:
        yield "move", stands.stage, seen.stage_entered_at, ()
    if stands.outcome is not Outcome.OPEN:
        yield "win" if stands.outcome is Outcome.WON else "lose", None, seen.closed_at, ()
    if stands.visibility is Visibility.ARCHIVED:
        yield "archive", None, None, ()
    if stands.contactability is Contactability.FORBIDDEN:
        yield "forbid", None, None, ()
    if stands.contactability is Contactability.RESTRICTED:
        yield "restrict", None, None, (("blocked_channels", tuple(sorted(channel.value for channel in seen.blocked))),)


def _occasion(seen: ObservedLead, state: State | None, at: datetime | None) -> Occasion:
    """When a step happened: the time the record keeps where that can be, else the earliest possible."""
    earliest = state.at if state is not None else None
    if at is not None and at <= seen.seen_at and (earliest is None or at >= earliest):
        return Occasion(at, "", seen.source, Certainty.OBSERVED, seen.seen_at)
    return Occasion(earliest or seen.seen_at, "", seen.source, Certainty.INFERRED, seen.seen_at)
