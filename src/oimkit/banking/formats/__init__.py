"""One module a statement format: bytes -> Statements."""

from oimkit.banking.formats.registry import FORMATS, Format, Reader, added_formats, format_named

__all__ = ["FORMATS", "Format", "Reader", "added_formats", "format_named"]
