"""What the readers share: limits counted, values built quickly, texts cleaned, findings for what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from oimkit.banking.limits import Limits
from oimkit.banking.statement import Entry, EntryStatus, Exchange, Finding, Party, Statement
from oimkit.errors import InputError, StatementError
from oimkit.money import Currency, Money

__all__ = [
    "LEFT_OUT",
    "LOSSES",
    "NOT_PROVIDED",
    "NO_CURRENCY",
    "Budget",
    "Damaged",
    "EntryDraft",
    "MoneyDraft",
    "PartyDraft",
    "as_currency",
    "clean",
    "entry_of",
    "iban_or_none",
    "money_of",
    "not_conserved",
    "party",
    "party_of",
    "provided",
    "refused",
    "signed",
    "understood",
    "unless_zeros",
]

Damaged: TypeAlias = Literal["refuse", "report"]
"""What a reader does with a record that cannot be read: refuse the file, or report the record and give the rest."""

LOSSES = {
    "record-not-read": "a record cannot be read and was left out",
    "entry-not-read": "an entry has no amount and was left out",
    "balance-not-read": "a balance cannot be read",
    "balance-missing": "a balance that the format demands is missing",
    "balance-currency": "a balance is in another currency than the account",
    "amount-currency": "an amount is marked as being in another currency than the account",
}
"""Findings that leave a statement incomplete: a reading that refuses the unbalanced refuses these too."""

LEFT_OUT = frozenset({"entry-not-read", "record-not-read"})
"""Findings that stand for one entry each."""

NO_CURRENCY = Currency("XXX")
"""The currency of a statement that names none (ISO 4217)."""

NOT_PROVIDED = frozenset({"NOTPROVIDED", "NOT PROVIDED"})
"""What stands in an id when there is none, in every format; formats know further words."""

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


class _Beyond(StatementError):
    """A file is beyond one of its limits."""


@dataclass(slots=True)
class Budget:
    """What is left of the limits while one file is read."""

    format: str
    limits: Limits
    damaged: Damaged = "refuse"
    entries: int = field(default=0, init=False)
    statements: int = field(default=0, init=False)

    def entry(self, line: int | None) -> None:
        """Count one entry; StatementError beyond the limit."""
        self.entries += 1
        if self.entries > self.limits.entries:
            raise self._beyond("entries", self.limits.entries, line)

    def take_entries(self, count: int) -> bool:
        """Count that many entries at once where the limit allows all of them; else none, and False."""
        if self.entries + count > self.limits.entries:
            return False
        self.entries += count
        return True

    def statement(self, line: int | None) -> None:
        """Count one statement; StatementError beyond the limit."""
        self.statements += 1
        if self.statements > self.limits.statements:
            raise self._beyond("statements", self.limits.statements, line)

    def spare(self, error: StatementError) -> Finding:
        """The finding that stands for a record that *error* refuses; raises it where damage refuses the file.

        A file beyond a limit is always refused.
        """
        if self.damaged == "refuse" or isinstance(error, _Beyond):
            raise error
        return Finding("record-not-read", f"a record was left out: {error.reason}", error.line, error.tag)

    def _beyond(self, what: str, limit: int, line: int | None) -> StatementError:
        return _Beyond(
            f"the file has more than {limit} {what}",
            format=self.format,
            line=line,
            advice="split it, or read it with higher limits",
        )


# The constructors of Money, Party and Entry check what a reader has just checked, and take most of its time. A reader
# makes tens of thousands of each; here the same values are built from parts that are known to be good: a draft with the
# same slots is filled by plain assignment, which is many times as quick as a frozen dataclass's own, and then becomes
# the value. Nobody else ever holds the draft. Where even three calls for each entry count, a reader fills the drafts
# itself.


def _draft_of(value: type[Money | Party | Entry]) -> type[Any]:
    """A class with the slots of *value* that can be assigned to, and whose instances may become one."""
    return type(f"{value.__name__}Draft", (), {"__slots__": tuple(item.name for item in fields(value))})


MoneyDraft, PartyDraft, EntryDraft = _draft_of(Money), _draft_of(Party), _draft_of(Entry)


def clean(text: str | None) -> str | None:
    """*text* with runs of white space made one blank and none at the ends; None when nothing is left."""
    if text is None:
        return None
    return " ".join(text.split()) or None


def unless_zeros(text: str | None) -> str | None:
    """*text* with white space cleaned; None for blanks and zeros, which fill the columns of no number."""
    cleaned = clean(text)
    return cleaned if cleaned is not None and cleaned.strip("0 ") else None


def provided(text: str | None, nothing: frozenset[str] = NOT_PROVIDED) -> str | None:
    """An id; None where it is one of the words that say that there is *nothing*."""
    return None if text is None or text.upper() in nothing else text


def iban_or_none(text: str | None) -> str | None:
    """*text* without blanks when it has the form of an IBAN (its check digits are not judged), else None."""
    if text is None:
        return None
    plain = text.replace(" ", "")
    return plain if _IBAN.fullmatch(plain) else None


def party(
    name: str | None,
    account: str | None,
    bank_code: str | None,
    address: Iterable[str | None] = (),
    identification: str | None = None,
) -> Party | None:
    """A party when anything of it is known, else None; white space cleaned."""
    lines = tuple(line for line in map(clean, address) if line is not None)
    return party_of(clean(name), clean(account), clean(bank_code), lines, clean(identification))


def party_of(
    name: str | None,
    account: str | None,
    bank_code: str | None,
    address: tuple[str, ...] = (),
    identification: str | None = None,
) -> Party | None:
    """As party, from texts that are clean already."""
    if account is not None and " " in account:
        account = iban_or_none(account) or account
    if name is None and account is None and bank_code is None and identification is None and not address:
        return None
    draft = PartyDraft()
    draft.name = name
    draft.account = account
    draft.bank_code = bank_code
    draft.address = address
    draft.identification = identification
    draft.__class__ = Party
    known: Party = draft
    return known


def refused(format: str, reason: str, line: int | None, tag: str | None = None) -> StatementError:  # noqa: A002
    """The refusal of a record of a file, with what its owner can do; the reason repeats nothing of the file."""
    return StatementError(
        reason,
        format=format,
        line=line,
        tag=tag,
        advice="download the statement again; if it stays so, send the line number to the bank",
    )


def understood(statement: Statement) -> int:
    """How many entries of the file became entries of *statement*, or findings that stand for them."""
    return len(statement.entries) + sum(finding.code in LEFT_OUT for finding in statement.findings)


def not_conserved(printed: int, read: int, *, format: str, tag: str | None = None) -> StatementError:  # noqa: A002
    """The refusal of a file in which a simple count finds other entries than the reader."""
    return StatementError(
        f"{printed} entries are printed but {read} were understood",
        format=format,
        tag=tag,
        advice="report this file's dialect as a defect",
    )


def signed(amount: Decimal, negative: bool) -> Decimal:
    """*amount* or its opposite, digit for digit: a unary minus would round to the context's precision."""
    return amount.copy_negate() if negative and amount else amount


