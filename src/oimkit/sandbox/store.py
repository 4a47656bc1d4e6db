"""Records in memory with SQLite behind them: one transaction a call, undone as a whole when the call is refused.

The working set lies in memory (a double holds thousands of records, not millions); SQLite keeps what was committed.
Every change is written down with what stood there before, so that a refused call, or a savepoint within one, is
taken back exactly. Ids given out are never given again, also after a refusal, as a database sequence does it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from oimkit.sandbox.refusals import SerializationFailure

__all__ = ["Row", "Snapshot", "Store", "Table"]

Row = dict[str, Any]

_DECIMAL = "$decimal"


class Table:
    """The rows of one model by id, with an index on each field that was once asked for by equality."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._indexes: dict[str, dict[Any, set[int]]] = {}

    def ids_where(self, field: str, values: Iterable[Any]) -> set[int]:
        """Ids of the rows whose *field* is one of *values* (None for empty)."""
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = {}
            for id_, row in self.rows.items():
                index.setdefault(row.get(field), set()).add(id_)
        found: set[int] = set()
        for value in values:
            found |= index.get(value, set())
        return found

    def put(self, id_: int, row: Row | None) -> None:
        """Set or (None) remove one row and keep the indexes true."""
        old = self.rows.get(id_)
        for field, index in self._indexes.items():
            before, after = (old or {}).get(field), (row or {}).get(field)
            if old is not None and (row is None or before != after):
                index.get(before, set()).discard(id_)
            if row is not None and (old is None or before != after):
                index.setdefault(after, set()).add(id_)
        if row is None:
            self.rows.pop(id_, None)
        else:
            self.rows[id_] = row


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a transaction saw when it began: every commit up to *commits*.

    doomed  its first change fails, as if another transaction had been quicker
    """

    commits: int
    doomed: bool = False


@dataclass(slots=True)
class _Mark:
    """A state to come back to: the rows that changed since, as they were, and the sequences."""

    rows: dict[tuple[str, int], Row | None]
    sequences: dict[str, int]


class Store:
    """All tables, the changes since the last commit, and the SQLite file (or memory) behind them.

    A transaction that began before another one committed may not change a row that the other changed: the change
    fails with SerializationFailure, as in a database of isolation level repeatable read.
    """

    def __init__(self, path: Path | None) -> None:
        self._commits = 0
        self._committed: dict[tuple[str, int], int] = {}
        self._snapshot = Snapshot(0)
        self._mark: _Mark | None = None
        self._tables: dict[str, Table] = {}
        self._sequences: dict[str, int] = {}
        self._changes: list[tuple[str, int, Row | None]] = []
        self._sequences_changed = False
        self._memory: dict[Any, Any] = {}
        self._is_kept = path is not None
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing of a committed WAL; only a power cut could, which a double need not survive.
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(
            "CREATE TABLE IF NOT EXISTS record (model TEXT, id INTEGER, doc TEXT, PRIMARY KEY (model, id))"
            " WITHOUT ROWID;"
            "CREATE TABLE IF NOT EXISTS sequence (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
        )
        self._read()

    def _read(self) -> None:
        for model, id_, doc in self._database.execute("SELECT model, id, doc FROM record ORDER BY model, id"):
            self.table(model).rows[id_] = json.loads(doc, object_hook=_restored)
        self._sequences = dict(self._database.execute("SELECT name, value FROM sequence"))

    @property
    def is_new(self) -> bool:
        """True while nothing was ever written."""
        return not self._sequences

    def table(self, model: str) -> Table:
        return self._tables.setdefault(model, Table())

    def models(self) -> Iterator[str]:
        return iter(sorted(self._tables))

    def next_value(self, name: str) -> int:
        """The next number of the sequence *name*, from 1; a refused call leaves a gap."""
        value = self._sequences.get(name, 0) + 1
        self._sequences[name] = value
        self._sequences_changed = True
        return value

    def remembered(self, key: Any, compute: Callable[[], Any]) -> Any:
        """``compute()``, worked out once until the next change of any record."""
        if key not in self._memory:
            self._memory[key] = compute()
        return self._memory[key]

    def snapshot(self) -> Snapshot:
        """What a transaction that begins now sees."""
        return Snapshot(self._commits)

    def begin(self, snapshot: Snapshot | None = None) -> None:
        """Begin a transaction that sees *snapshot*, or everything."""
        self._snapshot = snapshot or self.snapshot()

    def _refuse_conflict(self, model: str, id_: int) -> None:
        seen = self._snapshot
        if seen.doomed or (seen.commits < self._commits and self._committed.get((model, id_), 0) > seen.commits):
            raise SerializationFailure

    def put(self, model: str, id_: int, row: Row) -> None:
        self._refuse_conflict(model, id_)
        self._memory.clear()
        table = self.table(model)
        self._changes.append((model, id_, table.rows.get(id_)))
        table.put(id_, row)

    def drop(self, model: str, id_: int) -> None:
        self._refuse_conflict(model, id_)
        self._memory.clear()
        table = self.table(model)
        self._changes.append((model, id_, table.rows.get(id_)))
        table.put(id_, None)

    def savepoint(self) -> int:
        """A mark for ``rollback``."""
        return len(self._changes)

    def rollback(self, savepoint: int = 0) -> None:
        """Take back every change since *savepoint*; without one, of the whole call."""
        self._memory.clear()
        while len(self._changes) > savepoint:
            model, id_, row = self._changes.pop()
            self.table(model).put(id_, row)

    def commit(self) -> None:
        """Make the changes of this call last."""
        if not self._changes and not self._sequences_changed:
            return
        touched = {(model, id_) for model, id_, _row in self._changes}
        self._commits += 1
        self._committed.update(dict.fromkeys(touched, self._commits))
        if self._mark is not None:
            for model, id_, before in self._changes:
                self._mark.rows.setdefault((model, id_), before)
        if self._is_kept:
            self._write(touched)
        self._changes.clear()
        self._sequences_changed = False

    def _write(self, touched: Iterable[tuple[str, int]]) -> None:
        kept, gone = [], []
        for model, id_ in touched:
            row = self.table(model).rows.get(id_)
            if row is None:
                gone.append((model, id_))
            else:
                kept.append((model, id_, json.dumps(row, default=_kept, separators=(",", ":"))))
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", kept)
            self._database.executemany("DELETE FROM record WHERE model = ? AND id = ?", gone)
            self._database.executemany("INSERT OR REPLACE INTO sequence VALUES (?, ?)", self._sequences.items())

    def mark(self) -> None:
        """Remember the state of now, for ``restore``."""
        self._mark = _Mark({}, dict(self._sequences))

    def restore(self) -> None:
        """Come back to the state of ``mark``, ids included; what it costs grows with what was changed since."""
        mark, self._mark = self._mark, None
        if mark is None:
            raise ValueError("no state was marked")
        self.rollback()
        self.begin()
        for (model, id_), row in mark.rows.items():
            if row is not None:
                self.put(model, id_, row)
            elif id_ in self.table(model).rows:
                self.drop(model, id_)
        self._sequences = dict(mark.sequences)
        self._sequences_changed = True
        self.commit()
        self._mark = _Mark({}, mark.sequences)

    def close(self) -> None:
        self._database.close()


def _kept(value: object) -> Mapping[str, str]:
    if isinstance(value, Decimal):
        return {_DECIMAL: str(value)}
    raise TypeError(f"a record holds a value of type {type(value).__name__}")


def _restored(value: dict[str, Any]) -> Any:
    return Decimal(value[_DECIMAL]) if _DECIMAL in value else value
