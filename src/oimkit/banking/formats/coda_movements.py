"""The movements of a CODA statement: records 2.1 to 3.3 gathered, nested by globalisation, and made entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.exact import scaled
from oimkit.banking.formats._common import (
    NOT_PROVIDED,
    Budget,
    clean,
    entry_of,
    money_of,
    party_of,
    provided,
    refused,
    signed,
    unless_zeros,
)
from oimkit.banking.formats.coda_accounts import other_account
from oimkit.banking.formats.coda_communications import Said, Told, address_of, said_freely, said_in_structure, told_by
from oimkit.banking.formats.records import Record
from oimkit.banking.formats.short_days import day_month_year
from oimkit.banking.statement import Entry, EntryStatus, Finding, Party
from oimkit.errors import StatementError
from oimkit.money import Currency, Money

__all__ = ["Held", "Movement", "Movements", "entries_of"]

_FORMAT = "coda"
_WIDTH = 128
_NOTHING = NOT_PROVIDED | {"NONREF", "NOREF"}
_MOVEMENT = "2.1"


@dataclass(frozen=True, slots=True)
class Held:
    """What a movement inherits from its statement: version of the format, account, currency, day if it prints none."""

    version: int
    account: str | None
    currency: Currency
    day: date | None


@dataclass(slots=True)
class Movement:
    """One movement: line and text of its record 2.1, texts of the 2.2 and 2.3 that continue it, and the information."""

    line: int
    text: str
    second: str | None = None
    third: str | None = None
    information: list[str] | None = None

    @property
    def is_entry(self) -> bool:
        """True for an amount that changes the balance: its detail number is 0000. Others are details of such a one."""
        return self.text[6:10] == "0000"

    @property
    def raw(self) -> str:
        parts = (self.text, self.second, self.third, *(self.information or ()))
        return "\n".join([part for part in parts if part is not None])

    def refused(self, reason: str) -> StatementError:
        return refused(_FORMAT, reason, self.line, _MOVEMENT)


class Movements:
    """The movements of one statement in file order, gathered record by record.

    announced  line of the first record that is said to be followed by one that does not come, or None
    """

    __slots__ = ("_due", "_line", "all", "announced")

    def __init__(self) -> None:
        self.all: list[Movement] = []
        self.announced: int | None = None
        self._line: int | None = None
        self._due: tuple[str, ...] = ()

    def take(self, record: Record, budget: Budget) -> None:
        """Give the record to the movement it begins or continues.

        Raises:
            StatementError: there is no movement that it can continue.
        """
        text = record.text
        kind = text[:2]
        if self._due and kind not in self._due:
            self._note_announced()
        if kind == "21":
            budget.entry(record.line)
            self.all.append(Movement(record.line, text))
        else:
            self._continue(kind, record)
        if text[125:126] == "1":  # the next record of the same movement or information, then the next information
            self._due, self._line = _FOLLOWERS.get(kind, ()), record.line
        elif text[127:128] == "1":
            self._due, self._line = _INFORMATION, record.line
        else:
            self._due = ()

    def end(self) -> None:
        """No record follows."""
        if self._due:
            self._note_announced()
        self._due = ()

    def _note_announced(self) -> None:
        if self.announced is None:
            self.announced = self._line

    def _continue(self, kind: str, record: Record) -> None:
        movement = self.all[-1] if self.all else None
        if movement is None or movement.text[2:6] != record.text[2:6]:
            raise _refused(record, "a record continues no movement above it")
        information = movement.information
        if kind == "31" and information is None:
            movement.information = [record.text]
        elif information is not None and (kind == "31" or (kind in ("32", "33") and information[-1][1] in "12")):
            information.append(record.text)
        elif kind in ("22", "23"):
            taken = movement.third is not None or (kind == "22" and movement.second is not None)
            if taken or information or movement.text[6:10] != record.text[6:10]:
                raise _refused(record, "a record continues no movement above it")
            if kind == "22":
                movement.second = record.text
            else:
                movement.third = record.text
        elif kind in ("32", "33"):
            raise _refused(record, "a record continues no information above it")
        else:
            raise _refused(record, "a record is of no kind that movements have")


_FOLLOWERS = {"21": ("22", "23"), "22": ("23",), "31": ("32", "33"), "32": ("33",)}
_INFORMATION = ("31",)
"""Which records may come next where column 126 says that one does, and where column 128 does."""


def _refused(record: Record, reason: str) -> StatementError:
    return refused(_FORMAT, reason, record.line, ".".join(record.text[:2]))


# -- nesting -------------------------------------------------------------------------------------------------------


def entries_of(movements: Sequence[Movement], held: Held, budget: Budget) -> tuple[list[Entry], list[Finding]]:
    """The entries of a statement, each with its details as a tree, and a finding for each record left out."""
    entries: list[Entry] = []
    findings: list[Finding] = []
    for group in _groups(movements):
        top = group[0]
        if not top.is_entry:
            error = top.refused("a detail stands below no movement that it could be part of")
            findings.append(budget.spare(error))
            continue
        entry = _nested(group, held, budget, findings)
        if entry is not None:
            entries.append(entry)
    return entries, findings


def _groups(movements: Sequence[Movement]) -> Iterator[list[Movement]]:
    """Each booked movement with the details of its sequence number; a detail of no such one comes alone."""
    group: list[Movement] = []
    for movement in movements:
        if not movement.is_entry and group and group[0].text[2:6] == movement.text[2:6]:
            group.append(movement)
            continue
        if group:
            yield group
        if movement.is_entry:
            group = [movement]
        else:
            group = []
            yield [movement]
    if group:
        yield group


def _nested(group: Sequence[Movement], held: Held, budget: Budget, findings: list[Finding]) -> Entry | None:
    """The entry of a group with its details; None when its own record is left out, and its details with it.

    Built from the last record to the first, for a detail always follows what it is a part of.
    """
    parents = _parents(group) if len(group) > 1 else [0]
    parts: defaultdict[int, list[Entry]] = defaultdict(list)
    for index in range(len(group) - 1, -1, -1):
        details = tuple(reversed(parts[index])) if index in parts else ()
        try:
            entry = _entry(group[index], details, held, findings)
        except StatementError as error:
            findings.append(budget.spare(error))
            findings.extend(_lost_with(details))
            continue
        if entry.residual:
            reason = "the details of a movement do not add up to it"
            findings.append(Finding("details-differ", reason, entry.line, _MOVEMENT))
        if index == 0:
            return entry
        parts[parents[index]].append(entry)
    return None


def _parents(group: Sequence[Movement]) -> list[int]:
    """For each record of a group the index of the one it is a part of.

    A globalisation code other than 0 opens a level; the same code again stands on the level's last record. Type 9 is a
    detail of the type 7 above it, and a type 6 or 7 never is, whether or not the levels say where a 7 ends.
    """
    opened: list[tuple[str, int]] = []
    parents: list[int] = []
    seven: int | None = None
    for index, movement in enumerate(group):
        text = movement.text
        kind, code = text[53:54], text[124:125]
        if kind in ("6", "7"):
            while len(opened) > 1 and group[opened[-1][1]].text[53:54] == "7":
                opened.pop()
        levels = [level for level, _ in opened]
        closing = levels.index(code) if code in levels else None
        if kind == "9" and seven is not None:
            parents.append(seven)
        elif closing is not None:
            parents.append(opened[closing][1])
        else:
            parents.append(opened[-1][1] if opened else 0)
        if closing is not None:
            del opened[closing:]
        elif code in _LEVELS:
            opened.append((code, index))
        if kind == "7" and index:
            seven = index
    return parents


_LEVELS = frozenset("123456789")


def _lost_with(details: Sequence[Entry]) -> Iterator[Finding]:
    """A finding for each detail of a record that was left out."""
    waiting = list(details)
    while waiting:
        detail = waiting.pop()
        waiting.extend(detail.details)
        yield Finding(
            "record-not-read", "a detail was left out with the movement it is part of", detail.line, _MOVEMENT
        )


# -- one entry -----------------------------------------------------------------------------------------------------


def _entry(movement: Movement, details: tuple[Entry, ...], held: Held, findings: list[Finding]) -> Entry:
    """The entry of one movement.

    Raises:
        StatementError: its sign, its amount or its dates cannot be read.
    """
    text, second, third = movement.text, movement.second, movement.third
    if len(text) != _WIDTH:
        raise movement.refused(f"a movement is not {_WIDTH} characters wide")
    amount = money_of(_amount(movement), held.currency)
    value_date, booking_date = _dates(movement, held, findings)
    said = _said(movement, held.version, amount)
    told = told_by(movement.information) if movement.information else _NOTHING_TOLD
    kind, code = text[53:54], clean(text[53:61])
    given = _given(second)
    _add_references(said, second, told, amount)
    gross = _gross_of(details) if details else None
    return entry_of(
        amount,
        value_date,
        booking_date,
        EntryStatus.BOOKED,
        unless_zeros(text[10:31]),
        None if kind == "1" else given,
        said.mandate_id,
        given if kind == "1" else None,
        _counterparty(said, told, second, third, held.version),
        said.structured_reference,
        (*said.remittance, *told.texts),
        code,
        said.return_reason,
        said.reversal,
        said.instructed or (gross.instructed if gross is not None else None),
        _taken_off(amount, code, gross),
        details,
        movement.line,
        held.account,
        movement.raw,
        said.creditor_id,
        _ultimate(*(told.debtor if amount.amount > 0 else told.creditor)),
        _purpose(second),
        _codes(code),
        tuple(said.references),
        said.exchange or (gross.exchange if gross is not None else None),
    )


_NOTHING_TOLD = Told()


@lru_cache(maxsize=1024)
def _codes(code: str | None) -> tuple[tuple[str, str], ...]:
    return (("coda", code),) if code is not None else ()


def _amount(movement: Movement) -> Decimal:
    """Column 32, 0 for a credit and 1 for a debit; columns 33 to 47, fifteen digits with three decimals."""
    sign, digits = movement.text[31], movement.text[32:47]
    if sign not in "01":
        raise movement.refused("a movement is marked as neither credit nor debit")
    if not (digits.isascii() and digits.isdigit()):
        raise movement.refused("the amount of a movement is not 15 digits")
    return signed(scaled(digits, 3), sign == "1")


def _dates(movement: Movement, held: Held, findings: list[Finding]) -> tuple[date, date | None]:
    """Value date and entry date; the one for the other where the other is unknown, the statement's day for both."""
    value_date, is_no_value_day = day_month_year(movement.text[47:53])
    booking_date, is_no_booking_day = day_month_year(movement.text[115:121])
    wrong = is_no_value_day or is_no_booking_day
    known = value_date or booking_date
    if wrong and known is None:
        raise movement.refused("a movement has no date that is a day of the calendar")
    if wrong:
        findings.append(
            Finding(
                "date-not-in-calendar", "one of a movement's dates is no day and is left out", movement.line, _MOVEMENT
            )
        )
    if known is None:
        known = held.day
        if known is None:
            raise movement.refused("neither a movement nor its statement has a date")
        findings.append(
            Finding(
                "date-missing", "a movement has no date; it was given that of its statement", movement.line, _MOVEMENT
            )
        )
    return known, booking_date


