"""``read_group`` and, from 19 on, ``formatted_read_group``: by field, or by a span of a date.

Hours, days, weeks, months, quarters and years of a datetime are those of the context's time zone, their bounds in UTC.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oimkit.sandbox.refusals import Foreign
from oimkit.sandbox.store import Row

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["formatted", "read_group"]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_NO_ZONE = (KeyError, ValueError, OSError)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A span of time as the wire writes it: dates, or moments in UTC, and what people see for it."""

    start: str
    end: str
    label: str


Group = tuple[tuple[Any, ...], list[int]]


def formatted(
    model: Model,
    domain: Sequence[Any],
    groupby: Sequence[str],
    aggregates: Sequence[str],
    having: Sequence[Any],
    offset: int,
    limit: int | None,
    order: str | None,
) -> list[Row]:
    """One row a group: its values (a link as [id, name], a date as [start, label]), ``__extra_domain``, aggregates."""
    if having:
        raise Foreign("builtins.NotImplementedError", "the sandbox groups without 'having'")
    rows = []
    for key, ids in _groups(model, model.visible(domain), groupby, order):
        row: Row = {spec: _shown(model, spec, value) for spec, value in zip(groupby, key, strict=True)}
        row["__extra_domain"] = _joined(_domain(spec, value) for spec, value in zip(groupby, key, strict=True))
        row |= {spec: _aggregate(model, ids, *_spec(spec)) for spec in aggregates}
        rows.append(row)
    return _ordered(rows, groupby, order)[offset : offset + limit if limit else None]


def read_group(
    model: Model,
    domain: Sequence[Any],
    fields: Sequence[str],
    groupby: str | Sequence[str],
    offset: int,
    limit: int | None,
    orderby: str,
    *,
    lazy: bool,
) -> list[Row]:
    """The older form: lazily only the first field groups, the count is ``<field>_count``."""
    wanted = [groupby] if isinstance(groupby, str) else list(groupby)
    used, later = (wanted[:1], wanted[1:]) if lazy else (wanted, [])
    count = f"{used[0].partition(':')[0]}_count" if lazy and len(used) == 1 else "__count"
    rows = []
    groups = _groups(model, model.visible(domain or []), used, orderby or None)
    if lazy and len(used) == 1 and used[0] in model.expands:
        groups = _with_empty(model, used[0], groups)
    for key, ids in groups:
        row: Row = {}
        for spec, value in zip(used, key, strict=True):
            shown = _shown(model, spec, value)
            is_span = ":" in spec or isinstance(value, Span)
            row[spec] = shown[1] if is_span and shown else shown
            if is_span and model.env.version >= 15:
                told = {"from": value.start, "to": value.end} if value else False
                row.setdefault("__range", {})[spec] = told
        row[count] = len(ids)
        for spec in fields:
            name, field, function = _named_spec(model, spec)
            if function is not None and field not in [part.partition(":")[0] for part in used]:
                row[name] = _aggregate(model, ids, field, function)
        extra = [_domain(spec, value) for spec, value in zip(used, key, strict=True)]
        row["__domain"] = _joined([*extra, list(domain or [])])
        if later:
            row["__context"] = {"group_by": later}
        rows.append(row)
    return _ordered(rows, used, orderby)[offset : offset + limit if limit else None]


def _ordered(rows: list[Row], groupby: Sequence[str], order: str | None) -> list[Row]:
    """*rows* in the order of one or more aggregates; keys are in order already."""
    for term in reversed([part.split() for part in (order or "").split(",") if part.strip()]):
        if term[0] not in groupby:
            if any(term[0] not in row for row in rows):
                raise Foreign("builtins.ValueError", f"Order term {term[0]!r} is no valid aggregate nor valid groupby")
            falling = len(term) > 1 and term[1].lower() == "desc"
            empty = [row for row in rows if row[term[0]] is False]
            told = sorted(
                (row for row in rows if row[term[0]] is not False), key=lambda row: row[term[0]], reverse=falling
            )
            rows = told + empty
    return rows


def _groups(model: Model, ids: Iterable[int], groupby: Sequence[str], order: str | None) -> list[Group]:
    found: dict[tuple[Any, ...], list[int]] = {} if groupby else {(): []}
    for id_ in sorted(ids):
        row = model.row(id_)
        for key in _keys(model, row, groupby):
            found.setdefault(key, []).append(id_)
    groups = sorted(found.items(), key=lambda group: _rank(model, groupby, group[0]))
    if order and groupby and order.strip().lower().startswith(groupby[0].lower()) and order.lower().endswith("desc"):
        groups.reverse()
    return groups


def _with_empty(model: Model, name: str, groups: list[Group]) -> list[Group]:
    """*groups* with one for every record that the link *name* could lead to, in that model's order."""
    known = dict(groups)
    comodel = model.env[model.fields[name].relation or ""]
    found: list[Group] = [((id_,), known.pop((id_,), [])) for id_ in comodel.sorted_ids(comodel.table.rows, None)]
    return found + list(known.items())


def _keys(model: Model, row: Row, groupby: Sequence[str]) -> list[tuple[Any, ...]]:
    """The groups that *row* is in: several where a grouping field is a list."""
    keys: list[tuple[Any, ...]] = [()]
    for spec in groupby:
        name, _colon, span = spec.partition(":")
        if name not in model.fields:
            raise Foreign("builtins.ValueError", f"Invalid field {name!r} on model {model.name!r}")
        _demand_stored(model, name)
        value = model.get(row, name)
        if model.fields[name].type in ("date", "datetime"):
            value = _span(model, value, span or "month", is_moment=model.fields[name].type == "datetime")
        values = (value or [None]) if isinstance(value, list) else [value]
        keys = [(*key, item) for key in keys for item in values]
    return keys


