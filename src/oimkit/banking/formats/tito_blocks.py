"""Records of the Finnish machine-readable statement put in their places: statements, movements, what is below them."""

from __future__ import annotations

from dataclasses import dataclass, field

from oimkit.banking.formats._common import Budget, refused
from oimkit.banking.formats.records import Record
from oimkit.banking.formats.tito_records import FORMAT, Line
from oimkit.banking.statement import Finding
from oimkit.errors import StatementError

__all__ = ["MOVEMENTS", "Block", "File", "Row"]

MOVEMENTS = ("T10", "T80")
_MOVEMENT_LENGTH = "188"


@dataclass(slots=True, repr=False)
class Row:
    """One movement (T10, T80): its record, what stands below it (T11, T81), and its nesting, 0 for the top."""

    head: Record
    level: int
    texts: list[Record] = field(default_factory=list)


@dataclass(slots=True, repr=False)
class Block:
    """The records of one statement; a day's balance (T40) comes with the number of rows above it."""

    header: Record
    rows: list[Row] = field(default_factory=list)
    balances: list[tuple[Record, int]] = field(default_factory=list)
    totals: list[Record] = field(default_factory=list)
    notes: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True, repr=False)
class File:
    """A file while its records are put where they belong; ``lost`` counts the movements that were left out."""

    budget: Budget
    blocks: list[Block] = field(default_factory=list)
    loose: list[Finding] = field(default_factory=list)
    lost: int = 0
    dropped: int | None = None
    line: int = 1

    def take(self, line: Line) -> None:
        """Put one record where it belongs; one that belongs nowhere is refused or reported."""
        self.line = line.record.line
        try:
            if line.refusal is not None:
                raise line.refusal
            self._place(line.code, line.record)
        except StatementError as error:
            self._lose(line)
            findings = self.blocks[-1].findings if self.blocks else self.loose
            findings.append(self.budget.spare(error))

    def close(self) -> None:
        """Refuse a file without statements and one that is cut off."""
        if not self.blocks:
            raise refused(FORMAT, "the file holds no statement (record T00)", self.line)
        last = self.blocks[-1]
        if last.rows and (not last.balances or last.balances[-1][1] < len(last.rows)):
            raise refused(
                FORMAT, "the file is cut off: no balance (T40) stands below the last movements", self.line, "T40"
            )
        self.blocks[0].findings[:0] = self.loose

    def _lose(self, line: Line) -> None:
        """A movement that is left out takes the rows nested in it along."""
        if line.code in MOVEMENTS:
            self.lost += 1
            if self.dropped is None:
                level = line.record.columns(188, 188)
                self.dropped = int(level) if level.isascii() and level.isdigit() else 0

    def _place(self, code: str, record: Record) -> None:
        if code == "T00":
            self.budget.statement(record.line)
            self.blocks.append(Block(record))
            self.dropped = None
            return
        if not self.blocks:
            raise record.refused("a record stands above the first statement (T00)", code)
        block = self.blocks[-1]
        if code in MOVEMENTS:
            self._add(block, code, record)
        elif code in ("T11", "T81"):
            self._add_text(block, code, record)
        elif code == "T40":
            block.balances.append((record, len(block.rows)))
        elif code == "T50":
            block.totals.append(record)
        elif code == "T70":
            block.notes.append(record)
        elif code not in ("T51", "T60"):
            raise record.refused("a record has a code that is not read", code)

    def _add(self, block: Block, code: str, record: Record) -> None:
        self.budget.entry(record.line)
        if record.columns(4, 6) != _MOVEMENT_LENGTH:
            raise record.refused(f"a movement is not {_MOVEMENT_LENGTH} characters long", "columns 4-6")
        printed = record.columns(188, 188).strip() or "0"
        if not (printed.isascii() and printed.isdigit()):
            raise record.refused("the level of a movement is no digit", "columns 188-188")
        level = int(printed)
        if self.dropped is not None and level > self.dropped:
            raise record.refused("a movement is nested in one that was left out", code)
        self.dropped = None
        if level and not block.rows:
            raise record.refused("a movement is nested in none", "columns 188-188")
        block.rows.append(Row(record, level))

    def _add_text(self, block: Block, code: str, record: Record) -> None:
        """Additional information stands below its movement; below one that was left out it is left out with it."""
        if self.dropped is not None:
            return
        if not block.rows or (block.balances and block.balances[-1][1] == len(block.rows)):
            raise record.refused("additional information stands below no movement", code)
        block.rows[-1].texts.append(record)
