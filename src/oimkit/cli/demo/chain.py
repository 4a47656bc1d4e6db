"""The demo's chain: company data, leads, hours, invoices, statements, settlements; every step may be run again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from oimkit.banking import Entry, OpenItem, Statement, Terms, join_pages, match, read_statements
from oimkit.banking.importing import ImportPlan, all_keys, plan_import
from oimkit.banking.journals import JournalState
from oimkit.banking.settlement import SettlementPlan, plan_settlement
from oimkit.billing import InvoicePlan, Period, RuleSet, plan_invoices
from oimkit.cli.demo.company import Company, Hours, Lead, read_revenue
from oimkit.errors import InputError
from oimkit.money import Money
from oimkit.odoo import ExternalId, Journal, Odoo, Report, apply, find, restore, resume
from oimkit.odoo.banking import known_keys, read_journal, read_open_items, read_unsettled, unfinished
from oimkit.odoo.billing import DraftPlan, plan_drafts, post_drafts
from oimkit.odoo.crm import Case, plan_crm, read_cases, read_pipeline
from oimkit.odoo.journal import RunState
from oimkit.odoo.records import PlannedRecord, plan_records
from oimkit.odoo.rulesets import resolve_rules
from oimkit.odoo.timesheets import preflight, read_worked_time
from oimkit.pipeline import crm
from oimkit.pipeline.events import Command, Occasion

__all__ = ["BankWeek", "Demo", "Outcome", "PostedInvoice", "run_chain"]

_FIRST_DAY, _LAST_DAY = date(2026, 10, 5), date(2026, 10, 16)
"""The fortnight that is billed."""

_INVOICE_DATE = date(2026, 10, 19)

_SEEN = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
_TALKED = datetime(2026, 9, 21, 14, 0, tzinfo=UTC)
_DECIDED = datetime(2026, 9, 30, 16, 0, tzinfo=UTC)
"""When the leads came in, were talked about, and were won and lost."""

_HOUR_S, _HOUR_STEP = Decimal(3600), Decimal("0.00000001")
"""Hours are sent with eight decimals: enough to read the exact second back."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the chain works on: the example company, and the folder its rate card and statements lie in."""

    company: Company
    hours: tuple[Hours, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class PostedInvoice:
    """An invoice as the server shows it at the end."""

    number: str
    customer: str
    reference: str
    total: Money
    residual: Money
    payment_state: str


@dataclass(frozen=True, slots=True)
class BankWeek:
    """One account's week: its statement, what was imported and settled, and what waits.

    entries  the account's entries that were not settled before, by the id of their record
    """

    key: str
    statement: Statement
    plan: ImportPlan
    entries: tuple[Entry, ...]
    open_items: tuple[OpenItem, ...]
    settlement: SettlementPlan


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened, for the page and the terminal.

    invoice_plan  what this run planned to bill; without drafts when an earlier run has billed everything
    """

    reports: tuple[Report, ...]
    cases: tuple[tuple[str, Lead, Case], ...]
    invoice_plan: InvoicePlan
    invoices: tuple[PostedInvoice, ...]
    weeks: tuple[BankWeek, ...]

    @property
    def created(self) -> int:
        """Records that this run created."""
        return sum(len(report.created) for report in self.reports)


def run_chain(
    demo: Demo, odoo: Odoo, journal: Journal, *, say: Callable[[str], None], settle_after_s: float
) -> Outcome:
    """From leads to settled bank entries; a second run finds everything done.

    Args:
        say: told in one sentence what comes next.
        settle_after_s: the server's own time limit, see ``apply``.
    """
    _refuse_other_currency(demo, odoo)
    work = _Work(odoo, journal, settle_after_s)
    work.finish_what_was_begun()
    say("Company data: people, customers, projects, bank accounts")
    work.carry_out(plan_records(_company_records(demo.company)))
    say("Leads: one is won, one is lost and kept, one stays open")
    pipeline = read_pipeline(odoo)
    work.carry_out(plan_crm(odoo, _lead_commands(demo.company, pipeline.spec.open_stages), pipeline=pipeline))
    cases = _cases(demo.company, odoo)
    say("The won lead's project, and two weeks of hours")
    work.carry_out(plan_records(_project_records(demo, cases)))
    say("Invoices: drafts with their explanation, then posted because the demo says so")
    invoice_plan = _bill(demo, work)
    say("Bank statements of one week: read, imported, settled")
    weeks = tuple(_bank_week(key, demo, work) for key in demo.company.banks)
    return Outcome(tuple(work.reports), cases, invoice_plan, _invoices(demo, work), weeks)


class _Work:
    """One pass over the chain: carries plans out and keeps their reports."""

    def __init__(self, odoo: Odoo, journal: Journal, settle_after_s: float) -> None:
        self.odoo = odoo
        self.journal = journal
        self.reports: list[Report] = []
        self._settle_after_s = settle_after_s

    def finish_what_was_begun(self) -> None:
        self.reports += resume(
            self.odoo, self.journal, settle_after_s=self._settle_after_s, patience_s=self._settle_after_s
        )

    def carry_out(self, plan: object) -> None:
        self.reports.append(
            apply(plan, self.odoo, self.journal, settle_after_s=self._settle_after_s, patience_s=self._settle_after_s)
        )


def _refuse_other_currency(demo: Demo, odoo: Odoo) -> None:
    (company,) = odoo.search_read("res.company", [], ["currency_id"], order="id", limit=1)
    code = company["currency_id"].name
    if code != demo.company.currency:
        raise InputError(
            f"the demo company works in {demo.company.currency}, and this database in {code}",
            advice=f"take a test database whose company works in {demo.company.currency}",
        )


def _key(kind: str, name: str) -> ExternalId:
    return ExternalId("oimkit", f"demo_{kind}_{name}")


# --- company data


def _company_records(company: Company) -> Iterator[PlannedRecord]:
    """What is there before the first lead: people, customers with their accounts, their projects, own accounts."""
    for name, employee in company.employees.items():
        yield PlannedRecord(_key("employee", name), "hr.employee", (("name", employee.name),))
    for name, customer in company.customers.items():
        yield PlannedRecord(_key("customer", name), "res.partner", (("name", customer.name), ("is_company", True)))
    for name, customer in company.customers.items():
        if customer.account is not None:
            yield _account(name, customer.account, _key("customer", name))
    for name, bank in company.banks.items():
        yield PlannedRecord(
            _key("bank", name),
            "account.journal",
            (("name", bank.name), ("code", bank.code), ("type", "bank"), ("bank_acc_number", bank.account)),
        )
    for name, project in company.projects.items():
        if project.customer in company.customers:
            yield from _project(company, name, _key("customer", project.customer))


def _account(name: str, number: str, partner: ExternalId | int) -> PlannedRecord:
    values = (("acc_number", number), ("partner_id", partner))
    return PlannedRecord(_key("account", name), "res.partner.bank", values)


def _project(company: Company, name: str, partner: ExternalId | int) -> Iterator[PlannedRecord]:
    project = company.projects[name]
    yield PlannedRecord(
        _key("project", name),
        "project.project",
        (("name", project.name), ("partner_id", partner), ("allow_timesheets", True)),
    )
    for task, title in project.tasks.items():
        yield PlannedRecord(
            _key("task", f"{name}_{task}"),
            "project.task",
            (("name", title), ("project_id", _key("project", name))),
        )


# --- leads


def _lead_commands(company: Company, stages: tuple[str, ...]) -> Iterator[Command]:
    """Each lead from its first word to its end, through the second of the server's open *stages* where it has two."""
    for name, lead in company.leads.items():
        case = f"demo:{name}"
        yield crm.capture(
            case,
            Occasion(_SEEN),
            title=lead.name,
            company_name=lead.partner_name,
            expected_revenue=Money(read_revenue(lead), company.currency),
        )
        yield crm.convert(case, Occasion(_SEEN), crm.Trigger.STATED_WISH)
        if len(stages) > 1:
            yield crm.move(case, Occasion(_TALKED), stages[1])
        if lead.outcome == "won":
            yield crm.win(case, Occasion(_DECIDED), customer=crm.NEW_CUSTOMER)
        elif lead.outcome == "lost":
            yield crm.lose(case, Occasion(_DECIDED), lead.reason or "No reason given")


def _cases(company: Company, odoo: Odoo) -> tuple[tuple[str, Lead, Case], ...]:
    """The leads as the server shows them now."""
    keys = {name: ExternalId.of("lead", f"demo:{name}") for name in company.leads}
    found = find(odoo, keys.values())
    ids = {name: found[key].id for name, key in keys.items()}
    cases = {case.id: case for case in read_cases(odoo, [["id", "in", sorted(ids.values())]])}
    return tuple((name, lead, cases[ids[name]]) for name, lead in company.leads.items())


# --- the won project, and hours


def _project_records(demo: Demo, cases: Iterable[tuple[str, Lead, Case]]) -> Iterator[PlannedRecord]:
    """The projects of leads that were won, the accounts their customers pay from, and all worked hours."""
    company = demo.company
    for lead_name, lead, case in cases:
        if case.customer_id is None:
            continue
        if lead.account is not None:
            yield _account(lead_name, lead.account, case.customer_id)
        for name, project in company.projects.items():
            if project.customer == lead_name:
                yield from _project(company, name, case.customer_id)
    for hours in demo.hours:
        yield PlannedRecord(
            _key("hours", hours.key),
            "account.analytic.line",
            (
                ("name", hours.description),
                ("date", hours.date),
                ("project_id", _key("project", hours.project)),
                ("task_id", _key("task", f"{hours.project}_{hours.task}")),
                ("employee_id", _key("employee", hours.employee)),
                ("unit_amount", (hours.seconds / _HOUR_S).quantize(_HOUR_STEP)),
            ),
        )


# --- invoices


def _bill(demo: Demo, work: _Work) -> InvoicePlan:
    """Drafts for the fortnight, then posted; what an earlier run has drafted is posted as well."""
    odoo = work.odoo
    rules = resolve_rules(odoo, RuleSet.from_toml((demo.folder / "rates.toml").read_text("utf-8")))
    frame = preflight(odoo, currency=rules.currency)
    own = {found.id for found in find(odoo, (_key("project", name) for name in demo.company.projects)).values()}
    worked = read_worked_time(odoo, start=_FIRST_DAY, end=_LAST_DAY, snap=rules.snap)
    plan = plan_invoices(
        (time for time in worked if time.project in own),
        rules,
        today=_INVOICE_DATE,
        printing=frame.printing,
        period=Period(_FIRST_DAY, _LAST_DAY),
    )
    drafts = plan_drafts(odoo, plan, frame=frame)
    if drafts.invoices:
        work.carry_out(drafts)
    for made in _draft_plans(demo, work):
        work.carry_out(post_drafts(made))
    return plan


def _draft_plans(demo: Demo, work: _Work) -> Iterator[DraftPlan]:
    """Plans of the demo's own invoices: the journal may hold others', which nobody asked the demo to post."""
    own = {found.id for found in find(work.odoo, (_key("hours", hours.key) for hours in demo.hours)).values()}
    for run in work.journal.runs():
        if run.kind == "invoice-drafts" and run.state is RunState.DONE:
            plan = restore(DraftPlan, run.plan)
            if all(entry.id in own for invoice in plan.invoices for entry in invoice.entries):
                yield plan


def _invoices(demo: Demo, work: _Work) -> tuple[PostedInvoice, ...]:
    """The demo's invoices as the server shows them now, by number."""
    keys = [invoice.key for made in _draft_plans(demo, work) for invoice in made.invoices]
    ids = sorted(found.id for found in find(work.odoo, keys).values())
    fields = [
        "name",
        "partner_id",
        "payment_reference",
        "amount_total",
        "amount_residual",
        "payment_state",
        "currency_id",
    ]
    rows = work.odoo.read("account.move", ids, fields)
    return tuple(
        PostedInvoice(
            number=row["name"] or "",
            customer=row["partner_id"].name or "",
            reference=row["payment_reference"] or "",
            total=Money(row["amount_total"], row["currency_id"].name),
            residual=Money(row["amount_residual"], row["currency_id"].name),
            payment_state=row["payment_state"] or "",
        )
        for row in sorted(rows, key=lambda row: str(row["name"]))
    )


# --- bank


def _bank_week(key: str, demo: Demo, work: _Work) -> BankWeek:
    """One statement file: read, its new entries imported, what is exact settled, the rest left for a person."""
    odoo, bank = work.odoo, demo.company.banks[key]
    statements = join_pages(read_statements((demo.folder / bank.statement).read_bytes()))
    journal = read_journal(odoo, account=statements[0].account)
    plan = plan_import(statements, journal, known=known_keys(odoo, all_keys(statements), journal_id=journal.id))
    if not plan.is_empty:
        work.carry_out(plan)
    entries = _unsettled(odoo, journal)
    open_items = read_open_items(odoo, company_id=journal.company_id)
    terms = Terms.of(own_accounts=[other.account for other in demo.company.banks.values()])
    settlement = plan_settlement(match(entries, open_items, terms=terms), entries, open_items)
    if settlement.settlements:
        work.carry_out(settlement)
    return BankWeek(key, statements[0], plan, entries, open_items, settlement)


def _unsettled(odoo: Odoo, journal: JournalState) -> tuple[Entry, ...]:
    found = {entry.id: entry for entry in (*read_unsettled(odoo, journal), *unfinished(odoo, journal))}
    return tuple(sorted(found.values(), key=lambda entry: int(entry.id or 0)))
