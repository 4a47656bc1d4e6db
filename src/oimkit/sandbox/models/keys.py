"""ir.model.data: external ids, unique by module and name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.refusals import AccessError, Foreign, ValidationError
from oimkit.sandbox.rpc import public
from oimkit.sandbox.store import Row

__all__ = ["ExternalIds"]


class ExternalIds(Model):
    order = "module, model, name"

    def get_complete_name(self, row: Row) -> str:
        return ".".join(part for part in (row.get("module"), row.get("name")) if part)

    def insert(self, values: Mapping[str, Any]) -> int:
        name, module = str(values.get("name") or ""), str(values.get("module") or "")
        if " " in name:
            words = 'new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"\n'
            raise ValidationError(
                "The operation cannot be completed: External IDs cannot contain spaces", plain=words, is_unique=True
            )
        for id_ in self.table.ids_where("name", [name]):
            if self.row(id_).get("module") == module:
                head = "The operation cannot be completed: " if self.env.has("constraint_head") else ""
                raise ValidationError(
                    f"{head}duplicate key value violates unique constraint "
                    f'"ir_model_data_module_name_uniq_index"\nDETAIL:  Key (module, name)=({module}, {name}) '
                    "already exists.\n"
                )
        return super().insert({"noupdate": False, **values})

    @public("model")
    def check_object_reference(self, module: str, xml_id: str, raise_on_access_error: bool = False) -> list[Any]:
        """[model, id] of a key, for every user; the id is False where the record is not there or not seen."""
        row = self._keyed(module, xml_id)
        target = self.env[row["model"]]
        target.check("read")
        seen = target.visible([("id", "=", row["res_id"])])
        if not seen and raise_on_access_error:
            raise AccessError(f"Not enough access rights on the external ID {module}.{xml_id}")
        return [row["model"], row["res_id"] if seen else False]

    @public("model", until=14)
    def xmlid_to_res_model_res_id(self, xmlid: str, raise_if_not_found: bool = False) -> list[Any]:
        row = self.env.xml_row(xmlid)
        if row is None:
            if raise_if_not_found:
                raise Foreign("builtins.ValueError", f"External ID not found in the system: {xmlid}")
            return [False, False]
        return [row["model"], row["res_id"]]

    @public("model", until=14)
    def get_object_reference(self, module: str, xml_id: str) -> list[Any]:
        row = self._keyed(module, xml_id)
        return [row["model"], row["res_id"]]

    @public("model", until=14)
    def xmlid_to_res_id(self, xmlid: str, raise_if_not_found: bool = False) -> Any:
        found = self.env.ref(xmlid)
        if found is None and raise_if_not_found:
            raise Foreign("builtins.ValueError", f"External ID not found in the system: {xmlid}")
        return found if found is not None else False

    def _keyed(self, module: str, name: str) -> Mapping[str, Any]:
        row = self.env.xml_row(f"{module}.{name}")
        if row is None:
            raise Foreign("builtins.ValueError", f"External ID not found in the system: {module}.{name}")
        return row

    def needed(self) -> tuple[str, ...]:
        return ("module", "name", "model")
