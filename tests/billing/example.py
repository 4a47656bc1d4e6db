"""Entries and rule sets that the tests of billing share. Everything here is invented."""

from __future__ import annotations

from datetime import date

from oimkit.billing import Names, RuleSet, WorkedTime

TODAY = date(2026, 11, 21)

RULES = """
version = "2026-11"
currency = "EUR"

[[rates]]
name = "standard"
rate = 95.50

[[rates]]
name = "harbour, until October"
customer = "Harbour"
rate = "80.00"
valid_until = 2026-11-01

[[rates]]
name = "harbour, from November"
customer = "Harbour"
rate = "90.00"
valid_from = 2026-11-01

[[rates]]
name = "training is free"
task = 9
billable = false

[rounding]
scope = "entry"
mode = "up"
step = "15 min"

[not_billed]
projects = ["Internal"]
"""


def rules(extra: str = "", text: str = RULES) -> RuleSet:
    return RuleSet.from_toml(text + extra)


def plain(extra: str = "", rate: str = "100.00") -> RuleSet:
    """One rate, nothing rounded, one line an invoice."""
    lines = "" if "[lines]" in extra else '[lines]\ngroup = []\ntext = "work"\n'
    return RuleSet.from_toml(f'version = "1"\ncurrency = "EUR"\n[[rates]]\nname = "r"\nrate = "{rate}"\n{lines}{extra}')


def worked(
    number: int = 1,
    minutes: int = 60,
    *,
    day: date = date(2026, 11, 2),
    seconds: int | None = None,
    customer: int | None = 7,
    project: int | None = 3,
    task: int | None = 4,
    employee: int | None = 5,
    customer_name: str | None = "Harbour",
    project_name: str | None = "Crane",
    description: str | None = None,
) -> WorkedTime:
    return WorkedTime(
        id=number,
        date=day,
        seconds=minutes * 60 if seconds is None else seconds,
        customer=customer,
        project=project,
        task=task,
        employee=employee,
        description=description,
        names=Names(customer_name, project_name, "Design", "Ida"),
    )
