"""OFX 1 (SGML) and OFX 2 (XML): bytes -> Statements, with one tokenizer for both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.amounts import read_amount
from oimkit.banking.decode import decode
from oimkit.banking.formats._common import Budget, as_currency, clean, party
from oimkit.banking.formats.ofx_tokens import Token, plain_text, tokens, undo_entities
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Party, Statement
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency, Money

__all__ = ["read_ofx1", "read_ofx2"]

_AGAIN = "download the statement again"

_CHARSET = re.compile(rb"(?:^|[\s>])CHARSET\s*[:>]\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_ENCODING = re.compile(rb"(?:^|[\s>])ENCODING\s*[:>]\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)
_HEADER_BYTES = 2000

_STATEMENTS = frozenset({"STMTRS", "CCSTMTRS", "INVSTMTRS"})
_ENTRIES = frozenset({"STMTTRN", "STMTTRNP"})
_PARTS = frozenset({"PAYEE", "BANKACCTTO", "CCACCTTO", "CURRENCY", "ORIGCURRENCY"})
"""Aggregates inside an entry whose elements have names of the entry's own."""
_ACCOUNTS = frozenset({"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"})
_BALANCES = frozenset({"LEDGERBAL", "AVAILBAL"})
_LISTS = frozenset({"BANKTRANLIST", "BANKTRANLISTP", "INVTRANLIST"})
_OTHER = frozenset(
    {"BAL", "BALLIST", "STATUS", "FI", "SONRS", "INVPOSLIST", "INVBAL", "SECLIST", "IMAGEDATA", "ACCTINFO"}
)
_AGGREGATES = _STATEMENTS | _ENTRIES | _PARTS | _ACCOUNTS | _BALANCES | _LISTS | _OTHER
_TRADES = frozenset(
    {
        *(
            "BUYDEBT",
            "BUYMF",
            "BUYOPT",
            "BUYOTHER",
            "BUYSTOCK",
            "SELLDEBT",
            "SELLMF",
            "SELLOPT",
            "SELLOTHER",
            "SELLSTOCK",
        ),
        *("CLOSUREOPT", "INCOME", "INVEXPENSE", "JRNLFUND", "JRNLSEC", "MARGININTEREST", "REINVEST", "RETOFCAP"),
        *("SPLIT", "TRANSFER"),
    }
)
"""Movements of an investment account that are no bank transactions; counted and reported, not read."""


@dataclass(slots=True)
class _Raw:
    """The elements of one entry as printed: name -> first text; repeated MEMO lines are gathered."""

    line: int
    pending: bool
    values: dict[str, str] = field(default_factory=dict)
    memos: list[str] = field(default_factory=list)
    repeated: str | None = None


@dataclass(slots=True)
class _Gathered:
    """One STMTRS, CCSTMTRS or INVSTMTRS while it is read."""

    line: int
    account: dict[str, str] = field(default_factory=dict)
    currency: str | None = None
    ledger: dict[str, str] = field(default_factory=dict)
    has_ledger: bool = False
    raws: list[_Raw] = field(default_factory=list)
    trades: int = 0


def read_ofx1(data: bytes, *, limits: Limits = LIMITS) -> tuple[Statement, ...]:
    """Every account statement of an OFX 1 file (SGML: OFX, QFX, QBO), in file order.

    Closed and unclosed tags may be mixed; the header may be absent or on one line. LEDGERBAL is the closing balance;
    OFX has no opening balance and none is invented, so ``balanced`` is None. Dates are the first eight digits
    as the bank printed them, whatever offset follows.

    Raises:
        StatementError: not OFX, cut off, an amount or a date that cannot be read in exactly one way, beyond *limits*.
            Carries line and tag, never the text.

    Source: OFX 1.6 and 2.1.1, sections 11 (banking) and 13 (investments); dialects in docs/formats/ofx.md.
    """
    return _read(data, "ofx1", limits)


