"""What the records 05 of CFONB 120 tell about a movement, qualifier by qualifier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from oimkit.banking.exact import scaled
from oimkit.banking.formats._common import NOT_PROVIDED, as_currency, clean, iban_or_none, party, provided
from oimkit.banking.formats.conversion import exchange_by_amounts
from oimkit.banking.statement import Exchange, Party
from oimkit.money import Money

__all__ = ["Details", "details_of"]


@dataclass(slots=True)
class Details:
    """The fields of ``Entry`` that records 05 fill; references are (qualifier or ISO 20022 word, value)."""

    remittance: list[str] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    counterparty: Party | None = None
    ultimate: Party | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    creditor_id: str | None = None
    structured_reference: str | None = None
    purpose: str | None = None
    return_reason: str | None = None
    instructed: Money | None = None
    charges: Money | None = None
    exchange: Exchange | None = None


def details_of(records: Sequence[str], amount: Money, *, is_returned: bool) -> Details:
    """What the records 05 below a movement of *amount* tell.

    The counterparty of a credit is the payer (NPY), that of a debit the payee (NBE), the other way round for a payment
    that comes back; where a bank prints only one of the two, it is the other side.

    Source: CFONB, évolutions du relevé de compte 120 caractères (virements August 2007, prélèvements SEPA).
    """
    details = Details()
    if not records:
        return details
    said = _Said(records)
    if said.has(_REFERENCES):
        _read_references(details, said)
    if said.has(_AMOUNTS):
        _read_amounts(details, said, amount)
    if said.has(_PARTIES):
        is_returned = is_returned or details.return_reason is not None
        _read_parties(details, said, of_credit=(amount.amount > 0) != is_returned)
    _read_texts(details, said)
    details.references += said.left()
    return details


class _Said:
    """The 70 characters of each record, by qualifier, in file order; each is taken once, what is left is kept."""

    __slots__ = ("_texts",)

    def __init__(self, records: Sequence[str]) -> None:
        self._texts: dict[str, list[str]] = {}
        for record in records:
            text = record[48:118]
            if text and not text.isspace():
                self._texts.setdefault(record[45:48], []).append(text)

    def has(self, qualifiers: frozenset[str]) -> bool:
        """True when a record has one of *qualifiers*."""
        return not qualifiers.isdisjoint(self._texts)

    def take(self, qualifier: str) -> str | None:
        """The first text of *qualifier*."""
        texts = self._texts.get(qualifier)
        return texts.pop(0) if texts else None

    def take_all(self, qualifier: str) -> list[str]:
        """Every text of *qualifier*."""
        return self._texts.pop(qualifier, [])

    def left(self) -> list[tuple[str, str]]:
        """What nobody took, cleaned."""
        return [
            (" ".join(name.split()) or "05", " ".join(text.split()))
            for name, texts in self._texts.items()
            for text in texts
        ]


# -- references and amounts ----------------------------------------------------------------------------------------

_REFERENCES = frozenset({"RCN", "RUM", "LCS", "RET"})
_AMOUNTS = frozenset({"MMO", "FEE"})
_PARTIES = frozenset({"NPY", "NBE", "IPY", "IBE", "CBE", "BDB", "NPO", "NBU"})
_NOTHING = NOT_PROVIDED | {"NONREF", "NON RENSEIGNE"}
_ISO_REASON = re.compile(r"[A-Z]{2}[0-9]{2}", re.ASCII)
_CREDITOR_ID = re.compile(r"[A-Z]{2}[0-9]{2}ZZZ[A-Z0-9]{1,28}", re.ASCII)


def _read_references(details: Details, said: _Said) -> None:
    """RCN end-to-end id and purpose, RUM mandate, IBE creditor, LCS structured reference, RET reason of a return."""
    client, mandate = said.take("RCN"), said.take("RUM")
    if client is not None:
        details.end_to_end_id = provided(clean(client[:35]), _NOTHING)
        details.purpose = clean(client[35:70])
    if mandate is not None:
        details.mandate_id = provided(clean(mandate[:35]), _NOTHING)
        sequence = clean(mandate[35:70])
        if sequence is not None:
            details.references.append(("SeqTp", sequence))
    structured = said.take("LCS")
    if structured is not None:
        details.structured_reference = clean(structured[:35])
        details.remittance += [line for line in (clean(structured[35:]),) if line is not None]
    returned = said.take("RET")
    if returned is not None:
        details.return_reason = returned[:4] if _ISO_REASON.fullmatch(returned[:4]) else None
        details.references.append(("RET", " ".join(returned.split())))


def _read_amounts(details: Details, said: _Said, amount: Money) -> None:
    """MMO: currency, decimals and 14 digits of the original amount, decimals and 11 digits of the rate; FEE: charges.

    Nothing hangs on either, so that one which cannot be read stays among the references.
    """
    original = said.take("MMO")
    if original is not None:
        details.instructed = _money(original)
        if details.instructed is None:
            details.references.append(("MMO", " ".join(original.split())))
        else:
            details.exchange = exchange_by_amounts(
                _scaled(original[18:19], original[19:30]), details.instructed, amount
            )
    fee = said.take("FEE")
    if fee is not None:
        details.charges = _money(fee)
        if details.charges is None:
            details.references.append(("FEE", " ".join(fee.split())))


def _money(text: str) -> Money | None:
    """Three letters of currency, one digit of decimals, fourteen digits."""
    currency, amount = as_currency(text[:3]), _scaled(text[3:4], text[4:18])
    return Money(amount, currency) if currency is not None and amount is not None else None


def _scaled(decimals: str, digits: str) -> Decimal | None:
    """The number of *digits*, so many of them *decimals*; None when one of them is no number, or all are zero."""
    digits = digits.strip()
    if not (decimals.isascii() and decimals.isdigit() and digits.isascii() and digits.isdigit() and digits.strip("0")):
        return None
    return scaled(digits, int(decimals))


# -- parties -------------------------------------------------------------------------------------------------------


def _read_parties(details: Details, said: _Said, *, of_credit: bool) -> None:
    """Payer (NPY, IPY), payee (NBE, IBE, account CBE, bank BDB), and on whose behalf (NPO, NBU)."""
    payer, payee = clean(said.take("NPY")), clean(said.take("NBE"))
    payer_id, payee_id = clean((said.take("IPY") or "")[:35]), clean((said.take("IBE") or "")[:35])
    account, bank = clean(said.take("CBE")), clean(said.take("BDB"))
    if payee_id is not None and (details.mandate_id is not None or _CREDITOR_ID.fullmatch(payee_id)):
        details.creditor_id, payee_id = payee_id, None
    for_payer, for_payee = clean(said.take("NPO")), clean(said.take("NBU"))
    if of_credit:
        details.counterparty = party(payer or payee, None, None, (), payer_id)
        own = [("NBE", payee if payer else None), ("IBE", payee_id), ("CBE", account), ("BDB", bank)]
    else:
        details.counterparty = party(payee or payer, account and (iban_or_none(account) or account), bank, (), payee_id)
        own = [("NPY", payer if payee else None), ("IPY", payer_id)]
    details.references += [(name, value) for name, value in own if value is not None]
    other, mine = (for_payer, ("UltmtCdtr", for_payee)) if of_credit else (for_payee, ("UltmtDbtr", for_payer))
    details.ultimate = party(other, None, None)
    if mine[1] is not None:
        details.references.append((mine[0], mine[1]))


# -- texts ---------------------------------------------------------------------------------------------------------


def _read_texts(details: Details, said: _Said) -> None:
    """LIB, LEM and records without a qualifier line by line; LCC and LC2, two halves of the payer's text, as one."""
    for qualifier in ("LIB", "LEM", "   "):
        details.remittance += [" ".join(text.split()) for text in said.take_all(qualifier)]
    halves = said.take_all("LCC") + said.take_all("LC2")
    if halves:
        details.remittance.append(" ".join("".join([half.ljust(70) for half in halves]).split()))
