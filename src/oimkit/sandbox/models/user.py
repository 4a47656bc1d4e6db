"""res.users and res.groups: the caller's own data and what it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from oimkit.sandbox import rights
from oimkit.sandbox.logins import give_login, rename_login, take_login
from oimkit.sandbox.model import Model
from oimkit.sandbox.rpc import public
from oimkit.sandbox.store import Row

__all__ = ["Groups", "Users"]

_OF_PARTNER = ("name", "email", "lang", "tz", "phone")


class Users(Model):
    order = "name, login"

    def needed(self) -> tuple[str, ...]:
        return ("login",)

    def new(self, values: Mapping[str, Any]) -> int:
        """A user with a contact of its own; without a password it has no way in."""
        known = {name: values[name] for name in ("name", "email") if values.get(name)}
        partner = values.get("partner_id") or self.env["res.partner"].new({"name": values.get("login"), **known})
        groups = "group_ids" if self.env.has("groups_renamed") else "groups_id"
        given = {name: value for name, value in values.items() if name not in ("name", "email", "password")}
        default = {groups: [(6, 0, [self.env.ref("base.group_user")])]} if groups not in values else {}
        company = values.get("company_id") or self.env.company
        own = {"company_id": company, "company_ids": [(6, 0, [company])], **default, **given, "partner_id": partner}
        id_ = super().new(own)
        if values.get("password"):
            give_login(self.env.store, id_, str(values["login"]), str(values["password"]))
        return id_

    def modify(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        """A password gives a way in, a new login renames it."""
        super().modify(ids, {name: value for name, value in values.items() if name != "password"})
        for id_ in ids:
            if values.get("password"):
                give_login(self.env.store, id_, str(self.row(id_)["login"]), str(values["password"]))
            elif values.get("login"):
                rename_login(self.env.store, id_, str(values["login"]))

    def remove(self, ids: Sequence[int]) -> None:
        super().remove(ids)
        for id_ in ids:
            take_login(self.env.store, id_)

    def _of_partner(self, row: Row, name: str) -> Any:
        return self.env["res.partner"].row(row["partner_id"]).get(name)

    def get_name(self, row: Row) -> Any:
        return self._of_partner(row, "name")

    def get_email(self, row: Row) -> Any:
        return self._of_partner(row, "email")

    def get_lang(self, row: Row) -> Any:
        return self._of_partner(row, "lang") or "en_US"

    def get_tz(self, row: Row) -> Any:
        return self._of_partner(row, "tz")

    def display_name(self, row: Row) -> str | None:
        return str(self.get_name(row) or "")

    def set_name(self, id_: int, value: Any) -> None:
        self.env["res.partner"].modify([self.row(id_)["partner_id"]], {"name": value})

    def set_email(self, id_: int, value: Any) -> None:
        self.env["res.partner"].modify([self.row(id_)["partner_id"]], {"email": value})

    def set_tz(self, id_: int, value: Any) -> None:
        self.env["res.partner"].modify([self.row(id_)["partner_id"]], {"tz": value})

    @public("model")
    def context_get(self) -> Mapping[str, Any]:
        row = self.row(self.env.user)
        found = {"lang": self.get_lang(row), "tz": self.get_tz(row) or False}
        if self.env.has("uid_in_context"):
            return {**found, "uid": self.env.user}
        return MappingProxyType(found)  # frozen, which the server's XML-RPC cannot write

    @public("model", until=17, name="has_group")
    def has_group_14(self, group_ext_id: str) -> bool:
        return rights.has_group(self.env, group_ext_id)

    @public("multi", since=18, name="has_group")
    def has_group_19(self, ids: Sequence[int], group_ext_id: str) -> bool:
        return all(rights.has_group(replace(self.env, user=id_), group_ext_id) for id_ in ids)


class Groups(Model):
    order = "name"

    def get_full_name(self, row: Row) -> Any:
        return row.get("name")
