"""``fields_get``: the field table in the server's own form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.profile import Field

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
    "ir.model.data": "Model Data",
}


def label_of(name: str) -> str:
    """A label made from a technical name: the profiles hold none."""
    words = name.rpartition(".")[2] if "." in name else name.removesuffix("_ids").removesuffix("_id")
    return _LABELS.get(name) or words.replace("_", " ").strip().title()


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
        "string": label_of(field.name),
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
    if field.currency_field:
        entry["currency_field"] = field.currency_field
    if field.type == "selection":
        entry["selection"] = [[key, label_of(key)] for key in field.selection or ()]
    return entry
