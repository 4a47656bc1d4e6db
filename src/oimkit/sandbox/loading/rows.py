"""The rows of one ``load`` as records: which rows make one, which columns are its lines'.

A row with nothing but one2many cells continues the record above it. ``id`` is an external id, ``.id`` a database id,
``field/id`` and ``field/.id`` name a link by either, ``field`` alone by name; ``lines/field`` fills the lines of a
one2many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.refusals import Foreign

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["REFERENCES", "Cells", "Record", "chunks", "paths_of"]

Path = tuple[str, ...]
# field -> the cell, or for a link {"" | "id" | ".id": cell}, or for a one2many its rows of such cells
Cells = Mapping[str, Any]
REFERENCES = ("id", ".id", "")


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record and the rows they stood in: *start* to *end*, both included, from 0."""

    start: int
    end: int
    cells: Cells


def paths_of(model: Model, columns: Sequence[str]) -> list[Path]:
    """The columns as paths. Raises Foreign for a field that is not there: a fault, not a message."""
    paths = [tuple(name.split("/")) for name in columns]
    for path, text in zip(paths, columns, strict=True):
        current: Model | None = model
        for name in path:
            if name in ("id", ".id"):
                break
            if current is None or name not in current.fields:
                if model.env.has("load_value_error"):
                    raise Foreign("builtins.ValueError", f"Invalid field name {text if current is model else name!r}")
                raise Foreign("builtins.KeyError", name)
            relation = current.fields[name].relation
            current = model.env[relation] if relation and relation in model.env.profile.models else None
    return paths


def chunks(
    model: Model, paths: Sequence[Path], data: Sequence[Sequence[Any]], limit: int | None = None
) -> Iterator[Record]:
    """The records in the order of their rows; none that begins at row *limit* or later."""
    own = [column for column, path in enumerate(paths) if not _is_line(model, path)]
    lines = [column for column, path in enumerate(paths) if _is_line(model, path)]
    start = 0
    while start < len(data) and (limit is None or start < limit):
        end = start + 1
        while lines and end < len(data) and not any(_cell(data[end], column) for column in own):
            end += 1
        yield Record(start, end - 1, _cells(model, paths, data[start:end]))
        start = end


def _cell(row: Sequence[Any], column: int) -> Any:
    return row[column] if column < len(row) else ""


def _is_line(model: Model, path: Path) -> bool:
    field = model.fields.get(path[0])
    return field is not None and field.type == "one2many"


def _cells(model: Model, paths: Sequence[Path], rows: Sequence[Sequence[Any]]) -> Cells:
    found: dict[str, Any] = {}
    lines: dict[str, list[int]] = {}
    for column, path in enumerate(paths):
        if path[0] in ("id", ".id"):
            found[path[0]] = _cell(rows[0], column)
        elif _is_line(model, path):
            lines.setdefault(path[0], []).append(column)
        elif model.fields[path[0]].relation and model.fields[path[0]].type in ("many2one", "many2many"):
            link = found.setdefault(path[0], {})
            link[path[1] if len(path) > 1 else ""] = _cell(rows[0], column)
        else:
            found[path[0]] = _cell(rows[0], column)
    for name, columns in lines.items():
        found[name] = _line_cells(model, name, columns, paths, rows)
    return found


def _line_cells(
    model: Model, name: str, columns: Sequence[int], paths: Sequence[Path], rows: Sequence[Sequence[Any]]
) -> list[Cells]:
    comodel = model.env[model.fields[name].relation or ""]
    bare = [column for column in columns if len(paths[column]) == 1]
    filled = [row for row in rows if any(_cell(row, column) for column in columns)]
    if bare:
        return [{"": _cell(row, bare[0])} for row in filled]
    inner_paths = [paths[column][1:] for column in columns]
    inner_rows = [[_cell(row, column) for column in columns] for row in filled]
    return [record.cells for record in chunks(comodel, inner_paths, inner_rows)]
