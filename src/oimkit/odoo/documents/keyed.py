"""One record under one key, whoever else is at it: looked for, else loaded, else looked for again.

Only for records without lines of their own: of two loads at the same moment the server lets one create, and the other
gets its id or is told that it was in the way.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from oimkit.errors import Busy, DivergedRecord, InvalidRecord
from oimkit.odoo.keys import ExternalId, find

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["find_keyed", "load_keyed"]

_TRIES = 6


def find_keyed(odoo: Odoo, key: ExternalId, model: str) -> int | None:
    """The id of the record of *model* under *key*, or None.

    Raises DivergedRecord when the key is another model's.
    """
    found = find(odoo, [key]).get(key)
    if found is not None and found.model != model:
        raise DivergedRecord(
            f"the key {key} belongs to a record of {found.model}, not of {model}", advice="choose another key"
        )
    return None if found is None else found.id


def load_keyed(
    odoo: Odoo,
    key: ExternalId,
    model: str,
    cells: Mapping[str, str],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """The id of the record that *cells* make under *key*, or of the one that another made there meanwhile.

    Raises:
        OutcomeUnknown: no usable answer; the same call again finds what was made.
        Busy: others were in the way each time.
        Refused: the server does not take it.
    """
    columns, row = ["id", *cells], [str(key), *cells.values()]
    for attempt in range(1, _TRIES + 1):
        try:
            return odoo.load_new(model, columns, [row])[0]
        except (Busy, InvalidRecord) as error:  # a conflict reads as either, by version
            found = find_keyed(odoo, key, model)
            if found is not None:
                return found
            if isinstance(error, InvalidRecord) or attempt == _TRIES:
                raise
            pause_s = random.uniform(0.05, 0.2) * 2**attempt  # noqa: S311  a pause
            sleep(error.retry_after_s or pause_s)
    raise AssertionError("unreachable")
