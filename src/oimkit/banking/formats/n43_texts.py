"""The concept records (23) of Norma 43: free texts of the banks, and the SEPA layouts of its annex 4."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from oimkit.banking.formats._common import party, party_of, provided
from oimkit.banking.formats.records import Record
from oimkit.banking.statement import Party

__all__ = ["Texts", "read_texts"]


@dataclass(frozen=True, slots=True, repr=False)
class Texts:
    """What the concept records of one movement say; the fields are those of Entry."""

    remittance: tuple[str, ...] = ()
    counterparty: Party | None = None
    ultimate: Party | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    creditor_id: str | None = None
    purpose: str | None = None


_NONE = Texts()

_ALL_FIVE = ["01", "02", "03", "04", "05"]
"""The SEPA layouts fill all five records, blank ones as well."""

_SCHEMES = ("CORE", "COR1", "B2B", "B2B ")

_CREDITOR_ID = re.compile(r"[A-Z]{2}[A-Z0-9]{7,33}", re.ASCII)

_KNOWN = """
ACCT BENE BEXP BONU CASH CHAR COMC CCRD CORT DCRD DIVI ELEC GASB GDDS GOVT HEDG ICCP IDCP INSU INTC INTE LOAN OTHR OTLC
PENS PHON PYRL RENT RINP SALA SCVE SECU SSBE SUPP TAXS TRAD TREA VATX WHLD WTER
"""
_PURPOSES = frozenset(_KNOWN.split())
"""Purposes and category purposes of ISO 20022 that stand in the first columns of record 23-03."""

_NAMED = re.compile(
    r"(?:TRANSFERENC\. (?:DE|A)|TRANSFERENCIA (?:RECIBIDA |EMITIDA |INMEDIATA )?(?:DE|A FAVOR DE|A):"
    r"|(?:NOMBRE DEL )?ORDENANTE(?: DE LA TRANSFERENCIA)?:?|BENEFICIARIO:?) (?P<name>[^\W\d].{2,})",
    re.IGNORECASE,
)
"""The words that banks print before the name of the other side of a transfer."""


def read_texts(records: Sequence[Record], *, credit: bool, transfer: bool) -> Texts:
    """What the records 23 say, in the order they are printed.

    A direct debit in the layout of annex 4 is known by its scheme and creditor identifier; a credit transfer, which
    nothing marks, only where *transfer* holds (common concept 04) and all five records have its form. Elsewhere the
    texts are remittance, one a record, and the counterparty is known only where the bank's own words announce a name.
    """
    if not records:
        return _NONE
    if len(records) == 5 and [record.columns(3, 4) for record in records] == _ALL_FIVE:
        if _is_direct_debit(records):
            return _direct_debit(records)
        if credit and transfer and _is_transfer(records):
            return _transfer(records)
    lines = tuple([text for record in records if (text := record.value(5, 80)) is not None])
    return Texts(remittance=lines, counterparty=_announced(lines))


def _announced(lines: Sequence[str]) -> Party | None:
    """The party whose name stands after the words of a bank that announce it."""
    for line in lines:
        match = _NAMED.fullmatch(line)
        if match is not None:
            return party_of(match["name"], None, None)
    return None


def _is_direct_debit(records: Sequence[Record]) -> bool:
    creditor = records[1].columns(5, 39).strip()
    return records[0].columns(5, 8) in _SCHEMES and bool(_CREDITOR_ID.fullmatch(creditor))


def _direct_debit(records: Sequence[Record]) -> Texts:
    """Scheme and creditor; identifier and mandate; purpose and concept; the concept's rest; reference and debtor."""
    return Texts(
        remittance=_concept(records),
        counterparty=party(records[0].value(9, 78), None, None),
        end_to_end_id=provided(records[4].value(5, 39)),
        mandate_id=provided(records[1].value(40, 74)),
        creditor_id=records[1].value(5, 39),
        purpose=_purpose(records[2]),
    )


def _is_transfer(records: Sequence[Record]) -> bool:
    """A name, a reference without blanks or none, and purposes that ISO 20022 knows or none."""
    purposes = (records[2].columns(5, 8), records[2].columns(9, 12))
    reference = records[1].columns(5, 39).strip()
    return (
        records[0].value(5, 70) is not None
        and " " not in reference
        and all(purpose in _PURPOSES or not purpose.strip() for purpose in purposes)
    )


def _transfer(records: Sequence[Record]) -> Texts:
    """Who orders it and its code; the reference and on whose behalf; purpose and concept; its rest; a free text."""
    own_words = records[4].value(5, 80)
    return Texts(
        remittance=(*_concept(records), own_words) if own_words is not None else _concept(records),
        counterparty=party(records[0].value(5, 70), None, None, identification=records[0].value(71, 80)),
        ultimate=party(records[1].value(40, 80), None, None),
        end_to_end_id=provided(records[1].value(5, 39)),
        purpose=_purpose(records[2]),
    )


def _concept(records: Sequence[Record]) -> tuple[str, ...]:
    """The text that goes on from the third record to the fourth, without a break between them."""
    text = " ".join(f"{records[2].columns(13, 80):68}{records[3].columns(5, 76)}".split())
    return (text,) if text else ()


def _purpose(record: Record) -> str | None:
    return record.value(5, 8)
