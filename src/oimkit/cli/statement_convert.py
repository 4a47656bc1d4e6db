"""``oimkit statement convert``: statement files written in another format."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from oimkit.banking import Statement, read_statements, write_statements
from oimkit.banking.limits import LIMITS
from oimkit.banking.writing import WRITERS, Loss
from oimkit.cli.call import Call, common_options, with_call
from oimkit.cli.exits import Exit
from oimkit.cli.files import read_bytes, write_bytes
from oimkit.cli.output import Output
from oimkit.cli.refusals import refuse_file
from oimkit.cli.statement_csv import csv_profile_option, profile_in
from oimkit.errors import InputError

__all__ = ["convert"]


@click.command("convert")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--to", "target", type=click.Choice(sorted(WRITERS)), default="camt053", show_default=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where the new file goes.")
@click.option("--format", "format_", metavar="FORMAT", help="Read as this format instead of recognising it by content.")
@csv_profile_option
@click.option("--accept-unbalanced", is_flag=True, help="Take statements whose balances and entries disagree.")
@common_options
@with_call
def convert(
    call: Call,
    output: Output,
    files: tuple[str, ...],
    target: str,
    out: Path,
    format_: str | None,
    csv_profile: str | None,
    accept_unbalanced: bool,
) -> Exit:
    """Write the statements of all FILEs into one file of another format, read it back and compare.

    Accounts, amounts, dates and balances are always carried, else nothing is written. Every other field that the new
    format cannot carry is counted (status 1). Nothing is written when one of the files is refused.
    """
    mode: Literal["report", "refuse"] = "report" if accept_unbalanced else "refuse"
    profile = profile_in(csv_profile, format_)
    statements: list[Statement] = []
    digest = hashlib.sha256()
    refused = False
    for name in files:
        try:
            data = read_bytes(name, limit_bytes=LIMITS.bytes)
            digest.update(data)
            statements.extend(read_statements(data, format=format_, profile=profile, unbalanced=mode))
        except InputError as error:
            refuse_file(call, output, name, error)
            refused = True
    if refused:
        return Exit.REFUSED
    written = write_statements(
        statements, target, message_id=f"OIMKIT-{digest.hexdigest()[:24]}", created=datetime.now(UTC)
    )
    write_bytes(out, written.data)
    _show(call, output, out, statements, written.losses)
    return Exit.FINDINGS if written.losses else Exit.DONE


def _show(call: Call, output: Output, out: Path, statements: Sequence[Statement], losses: Sequence[Loss]) -> None:
    entries = sum(len(statement.entries) for statement in statements)
    if call.json:
        output.record(
            {
                "out": str(out),
                "statements": len(statements),
                "entries": entries,
                "losses": [asdict(loss) for loss in losses],
            }
        )
        return
    output.line(f"{len(statements)} statements with {entries} entries written to {out}")
    counts = Counter(loss.field for loss in losses)
    if counts:
        output.line("read back otherwise than they were:")
        output.table(("field", "times"), [(field, str(count)) for field, count in counts.most_common()])
