"""The machine: deciding, evolving, replaying, refusing."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest

from oimkit.errors import IllegalTransition, InputError
from oimkit.pipeline import (
    Certainty,
    Command,
    Dimension,
    Event,
    Guard,
    History,
    Machine,
    Need,
    Occasion,
    Refusal,
    Test,
    Transition,
    facts_of,
)
from tests.pipeline.cases import START, at, run

DOOR = Machine.flat(
    "door",
    ("open", "closed", "locked"),
    begin="build",
    steps={
        "close": ("open", "closed"),
        "open": ("closed", "open"),
        "lock": ("closed", "locked"),
        "unlock": ("locked", "closed"),
    },
)


def command(name: str, to: str | None = None, hours: int = 0, **facts: object) -> Command:
    return Command("d1", name, at(hours), to, facts_of(facts))  # type: ignore[arg-type]


def refused(machine: Machine, state: object, asked: Command) -> Refusal:
    decided = machine.decide(state, asked)  # type: ignore[arg-type]
    assert isinstance(decided, Refusal)
    return decided


def test_decide_returns_the_event_and_evolve_the_state_after_it() -> None:
    built = run(DOOR, [command("build")])
    decided = DOOR.decide(built, command("close", hours=2))
    assert isinstance(decided, tuple)
    (closed,) = decided
    assert (closed.name, closed.sequence, closed.changes) == ("close", 2, (("state", "open", "closed"),))
    assert (closed.occurred_at, closed.recorded_at) == (START + timedelta(hours=2),) * 2
    assert (closed.actor, closed.certainty) == ("user:2", Certainty.ASSERTED)
    after = DOOR.evolve(built, closed)
    assert (after.position, after.sequence) == (("closed",), 2)


def test_deciding_changes_neither_state_nor_machine() -> None:
    built = run(DOOR, [command("build")])
    before = (repr(built), repr(DOOR))
    DOOR.decide(built, command("close"))
    assert (repr(built), repr(DOOR)) == before


def test_a_case_that_has_not_begun_is_begun_first() -> None:
    refusal = refused(DOOR, None, command("close"))
    assert (refusal.code, refusal.satisfied_by) == ("not_begun", ("build first",))


def test_a_case_begins_once() -> None:
    built = run(DOOR, [command("build")])
    assert refused(DOOR, built, command("build")).code == "already_begun"


def test_a_refusal_names_the_shortest_way_to_where_the_step_is_allowed() -> None:
    built = run(DOOR, [command("build"), command("close"), command("lock")])
    refusal = refused(DOOR, built, command("close"))
    assert refusal.code == "not_from_here"
    assert refusal.satisfied_by == ("unlock", "open")
    assert "state is locked" in refusal.text


def test_a_step_to_where_the_case_is_already_says_so() -> None:
    closed = run(DOOR, [command("build"), command("close")])
    refusal = refused(DOOR, closed, command("close"))
    assert (refusal.code, refusal.satisfied_by) == ("already_there", ("nothing, it is so already",))


def test_an_unknown_command_is_answered_with_the_nearest_known_one() -> None:
    refusal = refused(DOOR, run(DOOR, [command("build")]), command("clsoe"))
    assert (refusal.code, refusal.satisfied_by) == ("unknown_command", ("use close",))


def test_a_target_where_none_is_taken_is_refused() -> None:
    assert refused(DOOR, run(DOOR, [command("build")]), command("close", "half")).code == "unknown_target"


def test_a_step_before_the_last_event_is_refused() -> None:
    built = run(DOOR, [command("build", hours=5)])
    refusal = refused(DOOR, built, command("close", hours=4))
    assert refusal.code == "out_of_order"
    assert refusal.satisfied_by == ("give a time not before 2026-03-02T14:00:00+00:00",)


def test_a_command_for_another_case_is_an_error_of_the_caller() -> None:
    built = run(DOOR, [command("build")])
    with pytest.raises(InputError, match="case d2"):
        DOOR.decide(built, Command("d2", "close", at()))


GUARDED = Machine(
    "desk",
    1,
    (Dimension("state", ("draft", "sent", "kept"), final=("sent", "kept")),),
    (
        Transition("begin", "begun", (("state", "draft"),), None),
        Transition(
            "send",
            "sent_fast",
            (("state", "sent"),),
            (("state", ("draft",)),),
            guards=(Guard("express", (Need("speed", Test.ONE_OF, ("fast",)),), "only fast things go express"),),
        ),
        Transition(
            "send",
            "sent_slowly",
            (("state", "sent"),),
            (("state", ("draft",)),),
            guards=(Guard("stamped", (Need("stamp"), Need("address")), "a letter has a stamp and an address"),),
            clears=("draft_note",),
        ),
        Transition(
            "keep",
            "kept",
            (("state", "kept"),),
            (("state", ("draft",)),),
            guards=(Guard("unstamped", (Need("stamp", Test.ABSENT),), "a stamped letter is not kept"),),
        ),
    ),
)


def test_rows_are_tried_in_their_order_and_the_first_whose_guards_hold_is_taken() -> None:
    state = run(GUARDED, [command("begin", address="a street", draft_note="x")])
    slow = GUARDED.decide(state, command("send", stamp="1"))
    fast = GUARDED.decide(state, command("send", stamp="1", speed="fast"))
    assert isinstance(slow, tuple) and isinstance(fast, tuple)
    assert (slow[0].name, fast[0].name) == ("sent_slowly", "sent_fast")


def test_a_failing_guard_says_which_needs_are_missing() -> None:
    refusal = refused(GUARDED, run(GUARDED, [command("begin")]), command("send"))
    assert refusal.code == "guard_failed"
    assert refusal.guard is not None and refusal.guard.name == "express"
    assert refusal.satisfied_by == ("give speed as fast, or record it first",)


def test_a_fact_that_must_be_absent_refuses_when_it_is_there() -> None:
    state = run(GUARDED, [command("begin", stamp="1")])
    refusal = refused(GUARDED, state, command("keep"))
    assert (refusal.code, refusal.satisfied_by) == ("guard_failed", ("leave stamp empty",))
    assert isinstance(GUARDED.decide(state, command("keep", stamp=None)), tuple)


def test_guards_do_not_bind_what_was_observed() -> None:
    state = run(GUARDED, [command("begin")])
    seen = Command("d1", "send", at(1, Certainty.OBSERVED))
    decided = GUARDED.decide(state, seen)
    assert isinstance(decided, tuple) and decided[0].certainty is Certainty.OBSERVED


def test_cleared_facts_stop_being_known_and_stay_in_the_history() -> None:
    begun = command("begin", address="a street", draft_note="x", stamp="1")
    events = history(GUARDED, [begun, command("send")])
    before, after = GUARDED.replay(events[:1]), GUARDED.replay(events)
    assert (before.fact("draft_note"), after.fact("draft_note"), after.fact("stamp")) == ("x", None, "1")
    assert dict(events[0].facts)["draft_note"] == "x"


def history(machine: Machine, commands: list[Command]) -> list[Event]:
    state, events = None, []
    for asked in commands:
        decided = machine.decide(state, asked)
        assert isinstance(decided, tuple)
        events += decided
        for event in decided:
            state = machine.evolve(state, event)
    return events


def test_replaying_a_history_gives_the_state_it_led_to() -> None:
    commands = [command("build"), command("close", hours=1), command("lock", hours=2), command("unlock", hours=3)]
    assert DOOR.replay(history(DOOR, commands)) == run(DOOR, commands)


def test_replay_tells_the_place_of_the_first_step_the_table_forbids() -> None:
    events = history(DOOR, [command("build"), command("close"), command("lock"), command("unlock")])
    broken = [events[0], events[1], *(_renumbered(event, place) for place, event in enumerate(events[3:], start=3))]
    with pytest.raises(IllegalTransition, match=r"event 3 \(unlock\).*allowed there: open, lock") as refused_:
        DOOR.replay(broken)
    assert refused_.value.code == "already_there"
    violation = DOOR.first_violation(broken)
    assert violation is not None
    assert (violation.position, violation.event, violation.alternatives) == (3, "unlock", ("open", "lock"))


def _renumbered(event: Event, sequence: int) -> Event:
    return Event(event.case, sequence, event.name, event.command, event.to, event.changes, event.facts, event.occasion)


def test_replay_refuses_a_gap_in_the_numbers() -> None:
    events = history(DOOR, [command("build"), command("close"), command("open")])
    with pytest.raises(IllegalTransition, match="numbered 3, not 2"):
        DOOR.replay([events[0], events[2]])


def test_replay_refuses_an_effect_that_the_table_does_not_give() -> None:
    built, closed = history(DOOR, [command("build"), command("close")])
    forged = Event("d1", 2, "close", "close", None, (("state", "open", "locked"),), (), closed.occasion)
    assert DOOR.first_violation([built, closed]) is None
    with pytest.raises(IllegalTransition, match="another effect"):
        DOOR.replay([built, forged])


def test_replay_refuses_a_second_case_in_the_history() -> None:
    (built,) = history(DOOR, [command("build")])
    other = Event("d2", 2, "close", "close", None, (("state", "open", "closed"),), (), at())
    with pytest.raises(IllegalTransition, match="another case"):
        DOOR.replay([built, other])


def test_an_empty_history_has_no_state() -> None:
    with pytest.raises(IllegalTransition, match="empty history"):
        DOOR.replay([])


def test_a_history_only_grows_and_has_no_gaps() -> None:
    events = history(DOOR, [command("build"), command("close"), command("open")])
    kept = History(DOOR.label, "d1").then(events[:1]).then(events[1:])
    assert len(kept) == 3 and tuple(kept) == tuple(events)
    with pytest.raises(InputError, match="numbered 3"):
        History(DOOR.label, "d1").then([events[0], events[2]])
    with pytest.raises(AttributeError):
        kept.events = ()  # type: ignore[misc]


def test_a_machine_that_adopts_nothing_says_so() -> None:
    with pytest.raises(InputError, match="takes over no cases"):
        DOOR.adopt("d1", ("open",), at(certainty=Certainty.OBSERVED))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="two times"):
        Occasion(START.replace(tzinfo=None))


def test_nothing_is_recorded_before_it_occurs() -> None:
    with pytest.raises(InputError, match="before it occurred"):
        Occasion(START, recorded_at=START - timedelta(seconds=1))


def test_facts_are_not_shown_in_reprs() -> None:
    asked = command("begin", contact_name="Canary Person")
    state = run(GUARDED, [asked])
    (event,) = history(GUARDED, [asked])
    assert "Canary" not in repr(asked) + repr(state) + repr(event) + repr(History("desk/1", "d1", (event,)))


def test_a_machine_can_be_sent_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(GUARDED))
    assert again == GUARDED
    assert run(again, [command("begin")]).position == ("draft",)


def test_options_are_the_commands_the_place_allows() -> None:
    assert DOOR.options(None) == ("build",)
    assert DOOR.options(run(DOOR, [command("build"), command("close")])) == ("open", "lock")
