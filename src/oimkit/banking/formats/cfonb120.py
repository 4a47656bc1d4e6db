"""CFONB 120, the account statement of French banks in records of 120 characters: bytes -> Statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.decode import decode
from oimkit.banking.exact import scaled
from oimkit.banking.formats._common import (
    NO_CURRENCY,
    Budget,
    Damaged,
    as_currency,
    clean,
    entry_of,
    money_of,
    party,
    refused,
    signed,
    unless_zeros,
)
from oimkit.banking.formats.cfonb120_details import Details, details_of
from oimkit.banking.formats.national_accounts import french_iban
from oimkit.banking.formats.record_width import each_in_columns
from oimkit.banking.formats.records import Record, printed_records
from oimkit.banking.formats.short_days import day_month_year
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Statement
from oimkit.errors import StatementError
from oimkit.money import Currency, Money

__all__ = ["read_cfonb120"]

_FORMAT = "cfonb120"
_WIDTH = 120


def read_cfonb120(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """Every statement of a CFONB 120 file, in file order: from an old balance (01) to a new one (07).

    Movements (04) without an old or a new balance are a statement without it, with a finding ``balance-missing``.

    Raises:
        StatementError: a record that cannot be read in exactly one way, a file that is no CFONB 120 or is beyond
            *limits*. Carries line and record, never the text.

    Source: CFONB, relevé de compte sur support informatique (July 2004), and its additions for SEPA payments (August
    2007 and later); see docs/formats/cfonb120.md.
    """
    decoded = decode(data)
    budget = Budget(_FORMAT, limits, damaged)
    mended: list[Finding] = []
    records = each_in_columns(decoded.text, format=_FORMAT, limits=limits, width=_WIDTH, found=mended)
    drafts = _drafts(_with_currency(records, mended), budget)
    if not drafts:
        raise refused(_FORMAT, "the file holds no record of a CFONB 120 statement", None)
    statements = tuple([_statement(draft, (*draft.findings, *mended, *decoded.findings)) for draft in drafts])
    _conserve(decoded.text, statements)
    return statements


def _with_currency(records: Iterable[Record], found: list[Finding]) -> Iterator[Record]:
    """The records; a balance that names neither currency nor decimals gets those of the movements of its statement."""
    waiting: Record | None = None
    known = ""
    for record in records:
        kind, named = record.text[:2], record.text[16:20].strip() != ""
        if waiting is not None:
            known = record.text[16:20] if kind == "04" and named and _same_account(record, waiting) else ""
            yield _named(waiting, known, found)
            waiting = None
        if kind == "01" and not named:
            waiting = record
            continue
        if kind == "01":
            known = ""
        yield _named(record, known, found) if kind == "07" and not named else record
    if waiting is not None:
        yield waiting


def _named(record: Record, known: str, found: list[Finding]) -> Record:
    """The balance in the currency and with the decimals *known*; as it is where nothing is."""
    if not known:
        return record
    reason = "a balance names neither currency nor decimals; those of the movements were taken"
    found.append(Finding("currency-of-movements", reason, record.line, record.text[:2]))
    return replace(record, text=record.text[:16] + known + record.text[20:])


# -- statements: records gathered ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Movement:
    """One movement and the records 05 that tell more about it; None for one that was left out."""

    first: Record | None
    details: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """One statement being gathered.

    first     the record that begins it
    is_closed whether its new balance (07) was met
    movement  the last movement, which is not among the entries yet, for records 05 may follow
    """

    first: Record
    currency: Currency
    account: str | None
    opening: Balance | None = None
    closing: Balance | None = None
    is_closed: bool = False
    is_elsewhere: bool = False
    movement: _Movement | None = None
    entries: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: str, reason: str, line: int, tag: str) -> None:
        self.findings.append(Finding(code, reason, line, tag))


def _drafts(records: Iterable[Record], budget: Budget) -> list[_Draft]:
    """The statements with their entries."""
    drafts: list[_Draft] = []
    for record in records:
        try:
            _take(drafts, record, budget)
        except StatementError as error:
            if not drafts:
                raise
            drafts[-1].findings.append(budget.spare(error))
    for draft in drafts:
        _complete(draft, budget)
    return drafts


def _take(drafts: list[_Draft], record: Record, budget: Budget) -> None:
    """Give one record its place; StatementError when it has none or cannot be read."""
    kind = record.text[:2]
    draft = drafts[-1] if drafts and not drafts[-1].is_closed else None
    if kind == "01":
        draft = _begin(drafts, record, budget)
        draft.opening = _balance(record, "OPBD", draft)
    elif kind == "04":
        budget.entry(record.line)
        if draft is None or (draft.first.text[:2] != "01" and not _same_account(record, draft.first)):
            draft = _begin(drafts, record, budget)
        _book(draft, budget)
        _add_movement(draft, record)
    elif kind == "05":
        if draft is None or draft.movement is None:
            raise _refused(record, "a record tells more about a movement and none stands above it")
        draft.movement.details.append(record.text)
    elif kind == "07":
        if draft is None or not _same_account(record, draft.first):
            draft = _begin(drafts, record, budget)
        draft.is_closed = True
        draft.closing = _balance(record, "CLBD", draft)
    else:
        raise _refused(record, "a record is of no kind that CFONB 120 statements have")
    if not draft.is_elsewhere:
        _note_other_branch(draft, record)


def _begin(drafts: list[_Draft], record: Record, budget: Budget) -> _Draft:
    """A new statement in the currency of the record that begins it."""
    budget.statement(record.line)
    printed = record.columns(17, 19)
    currency = as_currency(printed)
    draft = _Draft(record, currency or NO_CURRENCY, _account(record))
    if currency is None and printed.strip():
        raise _refused(record, "the currency of the account is not three letters")
    drafts.append(draft)
    if currency is None:
        draft.note("currency-missing", "a statement names no currency; its amounts are in XXX", record.line, "01")
    return draft


def _same_account(record: Record, first: Record) -> bool:
    """Whether two records are of the same account number; banks write branches of one account differently."""
    return record.text[21:32] == first.text[21:32]


def _add_movement(draft: _Draft, record: Record) -> None:
    """Take the movement; one of another account or currency than its statement is refused, and its details with it."""
    draft.movement = _Movement(None)
    if not _same_account(record, draft.first):
        raise _refused(record, "a movement is of another account than its statement")
    if record.text[16:19] != draft.first.text[16:19]:
        raise _refused(record, "a movement is in another currency than its statement")
    draft.movement.first = record


def _book(draft: _Draft, budget: Budget) -> None:
    """Make the last movement an entry; nothing more is told about it."""
    movement, draft.movement = draft.movement, None
    if movement is None or movement.first is None:
        return
    try:
        draft.entries.append(_entry(movement.first, movement.details, draft))
    except StatementError as error:
        draft.findings.append(budget.spare(error))


def _balance(record: Record, code: str, draft: _Draft) -> Balance:
    """The balance of a record 01 or 07 in its own currency."""
    currency = as_currency(record.columns(17, 19)) or draft.currency
    if currency != draft.currency:
        draft.note(
            "balance-currency", "a balance is in another currency than the account", record.line, record.text[:2]
        )
    amount = Money(_amount(record), currency)
    return Balance(amount, _balance_day(record, draft), code)


def _balance_day(record: Record, draft: _Draft) -> date | None:
    """The day of a balance; nothing hangs on it, so that one which is no day is absent and reported."""
    day, is_wrong = day_month_year(record.text[34:40])
    if is_wrong:
        draft.note("date-not-in-calendar", "the date of a balance is no day", record.line, record.text[:2])
    return day


def _complete(draft: _Draft, budget: Budget) -> None:
    """Make the last entry, and note what the statement lacks."""
    _book(draft, budget)
    if draft.first.text[:2] != "01":
        draft.note("balance-missing", "the statement begins without its old balance", draft.first.line, "01")
    if not draft.is_closed:
        draft.note("balance-missing", "the statement ends without its new balance", draft.first.line, "07")
    draft.findings.sort(key=lambda finding: finding.line or 0)


def _note_other_branch(draft: _Draft, record: Record) -> None:
    """Report the first record whose bank, branch or account is not that of the statement."""
    text, first = record.text, draft.first.text
    if text[2:7] != first[2:7] or text[11:16] != first[11:16] or text[21:32] != first[21:32]:
        draft.is_elsewhere = True
        reason = "a record names another bank or branch than its statement"
        draft.note("account-differs", reason, record.line, text[:2])


def _statement(draft: _Draft, findings: tuple[Finding, ...]) -> Statement:
    return Statement(
        format=_FORMAT,
        account=draft.account,
        currency=draft.currency,
        entries=tuple(draft.entries),
        opening=draft.opening,
        closing=draft.closing,
        findings=findings,
        line=draft.first.line,
        owner=party(None, None, draft.first.value(3, 7)),
        balances=tuple(balance for balance in (draft.opening, draft.closing) if balance is not None),
    )


# -- values --------------------------------------------------------------------------------------------------------

_OVERPUNCHED = {sign: (str(digit), False) for digit, sign in enumerate("{ABCDEFGHI")} | {
    sign: (str(digit), True) for digit, sign in enumerate("}JKLMNOPQR")
}
_OVERPUNCHED |= {"é": _OVERPUNCHED["{"], "è": _OVERPUNCHED["}"]}
"""The last digit of an amount and whether it is a debit, by the character that stands for both. In the French variant
of ISO 646 the braces are é and è, and programs that convert it write these."""

_DIGITS = re.compile(r" {0,12}[0-9]{1,13}", re.ASCII)


def _amount(record: Record) -> Decimal:
    """Columns 91 to 104: thirteen digits and one that is overpunched with the sign; column 20 counts the decimals.

    Raises:
        StatementError: anything else.
    """
    text, tag = record.text, record.text[:2]
    if len(text) > _WIDTH:
        raise _refused(record, f"a record with an amount is wider than {_WIDTH} characters")
    digits, last, decimals = text[90:103], text[103:104], text[19:20]
    if len(digits) != 13 or not _DIGITS.fullmatch(digits) or last not in _OVERPUNCHED or not last:
        raise _refused(record, "an amount is not 13 digits and one with its sign", f"{tag}, columns 91-104")
    if not (decimals.isascii() and decimals.isdigit()):
        raise _refused(record, "the number of decimals is no digit", f"{tag}, column 20")
    digit, negative = _OVERPUNCHED[last]
    return signed(scaled(digits.strip() + digit, int(decimals)), negative)


def _account(record: Record) -> str | None:
    """The French IBAN of bank, branch and account; as printed when they are not whole."""
    parts = record.columns(3, 7), record.columns(12, 16), record.columns(22, 32)
    return french_iban(*parts) or clean("".join(parts))


# -- entries -------------------------------------------------------------------------------------------------------


def _entry(record: Record, more: Sequence[str], draft: _Draft) -> Entry:
    """The entry of a record 04 and the records 05 below it."""
    text = record.text
    amount = money_of(_amount(record), draft.currency)
    value_date, booking_date = _dates(record, draft)
    rejected = clean(text[40:42])
    details = details_of(more, amount, is_returned=rejected is not None)
    code, internal, number = clean(text[32:34]), clean(text[7:11]), unless_zeros(text[81:88])
    reference, references = _references(unless_zeros(text[104:120]), number, code, details)
    label = clean(text[48:80])
    return entry_of(
        amount,
        value_date,
        booking_date,
        EntryStatus.BOOKED,
        reference,
        details.end_to_end_id,
        details.mandate_id,
        None,
        details.counterparty,
        details.structured_reference,
        (label, *details.remittance) if label is not None else tuple(details.remittance),
        code or internal,
        details.return_reason or rejected,
        False,
        details.instructed,
        details.charges,
        (),
        record.line,
        draft.account,
        "\n".join([text, *more]),
        details.creditor_id,
        details.ultimate,
        details.purpose,
        _codes(code, internal),
        references,
        details.exchange,
    )


@lru_cache(maxsize=1024)
def _codes(code: str | None, internal: str | None) -> tuple[tuple[str, str], ...]:
    """The interbank code and the bank's own."""
    return tuple((scheme, each) for scheme, each in (("cfonb", code), ("cfonb-internal", internal)) if each is not None)


