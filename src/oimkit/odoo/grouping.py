"""Records counted and summed by the server, in groups: one answer from ``formatted_read_group`` and ``read_group``.

Which of the two a server has is learnt by asking. Both give the groups that have records: a stage without leads is no
group, and nothing tells which columns of a board are folded. Days, weeks and months of a datetime are those of
one time zone, UTC unless another is named, whatever the user's own is; a week begins where the server says, which
is Monday up to Odoo 16 and the language's first day after that: ``Span`` tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oimkit.errors import BadReply, InputError, InvalidCall
from oimkit.odoo.codec import Field, Value, Wire, decode_column
from oimkit.odoo.domains import both, normalised
from oimkit.odoo.transport.http import LostReply

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Group", "Span", "group"]

SPANS = ("hour", "day", "week", "month", "quarter", "year")
PARTS = (
    "year_number",
    "quarter_number",
    "month_number",
    "iso_week_number",
    "day_of_year",
    "day_of_month",
    "day_of_week",
    "hour_number",
    "minute_number",
    "second_number",
)
"""Parts of a date that newer servers group by: all Mondays, all Januaries; the key is a number."""

FUNCTIONS = ("sum", "avg", "min", "max", "count", "count_distinct", "bool_and", "bool_or")
_SUMS = ("sum", "avg", "min", "max")


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` up to, not including, ``end``: dates of a date field, aware datetimes of a datetime field."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Group:
    """Records that have the same keys.

    keys        by what was grouped by (``stage_id``, ``create_date:month``): a Ref, Span, bool, int, text; None
                where the records have no value
    count       how many records the group has; at least 1, but for the one group of ``by=[]``
    values      by aggregate (``amount_total:sum``): Decimal for amounts, int for counts and whole numbers, None where
                no record of the group has a value
    currencies  for each aggregate of amounts the id of their one currency, None where the server does not tell it
    domain      finds the records of this group: the caller's domain and the group's own; bounds are in UTC
    """

    keys: Mapping[str, Value]
    count: int
    values: Mapping[str, Value]
    currencies: Mapping[str, int | None] = field(repr=False)
    domain: tuple[Wire, ...] = field(repr=False)

    def __getitem__(self, name: str) -> Value:
        """The key or the aggregate that was asked for as *name*."""
        for told in (self.keys, self.values):
            if name in told:
                return told[name]
        raise InputError(f"the group has neither key nor aggregate {name}", advice="name it when you ask for groups")


@dataclass(frozen=True, slots=True)
class _Key:
    """One thing to group by: the field, and the span or part of a date, or None."""

    spec: str
    field: Field
    span: str | None


@dataclass(frozen=True, slots=True)
class _Sum:
    """One aggregate to ask for."""

    spec: str
    field: Field
    function: str

    @property
    def is_amount(self) -> bool:
        return self.field.type == "monetary" and self.function in _SUMS


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question for groups, checked against the model's fields.

    currencies  currency fields whose values the server is asked for beside the aggregates
    """

    model: str
    domain: list[Wire]
    keys: tuple[_Key, ...]
    sums: tuple[_Sum, ...]
    currencies: tuple[str, ...]
    zone: tzinfo


def group(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    by: Sequence[str],
    aggregates: Sequence[str] = (),
    *,
    tz: str = "UTC",
    order: str | None = None,
    limit: int | None = None,
) -> list[Group]:
    """The records of *model* that fit *domain*, counted and summed by the server for each combination of keys.

    Args:
        by: fields to group by; dates with a span: ``date:month`` (hour, day, week, month, quarter, year), or on newer
            servers with a part: ``date:month_number``. Empty gives one group of all. A record is in one group for
            each of its values of a many2many field.
        aggregates: ``field:function``, of sum, avg, min, max, count (of values), count_distinct, bool_and, bool_or.
        tz: the time zone whose days and months are meant for datetime fields; dates have none.
        order: one of *by* or *aggregates*, with `` desc`` for the largest first; None is the server's own order.
        limit: at most so many groups.

    Returns:
        Groups that have records; with ``by=[]`` exactly one, whose count may be 0. Sums have the decimals of their
        field or currency; an average is as the server computed it.

    Raises:
        InputError: an argument is none; or amounts of several currencies would be added up.
        InvalidCall, Refused: the server knows no such field, or cannot group or aggregate by it.
    """
    asked = _asked(odoo, model, domain, by, aggregates, tz)
    companies = _company_currencies(odoo, asked)
    told = _order(asked, order)
    if limit is not None and (type(limit) is not int or limit < 1):
        raise InputError("limit is a number of groups, 1 or more")
    rows = _rows(odoo, asked, tz, told, limit)
    return _groups(odoo, asked, companies, rows)


