"""ir.model.data: external ids, unique by module and name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.refusals import UserError, ValidationError
from oimkit.sandbox.store import Row

__all__ = ["ExternalIds"]


class ExternalIds(Model):
    order = "module, model, name"

    def get_complete_name(self, row: Row) -> str:
        return ".".join(part for part in (row.get("module"), row.get("name")) if part)

    def insert(self, values: Mapping[str, Any]) -> int:
        name, module = str(values.get("name") or ""), str(values.get("module") or "")
        if " " in name:
            raise UserError("The operation cannot be completed: External IDs cannot contain spaces")
        for id_ in self.table.ids_where("name", [name]):
            if self.row(id_).get("module") == module:
                raise ValidationError(
                    "The operation cannot be completed: You cannot have multiple records with the same external ID in "
                    "the same module!"
                )
        return super().insert({"noupdate": False, **values})

    def needed(self) -> tuple[str, ...]:
        return ("module", "name", "model")
