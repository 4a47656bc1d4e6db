"""Records as lines of a file: one JSON object a line, or rows of CSV.

| value | JSONL | CSV |
|---|---|---|
| None | null | empty, without quotes |
| text | string | in quotes; harmless for spreadsheets unless told otherwise |
| bool | true, false | true, false |
| int | number | number |
| Decimal | string of decimal digits, no exponent | the same digits, without quotes |
| date | ``2026-01-31`` | ``2026-01-31`` |
| datetime | ``2026-01-31T23:30:00Z`` | ``2026-01-31T23:30:00Z`` |
| Ref | its id; its name in a column ``<field>.name`` where names are asked for | the same |
| RecordRef | ``res.partner,7`` | ``res.partner,7`` |
| tuple of ids | list | ``[1,2]`` in quotes |
| bytes | base64 | base64 |
| Properties, JSON | object; a Decimal within is a string | the same text in quotes |

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return for a formula. Such a
text gets an apostrophe in front; numbers are numbers and stay as they are.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from oimkit.errors import InputError
from oimkit.odoo.codec import Definition, Field, Properties, Record, RecordRef, Ref, Unreadable, Value

__all__ = ["Column", "Form", "cell", "columns_of", "csv_header", "csv_lines", "jsonl_lines", "plain"]

Form = Literal["jsonl", "csv"]

_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: a field, or with ``is_name`` the name of the record that a many2one points to."""

    name: str
    field: str
    is_name: bool = False


def columns_of(fields: Sequence[Field], *, names: bool) -> tuple[Column, ...]:
    """``id``, then each of *fields*, with *names* each many2one followed by its name's column."""
    columns = [Column("id", "id")]
    for field in fields:
        columns.append(Column(field.name, field.name))
        if names and field.type == "many2one":
            columns.append(Column(f"{field.name}.name", field.name, is_name=True))
    return tuple(columns)


def jsonl_lines(columns: Sequence[Column], records: Sequence[Record]) -> bytes:
    """One JSON object a record and line, in UTF-8, keys in the order of *columns*."""
    rows = ({column.name: plain(cell(column, record)) for column in columns} for record in records)
    return "".join(_json(row) + "\n" for row in rows).encode()


def csv_header(columns: Sequence[Column]) -> bytes:
    """The first line of a CSV file."""
    return (",".join(_quoted(column.name) for column in columns) + "\r\n").encode()


def csv_lines(columns: Sequence[Column], records: Sequence[Record], *, guard_formulas: bool) -> bytes:
    """One row a record, RFC 4180: comma, CRLF, UTF-8; see the module for the cells."""
    text = _guarded if guard_formulas else _quoted
    return "".join(
        ",".join(_csv_cell(cell(column, record), text) for column in columns) + "\r\n" for record in records
    ).encode()


def cell(column: Column, record: Record) -> Value:
    """The value of *record* that stands in *column*."""
    value = record[column.field]
    return (value.name if type(value) is Ref else None) if column.is_name else value


def _csv_cell(value: Value, text: Callable[[str], str]) -> str:
    told = plain(value)
    if told is None:
        return ""
    if type(told) is bool:
        return "true" if told else "false"
    if type(told) is int or type(value) is Decimal:
        return str(told)
    if type(told) is str:
        return text(told) if type(value) is str else _quoted(told)
    return _quoted(_json(told))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _guarded(text: str) -> str:
    return _quoted("'" + text if text.startswith(_RISKY) else text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def plain(value: Value) -> Any:
    """*value* as JSON holds it; InputError for a type that no field has."""
    convert = _PLAIN.get(type(value))
    if convert is None:
        raise InputError(f"a value of type {type(value).__name__} has no form in a file", advice="leave the field out")
    return convert(value)


def _itself(value: Any) -> Any:
    return value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _definition(value: Definition) -> dict[str, Any]:
    options = [[key, label] for key, label in value.options]
    return {"name": value.name, "type": value.type, "label": value.label, "options": options}


def _mapping(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(inner) for name, inner in value.items()}


_PLAIN: dict[type, Callable[[Any], Any]] = {
    type(None): _itself,
    bool: _itself,
    int: _itself,
    str: _itself,
    Decimal: lambda value: f"{value:f}",
    date: date.isoformat,
    datetime: _moment,
    Ref: lambda value: value.id,
    RecordRef: lambda value: f"{value.model or ''},{value.id}",
    tuple: lambda value: [plain(inner) for inner in value],
    list: lambda value: [plain(inner) for inner in value],
    dict: _mapping,
    bytes: lambda value: base64.b64encode(value).decode("ascii"),
    Properties: _mapping,
    Unreadable: lambda value: plain(value.wire),
    Definition: _definition,
}