# --- what is asked


def _asked(
    odoo: Odoo, model: str, domain: Sequence[Wire], by: Sequence[str], aggregates: Sequence[str], tz: str
) -> _Asked:
    if isinstance(by, str) or isinstance(aggregates, str):
        raise InputError(f"{model}: by and aggregates are lists of names", advice="write by=['stage_id']")
    fields = odoo.schema
    keys = tuple(_key(fields.field(model, spec.partition(":")[0]), spec) for spec in dict.fromkeys(by))
    sums = tuple(_sum(fields.field(model, spec.partition(":")[0]), spec) for spec in dict.fromkeys(aggregates))
    grouped = {key.field.name for key in keys}
    for wanted in sums:
        if wanted.field.name in grouped:
            raise InputError(f"{model}: {wanted.field.name} is grouped by, so it cannot be aggregated as well")
    known = fields.fields(model)
    of_amounts = dict.fromkeys(wanted.field.currency_field or "" for wanted in sums if wanted.is_amount)
    currencies = tuple(name for name in of_amounts if name in known and name not in grouped and known[name].stored)
    return _Asked(model, normalised(domain), keys, sums, currencies, _zone(tz))


def _key(column: Field, spec: str) -> _Key:
    _, colon, span = spec.partition(":")
    if column.type not in ("date", "datetime"):
        if colon:
            raise InputError(f"{spec}: the field {column.name} is no date, so it has no {span or 'span'}")
        return _Key(spec, column, None)
    if span not in (*SPANS, *PARTS):
        raise InputError(
            f"{spec}: a date is grouped by a span of time, and {span} is not one" if span else f"{spec} needs a span",
            advice=f"write {column.name}:month, or one of {', '.join(SPANS)}",
        )
    return _Key(spec, column, span)


def _sum(column: Field, spec: str) -> _Sum:
    function = spec.partition(":")[2]
    if function not in FUNCTIONS:
        raise InputError(
            f"{spec}: {function} is no way to aggregate" if function else f"{spec} needs a function",
            advice=f"write {column.name}:sum, or one of {', '.join(FUNCTIONS)}; the count of records is always told",
        )
    if function in ("sum", "avg") and column.type not in ("integer", "float", "monetary"):
        raise InputError(f"{spec}: the field {column.name} is of type {column.type} and has no {function}")
    return _Sum(spec, column, function)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            "tz names no time zone that is known here", advice="write UTC or a name such as Europe/Brussels"
        ) from None


def _order(asked: _Asked, order: str | None) -> tuple[str, str] | None:
    """(what to order by, `` desc`` or nothing), or None."""
    if order is None:
        return None
    spec, _, direction = order.strip().partition(" ")
    known = {*(key.spec for key in asked.keys), *(wanted.spec for wanted in asked.sums)}
    if spec not in known or direction.lower() not in ("", "asc", "desc"):
        raise InputError("order is one of by or aggregates, then nothing, asc or desc", advice="leave it out otherwise")
    return spec, " desc" if direction.lower() == "desc" else ""


_OF_THE_COMPANY = ("company_currency", "company_currency_id")
"""Currency fields that follow the company of the record, on every model that has them."""


def _company_currencies(odoo: Odoo, asked: _Asked) -> dict[int, int]:
    """Currency by company, read where amounts keep their currency in no column; empty where nothing depends on it.

    InputError when such amounts could be of companies that have different currencies.
    """
    grouped = {key.field.name for key in asked.keys}
    told = {*asked.currencies, *grouped}
    untold = [wanted.spec for wanted in asked.sums if wanted.is_amount and wanted.field.currency_field not in told]
    if not untold:
        return {}
    companies = odoo.search_read("res.company", [], ["currency_id"])
    found = {company["id"]: company["currency_id"].id for company in companies if company["currency_id"]}
    if len(set(found.values())) > 1 and "company_id" not in grouped:
        hint = "group by company_id too"
        if not odoo.schema.has_field(asked.model, "company_id"):
            hint = "read the records and add up each currency for itself"
        raise InputError(
            f"{asked.model}: {untold[0]} would add amounts of companies that have different currencies", advice=hint
        )
    return found


