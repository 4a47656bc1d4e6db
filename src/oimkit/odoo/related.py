"""The records that a page of records points to, read together instead of one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from oimkit.errors import InputError, MissingRecord
from oimkit.odoo.codec import Record, Ref, Value
from oimkit.odoo.reading import BATCH

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Related", "prefetch"]


@dataclass(frozen=True, slots=True)
class Related:
    """Records that others point to.

    model    their model
    records  those that could be read, by id
    missing  ids that were pointed to and could not be read, ascending: deleted meanwhile, or hidden from this user
    """

    model: str
    records: Mapping[int, Record] = field(repr=False)
    missing: tuple[int, ...] = ()

    def one(self, ref: Ref | int | None) -> Record | None:
        """The record that a many2one points to, None for an empty one; MissingRecord when it could not be read."""
        return None if ref is None else self._found(ref.id if isinstance(ref, Ref) else ref)

    def many(self, ids: Iterable[int]) -> tuple[Record, ...]:
        """The records of an x2many, in its order; MissingRecord when one of them could not be read."""
        return tuple(self._found(identity) for identity in ids)

    def _found(self, identity: int) -> Record:
        found = self.records.get(identity)
        if found is None:
            why = "is deleted or hidden from this user" if identity in self.missing else "was not among those read"
            raise MissingRecord(f"{self.model}: the record {identity} {why}", advice="look at .missing beforehand")
        return found


def prefetch(
    odoo: Odoo,
    model: str,
    records: Iterable[Record],
    relations: str | Sequence[str],
    fields: Sequence[str],
    *,
    batch: int = BATCH,
    load_names: bool = True,
) -> Related:
    """The records that *records* of *model* point to through *relations*, each read once, *batch* in one call.

    Args:
        records: records that were read with the fields *relations*.
        relations: a many2one, one2many or many2many field of *model*, or several that lead to the same model.
        fields: what to read of the related records, beside ``id``.
        batch: the largest number of records asked for in one call.
        load_names: False leaves out the names of records that many2one fields in *fields* point to.

    Returns:
        Archived records are read too, because they are pointed to; those that are not there, or that a record
        rule or company hides, are ``missing``, which the server does not tell apart.

    Raises:
        InputError: a relation was not read, is none, or two lead to different models.
        AccessRefused: the user may not read the related model at all.
    """
    if type(batch) is not int or batch < 1:
        raise InputError("batch is a number of records, 1 or more")
    names = (relations,) if isinstance(relations, str) else tuple(relations)
    target = _target(odoo, model, names)
    ids = sorted(set(_pointed_to(model, records, names)))
    found: dict[int, Record] = {}
    for start in range(0, len(ids), batch):
        part = ids[start : start + batch]
        domain = [["id", "in", part], *_whether_active_or_not(odoo, target)]
        left = set(part)
        for record in odoo.stream(target, domain, fields, batch=len(part), load_names=load_names):
            found[record["id"]] = record
            left.discard(record["id"])
            if not left:
                break  # to look for more would be two calls that find nothing
    missing = tuple(identity for identity in ids if identity not in found)
    return Related(target, MappingProxyType(found), missing)


def _target(odoo: Odoo, model: str, names: Sequence[str]) -> str:
    """The one model that the fields *names* of *model* lead to."""
    targets = {}
    for name in names:
        column = odoo.schema.field(model, name)
        if column.relation is None or not (column.type == "many2one" or column.is_x2many):
            raise InputError(
                f"{model}.{name} is of type {column.type}, which leads to no records that could be read together",
                advice="name many2one, one2many or many2many fields",
            )
        targets[column.relation] = name
    if len(targets) != 1:
        raise InputError(
            f"{model}: the fields {', '.join(names) or '(none)'} lead to {len(targets)} models",
            advice="name one or more fields that lead to the same model, and call once for each model",
        )
    return next(iter(targets))


def _pointed_to(model: str, records: Iterable[Record], names: Sequence[str]) -> Iterator[int]:
    for record in records:
        for name in names:
            if name not in record:
                raise InputError(f"{model}: a record was read without {name}", advice="name it among the fields read")
            yield from _ids(model, name, record[name])


def _ids(model: str, name: str, value: Value) -> Iterable[int]:
    if value is None:
        return ()
    if isinstance(value, Ref):
        return (value.id,)
    if isinstance(value, tuple):
        return value
    raise InputError(
        f"{model}.{name} holds a {type(value).__name__}, which points to no record",
        advice="give records as stream, pages, search_read or read gave them",
    )


def _whether_active_or_not(odoo: Odoo, model: str) -> list[list[object]]:
    """A term that takes archived records in, and leaves the context alone, which x2many fields would feel as well."""
    for name in ("active", "x_active"):
        if name in odoo.schema.fields(model):
            return [[name, "in", [True, False]]]
    return []
