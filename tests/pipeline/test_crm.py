"""The commercial pipeline: what may be done to a case, what is kept, what is refused and what would help."""

from __future__ import annotations

import re

import pytest

from oimkit.errors import InputError, RuleError
from oimkit.money import Money
from oimkit.pipeline import (
    NEW_CUSTOMER,
    Channel,
    Command,
    Contactability,
    Event,
    Kind,
    Machine,
    Outcome,
    PipelineSpec,
    Refusal,
    Stage,
    State,
    Trigger,
    Visibility,
    commercial,
    crm,
    standing,
)
from tests.pipeline.cases import able, at, run, targets

MACHINE = commercial()
CASE = "c1"


def lead() -> list[Command]:
    return [crm.capture(CASE, at(), title="Twelve desks", expected_revenue=Money("4800", "EUR"))]


def opportunity() -> list[Command]:
    return [*lead(), crm.convert(CASE, at(1), Trigger.STATED_WISH)]


def refusal(commands: list[Command], asked: Command, machine: Machine = MACHINE) -> Refusal:
    decided = machine.decide(run(machine, commands), asked)
    assert isinstance(decided, Refusal)
    return decided


def test_a_case_begins_as_a_lead_in_the_first_stage() -> None:
    state = run(MACHINE, lead())
    assert standing(state) == crm.Standing(Kind.LEAD, "new", Outcome.OPEN, Visibility.ACTIVE, Contactability.FREE)
    assert state.fact("expected_revenue") == Money("4800", "EUR")


def test_a_lead_becomes_a_customer() -> None:
    state = run(
        MACHINE,
        [
            *opportunity(),
            crm.move(CASE, at(2), "qualified"),
            crm.move(CASE, at(3), "proposition"),
            crm.win(CASE, at(4), customer=NEW_CUSTOMER),
        ],
    )
    assert (standing(state).outcome, standing(state).stage) == (Outcome.WON, "won")
    assert state.fact("customer") == "new"


def test_a_lead_is_converted_for_a_stated_reason() -> None:
    decided = MACHINE.decide(run(MACHINE, lead()), Command(CASE, "convert", at(1)))
    assert isinstance(decided, Refusal) and decided.guard is not None
    assert decided.guard.name == "trigger_given"
    assert decided.satisfied_by == ("give trigger as stated_wish or promising_profile",)


@pytest.mark.parametrize("asked", [crm.move(CASE, at(2), "qualified"), crm.win(CASE, at(2), customer="partner:1")])
def test_a_lead_is_neither_moved_nor_won_before_it_is_converted(asked: Command) -> None:
    assert refusal(lead(), asked).satisfied_by == ("convert",)


@pytest.mark.parametrize(
    ("path", "events"),
    [
        (["qualified", "proposition"], ["moved_forward", "moved_forward"]),
        (["proposition", "qualified"], ["skipped_ahead", "moved_back"]),
        (["qualified", "new"], ["moved_forward", "moved_back"]),
    ],
)
def test_a_move_tells_its_direction(path: list[str], events: list[str]) -> None:
    state, names = run(MACHINE, opportunity()), []
    for hour, stage in enumerate(path, start=2):
        decided = MACHINE.decide(state, crm.move(CASE, at(hour), stage))
        assert isinstance(decided, tuple)
        names.append(decided[0].name)
        state = MACHINE.evolve(state, decided[0])
    assert names == events


def test_a_won_stage_is_entered_by_winning_only() -> None:
    asked = refusal(opportunity(), crm.move(CASE, at(2), "won"))
    assert (asked.code, asked.satisfied_by) == ("unknown_target", ("name one of new, qualified, proposition",))


def test_winning_needs_a_customer() -> None:
    asked = refusal(opportunity(), crm.win(CASE, at(2)))
    assert asked.guard is not None and asked.guard.name == "customer_known"
    assert asked.satisfied_by == ("give customer, or record it first",)
    known = [*opportunity(), crm.record(CASE, at(2), customer="partner:7")]
    assert isinstance(MACHINE.decide(run(MACHINE, known), crm.win(CASE, at(3))), tuple)


