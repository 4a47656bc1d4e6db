"""The entries of a statement counted and summed, credits and debits apart, as control totals have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from oimkit.banking.exact import summed
from oimkit.banking.statement import Entry

__all__ = ["Side", "Tally"]


@dataclass(slots=True)
class Side:
    """The entries of one sign: how many, and their sum, signed."""

    number: int = 0
    sum: Decimal = Decimal(0)

    def add(self, amounts: Sequence[Decimal]) -> None:
        """Count some more."""
        self.number += len(amounts)
        self.sum = summed([self.sum, *amounts])


@dataclass(slots=True)
class Tally:
    """Credits (above nothing), debits (below it), and how many entries are over nothing; booked or not."""

    credits: Side = field(default_factory=Side)
    debits: Side = field(default_factory=Side)
    of_nothing: int = 0

    def add(self, entries: Iterable[Entry]) -> None:
        """Count the entries of a statement, or of a part of it."""
        amounts = [entry.amount.amount for entry in entries]
        self.credits.add([amount for amount in amounts if amount > 0])
        self.debits.add([amount for amount in amounts if amount < 0])
        self.of_nothing += sum(not amount for amount in amounts)
