"""Histories: up to three writers, each started again until its work is done, and what must hold then."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from unittest.mock import patch

from oimkit.errors import OdooError
from oimkit.odoo import ExternalId, Journal, Odoo, Report, Session, apply, connect, register, resume
from oimkit.odoo.codec import Value
from oimkit.odoo.journal import IntentState
from oimkit.odoo.once import Lines
from oimkit.odoo.records import plan_record, plan_records
from oimkit.odoo.writing import create_once, write_many
from tests.simulation.memory_journal import MemoryJournal, emptied, memory_database
from tests.simulation.model_server import UUID, ModelServer, Row
from tests.simulation.world import LIMIT_S, Killed, Rates, SimulatedTransport, Turns, World

MOST_WRITERS = 3
MOST_FAULTS = 10
MOST_LIVES = 60
RATES = Rates()


@dataclass(frozen=True, slots=True)
class NotePlan:
    """A step that is harmful when it is done twice: a note on a record, told by its token."""

    token: str


def _carry_out(plan: NotePlan, session: Session) -> Report:
    odoo = session.odoo
    session.ensure(
        f"note {plan.token}",
        done=lambda: odoo.count("res.partner", [["body", "=", plan.token]]) or None,
        act=lambda: odoo.call("res.partner", "message_post", ids=[1], body=plan.token),
    )
    return session.report("simulated.note")


register("simulated.note", NotePlan, _carry_out)


@dataclass(frozen=True, slots=True)
class Document:
    """A record that every writer wants, under one key: a partner, or an invoice with lines."""

    token: str
    lines: int

    @property
    def key(self) -> ExternalId:
        return ExternalId.of("invoice" if self.lines else "partner", self.token)

    @property
    def model(self) -> str:
        return "account.move" if self.lines else "res.partner"

    @property
    def values(self) -> dict[str, Value]:
        return {"ref": self.token, "partner_id": 1} if self.lines else {"name": self.token}

    @property
    def planned_lines(self) -> Lines:
        if not self.lines:
            return {}
        return {
            "invoice_line_ids": [
                (ExternalId.of("line", self.token, number), {"name": f"{number}", "price_unit": Decimal(number)})
                for number in range(self.lines)
            ]
        }

    @property
    def mark(self) -> tuple[str, str]:
        """The column and the cell by which the server's records of this document are told, whatever their key."""
        return ("ref" if self.lines else "name", self.token)

    def is_right(self, row: Row) -> bool:
        names = [cells["name"] for _, cells in row.lines]
        return row.values.get(self.mark[0]) == self.token and names == [f"{number}" for number in range(self.lines)]


@dataclass(frozen=True, slots=True)
class History:
    """What a seed stands for.

    there_before  documents that somebody else made under their keys, before
    values        how often each writer writes another value to a record of its own, one after the other
    faults        how many faults happen at most
    """

    seed: int
    major: int
    is_admin: bool
    writers: int
    documents: tuple[Document, ...]
    there_before: tuple[Document, ...]
    values: int
    faults: int

    @classmethod
    def of(cls, seed: int) -> History:
        drawn = random.Random(-1 - seed)
        major = drawn.choice((14, 19))
        documents = tuple(Document(f"d{number}", drawn.choice((0, 1, 3))) for number in range(drawn.choice((1, 1, 2))))
        return cls(
            seed=seed,
            major=major,
            is_admin=major == 14 or drawn.random() < 0.5,
            writers=drawn.choice((1, 1, 2, 2, 3)),
            documents=documents,
            there_before=tuple(document for document in documents if drawn.random() < 0.15),
            values=drawn.choice((0, 0, 0, 2)),
            faults=drawn.randint(0, MOST_FAULTS),
        )


class Stage:
    """What histories are played on, one after the other: writers' threads, clients and journals, used again."""

    def __init__(self) -> None:
        self.turns = Turns(MOST_WRITERS)
        self.transports = [SimulatedTransport(number, self.turns) for number in range(MOST_WRITERS)]
        self.clients: list[Odoo] = []
        self.journals: list[sqlite3.Connection] = [memory_database(UUID) for _ in range(MOST_WRITERS)]
        quiet = World(0, ModelServer(19), Rates(), 0)
        for transport in self.transports:
            transport.world = quiet
            client = connect(transport=transport)
            for model in ("res.partner", "account.move", "account.move.line"):
                client.schema.fields(model)
            assert client.server_key == UUID  # asked for once, before anything is played
            self.clients.append(client)

    def play(self, history: History) -> list[str]:
        """Everything that is wrong at the end of *history*; nothing, if the client keeps its promises."""
        server = ModelServer(history.major, is_admin=history.is_admin)
        for document in history.there_before:
            _add_foreign(server, document)
        world = World(history.seed, server, RATES, history.faults)
        random.seed(history.seed)  # the client's pauses
        writers = [_Writer(self, number, history, world) for number in range(history.writers)]
        self.turns.run(world, [writer.live for writer in writers])
        world.advance(world.now_s + 10 * LIMIT_S)
        return [*_of_server(history, server), *(fault for writer in writers for fault in writer.wrong())]


