"""The journal: what is about to be done on a server and what came of it, kept where a crash cannot take it.

One SQLite file for each database (by ``Odoo.server_key``), one writer at a time. Every change is on the disk
(``synchronous=FULL``) before the method returns, so that an intent is never lost once something was sent.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import TracebackType

from oimkit.errors import ConfigurationError, InputError, JournalHeld, NotSent, OdooError, OutcomeUnknown

__all__ = ["Created", "Intent", "IntentState", "Journal", "Run", "RunState", "journal_directory"]

_FORMAT = 1
_PAGE = 4096
"""Bytes of a page of the file; a file that is no multiple of it was cut, and SQLite would fill it up with zeros."""

_TABLES = """
CREATE TABLE journal (format INTEGER NOT NULL, server_key TEXT NOT NULL);
CREATE TABLE run (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, plan TEXT NOT NULL, state TEXT NOT NULL,
    started TEXT NOT NULL, finished TEXT, report TEXT, number INTEGER NOT NULL UNIQUE
) WITHOUT ROWID;
CREATE TABLE intent (
    run TEXT NOT NULL REFERENCES run (id), key TEXT NOT NULL, state TEXT NOT NULL, what TEXT NOT NULL,
    at TEXT NOT NULL, until TEXT NOT NULL, settle_after_s REAL NOT NULL, model TEXT, record INTEGER,
    created INTEGER NOT NULL DEFAULT 0, number INTEGER NOT NULL UNIQUE, PRIMARY KEY (run, key)
) WITHOUT ROWID;
CREATE INDEX intent_key ON intent (key);
"""


class RunState(Enum):
    """open: begun, to be finished; done; stopped: ended by a refusal, never resumed; undone: taken back."""

    OPEN = "open"
    STOPPED = "stopped"
    DONE = "done"
    UNDONE = "undone"


class IntentState(Enum):
    """What is known of one act on the server.

    intended  it is about to be sent, or was when the process ended: treated as unknown by any other process
    unknown   sent, no usable answer
    failed    refused, or never sent: nothing was done
    done      it holds on the server
    """

    INTENDED = "intended"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Run:
    """One plan being carried out; ``plan`` and ``report`` are texts of saved.py."""

    id: str
    kind: str
    plan: str
    state: RunState
    started: datetime
    finished: datetime | None
    report: str | None


@dataclass(frozen=True, slots=True)
class Intent:
    """One act of one run.

    at              when the intent was written, or when the act became unknown
    until           the latest moment at which the act may have been sent
    settle_after_s  seconds after ``until`` in which the server may still be at work on it
    model, record   what it made or found, once done
    created         True when this run made it so, False when it was there before
    """

    run: str
    key: str
    state: IntentState
    what: str
    at: datetime
    until: datetime
    settle_after_s: float
    model: str | None
    record: int | None
    created: bool


@dataclass(frozen=True, slots=True)
class Created:
    """A record that a run made."""

    key: str
    model: str
    id: int


def journal_directory(environ: dict[str, str] | None = None) -> Path:
    """Where journals are kept unless told otherwise: ``$XDG_STATE_HOME/oimkit``."""
    variables = os.environ if environ is None else environ
    base = variables.get("XDG_STATE_HOME") or str(Path(variables.get("HOME") or "~").expanduser() / ".local" / "state")
    return Path(base) / "oimkit"


def _step(what: str, keys: Sequence[str]) -> str:
    """The name of a commit: its first key, and how many more."""
    return f"{what} {keys[0]}" if len(keys) == 1 else f"{what} {keys[0]} and {len(keys) - 1} more"


class Journal:
    """The journal of one database, held by this process until it is closed; made by ``Journal.open``."""

    def __init__(
        self,
        path: Path,
        server_key: str,
        *,
        clock: Callable[[], datetime],
        on_commit: Callable[[str], None] | None = None,
    ) -> None:
        self.path = path
        self.server_key = server_key
        self.clock = clock
        self._on_commit = on_commit or (lambda _step: None)
        self._lock = _lock(path.with_suffix(".lock"))
        try:
            self._db = _open_file(path, server_key)
        except BaseException:
            os.close(self._lock)
            raise
        self.opened_at = clock()

    @classmethod
    def open(
        cls,
        directory: Path | str | None,
        server_key: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_commit: Callable[[str], None] | None = None,
    ) -> Journal:
        """The journal of the database *server_key* in *directory* (default: the user's state folder).

        Args:
            on_commit: called after every commit with the step's name (``intend oimkit.x``), for tests.

        Raises:
            JournalHeld: another process, or this one, already writes through it.
            ConfigurationError: the file is damaged, another database's, or of a later oimkit.
        """
        if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", server_key):
            raise InputError("a server key is letters, digits and hyphens")
        folder = Path(directory) if directory else journal_directory()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigurationError(
                f"the journal's folder cannot be made: {folder}", advice="name another with --journal-dir"
            ) from error
        return cls(folder / f"{server_key}.sqlite3", server_key, clock=clock, on_commit=on_commit)

    def close(self) -> None:
        """Let the next process write."""
        self._db.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"

    # --- runs

    def begin(self, kind: str, plan: str) -> Run:
        """A new open run with its whole plan, stored before anything is done."""
        now = self.clock()
        run = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        with self._commit(f"begin {run}", before_sending=True):
            self._db.execute(
                "INSERT INTO run (id, kind, plan, state, started, number) VALUES (?, ?, ?, 'open', ?,"
                " (SELECT coalesce(max(number), 0) + 1 FROM run))",
                (run, kind, plan, _text(now)),
            )
        return self.run(run)

    def finish(self, run: str, report: str) -> None:
        """The run is done, with its report."""
        with self._commit(f"finish {run}"):
            self._db.execute(
                "UPDATE run SET state = 'done', finished = ?, report = ? WHERE id = ?",
                (_text(self.clock()), report, run),
            )

    def stop(self, run: str) -> None:
        """A refusal ended the run; it is not resumed, unless an outcome is unknown: then it stays open."""
        if any(intent.run == run for intent in self.unsettled()):
            return
        with self._commit(f"stop {run}"):
            self._db.execute("UPDATE run SET state = 'stopped', finished = ? WHERE id = ?", (_text(self.clock()), run))

    def mark_undone(self, run: str) -> None:
        """What the run made was taken back."""
        with self._commit(f"undo {run}"):
            self._db.execute("UPDATE run SET state = 'undone' WHERE id = ?", (run,))

    def run(self, run: str) -> Run:
        """The run of this id; InputError when there is none."""
        for found in self._runs("WHERE id = ?", run):
            return found
        raise InputError(
            f"there is no run {run[:40]} in this journal", advice="list the runs with `oimkit resume --list`"
        )

    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        return self._runs("ORDER BY number")

    def open_runs(self) -> list[Run]:
        """Runs that were begun and not finished, the oldest first."""
        return self._runs("WHERE state = 'open' ORDER BY number")

    # --- intents

    def intend(self, run: str, *keys: str, what: str, until: datetime, settle_after_s: float) -> None:
        """Write down that *what* is about to be done under *keys*, in one call; NotSent when that cannot be stored."""
        now = _text(self.clock())
        with self._commit(_step("intend", keys), before_sending=True):
            self._db.executemany(
                "INSERT INTO intent (run, key, state, what, at, until, settle_after_s, number) VALUES"
                " (?, ?, 'intended', ?, ?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM intent))"
                " ON CONFLICT (run, key) DO UPDATE SET state = 'intended', what = excluded.what, at = excluded.at,"
                " until = excluded.until, settle_after_s = excluded.settle_after_s",
                [(run, key, what, now, _text(until), settle_after_s) for key in keys],
            )

    def mark_unknown(self, run: str, *keys: str) -> None:
        """No usable answer came; the server may be at work until now and ``settle_after_s`` longer."""
        now = _text(self.clock())
        with self._commit(_step("unknown", keys)):
            self._db.executemany(
                "UPDATE intent SET state = 'unknown', at = ?, until = ? WHERE run = ? AND key = ?",
                [(now, now, run, key) for key in keys],
            )

    def mark_failed(self, run: str, *keys: str) -> None:
        """Nothing was done: refused, or not sent."""
        now = _text(self.clock())
        with self._commit(_step("failed", keys)):
            self._db.executemany(
                "UPDATE intent SET state = 'failed', at = ? WHERE run = ? AND key = ?",
                [(now, run, key) for key in keys],
            )

    def mark_done(
        self,
        run: str,
        key: str,
        what: str,
        *,
        model: str | None = None,
        record: int | None = None,
        created: bool = False,
    ) -> None:
        """It holds on the server; *created* when this run made it."""
        self.mark_all_done(run, what, model, {key: record}, created=created)

    def mark_all_done(
        self, run: str, what: str, model: str | None, records: Mapping[str, int | None], *, created: bool
    ) -> None:
        """As ``mark_done``, for several keys of one model and their records, in one commit."""
        now = _text(self.clock())
        with self._commit(_step("done", tuple(records))):
            self._db.executemany(
                "INSERT INTO intent (run, key, state, what, at, until, settle_after_s, model, record, created, number)"
                " VALUES (?, ?, 'done', ?, ?, ?, 0, ?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM intent))"
                " ON CONFLICT (run, key) DO UPDATE SET state = 'done', at = excluded.at, model = excluded.model,"
                " record = excluded.record, created = max(created, excluded.created)",
                [(run, key, what, now, now, model, record, int(created)) for key, record in records.items()],
            )

    def intents(self, run: str) -> list[Intent]:
        """The acts of *run* in the order in which they were first intended."""
        return self._intents("WHERE run = ? ORDER BY number", run)

    def unsettled(self, key: str | None = None) -> list[Intent]:
        """Acts, of every run, that may have been sent and whose outcome is not known; under *key* only, if given."""
        return self._intents("WHERE state IN ('intended', 'unknown') AND (?1 IS NULL OR key = ?1) ORDER BY number", key)

    def created(self, run: str) -> list[Created]:
        """The records that *run* made, in order."""
        return [
            Created(intent.key, intent.model, intent.record)
            for intent in self.intents(run)
            if intent.state is IntentState.DONE and intent.created and intent.model and intent.record is not None
        ]

    def _runs(self, which: str, *values: str | None) -> list[Run]:
        try:
            return [_read_run(row) for row in self._db.execute(f"{_RUN} {which}", values)]
        except (sqlite3.Error, ValueError, TypeError):
            raise _damaged(self.path) from None

    def _intents(self, which: str, *values: str | None) -> list[Intent]:
        try:
            return [_read_intent(row) for row in self._db.execute(f"{_INTENT} {which}", values)]
        except (sqlite3.Error, ValueError, TypeError):
            raise _damaged(self.path) from None

    @contextlib.contextmanager
    def _commit(self, step: str, *, before_sending: bool = False) -> Iterator[None]:
        """One transaction, on the disk when it ends.

        Where it cannot be stored: NotSent before something is sent, OutcomeUnknown after it.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise self._not_stored(type(error).__name__, before_sending=before_sending) from None
        except BaseException:  # an interrupt, or a value that is none for SQLite: the next commit must find no other
            self._roll_back()
            raise
        self._on_commit(step)

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("ROLLBACK")

    def _not_stored(self, why: str, *, before_sending: bool) -> OdooError:
        advice = f"make room on the disk and check the rights of {self.path.parent}, then run `oimkit resume`"
        if before_sending:
            return NotSent(f"the journal could not be written ({why}), so nothing was sent", advice=advice)
        return OutcomeUnknown(
            f"something was done on the server and could not be written in the journal ({why})",
            after_commit=True,
            advice=advice,
        )


_RUN = "SELECT id, kind, plan, state, started, finished, report FROM run"
_INTENT = "SELECT run, key, state, what, at, until, settle_after_s, model, record, created FROM intent"


def _read_run(row: tuple[str, str, str, str, str, str | None, str | None]) -> Run:
    identity, kind, plan, state, started, finished, report = row
    return Run(identity, kind, plan, RunState(state), _moment(started), _moment(finished) if finished else None, report)


def _read_intent(row: tuple[str, str, str, str, str, str, float, str | None, int | None, int]) -> Intent:
    run, key, state, what, at, until, settle_after_s, model, record, created = row
    return Intent(
        run, key, IntentState(state), what, _moment(at), _moment(until), settle_after_s, model, record, bool(created)
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _lock(path: Path) -> int:
    """An exclusive lock on *path*, which ends with the process; JournalHeld when another has it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"the journal cannot be locked: {path}", advice="check the rights of its folder"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        text = os.read(descriptor, 20).decode("ascii", "replace").strip()
        os.close(descriptor)
        holder = int(text) if text.isdigit() else None
        if holder == os.getpid():
            raise JournalHeld(
                "this process has the journal open already",
                holder=holder,
                advice="pass that one on (journal=...), or close it first",
            ) from None
        raise JournalHeld(
            f"another process writes through this journal ({'its id is ' + str(holder) if holder else 'id unknown'})",
            holder=holder,
            advice="wait until it has ended",
        ) from None
    with contextlib.suppress(OSError):  # on a full disk the next process is told that its holder is unknown
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _open_file(path: Path, server_key: str) -> sqlite3.Connection:
    """The opened file, new or checked; ConfigurationError when it is not this database's sound journal."""
    size = path.stat().st_size if path.exists() else 0
    if size % _PAGE:
        raise _damaged(path)
    try:
        if not size:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        db = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"the journal cannot be opened: {path}", advice="check its rights") from error
    try:
        _prepare(db, path, server_key)
    except sqlite3.DatabaseError as error:
        db.close()
        raise (_unwritable(path, error) if _is_of_the_disk(error) else _damaged(path)) from None
    except BaseException:
        db.close()
        raise
    return db


_OF_THE_DISK = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHM", "SQLITE_READONLY")


def _is_of_the_disk(error: sqlite3.Error) -> bool:
    """True when SQLite could not write; what it could not read is damage."""
    return str(getattr(error, "sqlite_errorname", "")).startswith((*_OF_THE_DISK, "SQLITE_CANTOPEN"))


def _unwritable(path: Path, error: sqlite3.Error) -> ConfigurationError:
    return ConfigurationError(
        f"the journal {path} cannot be written ({getattr(error, 'sqlite_errorname', 'unknown reason')})",
        advice="make room on the disk and check the rights of its folder; nothing was sent",
    )


def _prepare(db: sqlite3.Connection, path: Path, server_key: str) -> None:
    db.execute(f"PRAGMA page_size = {_PAGE}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    if db.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise _damaged(path)
    if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        db.execute("BEGIN IMMEDIATE")
        for statement in _TABLES.split(";"):
            db.execute(statement)
        db.execute("INSERT INTO journal (format, server_key) VALUES (?, ?)", (_FORMAT, server_key))
        db.execute("COMMIT")
    rows = db.execute("SELECT format, server_key FROM journal").fetchall()
    if len(rows) != 1:
        raise _damaged(path)
    if rows[0][0] > _FORMAT:
        raise ConfigurationError(f"the journal {path} was written by a later oimkit", advice="use that version")
    if rows[0][1] != server_key:
        raise ConfigurationError(f"the journal {path} belongs to another database", advice="move it away")


def _damaged(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"the journal {path} is damaged",
        advice="move it away; what was made is found again by its keys on the server, so nothing is made twice",
    )
