"""CODA, the coded statement of account of Belgian banks, versions 1 and 2: bytes -> Statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from oimkit.banking.decode import decode
from oimkit.banking.exact import scaled
from oimkit.banking.formats._common import NO_CURRENCY, Budget, Damaged, clean, party, refused, signed, unless_zeros
from oimkit.banking.formats.coda_accounts import own_account
from oimkit.banking.formats.coda_movements import Held, Movements, entries_of
from oimkit.banking.formats.record_width import each_in_columns
from oimkit.banking.formats.records import Record, printed_records
from oimkit.banking.formats.short_days import day_month_year
from oimkit.banking.formats.tally import Tally
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, Finding, Statement
from oimkit.errors import StatementError
from oimkit.money import Currency, Money

__all__ = ["read_coda"]

_FORMAT = "coda"
_WIDTH = 128


def read_coda(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every statement of a CODA file, in file order: one for each old balance (record 1).

    Raises:
        StatementError: a record that cannot be read in exactly one way, a file that is cut off, is no CODA or is beyond
            *limits*. Carries line and record, never the text.

    Source: Febelfin, coded statement of account (CODA), standard 2.6 and version 1; see docs/formats/coda.md.
    """
    decoded = decode(data)
    budget = Budget(_FORMAT, limits, damaged)
    mended: list[Finding] = []
    records = each_in_columns(decoded.text, format=_FORMAT, limits=limits, width=_WIDTH, found=mended)
    drafts = [draft for file in _files(records, budget) for draft in file.drafts]
    if not drafts:
        raise _refused(None, "the file holds no statement")
    statements = tuple([_statement(draft, (*draft.findings, *mended, *decoded.findings)) for draft in drafts])
    _conserve(decoded.text, statements)
    return statements


# -- files ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _File:
    """One file of those that a CODA file may hold: its header (record 0), statements, and how many records they are.

    remarks  how many of the records are free communications, which banks count in the trailer or do not
    """

    header: Record
    drafts: list[_Draft] = field(default_factory=list)
    records: int = 0
    remarks: int = 0

    @property
    def version(self) -> int:
        return 1 if self.header.text[127:128] == "1" else 2


def _files(records: Iterable[Record], budget: Budget) -> list[_File]:
    """The files from header to trailer, their statements complete; nothing stands outside of them."""
    files: list[_File] = []
    current: _File | None = None
    record = trailer = None
    for record in records:
        kind = record.text[0]
        if current is None:
            _refuse_other_than_header(record)
            current = _File(record)
        elif kind == "9":
            _complete_file(current, record, budget)
            files.append(current)
            current, trailer = None, record
        elif kind == "0":
            raise _refused(record, "a file begins before the one above it has its trailer", "0")
        else:
            current.records += 1
            current.remarks += kind == "4"
            _take(current, record, budget)
    if current is not None:
        raise _refused(record, "the file is cut off: it ends without its trailer", "9")
    if trailer is not None and trailer.text[127:128] == "1" and files[-1].drafts:
        reason = "another file is said to follow, and none does"
        files[-1].drafts[-1].note("file-missing", reason, trailer.line, "9")
    return files


_HEADER = re.compile(r"00000[0-9 ]{6}[0-9 ]{3}05[ D]", re.ASCII)


def _refuse_other_than_header(record: Record) -> None:
    if not _HEADER.match(record.text):
        raise _refused(record, "a file does not begin with the header record of CODA", "0")
    if record.text[127:128] not in ("", " ", "1", "2"):
        raise _refused(record, "the file is in a version of CODA that is not known", "0")


# -- statements ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """One statement being gathered."""

    file: _File
    first: Record
    account: str | None = None
    currency: Currency | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    is_closed: bool = False
    movements: Movements = field(default_factory=Movements)
    entries: list[Entry] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: str, reason: str, line: int | None, tag: str | None = None) -> None:
        self.findings.append(Finding(code, reason, line, tag))


