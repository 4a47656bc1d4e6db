"""The matching benchmark's JSON lines <-> entries, open items and predictions; lines in, values out, no file opened."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from oimkit.banking.matching.model import ItemType, MatchResult, OpenItem, Terms
from oimkit.banking.statement import Entry, Party
from oimkit.errors import AmountError, InputError, OimkitError
from oimkit.money import Currency, Money

__all__ = ["prediction_rows", "read_open_items", "read_terms", "read_transactions"]

Row = Mapping[str, Any]
"""A parsed line; what its fields hold is checked where they are used."""

_Built = TypeVar("_Built")

_PLAIN = Terms()


def read_transactions(lines: Iterable[str]) -> tuple[Entry, ...]:
    """One Entry a line of transactions.jsonl; ``tx_id`` becomes ``Entry.id``. InputError names the line."""
    return tuple(_read(lines, _entry))


def read_open_items(lines: Iterable[str], *, terms: Terms = _PLAIN) -> tuple[OpenItem, ...]:
    """One OpenItem a line of open_items.jsonl; ``item_id`` becomes ``OpenItem.id``. InputError names the line.

    ``company_amount`` is read where *terms* name the book's base currency.
    """
    base = dict(terms.base_currencies)
    return tuple(_read(lines, lambda row: _item(row, base)))


def read_terms(text: str) -> Terms:
    """Own accounts and base currencies of meta.json (``own_accounts``, ``base_currency``: by book)."""
    try:
        meta = json.loads(text)
        own = [account for accounts in meta.get("own_accounts", {}).values() for account in accounts]
        return Terms.of(own_accounts=own, base_currencies=meta.get("base_currency", {}))
    except (ValueError, AttributeError, TypeError):
        raise InputError(
            "the terms file is not a JSON object with own_accounts and base_currency by book",
            advice="give the meta.json that belongs to the transactions",
        ) from None


def prediction_rows(result: MatchResult) -> Iterator[dict[str, object]]:
    """One JSON object a proposal, in order.

    Fields: tx_id, decision, allocations, adjustments, unallocated, suggestions, reasons, outcome where it was judged,
    linked_tx_id where another transaction belongs to it.
    """
    for proposal in result.proposals:
        row: dict[str, object] = {
            "tx_id": proposal.entry_id,
            "decision": proposal.decision.value,
            "allocations": [
                {"item_id": part.item_id, "amount": part.amount.text, "currency": part.amount.currency.code}
                for part in proposal.allocations
            ],
            "adjustments": [{"kind": part.kind, "amount": part.amount.text} for part in proposal.adjustments],
            "unallocated": proposal.unallocated.text if proposal.unallocated is not None else None,
            "suggestions": [list(suggestion.item_ids) for suggestion in proposal.suggestions],
            "reasons": [{"code": reason.code, "detail": reason.detail} for reason in proposal.reasons],
        }
        if proposal.outcome is not None:
            row["outcome"] = proposal.outcome.value
        if proposal.linked is not None:
            row["linked_tx_id"] = result.proposals[proposal.linked].entry_id
        yield row


def _read(lines: Iterable[str], build: Callable[[Row], _Built]) -> Iterator[_Built]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield build(json.loads(line, parse_float=_no_float))
        except KeyError as error:
            raise InputError(
                f"line {number} has no field {error.args[0]}", advice="give every field of the format"
            ) from None
        except OimkitError as error:
            raise InputError(f"line {number}: {error.reason}", advice="mend this line") from None
        except (ValueError, TypeError, AttributeError):
            raise InputError(f"line {number} is not one JSON object of this format", advice="mend this line") from None


def _no_float(_: str) -> Decimal:
    raise AmountError("a number with decimals stands without quotes; amounts are decimal texts")


def _entry(row: Row) -> Entry:
    currency = row["currency"]
    text = row["remittance_text"]
    end_to_end_id = row["end_to_end_id"]
    return Entry(
        id=row["tx_id"],
        book=row["book"],
        account=row["account_iban"],
        booking_date=date.fromisoformat(row["booking_date"]),
        value_date=date.fromisoformat(row["value_date"]),
        amount=Money(row["amount"], currency),
        counterparty=_party(row["counterparty_name"], row["counterparty_iban"]),
        structured_reference=row["structured_reference"] or None,
        remittance=(text,) if text else (),
        end_to_end_id=None if end_to_end_id in ("NOTPROVIDED", "") else end_to_end_id,
        mandate_id=row["mandate_id"] or None,
        batch_id=row["batch_id"] or None,
        bank_code=row["bank_code"] or None,
        return_reason=row["return_reason"] or None,
        instructed=_money(row["instructed_amount"], row["instructed_currency"]),
        charges=_money(row["charges_amount"], currency),
        reference=row["bank_reference"] or None,
    )


def _party(name: str | None, account: str | None) -> Party | None:
    return Party(name=name or None, account=account or None) if name or account else None


def _item(row: Row, base: Mapping[str, Currency]) -> OpenItem:
    currency = row["currency"]
    own = base.get(row["book"])
    return OpenItem(
        id=row["item_id"],
        book=row["book"],
        type=ItemType(row["item_type"]),
        document_number=row["document_number"] or None,
        partner_document_number=row["partner_document_number"] or None,
        payment_reference=row["payment_reference"] or None,
        partner_id=row["partner_id"],
        partner_name=row["partner_name"] or None,
        customer_number=row["customer_number"] or None,
        partner_accounts=tuple(row["partner_ibans"]),
        issue_date=_day(row["issue_date"]),
        due_date=_day(row["due_date"]),
        amount=Money(row["amount"], currency),
        residual=Money(row["residual"], currency),
        company_amount=_money(row["company_amount"], own.code if own is not None else None),
        discount=_money(row["discount_amount"], currency),
        discount_date=_day(row["discount_date"]),
        end_to_end_id=row["end_to_end_id"] or None,
        mandate_id=row["mandate_id"] or None,
        batch_id=row["batch_id"] or None,
        related_number=row["related_number"] or None,
    )


def _money(amount: str | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else Money(amount, currency)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
