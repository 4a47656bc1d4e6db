"""Bank statement files: bytes -> statements, recognised by content, checked by the balance equation."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

from oimkit.banking.archives import is_archive, unpacked
from oimkit.banking.collecting import without_collector
from oimkit.banking.csv_profiles.model import Profile
from oimkit.banking.detect import KNOWN_FORMATS, detect
from oimkit.banking.formats import Reader, format_named
from oimkit.banking.formats._common import LOSSES, Damaged
from oimkit.banking.formats.csv_statements import read_csv
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Statement
from oimkit.errors import InputError, StatementError

__all__ = ["read_statements", "refuse_incomplete", "refuse_other_modes"]


def read_statements(
    data: bytes,
    *,
    format: str | None = None,  # noqa: A002  the field's own word, as in the command's output
    profile: Profile | None = None,
    unbalanced: Literal["refuse", "report"] = "refuse",
    damaged: Damaged = "refuse",
    limits: Limits = LIMITS,
) -> tuple[Statement, ...]:
    """Every statement of a file as the bank sent it: one per message or page, in file order.

    Args:
        data: the file as received, at most ``limits.bytes`` long; a ZIP or gzip archive of statement files as well.
        format: the format's name, or None to recognise it by content.
        profile: the layout of a bank's CSV file; the file is then read as CSV by it and by nothing else.
        unbalanced: ``refuse`` raises when a statement with two balances does not close (opening + booked entries
            is not closing), or when something of it could not be read: an entry without an amount, a balance.
            ``report`` gives such statements with ``balanced`` False or None and findings that say why.
        damaged: ``refuse`` raises when a record cannot be read in exactly one way. ``report`` leaves it out, gives
            the good ones, and a finding ``record-not-read`` with its line for each that is missing. Only with
            ``unbalanced="report"``, for a statement that lacks a record is not complete.
        limits: bounds on size, line length, entries, statements, nesting and files in an archive.

    Raises:
        StatementError: the file is not in a format that is read, cannot be read in exactly one way, breaks a limit
            or (with ``refuse``) does not close. Carries format, line and tag, never the text of the file.
        InputError: an argument has no such value.

    >>> data = b":20:A\\n:25:NL1\\n:28C:1\\n:60F:C250101EUR10,00\\n:61:250102D4,00NTRF//B1\\n:62F:C250102EUR6,00\\n-\\n"
    >>> read_statements(data)
    (Statement(mt940, 1 entries, EUR, balanced=True),)
    """
    refuse_other_modes(unbalanced, damaged)
    if profile is not None and format not in (None, "csv"):
        raise InputError("a profile is of a CSV file, so that format must be None or 'csv'")
    if not isinstance(data, bytes):
        raise InputError(
            f"a statement file is given as bytes, not as {type(data).__name__}",
            advice="open it: Path(...).read_bytes(); iter_statements takes a path",
        )
    _refuse_larger(data, limits, format)
    read = None if format is None and profile is None else _reader_of(format or "csv", profile)
    if is_archive(data):
        return _read_archive(data, read, unbalanced, damaged, limits)
    return _read(data, read, unbalanced, damaged, limits)


def refuse_other_modes(unbalanced: str, damaged: str) -> None:
    """InputError for words that read_statements does not know, and for two that do not go together."""
    if unbalanced not in ("refuse", "report") or damaged not in ("refuse", "report"):
        raise InputError("unbalanced and damaged are 'refuse' or 'report'")
    if damaged == "report" and unbalanced == "refuse":
        raise InputError("damaged='report' leaves records out, so that unbalanced must be 'report' as well")


def _read_archive(
    data: bytes, read: Reader | None, unbalanced: str, damaged: Damaged, limits: Limits
) -> tuple[Statement, ...]:
    """The statements of every file in an archive, each with the number of its file."""
    found: list[Statement] = []
    for number, content in enumerate(unpacked(data, limits), 1):
        try:
            statements = _read(content, read, unbalanced, damaged, limits)
        except StatementError as error:
            raise StatementError(
                f"file {number} of the archive: {error.reason}",
                format=error.format,
                line=error.line,
                tag=error.tag,
                advice=error.advice,
            ) from None
        found.extend(replace(statement, member=number) for statement in statements)
    return tuple(found)


def _read(data: bytes, read: Reader | None, unbalanced: str, damaged: Damaged, limits: Limits) -> tuple[Statement, ...]:
    """The statements of one file, checked; without *read* by the reader of the format that its content shows."""
    read = _reader_of(detect(data)) if read is None else read
    with without_collector():
        statements = read(data, limits=limits, damaged=damaged)
    if unbalanced == "refuse":
        for index, statement in enumerate(statements, 1):
            refuse_incomplete(statement, index)
    return statements


def _refuse_larger(data: bytes, limits: Limits, name: str | None) -> None:
    if len(data) > limits.bytes:
        raise StatementError(
            f"the file is larger than {limits.bytes} bytes",
            format=name,
            advice="split it, or read it with higher limits",
        )


def _reader_of(name: str, profile: Profile | None = None) -> Reader:
    """The reader of the format *name*, oimkit's own or another package's; of CSV by *profile* where one is given."""
    if profile is not None:
        return partial(read_csv, profile=profile)
    found = format_named(name)
    if found is None:
        raise StatementError(
            "no format has this name", advice=f"use one of {', '.join(KNOWN_FORMATS)}, or none to detect it"
        )
    return found.read


def refuse_incomplete(statement: Statement, index: int) -> None:
    """Raise when the statement does not close or something of it was not read."""
    where = f"statement {index}" if statement.line is None else f"statement {index} (from line {statement.line})"
    if statement.balanced is False:
        difference = statement.difference
        by = "; its balances are in two currencies" if difference is None else f" by {difference}"
        raise StatementError(
            f"{where} does not close: opening and entries differ from the closing balance{by}",
            format=statement.format,
            line=statement.line,
            advice='ask the bank for the whole statement, or read it with unbalanced="report"',
        )
    for finding in statement.findings:
        if finding.code in LOSSES:
            raise StatementError(
                f"{where} is not complete: {finding.reason}",
                format=statement.format,
                line=finding.line,
                tag=finding.tag,
                advice='ask the bank for the whole statement, or read it with unbalanced="report"',
            )
