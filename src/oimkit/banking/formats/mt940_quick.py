"""Ordinary entries of MT940 read by one pattern each, to the same values as the general way gives.

An entry is ordinary when it came in a run (both dates, a plain amount, a type code, a short reference), its dates are
days and its text has the usual German subfields with their keywords in the usual order. That is what most files hold
by thousands. Every other entry is left to the general way; a test reads files in both ways and compares.
"""

from __future__ import annotations

import re
from decimal import Decimal

from oimkit.banking.formats._common import entry_of, money_of, party_of
from oimkit.banking.formats.mt940_fields import RawEntry, Run, raw_entry
from oimkit.banking.formats.mt940_values import NEGATIVE, NO_REFERENCE, bank_code, plain_days
from oimkit.banking.statement import Entry, EntryStatus
from oimkit.money import Currency

__all__ = ["quick_entries"]

_WORD = r"[!-*,-9;->@-~]"
"""What an id is made of here: no blank, and none of the marks + : ? that keywords and subfields are told by."""


def _optional(pattern: str) -> str:
    """*pattern* or nothing, as a branch: CPython's re takes twice the time for the same as an optional group."""
    return f"(?:{pattern}|)"


def _id(keyword: str) -> str:
    return _optional(rf"\?2[0-9]{keyword}\+(?:NOTPROVIDED|NONREF|NOTAVAILABLE|({_WORD}{{1,21}}+))")


_MORE = r"(?:\?2[0-9][^?+:]{0,26}+)*+"

_TEXT = re.compile(
    r"([0-9]{3})"
    + _optional(r"\?00[^?]*+")
    + _optional(r"\?10[^?]*+")
    + _id("EREF")
    + _id("KREF")
    + _id("MREF")
    + _optional(rf"\?2[0-9]CRED\+{_WORD}{{1,21}}+")
    + rf"(?:\?2[0-9]SVW(Z\+[^?+:]{{0,21}}+{_MORE})|\?(2[0-9][^?+:]{{0,26}}+{_MORE})|)"
    + _optional(r"\?30([!->@-~]*+)")
    + _optional(r"\?31([!->@-~]*+)")
    + _optional(r"\?32([^?]*+)")
    + _optional(r"\?33([^?]*+)")
    + _optional(r"\?34[^?]*+")
)
"""Field 86 without line ends. Every piece is shorter than a full one (27), so none runs on into the next.

What a repetition takes it keeps (``*+``): nothing that follows could begin with it, and CPython's re is quicker when it
need not come back.

The purpose is one group that begins two characters before its first text, as every later piece of it does: ``Z+`` where
SVWZ names it, else the number of the subfield.
"""


def quick_entries(run: Run, currency: Currency, account: str | None) -> list[Entry | RawEntry]:
    """The entries of *run* in order; those that turn out not to be ordinary as they were printed."""
    entries: list[Entry | RawEntry] = []
    after = run.line
    for match in run.matches:
        days, mark, amount, type_code, own, reference, text = match.groups()
        joined = text.replace("\n", "")
        line, after = after, after + 2 + len(text) - len(joined)
        dates = plain_days(days)
        said = _TEXT.fullmatch(joined)
        if dates is None or said is None:
            entries.append(raw_entry(line, match))
            continue
        code, end_to_end_id, batch_id, mandate_id, named, unnamed, bank, other, name, more_name = said.groups()
        value = Decimal(amount.replace(",", "."))
        if mark in NEGATIVE and value:
            value = value.copy_negate()
        if own and end_to_end_id is None and own.upper() not in NO_REFERENCE:
            end_to_end_id = own
        if more_name:
            name = (name or "") + more_name
        entries.append(
            entry_of(
                money_of(value, currency),
                dates[0],
                dates[1],
                _BOOKED,
                reference or None,
                end_to_end_id,
                mandate_id,
                batch_id,
                party_of(_even(name).strip() or None if name else None, other or None, bank or None),
                None,
                _remittance(named or unnamed),
                bank_code(type_code, code),
                None,
                mark[0] == "R",
                None,
                None,
                (),
                line,
                account,
            )
        )
    return entries


_BOOKED = EntryStatus.BOOKED


def _remittance(purpose: str | None) -> tuple[str, ...]:
    """The texts of the pieces, each without the two characters before it."""
    if purpose is None:
        return ()
    return tuple([line for piece in _even(purpose).split("?") if (line := piece[2:].strip())])


def _even(text: str) -> str:
    """*text* with single blanks for white space, perhaps one at an end: as a rule the text itself."""
    return " ".join(text.split()) if "  " in text or not text.isprintable() else text
