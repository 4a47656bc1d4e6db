"""One database of the double: who may sign in, and each call as one transaction under one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from oimkit.errors import ConfigurationError
from oimkit.sandbox.environment import Environment
from oimkit.sandbox.logins import LOGINS
from oimkit.sandbox.model import Model
from oimkit.sandbox.models.registry import REGISTRY
from oimkit.sandbox.profile import load_profile
from oimkit.sandbox.refusals import AccessDenied, Foreign, MissingError, SerializationFailure
from oimkit.sandbox.seed import plant
from oimkit.sandbox.store import Snapshot, Store

__all__ = ["Database", "Login"]

NAME = "sandbox"
_TRIES = 5
"""How often the server tries a transaction that conflicts with another one."""


@dataclass(frozen=True, slots=True)
class Login:
    """One user's ways in; with a ``totp`` secret the password alone is refused over RPC. Never shown."""

    user_id: int
    login: str
    password: str
    api_key: str
    totp: str | None

    def __repr__(self) -> str:
        return f"Login(user_id={self.user_id}, login={self.login!r})"

    def accepts(self, secret: str) -> bool:
        return secret == self.api_key or (secret == self.password and self.totp is None)


class Database:
    """The records of one database and the calls on them, one at a time."""

    name = NAME

    def __init__(self, version: int, path: Path | None, clock: Callable[[], datetime]) -> None:
        self.profile = load_profile(version)
        self.store = Store(path)
        self._clock = clock
        self._lock = threading.RLock()
        self._refuse_other_version()
        if self.store.is_new:
            with self._lock:
                plant(self.environment(1, {}).sudo())
                self.store.commit()

    def _refuse_other_version(self) -> None:
        """A file written as another version would read as nonsense."""
        version = self.profile.version
        written = self.store.table(LOGINS).rows.get(0, {}).get("version", version)
        if written != version:
            self.store.close()
            raise ConfigurationError(
                f"the sandbox's file holds a database of Odoo {written}, not {version}",
                advice=f"start it with version {written}, or name a new file",
            )

    def environment(self, user: int, context: Mapping[str, Any]) -> Environment:
        return Environment(self.store, self.profile, REGISTRY, Model, self._clock, user, dict(context))

    def has(self, change: str) -> bool:
        """Whether this version behaves the new way in *change*; see ``changes.CHANGES``."""
        return self.profile.has(change)

    def logins(self) -> tuple[Login, ...]:
        users = self.store.table("res.users").rows
        rows = [row for id_, row in self.store.table(LOGINS).rows.items() if (users.get(id_) or {}).get("active")]
        return tuple(Login(row["id"], row["login"], row["password"], row["api_key"], row["totp"]) for row in rows)

    def login_of(self, name: Any) -> Login | None:
        """The ways in of the user called *name*, or None."""
        return next((item for item in self.logins() if item.login == name), None)

    def check_name(self, name: Any) -> None:
        """Raise what the server's database driver would for another database."""
        if name != NAME:
            raise Foreign("psycopg2.OperationalError", f'FATAL:  database "{name}" does not exist\n')

    def authenticate(self, login: Any, secret: Any) -> int | None:
        """The user's id, or None."""
        found = [item.user_id for item in self.logins() if item.login == login and item.accepts(str(secret))]
        return found[0] if found else None

    def check_user(self, user: Any, secret: Any) -> int:
        """*user* again, if *secret* is one of its secrets. Raises AccessDenied."""
        for item in self.logins():
            if item.user_id == user and item.accepts(str(secret)):
                return item.user_id
        if isinstance(user, int) and user and user not in self.store.table("res.users").rows:
            raise MissingError(
                f"Record does not exist or has been deleted.\n(Record: res.users({user},), User: {user})"
            )
        raise AccessDenied

    def user_of_key(self, key: str) -> int | None:
        found = [item.user_id for item in self.logins() if item.api_key == key]
        return found[0] if found else None

    def run(
        self,
        user: int,
        context: Mapping[str, Any],
        step: Callable[[Environment], Any],
        snapshot: Snapshot | None = None,
    ) -> Any:
        """The result of *step*, committed; or its exception, everything of it taken back.

        The transaction sees what was committed when it was asked for (or *snapshot*); where it then conflicts with
        another one it is tried again, as the server does it.
        """
        seen = snapshot or self.store.snapshot()
        for left in reversed(range(_TRIES)):
            with self._lock:
                self.store.begin(seen)
                try:
                    result = step(self.environment(user, context))
                except SerializationFailure:
                    self.store.rollback()
                    if not left:
                        raise
                except BaseException:
                    self.store.rollback()
                    raise
                else:
                    self.store.commit()
                    return result
            seen = self.store.snapshot()
        raise AssertionError("the loop ends with a result or an exception")

    def mark(self) -> None:
        """Remember the state of now, for ``restore``."""
        with self._lock:
            self.store.mark()

    def restore(self) -> None:
        """Come back to the state of ``mark``, ids included."""
        with self._lock:
            self.store.restore()

    def close(self) -> None:
        with self._lock:
            self.store.close()
