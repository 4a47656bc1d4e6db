"""Matching entries with open items: proposals with reasons, nothing used twice."""

from oimkit.banking.matching.engine import match
from oimkit.banking.matching.model import (
    Adjustment,
    Allocation,
    Decision,
    ItemType,
    MatchResult,
    OpenItem,
    Outcome,
    Proposal,
    Reason,
    Suggestion,
    Terms,
)

__all__ = [
    "Adjustment",
    "Allocation",
    "Decision",
    "ItemType",
    "MatchResult",
    "OpenItem",
    "Outcome",
    "Proposal",
    "Reason",
    "Suggestion",
    "Terms",
    "match",
]
