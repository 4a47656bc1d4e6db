"""External ids: the names under which oimkit finds again what it has created (``ir.model.data``)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from oimkit.errors import AccessRefused, BadReply, InputError, MissingRecord

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["ExternalId", "Found", "find"]

MODULE = "oimkit"
"""The module part of the keys that oimkit makes; no module of this name is installed anywhere."""

_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_.:/-]+", re.ASCII)
_BATCH = 500
"""Keys asked for in one call."""

KeyPart = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True, order=True)
class ExternalId:
    """A record's name in ``ir.model.data``: unique in its module, kept when the record's values change.

    >>> str(ExternalId("oimkit", "invoice_1"))
    'oimkit.invoice_1'
    """

    module: str
    name: str

    def __post_init__(self) -> None:
        if not _MODULE.fullmatch(self.module) or not _NAME.fullmatch(self.name) or len(self.name) > 100:
            raise InputError("an external id is module.name, of letters, digits and underscores")

    @classmethod
    def of(cls, kind: str, *parts: KeyPart) -> ExternalId:
        """The key of a thing of *kind* that *parts* tell from all others; the same parts give the same key always.

        The parts cannot be read back from the key. ``1``, ``"1"`` and ``Decimal(1)`` are three different parts;
        ``Decimal("1.0")`` and ``Decimal("1.00")`` are the same.

        >>> ExternalId.of("invoice", 7, "2026-01")
        ExternalId(module='oimkit', name='invoice_6809cbd55ed6b684a744dbfb8ece2428')
        """
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", kind, re.ASCII):
            raise InputError("the kind of a key is a word of small letters, digits and underscores")
        text = "".join(f"{len(piece)}:{piece}" for piece in map(_piece, parts))
        return cls(MODULE, f"{kind}_{hashlib.sha256(text.encode()).hexdigest()[:32]}")

    @classmethod
    def parse(cls, text: str) -> ExternalId:
        """The key in ``module.name``."""
        module, _, name = text.partition(".")
        return cls(module, name)

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


def _piece(part: KeyPart) -> str:
    match part:
        case None:
            return "n"
        case bool() | datetime():
            raise InputError("a part of a key is text, a whole number, a Decimal, a date or None")
        case str():
            return f"s{part}"
        case int():
            return f"i{part}"
        case Decimal() if part.is_finite():
            return f"d{part.normalize() if part else Decimal(0):f}"
        case date():
            return f"D{part.isoformat()}"
    raise InputError("a part of a key is text, a whole number, a Decimal, a date or None")


@dataclass(frozen=True, slots=True)
class Found:
    """The record that a key names."""

    model: str
    id: int


def find(odoo: Odoo, keys: Iterable[ExternalId]) -> dict[ExternalId, Found]:
    """The records that exist under *keys*; a key without one is left out.

    Where the user may not read ``ir.model.data`` (Odoo 19 reserves it to administrators), each key is asked
    for by itself with ``check_object_reference``, which every user may call.
    """
    wanted = list(dict.fromkeys(keys))
    if odoo.schema.keys_are_readable:
        try:
            return _find_all(odoo, wanted)
        except AccessRefused:
            odoo.schema.keys_are_readable = False
    found = {key: _find_one(odoo, key) for key in wanted}
    return {key: record for key, record in found.items() if record is not None}


def _find_all(odoo: Odoo, wanted: list[ExternalId]) -> dict[ExternalId, Found]:
    found: dict[ExternalId, Found] = {}
    for start in range(0, len(wanted), _BATCH):
        by_module: dict[str, list[str]] = {}
        for key in wanted[start : start + _BATCH]:
            by_module.setdefault(key.module, []).append(key.name)
        for module, names in by_module.items():
            rows = odoo.call(
                "ir.model.data",
                "search_read",
                domain=[["module", "=", module], ["name", "in", names]],
                fields=["name", "model", "res_id"],
                context={"active_test": False},
            )
            for row in rows:
                if row.get("res_id"):
                    found[ExternalId(module, row["name"])] = Found(row["model"], row["res_id"])
    return found


def _find_one(odoo: Odoo, key: ExternalId) -> Found | None:
    """As ``find``, for one key and a user without rights on ``ir.model.data``.

    AccessRefused when the key exists and its record is hidden from the user, or was deleted behind Odoo's back.
    """
    try:
        told = odoo.call(
            "ir.model.data",
            "check_object_reference",
            module=key.module,
            xml_id=key.name,
            context={"active_test": False},  # an archived record is found too
        )
    except MissingRecord:
        return None
    if not isinstance(told, (list, tuple)) or len(told) != 2 or not isinstance(told[0], str):
        raise BadReply("ir.model.data.check_object_reference: the reply is no record")
    if type(told[1]) is not int or told[1] is False:
        raise AccessRefused(
            f"the key {key} belongs to a record of {told[0]} that the user may not see",
            advice="ask an administrator for the right to read it",
        )
    return Found(told[0], told[1])
