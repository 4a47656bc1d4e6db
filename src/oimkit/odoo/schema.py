"""What a server has: its models' fields, its currencies' decimals; each asked for once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from oimkit.errors import AccessRefused, BadReply, InvalidCall
from oimkit.odoo.codec import Field, Wire

__all__ = ["Schema"]

_ATTRIBUTES = (
    "type",
    "relation",
    "required",
    "readonly",
    "store",
    "digits",
    "currency_field",
    "selection",
    "model_field",
    "definition_record",
    "definition_record_field",
)
_MODEL_FIELDS = ("res_model", "model")
"""Where a many2one_reference has its model, on servers that do not tell it (before 17)."""


class Schema:
    """Fields of models as ``fields_get`` tells them, for one user of one server; threads may share it.

    call               sends a call that changes nothing: model, method, arguments by name
    keys_are_readable  False once the server has refused this user to read ``ir.model.data``
    has_formatted_groups  whether the server has ``formatted_read_group``, None until it was asked
    """

    def __init__(self, call: Callable[..., Wire]) -> None:
        self._call = call
        self.keys_are_readable = True
        self.has_formatted_groups: bool | None = None
        self._lock = threading.RLock()
        self._fields: dict[str, Mapping[str, Field]] = {}
        self._currency_decimals: dict[int, int] | None = None
        self._most_decimals: int | None = None

    def fields(self, model: str) -> Mapping[str, Field]:
        """The fields of *model* that the user may see, by name; InvalidCall when the server has no such model."""
        known = self._fields.get(model)
        if known is None:
            with self._lock:
                known = self._fields.get(model)
                if known is None:
                    told = self._call(model, "fields_get", attributes=list(_ATTRIBUTES))
                    known = self._fields[model] = MappingProxyType(_read_fields(model, told))
        return known

    def field(self, model: str, name: str) -> Field:
        """The field *name* of *model*; InvalidCall when there is none."""
        field = self.fields(model).get(name)
        if field is None:
            raise InvalidCall(
                f"the model {model} has no field {name}", advice="check the name for this version of Odoo"
            )
        return field

    def has_field(self, model: str, name: str) -> bool:
        """True when the server has *model* and it has a field *name* that the user may see."""
        return self.has_model(model) and name in self.fields(model)

    def has_model(self, model: str) -> bool:
        """True when the server has *model* and the user may see its fields."""
        try:
            self.fields(model)
        except (InvalidCall, AccessRefused):
            return False
        return True

    def currency_decimals(self, currency: int) -> int | None:
        """Decimal places of the currency with this id, or None when the user may not read currencies."""
        with self._lock:
            if self._currency_decimals is None:
                self._currency_decimals = self._read_currencies()
            return self._currency_decimals.get(currency)

    def decimals_for(self, currency: int | None) -> int | None:
        """Decimal places of *currency*; for None the most that any currency in use has. None where they are unknown."""
        known = self.currency_decimals(currency or 0)
        return known if currency is not None else self._most_decimals

    def forget(self) -> None:
        """Ask the server anew from now on, after a module was installed or a field added."""
        with self._lock:
            self._fields.clear()
            self._currency_decimals = None

    def _read_currencies(self) -> dict[int, int]:
        try:
            rows = self._call(
                "res.currency",
                "search_read",
                domain=[],
                fields=["decimal_places", "active"],
                context={"active_test": False},
            )
        except AccessRefused:
            return {}
        self._most_decimals = max((row["decimal_places"] for row in rows if row["active"]), default=None)
        return {row["id"]: row["decimal_places"] for row in rows}


def _read_fields(model: str, told: Wire) -> dict[str, Field]:
    if not isinstance(told, dict):
        raise BadReply(f"the server's description of {model} is none")
    named = next((name for name in _MODEL_FIELDS if name in told), None)
    return {
        name: _read_field(name, attributes, named) for name, attributes in told.items() if isinstance(attributes, dict)
    }


def _read_field(name: str, attributes: Mapping[str, Any], model_field: str | None) -> Field:
    is_pointer = attributes.get("type") == "many2one_reference"
    digits = attributes.get("digits")
    decimals = digits[1] if isinstance(digits, (list, tuple)) and len(digits) == 2 else None
    return Field(
        name=name,
        type=str(attributes.get("type", "")),
        relation=attributes.get("relation") or None,
        required=bool(attributes.get("required")),
        readonly=bool(attributes.get("readonly")),
        stored=bool(attributes.get("store", True)),
        decimals=decimals if type(decimals) is int and 0 <= decimals <= 20 else None,
        currency_field=attributes.get("currency_field") or None,
        selection=_keys(attributes.get("selection")),
        model_field=(attributes.get("model_field") or model_field) if is_pointer else None,
        definition_record=attributes.get("definition_record") or None,
        definition_field=attributes.get("definition_record_field") or None,
    )


def _keys(selection: Any) -> tuple[str, ...]:
    if not isinstance(selection, Iterable) or isinstance(selection, str):
        return ()
    return tuple(str(item[0]) for item in selection if isinstance(item, (list, tuple)) and item)
