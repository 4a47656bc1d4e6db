"""SWIFT MT940 customer statements: bytes -> Statements, strict in amounts, tolerant in what nobody needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import IncrementalNewlineDecoder

from oimkit.banking.decode import decode
from oimkit.banking.formats._common import (
    Budget,
    as_currency,
    clean,
    entry_of,
    iban_or_none,
    money_of,
    party_of,
    signed,
)
from oimkit.banking.formats.mt940_details import Details, read_details
from oimkit.banking.formats.mt940_fields import Field, RawEntry, Run, scan_fields
from oimkit.banking.formats.mt940_quick import quick_entries
from oimkit.banking.formats.mt940_values import (
    NEGATIVE,
    NO_REFERENCE,
    bank_code,
    day,
    entry_day,
    last_of_february,
    printed_amount,
)
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Statement
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency, Money

__all__ = ["read_mt940"]

_FORMAT = "mt940"

_HEADER_TAGS = frozenset({"20", "21", "25", "25P", "28", "28C", "13", "13D", "60F", "60M"})
"""Fields that stand before the first entry. Inside a running text they are text (a time of day cut at a line end)."""

_KNOWN_TAGS = _HEADER_TAGS | {"61", "62F", "62M", "64", "64F", "65", "65F", "86", "34F", "90C", "90D", "NS"}

_BALANCE = re.compile(r"([CDcd])([0-9]{6})([A-Z]{3}) ?([0-9][0-9.,]*)\s*", re.ASCII)

_ENTRY = re.compile(
    r"([0-9]{6})([0-9]{4}| {1,4})?"  # value date, entry date
    r"(R[CD]|E[CD]|[CD]|r[cd]|e[cd]|[cd])"  # credit or debit; R: reversal of one, E: expected
    r"([A-Za-z])?"  # funds code: third letter of the currency
    r"([0-9][0-9.,]*)"
    r"(?: ?([NSFnsf][A-Za-z0-9 ]{3}))?"  # type of transaction; some banks leave it out
    r"(.*)",
    re.ASCII | re.DOTALL,
)

_TYPELESS = re.compile(r" ?(?://|[A-Za-z]{3}|\Z)")
"""What may follow an amount where the type code is left out: a word, the bank's reference, nothing."""

_NUMBER_GOES_ON = re.compile(r"[0-9 ]*[.,]")
"""What stands after the type code when a letter has got into a number: C1S2345,00 is not one."""

_SEQUENCE = re.compile(r"([0-9]{1,16})(?:/([0-9]{1,5}))?", re.ASCII)

_SHORT_ACCOUNT = re.compile(r"P?[0-9]{9,10}", re.ASCII)
"""Account numbers of old Dutch banks, as Rabobank prints them below the entry."""

_PADDED = re.compile(r"(\S{1,15}) {1,15}(\S.*)")
"""A reference padded to 16 characters and then a name (old Rabobank)."""

_ACCOUNT_CURRENCY = re.compile(r"(.*?[0-9])[ /]?([A-Z]{3})")


@dataclass(slots=True)
class _Block:
    """One statement being gathered; ``state`` is header, entries or closed."""

    line: int
    budget: Budget
    state: str = "header"
    reference: str | None = None
    account: str | None = None
    printed_currency: str | None = None
    number: str | None = None
    page: int | None = None
    opening: tuple[Currency, Balance] | None = None
    closing: tuple[Currency, Balance] | None = None
    continues: bool = False
    continued: bool = False
    entries: list[Entry | RawEntry] = field(default_factory=list)
    current: RawEntry | None = None
    findings: list[Finding] = field(default_factory=list)
    last: str = ""
    end: Field | Run | None = None