def read_ofx2(data: bytes, *, limits: Limits = LIMITS) -> tuple[Statement, ...]:
    """Every account statement of an OFX 2 file (XML), in file order; as read_ofx1. Document types are refused."""
    return _read(data, "ofx2", limits)


def _read(data: bytes, name: str, limits: Limits) -> tuple[Statement, ...]:
    decoded = decode(data, declared=_declared(data[:_HEADER_BYTES]))
    text = plain_text(decoded.text, name)
    _refuse_cut_off(text, name)
    stream = tokens(text, name, limits)
    gathered, refusal = _gather(stream, Budget(name, limits))
    if not gathered:
        raise _no_statement(name, refusal)
    amounts = [raw.values.get("TRNAMT", "") for one in gathered for raw in one.raws]
    pointed = not any("," in amount for amount in amounts)
    statements = tuple(_statement(one, name, decoded.findings, pointed) for one in gathered)
    _conserve(text, statements, name)
    return statements


def _declared(head: bytes) -> str | None:
    """The character set of the header: CHARSET, unless it says nothing, else ENCODING or that of the XML line."""
    for pattern in (_CHARSET, _ENCODING, _XML_ENCODING):
        match = pattern.search(head)
        if match is not None and match[1].upper() not in (b"NONE", b"USASCII", b"US-ASCII", b"ASCII", b"UNICODE"):
            return match[1].decode("ascii")
    return None


_END = re.compile(r"</OFX\s*>", re.IGNORECASE)


def _refuse_cut_off(text: str, name: str) -> None:
    if _END.search(text) is None:
        raise StatementError(
            "the file ends before </OFX>: it is cut off or no OFX", format=name, tag="OFX", advice=_AGAIN
        )


# -- gathering ----------------------------------------------------------------------------------------------------


def _gather(stream: Sequence[Token], budget: Budget) -> tuple[list[_Gathered], str | None]:
    """The statements with their elements as printed, and the bank's own error code where it refused the download."""
    statements: list[_Gathered] = []
    current: _Gathered | None = None
    raw: _Raw | None = None
    scope: list[str] = []
    status: dict[str, str] = {}
    refusal: str | None = None
    for closing, name, value, line in stream:
        if closing:
            if name in _AGGREGATES and name in scope:
                while scope.pop() != name:
                    pass
                if name in _ENTRIES or name in _LISTS:
                    raw = None
                elif name in _STATEMENTS:
                    current = raw = None
                elif name == "STATUS" and status.get("SEVERITY", "").strip().upper() == "ERROR":
                    refusal = refusal or status.get("CODE", "").strip() or "?"
            continue
        if name in _AGGREGATES:
            if len(scope) >= budget.limits.depth:
                raise StatementError(
                    "elements are nested too deeply", format=budget.format, line=line, tag=name, advice=_AGAIN
                )
            if name in _ENTRIES:
                if current is None:
                    raise _misplaced(budget.format, line, name)
                budget.entry(line)
                raw = _Raw(line, pending=name == "STMTTRNP")
                current.raws.append(raw)
                _unwind(scope, _ENTRIES | _PARTS)
            elif name in _STATEMENTS:
                budget.statement(line)
                current, raw = _Gathered(line), None
                statements.append(current)
                scope.clear()
            elif name == "STATUS":
                status = {}
            elif name == "LEDGERBAL" and current is not None:
                current.has_ledger = True
            scope.append(name)
            continue
        inside = scope[-1] if scope else ""
        if raw is not None and inside in _ENTRIES:
            if name == "MEMO":
                raw.memos.append(value)
            elif name not in raw.values:
                raw.values[name] = value
            elif raw.values[name].strip() != value.strip():
                raw.repeated = raw.repeated or (name if name in _DECISIVE else None)
        elif raw is not None and inside in _PARTS:
            raw.values.setdefault(f"{inside}.{name}", value)
        elif inside == "STATUS":
            status[name] = value
        elif current is not None:
            _take(current, inside, name, value)
    return statements, refusal


_DECISIVE = frozenset({"TRNAMT", "DTPOSTED"})


