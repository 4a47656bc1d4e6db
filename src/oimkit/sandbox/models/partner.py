"""res.partner and res.partner.bank: contacts with a commercial entity, account numbers with a plain form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.models import mail
from oimkit.sandbox.refusals import UserError, ValidationError
from oimkit.sandbox.store import Row

__all__ = ["PartnerBanks", "Partners"]


class Partners(Model):
    label = "Contact"

    def sorted_ids(self, ids: Iterable[int], order: str | None) -> list[int]:
        default = "complete_name, id desc" if self.env.has("complete_names") else "display_name"
        return super().sorted_ids(ids, order or default)

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        own = {"type": "contact", "lang": "en_US", "is_company": values.get("company_type") == "company"}
        return {**own, **super().defaults(values)}

    def needed(self) -> tuple[str, ...]:
        return ()

    def assign(self, id_: int, values: Mapping[str, Any]) -> None:
        super().assign(id_, values)
        row = self.row(id_)
        if values.get("parent_id") and id_ in self._above(row["parent_id"]):
            raise ValidationError("You cannot create recursive Partner hierarchies.")
        if row.get("name") is None and row.get("type", "contact") == "contact":
            known = None if self.env.has("constraint_head") else "res_partner_check_name"
            words = known or "The operation cannot be completed: Contacts require a name"
            raise ValidationError(words, plain="Contacts require a name", is_check=True)

    def _above(self, id_: int | None) -> set[int]:
        """*id_* and everything above it by ``parent_id``."""
        return self.ancestors([id_]) if id_ else set()

    def remove(self, ids: Sequence[int]) -> None:
        for user in self.env["res.users"].table.rows.values():
            if user.get("partner_id") in ids:
                raise UserError("You cannot delete contacts linked to an active user.")
        for model, field in (("account.move", "partner_id"), ("account.move.line", "partner_id")):
            if self.env[model].table.ids_where(field, ids):
                raise UserError(
                    "The operation cannot be completed: another model requires the record being deleted. If possible, "
                    f"archive it instead.\n\nModel: Contact (res.partner), Constraint: {model}.{field}"
                )
        super().remove(ids)

    def display_name(self, row: Row) -> str | None:
        name = row.get("name") or ""
        if row.get("parent_id") and not row.get("is_company"):
            parent = self.table.rows.get(row["parent_id"]) or {}
            return f"{parent.get('name') or ''}, {name or str(row.get('type') or '').title()}"
        return name

    def copied(self, row: Row) -> dict[str, Any]:
        return {**super().copied(row), "name": f"{row.get('name') or ''} (copy)"}

    def get_partner_share(self, row: Row) -> bool:
        """Whether it is not the contact of somebody who works here."""
        return not self.env["res.users"].table.ids_where("partner_id", [row["id"]])

    def get_email_normalized(self, row: Row) -> str | None:
        return mail.normalised_email(row.get("email"))

    def get_is_blacklisted(self, row: Row) -> bool:
        return mail.is_listed(self.env, "mail.blacklist", "email", self.get_email_normalized(row))

    def get_phone_sanitized(self, row: Row) -> str | None:
        return mail.sanitised_phone(row.get("phone"))

    def get_phone_sanitized_blacklisted(self, row: Row) -> bool:
        return mail.is_listed(self.env, "phone.blacklist", "number", self.get_phone_sanitized(row))

    def get_complete_name(self, row: Row) -> str | None:
        return self.display_name(row)

    def named(self, text: Any, operator: str) -> set[int]:
        """By the name with or without its company's, as the server looks for contacts."""
        return self.matching(["|", ("name", operator, text), ("display_name", operator, text)], active_test=True)

    def get_commercial_partner_id(self, row: Row) -> int:
        while not row.get("is_company") and row.get("parent_id"):
            row = self.row(row["parent_id"])
        return int(row["id"])

    def get_commercial_company_name(self, row: Row) -> str | None:
        top = self.row(self.get_commercial_partner_id(row))
        return top.get("name") if top.get("is_company") else row.get("company_name")

    def get_company_type(self, row: Row) -> str:
        return "company" if row.get("is_company") else "person"

    def set_company_type(self, id_: int, value: Any) -> None:
        self.put(id_, is_company=value == "company")

    def get_bank_ids(self, row: Row) -> list[int]:
        return sorted(self.env["res.partner.bank"].table.ids_where("partner_id", [row["id"]]))

    def set_commercial_partner_id(self, id_: int, value: Any) -> None:
        """Computed: what is written is ignored, as on the server."""


class PartnerBanks(Model):
    rec_name = "acc_number"
    order = "sequence, id"

    def needed(self) -> tuple[str, ...]:
        return ("acc_number", "partner_id")

    def get_sanitized_acc_number(self, row: Row) -> str | None:
        number = row.get("acc_number")
        return re.sub(r"\W+", "", number).upper() if number else None

    def get_acc_type(self, row: Row) -> str:
        """Without the module that knows account numbers of other kinds every one is a bank's."""
        del row
        return "bank"

    def insert(self, values: Mapping[str, Any]) -> int:
        id_ = super().insert(values)
        own = self.row(id_)
        for row in self.table.rows.values():
            same = self.get_sanitized_acc_number(row) == self.get_sanitized_acc_number(own)
            if same and row["id"] != id_ and row.get("partner_id") == own.get("partner_id"):
                raise self._taken()
        return id_

    def _taken(self) -> ValidationError:
        if self.env.has("constraint_head"):
            words = "The combination Account Number/Partner must be unique."
            return ValidationError(f"The operation cannot be completed: {words}", plain=words, is_unique=True)
        words = (
            "The values for the fields 'sanitized_acc_number, company_id' already exist (they are probably 'Sanitized "
            "Account Number, Company' in the current model)."
        )
        return ValidationError("res_partner_bank_unique_number", plain=words, is_unique=True)
