"""What every model can do: create, read, write, unlink, search, group, name, load, describe itself.

A model with behaviour of its own is a subclass in sandbox/models/. It may

- give a value for a field that is not kept: a method ``get_<field>(row)``;
- take a value for a field that is not kept: a method ``set_<field>(id_, value)``;
- bend ``new``, ``modify`` and ``remove``, the unchecked steps behind ``create``, ``write`` and ``unlink``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from oimkit.sandbox import describe, export, grouping, loading, properties, rights, rules
from oimkit.sandbox.commands import apply_commands
from oimkit.sandbox.domains import compile_domain, mentions
from oimkit.sandbox.fillings import fill_required
from oimkit.sandbox.profile import Field
from oimkit.sandbox.refusals import AccessError, Foreign, MissingError, UserError, ValidationError
from oimkit.sandbox.rpc import public
from oimkit.sandbox.store import Row, Table
from oimkit.sandbox.values import Created, cast, empty

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment

__all__ = ["Model"]

# many2many fields that are one relation seen from two sides: the first is read from the second.
_MIRRORED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("res.groups", "users"): ("res.users", "groups_id"),
    ("res.groups", "user_ids"): ("res.users", "group_ids"),
}
_BOOKKEEPING = ("create_date", "create_uid", "write_date", "write_uid")


class Model:
    """One model in one environment.

    order       the order of a search that names none
    rec_name    the field that names a record
    label       the model's title in a refusal
    expands     links by which a lazy ``read_group`` shows empty groups too
    """

    order: ClassVar[str] = "id"
    rec_name: ClassVar[str] = "name"
    label: ClassVar[str] = ""
    expands: ClassVar[tuple[str, ...]] = ()

    def __init__(self, env: Environment, name: str, fields: Mapping[str, Field]) -> None:
        self.env = env
        self.name = name
        self.fields = fields

    # Rows -------------------------------------------------------------------------------------------------------

    @property
    def table(self) -> Table:
        return self.env.store.table(self.name)

    def row(self, id_: int) -> Row:
        """The row of *id_*. Raises MissingError."""
        row = self.table.rows.get(id_)
        if row is None:
            raise MissingError(
                f"Record does not exist or has been deleted.\n(Record: {self.name}({id_},), User: {self.env.user})"
            )
        return row

    def rows(self, ids: Iterable[int]) -> list[Row]:
        return [self.row(id_) for id_ in ids]

    def put(self, id_: int, **changes: Any) -> None:
        """Set kept values of one row as they are: no casting, no hooks."""
        self.env.store.put(self.name, id_, {**self.row(id_), **changes})

    def get(self, row: Row, name: str) -> Any:
        """The value of a field in the form it is kept in: empty text and links are None, numbers 0, lists []."""
        getter = getattr(type(self), "get_" + name, None)
        if getter is not None:
            return getter(self, row)
        field = self.fields.get(name)
        if field is None:
            raise Foreign("builtins.ValueError", self._unknown(name))
        if field.type == "one2many":
            return self.children(row["id"], field)
        mirror = _MIRRORED.get((self.name, name))
        if mirror is not None:
            others = self.env[mirror[0]].table.rows.values()
            return [other["id"] for other in others if row["id"] in (other.get(mirror[1]) or ())]
        if name == "display_name":
            return self.display_name(row)
        if field.type == "properties":
            return properties.shown(self, row, field)
        value = row.get(name)
        return empty(field) if value is None else value

    def is_plain(self, name: str) -> bool:
        """Whether *name* is simply kept in the row, so that an index on it is true."""
        computed = self.fields[name].type in ("one2many", "properties")
        return getattr(type(self), "get_" + name, None) is None and not computed

    def children(self, id_: int, field: Field) -> list[int]:
        """Ids of the one2many *field* of record *id_*, in the order of their model; archived ones are left out."""
        inverse = field.relation_field or ""
        if inverse not in self.env.profile.models.get(field.relation or "", {}):
            return []  # a model or a link that the profile does not have: nothing can hang on it
        comodel = self.env[field.relation or ""]
        if not comodel.is_plain(inverse):
            return []
        ids = comodel.table.ids_where(inverse, [id_])
        if "active" in comodel.fields and self.env.context.get("active_test", True):
            ids = {child for child in ids if comodel.row(child).get("active", True)}
        return comodel.sorted_ids(ids, None)

    def owned_through(self, name: str) -> bool:
        """Whether a record whose many2one *name* is emptied is deleted with it."""
        del name
        return False

    def display_name(self, row: Row) -> str | None:
        value = row.get(self.rec_name)
        return str(value) if value is not None else None

    def parent_field(self) -> str | None:
        return "parent_id" if "parent_id" in self.fields else None

    # Search -----------------------------------------------------------------------------------------------------

    def matching(self, domain: Sequence[Any], *, active_test: bool = False) -> set[int]:
        """Ids of the rows that pass *domain*; rights and rules are not asked."""
        if active_test and "active" in self.fields and not mentions(domain, "active"):
            domain = [["active", "=", True], *domain]
        test, candidates = compile_domain(self, domain)
        rows = self.table.rows
        if candidates is None:
            return {id_ for id_, row in rows.items() if test(row)}
        return {id_ for id_ in candidates if id_ in rows and test(rows[id_])}

    def visible(self, domain: Sequence[Any]) -> set[int]:
        """As ``matching``, for the calling user: its record rules and the ``active_test`` of its context."""
        ids = self.matching(domain, active_test=self.env.context.get("active_test", True))
        return rules.passing(self, ids)

    def sorted_ids(self, ids: Iterable[int], order: str | None) -> list[int]:
        """*ids* by an order such as ``date desc, id``; empty values come last going up, first going down."""
        found = sorted(ids)
        for part in reversed([part.split() for part in (order or self.order).split(",") if part.strip()]):
            name, descending = part[0], len(part) > 1 and part[1].lower() == "desc"
            if name.split(".")[0].split(":")[0] not in self.fields:
                raise Foreign("builtins.ValueError", f"Invalid field {name!r} on {self.name!r}")
            key = self._sort_key(name)
            found.sort(key=key, reverse=descending)
        return found

    def _sort_key(self, name: str) -> Callable[[int], Any]:
        rows, field = self.table.rows, self.fields[name]
        if name == "id":
            return lambda id_: id_
        if field.type == "many2one":
            comodel = self.env[field.relation or ""]
            ranks: dict[int, int] = self.env.store.remembered(("ranks", comodel.name), comodel.ranks)
            return lambda id_: _last_if_none(ranks.get(self.get(rows[id_], name) or 0))
        return lambda id_: _last_if_none(self.get(rows[id_], name))

    def ranks(self) -> dict[int, int]:
        """Each record's place in the model's own order."""
        return {id_: rank for rank, id_ in enumerate(self.sorted_ids(self.table.rows, None))}

    def named(self, text: Any, operator: str) -> set[int]:
        """Ids whose name matches, for conditions and cells that give a name instead of an id."""
        if self.rec_name not in self.fields:
            return set()
        return self.matching([(self.rec_name, operator, text)], active_test=True)

    def descendants(self, ids: Iterable[int]) -> set[int]:
        """*ids* and everything below them by ``parent_id``."""
        found, parent = set(), self.parent_field()
        waiting = set(ids)
        while waiting:
            found |= waiting
            waiting = (self.table.ids_where(parent, waiting) if parent else set()) - found
        return found & self.table.rows.keys()

    def ancestors(self, ids: Iterable[int]) -> set[int]:
        """*ids* and everything above them by ``parent_id``."""
        found: set[int] = set()
        parent = self.parent_field()
        for id_ in ids:
            above: int | None = id_
            while above and above not in found:
                found.add(above)
                above = self.row(above).get(parent) if parent else None
        return found

    # Unchecked changes ------------------------------------------------------------------------------------------

    def new(self, values: Mapping[str, Any]) -> int:
        """Create one record from wire values and return its id; what subclasses bend."""
        return self.insert({**self.defaults(values), **values})

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of a new record that *values* does not name."""
        del values
        found: dict[str, Any] = {"active": True} if "active" in self.fields else {}
        for key, value in self.env.context.items():
            name = key.removeprefix("default_")
            if key.startswith("default_") and name in self.fields:
                found[name] = value
        if "company_id" in self.fields and self.fields["company_id"].required:
            found["company_id"] = self.env.company
        return found

    def insert(self, values: Mapping[str, Any]) -> int:
        """Write a new row with *values*, its links and its external id (key ``id``)."""
        given = {name: value for name, value in values.items() if name != "id"}
        self._refuse_unknown(given, creating=True)
        id_ = self.env.store.next_value(self.name)
        stamp = {"create_date": self.env.now, "create_uid": self.env.user}
        stamp |= {"write_date": self.env.now, "write_uid": self.env.user}
        self.env.store.put(self.name, id_, {"id": id_, **stamp})
        self.assign(id_, {name: value for name, value in given.items() if name not in _BOOKKEEPING})
        for field in properties.fields_of(self):
            self.put(id_, **{field.name: properties.with_defaults(self, self.row(id_), field)})
        self._refuse_missing(id_)
        fill_required(self, id_)
        external_id = values.get("id")
        if isinstance(external_id, str) and external_id:
            loading.claim(self, external_id, id_)
        return id_

    def modify(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        """Change records with wire values; what subclasses bend."""
        self.assign_all(ids, values)

    def assign_all(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        self._refuse_unknown(values, creating=False)
        for id_ in ids:
            self.row(id_)
            self.assign(id_, values)
            self._refuse_missing(id_)

    def assign(self, id_: int, values: Mapping[str, Any]) -> None:
        """Keep *values* (wire form) in the row *id_*: setters and commands run after the plain fields."""
        plain: Row = {}
        later: list[tuple[str, Any]] = []
        for name, value in values.items():
            field = self.fields[name]
            if getattr(type(self), "set_" + name, None) is not None or field.is_x2many or field.type == "properties":
                later.append((name, value))
            elif field.store and name not in ("id", *_BOOKKEEPING):
                plain[name] = cast(self.name, field, value, self.decimals(field))
        self._refuse_dangling(plain)
        self.put(id_, **plain, write_date=self.env.now, write_uid=self.env.user)
        for name, value in later:
            setter = getattr(self, "set_" + name, None)
            if setter is not None:
                setter(id_, value)
            elif self.fields[name].type == "properties":
                self.put(id_, **{name: properties.kept(self, self.row(id_), self.fields[name], value)})
            else:
                apply_commands(self, id_, self.fields[name], value)

    def set_links(self, id_: int, name: str, ids: Sequence[int]) -> None:
        """Set the many2many *name* of one record, from whichever side it is kept."""
        mirror = _MIRRORED.get((self.name, name))
        if mirror is None:
            self.put(id_, **{name: list(ids)})
            return
        other = self.env[mirror[0]]
        for row in list(other.table.rows.values()):
            linked = [item for item in row.get(mirror[1]) or [] if item != id_]
            if row["id"] in ids:
                linked.append(id_)
            other.put(row["id"], **{mirror[1]: linked})

    def remove(self, ids: Sequence[int]) -> None:
        """Delete records, their external ids, and what points at them; what subclasses bend."""
        gone = set(ids)
        for id_ in ids:
            self.row(id_)
            self.env.store.drop(self.name, id_)
        data = self.env["ir.model.data"]
        for key in data.table.ids_where("res_id", gone):
            if data.row(key)["model"] == self.name:
                self.env.store.drop(data.name, key)

    def decimals(self, field: Field) -> int | None:
        """Places to which a number of *field* is rounded."""
        if field.digits is not None:
            return field.digits[1]
        return 2 if field.type == "monetary" else None

    def _unknown(self, name: str) -> str:
        preposition = "on" if self.env.has("newer_orm_texts") else "on model"
        return f"Invalid field {name!r} {preposition} {self.name!r}"

    def _refuse_unknown(self, values: Mapping[str, Any], *, creating: bool) -> None:
        for name in values:
            if name in self.fields:
                continue
            if not self.env.has("newer_orm_texts"):
                raise Foreign("builtins.ValueError", f"Invalid field {name!r} on model {self.name!r}")
            if creating:
                raise Foreign("builtins.ValueError", f"Invalid field {name!r} in {self.name!r}")
            raise Foreign("builtins.KeyError", name)

    def _refuse_missing(self, id_: int) -> None:
        """Raise ValidationError where a required, kept field is empty."""
        row = self.row(id_)
        for name in self.needed():
            if row.get(name) is None:
                raise self._required(name)

    def _required(self, name: str) -> ValidationError:
        label, title = self.title(), self.fields[name].string
        if self.env.has("newer_orm_texts"):
            words = (
                f"Missing required value for the field {title!r} ({name}).\nModel: {label!r} ({self.name})\n"
                "- create/update: a mandatory field is not set\n"
                "- delete: another model requires the record being deleted, you can archive it instead\n"
            )
            return ValidationError(f"The operation cannot be completed: {words}", plain=words, field=name)
        return ValidationError(
            "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another "
            "model requires the record being deleted. If possible, archive it instead.\n\n"
            f"Model: {label} ({self.name}), Field: {title} ({name})",
            plain=f"Missing required value for the field {title!r} ({name})",
            field=name,
        )

    def needed(self) -> tuple[str, ...]:
        """Fields that must not be empty; defaults of this double stand in for most of the server's."""
        return ("name",) if "name" in self.fields and self.fields["name"].required else ()

    def _refuse_dangling(self, plain: Row) -> None:
        for name, value in plain.items():
            field = self.fields[name]
            known = field.type == "many2one" and value is not None and field.relation in self.env.profile.models
            if known and value not in self.env[field.relation or ""].table.rows:
                raise UserError(
                    "The operation cannot be completed: another model requires the record being deleted or the record "
                    f"{field.relation}({value},) that {self.name}.{name} points at does not exist."
                )

    # Rights -----------------------------------------------------------------------------------------------------

    def check(self, operation: str, ids: Sequence[int] = ()) -> None:
        """Raise AccessError where the calling user may not do *operation* on the model or on one of *ids*."""
        rights.check_model(self.env, self.name, self.title(), operation)
        if ids and not self.env.su:
            rules.refuse_hidden(self, operation, {id_ for id_ in ids if id_ in self.table.rows})

    def title(self) -> str:
        """The model's title in English, as refusals tell it."""
        return self.label or describe.label_of(self.name)

    # What clients call ------------------------------------------------------------------------------------------

    @public("model")
    def create(self, vals_list: Any) -> Created:
        self.check("create")
        single = isinstance(vals_list, dict)
        ids = tuple(self._created(values) for values in ([vals_list] if single else list(vals_list)))
        self.check("create", ids)
        return Created(ids, single)

    def _created(self, values: Mapping[str, Any]) -> int:
        """A record from a client's values; ``id`` among them is its key where the context says so, else nothing."""
        id_ = self.new({name: value for name, value in values.items() if name != "id"})
        key = values.get("id")
        if isinstance(key, str) and key and self.env.context.get("_import_current_module"):
            loading.point(self, key, id_)
        return id_

    @public("multi")
    def write(self, ids: Sequence[int], vals: Mapping[str, Any]) -> bool:
        self.check("write", ids)
        self.modify(ids, vals)
        return True

    @public("multi", until=18, name="copy")
    def copy_14(self, ids: Sequence[int], default: Mapping[str, Any] | None = None) -> int:
        return self.copy_19(ids[:1], default)[0]

    @public("multi", since=19, name="copy")
    def copy_19(self, ids: Sequence[int], default: Mapping[str, Any] | None = None) -> list[int]:
        """A record with the same kept values for each of *ids*; lists of lines are not copied."""
        self.check("read", ids)
        self.check("create")
        return [self.new({**self.copied(self.row(id_)), **(default or {})}) for id_ in ids]

    def copied(self, row: Row) -> dict[str, Any]:
        """The values of a copy of *row*."""
        if self.name.startswith("account."):
            raise Foreign("builtins.NotImplementedError", f"the sandbox does not copy records of {self.name}")
        kept = [
            field
            for field in self.fields.values()
            if field.store and field.type != "one2many" and self.is_plain(field.name) and not field.readonly
            if field.relation is None or field.relation in self.env.profile.models
        ]
        values: dict[str, Any] = {}
        for field in kept:
            value = row.get(field.name)
            if field.type == "many2many":
                values[field.name] = [(6, 0, list(value or []))]
            elif value is not None:
                values[field.name] = value
        return values

    @public("multi")
    def get_metadata(self, ids: Sequence[int]) -> list[Row]:
        """Who made and changed the records, and when; the external id of each."""
        rows = self.read(ids, ["create_uid", "create_date", "write_uid", "write_date"])
        return [{**row, "xmlid": export.external_id_of(self, row["id"]) or False, "noupdate": False} for row in rows]

    @public("multi")
    def unlink(self, ids: Sequence[int]) -> bool:
        self.check("unlink", ids)
        self.remove(ids)
        return True

    @public("multi")
    def read(
        self,
        ids: Sequence[int],
        fields: Sequence[str] | None = None,
        load: str = "_classic_read",
    ) -> list[Row]:
        self.check("read", ids)
        if isinstance(fields, str):
            raise Foreign("builtins.ValueError", self._unknown(fields[:1]))
        names = list(fields) if fields else [name for name, field in self.fields.items() if field.type != "binary"]
        wanted = list(dict.fromkeys(["id", *names]))
        readers = [self._column(name, named=load == "_classic_read") for name in wanted]
        if list(names) == ["id"]:
            return [{"id": id_} for id_ in dict.fromkeys(ids)]  # the server does not look when only ids are asked for
        rows = self.table.rows
        found = [rows[id_] for id_ in dict.fromkeys(ids) if id_ in rows]
        columns = [reader(found) for reader in readers]
        return [dict(zip(wanted, values, strict=True)) for values in zip(*columns, strict=True)]

    def _column(self, name: str, *, named: bool) -> Callable[[Sequence[Row]], list[Any]]:
        """What turns rows into the wire values of one field."""
        field = self.fields.get(name)
        if field is None:
            raise Foreign("builtins.ValueError", self._unknown(name))
        is_kept = self.is_plain(name) and (self.name, name) not in _MIRRORED and name != "display_name"
        if field.type == "many2one" and field.relation in self.env.profile.models and named:
            name_of = functools.cache(self.env[field.relation or ""].elevated().name_by_id)
            if is_kept:
                return lambda rows: [[target, name_of(target)] if (target := row.get(name)) else False for row in rows]
            return lambda rows: [
                [target, name_of(target)] if (target := self.get(row, name)) else False for row in rows
            ]
        if is_kept:
            nothing = empty(field)
            nothing = False if nothing is None else nothing
            return lambda rows: [nothing if (value := row.get(name)) is None else value for row in rows]
        return lambda rows: [False if (value := self.get(row, name)) is None else value for row in rows]

    def elevated(self) -> Model:
        """This model without rights asked, for names and the server's own steps."""
        return type(self)(self.env.sudo(), self.name, self.fields)

    def name_by_id(self, id_: int) -> str:
        row = self.table.rows.get(id_)
        name = self.get(row, "display_name") if row is not None else None
        return name or f"{self.name},{id_}"

    @public("model", name="search", until=16)
    def search_14(
        self,
        args: Sequence[Any],
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
        count: bool = False,
    ) -> Any:
        found = self.search(args, offset, limit, order)
        return len(found) if count else found

    @public("model", since=17)
    def search(
        self,
        domain: Sequence[Any],
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[int]:
        self.check("read")
        ids = self.sorted_ids(self.visible(domain or []), order or None)
        stop = offset + limit if limit else None
        return ids[offset:stop]

    @public("model")
    def search_read(
        self,
        domain: Sequence[Any] | None = None,
        fields: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
        load: str = "_classic_read",
    ) -> list[Row]:
        return self.read(Model.search(self, domain or [], offset, limit, order), fields, load)

    @public("model")
    def search_count(self, domain: Sequence[Any], limit: int | None = None) -> int:
        self.check("read")
        count = len(self.visible(domain or []))
        return min(count, limit) if limit else count

    @public("multi", until=18)
    def exists(self, ids: Sequence[int]) -> list[int]:
        return [id_ for id_ in ids if id_ in self.table.rows]

    @public("multi", until=17)
    def name_get(self, ids: Sequence[int]) -> list[Any]:
        self.check("read", ids)
        return [[id_, self.get(self.row(id_), "display_name") or ""] for id_ in ids]

    @public("model", name="name_search", until=16)
    def name_search_14(self, name: str = "", args: Any = None, operator: str = "ilike", limit: int = 100) -> Any:
        return self._found_by_name(name, args, operator, limit)

    @public("model", name="name_search", since=17)
    def name_search_19(self, name: str = "", domain: Any = None, operator: str = "ilike", limit: int = 100) -> Any:
        return self._found_by_name(name, domain, operator, limit)

    def _found_by_name(self, name: str, domain: Sequence[Any] | None, operator: str, limit: int) -> list[Any]:
        self.check("read")
        ids = self.visible(domain or [])
        if name:
            ids &= self.named(name, operator)
        return [[id_, self.name_by_id(id_)] for id_ in self.sorted_ids(ids, None)[: limit or None]]

    @public("model")
    def name_create(self, name: str) -> list[Any]:
        self.check("create")
        id_ = self.new({self.rec_name: name})
        return [id_, self.name_by_id(id_)]

    @public("model")
    def default_get(self, fields: Sequence[str]) -> Row:
        given = self.shown_defaults()
        return {name: given[name] for name in fields if name in given}

    def shown_defaults(self) -> Row:
        """The defaults that a form would show before anything is written."""
        return self.defaults({})

    @public("model")
    def fields_get(
        self,
        allfields: Sequence[str] | None = None,
        attributes: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        return describe.describe_fields(self, allfields, attributes)

    @public("model", name="check_access_rights", until=17)
    def check_access_rights(self, operation: str, raise_exception: bool = True) -> bool:
        if raise_exception:
            self.check(operation)
        return rights.may(self.env, self.name, operation)

    @public("model", name="check_access_rights", since=18)
    def check_access_rights_19(self, operation: str, raise_exception: bool = True) -> bool:
        return self.check_access_rights(operation, raise_exception)

    @public("multi", since=18)
    def has_access(self, ids: Sequence[int], operation: str) -> bool:
        try:
            self.check(operation, ids)
        except AccessError:
            return False
        return True

    @public("model")
    def load(self, fields: Sequence[str], data: Sequence[Sequence[Any]]) -> dict[str, Any]:
        return loading.load(self, fields, data)

    @public("multi")
    def get_external_id(self, ids: Sequence[int]) -> dict[int, str]:
        return {id_: export.external_id_of(self, id_) or "" for id_ in ids}

    @public("multi")
    def export_data(self, ids: Sequence[int], fields_to_export: Sequence[str]) -> dict[str, Any]:
        self.check("read", ids)
        return {"datas": export.rows(self, ids, fields_to_export)}

    @public("model")
    def read_group(
        self,
        domain: Sequence[Any],
        fields: Sequence[str],
        groupby: str | Sequence[str],
        offset: int = 0,
        limit: int | None = None,
        orderby: str | bool = False,
        lazy: bool = True,
    ) -> list[Row]:
        self.check("read")
        return grouping.read_group(self, domain, fields, groupby, offset, limit, str(orderby or ""), lazy=lazy)

    @public("model", since=19)
    def formatted_read_group(
        self,
        domain: Sequence[Any],
        groupby: Sequence[str] = (),
        aggregates: Sequence[str] = (),
        having: Sequence[Any] = (),
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[Row]:
        self.check("read")
        return grouping.formatted(self, domain, groupby, aggregates, having, offset, limit, order)

    @public("multi")
    def message_post(self, ids: Sequence[int], **named: Any) -> Any:
        if "message_ids" not in self.fields:
            raise Foreign("builtins.AttributeError", f"The method '{self.name}.message_post' does not exist")
        from oimkit.sandbox.models.documents import post_message  # it is a Model itself

        return post_message(self, ids, named)

    @public("multi")
    def message_subscribe(self, ids: Sequence[int], partner_ids: Sequence[int] = ()) -> bool:
        followers = self.env["mail.followers"].elevated()
        for id_ in ids:
            self.row(id_)
            for partner in partner_ids:
                about = [["res_model", "=", self.name], ["res_id", "=", id_], ["partner_id", "=", partner]]
                if not followers.matching(about):
                    followers.new({"res_model": self.name, "res_id": id_, "partner_id": partner})
        return True

    # Archiving: from the ``active`` field, on models that have it -------------------------------------------------

    @public("multi")
    def action_archive(self, ids: Sequence[int]) -> None:
        self.write(ids, {"active": False})

    @public("multi")
    def action_unarchive(self, ids: Sequence[int]) -> None:
        self.write(ids, {"active": True})

    @public("multi", until=18)
    def toggle_active(self, ids: Sequence[int]) -> None:
        for id_ in ids:
            self.write([id_], {"active": not self.row(id_).get("active")})


def _last_if_none(value: Any) -> tuple[bool, Any]:
    if isinstance(value, bool):
        return (False, value)
    if isinstance(value, (list, dict)):
        return (False, len(value))
    return (value is None, value if value is not None else Decimal(0))
