"""account.account and account.journal: the chart of accounts and the books."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.store import Row

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

    def get_last_statement_id(self, row: Row) -> int | None:
        statements: Any = self.env["account.bank.statement"]
        own = [other for other in statements.table.rows.values() if statements.get(other, "journal_id") == row["id"]]
        if not self.env.has("optional_statements"):
            return next(iter(statements.sorted_ids([other["id"] for other in own], None)), None)
        last = max(own, key=lambda other: statements.get_first_line_index(other) or "", default=None)
        return last["id"] if last else None

    def get_has_statement_lines(self, row: Row) -> bool:
        lines = self.env["account.bank.statement.line"]
        return any(lines.get(line, "journal_id") == row["id"] for line in lines.table.rows.values())

    def get_current_statement_balance(self, row: Row) -> Decimal:
        """19: the stated end of the last statement and the lines after it that have none."""
        lines: Any = self.env["account.bank.statement.line"]
        own = [line for line in lines.table.rows.values() if lines.get(line, "journal_id") == row["id"]]
        last = self.get_last_statement_id(row)
        end: Decimal = Decimal(0)
        start = ""
        if last:
            end = self.env["account.bank.statement"].row(last).get("balance_end_real") or end
            start = max(
                (lines.get_internal_index(line) for line in own if line.get("statement_id") == last), default=""
            )
        later = [line for line in own if lines.get_internal_index(line) > start and not line.get("statement_id")]
        return sum((line.get("amount") or Decimal(0) for line in later), end)

    def new(self, values: Mapping[str, Any]) -> int:
        """A bank or cash journal comes with an account of its own and the company's suspense account."""
        given = {"company_id": self.env.company, "sequence": 10, **values}
        if given.get("type") in ("bank", "cash"):
            if not given.get("default_account_id"):
                given["default_account_id"] = self._liquidity_account(str(given.get("name")))
            given.setdefault("suspense_account_id", self.env.ref("account.1_suspense"))
        return super().new(given)

    def _liquidity_account(self, name: str) -> int:
        accounts = self.env["account.account"]
        used = {str(row.get("code")) for row in accounts.table.rows.values()}
        code = next(str(number) for number in range(101406, 102000) if str(number) not in used)
        if self.env.has("account_types"):
            return accounts.new({"code": code, "name": name, "account_type": "asset_cash"})
        bank = accounts.row(self.env.ref("account.1_bank") or 0)
        return accounts.new({"code": code, "name": name, "user_type_id": bank["user_type_id"], "company_id": 1})

    def currency_of(self, id_: int) -> int:
        """The journal's currency, else the company's."""
        return int(self.row(id_).get("currency_id") or self.env["res.company"].row(1)["currency_id"])
