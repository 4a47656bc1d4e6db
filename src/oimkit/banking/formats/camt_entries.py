"""One CAMT entry (Ntry) with its transactions (TxDtls): pieces of XML -> Entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from operator import itemgetter

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
from oimkit.banking.formats.camt_shapes import Element, Piece, Places, Shape, pick
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


# -- what a shape holds ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _AmountPlaces:
    """An amount with the currency of its tag, None when that is none; where it has a sign of its own, its place."""

    text: Places
    currency: Currency | None
    sign: Places = ()


def _amounts(root: Element, *paths: str) -> tuple[_AmountPlaces, ...]:
    found = (element for path in paths for element in root.all(*path.split("/")))
    return tuple(_amount_places(element) for element in found if element.place >= 0)


def _amount_places(element: Element, sign: Places = ()) -> _AmountPlaces:
    currency = as_currency(element.currency) if element.currency is not None else None
    return _AmountPlaces((element.place,), currency, sign)


def _texts_at(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """The texts at several *places*, two at the least, by one call."""
    return itemgetter(*places)


class _Picks:
    """The first text that is not empty of each of several places, by one call for the first ones."""

    def __init__(self, *wanted: Places) -> None:
        self.first = _texts_at([places[0] if places else -1 for places in wanted])
        self.further = tuple((number, places[1:]) for number, places in enumerate(wanted) if len(places) > 1)

    def of(self, values: Sequence[str]) -> Sequence[str | None]:
        """A text or None for each; *values* are those of the piece with "" at the end."""
        found: list[str | None] = [text or None for text in self.first(values)]
        for number, places in self.further:
            if found[number] is None:
                found[number] = pick(values, places)
        return found


@dataclass(frozen=True, slots=True)
class _PartyPlaces:
    """One side of a transaction: its address, and its name, ultimate, account, bank and identification."""

    texts: _Picks
    address: Places


def _side(root: Element, side: str) -> _PartyPlaces | None:
    """Where the debtor or the creditor stands; None where nothing of it does."""
    parties, agents = f"RltdPties/{side}", f"RltdAgts/{side}Agt/FinInstnId"
    ultimate, account = f"RltdPties/Ultmt{side}", f"RltdPties/{side}Acct/Id"
    texts = (
        root.places(f"{parties}/Nm", f"{parties}/Pty/Nm", f"{parties}/Agt/FinInstnId/Nm"),
        root.places(f"{ultimate}/Nm", f"{ultimate}/Pty/Nm", f"{ultimate}/Agt/FinInstnId/Nm"),
        root.places(f"{account}/IBAN", f"{account}/Othr/Id", f"{account}/BBAN", f"{account}/PrtryAcct/Id"),
        root.places(
            *(f"{agents}/{name}" for name in ("BICFI", "BIC", "ClrSysMmbId/MmbId", "CmbndId/BIC", "Othr/Id")),
            *(f"{parties}/Agt/FinInstnId/{name}" for name in ("BICFI", "BIC")),
        ),
        root.places(
            *(
                f"{parties}{level}/Id/{kind}/{name}"
                for level in ("", "/Pty")
                for kind in ("OrgId", "PrvtId")
                for name in ("Othr/Id", "AnyBIC", "BICOrBEI", "BEI", "PrtryId/Id", "OthrId/Id", "TaxIdNb")
            )
        ),
    )
    address = _address(root, parties) or _address(root, f"{parties}/Pty")
    return _PartyPlaces(_Picks(*texts), address) if address or any(texts) else None


_ADDRESS = (
    *("Dept", "SubDept", "StrtNm", "BldgNb", "BldgNm", "Flr", "PstBx", "Room", "PstCd", "TwnNm", "TwnLctnNm"),
    *("DstrctNm", "CtrySubDvsn"),
)


def _address(root: Element, path: str) -> Places:
    """The lines of an address as printed, else its parts in the order of the standard; the country last."""
    where = f"{path}/PstlAdr"
    return root.places(*(f"{where}/{name}" for name in (*_ADDRESS, "AdrLine", "Ctry")))


_REFERENCES = (
    *("MsgId", "AcctSvcrRef", "PmtInfId", "InstrId", "UETR", "TxId", "ChqNb", "ClrSysRef", "AcctOwnrTxId"),
    *("AcctSvcrTxId", "MktInfrstrctrTxId", "PrcgId"),
)


class _Text(IntEnum):
    """The texts that an entry or a transaction has at most one of."""

    SIGN = 0
    REFERENCE = 1
    END_TO_END_ID = 2
    MANDATE_ID = 3
    BATCH_ID = 4
    CREDITOR_ID = 5
    STRUCTURED = 6
    ADDITIONAL = 7
    PURPOSE = 8
    RETURN_REASON = 9
    BOOKING_DAY = 10
    VALUE_DAY = 11
    STATUS = 12
    REVERSAL = 13


_SIGN, _BOOKING_DAY = int(_Text.SIGN), int(_Text.BOOKING_DAY)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the fields of an entry, or of a transaction, stand; ``texts`` are in the order of _Text.

    underlying   amounts of the only transaction, which may be in another currency than its entry
    codes        every transaction code: its scheme and the places of its parts
    codes_texts  all texts that the codes are made of
    codes_read   the codes that such texts make, which nearly every entry shares with many
    """

    texts: _Picks
    amount: tuple[_AmountPlaces, ...]
    debtor: _PartyPlaces | None
    creditor: _PartyPlaces | None
    remittance: Places
    codes: tuple[tuple[str, tuple[Places, ...]], ...]
    references: tuple[tuple[str, Places, Places], ...]
    instructed: tuple[_AmountPlaces, ...]
    charges: tuple[tuple[_AmountPlaces, ...], ...]
    exchange: tuple[tuple[Places, Places, Places], ...]
    codes_texts: Callable[[Sequence[str]], tuple[str, ...]]
    codes_read: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    underlying: tuple[_AmountPlaces, ...] = ()