def _take(file: _File, record: Record, budget: Budget) -> None:
    """Give one record its place in the statements of the file, or spare it there."""
    kind = record.text[0]
    draft = file.drafts[-1] if file.drafts else None
    try:
        if kind == "1":
            budget.statement(record.line)
            file.drafts.append(_Draft(file, record))
            _open(file.drafts[-1])
        elif draft is None or (draft.is_closed and kind != "4"):
            raise _outside(record)
        elif kind in "23":
            draft.movements.take(record, budget)
        elif kind == "8":
            draft.is_closed = True
            _close(draft, record)
        elif kind == "4":
            remark = clean(record.text[32:112])
            if remark is not None:
                draft.remarks.append(remark)
        else:
            raise _refused(record, "a record is of no kind that CODA has")
    except StatementError as error:
        if not file.drafts:
            raise
        file.drafts[-1].findings.append(budget.spare(error))


def _complete_file(file: _File, trailer: Record, budget: Budget) -> None:
    """Make the entries of the file's statements, and compare its totals."""
    for draft in file.drafts:
        _complete(draft, budget)
    if file.drafts:
        _note_header(file.drafts[0])
        _compare_totals(file, trailer, budget)


def _outside(record: Record) -> StatementError:
    tag = ".".join(record.text[:2]) if record.text[0] in "23" else record.text[0]
    return _refused(record, "a record stands outside a statement: no old balance is open", tag)


def _open(draft: _Draft) -> None:
    """Record 1: account and currency, holder, numbers, and the old balance."""
    record = draft.first
    try:
        account, printed, currency = own_account(record.text[1:2], record.text[5:42], draft.file.version)
    except KeyError:
        raise _refused(record, "the account is in a structure that is not known", "1") from None
    draft.account, draft.currency = account, currency
    if currency is None:
        if printed:
            draft.currency = NO_CURRENCY
            raise _refused(record, "the currency of the account is not three letters", "1")
        draft.note("currency-missing", "the statement names no currency; its amounts are in XXX", record.line, "1")
    draft.opening = _balance(record, 42, "OPBD", draft)


def _close(draft: _Draft, record: Record) -> None:
    """Record 8: the new balance of the same account."""
    if record.text[4:41].split() != draft.first.text[5:42].split():
        draft.note("account-differs", "the new balance names another account than the old one", record.line, "8")
    draft.closing = _balance(record, 41, "CLBD", draft)


def _balance(record: Record, start: int, code: str, draft: _Draft) -> Balance:
    """Sign, fifteen digits with three decimals, and day of a balance from offset *start*."""
    text, tag = record.text, record.text[0]
    sign, digits = text[start : start + 1], text[start + 1 : start + 16]
    if sign not in ("0", "1"):
        raise _refused(record, "a balance is marked as neither credit nor debit", tag)
    if not (len(digits) == 15 and digits.isascii() and digits.isdigit()):
        raise _refused(record, "a balance is not 15 digits", tag)
    amount = signed(scaled(digits, 3), sign == "1")
    return Balance(Money(amount, draft.currency or NO_CURRENCY), _balance_day(record, start + 16, draft), code)


def _balance_day(record: Record, start: int, draft: _Draft) -> date | None:
    """The day of a balance; nothing hangs on it, so that one which is no day is absent and reported."""
    day, is_wrong = day_month_year(record.text[start : start + 6])
    if is_wrong:
        draft.note("date-not-in-calendar", "the date of a balance is no day", record.line, record.text[0])
    return day


def _complete(draft: _Draft, budget: Budget) -> None:
    """Make the entries, and note what the statement lacks; the movements are not needed any more."""
    movements = draft.movements
    movements.end()
    if not draft.is_closed:
        draft.note("balance-missing", "the statement ends without its new balance", draft.first.line, "8")
    if movements.announced is not None:
        draft.note("record-missing", "a record that is said to follow does not", movements.announced)
    gap = _sequence_gap(movements)
    if gap is not None:
        draft.note("sequence-gap", "the sequence numbers of movements leave one out", gap, "2.1")
    balances = (draft.closing, draft.opening)
    day = next((balance.date for balance in balances if balance is not None and balance.date is not None), None)
    held = Held(draft.file.version, draft.account, draft.currency or NO_CURRENCY, day)
    draft.entries, findings = entries_of(movements.all, held, budget)
    draft.movements = Movements()
    draft.findings.extend(findings)
    draft.findings.sort(key=lambda finding: finding.line or 0)


