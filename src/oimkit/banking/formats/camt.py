"""ISO 20022 CAMT.052 reports, CAMT.053 statements and CAMT.054 notifications, every version: bytes -> Statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from oimkit.banking.decode import decode
from oimkit.banking.formats._common import (
    Budget,
    Damaged,
    not_conserved,
    understood,
)
from oimkit.banking.formats.camt_document import PieceWalk, TakeContainer, TakeEntry, each_entry
from oimkit.banking.formats.camt_entries import Gathered, Plans, read_entry
from oimkit.banking.formats.camt_shapes import Piece
from oimkit.banking.formats.camt_statements import AGAIN, KINDS, Given, Kind, part_of, statement_of
from oimkit.banking.formats.xml_events import Node, without_declaration
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Finding, Statement
from oimkit.errors import StatementError

__all__ = ["declared_in_camt", "each_container", "read_camt052", "read_camt053", "read_camt054"]


_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)


_FIRST_VERSION = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?BkToCstmr[A-Za-z]{4,20}V01[\s>]")
_PROLOG_CHARS = 4_000


def read_camt053(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every statement (Stmt) of a CAMT.053 file, in file order, whatever its version, namespace and prefixes.

    Signs come from CdtDbtInd; where entries are marked as reversals and the balances close only with these turned,
    they are turned, with the finding ``sign-by-balance``. A batch is one entry of the amount in Ntry, its transactions
    are its details. Opening is OPBD, else PRCD, else the first of the interim balances; closing is CLBD, else the last.

    Raises:
        StatementError: not well-formed, cut off, with a document type or entities, without a statement, an amount,
            sign or date that cannot be read in exactly one way, or beyond *limits*. Carries line and element.

    Source: ISO 20022 camt.053.001.02 to .13 (BankToCustomerStatement); dialects in docs/formats/camt.md.
    """
    return _read(data, KINDS["camt053"], limits, damaged)


