"""Spanish account statements in Norma 43 (Cuaderno 43): bytes -> Statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from oimkit.banking.decode import decode
from oimkit.banking.exact import EXACT
from oimkit.banking.formats._common import (
    NO_CURRENCY,
    Budget,
    Damaged,
    as_currency,
    entry_of,
    money_of,
    not_conserved,
    party,
    signed,
    unless_zeros,
)
from oimkit.banking.formats.n43_accounts import FORMAT, Account, File
from oimkit.banking.formats.n43_texts import read_texts
from oimkit.banking.formats.national_accounts import spanish_iban
from oimkit.banking.formats.numeric_currencies import currency_numbered
from oimkit.banking.formats.records import Record, each_record, printed_records
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Statement
from oimkit.errors import StatementError
from oimkit.money import Currency, Money

__all__ = ["read_n43"]

_WIDTH = 80

_DECIMALS = 2
"""Twelve digits and two decimals, in every currency."""

_DEBIT, _CREDIT = "1", "2"


@dataclass(slots=True, repr=False)
class _Sums:
    """Movements counted and summed as record 33 counts them: by their mark, amounts unsigned."""

    debits: int = 0
    credits: int = 0
    debited: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)
    undated: int = 0

    def add(self, mark: str, amount: Decimal) -> None:
        if mark == _DEBIT:
            self.debits += 1
            self.debited = EXACT.add(self.debited, amount)
        elif mark == _CREDIT:
            self.credits += 1
            self.credited = EXACT.add(self.credited, amount)


def read_n43(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every account of a Norma 43 file as one statement, in file order.

    Signs come from the marks 1 (debit) and 2 (credit). Where a balance has no mark, that sign counts with which the
    statement closes; a movement without one is read only when its amount is zero. The counts and sums of records 33
    and 88 are compared with what was read; a difference is a finding.

    Raises:
        StatementError: a record that cannot be read in exactly one way, a file that is cut off, holds no account or is
            beyond *limits*. Carries line and columns, never the text.

    Source: Asociación Española de Banca, Serie normas y procedimientos bancarios 43 (June 2012); docs/formats/n43.md.
    """
    decoded = decode(data)
    budget = Budget(FORMAT, limits, damaged)
    file = File(budget)
    for record in each_record(decoded.text, format=FORMAT, limits=limits, width=_WIDTH):
        file.take(record)
    file.close()
    statements = [_Reading(account, budget, file).statement(decoded.findings) for account in file.accounts]
    _conserve(decoded.text, statements, file.lost)
    return tuple(statements)


# -- accounts -----------------------------------------------------------------------------------------------------

_Value = TypeVar("_Value")


