"""ir.config_parameter and ir.model.access: what the database is set to, and what a user may do, as methods."""

from __future__ import annotations

from typing import Any

from oimkit.sandbox import rights
from oimkit.sandbox.model import Model
from oimkit.sandbox.rpc import public

__all__ = ["AccessRights", "Parameters"]


class Parameters(Model):
    """``database.uuid`` is made with the database and stays: two databases never share one."""

    order = "key"
    rec_name = "key"

    @public("model")
    def get_param(self, key: str, default: Any = False) -> Any:
        self.check("read")
        for id_ in self.table.ids_where("key", [key]):
            return self.row(id_).get("value")
        return default

    @public("model")
    def set_param(self, key: str, value: Any) -> Any:
        """The value before, or False where there was none; no value takes the parameter away."""
        self.check("write")
        for id_ in self.table.ids_where("key", [key]):
            before = self.row(id_).get("value")
            if value in (False, None):
                self.remove([id_])
            else:
                self.modify([id_], {"value": str(value)})
            return before
        if value not in (False, None):
            self.new({"key": key, "value": str(value)})
        return False


class AccessRights(Model):
    @public("model", name="check")
    def check_mode(self, model: str, mode: str = "read", raise_exception: bool = True) -> bool:
        """Whether the calling user may do *mode* on *model*; an AccessError where asked for."""
        if raise_exception:
            rights.check_model(self.env, model, self.env[model].title(), mode)
        return rights.may(self.env, model, mode)
