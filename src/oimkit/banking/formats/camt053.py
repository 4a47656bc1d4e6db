"""ISO 20022 CAMT.053 account statements, every version: bytes -> Statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.amounts import read_amount
from oimkit.banking.decode import decode
from oimkit.banking.formats._common import Budget, as_currency, party
from oimkit.banking.formats.xml_events import Node, each_element
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Party, Statement
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency, Money

__all__ = ["read_camt053"]

_FORMAT = "camt053"
_AGAIN = "download the statement again; if it stays so, send the line number to the bank"

_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)

_STATUS = {
    "BOOK": EntryStatus.BOOKED,
    "PDNG": EntryStatus.PENDING,
    "FUTR": EntryStatus.PENDING,
    "INFO": EntryStatus.INFORMATION,
}

_NOT_PROVIDED = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOTAVAILABLE"})


@dataclass(slots=True)
class _Gathered:
    """The entries of one Stmt while it is read, and what was noticed."""

    entries: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    undated: int = 0


def read_camt053(data: bytes, *, limits: Limits = LIMITS) -> tuple[Statement, ...]:
    """Every statement (Stmt) of a CAMT.053 file, in file order, whatever its version, namespace and prefixes.

    Signs come from CdtDbtInd alone. A batch is one entry of the amount in Ntry, its transactions are its details.
    Opening is OPBD, else PRCD, else the first of the interim balances; closing is CLBD, else the last of them.

    Raises:
        StatementError: not well-formed, cut off, with a document type or entities, without a statement, an amount,
            sign or date that cannot be read in exactly one way, or beyond *limits*. Carries line and element.

    Source: ISO 20022 camt.053.001.01 to .13 (BankToCustomerStatement); dialects in docs/formats/camt053.md.
    """
    match = _XML_ENCODING.match(data[:400])
    decoded = decode(data, declared=match[1].decode("ascii") if match is not None else None)
    budget = Budget(_FORMAT, limits)
    statements: list[Statement] = []
    gathered = _Gathered()

    def take(container: Node | None, node: Node) -> None:
        nonlocal gathered
        if container is not None:
            entry = _entry(node, gathered, budget)
            if entry is not None:
                gathered.entries.append(entry)
            return
        budget.statement(node.line)
        statements.append(_statement(node, gathered, decoded.findings))
        gathered = _Gathered()

    met = each_element(decoded.text, "Stmt", frozenset({"Ntry"}), take, format=_FORMAT, limits=limits)
    if not statements:
        raise StatementError("the file holds no account statement", format=_FORMAT, tag="Stmt", advice=_AGAIN)
    _conserve(decoded.text, met, statements)
    return tuple(statements)


# -- statements ---------------------------------------------------------------------------------------------------


def _statement(node: Node, gathered: _Gathered, findings: tuple[Finding, ...]) -> Statement:
    found = [*findings, *gathered.findings]
    balances = [_balance(balance) for balance in node.all("Bal")]
    currency = _currency(node, gathered.entries, balances, found)
    opening, closing = _ends(balances, currency)
    for end, name in ((opening, "opening"), (closing, "closing")):
        if end is not None and end.balance.amount.currency != currency:
            found.append(
                Finding("balance-currency", f"the {name} balance is not in the account's currency", end.line, "Bal")
            )
    if opening is None or closing is None:
        found.append(
            Finding("balances-incomplete", "the statement lacks an opening or a closing balance", node.line, "Bal")
        )
    account = node.first("Acct", "Id")
    number = (
        account.value("IBAN") or account.value("Othr", "Id") or account.value("PrtryAcct", "Id") if account else None
    )
    entries = _dated(gathered, _last_day(node, closing), node, found)
    _check_totals(node, entries, found)
    own = "".join(number.split()) if number is not None and account is not None and account.value("IBAN") else number
    pages = node.first("StmtPgntn")
    return Statement(
        format=_FORMAT,
        account=own,
        currency=currency,
        entries=tuple(entries),
        opening=opening.balance if opening is not None else None,
        closing=closing.balance if closing is not None else None,
        reference=node.value("Id"),
        number=node.value("LglSeqNb") or node.value("ElctrncSeqNb"),
        page=_whole(pages.value("PgNb")) if pages is not None else None,
        continues=opening is not None and opening.code == "ITBD",
        continued=closing is not None and closing.code == "ITBD",
        findings=tuple(found),
        line=node.line,
    )


@dataclass(frozen=True, slots=True)
class _PrintedBalance:
    code: str
    balance: Balance
    line: int


def _balance(node: Node) -> _PrintedBalance:
    """One Bal; a missing CdtDbtInd means credit (Bank of Lithuania leaves it out)."""
    code = node.value("Tp", "CdOrPrtry", "Cd") or node.value("Tp", "Cd") or node.value("Tp", "CdOrPrtry", "Prtry") or ""
    amount = _money(node.first("Amt"), "a balance")
    if amount is None:
        raise _refused("a balance has no amount", node.line, "Bal")
    sign = node.value("CdtDbtInd")
    if sign not in (None, "CRDT", "DBIT"):
        raise _refused("a balance is marked as neither credit nor debit", node.line, "CdtDbtInd")
    return _PrintedBalance(code, Balance(-amount if sign == "DBIT" else amount, _day(node.first("Dt"))), node.line)


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
    node: Node, entries: Iterable[Entry], balances: Sequence[_PrintedBalance], found: list[Finding]
) -> Currency:
    """The currency all entries share; without entries the account's own, else that of the first booked balance."""
    shared = {entry.amount.currency for entry in entries}
    printed = node.value("Acct", "Ccy")
    own = as_currency(printed) if printed is not None else None
    if len(shared) > 1:
        raise _refused("the entries of one statement are in more than one currency", node.line, "Ccy")
    if shared:
        currency = shared.pop()
        if own is not None and own != currency:
            found.append(Finding("amount-currency", "the entries are not in the account's currency", node.line, "Ccy"))
        return currency
    booked = [balance for balance in balances if balance.code in ("OPBD", "PRCD", "CLBD", "ITBD")]
    if own is None and booked:
        return booked[0].balance.amount.currency
    return own or Currency("XXX")


