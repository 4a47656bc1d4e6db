"""A field 61 with the fields 86 and NS below it as an entry, whatever the bank's dialect."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from oimkit.banking.amounts import read_amount
from oimkit.banking.exact import EXACT
from oimkit.banking.formats._common import clean, entry_of, iban_or_none, money_of, party_of, refused, signed
from oimkit.banking.formats.mt940_details import Details, money_in, read_own_fields, read_plain
from oimkit.banking.formats.mt940_fields import Field, RawEntry
from oimkit.banking.formats.mt940_labels import read_labels
from oimkit.banking.formats.mt940_numbered import is_numbered, read_numbered
from oimkit.banking.formats.mt940_slashes import is_slashed, read_slashes, slash_codes
from oimkit.banking.formats.mt940_values import (
    NEGATIVE,
    NO_REFERENCE,
    bank_code,
    codes_of,
    entry_day,
    last_of_february,
    printed_amount,
    printed_money,
)
from oimkit.banking.formats.short_days import year_month_day
from oimkit.banking.statement import Entry, EntryStatus, Exchange, Finding, Party
from oimkit.errors import AmountError
from oimkit.money import Currency, Money

__all__ = ["Head", "entry_with", "is_cut", "read_entry"]

_LINE = re.compile(
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

_BOOKED, _PENDING = EntryStatus.BOOKED, EntryStatus.PENDING


def read_entry(raw: RawEntry, currency: Currency, account: str | None, name: str) -> tuple[Entry, tuple[Finding, ...]]:
    """The entry, and what a person should know of it.

    Args:
        raw: its fields as printed.
        currency, account: those of the statement.
        name: the format, for refusals.

    Raises:
        StatementError: it cannot be read in exactly one way.
    """
    here, texts, extra, _ = raw
    value_text, entry_text, mark, amount, type_code, rest, below = _parts(here, name)
    value_date, booking_date, findings = _dates(here, value_text, entry_text, name)
    head = Head(value_date, booking_date, mark, signed(amount, mark in NEGATIVE), type_code, rest, below)
    return entry_with(head, texts, currency, account, here.line, raw.printed, extra), findings


class Head(NamedTuple):
    """What field 61 says: the amount with its sign, *rest* as printed behind the type code, *below* further lines."""

    value_date: date
    booking_date: date | None
    mark: str
    amount: Decimal
    type_code: str | None
    rest: str
    below: Sequence[str]


def entry_with(
    head: Head,
    texts: Sequence[str],
    currency: Currency,
    account: str | None,
    line: int,
    printed: str,
    extra: Sequence[str] = (),
) -> Entry:
    """The entry of a field 61 with the lines *texts* of its field 86 and *extra* of its field NS."""
    value_date, booking_date, mark, amount, type_code, rest, below = head
    own, bank_reference, beside = _references(rest, below, is_cheque=type_code is not None and type_code[1:] == "CHK")
    is_czech = currency.code == "CZK" or (account or "").startswith(("CZ", "SK"))
    details = _with_symbols(_with_second_line(_details(texts, extra), below), is_czech=is_czech)
    reversal = mark[0] == "R"
    instructed = printed_money(details.instructed) if details.instructed is not None else None
    return entry_of(
        money_of(amount, currency),
        value_date,
        booking_date,
        _PENDING if mark[0] == "E" else _BOOKED,
        bank_reference,
        details.end_to_end_id or own.id,
        details.mandate_id,
        details.batch_id,
        party_of(
            details.name or beside.name,
            details.account or beside.account,
            details.bank,
            details.address,
            details.identification,
        ),
        details.structured_reference,
        _remittance(details, below, beside),
        bank_code(type_code, details.bank_code),
        details.return_reason,
        reversal,
        instructed,
        printed_money(details.charges) if details.charges is not None else None,
        (),
        line,
        account,
        printed,
        details.creditor_id,
        _ultimate(details, amount > 0, reversal),
        details.purpose,
        (*codes_of(type_code, None), *details.codes),
        (*own.references(details.end_to_end_id), *details.references),
        _exchange(details.rate, amount, currency, instructed) if details.rate is not None else None,
    )


# -- the line of field 61 -----------------------------------------------------------------------------------------


class _Parts(NamedTuple):
    """Field 61 cut up; *rest* is what follows the type code, *below* its further lines."""

    value_text: str
    entry_text: str | None
    mark: str
    amount: Decimal
    type_code: str | None
    rest: str
    below: Sequence[str]


def _parts(here: Field, name: str) -> _Parts:
    lines = here.texts
    match = _LINE.match(lines[0])
    below = lines[1:]
    if match is None and below:
        match = _LINE.match(lines[0].rstrip() + below[0])  # cut before the amount
        below = below[1:]
    if match is None:
        raise refused(name, "an entry does not have the form of field 61", here.line, here.tag)
    value_text, entry_text, mark, _funds, amount_text, type_code, rest = match.groups()
    try:
        amount = printed_amount(amount_text)
    except AmountError as error:
        raise refused(name, f"the amount of an entry cannot be read: {error.reason}", here.line, here.tag) from None
    if type_code is None or (type_code == "NONR" and rest.startswith("EF")):
        rest, type_code = (type_code or "") + rest, None
        if not _TYPELESS.match(rest):
            raise refused(name, "the amount of an entry runs into what follows it", here.line, here.tag)
    if "," not in amount_text and _NUMBER_GOES_ON.match(rest):
        raise refused(name, "the amount of an entry runs into what follows it", here.line, here.tag)
    return _Parts(value_text, entry_text, mark.upper(), amount, type_code, rest, below)


def is_cut(here: Field) -> bool:
    """True when a field 61 that a file ends with stops before its type code or reference."""
    match = _LINE.match(here.texts[0])
    return len(here.texts) == 1 and (match is None or not match[7] + (match[6] or ""))


def _dates(
    here: Field, value_text: str, entry_text: str | None, name: str
) -> tuple[date, date | None, tuple[Finding, ...]]:
    """Value date and booking date; a value date of 30 February becomes the last of the month, with a finding."""
    findings: list[Finding] = []
    value = year_month_day(value_text)
    if value is None:
        value = last_of_february(value_text)
        if value is None:
            raise refused(name, "the value date of an entry is no day of the calendar", here.line, here.tag)
        reason = "a value date after the end of February was read as its last day"
        findings.append(Finding("date-not-in-calendar", reason, here.line, here.tag))
    if entry_text is None or entry_text.isspace():
        return value, None, tuple(findings)
    booked = entry_day(entry_text, value)
    if booked is None:
        reason = "the booking date of an entry is no day of the calendar and was left out"
        findings.append(Finding("field-not-read", reason, here.line, here.tag))
    return value, booked, tuple(findings)


# -- references ---------------------------------------------------------------------------------------------------


class _Own(NamedTuple):
    """The account owner's reference in field 61: an id of the payment, or the number of a cheque."""

    id: str | None
    cheque: str | None = None

    def references(self, end_to_end_id: str | None) -> tuple[tuple[str, str], ...]:
        """The reference where it is not the entry's id."""
        if self.cheque is not None:
            return (("ChqNb", self.cheque),)
        if self.id is None or end_to_end_id is None or self.id == end_to_end_id:
            return ()
        return (("AcctOwnrTxId", self.id),)


