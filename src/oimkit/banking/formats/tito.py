"""Finnish machine-readable account statements (TITO, konekielinen tiliote): bytes -> Statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.decode import decode
from oimkit.banking.exact import EXACT, summed
from oimkit.banking.formats._common import (
    NO_CURRENCY,
    Budget,
    Damaged,
    as_currency,
    clean,
    entry_of,
    iban_or_none,
    money_of,
    not_conserved,
    party,
    party_of,
)
from oimkit.banking.formats.records import Record
from oimkit.banking.formats.text_lines import is_broken, lines_beginning
from oimkit.banking.formats.tito_blocks import MOVEMENTS, Block, File, Row
from oimkit.banking.formats.tito_records import FORMAT, Letters, account_of, lines_of, printed_amount
from oimkit.banking.formats.tito_texts import read_texts
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Party, Statement
from oimkit.errors import StatementError
from oimkit.money import Currency

__all__ = ["read_tito"]

_DEPOSIT, _WITHDRAWAL, _CORRECTIONS, _REJECTED = "1", "2", ("3", "4"), "9"

_DAY_TOTAL, _STATEMENT_TOTAL = "1", "2"


def read_tito(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every statement (T00) of a TITO file, in file order.

    Rows of a deeper level are details of the row above them and are never summed. Notifications (T80) and rejected
    movements are for information and move nothing. Opening is the balance of T00, closing that of the last T40; the
    balances of the days between and the totals of the day and the statement (T50) are compared with the movements.

    Raises:
        StatementError: a record that cannot be read in exactly one way, a file that is cut off, holds no statement or
            is beyond *limits*. Carries line and columns, never the text.

    Source: Finance Finland, Konekielinen tiliote, palvelukuvaus 3; docs/formats/tito.md.
    """
    decoded = decode(data)
    budget = Budget(FORMAT, limits, damaged)
    file = File(budget)
    for line in lines_of(decoded.text, limits):
        file.take(line)
    file.close()
    letters = Letters(seven_bits=decoded.text.isascii())
    readings = [_Reading(block, budget, letters) for block in file.blocks]
    statements = tuple([reading.statement(decoded.findings) for reading in readings])
    _conserve(decoded.text, file.lost + sum(reading.read + reading.lost for reading in readings))
    return statements


# -- statements ---------------------------------------------------------------------------------------------------


@dataclass(slots=True, repr=False)
class _Moved:
    """What one movement of the top adds to balances and totals: nothing when it is for information only."""

    mark: str = ""
    day: date | None = None
    amount: Decimal = Decimal(0)
    count: int = 0


@dataclass(slots=True, repr=False)
class _Sums:
    """Movements counted and summed by day and kind; day None is the whole statement.

    Each value is rows, rows with each summed movement counted as many times as it says, and the signed sum.
    """

    of: dict[tuple[date | None, str], tuple[int, int, Decimal]] = field(default_factory=dict)

    def add(self, moved: _Moved) -> None:
        for key in {(None, moved.mark), (moved.day, moved.mark)}:
            rows, counted, total = self.of.get(key, _NOTHING)
            self.of[key] = rows + 1, counted + moved.count, EXACT.add(total, moved.amount)

    def agree(self, record: Record, day: date | None) -> bool:
        """True when deposits and withdrawals of a total (T50) are those of the day.

        Banks differ in whether corrections are among them and whether a summed movement counts once: either will do.
        """
        return self._agree(record, 14, day, _DEPOSIT, "3") and self._agree(record, 41, day, _WITHDRAWAL, "4")

    def _agree(self, record: Record, first: int, day: date | None, mark: str, correction: str) -> bool:
        count = int(record.digits(first, first + 7, "the count of a total"))
        total = printed_amount(record, first + 8, "the sum of a total")
        own, corrected = self.of.get((day, mark), _NOTHING), self.of.get((day, correction), _NOTHING)
        both = own[0] + corrected[0], own[1] + corrected[1], EXACT.add(own[2], corrected[2])
        return any(total == some[2] and count in some[:2] for some in (own, both))


_NOTHING = (0, 0, Decimal(0))


