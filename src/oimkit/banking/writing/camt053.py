"""Statements as ISO 20022 CAMT.053.001.08."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from oimkit.banking.formats._common import iban_or_none
from oimkit.banking.statement import Balance, Entry, EntryStatus, Exchange, Party, Statement
from oimkit.banking.writing.xml_text import element, leaf
from oimkit.money import Money

__all__ = ["write_camt053"]

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"

_STATUS = {EntryStatus.BOOKED: "BOOK", EntryStatus.PENDING: "PDNG", EntryStatus.INFORMATION: "INFO"}

_REFERENCES = (
    *("MsgId", "AcctSvcrRef", "PmtInfId", "InstrId", "EndToEndId", "UETR", "TxId", "MndtId", "ChqNb", "ClrSysRef"),
    *("AcctOwnrTxId", "AcctSvcrTxId", "MktInfrstrctrTxId", "PrcgId"),
)
"""The references of a transaction, in the order of the schema."""

_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_ISO_CODE = re.compile(r"[A-Z0-9]{4}", re.ASCII)
_DOMAIN = re.compile(r"([A-Z]{4})-([A-Z]{4})-([A-Z]{4})", re.ASCII)

_LONGEST_LINE = 140
"""Characters of one Ustrd."""

_OPENING = frozenset({"OPBD", "PRCD", "ITBD"})
_CLOSING = frozenset({"CLBD", "ITBD"})
"""The codes of balances that are the statement's first, or last, one."""


def write_camt053(statements: Iterable[Statement], *, message_id: str, created: datetime) -> bytes:
    """The document of *statements*, in UTF-8; ``write_statements`` checks that it reads back and lists what it lacks.

    Args:
        message_id: GrpHdr/MsgId, at most 35 characters.
        created: the moment of its making, printed as given.
    """
    moment = created.isoformat(timespec="seconds")
    header = element("GrpHdr", leaf("MsgId", message_id), leaf("CreDtTm", moment))
    body = (
        _statement(statement, f"{message_id[:28]}-{place}", moment) for place, statement in enumerate(statements, 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}">'
        f"{element('BkToCstmrStmt', header, body)}</Document>\n"
    ).encode()


def _statement(statement: Statement, identification: str, moment: str) -> str:
    number = statement.number
    sequence = number if number is not None and _NUMBER.fullmatch(number) else None
    page = element(
        "StmtPgntn", leaf("PgNb", _text(statement.page)), leaf("LastPgInd", "false" if statement.continued else "true")
    )
    period = element(
        "FrToDt",
        leaf("FrDtTm", f"{statement.period_start}T00:00:00" if statement.period_start else None),
        leaf("ToDtTm", f"{statement.period_end}T23:59:59" if statement.period_end else None),
    )
    return element(
        "Stmt",
        leaf("Id", statement.reference or identification),
        page if statement.page is not None else "",
        leaf("LglSeqNb", sequence),
        leaf("CreDtTm", moment),
        period,
        _account(statement),
        "\n",
        (f"{_balance(balance)}\n" for balance in _balances(statement)),
        (f"{_entry(entry)}\n" for entry in statement.entries),
        leaf("AddtlStmtInf", statement.remarks[0] if statement.remarks else None),
    )


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _account(statement: Statement) -> str:
    owner = statement.owner
    return element(
        "Acct",
        element("Id", _account_id(statement.account)),
        leaf("Ccy", statement.currency.code),
        element("Ownr", leaf("Nm", owner.name), _address(owner)) if owner is not None else "",
        element("Svcr", element("FinInstnId", _agent_id(owner.bank_code))) if owner is not None else "",
    )


def _account_id(number: str | None) -> str:
    if number is None:
        return ""
    if iban_or_none(number) is not None:
        return leaf("IBAN", number)
    return element("Othr", leaf("Id", number))


def _agent_id(code: str | None) -> str:
    if code is None:
        return ""
    if _BIC.fullmatch(code):
        return leaf("BICFI", code)
    return element("ClrSysMmbId", leaf("MmbId", code))


