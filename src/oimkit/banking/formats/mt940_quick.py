"""Ordinary entries of MT940 read by one or two patterns each, to the same values as the general way gives.

An entry is ordinary when it came in a run (a plain amount, a type code) and its dates are days. One pattern reads its
field 61, and where its text has the usual German subfields with their keywords in the usual order, another reads that.
Every other entry and text is left to the general way; a test reads files in both ways and compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.formats._common import EntryDraft, MoneyDraft, PartyDraft, clean
from oimkit.banking.formats.mt940_entries import Head, entry_with
from oimkit.banking.formats.mt940_fields import RawEntry, Run, raw_entry
from oimkit.banking.formats.mt940_values import NEGATIVE, NO_REFERENCE, bank_code, codes_of, plain_days
from oimkit.banking.statement import Entry, EntryStatus, Party
from oimkit.money import Currency, Money

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

_LONG = rf"(?!/VS)(?:{_SHORT}|{_WORD}{{22}}\?2[0-9]{_WORD}{{1,26}}+)"
"""A short id, or one that fills a subfield and ends in the next; Slovak symbols are none."""

_SAID = r"[ -*,-9;->@-~\xa1-\xff]"
_PRINTED = r"[ ->@-~\xa1-\xff]"
"""What a purpose and a name are made of here: signs of Latin-1, the blank alone of its white space."""

_TEXT = re.compile(
    r"([0-9]{3}(?=\?)"
    + _optional(r"\?00[^?]{0,40}+")
    + _optional(r"\?10[^?]{0,20}+")
    + ")"
    + _id("EREF", _LONG)
    + _id("KREF", _SHORT)
    + _id("MREF", _SHORT)
    + _id("CRED", _SHORT)
    + _optional(rf"\?2[0-9](SVWZ\+|)({_SAID}*+(?:\?2[0-9]{_SAID}*+)*+)")
    + _optional(r"\?30([!->@-~]*+)")
    + _optional(r"\?31([!->@-~]*+)")
    + _optional(rf"\?32({_PRINTED}*+)")
    + _optional(rf"\?33({_PRINTED}*+)")
    + _optional(r"\?34([^?]{0,20}+)")
)
"""Field 86 without line ends: its head, ids, the keyword of the purpose and its subfields as they stand, other side.

