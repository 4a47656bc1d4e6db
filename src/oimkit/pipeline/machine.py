"""The state machine: what a command does to a case, decided from a declared table by pure functions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from oimkit.errors import IllegalTransition, InputError
from oimkit.pipeline.checks import check_definition
from oimkit.pipeline.definition import Dimension, Goal, Guard, Need, Transition
from oimkit.pipeline.events import (
    Certainty,
    Change,
    Command,
    Event,
    Facts,
    Occasion,
    Refusal,
    State,
    Violation,
    facts_of,
)

__all__ = ["Machine"]


_ADOPT, _ADOPTED = "adopt", "adopted"


class _Row(NamedTuple):
    """A transition with dimensions turned into places in the position, ready to be tried."""

    transition: Transition
    when: tuple[tuple[int, frozenset[str]], ...]
    then: tuple[tuple[int, str, str], ...]

    def starts_at(self, position: tuple[str, ...]) -> bool:
        return all(position[place] in states for place, states in self.when)

    def leads_from(self, position: tuple[str, ...]) -> tuple[str, ...]:
        after = list(position)
        for place, _, state in self.then:
            after[place] = state
        return tuple(after)


@dataclass(frozen=True, slots=True)
class Machine:
    """A checked definition: dimensions, a table of transitions, and promises (goals) about them.

    Rows of one command and target are tried in the order written; the first whose place and guards hold is taken.
    Building one refuses (RuleError, every fault listed) a definition in which a state cannot be reached, a state
    that is not final cannot be left, a row can never be taken, or a goal cannot be reached.

    The table is law, guards are policy: an event that was observed or inferred has happened whatever the policy was,
    so guards bind only what is asserted. With *adopts*, a case found elsewhere may begin anywhere: ``adopt`` makes an
    event ``adopted`` of the place it was found in, never asserted, and every promise then holds from anywhere.

    >>> door = Machine.flat("door", ("open", "closed"), begin="build", steps={"close": ("open", "closed"),
    ...                                                                      "open": ("closed", "open")})
    >>> door.label
    'door/1'
    """

    name: str
    version: int
    dimensions: tuple[Dimension, ...]
    transitions: tuple[Transition, ...]
    goals: tuple[Goal, ...] = ()
    adopts: bool = False
    _rows: dict[tuple[str, str | None], tuple[_Row, ...]] = field(init=False, repr=False, compare=False, hash=False)
    _places: dict[str, int] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        check_definition(self.name, self.version, self.dimensions, self.transitions, self.goals, adopts=self.adopts)
        places = {dimension.name: place for place, dimension in enumerate(self.dimensions)}
        rows: dict[tuple[str, str | None], tuple[_Row, ...]] = {}
        for transition in self.transitions:
            row = _Row(
                transition,
                tuple((places[name], frozenset(map(str, states))) for name, states in transition.when or ()),
                tuple((places[name], name, str(state)) for name, state in transition.then),
            )
            key = (transition.command, transition.to)
            rows[key] = (*rows.get(key, ()), row)
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_places", places)

    @classmethod
    def flat(
        cls,
        name: str,
        states: tuple[str, ...],
        *,
        begin: str,
        steps: dict[str, tuple[str | tuple[str, ...], str]],
        final: tuple[str, ...] = (),
        version: int = 1,
    ) -> Machine:
        """A machine of one dimension: *steps* maps a command to (state or states before, state after).

        A case begins in the first of *states* by the command *begin*; each event is named as its command.
        """
        rows = [Transition(begin, begin, then=(("state", states[0]),), when=None)]
        for command, (before, after) in steps.items():
            sources = (before,) if isinstance(before, str) else before
            rows.append(Transition(command, command, then=(("state", after),), when=(("state", sources),)))
        return cls(name, version, (Dimension("state", states, final),), tuple(rows))

    @property
    def label(self) -> str:
        """Name and version, as a history carries them: ``commercial/1``."""
        return f"{self.name}/{self.version}"

    def place(self, dimension: str) -> int:
        """Where *dimension* stands in a position."""
        place = self._places.get(dimension)
        if place is None:
            raise InputError(f"machine {self.label} has no dimension {dimension}")
        return place

    def decide(self, state: State | None, command: Command) -> tuple[Event, ...] | Refusal:
        """The events that *command* brings about in *state*, or why it is refused.

        *state* is None for a case that has not begun. Nothing is changed; InputError when the command is
        about another case than the state.
        """
        rows = self._rows.get((command.name, command.to))
        if rows is None:
            return self._refuse_unknown(state, command)
        if state is None:
            return self._begin(rows, command)
        if state.case != command.case:
            raise InputError(f"a command for case {command.case} was given to the state of case {state.case}")
        if command.occasion.occurred_at < state.at:
            return _refusal(
                "out_of_order",
                command,
                "it would have happened before the last event of the case",
                (f"give a time not before {state.at.isoformat()}",),
            )
        position = state.position
        failed: tuple[Guard, tuple[Need, ...]] | None = None
        for row in rows:
            transition, when, then = row
            if transition.when is None:
                continue
            for place, states in when:
                if position[place] not in states:
                    break
            else:
                lacking = _lacking(transition.guards, state.facts, command) if transition.guards else None
                if lacking is None:
                    changes = [(name, position[p], after) for p, name, after in then if position[p] != after]
                    return (_event(transition, tuple(changes), command, state.sequence + 1),)
                failed = failed or lacking
        return self._refuse(rows, state, command, failed)

    def adopt(self, case: str, position: tuple[str, ...], occasion: Occasion, facts: Facts = ()) -> Event:
        """The event by which a case found at *position* begins; InputError when machine or *occasion* forbid it."""
        if not self.adopts:
            raise InputError(f"machine {self.label} takes over no cases that began elsewhere")
        if occasion.certainty is Certainty.ASSERTED:
            raise InputError("a case is adopted by observation", advice="give an occasion that is observed or inferred")
        if len(position) != len(self.dimensions) or not all(
            state in dimension.states for state, dimension in zip(position, self.dimensions, strict=True)
        ):
            raise InputError(f"machine {self.label} has no such place as the one case {case} was found in")
        changes = tuple(
            (dimension.name, None, state) for dimension, state in zip(self.dimensions, position, strict=True)
        )
        return Event(case, 1, _ADOPTED, _ADOPT, None, changes, facts, occasion)

    def evolve(self, state: State | None, event: Event) -> State:
        """The state after *event*, which must be one that was decided in *state* (``replay`` checks that)."""
        facts = _merged(state.facts, event.facts) if state is not None else _merged((), event.facts)
        if state is None:
            after = {dimension: now for dimension, _, now in event.changes}
            position = tuple(after[dimension.name] for dimension in self.dimensions)
        elif event.changes:
            moved = list(state.position)
            for dimension, _, now in event.changes:
                moved[self._places[dimension]] = now
            position = tuple(moved)
        else:
            position = state.position
        return State(event.case, position, facts, event.sequence, event.occasion.occurred_at)

    def replay(self, events: Iterable[Event]) -> State:
        """The state after the whole history of one case; IllegalTransition, with its place, at the first bad step."""
        state: State | None = None
        for place, event in enumerate(events, start=1):
            found = self._violation(state, event, place)
            if found is not None:
                raise IllegalTransition(
                    f"event {place} ({found.event}) of case {found.case} breaks machine {self.label}: {found.text}",
                    code=found.code,
                    advice=f"allowed there: {', '.join(found.alternatives) or 'nothing'}",
                )
            state = self.evolve(state, event)
        if state is None:
            raise IllegalTransition(
                f"an empty history has no state in machine {self.label}",
                code="not_begun",
                advice="give at least the event that begins the case",
            )
        return state

    def first_violation(self, events: Iterable[Event]) -> Violation | None:
        """The first step of a case's history that the table does not allow, or None when all of it is allowed."""
        state: State | None = None
        for place, event in enumerate(events, start=1):
            found = self._violation(state, event, place)
            if found is not None:
                return found
            state = self.evolve(state, event)
        return None

    def options(self, state: State | None) -> tuple[str, ...]:
        """Titles of the commands that the place of a case allows, guards aside, in the order of the table."""
        titles = [
            row.transition.title
            for rows in self._rows.values()
            for row in rows
            if (row.transition.when is None if state is None else self._from(row, state.position))
        ]
        return tuple(dict.fromkeys(titles))

    def positions(self) -> Iterator[tuple[str, ...]]:
        """Every position that can be reached, nearest first."""
        waiting = deque(
            self._beginning(row) for rows in self._rows.values() for row in rows if row.transition.when is None
        )
        seen = set(waiting)
        while waiting:
            position = waiting.popleft()
            yield position
            for _, after in self.steps_from(position):
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)

    def steps_from(self, position: tuple[str, ...]) -> Iterator[tuple[Transition, tuple[str, ...]]]:
        """The transitions that can be taken from *position*, guards aside, and where each leads."""
        for rows in self._rows.values():
            for row in rows:
                if self._from(row, position):
                    yield row.transition, row.leads_from(position)

    def _from(self, row: _Row, position: tuple[str, ...]) -> bool:
        return row.transition.when is not None and row.starts_at(position)

    def _beginning(self, row: _Row) -> tuple[str, ...]:
        return row.leads_from(("",) * len(self.dimensions))

    def _begin(self, rows: tuple[_Row, ...], command: Command) -> tuple[Event, ...] | Refusal:
        failed: tuple[Guard, tuple[Need, ...]] | None = None
        for row in rows:
            if row.transition.when is None:
                lacking = _lacking(row.transition.guards, (), command)
                if lacking is None:
                    changes = tuple((name, None, state) for _, name, state in row.then)
                    return (_event(row.transition, changes, command, 1),)
                failed = failed or lacking
        if failed is not None:
            return _guard_refusal(command, *failed)
        return _refusal(
            "not_begun",
            command,
            "the case has not begun",
            (" or ".join(self.options(None)) + " first",),
        )

    def _violation(self, state: State | None, event: Event, place: int) -> Violation | None:
        """Why *event* cannot come next in *state*, or None."""
        code, text = "", ""
        if state is not None and event.case != state.case:
            code, text = "other_case", "it belongs to another case"
        elif event.sequence != (state.sequence if state else 0) + 1:
            code, text = "sequence", f"it is numbered {event.sequence}, not {(state.sequence if state else 0) + 1}"
        elif event.command == _ADOPT and state is None:
            if not self._adoptable(event):
                code, text = "not_adopted", "this machine cannot take a case over like that"
        else:
            decided = self.decide(state, Command(event.case, event.command, event.occasion, event.to, event.facts))
            if isinstance(decided, Refusal):
                code, text = decided.code, decided.text
            elif decided != (event,):
                code, text = "other_effect", "the table gives this step another effect than the history tells"
        if not code:
            return None
        return Violation(event.case, place, event.name, code, text, self.options(state))

    def _adoptable(self, event: Event) -> bool:
        """Whether *event* is what ``adopt`` would have made."""
        position = tuple(after for _, _, after in event.changes)
        try:
            return event == self.adopt(event.case, position, event.occasion, event.facts)
        except InputError:
            return False

    def _refuse(
        self,
        rows: tuple[_Row, ...],
        state: State,
        command: Command,
        failed: tuple[Guard, tuple[Need, ...]] | None,
    ) -> Refusal:
        """The most helpful reason why none of *rows* can be taken in *state*."""
        if failed is not None:
            return _guard_refusal(command, *failed)
        rows = tuple(row for row in rows if row.transition.when is not None)
        if not rows:
            return _refusal("already_begun", command, "the case has begun already", ("give a new case another id",))
        standing = ", ".join(
            f"{self.dimensions[place].name} is {state.position[place]}" for place in _blocking(rows, state.position)
        )
        if any(row.then and row.leads_from(state.position) == state.position for row in rows):
            return _refusal("already_there", command, standing, ("nothing, it is so already",))
        way = self._way(state.position, rows)
        if way is None:
            return _refusal("not_from_here", command, standing, ("begin another case, no step leads there from here",))
        return _refusal("not_from_here", command, standing, way)

    def _way(self, position: tuple[str, ...], rows: tuple[_Row, ...]) -> tuple[str, ...] | None:
        """The shortest steps, guards aside, from *position* to where one of *rows* starts; None when there are none."""
        waiting: deque[tuple[tuple[str, ...], tuple[str, ...]]] = deque([(position, ())])
        seen = {position}
        while waiting:
            here, steps = waiting.popleft()
            if steps and any(row.starts_at(here) for row in rows):
                return steps
            for transition, after in self.steps_from(here):
                if after not in seen:
                    seen.add(after)
                    waiting.append((after, (*steps, transition.title)))
        return None

    def _refuse_unknown(self, state: State | None, command: Command) -> Refusal:
        """The refusal of a command, or of a target of a command, that the table does not have at all."""
        targets = [to for name, to in self._rows if name == command.name]
        if not targets:
            names = list(dict.fromkeys(name for name, _ in self._rows))
            close = get_close_matches(command.name, names, 1)
            return _refusal(
                "unknown_command",
                command,
                f"machine {self.label} has no such command",
                (f"use {close[0]}" if close else f"use one of {', '.join(names)}",),
            )
        named = [to for to in targets if to is not None]
        if not named:
            return _refusal("unknown_target", command, f"{command.name} takes no target", (f"{command.name} alone",))
        offered = f"name one of {', '.join(named)}" + (" or none" if None in targets else "")
        return _refusal("unknown_target", command, f"{command.name} has no such target", (offered,))


