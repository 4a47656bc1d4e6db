"""Laws that hold for any entries and any rule set."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.billing import (
    BilledTime,
    Dimension,
    GroupKey,
    Half,
    InvoicePlan,
    Lines,
    MixedRates,
    Mode,
    Per,
    Printing,
    Rate,
    RateCard,
    RuleSet,
    Scope,
    TimeRounding,
    Unit,
    Validity,
    WorkedTime,
    check_plan,
    plan_invoices,
    verify,
)
from oimkit.errors import InputError
from oimkit.money import Currency, Money, Rounding, total
from oimkit.odoo.saved import dump, restore

EUR = Currency("EUR")
FIRST = date(2026, 1, 1)
TODAY = FIRST + timedelta(days=400)

days = st.integers(0, 90).map(lambda n: FIRST + timedelta(days=n))
some = st.one_of(st.none(), st.integers(1, 3))


@st.composite
def entries(draw: st.DrawFn) -> tuple[WorkedTime, ...]:
    count = draw(st.integers(0, 12))
    return tuple(
        WorkedTime(
            id=number,
            date=draw(days),
            seconds=draw(st.one_of(st.integers(-7200, 36000), st.sampled_from([0, 1200, 900, 60]))),
            customer=draw(st.sampled_from([1, 1, 1, 2, None])),
            project=draw(some),
            task=draw(some),
            employee=draw(some),
        )
        for number in range(1, count + 1)
    )


prices = st.one_of(
    st.integers(0, 300_000).map(lambda thousandths: Decimal(thousandths).scaleb(-3)),
    st.integers(0, 400).map(lambda halves: Decimal(halves) / 2),
    st.integers(1, 300).map(lambda tenths: Decimal(tenths) * 6 / 10),
)
rates = st.one_of(
    st.none(),
    st.builds(
        lambda price, per: Rate(Money(price, EUR), per), prices, st.sampled_from([Per.HOUR, Per.HOUR, Per.ENTRY])
    ),
)


@st.composite
def cards(draw: st.DrawFn) -> tuple[RateCard, ...]:
    """Cards without ties: per combination and records, one before a day and one from it on."""
    chosen = draw(
        st.lists(
            st.tuples(st.sampled_from(["customer", "project", "task", "employee", "project+employee"]), some),
            unique=True,
            max_size=5,
        )
    )
    result = [RateCard(name="any", rate=draw(rates))]
    for index, (names, record) in enumerate(chosen):
        matching = tuple((Dimension(name), (record or 1,)) for name in names.split("+"))
        if any(card.matching == matching for card in result):
            continue
        change = draw(days)
        for part, validity in (("old", Validity(None, change)), ("new", Validity(change, None))):
            result.append(RateCard(name=f"{index} {part}", rate=draw(rates), matching=matching, validity=validity))
    return tuple(result)


roundings = st.builds(
    TimeRounding,
    scope=st.sampled_from(list(Scope)),
    mode=st.sampled_from(list(Mode)),
    half=st.sampled_from(list(Half)),
    step_seconds=st.sampled_from([1, 36, 60, 360, 900, 900, 1800]),
    minimum_seconds=st.sampled_from([0, 900, 3600]),
    factor=st.sampled_from([Decimal(1), Decimal("1.5"), Decimal("0.333")]),
)

rule_sets = st.builds(
    RuleSet,
    version=st.just("law"),
    currency=st.just(EUR),
    rates=cards(),
    rounding=roundings,
    amounts=st.sampled_from([Rounding.HALF_UP, Rounding.HALF_EVEN]),
    lines=st.builds(
        Lines,
        group=st.lists(st.sampled_from(list(GroupKey)), unique=True, max_size=3).map(tuple),
        mixed=st.sampled_from(list(MixedRates)),
        units=st.sampled_from([(), (Unit.HOUR,), (Unit.HOUR, Unit.MINUTE, Unit.ENTRY), (Unit.MINUTE, Unit.HOUR)]),
    ),
    invoices=st.sampled_from([(GroupKey.CUSTOMER,), (GroupKey.CUSTOMER, GroupKey.MONTH)]),
)

printings = st.builds(Printing, quantity_digits=st.integers(0, 4), price_digits=st.integers(2, 4))


def planned(times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing) -> InvoicePlan:
    return plan_invoices(times, rules, today=TODAY, printing=printing)


@settings(max_examples=150, deadline=None)
@given(entries(), rule_sets, printings)
def test_every_second_of_every_entry_is_on_one_line_or_left_out(
    times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing
) -> None:
    plan = planned(times, rules, printing)
    portions = [p for draft in plan.drafts for line in draft.lines for p in line.explanation.portions]
    accounted = sorted([(p.time.id, p.seconds) for p in portions] + [(out.entry, out.seconds) for out in plan.left_out])
    assert accounted == sorted((time.id, time.seconds) for time in times)
    assert all(p.time in times for p in portions)


@settings(max_examples=150, deadline=None)
@given(entries(), rule_sets, printings)
def test_lines_their_explanations_and_the_draft_have_one_sum(
    times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing
) -> None:
    for draft in planned(times, rules, printing).drafts:
        explained = [Money(step.result.split()[0], EUR) for line in draft.lines for step in line.explanation.steps[-1:]]
        assert total(explained, EUR) == total((line.amount for line in draft.lines), EUR) == draft.amount


@settings(max_examples=100, deadline=None)
@given(entries(), rule_sets, printings)
def test_second_run_bills_nothing(times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing) -> None:
    first = planned(times, rules, printing)
    billed = [
        BilledTime(p.time, p.billed_seconds)
        for draft in first.drafts
        for line in draft.lines
        for p in line.explanation.portions
    ]
    assert plan_invoices(times, rules, today=TODAY, printing=printing, billed=billed).drafts == ()


@settings(max_examples=100, deadline=None)
@given(entries(), rule_sets, printings, st.randoms())
def test_order_of_entries_changes_nothing(
    times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing, chance: random.Random
) -> None:
    shuffled = list(times)
    chance.shuffle(shuffled)
    assert planned(tuple(shuffled), rules, printing) == planned(times, rules, printing)


@settings(max_examples=150, deadline=None)
@given(entries(), rule_sets, printings)
def test_printed_quantity_times_price_is_the_amount_at_the_agreed_price(
    times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing
) -> None:
    for line in (line for draft in planned(times, rules, printing).drafts for line in draft.lines):
        printed = line.printed
        exact = Fraction(printed.quantity) * Fraction(printed.price)
        assert abs(exact - Fraction(printed.amount)) <= Fraction(1, 200)
        assert printed.amount == line.amount.amount
        if printed.unit in (Unit.HOUR, Unit.ENTRY):
            assert line.rate is not None and line.rate.amount.amount == printed.price
        if printed.unit is Unit.MINUTE:
            assert line.rate is not None and line.rate.amount.amount == printed.price * 60


@settings(max_examples=100, deadline=None)
@given(entries(), rule_sets, printings)
def test_a_card_that_matches_nothing_changes_nothing(
    times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing
) -> None:
    never = RateCard(name="never", rate=None, matching=((Dimension.EMPLOYEE, (99,)),))
    more = replace(rules, rates=(*rules.rates, never))
    one, other = planned(times, rules, printing), planned(times, more, printing)
    assert one.left_out == other.left_out
    assert [(draft.key, draft.amount) for draft in one.drafts] == [(draft.key, draft.amount) for draft in other.drafts]
    assert [line.text for draft in one.drafts for line in draft.lines] == [
        line.text for draft in other.drafts for line in draft.lines
    ]


@settings(max_examples=100, deadline=None)
@given(entries(), rule_sets, printings)
def test_every_line_is_reproduced_from_its_explanation(
    times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing
) -> None:
    plan = planned(times, rules, printing)
    assert [verify(line, plan.rules) for draft in plan.drafts for line in draft.lines] == [()] * sum(
        len(draft.lines) for draft in plan.drafts
    )
    check_plan(plan)


@settings(max_examples=60, deadline=None)
@given(entries(), rule_sets, printings)
def test_a_stored_plan_is_planned_again_byte_for_byte(
    times: tuple[WorkedTime, ...], rules: RuleSet, printing: Printing
) -> None:
    stored = dump(planned(times, rules, printing))
    plan = restore(InvoicePlan, stored)
    assert plan.rules.hash == rules.hash
    assert dump(planned(times, plan.rules, plan.printing)) == dump(plan) == stored


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(60, 36000), min_size=1, max_size=10),
    st.sampled_from([36, 360, 900]),
    st.sampled_from(list(Mode)),
)
def test_cumulative_rounding_makes_many_invoices_one(lengths: list[int], step: int, mode: Mode) -> None:
    rules = RuleSet(
        version="law",
        currency=EUR,
        rates=(RateCard(name="r", rate=Rate(Money(100, EUR))),),
        rounding=TimeRounding(mode=mode, step_seconds=step, cumulative=True),
        lines=replace(Lines(), group=()),
    )
    times = [WorkedTime(id=n, date=FIRST, seconds=length, customer=1) for n, length in enumerate(lengths, start=1)]
    billed: list[BilledTime] = []
    for time in times:
        plan = plan_invoices([time], rules, today=TODAY, billed=billed)
        portions = [p for draft in plan.drafts for line in draft.lines for p in line.explanation.portions]
        billed += [BilledTime(p.time, p.billed_seconds) for p in portions] or [BilledTime(time, 0)]
    assert sum(item.billed_seconds for item in billed) == rules.rounding.billed(sum(lengths))


@settings(max_examples=60, deadline=None)
@given(entries(), rule_sets)
def test_only_refusals_of_ours_leave_the_engine(times: tuple[WorkedTime, ...], rules: RuleSet) -> None:
    try:
        planned(times, rules, Printing(quantity_digits=0, price_digits=0))
    except InputError as error:
        assert "decimal precision" in str(error)
