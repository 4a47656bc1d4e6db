"""Observed records: which standing they amount to, what in them does not agree, and the history they imply."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from oimkit.errors import InputError
from oimkit.pipeline import (
    Certainty,
    Channel,
    Contactability,
    Kind,
    Limbo,
    ObservedLead,
    Outcome,
    Standing,
    Visibility,
    classify,
    commercial,
    inconsistencies,
    observe,
    standing,
)
from tests.pipeline.cases import START

MACHINE = commercial()
HOUR = timedelta(hours=1)

SOUND = ObservedLead(
    case="lead:7",
    kind=Kind.OPPORTUNITY,
    active=True,
    probability=Decimal("34.5"),
    stage="qualified",
    won_stage=False,
    seen_at=START + 48 * HOUR,
    captured_at=START,
    converted_at=START + HOUR,
    stage_entered_at=START + 2 * HOUR,
    source="crm.lead:7",
)
WON = replace(SOUND, probability=Decimal(100), stage="won", won_stage=True, closed_at=START + 3 * HOUR)
LOST = replace(SOUND, active=False, probability=Decimal(0), closed_at=START + 3 * HOUR, has_lost_reason=True)


def codes(seen: ObservedLead) -> list[str]:
    return [found.code.value for found in inconsistencies(seen)]


@pytest.mark.parametrize(
    ("seen", "outcome", "visibility"),
    [
        (SOUND, Outcome.OPEN, Visibility.ACTIVE),
        (WON, Outcome.WON, Visibility.ACTIVE),
        (LOST, Outcome.LOST, Visibility.ACTIVE),
        (replace(SOUND, active=False), Outcome.OPEN, Visibility.ARCHIVED),
        (replace(WON, active=False), Outcome.WON, Visibility.ARCHIVED),
        (replace(WON, active=False, probability=Decimal(0)), Outcome.LOST, Visibility.ACTIVE),
        (
            replace(SOUND, active=False, told_outcome=Outcome.OPEN, probability=Decimal(0)),
            Outcome.OPEN,
            Visibility.ARCHIVED,
        ),
        (replace(WON, active=False, told_outcome=Outcome.WON), Outcome.WON, Visibility.ARCHIVED),
    ],
)
def test_outcome_and_visibility_are_told_apart(seen: ObservedLead, outcome: Outcome, visibility: Visibility) -> None:
    stands = classify(seen)
    assert (stands.outcome, stands.visibility) == (outcome, visibility)


def test_sound_records_have_no_inconsistency() -> None:
    assert [codes(seen) for seen in (SOUND, WON, LOST)] == [[], [], []]


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        (Limbo.L1, replace(SOUND, active=False)),
        (Limbo.L2, replace(WON, active=False)),
        (Limbo.L3, replace(WON, probability=Decimal(40), closed_at=None)),
        (Limbo.L4, replace(SOUND, closed_at=START + 3 * HOUR)),
        (Limbo.L5, replace(WON, closed_at=None)),
        (Limbo.L6, replace(WON, kind=Kind.LEAD)),
        (Limbo.L7, replace(LOST, stage="won", won_stage=True)),
        (Limbo.L8, replace(SOUND, has_lost_reason=True)),
        (Limbo.L9, replace(SOUND, converted_at=None)),
    ],
)
def test_each_contradiction_is_named_alone(code: Limbo, seen: ObservedLead) -> None:
    assert codes(seen) == [code.value]
    (found,) = inconsistencies(seen)
    assert found.text and found.repair


@pytest.mark.parametrize(
    ("reachable_by", "blocked", "expected"),
    [
        ((), (), Contactability.FREE),
        ((Channel.EMAIL,), (), Contactability.FREE),
        ((Channel.EMAIL,), (Channel.EMAIL,), Contactability.FORBIDDEN),
        ((Channel.EMAIL, Channel.PHONE), (Channel.EMAIL,), Contactability.RESTRICTED),
        ((Channel.EMAIL, Channel.PHONE), (Channel.PHONE, Channel.EMAIL), Contactability.FORBIDDEN),
    ],
)
def test_contactability_follows_from_the_addresses_that_are_blocked(
    reachable_by: tuple[Channel, ...], blocked: tuple[Channel, ...], expected: Contactability
) -> None:
    assert classify(replace(SOUND, reachable_by=reachable_by, blocked=blocked)).contactability is expected


def test_a_lost_opportunity_tells_its_history_with_what_is_observed_and_what_is_inferred() -> None:
    events = observe(LOST, MACHINE)
    assert [(event.name, event.certainty) for event in events] == [
        ("captured", Certainty.OBSERVED),
        ("converted", Certainty.OBSERVED),
        ("moved_forward", Certainty.OBSERVED),
        ("lost", Certainty.OBSERVED),
    ]
    assert [event.occurred_at - START for event in events] == [0 * HOUR, HOUR, 2 * HOUR, 3 * HOUR]
    assert {event.source for event in events} == {"crm.lead:7"}
    assert {event.recorded_at for event in events} == {LOST.seen_at}


def test_a_time_that_cannot_be_is_replaced_by_the_earliest_possible_and_marked_inferred() -> None:
    events = observe(replace(LOST, closed_at=START - HOUR), MACHINE)
    assert (events[-1].name, events[-1].certainty) == ("lost", Certainty.INFERRED)
    assert events[-1].occurred_at == events[-2].occurred_at


def test_a_record_that_no_regular_history_explains_is_adopted() -> None:
    (event,) = observe(replace(LOST, stage="won", won_stage=True), MACHINE)
    assert (event.name, event.certainty) == ("adopted", Certainty.INFERRED)
    assert standing(MACHINE.replay([event])).stage == "won"


def every_record() -> list[ObservedLead]:
    return [
        replace(
            SOUND,
            kind=kind,
            active=active,
            probability=probability,
            stage=stage,
            won_stage=stage == "won",
            told_outcome=told,
            captured_at=captured,
            converted_at=converted,
            closed_at=closed,
            reachable_by=(Channel.EMAIL, Channel.PHONE),
            blocked=blocked,
        )
        for kind, active, probability, stage, told, captured, converted, closed, blocked in product(
            Kind,
            (True, False),
            (None, Decimal(0), Decimal(50), Decimal(100)),
            ("new", "proposition", "won"),
            (None, *Outcome),
            (None, START),
            (None, START + HOUR),
            (None, START + 3 * HOUR),
            ((), (Channel.EMAIL,), (Channel.EMAIL, Channel.PHONE)),
        )
    ]


def test_whatever_a_record_says_its_history_replays_to_its_standing() -> None:
    for seen in every_record():
        events = observe(seen, MACHINE)
        assert standing(MACHINE.replay(events)) == classify(seen), seen
        assert all(event.certainty is not Certainty.ASSERTED for event in events)


def test_from_wherever_a_record_is_found_it_can_be_won_lost_or_started_again() -> None:
    assert {goal.name for goal in MACHINE.goals} == {"can_be_won", "can_be_lost", "can_start_again"}
    assert MACHINE.adopts


def test_an_observation_has_a_zone() -> None:
    with pytest.raises(InputError, match="two times"):
        replace(SOUND, seen_at=START.replace(tzinfo=None))


def test_adopting_is_never_an_assertion() -> None:
    from tests.pipeline.cases import at

    with pytest.raises(InputError, match="by observation"):
        MACHINE.adopt(
            "x", Standing(Kind.LEAD, "new", Outcome.OPEN, Visibility.ACTIVE, Contactability.FREE).position, at()
        )
    with pytest.raises(InputError, match="no such place"):
        MACHINE.adopt("x", ("lead",), at(certainty=Certainty.OBSERVED))