def test_losing_needs_a_reason_and_keeps_the_stage() -> None:
    qualified = [*opportunity(), crm.move(CASE, at(2), "qualified")]
    assert refusal(qualified, Command(CASE, "lose", at(3))).satisfied_by == ("give lost_reason",)
    lost = run(MACHINE, [*qualified, crm.lose(CASE, at(3), "too expensive")])
    assert (standing(lost).outcome, standing(lost).stage) == (Outcome.LOST, "qualified")
    assert standing(lost).visibility is Visibility.ACTIVE
    assert lost.fact("lost_reason") == "too expensive"


def test_a_lead_can_be_lost_too() -> None:
    assert standing(run(MACHINE, [*lead(), crm.lose(CASE, at(1), "wrong number")])).outcome is Outcome.LOST


def test_a_loss_taken_back_loses_its_reason_but_not_its_history() -> None:
    commands = [*opportunity(), crm.lose(CASE, at(2), "too expensive"), crm.reopen(CASE, at(3))]
    events = told(commands)
    state = MACHINE.replay(events)
    assert (standing(state).outcome, standing(state).stage, state.fact("lost_reason")) == (Outcome.OPEN, "new", None)
    assert [event.name for event in events] == ["captured", "converted", "lost", "reopened"]
    assert dict(events[2].facts)["lost_reason"] == "too expensive"


def told(commands: list[Command]) -> list[Event]:
    state: State | None = None
    events: list[Event] = []
    for asked in commands:
        decided = MACHINE.decide(state, asked)
        assert isinstance(decided, tuple), str(decided)
        events += decided
        for event in decided:
            state = MACHINE.evolve(state, event)
    return events


def test_a_win_is_taken_back_into_a_named_stage() -> None:
    won = [*opportunity(), crm.win(CASE, at(2), customer="partner:7")]
    assert refusal(won, crm.reopen(CASE, at(3))).code == "not_from_here"
    state = run(MACHINE, [*won, crm.reopen(CASE, at(3), "proposition")])
    assert (standing(state).outcome, standing(state).stage) == (Outcome.OPEN, "proposition")


def test_what_is_won_is_not_lost_before_it_is_reopened() -> None:
    won = [*opportunity(), crm.win(CASE, at(2), customer="partner:7")]
    assert refusal(won, crm.lose(CASE, at(3), "cancelled")).satisfied_by == ("reopen to new",)


def test_what_is_lost_is_not_won_before_it_is_reopened() -> None:
    lost = [*opportunity(), crm.lose(CASE, at(2), "no budget")]
    assert refusal(lost, crm.win(CASE, at(3), customer="partner:7")).satisfied_by == ("reopen",)


def test_an_archived_case_keeps_its_outcome_and_waits_to_be_restored() -> None:
    hidden = [*opportunity(), crm.archive(CASE, at(2))]
    state = run(MACHINE, hidden)
    assert (standing(state).outcome, standing(state).visibility) == (Outcome.OPEN, Visibility.ARCHIVED)
    assert refusal(hidden, crm.lose(CASE, at(3), "no budget")).satisfied_by == ("restore",)
    assert standing(run(MACHINE, [crm.restore(CASE, at(3))], state)).visibility is Visibility.ACTIVE


def test_losing_is_not_archiving() -> None:
    lost = [*opportunity(), crm.lose(CASE, at(2), "no budget")]
    assert refusal(lost, crm.archive(CASE, at(3))).code == "not_from_here"


def test_silence_asked_for_stops_every_contact_and_nothing_else() -> None:
    silent = [*opportunity(), crm.forbid(CASE, at(2), "asked on the phone")]
    state = run(MACHINE, silent)
    assert standing(state).contactability is Contactability.FORBIDDEN
    assert (state.fact("contact_why"), state.fact("contact_since")) == ("asked on the phone", at(2).occurred_at)
    for channel in Channel:
        assert refusal(silent, crm.contact(CASE, at(3), channel)).satisfied_by == ("release",)
    assert isinstance(MACHINE.decide(state, crm.move(CASE, at(3), "qualified")), tuple)


def test_silence_has_a_reason() -> None:
    asked = refusal(lead(), Command(CASE, "forbid", at(1)))
    assert asked.satisfied_by == ("give contact_why",)


