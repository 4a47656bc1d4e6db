"""BAI2 and BTRS balance and transaction reports of North American banks: bytes -> Statements."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from oimkit.banking.decode import decode
from oimkit.banking.formats._common import Budget, Damaged, as_currency, clean, iban_or_none, not_conserved, refused
from oimkit.banking.formats.bai2_accounts import (
    ALL_CREDITS,
    ALL_DEBITS,
    Account,
    File,
    Group,
    entry_from,
    money_in,
    note_group,
    statement_of,
    summed_otherwise,
)
from oimkit.banking.formats.bai2_records import (
    FORMAT,
    Fields,
    Record,
    amount_of,
    day_of,
    funds_of,
    printed_transactions,
    records_of,
)
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Finding, Statement
from oimkit.errors import StatementError
from oimkit.money import Currency

__all__ = ["read_bai2"]

_DOLLAR = Currency("USD")
"""The currency of a group that names none."""

_BALANCES = {"010": "OPBD", "015": "CLBD", "030": "ITBD", "040": "OPAV", "045": "CLAV", "060": "ITAV"}
"""Ledger and available balances by their ISO 20022 type; other states of an account keep the code of BAI2."""

_NOT_MONETARY = "890"

_TYPE = re.compile(r"[0-9]{3}", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,12}", re.ASCII)
_STATE = re.compile(r"0[0-9]{2}|70[0-9]|71[0-9]|90[0-9]|91[0-9]", re.ASCII)


def read_bai2(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every account (03) of a BAI2 or BTRS file as one statement, in file order.

    Amounts are minor units of the account's currency, the group's, else US dollars. The type code gives the sign:
    100 to 399, 720 to 728 and 920 to 959 are credits, 400 to 699, 760 and 960 to 999 debits. Opening is the opening
    ledger balance (010), closing the closing ledger balance (015). Control totals and counts of the trailers (49, 98,
    99) are compared with what was read; a difference is a finding.

    Raises:
        StatementError: a record that cannot be read in exactly one way, a file that is cut off, holds no account or is
            beyond *limits*. Carries line and record code, never the text.

    Source: Bank Administration Institute, Cash Management Balance Reporting Specifications, Version 2; ANSI X9.121
    (BTRS) version 3; docs/formats/bai2.md.
    """
    decoded = decode(data)
    reading = _Reading(Budget(FORMAT, limits, damaged))
    for record in records_of(decoded.text, limits):
        reading.take(record)
    reading.close()
    _conserve(decoded.text, reading)
    return tuple([statement_of(account, decoded.findings) for account in reading.accounts])


# -- records in their places ----------------------------------------------------------------------------------------