def _last_day(node: Node, closing: _PrintedBalance | None) -> date | None:
    """The day the statement stands for: of its closing balance, the end of its period, or its making."""
    if closing is not None and closing.balance.date is not None:
        return closing.balance.date
    for path in (("FrToDt", "ToDtTm"), ("FrToDt", "ToDt"), ("CreDtTm",)):
        day = _iso_day(node.value(*path))
        if day is not None:
            return day
    return None


def _dated(gathered: _Gathered, day: date | None, node: Node, found: list[Finding]) -> list[Entry]:
    """The entries; those without any date get the statement's, with one finding for all of them."""
    if not gathered.undated:
        return gathered.entries
    if day is None:
        raise _refused("entries have no date, and neither has the statement", node.line, "ValDt")
    found.append(
        Finding(
            "date-missing",
            f"{gathered.undated} entries have no date at all; the day of the statement stands as value date",
            node.line,
            "ValDt",
        )
    )
    return [_with_day(entry, day) if entry.value_date == _NO_DAY else entry for entry in gathered.entries]


_NO_DAY = date.min
"""Stands for a missing value date while a statement is read; never leaves this module."""


def _with_day(entry: Entry, day: date) -> Entry:
    details = tuple(
        replace(detail, value_date=day) if detail.value_date == _NO_DAY else detail for detail in entry.details
    )
    return replace(entry, value_date=day, details=details)


def _check_totals(node: Node, entries: Sequence[Entry], found: list[Finding]) -> None:
    """Compare the bank's own totals (TxsSummry) with what was read; a difference is reported."""
    summary = node.first("TxsSummry")
    if summary is None:
        return
    credits_ = [entry.amount.amount for entry in entries if entry.amount.amount > 0]
    debits = [-entry.amount.amount for entry in entries if entry.amount.amount < 0]
    for name, amounts in (("TtlCdtNtries", credits_), ("TtlDbtNtries", debits)):
        total = summary.first(name)
        if total is None:
            continue
        counted, summed = _whole(total.value("NbOfNtries")), _decimal(total.value("Sum"))
        if (counted is not None and counted != len(amounts)) or (
            summed is not None and summed != sum(amounts, Decimal(0))
        ):
            found.append(Finding("totals-differ", "the bank's own totals differ from its entries", total.line, name))


