"""One module a statement format: bytes -> Statements."""

from oimkit.banking.formats.registry import FORMATS, Format

__all__ = ["FORMATS", "Format"]
