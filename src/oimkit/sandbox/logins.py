"""Who may sign in and how: kept beside the records, out of reach of every call."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oimkit.sandbox.store import Store

__all__ = ["LOGINS", "give_login", "rename_login", "take_login"]

LOGINS = "sandbox.login"


def give_login(store: Store, user: int, login: str, password: str | None = None, totp: str | None = None) -> None:
    """Let *user* sign in; password and key are made up where none is given."""
    known = store.table(LOGINS).rows.get(user) or {}
    ways = {"login": login, "password": password or secrets.token_urlsafe(12), "totp": totp}
    store.put(LOGINS, user, {"api_key": secrets.token_hex(20), **known, "id": user, **ways})


def rename_login(store: Store, user: int, login: str) -> None:
    known = store.table(LOGINS).rows.get(user)
    if known is not None:
        store.put(LOGINS, user, {**known, "login": login})


def take_login(store: Store, user: int) -> None:
    """Let *user* sign in no more."""
    if user in store.table(LOGINS).rows:
        store.drop(LOGINS, user)
