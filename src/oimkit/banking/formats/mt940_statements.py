"""Messages MT940 and MT942 as statements: their balances and totals, and the checks of a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from oimkit.banking.decode import decode
from oimkit.banking.formats._common import (
    NO_CURRENCY,
    Budget,
    Damaged,
    as_currency,
    clean,
    not_conserved,
    party_of,
    refused,
    understood,
)
from oimkit.banking.formats.mt940_blocks import Block, Given, Kind, Total, amount_or_none, blocks, read_raw
from oimkit.banking.formats.mt940_entries import is_cut
from oimkit.banking.formats.mt940_fields import Field, Run, scan_fields, with_lines
from oimkit.banking.formats.tally import Tally
from oimkit.banking.formats.text_lines import with_line_feeds
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Entry, Finding, Statement
from oimkit.errors import StatementError
from oimkit.money import Currency

__all__ = ["each_message", "read_messages"]


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
    last: Block | None = None
    for block, is_whole in blocks(watch.fields(pieces), budget, part_entries):
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


# -- statements ---------------------------------------------------------------------------------------------------


def _line(finding: Finding) -> int:
    return finding.line or 0


def _statement(block: Block, findings: tuple[Finding, ...]) -> Statement:
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


def _parts_of(block: Block, part_entries: int, findings: tuple[Finding, ...]) -> Iterator[Statement]:
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
        given = block.given = block.given or Given(kind)
        given.tally.add(entries)
        given.unread += [finding for finding in block.findings if finding.code == "balance-not-read"]
        block.findings, block.balances, block.remarks = later, [], []
        yield replace(part, closing=None, continued=True)


def _split(findings: Sequence[Finding], line: int) -> tuple[list[Finding], list[Finding]]:
    """The findings above *line*, and the others."""
    later = [finding for finding in findings if _line(finding) >= line]
    return [finding for finding in findings if _line(finding) < line], later


def _made(
    block: Block, kind: str, currency: Currency, entries: tuple[Entry, ...], findings: tuple[Finding, ...]
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


def _kind(block: Block) -> str:
    """Whether a message is a statement or an interim report: by its balances, its fields, its envelope."""
    if block.opening is not None or block.closing is not None or _has_unread(block, "6"):
        return "mt940"
    if block.floor is not None or block.totals:
        return "mt942"
    return block.envelope.kind or block.name


def _currency(block: Block) -> Currency:
    if block.settled is not None:
        return block.settled
    if block.closing is not None:
        return block.closing[0]
    if block.totals:
        return block.totals[0].currency
    printed = as_currency(block.printed_currency) if block.printed_currency else None
    return printed or NO_CURRENCY


def _report_missing_balances(block: Block) -> None:
    if block.opening is None and not _has_unread(block, "60"):
        block.findings.append(Finding("balance-missing", "the statement has no opening balance", block.line, "60F"))
    if block.closing is None and not _has_unread(block, "62"):
        reason = "the statement has no closing balance: the file may be cut off"
        block.findings.append(Finding("balance-missing", reason, block.line, "62F"))


def _has_unread(block: Block, tag: str) -> bool:
    found = [*(block.given.unread if block.given is not None else ()), *block.findings]
    return any(finding.code == "balance-not-read" and (finding.tag or "").startswith(tag) for finding in found)


def _entries(block: Block, currency: Currency) -> Iterator[Entry]:
    """The entries of a statement, those that are still as they were printed read."""
    for part in block.entries:
        if isinstance(part, Entry):
            yield part
        else:
            yield from read_raw(block, part, currency)


_SUM = re.compile(r"/SUM/([0-9]{1,9})/([0-9]{1,9})/([0-9][0-9.,]*)/([0-9][0-9.,]*)/?", re.ASCII)
_OLD_SUM = re.compile(r"D([0-9]{6})C([0-9]{6})D([0-9][0-9.,]*)C([0-9][0-9.,]*)", re.ASCII)


def _check_totals(block: Block, entries: Sequence[Entry], currency: Currency) -> None:
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


def _remarked_totals(block: Block, currency: Currency) -> Iterator[Total]:
    """Totals in a field 86 of the statement: numbers of debits and credits, then their sums (ING)."""
    for remark in block.remarks:
        match = _SUM.fullmatch(remark.strip()) or _OLD_SUM.fullmatch(remark.strip())
        if match is None:
            continue
        for tag, count, text in (("86D", match[1], match[3]), ("86C", match[2], match[4])):
            amount = amount_or_none(text)
            if amount is not None:
                yield Total(block.line, tag, int(count), currency, amount)


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
            begun, ended = text.rfind("{4:") if "{" in text else -1, text.rfind("\n-")
            if begun != ended:
                self.is_in_message = begun > ended
            self.text = text
            given = 0
            for field in scan_fields(text, line):
                given += len(field.matches) if isinstance(field, Run) else field.tag == "61"
                yield field
            met = text.count(":61:")
            self.met += met
            self.begun += met if met == given else len(_ENTRY_LINE.findall(text))  # given <= begun <= met

    def counted(self, statement: Statement) -> Statement:
        """*statement*, its entries and those left out of it counted."""
        self.read += understood(statement)
        return statement

    def refuse_cut(self, block: Block) -> None:
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
