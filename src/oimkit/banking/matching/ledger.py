"""The open items of one book, found by what a payment can say about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from oimkit.banking.matching.model import OpenItem
from oimkit.banking.matching.names import NameIndex
from oimkit.banking.matching.tokens import comparable, pieces, shape
from oimkit.banking.references import read_reference
from oimkit.money import Money

__all__ = ["Key", "KeyKind", "Ledger", "normal_account", "normal_id"]

KeyKind = str
"""``payment_reference``, ``document_number`` or ``partner_document_number``."""


class Key(NamedTuple):
    """How one text identifies one item.

    kind     which number of the item it is
    checked  the standard whose check digits hold (rf, be, ...), or "" for a plain number
    whole    False when only the digits of the number are compared
    strong   True when the number alone is enough; a short one needs a second witness
    """

    item: OpenItem
    kind: KeyKind
    checked: str
    whole: bool
    strong: bool


@lru_cache(maxsize=65536)
def normal_account(account: str) -> str:
    """An account number without blanks and punctuation, in capitals."""
    return "".join(sign for sign in account if sign.isalnum()).upper()


def normal_id(text: str) -> str:
    """A message id as compared: surrounding blanks and case do not matter."""
    return text.strip().upper()


class Ledger:
    """Indices over the open items of one book. Items are kept in ascending order of id, whatever order they came in."""

    def __init__(self, items: Iterable[OpenItem]) -> None:
        self.items = tuple(sorted(items, key=lambda item: item.id))
        self.by_key: dict[str, list[Key]] = defaultdict(list)
        self.by_digits: dict[str, list[Key]] = defaultdict(list)
        self.by_end_to_end: dict[str, list[OpenItem]] = defaultdict(list)
        self.by_batch: dict[str, list[OpenItem]] = defaultdict(list)
        self.by_mandate: dict[str, set[str]] = defaultdict(set)
        self.by_account: dict[str, set[str]] = defaultdict(set)
        self.by_customer_number: dict[str, set[str]] = defaultdict(set)
        self.by_partner: dict[str, list[OpenItem]] = defaultdict(list)
        self.by_amount: dict[tuple[str, Decimal], list[OpenItem]] = defaultdict(list)
        self.shapes: set[tuple[str, ...]] = set()
        self.prefixes: set[tuple[str, ...]] = set()
        self.plain_lengths: set[int] = set()
        for item in self.items:
            self._add(item)
        self.names = NameIndex(
            {
                partner: owned[0].partner_name
                for partner, owned in self.by_partner.items()
                if owned[0].partner_name is not None
            }
        )
        self.longest_shape = max((len(form) for form in self.shapes), default=0)

    def _add(self, item: OpenItem) -> None:
        for kind, number in (
            ("payment_reference", item.payment_reference),
            ("document_number", item.document_number),
            ("partner_document_number", item.partner_document_number),
        ):
            if number is not None:
                self._add_number(item, kind, number)
        if item.end_to_end_id is not None:
            self.by_end_to_end[normal_id(item.end_to_end_id)].append(item)
        if item.batch_id is not None:
            self.by_batch[normal_id(item.batch_id)].append(item)
        if item.mandate_id is not None:
            self.by_mandate[normal_id(item.mandate_id)].add(item.partner_id)
        owned = self.by_partner[item.partner_id]
        if not owned or _master_data(owned[-1]) != _master_data(item):  # that of a partner is the same, as a rule
            self._add_partner(item)
        owned.append(item)
        self.by_amount[item.currency.code, item.residual.amount].append(item)

    def _add_partner(self, item: OpenItem) -> None:
        for account in item.partner_accounts:
            self.by_account[normal_account(account)].add(item.partner_id)
        if item.customer_number is not None:
            self.by_customer_number[comparable(item.customer_number)].add(item.partner_id)

    def _add_number(self, item: OpenItem, kind: KeyKind, number: str) -> None:
        if kind == "payment_reference" and number != item.document_number:
            checked = read_reference(number)
            for reference in checked:
                for value in reference.keys:
                    self._put(self.by_key, value, Key(item, kind, reference.kind.value, True, True))
            if checked:
                return
        runs = pieces(number)
        whole = "".join(runs)
        digits = "".join([run for run in runs if run.isdecimal()])
        self._put(self.by_key, whole, Key(item, kind, "", True, _is_strong(whole, digits)))
        if digits != whole and len(digits) >= _FEWEST_DIGITS:
            self._put(self.by_digits, digits, Key(item, kind, "", False, len(digits) >= _STRONG_DIGITS))
        if kind == "document_number":
            self._add_series(runs)

    def _add_series(self, runs: list[str]) -> None:
        """What the numbers of this document's series look like, to tell when a text quotes one that is not open."""
        if (form := shape(runs)) is not None:
            self.shapes.add(form)
            self.prefixes.add(tuple(runs[:-1]))
        elif len(runs) == 1 and runs[0].isdecimal():
            self.plain_lengths.add(len(runs[0]))

    @staticmethod
    def _put(index: dict[str, list[Key]], text: str, key: Key) -> None:
        known = index[text]
        if not known or known[-1].item is not key.item:  # items are added one after the other
            known.append(key)

    def of_amount(self, amount: Money, partners: Container[str]) -> Sequence[OpenItem]:
        """The items of this very amount; where many have it, those of *partners* alone."""
        equal = self.by_amount.get((amount.currency.code, amount.amount), ())
        return equal if len(equal) <= _MANY else [item for item in equal if item.partner_id in partners]

    def owners(self, account: str) -> frozenset[str]:
        """The partners that are known to own *account*."""
        return frozenset(self.by_account.get(normal_account(account), ()))


def _master_data(item: OpenItem) -> tuple[tuple[str, ...], str | None]:
    return item.partner_accounts, item.customer_number


_MANY = 40
"""Items of one amount from which on it tells too little to look at each of them."""

_FEWEST_DIGITS = 5
"""Fewer digits than these, without their letters, are no reference to anything."""

_STRONG_DIGITS = 7


def _is_strong(whole: str, digits: str) -> bool:
    """Eight digits, or four with letters around them; a shorter number may be anybody's."""
    return len(digits) >= 8 or (len(digits) >= 4 and len(whole) > len(digits) and len(whole) >= 6)
