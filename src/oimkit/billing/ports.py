"""What billing needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from oimkit.billing.periods import Period
from oimkit.billing.printing import Printing
from oimkit.billing.worked import WorkedTime
from oimkit.money import Money

__all__ = ["InvoiceBook", "InvoiceRef"]


@dataclass(frozen=True, slots=True)
class InvoiceRef:
    """An invoice where it is kept: its id there, whether it is posted, its total before tax as it shows it."""

    id: int
    posted: bool
    untaxed: Money


class InvoiceBook(Protocol):
    """Where worked time comes from and where invoices are kept; a plan that is carried out makes them."""

    def printing(self) -> Printing:
        """The precision with which this book stores and prints lines."""

    def worked_time(self, period: Period) -> Sequence[WorkedTime]:
        """Entries of *period* that no living invoice covers."""

    def find(self, key: str) -> InvoiceRef | None:
        """The invoice recorded under the run key *key*, or None."""