def _balances(statement: Statement) -> list[Balance]:
    """All balances; opening and closing under a code by which they are told, first where they are not among them."""
    balances, first = list(statement.balances), []
    for end, codes, code in (
        (statement.opening, _OPENING, "ITBD" if statement.continues else "OPBD"),
        (statement.closing, _CLOSING, "ITBD" if statement.continued else "CLBD"),
    ):
        if end is None or (end in balances and end.code in codes):
            continue
        told = Balance(end.amount, end.date, code)
        if end in balances:
            balances[balances.index(end)] = told
        else:
            first.append(told)
    return [*first, *balances]


def _balance(balance: Balance) -> str:
    code = balance.code or "INFO"
    kind = leaf("Cd", code) if _ISO_CODE.fullmatch(code) else leaf("Prtry", code)
    return element(
        "Bal",
        element("Tp", element("CdOrPrtry", kind)),
        _amount("Amt", balance.amount),
        _sign(balance.amount),
        element("Dt", leaf("Dt", balance.date.isoformat() if balance.date is not None else None)),
    )


def _amount(name: str, money: Money | None) -> str:
    """The unsigned amount, digit for digit as it is held."""
    if money is None:
        return ""
    return leaf(name, f"{abs(money.amount):f}", Ccy=money.currency.code)


def _sign(money: Money) -> str:
    return leaf("CdtDbtInd", "DBIT" if money.amount < 0 else "CRDT")


# -- entries --------------------------------------------------------------------------------------------------------


def _entry(entry: Entry) -> str:
    """One Ntry. Without details it has one transaction, which holds what only a transaction can."""
    several = bool(entry.details)
    codes = _packed(entry.codes or _lone_code(entry))
    if several:
        transactions = [_transaction(detail, _packed(detail.codes)[:1]) for detail in entry.details]
    else:
        transactions = [_transaction(entry, codes[1:2], own=False)]
    return element(
        "Ntry",
        _amount("Amt", entry.amount),
        _sign(entry.amount),
        leaf("RvslInd", "true" if entry.reversal else None),
        element("Sts", leaf("Cd", _STATUS[entry.status])),
        element("BookgDt", leaf("Dt", entry.booking_date.isoformat() if entry.booking_date is not None else None)),
        element("ValDt", leaf("Dt", entry.value_date.isoformat())),
        leaf("AcctSvcrRef", entry.reference),
        codes[0] if codes else element("BkTxCd", element("Prtry", leaf("Cd", "NOTPROVIDED"))),
        _amount_details(entry) if several else "",
        _charges(entry.charges),
        element("NtryDtls", element("Btch", leaf("PmtInfId", entry.batch_id)), transactions),
        leaf("AddtlNtryInf", entry.remittance[0] if several and entry.remittance else None),
    )


def _lone_code(entry: Entry) -> tuple[tuple[str, str], ...]:
    return (("proprietary", entry.bank_code),) if entry.bank_code is not None else ()


def _packed(codes: Sequence[tuple[str, str]]) -> list[str]:
    """The codes as BkTxCd elements, in their order; each holds one of ISO 20022 and one of the bank's own."""
    packed: list[list[str]] = []
    for scheme, code in codes:
        domain = _DOMAIN.fullmatch(code) if scheme == "iso20022" else None
        if domain is not None:
            family = element("Fmly", leaf("Cd", domain[2]), leaf("SubFmlyCd", domain[3]))
            packed.append([element("Domn", leaf("Cd", domain[1]), family)])
            continue
        own = element("Prtry", leaf("Cd", code), leaf("Issr", scheme if scheme != "proprietary" else None))
        if packed and packed[-1][0].startswith("<Domn>") and len(packed[-1]) == 1:
            packed[-1].append(own)
        else:
            packed.append([own])
    return [element("BkTxCd", parts) for parts in packed]


def _transaction(entry: Entry, codes: Sequence[str], *, own: bool = True) -> str:
    """One TxDtls; with *own* it has what the transactions of a batch have for themselves."""
    return element(
        "TxDtls",
        _references(entry, own),
        _amount("Amt", entry.amount),
        _sign(entry.amount),
        _amount_details(entry),
        codes,
        _charges(entry.charges) if own else "",
        _parties(entry),
        _agents(entry),
        _purpose(entry.purpose),
        _remittance(entry),
        element("RtrInf", element("Rsn", _reason(entry.return_reason))),
    )


