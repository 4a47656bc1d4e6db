"""Records that can be sent told from those that cannot, before anything is sent: one bad record stops no other.

    sifted = sift(odoo, "res.partner", records)
    session.create_many("res.partner", sifted.good)
    for each in sifted.unfit:
        print(each.index, each.key, each.reason)

Without this, the first value that does not fit raises InputError, which names the record and the field, and nothing
is sent at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from oimkit.errors import InputError
from oimkit.odoo.codec import Value
from oimkit.odoo.codec.wire import unfit_for_the_wire
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.loading import wrong_cell
from oimkit.odoo.tables import check_values

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Sifted", "Unfit", "sift", "sift_rows"]

Good = TypeVar("Good")


@dataclass(frozen=True, slots=True)
class Unfit:
    """A record that was not sent, and why; the reason names the field and never the value.

    index  its place among the records that were given, from 0
    key    its key, or the first cell of a row where that is an external id
    """

    index: int
    key: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Sifted(Generic[Good]):
    """What can be sent, in its order, and what cannot."""

    good: tuple[Good, ...]
    unfit: tuple[Unfit, ...]


def sift(
    odoo: Odoo, model: str, records: Iterable[tuple[ExternalId, Mapping[str, Value]]]
) -> Sifted[tuple[ExternalId, Mapping[str, Value]]]:
    """*records* as ``Session.create_many`` takes them, told apart by whether every value fits its field.

    Raises InvalidCall for a field that the model does not have: that is no matter of one record.
    """
    good, unfit = [], []
    for index, (key, values) in enumerate(records):
        try:
            check_values(odoo, key, model, values)
        except InputError as error:
            unfit.append(Unfit(index, str(key), str(error)))
        else:
            good.append((key, values))
    return Sifted(tuple(good), tuple(unfit))


def sift_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Sifted[Sequence[str]]:
    """*rows* of cells as ``load`` takes them, one a record, told apart by whether every cell can be sent.

    Raises InputError when columns name lines of a document: a row is then not a record, and none may be left out.
    """
    deep = [column for column in columns if column.count("/") and column.split("/", 1)[1] not in ("id", ".id")]
    if deep:
        raise InputError(
            f"the column {deep[0]} names lines of a document, of which no single row may be left out",
            advice="sift the records before their rows are made",
        )
    good, unfit = [], []
    for index, row in enumerate(rows):
        wrong = wrong_cell(columns, row)
        if wrong is None:
            good.append(row)
        else:
            key = row[columns.index("id")] if "id" in columns and len(row) == len(columns) else None
            unfit.append(Unfit(index, key if key and not unfit_for_the_wire(key) else None, wrong))
    return Sifted(tuple(good), tuple(unfit))