def _take(current: _Gathered, inside: str, name: str, value: str) -> None:
    """An element of the statement outside its entries."""
    if inside in _ACCOUNTS:
        current.account.setdefault(name, value)
    elif inside == "LEDGERBAL":
        current.ledger.setdefault(name, value)
    elif name == "CURDEF":
        current.currency = current.currency or clean(value)
    elif name in _TRADES:
        current.trades += 1


def _unwind(scope: list[str], names: frozenset[str]) -> None:
    """Leave entries that were never closed before the next one begins."""
    while scope and scope[-1] in names:
        scope.pop()


def _misplaced(name: str, line: int, tag: str) -> StatementError:
    return StatementError("an entry stands outside any statement", format=name, line=line, tag=tag, advice=_AGAIN)


def _no_statement(name: str, refusal: str | None) -> StatementError:
    if refusal is not None and refusal.isascii() and refusal.isdigit() and len(refusal) <= 6:
        return StatementError(
            f"the file holds no account statement: the bank refused the download with status {refusal}",
            format=name,
            tag="STATUS",
            advice="check user and password at the bank and download again",
        )
    return StatementError("the file holds no account statement", format=name, tag="STMTRS", advice=_AGAIN)


# -- conversion ---------------------------------------------------------------------------------------------------


def _statement(gathered: _Gathered, name: str, findings: tuple[Finding, ...], pointed: bool) -> Statement:
    """One statement; *pointed*: no amount of the file has a comma, so that a point is its decimal separator."""
    found = list(findings)
    currency = as_currency(gathered.currency) if gathered.currency else None
    if currency is None:
        currency = Currency("XXX")
        found.append(Finding("currency-missing", "the statement names no currency", gathered.line, "CURDEF"))
    account = clean(undo_entities(gathered.account.get("ACCTID", "")))
    if account is None:
        found.append(Finding("account-missing", "the statement names no account", gathered.line, "ACCTID"))
    entries = [
        entry for raw in gathered.raws if (entry := _entry(raw, name, currency, account, found, pointed)) is not None
    ]
    _report_repeated(entries, found)
    if gathered.trades:
        found.append(
            Finding(
                "movements-not-read",
                f"{gathered.trades} movements of securities are no bank entries and were left out",
                gathered.line,
            )
        )
    return Statement(
        format=name,
        account=account,
        currency=currency,
        entries=tuple(entries),
        closing=_closing(gathered, currency, found, pointed),
        findings=tuple(found),
        line=gathered.line,
    )


def _entry(
    raw: _Raw, name: str, currency: Currency, account: str | None, found: list[Finding], pointed: bool
) -> Entry | None:
    """One STMTTRN as an entry; None with a finding when the bank printed no amount."""
    values = raw.values
    if raw.repeated is not None:
        raise StatementError(
            "an entry has two different values of one element",
            format=name,
            line=raw.line,
            tag=raw.repeated,
            advice=_AGAIN,
        )
    printed = values.get("TRNAMT", "").strip()
    if not printed:
        found.append(Finding("entry-not-read", "an entry has no amount and was left out", raw.line, "TRNAMT"))
        return None
    try:
        amount = _amount(printed, pointed)
    except AmountError as error:
        raise StatementError(
            f"the amount of an entry cannot be read: {error.reason}",
            format=name,
            line=raw.line,
            tag="TRNAMT",
            advice="ask the bank for the file with a decimal point",
        ) from None
    posted = _day(values.get("DTPOSTED", ""))
    value_date = _day(values.get("DTAVAIL", "")) or posted or _day(values.get("DTUSER", ""))
    if value_date is None:
        raise StatementError(
            "an entry has no date that can be read", format=name, line=raw.line, tag="DTPOSTED", advice=_AGAIN
        )
    original = _foreign(raw, currency, found)
    return Entry(
        amount=Money(amount, currency),
        value_date=value_date,
        booking_date=posted,
        status=EntryStatus.PENDING if raw.pending else EntryStatus.BOOKED,
        reference=_text(values.get("FITID")),
        counterparty=_counterparty(values),
        remittance=tuple(text for text in map(_text, [*raw.memos, values.get("EXTDNAME")]) if text is not None),
        bank_code=_text(values.get("TRNTYPE")),
        instructed=original,
        line=raw.line,
        account=account,
    )


