"""Several processes bill the same timesheets at once, on the embedded server; each must be billed once.

    python -m tests.faults.billing_race [--version 19] [--processes 8] [--rounds 125]

Every process stands for another machine: it has a connection and a journal of its own, so that only the server can
keep two of them apart. In even rounds all of them plan before any of them applies, in odd rounds each plans when its
turn comes, while others apply. Between two rounds the server comes back to what it was, so that all rounds have the
same timesheets. Prints one line of JSON; ends with status 1 when an entry is billed twice, or not, or an error came.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from oimkit.billing import InvoicePlan, RuleSet, plan_invoices
from oimkit.errors import OimkitError
from oimkit.odoo import Journal, Odoo, apply, connect
from oimkit.odoo.billing import plan_drafts, post_drafts, preflight, read_worked_time, resolve_rules
from oimkit.sandbox import Sandbox

RULES = """
version = "race"
currency = "EUR"

[[rates]]
name = "all"
rate = "100.00"

[lines]
group = ["entry"]
text = "{description}"
"""

CUSTOMERS, ENTRIES = 2, 3
"""Customers to bill, one invoice each, and entries of each, which have a line of their own."""

_JANUARY, _TODAY = (date(2026, 1, 1), date(2026, 1, 31)), date(2026, 2, 2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rounds left, added up.

    runs           times that a process planned and applied
    created        invoices that a process counts as made by itself; reused: found as made by another
    duplicates     invoices beyond the first of a customer
    billed_twice   entries that stand on more than one line
    lost           entries on no line of a posted invoice, or linked to another one
    errors         errors that left ``apply``, by class and words; none is expected
    """

    version: int
    processes: int
    rounds: int
    runs: int
    seconds: float
    created: int
    reused: int
    duplicates: int
    billed_twice: int
    lost: int
    errors: dict[str, int]

    @property
    def is_clean(self) -> bool:
        return not (self.duplicates or self.billed_twice or self.lost or self.errors)


def race(version: int, processes: int, rounds: int) -> Outcome:
    """All rounds on a server of *version*. The processes are forked before it starts, while there are no threads."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(processes, timeout=120)
    pairs = [context.Pipe() for _ in range(processes)]
    with tempfile.TemporaryDirectory(prefix="oimkit-billing-", dir=_folder()) as folder:
        runners = [
            context.Process(target=_serve, args=(theirs, barrier, Path(folder, str(number))), daemon=True)
            for number, (_, theirs) in enumerate(pairs)
        ]
        for runner in runners:
            runner.start()
        with Sandbox(version) as sandbox:
            outcome = _rounds(sandbox, [ours for ours, _ in pairs], rounds)
        for ours, _ in pairs:
            ours.send(None)
        for runner in runners:
            runner.join()
    return outcome


def _folder() -> str | None:
    """Where the journals lie: in memory if the machine can, for the disk's speed is not what is raced for here."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


# --- one process


def _serve(orders: Connection, barrier: Barrier, folder: Path) -> None:
    """Draft and post for every order, until there is none; answers with what was created, reused, and the error."""
    odoo: Odoo | None = None
    while (order := orders.recv()) is not None:
        odoo = odoo or connect(**order["server"])
        with Journal.open(folder / str(order["round"]), odoo.server_key) as journal:
            try:
                orders.send(_bill(odoo, journal, barrier, plans_first=order["round"] % 2 == 0))
            except OimkitError as error:
                orders.send((0, 0, f"{type(error).__name__}: {error}"))


def _bill(odoo: Odoo, journal: Journal, barrier: Barrier, *, plans_first: bool) -> tuple[int, int, None]:
    plan = _plan(odoo) if plans_first else None
    barrier.wait()
    drafts = plan_drafts(odoo, plan or _plan(odoo))
    report = apply(drafts, odoo, journal, settle_after_s=5, patience_s=30)
    apply(post_drafts(drafts), odoo, journal, settle_after_s=5, patience_s=30)
    return len(report.created), len(report.reused), None


