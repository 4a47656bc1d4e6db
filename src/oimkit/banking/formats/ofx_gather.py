"""The statements of an OFX file with their elements as printed, gathered from its tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from oimkit.banking.formats._common import Budget, as_currency, clean, refused
from oimkit.banking.formats.ofx_entries import is_undecided, quick_entry, read_raw
from oimkit.banking.formats.ofx_records import Record
from oimkit.banking.formats.ofx_shapes import (
    ACCOUNTS,
    AGGREGATES,
    BALANCES,
    ENTRIES,
    LISTS,
    PARTS,
    STATEMENTS,
    TRADES,
    RawEntry,
)
from oimkit.banking.formats.ofx_tokens import Token, undo_entities
from oimkit.banking.statement import Entry, Finding
from oimkit.money import Currency

__all__ = ["Gathered", "Gatherer", "RawBalance"]


@dataclass(slots=True)
class RawBalance:
    """The elements of LEDGERBAL, AVAILBAL, INVBAL or a BAL as printed: name -> first text."""

    tag: str
    line: int
    values: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Gathered:
    """One STMTRS, CCSTMTRS or INVSTMTRS: its entries in order, those read already and those as printed.

    references  the ids of its entries, as far as they were looked at
    is_begun    True when a part of it was given, and its entries and findings with it
    """

    line: int
    account: dict[str, str] = field(default_factory=dict)
    currency: str | None = None
    period: dict[str, str] = field(default_factory=dict)
    balances: list[RawBalance] = field(default_factory=list)
    entries: list[Entry | RawEntry] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    trades: int = 0
    findings: list[Finding] = field(default_factory=list)
    references: set[str | int] = field(default_factory=set)
    is_begun: bool = False
    known: tuple[Currency, str | None] | None = None

    def settled(self) -> tuple[Currency, str | None] | None:
        """Currency and account, once both stand fast; only the first of either counts."""
        if self.known is None and self.currency is not None and "ACCTID" in self.account:
            currency = as_currency(self.currency)
            if currency is not None:
                self.known = currency, self.account_number
        return self.known

    @property
    def account_number(self) -> str | None:
        return clean(undo_entities(self.account.get("ACCTID", "")))


@dataclass(slots=True)
class Gatherer:
    """What has been met of a file.

    text        the file's, or that of the piece that was gathered last, for what entries were printed as
    statements  in file order
    refusal     the bank's own error code where it refused the download
    has_commas  True when an amount that was read already has a comma
    """

    budget: Budget
    text: str = ""
    statements: list[Gathered] = field(default_factory=list)
    refusal: str | None = None
    has_commas: bool = False
    _current: Gathered | None = None
    _raw: RawEntry | None = None
    _scope: list[str] = field(default_factory=list)
    _status: dict[str, str] = field(default_factory=dict)
    _stray: list[Finding] = field(default_factory=list)
    _unread: list[RawEntry] = field(default_factory=list)

    def gather(self, text: str, stream: Iterable[Token | Record], *, is_last: bool) -> None:
        """Take the tags of *text*, which is a file, or a piece of one that an entry follows unless it *is_last*."""
        self.text = text
        last = 0
        for part in stream:
            if isinstance(part, Record):
                self._take_record(part)
                continue
            closing, name, value, line, begin, end = part
            last = begin
            if closing:
                if name in AGGREGATES and name in self._scope:
                    self._close(name, begin, end)
            elif name in AGGREGATES:
                self._open(name, line, begin)
            else:
                self._take_element(name, value)
        self._leave_entry(last if is_last else len(text))
        if not is_last:
            self._keep_printed()
        elif self.statements:
            self.statements[-1].findings += self._stray

    def _keep_printed(self) -> None:
        """Cut out the texts of entries that are not read yet, before the text they stand in goes."""
        for raw in self._unread:
            raw.printed = self.text[raw.begin : raw.end].strip()
        self._unread.clear()

    # -- aggregates

    def _open(self, name: str, line: int, begin: int) -> None:
        self._bound_depth(name, line)
        if name in ENTRIES:
            self._leave_entry(begin)
            if self._current is None:
                self._report_stray(name, line)
            else:
                self.budget.entry(line)
                self._raw = RawEntry(line, begin, pending=name == "STMTTRNP")
                self._current.entries.append(self._raw)
            self._unwind()
        elif name in STATEMENTS:
            self._leave_entry(begin)
            self.budget.statement(line)
            self._current = Gathered(line)
            self.statements.append(self._current)
            self._scope.clear()
        elif name == "STATUS":
            self._status = {}
        elif name in BALANCES and self._current is not None:
            self._current.balances.append(RawBalance(name, line))
        self._scope.append(name)

    def _close(self, name: str, begin: int, end: int) -> None:
        while self._scope.pop() != name:
            pass
        if name in ENTRIES or name in LISTS:
            self._leave_entry(end if name in ENTRIES else begin)
        elif name in STATEMENTS:
            self._leave_entry(begin)
            self._current = None
        elif name == "STATUS" and self._status.get("SEVERITY", "").strip().upper() == "ERROR":
            self.refusal = self.refusal or self._status.get("CODE", "").strip() or "?"

    def _bound_depth(self, name: str, line: int, *, further: int = 0) -> None:
        if len(self._scope) + further >= self.budget.limits.depth:
            raise refused(self.budget.format, "elements are nested too deeply", line, name)

    def _leave_entry(self, at: int) -> None:
        raw, self._raw = self._raw, None
        if raw is not None and self._current is not None:
            raw.end = at
            self._current.entries.pop()
            self._settle(self._current, raw)

    def _unwind(self) -> None:
        """Leave entries that were never closed before the next one begins."""
        while self._scope and (self._scope[-1] in ENTRIES or self._scope[-1] in PARTS):
            self._scope.pop()

    def _report_stray(self, name: str, line: int) -> None:
        error = refused(self.budget.format, "an entry stands outside any statement", line, name)
        self._stray.append(self.budget.spare(error))

    # -- elements and entries

    def _take_element(self, name: str, value: str) -> None:
        inside = self._scope[-1] if self._scope else ""
        if self._raw is not None and (inside in ENTRIES or inside in PARTS):
            self._raw.take(inside, name, value)
        elif inside == "STATUS":
            self._status[name] = value
        elif self._current is not None:
            _take(self._current, self._scope, name, value)

    def _take_record(self, record: Record) -> None:
        """An entry that is cut out whole: read at once where it is ordinary, else gathered as any other."""
        self._bound_depth("STMTTRN", record.line)
        self._leave_entry(record.begin)
        self._unwind()
        current = self._current
        if current is None:
            self._report_stray("STMTTRN", record.line)
        else:
            self.budget.entry(record.line)
        part = record.part()
        if part is not None:
            self._bound_depth(*part, further=1)
        if current is None:
            return
        values, settled = record.common(), current.settled()
        if values is not None and settled is not None:
            entry = quick_entry(values, record.line, *settled)
            if entry is not None:
                current.entries.append(entry)
                self.has_commas = self.has_commas or "," in values[4]
                return
        self._settle(current, record.raw())

    def _settle(self, current: Gathered, raw: RawEntry) -> None:
        """Read an entry where nothing that follows can change what it says; else keep it as it is printed."""
        settled, amount = current.settled(), raw.values.get("TRNAMT", "")
        self.has_commas = self.has_commas or "," in amount
        if settled is None or is_undecided(amount):
            current.entries.append(raw)
            self._unread.append(raw)
        else:
            current.entries += read_raw(raw, self.text, self.budget, *settled, current.findings, pointed=True)


def _take(current: Gathered, scope: list[str], name: str, value: str) -> None:
    """An element of the statement outside its entries."""
    inside = scope[-1] if scope else ""
    if inside in ACCOUNTS:
        current.account.setdefault(name, value)
    elif inside in BALANCES:
        current.balances[-1].values.setdefault(name, value)
    elif inside == "CURRENCY" and len(scope) > 1 and scope[-2] == "BAL":
        current.balances[-1].values.setdefault(f"CURRENCY.{name}", value)
    elif inside in LISTS and name in ("DTSTART", "DTEND"):
        current.period.setdefault(name, value)
    elif name == "CURDEF":
        current.currency = current.currency or clean(value)
    elif name == "MKTGINFO":
        current.remarks.append(value)
    elif name in TRADES:
        current.trades += 1
