"""Checks of a result: execute an explanation again; hold a plan against what must be true of any plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

from oimkit.billing.grouping import round_bucket
from oimkit.billing.lines import fee_line, time_line
from oimkit.billing.plan import InvoiceDraft, InvoiceKind, InvoiceLine, InvoicePlan, Portion
from oimkit.billing.rating import RateBook
from oimkit.billing.rules import Per, RuleSet
from oimkit.errors import InputError
from oimkit.money import total

__all__ = ["Difference", "check_plan", "verify"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a stored line does not say what its own explanation yields; texts are not repeated."""

    path: str
    stored: str
    recomputed: str


def verify(line: InvoiceLine, rules: RuleSet) -> tuple[Difference, ...]:
    """Execute the explanation of *line* again, from its entries, under *rules*.

    Rounds every bucket, chooses every rate, multiplies, rounds, fits and writes the text anew. Empty when the
    line is reproduced; else each place that differs. A rule set other than the one that decided differs
    at least in ``explanation.rules``.
    """
    try:
        again = _again(line, rules)
    except InputError as error:
        return (Difference("explanation", "a line", f"refused: {error.reason}"),)
    return tuple(_differences("", line, again))


def _again(line: InvoiceLine, rules: RuleSet) -> InvoiceLine:
    explanation = line.explanation
    if explanation.fee is not None:
        fee = fee_line(line.number, explanation.fee, rules=rules, printing=explanation.printing)
        if fee is None:
            raise InputError("no fee is missing")
        return fee
    if not explanation.portions:
        raise InputError("a line of time names the entries it bills")
    if not rules.rounding.cumulative and any(
        bucket.earlier_seconds or bucket.earlier_billed_seconds for bucket in explanation.buckets
    ):
        raise InputError("earlier time takes part only where rounding is cumulative")
    buckets = tuple(
        round_bucket(
            [(share.entry, share.seconds) for share in bucket.shares],
            rules.rounding,
            earlier=bucket.earlier_seconds,
            earlier_billed=bucket.earlier_billed_seconds,
        )
        for bucket in explanation.buckets
    )
    book = RateBook(rules)
    shares = {share.entry: (share.seconds, share.billed_seconds) for bucket in buckets for share in bucket.shares}
    portions = [_portion_again(portion, shares, rules, book) for portion in explanation.portions]
    return time_line(line.number, portions, buckets, rules=rules, book=book, printing=explanation.printing)


def _portion_again(portion: Portion, shares: dict[int, tuple[int, int]], rules: RuleSet, book: RateBook) -> Portion:
    """The portion as entry, bucket and rate give it; part of an entry exists only under cumulative rounding."""
    seconds = portion.seconds if rules.rounding.cumulative else portion.time.seconds
    rate = book.choose(portion.time).rate
    if rate is not None and rate.per is Per.ENTRY:
        return replace(portion, seconds=seconds, billed_seconds=seconds)
    if portion.time.id not in shares:
        raise InputError(f"entry {portion.time.id} is in no bucket")
    worked, billed = shares[portion.time.id]
    if worked != seconds:
        raise InputError(f"the bucket's time of entry {portion.time.id} is not the entry's")
    return replace(portion, billed_seconds=billed)


def _differences(path: str, stored: object, again: object) -> Iterator[Difference]:
    if stored == again:
        return
    if is_dataclass(stored) and type(stored) is type(again):
        for part in fields(stored):
            inner = f"{path}.{part.name}".removeprefix(".")
            yield from _differences(inner, getattr(stored, part.name), getattr(again, part.name))
    elif isinstance(stored, tuple) and isinstance(again, tuple) and len(stored) == len(again):
        for index, pair in enumerate(zip(stored, again, strict=True)):
            yield from _differences(f"{path}[{index}]", *pair)
    elif path.endswith("text"):
        yield Difference(path, "a text", "another text")
    else:
        yield Difference(path, str(stored), str(again))


# -- what must be true of any plan -------------------------------------------------------------------------------


def check_plan(plan: InvoicePlan) -> None:
    """Refuse a plan that bills an entry twice, mixes currencies, or whose sums or printed lines are not equal.

    ``plan_invoices`` checks every plan it returns, and whoever carries one out checks it again: a plan may have
    been stored and edited in between.

    Raises InputError naming the draft or the entry.
    """
    seen = {item.entry for item in plan.left_out}
    if len(seen) != len(plan.left_out):
        raise InputError("the plan leaves an entry out twice", advice=_ADVICE)
    keys: set[str] = set()
    references: set[str] = set()
    for draft in plan.drafts:
        _check_draft(draft, plan)
        for time in draft.times:
            if time.id in seen:
                raise InputError(f"the plan holds entry {time.id} twice", advice=_ADVICE)
            seen.add(time.id)
        if draft.key in keys:
            raise InputError(f"two drafts have the run key {draft.key}", advice=_ADVICE)
        keys.add(draft.key)
        if draft.payment_reference in references:
            raise InputError(
                f"two drafts have the payment reference of {draft.key}",
                advice="tell them apart with {first_entry} in invoices.payment_reference",
            )
        references.update(filter(None, (draft.payment_reference,)))


_ADVICE = "make the plan anew; if that does not help, this is a defect"


def _check_draft(draft: InvoiceDraft, plan: InvoicePlan) -> None:
    where = f"draft {draft.key}"
    if not draft.times:
        raise InputError(f"{where} bills no entry", advice=_ADVICE)
    if any(time.customer != draft.customer for time in draft.times):
        raise InputError(f"{where} bills work for another customer", advice=_ADVICE)
    if any(line.amount.currency != draft.currency for line in draft.lines) or draft.currency != plan.rules.currency:
        raise InputError(f"{where} mixes currencies", advice=_ADVICE)
    if total((line.amount for line in draft.lines), draft.currency) != draft.amount:
        raise InputError(f"the lines of {where} do not sum to its amount", advice=_ADVICE)
    if (draft.kind is InvoiceKind.CREDIT_NOTE) != (draft.amount.amount < 0):
        raise InputError(f"{where} has the wrong sign for its kind", advice=_ADVICE)
    for line in draft.lines:
        _check_line(line, plan, f"line {line.number} of {where}")


def _check_line(line: InvoiceLine, plan: InvoicePlan, where: str) -> None:
    portions = line.explanation.portions
    if (sum(p.seconds for p in portions), sum(p.billed_seconds for p in portions)) != (
        line.seconds,
        line.billed_seconds,
    ):
        raise InputError(f"the entries of {where} do not sum to its time", advice=_ADVICE)
    for bucket in line.explanation.buckets:
        if sum(share.billed_seconds for share in bucket.shares) != bucket.billed_seconds:
            raise InputError(f"the shares of a bucket of {where} do not sum to it", advice=_ADVICE)
    printed = line.printed
    on_paper = plan.printing.subtotal(printed.quantity, printed.price, line.amount.currency)
    if not on_paper == printed.amount == line.amount.amount:
        raise InputError(f"the printed quantity x price of {where} is not its amount", advice=_ADVICE)
