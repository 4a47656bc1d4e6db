"""``fields_get``: the field table in the server's own form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.profile import Field, words_of

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["describe_fields", "label_of"]

_LABELS = {
    "res.partner": "Contact",
    "account.move": "Journal Entry",
    "account.move.line": "Journal Item",
    "account.bank.statement": "Bank Statement",
    "account.bank.statement.line": "Bank Statement Line",
    "account.analytic.line": "Analytic Line",
    "crm.lead": "Lead",
    "ir.config_parameter": "System Parameter",
    "ir.model.data": "Model Data",
}


def label_of(model: str) -> str:
    """A model's title: known, or made from its technical name, as the profiles hold none."""
    return _LABELS.get(model) or words_of(model.rpartition(".")[2])


def describe_fields(
    model: Model, allfields: Sequence[str] | None, attributes: Sequence[str] | None
) -> dict[str, dict[str, Any]]:
    """Each wanted field's attributes; unknown names in *allfields* are left out, as the server does."""
    wanted = [name for name in (allfields or model.fields) if name in model.fields]
    described = {name: _described(model.fields[name]) for name in wanted}
    if not attributes:
        return described
    return {
        name: {key: value for key, value in entry.items() if key in attributes} for name, entry in described.items()
    }


def _described(field: Field) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": field.type,
        "string": field.string,
        "name": field.name,
        "required": field.required,
        "readonly": field.readonly,
        "store": field.store,
        "searchable": field.searchable,
        "sortable": field.store and not field.is_x2many,
    }
    if field.relation:
        entry |= {"relation": field.relation, "domain": [], "context": {}}
    if field.relation_field:
        entry["relation_field"] = field.relation_field
    if field.digits:
        entry["digits"] = list(field.digits)
    for name in ("model_field", "definition_record", "definition_record_field"):
        if getattr(field, name):
            entry[name] = getattr(field, name)
    if field.currency_field:
        entry["currency_field"] = field.currency_field
    if field.type in ("selection", "reference"):
        entry["selection"] = [
            list(pair) for pair in zip(field.selection or (), field.labels or field.selection or (), strict=True)
        ]
    return entry
