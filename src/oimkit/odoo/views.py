"""Other views over the same connection: the language of texts, the time zone of days, archived records."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from oimkit.errors import InputError, InvalidCall

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["in_language", "in_timezone"]


def in_language(odoo: Odoo, code: str) -> Odoo:
    """A view whose translated texts are read and written in *code* (``de_DE``), one of the languages installed.

    A language that is not installed is refused here, because 14 would take no notice of it and answer in English.

    Raises InputError.
    """
    try:
        rows = odoo.call("res.lang", "search_read", domain=[["active", "=", True]], fields=["code"])
    except InvalidCall:  # a server that does not tell
        rows = None
    installed = sorted(str(row["code"]) for row in rows) if isinstance(rows, list) else []
    if installed and code not in installed:
        raise InputError(
            f"the language is not installed on the database {odoo.database}, which has {', '.join(installed)}",
            advice="install it in Settings / Translations / Languages, or choose another",
        )
    return odoo.with_context(lang=code)


def in_timezone(odoo: Odoo, name: str) -> Odoo:
    """A view in which the server's days begin at midnight in *name* (``Europe/Berlin``), as in groups by day.

    Moments are read and written in UTC as before.

    Raises InputError: no such zone.
    """
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError("the time zone is not known", advice="name it as Europe/Berlin or UTC") from None
    return odoo.with_context(tz=name)
