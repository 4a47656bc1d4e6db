"""What an entry is that settles nothing: paid before, booked by a rule, or of nobody in the books."""

from __future__ import annotations

from oimkit.banking.matching.contest import Hearing
from oimkit.banking.matching.model import Outcome, Reason, Suggestion
from oimkit.banking.matching.witnesses import SURE

__all__ = ["outcome_of"]

_FAMILIES = frozenset({"CCRD", "CNTR", "MDOP", "MCOP"})
"""Families of ISO 20022 transaction codes that pay no document: cards, counter, miscellaneous debits and credits."""

_SUBFAMILIES = frozenset(
    {"CHRG", "COMM", "FEES", "INTR", "SALA", "PAYR", "PENS", "TAXS", "TAXE", "CWDL", "CDPT", "POSD"}
)
"""Their sub-families wherever they stand: charges, interest, wages, taxes, cash, card purchases."""


def outcome_of(hearing: Hearing, lost: Reason | None, shown: tuple[Suggestion, ...]) -> Outcome | None:
    """What *hearing* was recognised as, or None where that is for a person to say.

    Args:
        lost: why its claim failed against other entries, if it had one.
        shown: what a person is shown for it.
    """
    claim = hearing.claim
    if claim is not None and lost is not None and lost.code == "claimed_by_another_entry":
        is_whole = not claim.adjustments and all(part.amount == part.item.residual for part in claim.parts)
        return Outcome.ON_ACCOUNT if is_whole else None
    if claim is not None or hearing.case.evidence.namings:
        return None
    if _pays_no_document(hearing.case.entry.bank_code):
        return Outcome.RULE
    is_known = any(witness.strength >= SURE for witness in hearing.case.evidence.payers.values())
    return None if shown or is_known else Outcome.NONE


def _pays_no_document(code: str | None) -> bool:
    """True for a transaction code, domain-family-subfamily, of what is booked by a rule."""
    parts = code.split("-") if code is not None else []
    return len(parts) == 3 and (parts[1] in _FAMILIES or parts[2] in _SUBFAMILIES)
