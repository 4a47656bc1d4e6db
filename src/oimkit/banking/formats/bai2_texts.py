"""The texts of BAI2 transactions: labels that banks print in them, read into the fields of Entry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oimkit.banking.formats._common import NOT_PROVIDED, clean, party_of, provided
from oimkit.banking.statement import Party

__all__ = ["Texts", "read_texts"]


@dataclass(frozen=True, slots=True, repr=False)
class Texts:
    """What the text of one transaction says; the fields are those of Entry."""

    remittance: tuple[str, ...] = ()
    counterparty: Party | None = None
    end_to_end_id: str | None = None
    references: tuple[tuple[str, str], ...] = ()


_NONE = Texts()

_NOTHING = NOT_PROVIDED | {"NONREF", "NONE"}


@dataclass(frozen=True, slots=True)
class _Dialect:
    """Labels of one bank's texts: which is its mark, who is on the other side, what was written to us.

    account   the account of that party, where this label follows the party's own directly
    received  type codes for which the party holds; None for all. A company's own collections name itself.
    """

    mark: str
    labels: tuple[str, ...]
    payer: str | None = None
    payee: str | None = None
    account: str | None = None
    message: str | None = None
    references: Mapping[str, str] = field(default_factory=dict)
    received: frozenset[str] | None = None
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        longest_first = sorted(self.labels, key=len, reverse=True)
        pattern = r"(?:(?<=[\s/])|\A)(" + "|".join(re.escape(label) for label in longest_first) + ")"
        object.__setattr__(self, "pattern", re.compile(pattern))


_ACH_RECEIVED = frozenset({"142", "164", "165", "169", "451", "455", "464", "469"})

_DIALECTS = (
    _Dialect(  # J.P. Morgan, ACH: the fields of the NACHA batch header and entry
        mark="ORIG CO NAME:",
        labels=(
            "ORIG CO NAME:",
            "ORIG ID:",
            "DESC DATE:",
            "CO ENTRY DESCR:",
            "SEC:",
            "TRACE#:",
            "EED:",
            "IND ID:",
            "IND NAME:",
            "TRN:",
        ),
        payer="ORIG CO NAME:",
        payee="ORIG CO NAME:",
        references={"TRACE#:": "TRACE#", "IND ID:": "IND ID", "ORIG ID:": "ORIG ID", "TRN:": "TRN"},
        received=_ACH_RECEIVED,
    ),
    _Dialect(  # Bank of America, wires
        mark="WIRE TYPE:",
        labels=(
            "WIRE TYPE:",
            "DATE:",
            "TIME:",
            "TRN:",
            "SEQ:",
            "SERVICE REF:",
            "RELATED REF:",
            "ORIG:",
            "ID:",
            "SND BK:",
            "BNF:",
            "BNF BK:",
            "PMT DET:",
        ),
        payer="ORIG:",
        payee="BNF:",
        account="ID:",
        message="PMT DET:",
        references={"TRN:": "TRN", "SERVICE REF:": "SERVICE REF", "RELATED REF:": "RELATED REF"},
    ),
    _Dialect(  # Wells Fargo and others, wires: the tags of Fedwire
        mark="ORG=",
        labels=("ORG=", "SRF#", "TRN#", "RFB#", "RFB=", "OBI=", "BNF=", "BBI=", "OGB=", "BBK=", "SSN="),
        payer="ORG=",
        payee="BNF=",
        message="OBI=",
        references={"SRF#": "SRF", "TRN#": "TRN", "RFB#": "RFB", "RFB=": "RFB", "SSN=": "SSN"},
    ),
    _Dialect(  # J.P. Morgan, wires
        mark="B/O:",
        labels=(
            "VIA:",
            "B/O:",
            "REF:",
            "SSN:",
            "TRN:",
            "IMAD:",
            "BNF=",
            "RFB=",
            "OBI=",
            "BBI=",
            "A/C:",
            "BEN:",
            "ORG=",
        ),
        payer="B/O:",
        message="OBI=",
        references={"IMAD:": "IMAD", "TRN:": "TRN", "RFB=": "RFB", "SSN:": "SSN"},
    ),
)

_LABELLED_LINE = re.compile(r"([A-Z]{4}): ?(.*)", re.ASCII | re.DOTALL)
"""One label a line: Goldman Sachs Transaction Banking."""

_LINES = frozenset(
    {"EREF", "CREF", "REMI", "CRNM", "DBNM", "CACT", "DACT", "CABA", "DABA", "CBIC", "DBIC", "CHKN", "IDNM"}
)

_BEFORE_DES = re.compile(r"(.{1,60}?)\s+DES:(?=.*\s(?:ID|INDN):)", re.DOTALL)
"""Bank of America, ACH: the company's name stands before DES:, ID: and INDN:."""