def _add_foreign(server: ModelServer, document: Document) -> None:
    """The document as another program has made it: under the same key, not marked, with a value of its own."""
    lines = [
        (str(key), {name: str(value) for name, value in values.items()})
        for rows in document.planned_lines.values()
        for key, values in rows
    ]
    server.add(
        document.model, str(document.key), Row({document.mark[0]: document.token, "own": "1"}, lines), noupdate=False
    )


class _Writer:
    """One process that is started again and again until its work is done."""

    def __init__(self, stage: Stage, number: int, history: History, world: World) -> None:
        self.number = number
        self.world = world
        self.turns = stage.turns
        self.transport = stage.transports[number]
        self.transport.world = world
        self.odoo = stage.clients[number]
        self.odoo.schema.keys_are_readable = True
        self.database = emptied(stage.journals[number])
        self.random = random.Random(history.seed * MOST_WRITERS + number)
        self.documents = self.random.sample(history.documents, len(history.documents))
        self.batched = len(self.documents) > 1 and self.random.random() < 0.3
        self.note = NotePlan(f"note-{number}")
        self.values = history.values
        self.written = 0
        self.name = f"own-{number}"
        self.own = ExternalId.of("own", number)
        self.ids: dict[str, int] = {}
        self.ended = False

    def live(self) -> None:
        for _ in range(MOST_LIVES):
            try:
                self._work(self._journal())
            except Killed:
                self._sleep(self.random.uniform(0, 1.5 * LIMIT_S))
            except OdooError:  # the program ends, and is started again
                self._sleep(self.random.uniform(0, LIMIT_S))
            else:
                self.ended = True
                return

    def _journal(self) -> MemoryJournal:
        return MemoryJournal(self.database, UUID, clock=self.world.now, on_commit=self.transport.crash)

    def _sleep(self, seconds: float) -> None:
        self.turns.step(self.number, seconds)

    def _work(self, journal: Journal) -> None:
        patience_s = self.random.choice((0.0, 3 * LIMIT_S))
        options = {"settle_after_s": LIMIT_S, "patience_s": patience_s, "sleep": self._sleep}
        resume(self.odoo, journal, **options)
        if self.batched:
            planned = [plan_record(each.key, each.model, each.values, each.planned_lines) for each in self.documents]
            report = apply(plan_records(planned), self.odoo, journal, **options)
            self.ids = {record.key: record.id for record in (*report.created, *report.reused)}
        else:
            for each in self.documents:
                given = create_once(
                    self.odoo, each.key, each.model, each.values, lines=each.planned_lines, journal=journal, **options
                )
                self.ids[str(each.key)] = given
        apply(self.note, self.odoo, journal, **options)
        for value in range(self.written, self.values):
            write_many(
                self.odoo, "res.partner", {self.own: {"name": self.name, "ref": f"{value}"}}, journal=journal, **options
            )
            self.written = value + 1

    def wrong(self) -> Iterator[str]:
        """What this writer was told wrongly, or left open."""
        if not self.ended:
            yield f"writer {self.number} did not end in {MOST_LIVES} lives"
            return
        journal = self._journal()
        if journal.open_runs() or journal.unsettled():
            yield f"writer {self.number} left runs open"
        for document in self.documents:
            key = self.world.server.keys.get(str(document.key))
            if key is not None and self.ids.get(str(document.key)) != key.record:
                yield f"writer {self.number} was given another id than the server's for {document.token}"
        noted = self.world.server.notes.count(self.note.token)
        if noted != 1:
            yield f"note {self.number}: {'lost' if not noted else f'done {noted} times'}"
        own = [row for row in self.world.server.rows["res.partner"].values() if row.values.get("name") == self.name]
        if len(own) != bool(self.values):
            yield f"own record of writer {self.number}: {len(own)} records"
        elif own and own[0].values["ref"] != f"{self.values - 1}":
            yield f"writer {self.number}: an earlier value was written over a later one"
        for run in journal.runs():
            for intent in journal.intents(run.id):
                if intent.state is IntentState.DONE and intent.model and intent.record is None:
                    yield f"writer {self.number} wrote down no record for {intent.key}"


def _of_server(history: History, server: ModelServer) -> Iterator[str]:
    """What is wrong with the records, told by their values and not by their keys."""
    for document in history.documents:
        column, cell = document.mark
        found = [row for row in server.rows[document.model].values() if row.values.get(column) == cell]
        if len(found) != 1:
            yield f"{document.token}: {'lost' if not found else f'{len(found)} records in place of one'}"
        for row in found:
            counts = Counter(cells["name"] for _, cells in row.lines)
            if any(count > 1 for count in counts.values()):
                yield f"{document.token}: lines doubled"
            elif not document.is_right(row):
                yield f"{document.token}: not the record that was asked for"
        if document in history.there_before and any("partner_id/.id" in row.values for row in found):
            yield f"{document.token}: somebody else's record was written to"


@contextmanager
def no_waiting() -> Iterator[None]:
    """Pauses of the client cost no time of the machine."""
    with patch("time.sleep", lambda _seconds: None):
        yield