def read_mt940(data: bytes, *, limits: Limits = LIMITS) -> tuple[Statement, ...]:
    """Every statement of an MT940 file, one per message or page, in file order.

    Balances of pages (60M, 62M) are given as opening and closing of the page, marked ``continues`` or ``continued``.

    Raises:
        StatementError: an entry that cannot be read in exactly one way, a file that is no MT940 or beyond *limits*.
            Carries line and tag, never the text.

    Source: SWIFT MT940 customer statement; dialects in docs/formats/mt940.md.
    """
    decoded = decode(data)
    text = IncrementalNewlineDecoder(None, translate=True).decode(decoded.text, final=True)  # any line end is \n
    _bound_lines(text, limits)
    blocks = list(_blocks(scan_fields(text), Budget(_FORMAT, limits)))
    if not blocks:
        raise StatementError("the file holds no field of an MT940 statement", format=_FORMAT, advice=_ADVICE_AGAIN)
    _refuse_cut_entry(blocks[-1].end, text)
    statements = tuple(_statement(block, decoded.findings) for block in blocks)
    _conserve(text, statements)
    return statements


_ADVICE_AGAIN = "download the statement again; if it stays so, send the line number to the bank"


def _bound_lines(text: str, limits: Limits) -> None:
    """Refuse the first line that is too long; looks at one line end for every ``limits.line_chars`` characters."""
    begin = 0
    while len(text) - begin > limits.line_chars:
        end = text.rfind("\n", begin, begin + limits.line_chars + 1)
        if end < 0:
            raise StatementError(
                f"a line is longer than {limits.line_chars} characters",
                format=_FORMAT,
                line=text.count("\n", 0, begin) + 1,
                advice="MT940 lines have at most 65 characters: this is another kind of file",
            )
        begin = end + 1


# -- statements: fields grouped ------------------------------------------------------------------------------------


def _blocks(fields: Iterable[Field | Run], budget: Budget) -> Iterator[_Block]:
    """The statements: fields grouped, each text given to its entry."""
    block: _Block | None = None
    for here, follower in _with_follower(fields):
        tag = here.tag
        if block is None:
            if tag not in _KNOWN_TAGS:
                continue  # a message name such as :940: before the first statement
            block = _open(here, budget)
        elif _starts_statement(block, tag, follower):
            yield block
            block = _open(here, budget)
        block.end = here
        if isinstance(here, Run):
            _take_run(block, here)
            tag = "86"
        elif tag == "61":
            _take_entry(block, here)
        elif tag == "86":
            if block.state == "entries" and block.current is not None:
                block.current.texts.extend(here.texts)
        elif block.last == "86" and block.current is not None and block.state == "entries" and tag not in _AFTER_TEXT:
            block.current.texts.append(f":{tag}:{here.texts[0]}")
            block.current.texts.extend(here.texts[1:])
            continue  # the text goes on
        elif tag == "NS":
            if block.state == "entries" and block.current is not None:
                block.current.extra.extend(here.texts)
        else:
            _header(block, here)
        block.last = tag
    if block is not None:
        yield block


def _with_follower(fields: Iterable[Field | Run]) -> Iterator[tuple[Field | Run, Field | Run | None]]:
    here: Field | Run | None = None
    for follower in fields:
        if here is not None:
            yield here, follower
        here = follower
    if here is not None:
        yield here, None


def _take_run(block: _Block, run: Run) -> None:
    """Take entries that stand one after the other, each with its text, before another entry or a closing balance."""
    if block.state == "closed":  # where a text belongs to the statement, not to the entry above it
        for raw in run.raw():
            _take_entry(block, raw.here)
        return
    if not block.budget.take_entries(len(run.matches)):
        for raw in run.raw():
            block.budget.entry(raw.here.line)
    if block.opening is None:
        block.entries += run.raw()
    else:
        block.entries += quick_entries(run, block.opening[0], block.account)
    block.current, block.state = None, "entries"


def _take_entry(block: _Block, here: Field) -> None:
    block.budget.entry(here.line)
    block.current = RawEntry(here, [], [])
    block.entries.append(block.current)
    if block.state == "closed":
        block.findings.append(
            Finding("entry-after-closing", "an entry stands after the closing balance", here.line, "61")
        )
    else:
        block.state = "entries"


_AFTER_TEXT = frozenset({"61", "62F", "62M", "64", "64F", "65", "65F", "86", "NS", "34F", "90C", "90D"})
"""What may follow the text of an entry; any other tag at a line start is part of the text."""


def _open(here: Field | Run, budget: Budget) -> _Block:
    budget.statement(here.line)
    return _Block(here.line, budget)