class _Beside(NamedTuple):
    """Name and account of the other side that some banks print in field 61."""

    name: str | None = None
    account: str | None = None


_SHORT_ACCOUNT = re.compile(r"P?[0-9]{9,10}", re.ASCII)
"""Account numbers of old Dutch banks, as Rabobank prints them below the entry."""

_PADDED = re.compile(r"(\S{1,15}) {1,15}(\S.*)")
"""A reference padded to 16 characters and then a name (old Rabobank)."""


def _references(rest: str, below: Sequence[str], *, is_cheque: bool) -> tuple[_Own, str | None, _Beside]:
    """The account owner's reference, the bank's reference, and what some banks print beside them."""
    own, _, bank = rest.partition("//")
    bank_reference = " ".join(bank.split()) or None
    if own == "NONREF" and not below:
        return _NO_REFERENCE, bank_reference, _NOTHING_BESIDE
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
    known = _Own(None, own or None) if is_cheque else _Own(own or None)
    beside = _Beside(clean(name), account) if name or account else _NOTHING_BESIDE
    return known, bank_reference, beside


_NO_REFERENCE, _NOTHING_BESIDE = _Own(None), _Beside()


def _account_below(text: str) -> str | None:
    """The counterparty's account where a bank prints only that in the second line of field 61."""
    text = text.strip()
    if _SHORT_ACCOUNT.fullmatch(text):
        return text if text.strip("P0") else None
    return iban_or_none(text)


# -- texts --------------------------------------------------------------------------------------------------------


_NOTHING = Details()


def _details(texts: Sequence[str], extra: Sequence[str]) -> Details:
    """The details in the lines of field 86 (all of them, where a bank repeats it) and of :NS: (*extra*)."""
    said = read_own_fields(extra) if extra else None
    details = _of_texts(texts) if texts else said or _NOTHING
    if said is None or details is said:
        return details
    remittance = (*details.remittance, *said.remittance)
    known = {field: value for field, value in said._asdict().items() if value and not getattr(details, field)}
    return details._replace(**{**known, "remittance": remittance})


