"""Records as a table of pandas or polars, where these are installed (extras ``pandas`` and ``polars``).

| field | pandas | polars |
|---|---|---|
| ``id``, integer | Int64 | Int64 |
| boolean | boolean | Boolean |
| float, monetary | object: Decimal | Decimal(38, as many places as the value with most has) |
| char, text, html, selection | string | String |
| date | object: date | Date |
| datetime | datetime64[us, UTC] | Datetime(us, UTC) |
| many2one | Int64, with ``names`` also ``<field>.name`` as string | Int64, String |
| one2many, many2many | object: tuple of ids | List(Int64) |
| binary | object: bytes | Binary |
| reference | string: ``res.partner,7`` | String |
| anything else | object: the value | String: JSON |

No number passes through a float. What is empty is missing (``NA``, ``None``, ``null``), never 0 or an empty text.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oimkit.errors import ConfigurationError, InputError
from oimkit.odoo.codec import Field, Value, Wire
from oimkit.odoo.lines import Column, cell, columns_of, plain
from oimkit.odoo.reading import BATCH, Columns

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["to_pandas", "to_polars"]

_TEXTS = ("char", "text", "html", "selection")


def to_pandas(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    fields: Sequence[str],
    *,
    names: bool = False,
    active_test: bool | None = None,
    batch: int = BATCH,
) -> Any:
    """A pandas.DataFrame of the records that fit *domain*, in the order of ids; the arguments are those of ``export``.

    Raises ConfigurationError when pandas is not installed; else as ``Odoo.pages``.
    """
    pandas = _library("pandas")
    columns = _columns(odoo, model, domain, fields, names=names, active_test=active_test, batch=batch)
    return pandas.DataFrame({name: _pandas_series(pandas, kind, values) for name, kind, values in columns})


def to_polars(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    fields: Sequence[str],
    *,
    names: bool = False,
    active_test: bool | None = None,
    batch: int = BATCH,
) -> Any:
    """A polars.DataFrame of the records that fit *domain*, in the order of ids; the arguments are those of ``export``.

    Raises ConfigurationError when polars is not installed; InputError when a column of amounts needs more than 38
    digits; else as ``Odoo.pages``.
    """
    polars = _library("polars")
    columns = _columns(odoo, model, domain, fields, names=names, active_test=active_test, batch=batch)
    return polars.DataFrame([_polars_series(polars, name, kind, values) for name, kind, values in columns])


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ConfigurationError(f"{name} is not installed", advice=f"pip install 'oimkit[{name}]'") from None


def _columns(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    fields: Sequence[str],
    *,
    names: bool,
    active_test: bool | None,
    batch: int,
) -> list[tuple[str, str, list[Value]]]:
    """(name, kind, values) of each column of the table; a kind is a field's type, or ``id`` or ``name``."""
    wanted = Columns.of(odoo.schema, model, fields).wanted
    kinds = {field.name: field for field in wanted}
    columns = columns_of(wanted, names=names)
    values: list[list[Value]] = [[] for _ in columns]
    pages = odoo.pages(model, domain, fields, batch=batch, load_names=names, active_test=active_test)
    for page in pages:
        for column, into in zip(columns, values, strict=True):
            into.extend(cell(column, record) for record in page)
    return [(column.name, _kind(column, kinds), into) for column, into in zip(columns, values, strict=True)]


def _kind(column: Column, fields: dict[str, Field]) -> str:
    if column.is_name:
        return "char"
    return "integer" if column.field == "id" else fields[column.field].type


def _pandas_series(pandas: Any, kind: str, values: list[Value]) -> Any:
    if kind in ("integer", "many2one"):
        return pandas.Series([plain(value) for value in values], dtype="Int64")
    if kind == "boolean":
        return pandas.Series(values, dtype="boolean")
    if kind in _TEXTS or kind == "reference":
        return pandas.Series([plain(value) for value in values], dtype="string")
    if kind == "datetime":
        return pandas.Series(values, dtype="datetime64[us, UTC]")
    return pandas.Series(values, dtype="object")


def _polars_series(polars: Any, name: str, kind: str, values: list[Value]) -> Any:
    if kind in ("float", "monetary"):
        return _polars_amounts(polars, name, values)
    simple: dict[str, tuple[Any, Callable[[Value], Any]]] = {
        "integer": (polars.Int64, plain),
        "many2one": (polars.Int64, plain),
        "boolean": (polars.Boolean, _same),
        "date": (polars.Date, _same),
        "datetime": (polars.Datetime("us", "UTC"), _same),
        "one2many": (polars.List(polars.Int64), plain),
        "many2many": (polars.List(polars.Int64), plain),
        "reference": (polars.String, plain),
    }
    if kind == "binary" and all(value is None or type(value) is bytes for value in values):
        return polars.Series(name, values, dtype=polars.Binary)
    if kind in _TEXTS:
        return polars.Series(name, values, dtype=polars.String)
    if kind in simple:
        dtype, convert = simple[kind]
        return polars.Series(name, [None if value is None else convert(value) for value in values], dtype=dtype)
    return polars.Series(name, [None if value is None else _json(value) for value in values], dtype=polars.String)


def _polars_amounts(polars: Any, name: str, values: list[Value]) -> Any:
    """Amounts as exact decimals, read back to see that they are."""
    told = [value for value in values if value is not None]
    places = max((_places(value) for value in told), default=0)
    widest = max((value.adjusted() + 1 for value in told if value), default=0)
    if places > 38 or max(widest, 0) + places > 38:
        raise InputError(
            f"{name}: the amounts need {max(widest, 0) + places} digits, and a column has 38",
            advice="leave the field out, or use to_pandas",
        )
    series = polars.Series(name, values, dtype=polars.Decimal(38, places))
    if series.to_list() != values:
        raise InputError(f"{name}: this version of polars does not keep amounts exactly", advice="use to_pandas")
    return series


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _same(value: Value) -> date | datetime | bool:
    return value  # type: ignore[no-any-return]


def _json(value: Value) -> str:
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)
