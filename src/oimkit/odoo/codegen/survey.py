"""What a server tells of its models: the facts that classes are written from and compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oimkit.errors import AccessRefused, BadReply, InvalidCall
from oimkit.odoo.codec import Wire

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo
    from oimkit.odoo.version import ServerVersion

__all__ = ["DEFAULT_MODELS", "LONGEST_SELECTION", "FieldFacts", "ModelFacts", "Survey", "survey"]

DEFAULT_MODELS = (
    "account.account",
    "account.analytic.account",
    "account.analytic.line",
    "account.bank.statement",
    "account.bank.statement.line",
    "account.journal",
    "account.move",
    "account.move.line",
    "account.payment",
    "account.payment.term",
    "account.tax",
    "crm.lead",
    "crm.lost.reason",
    "crm.stage",
    "crm.team",
    "hr.employee",
    "ir.attachment",
    "mail.activity",
    "mail.message",
    "product.product",
    "product.template",
    "project.project",
    "project.task",
    "res.company",
    "res.country",
    "res.currency",
    "res.partner",
    "res.partner.bank",
    "res.users",
    "sale.order",
    "sale.order.line",
    "uom.uom",
)
"""The models that oimkit itself works with, and those beside them that most programs read."""

LONGEST_SELECTION = 100
"""Values of a selection that is written as a Literal; a longer one (time zones: 600) is text."""

_LONGEST_VALUE = 200

_GROWING = frozenset({"lang", "tz", "user_tz"})
"""Selections that name what is installed on the server, not what the field means: they are text."""

_ATTRIBUTES = (
    "type",
    "string",
    "help",
    "relation",
    "required",
    "readonly",
    "store",
    "selection",
    "manual",
)


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """One field as ``fields_get`` tells it to one user.

    selection  its values in the server's order; None where the field is no selection, or where its values cannot be
               told in a type: too many, none, installed languages and time zones, values that are neither text nor int
    readonly   the server says that forms may not change it; so it is for a user without the right to write the model
    labels     the label of each value of the selection, in the same order
    """

    name: str
    type: str
    relation: str | None = None
    required: bool = False
    readonly: bool = False
    stored: bool = True
    custom: bool = False
    selection: tuple[str | int, ...] | None = None
    label: str = ""
    help: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model and its fields, by name."""

    name: str
    fields: tuple[FieldFacts, ...]

    @property
    def by_name(self) -> dict[str, FieldFacts]:
        return {field.name: field for field in self.fields}


@dataclass(frozen=True, slots=True)
class Survey:
    """The models of one server, by name, as one user sees them.

    version  major and minor, such as ``19.0``: builds of one version are one version
    server   the server's key (``Odoo.server_key``); no address
    missing  models that were asked for and that this server does not have, or not for this user
    """

    version: str
    server: str
    models: tuple[ModelFacts, ...]
    missing: tuple[str, ...] = ()

    @property
    def by_name(self) -> dict[str, ModelFacts]:
        return {model.name: model for model in self.models}


def survey(odoo: Odoo, models: Iterable[str] = DEFAULT_MODELS) -> Survey:
    """Ask the server about *models*; labels are the untranslated ones.

    Raises BadReply when the server's description of a model is none.
    """
    english = odoo.with_context(lang="en_US")
    found, missing = [], []
    for name in sorted(set(models)):
        try:
            told = english.call(name, "fields_get", attributes=list(_ATTRIBUTES))
        except (InvalidCall, AccessRefused):
            missing.append(name)
            continue
        found.append(ModelFacts(name, _fields(name, told)))
    return Survey(_plain_version(odoo.version), odoo.server_key, tuple(found), tuple(missing))


def _plain_version(version: ServerVersion) -> str:
    return f"{'saas~' if version.online else ''}{version.major}.{version.minor}"


def _fields(model: str, told: Wire) -> tuple[FieldFacts, ...]:
    if not isinstance(told, dict) or any(type(name) is not str for name in told):
        raise BadReply(f"the server's description of {model} is none")
    facts = (_field(name, attributes) for name, attributes in told.items() if isinstance(attributes, dict))
    return tuple(sorted(facts, key=lambda field: field.name))


def _field(name: str, told: Mapping[str, Any]) -> FieldFacts:
    values, labels = _selection(name, told.get("selection")) if told.get("type") == "selection" else (None, ())
    return FieldFacts(
        name=name,
        type=str(told.get("type", "")),
        relation=_text(told.get("relation")) or None,
        required=bool(told.get("required")),
        readonly=bool(told.get("readonly")),
        stored=bool(told.get("store", True)),
        custom=bool(told.get("manual")) or name.startswith("x_"),
        selection=values,
        label=_text(told.get("string")),
        help=_text(told.get("help")),
        labels=labels,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _selection(name: str, told: Any) -> tuple[tuple[str | int, ...] | None, tuple[str, ...]]:
    """Values and labels of a selection; the empty choice (``false``) is the empty field and no value of its own."""
    listed = [pair for pair in told if isinstance(pair, list) and len(pair) == 2] if isinstance(told, list) else []
    pairs = [(value, label) for value, label in listed if value is not False and value is not None]
    plain = all(type(value) is int or (type(value) is str and len(value) <= _LONGEST_VALUE) for value, _ in pairs)
    if name in _GROWING or not pairs or not plain or len(pairs) > LONGEST_SELECTION:
        return None, ()
    unique = {(type(value), value): _text(label) for value, label in pairs}
    return tuple(value for _, value in unique), tuple(unique.values())