def _said(movement: Movement, version: int, booked: Money) -> Said:
    """The communication of records 2.1, 2.2 and 2.3, in version 1 of the first two: one zone, cut by columns."""
    text, second, third = movement.text, movement.second, movement.third
    further = second[10:63] if second is not None else ""
    last = third[82:125] if third is not None and version == 2 else ""
    if text[61] == "1":
        return said_in_structure(text[62:65], text[65:115] + further.ljust(53) + last, booked)
    return said_freely(text[62:115] + further.ljust(53) + last)


def _given(second: str | None) -> str | None:
    """The customer's reference: the end-to-end id of a payment, the file's id of an amount totalled by the customer."""
    return provided(unless_zeros(second[63:98]), _NOTHING) if second is not None else None


def _counterparty(said: Said, told: Told, second: str | None, third: str | None, version: int) -> Party | None:
    """The other side: the name of the information record, which is longer than that of 2.3, else that of a terminal."""
    name = account = bank_code = None
    address = told.address
    if second is not None:
        bank_code = clean(second[98:109])
    if third is not None:
        account = other_account(third[10:47])
        name = clean(third[47:82] if version == 2 else third[47:73])
        if version == 1 and not address:
            address = address_of(third[73:99], third[99:125])
    return party_of(told.name or name or said.name, account, bank_code, address, told.identification)


