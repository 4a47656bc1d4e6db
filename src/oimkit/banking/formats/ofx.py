"""OFX 1 (SGML) and OFX 2 (XML): bytes -> Statements, with one tokenizer for both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from oimkit.banking.decode import decode
from oimkit.banking.formats._common import (
    NO_CURRENCY,
    Budget,
    Damaged,
    as_currency,
    not_conserved,
    party_of,
    understood,
)
from oimkit.banking.formats.ofx_entries import amount_of, day_of, is_undecided, read_raw, text_of
from oimkit.banking.formats.ofx_gather import Gathered, Gatherer, RawBalance
from oimkit.banking.formats.ofx_records import parts
from oimkit.banking.formats.ofx_shapes import RawEntry
from oimkit.banking.formats.ofx_tokens import plain_text
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, Finding, Statement
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency, Money

__all__ = ["declared_in_ofx", "each_account", "read_ofx1", "read_ofx2"]

_AGAIN = "download the statement again"


def read_ofx1(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every account statement of an OFX 1 file (SGML: OFX, QFX, QBO), in file order.

    Closed and unclosed tags may be mixed; the header may be absent or on one line. LEDGERBAL is the closing balance;
    OFX has no opening balance and none is invented, so ``balanced`` is None. Dates are the first eight digits
    as the bank printed them, whatever offset follows. With ``damaged="report"`` an entry that cannot be read becomes a
    finding ``record-not-read``.

    Raises:
        StatementError: not OFX, cut off, an amount or a date that cannot be read in exactly one way, beyond *limits*.
            Carries line and tag, never the text.

    Source: OFX 1.6 and 2.1.1, sections 11 (banking) and 13 (investments); dialects in docs/formats/ofx.md.
    """
    return _read(data, "ofx1", limits, damaged)


