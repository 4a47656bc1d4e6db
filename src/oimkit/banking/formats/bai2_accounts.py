"""Files, groups and accounts of BAI2 while they are read, and what becomes of them: statements and entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from oimkit.banking.exact import scaled
from oimkit.banking.formats._common import clean, entry_of, money_of, party
from oimkit.banking.formats.bai2_records import FORMAT, Fields, Record, funds_of
from oimkit.banking.formats.bai2_texts import read_texts
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Statement
from oimkit.money import Currency, Money

__all__ = [
    "ALL_CREDITS",
    "ALL_DEBITS",
    "Account",
    "File",
    "Group",
    "entry_from",
    "money_in",
    "note_group",
    "statement_of",
    "summed_otherwise",
]

ALL_CREDITS, ALL_DEBITS = "100", "400"
"""Totals that an account may print of all its transactions; not every bank sends the transactions themselves."""

_CHEQUES = frozenset({"395", "475"})
"""Type codes whose customer reference is the number of the cheque."""

_UPDATE, _CORRECTION = ("", "1"), "3"
_NOT_BOOKED = {"2": "deleted by this report", "4": "a test"}
_INTERIM = ("1", "3")


@dataclass(slots=True, repr=False)
class File:
    """What a file header (01) says, and what its trailer (99) is compared with."""

    reference: str | None
    version: str
    total: int = 0
    groups: int = 0
    records: int = 0


@dataclass(slots=True, repr=False)
class Group:
    """What a group header (02) says, and what its trailer (98) is compared with."""

    bank: str | None
    day: date | None
    currency: Currency | None
    status: str
    modifier: str
    total: int = 0
    accounts: int = 0
    records: int = 0


@dataclass(slots=True, repr=False)
class Account:
    """One account (03) while it is read, and what its trailer (49) is compared with."""

    line: int
    number: str | None
    currency: Currency
    group: Group
    reference: str | None
    balances: list[Balance] = field(default_factory=list)
    opening: Balance | None = None
    closing: Balance | None = None
    entries: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    totals: dict[str, tuple[int, str]] = field(default_factory=dict)
    total: int = 0
    records: int = 0
    doubted: bool = False

    def note(self, code: str, reason: str, line: int | None, tag: str | None) -> None:
        self.findings.append(Finding(code, reason, line, tag))


def statement_of(account: Account, findings: Sequence[Finding]) -> Statement:
    return Statement(
        format=FORMAT,
        account=account.number,
        currency=account.currency,
        entries=tuple(account.entries),
        opening=account.opening,
        closing=account.closing,
        reference=account.reference,
        findings=(*findings, *account.findings),
        line=account.line,
        owner=party(None, account.number, account.group.bank),
        balances=tuple(account.balances),
        period_start=account.group.day,
        period_end=account.group.day,
        remarks=tuple(account.remarks),
    )


def note_group(account: Account, group: Group) -> None:
    """What the group header says of each of its accounts: taken back or tried out, corrected, not the day's last."""
    if group.status in _NOT_BOOKED:
        account.note(
            "group-not-booked",
            f"the bank marks the report as {_NOT_BOOKED[group.status]}; its entries are for information",
            account.line,
            "02",
        )
    elif group.status == _CORRECTION:
        account.note("group-corrects", "the report corrects an earlier one of the same day", account.line, "02")
    elif group.status not in _UPDATE:
        account.note("status-unknown", "the report has a status that BAI2 does not know", account.line, "02")
    if group.modifier in _INTERIM:
        account.note(
            "report-interim", "the report is not the day's last; its entries may come again", account.line, "02"
        )


def entry_from(record: Record, account: Account, fields: Fields, code: str, units: int) -> Entry:
    """A transaction from its funds type on: availability, the references of bank and customer, the text."""
    funds = funds_of(fields, record)
    if funds.total is not None and funds.total != abs(units):
        account.note("availability-differs", "an amount differs from its available parts", record.line, record.code)
    day = account.group.day
    value_date = funds.day or day
    if value_date is None:
        raise record.refused("a transaction has no date, and neither has its group")
    reference, own = clean(fields.or_empty()), clean(fields.or_empty())
    texts = read_texts(fields.texts(), credit=units > 0, code=code)
    references = texts.references
    if own is not None and own != texts.end_to_end_id:
        named = "ChqNb" if code in _CHEQUES and own.isdigit() else "customer reference", own
        references = (named, *[reference for reference in references if reference != named])
    codes = _codes(code)
    return entry_of(
        money_in(units, account.currency),
        value_date,
        day,
        EntryStatus.INFORMATION if account.group.status in _NOT_BOOKED else EntryStatus.BOOKED,
        reference,
        texts.end_to_end_id,
        None,
        None,
        texts.counterparty,
        None,
        texts.remittance,
        codes[0][1],
        None,
        False,
        None,
        None,
        (),
        record.line,
        account.number,
        raw=record.raw,
        codes=codes,
        references=references,
    )


@lru_cache(maxsize=1024)
def _codes(code: str) -> tuple[tuple[str, str], ...]:
    return (("bai2", code),)


def money_in(units: int, currency: Currency) -> Money:
    return money_of(scaled(units, currency.exponent or 0), currency)


def summed_otherwise(account: Account) -> bool:
    """True when the entries of one side cannot be those that the account's own total (100, 400) sums up.

    Entries may be fewer than the total counts, for banks leave some out; never more, and all of them sum up to it.
    """
    for code, sign in ((ALL_CREDITS, 1), (ALL_DEBITS, -1)):
        if code not in account.totals:
            continue
        units, printed = account.totals[code]
        side = [entry.amount for entry in account.entries if entry.amount.amount * sign > 0]
        summed = sum(abs(amount.minor_units) for amount in side)
        count = int(printed) if printed else None
        if summed > abs(units) or (
            count is not None and (len(side) > count or (len(side) == count and summed != units))
        ):
            return True
    return False