@dataclass(slots=True, repr=False)
class _Reading:
    """One statement being read; ``read`` and ``lost`` count its movements, nested ones included."""

    block: Block
    budget: Budget
    letters: Letters
    account: str | None = None
    currency: Currency = NO_CURRENCY
    read: int = 0
    lost: int = 0

    def statement(self, findings: Sequence[Finding]) -> Statement:
        """The statement of the block, checked against its balances and totals."""
        header, found = self.block.header, self.block.findings
        self.currency = self._currency(header)
        iban, bic = _iban_and_bic(header)
        self.account = iban or account_of(header, 10, 23)
        moved = [_Moved() for _ in self.block.rows]
        entries = self._entries(moved)
        opening = self._balance(header, 66, 72, "OPBD", "the opening balance")
        days = self._days(opening, moved)
        closing = next((day for day in reversed(days) if day.code == "CLBD"), None)
        first, last = self._day(header, 27, "the first day"), self._day(header, 33, "the last day")
        self._check_totals(moved)
        self._check_end(closing, last)
        return Statement(
            format=FORMAT,
            account=self.account,
            currency=self.currency,
            entries=entries,
            opening=opening,
            closing=closing,
            number=header.value(24, 26),
            findings=(*findings, *found),
            line=header.line,
            owner=self._owner(bic),
            balances=(*([opening] if opening is not None else []), *days),
            period_start=first,
            period_end=last,
            remarks=tuple([text for note in self.block.notes for text in self.letters.rows(note, 10, 80)]),
        )

    def _currency(self, header: Record) -> Currency:
        """The account's currency; XXX where the columns are blank, or hold none of ISO 4217 and damage is reported."""
        printed = header.value(97, 99)
        currency = as_currency(printed) if printed is not None else None
        if printed is not None and (currency is None or currency.exponent is None):
            error = header.refused("the account's currency is none of ISO 4217", "columns 97-99")
            self.block.findings.append(self.budget.spare(error))
            return NO_CURRENCY
        return currency or NO_CURRENCY

    def _owner(self, bic: str | None) -> Party | None:
        """The holder, and the bank by its BIC, else by the name it prints."""
        header = self.block.header
        return party(self.letters.value(header, 148, 182), self.account, bic or self.letters.value(header, 183, 222))

    # -- balances and totals

    def _balance(self, record: Record, day: int, sign: int, code: str, what: str) -> Balance | None:
        try:
            amount = printed_amount(record, sign, what)
            return Balance(money_of(amount, self.currency), record.day(day, f"the day of {what}"), code)
        except StatementError as error:
            self.block.findings.append(self.budget.spare(error))
            return None

    def _day(self, record: Record, first: int, what: str) -> date | None:
        try:
            return record.day(first, what)
        except StatementError as error:
            self.block.findings.append(self.budget.spare(error))
            return None

    def _days(self, opening: Balance | None, moved: Sequence[_Moved]) -> list[Balance]:
        """The balances of the days (T40): interim ones, compared with the movements above, then the closing one.

        The available balance is printed with the last one; with the others it is zero.
        """
        found: list[Balance] = []
        running, done = opening.amount.amount if opening is not None else None, 0
        for index, (record, above) in enumerate(self.block.balances, 1):
            is_last = index == len(self.block.balances)
            booked = self._balance(record, 7, 13, "CLBD" if is_last else "ITBD", "the balance of a day")
            if running is not None:
                running = summed([running, *(each.amount for each in moved[done:above])])
                done = above
            if booked is None:
                continue
            found.append(booked)
            if not is_last and running is not None and booked.amount.amount != running:
                self.block.findings.append(
                    Finding("balance-differs", "a day's balance is not what its movements make", record.line, "T40")
                )
            available = self._available(record, booked, is_last)
            if available is not None:
                found.append(available)
        return found

    def _available(self, record: Record, booked: Balance, is_last: bool) -> Balance | None:
        """The available balance of a day, which nothing hangs on: a finding where it cannot be read."""
        if record.value(32, 50) is None:
            return None
        try:
            amount = printed_amount(record, 32, "the available balance")
        except StatementError as error:
            self.block.findings.append(Finding("field-not-read", error.reason, record.line, error.tag))
            return None
        if not (is_last or amount):
            return None
        return Balance(money_of(amount, self.currency), booked.date, "CLAV" if is_last else "ITAV")

    def _check_totals(self, moved: Sequence[_Moved]) -> None:
        """Compare the totals of the day and of the statement (T50) with the movements; a difference is reported."""
        sums = _Sums()
        for each in moved:
            sums.add(each)
        for record in self.block.totals:
            period = record.columns(7, 7)
            try:
                if period == _STATEMENT_TOTAL:
                    agrees = sums.agree(record, None)
                elif period == _DAY_TOTAL:
                    agrees = sums.agree(record, record.day(8, "the day of a total"))
                else:
                    continue  # the month's and the year's totals reach beyond the statement
            except StatementError as error:
                self.block.findings.append(Finding("field-not-read", error.reason, record.line, error.tag))
                continue
            if not agrees:
                self.block.findings.append(
                    Finding("totals-differ", "the bank's own totals differ from its movements", record.line, "T50")
                )

    def _check_end(self, closing: Balance | None, last: date | None) -> None:
        """Report movements without a balance below them, and a statement that seems to stop before its last day."""
        block = self.block
        covered = block.balances[-1][1] if block.balances else 0
        if covered < len(block.rows) or not (block.balances or block.totals):
            block.findings.append(
                Finding("balance-missing", "no balance (T40) stands below the movements", block.header.line, "T40")
            )
        elif not block.totals and closing is not None and None not in (last, closing.date) and closing.date != last:
            block.findings.append(
                Finding(
                    "period-differs", "the last balance is not of the last day, and no totals follow", block.header.line
                )
            )

    # -- movements

    def _entries(self, moved: list[_Moved]) -> tuple[Entry, ...]:
        """The movements of the top, with those nested in them as details.

        Rows are taken from the last to the first, so that what is nested in a row is known when the row is read; a row
        that cannot be read takes its details along.
        """
        waiting: list[tuple[int, Entry, int]] = []  # level, entry, rows it stands for; the nearest one last
        lost: list[Finding] = []
        for index in range(len(self.block.rows) - 1, -1, -1):
            row = self.block.rows[index]
            details: list[Entry] = []
            size = 1
            while waiting and waiting[-1][0] > row.level:
                _, detail, below = waiting.pop()
                details.append(detail)
                size += below
            try:
                entry = self._entry(row, tuple(details), moved[index])
            except StatementError as error:
                self.lost += size
                moved[index] = _Moved()
                lost.append(self.budget.spare(error))
            else:
                waiting.append((row.level, entry, size))
        self.block.findings.extend(reversed(lost))
        self.read = sum(size for _, _, size in waiting)
        return tuple([entry for _, entry, _ in reversed(waiting)])

    def _entry(self, row: Row, details: tuple[Entry, ...], moved: _Moved) -> Entry:
        """One movement; a correction is a reversal, what is rejected or notified moves nothing."""
        head = row.head
        mark = head.columns(49, 49)
        amount = printed_amount(head, 88, "the amount of a movement")
        if (mark == _DEPOSIT and amount < 0) or (mark == _WITHDRAWAL and amount > 0):
            raise head.refused("the kind of a movement and the sign of its amount differ", "columns 88-88")
        booked, valued = head.day(31, "the booking day"), head.day(37, "the value day")
        value_date = valued or booked
        if value_date is None:
            raise head.refused("a movement has no date", "columns 31-42")
        is_booked = head.text.startswith("T10") and mark != _REJECTED
        texts = read_texts(row.texts, self.letters, amount, self.currency)
        self.block.findings.extend(texts.findings)
        if not row.level and is_booked:
            moved.mark, moved.day, moved.amount, moved.count = mark, booked, amount, texts.count or 1
        code = head.value(50, 52)
        own = _viite(head)
        return entry_of(
            money_of(amount, self.currency),
            value_date,
            booked,
            EntryStatus.BOOKED if is_booked else EntryStatus.INFORMATION,
            head.value(13, 30),
            texts.end_to_end_id,
            None,
            None,
            self._counterparty(head, texts.account, texts.bank_code),
            texts.structured or own,
            self._remittance(head, texts.messages, texts.bank_words),
            code,
            None,
            mark in _CORRECTIONS,
            texts.instructed,
            None,
            details,
            head.line,
            self.account,
            raw="\n".join([record.text for record in (head, *row.texts)]),
            ultimate=texts.ultimate(amount > 0),
            purpose=texts.purpose,
            codes=_codes(code),
            references=tuple(_references(head, texts.references, own if texts.structured is not None else None)),
            exchange=texts.exchange,
        )

    def _counterparty(self, head: Record, account: str | None, bank_code: str | None) -> Party | None:
        """The payer or payee; an account that is the statement's own is left out."""
        other = account or account_of(head, 145, 158)
        return party_of(self.letters.value(head, 109, 143), other if other != self.account else None, bank_code)

    def _remittance(self, head: Record, messages: Sequence[str], bank_words: Sequence[str]) -> tuple[str, ...]:
        """The payer's message and the bank's own words; the kind of movement where there are none."""
        if messages or bank_words:
            return (*messages, *bank_words)
        kind = self.letters.value(head, 53, 87)
        return (kind,) if kind is not None else ()


