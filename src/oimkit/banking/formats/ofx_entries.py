"""A STMTTRN as an entry: from all of its elements, and quickly where it has none but the usual ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.amounts import read_amount
from oimkit.banking.formats._common import Budget, as_currency, clean, entry_of, money_of, party_of, refused
from oimkit.banking.formats.ofx_shapes import RawEntry
from oimkit.banking.formats.ofx_tokens import undo_entities
from oimkit.banking.statement import Entry, EntryStatus, Exchange, Finding, Party
from oimkit.errors import AmountError, StatementError
from oimkit.money import Currency, Money

__all__ = ["amount_of", "day_of", "is_undecided", "quick_entry", "read_entry", "read_raw", "text_of"]


def read_entry(
    raw: RawEntry, name: str, currency: Currency, account: str | None, *, pointed: bool, printed: str
) -> tuple[Entry | None, tuple[Finding, ...]]:
    """The entry, or None where the bank printed no amount; and what a person should know of it.

    Args:
        raw: its elements.
        name: the format, for refusals.
        currency, account: those of the statement.
        pointed: no amount of the file has a comma, so that a point is its decimal separator.
        printed: its text.

    Raises:
        StatementError: it cannot be read in exactly one way.
    """
    values = raw.values
    if raw.repeated is not None:
        raise refused(name, "an entry has two different values of one element", raw.line, raw.repeated)
    if not values.get("TRNAMT", "").strip():
        return None, (Finding("entry-not-read", "an entry has no amount and was left out", raw.line, "TRNAMT"),)
    try:
        amount = amount_of(values["TRNAMT"].strip(), pointed=pointed)
    except AmountError as error:
        raise StatementError(
            f"the amount of an entry cannot be read: {error.reason}",
            format=name,
            line=raw.line,
            tag="TRNAMT",
            advice="ask the bank for the file with a decimal point",
        ) from None
    posted = day_of(values.get("DTPOSTED", ""))
    value_date = day_of(values.get("DTAVAIL", "")) or posted or _other_day(values)
    if value_date is None:
        raise refused(name, "an entry has no date that can be read", raw.line, "DTPOSTED")
    type_code = text_of(values.get("TRNTYPE"))
    foreign, findings = _foreign(raw, currency)
    texts = [*raw.memos, values["EXTDNAME"]] if "EXTDNAME" in values else raw.memos
    entry = entry_of(
        money_of(amount, currency) if amount else Money(amount, currency),
        value_date,
        posted,
        EntryStatus.PENDING if raw.pending else _BOOKED,
        text_of(values.get("FITID")),
        None,
        None,
        None,
        _counterparty(values),
        None,
        tuple([text for text in map(text_of, texts) if text is not None]),
        type_code,
        None,
        False,
        Money(amount.copy_abs(), foreign) if foreign is not None else None,
        None,
        (),
        raw.line,
        account,
        printed,
        codes=(*_codes(type_code), *_named(values, _CODES)),
        references=_references(values),
        exchange=_exchange(values, currency),
    )
    return entry, (*findings, *_corrects(raw), *_against_type(raw, type_code, amount))


def read_raw(
    raw: RawEntry,
    text: str,
    budget: Budget,
    currency: Currency,
    account: str | None,
    found: list[Finding],
    *,
    pointed: bool,
) -> tuple[Entry, ...]:
    """As read_entry from the *text* of the file, findings put to *found*; nothing where the entry is left out."""
    printed = text[raw.begin : raw.end].strip() if raw.printed is None else raw.printed
    try:
        entry, findings = read_entry(raw, budget.format, currency, account, pointed=pointed, printed=printed)
    except StatementError as error:
        found.append(budget.spare(error))
        return ()
    found += findings
    return (entry,) if entry is not None else ()


_BOOKED = EntryStatus.BOOKED

_CODES = {"SIC": "sic"}
_REFERENCES = {
    "CHECKNUM": "ChqNb",
    "REFNUM": "REFNUM",
    "SRVRTID": "SRVRTID",
    "PAYEEID": "PAYEEID",
    "CORRECTFITID": "CORRECTFITID",
}


def _named(values: Mapping[str, str], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The elements that *names* has, in its order, under the names it gives them."""
    texts = [(names[element], text_of(values[element])) for element in names if element in values]
    return tuple([(name, text) for name, text in texts if text is not None])