def _dates(record: Record, draft: _Draft) -> tuple[date, date | None]:
    """Value date (43-48) and booking date (35-40); the one for the other where the other is unknown."""
    value_date, is_no_value_day = day_month_year(record.text[42:48])
    booking_date, is_no_booking_day = day_month_year(record.text[34:40])
    known = value_date or booking_date
    if known is None:
        raise _refused(record, "a movement has no date that is a day of the calendar")
    if is_no_value_day or is_no_booking_day:
        draft.note("date-not-in-calendar", "one of a movement's dates is no day and is left out", record.line, "04")
    return known, booking_date


def _references(
    printed: str | None, number: str | None, code: str | None, details: Details
) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """The bank's reference, and the others: the record's own field, else that of a record 05, else the entry's number.

    Code 01 is a cheque, and its entry number that of the cheque.
    """
    references = details.references
    if number is not None:
        references.insert(0, ("ChqNb" if code == "01" else "NtryRef", number))
    elif not references:
        return printed, ()
    given = [value for name, value in references if name == "REF"]
    reference = printed or (given[0] if given else number)
    spent = next((pair for pair in references if pair[1] == reference and pair[0] != "ChqNb"), None)
    if spent is not None:
        references.remove(spent)
    return reference, tuple(references)


# -- guard ---------------------------------------------------------------------------------------------------------


def _conserve(text: str, statements: Sequence[Statement]) -> None:
    """Every record 04 became an entry or a finding; otherwise the reading is refused."""
    printed = printed_records(text, "04", _WIDTH)
    read = sum(len(statement.entries) for statement in statements)
    spared = sum(
        finding.code == "record-not-read" and (finding.tag or "").startswith("04")
        for statement in statements
        for finding in statement.findings
    )
    if printed != read + spared:
        raise refused(_FORMAT, f"{printed} movements are printed but {read + spared} were understood", None, "04")


def _refused(record: Record, reason: str, tag: str | None = None) -> StatementError:
    return refused(_FORMAT, reason, record.line, tag or record.text[:2])
