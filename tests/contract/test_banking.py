"""Bank statements imported and settled: the same assertions on the sandbox and on real servers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from oimkit.banking import Balance, Entry, OpenItem, Party, Statement, match
from oimkit.banking.importing import ImportPlan, all_keys, plan_import
from oimkit.banking.journals import JournalState
from oimkit.banking.settlement import SettlementPlan, plan_settlement
from oimkit.errors import AccessRefused, DivergedRecord, InputError, NotSent, OutcomeUnknown, StatementError
from oimkit.money import Currency, Money, total
from oimkit.odoo import Journal, Odoo, Report, apply, resume
from oimkit.odoo.banking import (
    OdooEntryBook,
    OdooOpenItemBook,
    known_keys,
    read_journal,
    read_open_items,
    read_unsettled,
    undo,
    unfinished,
)
from oimkit.sandbox.faults import parse_fault

LINE = "account.bank.statement.line"


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Bank:
    """One server, its bank journal BNK1, a journal of intents, and documents of a partner of this test's own."""

    odoo: Odoo
    folder: Path
    token: str

    @property
    def journal(self) -> JournalState:
        return read_journal(self.odoo, "BNK1")

    @contextmanager
    def writing(self, on_commit: Callable[[str], None] | None = None, folder: str = "j") -> Iterator[Journal]:
        with Journal.open(self.folder / folder, self.odoo.server_key, on_commit=on_commit) as journal:
            yield journal

    def carry_out(self, plan: object) -> Report:
        with self.writing() as journal:
            return apply(plan, self.odoo, journal)

    def partner(self) -> int:
        row = [f"oimkit.partner_{self.token}", f"Partner {self.token}"]
        return self.odoo.load("res.partner", ["id", "name"], [row])[0]

    def document(self, amount: str, kind: str = "out_invoice", **more: str) -> OpenItem:
        """A posted document over *amount*, as the open item that it is."""
        name = uuid.uuid4().hex[:10]
        cells = {
            "id": f"oimkit.move_{name}",
            "move_type": kind,
            "partner_id/.id": str(self.partner()),
            "invoice_date": "2026-10-01",
            "invoice_line_ids/id": f"oimkit.line_{name}",
            "invoice_line_ids/name": "work",
            "invoice_line_ids/quantity": "1",
            "invoice_line_ids/price_unit": amount,
            **more,
        }
        (move,) = self.odoo.load("account.move", list(cells), [list(cells.values())])
        try:
            self.odoo.call("account.move", "action_post", ids=[move])
        except OutcomeUnknown as error:  # 14 over XML-RPC: posted, and the reply cannot be written
            assert error.after_commit
        (number,) = self.odoo.read("account.move", [move], ["name"])
        return next(item for item in read_open_items(self.odoo) if item.document_number == number["name"])

    def payment_state(self, item: OpenItem) -> tuple[object, object]:
        (line,) = self.odoo.read("account.move.line", [int(item.id)], ["move_id"])
        (move,) = self.odoo.read("account.move", [line["move_id"].id], ["payment_state", "amount_residual"])  # type: ignore[union-attr]
        return move["payment_state"], move["amount_residual"]

    def entry(self, amount: Money | str, *text: str, day: int = 1, **more: Any) -> Entry:
        last = self.journal.balance_date or date(2026, 11, 1)
        values: dict[str, Any] = {
            "amount": amount if isinstance(amount, Money) else Money(amount, "EUR"),
            "value_date": last + timedelta(days=day),
            "remittance": text,
            "counterparty": Party(name=f"Partner {self.token}", account="BE68539007547034"),
            "reference": uuid.uuid4().hex[:12],
        }
        return Entry(**{**values, **more})

    def statement(self, *entries: Entry, opening: Money | None = None, **more: Any) -> Statement:
        begin = opening or self.journal.balance or Money("0", "EUR")
        values: dict[str, Any] = {
            "format": "mt940",
            "account": "NL57 OIMK 0417 1643 00",
            "currency": Currency("EUR"),
            "entries": entries,
            "opening": Balance(begin),
            "closing": Balance(begin + total((entry.amount for entry in entries), "EUR")),
        }
        return Statement(**{**values, **more})

    def plan(self, *statements: Statement) -> ImportPlan:
        return plan_import(statements, self.journal, known=known_keys(self.odoo, all_keys(statements)))

    def imported(self, *entries: Entry) -> Report:
        return self.carry_out(self.plan(self.statement(*entries)))

    def mine(self, text: str) -> Entry:
        """The unsettled entry whose text is *text*."""
        (found,) = [entry for entry in read_unsettled(self.odoo, self.journal) if text in entry.remittance]
        return found

    def settlement(self, *entries: Entry) -> SettlementPlan:
        items = read_open_items(self.odoo, company_id=self.journal.company_id)
        return plan_settlement(match(entries, items), entries, items)

    def is_reconciled(self, entry: Entry) -> object:
        assert entry.id is not None
        return self.odoo.read(LINE, [int(entry.id)], ["is_reconciled"])[0]["is_reconciled"]


