"""Random walks: whatever is asked in whatever order, the state is the fold of its history, and history only grows."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from oimkit.pipeline import (
    Certainty,
    Command,
    Event,
    History,
    Kind,
    Outcome,
    PipelineSpec,
    Refusal,
    Stage,
    State,
    Visibility,
    commercial,
    standing,
)
from tests.pipeline.cases import EVERYTHING, at, targets

SPECS = [
    PipelineSpec(1, tuple(Stage(f"s{number}", won=number in won) for number in range(count)), skips=skips, returns=back)
    for count, won in ((4, {3}), (5, {1, 4}), (3, set[int]()))
    for skips in (True, False)
    for back in (True, False)
]
SOME_FACTS = st.sets(st.sampled_from(EVERYTHING)).map(lambda chosen: tuple(sorted(chosen, key=lambda pair: pair[0])))


class Walk(RuleBasedStateMachine):
    """One case, driven by any command with any of the facts, at times that may go back."""

    @initialize(spec=st.sampled_from(SPECS))
    def choose(self, spec: PipelineSpec) -> None:
        self.spec = spec
        self.machine = commercial(spec)
        self.history = History(self.machine.label, "w")
        self.state: State | None = None
        self.hours = 0

    @rule(data=st.data(), facts=SOME_FACTS, forward=st.integers(-1, 3), certainty=st.sampled_from(Certainty))
    def ask(
        self, data: st.DataObject, facts: tuple[tuple[str, object], ...], forward: int, certainty: Certainty
    ) -> None:
        name, to = data.draw(st.sampled_from(targets(self.machine)))
        command = Command("w", name, at(self.hours + forward, certainty), to, facts)  # type: ignore[arg-type]
        decided = self.machine.decide(self.state, command)
        if isinstance(decided, Refusal):
            assert decided.text and decided.satisfied_by
            return
        before = self.history
        self.history = self.history.then(decided)
        assert self.history.events[: len(before)] == before.events
        for event in decided:
            self.state = self.machine.evolve(self.state, event)
        self.hours = max(self.hours, self.hours + forward)

    @precondition(lambda self: self.state is not None)
    @rule(place=st.integers(0, 30))
    def a_history_with_a_hole_is_refused(self, place: int) -> None:
        events = list(self.history)
        if len(events) > 1:
            del events[place % (len(events) - 1)]
            assert self.machine.first_violation(events) is not None

    @precondition(lambda self: self.state is not None)
    @rule()
    def a_forged_step_is_refused(self) -> None:
        last = self.history.events[-1]
        forged = Event("w", len(self.history) + 1, "captured", "capture", "lead", (), last.facts, last.occasion)
        violation = self.machine.first_violation([*self.history, forged])
        assert violation is not None and violation.position == len(self.history) + 1

    @invariant()
    def the_state_is_the_fold_of_the_history(self) -> None:
        if getattr(self, "state", None) is not None:
            assert self.machine.replay(self.history) == self.state

    @invariant()
    def the_dimensions_keep_their_laws(self) -> None:
        if getattr(self, "state", None) is None:
            return
        assert self.state is not None
        stands = standing(self.state)
        if stands.outcome is Outcome.WON:
            assert stands.kind is Kind.OPPORTUNITY
            assert stands.stage not in self.spec.open_stages or not any(stage.won for stage in self.spec.stages)
        if stands.outcome is Outcome.LOST:
            assert stands.visibility is Visibility.ACTIVE and stands.stage in self.spec.open_stages
        if stands.outcome is Outcome.OPEN:
            assert stands.stage in self.spec.open_stages
        if self.history.events[-1].name == "reopened":
            assert self.state.fact("lost_reason") is None


Walk.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWalk = Walk.TestCase
