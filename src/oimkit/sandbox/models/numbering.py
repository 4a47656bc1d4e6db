"""The numbers of journal entries: the form of each journal and version, and the next one in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from oimkit.sandbox.profile import Profile
from oimkit.sandbox.store import Row

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["next_number", "prefix_of", "split_number"]

_NUMBER = re.compile(r"(.*?)(\d+)$")


def prefix_of(profile: Profile, journal: Row, move_type: str, date: str) -> tuple[str, int]:
    """(prefix, digits): ``INV/2026/10/`` and 4 on 14; later sales, then banks count by year with 5 digits."""
    code = ("R" if move_type.endswith("_refund") else "") + str(journal["code"])
    year, month = date[:4], date[5:7]
    kind = journal.get("type")
    yearly = profile.has("sales_numbered_by_year" if kind == "sale" else "banks_numbered_by_year")
    if kind in ("sale", "bank", "cash") and yearly:
        return f"{code}/{year}/", 5
    return f"{code}/{year}/{month}/", 4


def next_number(moves: Model, prefix: str, digits: int) -> str:
    """The number after the highest that any entry has with *prefix*."""
    highest = max((number for _id, number in _numbered(moves, prefix)), default=0)
    return f"{prefix}{highest + 1:0{digits}d}"


def is_unused(moves: Model, prefix: str) -> bool:
    """Whether no entry has a number with *prefix*."""
    return not _numbered(moves, prefix)


def _numbered(moves: Model, prefix: str) -> list[tuple[int, int]]:
    ids = moves.table.ids_where("sequence_prefix", [prefix])
    return [(id_, moves.row(id_).get("sequence_number") or 0) for id_ in ids]


def split_number(name: str | None) -> tuple[str, int]:
    """(prefix, number) of an entry's name; ("", 0) for one without a number."""
    found = _NUMBER.fullmatch(name or "")
    return (found[1], int(found[2])) if found else ("", 0)
