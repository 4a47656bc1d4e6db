"""Texts of a CSV cell that hold more than one thing: parts behind labels, or codes between slashes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from oimkit.banking.csv_profiles.model import LABEL_FIELDS, Labels
from oimkit.banking.formats._common import clean
from oimkit.banking.formats.mt940_slashes import is_slashed, read_slashes

__all__ = ["Parts", "TextReader", "further", "text_reader"]

Parts: TypeAlias = dict[str, tuple[str, ...]]
"""Field of LABEL_FIELDS, or name of a further reference -> its texts, each cleaned; ``remittance`` may have several."""

TextReader: TypeAlias = Callable[[str], Parts]


def text_reader(labels: Labels) -> TextReader:
    """What reads the texts of a column with *labels*; a text without any of them has no parts."""
    words = {label.casefold(): field for label, field in labels.words}
    ordered = sorted(words, key=len, reverse=True)
    pattern = re.compile(r"(?:(?<=\s)|^)(" + "|".join(map(re.escape, ordered)) + ")", re.IGNORECASE) if words else None

    def read(text: str) -> Parts:
        if labels.slashes and is_slashed(text):
            return _of_slashes(text)
        return _of_labels(text, pattern, words) if pattern is not None else {}

    return read


def _of_labels(text: str, pattern: re.Pattern[str], words: dict[str, str]) -> Parts:
    """The parts behind the labels; of a label that comes twice the last one counts, for a payer's text stands before
    what the bank adds, and the others stay in the remittance."""
    pieces = pattern.split(text)
    if len(pieces) < 3:
        return {}
    remittance = [pieces[0]]
    found: dict[str, str] = {}
    for label, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        field = words[label.casefold()]
        if field == "remittance":
            remittance.append(piece)
            continue
        if field in found:
            remittance.append(f"{label} {found[field]}")
        found[field] = piece
    parts: Parts = {field: (plain,) for field, piece in found.items() if (plain := clean(piece)) is not None}
    parts["remittance"] = tuple(plain for piece in remittance if (plain := clean(piece)) is not None)
    return parts


def _of_slashes(text: str) -> Parts:
    """The parts of a text with slash codes, as in field 86 of MT940."""
    details = read_slashes(text)
    single = {
        "name": details.name,
        "other_account": details.account,
        "other_bank": details.bank,
        "end_to_end_id": details.end_to_end_id,
        "mandate_id": details.mandate_id,
        "creditor_id": details.creditor_id,
        "structured_reference": details.structured_reference,
    }
    parts: Parts = {field: (value,) for field, value in single.items() if value is not None}
    parts["remittance"] = details.remittance
    return parts


def further(parts: Parts) -> list[tuple[str, str]]:
    """The parts that are further references, as (name, value)."""
    known = (*LABEL_FIELDS, "structured_reference")
    return [(name, text) for name, texts in parts.items() if name not in known for text in texts]