What a repetition takes it keeps (``*+``): nothing that follows could begin with it, and CPython's re is quicker when it
need not come back. What is remembered of texts (see _headed) is short.
"""


def quick_entries(
    run: Run, currency: Currency, account: str | None, read: Callable[[RawEntry], Iterable[Entry]]
) -> list[Entry]:
    """The entries of *run* in order; *read* reads those with a date that is not in the calendar.

    Raises:
        StatementError: what *read* raises.
    """
    entries: list[Entry] = []
    add = entries.append
    below = run.line
    printed_days, dates = "", None
    for match in run.matches:
        printed, days, mark, amount, type_code, own, reference, odd, text = match.groups()
        line = below
        if text is None or odd is not None:
            flat = None
            below += printed.count("\n") + 1
        else:
            flat = text.replace("\n", "")
            below += len(text) - len(flat) + 2
        if days != printed_days:  # most entries are of one day with the one above them
            printed_days, dates = days, plain_days(days)
        if dates is None:
            entries += read(raw_entry(line, match))
            continue
        value = Decimal(amount.replace(",", "."))
        if mark in NEGATIVE and value:
            value = value.copy_negate()
        parts = _TEXT.fullmatch(flat) if flat is not None else None
        if parts is None:
            add(_unusual(match, *dates, value, line, currency, account))
            continue
        # fmt: off
        (
            head, end_to_end_id, batch_id, mandate_id, creditor_id,
            keyword, purpose, bank, other, name, more_name, text_key,
        ) = parts.groups()
        # fmt: on
        if purpose and not other and not bank and not keyword and _IN_PURPOSE.match(purpose) is not None:
            add(_unusual(match, *dates, value, line, currency, account))
            continue
        own_code, codes, said = _headed(type_code, head, text_key)
        remittance = _remittance(keyword, purpose) if purpose else ()
        references: tuple[tuple[str, str], ...] = ()
        if end_to_end_id is not None and "?" in end_to_end_id:
            end_to_end_id = end_to_end_id[:22] + end_to_end_id[25:]
        if own and own.upper() not in NO_REFERENCE:
            if end_to_end_id is None:
                end_to_end_id = own
            elif end_to_end_id != own:
                references = (("AcctOwnrTxId", own),)
        if more_name:
            name = (name or "") + more_name
        if name:
            name = " ".join(name.split()) if "  " in name else name.strip()
        # As money_of, party_of and entry_of make them, whose calls alone take a tenth of the time.
        money = MoneyDraft()
        money.amount = value
        money.currency = currency
        money.__class__ = Money
        party = None
        if name or other or bank:
            party = PartyDraft()
            party.name = name or None
            party.account = other or None
            party.bank_code = bank or None
            party.address = ()
            party.identification = None
            party.__class__ = Party
        entry = EntryDraft()
        entry.amount = money
        entry.value_date, entry.booking_date = dates
        entry.status = _BOOKED
        entry.reference = reference or None
        entry.end_to_end_id = end_to_end_id
        entry.mandate_id = mandate_id
        entry.batch_id = batch_id
        entry.creditor_id = creditor_id
        entry.counterparty = party
        entry.ultimate = None
        entry.structured_reference = None
        entry.remittance = remittance or said
        entry.purpose = None
        entry.bank_code = own_code
        entry.codes = codes
        entry.references = references
        entry.return_reason = None
        entry.reversal = mark[0] == "R"
        entry.instructed = None
        entry.charges = None
        entry.exchange = None
        entry.details = ()
        entry.line = line
        entry.id = None
        entry.book = None
        entry.account = account
        entry.raw = printed
        entry.__class__ = Entry
        add(entry)
    return entries


@lru_cache(maxsize=4096)
def _headed(
    type_code: str, head: str, text_key: str | None
) -> tuple[str | None, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The bank's code, all codes, and the bank's word for the transaction, which stands in for a purpose.

    *head* is what the text begins with: its code and subfields 00 and 10; *text_key* is subfield 34.
    """
    own_code, *subfields = head.split("?")
    printed = {subfield[:2]: subfield[2:] for subfield in subfields}
    said = clean(printed.get("00"))
    codes = codes_of(type_code, own_code, printed.get("10"), text_key)
    return bank_code(type_code, own_code), codes, (said,) if said is not None else ()


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


_IN_PURPOSE = re.compile(r" *[A-Z]{6}[A-Z0-9]{2,5} *\?")
"""A purpose that begins with what may be the other side's bank, its account behind it (Triodos)."""

_FULL = 27
"""Characters of a full subfield: it runs on into the next one."""


def _remittance(keyword: str, purpose: str) -> tuple[str, ...]:
    """The lines of a purpose behind its *keyword*, if any: a subfield that is not full ends one."""
    parts = purpose.split("?")
    line = parts[0]
    if len(parts) > 1:
        if len(keyword) + len(line) < _FULL:
            return _lines(keyword, parts)
        for part in parts[1:-1]:
            if len(part) < _FULL + 2:
                return _lines(keyword, parts)
            line += part[2:]
        line += parts[-1][2:]
    line = " ".join(line.split()) if "  " in line else line.strip()
    return (line,) if line else ()


def _lines(keyword: str, parts: list[str]) -> tuple[str, ...]:
    """The lines of a purpose of which not all subfields but the last are full."""
    lines = [parts[0]]
    is_full = len(keyword) + len(parts[0]) >= _FULL
    for part in parts[1:]:
        if is_full:
            lines[-1] += part[2:]
        else:
            lines.append(part[2:])
        is_full = len(part) >= _FULL + 2
    return tuple([cleaned for line in lines if (cleaned := " ".join(line.split()))])
