"""SWIFT MT942 interim transaction reports: bytes -> Statements without balances, checked by the bank's own totals."""

from __future__ import annotations

from oimkit.banking.formats._common import Damaged
from oimkit.banking.formats.mt940_statements import read_messages
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Statement

__all__ = ["read_mt942"]


def read_mt942(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every interim report of an MT942 file, one per message, in file order; statements in it as read_mt940 does.

    A report has no balances, and none are invented. Its currency is that of the floor limit (34F), and ``period_end``
    the day of the report (13D). Where the number or the sum of its debits (90D) or credits (90C) is not that of its
    entries, a finding ``totals-differ`` says so. A floor limit above nothing is the finding ``floor-limit``: the bank
    leaves smaller entries out.

    Raises:
        StatementError: as read_mt940.

    Source: SWIFT MT942 interim transaction report; docs/formats/mt942.md.
    """
    return read_messages(data, "mt942", limits, damaged)
