"""A bank journal as it stands, and whether a statement is of its account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from oimkit.banking.statement import Statement
from oimkit.errors import InputError, StatementError
from oimkit.money import Currency, Money

__all__ = ["JournalState", "names_currency", "off_by", "refuse_foreign", "same_account"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JournalState:
    """A bank journal as it stands before an import.

    account       its account number without blanks, or None when nobody wrote it down
    balance       what the journal's last statement or entry leaves, or None while it has no entries
    balance_date  day of its last entry
    """

    id: int
    code: str
    currency: Currency
    account: str | None = None
    balance: Money | None = None
    balance_date: date | None = None
    company_id: int | None = None

    def __post_init__(self) -> None:
        if self.balance is not None and self.balance.currency != self.currency:
            raise InputError(f"journal {self.code} has a balance that is not in its own currency")

    def __repr__(self) -> str:
        return f"JournalState({self.id}, {self.code}, {self.currency})"


def same_account(account: str, other: str) -> bool:
    """True when two texts are one account: equal, or one is the domestic part at the end of the other.

    Blanks and punctuation do not count, nor does a currency code that a bank appends (MT940).

    >>> same_account("NL57 OIMK 0417 1643 00", "NL57OIMK0417164300EUR")
    True
    >>> same_account("0417164300", "NL57OIMK0417164300")
    True
    """
    one, two = (_bare_account(text) for text in (account, other))
    short, long = sorted((one, two), key=len)
    return one == two or (len(short) >= _SHORTEST_ACCOUNT and long.endswith(short.lstrip("0") or short))


_SHORTEST_ACCOUNT = 7


def _end(account: str) -> str:
    """Enough of an account number for its owner to know it by."""
    return _bare_account(account)[-4:]


def _bare_account(text: str) -> str:
    bare = "".join(sign for sign in text if sign.isalnum()).upper()
    return bare[:-3] if len(bare) > 10 and bare[-3:].isalpha() and bare[-4].isdigit() else bare


def refuse_foreign(statement: Statement, journal: JournalState, *, accept_unbalanced: bool) -> None:
    """Nothing, when the statement is of the journal's account and currency and balances (or is accepted as it is).

    Raises:
        StatementError: it is not; the message names the statement by its number, accounts by their last four signs.
    """
    where = f"statement {statement.number}" if statement.number is not None else "a statement"
    if names_currency(statement) and statement.currency != journal.currency:
        raise StatementError(
            f"{where} is in {statement.currency}, journal {journal.code} in {journal.currency}",
            format=statement.format,
            line=statement.line,
            advice="name the journal of this account",
        )
    if statement.account and journal.account and not same_account(statement.account, journal.account):
        raise StatementError(
            f"{where} is of the account ending in {_end(statement.account)}, journal {journal.code} is of the one "
            f"ending in {_end(journal.account)}",
            format=statement.format,
            line=statement.line,
            advice="name the journal of this account, or correct the account number of the journal",
        )
    if statement.balanced is False and not accept_unbalanced:
        raise StatementError(
            f"{where} does not balance{off_by(statement)}",
            format=statement.format,
            line=statement.line,
            advice="ask the bank for the whole statement, or accept it as unbalanced",
        )


def off_by(statement: Statement) -> str:
    """How far a statement is from its closing balance, as the end of a sentence."""
    return "" if statement.difference is None else f", it is off by {statement.difference}"


def names_currency(statement: Statement) -> bool:
    """False for a statement of a file that names no currency (XXX)."""
    return statement.currency.code != "XXX"
