"""The small values of a record, and what is known of a field."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import Any, Final

from oimkit.errors import InputError

__all__ = ["UNSET", "Field", "Record", "RecordRef", "Ref", "Rounded", "Unset", "Value"]

Value = Any
"""None, bool, int, Decimal, str, bytes, date, aware datetime, Ref, RecordRef, a tuple of ids, Properties, or JSON as
it is; by the field's type. For writing also UNSET, Rounded, and a list of commands (commands.py)."""

Record = dict[str, Any]
"""A record that was read: ``id`` and the fields that were asked for, as Values."""


class Unset(Enum):
    """The type of UNSET."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        raise TypeError("UNSET is neither true nor false; ask `value is UNSET`")


UNSET: Final = Unset.UNSET
"""Leave the field as it is, on write; let the server fill it in, on create. None empties it."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A record that a many2one field points to; ``name`` is what the server displays for it."""

    id: int
    name: str | None = None

    def __repr__(self) -> str:  # a display name may be a person's
        return f"Ref({self.id})"


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A record of any model, as reference and many2one_reference fields hold it.

    model  None only where a record was read whose own model field is empty

    >>> RecordRef("res.partner", 7)
    RecordRef(model='res.partner', id=7)
    """

    model: str | None
    id: int

    def __post_init__(self) -> None:
        if self.model is not None and (not self.model or "," in self.model):
            raise InputError("the model of a RecordRef is a technical name, such as res.partner")
        if type(self.id) is not int or self.id < 1:
            raise InputError("the id of a RecordRef is a whole number above 0")


_HALF_UP = Context(prec=400, rounding=ROUND_HALF_UP, Emax=999, Emin=-999)


@dataclass(frozen=True, slots=True)
class Rounded:
    """A number to be written with as many digits as its field keeps, halves away from zero as the server rounds.

    Without it a number with more digits than the field keeps is refused.

    >>> Rounded(Decimal("1.005")).to(2)
    Decimal('1.01')
    """

    value: Decimal

    def __post_init__(self) -> None:
        if type(self.value) is not Decimal or not self.value.is_finite():
            raise InputError("Rounded takes a finite Decimal")

    def to(self, decimals: int | None) -> Decimal:
        """The value with *decimals* places; unchanged where their number is not known."""
        if decimals is None:
            return self.value
        return self.value.quantize(Decimal(1).scaleb(-decimals), context=_HALF_UP)


@dataclass(frozen=True, slots=True)
class Field:
    """What ``fields_get`` tells about one field.

    decimals           digits after the point of a float, or None where the server does not tell
    currency_field     the field of the same record that holds a monetary field's currency, or None
    selection          the keys of a selection, or the models of a reference; empty where the server does not tell
    model_field        the field of the same record that holds the model of a many2one_reference, or None
    definition_record  the many2one of the same record whose record defines its properties, or None
    definition_field   the field of that record which holds the definitions, or None
    """

    name: str
    type: str
    relation: str | None = None
    required: bool = False
    readonly: bool = False
    stored: bool = True
    decimals: int | None = None
    currency_field: str | None = None
    selection: tuple[str, ...] = ()
    model_field: str | None = None
    definition_record: str | None = None
    definition_field: str | None = None

    @property
    def is_x2many(self) -> bool:
        return self.type in ("one2many", "many2many")
