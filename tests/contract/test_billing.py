"""Worked time becomes draft invoices: the same assertions on the sandbox and on real servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from oimkit.billing import InvoicePlan, RuleSet, Snap, Unit, WorkedTime, plan_invoices, verify
from oimkit.errors import AccessRefused, DivergedRecord, OutcomeUnknown, RuleError
from oimkit.odoo import ExternalId, Journal, Odoo, connect
from oimkit.odoo.apply import Report, apply, resume
from oimkit.odoo.billing import (
    DraftPlan,
    OdooInvoiceBook,
    plan_drafts,
    post_drafts,
    preflight,
    read_worked_time,
    resolve_rules,
    unread_time,
)
from oimkit.odoo.saved import dump, restore
from oimkit.sandbox import Fault, FaultKind, When
from tests.odoo.meddling import Meddling

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 31)

TODAY = date(2025, 4, 2)

LINE = "account.analytic.line"

RULES = """
version = "contract"
currency = "EUR"

[[rates]]
name = "standard"
rate = "100.00"

[[rates]]
name = "harbour until the middle of March"
customer = "Harbour {token}"
rate = "87.50"
valid_until = 2025-03-15

[[rates]]
name = "harbour from the middle of March"
customer = "Harbour {token}"
rate = "90.00"
valid_from = 2025-03-15