def _starts_statement(block: _Block, tag: str, follower: Field | Run | None) -> bool:
    """True when the field of that *tag* begins the next statement.

    ``:20:`` does after a closing balance or in a header, and within entries only where a header follows it (payers can
    write ``:20:`` into a text). After a closing balance an account, number or opening balance does so too.
    """
    if block.state == "closed":
        return tag in _HEADER_TAGS
    if tag != "20":
        return False
    if block.state == "header":
        return block.last not in ("", "86") or (block.last == "86" and block.opening is None)
    return follower is not None and follower.tag in _HEADER_TAGS - {"20"}


def _header(block: _Block, here: Field) -> None:
    """Take one field that is neither entry nor text into the statement."""
    tag, text = here.tag, here.texts[0].strip()
    if tag in ("60F", "60M"):
        _take_opening(block, here)
    elif tag in ("62F", "62M"):
        _take_closing(block, here)
    elif tag in ("64", "64F", "65", "65F"):
        if _BALANCE.fullmatch(here.texts[0]) is None:
            block.findings.append(
                Finding("field-not-read", "an available balance cannot be read and was left out", here.line, tag)
            )
    elif tag in ("20", "21", "25", "25P", "28", "28C") and block.state != "header":
        block.findings.append(
            Finding("field-unexpected", "a header field stands among the entries and was left out", here.line, tag)
        )
    elif tag == "20":
        block.reference = clean(text)
    elif tag in ("25", "25P"):
        block.account, block.printed_currency = _account(text)
    elif tag in ("28", "28C"):
        match = _SEQUENCE.fullmatch(text)
        if match is None:
            block.findings.append(
                Finding("field-not-read", "the statement number cannot be read and was left out", here.line, tag)
            )
        else:
            block.number, block.page = match[1], int(match[2]) if match[2] else None
    elif tag not in _KNOWN_TAGS and block.state != "header":
        block.findings.append(Finding("field-unknown", "a field that MT940 does not know was left out", here.line, tag))


def _take_opening(block: _Block, here: Field) -> None:
    if block.opening is not None or block.state != "header":
        raise StatementError(
            "a second opening balance stands in one statement",
            format=_FORMAT,
            line=here.line,
            tag=here.tag,
            advice=_ADVICE_AGAIN,
        )
    block.opening = _balance(block, here)
    block.continues = here.tag == "60M"


def _take_closing(block: _Block, here: Field) -> None:
    if block.state == "closed":
        raise StatementError(
            "a second closing balance stands in one statement",
            format=_FORMAT,
            line=here.line,
            tag=here.tag,
            advice=_ADVICE_AGAIN,
        )
    block.closing = _balance(block, here)
    block.continued = here.tag == "62M"
    block.state = "closed"


def _balance(block: _Block, here: Field) -> tuple[Currency, Balance] | None:
    """The balance of a 60 or 62 field, or a finding where it cannot be read."""
    match = _BALANCE.fullmatch(here.texts[0])
    currency = as_currency(match[3]) if match is not None else None
    if match is not None and currency is not None:
        try:
            amount = printed_amount(match[4])
        except AmountError as error:
            raise StatementError(
                f"a balance cannot be read: {error.reason}",
                format=_FORMAT,
                line=here.line,
                tag=here.tag,
                advice=_ADVICE_AGAIN,
            ) from None
        return currency, Balance(Money(signed(amount, match[1] in "Dd"), currency), day(match[2]))
    block.findings.append(
        Finding("balance-not-read", "a balance does not have the form of MT940 and was left out", here.line, here.tag)
    )
    return None


def _account(text: str) -> tuple[str | None, str | None]:
    """The account number of field 25 as printed, and the currency some banks append to it.

    BIC/IBAN gives the IBAN; an IBAN loses its blanks.
    """
    currency = None
    match = _ACCOUNT_CURRENCY.fullmatch(text)
    if match is not None and as_currency(match[2]) is not None and Currency(match[2]).exponent is not None:
        text, currency = match[1].rstrip(), match[2]
    before, slash, after = text.partition("/")
    del before
    if slash and iban_or_none(after):
        text = after
    return iban_or_none(text) or clean(text), currency


# -- entries and statements ---------------------------------------------------------------------------------------


