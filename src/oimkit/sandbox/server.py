"""``Sandbox``: an embedded Odoo double that serves on loopback. It is a double, not an ERP.

    with Sandbox(version=19) as sandbox:
        odoo = oimkit.connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)

What it holds itself to: on the path that oimkit walks (contacts, leads, timesheets, invoices, bank entries, settling)
it answers as real servers of versions 14 and 19 were measured to; 15 to 18 stand in between, derived from the two.
Beyond that path it keeps records without rules.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from oimkit.errors import ConfigurationError
from oimkit.sandbox.database import NAME, Database, Login
from oimkit.sandbox.dump import dump_store
from oimkit.sandbox.faults import FaultBoard, FaultKind, FaultPlan
from oimkit.sandbox.profile import VERSIONS
from oimkit.sandbox.web import SandboxServer

__all__ = ["Sandbox"]


def _utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class Sandbox:
    """One double of one version with one database of its own.

    Args:
        version: 14 to 19; 15 to 18 are derived from the other two, see Profile.provenance.
        path: an SQLite file that keeps the records between starts, or None for memory.
        port: the port on loopback, or 0 for any free one.
        clock: the server's time in UTC (naive), for dates that do not depend on the day of the test.
        fault_seed: draws faults: the same calls in the same order meet the same faults.
        fault_rates: how likely each kind of fault is at a call that may change something, with *fault_seed*.
        on_crash: what the crash faults do; by default the server closes its socket and stops.

    Raises ConfigurationError: another version, a file that is not a sandbox's, a port that is taken.
    """

    def __init__(
        self,
        version: int = 19,
        path: Path | None = None,
        port: int = 0,
        clock: Callable[[], datetime] = _utc_now,
        on_crash: Callable[[], None] | None = None,
        *,
        fault_seed: int | None = None,
        fault_rates: Mapping[FaultKind, float] | None = None,
    ) -> None:
        if version not in VERSIONS:
            known = " and ".join(str(known) for known in VERSIONS)
            raise ConfigurationError(f"the sandbox has no profile of Odoo {version}", advice=f"it has {known}")
        self.version = version
        plan = FaultPlan(fault_seed, fault_rates or {}) if fault_seed is not None else None
        self.faults = FaultBoard(plan)
        self._path, self._port, self._clock = path, port, clock
        self._on_crash = on_crash or self._die
        self._data: Database | None = None
        self._server: SandboxServer | None = None
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"Sandbox(version={self.version}, running={self._server is not None})"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open the database and serve in threads of this process."""
        try:
            self._data = Database(self.version, self._path, self._clock)
        except (sqlite3.DatabaseError, OSError) as error:
            raise ConfigurationError(
                f"the sandbox cannot open its file: {error}", advice="name a new file, or one that a sandbox wrote"
            ) from None
        try:
            self._server = SandboxServer(self._data, self.faults, self._port, lambda: self._on_crash())
        except OSError:
            self._data.close()
            raise ConfigurationError(
                f"the sandbox cannot listen on port {self._port} of the loopback", advice="choose another, or 0 for any"
            ) from None
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def mark(self) -> None:
        """Remember the records as they are now, for ``restore``."""
        self.database_object.mark()

    def restore(self) -> None:
        """Come back to the records of ``mark``, their ids included; faults and web sessions are gone."""
        self.database_object.restore()
        self.faults.reset()
        if self._server is not None:
            self._server.web.sessions.clear()

    @property
    def is_running(self) -> bool:
        return self._server is not None

    def stop(self) -> None:
        """Stop serving and close the database; a second call does nothing."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None
        if self._data is not None:
            self._data.close()
            self._data = None

    def _die(self) -> None:
        threading.Thread(target=self.stop, daemon=True).start()

    @property
    def database_object(self) -> Database:
        if self._data is None:
            raise ConfigurationError("the sandbox is not running", advice="start it, or use it in a with statement")
        return self._data

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def database(self) -> str:
        return NAME

    @property
    def user(self) -> str:
        return "admin"

    @property
    def secret(self) -> str:
        """The administrator's password."""
        return self.login("admin").password

    @property
    def api_key(self) -> str:
        """The administrator's API key: for JSON-2, and instead of the password everywhere."""
        return self.login("admin").api_key

    def login(self, name: str) -> Login:
        """The user *name*: admin, limited, billing, or twofactor (whose password is refused)."""
        for item in self.database_object.logins():
            if item.login == name:
                return item
        raise ConfigurationError(
            f"the sandbox has no user {name!r}", advice="admin, limited, billing and twofactor are there"
        )

    def dump(self) -> dict[str, Any]:
        """Every business record in a form that does not depend on ids or times: equal states give equal dumps."""
        snapshot: dict[str, Any] = self.database_object.run(1, {}, dump_store)
        return snapshot