def _transaction_plan(root: Element) -> _Plan:
    """The plan of a transaction alone, whose amount is its own."""
    return _plan((root,), _own_amounts(root), _texts_of_transaction(root))


def _own_amounts(transaction: Element) -> tuple[_AmountPlaces, ...]:
    return _amounts(transaction, "Amt", "AmtDtls/TxAmt/Amt")


def _entry_plan(root: Element) -> _Plan:
    """The plan of an entry with its only transaction, where it has one: what either of them says."""
    transactions = [*root.all("TxDtls"), *root.all("NtryDtls", "TxDtls")]
    sources = (*transactions[:1], root)
    texts = _texts_of_transaction(sources[0])
    texts |= {
        _Text.SIGN: root.places("CdtDbtInd"),
        _Text.REFERENCE: (*root.places("AcctSvcrRef"), *texts[_Text.REFERENCE], *root.places("NtryRef")),
        _Text.BATCH_ID: (*root.places("NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId"), *texts[_Text.BATCH_ID]),
        _Text.ADDITIONAL: (*texts[_Text.ADDITIONAL], *root.places("AddtlNtryInf")),
        _Text.RETURN_REASON: (*texts[_Text.RETURN_REASON], *_reasons(root)),
        _Text.BOOKING_DAY: _day_places(root, "BookgDt"),
        _Text.VALUE_DAY: _day_places(root, "ValDt"),
        _Text.STATUS: root.places("Sts", "Sts/Cd", "Sts/Prtry"),
        _Text.REVERSAL: root.places("RvslInd"),
    }
    plan = _plan(sources, _amounts(root, "Amt"), texts)
    return replace(plan, underlying=_own_amounts(sources[0])) if transactions else plan


