"""What the adapters share: entries, cards and rule sets made from the words of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from oimkit.billing import (
    BilledTime,
    Dimension,
    GroupKey,
    InvoicePlan,
    Lines,
    MixedRates,
    Names,
    Per,
    Printing,
    Rate,
    RateCard,
    RuleSet,
    TimeRounding,
    WorkedTime,
    plan_invoices,
)
from oimkit.money import Currency, Money

EUR = Currency("EUR")

DAY = date(2026, 6, 10)

TODAY = date(2030, 1, 1)

FINE = Printing(quantity_digits=6, price_digits=6)
"""A server that stores everything, for cases that are not about storing."""


class NotModelled(Exception):
    """The case asks for something that the engine does not do; it counts as failed."""


def seconds(hours: object) -> int:
    """Whole seconds of exact hours."""
    exact = Fraction(str(hours)) * 3600
    if exact.denominator != 1:
        raise NotModelled(f"{hours} h is no whole number of seconds")
    return int(exact)


def worked(
    length: int,
    *,
    number: int = 1,
    day: date = DAY,
    customer: int = 1,
    project: int | None = 1,
    task: int | None = None,
    employee: int | None = None,
    names: Names | None = None,
) -> WorkedTime:
    return WorkedTime(
        id=number,
        date=day,
        seconds=length,
        customer=customer,
        project=project,
        task=task,
        employee=employee,
        names=names or Names(),
    )


def card(name: str, rate: object, *, per: Per = Per.HOUR, **matching: int | str) -> RateCard:
    return RateCard(
        name=name,
        rate=None if rate is None else Rate(Money(Decimal(str(rate)), EUR), per),
        matching=tuple((dimension, (matching[dimension],)) for dimension in Dimension if dimension in matching),
    )


def rule_set(
    *cards: RateCard,
    rounding: TimeRounding | None = None,
    group: Sequence[GroupKey] = (),
    mixed: MixedRates = MixedRates.SPLIT,
) -> RuleSet:
    return RuleSet(
        version="golden",
        currency=EUR,
        rates=cards,
        rounding=rounding or TimeRounding(),
        lines=replace(Lines(), group=tuple(group), mixed=mixed),
    )


def plan(
    times: Sequence[WorkedTime],
    rules: RuleSet,
    *,
    printing: Printing = FINE,
    billed: Sequence[BilledTime] | None = None,
) -> InvoicePlan:
    return plan_invoices(times, rules, today=TODAY, printing=printing, billed=billed)


def billed_seconds(result: InvoicePlan) -> int:
    return sum(line.billed_seconds for draft in result.drafts for line in draft.lines)


def hours(length: int) -> Decimal:
    """Seconds as decimal hours, for comparing; exact for the cases at hand or refused."""
    exact = Fraction(length, 3600)
    result = Decimal(exact.numerator) / Decimal(exact.denominator)
    assert Fraction(result) == exact
    return result


def as_billed(result: InvoicePlan) -> list[BilledTime]:
    """What the plan covers, as the next run gets it."""
    return [
        BilledTime(portion.time, portion.billed_seconds)
        for draft in result.drafts
        for line in draft.lines
        for portion in line.explanation.portions
    ]
