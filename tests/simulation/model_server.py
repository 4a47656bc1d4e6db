"""A small Odoo in memory: as much of ``load``, external ids and side effects as writing once depends on.

It behaves as the real ones were measured: a second ``load`` of a document on 14 adds its lines once more, on 19 it
finds them by their own external ids; in the mode ``update`` both leave alone what is marked ``noupdate``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from oimkit.errors import AccessRefused, InvalidCall, MissingRecord
from oimkit.odoo.transport.calls import Call

UUID = "5e5e5e5e-0000-4000-8000-000000000000"

FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "res.partner": {"name": {"type": "char"}, "ref": {"type": "char"}},
    "account.move": {
        "ref": {"type": "char"},
        "partner_id": {"type": "many2one", "relation": "res.partner"},
        "invoice_line_ids": {"type": "one2many", "relation": "account.move.line"},
    },
    "account.move.line": {"name": {"type": "char"}, "price_unit": {"type": "float"}},
}


@dataclass(slots=True)
class Row:
    """One record: its values by column, and its lines as (external id or "", values)."""

    values: dict[str, str]
    lines: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@dataclass(slots=True)
class Key:
    """One row of ir.model.data."""

    model: str
    record: int
    noupdate: bool


class ModelServer:
    """One database; ``call`` is one transaction.

    major       14 or 19
    is_admin    whether the user may read ir.model.data (19 reserves it to administrators)
    notes       what ``res.partner.message_post`` has left: a call that is not harmless when it is made twice
    """

    def __init__(self, major: int, *, is_admin: bool = True) -> None:
        self.major = major
        self.is_admin = is_admin
        self.rows: dict[str, dict[int, Row]] = {"res.partner": {}, "account.move": {}}
        self.keys: dict[str, Key] = {}
        self.notes: list[str] = []
        self._last = 0

    def call(self, call: Call) -> Any:
        """The reply to *call*, committed."""
        match call.method:
            case "load":
                return self._load(call)
            case "search_read" if call.model == "ir.config_parameter":
                return [{"id": 1, "key": "database.uuid", "value": UUID}]
            case "search_read":
                return self._search_keys(call)
            case "read":
                return self._read(call)
            case "check_object_reference":
                return self._reference(call)
            case "message_post":
                self.notes.append(call.arguments["body"])
                return len(self.notes)
            case "search_count":
                return self.notes.count(call.arguments["domain"][0][2])
            case "fields_get":
                return FIELDS[call.model]
        raise InvalidCall(f"{call.name} is not modelled")

    def add(self, model: str, key: str, row: Row, *, noupdate: bool) -> int:
        """A new record under *key*, as anybody may make one."""
        self._last += 1
        self.rows[model][self._last] = row
        self.keys[key] = Key(model, self._last, noupdate)
        return self._last

    # --- load

    def _load(self, call: Call) -> dict[str, Any]:
        columns, ids = call.arguments["fields"], []
        for first, more in _records(columns, call.arguments["data"]):
            ids.append(self._load_one(call, columns, [first, *more]))
        return {"ids": ids, "messages": [], "nextrow": 0}

    def _load_one(self, call: Call, columns: list[str], rows: list[list[str]]) -> int:
        own = {name: cell for name, cell in zip(columns, rows[0], strict=True) if not _is_line(name)}
        if ".id" in own:
            identity = int(own.pop(".id"))
            self.rows[call.model][identity].values.update(own)
            return identity
        key = own.pop("id")
        lines = [_line(columns, row) for row in rows if any(_is_line(name) for name in columns)]
        known = self.keys.get(key)
        if known is None:
            return self.add(call.model, key, Row(own, lines), noupdate=bool(call.context.get("noupdate")))
        if known.noupdate and call.context.get("mode") == "update":
            return known.record
        row = self.rows[call.model][known.record]
        row.values.update(own)
        if self.major < 16:
            row.lines += lines
        else:
            row.lines = list({**dict(row.lines), **dict(lines)}.items())
        return known.record

    def _read(self, call: Call) -> list[dict[str, Any]]:
        rows = self.rows[call.model]
        wanted = [identity for identity in call.ids or () if identity in rows]
        return [
            {"id": one, **{name: rows[one].values.get(name) or False for name in call.arguments["fields"]}}
            for one in wanted
        ]

    # --- keys

    def _search_keys(self, call: Call) -> list[dict[str, Any]]:
        if not self.is_admin:
            raise AccessRefused("the user may not read ir.model.data")
        (_, _, module), (_, _, names) = call.arguments["domain"]
        found = [(name, self.keys.get(f"{module}.{name}")) for name in names]
        return [{"id": 1, "name": name, "model": key.model, "res_id": key.record} for name, key in found if key]

    def _reference(self, call: Call) -> list[Any]:
        key = self.keys.get(f"{call.arguments['module']}.{call.arguments['xml_id']}")
        if key is None:
            raise MissingRecord("there is no record under this external id")
        return [key.model, key.record]


def _is_line(column: str) -> bool:
    return column.startswith("invoice_line_ids/")


def _line(columns: list[str], row: list[str]) -> tuple[str, dict[str, str]]:
    cells = {name.partition("/")[2]: cell for name, cell in zip(columns, row, strict=True) if _is_line(name)}
    return cells.pop("id"), cells


def _records(columns: list[str], rows: list[list[str]]) -> list[tuple[list[str], list[list[str]]]]:
    """Rows by record: one whose own cells are all empty continues the record above it."""
    own = [index for index, name in enumerate(columns) if not _is_line(name)]
    records: list[tuple[list[str], list[list[str]]]] = []
    for row in rows:
        if records and not any(row[index] for index in own):
            records[-1][1].append(row)
        else:
            records.append((row, []))
    return records
