"""What a definition must hold before a machine is made of it: names, reach, ways out, no dead rows, goals."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product

from oimkit.errors import RuleError
from oimkit.pipeline.definition import Dimension, Goal, Need, Test, Transition, When, identifier

__all__ = ["check_definition"]

_Position = tuple[str, ...]

_MAX_POSITIONS = 200_000
"""A definition whose dimensions multiply to more reachable positions than this is not checked but refused."""


def check_definition(
    name: str,
    version: int,
    dimensions: Sequence[Dimension],
    transitions: Sequence[Transition],
    goals: Sequence[Goal],
    *,
    adopts: bool = False,
) -> None:
    """Refuse (RuleError, naming every fault) a definition that could not be relied on."""
    identifier(name, "a machine")
    faults = [*_name_faults(version, dimensions, transitions, goals)]
    if not faults:
        graph = _Graph(dimensions, transitions, adopts=adopts)
        faults = [
            *graph.unreachable(),
            *graph.traps(),
            *_shadowed(transitions, graph),
            *_contradictions(transitions),
            *graph.missed(goals),
        ]
    if faults:
        raise RuleError("; ".join(faults), where=f"machine {name}", advice="correct the definition")


def _name_faults(
    version: int, dimensions: Sequence[Dimension], transitions: Sequence[Transition], goals: Sequence[Goal]
) -> Iterator[str]:
    """Names that are used twice or not known."""
    if version < 1:
        yield "a version is 1 or more"
    known = {dimension.name: set(dimension.states) for dimension in dimensions}
    if not dimensions or len(known) != len(dimensions):
        yield "a machine has at least one dimension and names each once"
    if not any(row.when is None for row in transitions):
        yield "no transition begins a case"
    for number, row in enumerate(transitions, start=1):
        where = f"transition {number} ({row.title})"
        yield from _unknown(where, known, row.when or ())
        yield from _unknown(where, known, tuple((dimension, (state,)) for dimension, state in row.then))
        if row.when is None and [dimension for dimension, _ in row.then] != list(known):
            yield f"{where} begins a case and must set every dimension, in their order"
        if row.when is None and row.clears:
            yield f"{where} begins a case and has no facts to clear"
    for goal in goals:
        yield from _unknown(f"goal {goal.name}", known, goal.when)
        yield from _unknown(f"goal {goal.name}", known, goal.reach)


def _unknown(where: str, known: dict[str, set[str]], condition: When) -> Iterator[str]:
    """Dimensions and states of *condition* that the machine does not have, or has named twice."""
    named = [dimension for dimension, _ in condition]
    if len(set(named)) != len(named):
        yield f"{where} names a dimension twice"
    for dimension, states in condition:
        if dimension not in known:
            yield f"{where} names an unknown dimension {dimension}"
        elif not states or not set(states) <= known[dimension]:
            yield f"{where} names an unknown state of {dimension}, or none"


class _Graph:
    """Positions that can be reached, guards aside, and the transitions between them.

    ``born`` are the positions reached from where a case begins; a machine that adopts cases also has to cope with
    every other combination of states, so ``edges`` then holds them all.
    """

    def __init__(self, dimensions: Sequence[Dimension], transitions: Sequence[Transition], *, adopts: bool) -> None:
        self.dimensions = dimensions
        self.places = {dimension.name: place for place, dimension in enumerate(dimensions)}
        self.rows = transitions
        self.edges: dict[_Position, list[tuple[int, _Position]]] = {}
        nowhere = ("",) * len(self.dimensions)
        self._walk(self._after(row, nowhere) for row in self.rows if row.when is None)
        self.born = frozenset(self.edges)
        if adopts:
            self._walk(product(*(dimension.states for dimension in self.dimensions)))

    def _walk(self, starts: Iterable[_Position]) -> None:
        waiting = deque(starts)
        while waiting:
            position = waiting.popleft()
            if position in self.edges:
                continue
            if len(self.edges) >= _MAX_POSITIONS:
                raise RuleError(
                    f"more than {_MAX_POSITIONS} positions can be reached", advice="use fewer dimensions or states"
                )
            self.edges[position] = [
                (number, self._after(row, position))
                for number, row in enumerate(self.rows)
                if row.when is not None and self.holds(row.when, position)
            ]
            waiting.extend(after for _, after in self.edges[position])

    def _after(self, row: Transition, position: _Position) -> _Position:
        moved = list(position)
        for dimension, state in row.then:
            moved[self.places[dimension]] = state
        return tuple(moved)

    def holds(self, condition: When, position: _Position) -> bool:
        return all(position[self.places[dimension]] in states for dimension, states in condition)

    def unreachable(self) -> Iterator[str]:
        """States that no position has that a case reaches from where it begins."""
        for place, dimension in enumerate(self.dimensions):
            reached = {position[place] for position in self.born}
            for state in dimension.states:
                if state not in reached:
                    yield f"state {state} of {dimension.name} cannot be reached"

    def traps(self) -> Iterator[str]:
        """States that are not final and that some reachable position can never leave, however many steps it takes."""
        for place, dimension in enumerate(self.dimensions):
            for state in dimension.states:
                if state in dimension.final:
                    continue
                inside = {position for position in self.edges if position[place] == state}
                if inside - self._reaching({position for position in self.edges if position[place] != state}):
                    yield f"state {state} of {dimension.name} is not final and cannot always be left"

    def missed(self, goals: Sequence[Goal]) -> Iterator[str]:
        """Goals that some reachable position of theirs does not lead to."""
        for goal in goals:
            reaching = self._reaching({position for position in self.edges if self.holds(goal.reach, position)})
            lost = [position for position in self.edges if self.holds(goal.when, position) and position not in reaching]
            if lost:
                yield f"goal {goal.name} cannot be reached from {len(lost)} positions, such as {'/'.join(lost[0])}"

    def _reaching(self, targets: set[_Position]) -> set[_Position]:
        """Positions from which one of *targets* can be reached, the targets included."""
        before: dict[_Position, list[_Position]] = {}
        for position, steps in self.edges.items():
            for _, after in steps:
                before.setdefault(after, []).append(position)
        waiting, seen = deque(targets), set(targets)
        while waiting:
            for earlier in before.get(waiting.popleft(), ()):
                if earlier not in seen:
                    seen.add(earlier)
                    waiting.append(earlier)
        return seen


def _shadowed(transitions: Sequence[Transition], graph: _Graph) -> Iterator[str]:
    """Rows that can never be taken: nowhere reachable, or an earlier row asks for no more wherever they start."""
    taken = {
        number
        for steps in graph.edges.values()
        for number, _ in steps
        if not _overtaken(number, [other for other, _ in steps], transitions)
    }
    begins = [number for number, row in enumerate(transitions) if row.when is None]
    taken |= {number for number in begins if not _overtaken(number, begins, transitions)}
    for number, row in enumerate(transitions):
        if number not in taken:
            yield f"transition {number + 1} ({row.title}) can never be taken"


def _overtaken(number: int, together: Sequence[int], transitions: Sequence[Transition]) -> bool:
    """Whether a row written before *number*, for the same command and target, always wins among those *together*."""
    row = transitions[number]
    needs = {need for guard in row.guards for need in guard.needs}
    return any(
        {need for guard in transitions[other].guards for need in guard.needs} <= needs
        for other in together
        if other < number and (transitions[other].command, transitions[other].to) == (row.command, row.to)
    )


def _contradictions(transitions: Sequence[Transition]) -> Iterator[str]:
    """Rows whose guards cannot hold together: a fact both present and absent, or two disjoint lists of values."""
    for number, row in enumerate(transitions, start=1):
        needs: dict[str, list[Need]] = {}
        for guard in row.guards:
            for need in guard.needs:
                needs.setdefault(need.fact, []).append(need)
        if any(_contradict(asked) for asked in needs.values()):
            yield f"transition {number} ({row.title}) has guards that cannot hold together"


def _contradict(needs: Sequence[Need]) -> bool:
    """Whether *needs*, all about one fact, exclude one another."""
    if any(need.test is Test.ABSENT for need in needs) and any(need.test is not Test.ABSENT for need in needs):
        return True
    lists = [set(need.values) for need in needs if need.test is Test.ONE_OF]
    common = lists[0] if lists else set()
    for _, values in pairwise(lists):
        common = common & values
    return bool(lists) and not common