# -- entries ------------------------------------------------------------------------------------------------------


def _entry(node: Node, gathered: _Gathered, budget: Budget) -> Entry | None:
    """One Ntry; None with a finding when the bank printed no amount."""
    budget.entry(node.line)
    amount = _money(node.first("Amt"), "an entry")
    if amount is None:
        gathered.findings.append(Finding("entry-not-read", "an entry has no amount and was left out", node.line, "Amt"))
        return None
    sign = node.value("CdtDbtInd")
    if sign not in ("CRDT", "DBIT"):
        raise _refused("an entry is marked as neither credit nor debit", node.line, "CdtDbtInd")
    booked, valued = _day(node.first("BookgDt")), _day(node.first("ValDt"))
    value_date = valued or booked
    if value_date is None:
        gathered.undated += 1
        value_date = _NO_DAY
    reversal = _is_true(node.value("RvslInd"))
    status = _entry_status(node, gathered)
    transactions = [detail for group in node.all("NtryDtls") for detail in group.all("TxDtls")]
    only = transactions[0] if len(transactions) == 1 else None
    details: tuple[Entry, ...] = ()
    if len(transactions) > 1:
        details = tuple(
            _details(transactions, sign, reversal, amount.currency, value_date, booked, status, gathered, budget)
        )
    source = only or Node("TxDtls", node.line)
    return Entry(
        amount=-amount if sign == "DBIT" else amount,
        value_date=value_date,
        booking_date=booked,
        status=status,
        reference=node.value("AcctSvcrRef") or source.value("Refs", "AcctSvcrRef") or node.value("NtryRef"),
        end_to_end_id=_provided(source.value("Refs", "EndToEndId")),
        mandate_id=_provided(source.value("Refs", "MndtId")),
        batch_id=_batch_id(node, source),
        counterparty=_counterparty(source, sign, reversal),
        structured_reference=_structured(source),
        remittance=_remittance(source) or _additional(node, source),
        bank_code=_bank_code(node.first("BkTxCd")) or _bank_code(source.first("BkTxCd")),
        return_reason=_return_reason(source) or _return_reason(node),
        reversal=reversal,
        instructed=_instructed(source) or _instructed(node),
        charges=_charges(node) or _charges(source),
        details=details,
        line=node.line,
    )


def _details(
    transactions: Sequence[Node],
    sign: str,
    reversal: bool,
    currency: Currency,
    value_date: date,
    booked: date | None,
    status: EntryStatus,
    gathered: _Gathered,
    budget: Budget,
) -> Iterable[Entry]:
    """The transactions of a batch; one without an amount of its own is reported and left out."""
    for node in transactions:
        budget.entry(node.line)
        printed = node.first("Amt") or node.first("AmtDtls", "TxAmt", "Amt") or _same_currency(node, currency)
        amount = _money(printed, "a transaction of a batch")
        if amount is None:
            gathered.findings.append(
                Finding(
                    "detail-not-read", "a transaction of a batch has no amount and was left out", node.line, "TxDtls"
                )
            )
            continue
        own_sign = node.value("CdtDbtInd") or sign
        yield Entry(
            amount=-amount if own_sign == "DBIT" else amount,
            value_date=value_date,
            booking_date=booked,
            status=status,
            reference=node.value("Refs", "AcctSvcrRef"),
            end_to_end_id=_provided(node.value("Refs", "EndToEndId")),
            mandate_id=_provided(node.value("Refs", "MndtId")),
            batch_id=node.value("Refs", "PmtInfId"),
            counterparty=_counterparty(node, own_sign, reversal),
            structured_reference=_structured(node),
            remittance=_remittance(node) or _lines([node.value("AddtlTxInf")]),
            bank_code=_bank_code(node.first("BkTxCd")),
            return_reason=_return_reason(node),
            reversal=reversal,
            instructed=_instructed(node),
            charges=_charges(node),
            line=node.line,
        )


def _same_currency(node: Node, currency: Currency) -> Node | None:
    """The instructed amount of a transaction, where it is in the account's currency."""
    printed = node.first("AmtDtls", "InstdAmt", "Amt")
    return printed if printed is not None and printed.currency == currency.code else None


