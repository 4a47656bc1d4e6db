"""account.bank.statement and its lines: each line has an entry of its own, bank against suspense until it is settled.

14 wants every line in a statement and posts with ``button_post``; 19 takes lines alone and posts them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.models import reconciling
from oimkit.sandbox.refusals import Foreign, UserError, ValidationError
from oimkit.sandbox.rpc import public
from oimkit.sandbox.store import Row
from oimkit.sandbox.values import round_half_up

__all__ = ["StatementLines", "Statements"]

ZERO = Decimal(0)
_OF_MOVE = (
    "date",
    "ref",
    "name",
    "narration",
    "journal_id",
    "company_id",
    "line_ids",
    "move_type",
    "checked",
    "to_check",
)
_LAST_INDEX = 2147483647


class Statements(Model):
    label = "Bank Statement"

    def sorted_ids(self, ids: Iterable[int], order: str | None) -> list[int]:
        default = "first_line_index desc" if self.env.has("optional_statements") else "date desc, name desc, id desc"
        return super().sorted_ids(ids, order or default)

    def needed(self) -> tuple[str, ...]:
        return () if self.env.has("optional_statements") else ("date", "journal_id")

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found = {"company_id": 1, **super().defaults(values)}
        if not self.env.has("optional_statements"):
            found |= {"state": "open", "date": self.env.today, "user_id": self.env.user}
        return found

    def new(self, values: Mapping[str, Any]) -> int:
        id_ = super().new(values)
        row = self.row(id_)
        if not self.env.has("optional_statements"):
            previous = self.previous(row)
            if previous is not None and not values.get("balance_start"):
                self.put(id_, balance_start=previous.get("balance_end_real") or ZERO)
            if "balance_end_real" not in values:
                self.put(id_, balance_end_real=self.get_balance_end(self.row(id_)))
            return id_
        if "balance_start" not in values:
            self.put(id_, balance_start=self._running_before(row))
        if "balance_end_real" not in values:
            self.put(id_, balance_end_real=self.get_balance_end(self.row(id_)))
        return id_

    def _running_before(self, row: Row) -> Decimal:
        """The journal's balance before this statement's first line."""
        lines: Any = self.env["account.bank.statement.line"]
        first = self.get_first_line_index(row)
        running: dict[int, Decimal] = lines.running_balances(self.get_journal_id(row), without=row["id"])
        earlier = [id_ for id_ in running if first is None or lines.get_internal_index(lines.row(id_)) < first]
        return running[earlier[-1]] if earlier else ZERO

    def previous(self, row: Row) -> Row | None:
        """The journal's statement before this one, by date and, on the same day, by name."""
        same = [self.row(id_) for id_ in self.table.ids_where("journal_id", [row.get("journal_id")])]
        before = [other for other in same if other["id"] != row["id"] and str(other["date"]) <= str(row["date"])]
        before = [other for other in before if str(other["date"]) < str(row["date"]) or other["id"] < row["id"]]
        return max(before, key=lambda other: (other["date"], other.get("name") or "", other["id"]), default=None)

    def lines(self, row: Row) -> list[Row]:
        lines = self.env["account.bank.statement.line"]
        return [lines.row(id_) for id_ in sorted(lines.table.ids_where("statement_id", [row["id"]]))]

    def get_total_entry_encoding(self, row: Row) -> Decimal:
        return sum((line.get("amount") or ZERO for line in self.lines(row)), ZERO)

    def get_balance_end(self, row: Row) -> Decimal:
        return (row.get("balance_start") or ZERO) + self.get_total_entry_encoding(row)

    def get_difference(self, row: Row) -> Decimal:
        return (row.get("balance_end_real") or ZERO) - self.get_balance_end(row)

    def get_is_complete(self, row: Row) -> bool:
        return bool(self.lines(row)) and not self.get_difference(row)

    def get_is_valid(self, row: Row) -> bool:
        """19: whether it begins where the statement before it, by its first line, ended."""
        first, journal = self.get_first_line_index(row), self.get_journal_id(row)
        others = [other for other in self.table.rows.values() if self.get_journal_id(other) == journal]
        indexed = [(self.get_first_line_index(other) or "", other) for other in others]
        before = max((pair for pair in indexed if pair[0] < (first or "")), key=lambda pair: pair[0], default=None)
        return before is None or before[1].get("balance_end_real") == row.get("balance_start")

    def get_is_valid_balance_start(self, row: Row) -> bool:
        before = self.previous(row)
        return before is None or (before.get("balance_end_real") or ZERO) == (row.get("balance_start") or ZERO)

    def get_previous_statement_id(self, row: Row) -> int | None:
        before = self.previous(row)
        return before["id"] if before else None

    def get_all_lines_reconciled(self, row: Row) -> bool:
        return all(line.get("is_reconciled") for line in self.lines(row))

    def get_date(self, row: Row) -> Any:
        if not self.env.has("optional_statements"):
            return row.get("date")
        lines = self.env["account.bank.statement.line"]
        return max((lines.get(line, "date") for line in self.lines(row)), default=row.get("date"))

    def get_journal_id(self, row: Row) -> Any:
        if not self.env.has("optional_statements") or row.get("journal_id"):
            return row.get("journal_id")
        lines = self.env["account.bank.statement.line"]
        return next((lines.get(line, "journal_id") for line in self.lines(row)), None)

    def get_currency_id(self, row: Row) -> Any:
        journal = self.get_journal_id(row)
        journals: Any = self.env["account.journal"]
        return journals.currency_of(journal) if journal else None

    def get_first_line_index(self, row: Row) -> Any:
        lines: Any = self.env["account.bank.statement.line"]
        return min((lines.get_internal_index(line) for line in self.lines(row)), default=None)

    def set_journal_id(self, id_: int, value: Any) -> None:
        self.put(id_, journal_id=value or None)

    def set_date(self, id_: int, value: Any) -> None:
        self.put(id_, date=str(value)[:10] if value else None)

    def insert(self, values: Mapping[str, Any]) -> int:
        """Journal and date first: the lines take both from their statement."""
        lines = {name: values[name] for name in ("line_ids",) if name in values}
        id_ = super().insert({name: value for name, value in values.items() if name not in lines})
        self.assign(id_, lines)
        return id_

    def remove(self, ids: Sequence[int]) -> None:
        for id_ in ids:
            row = self.row(id_)
            if not self.env.has("optional_statements"):
                if row.get("state") != "open":
                    raise UserError(
                        "In order to delete a bank statement, you must first cancel it to delete related journal items."
                    )
                self.env["account.bank.statement.line"].remove([line["id"] for line in self.lines(row)])
            else:
                for line in self.lines(row):
                    self.env["account.bank.statement.line"].put(line["id"], statement_id=None)
        super().remove(ids)

    @public("multi", until=15)
    def button_post(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        moves: Any = self.env["account.move"]
        for id_ in ids:
            row = self.row(id_)
            if row.get("state") != "open":
                raise UserError("Only new statements can be posted.")
            if self.get_difference(row):
                expected, computed = row.get("balance_end_real") or ZERO, self.get_balance_end(row)
                raise UserError(
                    f"The ending balance is incorrect !\nThe expected balance ({expected:.2f}) is different from the "
                    f"computed one ({computed:.2f})."
                )
            self.put(id_, state="posted")
            for line in self.lines(row):
                moves.post(line["move_id"])

    @public("multi", until=15)
    def button_validate(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        for id_ in ids:
            row = self.row(id_)
            if row.get("state") != "posted" or not self.get_all_lines_reconciled(row):
                raise UserError("All the account entries lines must be processed in order to validate the statement.")
            self.put(id_, state="confirm", date_done=self.env.now)

    @public("multi", until=15)
    def button_reopen(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        for id_ in ids:
            self.put(id_, state="open")
            for line in self.lines(self.row(id_)):
                self.env["account.move"].put(line["move_id"], state="draft")


class StatementLines(Model):
    label = "Bank Statement Line"
    rec_name = "name"

    def sorted_ids(self, ids: Iterable[int], order: str | None) -> list[int]:
        default = (
            "internal_index desc"
            if self.env.has("optional_statements")
            else "statement_id desc, date, sequence, id desc"
        )
        return super().sorted_ids(ids, order or default)

    def needed(self) -> tuple[str, ...]:
        return () if self.env.has("optional_statements") else ("payment_ref",)

    def owned_through(self, name: str) -> bool:
        return name == "statement_id" and not self.env.has("optional_statements")

    # Creation ---------------------------------------------------------------------------------------------------

    def new(self, values: Mapping[str, Any]) -> int:
        given = dict(values)
        statement = self._statement(given)
        journal = given.pop("journal_id", None) or (self._journal_of(statement) if statement else None)
        if not journal:
            journal = self._default_journal()
        date = given.pop("date", None) or (statement.get("date") if statement else None) or self.env.today
        own: dict[str, Any] = {name: given.pop(name) for name in ("ref", "narration") if name in given}
        lines, counterpart = given.pop("line_ids", None), given.pop("counterpart_account_id", None)
        given.setdefault("sequence", 1)
        moves: Any = self.env["account.move"]
        partner = given.get("partner_id") or False
        head: dict[str, Any] = {"move_type": "entry", "journal_id": journal, "date": date, "partner_id": partner, **own}
        move = moves.insert({**moves.defaults(head), **head})
        journals: Any = self.env["account.journal"]
        currency = given.pop("currency_id", None) or journals.currency_of(journal)
        id_ = self.insert({**given, "move_id": move, "currency_id": currency})
        moves.put(move, statement_line_id=id_)
        if lines:
            moves.modify([move], {"line_ids": lines})
        else:
            self._build(id_, counterpart)
        if self.env.has("optional_statements"):
            moves.post(move)
        elif statement:
            self._end_balance(statement)
        self.refresh(id_)
        return id_

    def _statement(self, given: Mapping[str, Any]) -> Row | None:
        if not self.env.has("optional_statements") and "statement_id" not in given:
            raise Foreign("builtins.KeyError", "statement_id")
        if not given.get("statement_id"):
            return None
        statement = self.env["account.bank.statement"].row(given["statement_id"])
        if not self.env.has("optional_statements") and statement.get("state") != "open":
            raise UserError("You can only create statement line in open bank statements.")
        return statement

    def _journal_of(self, statement: Row) -> Any:
        return self.env["account.bank.statement"].get(statement, "journal_id")

    def _default_journal(self) -> int:
        journals = self.env["account.journal"]
        return journals.sorted_ids(journals.matching([("type", "in", ["bank", "cash"])]), None)[0]

    def _end_balance(self, statement: Row) -> None:
        """14 keeps the stated end of a statement with its lines as long as nobody has stated another."""
        statements: Any = self.env["account.bank.statement"]
        row = statements.row(statement["id"])
        if row.get("balance_end_real") is None:
            return
        added = statements.lines(row)[-1].get("amount") or ZERO
        if statements.get_difference(row) == -added:
            statements.put(row["id"], balance_end_real=statements.get_balance_end(row))

    def _build(self, id_: int, counterpart: int | None = None) -> None:
        """The two items of a line that is not settled: bank and suspense (or *counterpart*)."""
        row = self.row(id_)
        move = row["move_id"]
        journal = self.env["account.journal"].row(self.env["account.move"].row(move)["journal_id"])
        bank, suspense = journal.get("default_account_id"), journal.get("suspense_account_id")
        if not bank or not suspense:
            raise UserError(f"The journal {journal.get('code')} has no bank account or no suspense account.")
        items: Any = self.env.building()["account.move.line"]
        amount = round_half_up(row.get("amount") or ZERO)
        common = {
            "move_id": move,
            "name": row.get("payment_ref") or False,
            "partner_id": row.get("partner_id") or False,
        }
        common["currency_id"] = row.get("currency_id")
        for account, balance in ((bank, amount), (counterpart or suspense, -amount)):
            items.new({**common, "account_id": account, "balance": balance, "amount_currency": balance})
        moves: Any = self.env["account.move"]
        moves.settle_totals(move)

    def _rebuild(self, id_: int) -> None:
        items: Any = self.env.building()["account.move.line"]
        moves: Any = self.env["account.move"]
        old = [line["id"] for line in moves.lines(self.row(id_)["move_id"])]
        reconciling.unmatch(self.env, old)
        items.drop_items(old)
        self._build(id_)
        self.refresh(id_)

    # Change -----------------------------------------------------------------------------------------------------

    def modify(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        given = dict(values)
        of_move = {name: given.pop(name) for name in ("date", "ref", "narration") if name in given}
        lines = given.pop("line_ids", None)
        for id_ in ids:
            before = self.row(id_)
            super().modify([id_], given)
            after = self.row(id_)
            moves: Any = self.env["account.move"]
            if of_move:
                moves.elevated().modify([after["move_id"]], of_move)
            if lines:
                self._write_lines(after, lines)
            elif any(before.get(name) != after.get(name) for name in ("amount", "payment_ref", "partner_id")):
                self._resync(before, after)

    def _write_lines(self, row: Row, lines: Any) -> None:
        moves: Any = self.env["account.move"].elevated()
        moves.modify([row["move_id"]], {"line_ids": lines})

    def _resync(self, before: Row, after: Row) -> None:
        """Label, partner or amount changed: the items are made again, which 14 refuses once they are matched."""
        moves: Any = self.env["account.move"]
        items = [line["id"] for line in moves.lines(after["move_id"])]
        matched = bool(reconciling.partials_of(self.env, items))
        if not self.env.has("change_takes_match_back") and matched:
            raise UserError("You cannot delete an item linked to a posted entry.")
        if before.get("amount") == after.get("amount") and (matched or self._suspense(after) is None):
            return
        moves.put(after["move_id"], partner_id=after.get("partner_id"))
        self._rebuild(after["id"])

    def remove(self, ids: Sequence[int]) -> None:
        moves: Any = self.env["account.move"]
        for id_ in ids:
            row = self.row(id_)
            items = [line["id"] for line in moves.lines(row["move_id"])]
            if not self.env.has("change_takes_match_back") and reconciling.partials_of(self.env, items):
                raise UserError(reconciling.locked_message(self.env, row["move_id"]))
        for id_ in ids:
            move = self.row(id_)["move_id"]
            super().remove([id_])
            moves.drop(move)

    def _suspense(self, row: Row) -> Row | None:
        moves: Any = self.env["account.move"]
        journal = self.env["account.journal"].row(self.env["account.move"].row(row["move_id"])["journal_id"])
        account = journal.get("suspense_account_id")
        return next((line for line in moves.lines(row["move_id"]) if line["account_id"] == account), None)

    def refresh(self, id_: int) -> None:
        """Work out ``is_reconciled`` and ``amount_residual``; refuse an entry without exactly one bank item."""
        row = self.row(id_)
        moves: Any = self.env["account.move"]
        lines = moves.lines(row["move_id"])
        if not lines:
            return
        journal = self.env["account.journal"].row(moves.row(row["move_id"])["journal_id"])
        bank = [line for line in lines if line["account_id"] == journal.get("default_account_id")]
        suspense = [line for line in lines if line["account_id"] == journal.get("suspense_account_id")]
        if len(bank) != 1 or len(suspense) > 1:
            raise ValidationError(
                f"The journal entry {moves.row(row['move_id']).get('name')} reached an invalid state regarding "
                "its related statement line.\nTo be consistent, the journal entry must always have exactly one "
                "journal item involving the bank/cash account."
            )
        left = sum((line.get("balance") or ZERO for line in suspense), ZERO)
        self.put(id_, amount_residual=left, is_reconciled=not left)

    # What it tells ----------------------------------------------------------------------------------------------

    def get(self, row: Row, name: str) -> Any:
        if name in _OF_MOVE and row.get("move_id"):
            if name in ("checked", "to_check"):
                return name == "checked"
            moves = self.env["account.move"]
            return moves.get(moves.row(row["move_id"]), name)
        return super().get(row, name)

    def is_plain(self, name: str) -> bool:
        return name not in _OF_MOVE and super().is_plain(name)

    def get_state(self, row: Row) -> Any:
        """14 tells the statement's state under this name, 19 the entry's."""
        if not self.env.has("optional_statements"):
            return self.env["account.bank.statement"].row(row["statement_id"]).get("state")
        return self.env["account.move"].row(row["move_id"]).get("state")

    def display_name(self, row: Row) -> str | None:
        return str(self.get(row, "name") or "")

    def get_internal_index(self, row: Row) -> str:
        date = str(self.get(row, "date")).replace("-", "")
        return f"{date}{_LAST_INDEX - (row.get('sequence') or 0):010d}{row['id']:010d}"

    def get_running_balance(self, row: Row) -> Decimal:
        journal = self.get(row, "journal_id")
        balances: dict[int, Decimal] = self.env.store.remembered(
            ("running", journal), lambda: self.running_balances(journal)
        )
        return balances[row["id"]]

    def running_balances(self, journal: int, without: int | None = None) -> dict[int, Decimal]:
        """The journal's balance after each line, oldest first, anew from each statement's opening balance.

        without  a statement whose opening balance is left out of account
        """
        same = [row for row in self.table.rows.values() if self.get(row, "journal_id") == journal]
        total, seen, found = ZERO, set(), {}
        for row in sorted(same, key=self.get_internal_index):
            statement = row.get("statement_id")
            if statement and statement != without and statement not in seen:
                seen.add(statement)
                total = self.env["account.bank.statement"].row(statement).get("balance_start") or ZERO
            total += row.get("amount") or ZERO
            found[row["id"]] = total
        return found

    # What clients call ------------------------------------------------------------------------------------------

    @public("multi", name="button_undo_reconciliation", until=15)
    def button_undo_reconciliation(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        for id_ in ids:
            self._rebuild(id_)

    @public("multi", since=16)
    def action_undo_reconciliation(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        for id_ in ids:
            self._rebuild(id_)
