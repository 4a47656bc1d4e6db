"""``oimkit export``: the records of a model in a file, JSONL or CSV, gone on with after an interruption."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from oimkit.cli.call import Call, common_options, connection_options, with_call
from oimkit.cli.connection import open_connection
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.errors import BadReply, InputError, InvalidCall, OdooError
from oimkit.odoo.codec import Wire, parse_json
from oimkit.odoo.export import export
from oimkit.odoo.lines import Form
from oimkit.odoo.reading import BATCH

__all__ = ["command"]


@click.command("export")
@click.argument("model")
@click.option(
    "--fields", required=True, metavar="A,B,C", help="Fields beside id, with commas; an empty text is ids alone."
)
@click.option(
    "--domain",
    default="[]",
    metavar="JSON",
    help="""Which records: '[["is_company", "=", true]]'; all when left out.""",
)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to make.")
@click.option("--format", "form", type=click.Choice(get_args(Form)), help="Default: as the file is named.")
@click.option("--resume", is_flag=True, help="Go on with an export that was interrupted; begin where none was.")
@click.option("--names", is_flag=True, help="Also the names of the records that many2one fields point to.")
@click.option(
    "--formulas",
    type=click.Choice(("guard", "keep")),
    default="guard",
    show_default=True,
    help="CSV texts that begin with = + - @: guard puts an apostrophe in front, keep leaves them.",
)
@click.option("--archived", is_flag=True, help="Archived records too.")
@click.option("--batch", type=click.IntRange(1, 100_000), default=BATCH, show_default=True, help="Records a call.")
@connection_options
@common_options
@with_call
def command(
    call: Call,
    output: Output,
    model: str,
    fields: str,
    domain: str,
    out: Path,
    form: Form | None,
    resume: bool,
    names: bool,
    formulas: str,
    archived: bool,
    batch: int,
) -> Exit:
    """Write the records of MODEL to a file, in the order of their ids.

    docs/reading.md tells what the file holds and what is complete while others write.
    """
    question = _domain(domain)
    odoo = open_connection(call)
    try:
        with output.progress(f"{model}: records written") as steps:
            done = export(
                odoo,
                model,
                question,
                [name.strip() for name in fields.split(",") if name.strip()],
                out,
                form=form,
                resume=resume,
                names=names,
                guard_formulas=formulas == "guard",
                active_test=False if archived else None,
                batch=batch,
                written=steps.advance,
            )
    except InvalidCall as error:  # a model, a field or a domain that is not there: mend the question
        raise InputError(error.reason, advice=error.advice) from None
    except (OdooError, KeyboardInterrupt):
        if out.with_name(out.name + ".state").exists():
            output.say(f"what is in {out.name}.part stays; the same command with --resume goes on with it")
        raise
    if call.json:
        output.record({"model": model, "file": str(out), "records": done.records, "resumed": done.resumed})
    else:
        earlier = f", {done.resumed} of them before it was interrupted" if done.resumed else ""
        output.line(f"{done.records} records of {model} written to {out}{earlier}")
    return Exit.DONE


def _domain(text: str) -> list[Wire]:
    try:
        domain = parse_json(text.encode())
    except (BadReply, UnicodeEncodeError):
        domain = None
    if not isinstance(domain, list):
        raise InputError(
            "--domain is no JSON list",
            advice="""write it as '[["field", "=", "value"]]', in single quotes for the shell""",
        )
    return domain