def _of_texts(texts: Sequence[str]) -> Details:
    """Field 86: the dialect is seen from the text itself."""
    joined = "".join(texts)
    if _MARKED.match(joined) is None:
        return read_plain(texts)
    if is_numbered(joined):
        return read_numbered(joined)
    if is_slashed(joined):
        return read_slashes(joined)
    return read_labels(texts) or read_plain(texts)


_MARKED = re.compile(r"\s*(?:[0-9]{3}|[/?~<^|]|SEPA|[A-Z0-9]{3}\?)", re.IGNORECASE)
"""How a text of any known form begins; one that begins otherwise is plain."""


def _with_second_line(details: Details, below: Sequence[str]) -> Details:
    """The details with what slash codes in the further lines of field 61 add: /OCMT/, /CHGS/, /EXCH/, /TRCD/."""
    if not any("/" in line for line in below):
        return details
    found = {code: value.strip("/ ") for line in below for code, value in slash_codes(line)}
    code = clean(found.get("TRCD"))
    return details._replace(
        instructed=details.instructed or money_in(found.get("OCMT")),
        charges=details.charges or money_in(found.get("CHGS")),
        rate=details.rate or clean(found.get("EXCH")),
        bank_code=details.bank_code or code,
        codes=details.codes or ((("trcd", code),) if code is not None else ()),
    )


_SYMBOL_ID = re.compile(r"/VS([0-9]{0,10})/SS([0-9]{0,10})/KS([0-9]{0,4})", re.ASCII)
_SYMBOL = re.compile(r"(?<![A-Z])(VS|SS|KS): ?([0-9]{1,10})(?![0-9])", re.ASCII)


def _with_symbols(details: Details, *, is_czech: bool) -> Details:
    """The details with the Czech and Slovak symbols in them: VS is the payee's reference, SS and KS stand beside it.

    They stand in the end-to-end id (/VS.../SS.../KS...), on Czech and Slovak accounts in the text as well (VS:...).
    """
    match = _SYMBOL_ID.fullmatch(details.end_to_end_id) if details.end_to_end_id is not None else None
    if match is not None:
        found = dict(zip(("VS", "SS", "KS"), match.groups(), strict=True))
    elif is_czech and any("VS:" in line for line in details.remittance):
        found = dict(pair for line in details.remittance for pair in _SYMBOL.findall(line))
    else:
        return details
    symbols = tuple([(name, number) for name, number in found.items() if number.strip("0")])
    return details._replace(
        structured_reference=details.structured_reference or dict(symbols).get("VS"),
        references=(*details.references, *symbols),
    )


def _remittance(details: Details, below: Sequence[str], beside: _Beside) -> tuple[str, ...]:
    """The payer's text; without one the bank's own: the second line of field 61, or its word for the transaction."""
    if details.remittance:
        return details.remittance
    texts = [clean(line) for line in below if not any(slash_codes(line))]
    own = [text for text in texts if text is not None and text not in (beside.name, beside.account)]
    return tuple(own) or ((details.said,) if details.said is not None else ())


def _ultimate(details: Details, is_credit: bool, reversal: bool) -> Party | None:
    """On whose behalf the other side pays a credit or collects a debit; the other way round for what comes back.

    In a direct debit (mandate, creditor) the text calls the creditor the one who orders.
    """
    if details.payer is None and details.payee is None:
        return None
    pays = is_credit != (reversal or details.return_reason is not None)
    if not pays and details.payee is None and (details.mandate_id or details.creditor_id):
        return details.payer
    return details.payer if pays else details.payee


def _exchange(text: str, amount: Decimal, currency: Currency, instructed: Money | None) -> Exchange | None:
    """The rate; which way it goes is told by the two amounts, where both are printed and fit it."""
    try:
        rate = read_amount(text.replace(",", "."), decimal=".")
    except AmountError:
        return None
    if rate <= 0:
        return None
    if instructed is not None and instructed.currency != currency and instructed.amount:
        foreign, own = instructed.amount.copy_abs(), amount.copy_abs()
        if _is_near(EXACT.multiply(foreign, rate), own):
            return Exchange(rate, instructed.currency, currency)
        if _is_near(EXACT.multiply(own, rate), foreign):
            return Exchange(rate, currency, instructed.currency)
    return Exchange(rate)


def _is_near(one: Decimal, other: Decimal) -> bool:
    """Equal but for rounding and what a bank takes off."""
    return EXACT.multiply(EXACT.subtract(one, other).copy_abs(), _ROOM) <= max(one, other)


_ROOM = Decimal(20)
"""One part in so many is for rounding and charges."""