# --- asking


_NO_FIELDS = "oimkit_count:count(id)"
"""For ``read_group`` where nothing is aggregated: no fields at all would mean all of them."""


def _rows(
    odoo: Odoo, asked: _Asked, tz: str, order: tuple[str, str] | None, limit: int | None
) -> list[dict[str, Wire]]:
    """The server's rows in the form of ``formatted_read_group``."""
    if odoo.schema.has_formatted_groups is False:
        return _older(odoo, asked, tz, order, limit)
    try:
        rows = _formatted(odoo, asked, tz, order, limit)
    except LostReply:
        raise
    except (InvalidCall, BadReply) as error:
        rows = _older(odoo, asked, tz, order, limit)  # where that fails too, its reason is the one to tell
        if isinstance(error, InvalidCall):  # a BadReply may be a page that hides the reason: ask again next time
            odoo.schema.has_formatted_groups = False
    else:
        odoo.schema.has_formatted_groups = True
    return rows


def _formatted(
    odoo: Odoo, asked: _Asked, tz: str, order: tuple[str, str] | None, limit: int | None
) -> list[dict[str, Wire]]:
    options: dict[str, Any] = {}
    if order is not None:
        options["order"] = "".join(order)
    if limit is not None:
        options["limit"] = limit
    rows = odoo.call(
        asked.model,
        "formatted_read_group",
        domain=asked.domain,
        groupby=[key.spec for key in asked.keys],
        aggregates=[
            "__count",
            *(wanted.spec for wanted in asked.sums),
            *(f"{name}:{function}" for name in asked.currencies for function in ("max", "count_distinct")),
        ],
        context={"tz": tz},
        **options,
    )
    return _checked(asked.model, rows)


def _older(
    odoo: Odoo, asked: _Asked, tz: str, order: tuple[str, str] | None, limit: int | None
) -> list[dict[str, Wire]]:
    """``read_group`` in its form without lazy groups, its rows put into the newer form."""
    aliases = {
        f"oimkit_{number}": (wanted.spec, wanted.field.name, wanted.function)
        for number, wanted in enumerate(asked.sums)
    }
    for name in asked.currencies:
        for function in ("max", "count_distinct"):
            aliases[f"oimkit_{len(aliases)}"] = (f"{name}:{function}", name, function)
    options: dict[str, Any] = {}
    if order is not None:
        spec = next((alias for alias, (spec, _, _) in aliases.items() if spec == order[0]), order[0])
        options["orderby"] = spec + order[1]
    if limit is not None:
        options["limit"] = limit
    fields = [f"{alias}:{function}({name})" for alias, (_, name, function) in aliases.items()] or [_NO_FIELDS]

    def ask(fields: Sequence[str]) -> list[dict[str, Wire]]:
        rows = odoo.call(
            asked.model,
            "read_group",
            domain=asked.domain,
            fields=list(fields),
            groupby=[key.spec for key in asked.keys],
            lazy=False,
            context={"tz": tz},
            **options,
        )
        return _checked(asked.model, rows)

    try:
        rows = ask(fields)
    except LostReply:
        raise
    except BadReply:
        if asked.keys:
            raise
        rows = [_one_by_one(odoo, asked, aliases, ask)]
    return [_renewed(asked, row, aliases) for row in rows]


def _one_by_one(
    odoo: Odoo,
    asked: _Asked,
    aliases: Mapping[str, tuple[str, str, str]],
    ask: Callable[[Sequence[str]], list[dict[str, Wire]]],
) -> dict[str, Wire]:
    """The one group of all, each aggregate asked for alone: over XML-RPC old servers fail to write "no value"."""
    row: dict[str, Wire] = {"__count": odoo.count(asked.model, asked.domain)}
    for alias, (_, name, function) in aliases.items():
        try:
            (told,) = ask([f"{alias}:{function}({name})"])
        except LostReply:
            raise
        except BadReply:
            if odoo.count(asked.model, both(asked.domain, [[name, "!=", False]])):
                raise
            row[alias] = None
        else:
            row[alias] = told.get(alias)
    return row