def read_texts(lines: Sequence[str], *, credit: bool, code: str) -> Texts:
    """What the lines of a text say: labels of known dialects become fields, and every text stays in remittance.

    credit  whether the other side is the payer
    code    the type code of the transaction
    """
    if not lines:
        return _NONE
    if any(match[1] in _LINES for line in lines if (match := _LABELLED_LINE.match(line)) is not None):
        return _by_lines(lines, credit)
    text = " ".join(lines)
    for dialect in _DIALECTS:
        if dialect.mark in text:
            return _by_labels(lines, text, dialect, credit, code)
    match = _BEFORE_DES.match(text) if code in _ACH_RECEIVED else None
    return Texts(tuple(lines), party_of(clean(match[1]), None, None) if match is not None else None)


def _by_labels(lines: Sequence[str], text: str, dialect: _Dialect, credit: bool, code: str) -> Texts:
    """The labels within one text; each value ends where the next label begins. A label's first value counts."""
    found: dict[str, str] = {}
    parts = dialect.pattern.split(text)  # what stands above the first label, then label and value in turn
    other = dialect.payer if credit else dialect.payee
    account: str | None = None
    before = ""
    for label, printed in zip(parts[1::2], parts[2::2], strict=True):
        value = " ".join(printed.rstrip(" /").split())
        if value and label == dialect.account and before == other and account is None:
            account = value
        if value and label not in found:
            found[label] = value
        before = label
    named = found.get(other) if other is not None else None
    if dialect.received is not None and code not in dialect.received:
        named = None
    references = [(name, found[label]) for label, name in dialect.references.items() if label in found]
    return Texts(
        remittance=_first(found.get(dialect.message or ""), lines),
        counterparty=party_of(named, account if named is not None else None, None),
        references=tuple(references),
    )


def _by_lines(lines: Sequence[str], credit: bool) -> Texts:
    """One label a line: the end-to-end id, the clearing's reference, cheque and person, both sides, the message."""
    labels: dict[str, str] = {}
    plain: list[str] = []
    for line in lines:
        match = _LABELLED_LINE.match(line)
        if match is None or match[1] not in _LINES:
            plain.append(line)
        elif (value := clean(match[2])) is not None:
            labels.setdefault(match[1], value)
    side = "D" if credit else "C"
    name = labels.get("DBNM" if credit else "CRNM")
    clearing = labels.get(f"{side}ABA", "")
    bank = labels.get(f"{side}BIC") or (clearing if clearing.strip("0") else None)
    cheque = "ChqNb" if labels.get("CHKN", "").isdigit() else "CHKN"
    references = (("ClrSysRef", "CREF"), (cheque, "CHKN"), ("IDNM", "IDNM"))
    return Texts(
        remittance=_first(labels.get("REMI"), plain),
        counterparty=party_of(name, labels.get(f"{side}ACT"), bank),
        end_to_end_id=provided(labels.get("EREF"), _NOTHING),
        references=tuple([(named, labels[label]) for named, label in references if label in labels]),
    )


def _first(message: str | None, lines: Sequence[str]) -> tuple[str, ...]:
    """What was written to us, then the bank's text."""
    return (message, *lines) if message is not None else tuple(lines)