@pytest.fixture
def bank(target: Any, tmp_path: Path) -> Bank:
    return Bank(target.connect(), tmp_path, uuid.uuid4().hex[:8])


@pytest.fixture
def as_role(target: Any, tmp_path: Path) -> Callable[[str], Bank]:
    """The same bank as another user of the server."""

    def connected(role: str) -> Bank:
        if role not in target.server.logins:
            pytest.skip(f"this server was named without a user for the role {role}")
        return Bank(target.connect(role), tmp_path, uuid.uuid4().hex[:8])

    return connected


def codes(plan: ImportPlan) -> list[str]:
    return [finding.code for finding in plan.findings]


def test_journal_is_found_by_code_and_by_account_number(bank: Bank) -> None:
    by_code = read_journal(bank.odoo, "BNK1")
    assert by_code == read_journal(bank.odoo, account="NL57OIMK0417164300")
    assert by_code == read_journal(bank.odoo, account="0417164300")
    assert by_code.currency == Currency("EUR")


def test_unknown_journal_is_refused_by_its_code_only(bank: Bank) -> None:
    with pytest.raises(InputError, match="BNK1"):
        read_journal(bank.odoo, "NONE")
    with pytest.raises(InputError) as refusal:
        read_journal(bank.odoo, account="DE89370400440532013000")
    assert "0532013000" not in str(refusal.value)


def test_import_creates_each_entry_once_and_the_balance_follows(bank: Bank) -> None:
    before = bank.journal.balance or Money("0", "EUR")
    twin = bank.entry("12.50", f"twin {bank.token}", reference=None)
    made = bank.statement(twin, twin, bank.entry("-3.10", day=2, counterparty=None, bank_code="FEES"))
    plan = bank.plan(made)
    assert "balance-gap" not in codes(plan)
    report = bank.carry_out(plan)
    assert [record.model for record in report.created] == ["account.bank.statement"]
    after = bank.journal
    assert after.balance == before + Money("21.90", "EUR")
    assert after.balance_date == made.entries[-1].value_date
    lines = bank.odoo.search_read(
        LINE, [["payment_ref", "=", f"twin {bank.token}"]], ["amount", "partner_name", "account_number", "date"]
    )
    assert [(line["amount"], line["partner_name"], line["account_number"]) for line in lines] == [
        (Decimal("12.50"), f"Partner {bank.token}", "BE68539007547034")
    ] * 2
    again = bank.plan(made)
    assert again.is_empty
    assert again.known == 3
    assert codes(again) == []


def test_carrying_the_same_plan_out_again_creates_nothing(bank: Bank) -> None:
    plan = bank.plan(bank.statement(bank.entry("1.00")))
    bank.carry_out(plan)
    count = bank.odoo.count(LINE, [["journal_id", "=", bank.journal.id]])
    again = bank.carry_out(plan)
    assert again.created == ()
    assert [record.model for record in again.reused] == ["account.bank.statement"]
    assert bank.odoo.count(LINE, [["journal_id", "=", bank.journal.id]]) == count


def test_overlapping_statement_brings_only_what_is_new_and_says_so(bank: Bank) -> None:
    opening = bank.journal.balance or Money("0", "EUR")
    first, second = bank.entry("5.00"), bank.entry("7.00", day=2)
    bank.carry_out(bank.plan(bank.statement(first, opening=opening)))
    plan = bank.plan(bank.statement(first, second, opening=opening))
    assert codes(plan) == ["overlap"]
    assert [line.amount for line in plan.entries] == [Money("7.00", "EUR")]
    bank.carry_out(plan)
    assert bank.journal.balance == opening + Money("12.00", "EUR")


