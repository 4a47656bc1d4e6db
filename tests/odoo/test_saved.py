"""A plan that was saved is read back equal, and saved again as the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.errors import InputError
from oimkit.money import Currency, Money
from oimkit.odoo import ExternalId, Ref, dump, restore

PartnerId = NewType("PartnerId", int)


class Colour(Enum):
    RED = 1
    GREEN = "g"


@dataclass(frozen=True, slots=True)
class Bookings:
    amounts: tuple[Money, ...]
    day: date


@dataclass(frozen=True, slots=True)
class Dropped:
    reason: str


@dataclass(frozen=True)
class Plan:
    name: str
    step: Bookings | Dropped
    partner: PartnerId
    at: datetime
    gap: timedelta
    colour: Colour
    mode: Literal["a", "b"]
    pair: tuple[int, str]
    values: Mapping[str, object]
    rates: Mapping[Currency, Decimal]
    tags: frozenset[str]
    key: ExternalId
    ref: Ref | None = None
    amount: Decimal | None = None
    several: tuple[Bookings | Dropped | None, ...] = ()
    either: int | str | Decimal = 0
    anything: Any = None
    nothing: None = None
    inner: tuple[tuple[str, Decimal], ...] = field(default=())


monies = st.builds(Money, st.decimals(-(10**9), 10**9, places=3), st.sampled_from(["EUR", "JPY", "BHD"]))
steps = st.builds(Bookings, st.lists(monies, max_size=3).map(tuple), st.dates()) | st.builds(Dropped, st.text())
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=4)
keys = st.builds(ExternalId.of, st.just("k"), st.integers())
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | numbers
    | st.dates()
    | monies
    | keys
    | st.builds(Ref, st.integers()),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
plans = st.builds(
    Plan,
    name=st.text(),
    step=steps,
    partner=st.integers().map(PartnerId),
    at=st.datetimes(timezones=st.just(UTC)),
    gap=st.timedeltas(),
    colour=st.sampled_from(Colour),
    mode=st.sampled_from(["a", "b"]),
    pair=st.tuples(st.integers(), st.text()),
    values=st.dictionaries(st.text(), anything, max_size=4),
    rates=st.dictionaries(st.sampled_from(["EUR", "USD"]).map(Currency), numbers, max_size=2),
    tags=st.frozensets(st.text(), max_size=3),
    key=keys,
    ref=st.none() | st.builds(Ref, st.integers(), st.none() | st.text()),
    amount=st.none() | numbers,
    several=st.lists(steps | st.none(), max_size=3).map(tuple),
    either=st.integers() | st.text() | numbers,
    anything=anything,
    inner=st.lists(st.tuples(st.text(), numbers), max_size=2).map(tuple),
)


@given(plans)
def test_saved_plan_is_read_back_equal_and_saved_again_as_the_same_bytes(plan):
    text = dump(plan)
    back = restore(Plan, text)
    assert back == plan
    assert dump(back) == text


def test_order_of_a_mapping_does_not_matter():
    first = Plan(**{**vars(PLAN), "values": {"a": 1, "b": Decimal("2.0")}})
    second = Plan(**{**vars(PLAN), "values": {"b": Decimal("2.0"), "a": 1}})
    assert dump(first) == dump(second)


PLAN = Plan(
    name="x",
    step=Dropped("y"),
    partner=PartnerId(1),
    at=datetime(2026, 1, 1, tzinfo=UTC),
    gap=timedelta(1),
    colour=Colour.RED,
    mode="a",
    pair=(1, "x"),
    values={},
    rates={},
    tags=frozenset(),
    key=ExternalId("oimkit", "x"),
)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": 5}, "plan.name"),
        ({"amount": 1.5}, "plan.amount"),
        ({"at": datetime(2026, 1, 1)}, "plan.at"),
        ({"values": {"a": 1.5}}, "plan.values"),
        ({"values": {"a": [1]}}, "plan.values"),
        ({"several": [None]}, "plan.several"),
        ({"pair": (1, "x", 2)}, "plan.pair"),
        ({"mode": "c"}, "plan.mode"),
        ({"colour": "RED"}, "plan.colour"),
        ({"either": date(2026, 1, 1)}, "plan.either"),
        ({"amount": Decimal("NaN")}, "plan.amount"),
        ({"partner": True}, "plan.partner"),
    ],
)
def test_value_that_cannot_be_saved_is_refused_by_its_place(change, place):
    with pytest.raises(InputError, match=place):
        dump(Plan(**{**vars(PLAN), **change}))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text.replace('"name"', '"nome"'),
        lambda text: text.replace('"RED"', '"BLUE"'),
        lambda text: text.replace('"Dropped"', '"Dopped"'),
        lambda text: text.replace('"partner":1', '"partner":1.0'),
        lambda text: text.replace('"partner":1', '"partner":"1"'),
        lambda text: text.replace('"amount":null', '"amount":"1"'),
        lambda text: text.replace("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00"),
        lambda text: text.replace('"mode":"a"', '"mode":"z"'),
        lambda text: "[" * 100_000,
        lambda text: "[]",
        lambda text: "null",
    ],
)
def test_changed_text_is_refused(change):
    text = change(dump(PLAN))
    assert text != dump(PLAN)
    with pytest.raises(InputError):
        restore(Plan, text)


def test_text_that_no_file_takes_is_saved_and_read_back():
    dropped = Dropped("a half \ud83d, another \udfff, and what only looks like one \\ud83d")
    assert restore(Dropped, dump(dropped).encode().decode()) == dropped


def test_moment_is_saved_in_utc():
    here = timezone(timedelta(hours=2))
    moved = Plan(**{**vars(PLAN), "at": datetime(2026, 1, 1, 2, tzinfo=here)})
    assert dump(moved) == dump(PLAN)


@dataclass(frozen=True, slots=True)
class Grown:
    """A plan that an earlier version saved without its second field."""

    name: str
    lines: tuple[int, ...] = ()


def test_text_saved_before_a_field_with_a_default_existed_is_read():
    assert restore(Grown, '{"name":"x"}') == Grown("x")
    with pytest.raises(InputError, match="saved fields"):
        restore(Grown, '{"lines":[]}')
    with pytest.raises(InputError, match="saved fields"):
        restore(Grown, '{"name":"x","more":1}')
