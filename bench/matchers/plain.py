"""Two matchers as a careful developer writes them in an afternoon, over the same entries and items.

Both look only at items of the entry's book, currency and very amount, take what is alone or clearly ahead, and leave
the rest. Neither knows part payments, groups, fees, discounts, conversions, duplicates or returns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rapidfuzz import fuzz, process

from oimkit.banking.matching import OpenItem
from oimkit.banking.statement import Entry

__all__ = ["by_reference", "by_similarity"]

Blocks = dict[tuple[str | None, str, Decimal], list[OpenItem]]

THRESHOLD, MARGIN = 70, 5
"""Likeness (0 to 100) that a pair needs, and by how much it has to lead the next one."""


def by_similarity(entries: Sequence[Entry], items: Sequence[OpenItem]) -> Iterator[OpenItem | None]:
    """The item of this amount whose numbers and name are most like the entry's texts (rapidfuzz, token sets)."""
    blocks, free = _blocks(items), {item.id for item in items}
    texts = {item.id: _text(item.document_number, item.payment_reference, item.partner_name) for item in items}
    for entry in entries:
        candidates = [item for item in blocks.get(_block(entry), ()) if item.id in free]
        party = entry.counterparty.name if entry.counterparty is not None else None
        said = _text(*entry.remittance, entry.structured_reference, party)
        best = process.extract(said, [texts[item.id] for item in candidates], scorer=fuzz.token_set_ratio, limit=2)
        is_alone = len(best) < 2 or best[0][1] - best[1][1] >= MARGIN
        yield _taken(candidates[best[0][2]], free) if best and best[0][1] >= THRESHOLD and is_alone else None


def by_reference(entries: Sequence[Entry], items: Sequence[OpenItem]) -> Iterator[OpenItem | None]:
    """The one item of this amount whose number or reference stands in the entry's texts."""
    blocks, free = _blocks(items), {item.id for item in items}
    for entry in entries:
        said = _bare(_text(*entry.remittance, entry.structured_reference, entry.end_to_end_id))
        named = [
            item
            for item in blocks.get(_block(entry), ())
            if item.id in free
            and any(
                len(number) >= 4 and number in said
                for each in (item.document_number, item.partner_document_number, item.payment_reference)
                if (number := _bare(each or ""))
            )
        ]
        yield _taken(named[0], free) if len(named) == 1 else None


def _blocks(items: Sequence[OpenItem]) -> Blocks:
    blocks: Blocks = defaultdict(list)
    for item in items:
        blocks[item.book, item.currency.code, item.residual.amount].append(item)
    return blocks


def _block(entry: Entry) -> tuple[str | None, str, Decimal]:
    return entry.book, entry.amount.currency.code, entry.amount.amount


def _taken(item: OpenItem, free: set[str]) -> OpenItem:
    free.discard(item.id)
    return item


def _text(*parts: str | None) -> str:
    return " ".join(part for part in parts if part).lower()


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