def _sequence_gap(movements: Movements) -> int | None:
    """The line of the first movement whose number is not one more than that of the movement above it."""
    before: int | None = None
    for movement in movements.all:
        if not movement.is_entry:
            continue
        printed = movement.text[2:6]
        number = int(printed) if printed.isascii() and printed.isdigit() else None
        if before is not None and number is not None and number not in _after(before):
            return movement.line
        before = number
    return None


def _after(number: int) -> tuple[int, ...]:
    """The numbers that may come after *number*; 9999 is followed by 0 or 1."""
    return (0, 1) if number == 9999 else (number + 1,)


def _note_header(draft: _Draft) -> None:
    """What the header says about the file as a whole."""
    header = draft.file.header
    if header.text[16:17] == "D":
        draft.note("duplicate", "the bank marks the file as a copy of an earlier one", header.line, "0")
    if header.text[83:88].strip("0 "):
        reason = "the file details movements that the bank books in another file"
        draft.note("separate-application", reason, header.line, "0")


def _compare_totals(file: _File, trailer: Record, budget: Budget) -> None:
    """Record 9: number of records, and sums of the movements that are booked."""
    last = file.drafts[-1]
    tally = Tally()
    for draft in file.drafts:
        tally.add(draft.entries)
    debited, credited = tally.debits.sum.copy_abs(), tally.credits.sum
    try:
        if _total(trailer, 22) not in (None, debited) or _total(trailer, 37) not in (None, credited):
            last.note("totals-differ", "the bank's own totals differ from its movements", trailer.line, "9")
    except StatementError as error:
        last.findings.append(budget.spare(error))
    counted = trailer.text[16:22]
    possible = (file.records, file.records - file.remarks)
    if counted.strip() and not (counted.isascii() and counted.isdigit() and int(counted) in possible):
        last.note("totals-differ", "the bank's own number of records differs from theirs", trailer.line, "9")


def _total(trailer: Record, start: int) -> Decimal | None:
    """Fifteen digits, three of them decimals; None for blanks."""
    digits = trailer.text[start : start + 15]
    if len(digits) == 15 and not digits.strip():
        return None
    if not (len(digits) == 15 and digits.isascii() and digits.isdigit()):
        raise _refused(trailer, "a total of the trailer is not 15 digits", "9")
    return scaled(digits, 3)


def _statement(draft: _Draft, findings: tuple[Finding, ...]) -> Statement:
    record, header = draft.first.text, draft.file.header.text
    return Statement(
        format=_FORMAT,
        account=draft.account,
        currency=draft.currency or NO_CURRENCY,
        entries=tuple(draft.entries),
        opening=draft.opening,
        closing=draft.closing,
        reference=clean(header[24:34]),
        number=unless_zeros(record[2:5]) or unless_zeros(record[125:128]),
        findings=findings,
        line=draft.first.line,
        owner=party(clean(record[64:90]) or header[34:60], None, header[60:71], (), unless_zeros(header[71:82])),
        balances=tuple(balance for balance in (draft.opening, draft.closing) if balance is not None),
        remarks=tuple(draft.remarks),
    )


# -- guard ---------------------------------------------------------------------------------------------------------


def _conserve(text: str, statements: Sequence[Statement]) -> None:
    """Every record 2.1 became an entry, a detail or a finding; otherwise the reading is refused."""
    printed = printed_records(text, "21", _WIDTH)
    read = sum(1 for statement in statements for _ in _all_entries(statement.entries))
    spared = sum(
        finding.code == "record-not-read" and finding.tag == "2.1"
        for statement in statements
        for finding in statement.findings
    )
    if printed != read + spared:
        raise _refused(None, f"{printed} movements are printed but {read + spared} were understood", "2.1")


def _all_entries(entries: Iterable[Entry]) -> Iterator[Entry]:
    waiting = list(entries)
    while waiting:
        entry = waiting.pop()
        waiting.extend(entry.details)
        yield entry


def _refused(record: Record | None, reason: str, tag: str | None = None) -> StatementError:
    return refused(_FORMAT, reason, record.line if record is not None else None, tag)
