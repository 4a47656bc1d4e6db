"""``export_data``: records as rows of cells, ``field/sub``, ``id`` and ``.id`` included; one row a record.

The first of a list is shown; the server's further rows for one2many columns are not reproduced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["external_id_of", "rows"]


def rows(model: Model, ids: Sequence[int], columns: Sequence[str]) -> list[list[Any]]:
    return [[_cell(model, id_, column.split("/")) for column in columns] for id_ in ids]


def _cell(model: Model, id_: int, path: Sequence[str]) -> Any:
    name, rest = path[0], path[1:]
    if name == ".id":
        return str(id_)
    if name == "id":
        return external_id_of(model, id_) or ""
    value = model.get(model.row(id_), name)
    field = model.fields[name]
    if field.relation:
        comodel = model.env[field.relation]
        linked = value if isinstance(value, list) else [value] if value else []
        if field.type == "many2many" and list(rest) in ([".id"], ["id"], []):
            return ",".join(str(_cell(comodel, item, rest or ["display_name"])) for item in linked)
        return _cell(comodel, linked[0], rest or ["display_name"]) if linked else ""
    return "" if value is None else value


def external_id_of(model: Model, id_: int) -> str | None:
    """The first external id of a record, or None."""
    data = model.env["ir.model.data"]
    keys = sorted(key for key in data.table.ids_where("res_id", [id_]) if data.row(key)["model"] == model.name)
    return f"{data.row(keys[0])['module']}.{data.row(keys[0])['name']}" if keys else None
