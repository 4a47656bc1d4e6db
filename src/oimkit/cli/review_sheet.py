"""The review list as a spreadsheet (XLSX): a person writes into one column, and the workbook comes back.

Texts of payers are texts in it whatever they begin with, amounts are numbers. What a choice is checked by (the entry,
its amount as it was, the items of each suggestion) stands in hidden columns.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from defusedxml import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from oimkit.banking import Entry, OpenItem
from oimkit.banking.matching import Suggestion
from oimkit.banking.settlement import ReviewRow, SettlementPlan
from oimkit.cli.review_choices import MOST_SHOWN, Choice
from oimkit.errors import InputError
from oimkit.money import Money

__all__ = ["read_workbook", "review_workbook"]

_SHEET, _ITEMS = "review", "open items"

_HEADINGS = ("choice", "date", "amount", "currency", "counterparty", "text", "why", "1", "2", "3")
_HIDDEN = ("entry", "amount then", "items 1", "items 2", "items 3")
_WIDTHS = (14, 11, 12, 9, 28, 44, 36, 40, 40, 40)

_HELP = (
    "Write into the column choice: 1, 2 or 3 for a suggestion, or open items by their ids as they stand on the other "
    "sheet, such as #17 + #18. Leave it empty to wait. Change nothing else."
)

_MOST_BYTES = 32 * 1024 * 1024
"""Of what a workbook unfolds to: a hundred times what any review list needs."""


# -- out ----------------------------------------------------------------------------------------------------------


def review_workbook(plan: SettlementPlan, entries: Sequence[Entry], open_items: Sequence[OpenItem]) -> bytes:
    """A workbook with a row for each entry of *plan* that waits, and a sheet of what is open."""
    by_id = {entry.id: entry for entry in entries}
    items = {item.id: item for item in open_items}
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # a new workbook has one
    sheet.title = _SHEET
    _write(sheet, 1, [_HELP])
    _write(sheet, 2, [*_HEADINGS, *_HIDDEN], bold=True)
    for number, row in enumerate(plan.review, start=3):
        _write(sheet, number, _cells(row, by_id[row.entry_id], items))
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[_letter(number)].width = width
    for number in range(len(_HEADINGS) + 1, len(_HEADINGS) + len(_HIDDEN) + 1):
        sheet.column_dimensions[_letter(number)].hidden = True
    sheet.freeze_panes = "B3"
    _write_items(book.create_sheet(_ITEMS), open_items)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(row: ReviewRow, entry: Entry, items: Mapping[str, OpenItem]) -> list[object]:
    party = entry.counterparty
    shown = list(row.suggestions[:MOST_SHOWN])
    empty = [None] * (MOST_SHOWN - len(shown))
    return [
        None,
        entry.booking_date or entry.value_date,
        row.amount.amount,
        row.amount.currency.code,
        party.name if party is not None else None,
        " ".join(entry.remittance) or None,
        "; ".join(reason.code.replace("_", " ") for reason in row.reasons),
        *(_suggested(suggestion, items) for suggestion in shown),
        *empty,
        row.entry_id,
        row.amount.text,
        *(" + ".join(suggestion.item_ids) for suggestion in shown),
        *empty,
    ]


def _suggested(suggestion: Suggestion, items: Mapping[str, OpenItem]) -> str:
    """``INV/2026/00017 Ann Smith 30.00 EUR + ...``"""
    named = [items[item_id] for item_id in suggestion.item_ids]
    return " + ".join(
        f"{item.document_number or '#' + item.id} {item.partner_name or ''} {item.residual}".replace("  ", " ")
        for item in named
    )


def _write_items(sheet: Worksheet, open_items: Sequence[OpenItem]) -> None:
    _write(sheet, 1, ["id", "document", "partner", "due", "open", "currency"], bold=True)
    for number, item in enumerate(open_items, start=2):
        amount, currency = item.residual.amount, item.currency.code
        _write(sheet, number, [f"#{item.id}", item.document_number, item.partner_name, item.due_date, amount, currency])
    for number, width in enumerate((10, 24, 32, 11, 12, 9), start=1):
        sheet.column_dimensions[_letter(number)].width = width
    sheet.freeze_panes = "A2"


def _write(sheet: Worksheet, number: int, values: Sequence[object], *, bold: bool = False) -> None:
    """Put *values* into row *number*."""
    for column, value in enumerate(values, start=1):
        if value is None:
            continue
        cell = sheet.cell(number, column)
        assert isinstance(cell, Cell)
        if isinstance(value, str):
            cell.value = _printable(value)
            cell.data_type = "s"  # a text that begins with = is no formula
            cell.quotePrefix = True
            cell.alignment = Alignment(vertical="top", wrap_text=number > 1)
        else:
            cell.value = value
            cell.alignment = Alignment(vertical="top")
        if bold:
            cell.font = Font(bold=True)


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST_TEXT = 32_000
"""Characters of a cell; a spreadsheet takes 32,767."""


def _printable(text: str) -> str:
    return _CONTROL.sub(" ", text)[:_LONGEST_TEXT]


def _letter(number: int) -> str:
    return chr(ord("A") + number - 1)


# -- back ---------------------------------------------------------------------------------------------------------


def read_workbook(data: bytes) -> Iterator[Choice]:
    """What each row of a workbook of ``review_workbook`` chooses.

    Raises:
        InputError: *data* is no such workbook, unfolds to more than any has, or a choice cannot be understood.
    """
    try:
        with ZipFile(BytesIO(data)) as archive:
            unfolded = sum(member.file_size for member in archive.infolist())
        rows = _rows(data) if unfolded <= _MOST_BYTES else None
    except _UNREADABLE:
        raise _foreign() from None
    if rows is None:
        raise InputError("the workbook is larger than any review list", advice="give the one of --review-out")
    titles = [str(value) for value in rows[1]] if len(rows) > 1 else []
    if titles[: len(_HEADINGS) + len(_HIDDEN)] != [*_HEADINGS, *_HIDDEN]:
        raise _foreign()
    for number, row in enumerate(rows[2:], start=3):
        if any(value is not None for value in row):
            yield _choice(number, dict(zip(titles, row, strict=False)))


def _rows(data: bytes) -> list[tuple[object, ...]]:
    """The rows of the review sheet; a formula comes as its text, and is no choice."""
    return list(load_workbook(BytesIO(data), read_only=True)[_SHEET].iter_rows(values_only=True))


_UNREADABLE = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    DefusedXmlException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
)
"""What reading something that is no workbook, or a broken one, may end in."""


def _foreign() -> InputError:
    return InputError("the file is no workbook that --review-out writes", advice="change nothing but the column choice")


def _choice(number: int, row: Mapping[str, object]) -> Choice:
    entry, amount, currency = row.get("entry"), row.get("amount then"), row.get("currency")
    if not isinstance(entry, str) or not isinstance(amount, str) or not isinstance(currency, str):
        raise InputError(
            f"row {number} of the workbook has lost its entry or amount", advice="change nothing but the column choice"
        )
    return Choice(f"row {number}", entry, Money(amount, currency), _item_ids(number, row))


_NAMED = re.compile(r"#(\S+?)(?=\s*(?:[+,;]|$))\s*(?:[+,;]\s*|$)")


def _item_ids(number: int, row: Mapping[str, object]) -> tuple[str, ...]:
    """The items that a row chooses: those of a suggestion by its number, or any by their ids."""
    value = row["choice"]
    text = "" if value is None else str(value).strip()
    if not text:
        return ()
    if text in ("1", "2", "3"):
        items = row.get(f"items {text}")
        if not isinstance(items, str):
            raise InputError(
                f"row {number} of the workbook has no suggestion {text}", advice="choose one that is there"
            )
        return tuple(items.split(" + "))
    found = _NAMED.findall(text)
    if not found or _NAMED.sub("", text):
        raise InputError(
            f"row {number} of the workbook has a choice that is neither a suggestion nor a list of items",
            advice="write 1, 2 or 3, or ids such as #17 + #18, or nothing",
        )
    return tuple(found)
