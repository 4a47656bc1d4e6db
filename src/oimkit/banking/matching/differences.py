"""How what was paid and what is due may differ, each difference by its name; what has no name is left to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from oimkit.banking.exact import EXACT, summed
from oimkit.banking.matching.model import Adjustment, ItemType, OpenItem, Reason, Terms
from oimkit.banking.statement import Entry
from oimkit.money import Money, total

__all__ = ["Explanation", "Part", "doubt_of", "due_of", "explain", "less_fee_of_provider", "pays", "settled_in_full"]


@dataclass(frozen=True, slots=True)
class Part:
    """*amount* of an item, in its currency, for *paid* of the entry, in the entry's."""

    item: OpenItem
    amount: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every cent of an entry: parts of items, named differences, and what stays on the partner's account.

    doubt  0 exact, 1 a difference that the documents or the bank name, 2 one that only fits, 3 more or less than due
    """

    parts: tuple[Part, ...]
    reason: Reason
    doubt: int
    adjustments: tuple[Adjustment, ...] = ()
    unallocated: Money | None = None


def pays(entry: Entry, items: Sequence[OpenItem]) -> bool:
    """True when the items, all in the entry's currency, sum to its amount exactly."""
    return due_of(entry, items) == entry.amount.amount


def due_of(entry: Entry, items: Sequence[OpenItem]) -> Decimal | None:
    """What the items sum to; None where one is not in the entry's currency."""
    code = entry.amount.currency.code
    amounts = [item.residual.amount for item in items if item.residual.currency.code == code]
    if len(amounts) < len(items):
        return None
    return amounts[0] if len(amounts) == 1 else summed(amounts)


def settled_in_full(items: Sequence[OpenItem]) -> tuple[Part, ...]:
    """Each item for what is open of it."""
    return tuple(Part(item, item.residual, item.residual) for item in items)


def explain(entry: Entry, items: Sequence[OpenItem], terms: Terms, *, surely: bool = False) -> Explanation | None:
    """The first name that explains *entry* by these items alone, the surest first; None where none does.

    The items stand in the order in which they are quoted: money that does not reach goes to the earlier ones. With
    *surely* only differences that the documents or the bank name are taken.
    """
    paid, due = entry.amount.amount, due_of(entry, items)
    if due is None:
        found = _converted(entry, items)
        return None if found is not None and surely and found.doubt > 1 else found
    if due == paid:
        return Explanation(settled_in_full(items), Reason("amount_exact", str(entry.amount)), 0)
    if not due or (due > 0) != (paid > 0):
        return None
    difference = EXACT.subtract(paid, due)
    discounted = _discounted(entry, items, difference)
    if len(discounted) > 1:
        return None  # on which of them the discount was taken is a question
    if discounted:
        return _full(entry, items, "cash_discount", "cash_discount", difference, 1)
    named = _charged(entry, items, due, difference)
    if named is not None:
        return None if surely and named.doubt > 1 else named
    return None if surely else _nearly(entry, items, due, difference, terms)


def less_fee_of_provider(entry: Entry, items: Sequence[OpenItem]) -> Explanation | None:
    """Card receipts that were paid out together, less what their provider keeps."""
    due, paid = due_of(entry, items), entry.amount.amount
    if due is None or not 0 < paid < due or any(item.type is not ItemType.CARD_RECEIPT for item in items):
        return None
    fee = EXACT.subtract(paid, due)
    if not _is_part(fee.copy_abs(), due, _PROVIDER_SHARE):
        return None
    return _full(entry, items, "fee_of_the_provider", "bank_fee", fee, 1)


_PROVIDER_SHARE = 20
"""A provider of cards keeps at most one part in so many."""


def _day(entry: Entry) -> date:
    """The day on which the payer paid, at the latest."""
    return min(entry.booking_date or entry.value_date, entry.value_date)


def _full(
    entry: Entry, items: Sequence[OpenItem], code: str, kind: str, difference: Decimal, doubt: int
) -> Explanation:
    amount = Money(difference, entry.amount.currency)
    reason = Reason(code, f"{amount} on {len(items)} item(s)")
    return Explanation(settled_in_full(items), reason, doubt, (Adjustment(kind, amount),))


def _discounted(entry: Entry, items: Sequence[OpenItem], difference: Decimal) -> list[tuple[OpenItem, ...]]:
    """Items whose cash discount, taken in time, is what is missing: all that offer one, or the choices that fit."""
    offered = [item for item in items if item.discount is not None and _in_time(entry, item)]
    if not offered:
        return []
    fitting = [chosen for chosen in _choices(offered) if _discounts(chosen) == difference.copy_negate()]
    return fitting[:1] if fitting and len(fitting[0]) == len(offered) else fitting


def _in_time(entry: Entry, item: OpenItem) -> bool:
    return item.discount_date is None or _day(entry) <= item.discount_date


def _choices(items: Sequence[OpenItem]) -> Iterator[tuple[OpenItem, ...]]:
    """All of *items*, then fewer of them."""
    yield tuple(items)
    for size in range(len(items) - 1, 0, -1) if len(items) <= _MOST_CHOICES else ():
        yield from combinations(items, size)


_MOST_CHOICES = 6


def _discounts(items: Sequence[OpenItem]) -> Decimal:
    return summed([item.discount.amount for item in items if item.discount is not None])


