"""Statements as plain dictionaries: the rows that ``oimkit statement read --json`` prints."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from oimkit.banking.statement import Balance, Entry, Finding, Statement
from oimkit.money import Money

__all__ = ["Row", "entry_row", "statement_row"]

Row: TypeAlias = dict[str, object]
"""Only None, bool, str, int, lists of these and rows: ready for json.dumps."""


def statement_row(statement: Statement, file: str) -> Row:
    """The row of one statement of *file*: amounts as decimal texts, dates as ISO 8601, absent values as None."""
    opening, closing = statement.opening, statement.closing
    return {
        "file": file,
        "format": statement.format,
        "account": statement.account,
        "currency": statement.currency.code,
        "opening": _balance(opening),
        "closing": _balance(closing),
        "opening_date": _day(opening.date) if opening is not None else None,
        "closing_date": _day(closing.date) if closing is not None else None,
        "balanced": statement.balanced,
        "reference": statement.reference,
        "number": statement.number,
        "page": statement.page,
        "continues": statement.continues,
        "continued": statement.continued,
        "owner_name": statement.owner.name if statement.owner is not None else None,
        "bank": statement.owner.bank_code if statement.owner is not None else None,
        "owner_address": list(statement.owner.address) if statement.owner is not None else [],
        "period_start": _day(statement.period_start),
        "period_end": _day(statement.period_end),
        "balances": [_balance_row(balance) for balance in statement.balances],
        "remarks": list(statement.remarks),
        "member": statement.member,
        "findings": [_finding(finding) for finding in statement.findings],
        "entries": [entry_row(entry) for entry in statement.entries],
    }


def entry_row(entry: Entry) -> Row:
    """The row of one entry; the transactions of a batch stand in ``details`` with the same keys."""
    counterparty = entry.counterparty
    return {
        "booking_date": _day(entry.booking_date),
        "value_date": _day(entry.value_date),
        "amount": entry.amount.text,
        "currency": entry.amount.currency.code,
        "status": entry.status.value,
        "reference": entry.reference,
        "end_to_end_id": entry.end_to_end_id,
        "mandate_id": entry.mandate_id,
        "batch_id": entry.batch_id,
        "creditor_id": entry.creditor_id,
        "counterparty_name": counterparty.name if counterparty is not None else None,
        "counterparty_account": counterparty.account if counterparty is not None else None,
        "counterparty_bank": counterparty.bank_code if counterparty is not None else None,
        "counterparty_address": list(counterparty.address) if counterparty is not None else [],
        "counterparty_identification": counterparty.identification if counterparty is not None else None,
        "ultimate_name": entry.ultimate.name if entry.ultimate is not None else None,
        "structured_reference": entry.structured_reference,
        "remittance": list(entry.remittance),
        "purpose": entry.purpose,
        "bank_code": entry.bank_code,
        "codes": [list(pair) for pair in entry.codes],
        "references": [list(pair) for pair in entry.references],
        "return_reason": entry.return_reason,
        "reversal": entry.reversal,
        "instructed_amount": _amount(entry.instructed),
        "instructed_currency": entry.instructed.currency.code if entry.instructed is not None else None,
        "charges_amount": _amount(entry.charges),
        "exchange_rate": str(entry.exchange.rate) if entry.exchange is not None else None,
        "details": [entry_row(detail) for detail in entry.details],
    }


def _balance_row(balance: Balance) -> Row:
    return {
        "code": balance.code,
        "amount": balance.amount.text,
        "currency": balance.amount.currency.code,
        "date": _day(balance.date),
    }


def _finding(finding: Finding) -> Row:
    return {"code": finding.code, "reason": finding.reason, "line": finding.line, "tag": finding.tag}


def _amount(money: Money | None) -> str | None:
    return money.text if money is not None else None


def _balance(balance: Balance | None) -> str | None:
    return balance.amount.text if balance is not None else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
