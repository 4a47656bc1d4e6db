"""Whether the beginning of a file is a bank's CSV, where the number of its columns alone does not tell."""

from __future__ import annotations

from oimkit.banking.csv_profiles.detection import matching_layouts
from oimkit.banking.csv_profiles.header_words import guess_layout
from oimkit.banking.csv_profiles.loader import builtin_profiles
from oimkit.banking.formats.csv_rows import Sheet
from oimkit.banking.limits import LIMITS
from oimkit.errors import StatementError

__all__ = ["knows_columns"]


def knows_columns(head: str) -> bool:
    """True when a profile, or the words of a header, know the columns of *head*, a beginning decoded as Latin-1."""
    text = head.encode("latin-1", "replace").decode("utf-8", "replace")
    sheet = Sheet(text, LIMITS)
    try:
        return bool(matching_layouts(sheet, builtin_profiles())) or guess_layout(sheet).layout is not None
    except StatementError:
        return False