def _plan(odoo: Odoo) -> InvoicePlan:
    rules = resolve_rules(odoo, RuleSet.from_toml(RULES))
    worked = read_worked_time(odoo, start=_JANUARY[0], end=_JANUARY[1])
    return plan_invoices(worked, rules, today=_TODAY, printing=preflight(odoo).printing)


# --- the server and what is on it


def _rounds(sandbox: Sandbox, processes: list[Connection], rounds: int) -> Outcome:
    server = {
        "url": sandbox.url,
        "database": sandbox.database,
        "user": sandbox.user,
        "secret": sandbox.secret,
    }
    odoo = connect(**server)
    entries = _timesheets(odoo)
    sandbox.mark()
    begun = time.monotonic()
    sums: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for number in range(rounds):
        for process in processes:
            process.send({"server": server, "round": number})
        for process in processes:
            created, reused, error = process.recv()
            sums.update(created=created, reused=reused)
            errors.update([error] if error else [])
        sums.update(_judged(odoo, entries))
        sandbox.restore()
    return Outcome(
        version=sandbox.version,
        processes=len(processes),
        rounds=rounds,
        runs=rounds * len(processes),
        seconds=round(time.monotonic() - begun, 1),
        errors=dict(errors),
        **{name: sums[name] for name in ("created", "reused", "duplicates", "billed_twice", "lost")},
    )


def _timesheets(odoo: Odoo) -> dict[int, str]:
    """The text of each entry by its id: some of each customer, on a project of its own."""
    (employee,) = _made(odoo, "hr.employee", [{"name": "Ole"}])
    customers = _made(odoo, "res.partner", [{"name": f"Customer {number}"} for number in range(CUSTOMERS)])
    projects = [{"name": "Work", "partner_id": customer, "allow_timesheets": True} for customer in customers]
    values = [
        {
            "project_id": project,
            "employee_id": employee,
            "date": "2026-01-14",
            "name": f"work {project} {number}",
            "unit_amount": 1 + number,
        }
        for project in _made(odoo, "project.project", projects)
        for number in range(ENTRIES)
    ]
    return dict(
        zip(_made(odoo, "account.analytic.line", values), [str(value["name"]) for value in values], strict=True)
    )


def _made(odoo: Odoo, model: str, values: list[dict[str, Any]]) -> list[int]:
    ids = odoo.call(model, "create", vals_list=values)
    assert isinstance(ids, list)
    return [int(identity) for identity in ids if isinstance(identity, int)]


def _judged(odoo: Odoo, entries: dict[int, str]) -> dict[str, int]:
    """What is there, by what the records say and not by their keys."""
    fields = ["partner_id", "invoice_line_ids", "state"]
    moves = odoo.search_read("account.move", [["move_type", "=", "out_invoice"]], fields)
    posted = {move["id"] for move in moves if move["state"] == "posted"}
    invoices = Counter(move["partner_id"].id for move in moves)
    line_ids = [line for move in moves for line in move["invoice_line_ids"]]
    lines = odoo.read("account.move.line", line_ids, ["name", "move_id"])
    billed = {text: [line["move_id"].id for line in lines if line["name"] == text] for text in entries.values()}
    links = odoo.read("account.analytic.line", list(entries), ["timesheet_invoice_id"])
    linked = {row["id"]: row["timesheet_invoice_id"].id if row["timesheet_invoice_id"] else None for row in links}
    return {
        "duplicates": sum(count - 1 for count in invoices.values()),
        "billed_twice": sum(len(found) > 1 for found in billed.values()),
        "lost": sum(linked[entry] not in posted.intersection(billed[text]) for entry, text in entries.items()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.billing_race", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--version", type=int, default=19)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=125)
    chosen = parser.parse_args()
    outcome = race(chosen.version, chosen.processes, chosen.rounds)
    print(json.dumps(asdict(outcome)), flush=True)
    return 0 if outcome.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
