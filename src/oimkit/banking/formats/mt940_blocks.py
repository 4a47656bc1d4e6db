"""Messages MT940 and MT942: fields grouped into messages, and what the fields of a message say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from oimkit.banking.formats._common import (
    Budget,
    as_currency,
    clean,
    iban_or_none,
    refused,
)
from oimkit.banking.formats.mt940_entries import read_entry
from oimkit.banking.formats.mt940_fields import BEHIND_END, ENVELOPE, Field, RawEntry, Run
from oimkit.banking.formats.mt940_quick import quick_entries
from oimkit.banking.formats.mt940_values import PrintedBalance, printed_amount, read_balance
from oimkit.banking.formats.short_days import year_month_day
from oimkit.banking.formats.tally import Tally
from oimkit.banking.statement import Balance, Entry, Finding
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency

__all__ = ["Block", "Given", "Kind", "Total", "amount_or_none", "blocks", "read_raw"]

Kind = Literal["mt940", "mt942"]
"""A statement with balances, or an interim report without them."""


# -- fields grouped -----------------------------------------------------------------------------------------------

_HEADER_TAGS = frozenset({"20", "21", "25", "25P", "28", "28C", "13", "13D", "60F", "60M"})
"""Fields that stand before the first entry. Inside a running text they are text (a time of day cut at a line end)."""

_INTERIM_TAGS = frozenset({"34F"})
"""Header fields of MT942 that a text never begins a line with."""

_KNOWN_TAGS = _HEADER_TAGS | {"61", "62F", "62M", "64", "64F", "65", "65F", "86", "34F", "90C", "90D", "NS"}

_AFTER_TEXT = frozenset({"61", "62F", "62M", "64", "64F", "65", "65F", "86", "NS", "34F", "90C", "90D"})
"""What may follow the text of an entry; any other tag at a line start is part of the text."""


_WITHIN_MESSAGE = _AFTER_TEXT - {"34F"}
"""What no message begins with."""


class Total(NamedTuple):
    """Number and sum of the debits (90D) or credits (90C) of a report, as the bank counts them."""

    line: int
    tag: str
    number: int
    currency: Currency
    amount: Decimal


@dataclass(slots=True)
class _Envelope:
    """What the blocks around a message say: the bank that sent it, and the kind of message."""

    bank: str | None = None
    kind: Kind | None = None


@dataclass(slots=True)
class Given:
    """What was given of a statement that comes in parts: its kind, its entries counted, balances that are not read."""

    kind: str
    tally: Tally = field(default_factory=Tally)
    unread: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """One message being gathered; ``state`` is header, entries or closed."""

    line: int
    budget: Budget
    envelope: _Envelope
    state: str = "header"
    reference: str | None = None
    account: str | None = None
    bank: str | None = None
    printed_currency: str | None = None
    number: str | None = None
    page: int | None = None
    until: date | None = None
    opening: PrintedBalance | None = None
    closing: PrintedBalance | None = None
    floor: Currency | None = None
    balances: list[Balance] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    continues: bool = False
    continued: bool = False
    entries: list[Entry | RawEntry] = field(default_factory=list)
    current: RawEntry | None = None
    remarks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    last: str = ""
    end: Field | Run | None = None
    given: Given | None = None

    @property
    def name(self) -> str:
        """The format the file is read as, for refusals."""
        return self.budget.format

    @property
    def settled(self) -> Currency | None:
        """The currency of the statement, where it stands fast before the first entry."""
        return self.opening[0] if self.opening is not None else self.floor

    def report(self, code: str, reason: str, here: Field) -> None:
        self.findings.append(Finding(code, reason, here.line, here.tag))


def blocks(
    fields: Iterable[Field | Run], budget: Budget, part_entries: int | None = None
) -> Iterator[tuple[Block, bool]]:
    """The messages: fields grouped, each text given to its entry; with True when they are whole.

    One with more than *part_entries* entries comes with False before that, for some of them to be taken out.
    """
    block: Block | None = None
    envelope = _Envelope()
    behind: Field | None = None
    for here, follower in _with_follower(fields):
        tag = here.tag
        if block is not None and behind is not None and tag in _WITHIN_MESSAGE:
            _go_on_behind(block, behind)
        behind = here if tag == BEHIND_END and isinstance(here, Field) else None
        if behind is not None:
            continue
        if tag == ENVELOPE and isinstance(here, Field):
            envelope = _envelope(here.texts[0], envelope)
            continue
        if block is None:
            if tag not in _KNOWN_TAGS:
                continue  # a message name such as :940: before the first statement
            block = _open(here, budget, envelope)
        elif _starts_statement(block, tag, follower):
            yield block, True
            block = _open(here, budget, envelope)
        block.end = here
        if isinstance(here, Run):
            _take_run(block, here)
            tag = "86"
        elif tag == "61":
            _take_entry(block, here)
        elif tag == "86":
            _take_text(block, here)
        elif block.last == "86" and block.current is not None and block.state == "entries" and tag not in _AFTER_TEXT:
            _go_on_with_text(block, here)
            continue
        elif tag == "NS":
            _take_own_field(block, here)
        else:
            _header(block, here)
        block.last = tag
        if part_entries is not None and len(block.entries) > part_entries and block.settled is not None:
            yield block, False
    if block is not None:
        yield block, True


def _with_follower(fields: Iterable[Field | Run]) -> Iterator[tuple[Field | Run, Field | Run | None]]:
    here: Field | Run | None = None
    for follower in fields:
        if here is not None:
            yield here, follower
        here = follower
    if here is not None:
        yield here, None


_BASIC_HEADER = re.compile(r"\{1:[A-Z][0-9]{2}([A-Z0-9]{8})[A-Z0-9]([A-Z0-9]{3})", re.ASCII)
_INPUT_HEADER = re.compile(r"\{2:[IO]94([0-9])", re.ASCII)
_SENDER = re.compile(r"\{2:O94[0-9]{11}([A-Z0-9]{8})[A-Z0-9]([A-Z0-9]{3})[0-9]{10}", re.ASCII)


def _envelope(line: str, before: _Envelope) -> _Envelope:
    """The envelope with what blocks 1 and 2 of a message say; block 1 begins another one.

    A message that came over the network names its sender in block 2, one as the bank wrote it in block 1.
    """
    basic, application, sender = _BASIC_HEADER.search(line), _INPUT_HEADER.search(line), _SENDER.search(line)
    found = _Envelope() if basic is not None else before
    bank = sender or basic
    return _Envelope(
        bank[1] + bank[2].replace("XXX", "") if bank is not None else found.bank,
        ("mt942" if application[1] == "2" else "mt940") if application is not None else found.kind,
    )


def _open(here: Field | Run, budget: Budget, envelope: _Envelope) -> Block:
    budget.statement(here.line)
    return Block(here.line, budget, envelope)


def _starts_statement(block: Block, tag: str, follower: Field | Run | None) -> bool:
    """True when the field of that *tag* begins the next statement.

    ``:20:`` does after a closing balance, after totals or in a header, and within entries only where a header follows
    it (payers can write ``:20:`` into a text). After a closing balance an account, number or opening balance does too.
    """
    if block.state == "closed":
        return tag in _HEADER_TAGS
    if tag != "20":
        return False
    if block.state == "header":
        return block.last not in ("", "86") or (block.last == "86" and block.opening is None)
    if block.last in ("90C", "90D"):
        return True
    return follower is not None and follower.tag in (_HEADER_TAGS | _INTERIM_TAGS) - {"20"}


def _take_run(block: Block, run: Run) -> None:
    """Take entries that stand one after the other, each with its text, before another entry or a closing balance."""
    _settle(block)
    if block.state == "closed":  # where a text belongs to the statement, not to the entry above it
        for raw in run.raw():
            _take_entry(block, raw.here)
            block.remarks += raw.texts
        return
    if not block.budget.take_entries(len(run.matches)):
        for raw in run.raw():
            block.budget.entry(raw.here.line)
    currency = block.settled
    if currency is None:
        block.entries += run.raw()
    else:
        block.entries += quick_entries(run, currency, block.account, lambda raw: read_raw(block, raw, currency))
    block.current, block.state = None, "entries"


def _settle(block: Block) -> None:
    """Read the entry that was gathered last, now that all of its fields are known, and forget how it was printed."""
    currency = block.settled
    if currency is None or block.current is None:
        return
    if block.entries and block.entries[-1] is block.current:  # none is left where the damaged one was the only one
        block.entries.pop()
        block.entries += read_raw(block, block.current, currency)


def _take_entry(block: Block, here: Field) -> None:
    block.budget.entry(here.line)
    _settle(block)
    block.current = RawEntry(here, [], [], [here])
    block.entries.append(block.current)
    if block.state == "closed":
        block.report("entry-after-closing", "an entry stands after the closing balance", here)
    else:
        block.state = "entries"


def _take_text(block: Block, here: Field) -> None:
    """A field 86 belongs to the entry above it; before the first entry and behind the last one to the statement."""
    if block.state != "entries" or block.current is None:
        block.remarks += here.texts
    else:
        block.current.texts.extend(here.texts)
        block.current.fields.append(here)


def _go_on_with_text(block: Block, here: Field) -> None:
    """The rest of a text that a line end cut so that it looks like a field."""
    assert block.current is not None
    block.current.texts.append(f":{here.tag}:{here.texts[0]}")
    block.current.texts.extend(here.texts[1:])
    block.current.fields.append(here)


def _go_on_behind(block: Block, behind: Field) -> None:
    """A hyphen alone on its line was a line of a text and ended no message, for the message goes on below it."""
    if block.last == "86" and block.current is not None and block.state == "entries":
        block.current.texts.extend(behind.texts)
        block.current.fields[-1].texts.extend(behind.texts)


def _take_own_field(block: Block, here: Field) -> None:
    """The field NS: of the entry above it, or of the statement, for which it is nothing that is needed."""
    if block.state == "entries" and block.current is not None:
        block.current.extra.extend(here.texts)
        block.current.fields.append(here)


# -- fields of the statement --------------------------------------------------------------------------------------


def _header(block: Block, here: Field) -> None:
    """Take one field that is neither entry nor text into the statement."""
    tag, text = here.tag, here.texts[0].strip()
    if tag in ("60F", "60M"):
        _take_opening(block, here)
    elif tag in ("62F", "62M"):
        _take_closing(block, here)
    elif tag in _AVAILABLE:
        _take_available(block, here)
    elif tag in ("90C", "90D"):
        _take_total(block, here)
    elif tag in ("20", "21", "25", "25P", "28", "28C", "13", "13D", "34F") and block.state != "header":
        block.report("field-unexpected", "a header field stands among the entries and was left out", here)
    elif tag == "20":
        block.reference = clean(text)
    elif tag in ("25", "25P"):
        _take_account(block, here)
    elif tag in ("28", "28C"):
        _take_number(block, here)
    elif tag in ("13", "13D"):
        block.until = year_month_day(text[:6])
    elif tag == "34F":
        _take_floor(block, here)
    elif tag not in _KNOWN_TAGS and block.state != "header":
        block.report("field-unknown", "a field that MT940 does not know was left out", here)


def _take_opening(block: Block, here: Field) -> None:
    if block.opening is not None or block.state != "header":
        raise refused(block.name, "a second opening balance stands in one statement", here.line, here.tag)
    block.opening = _balance(block, here, "OPBD" if here.tag == "60F" else "ITBD")
    block.continues = here.tag == "60M"


def _take_closing(block: Block, here: Field) -> None:
    if block.state == "closed":
        raise refused(block.name, "a second closing balance stands in one statement", here.line, here.tag)
    block.closing = _balance(block, here, "CLBD" if here.tag == "62F" else "ITBD")
    block.continued = here.tag == "62M"
    block.state = "closed"


def _balance(block: Block, here: Field, code: str) -> PrintedBalance | None:
    """The balance of a 60 or 62 field, or a finding where it cannot be read."""
    try:
        found = read_balance(here.texts[0], code)
    except AmountError as error:
        refusal = refused(block.name, f"a balance cannot be read: {error.reason}", here.line, here.tag)
        block.findings.append(replace(block.budget.spare(refusal), code="balance-not-read"))
        return None
    if found is None:
        block.report("balance-not-read", "a balance does not have the form of MT940 and was left out", here)
    else:
        block.balances.append(found[1])
    return found


_AVAILABLE = {"64": "CLAV", "64F": "CLAV", "65": "FWAV", "65F": "FWAV"}


def _take_available(block: Block, here: Field) -> None:
    """An available balance, on which nothing hangs."""
    try:
        found = read_balance(here.texts[0], _AVAILABLE[here.tag])
    except AmountError:
        found = None
    if found is None:
        block.report("field-not-read", "an available balance cannot be read and was left out", here)
    else:
        block.balances.append(found[1])


_ACCOUNT_CURRENCY = re.compile(r"(.*?[0-9])[ /]?([A-Z]{3})")
_BANK = re.compile(r"([0-9]{8}|[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)/.", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)


def _take_account(block: Block, here: Field) -> None:
    """Field 25: the account, the bank where it stands before the account (or below it, 25P), the currency behind it."""
    text = here.texts[0].strip()
    block.account, block.printed_currency = _account(text)
    bank = _BANK.match(text)
    below = here.texts[1].strip() if here.tag == "25P" and len(here.texts) > 1 else ""
    block.bank = bank[1] if bank is not None else below if _BIC.fullmatch(below) else None


def _account(text: str) -> tuple[str | None, str | None]:
    """The account number of field 25 as printed, and the currency some banks append to it.

    BIC/IBAN gives the IBAN; an IBAN loses its blanks.
    """
    currency = None
    match = _ACCOUNT_CURRENCY.fullmatch(text)
    if match is not None and as_currency(match[2]) is not None and Currency(match[2]).exponent is not None:
        text, currency = match[1].rstrip(), match[2]
    _, slash, after = text.partition("/")
    if slash and iban_or_none(after):
        text = after
    return iban_or_none(text) or clean(text), currency


_SEQUENCE = re.compile(r"([0-9]{1,16})(?:/([0-9]{1,5}))?", re.ASCII)


def _take_number(block: Block, here: Field) -> None:
    match = _SEQUENCE.fullmatch(here.texts[0].strip())
    if match is None:
        block.report("field-not-read", "the statement number cannot be read and was left out", here)
    else:
        block.number, block.page = match[1], int(match[2]) if match[2] else None


# -- what only interim reports have -------------------------------------------------------------------------------

_FLOOR = re.compile(r"([A-Z]{3}) ?[CD]? ?([0-9][0-9.,]*)\s*", re.ASCII)
_TOTAL = re.compile(r"([0-9]{1,9}) ?([A-Z]{3}) ?([0-9][0-9.,]*)\s*", re.ASCII)


def _take_floor(block: Block, here: Field) -> None:
    """Field 34F: the currency of the report, and the amount below which the bank leaves entries out."""
    match = _FLOOR.fullmatch(here.texts[0])
    currency = as_currency(match[1]) if match is not None else None
    amount = amount_or_none(match[2]) if match is not None else None
    if currency is None or amount is None:
        block.report("field-not-read", "the floor limit cannot be read", here)
        return
    block.floor = block.floor or currency
    if amount:
        block.report("floor-limit", "the bank leaves entries below its floor limit out of the report", here)


def _take_total(block: Block, here: Field) -> None:
    """Fields 90D and 90C: number and sum of the debits and of the credits. No entry goes on behind them."""
    block.current = None
    match = _TOTAL.fullmatch(here.texts[0])
    currency = as_currency(match[2]) if match is not None else None
    amount = amount_or_none(match[3]) if match is not None else None
    if match is None or currency is None or amount is None:
        block.report("field-not-read", "the bank's own totals cannot be read", here)
    else:
        block.totals.append(Total(here.line, here.tag, int(match[1]), currency, amount))


def amount_or_none(text: str) -> Decimal | None:
    try:
        return printed_amount(text)
    except AmountError:
        return None


# -- one entry ------------------------------------------------------------------------------------------------------


def read_raw(block: Block, raw: RawEntry, currency: Currency) -> tuple[Entry, ...]:
    """One entry; none where it cannot be read and is left out and reported."""
    try:
        entry, findings = read_entry(raw, currency, block.account, block.name)
    except StatementError as error:
        block.findings.append(block.budget.spare(error))
        return ()
    block.findings += findings
    return (entry,)