def _plan(sources: Sequence[Element], amount: tuple[_AmountPlaces, ...], texts: Mapping[_Text, Places]) -> _Plan:
    """The plan of what *sources* say; parties and remittance are the first one's."""
    first, last = sources[0], sources[-1]
    codes = tuple(dict.fromkeys(code for source in reversed(sources) for code in _codes(source)))
    return _Plan(
        texts=_Picks(*[texts.get(text, ()) for text in _Text]),
        amount=amount,
        debtor=_side(first, "Dbtr"),
        creditor=_side(first, "Cdtr"),
        remittance=_remittance(first),
        codes=codes,
        references=(
            *_named_references(first),
            *((("NtryRef", (), last.places("NtryRef")),) if last.name == "Ntry" else ()),
        ),
        instructed=tuple(place for source in sources for place in _amounts(source, "AmtDtls/InstdAmt/Amt")),
        charges=tuple(places for source in reversed(sources) if (places := _charge_places(source))),
        exchange=tuple(found for source in sources if (found := _exchange_places(source))[0]),
        codes_texts=_texts_at((-1, -1, *[place for _, parts in codes for part in parts for place in part])),
    )


def _texts_of_transaction(root: Element) -> dict[_Text, Places]:
    return {
        _Text.SIGN: root.places("CdtDbtInd"),
        _Text.REFERENCE: root.places("Refs/AcctSvcrRef"),
        _Text.END_TO_END_ID: root.places("Refs/EndToEndId"),
        _Text.MANDATE_ID: root.places("Refs/MndtId"),
        _Text.BATCH_ID: root.places("Refs/PmtInfId"),
        _Text.CREDITOR_ID: _creditor_id(root),
        _Text.STRUCTURED: _structured(root),
        _Text.ADDITIONAL: root.places("AddtlTxInf"),
        _Text.PURPOSE: root.places("Purp/Cd", "Purp/Prtry"),
        _Text.RETURN_REASON: _reasons(root),
    }


def _reasons(root: Element) -> Places:
    return root.places(*(f"RtrInf/{name}" for name in _REASONS))


def _exchange_places(root: Element) -> tuple[Places, Places, Places]:
    rate, source, target = (
        root.places(*(f"AmtDtls/{kind}/CcyXchg/{name}" for kind in _KINDS))
        for name in ("XchgRate", "SrcCcy", "TrgtCcy")
    )
    return rate, source, target


_REASONS = ("Rsn/Cd", "Rsn/Prtry", "RtrRsn/Cd", "RtrRsn/Prtry")
_KINDS = ("TxAmt", "InstdAmt", "CntrValAmt", "AnncdPstngAmt", "PrtryAmt")


def _creditor_id(root: Element) -> Places:
    """The identification of a creditor under the scheme SEPA."""
    places: list[int] = []
    for level in ("", "/Pty"):
        for kind in ("PrvtId", "OrgId"):
            for other in root.all(*f"RltdPties/Cdtr{level}/Id/{kind}/Othr".split("/")):
                if other.first("SchmeNm") is not None:
                    places.extend(other.places("Id"))
    return tuple(places)


def _structured(root: Element) -> Places:
    return tuple(
        place
        for information in root.all("RmtInf", "Strd")
        for place in information.places("CdtrRefInf/Ref", "CdtrRefInf/CdtrRef")
    )


_FURTHER = ("RfrdDocInf/Nb", "RfrdDocInf/RfrdDocNb", "AddtlRmtInf")


def _remittance(root: Element) -> Places:
    """The texts of RmtInf in order: what is unstructured, then references, document numbers and notes."""
    places: list[int] = []
    for information in root.all("RmtInf"):
        places.extend(information.places("Ustrd"))
        for structured in information.all("Strd"):
            places.extend(structured.places("CdtrRefInf/Ref", "CdtrRefInf/CdtrRef", *_FURTHER))
    return tuple(places)


def _codes(root: Element) -> tuple[tuple[str, tuple[Places, ...]], ...]:
    """Every transaction code: the scheme, and the places of its parts; an issuer's name is put in when it is read."""
    found: list[tuple[str, tuple[Places, ...]]] = []
    for code in root.all("BkTxCd"):
        domain = code.places("Domn/Cd")
        if domain:
            found.append(("iso20022", (domain, code.places("Domn/Fmly/Cd"), code.places("Domn/Fmly/SubFmlyCd"))))
        own = code.places("Prtry/Cd")
        if own:
            found.append(("", (own, code.places("Prtry/Issr"))))
    return tuple(found)


