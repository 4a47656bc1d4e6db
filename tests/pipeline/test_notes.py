"""Events as notes of a record: what is written is read back, what is private is left out, what is foreign is none."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.money import Money
from oimkit.odoo._crm_notes import PRIVATE, event_key, note_values, read_history
from oimkit.odoo.codec import RecordRef
from oimkit.pipeline import Certainty, Command, Event, Occasion, crm, facts_of
from tests.pipeline.cases import START, at

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
FACTS = st.dictionaries(
    st.sampled_from(["site", "lost_reason", "contact_why", "deadline", "budget", "visits", "blocked_channels"]),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        TEXT,
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
        st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9),
        st.integers(-(10**9), 10**9).map(lambda cents: Money.from_minor_units(cents, "EUR")),
        st.lists(TEXT, max_size=3).map(tuple),
    ),
)


class Chatter:
    """A server that has these notes."""

    def __init__(self, *bodies: str) -> None:
        self.rows = [
            {"id": number, "res_id": RecordRef("crm.lead", 7), "body": body}
            for number, body in enumerate(bodies, start=50)
        ]

    def search_read(self, *_question: Any, **_options: Any) -> list[dict[str, Any]]:
        return self.rows


def note(event: Event) -> str:
    body = note_values("commercial/1", event, 7)["body"]
    assert isinstance(body, str)
    return body


def event(facts: dict[str, Any], sequence: int = 1, to: str | None = None) -> Event:
    changes = (("outcome", "open", "lost"),)
    return Event("c", sequence, "lost", "lose", to, changes, facts_of(facts), at(sequence))


@given(FACTS, st.none() | st.just("qualified"))
def test_a_note_reads_back_as_the_event_it_tells(facts: dict[str, Any], to: str | None) -> None:
    written = event(facts, to=to)
    (history,) = read_history(Chatter(note(written)), [7])  # type: ignore[arg-type]
    (read,) = history
    assert (history.machine, history.case, read.source) == ("commercial/1", "lead:7", "mail.message:50")
    assert (read.name, read.command, read.to, read.changes) == ("lost", "lose", to, written.changes)
    assert read.facts == written.facts
    assert (read.occurred_at, read.recorded_at, read.actor) == (written.occurred_at, written.recorded_at, "user:2")
    assert read.certainty is Certainty.OBSERVED


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_names_and_addresses_are_not_repeated_in_notes(name: str) -> None:
    assert "Canary" not in note(event({name: "Canary 1", "lost_reason": "late"}))


def test_a_note_tells_people_what_happened() -> None:
    assert note(event({"lost_reason": "too <dear> & late"})).startswith("<p>Lost: too &lt;dear&gt; &amp; late</p>")


def test_events_are_put_in_their_order_whatever_the_order_of_the_notes() -> None:
    notes = [note(event({"site": str(number)}, number)) for number in (3, 1, 2)]
    (history,) = read_history(Chatter(*notes), [7])  # type: ignore[arg-type]
    assert [dict(event.facts)["site"] for event in history] == ["1", "2", "3"]
    assert [event.sequence for event in history] == [1, 2, 3]


@pytest.mark.parametrize(
    "body",
    [
        "<p>oimkit {</p>",
        "<p>oimkit {}</p>",
        "<p>oimkit {not json}</p>",
        "<p>we should use oimkit {one day}</p>",
        "<p>oimkit " + html.escape('{"machine":"m","n":"x"}') + "</p>",
        "<p>oimkit " + "{" * 5000 + "}" * 5000 + "</p>",
        note(event({})).replace("+00:00", ""),
        note(event({})).replace("asserted", "sworn"),
        note(event({"a": 1})).replace('"a":1', '"a":{"money":["x","EUR"]}'),
    ],
)
def test_a_note_that_only_looks_like_one_is_no_event(body: str) -> None:
    assert read_history(Chatter(body), [7]) == ()  # type: ignore[arg-type]


def test_no_lead_has_no_history_and_asks_nothing() -> None:
    assert read_history(None, []) == ()  # type: ignore[arg-type]


def test_the_same_command_is_the_same_event_in_whatever_zone_it_is_given() -> None:
    east = Occasion(START.astimezone(timezone(timedelta(hours=5))), "user:2")
    assert event_key(crm.archive("c", Occasion(START))) == event_key(crm.archive("c", east))


def test_commands_differ_by_case_target_and_moment_and_records_by_what_they_record() -> None:
    commands = [
        crm.move("c", at(1), "qualified"),
        crm.move("c", at(1), "proposition"),
        crm.move("c", at(2), "qualified"),
        crm.move("d", at(1), "qualified"),
        crm.record("c", at(1), site="a"),
        crm.record("c", at(1), site="b"),
        crm.record("c", at(1), day=date(2026, 1, 1)),
        crm.record("c", at(1), day=Decimal(1)),
    ]
    assert len({event_key(command) for command in commands}) == len(commands)


def test_a_case_is_captured_once_whatever_is_said_of_it() -> None:
    assert event_key(crm.capture("c", at(1), title="a")) == event_key(crm.capture("c", at(2), title="b"))
    assert event_key(Command("c", "capture", at(1))) != event_key(Command("d", "capture", at(1)))


def test_moments_keep_their_microseconds() -> None:
    moment = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
    written = Event("c", 1, "archived", "archive", None, (), (), Occasion(moment))
    (history,) = read_history(Chatter(note(written)), [7])  # type: ignore[arg-type]
    assert history.events[0].occurred_at == moment
