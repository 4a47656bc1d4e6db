"""ISO 20022 CAMT.052 reports, CAMT.053 statements and CAMT.054 notifications, every version: bytes -> Statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from oimkit.banking.amounts import read_amount
from oimkit.banking.decode import decode
from oimkit.banking.formats._common import (
    NO_CURRENCY,
    Budget,
    Damaged,
    as_currency,
    money_of,
    not_conserved,
    party,
    refused,
    signed,
    understood,
)
from oimkit.banking.formats.camt_document import PieceWalk, TakeContainer, TakeEntry, each_entry
from oimkit.banking.formats.camt_entries import NO_DAY, Gathered, Plans, iso_day, read_entry
from oimkit.banking.formats.camt_shapes import Piece
from oimkit.banking.formats.tally import Tally
from oimkit.banking.formats.xml_events import Node, without_declaration
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, Finding, Party, Statement
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency

__all__ = ["declared_in_camt", "each_container", "read_camt052", "read_camt053", "read_camt054"]

_AGAIN = "download the statement again; if it stays so, send the line number to the bank"

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
    return _read(data, _KINDS["camt053"], limits, damaged)


def read_camt052(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every report (Rpt) of a CAMT.052 file, as read_camt053 reads statements; balances are often absent.

    Source: ISO 20022 camt.052.001.02 to .13 (BankToCustomerAccountReport).
    """
    return _read(data, _KINDS["camt052"], limits, damaged)