def test_a_restriction_stops_its_channels_only() -> None:
    by_mail = [*lead(), crm.restrict(CASE, at(1), [Channel.EMAIL], "asked by letter")]
    asked = refusal(by_mail, crm.contact(CASE, at(2), Channel.EMAIL))
    assert asked.guard is not None and asked.guard.name == "channel_permitted"
    assert isinstance(MACHINE.decide(run(MACHINE, by_mail), crm.contact(CASE, at(2), Channel.PHONE)), tuple)


def test_release_forgets_since_and_why_but_the_history_keeps_them() -> None:
    commands = [*lead(), crm.restrict(CASE, at(1), [Channel.EMAIL], "asked"), crm.release(CASE, at(2))]
    events = told(commands)
    state = MACHINE.replay(events)
    assert standing(state).contactability is Contactability.FREE
    assert [state.fact(name) for name in ("contact_why", "contact_since", "blocked_channels")] == [None] * 3
    assert dict(events[1].facts)["contact_why"] == "asked"


OWN = PipelineSpec(
    2,
    (
        Stage("first_call", "Erstes Gespräch"),
        Stage("site_visit", "Besuch", needs=("expected_revenue", "contact_name")),
        Stage("signed", "Unterschrieben", won=True),
        Stage("renewal", "Verlängerung"),
        Stage("renewed", "Verlängert", won=True),
    ),
    name="installation",
    skips=False,
)


def own_opportunity(**facts: object) -> list[Command]:
    commands = [crm.capture(CASE, at(), title="Solar roof", kind=Kind.OPPORTUNITY)]
    return [*commands, crm.record(CASE, at(1), **facts)] if facts else commands  # type: ignore[arg-type]


def test_a_stage_of_ones_own_asks_for_its_facts_when_it_is_entered_forward() -> None:
    machine = commercial(OWN)
    assert machine.label == "installation/2"
    asked = refusal(own_opportunity(contact_name="A"), crm.move(CASE, at(2), "site_visit"), machine)
    assert asked.guard is not None and asked.guard.name == "ready_for_site_visit"
    assert asked.satisfied_by == ("give expected_revenue, or record it first",)
    ready = own_opportunity(contact_name="A", expected_revenue=Money("9000", "EUR"))
    assert standing(run(machine, [*ready, crm.move(CASE, at(2), "site_visit")])).stage == "site_visit"


def test_a_pipeline_that_forbids_skipping_leads_through_its_stages() -> None:
    machine = commercial(OWN)
    asked = refusal(own_opportunity(), crm.move(CASE, at(2), "renewal"), machine)
    assert (asked.code, asked.satisfied_by) == ("not_from_here", ("move to site_visit",))


@pytest.mark.parametrize(("stage", "won"), [("first_call", "signed"), ("renewal", "renewed")])
def test_winning_goes_to_the_next_won_stage(stage: str, won: str) -> None:
    assert OWN.won_after(stage) == won


def test_winning_after_the_last_won_stage_goes_to_the_nearest_before() -> None:
    spec = PipelineSpec(1, (Stage("a"), Stage("b", won=True), Stage("c", won=True), Stage("d")))
    assert spec.won_after("d") == "c"


def test_a_pipeline_without_a_won_stage_wins_where_it_stands() -> None:
    spec = PipelineSpec(1, (Stage("a"), Stage("b")))
    state = run(
        commercial(spec),
        [
            crm.capture(CASE, at(), title="x", kind=Kind.OPPORTUNITY),
            crm.move(CASE, at(1), "b"),
            crm.win(CASE, at(2), customer="partner:1"),
            crm.reopen(CASE, at(3)),
        ],
    )
    assert (standing(state).stage, standing(state).outcome) == ("b", Outcome.OPEN)


@pytest.mark.parametrize(
    "spec",
    [
        PipelineSpec(1, (Stage("only"),)),
        PipelineSpec(1, (Stage("won", won=True), Stage("late"))),
        PipelineSpec(1, (Stage("a"), Stage("b"), Stage("w", won=True)), skips=False, returns=False),
        PipelineSpec(1, tuple(Stage(f"s{number}", won=number in (5, 11)) for number in range(12))),
        OWN,
    ],
)
def test_every_shape_of_pipeline_makes_a_machine_that_keeps_its_promises(spec: PipelineSpec) -> None:
    assert [goal.name for goal in commercial(spec).goals] == ["can_be_won", "can_be_lost", "can_start_again"]