[lines]
group = ["task"]
text = "{{project}}: {{task}}"
"""


@dataclass
class Books:
    """A company with two customers, an employee and a project of each; entries are added as a test needs them."""

    odoo: Odoo
    token: str
    folder: Path
    customers: tuple[int, int] = (0, 0)
    projects: tuple[int, int] = (0, 0)
    tasks: tuple[int, int] = (0, 0)
    employee: int = 0
    made: int = 0

    def key(self, kind: str) -> str:
        self.made += 1
        return f"oimkit.contract_{kind}_{self.token}_{self.made}"

    def load(self, model: str, kind: str, **values: str) -> int:
        columns = ["id", *(name.replace("__", "/.") for name in values)]
        (identity,) = self.odoo.load(model, columns, [[self.key(kind), *values.values()]])
        return identity

    def build(self) -> None:
        harbour = self.load("res.partner", "partner", name=f"Harbour {self.token}", is_company="1")
        contact = self.load("res.partner", "partner", name=f"Ida {self.token}", parent_id__id=str(harbour))
        mill = self.load("res.partner", "partner", name=f"Mill {self.token}", is_company="1")
        self.customers = (harbour, mill)
        self.employee = self.load("hr.employee", "employee", name=f"Ole {self.token}")
        self.projects = tuple(  # type: ignore[assignment]
            self.load("project.project", "project", name=f"{name} {self.token}", partner_id__id=str(partner))
            for name, partner in (("Crane", contact), ("Wheel", mill))
        )
        self.tasks = tuple(  # type: ignore[assignment]
            self.load("project.task", "task", name=f"Design {self.token}", project_id__id=str(project))
            for project in self.projects
        )

    def work(self, hours: str, day: int, *, project: int = 0, task: bool = True) -> int:
        cells = {
            "project_id__id": str(self.projects[project]),
            "employee_id__id": str(self.employee),
            "date": f"2025-03-{day:02d}",
            "name": f"work {self.token}",
            "unit_amount": hours,
        }
        if task:
            cells["task_id__id"] = str(self.tasks[project])
        return self.load(LINE, "entry", **cells)

    def worked(self) -> list[WorkedTime]:
        """What is free to bill of these customers; other tests may have left entries of their own."""
        times = read_worked_time(self.odoo, start=FIRST, end=LAST)
        return [time for time in times if time.customer in self.customers]

    def rules(self, extra: str = "") -> RuleSet:
        return resolve_rules(self.odoo, RuleSet.from_toml(RULES.format(token=self.token) + extra))

    def plan(self, extra: str = "", *, today: date = TODAY) -> InvoicePlan:
        frame = preflight(self.odoo)
        return plan_invoices(self.worked(), self.rules(extra), today=today, printing=frame.printing)

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """A journal that knows nothing of earlier runs: what is done once must not depend on it."""
        self.made += 1
        with Journal.open(self.folder / str(self.made), self.odoo.server_key) as journal:
            yield journal

    def apply(self, plan: object) -> Report:
        with self.journal() as journal:
            return apply(plan, self.odoo, journal)

    def invoices(self) -> list[dict[str, Any]]:
        return self.odoo.search_read("account.move", [["partner_id", "in", list(self.customers)]], MOVE, order="id")

    def links(self, entries: Sequence[int]) -> set[int | None]:
        rows = self.odoo.read(LINE, list(entries), ["timesheet_invoice_id"])
        return {None if row["timesheet_invoice_id"] is None else row["timesheet_invoice_id"].id for row in rows}


MOVE = [
    "move_type",
    "state",
    "ref",
    "payment_reference",
    "amount_untaxed",
    "amount_total",
    "invoice_date",
    "partner_id",
]


@pytest.fixture
def books(target: Any, tmp_path: Path) -> Books:
    books = Books(target.connect(), target.fresh_token, tmp_path)
    books.build()
    return books


def test_drafts_equal_the_plan_to_the_cent_and_hold_their_timesheets(books: Books) -> None:
    before, third, after = books.work("2.5", 14), books.work("0.3333333333333333", 14, task=False), books.work("4", 15)
    other = books.work("1.75", 20, project=1)
    plan = books.plan('[invoices]\npayment_reference = "{code}{year}{month}"\n' + codes(books))
    assert [draft.amount.text for draft in plan.drafts] == ["607.92", "175.00"]
    assert [line.printed.unit for line in plan.drafts[0].lines] == [Unit.HOUR, Unit.HOUR, Unit.AMOUNT]
    assert [verify(line, plan.rules) for draft in plan.drafts for line in draft.lines] == [()] * 4
    report = books.apply(plan_drafts(books.odoo, plan))
    assert (len(report.created), report.reused, report.findings) == (2, (), ())
    one, two = books.invoices()
    assert [move["amount_untaxed"] for move in (one, two)] == [Decimal("607.92"), Decimal("175.00")]
    assert [move["amount_total"] for move in (one, two)] == [Decimal("607.92"), Decimal("175.00")]
    assert {(move["state"], move["move_type"], move["invoice_date"]) for move in (one, two)} == {
        ("draft", "out_invoice", TODAY)
    }
    assert [move["ref"] for move in (one, two)] == [draft.key for draft in plan.drafts]
    assert [move["payment_reference"] for move in (one, two)] == [draft.payment_reference for draft in plan.drafts]
    assert books.links([before, third, after]) == {one["id"]} and books.links([other]) == {two["id"]}


def codes(books: Books) -> str:
    return "".join(f'[[customers]]\ncustomer = {customer}\ncode = "C{customer}"\n' for customer in books.customers)


def test_second_run_makes_nothing_new(books: Books) -> None:
    books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    books.apply(drafts)
    assert books.plan().drafts == ()
    again = books.apply(drafts)
    assert (again.created, len(again.reused)) == ((), 1)
    assert [move["amount_untaxed"] for move in books.invoices()] == [Decimal("218.75")]
    assert books.apply(plan_drafts(books.odoo, books.plan())).created == ()


def test_a_draft_is_posted_only_when_asked_and_once(books: Books) -> None:
    books.work("2.5", 14)
    plan = books.plan('[invoices]\npayment_reference = "{code}{year}{month}"\n' + codes(books))
    drafts = plan_drafts(books.odoo, plan)
    books.apply(drafts)
    assert [move["state"] for move in books.invoices()] == ["draft"]
    posted = books.apply(post_drafts(drafts))
    (move,) = books.invoices()
    assert (move["state"], move["amount_untaxed"]) == ("posted", Decimal("218.75"))
    assert move["payment_reference"] == plan.drafts[0].payment_reference
    assert len(posted.updated) == 1
    assert books.apply(post_drafts(drafts)).updated == ()
    assert books.apply(drafts).created == ()
    assert books.invoices() == [move]
    found = OdooInvoiceBook(books.odoo).find(plan.drafts[0].key)
    assert found is not None and (found.id, found.posted, found.untaxed.text) == (move["id"], True, "218.75")


def test_a_draft_that_another_process_posts_at_the_same_moment_is_posted(books: Books) -> None:
    books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    books.apply(drafts)
    (draft,) = books.invoices()
    wire = Meddling(books.odoo._transport)
    wire.before = lambda call: post(books.odoo, draft["id"]) if call.method == "action_post" else None
    with books.journal() as journal:
        apply(post_drafts(drafts), connect(transport=wire), journal)
        assert journal.open_runs() == []
    assert [move["state"] for move in books.invoices()] == ["posted"]


def post(odoo: Odoo, move: int) -> None:
    """Post a draft; over XML-RPC the empty answer may be a fault after the commit."""
    try:
        odoo.call("account.move", "action_post", ids=[move])
    except OutcomeUnknown as error:
        assert error.after_commit


def test_posting_before_the_draft_is_there_is_refused(books: Books) -> None:
    books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    with pytest.raises(ValueError, match="not there"):
        books.apply(post_drafts(drafts))


def test_a_plan_that_was_stored_is_carried_out_the_same(books: Books) -> None:
    books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    books.apply(restore(DraftPlan, dump(drafts)))
    assert [move["amount_untaxed"] for move in books.invoices()] == [Decimal("218.75")]


def bill_elsewhere(books: Books, entry: int) -> int:
    """An invoice that somebody else made for *entry*, which is linked to it from now on."""
    (thief,) = books.odoo.load(
        "account.move",
        ["id", "move_type", "partner_id/.id", "timesheet_ids/.id"],
        [[books.key("thief"), "out_invoice", str(books.customers[1]), str(entry)]],
    )
    return thief


def test_an_entry_billed_elsewhere_meanwhile_stops_the_draft(books: Books) -> None:
    entry = books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    thief = bill_elsewhere(books, entry)
    with pytest.raises(DivergedRecord, match="meanwhile"):
        books.apply(drafts)
    assert [move["id"] for move in books.invoices()] == [thief]
    assert books.links([entry]) == {thief}


@pytest.mark.double
def test_an_entry_billed_elsewhere_between_two_tries_stops_the_draft(target: Any, books: Books) -> None:
    entry = books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    target.sandbox.faults.add(Fault(FaultKind.CONFLICT, When("account.move", "load")))
    thieves: list[int] = []
    with books.journal() as journal, pytest.raises(DivergedRecord, match="meanwhile"):
        apply(drafts, books.odoo, journal, sleep=lambda _pause: thieves.append(bill_elsewhere(books, entry)))
    assert [move["id"] for move in books.invoices()] == thieves
    assert books.links([entry]) == set(thieves)


def test_a_draft_whose_entry_another_invoice_bills_is_not_posted(books: Books) -> None:
    entry = books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    books.apply(drafts)
    bill_elsewhere(books, entry)
    with pytest.raises(DivergedRecord, match=f"not linked to it, the first is {entry}"):
        books.apply(post_drafts(drafts))
    assert {move["state"] for move in books.invoices()} == {"draft"}


def test_an_entry_changed_after_planning_stops_the_draft(books: Books) -> None:
    entry = books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    books.odoo.write(LINE, [entry], {"unit_amount": Decimal("3.5")})
    with pytest.raises(DivergedRecord, match=f"entry {entry} "):
        books.apply(drafts)
    assert books.invoices() == []


def test_time_of_a_cancelled_invoice_is_billed_by_a_new_one(books: Books) -> None:
    entry = books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    books.apply(drafts)
    (cancelled,) = books.invoices()
    cancel(books.odoo, cancelled["id"])
    again = plan_drafts(books.odoo, books.plan())
    assert again.invoices[0].key != drafts.invoices[0].key
    books.apply(again)
    assert [move["state"] for move in books.invoices()] == ["cancel", "draft"]
    assert books.links([entry]) == {books.invoices()[1]["id"]}


def cancel(odoo: Odoo, move: int) -> None:
    """Cancel a draft; over XML-RPC the empty answer is a fault after the commit."""
    try:
        odoo.call("account.move", "button_cancel", ids=[move])
    except OutcomeUnknown as error:
        assert error.after_commit


def test_work_whose_link_was_taken_off_is_told_and_not_billed_twice(books: Books) -> None:
    entry = books.work("2.5", 14)
    books.apply(plan_drafts(books.odoo, books.plan()))
    books.odoo.write(LINE, [entry], {"timesheet_invoice_id": None})
    again = plan_drafts(books.odoo, books.plan())
    assert again.invoices == ()
    assert "not linked to it any more" in again.findings[0]


def test_negative_time_becomes_a_credit_note(books: Books) -> None:
    entry = books.work("-1.5", 20)
    books.apply(plan_drafts(books.odoo, books.plan()))
    (move,) = books.invoices()
    assert (move["move_type"], move["amount_untaxed"]) == ("out_refund", Decimal("135.00"))
    assert books.links([entry]) == {move["id"]}


def test_hours_with_two_decimals_are_minutes_only_when_declared(books: Books) -> None:
    books.work("0.33", 14)
    (exact,) = books.worked()
    assert exact.seconds == 1188
    snapped = read_worked_time(books.odoo, start=FIRST, end=LAST, snap=Snap.MINUTE)
    assert [time.seconds for time in snapped if time.id == exact.id] == [1200]
    books.apply(
        plan_drafts(
            books.odoo,
            plan_invoices(
                [time for time in snapped if time.id == exact.id],
                replace(books.rules(), snap=Snap.MINUTE),
                today=TODAY,
                printing=preflight(books.odoo).printing,
            ),
        )
    )
    assert [move["amount_untaxed"] for move in books.invoices()] == [Decimal("29.17")]


def test_both_ends_of_the_period_are_read(books: Books) -> None:
    entries = [books.work("1", day) for day in (1, 31)]
    assert [time.id for time in books.worked()] == entries
    assert [
        time.id
        for time in read_worked_time(books.odoo, start=date(2025, 3, 2), end=LAST)
        if time.customer in books.customers
    ] == entries[1:]


def test_time_of_another_company_is_told_and_not_billed(books: Books) -> None:
    entry = books.work("1", 14)
    (user,) = books.odoo.read("res.users", [books.odoo.uid], ["company_ids"])
    company = books.load("res.company", "company", name=f"Second {books.token}")
    everywhere = (*user["company_ids"], company)
    books.odoo.write("res.users", [books.odoo.uid], {"company_ids": everywhere})
    (row,) = books.odoo.read(LINE, [entry], ["account_id"])
    if row["account_id"] is not None:  # 14: an account of one company takes no entries of another
        books.odoo.write("account.analytic.account", [row["account_id"].id], {"company_id": None})
    books.odoo.write(LINE, [entry], {"company_id": company})
    assert books.worked() == []
    findings = unread_time(books.odoo, start=FIRST, end=LAST)
    assert any("belong to other companies" in finding for finding in findings)


def test_invoice_is_in_the_plans_currency_whatever_the_journal_prefers(books: Books) -> None:
    books.work("1", 14)
    (dollar,) = books.odoo.search("res.currency", [["name", "=", "USD"]])
    cells = {"name": f"Dollars {books.token}", "code": books.token[:5].upper(), "type": "sale"}
    (usual, *_) = books.odoo.search_read("account.journal", [["type", "=", "sale"]], ["default_account_id"], order="id")
    cells["default_account_id__id"] = str(usual["default_account_id"].id)
    journal = books.load("account.journal", "journal", **cells, currency_id__id=str(dollar))
    books.apply(plan_drafts(books.odoo, books.plan(f"\n[odoo]\njournal = {journal}\n")))
    (move,) = books.invoices()
    (stored,) = books.odoo.read("account.move", [move["id"]], ["currency_id", "journal_id"])
    assert (stored["currency_id"].name, stored["journal_id"].id) == ("EUR", journal)


def test_time_before_the_period_is_told(books: Books) -> None:
    books.work("1", 1)
    (finding, *_) = unread_time(books.odoo, start=date(2025, 3, 2), end=LAST)
    assert "lie before 2025-03-02" in finding


def test_time_recorded_in_days_is_read_in_seconds(books: Books) -> None:
    entry = books.work("1.5", 14)
    (day,) = books.odoo.search("ir.model.data", [["module", "=", "uom"], ["name", "=", "product_uom_day"]])
    (known,) = books.odoo.read("ir.model.data", [day], ["res_id"])
    books.odoo.write(LINE, [entry], {"product_uom_id": known["res_id"].id})
    assert [time.seconds for time in books.worked()] == [12 * 3600]


@pytest.mark.double
def test_a_lost_answer_leaves_one_draft(target: Any, books: Books) -> None:
    entry = books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    target.sandbox.faults.add(Fault(FaultKind.DROP_AFTER_COMMIT, When("account.move", "load")))
    with Journal.open(books.folder / "lost", books.odoo.server_key) as journal:
        with pytest.raises(OutcomeUnknown):
            apply(drafts, books.odoo, journal)
        (report,) = resume(books.odoo, journal)
    assert len(report.created) == 1
    (move,) = books.invoices()
    assert (move["amount_untaxed"], books.links([entry])) == (Decimal("218.75"), {move["id"]})


@pytest.mark.double
def test_a_posting_whose_answer_is_lost_is_done_once(target: Any, books: Books) -> None:
    books.work("2.5", 14)
    drafts = plan_drafts(books.odoo, books.plan())
    books.apply(drafts)
    target.sandbox.faults.add(Fault(FaultKind.MARSHAL_AFTER_COMMIT, When("account.move", "action_post")))
    assert len(books.apply(post_drafts(drafts)).updated) == 1
    assert [move["state"] for move in books.invoices()] == ["posted"]


def test_the_customer_is_the_company_of_the_contact(books: Books) -> None:
    books.work("1", 14)
    (time,) = books.worked()
    assert (time.customer, time.names.customer) == (books.customers[0], f"Harbour {books.token}")


def test_rules_name_records_by_name_by_external_id_or_by_id(books: Books) -> None:
    key = ExternalId.parse(books.key("partner"))
    (named,) = books.odoo.load("res.partner", ["id", "name"], [[str(key), f"Quay {books.token}"]])
    text = RULES.format(token=books.token)
    for name in (f"'{key}'", f"'Quay {books.token}'", str(named)):
        resolved = resolve_rules(books.odoo, RuleSet.from_toml(f"{text}[[rates]]\ncustomer = {name}\nrate = 1\n"))
        assert [values for _, values in resolved.rates[-1].matching] == [(named,)]


def test_a_name_of_two_records_or_of_none_is_refused_with_its_path(books: Books) -> None:
    books.load("res.partner", "partner", name=f"Harbour {books.token}", is_company="1")
    with pytest.raises(RuleError, match=r"rates\[1\]\.customer: .* 2 records"):
        books.rules()
    with pytest.raises(RuleError, match=r"rates\[0\]\.project: .* no record"):
        resolve_rules(
            books.odoo,
            RuleSet.from_toml(
                f'version = "1"\ncurrency = "EUR"\n[[rates]]\nproject = "nothing {books.token}"\nrate = 1\n'
            ),
        )


def test_two_names_of_one_record_are_a_tie(books: Books) -> None:
    with pytest.raises(RuleError, match="a tie"):
        books.rules(f"[[rates]]\ncustomer = {books.customers[0]}\nrate = 1\n")


@pytest.mark.parametrize(
    ("role", "right"),
    [("billing", "hr_timesheet.group_hr_timesheet_approver"), ("limited", "account.group_account_invoice")],
)
def test_a_missing_right_is_named_and_not_taken_for_nothing_to_bill(target: Any, role: str, right: str) -> None:
    with pytest.raises(AccessRefused) as refused:
        preflight(target.connect(role))
    assert right in str(refused.value)
    assert str(refused.value).count(".") <= 2
