"""Rule sets made at home in a database: customers, projects, tasks and employees named in them become its ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oimkit.billing import CustomerCode, Dimension, NotBilled, RateCard, RuleSet
from oimkit.errors import InputError, RuleError
from oimkit.odoo.keys import ExternalId, find

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["resolve_rules"]

_MODELS: Mapping[Dimension, str] = {
    Dimension.ENTRY: "account.analytic.line",
    Dimension.CUSTOMER: "res.partner",
    Dimension.PROJECT: "project.project",
    Dimension.TASK: "project.task",
    Dimension.EMPLOYEE: "hr.employee",
}

_EXTERNAL_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_.:/-]+", re.ASCII)


def resolve_rules(odoo: Odoo, rules: RuleSet) -> RuleSet:
    """*rules* with every record named by its database id, so that two names of one record are seen as a tie.

    A text is an external id (``module.name``) or the exact name of one record that is not archived; a customer's is
    that of a company or a person, not of a contact in a company.

    Raises RuleError, with the path to the rule: a text names no record here, or more than one.
    """
    named = list(_named(rules))
    if not named:
        return rules
    known = _Known(_external_ids(odoo, named), _names(odoo, named))
    return replace(
        rules,
        rates=tuple(_card(card, index, known) for index, card in enumerate(rules.rates)),
        not_billed=NotBilled(
            known.ids(Dimension.CUSTOMER, rules.not_billed.customers, "not_billed.customers"),
            known.ids(Dimension.PROJECT, rules.not_billed.projects, "not_billed.projects"),
        ),
        customers=tuple(
            CustomerCode(known.ids(Dimension.CUSTOMER, (code.customer,), f"customers[{index}].customer")[0], code.code)
            for index, code in enumerate(rules.customers)
        ),
    )


def _card(card: RateCard, index: int, known: _Known) -> RateCard:
    where = f"rates[{index}]"
    matching = tuple((asked, known.ids(asked, values, f"{where}.{asked}")) for asked, values in card.matching)
    try:
        return replace(card, matching=matching)
    except InputError as error:
        raise RuleError(error.reason, where=where, advice="two names in it are the same record here") from None


def _named(rules: RuleSet) -> Iterator[tuple[Dimension, str]]:
    """Every text that names a record."""
    listed: list[tuple[Dimension, Iterable[int | str]]] = [
        *(part for card in rules.rates for part in card.matching),
        (Dimension.CUSTOMER, rules.not_billed.customers),
        (Dimension.PROJECT, rules.not_billed.projects),
        (Dimension.CUSTOMER, [code.customer for code in rules.customers]),
    ]
    for dimension, values in listed:
        yield from ((dimension, value) for value in values if isinstance(value, str))


@dataclass(frozen=True, slots=True)
class _Known:
    """What this database has under an external id, and under a name of a model."""

    external: Mapping[tuple[str, str], int]
    names: Mapping[tuple[str, str], set[int]]

    def ids(self, dimension: Dimension, values: Iterable[int | str], where: str) -> tuple[int, ...]:
        """The ids of *values*; RuleError at *where* for a text without exactly one record."""
        return tuple(value if isinstance(value, int) else self._one(dimension, value, where) for value in values)

    def _one(self, dimension: Dimension, text: str, where: str) -> int:
        model = _MODELS[dimension]
        found = set(self.names.get((model, text), ()))
        if (model, text) in self.external:
            found.add(self.external[model, text])
        if len(found) != 1:
            many = f"{len(found)} records" if found else "no record"
            raise RuleError(
                f"the {dimension} named here is {many} of this database",
                where=where,
                advice="name it by external id (module.name) or by database id",
            )
        return found.pop()


def _external_ids(odoo: Odoo, named: Iterable[tuple[Dimension, str]]) -> dict[tuple[str, str], int]:
    keys = {ExternalId.parse(text) for _, text in named if _EXTERNAL_ID.fullmatch(text) and len(text) <= 100}
    return {(found.model, str(key)): found.id for key, found in find(odoo, sorted(keys)).items()} if keys else {}


def _names(odoo: Odoo, named: Iterable[tuple[Dimension, str]]) -> dict[tuple[str, str], set[int]]:
    by_dimension: dict[Dimension, set[str]] = {}
    for dimension, text in named:
        if dimension is not Dimension.ENTRY:
            by_dimension.setdefault(dimension, set()).add(text)
    found: dict[tuple[str, str], set[int]] = {}
    for dimension, texts in by_dimension.items():
        model = _MODELS[dimension]
        fields = ["name", "commercial_partner_id"] if dimension is Dimension.CUSTOMER else ["name"]
        for row in odoo.search_read(model, [["name", "in", sorted(texts)]], fields):
            commercial = row.get("commercial_partner_id")
            if commercial is None or commercial.id == row["id"]:
                found.setdefault((model, row["name"]), set()).add(row["id"])
    return found
