"""Statement files of any length: their statements one after the other, long ones in parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, runtime_checkable

from oimkit.banking.archives import GZIP, is_archive, refuse_nested
from oimkit.banking.cutting.camt import camt_pieces
from oimkit.banking.cutting.ofx import ofx_pieces
from oimkit.banking.cutting.sources import Plain, Unfolded
from oimkit.banking.cutting.swift import swift_pieces
from oimkit.banking.cutting.texts import Texts
from oimkit.banking.detect import detect
from oimkit.banking.exact import EXACT, summed
from oimkit.banking.formats._common import Budget, Damaged
from oimkit.banking.formats.camt import declared_in_camt, each_container
from oimkit.banking.formats.mt940_blocks import Kind
from oimkit.banking.formats.mt940_statements import each_message
from oimkit.banking.formats.ofx import declared_in_ofx, each_account
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.pages import UNBALANCED_PARTS, is_next_part
from oimkit.banking.reading import read_statements, refuse_incomplete, refuse_other_modes
from oimkit.banking.statement import Balance, Finding, Statement
from oimkit.errors import InputError, StatementError
from oimkit.money import Money

__all__ = ["FilePath", "iter_statements"]

PIECE_CHARS = 256 * 1024
"""Characters of a file that are read at a time."""

_HEAD_BYTES = 64 * 1024
"""What detect looks at."""


@runtime_checkable
class FilePath(Protocol):
    """A path as pathlib and other packages have it (os.PathLike)."""

    def __fspath__(self) -> str: ...


def iter_statements(
    source: BinaryIO | FilePath | str,
    *,
    format: str | None = None,  # noqa: A002  the field's own word, as in the command's output
    unbalanced: Literal["refuse", "report"] = "refuse",
    damaged: Damaged = "refuse",
    limits: Limits = LIMITS,
    part_entries: int = 5_000,
) -> Iterator[Statement]:
    """The statements of a file in its order, however long it is; join_pages of them is that of read_statements.

    A statement of more than *part_entries* entries comes in parts. Every part has the account, the currency, the number
    and whatever else stands above the entries. All but the last are ``continued`` and have no closing balance, all but
    the first ``continues`` and have no opening balance; one that a file prints below the entries comes with the last
    part. What a bank says of the whole (balances, totals) is checked when its last part comes.

    MT940, MT942, CAMT and OFX files, packed by gzip or not, are read in pieces, and memory does not grow with the file.
    Files in other formats and ZIP archives are read whole, and must not be larger than ``limits.bytes``.

    Args:
        source: a binary stream, which is left open, or the path of a file.
        format, unbalanced, damaged: as read_statements has them. A statement in parts that does not close raises at its
            last part, or has the finding ``parts-unbalanced`` there.
        limits: as read_statements has them, over the whole file, but for ``bytes``: that bounds what is held at a time
            (what stands between two statements or parts), not the size of a file that is read in pieces.
        part_entries: how many entries a statement or a part of one holds at most, the transactions of batches
            included; a batch of more is a part of its own.

    Raises:
        StatementError: as read_statements, when the place is reached; what came before has been given. Also for a file
            whose encoding is found wrong on the way, and for a statement in parts of which something stands below its
            entries that changes how those above have to be read.
        InputError: an argument has no such value, or the source gives text.
        OSError: the source cannot be opened or read.

    >>> import io
    >>> data = b":20:A\\n:25:NL1\\n:28C:1\\n:60F:C250101EUR10,00\\n:61:250102D4,00NTRF//B1\\n:62F:C250102EUR6,00\\n-\\n"
    >>> next(iter_statements(io.BytesIO(data)))
    Statement(mt940, 1 entries, EUR, balanced=True)
    """
    refuse_other_modes(unbalanced, damaged)
    if part_entries < 1:
        raise InputError("a part holds at least one entry, so that part_entries is at least 1")
    reading = _Reading(format, unbalanced, damaged, limits, part_entries)
    if isinstance(source, (str, FilePath)):
        return _of_path(Path(source), reading)
    if not callable(getattr(source, "read", None)):
        raise InputError("the source is neither a binary stream nor a path", advice="give bytes to read_statements")
    return reading.of(Plain(source))


def _of_path(path: Path, reading: _Reading) -> Iterator[Statement]:
    with path.open("rb") as stream:
        yield from reading.of(Plain(stream))


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one file is to be read."""

    format: str | None
    unbalanced: Literal["refuse", "report"]
    damaged: Damaged
    limits: Limits
    part_entries: int

    def of(self, source: Plain) -> Iterator[Statement]:
        """The statements of *source*, checked."""
        if source.peek(len(GZIP)) != GZIP:
            yield from self._of_file(source)
            return
        content = Plain(Unfolded(source, self.limits))
        refuse_nested(content.peek(_HEAD_BYTES))
        for statement in self._of_file(content):
            yield replace(statement, member=1)

    def _of_file(self, source: Plain) -> Iterator[Statement]:
        head = source.peek(_HEAD_BYTES)
        name = self.format if is_archive(head) else self.format or detect(head)
        if name is None or name not in _STREAMED:
            yield from self._whole(source, name)
            return
        texts = Texts(source, name, _declared(name, head), self.limits)
        for statement in _checked(self._parts(texts, name), self.unbalanced):
            texts.given()
            yield statement

    def _parts(self, texts: Texts, name: str) -> Iterator[Statement]:
        """The statements of a file that is read in pieces, long ones in parts."""
        budget = Budget(name, self.limits, self.damaged)
        most = self.part_entries

        def findings() -> tuple[Finding, ...]:
            return texts.findings

        if name in ("mt940", "mt942"):
            kind: Kind = "mt940" if name == "mt940" else "mt942"
            return each_message(swift_pieces(texts, PIECE_CHARS), kind, findings, budget, part_entries=most)
        if name in ("ofx1", "ofx2"):
            return each_account(ofx_pieces(texts, PIECE_CHARS), findings, budget, part_entries=most)
        return each_container(camt_pieces(texts, PIECE_CHARS), findings, budget, part_entries=most)

    def _whole(self, source: Plain, name: str | None) -> Iterator[Statement]:
        """The statements of a file that is read whole, each in one."""
        data = source.read(self.limits.bytes + 1)
        if len(data) > self.limits.bytes:
            raise StatementError(
                f"the file is larger than {self.limits.bytes} bytes, and of a kind that is read whole",
                format=name,
                advice="unpack or split it, or read it with higher limits",
            )
        yield from read_statements(
            data, format=name, unbalanced=self.unbalanced, damaged=self.damaged, limits=self.limits
        )


