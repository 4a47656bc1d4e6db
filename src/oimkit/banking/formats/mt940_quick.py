"""Ordinary entries of MT940 read by one or two patterns each, to the same values as the general way gives.

An entry is ordinary when it came in a run (a plain amount, a type code) and its dates are days. One pattern reads its
field 61, and where its text has the usual German subfields with their keywords in the usual order, another reads that.
Every other entry and text is left to the general way; a test reads files in both ways and compares.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from oimkit.banking.formats._common import entry_of, money_of, party_of
from oimkit.banking.formats.mt940_entries import Head, entry_with
from oimkit.banking.formats.mt940_fields import RawEntry, Run, raw_entry
from oimkit.banking.formats.mt940_values import NEGATIVE, NO_REFERENCE, coded, plain_days
from oimkit.banking.statement import Entry, EntryStatus
from oimkit.money import Currency

__all__ = ["quick_entries"]

_WORD = r"[!-*,-9;->@-~]"
"""What an id is made of here: no blank, and none of the marks + : ? that keywords and subfields are told by."""


def _optional(pattern: str) -> str:
    """*pattern* or nothing, as a branch: CPython's re takes twice the time for the same as an optional group."""
    return f"(?:{pattern}|)"


def _id(keyword: str, ids: str) -> str:
    return _optional(rf"\?2[0-9]{keyword}\+(?:NOTPROVIDED|NONREF|NOTAVAILABLE|({ids}))")


_SHORT = rf"{_WORD}{{1,21}}+"
"""An id in a subfield that it does not fill; a full one (27 with the keyword) may run on into anything."""

_LONG = rf"{_SHORT}|{_WORD}{{22}}\?2[0-9]{_WORD}{{1,26}}+"
"""A short id, or one that fills a subfield and ends in the next."""


_ODD = r"\x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space but for the blank, and controls; what holds any of it is not ordinary."""

_SAID = rf"[^?+:{_ODD}]"
_PRINTED = rf"[^?{_ODD}]"

_TEXT = re.compile(
    r"([0-9]{3})(?=\?)"
    + _optional(r"\?00([^?]*+)")
    + _optional(r"\?10([^?]*+)")
    + _id("EREF", _LONG)
    + _id("KREF", _SHORT)
    + _id("MREF", _SHORT)
    + _id("CRED", _SHORT)
    + _optional(rf"(\?2[0-9](?:SVWZ\+|){_SAID}*+(?:\?2[0-9]{_SAID}*+)*+)")
    + _optional(r"\?30([!->@-~]*+)")
    + _optional(r"\?31([!->@-~]*+)")
    + _optional(rf"\?32({_PRINTED}*+)")
    + _optional(rf"\?33({_PRINTED}*+)")
    + _optional(r"\?34([^?]*+)")
)
"""Field 86 without line ends. The purpose is one group, its subfields as they stand, with SVWZ in the first or without.

What a repetition takes it keeps (``*+``): nothing that follows could begin with it, and CPython's re is quicker when it
need not come back.
"""


def quick_entries(run: Run, currency: Currency, account: str | None) -> list[Entry | RawEntry]:
    """The entries of *run* in order; those with a date that is not in the calendar as they were printed."""
    entries: list[Entry | RawEntry] = []
    after = run.line
    for match in run.matches:
        printed, days, mark, amount, type_code, own, reference, odd, text = match.groups()
        line, after = after, after + 1 + printed.count("\n")
        dates = plain_days(days)
        if dates is None:
            entries.append(raw_entry(line, match))
            continue
        value = Decimal(amount.replace(",", "."))
        if mark in NEGATIVE and value:
            value = value.copy_negate()
        parts = _TEXT.fullmatch(text.replace("\n", "")) if odd is None and text is not None else None
        if parts is None:
            entries.append(_unusual(match, *dates, value, line, currency, account))
            continue
        # fmt: off
        (
            code, said, journal, end_to_end_id, batch_id, mandate_id, creditor_id,
            purpose, bank, other, name, more_name, text_key,
        ) = parts.groups()
        # fmt: on
        if (end_to_end_id is not None and end_to_end_id.startswith("/VS")) or (  # Slovak symbols
            purpose is not None and not other and not bank and _IN_PURPOSE.match(purpose) is not None
        ):
            entries.append(_unusual(match, *dates, value, line, currency, account))
            continue
        if end_to_end_id is not None and "?" in end_to_end_id:
            end_to_end_id = end_to_end_id[:22] + end_to_end_id[25:]
        own_code, codes = coded(type_code, code, journal, text_key)
        references: tuple[tuple[str, str], ...] = ()
        if own and own.upper() not in NO_REFERENCE:
            if end_to_end_id is None:
                end_to_end_id = own
            elif end_to_end_id != own:
                references = (("AcctOwnrTxId", own),)
        if more_name:
            name = (name or "") + more_name
        remittance = _remittance(purpose) if purpose is not None else ()
        if name and "  " in name:  # perhaps where its two parts meet
            name = " ".join(name.split())
        if not remittance and said:
            remittance = tuple(filter(None, (" ".join(said.split()),)))
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
                own_code,
                None,
                mark[0] == "R",
                None,
                None,
                (),
                line,
                account,
                printed,
                creditor_id,
                None,
                None,
                codes,
                references,
            )
        )
    return entries


def _unusual(
    match: re.Match[str],
    value_date: date,
    booking_date: date | None,
    amount: Decimal,
    line: int,
    currency: Currency,
    account: str | None,
) -> Entry:
    """The entry of a text that is read the general way, with what the pattern has found of field 61."""
    printed, text = match[1], match[9]
    rest, *below = printed[match.end(5) - match.start(1) :].partition("\n:86:")[0].split("\n")
    head = Head(value_date, booking_date, match[3], amount, match[5], rest, below)
    return entry_with(head, () if text is None else text.split("\n"), currency, account, line, printed)


_BOOKED = EntryStatus.BOOKED


_IN_PURPOSE = re.compile(r"\?2[0-9] *[A-Z]{6}[A-Z0-9]{2,5} *\?")
"""A purpose that begins with what may be the other side's bank, its account behind it (Triodos)."""

_FULL = 29
"""Characters of a full subfield with its number: it runs on into the next one."""


def _remittance(purpose: str) -> tuple[str, ...]:
    """The lines of a purpose: a subfield that is not full ends one."""
    _, first, *others = purpose.split("?")
    line = first[7:] if first.startswith("SVWZ+", 2) else first[2:]
    lines: list[str] = []
    is_full = len(first) >= _FULL
    for other in others:
        if is_full:
            line += other[2:]
        else:
            lines.append(line)
            line = other[2:]
        is_full = len(other) >= _FULL
    if not lines:
        line = " ".join(line.split()) if "  " in line else line.strip()
        return (line,) if line else ()
    lines.append(line)
    return tuple([cleaned for text in lines if (cleaned := " ".join(text.split()))])