def _named_references(root: Element) -> tuple[tuple[str, Places, Places], ...]:
    """The name of each reference, where a proprietary one names itself, and where it stands."""
    found: list[tuple[str, Places, Places]] = [(name, (), root.places(f"Refs/{name}")) for name in _REFERENCES]
    found.extend(("Prtry", own.places("Tp"), own.places("Ref")) for own in root.all("Refs", "Prtry"))
    return tuple(reference for reference in found if reference[2])


def _charge_places(root: Element) -> tuple[_AmountPlaces, ...]:
    """The printed total of the charges, else each record; Chrgs is itself the record up to version 02."""
    found: list[_AmountPlaces] = []
    for charges in root.all("Chrgs"):
        total = charges.first("TtlChrgsAndTaxAmt")
        if total is not None and total.place >= 0:
            found.append(_amount_places(total))
            continue
        for record in list(charges.all("Rcrd")) or [charges]:
            amount = record.first("Amt")
            if amount is not None and amount.place >= 0:
                found.append(_amount_places(amount, record.places("CdtDbtInd")))
    return tuple(found)


def _day_places(root: Element, name: str) -> Places:
    return root.places(f"{name}/Dt", f"{name}/DtTm", f"{name}/Dt/Dt", name)


class Plans:
    """Where each field stands in the shapes met in one file."""

    def __init__(self) -> None:
        self._known: dict[Shape, _Plan] = {}

    def of(self, shape: Shape) -> _Plan:
        """Where the fields of an entry or a transaction of this shape stand."""
        known = self._known.get(shape)
        if known is None:
            make = _entry_plan if shape.root.name == "Ntry" else _transaction_plan
            known = self._known[shape] = make(shape.root)
        return known


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
    sign = texts[_SIGN]
    amount = _amount(values, plan.amount, sign, line, "an entry", budget.format)
    if amount is None:
        gathered.findings.append(Finding("entry-not-read", "an entry has no amount and was left out", line, "Amt"))
        return None
    booking_day, value_day, status, reversal = texts[_BOOKING_DAY:]
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
        sign = texts[_SIGN] or ("CRDT" if dated.is_credit else "DBIT")
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
    plan: _Plan,
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
    ) = texts  # in the order of _Text
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


def _parties(side: _PartyPlaces, values: Sequence[str]) -> tuple[Party | None, Party | None]:
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


def _read_codes(plan: _Plan, values: Sequence[str]) -> tuple[tuple[str, str], ...]:
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


def _made_codes(plan: _Plan, values: Sequence[str]) -> tuple[tuple[str, str], ...]:
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


def _references(plan: _Plan, values: Sequence[str], without: tuple[str | None, ...]) -> tuple[tuple[str, str], ...]:
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
    places: tuple[_AmountPlaces, ...],
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


def _instructed(values: Sequence[str], plan: _Plan, currency: Currency) -> Money | None:
    """The amount before conversion; where the bank names none, that of the only transaction in another *currency*."""
    named = _loose(values, plan.instructed)
    if named is not None or not plan.underlying:
        return named
    own = _loose(values, plan.underlying)
    return own if own is not None and own.amount and own.currency != currency else None


def _loose(values: Sequence[str], places: tuple[_AmountPlaces, ...]) -> Money | None:
    """An amount on which nothing hangs: one that cannot be read is absent."""
    for place in places:
        text = pick(values, place.text)
        if text is not None and place.currency is not None:
            try:
                return Money(_number(text), place.currency)
            except AmountError:
                return None
    return None


def _charges(values: Sequence[str], records: tuple[tuple[_AmountPlaces, ...], ...]) -> Money | None:
    """What the bank took off (positive) or gave back (negative), of the first of *records* that says something."""
    return next((total for places in records if (total := _charged(values, places)) is not None), None)


def _charged(values: Sequence[str], places: tuple[_AmountPlaces, ...]) -> Money | None:
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


def _exchange(values: Sequence[str], plan: _Plan) -> Exchange | None:
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