def test_gap_is_reported_before_anything_is_written(bank: Bank) -> None:
    bank.imported(bank.entry("1.00"))
    balance = bank.journal.balance
    assert balance is not None
    plan = bank.plan(bank.statement(bank.entry("1.00"), opening=balance + Money("100", "EUR")))
    assert codes(plan) == ["balance-gap"]
    assert bank.journal.balance == balance


def test_statement_without_balances_goes_on_where_the_journal_stands(bank: Bank) -> None:
    bank.imported(bank.entry("1.00"))
    balance = bank.journal.balance
    assert balance is not None
    plan = bank.plan(replace(bank.statement(bank.entry("2.00")), opening=None, closing=None))
    assert codes(plan) == ["no-balances"]
    bank.carry_out(plan)
    assert bank.journal.balance == balance + Money("2.00", "EUR")


def test_wrong_account_or_currency_is_refused_before_anything_is_written(bank: Bank) -> None:
    balance = bank.journal.balance
    for wrong in (
        bank.statement(bank.entry("1.00"), account="DE89370400440532013000"),
        Statement(format="ofx2", account="NL57OIMK0417164300", currency=Currency("USD"), entries=()),
    ):
        with pytest.raises(StatementError):
            bank.plan(wrong)
    assert bank.journal.balance == balance


def test_entry_that_came_in_since_the_plan_was_made_stops_the_import(bank: Bank) -> None:
    one, two = bank.entry("1.00"), bank.entry("2.00")
    both, single = bank.plan(bank.statement(one, two)), bank.plan(bank.statement(one))
    bank.carry_out(single)
    with pytest.raises(DivergedRecord, match="1 of 2"):
        bank.carry_out(both)


def test_quoted_invoice_is_paid_and_a_second_run_changes_nothing(bank: Bank) -> None:
    item = bank.document("121.00")
    text = f"pays {item.document_number}"
    bank.imported(bank.entry(item.residual, text))
    entry = bank.mine(text)
    plan = bank.settlement(entry)
    assert [settlement.entry_id for settlement in plan.settlements] == [entry.id]
    report = bank.carry_out(plan)
    assert len(report.updated) == 2
    assert report.findings == ()
    assert bank.payment_state(item) == ("paid", Decimal(0))
    assert bank.is_reconciled(entry) is True
    assert entry.id not in {waiting.id for waiting in read_unsettled(bank.odoo, bank.journal)}
    second = bank.carry_out(plan)
    assert (second.created, second.updated, second.findings) == ((), (), ())


def test_two_invoices_less_a_credit_note_are_settled_together(bank: Bank) -> None:
    items = [bank.document("100.00"), bank.document("50.00"), bank.document("30.00", "out_refund")]
    text = " ".join(item.document_number or "" for item in items)
    bank.imported(bank.entry("120.00", text))
    bank.carry_out(bank.settlement(bank.mine(text)))
    assert [bank.payment_state(item)[1] for item in items] == [Decimal(0)] * 3
    assert {bank.payment_state(item)[0] for item in items} <= {"paid", "reversed"}


def test_supplier_bill_is_settled_by_the_suppliers_number(bank: Bank) -> None:
    number = f"SUP-{int(bank.token, 16):010d}"
    bill = bank.document("75.00", "in_invoice", ref=number)
    assert bill.residual == Money("-75.00", "EUR")
    assert bill.partner_document_number == number
    bank.imported(bank.entry("-75.00", number))
    entry = bank.mine(number)
    bank.carry_out(bank.settlement(entry))
    assert bank.payment_state(bill) == ("paid", Decimal(0))
    assert bank.is_reconciled(entry) is True


def test_other_amount_waits_and_nothing_is_written(bank: Bank) -> None:
    item = bank.document("121.00")
    text = f"pays {item.document_number}"
    bank.imported(bank.entry("100.00", text))
    plan = bank.settlement(bank.mine(text))
    assert plan.settlements == ()
    assert plan.review[0].suggestions[0].item_ids == (item.id,)
    assert bank.payment_state(item) == ("not_paid", Decimal("121.00"))


