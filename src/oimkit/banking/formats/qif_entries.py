"""The movements of a QIF block: one record, its parts and its texts, as one entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from oimkit.banking.formats._common import Budget, clean, entry_of, money_of, party, refused
from oimkit.banking.formats.qif_blocks import Record
from oimkit.banking.formats.qif_spelling import Spelling
from oimkit.banking.statement import Entry, EntryStatus, Finding
from oimkit.money import Currency, Money, total

__all__ = ["OPENING", "Gathered", "take", "transfer_to"]

_FORMAT = "qif"

OPENING = frozenset(
    {
        "opening balance",
        "eröffnungssaldo",
        "anfangssaldo",
        "anfangsbestand",
        "solde initial",
        "solde d'ouverture",
        "saldo inicial",
        "saldo iniziale",
        "beginsaldo",
        "openingssaldo",
    }
)
"""What programs call the record that sets an account's first balance."""


@dataclass(slots=True, repr=False)
class Gathered:
    """The entries of one block while it is read, and what was noticed.

    invested  True for an investment account
    missing   records that are findings instead of entries
    left_out  lines of the investment movements that are not plainly cash
    unknown   lines that begin with no letter of the format
    """

    invested: bool
    account: str | None
    currency: Currency
    spelling: Spelling
    budget: Budget
    findings: list[Finding]
    entries: list[Entry] = field(default_factory=list)
    missing: int = 0
    left_out: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)

    @property
    def understood(self) -> int:
        """How many records are entries, findings, or counted among those left out."""
        return len(self.entries) + self.missing + len(self.left_out)

    def report(self, code: str, reason: str, line: int, tag: str) -> None:
        self.findings.append(Finding(code, reason, line, tag))


@dataclass(slots=True, repr=False)
class _Split:
    """One part of a movement: S category, E memo, $ amount, D its own date."""

    line: int
    lines: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, repr=False)
class _Said:
    """What the lines of one record say: letters that stand once, names and memos, address, parts."""

    once: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    memos: list[str] = field(default_factory=list)
    address: list[str] = field(default_factory=list)
    splits: list[_Split] = field(default_factory=list)


def take(record: Record, first: bool, gathered: Gathered) -> None:
    """Add the entry of *record* to what is gathered, or the finding or count that stands for it.

    Args:
        first: True for the first record of its block, which may be the balance the account was opened with.

    Raises:
        StatementError: no date, or two dates or amounts, or one that cannot be read in exactly one way.
    """
    said = _said(record, gathered)
    once = said.once
    amount = None if gathered.invested and not _is_cash(once) else _amount(once, record, gathered.spelling)
    if gathered.invested:
        amount, is_cash = _cash(once, amount)
        if not is_cash:
            gathered.left_out.append(record.line)
            return
    if amount is None:
        gathered.report("entry-not-read", "an entry has no amount and was left out", record.line, "T")
        gathered.missing += 1
        return
    booked = _booked(once, record, gathered.spelling)
    details = tuple(_details(said.splits, booked, gathered))
    _check_parts(said.splits, details, amount, record, gathered)
    opening = first and _is_opening(once, gathered.account)
    if opening:
        reason = "the first entry is the balance that the account was opened with, not a payment"
        gathered.report("opening-as-entry", reason, record.line, "P")
    gathered.entries.append(_entry(record, said, amount, booked, details, opening, gathered))


def _entry(
    record: Record,
    said: _Said,
    amount: Decimal,
    booked: date,
    details: tuple[Entry, ...],
    opening: bool,
    gathered: Gathered,
) -> Entry:
    once = said.once
    category = clean(once.get("L"))
    other = transfer_to(category) if category is not None and not opening else None
    number = clean(once.get("N"))
    is_word = number is not None and not any(character.isdigit() for character in number)
    cleared = clean(once.get("C"))
    codes = [("qif", number)] if number is not None and is_word else []
    security = clean(once.get("Y"))
    remittance = said.memos if security is None else [security, *said.memos]
    return entry_of(
        money_of(amount, gathered.currency),
        _valued(once, booked, record, gathered),
        booked,
        EntryStatus.BOOKED,
        None,
        None,
        None,
        None,
        party(once.get("P"), other, None, said.address),
        None,
        (*said.names, *remittance),
        number if is_word else None,
        None,
        False,
        None,
        _commission(once, record, gathered),
        details,
        record.line,
        gathered.account,
        record.text,
        purpose=None if opening or other is not None else _category(category),
        codes=(*codes, ("qif-cleared", cleared)) if cleared is not None else tuple(codes),
        references=(("N", number),) if number is not None and not is_word else (),
    )


# -- the lines of a record ----------------------------------------------------------------------------------------

_ONCE = frozenset("DTUCNPLFV")
_ONCE_INVESTED = _ONCE | frozenset("YIQOG$")
_SPLIT = frozenset("SE$%")
_PASSED_OVER = frozenset("X1234567")
"""Invoices of Quicken for Business, and loans: nothing of the movement itself."""


def _said(record: Record, gathered: Gathered) -> _Said:
    """What the lines of the record say; two different dates or amounts are refused."""
    said = _Said()
    letters = _ONCE_INVESTED if gathered.invested else _ONCE
    for number, letter, text in record.fields():
        if letter in letters and not (letter == "D" and "D" in said.once and said.splits):
            if said.once.setdefault(letter, text) != text:
                _add_again(said, letter, text, number, gathered)
        elif letter in _SPLIT or letter == "D":
            _add_to_split(said.splits, letter, text, number)
        elif letter in "AM":
            (said.address if letter == "A" else said.memos).extend(_cleaned(text))
        elif letter not in _PASSED_OVER:
            gathered.unknown.append(number)
    return said


