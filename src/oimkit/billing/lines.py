"""One invoice line: portions, their buckets and their rates become an amount, a text and a printed line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from oimkit.billing.exact import round_ratio
from oimkit.billing.periods import Period
from oimkit.billing.plan import Bucket, Explanation, FeeBasis, InvoiceLine, Portion, Rated, Step
from oimkit.billing.printing import Printed, Printing, Unit, fit
from oimkit.billing.rating import RateBook, RateChoice
from oimkit.billing.rules import Per, Rate, RuleSet
from oimkit.billing.worked import WorkedTime
from oimkit.errors import RuleError
from oimkit.money import Money, Rounding

__all__ = ["exact_amount", "fee_line", "group_choices", "month_share", "payable", "time_line"]

ABSENT = "-"
"""What a line text prints where the time has no such record."""


def time_line(
    number: int,
    portions: Sequence[Portion],
    buckets: Sequence[Bucket],
    *,
    rules: RuleSet,
    book: RateBook,
    printing: Printing,
) -> InvoiceLine:
    """The line that bills *portions*, whose time was rounded in *buckets*."""
    rated = group_choices(portions, book)
    rates = sorted({_rate(group) for group in rated}, key=lambda rate: (rate.per, rate.amount.amount))
    billed = sum(portion.billed_seconds for portion in portions)
    amount = payable(exact_amount(portions, rated), rules, printing)
    one_rate = rates[0] if len(rates) == 1 else None
    printed = fit(
        amount,
        seconds=billed,
        hourly=one_rate.amount.amount if one_rate is not None and one_rate.per is Per.HOUR else None,
        each=(len(portions), one_rate.amount.amount) if one_rate is not None and one_rate.per is Per.ENTRY else None,
        printing=printing,
        units=rules.lines.units,
    )
    worked = sum(portion.seconds for portion in portions)
    return InvoiceLine(
        number=number,
        text=_text(rules, portions, printed, one_rate, amount, printing),
        seconds=worked,
        billed_seconds=billed,
        rate=one_rate,
        amount=amount,
        unrounded=payable(exact_amount(portions, rated, worked=True), rules, printing),
        printed=printed,
        explanation=Explanation(
            rules=book.rules_hash,
            printing=printing,
            portions=tuple(portions),
            rated=rated,
            buckets=tuple(buckets),
            fee=None,
            steps=(*_time_steps(buckets, worked, billed), *_rate_steps(portions, rated), _fit_step(amount, printed)),
        ),
    )


def fee_line(number: int, basis: FeeBasis, *, rules: RuleSet, printing: Printing) -> InvoiceLine | None:
    """What is missing to the minimum fee, or None when enough was used."""
    if rules.minimum_fee is None:
        raise RuleError("the rule set has no minimum fee", where="minimum_fee")
    share = month_share(basis.period)
    missing = Fraction(basis.monthly.amount) * share - Fraction(basis.used.amount)
    amount = payable(missing, rules, printing)
    if amount.amount <= 0:
        return None
    printed = fit(amount, seconds=0, hourly=None, each=None, printing=printing, units=())
    values = {
        "first_day": str(basis.period.first),
        "last_day": str(basis.period.last),
        "month": _months((basis.period.first, basis.period.last)),
        "currency": str(amount.currency),
        "amount": amount.text,
    }
    formula = f"{basis.monthly.text} x {share} months - {basis.used.text} used"
    return InvoiceLine(
        number=number,
        text=rules.minimum_fee.text.fill(_Absent(values)),
        seconds=0,
        billed_seconds=0,
        rate=None,
        amount=amount,
        unrounded=amount,
        printed=printed,
        explanation=Explanation(
            rules=rules.hash,
            printing=printing,
            portions=(),
            rated=(),
            buckets=(),
            fee=basis,
            steps=(Step("fee", "minimum_fee", formula, str(amount)), _fit_step(amount, printed)),
        ),
    )


def group_choices(portions: Iterable[Portion], book: RateBook) -> tuple[Rated, ...]:
    """The entries of a line by the rate they got and why, in order of first appearance."""
    groups: dict[RateChoice, list[int]] = {}
    for portion in portions:
        groups.setdefault(book.choose(portion.time), []).append(portion.time.id)
    return tuple(Rated(choice, tuple(entries)) for choice, entries in groups.items())


def exact_amount(portions: Sequence[Portion], rated: Sequence[Rated], *, worked: bool = False) -> Fraction:
    """Sum of time x rate without any rounding: of the billed time, or of the time as worked."""
    rates = {entry: _rate(group) for group in rated for entry in group.entries}
    units = dict.fromkeys(rates.values(), 0)
    for portion in portions:
        rate = rates[portion.time.id]
        if rate.per is Per.ENTRY:
            units[rate] += 3600
        else:
            units[rate] += portion.seconds if worked else portion.billed_seconds
    return sum((Fraction(rate.amount.amount) * count / 3600 for rate, count in units.items()), Fraction(0))


def payable(exact: Fraction, rules: RuleSet, printing: Printing) -> Money:
    """*exact* rounded once, as the rule set says, to what the server prints of the currency."""
    return Money(round_ratio(exact, printing.step(rules.currency), rules.amounts), rules.currency)


def month_share(period: Period) -> Fraction:
    """How many calendar months *period* is: each day counts one part of the days of its month."""
    result = Fraction(0)
    for day in period.days:
        following = day.replace(day=28).toordinal() + 4
        last = following - type(day).fromordinal(following).day
        result += Fraction(1, type(day).fromordinal(last).day)
    return result


def _rate(group: Rated) -> Rate:
    if group.choice.rate is None:
        raise RuleError(f"entry {group.entries[0]} has no rate under this rule set", where=group.choice.rule or "rates")
    return group.choice.rate


# -- steps, as a person reads them -------------------------------------------------------------------------------


def _time_steps(buckets: Sequence[Bucket], worked: int, billed: int) -> tuple[Step, ...]:
    if not buckets:
        return ()
    scope = buckets[0].scope
    formula = f"{clock_text(worked)} worked, rounded in {len(buckets)} x {scope}"
    return (Step("round", "rounding", formula, f"{clock_text(billed)} ({_signed(billed - worked)} s)"),)


def _rate_steps(portions: Sequence[Portion], rated: Sequence[Rated]) -> tuple[Step, ...]:
    return tuple(_rate_step(portions, group) for group in rated)


def _rate_step(portions: Sequence[Portion], group: Rated) -> Step:
    rate, entries = _rate(group), frozenset(group.entries)
    own = [portion for portion in portions if portion.time.id in entries]
    exact = exact_amount(own, [group])
    if rate.per is Per.ENTRY:
        formula = f"{len(own)} entries x {rate.amount.text}"
    else:
        formula = f"{sum(portion.billed_seconds for portion in own)} s x {rate.amount.text} / 3600 s"
    return Step("rate", group.choice.rule or "rates", formula, _fraction_text(exact))


def _fit_step(amount: Money, printed: Printed) -> Step:
    formula = f"{printed.quantity} {printed.unit} x {printed.price}"
    return Step("print", "lines.units", formula, str(amount))


def _fraction_text(value: Fraction) -> str:
    """Four decimals for the eye, marked where the number goes on; the exact one follows from the formula."""
    text = f"{round_ratio(value, Decimal('0.0001'), Rounding.HALF_UP):f}"
    return text if Fraction(text) == value else f"{text}..."


def clock_text(seconds: int) -> str:
    """Hours and minutes, seconds where there are any: 9000 is 2:30.

    >>> clock_text(9000), clock_text(-61)
    ('2:30', '-0:01:01')
    """
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{minutes // 60}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")
    return f"-{text}" if seconds < 0 else text


def _signed(seconds: int) -> str:
    return f"{seconds:+d}" if seconds else "0"


# -- texts -------------------------------------------------------------------------------------------------------


class _Absent(dict[str, str]):
    """Values of a text; what has no value prints as absent."""

    def __missing__(self, key: str) -> str:
        return ABSENT


def _text(
    rules: RuleSet,
    portions: Sequence[Portion],
    printed: Printed,
    rate: Rate | None,
    amount: Money,
    printing: Printing,
) -> str:
    times = [portion.time for portion in portions]
    days = sorted(time.date for time in times)
    billed = sum(portion.billed_seconds for portion in portions)
    values = {
        "customer": _names((time.customer, time.names.customer) for time in times),
        "project": _names((time.project, time.names.project) for time in times),
        "task": _names((time.task, time.names.task) for time in times),
        "employee": _names((time.employee, time.names.employee) for time in times),
        "description": _descriptions(times),
        "first_day": str(days[0]),
        "last_day": str(days[-1]),
        "month": _months((days[0], days[-1])),
        "hours": f"{printing.stored_quantity(Fraction(billed, 3600)):f}",
        "time": clock_text(billed),
        "worked": clock_text(sum(portion.seconds for portion in portions)),
        "rate": ABSENT if rate is None else rate.amount.text,
        "currency": str(amount.currency),
        "amount": amount.text,
    }
    template = rules.lines.text if printed.unit is Unit.HOUR else rules.lines.other_text
    return template.fill(values)


def _names(records: Iterable[tuple[int | None, str | None]]) -> str:
    """The names of distinct records, by id; a record without a name is its id."""
    known = {identity: name for identity, name in records if identity is not None}
    return ", ".join(known[identity] or f"#{identity}" for identity in sorted(known)) or ABSENT


def _descriptions(times: Iterable[WorkedTime]) -> str:
    texts = dict.fromkeys(time.description for time in times if time.description)
    return ", ".join(texts) or ABSENT


def _months(days: Iterable[object]) -> str:
    return " to ".join(dict.fromkeys(str(day)[:7] for day in days))
