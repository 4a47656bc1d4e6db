"""Bank statements in, settled entries out (ISO 20022 words)."""

from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Party, Statement

__all__ = ["Balance", "Entry", "EntryStatus", "Finding", "Party", "Statement"]
