"""Many records of one model, page by page in the order of their ids, while others go on working.

Each page asks for ids above the last one that was given, so nothing is skipped or given twice when records come and go
between two pages, as it happens with offsets. A page that is shorter than it was asked to be is not taken for the
last one: servers filter some models (messages, attachments) after they have cut the page, so only a count of zero
above the last id ends the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, TypedDict, TypeVar

from oimkit.errors import AccessRefused, BadReply, InputError, InvalidCall
from oimkit.odoo.codec import Field, Record, Wire, decode_column
from oimkit.odoo.domains import both, normalised
from oimkit.odoo.schema import Schema

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = [
    "BATCH",
    "Columns",
    "FromRecords",
    "ReadOptions",
    "pages",
    "raw_pages",
    "refuse_no_model",
    "stream",
    "stream_raw",
]

BATCH = 1000
"""Records asked for in one call where nothing else is said."""

_LARGEST_BATCH = 100_000
_WIDEST = 2**31 - 1
_TRIES = 3
"""Times a page is asked anew when records changed hands between finding and reading them."""


Page = tuple[list[Record], int | None]
"""Rows of one page, and the largest id that was found for it, also when its record was gone before it was read."""


class ReadOptions(TypedDict, total=False):
    """What ``stream``, ``stream_raw`` and ``pages`` take beside the question; ``pages`` tells what each means."""

    batch: int
    after: int | None
    load_names: bool
    active_test: bool | None


class FromRecords(Protocol):
    """A class of typed records: makes its objects from a page of records at once."""

    @classmethod
    def check_model(cls, model: str, /) -> None:
        """InputError when the class is not for records of *model*."""

    @classmethod
    def from_records(cls, records: Sequence[Record], /) -> Sequence[Self]:
        """One object a record, in order; the records are not used by anything else afterwards."""


T = TypeVar("T", bound=FromRecords)


@dataclass(frozen=True, slots=True)
class Columns:
    """Some fields of a model: what to ask the server for, and how its answer becomes records.

    wanted  the fields that records shall have, beside ``id``
    asked   the names to ask for: amounts need their currency to know their decimals
    """

    model: str
    wanted: tuple[Field, ...]
    asked: tuple[str, ...]
    schema: Schema

    @classmethod
    def of(cls, schema: Schema, model: str, fields: Iterable[str]) -> Columns:
        """The columns for *fields*; none at all means ``id`` alone, never "all fields".

        Raises InvalidCall for a field that the model does not have.
        """
        if isinstance(fields, str):
            raise InputError(f"{model}: fields is one text, not a list of names", advice=f"write [{fields!r}]")
        wanted = tuple(schema.field(model, name) for name in dict.fromkeys(fields) if name != "id")
        if model == "ir.attachment" and any(column.name == "raw" for column in wanted):
            raise InputError("ir.attachment.raw comes as text that is no base64", advice="read datas in its place")
        asked = dict.fromkeys(column.name for column in wanted)
        known = schema.fields(model)
        for column in wanted:
            for beside in (column.currency_field, column.model_field):  # what decimals, what model: the row tells
                if beside and beside in known:
                    asked[beside] = None
        return cls(model, wanted, tuple(asked) or ("id",), schema)

    def decoded(self, rows: Wire) -> list[Record]:
        """*rows* of a reply as records, changed in place; BadReply when they are none."""
        return self.converted(checked_rows(self.model, rows))

    def converted(self, rows: list[Record]) -> list[Record]:
        """*rows*, known to be records of wire values, as records of Python values, changed in place."""
        decimals_of = self.schema.currency_decimals
        for column in self.wanted:
            if column.type == "monetary":  # first, while the currency columns are still as they came
                decode_column(column, rows, decimals_of)
        for column in self.wanted:
            if column.type != "monetary":
                decode_column(column, rows, decimals_of)
        names = {column.name for column in self.wanted} | {"id"}
        for name in self.asked:
            if name not in names:
                for row in rows:
                    row.pop(name, None)
        return rows


def checked_rows(model: str, rows: Wire) -> list[Record]:
    """*rows* when they are records with ids, else BadReply."""
    if not isinstance(rows, list) or any(type(row) is not dict or type(row.get("id")) is not int for row in rows):
        raise BadReply(f"{model}: the reply is no list of records")
    return rows


def stream(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    fields: Sequence[str],
    *,
    batch: int = BATCH,
    after: int | None = None,
    load_names: bool = True,
    active_test: bool | None = None,
    typed: type[T] | None = None,
) -> Iterator[Any]:
    """Every record that fits *domain*, one at a time, by ascending id; see ``pages``, whose arguments it takes.

    typed  a class whose ``from_records`` makes the objects to give, a page at a time; None gives Records
    """
    if typed is not None:
        refuse_no_model(typed)
        typed.check_model(model)
    found = pages(odoo, model, domain, fields, batch=batch, after=after, load_names=load_names, active_test=active_test)
    return _one_by_one(found) if typed is None else _one_by_one(typed.from_records(page) for page in found)


def refuse_no_model(typed: type) -> None:
    """InputError when *typed* is no class that records can be made of."""
    if not hasattr(typed, "check_model"):
        raise InputError(
            "typed takes a class of the model that is read (oimkit.odoo.typed.Model)",
            advice="leave typed out for records, which are dicts already",
        )


def _one_by_one(found: Iterable[Sequence[Any]]) -> Iterator[Any]:
    for page in found:
        yield from page
        del page


def pages(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    fields: Sequence[str],
    *,
    batch: int = BATCH,
    after: int | None = None,
    load_names: bool = True,
    active_test: bool | None = None,
) -> Iterator[list[Record]]:
    """The records that fit *domain* in pages of at most *batch*, by ascending id, each page read when it is wanted.

    A record that is there and fits from the first page to the last is given exactly once, whatever others create,
    change and delete meanwhile, and none is given twice; one that appears, vanishes, or begins or ceases to fit on the
    way is given or not. Values are those of the moment its page was read. One page is held at a time.

    Args:
        fields: the fields of each record beside ``id``; none means ids alone.
        after: give only records with larger ids, to go on after an interruption.
        load_names: False leaves out the names of records that many2one fields point to (``Ref.name`` is None), which
            spares the server the work of making them.
        active_test: False gives archived records too, and archived ones in the x2many fields of each record (Odoo's
            context key of this name does both); True leaves them out; None keeps what the connection's context says,
            where silence leaves them out. A domain that names the field ``active`` itself overrides it for the records.

    Raises:
        InputError: the domain or an argument is none. InvalidCall: the model or a field is not there.
        BadReply: the server does not keep to the order of ids. NotSent, Refused: as ``Odoo.search_read``, after
            the same tries; what was given until then stays good, and ``after=`` its last id goes on from there.
    """
    columns = Columns.of(odoo.schema, model, fields)
    found = raw_pages(
        odoo, model, domain, columns.asked, batch=batch, after=after, load_names=load_names, active_test=active_test
    )
    return map(columns.converted, found)


def stream_raw(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    fields: Sequence[str],
    *,
    batch: int = BATCH,
    after: int | None = None,
    load_names: bool = True,
    active_test: bool | None = None,
) -> Iterator[dict[str, Wire]]:
    """Every record that fits *domain* as the server sent it (wire values), by ascending id; else as ``stream``."""
    names = [name for name in dict.fromkeys(_names(model, fields)) if name != "id"] or ["id"]
    return _one_by_one(
        raw_pages(odoo, model, domain, names, batch=batch, after=after, load_names=load_names, active_test=active_test)
    )


def raw_pages(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    asked: Sequence[str],
    *,
    batch: int,
    after: int | None,
    load_names: bool,
    active_test: bool | None,
) -> Iterator[list[Record]]:
    """Pages of wire values, each non-empty; ids ascend strictly within and across pages."""
    if type(batch) is not int or not 1 <= batch <= _LARGEST_BATCH:
        raise InputError(f"batch is a number of records from 1 to {_LARGEST_BATCH}")
    if after is not None and type(after) is not int:
        raise InputError("after is the id of a record, or None")
    view = odoo if active_test is None else odoo.with_context(active_test=active_test)
    return _read_on(
        view,
        model,
        _as_alone(model, normalised(domain)),
        asked,
        batch,
        after,
        _named_page if load_names else _nameless_page(view),
    )


_HIDDEN_UNLESS_NAMED = {"ir.attachment": (("id", "res_field"), ["res_field", "=", False])}
"""Terms that a model adds to a domain naming none of some fields: asking for ids above the last would drop them."""


def _as_alone(model: str, domain: list[Wire]) -> list[Wire]:
    """*domain* with the terms written out that the server adds to it only as long as no id is named in it."""
    names, term = _HIDDEN_UNLESS_NAMED.get(model, ((), None))
    if term is None or any(isinstance(part, list) and part[0] in names for part in domain):
        return domain
    return both(domain, [term])


def _read_on(
    view: Odoo,
    model: str,
    base: list[Wire],
    asked: Sequence[str],
    batch: int,
    last: int | None,
    read_page: Callable[..., Page],
) -> Iterator[list[Record]]:
    while True:
        rows, reached = read_page(view, model, _above(base, last), asked, batch)
        _demand_order(model, rows, last)
        is_full = len(rows) == batch
        if rows:
            last = rows[-1]["id"]
            yield rows
        del rows
        last = reached if last is None or (reached is not None and reached > last) else last
        if is_full:
            continue
        beyond = _next_visible(view, model, base, last, batch, began=reached is not None)
        if beyond is None:
            return
        last = beyond - 1


def _named_page(view: Odoo, model: str, domain: list[Wire], asked: Sequence[str], batch: int) -> Page:
    rows = checked_rows(
        model, view.call(model, "search_read", domain=domain, fields=list(asked), limit=batch, order="id")
    )
    return rows, rows[-1]["id"] if rows else None


def _nameless_page(view: Odoo) -> Callable[..., Page]:
    """How to read pages without names: in one call from Odoo 15 on; ``search_read`` before that has no ``load``.

    A model may override ``search_read`` without that argument; then two calls do it as well.
    """
    in_one_call = view.version.major >= 15

    def read_page(view: Odoo, model: str, domain: list[Wire], asked: Sequence[str], batch: int) -> Page:
        nonlocal in_one_call
        if in_one_call:
            try:
                rows = checked_rows(
                    model,
                    view.call(
                        model, "search_read", domain=domain, fields=list(asked), limit=batch, order="id", load=""
                    ),
                )
            except InvalidCall:
                in_one_call = False
            else:
                return rows, rows[-1]["id"] if rows else None
        return _found_then_read(view, model, domain, asked, batch)

    return read_page


def _found_then_read(view: Odoo, model: str, domain: list[Wire], asked: Sequence[str], batch: int) -> Page:
    """A page in two calls: records deleted between them are left out, and one that was hidden is looked for anew."""
    for left in reversed(range(_TRIES)):
        ids = view.search(model, domain, order="id", limit=batch)
        if not ids:
            return [], None
        try:
            rows = checked_rows(model, view.call(model, "read", ids=ids, fields=list(asked), load=""))
        except AccessRefused:
            if not left:
                raise
            continue
        return rows, ids[-1]
    raise AssertionError("the last try returns or raises")


def _above(base: list[Wire], last: int | None) -> list[Wire]:
    return base if last is None else both(base, [["id", ">", last]])


def _demand_order(model: str, rows: Sequence[Record], last: int | None) -> None:
    """BadReply unless the ids of *rows* ascend strictly from above *last*: else records would be lost or doubled."""
    for row in rows:
        if last is not None and row["id"] <= last:
            raise BadReply(
                f"{model}: the server gave record {row['id']} after record {last}, although asked in the order of ids",
                advice="an override of this model's search ignores order or domain, so it cannot be streamed",
            )
        last = row["id"]


def _next_visible(view: Odoo, model: str, base: list[Wire], last: int | None, batch: int, *, began: bool) -> int | None:
    """The id of the next record above *last*, or None when the server counts none there.

    *began* tells that the page before gave something, so that the one after may begin right behind it. Behind an
    empty page the search is widened until it reaches past the records that the server filtered out.
    """
    domain = _above(base, last)
    width = batch
    while view.count(model, domain):
        if began and last is not None:
            return last + 1
        width = min(width * 8, _WIDEST)
        found = view.search(model, domain, order="id", limit=width)
        if found:
            return min(found)
        if width == _WIDEST:
            raise BadReply(
                f"{model}: the server counts records above id {last} and does not find them",
                advice="an override of this model's search contradicts its count, so it cannot be streamed",
            )
    return None


def _names(model: str, fields: Iterable[str]) -> Iterable[str]:
    if isinstance(fields, str):
        raise InputError(f"{model}: fields is one text, not a list of names", advice=f"write [{fields!r}]")
    return fields
