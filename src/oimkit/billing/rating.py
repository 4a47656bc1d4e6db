"""Which rate card an entry gets, and why the others did not win."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from oimkit.billing.rules import Dimension, Rate, RateCard, RuleSet, Who
from oimkit.billing.worked import WorkedTime
from oimkit.errors import RuleError

__all__ = ["RateBook", "RateChoice", "Rejected", "WhyNot"]


class WhyNot(StrEnum):
    """Why a card that matches an entry did not give its rate."""

    LOWER_PRECEDENCE = "lower-precedence"
    NOT_YET_VALID = "not-yet-valid"
    NO_LONGER_VALID = "no-longer-valid"


@dataclass(frozen=True, slots=True, repr=False)
class Rejected:
    """A card that asks for nothing the entry lacks, and still did not win."""

    card: str
    rule: str
    why: WhyNot

    def __repr__(self) -> str:
        return f"Rejected({self.rule}, {self.why})"


@dataclass(frozen=True, slots=True, repr=False)
class RateChoice:
    """The winning card (all None when there is none) and the rejected ones, in order of precedence.

    rate  None with a card: the card says that the time is not billed
    """

    card: str | None
    rule: str | None
    rate: Rate | None
    rejected: tuple[Rejected, ...]

    def __repr__(self) -> str:
        return f"RateChoice({self.rule}, rate={self.rate!r}, rejected={len(self.rejected)})"


class RateBook:
    """The cards of a rule set, ready to be asked. Answers depend on nothing but the rules and the entry."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self.rules_hash = rules.hash
        self._ranks: list[tuple[tuple[Dimension, ...], dict[tuple[Who, ...], list[int]]]] = []
        for combination in rules.precedence:
            places: dict[tuple[Who, ...], list[int]] = {}
            for index, card in enumerate(rules.rates):
                if card.dimensions == combination:
                    for key in card.combinations():
                        places.setdefault(key, []).append(index)
            if places:
                self._ranks.append((combination, places))
        self._by_entry = any(Dimension.ENTRY in combination for combination, _ in self._ranks)
        self._known: dict[tuple[object, ...], RateChoice] = {}

    def choose(self, time: WorkedTime) -> RateChoice:
        """The card of the highest precedence that matches *time* on its day.

        Raises RuleError: two cards of the same precedence match on the same day (a tie).
        """
        same = (time.customer, time.project, time.task, time.employee, time.date, time.names)
        if self._by_entry:
            return self._decide(time)
        if same not in self._known:
            self._known[same] = self._decide(time)
        return self._known[same]

    def _decide(self, time: WorkedTime) -> RateChoice:
        winner: int | None = None
        rejected: list[Rejected] = []
        for candidates in self._candidates(time):
            valid = [index for index in candidates if self._card(index).validity.contains(time.date)]
            if len(valid) > 1 and winner is None:
                raise RuleError(
                    f"a tie: rates[{valid[0]}] matches entry {time.id} just as well",
                    where=f"rates[{valid[1]}]",
                    advice="name the records of both by id, end one before the other begins, or make one more specific",
                )
            for index in candidates:
                if index in valid and winner is None:
                    winner = index
                else:
                    rejected.append(self._rejection(index, time.date))
        if winner is None:
            return RateChoice(None, None, None, tuple(rejected))
        return RateChoice(self._card(winner).name, f"rates[{winner}]", self._card(winner).rate, tuple(rejected))

    def _candidates(self, time: WorkedTime) -> Iterator[list[int]]:
        """Cards that match *time* whatever the day, one list a precedence, the highest first."""
        for combination, places in self._ranks:
            answers = [_answers(time, dimension) for dimension in combination]
            found = {index for key in itertools.product(*answers) for index in places.get(key, ())}
            if found:
                yield sorted(found)

    def _rejection(self, index: int, day: date) -> Rejected:
        card = self._card(index)
        if card.validity.contains(day):
            why = WhyNot.LOWER_PRECEDENCE
        elif card.validity.start is not None and day < card.validity.start:
            why = WhyNot.NOT_YET_VALID
        else:
            why = WhyNot.NO_LONGER_VALID
        return Rejected(card.name, f"rates[{index}]", why)

    def _card(self, index: int) -> RateCard:
        return self._rules.rates[index]


def _answers(time: WorkedTime, dimension: Dimension) -> tuple[Who, ...]:
    """What *time* answers to *dimension*: its id, its name, or both."""
    match dimension:
        case Dimension.ENTRY:
            return (time.id,)
        case Dimension.CUSTOMER:
            return _known(time.customer, time.names.customer)
        case Dimension.PROJECT:
            return _known(time.project, time.names.project)
        case Dimension.TASK:
            return _known(time.task, time.names.task)
        case Dimension.EMPLOYEE:
            return _known(time.employee, time.names.employee)


def _known(*answers: Who | None) -> tuple[Who, ...]:
    return tuple(answer for answer in answers if answer is not None)


def is_listed(listed: tuple[Who, ...], identity: int | None, name: str | None) -> bool:
    """True when *listed* holds the id or the name."""
    return identity in listed or (name is not None and name in listed)
