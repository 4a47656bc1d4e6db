"""Races: several processes create the same records at the same moment on a real Odoo; each must be there once.

    python -m tests.live.races [--servers 14 19] [--workers 0 2] [--processes 8] [--keys 300] [--rounds 5]

Every process stands for another machine: it has a connection and a journal of its own, so that only the server can
keep two of them apart. In each round all processes create the same partners and, for each, the same draft invoice of
three lines, every process in the order that the round gives (the same for all, or each its own). Afterwards the server
is asked what is there. Ends with status 1 when anything is there twice, with doubled lines, or not at all.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from oimkit.errors import OimkitError
from oimkit.odoo import ExternalId, Journal, Odoo, connect
from oimkit.odoo.writing import create_once
from tests.live.cache import say
from tests.live.own_server import own_server
from tests.live.servers import LiveServer

LINES = (Decimal("12.10"), Decimal("0.05"), Decimal("100.00"))
"""Price of each line of every invoice."""

PAGE = 500


@dataclass(frozen=True, slots=True)
class Size:
    """How large a race is: *processes* create *keys* partners and as many invoices in each of *rounds*."""

    processes: int = 8
    keys: int = 300
    rounds: int = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a race left on the server.

    seconds         from the start of the first round to the end of the last
    created         records that a process counts as made by itself, over all processes
    duplicates      records beyond the first of a key
    doubled_lines   invoice lines beyond the three of each invoice
    lost            keys without a record
    differing_ids   keys for which two processes were given two ids
    wrong_totals    invoices whose untaxed amount is not the sum of the three lines
    errors          errors that left create_once, by class; none is expected
    """

    server: str
    workers: int
    transport: str
    processes: int
    keys: int
    rounds: int
    seconds: float
    created: int
    duplicates: int
    doubled_lines: int
    lost: int
    differing_ids: int
    wrong_totals: int
    errors: dict[str, int]

    @property
    def is_clean(self) -> bool:
        faults = (self.duplicates, self.doubled_lines, self.lost, self.differing_ids, self.wrong_totals)
        return not any(faults) and not self.errors


def race(server: LiveServer, workers: int, size: Size) -> Outcome:
    """Run the race on *server*, a database that nobody else uses meanwhile."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(size.processes)
    answers: Any = context.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="oimkit-races-", dir=_folder()) as folder:
        runners = [
            context.Process(target=_run, args=(server, size, number, barrier, Path(folder, str(number)), answers))
            for number in range(size.processes)
        ]
        begun = time.monotonic()
        for runner in runners:
            runner.start()
        told = [answers.get() for _ in runners]
        for runner in runners:
            runner.join()
        seconds = time.monotonic() - begun
    return _judge(server, workers, size, seconds, told)


def _folder() -> str | None:
    """Where the journals lie: in memory if the machine can, for the disk's speed is not what is raced for here."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _partner(round_: int, number: int) -> ExternalId:
    return ExternalId("oimkit", f"race_partner_{round_}_{number}")


def _invoice(round_: int, number: int) -> ExternalId:
    return ExternalId("oimkit", f"race_invoice_{round_}_{number}")


def _run(server: LiveServer, size: Size, process: int, barrier: Barrier, folder: Path, answers: Any) -> None:
    """One process: every key of every round; answers with the ids it was given, what it made, and its errors."""
    ids: dict[str, int] = {}
    errors: Counter[str] = Counter()
    odoo = connect(server.url, database=server.database, user=server.user, secret=server.secret)
    with Journal.open(folder, odoo.server_key) as journal:
        for round_ in range(size.rounds):
            numbers = _order(size, round_, process)
            barrier.wait()
            if not process:
                say(f"race on {server.version}: round {round_ + 1} of {size.rounds} begins")
            for number in numbers:
                try:
                    ids |= _create(odoo, journal, round_, number)
                except OimkitError as error:
                    errors[f"{type(error).__name__}: {error}"] += 1
        created = sum(len(journal.created(run.id)) for run in journal.runs())
    answers.put((ids, created, dict(errors), odoo.transport))


