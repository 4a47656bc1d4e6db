"""Runs the demo's chain in child processes, each of which may be killed at a checkpoint.

A checkpoint is every moment at which a crash could matter: before and after each call that is sent, and after each
commit of the journal. One command a line on standard input, one answer a line on standard output; a child is forked
for each command, so that a run costs no start of an interpreter.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from oimkit.cli.demo.chain import Demo, run_chain
from oimkit.cli.demo.company import Customer, Hours, Project, examples_folder, read_company
from oimkit.errors import OimkitError
from oimkit.odoo import Journal, connect
from oimkit.odoo.codec import Wire
from oimkit.odoo.transport.calls import Call, Transport
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.version import ServerVersion


@dataclass
class Checkpoints:
    """Counts the checkpoints passed; the process ends at number *kill_at*, as by a power cut."""

    kill_at: int | None
    passed: int = 0

    def reach(self, _what: str = "") -> None:
        self.passed += 1
        if self.passed == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Watched:
    """A transport with a checkpoint before and after every call."""

    inner: Transport
    checkpoints: Checkpoints

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def url(self) -> str:
        return self.inner.url

    @property
    def database(self) -> str:
        return self.inner.database

    @property
    def uid(self) -> int:
        return self.inner.uid

    def version(self, deadline: Deadline) -> ServerVersion:
        return self.inner.version(deadline)

    def send(self, call: Call, deadline: Deadline) -> Wire:
        self.checkpoints.reach()
        try:
            return self.inner.send(call, deadline)
        finally:
            self.checkpoints.reach()


DEMO_INVOICES = 3


def demo_of(invoices: int, folder: Path) -> Demo:
    """The demo company with hours for this many *invoices*: of one customer, of all three, or of more than it has.

    folder  takes the rate card of more customers, with a copy of the statements
    """
    company, hours = read_company(examples_folder())
    if invoices == DEMO_INVOICES:
        return Demo(company, hours, examples_folder())
    if invoices == 1:
        return Demo(company, tuple(one for one in hours if one.project == "webshop"), examples_folder())
    names = [f"more{number}" for number in range(invoices - DEMO_INVOICES)]
    customers = {name: Customer(name=f"Customer {name}") for name in names}
    projects = {name: Project(name=f"Project {name}", customer=name, tasks={"work": "Work"}) for name in names}
    larger = company.model_copy(
        update={"customers": {**company.customers, **customers}, "projects": {**company.projects, **projects}}
    )
    more = (Hours(f"h{name}", date(2026, 10, 8), "bram", name, "work", 5400, f"Work for {name}") for name in names)
    shutil.copytree(examples_folder(), folder, dirs_exist_ok=True)
    with (folder / "rates.toml").open("a", encoding="utf-8") as rates:
        for number, customer in enumerate(customers.values()):
            rates.write(f'\n[[customers]]\ncustomer = "{customer.name}"\ncode = "M{number}"\n')
    return Demo(larger, (*hours, *more), folder)


def run(command: dict[str, object]) -> dict[str, object]:
    """One pass over the chain; answers with the checkpoints passed, the records created and the error, if any."""
    checkpoints = Checkpoints(command["kill_at"])  # type: ignore[arg-type]
    folder = Path(str(command["journal"]))
    demo = demo_of(int(command["invoices"]), folder / "examples")  # type: ignore[call-overload]
    plain = connect(
        str(command["url"]),
        database=str(command["database"]),
        user=str(command["user"]),
        secret=str(command["secret"]),
        transport=str(command["transport"]),
    )
    odoo = connect(transport=Watched(plain._transport, checkpoints), deadline_s=30)
    try:
        with Journal.open(folder, odoo.server_key, on_commit=checkpoints.reach) as journal:
            outcome = run_chain(
                demo,
                odoo,
                journal,
                say=lambda _text: None,
                settle_after_s=float(command["settle_after_s"]),  # type: ignore[arg-type]
            )
    except OimkitError as error:
        return {"passed": checkpoints.passed, "error": type(error).__name__, "text": str(error)}
    return {"passed": checkpoints.passed, "error": None, "created": outcome.created}


def main() -> None:
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            answer = run(json.loads(line))
            os.write(writer, json.dumps(answer).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            text = told.read()
        _, status = os.waitpid(child, 0)
        answer = json.loads(text) if text else {"passed": None, "error": None}
        print(json.dumps({**answer, "killed": os.WIFSIGNALED(status), "status": status}), flush=True)


if __name__ == "__main__":
    main()