@dataclass(slots=True, repr=False)
class _Reading:
    """A file while it is read; ``lost`` counts transactions (16) left out, ``remarked`` those that move no money."""

    budget: Budget
    accounts: list[Account] = field(default_factory=list)
    loose: list[Finding] = field(default_factory=list)
    file: File | None = None
    group: Group | None = None
    account: Account | None = None
    complete: bool = False
    lost: int = 0
    remarked: int = 0
    line: int = 1

    def take(self, record: Record) -> None:
        """Read one record in its place; one that cannot be read is refused or reported."""
        self.line = record.line
        try:
            if record.refusal is not None:
                raise record.refusal
            self._place(record)
        except StatementError as error:
            self.lost += record.code == "16"
            self._note(self.budget.spare(error))
        if self.file is not None and record.code not in ("01", "99"):
            self.file.records += record.count

    def close(self) -> None:
        """Refuse a file without accounts and one that is cut off."""
        if not self.complete or self.file is not None:
            raise refused(FORMAT, "the file is cut off: it has no file trailer (99)", self.line, "99")
        if not self.accounts:
            raise refused(FORMAT, "the file holds no account (record 03)", self.line, "03")
        self.accounts[0].findings[:0] = self.loose

    def _note(self, finding: Finding) -> None:
        """Keep what was noticed with the account it stands in, the one above it, or the first one."""
        (self.accounts[-1].findings if self.accounts else self.loose).append(finding)

    def _place(self, record: Record) -> None:
        if record.code == "16":
            account = self._inside(record)
            account.records += record.count
            self._transaction(record, account)
        elif record.code == "03":
            self._open_account(record)
        elif record.code == "49":
            self._close_account(record)
        elif record.code == "02":
            self._open_group(record)
        elif record.code == "98":
            self._close_group(record)
        elif record.code == "01":
            self._open_file(record)
        else:
            self._close_file(record)

    def _inside(self, record: Record) -> Account:
        if self.account is None:
            raise record.refused("a transaction stands outside an account")
        return self.account

    # -- headers

    def _open_file(self, record: Record) -> None:
        if self.file is not None:
            raise record.refused("a file header stands within a file")
        fields = Fields(record)
        values = [fields.or_empty() for _ in range(8)]
        self.file = File(clean(values[4]), values[7], records=record.count)
        self.complete = False
        if values[7] not in ("", "2", "3"):
            self._note(Finding("version-unknown", "the version of the file is neither 2 nor 3", record.line, "01"))

    def _open_group(self, record: Record) -> None:
        file = self.file
        if file is None:
            raise record.refused("a group stands outside a file")
        self._end_account(record)
        if self.group is not None:
            self._note(self.budget.spare(record.refused("a group begins before the one above it has a trailer (98)")))
        self.group = None
        fields = Fields(record)
        _, bank, status, day, _, currency, modifier = (fields.or_empty() for _ in range(7))
        known = _currency(currency, record) if currency else _DOLLAR if file.version != "3" else None
        self.group = Group(
            clean(bank), day_of(day, record, "the day of the group"), known, status, modifier, records=record.count
        )
        file.groups += 1

    def _open_account(self, record: Record) -> None:
        file, group = self.file, self.group
        self._end_account(record)
        if file is None or group is None:
            raise record.refused("an account stands outside a group")
        self.budget.statement(record.line)
        fields = Fields(record)
        number = clean(fields.or_empty())
        printed = fields.or_empty()
        currency = _currency(printed, record) if printed else group.currency
        if currency is None:
            raise record.refused("an account names no currency, which BTRS demands")
        self.account = Account(
            record.line, iban_or_none(number) or number, currency, group, file.reference, records=record.count
        )
        self.accounts.append(self.account)
        note_group(self.account, group)
        try:
            self._summaries(fields, record, self.account)
        except StatementError as error:
            self._note(self.budget.spare(error))

    def _summaries(self, fields: Fields, record: Record, account: Account) -> None:
        """Balances and totals of an account: type code, amount, item count, funds type, over and over."""
        while (code := fields.next()) is not None:
            if not code:
                if fields.begins_piece and fields.peek():
                    continue  # a comma too much before the end of a line
                if any((fields.or_empty(), fields.or_empty(), fields.or_empty())):
                    raise record.refused("an amount of an account has no type code")
                continue
            if not _TYPE.fullmatch(code):
                raise record.refused("a type code of an account is not three digits")
            printed, count = fields.or_empty(), fields.or_empty()
            if count and not _COUNT.fullmatch(count):
                raise record.refused("the item count of an amount is no number")
            funds = funds_of(fields, record)
            if not printed:
                continue
            units = amount_of(printed, record, "an amount of an account")
            account.total += units
            if funds.total is not None and funds.total != units:
                account.note(
                    "availability-differs", "an amount differs from its available parts", record.line, record.code
                )
            if code in (ALL_CREDITS, ALL_DEBITS):
                account.totals[code] = units, count
            elif _STATE.fullmatch(code):
                self._balance(account, code, units, record)

    def _balance(self, account: Account, code: str, units: int, record: Record) -> None:
        """One balance; the ledger balances are opening and closing. Two that differ leave neither."""
        balance = Balance(money_in(units, account.currency), account.group.day, _BALANCES.get(code, code))
        other = {"010": account.opening, "015": account.closing}.get(code)
        if other is not None and other.amount != balance.amount:
            raise record.refused("an account has two different ledger balances of one kind")
        if code == "010":
            account.opening = balance
        elif code == "015":
            account.closing = balance
        account.balances.append(balance)

    # -- transactions

    def _transaction(self, record: Record, account: Account) -> None:
        """One transaction (16): an entry, a remark when it moves no money, a finding when it has no amount."""
        self.budget.entry(record.line)
        account.doubted |= record.doubted
        if record.stray:
            account.note("text-without-code", "a line without a code was read as text", record.line, "16")
        fields = Fields(record)
        code, printed = fields.or_empty(), fields.or_empty()
        if not _TYPE.fullmatch(code):
            raise record.refused("the type code of a transaction is not three digits")
        units = amount_of(printed, record, "the amount of a transaction") if printed else None
        if code == _NOT_MONETARY:
            self._remark(record, account, fields, units)
            return
        credit = _is_credit(code)
        if credit is None:
            raise record.refused("the type code of a transaction tells neither credit nor debit")
        if units is None:
            self.lost += 1
            account.note("entry-not-read", "a transaction has no amount and was left out", record.line, "16")
            return
        if printed.startswith("-"):
            raise record.refused("the amount of a transaction has a sign, which its type code alone may give")
        entry = entry_from(record, account, fields, code, units if credit else -units)
        account.total += units
        account.entries.append(entry)

    def _remark(self, record: Record, account: Account, fields: Fields, units: int | None) -> None:
        if units:
            raise record.refused("a record that moves no money (890) has an amount")
        self.remarked += 1
        funds_of(fields, record)
        fields.next()
        fields.next()
        account.remarks.extend(fields.texts())

    # -- trailers

    def _end_account(self, record: Record) -> None:
        """Report an account that ends without a trailer."""
        account, self.account = self.account, None
        if account is not None:
            self._end_records(account)
            self._note(
                self.budget.spare(record.refused("an account ends without its trailer (49)", "49")),
            )

    def _end_records(self, account: Account) -> None:
        account.group.records += account.records
        account.group.accounts += 1

    def _close_account(self, record: Record) -> None:
        account, self.account = self.account, None
        if account is None:
            raise record.refused("an account trailer stands outside an account")
        account.records += record.count
        self._end_records(account)
        total, count = _trailer(record, 2)
        if (record.doubted or account.doubted) and count != account.records:
            raise record.refused(
                "records stand on one line behind a text, and the count of the trailer does not tell them apart"
            )
        account.group.total += total
        if total != account.total or count != account.records:
            account.note("totals-differ", "the account's own totals differ from its records", record.line, "49")
        elif summed_otherwise(account):
            account.note("totals-differ", "the entries are more than the account's own total", record.line, "49")

    def _close_group(self, record: Record) -> None:
        self._end_account(record)
        group, self.group = self.group, None
        file = self.file
        if group is None or file is None:
            raise record.refused("a group trailer stands outside a group")
        total, accounts, count = _trailer(record, 3)
        file.total += total
        if (total, accounts, count) != (group.total, group.accounts, group.records + record.count):
            self._note(Finding("totals-differ", "the group's own totals differ from its accounts", record.line, "98"))

    def _close_file(self, record: Record) -> None:
        self._end_account(record)
        file, self.file = self.file, None
        if file is None:
            raise record.refused("a file trailer stands outside a file")
        if self.group is not None:
            self.group = None
            self._note(self.budget.spare(record.refused("a group ends without its trailer (98)", "98")))
        total, groups, count = _trailer(record, 3)
        agrees = (total, groups, count) == (file.total, file.groups, file.records + record.count)
        self.complete = agrees or record.pieces[-1].endswith("/")
        if not agrees:
            self._note(Finding("totals-differ", "the file's own totals differ from its groups", record.line, "99"))


