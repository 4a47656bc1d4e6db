"""From worked time and rules to invoice drafts: select, round, rate, group, fit, and check the result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from oimkit.billing.grouping import Key, bucket_key, line_key, rate_of, round_bucket
from oimkit.billing.lines import exact_amount, fee_line, payable, time_line
from oimkit.billing.periods import Period
from oimkit.billing.plan import (
    Bucket,
    FeeBasis,
    InvoiceDraft,
    InvoiceKind,
    InvoiceLine,
    InvoicePlan,
    LeftOut,
    Portion,
    Reason,
)
from oimkit.billing.printing import Printing
from oimkit.billing.rating import RateBook, Rejected, is_listed
from oimkit.billing.references import payment_reference
from oimkit.billing.rules import Per, RuleSet
from oimkit.billing.verification import check_plan
from oimkit.billing.worked import BilledFee, BilledTime, WorkedTime
from oimkit.errors import InputError, RuleError
from oimkit.money import Money, total

__all__ = ["plan_invoices"]

_PRINTING = Printing()


def plan_invoices(
    lines: Iterable[WorkedTime],
    rules: RuleSet,
    *,
    today: date,
    printing: Printing = _PRINTING,
    period: Period | None = None,
    billed: Iterable[BilledTime | BilledFee] | None = None,
    revision: int = 0,
) -> InvoicePlan:
    """Decide which invoices are due today, what each one says, and which entries are left out and why.

    Args:
        lines: timesheet entries in any order; the order does not change the plan.
        rules: the rule set.
        today: date of the documents; later work is not billed yet.
        printing: precision of the server that will print them.
        period: only work of these days, both ends included.
        billed: everything that earlier invoices cover, or None when the caller only passes entries that no
            invoice covers. Cumulative rounding and a minimum fee need it.
        revision: above 0 for documents that replace cancelled ones of the same work.

    Returns:
        A plan whose drafts bill each entry at most once, whose line amounts sum to the drafts, and whose
        printed quantity x price is the amount. ``verify`` executes each line's explanation again.

    Raises:
        InputError: an entry is passed twice, or an amount cannot be printed on this server.
        RuleError: two rate cards tie for an entry; a minimum fee or cumulative rounding without *billed*.
    """
    run = _Run(rules, RateBook(rules), printing, today, period, _covered(rules, period, billed), revision)
    portions, left_out = _select(_in_order(lines), run)
    drafts, nothing = _drafts(_round(portions, run), run)
    plan = InvoicePlan(
        rules=rules,
        today=today,
        period=period,
        printing=printing,
        drafts=drafts,
        left_out=tuple(sorted((*left_out, *nothing), key=lambda item: item.entry)),
    )
    check_plan(plan)
    return plan


@dataclass(frozen=True, slots=True)
class _Covered:
    """What earlier invoices cover: entries by their id, and fees."""

    times: Mapping[int, Sequence[BilledTime]]
    fees: Sequence[BilledFee]

    def seconds(self, entry: int) -> int:
        """Worked seconds of *entry* that are covered."""
        return sum(item.time.seconds for item in self.times.get(entry, ()))

    def used(self, customer: int, period: Period, rules: RuleSet) -> Money:
        """What *customer* was billed before for the days of *period*."""
        used = Money.zero(rules.currency)
        for fee in self.fees:
            if fee.customer == customer and period.contains(fee.day):
                used += fee.amount
        for item in (item for items in self.times.values() for item in items):
            if item.time.customer == customer and period.contains(item.time.date):
                if item.amount is None:
                    raise InputError(f"a minimum fee needs the amount that was billed for entry {item.time.id}")
                used += item.amount
        return used


@dataclass(frozen=True, slots=True)
class _Run:
    """What all steps of one planning share."""

    rules: RuleSet
    book: RateBook
    printing: Printing
    today: date
    period: Period | None
    covered: _Covered
    revision: int


def _covered(rules: RuleSet, period: Period | None, billed: Iterable[BilledTime | BilledFee] | None) -> _Covered:
    if billed is None and rules.rounding.cumulative:
        raise RuleError(
            "cumulative rounding needs to know what was billed before",
            where="rounding.cumulative",
            advice="pass billed=, an empty list when nothing was",
        )
    if rules.minimum_fee is not None and (billed is None or period is None):
        raise RuleError(
            "a minimum fee needs a period and what was billed in it before",
            where="minimum_fee",
            advice="pass period= and billed=, an empty list when nothing was",
        )
    times: dict[int, list[BilledTime]] = {}
    fees: list[BilledFee] = []
    for item in billed or ():
        if isinstance(item, BilledFee):
            fees.append(item)
        else:
            times.setdefault(item.time.id, []).append(item)
    return _Covered(times, fees)


def _in_order(lines: Iterable[WorkedTime]) -> list[WorkedTime]:
    times = sorted(lines, key=lambda time: (time.date, time.id))
    seen: set[int] = set()
    for time in times:
        if time.id in seen:
            raise InputError(f"entry {time.id} is passed twice", advice="read the entries again, each once")
        seen.add(time.id)
    return times


# -- select ------------------------------------------------------------------------------------------------------


def _select(times: Iterable[WorkedTime], run: _Run) -> tuple[list[Portion], list[LeftOut]]:
    """Portions to bill, not yet rounded, and the entries that are left out."""
    portions: list[Portion] = []
    left_out: list[LeftOut] = []
    for time in times:
        seconds = time.seconds - run.covered.seconds(time.id)
        reason, rejected = _reason_against(time, seconds, run)
        if reason is None:
            portions.append(Portion(time, seconds, seconds))
        else:
            left_out.append(LeftOut(time.id, time.seconds, reason, rejected))
    return portions, left_out


def _reason_against(time: WorkedTime, seconds: int, run: _Run) -> tuple[Reason | None, tuple[Rejected, ...]]:
    """Why *time* is not billed now, or None; *seconds* are what no earlier invoice covers."""
    reason = _reason_before_rating(time, seconds, run)
    if reason is not None:
        return reason, ()
    choice = run.book.choose(time)
    if choice.card is None:
        return Reason.NO_RATE, choice.rejected
    if choice.rate is None:
        return Reason.RATE_NOT_BILLED, choice.rejected
    if choice.rate.per is Per.ENTRY and time.id in run.covered.times:
        return Reason.CHANGED_AFTER_BILLING, choice.rejected
    return None, ()


def _reason_before_rating(time: WorkedTime, seconds: int, run: _Run) -> Reason | None:
    not_billed = run.rules.not_billed
    if time.id in run.covered.times and not seconds:
        return Reason.ALREADY_BILLED
    if time.id in run.covered.times and not run.rules.rounding.cumulative:
        return Reason.CHANGED_AFTER_BILLING
    if not seconds:
        return Reason.NO_TIME
    if time.date > run.today:
        return Reason.FUTURE
    if run.period is not None and not run.period.contains(time.date):
        return Reason.BEFORE_PERIOD if time.date < run.period.first else Reason.AFTER_PERIOD
    if is_listed(not_billed.projects, time.project, time.names.project):
        return Reason.PROJECT_NOT_BILLED
    if time.customer is None:
        return Reason.NO_CUSTOMER
    if is_listed(not_billed.customers, time.customer, time.names.customer):
        return Reason.CUSTOMER_NOT_BILLED
    return None


# -- round -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """Portions of one line, and the buckets in which their time was rounded."""

    portions: list[Portion]
    buckets: dict[Key, Bucket]


def _round(portions: Sequence[Portion], run: _Run) -> dict[Key, _Line]:
    """Lines by key, their time rounded; an entry with a price of its own keeps its time."""
    buckets: dict[Key, list[Portion]] = {}
    result: dict[Key, _Line] = {}
    for portion in portions:
        line = result.setdefault(line_key(portion.time, run.rules, run.book), _Line([], {}))
        if rate_of(portion.time, run.book).per is Per.ENTRY:
            line.portions.append(portion)
        else:
            buckets.setdefault(bucket_key(portion.time, run.rules, run.book), []).append(portion)
    before = _billed_before(run)
    for key, members in buckets.items():
        earlier, earlier_billed = before.get(key, (0, 0))
        bucket = round_bucket(
            [(portion.time.id, portion.seconds) for portion in members],
            run.rules.rounding,
            earlier=earlier,
            earlier_billed=earlier_billed,
        )
        for portion, share in zip(members, bucket.shares, strict=True):
            line = result[line_key(portion.time, run.rules, run.book)]
            line.portions.append(replace(portion, billed_seconds=share.billed_seconds))
            line.buckets[key] = bucket
    return result


def _billed_before(run: _Run) -> dict[Key, tuple[int, int]]:
    """Worked and billed seconds of earlier invoices by bucket; nothing unless rounding is cumulative."""
    result: dict[Key, tuple[int, int]] = {}
    if run.rules.rounding.cumulative:
        for item in (item for items in run.covered.times.values() for item in items):
            rate = run.book.choose(item.time).rate
            if rate is not None and rate.per is Per.HOUR:
                key = bucket_key(item.time, run.rules, run.book)
                worked, billed = result.get(key, (0, 0))
                result[key] = (worked + item.time.seconds, billed + item.billed_seconds)
    return result


# -- drafts ------------------------------------------------------------------------------------------------------


def _drafts(rounded: Mapping[Key, _Line], run: _Run) -> tuple[tuple[InvoiceDraft, ...], list[LeftOut]]:
    """Drafts in order of their keys, and the entries of documents on which every line would be zero."""
    documents: dict[object, list[InvoiceLine]] = {}
    for key in sorted(rounded):
        lines = documents.setdefault(key[0], [])
        lines.append(_line(len(lines) + 1, rounded[key], run))
    _add_fees(list(documents.values()), run)
    drafts: list[InvoiceDraft] = []
    left_out: list[LeftOut] = []
    for lines in documents.values():
        if any(line.amount for line in lines):
            drafts.append(_draft(lines, run))
        else:
            times = (time for line in lines for time in line.times)
            left_out += (LeftOut(time.id, time.seconds, Reason.NOTHING_TO_BILL) for time in times)
    return tuple(drafts), left_out


def _line(number: int, line: _Line, run: _Run) -> InvoiceLine:
    return time_line(
        number,
        sorted(line.portions, key=lambda portion: (portion.time.date, portion.time.id)),
        [line.buckets[key] for key in sorted(line.buckets)],
        rules=run.rules,
        book=run.book,
        printing=run.printing,
    )


def _add_fees(documents: Sequence[list[InvoiceLine]], run: _Run) -> None:
    """Add to each customer's first document what is missing to the minimum fee of the period."""
    if run.rules.minimum_fee is None or run.period is None:
        return
    by_customer: dict[int, list[list[InvoiceLine]]] = {}
    for lines in documents:
        by_customer.setdefault(_customer(lines), []).append(lines)
    for customer, own in by_customer.items():
        used = run.covered.used(customer, run.period, run.rules)
        used += total((line.amount for lines in own for line in lines), run.rules.currency)
        basis = FeeBasis(run.rules.minimum_fee.monthly, run.period, used)
        fee = fee_line(len(own[0]) + 1, basis, rules=run.rules, printing=run.printing)
        if fee is not None:
            own[0].append(fee)


def _customer(lines: Sequence[InvoiceLine]) -> int:
    customer = lines[0].times[0].customer
    if customer is None:
        raise InputError(f"entry {lines[0].times[0].id} reached a draft without a customer")
    return customer


def _draft(lines: Sequence[InvoiceLine], run: _Run) -> InvoiceDraft:
    days = sorted(time.date for line in lines for time in line.times)
    customer, period = _customer(lines), Period(days[0], days[-1])
    amount = total((line.amount for line in lines), run.rules.currency)
    return InvoiceDraft(
        customer=customer,
        kind=InvoiceKind.CREDIT_NOTE if amount.amount < 0 else InvoiceKind.INVOICE,
        currency=run.rules.currency,
        invoice_date=run.today,
        period=period,
        lines=tuple(lines),
        amount=amount,
        unrounded=payable(sum((_unrounded(line) for line in lines), Fraction(0)), run.rules, run.printing),
        payment_reference=payment_reference(run.rules, customer, lines[0].times[0], period),
        revision=run.revision,
    )


def _unrounded(line: InvoiceLine) -> Fraction:
    if line.explanation.fee is not None:
        return Fraction(line.amount.amount)
    return exact_amount(line.explanation.portions, line.explanation.rated, worked=True)
