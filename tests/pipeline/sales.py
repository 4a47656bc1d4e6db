"""What tests of leads on a server share: cases and addresses of a test's own, plans, what is read back."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oimkit.money import Money
from oimkit.odoo import ExternalId, Journal, Odoo, Report, apply, find
from oimkit.odoo.crm import Case, CrmPlan, ServerPipeline, plan_crm, read_cases, read_pipeline
from oimkit.pipeline import NEW_CUSTOMER, Certainty, Command, Occasion, Trigger, crm

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def on(hours: int, certainty: Certainty = Certainty.ASSERTED) -> Occasion:
    return Occasion(START + timedelta(hours=hours), "user:2", certainty=certainty)


@dataclass
class Sales:
    """One test's view of a server: cases and addresses of its own, a journal of its own."""

    odoo: Odoo
    token: str
    folder: Path

    def __post_init__(self) -> None:
        self.pipeline: ServerPipeline = read_pipeline(self.odoo)

    def name(self, what: str) -> str:
        return f"{what}_{self.token}"

    def email(self, what: str = "office") -> str:
        return f"{what}.{self.token}@example.com".lower()

    @property
    def phone(self) -> str:
        return f"+32470{zlib.crc32(self.token.encode()) % 1_000_000:06d}"

    def lead(self, case: str, **facts: Any) -> Command:
        return crm.capture(self.name(case), on(0), **{"title": f"Desks {case}", **facts})

    def plan(self, *commands: Command) -> CrmPlan:
        return plan_crm(self.odoo, commands, pipeline=self.pipeline)

    def do(self, *commands: Command) -> Report:
        plan = self.plan(*commands)
        assert plan.refusals == ()
        return self.apply(plan)

    def apply(self, plan: object) -> Report:
        with Journal.open(self.folder, self.odoo.server_key) as journal:
            return apply(plan, self.odoo, journal)

    def id(self, case: str) -> int:
        key = ExternalId.of("lead", self.name(case))
        return find(self.odoo, [key])[key].id

    def case(self, case: str) -> Case:
        (found,) = read_cases(self.odoo, [["id", "=", self.id(case)]], pipeline=self.pipeline)
        return found

    def row(self, case: str, *fields: str) -> Mapping[str, Any]:
        (row,) = self.odoo.read("crm.lead", [self.id(case)], fields)
        return row

    @property
    def reason_field(self) -> str:
        return "lost_reason_id" if self.odoo.schema.has_field("crm.lead", "lost_reason_id") else "lost_reason"

    def records(self) -> tuple[int, ...]:
        """How many records there are of everything that such plans make."""
        everywhere = [["active", "in", [True, False]]]
        models = ("crm.lead", "res.partner", "crm.lost.reason", "mail.blacklist", "phone.blacklist")
        return (*(self.odoo.count(model, everywhere) for model in models), self.odoo.count("mail.message", []))


def won(sales: Sales) -> list[Command]:
    case = sales.name("won")
    return [
        sales.lead(
            "won", company_name=f"Harbour {sales.token}", email=sales.email(), expected_revenue=Money("4800.50", "EUR")
        ),
        crm.convert(case, on(1), Trigger.STATED_WISH),
        crm.move(case, on(2), "qualified"),
        crm.move(case, on(3), "proposition"),
        crm.win(case, on(4), customer=NEW_CUSTOMER),
    ]
