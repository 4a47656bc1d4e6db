"""What banking needs from the outside: a place that keeps entries, and one that keeps open items."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from oimkit.banking.importing import JournalState
from oimkit.banking.matching import OpenItem
from oimkit.banking.statement import Entry

__all__ = ["EntryBook", "OpenItemBook"]


class EntryBook(Protocol):
    """Where imported entries are kept."""

    def journal(self) -> JournalState:
        """The journal as it stands: account, currency, last balance."""

    def known(self, keys: Iterable[str]) -> frozenset[str]:
        """Those of *keys* whose entry is already kept."""

    def unsettled(self) -> tuple[Entry, ...]:
        """Kept entries that settle nothing yet; ``Entry.id`` names each."""


class OpenItemBook(Protocol):
    """Where invoices, bills and their residuals are kept."""

    def open_items(self) -> tuple[OpenItem, ...]:
        """Everything that is open, in ascending order of id."""
