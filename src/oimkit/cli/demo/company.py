"""The demo company of ``examples/``: people, customers, projects, leads, bank accounts and worked hours."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from oimkit.errors import InputError

__all__ = ["Company", "Hours", "examples_folder", "read_company"]

_AMOUNT = re.compile(r"[0-9]{1,12}\.[0-9]{2}", re.ASCII)
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9])", re.ASCII)

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*$")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Employee(_Row):
    """A person who works on projects."""

    name: str


class Customer(_Row):
    """A customer from the start, with the account it pays from."""

    name: str
    account: str | None = None


class Project(_Row):
    """A project for one customer (or for a lead that becomes one), with its tasks by key."""

    name: str
    customer: Key
    tasks: Mapping[Key, str]


class Lead(_Row):
    """A lead and how it ends in the demo."""

    name: str
    partner_name: str
    expected_revenue: str
    outcome: Literal["won", "lost", "open"]
    reason: str | None = None
    account: str | None = None


class Bank(_Row):
    """One of the company's own accounts, its journal's code and the statement file of the week."""

    name: str
    code: str
    account: str
    statement: str


@dataclass(frozen=True, slots=True)
class Hours:
    """One worked time: whole seconds on a day."""

    key: str
    date: date
    employee: str
    project: str
    task: str
    seconds: int
    description: str


class Company(_Row):
    """Everything in ``company.toml``."""

    name: str
    currency: str
    employees: Mapping[Key, Employee]
    customers: Mapping[Key, Customer]
    projects: Mapping[Key, Project]
    leads: Mapping[Key, Lead]
    banks: Mapping[Key, Bank]


def examples_folder() -> Path:
    """Where the example files are: beside this module in an installed package, at the top of a source tree."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "examples", *(parent / "examples" for parent in here.parents)):
        if (folder / "company.toml").is_file():
            return folder
    raise InputError("the example files of the demo are not there", advice="install oimkit again")


def read_company(folder: Path) -> tuple[Company, tuple[Hours, ...]]:
    """The demo company and its worked hours; InputError names the file and the row that is wrong."""
    try:
        company = Company.model_validate(tomllib.loads((folder / "company.toml").read_text("utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            "company.toml does not describe a company", advice="compare it with examples/README.md"
        ) from error
    return company, _read_hours((folder / "hours.csv").read_text("utf-8"), company)


def _read_hours(text: str, company: Company) -> tuple[Hours, ...]:
    rows = []
    for number, row in enumerate(csv.DictReader(StringIO(text)), start=2):
        clock = _CLOCK.fullmatch(row["hours"])
        project = company.projects.get(row["project"])
        if (
            clock is None
            or project is None
            or row["task"] not in project.tasks
            or row["employee"] not in company.employees
        ):
            raise InputError(
                f"hours.csv, line {number}: hours are h:mm, and project, task and employee are keys of company.toml"
            )
        rows.append(
            Hours(
                key=row["key"],
                date=date.fromisoformat(row["date"]),
                employee=row["employee"],
                project=row["project"],
                task=row["task"],
                seconds=int(clock[1]) * 3600 + int(clock[2]) * 60,
                description=row["description"],
            )
        )
    return tuple(rows)


def read_revenue(lead: Lead) -> Decimal:
    """The expected revenue of *lead* as an exact amount."""
    if not _AMOUNT.fullmatch(lead.expected_revenue):
        raise InputError("expected_revenue is an amount with two decimals and a point")
    return Decimal(lead.expected_revenue)
