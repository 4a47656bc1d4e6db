"""SWIFT MT940 customer statements: bytes -> Statements, strict in amounts, tolerant in what nobody needs."""

from __future__ import annotations

from oimkit.banking.formats._common import Damaged
from oimkit.banking.formats.mt940_statements import read_messages
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Statement

__all__ = ["read_mt940"]


def read_mt940(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every statement of an MT940 file, one per message or page, in file order.

    Balances of pages (60M, 62M) are given as opening and closing of the page, marked ``continues`` or ``continued``.
    Interim reports (MT942) in the same file are read as read_mt942 does. With ``damaged="report"`` an entry that
    cannot be read becomes a finding ``record-not-read``, and a balance ``balance-not-read``.

    Raises:
        StatementError: an entry that cannot be read in exactly one way, a file that is no MT940, cut off or beyond
            *limits*. Carries line and tag, never the text.

    Source: SWIFT MT940 customer statement; dialects in docs/formats/mt940.md.
    """
    return read_messages(data, "mt940", limits, damaged)
