"""account.move.line: the items of an entry, product lines of an invoice among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.models import reconciling
from oimkit.sandbox.models.totals import line_amounts
from oimkit.sandbox.profile import Field
from oimkit.sandbox.refusals import UserError
from oimkit.sandbox.rpc import public
from oimkit.sandbox.store import Row
from oimkit.sandbox.values import Records, as_decimal, round_half_up, shown

__all__ = ["MoveLines"]

ZERO = Decimal(0)
_OF_MOVE = ("date", "ref", "journal_id", "company_id", "statement_line_id", "statement_id")
_PRICED = {"quantity", "price_unit", "discount", "tax_ids"}
_BOOKED = {"debit", "credit", "balance", "amount_currency"}


class MoveLines(Model):
    """Kept beside the fields: ``kind`` (product, tax, payment_term) and ``raw``, the unrounded untaxed amount."""

    label = "Journal Item"

    def sorted_ids(self, ids: Iterable[int], order: str | None) -> list[int]:
        return super().sorted_ids(ids, order or "date desc, move_name desc, id")

    def decimals(self, field: Field) -> int | None:
        """14 rounds the price at its precision, 19 keeps it as sent; quantities are rounded on both."""
        if field.name == "price_unit":
            return None if self.env.has("prices_unrounded") else 2
        return 2 if field.name in ("quantity", "discount") else super().decimals(field)

    def children(self, id_: int, field: Field) -> list[int]:
        return sorted(super().children(id_, field))

    # Creation ---------------------------------------------------------------------------------------------------

    def new(self, values: Mapping[str, Any]) -> int:
        moves: Any = self.env["account.move"]
        move = moves.row(values["move_id"])
        given = {"partner_id": move.get("partner_id"), "currency_id": move.get("currency_id"), **values}
        given = {name: value for name, value in given.items() if value is not None}
        invoice = moves.is_invoice(move)
        if not given.get("account_id"):
            given["account_id"] = self.env["account.journal"].row(move["journal_id"]).get("default_account_id")
        for name in ("quantity",):
            given.setdefault(name, 1)
        kind = given.pop("display_type", None)
        note = kind in ("line_section", "line_note", "line_subsection")
        booked = {name: given.pop(name) for name in _BOOKED if name in given}
        id_ = self.insert(given)
        self.put(id_, kind=kind if note else "product", debit=ZERO, credit=ZERO, balance=ZERO, amount_currency=ZERO)
        if invoice:
            self.price(id_, given)
        else:
            self.book(id_, _balance(booked), as_decimal(booked.get("amount_currency")) or None)
            if self.env.has("computed_lines"):
                balance = self.row(id_)["balance"]
                self.put(id_, price_subtotal=balance, price_total=balance)
        self._settle(move["id"])
        return id_

    def add_item(self, move: int, kind: str, **kept: Any) -> int:
        """An item of the server's own making (tax, receivable): kept as given."""
        row = self.env["account.move"].row(move)
        balance = kept.pop("balance")
        old = not self.env.has("computed_lines")
        quantity = Decimal(1) if old or kind == "product" else ZERO
        id_ = self.insert({"move_id": move, "account_id": kept.pop("account_id"), "quantity": quantity})
        name = kept.pop("name", None)
        self.put(
            id_,
            kind=kind,
            name=name if name is not None or not old else "",
            partner_id=row.get("partner_id"),
            currency_id=row.get("currency_id"),
            **kept,
        )
        self.book(id_, balance)
        return id_

    def price(self, id_: int, sent: Mapping[str, Any]) -> None:
        """Work out a product line's amounts: 14 from the numbers as sent, 19 from the rounded quantity it keeps."""
        row = self.row(id_)
        numbers = [row.get(name) or ZERO for name in ("quantity", "price_unit", "discount")]
        if not self.env.has("computed_lines"):
            for index, name in enumerate(("quantity", "price_unit", "discount")):
                numbers[index] = as_decimal(sent[name]) if name in sent else numbers[index]
        taxes = [Decimal(self.env["account.tax"].row(tax).get("amount") or 0) for tax in row.get("tax_ids") or []]
        amounts = line_amounts(numbers[0], numbers[1], numbers[2], taxes)
        self.put(id_, raw=amounts.raw, price_subtotal=amounts.subtotal, price_total=amounts.total)

    def book(self, id_: int, balance: Decimal, amount_currency: Decimal | None = None) -> None:
        """Set what the item puts on its account: debit > 0."""
        amount = round_half_up(balance)
        currency = round_half_up(amount_currency) if amount_currency is not None else amount
        debit, credit = max(amount, ZERO), max(-amount, ZERO)
        self.put(id_, balance=amount, debit=debit, credit=credit, amount_currency=currency)
        row = self.row(id_)
        if not self.env.has("computed_lines") and row.get("kind") in ("tax", "payment_term"):
            price = abs(amount) if row["kind"] == "tax" else -abs(amount)
            self.put(id_, price_unit=price, price_subtotal=price, price_total=price)

    # Change -----------------------------------------------------------------------------------------------------

    def modify(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        given = dict(values)
        booked = {name: given.pop(name) for name in _BOOKED if name in given}
        moves: Any = self.env["account.move"]
        for id_ in ids:
            self._free(id_, {*given, *booked})
            super().modify([id_], given)
            move = moves.row(self.row(id_)["move_id"])
            if _PRICED & given.keys() and moves.is_invoice(move):
                self.price(id_, given)
                if not self.env.has("computed_lines") and not self.env.is_building:
                    self.book(id_, moves.sign(move) * (self.row(id_).get("price_subtotal") or ZERO))
                    raise UserError(
                        f"Cannot create unbalanced journal entry. Ids: [{move['id']}]\nDifferences debit - credit: "
                        f"[{shown(sum((line.get('balance') or ZERO for line in moves.lines(move['id'])), ZERO))}]"
                    )
            if booked:
                row = self.row(id_)
                known = {"debit": row.get("debit"), "credit": row.get("credit")} if "balance" not in booked else {}
                self.book(id_, _balance({**known, **booked}), as_decimal(booked.get("amount_currency")) or None)
            self._settle(move["id"], entry_only=not (_PRICED & given.keys()))

    def _free(self, id_: int, names: set[str]) -> None:
        """A matched item's amount or account: 14 refuses to change it, 19 takes the match back first."""
        if not names & {"account_id", *_BOOKED} or not reconciling.partials_of(self.env, [id_]):
            return
        if not self.env.has("change_takes_match_back"):
            raise UserError(reconciling.locked_message(self.env, self.row(id_)["move_id"]))
        reconciling.unmatch(self.env, [id_])

    def _settle(self, move: int, *, entry_only: bool = False) -> None:
        """Totals and balance of the entry, unless the whole entry is being put together."""
        if self.env.is_building:
            return
        moves: Any = self.env["account.move"]
        if entry_only and moves.is_invoice(moves.row(move)):
            return
        moves.settle_totals(move)
        if self.env.has("change_takes_match_back"):
            reconciling.refresh_statement_line(self.env, move)

    def remove(self, ids: Sequence[int]) -> None:
        moves: Any = self.env["account.move"]
        touched = {self.row(id_)["move_id"] for id_ in ids}
        for move in touched:
            if moves.row(move).get("state") == "posted" and not self.env.is_building:
                raise UserError("You cannot delete an item linked to a posted entry.")
        reconciling.unmatch(self.env, ids)
        self.drop_items(ids)
        for move in touched:
            self._settle(move)

    def drop_items(self, ids: Sequence[int]) -> None:
        super().remove(ids)

    # What it tells ----------------------------------------------------------------------------------------------

    def get(self, row: Row, name: str) -> Any:
        if name in _OF_MOVE:
            moves = self.env["account.move"]
            move = moves.table.rows.get(row["move_id"], {})
            if name == "statement_id":
                line = move.get("statement_line_id")
                return self.env["account.bank.statement.line"].row(line).get("statement_id") if line else None
            return move.get(name)
        return super().get(row, name)

    def is_plain(self, name: str) -> bool:
        return name not in _OF_MOVE and super().is_plain(name)

    def _move(self, row: Row) -> Row:
        return self.env["account.move"].row(row["move_id"])

    def get_parent_state(self, row: Row) -> Any:
        return self._move(row).get("state")

    def get_move_name(self, row: Row) -> Any:
        return self._move(row).get("name")

    def get_move_type(self, row: Row) -> Any:
        return self._move(row).get("move_type")

    def get_display_type(self, row: Row) -> Any:
        kind = row.get("kind") or "product"
        if not self.env.has("computed_lines"):
            return kind if kind.startswith("line_") else None
        return kind

    def get_exclude_from_invoice_tab(self, row: Row) -> bool:
        return row.get("kind") in ("tax", "payment_term")

    def get_company_currency_id(self, row: Row) -> Any:
        del row
        return self.env["res.company"].row(1)["currency_id"]

    def _account_type(self, row: Row) -> Any:
        account = self.env["account.account"].row(row["account_id"])
        return account.get("account_type") or account.get("internal_type")

    def get_account_type(self, row: Row) -> Any:
        return self._account_type(row)

    def get_account_internal_type(self, row: Row) -> Any:
        return self._account_type(row)

    def get_amount_residual(self, row: Row) -> Decimal:
        return reconciling.residual(self.env, row)

    def get_amount_residual_currency(self, row: Row) -> Decimal:
        return reconciling.residual(self.env, row)

    def get_reconciled(self, row: Row) -> bool:
        posted = self._move(row).get("state") == "posted"
        touched = posted or bool(reconciling.partials_of(self.env, [row["id"]]))
        return touched and reconciling.is_matchable(self.env, row) and not reconciling.residual(self.env, row)

    def get_full_reconcile_id(self, row: Row) -> int | None:
        return reconciling.full_match_of(self.env, row["id"])

    def get_matching_number(self, row: Row) -> str | None:
        full = reconciling.full_match_of(self.env, row["id"])
        if full:
            return str(full) if self.env.has("matching_by_id") else f"A{full}"
        partials = reconciling.partials_of(self.env, [row["id"]])
        if not partials:
            return None
        return f"P{min(part['id'] for part in partials)}" if self.env.has("matching_by_id") else "P"

    def display_name(self, row: Row) -> str | None:
        move = self._move(row)
        head = [str(move["name"])] if move.get("name") else []
        if move.get("ref") and not move.get("statement_line_id"):
            head.append(f"({move['ref']})")
        name = row.get("name")
        if name and (row.get("kind") != "payment_term" or not self.env.has("computed_lines")):
            head.append(str(name))
        return " ".join(head) or "Draft Entry"

    # What clients call ------------------------------------------------------------------------------------------

    @public("multi")
    def reconcile(self, ids: Sequence[int]) -> Any:
        self.check("write", ids)
        made, full = reconciling.match(self.env, ids)
        if self.env.has("reconcile_gives_nothing"):
            return None
        result = {
            "partials": Records("account.partial.reconcile", made),
            "tax_cash_basis_moves": Records("account.move", ()),
        }
        return {**result, "full_reconcile": Records("account.full.reconcile", (full,))} if full else result

    @public("multi")
    def remove_move_reconcile(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        reconciling.unmatch(self.env, ids)


def _balance(booked: Mapping[str, Any]) -> Decimal:
    """The signed amount from balance, or debit and credit, or the currency amount."""
    if booked.get("balance"):
        return as_decimal(booked["balance"])
    if booked.get("debit") or booked.get("credit"):
        return as_decimal(booked.get("debit")) - as_decimal(booked.get("credit"))
    return as_decimal(booked.get("amount_currency")) if "debit" not in booked else ZERO
