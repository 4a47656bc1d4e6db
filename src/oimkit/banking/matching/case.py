"""One entry, what it says, and the items it is heard against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from oimkit.banking.exact import EXACT
from oimkit.banking.matching.differences import due_of
from oimkit.banking.matching.evidence import Evidence
from oimkit.banking.matching.ledger import Ledger
from oimkit.banking.matching.model import OpenItem, Terms
from oimkit.banking.matching.names import alike
from oimkit.banking.matching.numbers import support
from oimkit.banking.matching.sums import NO_SUMS, Sums, groups_of
from oimkit.banking.statement import Entry

__all__ = ["Case"]


@dataclass(frozen=True, slots=True)
class Case:
    """What a claim, and what is shown to a person, are found from."""

    entry: Entry
    evidence: Evidence
    ledger: Ledger
    terms: Terms

    @property
    def day(self) -> date:
        """The day from which on a document was issued too late to be meant."""
        return max(self.entry.booking_date or self.entry.value_date, self.entry.value_date)

    def issued(self, items: Iterable[OpenItem]) -> list[OpenItem]:
        """Those of *items* that were issued before the entry was booked, or nobody knows when."""
        day = self.day
        return [item for item in items if item.issue_date is None or item.issue_date <= day]

    def open_items(self, partner: str, *, besides: Iterable[OpenItem] = ()) -> list[OpenItem]:
        """What *partner* had open when the entry was booked, *besides* some of it."""
        known = {item.id for item in besides}
        items = self.issued(self.ledger.by_partner.get(partner, ()))
        return [item for item in items if item.id not in known] if known else items

    def of_this_amount(self) -> list[OpenItem]:
        """What anybody had open of the entry's very amount; of the payers alone where that is frequent."""
        return self.issued(self.ledger.of_amount(self.entry.amount, self.evidence.payers))

    def support(self, item: OpenItem) -> str | None:
        """How the text has a part of one of the item's numbers, or a damaged one; None where it does not."""
        return support(item, self.evidence.quoted)

    def supported(self, items: Sequence[OpenItem]) -> list[OpenItem]:
        """Those of *items* of whose numbers the text has a part."""
        if self.evidence.quoted.is_empty:
            return []
        return [item for item in items if self.support(item) is not None]

    def likeness(self, item: OpenItem) -> int:
        """How alike the names of the other side and of the item's partner are; 0 where they are not."""
        party = self.entry.counterparty
        return alike(party.name if party is not None else None, item.partner_name)

    def filling(self, items: Sequence[OpenItem], others: Sequence[OpenItem], most: int) -> Sums | None:
        """Groups of one to *most* of *others* that fill what *items* leave of the amount; None where too many."""
        due = due_of(self.entry, items)
        if due is None:
            return NO_SUMS
        missing = EXACT.subtract(self.entry.amount.amount, due)
        return groups_of(others, missing, self.entry.amount.currency.code, least=1, most=most)