def _ultimate(name: str | None, identification: str | None) -> Party | None:
    return party_of(name, None, None, (), identification)


def _purpose(second: str | None) -> str | None:
    """Purpose, else category purpose."""
    codes = second[117:125] if second is not None else ""
    return None if not codes or codes.isspace() else clean(codes[4:]) or clean(codes[:4])


def _add_references(said: Said, second: str | None, told: Told, amount: Money) -> None:
    """Reason and kind of a return, the category purpose, and the ultimate party of the account's own side."""
    codes = second[112:121] if second is not None else ""
    if codes and not codes.isspace():
        said.return_reason = said.return_reason or clean(codes[1:5])
        said.reversal = said.reversal or codes[0] == "4"
        said.add_reference("CtgyPurp", codes[5:9])
    name, party = ("UltmtCdtr", told.creditor) if amount.amount > 0 else ("UltmtDbtr", told.debtor)
    if party[0] is not None:
        said.add_reference(name, party[0])


def _gross_of(details: Sequence[Entry]) -> Entry | None:
    """The one detail that is the gross amount (category 100) of a movement whose charges stand apart."""
    gross = [detail for detail in details if detail.bank_code is not None and detail.bank_code[5:] == "100"]
    return gross[0] if len(gross) == 1 else None


def _taken_off(amount: Money, code: str | None, gross: Entry | None) -> Money | None:
    """What the bank took off the gross amount, where it prints that; not of a movement that is a charge itself."""
    if gross is None or (code is not None and code[1:3] in _CHARGES):
        return None
    return (gross.amount - amount) or None


_CHARGES = frozenset({"35", "80"})
"""Families of transactions in which the bank books its own charges: closing, fees charged apart."""