def _renewed(asked: _Asked, row: dict[str, Wire], aliases: Mapping[str, tuple[str, str, str]]) -> dict[str, Wire]:
    """A row of ``read_group`` as ``formatted_read_group`` gives it, with the whole domain under ``__domain``."""
    renewed = {spec: row.get(alias) for alias, (spec, _, _) in aliases.items()}
    renewed["__count"] = row.get("__count")
    renewed["__domain"] = row.get("__domain") or list(asked.domain)
    for key in asked.keys:
        renewed[key.spec] = row.get(key.spec)
    ranges = row.get("__range")
    for key in asked.keys:
        told = ranges.get(key.spec) if isinstance(ranges, dict) else None
        if isinstance(told, dict):
            renewed[key.spec] = [told.get("from"), row[key.spec]]
            renewed[_END + key.spec] = told.get("to")
    return renewed


def _checked(model: str, rows: Wire) -> list[dict[str, Wire]]:
    if not isinstance(rows, list) or any(type(row) is not dict or type(row.get("__count")) is not int for row in rows):
        raise BadReply(f"{model}: the reply is no list of groups")
    return rows


# --- what was answered


_END = "oimkit end of "
"""Stands before a key's name where a row keeps the end of its span."""


def _mark_spans(asked: _Asked, row: dict[str, Wire]) -> None:
    """Put the start and end of each span into *row*, from the terms of its domain unless the server told them apart.

    The groups' terms stand in the order of the keys: in ``__extra_domain`` alone, in the ``__domain`` of servers that
    tell no ranges (before 15) in front of the caller's own terms.
    """
    terms = iter(
        part for part in row.get("__extra_domain") or row.get("__domain") or () if isinstance(part, (list, tuple))
    )
    for key in asked.keys:
        if key.span not in SPANS or not row.get(key.spec) or _END + key.spec in row:
            continue
        first = next((term for term in terms if list(term[:2]) == [key.field.name, ">="]), None)
        last = next(terms, None)
        if first is None or last is None or list(last[:2]) != [key.field.name, "<"]:
            raise BadReply(f"{asked.model}: the server does not tell from when to when a group of {key.spec} reaches")
        row[key.spec], row[_END + key.spec] = [first[2]], last[2]


def _groups(odoo: Odoo, asked: _Asked, companies: Mapping[int, int], rows: list[dict[str, Wire]]) -> list[Group]:
    decimals_of = odoo.schema.currency_decimals
    for row in rows:
        _mark_spans(asked, row)
    keys = {key.spec: _key_values(asked, key, rows, decimals_of) for key in asked.keys}
    currencies = {
        wanted.spec: _currencies(asked, companies, wanted, rows, keys) for wanted in asked.sums if wanted.is_amount
    }
    values = {
        wanted.spec: _aggregate_values(wanted, rows, currencies.get(wanted.spec), decimals_of) for wanted in asked.sums
    }
    return [
        Group(
            keys=MappingProxyType({spec: column[place] for spec, column in keys.items()}),
            count=row["__count"],
            values=MappingProxyType({spec: column[place] for spec, column in values.items()}),
            currencies=MappingProxyType({spec: column[place] for spec, column in currencies.items()}),
            domain=_frozen(_domain(asked, row)),
        )
        for place, row in enumerate(rows)
    ]


def _domain(asked: _Asked, row: Mapping[str, Wire]) -> list[Wire]:
    whole = row.get("__domain")
    if isinstance(whole, list):
        return normalised(whole)
    extra = row.get("__extra_domain")
    if not isinstance(extra, list):
        raise BadReply(f"{asked.model}: the server gave a group without its domain")
    return both(asked.domain, [] if extra == [[1, "=", 1]] else extra)


def _frozen(value: Wire) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, (list, tuple)) else value


def _key_values(asked: _Asked, key: _Key, rows: Sequence[Mapping[str, Wire]], decimals_of: Any) -> list[Value]:
    told = [row.get(key.spec, False) for row in rows]
    if key.span is None:
        column = key.field
        if column.type == "many2many":
            column = Field(column.name, "many2one", column.relation)
        return _decoded(column, told, decimals_of)
    if key.span in PARTS:
        return [_part(asked.model, key, value) for value in told]
    return [_span(asked, key, row, value) for row, value in zip(rows, told, strict=True)]