def test_document_that_was_settled_since_the_plan_is_a_finding(bank: Bank) -> None:
    item = bank.document("121.00")
    first, second = f"pays {item.document_number}", f"again {item.document_number}"
    bank.imported(bank.entry(item.residual, first), bank.entry(item.residual, second, day=2))
    late = bank.settlement(bank.mine(second))
    bank.carry_out(bank.settlement(bank.mine(first)))
    report = bank.carry_out(late)
    assert len(report.findings) == 1
    assert report.updated == ()
    assert bank.is_reconciled(bank.mine(second)) is False


def test_equal_payment_in_another_journal_is_not_taken_for_known(bank: Bank) -> None:
    statement = bank.statement(bank.entry("5.00", "monthly fee"), account=None)
    bank.carry_out(bank.plan(statement))
    code = bank.token[:5].upper()
    cells = {"id": f"oimkit.journal_{bank.token}", "name": f"Second {code}", "code": code, "type": "bank"}
    (other,) = bank.odoo.load("account.journal", list(cells), [list(cells.values())])
    with pytest.raises(InputError, match="in another journal already"):
        known_keys(bank.odoo, all_keys([statement]), journal_id=other)
    assert known_keys(bank.odoo, all_keys([statement]), journal_id=bank.journal.id) == all_keys([statement])


def test_entry_whose_amount_changed_since_the_plan_settles_nothing(bank: Bank) -> None:
    item = bank.document("100.00")
    text = f"pays {item.document_number}"
    bank.imported(bank.entry(item.residual, text))
    entry = bank.mine(text)
    plan = bank.settlement(entry)
    bank.odoo.write(LINE, [int(entry.id or 0)], {"amount": Decimal("60.00")})
    (finding,) = bank.carry_out(plan).findings
    assert "changed" in finding
    assert bank.payment_state(item) == ("not_paid", Decimal("100.00"))


@pytest.mark.versions(last=15)  # from 16 on the items of a posted bank entry cannot be split over RPC
def test_entry_that_a_person_split_is_not_taken_for_a_whole_one(bank: Bank) -> None:
    item = bank.document("100.00")
    text = f"pays {item.document_number}"
    bank.imported(bank.entry(item.residual, text))
    entry = bank.mine(text)
    plan = bank.settlement(entry)
    split_by_hand(bank, entry, item)
    (finding,) = bank.carry_out(plan).findings
    assert "split by hand" in finding
    assert bank.payment_state(item) == ("not_paid", Decimal("100.00"))
    assert entry.id not in {each.id for each in unfinished(bank.odoo, bank.journal)}


def split_by_hand(bank: Bank, entry: Entry, item: OpenItem) -> None:
    """60.00 of the entry on the customer's account, 40.00 on another."""
    odoo = bank.odoo
    (line,) = odoo.read(LINE, [int(entry.id or 0)], ["move_id"])
    (other,) = odoo.search_read("account.move.line", [["id", "=", int(item.id)]], ["account_id", "partner_id"])
    (suspense,) = odoo.search("account.move.line", [["move_id", "=", line["move_id"].id], ["credit", ">", 0]])
    expense = odoo.search("account.account", [["code", "=like", "6%"]], limit=1)[0]
    moved = {"account_id": other["account_id"], "partner_id": other["partner_id"], "credit": Decimal(60)}
    rest = {"account_id": expense, "credit": Decimal(40), "name": "kept back"}
    odoo.write("account.move", [line["move_id"].id], {"line_ids": [(1, suspense, moved), (0, 0, rest)]})


@pytest.mark.versions(first=16)  # up to 15 the journal entry of a bank entry cannot be deleted
def test_entry_that_was_deleted_with_its_journal_entry_comes_in_again(bank: Bank) -> None:
    kept, lost = bank.entry("1.00", "kept"), bank.entry("2.00", f"lost {bank.token}")
    statement = bank.statement(kept, lost)
    bank.carry_out(bank.plan(statement))
    (line,) = bank.odoo.read(LINE, [int(bank.mine(f"lost {bank.token}").id or 0)], ["move_id"])
    for method in ("button_draft", "unlink"):
        with suppress(OutcomeUnknown):  # done, and the reply cannot be written
            bank.odoo.call("account.move", method, ids=[line["move_id"].id])
    again = bank.plan(statement)
    assert [planned.amount for planned in again.entries] == [lost.amount]
    bank.carry_out(again)
    assert bank.mine(f"lost {bank.token}").amount == lost.amount
    assert bank.plan(statement).is_empty


