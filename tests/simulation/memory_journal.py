"""A journal without a disk: the same code and the same SQL on a database in memory, so that a crash costs nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from oimkit.odoo import journal as journal_module
from oimkit.odoo.journal import Journal

__all__ = ["MemoryJournal", "emptied", "memory_database"]


def memory_database(server_key: str) -> sqlite3.Connection:
    """What a process leaves behind: its journal's tables, in memory."""
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for statement in journal_module._TABLES.split(";"):
        database.execute(statement)
    database.execute("INSERT INTO journal (format, server_key) VALUES (?, ?)", (journal_module._FORMAT, server_key))
    return database


def emptied(database: sqlite3.Connection) -> sqlite3.Connection:
    """*database* as new."""
    database.execute("DELETE FROM intent")
    database.execute("DELETE FROM run")
    return database


class MemoryJournal(Journal):
    """A journal on *database*; a new one on the same database is the journal of the next process."""

    def __init__(
        self,
        database: sqlite3.Connection,
        server_key: str,
        *,
        clock: Callable[[], datetime],
        on_commit: Callable[[str], None],
    ) -> None:
        self.path = Path("memory")
        self.server_key = server_key
        self.clock = clock
        self._on_commit = on_commit
        self._lock = -1
        self._db = database
        if database.in_transaction:  # the process that had it ended inside a transaction
            database.execute("ROLLBACK")
        self.opened_at = clock()
