"""An Odoo as the books of banking.ports: one bank journal's entries, one company's open items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oimkit.banking.journals import JournalState
from oimkit.banking.matching import OpenItem
from oimkit.banking.statement import Entry
from oimkit.odoo.banking.items import read_open_items
from oimkit.odoo.banking.journals import known_keys, read_journal
from oimkit.odoo.banking.settling import read_unsettled, unfinished
from oimkit.odoo.client import Odoo

__all__ = ["OdooEntryBook", "OdooOpenItemBook"]


@dataclass(frozen=True, slots=True)
class OdooEntryBook:
    """The entries of the bank journal with this code (fulfils banking.ports.EntryBook)."""

    odoo: Odoo
    code: str

    def journal(self) -> JournalState:
        """As ``read_journal``."""
        return read_journal(self.odoo, self.code)

    def known(self, keys: Iterable[str]) -> frozenset[str]:
        """As ``known_keys``."""
        return known_keys(self.odoo, keys, journal_id=self.journal().id)

    def unsettled(self) -> tuple[Entry, ...]:
        """As ``read_unsettled`` and ``unfinished`` together, each entry once, in ascending order of id."""
        journal = self.journal()
        entries = {entry.id: entry for entry in (*read_unsettled(self.odoo, journal), *unfinished(self.odoo, journal))}
        return tuple(sorted(entries.values(), key=lambda entry: int(entry.id or 0)))


@dataclass(frozen=True, slots=True)
class OdooOpenItemBook:
    """What one company has open (fulfils banking.ports.OpenItemBook)."""

    odoo: Odoo
    company_id: int | None = None

    def open_items(self) -> tuple[OpenItem, ...]:
        """As ``read_open_items``."""
        return read_open_items(self.odoo, company_id=self.company_id)
