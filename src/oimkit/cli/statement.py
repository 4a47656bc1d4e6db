"""``oimkit statement``: bank statement files read and shown; the import into Odoo is in statement_import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast

import click

from oimkit.banking import Statement, compare_readings, read_statements
from oimkit.banking.csv_profiles.model import Profile
from oimkit.banking.formats._common import Damaged
from oimkit.banking.limits import LIMITS
from oimkit.banking.rows import entry_row, statement_row
from oimkit.cli.call import Call, common_options, with_call
from oimkit.cli.exits import Exit, highest, status_of
from oimkit.cli.files import read_bytes
from oimkit.cli.output import Output
from oimkit.cli.refusals import refuse_file
from oimkit.cli.statement_convert import convert
from oimkit.cli.statement_csv import csv_profile_option, profile_in
from oimkit.errors import InputError

__all__ = ["command"]

_COLUMNS = ("booked", "value", "amount", "status", "counterparty", "reference", "text")

_NOTES = frozenset({"date-order", "decimal-mark", "encoding-guessed", "proved-by-balance"})
"""Findings that tell how a file was read and leave nothing open: nearly every file of some formats has one (Norma 43,
TITO and CODA with letters beyond ASCII, QIF), and a status that is always 1 would say nothing."""


class _Group(click.Group):
    """Loads the import, and with it everything that talks to a server, only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["read", "import", "convert", "profile"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "import":
            from oimkit.cli.statement_import import import_

            return import_
        if cmd_name == "profile":
            from oimkit.cli.statement_profile import profile

            return profile
        return super().get_command(ctx, cmd_name)


@click.group("statement", cls=_Group)
@common_options
def command() -> None:
    """Read bank statements, convert them, or import them into Odoo."""


command.add_command(convert)


@command.command("read")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "format_", metavar="FORMAT", help="Read as this format instead of recognising it by content.")
@csv_profile_option
@click.option(
    "--damaged",
    type=click.Choice(["refuse", "report"]),
    default="refuse",
    show_default=True,
    help="Refuse a file with a record that cannot be read, or leave such records out and list them.",
)
@click.option("--second-reading", is_flag=True, help="Read with the format's library as well and list the differences.")
@click.option("--rows", type=click.IntRange(0), default=50, show_default=True, help="Entries shown to people; 0: all.")
@common_options
@with_call
def read(
    call: Call,
    output: Output,
    files: tuple[str, ...],
    format_: str | None,
    csv_profile: str | None,
    damaged: str,
    second_reading: bool,
    rows: int,
) -> Exit:
    """Read statement files and show what they say; what a person must look at is shown and marked (status 1).

    That is a statement that does not balance, and every finding but those that only tell how a file was read.
    A file that cannot be read exactly is refused with the line and the reason (status 2); the others are still read.
    FILE may be - for standard input.
    """
    profile = profile_in(csv_profile, format_)
    wish = _Wish(
        format_ if profile is None else "csv",
        profile,
        cast("Damaged", damaged),
        second_reading=second_reading,
        rows=rows,
    )
    return highest([_read_one(call, output, name, wish) for name in files])


@dataclass(frozen=True, slots=True)
class _Wish:
    """How every file of one call is to be read and shown."""

    format: str | None
    profile: Profile | None
    damaged: Damaged
    second_reading: bool
    rows: int


def _read_one(call: Call, output: Output, name: str, wish: _Wish) -> Exit:
    try:
        data = read_bytes(name, limit_bytes=LIMITS.bytes)
        statements = read_statements(
            data, format=wish.format, profile=wish.profile, unbalanced="report", damaged=wish.damaged
        )
        differences = _differences(data, wish.format) if wish.second_reading else None
    except InputError as error:
        refuse_file(call, output, name, error)
        return status_of(error)
    for statement in statements:
        if call.json:
            row = statement_row(statement, name)
            output.record(row if differences is None else {**row, "second_reading": differences})
        else:
            _show(output, statement, name, wish.rows)
    if differences is not None and not call.json:
        _show_differences(output, differences)
    unclear = any(
        statement.balanced is False or any(finding.code not in _NOTES for finding in statement.findings)
        for statement in statements
    )
    differs = any(difference["code"] != "not-compared" for difference in differences or ())
    return Exit.FINDINGS if unclear or differs else Exit.DONE


def _differences(data: bytes, format_: str | None) -> list[dict[str, object]]:
    """What the library reads otherwise, as rows."""
    return [asdict(difference) for difference in compare_readings(data, format=format_)]


def _show(output: Output, statement: Statement, name: str, rows: int) -> None:
    """One statement for a person: what it is, its entries up to *rows*, its balances, what to look at."""
    where = name if statement.member is None else f"{name}, file {statement.member}"
    output.heading(f"{where}: {statement.format}, account {statement.account or 'not named'}, {statement.currency}")
    shown = statement.entries[:rows] if rows else statement.entries
    output.table(_COLUMNS, (_cells(entry_row(entry)) for entry in shown), right=("amount",))
    if len(shown) < len(statement.entries):
        output.line(f"and {len(statement.entries) - len(shown)} entries more (--rows 0 shows all)")
    output.line(_balances(statement), style="" if statement.balanced is not False else "bold red")
    for finding in statement.findings:
        where = "" if finding.line is None else f"line {finding.line}: "
        if finding.code in _NOTES:
            output.line(f"note: {where}{finding.reason} ({finding.code})")
        else:
            output.line(f"look at: {where}{finding.reason} ({finding.code})", style="yellow")
    output.line("")


def _cells(row: dict[str, object]) -> Sequence[str]:
    remittance = row["remittance"]
    assert isinstance(remittance, list)
    found = (
        row["booking_date"],
        row["value_date"],
        row["amount"],
        row["status"],
        row["counterparty_name"],
        row["structured_reference"] or row["end_to_end_id"] or row["reference"],
        " ".join(remittance)[:120],
    )
    return [str(cell) if cell is not None else "" for cell in found]


def _balances(statement: Statement) -> str:
    opening = statement.opening.amount if statement.opening else "not given"
    closing = statement.closing.amount if statement.closing else "not given"
    verdict = {
        True: "opening + entries = closing",
        False: f"DOES NOT BALANCE, off by {statement.difference or 'a currency'}",
        None: "cannot be checked: the format or the file gives no two balances",
    }[statement.balanced]
    return f"opening {opening}, {len(statement.booked)} booked entries, closing {closing}: {verdict}"


def _show_differences(output: Output, differences: Sequence[dict[str, object]]) -> None:
    if not differences:
        output.line("second reading: the library reads the same")
        return
    output.table(
        tuple(differences[0]), ([str(cell) if cell is not None else "" for cell in row.values()] for row in differences)
    )
