"""All rows of a CSV file sorted and taken: the drafts of its entries, and what its other rows say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oimkit.banking.csv_profiles.detection import Layout
from oimkit.banking.formats._common import Budget, refused
from oimkit.banking.formats.csv_drafts import Draft, DraftReader, Own, account_number
from oimkit.banking.formats.csv_rows import Row, Rows
from oimkit.banking.formats.csv_sorting import Kind, Said, Sorter, line_values
from oimkit.banking.formats.csv_spelling import Spelling
from oimkit.banking.formats.csv_values import read_currency
from oimkit.banking.statement import Finding
from oimkit.errors import StatementError

__all__ = ["Gathered", "gather"]

_FORMAT = "csv"

_LEFT_OUT = {
    Kind.UNDATED: ("pending-left-out", "rows are pending and have no day; they were left out"),
    Kind.SKIPPED: ("rows-left-out", "rows are no movements by their status; they were left out"),
    Kind.BALANCE: ("rows-left-out", "rows are balances by their text, no movements; they were left out"),
    Kind.WITHOUT_AMOUNT: ("rows-left-out", "rows have a day and no amount; they were left out"),
}
"""Rows that are no booked movements and that the layout is known to have: code and reason of their finding."""


@dataclass(slots=True)
class Gathered:
    """The drafts of a file, and what its other rows say.

    sorted   rows that were sorted, whatever they are; entries, those among them that are entries
    """

    drafts: list[Draft] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    loose: list[Row] = field(default_factory=list)
    left_out: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(_LEFT_OUT, 0))
    sorted: int = 0
    entries: int = 0


def gather(layout: Layout, sorter: Sorter, rows: Rows, spelling: Spelling, budget: Budget) -> Gathered:
    """The drafts of all rows below the header, and what the rows above it say.

    Raises:
        StatementError: a row is nothing that the layout has, or cannot be read (with ``damaged="refuse"``); the last
            row is cut off.
    """
    gathered = Gathered()
    head = max(layout.header_at, 0)
    for row in rows.head(head):
        _above(layout, row, gathered)
    gathered.sorted = layout.header_at + 1
    if not rows.ended and len(rows) > layout.header_at + 1:
        _refuse_torn(layout, rows)
    reader = DraftReader(layout, sorter, spelling, _own(layout, gathered.said))
    for row in rows.below(layout.header_at):
        gathered.sorted += 1
        try:
            _take(row, layout, sorter, reader, gathered, budget)
        except StatementError as error:
            gathered.findings.append(budget.spare(error))
    gathered.remarks.extend(text for row in gathered.loose if (text := _plain(row)))
    for kind, (code, reason) in _LEFT_OUT.items():
        if gathered.left_out[kind]:
            gathered.findings.append(Finding(code, f"{gathered.left_out[kind]} {reason}"))
    return gathered


def _refuse_torn(layout: Layout, rows: Rows) -> None:
    """A last row without a line end has as many cells as the one before: a download that broke off ends anywhere."""
    last = Row(rows.lines[-1], rows.texts[-1])
    whole = Row(rows.lines[-2], rows.texts[-2]) if len(rows) > 1 else None
    wanted = len(layout.cutting.cells(whole)) if whole is not None else layout.width
    if len(layout.cutting.cells(last)) < min(wanted, layout.width):
        raise refused(_FORMAT, "the file is cut off in its last row", last.line)


def _own(layout: Layout, said: Sequence[Said]) -> Own:
    account = next((account_number(each.text) for each in said if each.gives == "account"), None)
    names = [read_currency(each.text) for each in said if each.gives == "currency"]
    return Own(account, layout.currency or next((name for name in names if name is not None), None))


def _above(layout: Layout, row: Row, gathered: Gathered) -> None:
    """Take what a row above the header says by its labels, or else the whole row as a remark."""
    try:
        cells = layout.cutting.cells(row)
    except StatementError:
        cells = [row.text]
    said = list(line_values(layout, cells, row.line))
    gathered.said.extend(said)
    if not said:
        text = " ".join(" ".join(cell.lstrip("\ufeff").split()) for cell in cells if cell.strip())
        if text:
            gathered.remarks.append(text)


def _take(row: Row, layout: Layout, sorter: Sorter, reader: DraftReader, gathered: Gathered, budget: Budget) -> None:
    """Take one row for what it is."""
    cells = sorter.cells(row)
    kind = sorter.kind(cells, row.line)
    if kind is Kind.ENTRY:
        budget.entry(row.line)
        gathered.entries += 1
        if gathered.loose:
            _refuse_loose(gathered, budget)
        gathered.drafts.append(reader.draft(row, cells))
    elif kind in gathered.left_out:
        gathered.left_out[kind] += 1
    elif kind is Kind.LOOSE:
        gathered.loose.append(row)
    elif kind is Kind.LINE:
        gathered.said.extend(line_values(layout, cells, row.line))
    elif kind is Kind.ASIDE:
        _take_aside(row, cells, layout, gathered)
    elif kind in (Kind.DETAIL, Kind.CONTINUATION):
        _take_below(row, kind, gathered, budget)


def _refuse_loose(gathered: Gathered, budget: Budget) -> None:
    """Rows with a single cell may end a file; between entries they are something that is not understood."""
    for row in gathered.loose:
        error = refused(_FORMAT, "a row with a single cell stands between entries", row.line)
        gathered.findings.append(budget.spare(error))
    gathered.loose.clear()


def _take_aside(row: Row, cells: list[str], layout: Layout, gathered: Gathered) -> None:
    """Take the balances of a row in which only cells beside the entries are filled."""
    for name in ("opening", "closing"):
        text = cells[layout.place(name)].strip()
        if text:
            gathered.said.append(Said(name, text, row.line))


def _take_below(row: Row, kind: Kind, gathered: Gathered, budget: Budget) -> None:
    """Take a row that goes on with the entry above it."""
    if not gathered.drafts:
        raise refused(_FORMAT, "a row goes on with an entry, and there is none above it", row.line)
    last = gathered.drafts[-1]
    if kind is Kind.DETAIL:
        budget.entry(row.line)
        last.details = [*(last.details or []), row]
    else:
        last.more = [*(last.more or []), row]


def _plain(row: Row) -> str:
    return " ".join(row.text.strip(";,|\t\"' ").split())