def _charged(entry: Entry, items: Sequence[OpenItem], due: Decimal, difference: Decimal) -> Explanation | None:
    """What the bank says it took off, or what a foreign bank may have taken: less comes, or more goes."""
    if difference >= 0:
        return None
    charges, fee = entry.charges, difference.copy_abs()
    is_reported = charges is not None and charges.currency == entry.amount.currency
    if charges is not None and is_reported and charges.amount.copy_abs() == fee:
        return _full(entry, items, "bank_fee_reported", "bank_fee", difference, 1)
    if due > 0 and _is_cross_border(entry) and fee <= _HIGHEST_FEE and _is_part(fee, due, _FEE_SHARE):
        return _full(entry, items, "bank_fee_of_a_foreign_bank", "bank_fee", difference, 2)
    return None


_HIGHEST_FEE = Decimal(50)
_FEE_SHARE = 3
"""A fee is at most one part in so many."""


def _is_cross_border(entry: Entry) -> bool:
    return entry.bank_code is not None and "XBCT" in entry.bank_code


def _nearly(
    entry: Entry, items: Sequence[OpenItem], due: Decimal, difference: Decimal, terms: Terms
) -> Explanation | None:
    """A difference within the terms, less than due, or more."""
    discount = items[0].discount
    if len(items) == 1 and discount is not None and difference == discount.amount.copy_negate():
        return _in_part(entry, items)
    if _is_within_tolerance(difference, due, terms.tolerance(entry.amount.currency)):
        return _full(entry, items, "within_tolerance", "rounding", difference, 2)
    if entry.amount.amount.copy_abs() < due.copy_abs():
        return _in_part(entry, items)
    if not _is_little_more(difference, due):
        return None
    rest = Money(difference, entry.amount.currency)
    reason = Reason("paid_more_than_due", f"{rest} stays on the partner's account")
    return Explanation(settled_in_full(items), reason, 3, unallocated=rest)


def _is_within_tolerance(difference: Decimal, due: Decimal, tolerance: Money) -> bool:
    extra = difference.copy_abs()
    return extra <= tolerance.amount and _is_part(extra, due.copy_abs(), 10)


def _is_little_more(difference: Decimal, due: Decimal) -> bool:
    extra, whole = difference.copy_abs(), due.copy_abs()
    return extra <= _MOST_EXTRA and (_is_part(extra, whole, 20) or (extra <= 10 and _is_part(extra, whole, 4)))


_MOST_EXTRA = Decimal(100)
"""More than that is not left on an account unseen, however large what is due."""


def doubt_of(entry: Entry, item: OpenItem, terms: Terms) -> int | None:
    """The doubt of what would explain *entry* by *item* alone, without the explanation; None where nothing does."""
    is_plain = entry.charges is None and not _is_cross_border(entry) and item.discount is None
    due, paid = item.residual.amount, entry.amount.amount
    if not is_plain or item.residual.currency.code != entry.amount.currency.code:
        found = explain(entry, (item,), terms)
        return found.doubt if found is not None else None
    if due == paid:
        return 0
    if (due > 0) != (paid > 0):
        return None
    difference = EXACT.subtract(paid, due)
    if _is_within_tolerance(difference, due, terms.tolerance(entry.amount.currency)):
        return 2
    return 3 if paid.copy_abs() < due.copy_abs() or _is_little_more(difference, due) else None


def _in_part(entry: Entry, items: Sequence[OpenItem]) -> Explanation | None:
    """Less than due: the items are paid in the order in which they are quoted, the last one in part."""
    rest = entry.amount.amount
    parts: list[Part] = []
    for place, item in enumerate(items):
        open_amount = item.residual.amount
        if not rest or (open_amount > 0) != (rest > 0):
            return None
        if open_amount.copy_abs() <= rest.copy_abs():
            parts.append(Part(item, item.residual, item.residual))
            rest = EXACT.subtract(rest, open_amount)
        elif place == len(items) - 1:
            amount = Money(rest, item.residual.currency)
            parts.append(Part(item, amount, amount))
        else:
            return None
    last, paid = items[-1], parts[-1].amount.amount
    is_late = last.discount is not None and EXACT.subtract(last.residual.amount, last.discount.amount) == paid
    reason = Reason("discount_taken_late" if is_late else "paid_in_part", f"open item {last.id} stays open")
    return Explanation(tuple(parts), reason, 3)


def _converted(entry: Entry, items: Sequence[OpenItem]) -> Explanation | None:
    """Items in another currency, paid to the cent before conversion, or near what they are booked for."""
    currencies = {item.residual.currency for item in items}
    if len(currencies) != 1:
        return None
    (currency,) = currencies
    due = total((item.residual for item in items), currency)
    bases = [item.company_amount for item in items]
    known = [base for base in bases if base is not None and base.currency == entry.amount.currency]
    if len(known) != len(items):
        return None
    booked = total(known, entry.amount.currency)
    if not booked or (booked.amount > 0) != (entry.amount.amount > 0):
        return None
    difference = entry.amount - booked
    if entry.instructed is not None and entry.instructed.currency == currency:
        if abs(entry.instructed) != abs(due):
            return None
        doubt, code = 1, "amount_before_conversion"
    elif _is_part(difference.amount.copy_abs(), booked.amount.copy_abs(), _RATE_SHARE):
        doubt, code = 2, "near_the_booked_amount"
    else:
        return None
    parts = tuple(Part(item, item.residual, base) for item, base in zip(items, known, strict=True))
    moved = (Adjustment("fx_difference", difference),) if difference else ()
    return Explanation(parts, Reason(code, f"{due}"), doubt, moved)


_RATE_SHARE = 25
"""A rate moves by at most one part in so many between an invoice and its payment."""


def _is_part(part: Decimal, whole: Decimal, share: int) -> bool:
    """True when *part* is at most one part in *share* of *whole*, neither of them negative."""
    return EXACT.multiply(part, Decimal(share)) <= whole
