"""What a run of billing decides: invoice drafts with their reasons, and what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from oimkit.billing.exact import digest
from oimkit.billing.periods import Period
from oimkit.billing.printing import Printed, Printing
from oimkit.billing.rating import RateChoice, Rejected
from oimkit.billing.rounding import Scope
from oimkit.billing.rules import Rate, RuleSet
from oimkit.billing.worked import WorkedTime
from oimkit.money import Currency, Money

__all__ = [
    "Bucket",
    "Explanation",
    "FeeBasis",
    "InvoiceDraft",
    "InvoiceKind",
    "InvoiceLine",
    "InvoicePlan",
    "LeftOut",
    "Portion",
    "Rated",
    "Reason",
    "Share",
    "Step",
]


class InvoiceKind(StrEnum):
    """A document whose total is below zero is a credit note, printed with all signs turned round."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Reason(StrEnum):
    """Why an entry is on no draft of this run."""

    ALREADY_BILLED = "already-billed"
    CHANGED_AFTER_BILLING = "changed-after-billing"
    BEFORE_PERIOD = "before-period"
    AFTER_PERIOD = "after-period"
    FUTURE = "future"
    NO_TIME = "no-time"
    NO_CUSTOMER = "no-customer"
    CUSTOMER_NOT_BILLED = "customer-not-billed"
    PROJECT_NOT_BILLED = "project-not-billed"
    RATE_NOT_BILLED = "rate-not-billed"
    NO_RATE = "no-rate"
    NOTHING_TO_BILL = "nothing-to-bill"

    @property
    def needs_a_person(self) -> bool:
        """True when nobody has declared that this time is not billed now."""
        return self in (Reason.CHANGED_AFTER_BILLING, Reason.BEFORE_PERIOD, Reason.NO_CUSTOMER, Reason.NO_RATE)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that this run does not bill; *rejected* are the cards that would have matched on another day."""

    entry: int
    seconds: int
    reason: Reason
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Portion:
    """The part of an entry that a line bills: worked *seconds*, and the *billed_seconds* that rounding made of them.

    The part is the whole entry, except where an earlier invoice covers some of it already.
    """

    time: WorkedTime
    seconds: int
    billed_seconds: int


@dataclass(frozen=True, slots=True)
class Share:
    """One entry's part of a bucket."""

    entry: int
    seconds: int
    billed_seconds: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Time that was added up and rounded once.

    earlier_seconds, earlier_billed_seconds  what previous invoices cover of the same bucket, when rounding is
    cumulative; else 0. billed_seconds is what this run bills; the shares sum to it. Shares of entries on
    other lines appear where the scope is the invoice.
    """

    scope: Scope
    earlier_seconds: int
    earlier_billed_seconds: int
    billed_seconds: int
    shares: tuple[Share, ...]

    @property
    def seconds(self) -> int:
        """Worked time of this run in the bucket."""
        return sum(share.seconds for share in self.shares)


@dataclass(frozen=True, slots=True)
class Rated:
    """Entries of a line that got the same rate for the same reasons."""

    choice: RateChoice
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FeeBasis:
    """What a minimum fee was computed from: the month's fee, the days it is due for, what was used of it."""

    monthly: Money
    period: Period
    used: Money


@dataclass(frozen=True, slots=True)
class Step:
    """One step to a number: what was done, by which rule, from what, and the result."""

    what: str
    rule: str
    formula: str
    result: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a line came about: inputs, then the steps to its amount. ``verify`` executes it again.

    rules  hash of the rule set that decided
    """

    rules: str
    printing: Printing
    portions: tuple[Portion, ...]
    rated: tuple[Rated, ...]
    buckets: tuple[Bucket, ...]
    fee: FeeBasis | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InvoiceLine:
    """One line of a draft.

    rate       the agreed price, or None for a line of several rates and for a fee
    amount     what the customer owes for the line, below zero for a correction
    unrounded  what it would be had the time not been rounded; amount - unrounded is what rounding gained
    printed    how the document shows it, for a debt; a credit note turns the sign of the quantity round
    """

    number: int
    text: str
    seconds: int
    billed_seconds: int
    rate: Rate | None
    amount: Money
    unrounded: Money
    printed: Printed
    explanation: Explanation

    @property
    def times(self) -> tuple[WorkedTime, ...]:
        """The entries that the line bills, by day and id."""
        return tuple(portion.time for portion in self.explanation.portions)

    def __repr__(self) -> str:
        return f"InvoiceLine(number={self.number}, entries={len(self.times)}, amount={self.amount!r})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InvoiceDraft:
    """One document for one customer.

    period             first and last day of the work that it bills
    payment_reference  what the customer is asked to pay with (ISO 11649), or None when the server makes one
    revision           0; a higher one is a new document for work whose earlier document was cancelled
    amount             sum of the lines, before tax: what the customer owes (a credit note's is below zero)
    """

    customer: int
    kind: InvoiceKind
    currency: Currency
    invoice_date: date
    period: Period
    lines: tuple[InvoiceLine, ...]
    amount: Money
    unrounded: Money
    payment_reference: str | None = None
    revision: int = 0

    @property
    def times(self) -> tuple[WorkedTime, ...]:
        """Every entry that the draft bills, by id."""
        return tuple(sorted((time for line in self.lines for time in line.times), key=lambda time: time.id))

    @property
    def key(self) -> str:
        """The run key: the same work billed to the same customer in the same revision has the same key, always.

        Derived from customer, period, revision and the entries with the seconds billed of each; neither the
        rules nor the run's date take part, so that a changed rate cannot bill the same hours a second time.
        """
        portions = sorted(
            (portion.time.id, portion.seconds) for line in self.lines for portion in line.explanation.portions
        )
        parts = (self.customer, self.period.first, self.period.last, self.revision, len(portions))
        return f"oimkit-{digest('invoice', *parts, *(number for portion in portions for number in portion))[:24]}"

    @property
    def rounding_gain(self) -> Money:
        """What rounding of time and amounts added to (below zero: took from) the time as worked."""
        return self.amount - self.unrounded

    def __repr__(self) -> str:
        return f"InvoiceDraft(key={self.key!r}, lines={len(self.lines)}, amount={self.amount!r})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InvoicePlan:
    """Every draft of a run and every entry left out. The same input gives the same plan, in any order of entries.

    rules   the rule set that decided, so that a stored plan can be verified by itself
    period  the days that were asked for, or None for all days up to *today*
    """

    rules: RuleSet
    today: date
    period: Period | None
    printing: Printing
    drafts: tuple[InvoiceDraft, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def amount(self) -> Money:
        """Sum of the drafts before tax."""
        result = Money.zero(self.rules.currency)
        for draft in self.drafts:
            result += draft.amount
        return result

    @property
    def needs_a_person(self) -> tuple[LeftOut, ...]:
        """Entries left out for a reason that somebody has to look at."""
        return tuple(item for item in self.left_out if item.reason.needs_a_person)

    def __repr__(self) -> str:
        return f"InvoicePlan(drafts={len(self.drafts)}, left_out={len(self.left_out)}, amount={self.amount!r})"