def _statement(block: _Block, findings: tuple[Finding, ...]) -> Statement:
    currency = _currency(block)
    opening = _in_currency(block, block.opening)
    closing = _in_currency(block, block.closing)
    if block.opening is None and not _has_finding(block, "60"):
        block.findings.append(Finding("balance-missing", "the statement has no opening balance", block.line, "60F"))
    if block.closing is None and not _has_finding(block, "62"):
        block.findings.append(
            Finding(
                "balance-missing", "the statement has no closing balance: the file may be cut off", block.line, "62F"
            )
        )
    entries = tuple([part if isinstance(part, Entry) else _entry(part, currency, block) for part in block.entries])
    return Statement(
        format=_FORMAT,
        account=block.account,
        currency=currency,
        entries=entries,
        opening=opening,
        closing=closing,
        reference=block.reference,
        number=block.number,
        page=block.page,
        continues=block.continues,
        continued=block.continued,
        findings=(*findings, *block.findings),
        line=block.line,
    )


def _has_finding(block: _Block, tag: str) -> bool:
    return any(finding.code == "balance-not-read" and (finding.tag or "").startswith(tag) for finding in block.findings)


def _currency(block: _Block) -> Currency:
    for balance in (block.opening, block.closing):
        if balance is not None:
            return balance[0]
    printed = as_currency(block.printed_currency) if block.printed_currency else None
    return printed or Currency("XXX")


def _in_currency(block: _Block, balance: tuple[Currency, Balance] | None) -> Balance | None:
    return None if balance is None else balance[1]


def _entry(raw: RawEntry, currency: Currency, block: _Block) -> Entry:
    """One field 61 with its texts as an entry."""
    here, texts, extra = raw
    lines = here.texts
    match = _ENTRY.match(lines[0])
    below = lines[1:]
    if match is None and below:
        match = _ENTRY.match(lines[0].rstrip() + below[0])  # cut before the amount
        below = below[1:]
    if match is None:
        raise _unreadable(here, "an entry does not have the form of field 61")
    value_text, entry_text, mark, _funds, amount_text, type_code, rest = match.groups()
    try:
        amount = printed_amount(amount_text)
    except AmountError as error:
        raise _unreadable(here, f"the amount of an entry cannot be read: {error.reason}") from None
    value_date, booking_date = _dates(here, value_text, entry_text, block)
    if type_code is None or (type_code == "NONR" and rest.startswith("EF")):
        rest, type_code = (type_code or "") + rest, None
        if not _TYPELESS.match(rest):
            raise _unreadable(here, "the amount of an entry runs into what follows it")
    if "," not in amount_text and _NUMBER_GOES_ON.match(rest):
        raise _unreadable(here, "the amount of an entry runs into what follows it")
    own_reference, bank_reference, name, account = _references(rest, below)
    details = read_details(texts, extra)
    instructed, charges = _accompanying(details, below)
    mark = mark.upper()
    return entry_of(
        money_of(signed(amount, mark in NEGATIVE), currency),
        value_date,
        booking_date,
        _PENDING if mark[0] == "E" else _BOOKED,
        bank_reference,
        details.end_to_end_id or own_reference,
        details.mandate_id,
        details.batch_id,
        party_of(details.name or name, details.account or account, details.bank),
        details.structured_reference,
        details.remittance or _supplement(below, name, account),
        bank_code(type_code, details.bank_code),
        details.return_reason,
        mark[0] == "R",
        instructed,
        charges,
        (),
        here.line,
        block.account,
    )


_BOOKED, _PENDING = EntryStatus.BOOKED, EntryStatus.PENDING


def _unreadable(here: Field, reason: str) -> StatementError:
    return StatementError(reason, format=_FORMAT, line=here.line, tag=here.tag, advice=_ADVICE_AGAIN)


def _dates(here: Field, value_text: str, entry_text: str | None, block: _Block) -> tuple[date, date | None]:
    """Value date and booking date; a value date of 30 February becomes the last of the month, with a finding."""
    value = day(value_text)
    if value is None:
        value = last_of_february(value_text)
        if value is None:
            raise _unreadable(here, "the value date of an entry is no day of the calendar")
        block.findings.append(
            Finding(
                "date-not-in-calendar",
                "a value date after the end of February was read as its last day",
                here.line,
                here.tag,
            )
        )
    if entry_text is None or entry_text.isspace():
        return value, None
    booked = entry_day(entry_text, value)
    if booked is None:
        block.findings.append(
            Finding(
                "field-not-read",
                "the booking date of an entry is no day of the calendar and was left out",
                here.line,
                here.tag,
            )
        )
    return value, booked