def test_user_without_the_accounting_right_gets_one_clear_sentence(bank: Bank, as_role: Callable[[str], Bank]) -> None:
    plan = bank.plan(bank.statement(bank.entry("1.00")))
    with pytest.raises(
        AccessRefused, match=r"may not create bank statement lines; .* group account\.group_account_user"
    ) as refusal:
        as_role("twofactor").carry_out(plan)
    assert "\n" not in str(refusal.value)
    assert known_keys(bank.odoo, [entry.key for entry in plan.entries]) == frozenset()


def test_accountant_who_is_no_administrator_imports_and_settles(bank: Bank, as_role: Callable[[str], Bank]) -> None:
    item = bank.document("121.00")
    bank = as_role("billing")
    text = f"pays {item.document_number}"
    entry = bank.entry(item.residual, text, counterparty=Party(name=item.partner_name))
    opening = bank.journal.balance or Money("0", "EUR")
    bank.carry_out(bank.plan(bank.statement(entry, opening=opening)))
    assert bank.plan(bank.statement(entry, opening=opening)).is_empty
    bank.carry_out(bank.settlement(bank.mine(text)))
    assert bank.payment_state(item) == ("paid", Decimal(0))


def begun(bank: Bank) -> tuple[OpenItem, Entry]:
    """A settlement whose process ended between its two calls."""
    item = bank.document("121.00")
    text = f"pays {item.document_number}"
    bank.imported(bank.entry(item.residual, text))
    entry = bank.mine(text)

    def crash(step: str) -> None:
        if step.startswith("intend reconcile"):
            raise Crash

    with pytest.raises(Crash), bank.writing(crash) as journal:
        apply(bank.settlement(entry), bank.odoo, journal, settle_after_s=0.0)
    assert bank.payment_state(item) == ("not_paid", Decimal("121.00"))
    return item, entry


def test_crash_between_the_two_calls_is_finished_from_the_journal(bank: Bank) -> None:
    item, entry = begun(bank)
    with bank.writing() as journal:
        (report,) = resume(bank.odoo, journal)
    assert any(step.startswith("reconcile") for step in report.updated)
    assert bank.payment_state(item) == ("paid", Decimal(0))
    assert bank.is_reconciled(entry) is True


def test_crash_between_the_two_calls_is_found_when_the_journal_is_lost(bank: Bank) -> None:
    item, entry = begun(bank)
    (found,) = [each for each in unfinished(bank.odoo, bank.journal) if each.id == entry.id]
    with bank.writing(folder="another") as journal:
        apply(bank.settlement(found), bank.odoo, journal)
    assert bank.payment_state(item) == ("paid", Decimal(0))
    assert entry.id not in {each.id for each in unfinished(bank.odoo, bank.journal)}


LOST = ["drop-after-commit", "drop-inside-reply", "bad-gateway-after", "marshal-after-commit", "drop-before-call"]


def carried_through(bank: Bank, target: Any, plan: object, fault: str, call: str) -> None:
    """*plan* carried out while the reply of *call* is lost, then whatever is open finished."""
    target.sandbox.faults.add(parse_fault(f"{fault}:{call}@1"))
    with suppress(OutcomeUnknown, NotSent), bank.writing() as journal:
        apply(plan, bank.odoo, journal, settle_after_s=0.0)
    target.sandbox.faults.clear()
    with bank.writing() as journal:
        resume(bank.odoo, journal)
        assert journal.open_runs() == []


@pytest.mark.double
@pytest.mark.parametrize("fault", LOST)
def test_lost_reply_of_an_import_leaves_each_entry_once(bank: Bank, target: Any, fault: str) -> None:
    plan = bank.plan(bank.statement(bank.entry("1.00"), bank.entry("2.00")))
    before = bank.odoo.count(LINE, [])
    carried_through(bank, target, plan, fault, "account.bank.statement.load")
    assert bank.odoo.count(LINE, []) == before + 2
    assert known_keys(bank.odoo, [line.key for line in plan.entries]) == {line.key for line in plan.entries}