@dataclass(slots=True, repr=False)
class _Reading:
    """One account being read: its records, what was noticed, and the sums that record 33 is compared with."""

    account: Account
    budget: Budget
    file: File
    sums: _Sums = field(default_factory=_Sums)

    def statement(self, findings: Sequence[Finding]) -> Statement:
        """The statement of the account, checked against its record 33."""
        header, end, found = self.account.header, self.account.end, self.account.findings
        first = self._spared(lambda: header.day(21, "the first day"))
        last = self._spared(lambda: header.day(27, "the last day"))
        currency = self._currency()
        number = spanish_iban(header.columns(3, 6), header.columns(7, 10), header.columns(11, 20))
        printed = header.value(3, 20)
        account = number or (printed if unless_zeros(header.columns(11, 20)) is not None else None)
        entries = self._entries(account, currency, first, last)
        opening, closing = self._balances(currency, first, last)
        if end is not None:
            self._check_end(end)
        return Statement(
            format=FORMAT,
            account=account,
            currency=currency,
            entries=entries,
            opening=opening,
            closing=closing,
            reference=printed,
            findings=(*findings, *found),
            line=header.line,
            owner=party(header.value(52, 77), account, unless_zeros(header.columns(3, 6))),
            balances=tuple(balance for balance in (opening, closing) if balance is not None),
            period_start=first,
            period_end=last,
        )

    def _spared(self, read: Callable[[], _Value]) -> _Value | None:
        """What *read* gives; None and a finding where it refuses and damage is reported."""
        try:
            return read()
        except StatementError as error:
            self.account.findings.append(self.budget.spare(error))
            return None

    def _currency(self) -> Currency:
        """The currency of the header, else that of the end; XXX where the account names none."""
        header, end = self.account.header, self.account.end
        currency = self._printed_currency(header, 48)
        if currency is None and end is not None:
            currency = self._printed_currency(end, 74)
        return currency or NO_CURRENCY

    def _printed_currency(self, record: Record, first: int) -> Currency | None:
        return self._spared(lambda: _currency(record, first, first + 2))

    # -- movements

    def _entries(
        self, account: str | None, currency: Currency, first: date | None, last: date | None
    ) -> tuple[Entry, ...]:
        """The movements; one that cannot be read is refused or reported."""
        entries: list[Entry] = []
        waiting = self.account.movements
        waiting.reverse()
        while waiting:  # each is let go when it is read
            movement = waiting.pop()
            try:
                entries.append(self._entry(movement, account, currency, last or first))
            except StatementError as error:
                self.file.lost += 1
                self.account.findings.append(self.budget.spare(error))
        if self.sums.undated:
            self._note_movements(self.sums.undated, "date-missing", "no date at all; the last day stands for it")
        outside = sum(not _within(entry.booking_date, first, last) for entry in entries)
        if outside:
            self._note_movements(outside, "period-differs", "a day outside the period of the account")
        return tuple(entries)

    def _note_movements(self, count: int, code: str, what: str) -> None:
        self.account.findings.append(Finding(code, f"{count} movements have {what}", self.account.header.line, "22"))

    def _entry(self, movement: Sequence[Record], account: str | None, currency: Currency, day: date | None) -> Entry:
        """One movement (22) with its concepts (23) and its amount in another currency (24)."""
        head = movement[0]
        mark = head.columns(28, 28)
        amount = head.amount(29, 42, _DECIMALS, "the amount of a movement")
        if mark not in (_DEBIT, _CREDIT) and (amount or mark.strip("0 ")):
            raise head.refused("a movement is marked as neither debit (1) nor credit (2)", "columns 28-28")
        booked, valued = head.day(11, "the day of a movement"), head.day(17, "its value day")
        value_date = valued or booked or day
        if value_date is None:
            raise head.refused("a movement has no date, and neither has its account", "columns 11-22")
        common = unless_zeros(head.columns(23, 24))
        below = movement[1:]
        origins = [record for record in below if record.text.startswith("24")]
        concepts = [record for record in below if record.text.startswith("23")] if origins else below
        texts = read_texts(concepts, credit=mark == _CREDIT, transfer=common == "04")
        self.sums.undated += valued is None and booked is None
        self.sums.add(mark, amount)
        return entry_of(
            money_of(signed(amount, mark == _DEBIT), currency),
            value_date,
            booked,
            EntryStatus.BOOKED,
            None,
            texts.end_to_end_id,
            texts.mandate_id,
            None,
            texts.counterparty,
            None,
            texts.remittance,
            common,
            None,
            False,
            self._instructed(origins[0]) if origins else None,
            None,
            (),
            head.line,
            account,
            raw="\n".join([record.text for record in movement]),
            creditor_id=texts.creditor_id,
            ultimate=texts.ultimate,
            purpose=texts.purpose,
            codes=_codes(common, unless_zeros(head.columns(25, 27))),
            references=_references(head),
        )

    def _instructed(self, record: Record) -> Money | None:
        """The amount in the currency of origin (record 24); a finding where it cannot be read."""
        try:
            currency = _currency(record, 5, 7)
            amount = record.amount(8, 21, _DECIMALS, "the amount of origin")
        except StatementError as error:
            self.account.findings.append(Finding("field-not-read", error.reason, record.line, error.tag))
            return None
        return money_of(amount, currency) if currency is not None else None

    # -- balances and totals

    def _balances(
        self, currency: Currency, first: date | None, last: date | None
    ) -> tuple[Balance | None, Balance | None]:
        """Opening and closing; one without a mark has that sign with which the account closes, or is not read."""
        header, end, found = self.account.header, self.account.end, self.account.findings
        openings = self._spared(lambda: _signs(header, 33, 34, "the opening balance")) or ()
        closings: tuple[Decimal, ...] = ()
        closing_currency = currency
        if end is None:
            found.append(Finding("balance-missing", "the account has no closing balance", header.line, "33"))
        else:
            closings = self._spared(lambda: _signs(end, 59, 60, "the closing balance")) or ()
            closing_currency = self._printed_currency(end, 74) or currency
            if closing_currency != currency:
                found.append(Finding("balance-currency", "the closing balance is in another currency", end.line, "33"))
        openings, closings = self._decided(openings, closings)
        opening = Balance(money_of(openings[0], currency), first, "OPBD") if openings else None
        closing = Balance(money_of(closings[0], closing_currency), last, "CLBD") if closings else None
        return opening, closing

    def _decided(
        self, openings: tuple[Decimal, ...], closings: tuple[Decimal, ...]
    ) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
        """One value each, or none: of two signs that one with which opening and movements make the closing balance."""
        if len(openings) <= 1 and len(closings) <= 1:
            return openings, closings
        moved = EXACT.subtract(self.sums.credited, self.sums.debited)
        fitting = [(before, after) for before in openings for after in closings if EXACT.add(before, moved) == after]
        header = self.account.header
        if len(fitting) == 1:
            self.account.findings.append(
                Finding("sign-missing", "a balance has no sign; it was read so that the account closes", header.line)
            )
            return (fitting[0][0],), (fitting[0][1],)
        self.account.findings.append(
            Finding("balance-not-read", "a balance has no sign, and the movements do not tell it", header.line)
        )
        return openings if len(openings) == 1 else (), closings if len(closings) == 1 else ()

    def _check_end(self, end: Record) -> None:
        """Compare counts and sums of record 33, and its account, with what was read; a difference is reported."""
        sums = self.sums
        printed = end.columns(21, 58).replace(" ", "0")
        summed = f"{sums.debits:05}{_cents(sums.debited):014}{sums.credits:05}{_cents(sums.credited):014}"
        if printed != summed:
            self.account.findings.append(
                Finding("totals-differ", "the bank's own totals differ from its movements", end.line, "33")
            )
        if end.columns(3, 20) != self.account.header.columns(3, 20):
            self.account.findings.append(
                Finding("account-differs", "the closing record names another account than the header", end.line, "33")
            )