def _demand_stored(model: Model, name: str) -> None:
    if model.fields[name].store:
        return
    if model.env.version >= 17:
        text = f"Cannot convert {model.name}.{name} to SQL because it is not stored"
        raise Foreign("builtins.ValueError", text)
    raise Foreign(
        "builtins.AssertionError",
        "Fields in 'groupby' must be regular database-persisted fields (no function or related fields), "
        "or function fields with store=True",
    )


def _span(model: Model, value: str | None, span: str, *, is_moment: bool) -> Span | None:
    """The span that *value* lies in; by the context's time zone, UTC without one, for a moment."""
    if value is None:
        return None
    zone = _zone(model.env.context.get("tz")) if is_moment else UTC
    moment = datetime.fromisoformat(value[:19] if is_moment else value[:10]).replace(tzinfo=UTC).astimezone(zone)
    if span == "hour" and is_moment:
        hour = datetime.fromisoformat(value[:13] + ":00:00").replace(tzinfo=UTC)
        return Span(_written(hour), _written(hour + timedelta(hours=1)), f"{moment:%H}:00 {moment:%d %b}")
    first, after = _days(moment.date(), span, begins_on_sunday=model.env.version >= 17)
    label = _span_label(first.isoformat(), span)
    if not is_moment:
        return Span(first.isoformat(), after.isoformat(), label)
    return Span(_midnight(first, zone), _midnight(after, zone), label)


def _zone(name: object) -> tzinfo:
    try:
        return ZoneInfo(str(name)) if name else UTC
    except _NO_ZONE:
        return UTC


def _days(day: date, span: str, *, begins_on_sunday: bool) -> tuple[date, date]:
    """The first day of the *span* that *day* is in, and the first day after it."""
    if span in _DAYS:
        back = 0 if span == "day" else (day.weekday() + begins_on_sunday) % 7
        first = day - timedelta(days=back)
        return first, first + timedelta(days=_DAYS[span])
    if span not in _MONTHS:
        raise Foreign("builtins.NotImplementedError", f"the sandbox does not group by {span}")
    length = _MONTHS[span]
    month = (day.month - 1) // length * length
    after = month + length
    return date(day.year, month + 1, 1), date(day.year + after // 12, after % 12 + 1, 1)


def _midnight(day: date, zone: tzinfo) -> str:
    return _written(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _rank(model: Model, groupby: Sequence[str], key: Sequence[Any]) -> list[Any]:
    ranks: list[Any] = []
    for spec, value in zip(groupby, key, strict=True):
        field = model.fields[spec.partition(":")[0]]
        if field.relation and value is not None:
            comodel = model.env[field.relation]
            value = comodel.sorted_ids(comodel.table.rows, None).index(value)
        ranks.append((value is None, value if value is not None else Decimal(0)))
    return ranks


def _shown(model: Model, spec: str, value: Any) -> Any:
    field = model.fields[spec.partition(":")[0]]
    if value is None:
        return False
    if field.relation:
        return [value, model.env[field.relation].elevated().name_by_id(value)]
    return [value.start, value.label] if isinstance(value, Span) else value


def _span_label(start: str, span: str) -> str:
    year, month, day = start.split("-")
    if span == "week":
        return f"W{date.fromisoformat(start).isocalendar().week} {year}"
    if span == "day":
        return f"{day} {calendar.month_abbr[int(month)]} {year}"
    if span == "year":
        return year
    return f"Q{(int(month) + 2) // 3} {year}" if span == "quarter" else f"{calendar.month_name[int(month)]} {year}"


def _domain(spec: str, value: Any) -> list[Any]:
    name = spec.partition(":")[0]
    if isinstance(value, Span):
        return ["&", [name, ">=", value.start], [name, "<", value.end]]
    return [[name, "=", False if value is None else value]]


def _joined(domains: Iterable[list[Any]]) -> list[Any]:
    parts = [domain for domain in domains if domain]
    if not parts:
        return [[1, "=", 1]]
    return ["&"] * (len(parts) - 1) + [leaf for part in parts for leaf in part]


def _spec(spec: str) -> tuple[str, str]:
    name, _colon, function = spec.partition(":")
    return name, function or "count"


def _named_spec(model: Model, spec: str) -> tuple[str, str, str | None]:
    """A field of ``read_group``: ``amount``, ``amount:sum`` or ``total:sum(amount)`` as (name, field, function)."""
    name, colon, rest = spec.partition(":")
    function, bracket, inner = rest.partition("(")
    field = inner.removesuffix(")") if bracket else name
    if field not in model.fields:
        raise Foreign("builtins.ValueError", f"Invalid field {field!r} on model {model.name!r}")
    if not colon:
        kind = model.fields[field].type
        return name, field, "sum" if kind in ("float", "monetary", "integer") and field != "id" else None
    return name, field, function


def _aggregate(model: Model, ids: Sequence[int], name: str, function: str) -> Any:
    if name == "__count":
        return len(ids)
    values = [value for id_ in ids if (value := model.get(model.row(id_), name)) is not None]
    if function == "count":
        return len(values)
    if function == "count_distinct":
        return len(set(values))
    if function == "array_agg":
        return values
    if not values:
        return False
    if function == "sum":
        return sum(values[1:], values[0])
    if function == "avg":
        return sum(Decimal(value) for value in values) / len(values)
    if function in ("min", "max"):
        return min(values) if function == "min" else max(values)
    raise Foreign("builtins.ValueError", f"Invalid aggregate method {function!r} for {name!r}")
