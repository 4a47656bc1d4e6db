"""Messages MT940 and MT942: fields grouped into statements, their balances and totals, and the checks of a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from oimkit.banking.decode import decode
from oimkit.banking.formats._common import (
    NO_CURRENCY,
    Budget,
    Damaged,
    as_currency,
    clean,
    iban_or_none,
    not_conserved,
    party_of,
    refused,
    understood,
)
from oimkit.banking.formats.mt940_entries import is_cut, read_entry
from oimkit.banking.formats.mt940_fields import BEHIND_END, ENVELOPE, Field, RawEntry, Run, scan_fields, with_lines
from oimkit.banking.formats.mt940_quick import quick_entries
from oimkit.banking.formats.mt940_values import PrintedBalance, printed_amount, read_balance
from oimkit.banking.formats.short_days import year_month_day
from oimkit.banking.formats.tally import Tally
from oimkit.banking.formats.text_lines import with_line_feeds
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Balance, Entry, Finding, Statement
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency

__all__ = ["Kind", "each_message", "read_messages"]

Kind = Literal["mt940", "mt942"]
"""A statement with balances, or an interim report without them."""


def read_messages(data: bytes, kind: Kind, limits: Limits, damaged: Damaged) -> tuple[Statement, ...]:
    """Every message of a file, in its order; *kind* is what a message is taken for that tells neither.

    Raises:
        StatementError: as read_mt940 and read_mt942 say.
    """
    decoded = decode(data)
    text = with_lines(with_line_feeds(decoded.text))
    return tuple(each_message([(1, text)], kind, lambda: decoded.findings, Budget(kind, limits, damaged)))


def each_message(
    pieces: Iterable[tuple[int, str]],
    kind: Kind,
    findings: Callable[[], tuple[Finding, ...]],
    budget: Budget,
    *,
    part_entries: int | None = None,
) -> Iterator[Statement]:
    """Every message of a file that comes in pieces, in its order.

    Args:
        pieces: the text of the file, its line ends \\n, with the number of the first line of each; every piece but the
            first begins with the line end before a field.
        kind: as read_messages has it.
        findings: what every statement that begins now is given first.
        budget: what is left of the limits.
        part_entries: a statement of more entries than that comes in parts, once its currency stands fast; None for
            whole statements.

    Raises:
        StatementError: as read_mt940 and read_mt942 say; when the piece that shows it is read.
    """
    watch = _Watch(kind, budget.limits)
    last: _Block | None = None
    for block, is_whole in _blocks(watch.fields(pieces), budget, part_entries):
        if last is not None:
            yield watch.counted(_statement(last, findings()))
        last = block if is_whole else None
        if not is_whole and part_entries is not None:
            yield from map(watch.counted, _parts_of(block, part_entries, findings()))
    if last is None:
        raise StatementError(
            f"the file holds no field of an {kind.upper()} statement", format=kind, advice="download it again"
        )
    watch.refuse_cut(last)  # before the last entry is read: it may have lost digits
    yield watch.counted(_statement(last, findings()))
    watch.conserve()


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


class _Total(NamedTuple):
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
class _Given:
    """What was given of a statement that comes in parts: its kind, its entries counted, balances that are not read."""

    kind: str
    tally: Tally = field(default_factory=Tally)
    unread: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Block:
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
    totals: list[_Total] = field(default_factory=list)
    continues: bool = False
    continued: bool = False
    entries: list[Entry | RawEntry] = field(default_factory=list)
    current: RawEntry | None = None
    remarks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    last: str = ""
    end: Field | Run | None = None
    given: _Given | None = None

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


def _blocks(
    fields: Iterable[Field | Run], budget: Budget, part_entries: int | None = None
) -> Iterator[tuple[_Block, bool]]:
    """The messages: fields grouped, each text given to its entry; with True when they are whole.

    One with more than *part_entries* entries comes with False before that, for some of them to be taken out.
    """
    block: _Block | None = None
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


def _open(here: Field | Run, budget: Budget, envelope: _Envelope) -> _Block:
    budget.statement(here.line)
    return _Block(here.line, budget, envelope)


def _starts_statement(block: _Block, tag: str, follower: Field | Run | None) -> bool:
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


def _take_run(block: _Block, run: Run) -> None:
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
        for each in quick_entries(run, currency, block.account):  # in file order, so that the first fault is told first
            block.entries += (each,) if isinstance(each, Entry) else _read(block, each, currency)
    block.current, block.state = None, "entries"


def _settle(block: _Block) -> None:
    """Read the entry that was gathered last, now that all of its fields are known, and forget how it was printed."""
    currency = block.settled
    if currency is None or block.current is None:
        return
    if block.entries and block.entries[-1] is block.current:  # none is left where the damaged one was the only one
        block.entries.pop()
        block.entries += _read(block, block.current, currency)


def _take_entry(block: _Block, here: Field) -> None:
    block.budget.entry(here.line)
    _settle(block)
    block.current = RawEntry(here, [], [], [here])
    block.entries.append(block.current)
    if block.state == "closed":
        block.report("entry-after-closing", "an entry stands after the closing balance", here)
    else:
        block.state = "entries"


def _take_text(block: _Block, here: Field) -> None:
    """A field 86 belongs to the entry above it; before the first entry and behind the last one to the statement."""
    if block.state != "entries" or block.current is None:
        block.remarks += here.texts
    else:
        block.current.texts.extend(here.texts)
        block.current.fields.append(here)


def _go_on_with_text(block: _Block, here: Field) -> None:
    """The rest of a text that a line end cut so that it looks like a field."""
    assert block.current is not None
    block.current.texts.append(f":{here.tag}:{here.texts[0]}")
    block.current.texts.extend(here.texts[1:])
    block.current.fields.append(here)


def _go_on_behind(block: _Block, behind: Field) -> None:
    """A hyphen alone on its line was a line of a text and ended no message, for the message goes on below it."""
    if block.last == "86" and block.current is not None and block.state == "entries":
        block.current.texts.extend(behind.texts)
        block.current.fields[-1].texts.extend(behind.texts)


def _take_own_field(block: _Block, here: Field) -> None:
    """The field NS: of the entry above it, or of the statement, for which it is nothing that is needed."""
    if block.state == "entries" and block.current is not None:
        block.current.extra.extend(here.texts)
        block.current.fields.append(here)


# -- fields of the statement --------------------------------------------------------------------------------------


def _header(block: _Block, here: Field) -> None:
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


def _take_opening(block: _Block, here: Field) -> None:
    if block.opening is not None or block.state != "header":
        raise refused(block.name, "a second opening balance stands in one statement", here.line, here.tag)
    block.opening = _balance(block, here, "OPBD" if here.tag == "60F" else "ITBD")
    block.continues = here.tag == "60M"


def _take_closing(block: _Block, here: Field) -> None:
    if block.state == "closed":
        raise refused(block.name, "a second closing balance stands in one statement", here.line, here.tag)
    block.closing = _balance(block, here, "CLBD" if here.tag == "62F" else "ITBD")
    block.continued = here.tag == "62M"
    block.state = "closed"


def _balance(block: _Block, here: Field, code: str) -> PrintedBalance | None:
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


def _take_available(block: _Block, here: Field) -> None:
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


def _take_account(block: _Block, here: Field) -> None:
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


def _take_number(block: _Block, here: Field) -> None:
    match = _SEQUENCE.fullmatch(here.texts[0].strip())
    if match is None:
        block.report("field-not-read", "the statement number cannot be read and was left out", here)
    else:
        block.number, block.page = match[1], int(match[2]) if match[2] else None


# -- what only interim reports have -------------------------------------------------------------------------------

_FLOOR = re.compile(r"([A-Z]{3}) ?[CD]? ?([0-9][0-9.,]*)\s*", re.ASCII)
_TOTAL = re.compile(r"([0-9]{1,9}) ?([A-Z]{3}) ?([0-9][0-9.,]*)\s*", re.ASCII)


def _take_floor(block: _Block, here: Field) -> None:
    """Field 34F: the currency of the report, and the amount below which the bank leaves entries out."""
    match = _FLOOR.fullmatch(here.texts[0])
    currency = as_currency(match[1]) if match is not None else None
    amount = _amount_or_none(match[2]) if match is not None else None
    if currency is None or amount is None:
        block.report("field-not-read", "the floor limit cannot be read", here)
        return
    block.floor = block.floor or currency
    if amount:
        block.report("floor-limit", "the bank leaves entries below its floor limit out of the report", here)


def _take_total(block: _Block, here: Field) -> None:
    """Fields 90D and 90C: number and sum of the debits and of the credits. No entry goes on behind them."""
    block.current = None
    match = _TOTAL.fullmatch(here.texts[0])
    currency = as_currency(match[2]) if match is not None else None
    amount = _amount_or_none(match[3]) if match is not None else None
    if match is None or currency is None or amount is None:
        block.report("field-not-read", "the bank's own totals cannot be read", here)
    else:
        block.totals.append(_Total(here.line, here.tag, int(match[1]), currency, amount))


def _amount_or_none(text: str) -> Decimal | None:
    try:
        return printed_amount(text)
    except AmountError:
        return None


# -- statements ---------------------------------------------------------------------------------------------------


def _line(finding: Finding) -> int:
    return finding.line or 0


def _statement(block: _Block, findings: tuple[Finding, ...]) -> Statement:
    """The statement of *block*, or its last part where others were given."""
    kind = _kind(block)
    currency = _currency(block)
    if block.given is not None and block.given.kind != kind:
        raise refused(block.name, "a closing balance stands below a report of many entries", block.line, "62F")
    if kind == "mt940":
        _report_missing_balances(block)
    entries = tuple(_entries(block, currency))
    _check_totals(block, entries, currency)
    return _made(block, kind, currency, entries, findings if block.given is None else ())


def _parts_of(block: _Block, part_entries: int, findings: tuple[Finding, ...]) -> Iterator[Statement]:
    """Parts of a statement that goes on, taken out of *block*, in which an entry stays at least."""
    kind, currency = _kind(block), _currency(block)
    while len(block.entries) > part_entries:
        rest = block.entries[part_entries:]
        del block.entries[part_entries:]
        entries = tuple(_entries(block, currency))
        block.entries = rest
        if not entries:  # all of them were left out
            continue
        follower = rest[0]
        below = follower.line if isinstance(follower, Entry) else follower.here.line
        block.findings, later = _split(block.findings, below or 0)
        part = _made(block, kind, currency, entries, findings if block.given is None else ())
        given = block.given = block.given or _Given(kind)
        given.tally.add(entries)
        given.unread += [finding for finding in block.findings if finding.code == "balance-not-read"]
        block.findings, block.balances, block.remarks = later, [], []
        yield replace(part, closing=None, continued=True)


def _split(findings: Sequence[Finding], line: int) -> tuple[list[Finding], list[Finding]]:
    """The findings above *line*, and the others."""
    later = [finding for finding in findings if _line(finding) >= line]
    return [finding for finding in findings if _line(finding) < line], later


def _made(
    block: _Block, kind: str, currency: Currency, entries: tuple[Entry, ...], findings: tuple[Finding, ...]
) -> Statement:
    """What *block* says, with these *entries*; the opening balance is in the first part alone."""
    bank = block.bank or block.envelope.bank
    is_first = block.given is None
    return Statement(
        format=kind,
        account=block.account,
        currency=currency,
        entries=entries,
        opening=block.opening[1] if block.opening is not None and is_first else None,
        closing=block.closing[1] if block.closing is not None else None,
        reference=block.reference,
        number=block.number,
        page=block.page,
        continues=block.continues or not is_first,
        continued=block.continued,
        findings=(*findings, *sorted(block.findings, key=_line)),
        line=block.line,
        owner=party_of(None, block.account, bank) if bank is not None else None,
        balances=tuple(block.balances),
        period_end=block.until,
        remarks=tuple([text for text in map(clean, block.remarks) if text is not None]),
    )


def _kind(block: _Block) -> str:
    """Whether a message is a statement or an interim report: by its balances, its fields, its envelope."""
    if block.opening is not None or block.closing is not None or _has_unread(block, "6"):
        return "mt940"
    if block.floor is not None or block.totals:
        return "mt942"
    return block.envelope.kind or block.name


def _currency(block: _Block) -> Currency:
    if block.settled is not None:
        return block.settled
    if block.closing is not None:
        return block.closing[0]
    if block.totals:
        return block.totals[0].currency
    printed = as_currency(block.printed_currency) if block.printed_currency else None
    return printed or NO_CURRENCY


def _report_missing_balances(block: _Block) -> None:
    if block.opening is None and not _has_unread(block, "60"):
        block.findings.append(Finding("balance-missing", "the statement has no opening balance", block.line, "60F"))
    if block.closing is None and not _has_unread(block, "62"):
        reason = "the statement has no closing balance: the file may be cut off"
        block.findings.append(Finding("balance-missing", reason, block.line, "62F"))


def _has_unread(block: _Block, tag: str) -> bool:
    found = [*(block.given.unread if block.given is not None else ()), *block.findings]
    return any(finding.code == "balance-not-read" and (finding.tag or "").startswith(tag) for finding in found)


def _entries(block: _Block, currency: Currency) -> Iterator[Entry]:
    """The entries of a statement, those that are still as they were printed read."""
    for part in block.entries:
        if isinstance(part, Entry):
            yield part
        else:
            yield from _read(block, part, currency)


def _read(block: _Block, raw: RawEntry, currency: Currency) -> tuple[Entry, ...]:
    """One entry; none where it cannot be read and is left out and reported."""
    try:
        entry, findings = read_entry(raw, currency, block.account, block.name)
    except StatementError as error:
        block.findings.append(block.budget.spare(error))
        return ()
    block.findings += findings
    return (entry,)


_SUM = re.compile(r"/SUM/([0-9]{1,9})/([0-9]{1,9})/([0-9][0-9.,]*)/([0-9][0-9.,]*)/?", re.ASCII)
_OLD_SUM = re.compile(r"D([0-9]{6})C([0-9]{6})D([0-9][0-9.,]*)C([0-9][0-9.,]*)", re.ASCII)


def _check_totals(block: _Block, entries: Sequence[Entry], currency: Currency) -> None:
    """Compare the bank's own totals with the entries: 90D and 90C, or what ING prints behind the closing balance."""
    totals = [*block.totals, *_remarked_totals(block, currency)]
    if not totals:
        return
    tally = block.given.tally if block.given is not None else Tally()
    tally.add(entries)
    for total in totals:
        side = tally.debits if total.tag.endswith("D") else tally.credits
        if total.currency != currency:
            reason = "the bank's own totals are in another currency than the entries"
        elif total.amount == side.sum.copy_abs() and 0 <= total.number - side.number <= tally.of_nothing:
            continue  # entries over nothing are on either side
        else:
            reason = "the bank's own totals differ from its entries"
        block.findings.append(Finding("totals-differ", reason, total.line, total.tag))