def _references(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Every reference but FITID; a number of noughts is none."""
    return tuple([(name, text) for name, text in _named(values, _REFERENCES) if text.strip("0")])


@lru_cache(maxsize=256)
def _codes(type_code: str | None) -> tuple[tuple[str, str], ...]:
    return (("ofx", type_code),) if type_code is not None else ()


def _corrects(raw: RawEntry) -> tuple[Finding, ...]:
    """What the bank sends again with another amount stands beside the entry it replaces."""
    if not raw.values.get("CORRECTFITID", "").strip():
        return ()
    reason = "the bank says that the entry replaces or deletes an earlier one"
    return (Finding("entry-corrects", reason, raw.line, "CORRECTFITID"),)


def _against_type(raw: RawEntry, type_code: str | None, amount: Decimal) -> tuple[Finding, ...]:
    """The sign is always that of the amount; a DEBIT of more than nothing, a CREDIT of less, is for a person to see."""
    if not _is_against(type_code, amount):
        return ()
    reason = "the amount of an entry has the sign that its type says it has not"
    return (Finding("sign-against-type", reason, raw.line, "TRNTYPE"),)


def _is_against(type_code: str | None, amount: Decimal) -> bool:
    return (type_code == "DEBIT" and amount > 0) or (type_code == "CREDIT" and amount < 0)


def _counterparty(values: Mapping[str, str]) -> Party | None:
    name = text_of(values.get("PAYEE.NAME")) or text_of(values.get("NAME"))
    account = text_of(values.get("BANKACCTTO.ACCTID")) or text_of(values.get("CCACCTTO.ACCTID"))
    lines = [text_of(values.get(element)) for element in _ADDRESS] if "PAYEE.NAME" in values else []
    address = tuple([line for line in lines if line is not None])
    return party_of(name, account, text_of(values.get("BANKACCTTO.BANKID")), address)


_ADDRESS = tuple(f"PAYEE.{name}" for name in ("ADDR1", "ADDR2", "ADDR3", "CITY", "STATE", "POSTALCODE", "COUNTRY"))


# -- currencies ---------------------------------------------------------------------------------------------------


def _foreign(raw: RawEntry, currency: Currency) -> tuple[Currency | None, tuple[Finding, ...]]:
    """The currency in which the file says that the amount is, where it is not the account's; never converted.

    CURRENCY says so. ORIGCURRENCY says that the bank has converted already: the amount is in the account's currency.
    """
    if "CURRENCY.CURSYM" not in raw.values:
        return None, ()
    code = raw.values["CURRENCY.CURSYM"].strip()
    marked = as_currency(code) if code else None
    if not code or currency.code == "XXX" or marked == currency:
        return None, ()
    reason = "an entry is marked as being in another currency than its account"
    return marked, (Finding("amount-currency", reason, raw.line, "CURRENCY"),)


def _exchange(values: Mapping[str, str], currency: Currency) -> Exchange | None:
    """CURRATE: how much of the account's currency one unit of CURSYM is."""
    for part in ("ORIGCURRENCY", "CURRENCY"):
        if f"{part}.CURRATE" not in values:
            continue
        code, printed = values.get(f"{part}.CURSYM", "").strip(), values.get(f"{part}.CURRATE", "").strip()
        source = as_currency(code) if code else None
        if not printed or (source is not None and source == currency):
            continue
        try:
            rate = read_amount(printed.replace(",", "."), decimal=".")
        except AmountError:
            continue
        if rate > 0:
            return Exchange(rate, source, currency if currency.code != "XXX" else None)
    return None


# -- values -------------------------------------------------------------------------------------------------------

_THOUSANDTHS = re.compile(r"[+-]?[0-9]+\.[0-9]{3}", re.ASCII)


def amount_of(text: str, *, pointed: bool) -> Decimal:
    """An amount of OFX, strictly; *pointed*: no amount of the file has a comma.

    The standard has a point or a comma before the decimals and no thousands separator. ``12.345`` is read by it, unless
    commas stand in other amounts of the file: then the bank may use the point for thousands, and it is refused as
    ``12,345`` always is.

    Raises:
        AmountError: it cannot be read in exactly one way.
    """
    return read_amount(text, decimal="." if pointed and _THOUSANDTHS.fullmatch(text) else None)


def is_undecided(text: str) -> bool:
    """True for an amount that commas elsewhere in the file may make ambiguous."""
    return _THOUSANDTHS.fullmatch(text.strip()) is not None


def text_of(value: str | None) -> str | None:
    """The text of an element without its entities; None where it is absent or blank."""
    return clean(undo_entities(value)) if value else None


def _other_day(values: Mapping[str, str]) -> date | None:
    """The day of an entry that is not booked on any: a pending one has DTTRAN in place of DTPOSTED (OFX 2)."""
    return day_of(values.get("DTTRAN", "")) or day_of(values.get("DTUSER", ""))


_EIGHT = re.compile(r"[0-9]{8}", re.ASCII)


def day_of(text: str) -> date | None:
    """The first eight digits as a day; times and offsets never move it. None when there is no such day."""
    match = _EIGHT.match(text.strip())
    return _day(match[0]) if match is not None else None


@lru_cache(maxsize=4096)
def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


# -- ordinary entries ---------------------------------------------------------------------------------------------

_PLAIN_AMOUNT = re.compile(r"[+-]?[0-9]{1,20}(?:[.,][0-9]{1,2})?", re.ASCII)
"""What has one reading whatever else stands in the file."""


def quick_entry(values: tuple[str, ...], line: int, currency: Currency, account: str | None) -> Entry | None:
    """An entry from its text and its values in the order of COMMON, equal to what read_entry gives without findings.

    None where anything of it is not as usual: an amount that is not plain or is nothing, no date.
    """
    printed, type_code, posted, available, amount, fitid, name, memo, cheque, refnum = values
    amount = amount.strip()
    if _PLAIN_AMOUNT.fullmatch(amount) is None:
        return None
    if "&" in printed:
        type_code, fitid, name, memo = map(undo_entities, (type_code, fitid, name, memo))
    value = Decimal(amount.replace(",", "."))
    booking_date = day_of(posted)
    value_date = day_of(available) if available else booking_date
    if not value or booking_date is None or value_date is None:
        return None
    code = " ".join(type_code.split()) or None
    if _is_against(code, value):
        return None
    text = " ".join(memo.split())
    holder = " ".join(name.split())
    return entry_of(
        money_of(value, currency),
        value_date,
        booking_date,
        _BOOKED,
        " ".join(fitid.split()) or None,
        None,
        None,
        None,
        party_of(holder, None, None) if holder else None,
        None,
        (text,) if text else (),
        code,
        None,
        False,
        None,
        None,
        (),
        line,
        account,
        printed,
        codes=_codes(code),
        references=_references({"CHECKNUM": cheque, "REFNUM": refnum}) if cheque or refnum else (),
    )