# -- values -------------------------------------------------------------------------------------------------------


def _signs(record: Record, mark_at: int, first: int, what: str) -> tuple[Decimal, ...]:
    """The balance behind its mark: one value, or both signs where a balance that is not zero has no mark."""
    amount = record.amount(first, first + 13, _DECIMALS, what)
    mark = record.columns(mark_at, mark_at)
    if mark == _DEBIT:
        return (signed(amount, True),)
    if mark == _CREDIT or (not amount and not mark.strip("0 ")):
        return (amount,)
    if mark.strip("0 "):
        raise record.refused(f"{what} is marked as neither debit (1) nor credit (2)", f"columns {mark_at}-{mark_at}")
    return amount, signed(amount, True)


def _currency(record: Record, first: int, last: int) -> Currency | None:
    """The currency by its ISO 4217 number (or letters, which some banks print); None for blanks and zeros.

    Raises:
        StatementError: no currency has this number.
    """
    text = record.columns(first, last).strip()
    if not text.strip("0"):
        return None
    currency = currency_numbered(text)
    if currency is None and text.isascii() and text.isalpha():
        named = as_currency(text)
        currency = named if named is not None and named.exponent is not None else None
    if currency is None:
        raise record.refused("a currency is none of ISO 4217", f"columns {first}-{last}")
    return currency


@lru_cache(maxsize=4096)
def _codes(common: str | None, own: str | None) -> tuple[tuple[str, str], ...]:
    """The concept that all banks share, and the bank's own."""
    pairs = (("n43", common), ("n43-own", own))
    return tuple([(scheme, code) for scheme, code in pairs if code is not None])


_REFERENCES = (("oficina", 7, 10), ("documento", 43, 52), ("referencia 1", 53, 64), ("referencia 2", 65, 80))


def _references(record: Record) -> tuple[tuple[str, str], ...]:
    """The branch, document number and both references of a movement, by the standard's words."""
    return tuple(
        [
            (name, text)
            for name, first, last in _REFERENCES
            if (text := unless_zeros(record.columns(first, last))) is not None
        ]
    )


def _within(day: date | None, first: date | None, last: date | None) -> bool:
    """True unless the day is known to lie outside."""
    return day is None or not ((first is not None and day < first) or (last is not None and day > last))


def _cents(amount: Decimal) -> int:
    return int(EXACT.scaleb(amount, _DECIMALS))


# -- guard --------------------------------------------------------------------------------------------------------


def _conserve(text: str, statements: Sequence[Statement], lost: int) -> None:
    """Every record 22 became an entry or a finding; otherwise the reading is refused."""
    printed = printed_records(text, "22", _WIDTH)
    read = sum(len(statement.entries) for statement in statements) + lost
    if printed != read:
        raise not_conserved(printed, read, format=FORMAT, tag="22")