def _order(size: Size, round_: int, process: int) -> list[int]:
    """The order in which a process takes the keys: even rounds the same for all, odd rounds each its own."""
    numbers = list(range(size.keys))
    if round_ % 2:
        random.Random(1000 * round_ + process).shuffle(numbers)
    return numbers


def _create(odoo: Odoo, journal: Journal, round_: int, number: int) -> dict[str, int]:
    name = f"Race {round_}/{number}"
    patience = {"journal": journal, "patience_s": 300.0}
    key = _partner(round_, number)
    partner = create_once(odoo, key, "res.partner", {"name": name, "ref": f"race/{round_}/{number}"}, **patience)
    values = {"move_type": "out_invoice", "partner_id": partner, "invoice_date": date(2026, 11, 2), "ref": name}
    lines = [
        (
            ExternalId("oimkit", f"race_line_{round_}_{number}_{index}"),
            {"name": f"work {index}", "quantity": Decimal(1), "price_unit": price, "tax_ids": ()},
        )
        for index, price in enumerate(LINES)
    ]
    document = _invoice(round_, number)
    invoice = create_once(odoo, document, "account.move", values, lines={"invoice_line_ids": lines}, **patience)
    return {str(key): partner, str(document): invoice}


def _judge(server: LiveServer, workers: int, size: Size, seconds: float, told: Sequence[Any]) -> Outcome:
    """Ask the server what is there, by what the records say and not by their keys."""
    odoo = connect(server.url, database=server.database, user=server.user, secret=server.secret)
    wanted = [(round_, number) for round_ in range(size.rounds) for number in range(size.keys)]
    partners = Counter(row["ref"] for row in _all(odoo, "res.partner", [["ref", "=like", "race/%"]], ["ref"]))
    moves = _all(odoo, "account.move", [["ref", "=like", "Race %"]], ["ref", "invoice_line_ids", "amount_untaxed"])
    invoices = Counter(row["ref"] for row in moves)
    counts = [partners[f"race/{round_}/{number}"] for round_, number in wanted]
    counts += [invoices[f"Race {round_}/{number}"] for round_, number in wanted]
    given: dict[str, set[int]] = {}
    for ids, *_ in told:
        for key, identity in ids.items():
            given.setdefault(key, set()).add(identity)
    errors: Counter[str] = Counter()
    for _ids, _created, found, _transport in told:
        errors.update(found)
    return Outcome(
        server=server.version,
        workers=workers,
        transport=told[0][3],
        **asdict(size),
        seconds=round(seconds, 1),
        created=sum(created for _, created, *_ in told),
        duplicates=sum(max(0, count - 1) for count in counts),
        doubled_lines=sum(max(0, len(move["invoice_line_ids"]) - len(LINES)) for move in moves),
        lost=sum(count == 0 for count in counts),
        differing_ids=sum(len(found) > 1 for found in given.values()),
        wrong_totals=sum(move["amount_untaxed"] != sum(LINES) for move in moves),
        errors=dict(errors),
    )


def _all(odoo: Odoo, model: str, domain: list[Any], fields: list[str]) -> list[dict[str, Any]]:
    return [row for page in _pages(odoo, model, domain, fields) for row in page]


def _pages(odoo: Odoo, model: str, domain: list[Any], fields: list[str]) -> Iterator[list[dict[str, Any]]]:
    last = 0
    while page := odoo.search_read(model, [*domain, ["id", ">", last]], fields, order="id", limit=PAGE):
        yield page
        last = page[-1]["id"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live.races", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--servers", type=int, nargs="+", default=[14, 19])
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 2])
    for name, number in asdict(Size()).items():
        parser.add_argument(f"--{name}", type=int, default=number)
    chosen = parser.parse_args()
    size = Size(chosen.processes, chosen.keys, chosen.rounds)
    clean = True
    for version in chosen.servers:
        for workers in chosen.workers:
            with own_server(version, workers=workers) as server:
                outcome = race(server, workers, size)
            print(json.dumps(asdict(outcome)), flush=True)
            clean = clean and outcome.is_clean
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