def _remarked_totals(block: _Block, currency: Currency) -> Iterator[_Total]:
    """Totals in a field 86 of the statement: numbers of debits and credits, then their sums (ING)."""
    for remark in block.remarks:
        match = _SUM.fullmatch(remark.strip()) or _OLD_SUM.fullmatch(remark.strip())
        if match is None:
            continue
        for tag, count, text in (("86D", match[1], match[3]), ("86C", match[2], match[4])):
            amount = _amount_or_none(text)
            if amount is not None:
                yield _Total(block.line, tag, int(count), currency, amount)


# -- guards -------------------------------------------------------------------------------------------------------


class _Watch:
    """The pieces of one file as they pass: what they must not hold, and what becomes of each entry printed in them."""

    def __init__(self, kind: Kind, limits: Limits) -> None:
        self.kind, self.limits = kind, limits
        self.text = ""
        self.is_in_message = False
        self.met = self.begun = self.read = 0

    def fields(self, pieces: Iterable[tuple[int, str]]) -> Iterator[Field | Run]:
        """The fields of all pieces in order."""
        for line, text in pieces:
            _bound_lines(text, self.limits, self.kind, line)
            met = text.count(":61:")
            is_plain = met == text.count("\n:61:") + text.startswith(":61:")
            self.met += met
            self.begun += met if is_plain else len(_ENTRY_LINE.findall(text))
            begun, ended = text.rfind("{4:"), text.rfind("\n-")
            if begun != ended:
                self.is_in_message = begun > ended
            self.text = text
            yield from scan_fields(text, line)

    def counted(self, statement: Statement) -> Statement:
        """*statement*, its entries and those left out of it counted."""
        self.read += understood(statement)
        return statement

    def refuse_cut(self, block: _Block) -> None:
        """A file that ends within an entry's first digits is cut off: its last amount may have lost digits.

        So is an interim report in the block of a message that never ends: nothing else of it would tell.
        """
        last = block.end
        is_ended = self.text.rstrip(" ").endswith("\n")
        if isinstance(last, Field) and last.tag == "61" and is_cut(last) and not is_ended:
            raise _cut(self.kind, last.line, "61", "the file ends in the middle of an entry")
        if block.closing is None and self.is_in_message:
            raise _cut(self.kind, block.line, "4", "the file ends before its last message does: it is cut off")

    def conserve(self) -> None:
        """Every line that begins an entry became an entry or a finding; otherwise the reading is refused."""
        printed = self.met if self.met == self.read else self.begun  # some stand within a text
        if printed != self.read:
            raise not_conserved(printed, self.read, format=self.kind)


def _bound_lines(text: str, limits: Limits, name: str, line: int) -> None:
    """Refuse the first line that is too long; looks at one line end for every ``limits.line_chars`` characters."""
    begin = 0
    while len(text) - begin > limits.line_chars:
        end = text.rfind("\n", begin, begin + limits.line_chars + 1)
        if end < 0:
            raise StatementError(
                f"a line is longer than {limits.line_chars} characters",
                format=name,
                line=text.count("\n", 0, begin) + line,
                advice="MT940 lines have at most 65 characters: this is another kind of file",
            )
        begin = end + 1


def _cut(name: str, line: int, tag: str, reason: str) -> StatementError:
    return StatementError(reason, format=name, line=line, tag=tag, advice="download the statement again")


_ENTRY_LINE = re.compile(r"^[ \t]*:61:", re.MULTILINE)
