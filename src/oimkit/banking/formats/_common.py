"""What the readers share: cleaned texts, currencies, and the finding codes that say something is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from oimkit.banking.limits import Limits
from oimkit.banking.statement import Party
from oimkit.errors import InputError, StatementError
from oimkit.money import Currency

__all__ = ["LOSSES", "Budget", "as_currency", "clean", "iban_or_none", "party"]

LOSSES = {
    "entry-not-read": "an entry has no amount and was left out",
    "balance-not-read": "a balance cannot be read",
    "balance-missing": "a balance that the format demands is missing",
    "balance-currency": "a balance is in another currency than the account",
    "amount-currency": "an amount is marked as being in another currency than the account",
}
"""Findings that leave a statement incomplete: a reading that refuses the unbalanced refuses these too."""

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


@dataclass(slots=True)
class Budget:
    """What is left of the limits while one file is read."""

    format: str
    limits: Limits
    entries: int = field(default=0, init=False)
    statements: int = field(default=0, init=False)

    def entry(self, line: int | None) -> None:
        """Count one entry; StatementError beyond the limit."""
        self.entries += 1
        if self.entries > self.limits.entries:
            raise self._beyond("entries", self.limits.entries, line)

    def statement(self, line: int | None) -> None:
        """Count one statement; StatementError beyond the limit."""
        self.statements += 1
        if self.statements > self.limits.statements:
            raise self._beyond("statements", self.limits.statements, line)

    def _beyond(self, what: str, limit: int, line: int | None) -> StatementError:
        return StatementError(
            f"the file has more than {limit} {what}",
            format=self.format,
            line=line,
            advice="split it, or read it with higher limits",
        )


def clean(text: str | None) -> str | None:
    """*text* with runs of white space made one blank and none at the ends; None when nothing is left."""
    if text is None:
        return None
    return " ".join(text.split()) or None


def iban_or_none(text: str | None) -> str | None:
    """*text* without blanks when it has the form of an IBAN (its check digits are not judged), else None."""
    if text is None:
        return None
    plain = text.replace(" ", "")
    return plain if _IBAN.fullmatch(plain) else None


def party(name: str | None, account: str | None, bank_code: str | None) -> Party | None:
    """A party when anything of it is known, else None; white space cleaned."""
    name, account, bank_code = clean(name), clean(account), clean(bank_code)
    if account is not None:
        account = iban_or_none(account) or account
    if name is None and account is None and bank_code is None:
        return None
    return Party(name, account, bank_code)


@lru_cache(maxsize=256)
def as_currency(code: str) -> Currency | None:
    """The currency of a printed code, or None when it is not three letters."""
    try:
        return Currency(code.strip().upper())
    except InputError:
        return None