def _event(transition: Transition, changes: tuple[Change, ...], command: Command, sequence: int) -> Event:
    """What *command* brings about by *transition*."""
    facts = command.facts
    if transition.clears:
        facts = facts_of({**dict(facts), **dict.fromkeys(transition.clears)})
    return Event(command.case, sequence, transition.event, command.name, command.to, changes, facts, command.occasion)


def _merged(known: Facts, news: Facts) -> Facts:
    """*known* with *news* in force; what became None is no longer known."""
    if not news:
        return known
    merged = {**dict(known), **dict(news)}
    return facts_of({name: value for name, value in merged.items() if value is not None})


def _lacking(guards: tuple[Guard, ...], known: Facts, command: Command) -> tuple[Guard, tuple[Need, ...]] | None:
    """The first guard that fails and the needs of it that are not met; None when all hold or none binds."""
    if command.occasion.certainty is not Certainty.ASSERTED:
        return None
    brought = dict(command.facts)
    everything = {**dict(known), **brought} if brought else dict(known)
    for guard in guards:
        for need in guard.needs:
            if not need.holds(everything, brought):
                return guard, tuple(need for need in guard.needs if not need.holds(everything, brought))
    return None


def _blocking(rows: tuple[_Row, ...], position: tuple[str, ...]) -> tuple[int, ...]:
    """Places of the dimensions in which the row nearest to *position* does not start."""
    misses = [tuple(place for place, states in row.when if position[place] not in states) for row in rows]
    return min(misses, key=len)


def _refusal(code: str, command: Command, why: str, satisfied_by: tuple[str, ...]) -> Refusal:
    text = f"{command.title} was refused for case {command.case}: {why}"
    return Refusal(code, command.case, command.title, text, satisfied_by)


def _guard_refusal(command: Command, guard: Guard, lacking: tuple[Need, ...]) -> Refusal:
    text = f"{command.title} was refused for case {command.case}: {guard.text}"
    return Refusal("guard_failed", command.case, command.title, text, tuple(str(need) for need in lacking), guard)