def read_camt054(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every notification (Ntfctn) of a CAMT.054 file, as read_camt053 reads statements; it has no balances.

    Source: ISO 20022 camt.054.001.02 to .13 (BankToCustomerDebitCreditNotification).
    """
    return _read(data, _KINDS["camt054"], limits, damaged)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the three messages: its name, the element that holds its entries, what people call that."""

    format: str
    container: str
    title: str


_KINDS = {
    "camt052": _Kind("camt052", "Rpt", "account report"),
    "camt053": _Kind("camt053", "Stmt", "account statement"),
    "camt054": _Kind("camt054", "Ntfctn", "notification"),
}


class _Reading:
    """The statements of one file while it is read."""

    def __init__(self, kind: _Kind, budget: Budget, findings: tuple[Finding, ...]) -> None:
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
        self.statements.append(_statement(node, self.gathered, self.kind, self.findings, self.budget))
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


def _read(data: bytes, kind: _Kind, limits: Limits, damaged: Damaged) -> tuple[Statement, ...]:
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


def _none_of(kind: _Kind) -> StatementError:
    return StatementError(f"the file holds no {kind.title}", format=kind.format, tag=kind.container, advice=_AGAIN)


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
    kind = _KINDS[budget.format]
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


@dataclass(slots=True)
class _Given:
    """What was given of a statement that comes in parts.

    first     its first part
    tally     its entries counted
    balances, unread  how many balances were given, and how many findings of balances that cannot be read
    undated   entries without a date, which were given *day*
    """

    first: Statement
    tally: Tally = field(default_factory=Tally)
    balances: int = 0
    unread: int = 0
    undated: int = 0
    day: date | None = None


class _PartReading:
    """The statements of a file that comes in pieces while it is read: those that end, and parts of what goes on.

    met   statements that have ended
    read  entries that were given, or reported
    held  entries that wait to be given, the transactions of batches included
    """

    def __init__(
        self, kind: _Kind, budget: Budget, findings: Callable[[], tuple[Finding, ...]], part_entries: int
    ) -> None:
        self.kind, self.budget, self.findings, self.part_entries = kind, budget, findings, part_entries
        self.plans = Plans()
        self.gathered = Gathered()
        self.given: _Given | None = None
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
        self.ready.append(_statement(node, self.gathered, self.kind, self.findings(), self.budget, self.given))
        self.gathered, self.given, self.held = Gathered(), None, 0

    def taken(self) -> Iterator[Statement]:
        """What has become ready, which is forgotten."""
        ready, self.ready = self.ready, []
        for statement in ready:
            self.read += understood(statement)
            yield statement

    def _part(self, node: Node) -> None:
        findings = self.findings() if self.given is None else ()
        part, self.given = _part(node, self.gathered, self.kind, findings, self.budget, self.given)
        self.ready.append(part)
        self.gathered, self.held = Gathered(), 0


def _part(
    node: Node,
    gathered: Gathered,
    kind: _Kind,
    findings: tuple[Finding, ...],
    budget: Budget,
    given: _Given | None,
) -> tuple[Statement, _Given]:
    """The entries *gathered* as a part of the statement that *node* is the beginning of, and what was given by now."""
    unread: list[Finding] = []
    balances = _balances(node, kind, budget, unread)
    currency = _shared(gathered.entries, node, kind)
    opening, closing = _ends(balances, currency)
    day = _last_day(node, closing)
    entries, undated = _with_days(gathered.entries, day, node, kind)
    done = given or _Given(_made(node, currency, (), kind))
    if undated:
        if done.undated and done.day != day:
            raise _changed("the day of entries without a date", node, kind)
        done.undated, done.day = done.undated + undated, day
    found = [*findings, *gathered.findings, *unread[done.unread :]]
    part = replace(
        done.first,
        entries=tuple(entries),
        opening=opening.balance if opening is not None and given is None else None,
        continues=given is not None or (opening is not None and opening.code == "ITBD"),
        continued=True,
        findings=tuple(found),
        balances=tuple([balance.balance for balance in balances[done.balances :]]),
        remarks=(),
    )
    if given is None:
        done.first = replace(part, entries=(), findings=(), balances=())
    done.tally.add(entries)
    done.balances, done.unread = len(balances), len(unread)
    return part, done


def _last_part(statement: Statement, given: _Given, node: Node, kind: _Kind) -> Statement:
    """*statement*, which has the last entries alone, as the last part of what was *given*."""
    first = given.first
    if _above(statement) != _above(first):
        raise _changed("the account, the currency or the number", node, kind)
    is_changed = first.opening is not None and statement.opening != first.opening
    if is_changed or statement.continues != first.continues:
        raise _changed("the opening balance", node, kind)
    return replace(
        statement,
        opening=statement.opening if first.opening is None else None,
        continues=True,
        balances=statement.balances[given.balances :],
    )


def _above(statement: Statement) -> tuple[object, ...]:
    """What every part of a statement says alike."""
    known = (statement.account, statement.currency, statement.number, statement.page, statement.reference)
    return (*known, statement.owner, statement.period_start, statement.period_end)


def _changed(what: str, node: Node, kind: _Kind) -> StatementError:
    return StatementError(
        f"{what} of a statement in parts stands below its entries",
        format=kind.format,
        line=node.line,
        tag=kind.container,
        advice="read the file whole with read_statements, or with more entries in a part",
    )


# -- statements ---------------------------------------------------------------------------------------------------


def _statement(
    node: Node,
    gathered: Gathered,
    kind: _Kind,
    findings: tuple[Finding, ...],
    budget: Budget,
    given: _Given | None = None,
) -> Statement:
    """The statement, or its last part where others were *given*."""
    unread: list[Finding] = []
    balances = _balances(node, kind, budget, unread)
    found = [*findings, *gathered.findings, *unread] if given is None else [*gathered.findings, *unread[given.unread :]]
    _note_copy(node, found)
    currency = _currency(node, gathered.entries, balances, kind, found)
    opening, closing = _ends(balances, currency)
    _note_balances(opening, closing, currency, node, kind, found)
    entries = _dated(gathered, _last_day(node, closing), node, kind, found, given)
    _check_totals(node, entries, found, given)
    statement = replace(
        _made(node, currency, tuple(entries), kind),
        opening=opening.balance if opening is not None else None,
        closing=closing.balance if closing is not None else None,
        continues=opening is not None and opening.code == "ITBD",
        continued=closing is not None and closing.code == "ITBD",
        findings=tuple(found),
        balances=tuple(balance.balance for balance in balances),
    )
    return _with_signs_by_balance(statement) if given is None else _last_part(statement, given, node, kind)


def _note_copy(node: Node, found: list[Finding]) -> None:
    """DUPL and CODU were sent before; a COPY is the same message to another party."""
    if node.value("CpyDplctInd") in ("DUPL", "CODU"):
        reason = "the bank marks the statement as a copy of an earlier one"
        found.append(Finding("duplicate", reason, node.line, "CpyDplctInd"))


def _made(node: Node, currency: Currency, entries: tuple[Entry, ...], kind: _Kind) -> Statement:
    """What stands beside balances and entries, with these *entries*."""
    pages = node.first("StmtPgntn") or node.first("RptPgntn") or node.first("NtfctnPgntn")
    account = _account(node)
    return Statement(
        format=kind.format,
        account=account,
        currency=currency,
        entries=entries,
        reference=node.value("Id"),
        number=node.value("LglSeqNb") or node.value("ElctrncSeqNb"),
        page=_whole(pages.value("PgNb")) if pages is not None else None,
        line=node.line,
        owner=_owner(node, account),
        period_start=iso_day(node.value("FrToDt", "FrDtTm") or node.value("FrToDt", "FrDt")),
        period_end=iso_day(node.value("FrToDt", "ToDtTm") or node.value("FrToDt", "ToDt")),
        remarks=_remarks(node),
    )


def _account(node: Node) -> str | None:
    """The account's number: an IBAN without blanks, else as printed."""
    identification = node.first("Acct", "Id")
    if identification is None:
        return None
    iban = identification.value("IBAN")
    if iban is not None:
        return "".join(iban.split())
    others = (("Othr", "Id"), ("PrtryAcct", "Id"), ("BBAN",), ("UPIC",))
    return next((text for path in others if (text := identification.value(*path)) is not None), None)


def _owner(node: Node, account: str | None) -> Party | None:
    """The account's holder and the bank that keeps it; None when the bank prints neither."""
    holder, bank = node.first("Acct", "Ownr"), node.first("Acct", "Svcr", "FinInstnId")
    name = address = None
    if holder is not None:
        name = holder.value("Nm") or holder.value("Pty", "Nm")
        address = holder.first("PstlAdr") or holder.first("Pty", "PstlAdr")
    paths = (("BICFI",), ("BIC",), ("CmbndId", "BIC"), ("ClrSysMmbId", "MmbId"))
    code = next((text for path in paths if (text := bank.value(*path)) is not None), None) if bank else None
    if name is None and code is None and address is None:
        return None
    return party(name, account, code, [line.value() for line in address.children] if address is not None else ())


def _remarks(node: Node) -> tuple[str, ...]:
    texts = (node.value(name) for name in ("AddtlStmtInf", "AddtlRptInf", "AddtlNtfctnInf"))
    return tuple(text for text in texts if text is not None)


def _note_balances(
    opening: _PrintedBalance | None,
    closing: _PrintedBalance | None,
    currency: Currency,
    node: Node,
    kind: _Kind,
    found: list[Finding],
) -> None:
    """Report balances in another currency, and those that a statement must have; other messages need none."""
    for end, name in ((opening, "opening"), (closing, "closing")):
        if end is not None and end.balance.amount.currency != currency:
            found.append(
                Finding("balance-currency", f"the {name} balance is not in the account's currency", end.line, "Bal")
            )
    if kind.format == "camt053" and (opening is None or closing is None):
        found.append(
            Finding("balances-incomplete", "the statement lacks an opening or a closing balance", node.line, "Bal")
        )


def _with_signs_by_balance(statement: Statement) -> Statement:
    """The statement with the signs of its reversals turned, when it closes so and not as printed.

    Most banks print the direction of the money in CdtDbtInd of a reversal as well, some that of the entry it reverses;
    only the balances can tell.
    """
    reversed_ = [entry for entry in statement.booked if entry.reversal]
    if not reversed_ or statement.balanced is not False:
        return statement
    turned = replace(
        statement, entries=tuple(_turned(entry) if entry.reversal else entry for entry in statement.entries)
    )
    if turned.balanced is not True:
        return statement
    finding = Finding(
        "sign-by-balance",
        "the balances close only when the reversals count against their credit or debit mark; they were read so",
        reversed_[0].line,
        "RvslInd",
    )
    return replace(turned, findings=(*turned.findings, finding))


def _turned(entry: Entry) -> Entry:
    details = tuple(replace(detail, amount=-detail.amount) for detail in entry.details)
    return replace(entry, amount=-entry.amount, details=details)


@dataclass(frozen=True, slots=True)
class _PrintedBalance:
    code: str
    balance: Balance
    line: int


def _balances(node: Node, kind: _Kind, budget: Budget, found: list[Finding]) -> list[_PrintedBalance]:
    """Every Bal in the order of the file; one that cannot be read is refused, or reported."""
    balances: list[_PrintedBalance] = []
    for balance in node.all("Bal"):
        try:
            balances.append(_balance(balance, kind))
        except StatementError as error:
            found.append(replace(budget.spare(error), code="balance-not-read"))
    return balances


def _balance(node: Node, kind: _Kind) -> _PrintedBalance:
    """One Bal; a missing CdtDbtInd means credit (Bank of Lithuania leaves it out)."""
    code = node.value("Tp", "CdOrPrtry", "Cd") or node.value("Tp", "Cd") or node.value("Tp", "CdOrPrtry", "Prtry") or ""
    sign = node.value("CdtDbtInd")
    if sign not in (None, "CRDT", "DBIT"):
        raise refused(kind.format, "a balance is marked as neither credit nor debit", node.line, "CdtDbtInd")
    printed = node.first("Amt")
    text = printed.value() if printed is not None else None
    currency = as_currency(printed.currency) if printed is not None and printed.currency is not None else None
    if text is None or currency is None:
        raise refused(kind.format, "a balance has no amount or no currency", node.line, "Bal")
    if text.startswith(("-", "+")):
        raise refused(kind.format, "a balance has a sign, which CdtDbtInd alone may give", node.line, "Amt")
    try:
        number = read_amount(text, decimal=".")
    except AmountError as error:
        raise refused(kind.format, f"a balance cannot be read: {error.reason}", node.line, "Amt") from None
    amount = money_of(signed(number, sign == "DBIT"), currency)
    return _PrintedBalance(code, Balance(amount, _day(node.first("Dt"), kind), code or None), node.line)


def _ends(
    balances: Sequence[_PrintedBalance], currency: Currency
) -> tuple[_PrintedBalance | None, _PrintedBalance | None]:
    """Opening and closing booked balance; interim ones stand in where a page has no other."""
    opening = _of(balances, currency, "OPBD") or _of(balances, currency, "PRCD")
    closing = _of(balances, currency, "CLBD")
    interim = [balance for balance in balances if balance.code == "ITBD"]
    if opening is None and interim and (closing is not None or len(interim) > 1):
        opening = interim.pop(0)
    if closing is None and interim:
        closing = interim[-1]
    return opening, closing


def _of(balances: Sequence[_PrintedBalance], currency: Currency, code: str) -> _PrintedBalance | None:
    """The first balance of *code*, one in the account's currency before any other."""
    named = [balance for balance in balances if balance.code == code]
    return next(
        (balance for balance in named if balance.balance.amount.currency == currency), named[0] if named else None
    )


def _currency(
    node: Node, entries: Sequence[Entry], balances: Sequence[_PrintedBalance], kind: _Kind, found: list[Finding]
) -> Currency:
    """The currency all entries share; without entries the account's own, else that of the first booked balance."""
    printed = node.value("Acct", "Ccy")
    own = as_currency(printed) if printed is not None else None
    if entries:
        currency = _shared(entries, node, kind)
        if own is not None and own != currency:
            found.append(Finding("amount-currency", "the entries are not in the account's currency", node.line, "Ccy"))
        return currency
    booked = [balance for balance in balances if balance.code in ("OPBD", "PRCD", "CLBD", "ITBD")]
    if own is None and booked:
        return booked[0].balance.amount.currency
    return own or NO_CURRENCY


def _shared(entries: Iterable[Entry], node: Node, kind: _Kind) -> Currency:
    """The currency of all *entries*, of which there is one at least."""
    currency, *others = {entry.amount.currency for entry in entries}
    if others:
        raise refused(kind.format, "the entries of one statement are in more than one currency", node.line, "Ccy")
    return currency


def _last_day(node: Node, closing: _PrintedBalance | None) -> date | None:
    """The day the statement stands for: of its closing balance, the end of its period, or its making."""
    if closing is not None and closing.balance.date is not None:
        return closing.balance.date
    for path in (("FrToDt", "ToDtTm"), ("FrToDt", "ToDt"), ("CreDtTm",)):
        day = iso_day(node.value(*path))
        if day is not None:
            return day
    return None


def _dated(
    gathered: Gathered, day: date | None, node: Node, kind: _Kind, found: list[Finding], given: _Given | None
) -> list[Entry]:
    """The entries; those without any date get the statement's, with one finding for all of them."""
    entries, undated = _with_days(gathered.entries, day, node, kind)
    if given is not None and given.undated:
        if given.day != day:
            raise _changed("the day of entries without a date", node, kind)
        undated += given.undated
    if not undated:
        return entries
    found.append(
        Finding(
            "date-missing",
            f"{undated} entries have no date at all; the day of the statement stands as value date",
            node.line,
            "ValDt",
        )
    )
    return entries


def _with_days(entries: list[Entry], day: date | None, node: Node, kind: _Kind) -> tuple[list[Entry], int]:
    """The entries, those without any date with *day*; and how many these are."""
    undated = sum(entry.value_date == NO_DAY for entry in entries)
    if not undated:
        return entries, 0
    if day is None:
        raise refused(kind.format, "entries have no date, and neither has the statement", node.line, "ValDt")
    return [_with_day(entry, day) if entry.value_date == NO_DAY else entry for entry in entries], undated


def _with_day(entry: Entry, day: date) -> Entry:
    details = tuple(
        replace(detail, value_date=day) if detail.value_date == NO_DAY else detail for detail in entry.details
    )
    return replace(entry, value_date=day, details=details)


def _check_totals(node: Node, entries: Sequence[Entry], found: list[Finding], given: _Given | None) -> None:
    """Compare the bank's own totals (TxsSummry) with what was read; a difference is reported."""
    summary = node.first("TxsSummry")
    if summary is None:
        return
    tally = given.tally if given is not None else Tally()
    tally.add(entries)
    for name, side in (("TtlCdtNtries", tally.credits), ("TtlDbtNtries", tally.debits)):
        total = summary.first(name)
        if total is None:
            continue
        counted, summed = _whole(total.value("NbOfNtries")), _decimal(total.value("Sum"))
        if (counted is not None and counted != side.number) or (summed is not None and summed != side.sum.copy_abs()):
            found.append(Finding("totals-differ", "the bank's own totals differ from its entries", total.line, name))


# -- values ---------------------------------------------------------------------------------------------------------


def _decimal(text: str | None) -> Decimal | None:
    """A number on which nothing hangs, or None."""
    if text is None:
        return None
    try:
        return read_amount(text, decimal=".")
    except AmountError:
        return None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 9 else None


def _day(node: Node | None, kind: _Kind) -> date | None:
    """The day of a Dt or DtTm choice as printed; an offset never moves it."""
    if node is None:
        return None
    text = node.value("Dt") or node.value("DtTm") or node.value("Dt", "Dt") or node.value()
    day = iso_day(text)
    if day is None and text is not None:
        raise refused(kind.format, "a date is no day of the calendar", node.line, node.name)
    return day


# -- guard ----------------------------------------------------------------------------------------------------------

_NTRY = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?Ntry[\s/>]")
_HIDDEN = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def _conserve(text: str, met: int, statements: Sequence[Statement], kind: _Kind) -> None:
    """Every Ntry became an entry or a finding; otherwise the reading is refused."""
    printed, odd = divmod(text.count("Ntry>"), 2)
    if odd or printed != met:
        printed = len(_NTRY.findall(_HIDDEN.sub("", text)))
    _compare(printed, met, sum(map(understood, statements)), kind)


def _compare(printed: int, met: int, read: int, kind: _Kind) -> None:
    if not printed == met == read:
        raise not_conserved(printed, read, format=kind.format, tag="Ntry")