def _entry_status(node: Node, gathered: _Gathered) -> EntryStatus:
    """Sts: a text up to version 06, a nested code later; absent means booked, as does a code that nobody defined."""
    code = node.value("Sts") or node.value("Sts", "Cd")
    if code is None:
        return EntryStatus.BOOKED
    if code not in _STATUS:
        gathered.findings.append(
            Finding(
                "status-unknown",
                "an entry has a status that ISO 20022 does not know; it was taken as booked",
                node.line,
                "Sts",
            )
        )
    return _STATUS.get(code, EntryStatus.BOOKED)


def _counterparty(node: Node, sign: str, reversal: bool) -> Party | None:
    """The payer of a credit, the payee of a debit; the other way round when it reverses an earlier movement."""
    parties = node.first("RltdPties")
    agents = node.first("RltdAgts")
    side = "Dbtr" if (sign == "CRDT") != reversal else "Cdtr"
    name = account = bank = None
    if parties is not None:
        name = _name(parties.first(side)) or _name(parties.first(f"Ultmt{side}"))
        account = parties.value(f"{side}Acct", "Id", "IBAN") or parties.value(f"{side}Acct", "Id", "Othr", "Id")
        account = account or parties.value(f"{side}Acct", "Id", "BBAN")
    institution = agents.first(f"{side}Agt", "FinInstnId") if agents is not None else None
    if institution is not None:
        bank = institution.value("BICFI") or institution.value("BIC") or institution.value("ClrSysMmbId", "MmbId")
    return party(name, account, bank)


def _name(node: Node | None) -> str | None:
    """The name of a party; newer versions put a Pty (or Agt) level between."""
    if node is None:
        return None
    return node.value("Nm") or node.value("Pty", "Nm") or node.value("Agt", "FinInstnId", "Nm")


def _structured(node: Node) -> str | None:
    """The first structured creditor reference."""
    for information in node.all("RmtInf"):
        for structured in information.all("Strd"):
            reference = structured.value("CdtrRefInf", "Ref") or structured.value("CdtrRefInf", "CdtrRef")
            if reference is not None:
                return reference
    return None


def _remittance(node: Node) -> tuple[str, ...]:
    """Ustrd line by line, then what else the structured part says: further references, document numbers, notes."""
    lines: list[str | None] = []
    first = _structured(node)
    for information in node.all("RmtInf"):
        lines.extend(line.value() for line in information.all("Ustrd"))
        for structured in information.all("Strd"):
            reference = structured.value("CdtrRefInf", "Ref") or structured.value("CdtrRefInf", "CdtrRef")
            lines.append(reference if reference != first else None)
            lines.append(structured.value("RfrdDocInf", "Nb") or structured.value("RfrdDocInf", "RfrdDocNb"))
            lines.extend(note.value() for note in structured.all("AddtlRmtInf"))
    return _lines(lines)


def _additional(node: Node, source: Node) -> tuple[str, ...]:
    """The bank's own words, where the payer left none."""
    return _lines([source.value("AddtlTxInf") or node.value("AddtlNtryInf")])