def read_ofx2(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every account statement of an OFX 2 file (XML), in file order; as read_ofx1. Document types are refused."""
    return _read(data, "ofx2", limits, damaged)


def _read(data: bytes, name: str, limits: Limits, damaged: Damaged) -> tuple[Statement, ...]:
    decoded = decode(data, declared=declared_in_ofx(data))
    text = plain_text(decoded.text, name)
    if not _is_ended(text):
        raise _cut_off(name)
    return tuple(each_account([(1, text)], lambda: decoded.findings, Budget(name, limits, damaged)))


def each_account(
    pieces: Iterable[tuple[int, str]],
    findings: Callable[[], tuple[Finding, ...]],
    budget: Budget,
    *,
    part_entries: int | None = None,
) -> Iterator[Statement]:
    """Every account statement of a file that comes in pieces, in its order.

    Args:
        pieces: the text of the file as plain_text gives it, with the number of the first line of each; an entry begins
            every piece but the first.
        findings: what every statement that is made now is given first.
        budget: what is left of the limits.
        part_entries: a statement of more entries than that comes in parts, once its account and its currency stand
            fast; None for whole statements.

    Raises:
        StatementError: as read_ofx1; when the piece that shows it is read. Also where an amount such as 12.345 was
            given and one with a comma follows in a later piece.
    """
    gatherer, watch = Gatherer(budget), _Watch(budget, findings)
    for (line, text), is_last in _with_last(pieces):
        watch.look_at(text)
        gatherer.gather(text, parts(text, budget.format, budget.limits, line), is_last=is_last)
        if is_last or part_entries is None:
            continue
        for gathered in gatherer.statements[:-1]:
            yield from watch.all_of(gathered, gatherer, part_entries)
        del gatherer.statements[:-1]
        for gathered in gatherer.statements:
            yield from watch.parts(gathered, gatherer, part_entries)
    watch.refuse_cut_off()
    if not gatherer.statements:
        raise _no_statement(budget.format, gatherer.refusal)
    for gathered in gatherer.statements:
        yield from watch.all_of(gathered, gatherer, part_entries)
    watch.conserve()


_T = TypeVar("_T")


def _with_last(items: Iterable[_T]) -> Iterator[tuple[_T, bool]]:
    """The items, each with True when none follows."""
    waiting: list[_T] = []
    for item in items:
        yield from ((each, False) for each in waiting)
        waiting = [item]
    yield from ((each, True) for each in waiting)


class _Watch:
    """The pieces of one file and its statements as they pass, and what must hold of all of them."""

    def __init__(self, budget: Budget, findings: Callable[[], tuple[Finding, ...]]) -> None:
        self.budget, self.findings = budget, findings
        self.printed = self.read = 0
        self.is_ended = self.has_assumed_points = False

    def look_at(self, text: str) -> None:
        self.printed += len(_ENTRY_TAG.findall(text))
        self.is_ended = self.is_ended or _is_ended(text)

    def all_of(self, gathered: Gathered, gatherer: Gatherer, part_entries: int | None) -> Iterator[Statement]:
        """A statement that has ended, or what of it was not given yet; in parts where it is long."""
        if part_entries is not None:
            yield from self.parts(gathered, gatherer, part_entries)
        pointed = self._pointed([*gathered.entries, *gathered.balances], gatherer)
        yield self._counted(_statement(gathered, gatherer.text, self.findings(), self.budget, pointed=pointed))

    def parts(self, gathered: Gathered, gatherer: Gatherer, part_entries: int) -> Iterator[Statement]:
        """Parts of a statement that may go on, taken out of it, in which an entry stays at least."""
        while len(gathered.entries) > part_entries and gathered.settled() is not None:
            rest = gathered.entries[part_entries:]
            del gathered.entries[part_entries:]
            pointed = self._pointed(gathered.entries, gatherer)
            below = rest[0].line or 0
            later = [finding for finding in gathered.findings if (finding.line or 0) >= below]
            gathered.findings = [finding for finding in gathered.findings if (finding.line or 0) < below]
            part = _statement(gathered, gatherer.text, self.findings(), self.budget, pointed=pointed, is_part=True)
            gathered.entries, gathered.findings, gathered.remarks = rest, later, []
            gathered.is_begun = True
            if len(gathered.references) > _MOST_REFERENCES:
                gathered.references.clear()
            yield self._counted(part)

    def _pointed(self, parts: Sequence[Entry | RawEntry | RawBalance], gatherer: Gatherer) -> bool:
        """True when no amount met so far has a comma; from now on none may have, where one of *parts* hangs on it."""
        if gatherer.has_commas and self.has_assumed_points:
            raise StatementError(
                "amounts with a comma follow amounts such as 12.345, so that these can be read in two ways",
                format=self.budget.format,
                tag="TRNAMT",
                advice="ask the bank for the file with a decimal point",
            )
        if not gatherer.has_commas and not self.has_assumed_points:
            values = (value for part in parts if not isinstance(part, Entry) for value in part.values.values())
            self.has_assumed_points = any(map(is_undecided, values))
        return not gatherer.has_commas

    def _counted(self, statement: Statement) -> Statement:
        self.read += understood(statement)
        return statement

    def refuse_cut_off(self) -> None:
        if not self.is_ended:
            raise _cut_off(self.budget.format)

    def conserve(self) -> None:
        """Every STMTTRN became an entry or a finding; otherwise the reading is refused."""
        if self.printed != self.read:
            raise not_conserved(self.printed, self.read, format=self.budget.format)


_MOST_REFERENCES = 50_000
"""Ids that are remembered of a statement in parts: one that comes again later is not noticed."""


_CHARSET = re.compile(rb"(?:^|[\s>])CHARSET\s*[:>]\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_ENCODING = re.compile(rb"(?:^|[\s>])ENCODING\s*[:>]\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)
_HEADER_BYTES = 2000


def declared_in_ofx(data: bytes) -> str | None:
    """The character set of the header: CHARSET, unless it says nothing, else ENCODING or that of the XML line."""
    head = data[:_HEADER_BYTES]
    for pattern in (_CHARSET, _ENCODING, _XML_ENCODING):
        match = pattern.search(head)
        if match is not None and match[1].upper() not in (b"NONE", b"USASCII", b"US-ASCII", b"ASCII", b"UNICODE"):
            return match[1].decode("ascii")
    return None


_END = re.compile(r"</(?i:OFX)\s*>")


def _is_ended(text: str) -> bool:
    last = max(text.rfind("</"), 0)  # where it stands, as a rule
    return _END.search(text, last) is not None or _END.search(text) is not None


def _cut_off(name: str) -> StatementError:
    return StatementError("the file ends before </OFX>: it is cut off or no OFX", format=name, tag="OFX", advice=_AGAIN)


def _no_statement(name: str, refusal: str | None) -> StatementError:
    if refusal is not None and refusal.isascii() and refusal.isdigit() and len(refusal) <= 6:
        return StatementError(
            f"the file holds no account statement: the bank refused the download with status {refusal}",
            format=name,
            tag="STATUS",
            advice="check user and password at the bank and download again",
        )
    return StatementError("the file holds no account statement", format=name, tag="STMTRS", advice=_AGAIN)


# -- statements ---------------------------------------------------------------------------------------------------


def _statement(
    gathered: Gathered,
    text: str,
    findings: tuple[Finding, ...],
    budget: Budget,
    *,
    pointed: bool,
    is_part: bool = False,
) -> Statement:
    """One statement, or what of it was not given yet; *is_part*: more of it follows.

    *pointed*: no amount of the file has a comma, so that a point is its decimal separator.
    """
    found = [*(() if gathered.is_begun else findings), *gathered.findings]
    currency = as_currency(gathered.currency) if gathered.currency else None
    if currency is None:
        currency = NO_CURRENCY
        found.append(Finding("currency-missing", "the statement names no currency", gathered.line, "CURDEF"))
    account = gathered.account_number
    if account is None:
        found.append(Finding("account-missing", "the statement names no account", gathered.line, "ACCTID"))
    entries = tuple(_entries(gathered, text, currency, account, budget, found, pointed=pointed))
    found.extend(_repeated(entries, gathered.references))
    if gathered.trades and not is_part:
        reason = f"{gathered.trades} movements of securities are no bank entries and were left out"
        found.append(Finding("movements-not-read", reason, gathered.line))
    balances = tuple(_balances(gathered, currency, found, pointed=pointed)) if not is_part else ()
    closing = next((balance for balance in balances if balance.code == "CLBD"), None)
    bank = text_of(gathered.account.get("BANKID")) or text_of(gathered.account.get("BROKERID"))
    return Statement(
        format=budget.format,
        account=account,
        currency=currency,
        entries=entries,
        closing=closing,
        continues=gathered.is_begun,
        continued=is_part,
        findings=tuple(found),
        line=gathered.line,
        owner=party_of(None, account, bank) if bank is not None else None,
        balances=balances,
        period_start=day_of(gathered.period.get("DTSTART", "")),
        period_end=day_of(gathered.period.get("DTEND", "")),
        remarks=tuple([remark for remark in map(text_of, gathered.remarks) if remark is not None]),
    )


def _entries(
    gathered: Gathered,
    text: str,
    currency: Currency,
    account: str | None,
    budget: Budget,
    found: list[Finding],
    *,
    pointed: bool,
) -> Iterator[Entry]:
    """The entries of a statement, those that are still as they were printed read."""
    for part in gathered.entries:
        if isinstance(part, Entry):
            yield part
        else:
            yield from read_raw(part, text, budget, currency, account, found, pointed=pointed)


def _repeated(entries: Sequence[Entry], seen: set[str | int]) -> Iterator[Finding]:
    """Duplicate ids are kept: two equal payments are two payments; who imports has to count them.

    *seen* holds those of earlier parts, of very long ones the hash.
    """
    for entry in entries:
        if entry.reference is not None:
            known = entry.reference if len(entry.reference) <= _LONGEST_ID else hash(entry.reference)
            if known in seen:
                reason = "the bank gave one id to more than one entry"
                yield Finding("reference-repeated", reason, entry.line, "FITID")
            seen.add(known)


_LONGEST_ID = 255
"""Characters of a FITID by the standard."""


# -- balances -----------------------------------------------------------------------------------------------------


def _balances(gathered: Gathered, currency: Currency, found: list[Finding], *, pointed: bool) -> Iterator[Balance]:
    """The balances in file order; only the ledger balance decides anything, and of these only the first counts."""
    ledgers = 0
    for raw in gathered.balances:
        ledgers += raw.tag == "LEDGERBAL"
        for code, element in _amounts_of(raw):
            printed = raw.values.get(element, "").strip()
            if not printed:
                if code == "CLBD" and ledgers == 1:
                    reason = "the closing balance is empty"
                    found.append(Finding("closing-balance-empty", reason, gathered.line, "LEDGERBAL"))
                continue
            try:
                amount = amount_of(_without_sign(printed, currency), pointed=pointed)
            except AmountError as error:
                found.append(_unread(error, code, raw, gathered.line))
                continue
            own = as_currency(raw.values.get("CURRENCY.CURSYM", ""))
            yield Balance(Money(amount, own or currency), day_of(raw.values.get("DTASOF", "")), code)


_SIGNS = {"BRL": "R$", "EUR": "€", "GBP": "£"}
"""Signs of one currency alone."""


def _without_sign(printed: str, currency: Currency) -> str:
    """A balance without the sign of the statement's currency, which some banks print before it: R$ 5.326,43."""
    sign = _SIGNS.get(currency.code)
    return printed.removeprefix(sign).lstrip() if sign is not None else printed


def _amounts_of(raw: RawBalance) -> list[tuple[str, str]]:
    """Which balances an aggregate holds: their codes and their elements."""
    if raw.tag == "LEDGERBAL":
        return [("CLBD", "BALAMT")]
    if raw.tag == "AVAILBAL":
        return [("CLAV", "BALAMT")]
    if raw.tag == "INVBAL":
        return [(element, element) for element in ("AVAILCASH", "MARGINBALANCE", "SHORTBALANCE")]
    name = text_of(raw.values.get("NAME"))
    is_money = raw.values.get("BALTYPE", "").strip().upper() == "DOLLAR"
    return [(name, "VALUE")] if is_money and name is not None else []


def _unread(error: AmountError, code: str, raw: RawBalance, line: int) -> Finding:
    """Without its closing balance a statement is not complete; the others are extra."""
    if code == "CLBD":
        return Finding("balance-not-read", f"the closing balance cannot be read: {error.reason}", line, "BALAMT")
    return Finding("field-not-read", "a balance cannot be read and was left out", raw.line, raw.tag)


# -- guard --------------------------------------------------------------------------------------------------------

_ENTRY_TAG = re.compile(r"<STMTTRNP?\s*>", re.IGNORECASE)
