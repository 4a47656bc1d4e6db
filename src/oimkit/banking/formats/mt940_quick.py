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


_ODD = r"\x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space but for the blank, and controls; what holds any of it is not ordinary."""

_SAID = rf"[^?+:{_ODD}]"
_PRINTED = rf"[^?{_ODD}]"

_TEXT = re.compile(
    r"([0-9]{3})"
    + _optional(r"\?00[^?]*+")
    + _optional(r"\?10[^?]*+")
    + _id("EREF")
    + _id("KREF")
    + _id("MREF")
    + _optional(rf"\?2[0-9]CRED\+{_WORD}{{1,21}}+")
    + _optional(
        rf"\?2[0-9](?:SVWZ\+({_SAID}{{0,21}}+)|({_SAID}{{0,26}}+))"
        + _optional(rf"\?2[0-9]({_SAID}{{0,26}}+)((?:\?2[0-9]{_SAID}{{0,26}}+)*+)")
    )
    + _optional(r"\?30([!->@-~]*+)")
    + _optional(r"\?31([!->@-~]*+)")
    + _optional(rf"\?32({_PRINTED}*+)")
    + _optional(rf"\?33({_PRINTED}*+)")
    + _optional(r"\?34[^?]*+")
)
"""Field 86 without line ends. Every piece is shorter than a full one (27), so none runs on into the next.

What a repetition takes it keeps (``*+``): nothing that follows could begin with it, and CPython's re is quicker when it
need not come back.

The purpose is its first text, with SVWZ before it or without, the second, and the further ones as they stand.
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
        code, end_to_end_id, batch_id, mandate_id, named, unnamed, second, more, bank, other, name, more_name = (
            said.groups()
        )
        value = Decimal(amount.replace(",", "."))
        if mark in NEGATIVE and value:
            value = value.copy_negate()
        if own and end_to_end_id is None and own.upper() not in NO_REFERENCE:
            end_to_end_id = own
        if more_name:
            name = (name or "") + more_name
        remittance = _remittance(unnamed if named is None else named, second, more)
        if name and "  " in name:  # perhaps where its two parts meet
            name = " ".join(name.split())
        if "  " in joined:
            remittance = tuple([" ".join(text.split()) for text in remittance])
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
                party_of(name.strip() or None if name else None, other or None, bank or None),
                None,
                remittance,
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


def _remittance(first: str | None, second: str | None, more: str | None) -> tuple[str, ...]:
    """The texts of the pieces; *more* holds the further ones, each behind its mark and its number."""
    if first is None:
        return ()
    texts: tuple[str, ...]
    if second is None:
        texts = (first.strip(),)
    elif not more:
        texts = (first.strip(), second.strip())
    else:
        texts = (first.strip(), second.strip(), *[piece[2:].strip() for piece in more[1:].split("?")])
    return texts if "" not in texts else tuple(filter(None, texts))