def _lines(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(text for text in texts if text is not None)


def _batch_id(node: Node, source: Node) -> str | None:
    for group in node.all("NtryDtls"):
        batch = group.value("Btch", "PmtInfId") or group.value("Btch", "MsgId")
        if batch is not None:
            return batch
    return source.value("Refs", "PmtInfId")


def _bank_code(node: Node | None) -> str | None:
    """Domain-family-subfamily, else the bank's own code."""
    if node is None:
        return None
    domain = node.value("Domn", "Cd")
    if domain is not None:
        family, subfamily = node.value("Domn", "Fmly", "Cd"), node.value("Domn", "Fmly", "SubFmlyCd")
        return "-".join(part for part in (domain, family, subfamily) if part is not None)
    return node.value("Prtry", "Cd")


def _return_reason(node: Node) -> str | None:
    information = node.first("RtrInf")
    if information is None:
        return None
    return information.value("Rsn", "Cd") or information.value("Rsn", "Prtry") or information.value("RtrRsn", "Cd")


def _instructed(node: Node) -> Money | None:
    """The amount before conversion; nothing hangs on it, so one that cannot be read is absent."""
    printed = node.first("AmtDtls", "InstdAmt", "Amt")
    if printed is None:
        return None
    amount, currency = _decimal(printed.value()), as_currency(printed.currency or "")
    return Money(amount, currency) if amount is not None and currency is not None else None


def _charges(node: Node) -> Money | None:
    """What the bank took off (positive) or gave back (negative): the printed total, else the sum of the records."""
    total: Money | None = None
    for record in _charge_records(node):
        printed = record if record.name == "TtlChrgsAndTaxAmt" else record.first("Amt")
        if printed is None:
            continue
        amount, currency = _decimal(printed.value()), as_currency(printed.currency or "")
        if amount is None or currency is None or (total is not None and total.currency != currency):
            return None
        one = Money(-amount if record.value("CdtDbtInd") == "CRDT" else amount, currency)
        total = one if total is None else total + one
    return total


def _charge_records(node: Node) -> Iterable[Node]:
    """Chrgs is itself the record up to version 02; later it holds a total and records."""
    for charges in node.all("Chrgs"):
        printed = charges.first("TtlChrgsAndTaxAmt")
        if printed is not None:
            yield printed
        else:
            yield from charges.all("Rcrd") or [charges]


# -- values -------------------------------------------------------------------------------------------------------


def _refused(reason: str, line: int, tag: str) -> StatementError:
    return StatementError(reason, format=_FORMAT, line=line, tag=tag, advice=_AGAIN)


def _money(node: Node | None, what: str) -> Money | None:
    """The unsigned amount of an Amt element with its currency; None when the element is absent or empty."""
    text = node.value() if node is not None else None
    if node is None or text is None:
        return None
    currency = as_currency(node.currency) if node.currency is not None else None
    if currency is None:
        raise _refused(f"the amount of {what} has no currency", node.line, "Ccy")
    if text.startswith(("-", "+")):
        raise _refused(f"the amount of {what} has a sign, which CdtDbtInd alone may give", node.line, "Amt")
    try:
        return Money(_amount(text), currency)
    except AmountError as error:
        raise _refused(f"the amount of {what} cannot be read: {error.reason}", node.line, "Amt") from None


@lru_cache(maxsize=4096)
def _amount(text: str) -> Decimal:
    return read_amount(text, decimal=".")


def _decimal(text: str | None) -> Decimal | None:
    """A number on which nothing hangs, or None."""
    if text is None:
        return None
    try:
        return _amount(text)
    except AmountError:
        return None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 9 else None


def _is_true(text: str | None) -> bool:
    return text in ("true", "1")


def _provided(text: str | None) -> str | None:
    return None if text is None or text.upper() in _NOT_PROVIDED else text


def _day(node: Node | None) -> date | None:
    """The day of a Dt or DtTm choice as printed; an offset never moves it."""
    if node is None:
        return None
    text = node.value("Dt") or node.value("DtTm") or node.value("Dt", "Dt") or node.value()
    day = _iso_day(text)
    if day is None and text is not None:
        raise _refused("a date is no day of the calendar", node.line, node.name)
    return day


_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*|Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII)


@lru_cache(maxsize=4096)
def _iso_day(text: str | None) -> date | None:
    match = _DAY.fullmatch(text) if text is not None else None
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None


# -- guard --------------------------------------------------------------------------------------------------------

_NTRY = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?Ntry[\s/>]")
_HIDDEN = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def _conserve(text: str, met: int, statements: Sequence[Statement]) -> None:
    """Every Ntry became an entry or a finding; otherwise the reading is refused."""
    printed = len(_NTRY.findall(text))
    if printed != met:
        printed = len(_NTRY.findall(_HIDDEN.sub("", text)))
    read = sum(
        len(statement.entries) + sum(finding.code == "entry-not-read" for finding in statement.findings)
        for statement in statements
    )
    if not printed == met == read:
        raise StatementError(
            f"{printed} entries are printed but {read} were understood",
            format=_FORMAT,
            tag="Ntry",
            advice="report this file's dialect as a defect",
        )
