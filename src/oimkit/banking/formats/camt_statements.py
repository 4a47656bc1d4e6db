"""The statements of CAMT messages: what stands around the entries, balances, totals, days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from oimkit.banking.amounts import read_amount
from oimkit.banking.formats._common import (
    NO_CURRENCY,
    Budget,
    as_currency,
    money_of,
    party,
    refused,
    signed,
)
from oimkit.banking.formats.camt_entries import NO_DAY, Gathered, iso_day
from oimkit.banking.formats.tally import Tally
from oimkit.banking.formats.xml_events import Node
from oimkit.banking.statement import Balance, Entry, Finding, Party, Statement
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency

__all__ = ["AGAIN", "KINDS", "Given", "Kind", "part_of", "statement_of"]

AGAIN = "download the statement again; if it stays so, send the line number to the bank"


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the three messages: its name, the element that holds its entries, what people call that."""

    format: str
    container: str
    title: str


KINDS = {
    "camt052": Kind("camt052", "Rpt", "account report"),
    "camt053": Kind("camt053", "Stmt", "account statement"),
    "camt054": Kind("camt054", "Ntfctn", "notification"),
}


@dataclass(slots=True)
class Given:
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


# -- statements ---------------------------------------------------------------------------------------------------


def statement_of(
    node: Node,
    gathered: Gathered,
    kind: Kind,
    findings: tuple[Finding, ...],
    budget: Budget,
    given: Given | None = None,
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


def _made(node: Node, currency: Currency, entries: tuple[Entry, ...], kind: Kind) -> Statement:
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
    kind: Kind,
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


def _balances(node: Node, kind: Kind, budget: Budget, found: list[Finding]) -> list[_PrintedBalance]:
    """Every Bal in the order of the file; one that cannot be read is refused, or reported."""
    balances: list[_PrintedBalance] = []
    for balance in node.all("Bal"):
        try:
            balances.append(_balance(balance, kind))
        except StatementError as error:
            found.append(replace(budget.spare(error), code="balance-not-read"))
    return balances


def _balance(node: Node, kind: Kind) -> _PrintedBalance:
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
    node: Node, entries: Sequence[Entry], balances: Sequence[_PrintedBalance], kind: Kind, found: list[Finding]
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


def _shared(entries: Iterable[Entry], node: Node, kind: Kind) -> Currency:
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
    gathered: Gathered, day: date | None, node: Node, kind: Kind, found: list[Finding], given: Given | None
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


def _with_days(entries: list[Entry], day: date | None, node: Node, kind: Kind) -> tuple[list[Entry], int]:
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


def _check_totals(node: Node, entries: Sequence[Entry], found: list[Finding], given: Given | None) -> None:
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


def _day(node: Node | None, kind: Kind) -> date | None:
    """The day of a Dt or DtTm choice as printed; an offset never moves it."""
    if node is None:
        return None
    text = node.value("Dt") or node.value("DtTm") or node.value("Dt", "Dt") or node.value()
    day = iso_day(text)
    if day is None and text is not None:
        raise refused(kind.format, "a date is no day of the calendar", node.line, node.name)
    return day


# -- statements in parts ----------------------------------------------------------------------------------------------


def part_of(
    node: Node,
    gathered: Gathered,
    kind: Kind,
    findings: tuple[Finding, ...],
    budget: Budget,
    given: Given | None,
) -> tuple[Statement, Given]:
    """The entries *gathered* as a part of the statement that *node* is the beginning of, and what was given by now."""
    unread: list[Finding] = []
    balances = _balances(node, kind, budget, unread)
    currency = _shared(gathered.entries, node, kind)
    opening, closing = _ends(balances, currency)
    day = _last_day(node, closing)
    entries, undated = _with_days(gathered.entries, day, node, kind)
    done = given or Given(_made(node, currency, (), kind))
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


def _last_part(statement: Statement, given: Given, node: Node, kind: Kind) -> Statement:
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


def _changed(what: str, node: Node, kind: Kind) -> StatementError:
    return StatementError(
        f"{what} of a statement in parts stands below its entries",
        format=kind.format,
        line=node.line,
        tag=kind.container,
        advice="read the file whole with read_statements, or with more entries in a part",
    )