def read_camt052(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every report (Rpt) of a CAMT.052 file, as read_camt053 reads statements; balances are often absent.

    Source: ISO 20022 camt.052.001.02 to .13 (BankToCustomerAccountReport).
    """
    return _read(data, KINDS["camt052"], limits, damaged)


def read_camt054(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every notification (Ntfctn) of a CAMT.054 file, as read_camt053 reads statements; it has no balances.

    Source: ISO 20022 camt.054.001.02 to .13 (BankToCustomerDebitCreditNotification).
    """
    return _read(data, KINDS["camt054"], limits, damaged)


class _Reading:
    """The statements of one file while it is read."""

    def __init__(self, kind: Kind, budget: Budget, findings: tuple[Finding, ...]) -> None:
        self.kind, self.budget, self.findings = kind, budget, findings
        self.statements: list[Statement] = []
        self.plans = Plans()
        self.gathered = Gathered()

    def entry(self, piece: Piece, transactions: Sequence[Piece]) -> None:
        """Take one entry; one that cannot be read is refused, or reported."""
        try:
            entry = read_entry(piece, transactions, self.plans, self.gathered, self.budget)
        except StatementError as error:
            self.gathered.findings.append(self.budget.spare(error))
            return
        if entry is not None:
            self.gathered.entries.append(entry)

    def container(self, node: Node) -> None:
        """Take the statement of the entries that were given since the last one."""
        self.budget.statement(node.line)
        self.statements.append(statement_of(node, self.gathered, self.kind, self.findings, self.budget))
        self.gathered = Gathered()


def declared_in_camt(data: bytes) -> str | None:
    """The encoding that the XML declaration names."""
    match = _XML_ENCODING.match(data[:400])
    return match[1].decode("ascii") if match is not None else None


def _document(text: str, name: str) -> str:
    """*text* without XML declaration; the version that is not read is refused."""
    text = without_declaration(text)
    if _FIRST_VERSION.search(text[:_PROLOG_CHARS]):
        raise StatementError(
            "version 01 of the message has another structure and is not read",
            format=name,
            advice="ask the bank for version 02 or later, which every bank has sent since 2009",
        )
    return text


def _read(data: bytes, kind: Kind, limits: Limits, damaged: Damaged) -> tuple[Statement, ...]:
    decoded = decode(data, declared=declared_in_camt(data))
    text = _document(decoded.text, kind.format)
    reading = _Reading(kind, Budget(kind.format, limits, damaged), decoded.findings)

    def restart() -> tuple[TakeEntry, TakeContainer]:
        nonlocal reading
        reading = _Reading(kind, Budget(kind.format, limits, damaged), decoded.findings)
        return reading.entry, reading.container

    met = each_entry(text, kind.container, restart, format=kind.format, limits=limits)
    if not reading.statements:
        raise _none_of(kind)
    _conserve(text, met, reading.statements, kind)
    return tuple(reading.statements)


def _none_of(kind: Kind) -> StatementError:
    return StatementError(f"the file holds no {kind.title}", format=kind.format, tag=kind.container, advice=AGAIN)


# -- files that come in pieces --------------------------------------------------------------------------------------


def each_container(
    pieces: Iterable[tuple[int, str, bool]],
    findings: Callable[[], tuple[Finding, ...]],
    budget: Budget,
    *,
    part_entries: int,
) -> Iterator[Statement]:
    """Every statement, report or notification of a file that comes in pieces, in its order.

    Args:
        pieces: the text of the file with the number of the first line of each, and True for the last one; every other
            piece ends behind an Ntry.
        findings: what every statement that is made now is given first.
        budget: what is left of the limits; its format says what is read.
        part_entries: a statement of more entries than that, the transactions of batches included, comes in parts.

    Raises:
        StatementError: as read_camt053; when the piece that shows it is read. Also where something below the entries of
            a statement in parts changes what its first part said: its account, its opening balance, the day of entries
            without a date.
    """
    kind = KINDS[budget.format]
    reading = _PartReading(kind, budget, findings, part_entries)
    walk = PieceWalk(kind.container, reading.entry, reading.container, format=kind.format, limits=budget.limits)
    is_first = True
    for line, text, is_last in pieces:
        walk.feed(_document(text, kind.format) if is_first else text, line, is_last=is_last)
        is_first = False
        yield from reading.taken()
    if not reading.met:
        raise _none_of(kind)
    _compare(walk.printed, walk.met, reading.read, kind)


class _PartReading:
    """The statements of a file that comes in pieces while it is read: those that end, and parts of what goes on.

    met   statements that have ended
    read  entries that were given, or reported
    held  entries that wait to be given, the transactions of batches included
    """

    def __init__(
        self, kind: Kind, budget: Budget, findings: Callable[[], tuple[Finding, ...]], part_entries: int
    ) -> None:
        self.kind, self.budget, self.findings, self.part_entries = kind, budget, findings, part_entries
        self.plans = Plans()
        self.gathered = Gathered()
        self.given: Given | None = None
        self.ready: list[Statement] = []
        self.met = self.read = self.held = 0

    def entry(self, node: Node, piece: Piece, transactions: Sequence[Piece]) -> None:
        """Take one entry of the container *node*; when there are too many, what came before it becomes a part."""
        try:
            entry = read_entry(piece, transactions, self.plans, self.gathered, self.budget)
        except StatementError as error:
            self.gathered.findings.append(self.budget.spare(error))
            return
        if entry is None:
            return
        count = 1 + len(entry.details)
        if self.gathered.entries and self.held + count > self.part_entries:
            self._part(node)
        self.gathered.entries.append(entry)
        self.held += count

    def container(self, node: Node) -> None:
        """Take the end of a container."""
        self.budget.statement(node.line)
        self.met += 1
        self.ready.append(statement_of(node, self.gathered, self.kind, self.findings(), self.budget, self.given))
        self.gathered, self.given, self.held = Gathered(), None, 0

    def taken(self) -> Iterator[Statement]:
        """What has become ready, which is forgotten."""
        ready, self.ready = self.ready, []
        for statement in ready:
            self.read += understood(statement)
            yield statement

    def _part(self, node: Node) -> None:
        findings = self.findings() if self.given is None else ()
        part, self.given = part_of(node, self.gathered, self.kind, findings, self.budget, self.given)
        self.ready.append(part)
        self.gathered, self.held = Gathered(), 0


# -- guard ----------------------------------------------------------------------------------------------------------

_NTRY = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?Ntry[\s/>]")
_HIDDEN = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def _conserve(text: str, met: int, statements: Sequence[Statement], kind: Kind) -> None:
    """Every Ntry became an entry or a finding; otherwise the reading is refused."""
    printed, odd = divmod(text.count("Ntry>"), 2)
    if odd or printed != met:
        printed = len(_NTRY.findall(_HIDDEN.sub("", text)))
    _compare(printed, met, sum(map(understood, statements)), kind)


def _compare(printed: int, met: int, read: int, kind: Kind) -> None:
    if not printed == met == read:
        raise not_conserved(printed, read, format=kind.format, tag="Ntry")
