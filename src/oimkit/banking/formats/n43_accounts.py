"""Records of Norma 43 put in their places: accounts, each with its movements and what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from oimkit.banking.formats._common import Budget, refused
from oimkit.banking.formats.records import Record
from oimkit.banking.statement import Finding
from oimkit.errors import StatementError

__all__ = ["FORMAT", "Account", "File"]

FORMAT = "n43"


@dataclass(slots=True, repr=False)
class Account:
    """The records of one account: its header (11), each movement with what belongs to it, and its end (33)."""

    header: Record
    movements: list[list[Record]] = field(default_factory=list)
    end: Record | None = None
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True, repr=False)
class File:
    """A file while its records are put where they belong.

    count   records since the beginning or the last record 88, without the header 00
    lost    movements (22) that were left out
    last    the record before, or None
    """

    budget: Budget
    accounts: list[Account] = field(default_factory=list)
    loose: list[Finding] = field(default_factory=list)
    count: int = 0
    lost: int = 0
    open: bool = False
    last: Record | None = None

    def take(self, record: Record) -> None:
        """Put one record where it belongs; one that belongs nowhere is refused or reported."""
        code = record.columns(1, 2)
        try:
            self._place(code, record)
        except StatementError as error:
            self.lost += code == "22"
            self.note(self.budget.spare(error))
        if code not in ("00", "88"):
            self.count += 1
        self.last = record

    def note(self, finding: Finding) -> None:
        """Keep what was noticed with the account it stands in, or with the first one."""
        if not self.accounts:
            self.loose.append(finding)
            return
        self.accounts[-1].findings.append(finding)

    def close(self) -> None:
        """Refuse a file without accounts and one that is cut off."""
        line = self.last.line if self.last is not None else None
        if not self.accounts:
            raise refused(FORMAT, "the file holds no account (record 11)", line)
        if self.open:
            raise refused(FORMAT, "the file is cut off: its last account has no closing record (33)", line, "33")
        if self.count:
            self.note(
                self.budget.spare(refused(FORMAT, "the file has no closing record (88), it may be cut off", line, "88"))
            )
        self.accounts[0].findings[:0] = self.loose

    def _place(self, code: str, record: Record) -> None:
        if code == "11":
            self._open(record)
        elif code == "22":
            self.budget.entry(record.line)
            self._current(record).movements.append([record])
        elif code in ("23", "24"):
            self._add(record)
        elif code == "33":
            self._current(record).end = record
            self.open = False
        elif code == "88":
            self._end(record)
        elif code != "00":
            raise record.refused("a record has a code that Norma 43 does not have", code if code.isdigit() else None)

    def _open(self, record: Record) -> None:
        if self.open:
            self.note(
                self.budget.spare(record.refused("an account begins before the one above it has a record 33", "11"))
            )
        self.budget.statement(record.line)
        self.accounts.append(Account(record))
        self.open = True

    def _current(self, record: Record) -> Account:
        if not self.open:
            raise record.refused("a record stands outside an account", record.columns(1, 2))
        return self.accounts[-1]

    def _add(self, record: Record) -> None:
        """Put a record 23 or 24 below its movement; below one that was left out it is left out with it."""
        account = self._current(record)
        if not account.movements:
            raise record.refused("a record stands below no movement", record.columns(1, 2))
        account.movements[-1].append(record)

    def _end(self, record: Record) -> None:
        """Compare the number of records with what record 88 says, which counts neither itself nor 00."""
        if self.open:
            self.note(self.budget.spare(record.refused("the file ends before its last account has a record 33", "88")))
            self.open = False
        if self.accounts and record.columns(21, 26).strip().zfill(6) != f"{self.count:06}":
            self.note(
                Finding("totals-differ", "the file's own count of records differs from its records", record.line, "88")
            )
        self.count = 0