@pytest.mark.double
@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("step", ["write", "reconcile"])
def test_lost_reply_of_a_settlement_leaves_the_invoice_paid_once(
    bank: Bank, target: Any, fault: str, step: str
) -> None:
    item = bank.document("121.00")
    text = f"pays {item.document_number}"
    bank.imported(bank.entry(item.residual, text))
    entry = bank.mine(text)
    carried_through(bank, target, bank.settlement(entry), fault, f"account.move.line.{step}")
    assert bank.payment_state(item) == ("paid", Decimal(0))
    assert bank.is_reconciled(entry) is True


def test_undo_takes_settlement_and_import_back_in_this_order(bank: Bank) -> None:
    item = bank.document("121.00")
    text = f"pays {item.document_number}"
    before = bank.journal.balance
    statement = bank.statement(bank.entry(item.residual, text), bank.entry("1.00", day=2))
    imported = bank.carry_out(bank.plan(statement))
    settled = bank.carry_out(bank.settlement(bank.mine(text)))
    with bank.writing() as journal:
        with pytest.raises(InputError, match="1 of 2 entries"):
            undo(bank.odoo, journal, imported.run)
        undo(bank.odoo, journal, settled.run)
        assert bank.payment_state(item) == ("not_paid", Decimal("121.00"))
        undo(bank.odoo, journal, imported.run)
        with pytest.raises(InputError, match="before"):
            undo(bank.odoo, journal, imported.run)
    assert bank.journal.balance == before
    assert known_keys(bank.odoo, all_keys([statement])) == frozenset()
    assert not bank.plan(statement).is_empty


def test_undo_leaves_an_entry_that_a_person_added_to_the_statement(bank: Bank, target: Any) -> None:
    run = bank.imported(bank.entry("1.00", f"own {bank.token}")).run
    own = bank.mine(f"own {bank.token}")
    (line,) = bank.odoo.read(LINE, [int(own.id or 0)], ["statement_id"])
    if target.version < 16:
        with suppress(OutcomeUnknown):
            bank.odoo.call("account.bank.statement", "button_reopen", ids=[line["statement_id"].id])
    cells = {
        "id": f"oimkit.added_{bank.token}",
        "journal_id/.id": str(bank.journal.id),
        "statement_id/.id": str(line["statement_id"].id),
        "date": own.value_date.isoformat(),
        "payment_ref": "by hand",
        "amount": "5.00",
    }
    if target.version < 16:
        del cells["journal_id/.id"]
    (added,) = bank.odoo.load(LINE, list(cells), [list(cells.values())])
    with bank.writing() as journal, pytest.raises(InputError, match="did not import"):
        undo(bank.odoo, journal, run)
    assert bank.odoo.count(LINE, [["id", "in", [added, int(own.id or 0)]]]) == 2


def test_undo_leaves_what_a_person_settled_otherwise_since(bank: Bank) -> None:
    first, second = bank.document("121.00"), bank.document("121.00")
    text = f"pays {first.document_number}"
    bank.imported(bank.entry(first.residual, text))
    entry = bank.mine(text)
    planned = bank.settlement(entry)
    run = bank.carry_out(planned).run
    method = "button_undo_reconciliation" if bank.odoo.schema.has_field("account.bank.statement", "state") else None
    with suppress(OutcomeUnknown):
        bank.odoo.call(LINE, method or "action_undo_reconciliation", ids=[int(entry.id or 0)])
    (settlement,) = planned.settlements
    other = replace(settlement, items=(replace(settlement.items[0], item_id=second.id),))
    bank.carry_out(SettlementPlan((other,), ()))
    assert bank.payment_state(second) == ("paid", Decimal(0))
    with bank.writing() as journal:
        undo(bank.odoo, journal, run)
    assert bank.payment_state(second) == ("paid", Decimal(0))


def test_books_answer_as_the_ports_say(bank: Bank) -> None:
    item = bank.document("10.00")
    bank.imported(bank.entry("3.00", f"book {bank.token}"))
    entries, items = OdooEntryBook(bank.odoo, "BNK1"), OdooOpenItemBook(bank.odoo, bank.journal.company_id)
    assert entries.journal() == bank.journal
    assert entries.known(["entry_0"]) == frozenset()
    assert bank.mine(f"book {bank.token}") in entries.unsettled()
    assert item in items.open_items()