# -- values -------------------------------------------------------------------------------------------------------


def _is_credit(code: str) -> bool | None:
    """Whether a type code is a credit, a debit, or neither (None)."""
    number = int(code)
    if 100 <= number <= 399 or 720 <= number <= 728 or 920 <= number <= 959:
        return True
    if 400 <= number <= 699 or number == 760 or 960 <= number <= 999:
        return False
    return None


def _currency(printed: str, record: Record) -> Currency:
    """The currency of a printed code; its minor unit must be known, for amounts are whole numbers of it."""
    currency = as_currency(printed)
    if currency is None or currency.exponent is None:
        raise record.refused("a currency is none with a minor unit in ISO 4217")
    return currency


def _trailer(record: Record, count: int) -> tuple[int, ...]:
    """The *count* numbers of a trailer: a signed total in minor units, then counts."""
    fields = Fields(record)
    return tuple([amount_of(fields.or_empty(), record, "a number of a trailer") for _ in range(count)])


# -- guard --------------------------------------------------------------------------------------------------------


def _conserve(text: str, reading: _Reading) -> None:
    """Every record 16 became an entry, a remark or a finding; otherwise the reading is refused."""
    printed = printed_transactions(text)
    read = sum(len(account.entries) for account in reading.accounts) + reading.remarked + reading.lost
    if printed != read:
        raise not_conserved(printed, read, format=FORMAT, tag="16")
