"""Bank statements in, settled entries out (ISO 20022 words)."""

from oimkit.banking.amounts import read_amount
from oimkit.banking.detect import KNOWN_FORMATS, detect
from oimkit.banking.formats import FORMATS
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.matching import MatchResult, OpenItem, Proposal, Terms, match
from oimkit.banking.notifications import with_notifications
from oimkit.banking.pages import join_pages
from oimkit.banking.reading import read_statements
from oimkit.banking.repeats import SharedEntry, shared_entries, with_repeats
from oimkit.banking.rows import statement_row
from oimkit.banking.second_reading import Difference, compare_readings
from oimkit.banking.statement import Balance, Entry, EntryStatus, Exchange, Finding, Party, Statement
from oimkit.banking.streaming import iter_statements
from oimkit.banking.writing import Loss, Written, write_statements

__all__ = [
    "FORMATS",
    "KNOWN_FORMATS",
    "LIMITS",
    "Balance",
    "Difference",
    "Entry",
    "EntryStatus",
    "Exchange",
    "Finding",
    "Limits",
    "Loss",
    "MatchResult",
    "OpenItem",
    "Party",
    "Proposal",
    "SharedEntry",
    "Statement",
    "Terms",
    "Written",
    "compare_readings",
    "detect",
    "iter_statements",
    "join_pages",
    "match",
    "read_amount",
    "read_statements",
    "shared_entries",
    "statement_row",
    "with_notifications",
    "with_repeats",
    "write_statements",
]
