"""A record's values by the type that their field has; a reply that holds another is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from oimkit.errors import BadReply
from oimkit.odoo.codec import Record, Ref

__all__ = ["amount_of", "date_of", "id_of", "ref_of", "text_of"]


def id_of(record: Record) -> int:
    value = record["id"]
    if isinstance(value, int):
        return value
    raise BadReply("a record came without its id")


def ref_of(record: Record, field: str) -> Ref:
    """The record that a field names; it must name one."""
    value = record[field]
    if isinstance(value, Ref):
        return value
    raise BadReply(f"record {record['id']} came without its {field}", advice="check that the user may read it")


def amount_of(record: Record, field: str) -> Decimal:
    value = record[field]
    if isinstance(value, Decimal):
        return value
    raise BadReply(f"record {record['id']} came without a number as {field}")


def date_of(record: Record, field: str) -> date | None:
    value = record[field]
    return value if isinstance(value, date) else None


def text_of(record: Record, field: str) -> str | None:
    """The text without blanks around it, or None where it is empty."""
    value = record[field]
    return value.strip() or None if isinstance(value, str) else None
