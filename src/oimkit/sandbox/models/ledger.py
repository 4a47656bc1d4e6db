"""account.account and account.journal: the chart of accounts and the books."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.store import Row
from oimkit.sandbox.values import round_half_up

__all__ = ["Accounts", "Journals"]


class Accounts(Model):
    """``account_type`` from 16 on; 14 has ``user_type_id``, and ``internal_type`` that follows from it."""

    order = "code"

    def get_code(self, row: Row) -> Any:
        return row.get("code")

    def set_code(self, id_: int, value: Any) -> None:
        self.put(id_, code=str(value) if value else None)

    def display_name(self, row: Row) -> str | None:
        return f"{row.get('code') or ''} {row.get('name') or ''}".strip()

    def named(self, text: Any, operator: str) -> set[int]:
        return self.matching(["|", ("name", operator, text), ("code", "=like", f"{text}%")], active_test=True)

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        kind = values.get("account_type") or values.get("internal_type")
        matched = kind in ("asset_receivable", "liability_payable", "receivable", "payable")
        return {"reconcile": matched, **super().defaults(values)}

    def assign(self, id_: int, values: Mapping[str, Any]) -> None:
        super().assign(id_, values)
        row = self.row(id_)
        if row.get("user_type_id"):
            kind = self.env["account.account.type"].row(row["user_type_id"]).get("type")
            self.put(id_, internal_type=kind or "other")

    def is_trade(self, id_: int) -> bool:
        """Whether it is a receivable or payable account."""
        row = self.row(id_)
        kind = row.get("account_type") or row.get("internal_type")
        return kind in ("asset_receivable", "liability_payable", "receivable", "payable")


class Journals(Model):
    order = "sequence, type, code"

    def display_name(self, row: Row) -> str | None:
        currency = row.get("currency_id")
        name = str(row.get("name") or "")
        return f"{name} ({self.env['res.currency'].row(currency)['name']})" if currency else name

    def get_bank_acc_number(self, row: Row) -> Any:
        bank = row.get("bank_account_id")
        return self.env["res.partner.bank"].row(bank)["acc_number"] if bank else None

    def set_bank_acc_number(self, id_: int, value: Any) -> None:
        """An account number written here makes the company's bank account with it."""
        if not value:
            self.put(id_, bank_account_id=None)
            return
        company = self.env["res.company"].row(1)
        bank = self.env["res.partner.bank"].new({"acc_number": value, "partner_id": company["partner_id"]})
        self.put(id_, bank_account_id=bank)

    def get_current_statement_balance(self, row: Row) -> Any:
        """The balance of the journal's bank account, drafts left out."""
        lines = self.env["account.move.line"]
        ids = lines.table.ids_where("account_id", [row.get("default_account_id")])
        posted = [lines.row(id_) for id_ in ids if lines.get(lines.row(id_), "parent_state") == "posted"]
        return round_half_up(sum((line["balance"] for line in posted), Decimal(0)))

    def currency_of(self, id_: int) -> int:
        """The journal's currency, else the company's."""
        return int(self.row(id_).get("currency_id") or self.env["res.company"].row(1)["currency_id"])
