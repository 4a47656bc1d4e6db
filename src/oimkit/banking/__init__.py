"""Bank statements in, settled entries out (ISO 20022 words)."""

from oimkit.banking.amounts import read_amount
from oimkit.banking.detect import KNOWN_FORMATS, detect
from oimkit.banking.formats import FORMATS
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.matching import MatchResult, OpenItem, Proposal, Terms, match
from oimkit.banking.pages import join_pages
from oimkit.banking.reading import read_statements
from oimkit.banking.rows import statement_row
from oimkit.banking.second_reading import Difference, compare_readings
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Party, Statement

__all__ = [
    "FORMATS",
    "KNOWN_FORMATS",
    "LIMITS",
    "Balance",
    "Difference",
    "Entry",
    "EntryStatus",
    "Finding",
    "Limits",
    "MatchResult",
    "OpenItem",
    "Party",
    "Proposal",
    "Statement",
    "Terms",
    "compare_readings",
    "detect",
    "join_pages",
    "match",
    "read_amount",
    "read_statements",
    "statement_row",
]
