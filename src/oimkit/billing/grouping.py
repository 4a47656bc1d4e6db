"""Which entries belong together: on an invoice, on a line, in a bucket of time that is rounded once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from oimkit.billing.plan import Bucket, Share
from oimkit.billing.rating import RateBook
from oimkit.billing.rounding import Scope, TimeRounding, shares_of
from oimkit.billing.rules import GroupKey, MixedRates, Rate, RuleSet
from oimkit.billing.worked import WorkedTime
from oimkit.errors import RuleError

__all__ = ["Key", "bucket_key", "line_key", "rate_of", "round_bucket"]

Key = tuple[object, ...]

_READ: Mapping[GroupKey, Callable[[WorkedTime], object]] = {
    GroupKey.CUSTOMER: lambda time: time.customer,
    GroupKey.PROJECT: lambda time: time.project,
    GroupKey.TASK: lambda time: time.task,
    GroupKey.EMPLOYEE: lambda time: time.employee,
    GroupKey.ENTRY: lambda time: time.id,
    GroupKey.DAY: lambda time: time.date.isoformat(),
    GroupKey.WEEK: lambda time: "{}-W{:02d}".format(*time.date.isocalendar()[:2]),
    GroupKey.MONTH: lambda time: time.date.isoformat()[:7],
    GroupKey.DESCRIPTION: lambda time: time.description,
}
"""What an entry answers to a group key. A week is ISO 8601's, with the year that it belongs to."""


def line_key(time: WorkedTime, rules: RuleSet, book: RateBook) -> Key:
    """The invoice's key, then the line's; the rate is part of it unless lines of mixed rates are wanted."""
    whole = (_answers(time, rules.invoices), _answers(time, rules.lines.group))
    if rules.lines.mixed is MixedRates.AMOUNT:
        return whole
    rate = rate_of(time, book)
    return (*whole, rate.per, rate.amount.amount)


def bucket_key(time: WorkedTime, rules: RuleSet, book: RateBook) -> Key:
    """The time that is added up before it is rounded."""
    match rules.rounding.scope:
        case Scope.INVOICE:
            return _answers(time, rules.invoices)
        case Scope.LINE:
            return line_key(time, rules, book)
        case Scope.DAY:
            return (*line_key(time, rules, book), time.date)
        case Scope.TASK:
            return (*line_key(time, rules, book), _answers(time, (GroupKey.TASK,)))
        case Scope.ENTRY:
            return (time.id,)


def rate_of(time: WorkedTime, book: RateBook) -> Rate:
    """The rate of an entry that has one; RuleError for any other."""
    choice = book.choose(time)
    if choice.rate is None:
        raise RuleError(f"entry {time.id} has no rate under this rule set", where=choice.rule or "rates")
    return choice.rate


def round_bucket(
    worked: Sequence[tuple[int, int]], rule: TimeRounding, *, earlier: int = 0, earlier_billed: int = 0
) -> Bucket:
    """All time of a bucket rounded once, and each entry's share of the result.

    Args:
        worked: (entry, seconds) of this run, by day and entry.
        rule: how the time is rounded.
        earlier: seconds of the same bucket that previous invoices cover.
        earlier_billed: what those invoices billed for them; it is taken off.
    """
    seconds = [portion for _, portion in worked]
    billed = rule.billed(earlier + sum(seconds)) - earlier_billed
    shares = shares_of(billed, seconds)
    return Bucket(
        scope=rule.scope,
        earlier_seconds=earlier,
        earlier_billed_seconds=earlier_billed,
        billed_seconds=billed,
        shares=tuple(Share(entry, part, share) for (entry, part), share in zip(worked, shares, strict=True)),
    )


def _answers(time: WorkedTime, keys: Sequence[GroupKey]) -> Key:
    """What *time* answers to *keys*, in a form that sorts: absent answers come last."""
    answers = [_READ[key](time) for key in keys]
    return tuple((answer is None, 0 if answer is None else answer) for answer in answers)
