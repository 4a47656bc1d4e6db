"""account.move: invoices, credit notes and plain entries; drafts, posting, numbers, residuals, payment states."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from oimkit.sandbox.commands import apply_commands, normalised
from oimkit.sandbox.models import reconciling
from oimkit.sandbox.models.documents import OwnPdf
from oimkit.sandbox.models.numbering import is_unused, next_number, prefix_of, split_number
from oimkit.sandbox.models.totals import TaxShare, balances, taxes
from oimkit.sandbox.refusals import UserError
from oimkit.sandbox.rpc import public
from oimkit.sandbox.store import Row
from oimkit.sandbox.values import Records, shown

__all__ = ["INVOICE_TYPES", "Moves"]

ZERO = Decimal(0)
INVOICE_TYPES = ("out_invoice", "out_refund", "in_invoice", "in_refund")
_JOURNAL_TYPE = {"out_": "sale", "in_i": "purchase", "in_r": "purchase"}
# What a posted entry of 19 lets nobody write without `skip_readonly_check` in the context.
_FROZEN = ("invoice_date", "date", "partner_id", "currency_id", "journal_id", "invoice_payment_term_id")
_FROZEN_LISTS = ("invoice_line_ids", "line_ids")
_TITLES = {
    "out_invoice": "Invoice",
    "out_refund": "Credit Note",
    "in_invoice": "Bill",
    "in_refund": "Vendor Credit Note",
    "entry": "Entry",
}


class Moves(OwnPdf):
    label = "Journal Entry"

    def sorted_ids(self, ids: Any, order: str | None) -> list[int]:
        return super().sorted_ids(ids, order or "date desc, name desc, id desc")

    # Creation ---------------------------------------------------------------------------------------------------

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found = {"move_type": "entry", "company_id": self.env.company, **super().defaults(values)}
        kind = str(values.get("move_type") or found["move_type"])
        journal = values.get("journal_id") or self._journal_for(kind)
        found |= {"journal_id": journal, "state": "draft", "name": False if self.env.has("unnamed_drafts") else "/"}
        found["currency_id"] = self._journals().currency_of(journal)
        if kind.startswith("out_"):
            found["invoice_user_id"] = self.env.user
        return found

    def _journals(self) -> Any:
        return self.env["account.journal"]

    def _journal_for(self, kind: str) -> int:
        journals = self.env["account.journal"]
        wanted = _JOURNAL_TYPE.get(kind[:4], "general")
        own = [("type", "=", wanted), ("company_id", "=", self.env.company)]
        found = journals.sorted_ids(journals.matching(own), None)
        if not found:
            company = self.env["res.company"].row(self.env.company).get("name")
            raise UserError(f"No journal could be found in company {company} for any of those types: {wanted}")
        return found[0]

    def insert(self, values: Mapping[str, Any]) -> int:
        """The entry with its lines; balanced, with totals, at the end."""
        given = dict(values)
        given["date"] = self._booking_date(given)
        if self.env.has("computed_lines"):
            given.setdefault("invoice_date_due", False)
        building = self._building()
        id_ = super(Moves, building).insert(given)
        self.put(id_, sequence_prefix="", sequence_number=0)
        self._due(id_)
        if not self.env.has("unnamed_drafts"):
            self._number_first_draft(id_)
            if self.is_invoice(self.row(id_)) and not given.get("payment_reference"):
                self.put(id_, payment_reference="")
        self.settle_totals(id_)
        return id_

    def _building(self) -> Moves:
        """This model while an entry is put together: its lines do not ask for balance one by one."""
        return type(self)(self.env.building(), self.name, self.fields)

    def _booking_date(self, given: Mapping[str, Any]) -> str:
        date = str(given.get("date") or given.get("invoice_date") or self.env.today)[:10]
        purchase = str(given.get("move_type") or "").startswith("in_")
        if self.env.has("computed_lines") and purchase and not given.get("date") and date[:7] < self.env.today[:7]:
            return f"{date[:8]}{calendar.monthrange(int(date[:4]), int(date[5:7]))[1]:02d}"
        return date

    def _due(self, id_: int) -> None:
        """14: due on the invoice date; 19: today; a payment term's number of days is added."""
        row = self.row(id_)
        if row.get("invoice_date_due") or (not self.env.has("computed_lines") and not self.is_invoice(row)):
            return
        start = self.env.today if self.env.has("computed_lines") else (row.get("invoice_date") or self.env.today)
        term = row.get("invoice_payment_term_id")
        if term:
            start = row.get("invoice_date") or self.env.today
            days = re.search(r"\d+", str(self.env["account.payment.term"].row(term).get("name")))
            start = self.env.day_after(start, int(days[0]) if days else 0)
        self.put(id_, invoice_date_due=start)

    def _number_first_draft(self, id_: int) -> None:
        """14 gives the first draft of a journal's month its number at once."""
        row = self.row(id_)
        if self.is_invoice(row) and not row.get("partner_id"):
            return
        prefix, digits = self._prefix(row)
        if is_unused(self, prefix):
            self._rename(id_, next_number(self, prefix, digits))

    def _prefix(self, row: Row) -> tuple[str, int]:
        journal = self.env["account.journal"].row(row["journal_id"])
        return prefix_of(self.env.profile, journal, str(row.get("move_type")), str(row["date"]))

    def _rename(self, id_: int, name: str) -> None:
        prefix, number = split_number(name)
        self.put(id_, name=name, sequence_prefix=prefix, sequence_number=number)

    def is_invoice(self, row: Row) -> bool:
        return row.get("move_type") in INVOICE_TYPES

    def sign(self, row: Row) -> int:
        """+1 where a product line is a debit (bills, credit notes), -1 where it is a credit."""
        return 1 if row.get("move_type") in ("out_refund", "in_invoice") else -1

    # Lines ------------------------------------------------------------------------------------------------------

    def lines(self, id_: int) -> list[Row]:
        items = self.env["account.move.line"]
        return [items.row(line) for line in sorted(items.table.ids_where("move_id", [id_]))]

    def product_lines(self, id_: int) -> list[Row]:
        return [row for row in self.lines(id_) if row.get("kind", "product") == "product"]

    def get_invoice_line_ids(self, row: Row) -> list[int]:
        found = [line["id"] for line in self.product_lines(row["id"])]
        return self.env["account.move.line"].sorted_ids(found, None)

    def set_invoice_line_ids(self, id_: int, value: Any) -> None:
        self._apply_lines(id_, "invoice_line_ids", value)

    def _apply_lines(self, id_: int, name: str, value: Any) -> None:
        commands = normalised(value)
        if not self.env.has("computed_lines"):
            # 14 loses the lines' external ids on the way through its form logic: sent again they are new lines.
            commands = [
                (code, line, _without_key(rest)) if code == 0 else (code, line, rest) for code, line, rest in commands
            ]
        apply_commands(self._building(), id_, self.fields[name], commands)

    def settle_totals(self, id_: int) -> None:
        """Bring taxes, the receivable or payable item and the totals up to date, or refuse what does not balance."""
        row = self.row(id_)
        if not self.is_invoice(row):
            self._settle_entry(id_)
            return
        products = self.product_lines(id_)
        globally = self.env["res.company"].row(1).get("tax_calculation_rounding_method") == "round_globally"
        raws = [line.get("raw") or line.get("price_subtotal") or ZERO for line in products]
        booked = balances(raws, globally=globally and self.env.has("rounds_over_lines"))
        items, sign = self._items(), self.sign(row)
        shares = []
        for line, amount in zip(products, booked, strict=True):
            items.book(line["id"], sign * amount)
            shares += [TaxShare(tax, self._rate(tax), amount) for tax in line.get("tax_ids") or []]
        amounts = taxes(shares, globally=globally)
        self._settle_taxes(id_, {tax: sign * amount for tax, amount in amounts.items()})
        untaxed, taxed = sum(booked, ZERO), sum(amounts.values(), ZERO)
        self.put(id_, amount_untaxed=untaxed, amount_tax=taxed, amount_total=untaxed + taxed)
        self._settle_trade_item(id_, -sign * (untaxed + taxed))

    def _items(self) -> Any:
        return self._building().env["account.move.line"]

    def _rate(self, tax: int) -> Decimal:
        return Decimal(self.env["account.tax"].row(tax).get("amount") or 0)

    def _settle_entry(self, id_: int) -> None:
        lines = self.lines(id_)
        over = sum((line.get("balance") or ZERO for line in lines), ZERO)
        if over:
            if not self.env.has("computed_lines"):
                raise UserError(
                    f"Cannot create unbalanced journal entry. Ids: [{id_}]\nDifferences debit - credit: [{shown(over)}]"
                )
            raise UserError("The entry is not balanced.")
        self.put(id_, amount_total=sum((line.get("debit") or ZERO for line in lines), ZERO))

    def _settle_taxes(self, id_: int, amounts: Mapping[int, Decimal]) -> None:
        items = self._items()
        for line in self.lines(id_):
            if line.get("kind") == "tax" and line.get("tax_line_id") not in amounts:
                items.drop_items([line["id"]])
        known = {line["tax_line_id"]: line["id"] for line in self.lines(id_) if line.get("kind") == "tax"}
        sale = str(self.row(id_)["move_type"]).startswith("out_")
        account = self.env.ref("account.1_tax_received" if sale else "account.1_tax_paid")
        for tax, amount in amounts.items():
            if tax in known:
                items.book(known[tax], amount)
            else:
                name = self.env["account.tax"].row(tax).get("name")
                items.add_item(id_, "tax", name=name, account_id=account, tax_line_id=tax, balance=amount)

    def _settle_trade_item(self, id_: int, balance: Decimal) -> None:
        row, items = self.row(id_), self._items()
        known = [line for line in self.lines(id_) if line.get("kind") == "payment_term"]
        reference = row.get("payment_reference")
        if reference and row.get("ref") and self.env.has("computed_lines"):
            reference = f"{row['ref']} - {reference}"
        if known:
            items.book(known[0]["id"], balance)
            items.put(known[0]["id"], date_maturity=row.get("invoice_date_due"), partner_id=row.get("partner_id"))
            if reference:
                items.put(known[0]["id"], name=reference)
        elif self.product_lines(id_):
            receivable = str(row["move_type"]).startswith("out_")
            account = self.env.ref("account.1_receivable" if receivable else "account.1_payable")
            due = row.get("invoice_date_due")
            items.add_item(id_, "payment_term", name=reference, account_id=account, balance=balance, date_maturity=due)

    # Change -----------------------------------------------------------------------------------------------------

    def modify(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        for id_ in ids:
            self._refuse_frozen(self.row(id_), values)
        given = dict(values)
        lines = {name: given.pop(name) for name in _FROZEN_LISTS if name in given}
        super(Moves, self._building()).modify(ids, given)
        for id_ in ids:
            for name, value in lines.items():
                self._apply_lines(id_, name, value)
            self._follow(id_, given)
            if lines or {"partner_id", "invoice_date", "invoice_payment_term_id", "payment_reference"} & given.keys():
                if not given.get("invoice_date_due") and {"invoice_date", "invoice_payment_term_id"} & given.keys():
                    keep = self.row(id_).get("invoice_date_due") if self.env.has("computed_lines") else None
                    self.put(id_, invoice_date_due=keep)
                    self._due(id_)
                self.settle_totals(id_)
            reconciling.refresh_statement_line(self.env, id_)

    def _follow(self, id_: int, given: Mapping[str, Any]) -> None:
        """Lines carry their document's partner; a draft's own date follows its invoice date."""
        row = self.row(id_)
        if "partner_id" in given and self.is_invoice(row):
            for line in self.lines(id_):
                self._items().put(line["id"], partner_id=row.get("partner_id"))
        if given.get("invoice_date") and row.get("state") == "draft" and "date" not in given:
            self.put(id_, date=self._booking_date({"invoice_date": row["invoice_date"], "move_type": row["move_type"]}))

    def _refuse_frozen(self, row: Row, values: Mapping[str, Any]) -> None:
        if row.get("state") != "posted" or self.env.su:
            return
        if not self.env.has("frozen_posted"):
            taxed = any(line.get("kind") == "tax" for line in self.lines(row["id"]))
            if taxed and values.get("invoice_line_ids"):
                raise UserError(
                    "You cannot modify the taxes related to a posted journal item, you should reset the journal entry "
                    "to draft to do so."
                )
            return
        frozen = [name for name in (*_FROZEN, *_FROZEN_LISTS) if name in values]
        if frozen and not self.env.context.get("skip_readonly_check"):
            raise UserError(f"You cannot modify the following readonly fields on a posted move: {', '.join(frozen)}")

    def remove(self, ids: Sequence[int]) -> None:
        for id_ in ids:
            row = self.row(id_)
            if (
                not self.env.has("posted_once_deletable")
                and row.get("posted_before")
                and not self.env.context.get("force_delete")
            ):
                raise UserError("You cannot delete an entry which has been posted once.")
            if (
                row.get("state") == "posted"
                and self.env.has("posted_once_deletable")
                and not self.env.context.get("force_delete")
            ):
                raise UserError("You can't delete a posted journal item. Reset its entry to draft first.")
        entries = self.env["account.bank.statement.line"]
        for id_ in ids:
            for entry in entries.table.ids_where("move_id", [id_]):
                self.env.store.drop(entries.name, entry)  # by the database: its external id stays
            self.drop(id_)

    def drop(self, id_: int) -> None:
        """Take an entry and its items away, its matches and its timesheets' links with it."""
        items = self._items()
        lines = [line["id"] for line in self.lines(id_)]
        reconciling.unmatch(self.env, lines)
        items.drop_items(lines)
        time = self.env["account.analytic.line"]
        for line in time.table.ids_where("timesheet_invoice_id", [id_]):
            time.put(line, timesheet_invoice_id=None)
        super().remove([id_])

    # What it tells ----------------------------------------------------------------------------------------------

    def _trade_items(self, row: Row) -> list[Row]:
        accounts: Any = self.env["account.account"]
        return [line for line in self.lines(row["id"]) if accounts.is_trade(line["account_id"])]

    def get_amount_residual_signed(self, row: Row) -> Decimal:
        if not self.is_invoice(row):
            return ZERO
        return sum((reconciling.residual(self.env, line) for line in self._trade_items(row)), ZERO)

    def get_amount_residual(self, row: Row) -> Decimal:
        return self.get_amount_residual_signed(row) * -self.sign(row)

    def _signed(self, row: Row, name: str) -> Decimal:
        amount: Decimal = row.get(name) or ZERO
        return amount * -self.sign(row) if self.is_invoice(row) else amount

    def get_amount_total_signed(self, row: Row) -> Decimal:
        return self._signed(row, "amount_total")

    def get_amount_untaxed_signed(self, row: Row) -> Decimal:
        return self._signed(row, "amount_untaxed")

    def get_amount_tax_signed(self, row: Row) -> Decimal:
        return self._signed(row, "amount_tax")

    def get_payment_state(self, row: Row) -> str | None:
        if not self.is_invoice(row):
            return "not_paid" if self.env.has("computed_lines") else None
        partners = reconciling.counterparts(self.env, [line["id"] for line in self._trade_items(row)])
        if row.get("state") == "cancel" or (row.get("state") == "draft" and not partners):
            return "not_paid"
        if self.get_amount_residual(row):
            return "partial" if partners else "not_paid"
        moves = {self.env["account.move.line"].row(line)["move_id"] for line in partners}
        reversed_by = {self.row(move).get("move_type") for move in moves}
        refund = {"out_invoice": "out_refund", "in_invoice": "in_refund"}.get(str(row.get("move_type")))
        return "reversed" if refund and reversed_by == {refund} else "paid"

    def get_company_currency_id(self, row: Row) -> Any:
        del row
        return self.env["res.company"].row(1)["currency_id"]

    def get_commercial_partner_id(self, row: Row) -> Any:
        partners: Any = self.env["res.partner"]
        partner = row.get("partner_id")
        return partners.get_commercial_partner_id(partners.row(partner)) if partner else None

    def get_invoice_partner_display_name(self, row: Row) -> str:
        partner = row.get("partner_id")
        if partner:
            return self.env["res.partner"].name_by_id(partner)
        return f"#Created by: {self.env['res.users'].name_by_id(row.get('create_uid') or 2)}"

    def display_name(self, row: Row) -> str | None:
        """``INV/2026/00001 (ref)``, a draft with its kind before it; on 14 an unnumbered draft shows its id."""
        name, draft = row.get("name"), row.get("state") == "draft"
        words = [f"Draft {_TITLES.get(str(row.get('move_type')), 'Entry')}"] if draft else []
        if name and name != "/":
            words.append(str(name))
        elif not self.env.has("unnamed_drafts"):
            words.append(f"(* {row['id']})")
        if row.get("ref") and not row.get("statement_line_id"):
            words.append(f"({row['ref']})")
        return " ".join(words)

    # What clients call ------------------------------------------------------------------------------------------

    @public("multi")
    def action_post(self, ids: Sequence[int]) -> Any:
        self.check("write", ids)
        for id_ in ids:
            self.post(id_)
        return False if self.env.has("posting_gives_nothing") else Records(self.name, tuple(ids))

    def post(self, id_: int) -> None:
        row = self.row(id_)
        if row.get("state") != "draft":
            if not self.env.has("posting_twice_refused"):
                return
            raise UserError(f"The entry {row.get('name')} (id {id_}) must be in draft.")
        self._refuse_unfit(row)
        if self.is_invoice(row) and not row.get("invoice_date"):
            self.put(
                id_, invoice_date=self.env.today, date=row["date"] if self.env.has("computed_lines") else self.env.today
            )
        row = self.row(id_)
        if row.get("name") in (None, "/"):
            self._rename(id_, next_number(self, *self._prefix(row)))
        self.put(id_, state="posted", posted_before=True)
        row = self.row(id_)
        if row["move_type"] == "out_invoice" and not row.get("payment_reference"):
            self.put(id_, payment_reference=row["name"])
        if self.is_invoice(row):
            self._settle_trade_item(id_, -self.sign(row) * (row.get("amount_total") or ZERO))
        reconciling.refresh_statement_line(self.env, id_)

    def _refuse_unfit(self, row: Row) -> None:
        old = not self.env.has("newer_orm_texts")
        if not self.lines(row["id"]):
            raise UserError("You need to add a line before posting." if old else "Even magicians can't post nothing!")
        if not self.is_invoice(row):
            return
        if not row.get("partner_id"):
            word = "Customer" if str(row["move_type"]).startswith("out_") else "Vendor"
            raise UserError(
                f"The field '{word}' is required, please complete it to validate the {word} Invoice."
                if old
                else f"The '{word}' field is required to validate the invoice."
            )
        if (row.get("amount_total") or ZERO) < 0:
            raise UserError(
                "You cannot validate an invoice with a negative total amount. You should create a credit note instead. "
                "Use the action menu to transform it into a credit note or refund."
            )

    @public("multi")
    def button_draft(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        for id_ in ids:
            row = self.row(id_)
            if row.get("state") not in ("posted", "cancel"):
                raise UserError("Only posted/cancelled journal entries can be reset to draft.")
            if not self.env.has("draft_keeps_matches"):  # 19 leaves a draft matched with its payments
                reconciling.unmatch(self.env, [line["id"] for line in self.lines(id_)])
            self.put(id_, state="draft")

    @public("multi")
    def button_cancel(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        for id_ in ids:
            if self.env.has("draft_keeps_matches"):  # 14 leaves a cancelled entry matched
                reconciling.unmatch(self.env, [line["id"] for line in self.lines(id_)])
            self.put(id_, state="cancel")

    @public("multi")
    def js_assign_outstanding_line(self, ids: Sequence[int], line_id: int) -> Any:
        self.check("write", ids)
        items: Any = self.env["account.move.line"]
        account = items.row(line_id)["account_id"]
        own = [line["id"] for id_ in ids for line in self.lines(id_) if line["account_id"] == account]
        return items.reconcile([line_id, *(id_ for id_ in own if reconciling.residual(self.env, items.row(id_)))])


def _without_key(values: Any) -> dict[str, Any]:
    return {name: value for name, value in dict(values).items() if name != "id"}