# -- values -------------------------------------------------------------------------------------------------------


def _iban_and_bic(header: Record) -> tuple[str | None, str | None]:
    """The IBAN, 18 characters, and behind a blank the BIC."""
    iban = iban_or_none(clean(header.columns(293, 310)))
    return iban, clean(header.columns(311, 322))


@lru_cache(maxsize=1024)
def _codes(code: str | None) -> tuple[tuple[str, str], ...]:
    return (("tito", code),) if code is not None else ()


def _viite(head: Record) -> str | None:
    """The reference of the movement without the zeros that fill its columns."""
    text = head.value(160, 179)
    return None if text is None else text.lstrip("0") or None


def _references(head: Record, further: Iterable[tuple[str, str]], viite: str | None) -> Iterable[tuple[str, str]]:
    """The number of the form, what stands below the movement, and the reference that an RF reference displaced."""
    form = head.value(180, 187)
    if form is not None and form.strip("0"):
        yield "lomakkeen numero", form
    yield from further
    if viite is not None:
        yield "viite", viite


# -- guard --------------------------------------------------------------------------------------------------------

_PRINTED_IN_CHAIN = re.compile(r"T[18]0188")


def _conserve(text: str, read: int) -> None:
    """Every record T10 and T80 became an entry, a detail or a finding; otherwise the reading is refused."""
    if is_broken(text.rstrip("\x00\x1a\r\n ")):
        printed = sum(lines_beginning(text, code) for code in MOVEMENTS)
    else:
        printed = len(_PRINTED_IN_CHAIN.findall(text))
    if printed != read:
        raise not_conserved(printed, read, format=FORMAT, tag="T10")