_THOUSANDTHS = re.compile(r"[+-]?[0-9]+\.[0-9]{3}", re.ASCII)


def _amount(text: str, pointed: bool) -> Decimal:
    """An amount of OFX, strictly.

    The standard has a point or a comma before the decimals and no thousands separator. ``12.345`` is read by it, unless
    commas stand in other amounts of the file: then the bank may use the point for thousands, and it is refused as
    ``12,345`` always is.
    """
    return read_amount(text, decimal="." if pointed and _THOUSANDTHS.fullmatch(text) else None)


def _text(value: str | None) -> str | None:
    return clean(undo_entities(value)) if value else None


def _counterparty(values: dict[str, str]) -> Party | None:
    name = _text(values.get("PAYEE.NAME")) or _text(values.get("NAME"))
    account = _text(values.get("BANKACCTTO.ACCTID")) or _text(values.get("CCACCTTO.ACCTID"))
    return party(name, account, _text(values.get("BANKACCTTO.BANKID")))


def _foreign(raw: _Raw, currency: Currency, found: list[Finding]) -> Money | None:
    """Report an amount that the file marks as being in another currency (CURRENCY); never convert it.

    ORIGCURRENCY says that the bank has converted already, so the amount is in the account's currency.
    """
    code = raw.values.get("CURRENCY.CURSYM", "").strip()
    if code and currency.code != "XXX" and as_currency(code) != currency:
        found.append(
            Finding(
                "amount-currency",
                "an entry is marked as being in another currency than its account",
                raw.line,
                "CURRENCY",
            )
        )
    return None


def _report_repeated(entries: Sequence[Entry], found: list[Finding]) -> None:
    """Duplicate ids are kept: two equal payments are two payments; who imports has to count them."""
    seen: set[str] = set()
    for entry in entries:
        if entry.reference is not None:
            if entry.reference in seen:
                found.append(
                    Finding("reference-repeated", "the bank gave one id to more than one entry", entry.line, "FITID")
                )
            seen.add(entry.reference)


def _closing(gathered: _Gathered, currency: Currency, found: list[Finding], pointed: bool) -> Balance | None:
    """LEDGERBAL, or None with a finding when it stands there but cannot be read."""
    printed = gathered.ledger.get("BALAMT", "").strip()
    if not printed:
        if gathered.has_ledger:
            found.append(Finding("closing-balance-empty", "the closing balance is empty", gathered.line, "LEDGERBAL"))
        return None
    try:
        amount = _amount(printed, pointed)
    except AmountError as error:
        found.append(
            Finding("balance-not-read", f"the closing balance cannot be read: {error.reason}", gathered.line, "BALAMT")
        )
        return None
    return Balance(Money(amount, currency), _day(gathered.ledger.get("DTASOF", "")))


_EIGHT = re.compile(r"[0-9]{8}", re.ASCII)


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    """The first eight digits as a day; times and offsets never move it. None when there is no such day."""
    match = _EIGHT.match(text.strip())
    if match is None:
        return None
    try:
        return date(int(match[0][:4]), int(match[0][4:6]), int(match[0][6:8]))
    except ValueError:
        return None


_ENTRY_TAG = re.compile(r"<STMTTRNP?\s*>", re.IGNORECASE)


def _conserve(text: str, statements: Sequence[Statement], name: str) -> None:
    """Every STMTTRN became an entry or a finding; otherwise the reading is refused."""
    printed = len(_ENTRY_TAG.findall(text))
    read = sum(
        len(statement.entries) + sum(finding.code == "entry-not-read" for finding in statement.findings)
        for statement in statements
    )
    if printed != read:
        raise StatementError(
            f"{printed} entries are printed but {read} were understood",
            format=name,
            advice="report this file's dialect as a defect",
        )