def _references(entry: Entry, own: bool) -> str:
    known = {name: text for name, text in reversed(entry.references) if name in _REFERENCES}
    known |= {
        name: text
        for name, text in (
            ("EndToEndId", entry.end_to_end_id),
            ("MndtId", entry.mandate_id),
            ("AcctSvcrRef", entry.reference if own else None),
            ("PmtInfId", entry.batch_id if own else None),
        )
        if text is not None
    }
    others = (
        element("Prtry", leaf("Tp", name), leaf("Ref", text))
        for name, text in entry.references
        if name not in _REFERENCES
    )
    return element("Refs", (leaf(name, known.get(name)) for name in _REFERENCES), others)


def _amount_details(entry: Entry) -> str:
    exchange = _exchange(entry.exchange)
    if entry.instructed is not None:
        return element("AmtDtls", element("InstdAmt", _amount("Amt", entry.instructed), exchange))
    if not exchange:
        return ""
    return element("AmtDtls", element("TxAmt", _amount("Amt", entry.amount), exchange))


def _exchange(exchange: Exchange | None) -> str:
    if exchange is None:
        return ""
    return element(
        "CcyXchg",
        leaf("SrcCcy", exchange.source.code if exchange.source is not None else None),
        leaf("TrgtCcy", exchange.target.code if exchange.target is not None else None),
        leaf("XchgRate", f"{exchange.rate:f}"),
    )


def _charges(charges: Money | None) -> str:
    if charges is None:
        return ""
    sign = leaf("CdtDbtInd", "CRDT" if charges.amount < 0 else "DBIT")
    return element("Chrgs", element("Rcrd", _amount("Amt", charges), sign))


def _is_debtor(entry: Entry) -> bool:
    """True when the other side is the debtor: of a credit, or of a debit that takes a credit back."""
    return (entry.amount.amount >= 0) != entry.reversal


def _parties(entry: Entry) -> str:
    side = "Dbtr" if _is_debtor(entry) else "Cdtr"
    party = entry.counterparty
    if party is None:
        return ""
    identification = entry.creditor_id if side == "Cdtr" and entry.creditor_id else None
    return element(
        "RltdPties",
        element(side, element("Pty", leaf("Nm", party.name), _address(party), _identification(party, identification))),
        element(f"{side}Acct", element("Id", _account_id(party.account))),
        element(
            f"Ultmt{side}", element("Pty", leaf("Nm", entry.ultimate.name if entry.ultimate is not None else None))
        ),
    )


def _address(party: Party) -> str:
    return element("PstlAdr", (leaf("AdrLine", line) for line in party.address))


def _identification(party: Party, creditor_id: str | None) -> str:
    """The number of a party; as that of a creditor under the scheme SEPA."""
    if creditor_id is not None:
        other = element("Othr", leaf("Id", creditor_id), element("SchmeNm", leaf("Prtry", "SEPA")))
        return element("Id", element("PrvtId", other))
    return element("Id", element("OrgId", element("Othr", leaf("Id", party.identification))))


def _agents(entry: Entry) -> str:
    side = "Dbtr" if _is_debtor(entry) else "Cdtr"
    code = entry.counterparty.bank_code if entry.counterparty is not None else None
    return element("RltdAgts", element(f"{side}Agt", element("FinInstnId", _agent_id(code))))


def _purpose(code: str | None) -> str:
    if code is None:
        return ""
    return element("Purp", leaf("Cd" if _ISO_CODE.fullmatch(code) else "Prtry", code))


def _reason(code: str | None) -> str:
    if code is None:
        return ""
    return leaf("Cd" if _ISO_CODE.fullmatch(code) else "Prtry", code)


def _remittance(entry: Entry) -> str:
    reference = entry.structured_reference
    return element(
        "RmtInf",
        (leaf("Ustrd", piece) for line in entry.remittance for piece in _pieces(line)),
        element("Strd", element("CdtrRefInf", leaf("Ref", reference))) if reference is not None else "",
    )


def _pieces(line: str) -> list[str]:
    """A line cut where the schema's longest ends."""
    return [line[start : start + _LONGEST_LINE] for start in range(0, len(line), _LONGEST_LINE)]