def _references(rest: str, below: Sequence[str]) -> tuple[str | None, str | None, str | None, str | None]:
    """The account owner's reference, the bank's reference, and name and account that some banks print beside them."""
    own, _, bank = rest.partition("//")
    bank_reference = " ".join(bank.split()) or None
    if own == "NONREF" and not below:
        return None, bank_reference, None, None
    name = account = None
    if len(own) > 16:
        padded = _PADDED.fullmatch(own)
        if padded is not None and len(own) - len(padded[2]) == 16:
            own, name = padded[1], padded[2]
            if _SHORT_ACCOUNT.fullmatch(own):
                account, own = own, ""
    own = " ".join(own.split())
    if len(own) > 14 and iban_or_none(own) is not None:  # ASN, SNS: the other account, its holder on the next line
        account, own = own, ""
        name = below[0] if below else None
    elif below:
        account = account or _account_below(below[0])
    if own.upper() in NO_REFERENCE:
        own = ""
    return own or None, bank_reference, clean(name), account


def _supplement(below: Sequence[str], name: str | None, account: str | None) -> tuple[str, ...]:
    """The second line of field 61, where there is no text and it is not a name, an account or an amount."""
    texts = [clean(line) for line in below if not _BELOW_AMOUNT.search(line)]
    return tuple([text for text in texts if text is not None and text not in (name, account)])


def _account_below(text: str) -> str | None:
    """The counterparty's account where a bank prints only that in the second line of field 61."""
    text = text.strip()
    if _SHORT_ACCOUNT.fullmatch(text):
        return text if text.strip("P0") else None
    return iban_or_none(text)


_BELOW_AMOUNT = re.compile(r"/(OCMT|CHGS)/([A-Z]{3})([0-9][0-9.,]*)", re.ASCII)


def _accompanying(details: Details, below: Sequence[str]) -> tuple[Money | None, Money | None]:
    """Original amount and charges: from the text, else from /OCMT/ and /CHGS/ in the second line of field 61."""
    if not below and details.instructed is None and details.charges is None:
        return None, None
    printed = {match[1]: (match[2], match[3]) for text in below for match in _BELOW_AMOUNT.finditer(text)}
    return _money(details.instructed or printed.get("OCMT")), _money(details.charges or printed.get("CHGS"))


def _money(printed: tuple[str, str] | None) -> Money | None:
    """An accompanying amount, or None when it is absent or cannot be read in one way: nothing hangs on it."""
    currency = as_currency(printed[0]) if printed is not None else None
    if printed is None or currency is None:
        return None
    try:
        return Money(printed_amount(printed[1]), currency)
    except AmountError:
        return None


# -- guards -------------------------------------------------------------------------------------------------------


def _refuse_cut_entry(last: Field | Run | None, text: str) -> None:
    """A file that ends within an entry's first digits is cut off: its last amount may have lost digits."""
    if not isinstance(last, Field) or last.tag != "61" or len(last.texts) > 1:
        return
    match = _ENTRY.match(last.texts[0])
    if (match is None or not match[7] + (match[6] or "")) and not text.rstrip(" ").endswith("\n"):
        raise StatementError(
            "the file ends in the middle of an entry",
            format=_FORMAT,
            line=last.line,
            tag="61",
            advice="download the statement again",
        )


def _conserve(text: str, statements: Sequence[Statement]) -> None:
    """Every line that begins an entry became an entry; otherwise the reading is refused."""
    read = sum(len(statement.entries) for statement in statements)
    printed = text.count(":61:")
    if printed != read:  # some stand within a text
        printed = len(_ENTRY_LINE.findall(text))
    if printed != read:
        raise StatementError(
            f"{printed} entries are printed but {read} were understood",
            format=_FORMAT,
            advice="report this file's dialect as a defect",
        )


_ENTRY_LINE = re.compile(r"^[ \t]*:61:", re.MULTILINE)
