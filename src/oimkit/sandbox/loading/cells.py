"""One cell of a ``load`` as the value that ``create`` takes, or the message about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.loading.rows import REFERENCES, Cells
from oimkit.sandbox.profile import Field
from oimkit.sandbox.refusals import Foreign
from oimkit.sandbox.values import as_decimal

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["CellError", "Reader", "Skipped"]

_CLOCK = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}))?")
_YES, _NO = ("1", "true", "yes"), ("0", "false", "no", "")


class CellError(Exception):
    """A cell that cannot be read: the server's words and what it adds to them."""

    def __init__(self, message: str, **more: Any) -> None:
        self.message, self.more = message, more
        super().__init__(message)


class Skipped(Exception):
    """The whole record is left out: its cell names nothing, and the caller asked for that."""


class Reader:
    """Reads the cells of records of one call.

    say    takes each message: (field, type, words, further keys)
    flush  saves what waits, before a link to one of it is looked for; a model's name, or an external id
    """

    def __init__(
        self,
        model: Model,
        say: Callable[[str, str, str, Mapping[str, Any]], None],
        flush: Callable[[str | None, str | None], None],
    ) -> None:
        self.model, self.env, self.say, self.flush = model, model.env, say, flush

    def values(self, cells: Cells) -> dict[str, Any]:
        """The values of one record; a cell that cannot be read is told and left out. Raises Skipped."""
        found: dict[str, Any] = {}
        for name, cell in cells.items():
            if name in REFERENCES:
                continue
            try:
                found[name] = self._field(self.model, self.model.fields[name], cell, name, "")
            except CellError as error:
                self.say(name, "error", error.message, error.more)
        return found

    def _field(self, model: Model, field: Field, cell: Any, top: str, prefix: str) -> Any:
        """The value of one cell of *model*; *prefix* is the title of the list that it stands in."""
        title = f"{prefix}/{field.string}" if prefix else field.string
        if field.type == "one2many":
            return self._lines(model, field, cell, top, title)
        if isinstance(cell, Mapping):
            return self._link(field, cell, top, title)
        if isinstance(cell, bool) and cell and field.type in ("boolean", "selection"):
            raise Foreign("builtins.AttributeError", "'bool' object has no attribute 'lower'")
        if cell in ("", None, False):
            return False
        reader = getattr(self, f"_{field.type}", None)
        return reader(field, cell, top, title) if reader else str(cell)

    def _complain(self, message: str, title: str, **more: Any) -> CellError:
        named = {"field_name": title.partition("/")[0]} if self.env.has("load_field_names") else {}
        return CellError(message, **more, **named)

    # Plain cells ------------------------------------------------------------------------------------------------

    def _boolean(self, field: Field, cell: Any, top: str, title: str) -> bool:
        del field
        text = str(cell).lower()
        if text in _YES or text in _NO:
            return text in _YES
        words, more = f"Unknown value '{cell}' for boolean field '{title}'", "Use '1' for yes and '0' for no"
        if self.env.has("load_strict_booleans"):
            raise self._complain(words, title, moreinfo=more)
        self.say(top, "warning", f"{words}, assuming 'yes'", {"moreinfo": more})
        return True

    def _integer(self, field: Field, cell: Any, top: str, title: str) -> int:
        del field, top
        try:
            return int(str(cell)) if not isinstance(cell, int) else cell
        except ValueError:
            raise self._complain(f"'{cell}' does not seem to be an integer for field '{title}'", title) from None

    def _float(self, field: Field, cell: Any, top: str, title: str) -> Any:
        del field, top
        try:
            return as_decimal(cell.strip() if isinstance(cell, str) else cell)
        except ValueError:
            raise self._complain(f"'{cell}' does not seem to be a number for field '{title}'", title) from None

    _monetary = _float

    def _json(self, field: Field, cell: Any, top: str, title: str) -> Any:
        del field, top
        try:
            return json.loads(str(cell), parse_float=Decimal)
        except ValueError:
            raise self._complain(f"'{cell}' does not seem to be a valid JSON for field '{title}'", title) from None

    def _date(self, field: Field, cell: Any, top: str, title: str) -> str:
        del field, top
        found = _moment(str(cell)[:10])
        if found is None:
            words = f"'{cell}' does not seem to be a valid date for field '{title}'"
            raise self._complain(words, title, moreinfo="Use the format '2012-12-31'")
        return found.strftime("%Y-%m-%d")

    def _datetime(self, field: Field, cell: Any, top: str, title: str) -> str:
        """A clock of the context's, else the user's, time zone; kept in UTC."""
        del field, top
        found = _moment(str(cell))
        if found is None:
            words = f"'{cell}' does not seem to be a valid datetime for field '{title}'"
            raise self._complain(words, title, moreinfo="Use the format '2012-12-31 23:59:59'")
        return found.replace(tzinfo=self.env.zone).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

    def _selection(self, field: Field, cell: Any, top: str, title: str) -> str:
        """A key or its title; from 17 on in capitals or not."""
        del top
        keys, titles = field.selection or (), field.labels or field.selection or ()
        text = str(cell)
        loose = self.env.has("load_any_case")
        for key, label in zip(keys, titles, strict=True):
            same = text.lower() in (key.lower(), label.lower()) if loose else text in (key, label)
            if same:
                return key
        words = f"Value '{cell}' not found in selection field '{title}'"
        raise self._complain(words, title, moreinfo=[label for label in titles if label])

    # Links ------------------------------------------------------------------------------------------------------

    def _link(self, field: Field, cell: Mapping[str, Any], top: str, title: str) -> Any:
        given = dict(cell)
        if set(given) - set(REFERENCES):
            raise CellError(f"Can not create Many-To-One records indirectly, import the field separately: {title}")
        if len(given) > 1:
            raise CellError(
                f"Ambiguous specification for field '{title}', only provide one of name, external id or database id"
            )
        ((how, text),) = given.items()
        if text in ("", None, False):
            return [(5, 0, 0)] if field.is_x2many else False
        if not field.is_x2many:
            return self._target(field, how, str(text), top, title)
        targets = [self._target(field, how, part, top, title) for part in str(text).split(",")]
        if self.env.context.get("update_many2many"):
            return [(4, target, 0) for target in targets if target]
        return [(6, 0, [target for target in targets if target])]

    def _target(self, field: Field, how: str, text: str, top: str, title: str) -> int | bool:
        comodel = self.env[field.relation or ""]
        if how == ".id":
            found, kind = self._by_database_id(comodel, text, title), "database id"
        elif how == "id":
            found, kind = self._by_key(comodel, text), "external id"
        else:
            found, kind = self._by_name(comodel, text, top, title), "name"
        if found is not None:
            return found
        if self.env.has("load_skips") and self.env.context.get("import_file"):
            if top in (self.env.context.get("import_set_empty_fields") or ()):
                return False
            if top in (self.env.context.get("import_skip_records") or ()):
                raise Skipped
        raise self._complain(
            f"No matching record found for {kind} '{text}' in field '{title}'",
            title,
            moreinfo=self._possible(comodel, how),
        )

    def _by_database_id(self, comodel: Model, text: str, title: str) -> int | None:
        try:
            target = int(text)
        except ValueError:
            raise self._complain(
                f"Invalid database id '{text}' for the field '{title}'",
                title,
                moreinfo=self._possible(comodel, ".id"),
            ) from None
        return target if target in comodel.table.rows else None

    def _by_key(self, comodel: Model, text: str) -> int | None:
        full = text if "." in text else f"{self.env.import_module}.{text}"
        self.flush(None, full)
        known = self.env.xml_row(full)
        there = known is not None and known["model"] == comodel.name and known["res_id"] in comodel.table.rows
        return int(known["res_id"]) if known is not None and there else None

    def _by_name(self, comodel: Model, text: str, top: str, title: str) -> int | None:
        self.flush(comodel.name, None)
        found = comodel.sorted_ids(comodel.named(text, "="), None)
        if len(found) > 1:
            words = f"Found multiple matches for field '{title}' ({len(found)} matches)"
            if self.env.has("load_field_names"):
                words = f'Found multiple matches for value "{text}" in field "{title}" ({len(found)} matches)'
            self.say(top, "warning", words, {})
        if found:
            return found[0]
        enabled = self.env.context.get("name_create_enabled_fields") or {}
        return comodel.new({comodel.rec_name: text}) if enabled.get(top) else None

    def _possible(self, comodel: Model, how: str) -> dict[str, Any]:
        """The action that shows a person which values there are."""
        lists = "list" if self.env.has("list_views") else "tree"
        action: dict[str, Any] = {
            "name": "Possible Values",
            "type": "ir.actions.act_window",
            "target": "new",
            "view_mode": f"{lists},form",
            "views": [[False, "list"], [False, "form"]],
            "context": {"create": False},
            "help": "See all possible values",
        }
        if how == "":
            return {**action, "res_model": comodel.name}
        return {**action, "res_model": "ir.model.data", "domain": [["model", "=", comodel.name]]}

    # Lines ------------------------------------------------------------------------------------------------------

    def _lines(self, model: Model, field: Field, records: Sequence[Cells], top: str, title: str) -> list[Any]:
        """The commands of a one2many; the first cell that cannot be read ends the whole field."""
        del model
        comodel = self.env[field.relation or ""]
        commands: list[Any] = []
        for cells in _spread(records):
            how = [name for name in cells if name in REFERENCES and cells[name]]
            if len(how) > 1:
                raise CellError(
                    f"Ambiguous specification for field '{title}', only provide one of name, external id or database id"
                )
            writable = {
                name: self._field(comodel, comodel.fields[name], cell, top, title)
                for name, cell in cells.items()
                if name not in REFERENCES
            }
            known = self._line(field, how[0], str(cells[how[0]]), top, title, bool(writable)) if how else None
            if known:
                commands += [(4, known, 0), (1, known, writable)] if writable else [(4, known, 0)]
            elif how == ["id"]:
                commands.append((0, 0, {**writable, "id": str(cells["id"])}))
            else:
                commands.append((0, 0, writable))
        return commands

    def _line(self, field: Field, how: str, text: str, top: str, title: str, is_filled: bool) -> int | bool | None:
        if how == "id" and is_filled:  # an external id that is not there yet names the line that is made
            return self._by_key(self.env[field.relation or ""], text)
        return self._target(field, how, text, top, title)


def _moment(text: str) -> datetime | None:
    """``YYYY-MM-DD`` with or without ``HH:MM:SS``, or None."""
    found = _CLOCK.fullmatch(text)
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00:00'}") if found else None
    except ValueError:
        return None


def _spread(records: Sequence[Cells]) -> list[Cells]:
    """One row whose only cell is a list of references stands for as many lines."""
    if len(records) == 1 and set(records[0]) <= set(REFERENCES):
        ((how, text),) = [(how, text) for how, text in records[0].items() if text] or [("", "")]
        return [{how: part} for part in str(text).split(",")] if text else []
    return [record for record in records if any(record.values())]