def test_a_pipeline_of_won_stages_alone_is_refused() -> None:
    with pytest.raises(InputError, match="at least one stage that is not a won stage"):
        PipelineSpec(1, (Stage("w", won=True),))


def test_a_stage_named_twice_is_refused() -> None:
    with pytest.raises(InputError, match="named twice"):
        PipelineSpec(1, (Stage("a"), Stage("a")))


def test_a_stage_code_is_an_identifier() -> None:
    with pytest.raises(RuleError):
        Stage("Erstes Gespräch")


@pytest.mark.parametrize("machine", [MACHINE, commercial(OWN)], ids=lambda machine: machine.label)
def test_every_command_in_every_reachable_state_is_decided_by_table_and_keeps_the_dimensions_apart(
    machine: Machine,
) -> None:
    """Over reachable positions x commands: allowed exactly where a row starts, and only its dimensions move."""
    tried = 0
    for position in machine.positions():
        state = State(CASE, position, (), 3, at().occurred_at)
        for name, to in targets(machine):
            rows = [row for row in machine.transitions if (row.command, row.to) == (name, to) and row.when is not None]
            starting = [
                row
                for row in rows
                if all(position[machine.place(dimension)] in states for dimension, states in row.when or ())
            ]
            decided = machine.decide(state, able(CASE, name, to, 1))
            tried += 1
            assert isinstance(decided, Refusal) == (not starting), (position, name, to)
            if isinstance(decided, tuple):
                after = machine.evolve(state, decided[0])
                moved = {dimension for dimension, _, _ in decided[0].changes}
                assert moved <= {dimension for dimension, _ in starting[0].then}
                for place, dimension in enumerate(machine.dimensions):
                    assert (after.position[place] != position[place]) == (dimension.name in moved)
    assert tried == len(list(machine.positions())) * len(targets(machine))


def test_every_refusal_in_every_state_says_what_would_satisfy_it_and_that_is_true() -> None:
    """The steps a refusal proposes are carried out, and the command is then allowed."""
    followed = 0
    for position in MACHINE.positions():
        state = State(CASE, position, (), 3, at().occurred_at)
        for name, to in targets(MACHINE):
            decided = MACHINE.decide(state, able(CASE, name, to, 1))
            if not isinstance(decided, Refusal):
                continue
            assert decided.satisfied_by and all(decided.satisfied_by), decided
            assert "to proceed: " in str(decided)
            if decided.code != "not_from_here" or decided.satisfied_by[0].startswith("begin another case"):
                continue
            after = state
            for step in decided.satisfied_by:
                verb, _, target = step.partition(" to ")
                after = run(MACHINE, [able(CASE, verb, target or None, 1)], after)
            assert isinstance(MACHINE.decide(after, able(CASE, name, to, 2)), tuple), (position, name, to)
            followed += 1
    assert followed > 100


def test_every_guard_asks_for_something_that_can_be_given() -> None:
    for row in MACHINE.transitions:
        for guard in row.guards:
            for need in guard.needs:
                assert re.fullmatch(r"(give|leave) [a-z_]+.*", str(need)), (guard.name, str(need))


def test_no_state_is_a_trap() -> None:
    """From every reachable position won, lost and open again can each be reached by commands that bring every fact."""
    for position in MACHINE.positions():
        for wanted in Outcome:
            assert reachable(position, wanted), (position, wanted)


def reachable(position: tuple[str, ...], wanted: Outcome) -> bool:
    waiting, seen = [State(CASE, position, (), 1, at().occurred_at)], {position}
    while waiting:
        state = waiting.pop()
        if state.position[2] == wanted:
            return True
        for name, to in targets(MACHINE):
            decided = MACHINE.decide(state, able(CASE, name, to))
            if isinstance(decided, tuple):
                after = MACHINE.evolve(state, decided[0])
                if after.position not in seen:
                    seen.add(after.position)
                    waiting.append(after)
    return False
