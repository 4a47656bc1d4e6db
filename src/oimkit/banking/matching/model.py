"""What matching is about: open items, terms, and proposals that carry their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from oimkit.errors import CurrencyMismatch, InputError
from oimkit.money import Currency, Money, total

__all__ = [
    "Adjustment",
    "Allocation",
    "Decision",
    "ItemType",
    "MatchResult",
    "OpenItem",
    "Outcome",
    "Proposal",
    "Reason",
    "Suggestion",
    "Terms",
]


class ItemType(StrEnum):
    """What kind of document is open; the sign of its residual, not its type, says who owes."""

    CUSTOMER_INVOICE = "customer_invoice"
    CUSTOMER_CREDIT_NOTE = "customer_credit_note"
    VENDOR_BILL = "vendor_bill"
    VENDOR_CREDIT_NOTE = "vendor_credit_note"
    OUTGOING_PAYMENT = "outgoing_payment"
    CARD_RECEIPT = "card_receipt"


class Decision(StrEnum):
    """What may happen to an entry: booked unseen, shown to a person with suggestions, or nothing found."""

    AUTO = "auto"
    REVIEW = "review"
    NONE = "none"


class Outcome(StrEnum):
    """What an entry was recognised as; a proposal has None where that was not judged."""

    MATCH = "match"
    REVERSAL = "reversal"
    INTERNAL_TRANSFER = "internal_transfer"
    DUPLICATE_IMPORT = "duplicate_import"
    ON_ACCOUNT = "on_account"
    RULE = "rule"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OpenItem:
    """One document, or one payment order sent to the bank, that waits for money.

    id                       the caller's own id, unique within one call of ``match``
    type                     see ItemType
    amount, residual         signed, in the document's currency: > 0 we shall receive, < 0 we shall pay;
                             residual is what is still open, never zero, never beyond amount
    document_number          number in our own books, printed on our invoices
    partner_document_number  the supplier's own number (vendor documents)
    payment_reference        what the document asks the payer to quote
    partner_accounts         accounts known in master data, IBAN without blanks; may be incomplete
    company_amount           residual as booked, in the book's own currency
    discount, discount_date  cash discount on offer (sign of the residual) and its last day
    end_to_end_id, mandate_id, batch_id   when an order or collection was sent to the bank
    related_number           credit notes: number of the invoice they correct
    book                     which ledger; an entry is matched with items of its own book only
    """

    id: str
    type: ItemType
    amount: Money
    residual: Money
    partner_id: str
    document_number: str | None = None
    partner_document_number: str | None = None
    payment_reference: str | None = None
    partner_name: str | None = None
    customer_number: str | None = None
    partner_accounts: tuple[str, ...] = ()
    issue_date: date | None = None
    due_date: date | None = None
    company_amount: Money | None = None
    discount: Money | None = None
    discount_date: date | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    batch_id: str | None = None
    related_number: str | None = None
    book: str | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise InputError("an open item needs an id")
        if self.amount.currency != self.residual.currency:
            raise CurrencyMismatch(f"open item {self.id} has its amount and its residual in two currencies")
        if not self.residual:
            raise InputError(f"open item {self.id} has nothing open; a settled document is no open item")
        if (self.amount.amount > 0) != (self.residual.amount > 0) or abs(self.residual) > abs(self.amount):
            raise InputError(f"open item {self.id} has more open than its amount, or the opposite sign")
        if self.discount is not None and self.discount.currency != self.residual.currency:
            raise CurrencyMismatch(f"open item {self.id} has its discount in another currency")

    @property
    def currency(self) -> Currency:
        """The document's currency."""
        return self.residual.currency

    def __repr__(self) -> str:
        return f"OpenItem({self.id}, {self.type.value}, {self.residual.text} {self.residual.currency})"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was proposed or held back: a stable code, and a detail of ids, counts, kinds and amounts."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """*amount* of the open item *item_id* is settled, in the item's currency, signed as its residual.

    paid  what of the entry's amount that takes, in the entry's currency; another amount only after conversion
    """

    item_id: str
    amount: Money
    paid: Money

    def __post_init__(self) -> None:
        if not self.amount:
            raise InputError(f"nothing is allocated to open item {self.item_id}")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A named difference between an entry and what it settles, signed, in the entry's currency.

    kind  ``cash_discount``, ``bank_fee``, ``rounding``, ``fx_difference``
    """

    kind: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Items that may be what an entry settles, in ascending order of id, and why; for a person to choose from."""

    item_ids: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if not self.item_ids or list(self.item_ids) != sorted(set(self.item_ids)):
            raise InputError("a suggestion names its items once, in ascending order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What to do with one entry, and why.

    index        position of the entry in the call
    entry_id     its ``Entry.id``, or None
    allocations  only when decision is auto: every cent of the entry's amount is named, so
                 sum(paid of allocations) + sum(adjustments) + unallocated == entry.amount
    unallocated  what stays on the partner's account, or None
    suggestions  best first; empty when decision is none
    reasons      what was found, what contradicts, which rule decided
    outcome      what the entry was recognised as, or None
    linked       position in the call of the entry that this one belongs to: the first delivery of a second, what a
                 return returns, the other leg of a transfer, the payment before a second payment; or None
    """

    index: int
    entry_id: str | None
    decision: Decision
    allocations: tuple[Allocation, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    reasons: tuple[Reason, ...] = ()
    outcome: Outcome | None = None
    unallocated: Money | None = None
    linked: int | None = None

    def __post_init__(self) -> None:
        if (self.decision is Decision.AUTO) != bool(self.allocations):
            raise InputError("an automatic proposal has allocations, another one has none")
        if not self.reasons:
            raise InputError("a proposal says why")

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The items that the proposal settles."""
        return tuple(allocation.item_id for allocation in self.allocations)


@dataclass(frozen=True, slots=True)
class MatchResult:
    """One proposal an entry, in the order of the entries."""

    proposals: tuple[Proposal, ...]

    @property
    def automatic(self) -> tuple[Proposal, ...]:
        """What may be booked unseen."""
        return tuple(proposal for proposal in self.proposals if proposal.decision is Decision.AUTO)

    @property
    def review(self) -> tuple[Proposal, ...]:
        """What waits for a person, entries without any suggestion included."""
        return tuple(proposal for proposal in self.proposals if proposal.decision is not Decision.AUTO)

    def allocated(self) -> Mapping[str, Money]:
        """How much of each open item is settled, by item id."""
        amounts: dict[str, list[Money]] = {}
        for proposal in self.proposals:
            for allocation in proposal.allocations:
                amounts.setdefault(allocation.item_id, []).append(allocation.amount)
        return {item_id: total(parts, parts[0].currency) for item_id, parts in amounts.items()}


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a whole run.

    own_accounts     our own account numbers: a movement between two of them settles no invoice
    base_currencies  (book, its own currency) pairs
    tolerances       (currency, greatest difference) pairs: a single document quoted by an exact reference may
                     differ by so much, a tenth of what is due at the most, and is settled in full, the difference
                     named ``rounding``. One whole unit of a currency that is not among them
    """

    own_accounts: frozenset[str] = frozenset()
    base_currencies: tuple[tuple[str, Currency], ...] = ()
    tolerances: tuple[Money, ...] = ()

    def __post_init__(self) -> None:
        if any(tolerance.amount < 0 for tolerance in self.tolerances):
            raise InputError("a tolerance is not negative")
        for what in ([book for book, _ in self.base_currencies], [each.currency for each in self.tolerances]):
            if len(what) != len(set(what)):
                raise InputError("a book has one base currency and a currency one tolerance")

    @classmethod
    def of(
        cls,
        *,
        own_accounts: Iterable[str] = (),
        base_currencies: Mapping[str, str] | None = None,
        tolerances: Iterable[Money] = (),
    ) -> Terms:
        """Terms from plain values; account numbers may carry blanks."""
        return cls(
            frozenset("".join(account.split()).upper() for account in own_accounts),
            tuple(sorted(((book, Currency(code)) for book, code in (base_currencies or {}).items()), key=_book)),
            tuple(tolerances),
        )

    def tolerance(self, currency: Currency) -> Money:
        """The greatest difference in *currency* that is taken; one whole unit unless the terms name one."""
        for tolerance in self.tolerances:
            if tolerance.currency == currency:
                return tolerance
        return _one_unit(currency)


@lru_cache(maxsize=256)
def _one_unit(currency: Currency) -> Money:
    return Money(1, currency)


def _book(pair: tuple[str, Currency]) -> str:
    return pair[0]
