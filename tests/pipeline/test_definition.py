"""A definition that could not be relied on is refused when the machine is built, every fault named."""

from __future__ import annotations

import pytest

from oimkit.errors import RuleError
from oimkit.pipeline import Dimension, Goal, Guard, Machine, Need, Test, Transition

STATES = Dimension("state", ("new", "done"), final=("done",))
BEGIN = Transition("begin", "begun", (("state", "new"),), None)
FINISH = Transition("finish", "finished", (("state", "done"),), (("state", ("new",)),))
SIGNED = Guard("signed", (Need("signature"),), "it is signed")
DATED = Guard("dated", (Need("day"),), "it is dated")


def build(*rows: Transition, states: Dimension = STATES, goals: tuple[Goal, ...] = (), adopts: bool = False) -> Machine:
    return Machine("paper", 1, (states,), rows, goals, adopts)


def test_a_sound_definition_is_accepted() -> None:
    assert build(BEGIN, FINISH).label == "paper/1"


def test_a_state_that_cannot_be_reached_is_refused() -> None:
    states = Dimension("state", ("new", "done", "lost"), final=("done", "lost"))
    with pytest.raises(RuleError, match="machine paper: state lost of state cannot be reached"):
        build(BEGIN, FINISH, states=states)


def test_a_state_that_cannot_be_left_is_refused_unless_it_is_final() -> None:
    with pytest.raises(RuleError, match="state done of state is not final"):
        build(BEGIN, FINISH, states=Dimension("state", ("new", "done")))


def test_two_states_that_only_lead_to_each_other_may_be_left_but_miss_the_goal() -> None:
    states = Dimension("state", ("new", "a", "b", "done"), final=("done",))
    rows = (
        BEGIN,
        FINISH,
        Transition("go", "went", (("state", "a"),), (("state", ("new", "b")),)),
        Transition("turn", "turned", (("state", "b"),), (("state", ("a",)),)),
    )
    goal = Goal("ends", (), (("state", ("done",)),))
    assert build(*rows, states=states)
    with pytest.raises(RuleError, match="goal ends cannot be reached from 2 positions"):
        build(*rows, states=states, goals=(goal,))


def test_a_row_behind_one_that_asks_for_no_more_is_refused() -> None:
    stricter = Transition("finish", "signed_off", (("state", "done"),), (("state", ("new",)),), guards=(SIGNED,))
    assert build(BEGIN, stricter, FINISH)
    with pytest.raises(RuleError, match=r"transition 3 \(finish\) can never be taken"):
        build(BEGIN, FINISH, stricter)


def test_a_row_whose_guards_ask_for_more_is_shadowed_even_under_another_guard_name() -> None:
    loose = Transition("finish", "a", (("state", "done"),), (("state", ("new",)),), guards=(SIGNED,))
    both = Transition(
        "finish",
        "b",
        (("state", "done"),),
        (("state", ("new",)),),
        guards=(Guard("signed_and_dated", (Need("signature"), Need("day")), "both"),),
    )
    assert build(BEGIN, both, loose)
    with pytest.raises(RuleError, match="can never be taken"):
        build(BEGIN, loose, both)


def test_rows_with_different_guards_do_not_shadow_each_other() -> None:
    rows = [
        Transition("finish", guard.name, (("state", "done"),), (("state", ("new",)),), guards=(guard,))
        for guard in (SIGNED, DATED)
    ]
    assert build(BEGIN, *rows)


def test_a_row_that_starts_nowhere_reachable_is_refused() -> None:
    light = Dimension("light", ("on", "off"), final=("on", "off"))
    begin = Transition("begin", "begun", (("state", "new"), ("light", "on")), None)
    dim = Transition("dim", "dimmed", (("light", "off"),), (("state", ("new",)),))
    lit = Transition("finish", "finished", (("state", "done"),), (("state", ("new",)), ("light", ("on",))))
    undim = Transition("shine", "shone", (("light", "on"),), (("state", ("done",)), ("light", ("off",))))
    brighten = Transition("brighten", "brightened", (("light", "on"),), (("state", ("new",)), ("light", ("off",))))
    with pytest.raises(RuleError, match=r"transition 5 \(shine\) can never be taken"):
        Machine("paper", 1, (STATES, light), (begin, dim, lit, brighten, undim))
    assert Machine("paper", 1, (STATES, light), (begin, dim, lit, brighten))


def test_guards_that_cannot_hold_together_are_refused() -> None:
    unsigned = Guard("unsigned", (Need("signature", Test.ABSENT),), "it is not signed")
    row = Transition("finish", "finished", (("state", "done"),), (("state", ("new",)),), guards=(SIGNED, unsigned))
    with pytest.raises(RuleError, match="guards that cannot hold together"):
        build(BEGIN, row)


def test_disjoint_lists_of_values_cannot_hold_together() -> None:
    guards = tuple(
        Guard(f"colour_{value}", (Need("colour", Test.ONE_OF, (value,)),), "a colour") for value in ("red", "blue")
    )
    row = Transition("finish", "finished", (("state", "done"),), (("state", ("new",)),), guards=guards)
    with pytest.raises(RuleError, match="guards that cannot hold together"):
        build(BEGIN, row)


def test_a_definition_without_a_beginning_is_refused() -> None:
    with pytest.raises(RuleError, match="no transition begins a case"):
        build(FINISH)


def test_unknown_dimensions_and_states_are_refused_and_all_named() -> None:
    with pytest.raises(RuleError) as refused:
        build(
            BEGIN,
            Transition("a", "a", (("state", "gone"),), (("place", ("here",)),)),
        )
    assert "transition 2 (a) names an unknown dimension place" in str(refused.value)
    assert "transition 2 (a) names an unknown state of state" in str(refused.value)


def test_a_beginning_sets_every_dimension() -> None:
    light = Dimension("light", ("on",), final=("on",))
    with pytest.raises(RuleError, match="must set every dimension"):
        Machine("paper", 1, (STATES, light), (BEGIN, FINISH))


def test_a_machine_that_adopts_keeps_its_goals_from_every_combination() -> None:
    light = Dimension("light", ("on", "off"), final=("on", "off"))
    rows = (
        Transition("begin", "begun", (("state", "new"), ("light", "on")), None),
        Transition("finish", "finished", (("state", "done"),), (("state", ("new",)), ("light", ("on",)))),
        Transition("dim", "dimmed", (("light", "off"),), (("state", ("done",)), ("light", ("on",)))),
    )
    assert Machine("paper", 1, (STATES, light), rows)
    with pytest.raises(RuleError, match="state new of state is not final and cannot always be left"):
        Machine("paper", 1, (STATES, light), rows, adopts=True)


@pytest.mark.parametrize("name", ["", "Big", "1st", "a b", "x" * 64, "é", "a\n"])
def test_names_are_plain_identifiers(name: str) -> None:
    with pytest.raises(RuleError, match="not usable"):
        Machine(name, 1, (STATES,), (BEGIN, FINISH))


def test_a_version_is_a_positive_number() -> None:
    with pytest.raises(RuleError, match="a version is 1 or more"):
        Machine("paper", 0, (STATES,), (BEGIN, FINISH))
