"""Where the parts of an entry stand in its shape: worked out once for all entries that are alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from operator import itemgetter

from oimkit.banking.formats._common import (
    as_currency,
)
from oimkit.banking.formats.camt_shapes import Element, Places, Shape, pick
from oimkit.money import Currency

__all__ = ["BOOKING_DAY", "SIGN", "AmountPlaces", "PartyPlaces", "Plan", "Plans", "Text"]


@dataclass(frozen=True, slots=True)
class AmountPlaces:
    """An amount with the currency of its tag, None when that is none; where it has a sign of its own, its place."""

    text: Places
    currency: Currency | None
    sign: Places = ()


def _amounts(root: Element, *paths: str) -> tuple[AmountPlaces, ...]:
    found = (element for path in paths for element in root.all(*path.split("/")))
    return tuple(_amount_places(element) for element in found if element.place >= 0)


def _amount_places(element: Element, sign: Places = ()) -> AmountPlaces:
    currency = as_currency(element.currency) if element.currency is not None else None
    return AmountPlaces((element.place,), currency, sign)


def _texts_at(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """The texts at several *places*, two at the least, by one call."""
    return itemgetter(*places)


class Picks:
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
class PartyPlaces:
    """One side of a transaction: its address, and its name, ultimate, account, bank and identification."""

    texts: Picks
    address: Places


def _side(root: Element, side: str) -> PartyPlaces | None:
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
    return PartyPlaces(Picks(*texts), address) if address or any(texts) else None


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


class Text(IntEnum):
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


SIGN, BOOKING_DAY = int(Text.SIGN), int(Text.BOOKING_DAY)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the fields of an entry, or of a transaction, stand; ``texts`` are in the order of Text.

    underlying   amounts of the only transaction, which may be in another currency than its entry
    codes        every transaction code: its scheme and the places of its parts
    codes_texts  all texts that the codes are made of
    codes_read   the codes that such texts make, which nearly every entry shares with many
    """

    texts: Picks
    amount: tuple[AmountPlaces, ...]
    debtor: PartyPlaces | None
    creditor: PartyPlaces | None
    remittance: Places
    codes: tuple[tuple[str, tuple[Places, ...]], ...]
    references: tuple[tuple[str, Places, Places], ...]
    instructed: tuple[AmountPlaces, ...]
    charges: tuple[tuple[AmountPlaces, ...], ...]
    exchange: tuple[tuple[Places, Places, Places], ...]
    codes_texts: Callable[[Sequence[str]], tuple[str, ...]]
    codes_read: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    underlying: tuple[AmountPlaces, ...] = ()


def _transaction_plan(root: Element) -> Plan:
    """The plan of a transaction alone, whose amount is its own."""
    return _plan((root,), _own_amounts(root), _texts_of_transaction(root))


def _own_amounts(transaction: Element) -> tuple[AmountPlaces, ...]:
    return _amounts(transaction, "Amt", "AmtDtls/TxAmt/Amt")


def _entry_plan(root: Element) -> Plan:
    """The plan of an entry with its only transaction, where it has one: what either of them says."""
    transactions = [*root.all("TxDtls"), *root.all("NtryDtls", "TxDtls")]
    sources = (*transactions[:1], root)
    texts = _texts_of_transaction(sources[0])
    texts |= {
        Text.SIGN: root.places("CdtDbtInd"),
        Text.REFERENCE: (*root.places("AcctSvcrRef"), *texts[Text.REFERENCE], *root.places("NtryRef")),
        Text.BATCH_ID: (*root.places("NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId"), *texts[Text.BATCH_ID]),
        Text.ADDITIONAL: (*texts[Text.ADDITIONAL], *root.places("AddtlNtryInf")),
        Text.RETURN_REASON: (*texts[Text.RETURN_REASON], *_reasons(root)),
        Text.BOOKING_DAY: _day_places(root, "BookgDt"),
        Text.VALUE_DAY: _day_places(root, "ValDt"),
        Text.STATUS: root.places("Sts", "Sts/Cd", "Sts/Prtry"),
        Text.REVERSAL: root.places("RvslInd"),
    }
    plan = _plan(sources, _amounts(root, "Amt"), texts)
    return replace(plan, underlying=_own_amounts(sources[0])) if transactions else plan


def _plan(sources: Sequence[Element], amount: tuple[AmountPlaces, ...], texts: Mapping[Text, Places]) -> Plan:
    """The plan of what *sources* say; parties and remittance are the first one's."""
    first, last = sources[0], sources[-1]
    codes = tuple(dict.fromkeys(code for source in reversed(sources) for code in _codes(source)))
    return Plan(
        texts=Picks(*[texts.get(text, ()) for text in Text]),
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


def _texts_of_transaction(root: Element) -> dict[Text, Places]:
    return {
        Text.SIGN: root.places("CdtDbtInd"),
        Text.REFERENCE: root.places("Refs/AcctSvcrRef"),
        Text.END_TO_END_ID: root.places("Refs/EndToEndId"),
        Text.MANDATE_ID: root.places("Refs/MndtId"),
        Text.BATCH_ID: root.places("Refs/PmtInfId"),
        Text.CREDITOR_ID: _creditor_id(root),
        Text.STRUCTURED: _structured(root),
        Text.ADDITIONAL: root.places("AddtlTxInf"),
        Text.PURPOSE: root.places("Purp/Cd", "Purp/Prtry"),
        Text.RETURN_REASON: _reasons(root),
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


def _charge_places(root: Element) -> tuple[AmountPlaces, ...]:
    """The printed total of the charges, else each record; Chrgs is itself the record up to version 02."""
    found: list[AmountPlaces] = []
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
        self._known: dict[Shape, Plan] = {}

    def of(self, shape: Shape) -> Plan:
        """Where the fields of an entry or a transaction of this shape stand."""
        known = self._known.get(shape)
        if known is None:
            make = _entry_plan if shape.root.name == "Ntry" else _transaction_plan
            known = self._known[shape] = make(shape.root)
        return known
