"""Records as columns and rows of ``load``: what is created or written in one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oimkit.errors import InputError
from oimkit.odoo.codec import UNSET, Field, Value, cell_text
from oimkit.odoo.codec.writing import in_currency
from oimkit.odoo.keys import ExternalId

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["MOST_ROWS", "Batch", "Lines", "batches", "cells", "check_values", "table"]

Lines = Mapping[str, Sequence[tuple[ExternalId, Mapping[str, Value]]]]
"""Lines of a document by its one2many field, each with a key of its own."""

MOST_ROWS = 200
"""Records of one ``load``: nothing is gained above, and more is lost when one of them is refused."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that one ``load`` creates: they give the same fields in the same way."""

    keys: list[ExternalId]
    columns: list[str]
    rows: list[list[str]]


def batches(odoo: Odoo, model: str, records: Sequence[tuple[ExternalId, Mapping[str, Value]]]) -> Iterator[Batch]:
    """*records* in their order, cut where the columns change and after ``MOST_ROWS``."""
    batch = Batch([], [], [])
    for key, values in records:
        columns, rows = table(odoo, key, model, values, {})
        if batch.keys and (columns != batch.columns or len(batch.keys) == MOST_ROWS):
            yield batch
            batch = Batch([], [], [])
        batch = Batch([*batch.keys, key], columns, batch.rows + rows)
    if batch.keys:
        yield batch


def check_values(odoo: Odoo, key: ExternalId, model: str, values: Mapping[str, Value]) -> None:
    """Return when *values* can be sent for the record under *key*; InputError names the key and the field."""
    cells(odoo, key, model, values)


def table(
    odoo: Odoo, key: ExternalId, model: str, values: Mapping[str, Value], lines: Lines
) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of ``load`` for one document: its own cells in the first row, one line a row beside them."""
    for name in values:
        if name in lines:
            raise InputError(f"the field {name} is given as a value and as lines")
    head = {"id": str(key), **cells(odoo, key, model, values)}
    columns, height = list(head), max((len(rows) for rows in lines.values()), default=0)
    grid = [list(head.values())] + [[""] * len(head) for _ in range(height - 1)]
    for name, rows in lines.items():
        block = _line_cells(odoo, odoo.schema.field(model, name), rows)
        names = list(block[0]) if block else []
        if any(list(cells) != names for cells in block):
            raise InputError(f"the lines of {name} do not all give the same fields, in the same order")
        columns += [f"{name}/{inner}" for inner in names]
        for index, row in enumerate(grid):
            row += block[index].values() if index < len(block) else [""] * len(names)
    return columns, grid


def _line_cells(
    odoo: Odoo, owner: Field, rows: Sequence[tuple[ExternalId, Mapping[str, Value]]]
) -> list[dict[str, str]]:
    if owner.type != "one2many" or not owner.relation:
        raise InputError(f"the field {owner.name} has no lines")
    keys = [key for key, _ in rows]
    if len(set(keys)) != len(keys):
        raise InputError(f"two lines of {owner.name} have the same key")
    block = []
    for key, values in rows:
        block.append({"id": str(key), **cells(odoo, key, owner.relation, values)})
    return block


def cells(odoo: Odoo, key: ExternalId, model: str, values: Mapping[str, Value]) -> dict[str, str]:
    """Columns and cells of one record; a field given as UNSET has none, so that the server fills it in."""
    told = {}
    for name, value in values.items():
        if value is UNSET:
            continue
        field = odoo.schema.field(model, name)
        try:
            column, cell = _cell(field, in_currency(field, value, values, odoo.schema.decimals_for))
        except InputError as error:
            raise InputError(f"{model} under {key}: {error.reason}", advice=error.advice) from None
        told[column] = cell
    return told


def _cell(target: Field, value: Value) -> tuple[str, str]:
    """The column and the cell for one value: records by database id or by external id, never by name."""
    if isinstance(value, ExternalId):
        if target.type != "many2one":
            raise InputError(f"the field {target.name} takes no single record")
        return f"{target.name}/id", str(value)
    if target.is_x2many:
        if isinstance(value, tuple) and value and all(isinstance(item, ExternalId) for item in value):
            return f"{target.name}/id", ",".join(str(item) for item in value)
        return f"{target.name}/.id", cell_text(target, value)
    if target.type == "many2one":
        return f"{target.name}/.id", cell_text(target, value)
    return target.name, cell_text(target, value)