def _part(model: str, key: _Key, value: Wire) -> int | None:
    if value is False or value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value != int(value):
        raise BadReply(f"{model}: the server gave a key of {key.spec} that is no whole number")
    return int(value)


def _span(asked: _Asked, key: _Key, row: Mapping[str, Wire], value: Wire) -> Span | None:
    if value is False or value is None:
        return None
    bounds = value[0], row[_END + key.spec]
    try:
        if key.field.type == "date":
            start, end = (date.fromisoformat(text[:10]) for text in bounds)
        else:
            start, end = (datetime.strptime(text + "+0000", "%Y-%m-%d %H:%M:%S%z") for text in bounds)
    except (ValueError, TypeError):
        raise BadReply(f"{asked.model}: the server gave a bound of {key.spec} that is no {key.field.type}") from None
    if not start < end:
        raise BadReply(f"{asked.model}: the server gave a group of {key.spec} that ends before it begins")
    return Span(_in_zone(start, asked.zone), _in_zone(end, asked.zone))


def _in_zone(moment: date, zone: tzinfo) -> date:
    """A moment in UTC at the offset that *zone* has then: equal moments stay equal, also when clocks are put back."""
    if not isinstance(moment, datetime) or zone is UTC:
        return moment
    there = moment.astimezone(zone)
    return there.replace(tzinfo=timezone(there.utcoffset() or timedelta(0)), fold=0)


def _currencies(
    asked: _Asked,
    companies: Mapping[int, int],
    wanted: _Sum,
    rows: Sequence[Mapping[str, Wire]],
    keys: Mapping[str, list[Value]],
) -> list[int | None]:
    """The currency of an aggregate of amounts in each row; InputError where one row has several."""
    name = wanted.field.currency_field or ""
    if name in keys:
        return [None if ref is None else ref.id for ref in keys[name]]
    if name not in asked.currencies and name in _OF_THE_COMPANY:
        if "company_id" in keys:
            return [None if ref is None else companies.get(ref.id) for ref in keys["company_id"]]
        return [next(iter(companies.values()), None)] * len(rows)
    if name not in asked.currencies:
        return [None] * len(rows)
    mixed = [row for row in rows if (row.get(f"{name}:count_distinct") or 0) > 1]
    if mixed:
        raise InputError(
            f"{asked.model}: {wanted.spec} mixes currencies in {len(mixed)} of {len(rows)} groups",
            advice=f"group by {name} too",
        )
    told = (row.get(f"{name}:max") for row in rows)
    return [value if type(value) is int else None for value in told]


def _aggregate_values(
    wanted: _Sum, rows: Sequence[Mapping[str, Wire]], currencies: list[int | None] | None, decimals_of: Any
) -> list[Value]:
    told = [row.get(wanted.spec) for row in rows]
    if wanted.function in ("count", "count_distinct"):
        return _decoded(Field(wanted.field.name, "integer"), [value or 0 for value in told], decimals_of)
    if wanted.function in ("bool_and", "bool_or"):
        return [bool(value) for value in told]
    if wanted.function == "avg":
        return _decoded(Field(wanted.field.name, "float"), told, decimals_of)
    if currencies is not None:
        column = Field(wanted.field.name, "monetary", currency_field="currency")
        return _decoded(column, told, decimals_of, currency=currencies)
    if wanted.field.type == "many2one":
        return _decoded(Field(wanted.field.name, "integer"), told, decimals_of)
    return _decoded(wanted.field, told, decimals_of)


def _decoded(column: Field, told: Sequence[Wire], decimals_of: Any, **beside: Sequence[Wire]) -> list[Value]:
    """Wire values of one field as Python values, by the codec; *beside* are other columns of the same rows."""
    rows: list[dict[str, Wire]] = [
        {column.name: value, **{name: values[place] for name, values in beside.items()}}
        for place, value in enumerate(told)
    ]
    if column.type == "boolean":
        decode_column(column, rows, decimals_of)
    else:  # no record of the group has a value, which a record's own field may not allow
        decode_column(column, [row for row in rows if not _is_nothing(row[column.name])], decimals_of)
    return [None if column.type != "boolean" and _is_nothing(row[column.name]) else row[column.name] for row in rows]


def _is_nothing(value: Wire) -> bool:
    return value is False or value is None
