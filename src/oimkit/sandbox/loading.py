"""``load``: rows of text cells become records, all of them or none.

A row with nothing but one2many cells continues the record above it. ``id`` is an external id, ``.id`` a database id,
``field/id`` and ``field/.id`` name a link by either, ``field`` alone by name; ``lines/field`` fills the lines of a
one2many. A record whose external id is known is changed, any other is created; a line likewise by ``lines/id``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oimkit.sandbox import describe
from oimkit.sandbox.profile import Field
from oimkit.sandbox.refusals import Foreign, MissingError, ServerRefusal, ValidationError
from oimkit.sandbox.store import Store
from oimkit.sandbox.values import as_decimal, cast

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["claim", "load"]

Path = tuple[str, ...]
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The rows of one record: the first is its own, the others bring more lines."""

    start: int
    rows: Sequence[Sequence[Any]]


class _BadCell(Exception):
    """A cell that cannot be read; ``message`` is as the server words it, ``warning`` when the record goes on."""

    def __init__(self, message: str, *, warning: bool = False, value: Any = None) -> None:
        self.message, self.warning, self.value = message, warning, value
        super().__init__(message)


def load(model: Model, fields: Sequence[str], data: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """``{"ids": [...] or False, "messages": [...], "nextrow": 0}``; any error takes the whole call back."""
    paths = [tuple(name.split("/")) for name in fields]
    _refuse_unknown(model, paths, fields)
    store = model.env.store
    savepoint = store.savepoint()
    ids: list[int] = []
    messages: list[Message] = []
    limit = model.env.context.get("_import_limit") or 0
    for index, chunk in enumerate(_chunks(model, paths, data)):
        if limit and index >= limit:
            return _answer(store, savepoint, ids, messages, chunk.start)
        place = {"rows": {"from": chunk.start, "to": chunk.start + len(chunk.rows) - 1}, "record": index}
        found: list[Message] = []
        values, external_id, database_id = _values(model, paths, chunk.rows, found, "")
        messages += [{**message, **place} for message in found]
        if any(message["type"] == "error" for message in found):
            continue
        inner = store.savepoint()
        try:
            ids.append(_save(model, values, external_id, database_id))
        except ServerRefusal as refusal:
            store.rollback(inner)
            messages.append({"type": "error", "message": _worded(model, refusal), "moreinfo": _more(model), **place})
    return _answer(store, savepoint, ids, messages, 0)


def _answer(store: Store, savepoint: int, ids: list[int], messages: list[Message], nextrow: int) -> dict[str, Any]:
    if any(message["type"] == "error" for message in messages):
        store.rollback(savepoint)
        return {"ids": False, "messages": messages, "nextrow": 0}
    return {"ids": ids, "messages": messages, "nextrow": nextrow}


def claim(model: Model, external_id: str, id_: int) -> None:
    """Make *external_id* stand for record *id_* of *model*."""
    module, _dot, name = external_id.partition(".")
    if not name:
        module, name = str(model.env.context.get("module") or "__import__"), external_id
    noupdate = bool(model.env.context.get("noupdate"))
    values = {"module": module, "name": name, "model": model.name, "res_id": id_, "noupdate": noupdate}
    model.env["ir.model.data"].new(values)


def _worded(model: Model, refusal: ServerRefusal) -> str:
    """The refusal of a record: 14 wraps all but the database's own constraints."""
    if model.env.version >= 17:
        return refusal.plain
    if isinstance(refusal, ValidationError):
        return f"{refusal.plain!r}"
    shown = repr(refusal.message) if refusal.name == "builtins.KeyError" else refusal.message
    return f"Unknown error during import: <class '{refusal.name.removeprefix('builtins.')}'>: {shown}"


def _more(model: Model) -> Any:
    return "Resolve other errors first" if model.env.version < 17 else False


# Rows to records ----------------------------------------------------------------------------------------------------


def _refuse_unknown(model: Model, paths: Sequence[Path], fields: Sequence[str]) -> None:
    for path, text in zip(paths, fields, strict=True):
        current: Model | None = model
        for name in path:
            if name in ("id", ".id"):
                break
            if current is None or name not in current.fields:
                if model.env.version < 17:
                    raise Foreign("builtins.KeyError", text)
                raise Foreign("builtins.ValueError", f"Invalid field name {text!r}")
            relation = current.fields[name].relation
            current = model.env[relation] if relation and relation in model.env.profile.models else None


def _chunks(model: Model, paths: Sequence[Path], data: Sequence[Sequence[Any]]) -> Iterator[_Chunk]:
    own = [column for column, path in enumerate(paths) if not _is_line(model, path)]
    lines = [column for column, path in enumerate(paths) if _is_line(model, path)]
    start = 0
    while start < len(data):
        end = start + 1
        while lines and end < len(data) and not any(data[end][column] for column in own):
            end += 1
        yield _Chunk(start, data[start:end])
        start = end


def _is_line(model: Model, path: Path) -> bool:
    field = model.fields.get(path[0])
    return field is not None and field.type == "one2many" and len(path) > 1


def _values(
    model: Model, paths: Sequence[Path], rows: Sequence[Sequence[Any]], messages: list[Message], prefix: str
) -> tuple[dict[str, Any], str | None, int | None]:
    """(wire values, external id, database id) of one record; what cannot be read goes to *messages*."""
    values: dict[str, Any] = {}
    external_id: str | None = None
    database_id: int | None = None
    lines: dict[str, list[int]] = {}
    for column, path in enumerate(paths):
        cell = rows[0][column]
        if _is_line(model, path) and path[1:] != (".id",):
            lines.setdefault(path[0], []).append(column)
        elif path == ("id",):
            external_id = str(cell) if cell else None
        elif path == (".id",):
            database_id = int(cell) if cell else None
        else:
            field = model.fields[path[0]]
            try:
                values[field.name] = _cell(model, field, path[1:], cell, prefix)
            except _BadCell as bad:
                kind = "warning" if bad.warning else "error"
                message: Message = {"type": kind, "message": bad.message, "field": (prefix or field.name).split("/")[0]}
                if model.env.version >= 17:
                    message["field_name"] = describe.label_of(field.name)
                messages.append(message)
                if bad.warning:
                    values[field.name] = bad.value
    for name, columns in lines.items():
        values[name] = _line_commands(model, name, columns, paths, rows, messages)
    return values, external_id, database_id


def _line_commands(
    model: Model,
    name: str,
    columns: Sequence[int],
    paths: Sequence[Path],
    rows: Sequence[Sequence[Any]],
    messages: list[Message],
) -> list[Any]:
    comodel = model.env[model.fields[name].relation or ""]
    inner_paths = [paths[column][1:] for column in columns]
    inner_rows = [row for row in ([row[column] for column in columns] for row in rows) if any(row)]
    commands: list[Any] = []
    for chunk in _chunks(comodel, inner_paths, inner_rows):
        values, external_id, database_id = _values(comodel, inner_paths, chunk.rows, messages, f"{name}/")
        known = database_id or (external_id and _known(comodel, external_id))
        if known:
            commands += [(4, known, 0), (1, known, values)]
        else:
            commands.append((0, 0, {**values, "id": external_id} if external_id else values))
    return commands


def _known(model: Model, external_id: str) -> int | None:
    """The record of *model* behind *external_id*, or None. From 19 on one of another model is refused."""
    row = model.env.xml_row(external_id if "." in external_id else f"__import__.{external_id}")
    if row is None:
        return None
    if row["model"] == model.name and row["res_id"] in model.table.rows:
        return int(row["res_id"])
    if row["model"] == model.name:
        model.env["ir.model.data"].remove([row["id"]])
        return None
    if model.env.version < 17:
        model.env["ir.model.data"].remove([row["id"]])
        return None
    raise ValidationError(
        f"For external id {external_id} when trying to create/update a record of model {model.name} found record of "
        f"different model {row['model']} ({row['res_id']})"
    )


def _save(model: Model, values: Mapping[str, Any], external_id: str | None, database_id: int | None) -> int:
    known = database_id
    if external_id and (found := _known(model, external_id)):
        known = found
        if _is_left_alone(model, external_id):
            return known
    if known:
        if known not in model.table.rows:
            raise MissingError(f"No matching record found for database id '{known}'")
        model.check("write", [known])
        model.modify([known], values)
        return known
    model.check("create")
    return model.new({**values, "id": external_id} if external_id else dict(values))


def _is_left_alone(model: Model, external_id: str) -> bool:
    """True in the mode of a module's update, for a record whose external id is marked as not to be updated."""
    row = model.env.xml_row(external_id if "." in external_id else f"__import__.{external_id}")
    return model.env.context.get("mode") == "update" and row is not None and bool(row["noupdate"])


# Cells --------------------------------------------------------------------------------------------------------------


def _cell(model: Model, field: Field, rest: Path, cell: Any, prefix: str) -> Any:
    """The wire value of one cell. Raises _BadCell."""
    if isinstance(cell, bool) and cell:
        raise Foreign("builtins.AttributeError", "'bool' object has no attribute 'lower'")
    if cell in ("", None, False):
        return [(5, 0, 0)] if field.is_x2many else False
    title = "/".join(
        filter(None, [describe.label_of(prefix.strip("/")) if prefix else "", describe.label_of(field.name)])
    )
    if field.relation and field.type in ("many2one", "many2many", "one2many"):
        targets = [_target(model.env[field.relation], rest, item, title) for item in _items(field, cell)]
        return [(6, 0, targets)] if field.is_x2many else targets[0]
    if field.type == "boolean":
        return _boolean(str(cell), title, model.env.version)
    if field.type in ("float", "monetary", "integer"):
        return _number(field, cell, title)
    try:
        return cast(model.name, field, cell, None)
    except Foreign:
        if field.type == "selection":
            raise _BadCell(f"Value '{cell}' not found in selection field '{title}'") from None
        raise _BadCell(f"'{cell}' does not seem to be a valid {field.type} for field '{title}'") from None


def _items(field: Field, cell: Any) -> list[str]:
    return str(cell).split(",") if field.is_x2many else [str(cell)]


def _boolean(cell: str, title: str, version: int) -> bool:
    if cell.lower() in ("1", "true", "yes"):
        return True
    if cell.lower() in ("0", "false", "no"):
        return False
    words = f"Unknown value '{cell}' for boolean field '{title}'"
    if version >= 17:
        raise _BadCell(words)
    raise _BadCell(f"{words}, assuming 'yes'", warning=True, value=True)


def _number(field: Field, cell: Any, title: str) -> Any:
    try:
        number = as_decimal(cell)
    except ValueError:
        number = None
    if number is None or (field.type == "integer" and number != int(number)):
        kind = "an integer" if field.type == "integer" else "a number"
        raise _BadCell(f"'{cell}' does not seem to be {kind} for field '{title}'")
    return int(number) if field.type == "integer" else number


def _target(comodel: Model, rest: Path, item: str, title: str) -> int:
    if rest == (".id",):
        if item.isdigit() and int(item) in comodel.table.rows:
            return int(item)
        raise _BadCell(f"No matching record found for database id '{item}' in field '{title}'")
    if rest == ("id",):
        known = comodel.env.xml_row(item if "." in item else f"__import__.{item}")
        if known is not None and known["model"] == comodel.name:
            return int(known["res_id"])
        raise _BadCell(f"No matching record found for external id '{item}' in field '{title}'")
    found = comodel.sorted_ids(comodel.named(item, "="), None)
    if not found:
        raise _BadCell(f"No matching record found for name '{item}' in field '{title}'")
    return found[0]
