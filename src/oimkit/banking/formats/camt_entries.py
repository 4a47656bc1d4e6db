"""One CAMT entry (Ntry) with its transactions (TxDtls): pieces of XML -> Entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.amounts import read_amount
from oimkit.banking.formats._common import (
    NOT_PROVIDED,
    Budget,
    as_currency,
    entry_of,
    money_of,
    party_of,
    provided,
    refused,
    signed,
)
from oimkit.banking.formats.camt_plans import BOOKING_DAY, SIGN, AmountPlaces, PartyPlaces, Plan, Plans
from oimkit.banking.formats.camt_shapes import Piece, Places, pick
from oimkit.banking.statement import Entry, EntryStatus, Exchange, Finding, Party
from oimkit.errors import AmountError
from oimkit.money import Currency, Money

__all__ = ["NO_DAY", "Gathered", "Plans", "iso_day", "read_entry"]

NO_DAY = date.min
"""Stands for a missing value date while a statement is read; never leaves the readers of CAMT."""

_STATUS = {
    "BOOK": EntryStatus.BOOKED,
    "PDNG": EntryStatus.PENDING,
    "FUTR": EntryStatus.PENDING,
    "INFO": EntryStatus.INFORMATION,
}

_NOTHING = NOT_PROVIDED | {"NONREF", "NOTAVAILABLE"}


@dataclass(slots=True)
class Gathered:
    """The entries of one container while it is read, and what was noticed."""

    entries: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


# -- entries --------------------------------------------------------------------------------------------------------


def read_entry(
    piece: Piece, transactions: Sequence[Piece], plans: Plans, gathered: Gathered, budget: Budget
) -> Entry | None:
    """One Ntry; None with a finding when the bank printed no amount.

    Args:
        piece: the entry, with its transaction when it has only one, which then fills the entry.
        transactions: its TxDtls when there are several, in order; they become its details.

    Raises:
        StatementError: its amount, sign or date cannot be read in exactly one way; the file is beyond a limit.
    """
    budget.entry(piece.line)
    plan, values, line = plans.of(piece.shape), (*piece.values, ""), piece.line
    texts = plan.texts.of(values)
    sign = texts[SIGN]
    amount = _amount(values, plan.amount, sign, line, "an entry", budget.format)
    if amount is None:
        gathered.findings.append(Finding("entry-not-read", "an entry has no amount and was left out", line, "Amt"))
        return None
    booking_day, value_day, status, reversal = texts[BOOKING_DAY:]
    booked = _day(booking_day, line, budget.format)
    dated = _Dated(
        _day(value_day, line, budget.format) or booked or NO_DAY,
        booked,
        _status(status, line, gathered),
        sign == "CRDT",
        reversal is not None and reversal in ("true", "1"),
    )
    details = _details(transactions, dated, amount.currency, plans, gathered, budget) if transactions else ()
    return _filled(amount, dated, plan, texts, values, piece, details)


@dataclass(slots=True)
class _Dated:
    """What the transactions of an entry have from it."""

    value_date: date
    booking_date: date | None
    status: EntryStatus
    is_credit: bool
    reversal: bool


def _details(
    transactions: Sequence[Piece],
    dated: _Dated,
    currency: Currency,
    plans: Plans,
    gathered: Gathered,
    budget: Budget,
) -> tuple[Entry, ...]:
    """The transactions of a batch; one without an amount of its own is reported and left out."""
    found: list[Entry] = []
    for piece in transactions:
        budget.entry(piece.line)
        plan, values = plans.of(piece.shape), (*piece.values, "")
        texts = plan.texts.of(values)
        sign = texts[SIGN] or ("CRDT" if dated.is_credit else "DBIT")
        same = tuple(each for each in plan.instructed if each.currency == currency)
        amount = _amount(values, plan.amount or same, sign, piece.line, "a transaction of a batch", budget.format)
        if amount is None:
            gathered.findings.append(
                Finding(
                    "detail-not-read", "a transaction of a batch has no amount and was left out", piece.line, "TxDtls"
                )
            )
            continue
        own = replace(dated, is_credit=sign == "CRDT")
        found.append(_filled(amount, own, plan, texts, values, piece, ()))
    return tuple(found)


def _filled(
    amount: Money,
    dated: _Dated,
    plan: Plan,
    texts: Sequence[str | None],
    values: Sequence[str],
    piece: Piece,
    details: tuple[Entry, ...],
) -> Entry:
    """An entry or a detail from its *texts* and what else *plan* finds in the piece."""
    # fmt: off
    (
        _, reference, end_to_end_id, mandate_id, batch_id, creditor_id, structured, additional, purpose, return_reason,
        *_,
    ) = texts  # in the order of Text
    # fmt: on
    side = plan.debtor if dated.is_credit != dated.reversal else plan.creditor
    counterparty, ultimate = _parties(side, values) if side is not None else (None, None)
    codes = _read_codes(plan, values) if plan.codes else ()
    remittance = _all(values, plan.remittance, structured) if plan.remittance else ()
    if not remittance and additional is not None:
        remittance = (additional,)
    return entry_of(
        amount,
        dated.value_date,
        dated.booking_date,
        dated.status,
        reference,
        _provided(end_to_end_id),
        _provided(mandate_id) if mandate_id is not None else None,
        batch_id,
        counterparty,
        structured,
        remittance,
        codes[0][1] if codes else None,
        return_reason,
        dated.reversal,
        _instructed(values, plan, amount.currency) if plan.instructed or plan.underlying else None,
        _charges(values, plan.charges) if plan.charges else None,
        details,
        piece.line,
        None,
        piece.raw,
        _provided(creditor_id) if creditor_id is not None else None,
        ultimate,
        purpose,
        codes,
        _references(plan, values, (reference, batch_id)) if plan.references else (),
        _exchange(values, plan) if plan.exchange else None,
    )


def _status(code: str | None, line: int, gathered: Gathered) -> EntryStatus:
    """Sts: a text up to version 06, a nested code later; absent means booked, as does a code that nobody defined."""
    if code is None:
        return EntryStatus.BOOKED
    known = _STATUS.get(code)
    if known is not None:
        return known
    gathered.findings.append(
        Finding(
            "status-unknown", "an entry has a status that ISO 20022 does not know; it was taken as booked", line, "Sts"
        )
    )
    return EntryStatus.BOOKED


def _parties(side: PartyPlaces, values: Sequence[str]) -> tuple[Party | None, Party | None]:
    """The payer of a credit, the payee of a debit, and on whose behalf, where the bank prints both.

    The ultimate party stands in for one that is not named. The side is the other one for an entry that reverses an
    earlier movement.
    """
    name, ultimate, account, bank, identification = side.texts.of(values)
    address = _all(values, side.address, None) if side.address else ()
    party = party_of(name or ultimate, account, bank, address, identification)
    behind = party_of(ultimate, None, None) if name is not None and ultimate is not None else None
    return party, behind


def _all(values: Sequence[str], places: Places, without: str | None) -> tuple[str, ...]:
    """The texts at *places*, in order, but for the one that is read as the structured reference."""
    return tuple([text for place in places if (text := values[place]) and text != without])


def _read_codes(plan: Plan, values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """ISO domain-family-subfamily, then the bank's own code under its issuer's name; each once."""
    texts = plan.codes_texts(values)
    known = plan.codes_read.get(texts)
    if known is None:
        known = _made_codes(plan, values)
        if len(plan.codes_read) < _MOST_CODES:
            plan.codes_read[texts] = known
    return known


_MOST_CODES = 1_000
"""Codes of one shape that are remembered; a bank has a few dozen."""


def _made_codes(plan: Plan, values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for scheme, parts in plan.codes:
        if scheme:
            texts = [text for part in parts if (text := pick(values, part)) is not None]
            code = (scheme, "-".join(texts)) if texts else None
        else:
            own = _provided(pick(values, parts[0]))
            code = (pick(values, parts[1]) or "proprietary", own) if own is not None else None
        if code is not None and code not in found:
            found.append(code)
    return tuple(found)


def _references(plan: Plan, values: Sequence[str], without: tuple[str | None, ...]) -> tuple[tuple[str, str], ...]:
    """Every reference but those *without*, under the name of its element."""
    found: list[tuple[str, str]] = []
    for name, named, where in plan.references:
        text = pick(values, where)
        if text is not None and text not in without and _provided(text) is not None:
            found.append((pick(values, named) or name if named else name, text))
    return tuple(found)


# -- values ---------------------------------------------------------------------------------------------------------


def _amount(
    values: Sequence[str],
    places: tuple[AmountPlaces, ...],
    sign: str | None,
    line: int,
    what: str,
    format: str,  # noqa: A002  the field's own word
) -> Money | None:
    """The first amount printed, signed by CdtDbtInd; None when there is none."""
    for place in places:
        text = pick(values, place.text)
        if text is None:
            continue
        currency = place.currency
        if currency is None:
            raise refused(format, f"the amount of {what} has no currency", line, "Ccy")
        if text.startswith(("-", "+")):
            raise refused(format, f"the amount of {what} has a sign, which CdtDbtInd alone may give", line, "Amt")
        if sign not in ("CRDT", "DBIT"):
            raise refused(format, f"{what} is marked as neither credit nor debit", line, "CdtDbtInd")
        try:
            number = _number(text)
        except AmountError as error:
            raise refused(format, f"the amount of {what} cannot be read: {error.reason}", line, "Amt") from None
        return money_of(signed(number, sign == "DBIT"), currency)
    return None


_PLAIN_NUMBER = re.compile(r"[0-9]{1,20}\.[0-9]{1,5}", re.ASCII)


def _number(text: str) -> Decimal:
    """As read_amount has it, without its other cases for nearly every text."""
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else read_amount(text, decimal=".")


def _instructed(values: Sequence[str], plan: Plan, currency: Currency) -> Money | None:
    """The amount before conversion; where the bank names none, that of the only transaction in another *currency*."""
    named = _loose(values, plan.instructed)
    if named is not None or not plan.underlying:
        return named
    own = _loose(values, plan.underlying)
    return own if own is not None and own.amount and own.currency != currency else None


def _loose(values: Sequence[str], places: tuple[AmountPlaces, ...]) -> Money | None:
    """An amount on which nothing hangs: one that cannot be read is absent."""
    for place in places:
        text = pick(values, place.text)
        if text is not None and place.currency is not None:
            try:
                return Money(_number(text), place.currency)
            except AmountError:
                return None
    return None


def _charges(values: Sequence[str], records: tuple[tuple[AmountPlaces, ...], ...]) -> Money | None:
    """What the bank took off (positive) or gave back (negative), of the first of *records* that says something."""
    return next((total for places in records if (total := _charged(values, places)) is not None), None)


def _charged(values: Sequence[str], places: tuple[AmountPlaces, ...]) -> Money | None:
    """The printed total, else the sum of the records; None when one of them cannot be read or currencies differ."""
    total: Money | None = None
    for place in places:
        one = _loose(values, (place,))
        if one is None:
            if pick(values, place.text) is None:
                continue
            return None
        if total is not None and total.currency != one.currency:
            return None
        one = -one if pick(values, place.sign) == "CRDT" else one
        total = one if total is None else total + one
    return total


def _exchange(values: Sequence[str], plan: Plan) -> Exchange | None:
    """The conversion; a rate that is no number is absent, nothing hangs on it."""
    for places in plan.exchange:
        text, source, target = (pick(values, where) for where in places)
        if text is not None and _RATE.fullmatch(text):
            return Exchange(Decimal(text), as_currency(source or ""), as_currency(target or ""))
    return None


_RATE = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)


def _provided(text: str | None) -> str | None:
    return provided(text, _NOTHING)


def _day(text: str | None, line: int, format: str) -> date | None:  # noqa: A002  the field's own word
    """The day of a Dt or DtTm choice as printed; an offset never moves it."""
    day = iso_day(text)
    if day is None and text is not None:
        raise refused(format, "a date is no day of the calendar", line, "Dt")
    return day


_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*|Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII)


@lru_cache(maxsize=4096)
def iso_day(text: str | None) -> date | None:
    """The day of an ISO date or date and time as printed, None when it is no day."""
    match = _DAY.fullmatch(text) if text is not None else None
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None
