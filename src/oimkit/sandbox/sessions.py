"""Web sessions: what a browser, and a client that behaves like one, signs in to.

``/web/session/authenticate`` gives a cookie; with it ``/web/dataset/call_kw``, ``/web/content`` and the other web
routes know the user. Sessions live in memory and end with the server.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oimkit.sandbox.database import Database

__all__ = ["COOKIE", "Sessions", "session_info"]

COOKIE = "session_id"


@dataclass(slots=True)
class Sessions:
    """Session id -> user id."""

    _users: dict[str, int] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def open(self, user: int) -> str:
        """A new session of *user*; its id."""
        name = secrets.token_hex(20)
        with self._lock:
            self._users[name] = user
        return name

    def clear(self) -> None:
        """End every session."""
        with self._lock:
            self._users.clear()

    def user_of(self, cookies: str | None) -> int | None:
        """The user whose session the ``Cookie`` header *cookies* names, or None."""
        name = _named(cookies)
        return self._users.get(name) if name else None

    def close(self, cookies: str | None) -> None:
        name = _named(cookies)
        with self._lock:
            self._users.pop(name or "", None)


def _named(cookies: str | None) -> str | None:
    try:
        found = SimpleCookie(cookies or "").get(COOKIE)
    except CookieError:
        return None
    return found.value if found else None


def session_info(database: Database, user: int | None) -> dict[str, Any]:
    """What the web client is told of the user who signed in; a ``uid`` of None where nobody did."""
    version = database.profile.server_version
    numbers = [database.profile.version, 0, 0, "final", 0, ""]
    about: dict[str, Any] = {"db": database.name, "server_version": version, "server_version_info": numbers}
    if user is None:
        return {**about, "uid": None}

    def told(env: Any) -> dict[str, Any]:
        users = env["res.users"]
        row = users.row(user)
        company = env["res.company"].row(row["company_id"])
        companies = {str(id_): {"id": id_, "name": env["res.company"].row(id_)["name"]} for id_ in row["company_ids"]}
        context = {"lang": users.get(row, "lang"), "tz": users.get(row, "tz") or False, "uid": user}
        return {
            **about,
            "uid": user,
            "is_admin": user == 2,
            "is_system": user == 2,
            "name": users.get(row, "name"),
            "username": row["login"],
            "partner_id": row["partner_id"],
            "partner_display_name": users.get(row, "name"),
            "user_context": context,
            "company_id": company["id"],
            "user_companies": {"current_company": company["id"], "allowed_companies": companies},
        }

    result: dict[str, Any] = database.run(user, {}, lambda env: told(env.sudo()))
    return result
