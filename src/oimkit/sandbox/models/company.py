"""res.company: a new one has a contact of its own, and belongs to those of whoever made it; it has no books yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oimkit.sandbox.model import Model

__all__ = ["Companies"]


class Companies(Model):
    order = "sequence, name"

    def new(self, values: Mapping[str, Any]) -> int:
        given = dict(values)
        if not given.get("partner_id"):
            partner = {"name": given.get("name"), "is_company": True}
            given["partner_id"] = self.env["res.partner"].new(partner)
        given.setdefault("currency_id", self.env["res.company"].row(1)["currency_id"])
        id_ = super().new(given)
        users = self.env["res.users"]
        if self.env.user in users.table.rows:
            users.put(self.env.user, company_ids=[*(users.row(self.env.user).get("company_ids") or []), id_])
        return id_
