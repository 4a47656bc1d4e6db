"""``load`` as a whole: records wait in a batch, are saved together, and one by one where that fails.

What differs by version: a batch's own refusal is told first where single records fail too (18); a record that fails
takes those saved before it back (19), so that later messages may be consequences. Any error takes everything back.
A conflict with another request is told as a message like any other error: the server does not try ``load`` again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.loading.cells import Reader, Skipped
from oimkit.sandbox.loading.rows import Record, chunks, paths_of
from oimkit.sandbox.refusals import DatabaseError, Foreign, ServerRefusal, UserError, ValidationError

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["claim", "load", "point"]

Message = dict[str, Any]
_CAP = 10
_TOO_MANY = (
    "Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing too many errors."
)


def load(model: Model, fields: Sequence[str], data: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """``{"ids": [...] or False, "messages": [...], "nextrow": 0}``; any error takes the whole call back.

    With ``_import_limit`` in the context ``nextrow`` is the row to go on from, 0 when there is none.
    """
    loading = _Loading(model)
    paths = paths_of(model, fields)
    limit = model.env.context.get("_import_limit")
    last = -1
    for index, record in enumerate(chunks(model, paths, data, limit)):
        loading.take(index, record)
        last = record.end
    loading.flush()
    nextrow = last + 1 if limit is not None and last + 1 >= limit else 0
    if any(message["type"] == "error" for message in loading.messages):
        model.env.store.rollback(loading.savepoint)
        return {"ids": False, "messages": loading.messages, "nextrow": nextrow}
    return {"ids": loading.ids, "messages": loading.messages, "nextrow": nextrow}


def claim(model: Model, external_id: str, id_: int) -> None:
    """Make *external_id* stand for record *id_* of *model*."""
    module, _dot, name = external_id.partition(".")
    if not name:
        module, name = model.env.import_module, external_id
    known = model.env.xml_row(f"{module}.{name}")
    if known is not None and known["model"] == model.name and known["res_id"] not in model.table.rows:
        model.env["ir.model.data"].put(known["id"], res_id=id_)  # the record behind it is gone: the key goes on
        return
    noupdate = bool(model.env.context.get("noupdate"))
    values = {"module": module, "name": name, "model": model.name, "res_id": id_, "noupdate": noupdate}
    model.env["ir.model.data"].new(values)


def point(model: Model, external_id: str, id_: int) -> None:
    """As ``claim``, but a key that stands for another record is moved to this one, as ``create`` does it."""
    full = external_id if "." in external_id else f"{model.env.import_module}.{external_id}"
    known = model.env.xml_row(full)
    if known is None:
        claim(model, full, id_)
    else:
        model.env["ir.model.data"].put(known["id"], model=model.name, res_id=id_)


class _Loading:
    """One call of ``load``: what waits to be saved, what was saved, what there is to say."""

    def __init__(self, model: Model) -> None:
        self.model, self.env, self.store = model, model.env, model.env.store
        self.savepoint = self.store.savepoint()
        self.ids: list[int] = []
        self.messages: list[Message] = []
        self._waiting: list[tuple[Message, str | None, int | None, dict[str, Any]]] = []
        self._place: Message = {}
        self._reader = Reader(model, self._say, self._before_look_up)

    def take(self, index: int, record: Record) -> None:
        """Read one record and let it wait."""
        self._place = {"rows": {"from": record.start, "to": record.end}, "record": index}
        try:
            values = self._reader.values(record.cells)
        except Skipped:
            return
        key = str(record.cells.get("id") or "") or None
        if key and "." not in key:
            key = f"{self.env.import_module}.{key}"
        self._waiting.append((self._place, key, self._database_id(record.cells.get(".id")), values))

    def _database_id(self, cell: Any) -> int | None:
        if cell in (None, "", False):
            return None
        try:
            found = int(cell)
        except (TypeError, ValueError):
            words = f'invalid input syntax for type integer: "{cell}"\n'
            raise Foreign("psycopg2.errors.InvalidTextRepresentation", words) from None
        if found in self.model.table.rows:
            return found
        self._say(".id", "error", f"Unknown database identifier '{found}'", {})
        return None

    def _say(self, field: str, kind: str, words: str, more: Mapping[str, Any]) -> None:
        self.messages.append({**self._place, "type": kind, "field": field, "message": words, **more})

    def _before_look_up(self, model: str | None, key: str | None) -> None:
        if model == self.model.name or any(waiting[1] == key for waiting in self._waiting if key):
            self.flush()

    # Saving -----------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Save what waits: together, else one by one until there are too many errors."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        before = self.store.savepoint()
        try:
            self.ids += [self._save(key, id_, values) for _place, key, id_, values in waiting]
        except ServerRefusal as refusal:
            self.store.rollback(before)
            whole = self._message(waiting[0][0], refusal) if _is_of_odoo(refusal) else None
            self._one_by_one(waiting, whole)

    def _one_by_one(
        self, waiting: Sequence[tuple[Message, str | None, int | None, dict[str, Any]]], whole: Message | None
    ) -> None:
        outer, errors = self.store.savepoint(), 0
        for count, (place, key, id_, values) in enumerate(waiting, start=1):
            inner = self.store.savepoint()
            try:
                self.ids.append(self._save(key, id_, values))
            except ServerRefusal as refusal:
                self.store.rollback(min(outer, inner) if self.env.has("load_outer_savepoint") else inner)
                self.messages.append(self._message(place, refusal))
                errors += 1
            if errors >= _CAP and errors >= count / 10:
                self.messages.append({"type": "warning", "message": _TOO_MANY})
                break
        if errors and whole is not None and self.env.has("load_batch_error_first") and whole not in self.messages:
            self.messages.insert(0, whole)

    def _message(self, place: Message, refusal: ServerRefusal) -> Message:
        """The refusal of a record as a message: 14 and 15 wrap all but the database's own."""
        message: Message = {**place, "type": "error", "message": refusal.plain}
        if refusal.field:
            return {**message, "field": refusal.field}
        if self.env.has("load_plain_texts") or isinstance(refusal, DatabaseError):
            return message
        if isinstance(refusal, ValidationError) and refusal.is_check:
            return {**message, "message": f"{refusal.plain!r}"}
        if isinstance(refusal, ValidationError) and refusal.is_unique:
            return message
        shown = repr(refusal.message) if refusal.name == "builtins.KeyError" else refusal.message
        words = f"Unknown error during import: <class '{refusal.name.removeprefix('builtins.')}'>: {shown}"
        return {**message, "message": words, "moreinfo": "Resolve other errors first"}

    def _save(self, key: str | None, id_: int | None, values: Mapping[str, Any]) -> int:
        """Change the record of *key* or *id_*, or make one. Returns its id."""
        if key:
            self._refuse_module(key)
            known = _known(self.model, key)
            if known is not None:
                row = self.env.xml_row(key) or {}
                if self.env.context.get("mode") == "update" and row.get("noupdate"):
                    return known
                self._change(known, values)
                return known
        if id_ is not None:
            self._change(id_, values)
            if key:
                claim(self.model, key, id_)
            return id_
        self.model.check("create")
        made = self.model.new({**values, "id": key} if key else dict(values))
        self.model.check("create", [made])
        return made

    def _change(self, id_: int, values: Mapping[str, Any]) -> None:
        self.model.check("write", [id_])
        self.model.modify([id_], values)
        self.model.check("write", [id_])

    def _refuse_module(self, key: str) -> None:
        """In a file's import, keys must not look like those of an installed module (16 and later)."""
        if not (self.env.has("load_plain_texts") and self.env.context.get("import_file")):
            return
        module, _dot, name = key.partition(".")
        modules = self.env["ir.module.module"].table
        if modules.ids_where("name", [module]) and not self.env.context.get("noupdate"):
            raise UserError(
                f"The record {key} has the module prefix {module}. That prefix belongs to an installed module, which "
                f"would delete the record when it is upgraded: use no prefix, or one like __import__.{name}."
            )


def _is_of_odoo(refusal: ServerRefusal) -> bool:
    """Whether Odoo itself refused, and not the database."""
    if isinstance(refusal, ValidationError):
        return not (refusal.is_check or refusal.is_unique or refusal.field)
    return not isinstance(refusal, Foreign)


def _known(model: Model, external_id: str) -> int | None:
    """The record of *model* behind *external_id*, or None. From 16 on one of another model is refused."""
    row = model.env.xml_row(external_id)
    if row is None:
        return None
    if row["model"] == model.name and row["res_id"] in model.table.rows:
        return int(row["res_id"])
    if row["model"] == model.name or not model.env.has("keys_keep_their_model"):
        model.env["ir.model.data"].remove([row["id"]])
        return None
    raise ValidationError(
        f"For external id {external_id} when trying to create/update a record of model {model.name} found record of "
        f"different model {row['model']} ({row['res_id']})"
    )
