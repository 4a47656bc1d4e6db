"""Bank statement files: bytes -> statements, recognised by content, checked by the balance equation."""

from __future__ import annotations

from typing import Literal

from oimkit.banking.detect import KNOWN_FORMATS, detect
from oimkit.banking.formats import FORMATS
from oimkit.banking.formats._common import LOSSES
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Statement
from oimkit.errors import InputError, StatementError

__all__ = ["read_statements"]


def read_statements(
    data: bytes,
    *,
    format: str | None = None,  # noqa: A002  the field's own word, as in the command's output
    unbalanced: Literal["refuse", "report"] = "refuse",
    limits: Limits = LIMITS,
) -> tuple[Statement, ...]:
    """Every statement of a file as the bank sent it: one per message or page, in file order.

    Args:
        data: the file as received, at most ``limits.bytes`` long.
        format: the format's name, or None to recognise it by content.
        unbalanced: ``refuse`` raises when a statement with two balances does not close (opening + booked entries
            is not closing), or when something of it could not be read: an entry without an amount, a balance.
            ``report`` gives such statements with ``balanced`` False or None and findings that say why.
        limits: bounds on size, line length, entries, statements and nesting.

    Raises:
        StatementError: the file is not in a format that is read, cannot be read in exactly one way, breaks a limit
            or (with ``refuse``) does not close. Carries format, line and tag, never the text of the file.

    >>> data = b":20:A\\n:25:NL1\\n:28C:1\\n:60F:C250101EUR10,00\\n:61:250102D4,00NTRF//B1\\n:62F:C250102EUR6,00\\n-\\n"
    >>> read_statements(data)
    (Statement(mt940, 1 entries, EUR, balanced=True),)
    """
    if unbalanced not in ("refuse", "report"):
        raise InputError("unbalanced is 'refuse' or 'report'")
    if len(data) > limits.bytes:
        raise StatementError(
            f"the file is larger than {limits.bytes} bytes",
            format=format,
            advice="split it, or read it with higher limits",
        )
    name = detect(data) if format is None else _named(format)
    reader = FORMATS.get(name)
    if reader is None:
        raise StatementError(
            f"the file is recognised as {name}, which is not read yet",
            format=name,
            advice=f"ask the bank for one of {', '.join(FORMATS)}",
        )
    statements = reader.read(data, limits=limits)
    if unbalanced == "refuse":
        for index, statement in enumerate(statements, 1):
            _refuse_incomplete(statement, index)
    return statements


def _named(name: str) -> str:
    if name not in KNOWN_FORMATS:
        raise StatementError(
            "no format has this name", advice=f"use one of {', '.join(KNOWN_FORMATS)}, or none to detect it"
        )
    return name


def _refuse_incomplete(statement: Statement, index: int) -> None:
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
