"""Working in one company of a database that has several, and never by accident in another.

Measured on 14 and 19: with ``allowed_company_ids = [A]`` the first company named is the one that new records get, and
record rules hide the records of others. Without that context every company of the user is open, a journal of B makes
an entry of B, and nothing is said. Models without a company rule (custom ones most often) are open either way: for
those the check here is the only one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from oimkit.errors import AccessRefused, BadReply, InputError
from oimkit.odoo.codec import Ref, Wire
from oimkit.odoo.transport.calls import Call

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["CompanyChoice", "choose", "refuse_crossing"]

_BATCH = 2000
"""Records whose company is asked for in one call."""


@dataclass(frozen=True, slots=True)
class CompanyChoice:
    """The company that a view of a connection works in.

    id              its id; new records are this company's
    also            further companies whose records may be read and written
    allow_crossing  True when the caller has switched the check off
    """

    id: int
    also: tuple[int, ...] = ()
    allow_crossing: bool = False

    @property
    def ids(self) -> tuple[int, ...]:
        return (self.id, *self.also)


def choose(odoo: Odoo, company: int | str | Ref, also: Sequence[int | str | Ref], *, allow_crossing: bool) -> Odoo:
    """A view of *odoo* that works in *company*, given by id, exact name or Ref; the user must belong to all of them.

    On 13 and later it sets ``allowed_company_ids``. Before, a user works in one company at a time and only
    ``force_company`` (which chooses the values of company-dependent fields) can be set: another company than the
    user's current one is refused there.

    Raises InputError: no such company, two of one name, or the user does not belong to it.
    """
    mine = _companies_of_user(odoo)
    ids = tuple(dict.fromkeys(_company_id(odoo, named, mine) for named in (company, *also)))
    if odoo.version.major >= 13:
        context: dict[str, Wire] = {"allowed_company_ids": list(ids)}
    else:
        if ids != (mine.current,):
            raise InputError(
                f"Odoo {odoo.version} lets a user work in one company at a time, which is not {ids[0]} here",
                advice="change the user's company in its preferences, or log in as another user",
            )
        context = {"force_company": ids[0]}
    return replace(odoo.with_context(**context), company=CompanyChoice(ids[0], ids[1:], allow_crossing))


def refuse_crossing(odoo: Odoo, call: Call) -> None:
    """InputError when *call*, which may change something, touches a record of a company that was not chosen.

    Looked at: the records it is called on, those that a wizard is to act on (``active_model``, ``active_ids``),
    ``company_id`` among the values of a create or write, the records that those values refer to by a many2one, and
    ``company_id`` columns and ids of a load. Records without a company belong to all and pass. Not looked at: lines
    inside values, and models whose companies stand in another field.
    """
    choice = odoo.company
    if choice is None or choice.allow_crossing or call.model.startswith(("res.company", "res.users")):
        return
    if call.ids:
        _check(odoo, choice, call.name, call.model, call.ids)
    acted_on, ids = _acted_on(call)
    if ids:
        _check(odoo, choice, f"{call.name} for records of {acted_on}", acted_on, ids)
    for values in _values_of(call):
        _check_values(odoo, choice, call, values)
    if call.method == "load":
        _check_cells(odoo, choice, call)


@dataclass(frozen=True, slots=True)
class _Mine:
    current: int
    all: frozenset[int]


def _companies_of_user(odoo: Odoo) -> _Mine:
    told = odoo.call("res.users", "read", ids=[odoo.uid], fields=["company_id", "company_ids"], context=_EVERY)
    row = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
    current, every = row.get("company_id"), row.get("company_ids")
    if not isinstance(current, list) or not current or not isinstance(every, list):
        raise BadReply("the server does not tell which companies the user belongs to")
    return _Mine(current[0], frozenset(every))


_EVERY: Mapping[str, Wire] = {"allowed_company_ids": False}
"""Context of a look past the choice: the server then takes every company of the user."""


def _company_id(odoo: Odoo, named: int | str | Ref, mine: _Mine) -> int:
    if isinstance(named, str):
        found = odoo.call(
            "res.company", "search", domain=[["name", "=", named], ["id", "in", sorted(mine.all)]], context=_EVERY
        )
        if not isinstance(found, list) or len(found) != 1:
            how_many = "no company" if not found else "more than one company"
            raise InputError(
                f"this user belongs to {how_many} of the name that was given",
                advice="give the id of the company; ids are shown by `oimkit doctor`",
            )
        return int(found[0])
    identity = named.id if isinstance(named, Ref) else named
    if type(identity) is not int or identity not in mine.all:
        raise InputError(
            f"user {odoo.uid} does not belong to company {identity}, only to {_listed(mine.all)}",
            advice="choose one of these, or let an administrator add the company to the user",
        )
    return identity


def _acted_on(call: Call) -> tuple[str, tuple[int, ...]]:
    """Model and ids that the context hands to a wizard; no ids where it hands none."""
    model, ids, single = (call.context.get(name) for name in ("active_model", "active_ids", "active_id"))
    given = ids if isinstance(ids, (list, tuple)) and ids else [single]
    known = tuple(identity for identity in given if type(identity) is int)
    return (model, known) if isinstance(model, str) else ("", ())


def _values_of(call: Call) -> list[Mapping[str, Any]]:
    """The values of a create or write, whatever its argument is called in this version."""
    if call.method not in ("create", "write"):
        return []
    found: list[Mapping[str, Any]] = []
    for name in ("vals_list", "vals", "values"):
        given = call.arguments.get(name)
        found += [one for one in (given if isinstance(given, (list, tuple)) else [given]) if isinstance(one, Mapping)]
    return found


def _check_values(odoo: Odoo, choice: CompanyChoice, call: Call, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if type(value) is not int or isinstance(value, bool) or not odoo.schema.has_field(call.model, name):
            continue
        field = odoo.schema.field(call.model, name)
        if field.type != "many2one" or field.relation is None:
            continue
        if field.relation == "res.company":
            _refuse_other(choice, f"{call.name} with {name}", {value: value})
        elif not field.relation.startswith("res.users"):
            _check(odoo, choice, f"{call.name} with {name}", field.relation, (value,))


def _check_cells(odoo: Odoo, choice: CompanyChoice, call: Call) -> None:
    columns, rows = call.arguments.get("fields"), call.arguments.get("data")
    if not isinstance(columns, (list, tuple)) or not isinstance(rows, (list, tuple)):
        return
    for place, column in enumerate(columns):
        cells = {str(row[place]) for row in rows if isinstance(row, (list, tuple)) and place < len(row) and row[place]}
        ids = {int(cell) for cell in cells if cell.isascii() and cell.isdigit()}
        if column == ".id":
            _check(odoo, choice, call.name, call.model, tuple(sorted(ids)))
        elif column == "company_id/.id":
            _refuse_other(choice, f"{call.name} with company_id", {company: company for company in ids})
        elif column == "id":
            _check_keys(odoo, choice, call, cells)


def _check_keys(odoo: Odoo, choice: CompanyChoice, call: Call, cells: Iterable[str]) -> None:
    """The records that the external ids of a load name already."""
    from oimkit.odoo.keys import ExternalId, find

    keys = [ExternalId.parse(cell) for cell in sorted(cells) if "." in cell]
    found = find(odoo, keys)
    ids = tuple(sorted(record.id for record in found.values() if record.model == call.model))
    _check(odoo, choice, call.name, call.model, ids)


def _check(odoo: Odoo, choice: CompanyChoice, what: str, model: str, ids: Sequence[int]) -> None:
    if not ids or not odoo.schema.has_field(model, "company_id"):
        return
    if odoo.schema.field(model, "company_id").relation != "res.company":
        return
    company_of: dict[int, int] = {}
    for start in range(0, len(ids), _BATCH):
        company_of |= _read_companies(odoo, model, ids[start : start + _BATCH])
    _refuse_other(choice, what, company_of)


def _read_companies(odoo: Odoo, model: str, ids: Sequence[int]) -> dict[int, int]:
    """The company of each record that has one and that the user may see in any of its companies."""
    try:
        rows = odoo.call(model, "read", ids=list(ids), fields=["company_id"], context=_EVERY)
    except AccessRefused:  # the server will say the same of the call itself
        return {}
    if not isinstance(rows, list):
        raise BadReply(f"{model}.read: the reply is no list of records")
    found = {}
    for row in rows:
        company = row.get("company_id") if isinstance(row, dict) else None
        if isinstance(company, list) and company:
            found[row["id"]] = company[0]
    return found


def _refuse_other(choice: CompanyChoice, what: str, company_of: Mapping[int, int]) -> None:
    others = {record: company for record, company in company_of.items() if company not in choice.ids}
    if others:
        record, company = next(iter(others.items()))
        raise InputError(
            f"{what} would reach into company {company} (record {record}"
            + (f" and {len(others) - 1} more" if len(others) > 1 else "")
            + f"), and the company chosen is {_listed(choice.ids)}",
            advice="choose that company with with_company, name it in also=, or pass allow_crossing=True",
        )


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(str(identity) for identity in sorted(ids))