def money_of(amount: Decimal, currency: Currency) -> Money:
    """Money from an amount that read_amount gave (finite, bounded, no negative zero)."""
    draft = MoneyDraft()
    draft.amount = amount
    draft.currency = currency
    draft.__class__ = Money
    money: Money = draft
    return money


def entry_of(
    amount: Money,
    value_date: date,
    booking_date: date | None,
    status: EntryStatus,
    reference: str | None,
    end_to_end_id: str | None,
    mandate_id: str | None,
    batch_id: str | None,
    counterparty: Party | None,
    structured_reference: str | None,
    remittance: tuple[str, ...],
    bank_code: str | None,
    return_reason: str | None,
    reversal: bool,
    instructed: Money | None,
    charges: Money | None,
    details: tuple[Entry, ...],
    line: int | None,
    account: str | None,
    raw: str | None = None,
    creditor_id: str | None = None,
    ultimate: Party | None = None,
    purpose: str | None = None,
    codes: tuple[tuple[str, str], ...] = (),
    references: tuple[tuple[str, str], ...] = (),
    exchange: Exchange | None = None,
) -> Entry:
    """An entry from cleaned texts, none of them empty; the arguments in the order of Entry's fields, rare ones last."""
    draft = EntryDraft()
    draft.amount = amount
    draft.value_date = value_date
    draft.booking_date = booking_date
    draft.status = status
    draft.reference = reference
    draft.end_to_end_id = end_to_end_id
    draft.mandate_id = mandate_id
    draft.batch_id = batch_id
    draft.counterparty = counterparty
    draft.structured_reference = structured_reference
    draft.remittance = remittance
    draft.bank_code = bank_code
    draft.return_reason = return_reason
    draft.reversal = reversal
    draft.instructed = instructed
    draft.charges = charges
    draft.details = details
    draft.line = line
    draft.id = None
    draft.book = None
    draft.account = account
    draft.raw = raw
    draft.creditor_id = creditor_id
    draft.ultimate = ultimate
    draft.purpose = purpose
    draft.codes = codes
    draft.references = references
    draft.exchange = exchange
    draft.__class__ = Entry
    entry: Entry = draft
    return entry


@lru_cache(maxsize=256)
def as_currency(code: str) -> Currency | None:
    """The currency of a printed code, or None when it is not three letters."""
    try:
        return Currency(code.strip().upper())
    except InputError:
        return None