_STREAMED = frozenset({"mt940", "mt942", "ofx1", "ofx2", "camt052", "camt053", "camt054"})


def _declared(name: str, head: bytes) -> str | None:
    """The encoding that the beginning of a file names, where its format has a place for that."""
    if name.startswith("ofx"):
        return declared_in_ofx(head)
    return declared_in_camt(head) if name.startswith("camt") else None


# -- statements checked -------------------------------------------------------------------------------------------


def _checked(statements: Iterable[Statement], unbalanced: str) -> Iterator[Statement]:
    """The statements and parts; refused, or reported, where a whole one does not close or is not complete."""
    running: _Running | None = None
    number = 0
    for statement in statements:
        if running is None or not is_next_part(running.last, statement):
            number += 1
            running = _Running(statement.opening)
        running.add(statement)
        whole = running.whole(statement)
        if unbalanced == "refuse":
            running.refuse_turned(whole, number)
            refuse_incomplete(whole, number)
        elif running.parts > 1 and whole.balanced is False:
            statement = replace(statement, findings=(*statement.findings, running.finding(whole)))
        yield statement


class _Running:
    """The parts of one statement as they pass: their sum, that of their reversals, and the last of them."""

    def __init__(self, opening: Balance | None) -> None:
        self.opening = opening
        self.parts = 0
        self.sum = self.reversed = Decimal(0)
        self.last: Statement

    def add(self, part: Statement) -> None:
        """Count another part."""
        self.parts += 1
        self.last = part
        if self.opening is None:
            self.opening = part.opening
        booked = part.booked
        self.sum = summed([self.sum, *(entry.amount.amount for entry in booked)])
        self.reversed = summed([self.reversed, *(entry.amount.amount for entry in booked if entry.reversal)])

    def whole(self, part: Statement) -> Statement:
        """*part* as it balances with all before it: one of several without entries, opening where these end."""
        if self.parts == 1 or self.opening is None or part.closing is None:
            return part
        amount = self.opening.amount
        if amount.currency == part.currency:
            amount = Money(EXACT.add(amount.amount, self.sum), part.currency)
        return replace(part, entries=(), opening=replace(self.opening, amount=amount))

    def refuse_turned(self, whole: Statement, number: int) -> None:
        """Raise when a statement in parts closes with its reversals turned alone: a whole one is read so."""
        if self.is_turned(whole):
            raise StatementError(
                f"statement {number} closes only when its reversals count against their credit or debit mark, which "
                "cannot be decided in parts",
                format=whole.format,
                line=whole.line,
                tag="RvslInd",
                advice="read it whole with read_statements, or with more entries in a part",
            )

    def is_turned(self, whole: Statement) -> bool:
        """True when a CAMT statement in parts does not close as printed, and does with its reversals turned."""
        difference = whole.difference
        if self.parts == 1 or not whole.format.startswith("camt") or not self.reversed or difference is None:
            return False
        return bool(difference.amount) and difference.amount == EXACT.add(self.reversed, self.reversed)

    def finding(self, whole: Statement) -> Finding:
        """What a person should know of a statement in parts that does not close."""
        if self.is_turned(whole):
            reason = "the statement closes only when its reversals count against their credit or debit mark"
        else:
            reason = "the statement does not close: opening and entries differ from the closing balance"
        return Finding(UNBALANCED_PARTS, reason, whole.line)
