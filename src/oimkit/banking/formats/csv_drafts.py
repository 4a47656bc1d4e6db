"""Rows of a CSV file as drafts of entries: the numbers and days in every spelling that is still possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeAlias, TypeVar

from oimkit.banking.csv_profiles.detection import Layout
from oimkit.banking.csv_profiles.model import Fee
from oimkit.banking.exact import EXACT
from oimkit.banking.formats._common import NO_CURRENCY, iban_or_none, refused
from oimkit.banking.formats.csv_rows import Row
from oimkit.banking.formats.csv_sorting import Sorter
from oimkit.banking.formats.csv_spelling import Spelling
from oimkit.banking.formats.csv_values import Mark, Order, read_currency, read_day, read_figure, read_number
from oimkit.banking.statement import EntryStatus
from oimkit.money import Currency

__all__ = ["Base", "Days", "Draft", "DraftReader", "Key", "Numbers", "Own", "account_number"]

_FORMAT = "csv"


class Key(NamedTuple):
    """Which statement an entry belongs to."""

    account: str | None
    currency: Currency
    subaccount: str | None


class Base(NamedTuple):
    """The numbers of a row with one decimal mark, signed as printed; the charges are taken into account."""

    amount: Decimal | None
    debit: Decimal | None
    credit: Decimal | None
    balance: Decimal | None


class Days(NamedTuple):
    """The days of a row in one order of their parts; at least one is there."""

    booking: date | None
    value: date | None

    @property
    def day(self) -> date:
        """The day on which the balance moved: when it was booked, else when it counts."""
        day = self.booking or self.value
        assert day is not None
        return day


@dataclass(slots=True)
class Draft:
    """One entry before it is certain how it reads; its numbers and days are those of the first possible spelling.

    line, text  of its row
    side        1 when a word says credit, -1 when it says debit, 0 without one
    others      numbers and days in the further decimal marks and orders of days that are possible
    more        rows below it that go on with its text; details, payments of its batch
    """

    line: int
    text: str
    amount: Decimal | None
    debit: Decimal | None
    credit: Decimal | None
    balance: Decimal | None
    booking: date | None
    value: date | None
    key: Key
    side: int
    status: EntryStatus
    others: tuple[tuple[Base, ...], tuple[Days, ...]] | None = None
    more: list[Row] | None = None
    details: list[Row] | None = None

    def base_in(self, mark: int) -> Numbers:
        """The numbers with the decimal mark at *mark* of those that are possible."""
        return self if not mark or self.others is None else self.others[0][mark - 1]

    def days_in(self, order: int) -> Days:
        """The days in the order at *order* of those that are possible."""
        return Days(self.booking, self.value) if not order or self.others is None else self.others[1][order - 1]

    @property
    def day(self) -> date:
        """The day on which the balance moved, in the first order that is possible."""
        day = self.booking or self.value
        assert day is not None
        return day

    @property
    def certain_days(self) -> bool:
        """True when every order that is possible gives the same days."""
        return self.others is None or all(days == (self.booking, self.value) for days in self.others[1])


Numbers: TypeAlias = Draft | Base
"""What has the numbers of a row in one spelling."""


class Own(NamedTuple):
    """What the rows above the header say of the account."""

    account: str | None
    currency: Currency | None


class DraftReader:
    """Reads the numbers, days and words of one row; texts are left for later."""

    def __init__(self, layout: Layout, sorter: Sorter, spelling: Spelling, own: Own) -> None:
        profile = layout.profile
        place = layout.place
        self._sorter = sorter
        self._mark: Mark = spelling.marks[0]
        self._order: Order = spelling.orders[0]
        self._more_marks, self._more_orders = spelling.marks[1:], spelling.orders[1:]
        self._own = own
        self._fixed = own.currency or profile.amounts.currency or NO_CURRENCY
        self._amount, self._debit, self._credit = place("amount"), place("debit"), place("credit")
        self._money_places = [each for each in (self._amount, self._debit, self._credit) if each >= 0]
        self._balance, self._fee = place("balance"), place("fee")
        self._fee_way = {Fee.INCLUDED: 0, Fee.SUBTRACT: -1, Fee.ADD: 1}[profile.amounts.fee] if self._fee >= 0 else 0
        self._direction, self._status = place("direction"), place("status")
        self._currency, self._account, self._subaccount = place("currency"), place("account"), place("subaccount")
        self._of_sides = profile.rows.account_of_sides
        self._payer, self._payee = place("payer_account"), place("payee_account")
        self._sides = _words({1: profile.amounts.credit, -1: profile.amounts.debit})
        self._other_states = profile.status.other
        self._states = _words(
            {
                EntryStatus.BOOKED: profile.status.booked,
                EntryStatus.PENDING: profile.status.pending,
                EntryStatus.INFORMATION: profile.status.information,
            }
        )
        self._keys: dict[Key, Key] = {}

    def draft(self, row: Row, cells: list[str]) -> Draft:
        """The draft of an entry's row; StatementError when a number, a day or a word of it cannot be read."""
        line = row.line
        base = self._base(cells, self._mark, line)
        days = self._days(cells, self._order, line)
        others = None
        if self._more_marks or self._more_orders:
            others = (
                tuple(self._base(cells, mark, line) for mark in self._more_marks),
                tuple(self._days(cells, order, line) for order in self._more_orders),
            )
        side = self._side(cells, line) if self._direction >= 0 else 0
        status = self._state(cells, line) if self._status >= 0 else EntryStatus.BOOKED
        return Draft(line, row.text, *base, *days, self._key(cells, base, line), side, status, others)

    # -- days and numbers -----------------------------------------------------------------------------------------

    def _days(self, cells: list[str], order: Order, line: int) -> Days:
        booking = _day(cells[self._sorter.booking], order, line)
        value = _day(cells[self._sorter.value], order, line)
        if booking is None and value is None:
            raise refused(_FORMAT, "a row has no day", line)
        return Days(booking, value)

    def _base(self, cells: list[str], mark: Mark, line: int) -> Base:
        amount = _number(cells[self._amount], mark, "the amount", line)
        debit = _number(cells[self._debit], mark, "the debit", line)
        credit = _number(cells[self._credit], mark, "the credit", line)
        if amount is None and debit is None and credit is None:
            raise refused(_FORMAT, "a row has a day and no amount", line)
        if self._fee_way and amount is not None:
            fee = _number(cells[self._fee], mark, "the charge", line)
            if fee:
                amount = EXACT.subtract(amount, fee) if self._fee_way < 0 else EXACT.add(amount, fee)
        return Base(amount, debit, credit, _number(cells[self._balance], mark, "the balance", line))

    # -- words ----------------------------------------------------------------------------------------------------

    def _side(self, cells: list[str], line: int) -> int:
        side = self._sides.get(_word(cells[self._direction]))
        if side is None:
            raise refused(_FORMAT, "the word for credit or debit is not one that the layout has", line)
        return side

    def _state(self, cells: list[str], line: int) -> EntryStatus:
        word = _word(cells[self._status])
        state = self._states.get(word)
        if state is not None:
            return state
        if word and self._other_states == "refused":
            raise refused(_FORMAT, "the word for the status is not one that the layout has", line)
        return EntryStatus.BOOKED

    # -- the account ----------------------------------------------------------------------------------------------

    def _key(self, cells: list[str], base: Base, line: int) -> Key:
        account = self._own.account
        if self._account >= 0:
            account = account_number(cells[self._account]) or account
        elif self._of_sides:
            account = account_number(cells[self._payer if (base.amount or 0) < 0 else self._payee])
        subaccount = " ".join(cells[self._subaccount].split()) or None if self._subaccount >= 0 else None
        key = Key(account, self._currency_of(cells, line), subaccount)
        return self._keys.setdefault(key, key)

    def _currency_of(self, cells: list[str], line: int) -> Currency:
        printed = self._printed_currency(cells)
        text = cells[self._currency]
        if not text or text.isspace():
            return printed or self._fixed
        named = read_currency(text)
        if named is None:
            raise refused(_FORMAT, "the currency is not a code of three letters", line)
        if printed is not None and named != printed:
            raise refused(_FORMAT, "the amount is marked as being in another currency than the row", line)
        return named

    def _printed_currency(self, cells: list[str]) -> Currency | None:
        """The currency whose sign or code stands beside the row's amount."""
        for place in self._money_places:
            text = cells[place].strip()
            if not text or (text[-1].isdigit() and (text[0].isdigit() or text[0] in "+-")):
                continue
            for mark in (self._mark, *self._more_marks):
                figure = read_figure(text, mark)
                if figure is not None and figure.currency is not None:
                    return figure.currency
        return None


def _day(text: str, order: Order, line: int) -> date | None:
    """The day of a cell, None for a blank one or a dash."""
    if not text:
        return None
    day = read_day(text, order)
    if day is None and text.strip() not in ("", "-"):
        raise refused(_FORMAT, "a date is not exactly one day of the calendar", line)
    return day


def _number(text: str, mark: Mark, what: str, line: int) -> Decimal | None:
    """The number of a cell, None for a blank one or a dash."""
    if not text:
        return None
    number = read_number(text, mark)
    if number is None and text.strip() not in ("", "-"):
        raise refused(_FORMAT, f"{what} is not exactly one number", line)
    return number


@lru_cache(maxsize=4096)
def account_number(text: str) -> str | None:
    """An account number without blanks at its ends, an IBAN without any, and without Excel's apostrophe."""
    plain = " ".join(text.split()).strip("'")
    if plain in ("", "-"):
        return None
    return iban_or_none(plain) or plain


def _word(text: str) -> str:
    return " ".join(text.split()).casefold()


_Meaning = TypeVar("_Meaning")


def _words(table: dict[_Meaning, tuple[str, ...]]) -> dict[str, _Meaning]:
    return {_word(word): meaning for meaning, words in table.items() for word in words}
