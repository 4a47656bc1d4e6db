"""mail.message and the lists of addresses and numbers that are not to be contacted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.store import Row

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment

__all__ = ["EmailBlacklist", "Messages", "PhoneBlacklist", "is_listed", "log", "normalised_email", "sanitised_phone"]


def normalised_email(text: str | None) -> str | None:
    """The one address in *text*, in small letters; None for none or several."""
    found = re.findall(r"[^\s<>\"',;]+@[^\s<>\"',;]+", text or "")
    return found[0].lower() if len(found) == 1 else None


def sanitised_phone(text: str | None) -> str | None:
    """*text* without what only separates its digits; no country is added."""
    return re.sub(r"[^\d+]", "", text or "") or None


def is_listed(env: Environment, model: str, field: str, value: str | None) -> bool:
    """Whether *value* stands active on the list *model*."""
    table = env.store.table(model)
    return value is not None and any(table.rows[id_].get("active") for id_ in table.ids_where(field, [value]))


def log(env: Environment, model: str, id_: int, subtype: str) -> None:
    """A message without text that something of kind *subtype* (an external id) happened to a record."""
    values = {"model": model, "res_id": id_, "message_type": "notification", "subtype_id": env.ref(subtype)}
    env["mail.message"].new(values)


class Messages(Model):
    order = "id desc"
    rec_name = "record_name"

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        author = self.env["res.users"].table.rows.get(self.env.user, {}).get("partner_id") or False
        own = {"date": self.env.now, "author_id": author, "message_type": "email", "body": ""}
        return {**own, **super().defaults(values)}

    def assign(self, id_: int, values: Mapping[str, Any]) -> None:
        super().assign(id_, values)
        if self.row(id_).get("body") is None:
            self.put(id_, body="")


class _Blacklist(Model):
    field = ""

    def display_name(self, row: Row) -> str | None:
        return str(row.get(self.field) or "")

    def normalised(self, text: str) -> str | None:
        raise NotImplementedError

    def new(self, values: Mapping[str, Any]) -> int:
        """An entry that is there already, archived or not, is taken up again."""
        key = self.normalised(str(values.get(self.field) or "")) or str(values.get(self.field) or "")
        for id_ in self.table.ids_where(self.field, [key]):
            self.put(id_, active=True)
            return id_
        return super().new({**values, self.field: key})

    def needed(self) -> tuple[str, ...]:
        return (self.field,)


class EmailBlacklist(_Blacklist):
    field = "email"
    rec_name = "email"

    def normalised(self, text: str) -> str | None:
        return normalised_email(text)


class PhoneBlacklist(_Blacklist):
    field = "number"
    rec_name = "number"

    def normalised(self, text: str) -> str | None:
        return sanitised_phone(text)
