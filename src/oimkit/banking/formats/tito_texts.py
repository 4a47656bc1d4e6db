"""Additional information of the Finnish machine-readable statement (T11): what stands below a movement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from oimkit.banking.exact import EXACT, scaled
from oimkit.banking.formats._common import as_currency, clean, iban_or_none, party_of, provided, unless_zeros
from oimkit.banking.formats.records import Record
from oimkit.banking.formats.tito_records import Letters, printed_amount
from oimkit.banking.statement import Exchange, Finding, Party
from oimkit.errors import StatementError
from oimkit.money import Currency, Money

__all__ = ["Texts", "read_texts"]

_REFERENCES = {
    "02": (("asiakasnumero", 9, 18), ("laskun numero", 20, 34), ("laskun pvm", 36, 41)),
    "03": (("kortin numero", 9, 27), ("kaupan arkistoviite", 29, 42)),
    "04": (("korjattava arkistointitunnus", 9, 26),),
    "06": (("toimeksiantajan tieto 1", 9, 43), ("toimeksiantajan tieto 2", 44, 78)),
}
"""Invoice, card, corrected movement, the ordering party's own data: by type of the additional information."""

_RF = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}", re.ASCII)


@dataclass(slots=True, repr=False)
class Texts:
    """What the records T11 of one movement say.

    references   as pairs of name and value, in the standard's words
    structured   an RF creditor reference, which is too long for the movement's own field
    count        movements that a summed one stands for, or None
    """

    messages: list[str] = field(default_factory=list)
    bank_words: list[str] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    structured: str | None = None
    end_to_end_id: str | None = None
    account: str | None = None
    bank_code: str | None = None
    payer_detail: str | None = None
    payee_detail: str | None = None
    name_detail: str | None = None
    purpose: str | None = None
    count: int | None = None
    instructed: Money | None = None
    exchange: Exchange | None = None

    def ultimate(self, credit: bool) -> Party | None:
        """The party behind the other side: of a credit the payer's, of a debit the payee's."""
        return party_of((self.payer_detail if credit else self.payee_detail) or self.name_detail, None, None)


def read_texts(records: Sequence[Record], letters: Letters, amount: Decimal, currency: Currency) -> Texts:
    """The additional information (T11, T81) of a movement of that amount; an unknown type is a finding."""
    texts = Texts()
    for record in records:
        kind = record.columns(7, 8)
        if kind == "00":
            texts.messages.extend(letters.rows(record, 9, 35))
        elif kind == "01":
            texts.count = _count(record)
        elif kind in _REFERENCES:
            _add_references(texts, record, letters, _REFERENCES[kind])
        elif kind == "05":
            _read_exchange(texts, record, amount, currency)
        elif kind == "07":
            texts.bank_words.extend(letters.rows(record, 9, 35))
        elif kind == "08":
            texts.purpose = unless_zeros(record.value(9, 11))
            texts.bank_words.extend(letters.rows(record, 13, 31)[:1])
        elif kind == "09":
            texts.name_detail = letters.value(record, 9, 43)
        elif kind == "11":
            _read_sepa(texts, record, letters)
        else:
            texts.findings.append(
                Finding("record-unknown", "additional information of an unknown type was left out", record.line, "T11")
            )
    return texts


def _add_references(texts: Texts, record: Record, letters: Letters, columns: Sequence[tuple[str, int, int]]) -> None:
    for name, first, last in columns:
        value = unless_zeros(letters.value(record, first, last))
        if value is not None:
            texts.references.append((name, value))


def _read_sepa(texts: Texts, record: Record, letters: Letters) -> None:
    """Type 11, seven fields of a SEPA transfer: reference, account, BIC, both further names, identifier, archive id."""
    reference = letters.value(record, 9, 43)
    if reference is not None and _RF.fullmatch(reference.replace(" ", "")):
        texts.structured = reference
    elif (end_to_end_id := provided(unless_zeros(reference))) is not None:
        texts.end_to_end_id = end_to_end_id
    printed = clean(record.columns(44, 78))
    texts.account = iban_or_none(printed) or printed
    texts.bank_code = clean(record.columns(79, 113))
    texts.payee_detail = letters.value(record, 114, 183)
    texts.payer_detail = letters.value(record, 184, 253)
    _add_references(texts, record, letters, (("tunniste", 254, 288), ("arkistointitunnus", 289, 323)))


def _count(record: Record) -> int | None:
    text = record.columns(9, 16).strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _read_exchange(texts: Texts, record: Record, amount: Decimal, currency: Currency) -> None:
    """Type 05: the amount in the other currency, and the rate where both amounts tell where its decimal point stands.

    Amounts have two decimals; of a currency that has not two, nothing is read.
    """
    other = as_currency(record.columns(29, 31))
    if other is None or other.exponent != 2:
        return
    try:
        foreign = printed_amount(record, 9, "the amount in another currency").copy_abs()
    except StatementError as error:
        texts.findings.append(Finding("field-not-read", error.reason, record.line, error.tag))
        return
    texts.instructed = Money(foreign, other)
    digits = record.columns(33, 43).strip()
    if digits.isascii() and digits.isdigit():
        texts.exchange = _exchange(int(digits), amount.copy_abs(), foreign, currency, other)


def _exchange(rate: int, own: Decimal, foreign: Decimal, currency: Currency, other: Currency) -> Exchange | None:
    """The rate with that decimal point, and in that direction, in which it turns one amount into the other.

    Within half a percent, for charges and rounding; None when no reading does, or more than one.
    """
    if not (rate and own and foreign) or currency == other:
        return None
    with localcontext(EXACT):
        readings = [
            Exchange(scaled(rate, decimals), source, target)
            for decimals in range(12)
            for source, before, target, after in ((currency, own, other, foreign), (other, foreign, currency, own))
            if abs(before * scaled(rate, decimals) - after) * 200 <= after
        ]
    return readings[0] if len(readings) == 1 else None