def _add_again(said: _Said, letter: str, text: str, number: int, gathered: Gathered) -> None:
    """A second text under a letter that stands once: a date or amount is refused, a name kept, another passed over."""
    if not text:
        return
    if not said.once[letter]:
        said.once[letter] = text
        return
    if letter in "DTUV$":
        raise refused(_FORMAT, "a movement has two different dates or amounts", number, letter)
    if letter == "P":
        said.names.extend(_cleaned(text))
    gathered.report("field-repeated", "a letter that stands once stands twice; the first is taken", number, letter)


def _add_to_split(splits: list[_Split], letter: str, text: str, number: int) -> None:
    """S begins a part; so does a second amount or memo, where a program leaves empty categories out."""
    if letter == "S" or not splits or letter in splits[-1].said:
        splits.append(_Split(number))
    splits[-1].said[letter] = text
    splits[-1].lines.append(letter + text)


def _cleaned(text: str) -> tuple[str, ...]:
    plain = clean(text)
    return () if plain is None else (plain,)


# -- amounts and dates --------------------------------------------------------------------------------------------


def _amount(once: dict[str, str], record: Record, spelling: Spelling) -> Decimal | None:
    """T, or U, which says the same with room for more digits; None where both are absent or empty."""
    amounts = [spelling.amount(once[letter], record.line, letter) for letter in "TU" if once.get(letter)]
    if len(amounts) == 2 and amounts[0] != amounts[1]:
        raise refused(_FORMAT, "a movement has two different amounts", record.line, "U")
    return amounts[0] if amounts else None


def _booked(once: dict[str, str], record: Record, spelling: Spelling) -> date:
    if not once.get("D"):
        raise refused(_FORMAT, "a movement has no date", record.line, "D")
    return spelling.day(once["D"], record.line)


def _valued(once: dict[str, str], booked: date, record: Record, gathered: Gathered) -> date:
    """The value date (V, German Quicken), where it is a date; else the date of the movement."""
    printed = once.get("V")
    if printed is None:
        return booked
    if printed not in gathered.spelling.days:
        gathered.unknown.append(record.line)
        return booked
    return gathered.spelling.day(printed, record.line, "V")


def _commission(once: dict[str, str], record: Record, gathered: Gathered) -> Money | None:
    printed = once.get("O")
    return None if printed is None else money_of(gathered.spelling.amount(printed, record.line, "O"), gathered.currency)


# -- parts --------------------------------------------------------------------------------------------------------


def _details(splits: list[_Split], booked: date, gathered: Gathered) -> Iterator[Entry]:
    """The parts of a movement; one without an amount of its own is reported and left out."""
    for split in splits:
        gathered.budget.entry(split.line)
        if not split.said.get("$"):
            gathered.report("detail-not-read", "a part of a movement has no amount and was left out", split.line, "$")
            continue
        amount = gathered.spelling.amount(split.said["$"], split.line, "$")
        day = gathered.spelling.day(split.said["D"], split.line) if split.said.get("D") else booked
        category = clean(split.said.get("S"))
        other = transfer_to(category) if category is not None else None
        yield Entry(
            amount=money_of(amount, gathered.currency),
            value_date=day,
            booking_date=day,
            counterparty=party(None, other, None),
            remittance=_cleaned(split.said.get("E", "")),
            purpose=None if other is not None else _category(category),
            line=split.line,
            account=gathered.account,
            raw="\n".join(split.lines),
        )


def _check_parts(
    splits: list[_Split], details: tuple[Entry, ...], amount: Decimal, record: Record, gathered: Gathered
) -> None:
    """Report parts that do not add up to their movement."""
    if not details or len(details) != len(splits):
        return
    if total([detail.amount for detail in details], gathered.currency) != money_of(amount, gathered.currency):
        reason = "the parts of a movement do not add up to its amount"
        gathered.report("details-differ", reason, record.line, "$")


# -- categories ---------------------------------------------------------------------------------------------------


def transfer_to(category: str) -> str | None:
    """The account in ``[Account]`` or ``[Account]/class``, or None when the category is none."""
    if not category.startswith("["):
        return None
    name, end, _ = category[1:].partition("]")
    return clean(name) if end else None


def _category(category: str | None) -> str | None:
    """The category as printed; the mark that programs put in its place for a movement in parts is none."""
    if category is None or (category.startswith(("--", "|")) and "split" in category.lower()):
        return None
    return category


def _is_opening(once: dict[str, str], account: str | None) -> bool:
    """True for Quicken's first record of an account: named so, or a transfer to the account itself."""
    own = transfer_to(once.get("L", ""))
    return own is not None and (once.get("P", "").lower() in OPENING or own == account)


# -- investment accounts ------------------------------------------------------------------------------------------

_CASH_IN = frozenset(["xin", "contribx", "div", "intinc", "miscinc", "cglong", "cgmid", "cgshort", "rtrncap"])
_CASH_OUT = frozenset(["xout", "withdrwx", "miscexp", "margint"])
"""Actions that name the direction of their amount, which then stands without a sign."""


def _is_cash(once: dict[str, str]) -> bool:
    """True for actions that move cash in the account itself, and nothing else."""
    action = once.get("N", "").lower()
    return action == "cash" or action in _CASH_IN or action in _CASH_OUT


def _cash(once: dict[str, str], amount: Decimal | None) -> tuple[Decimal | None, bool]:
    """The signed amount, and True, where the action is plainly one of cash.

    A minus under an action that names the direction already could be a correction or a habit: not plain.
    """
    action = once.get("N", "").lower()
    if action == "cash" or (amount is None and _is_cash(once)):
        return amount, True
    if amount is None or amount < 0:
        return None, False
    return amount.copy_negate() if action in _CASH_OUT and amount else amount, True
