"""``oimkit match``: entries of one file against open items of another; no server is asked."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import click

from oimkit.banking.matching import Terms, match
from oimkit.banking.matching.benchmark_files import prediction_rows, read_open_items, read_terms, read_transactions
from oimkit.cli.call import Call, common_options, with_call
from oimkit.cli.exits import Exit
from oimkit.cli.files import read_text, write_text
from oimkit.cli.output import Output

__all__ = ["command"]


@click.command("match")
@click.option("--transactions", required=True, metavar="FILE", help="Transactions, one JSON object a line.")
@click.option("--open-items", required=True, metavar="FILE", help="Open items, one JSON object a line.")
@click.option("--meta", metavar="FILE", help="JSON object with own_accounts and base_currency by book.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where predictions go.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes to use.")
@common_options
@with_call
def command(
    call: Call, output: Output, transactions: str, open_items: str, meta: str | None, out: Path, workers: int
) -> Exit:
    """Match the transactions of one file against the open items of another and write one prediction a line.

    docs/banking.md has the table of the fields. Every prediction says why; what is not certain is left for review.
    """
    terms = Terms() if meta is None else read_terms(read_text(meta, what="the terms file"))
    entries = read_transactions(read_text(transactions, what="the transactions file").split("\n"))
    items = read_open_items(read_text(open_items, what="the open items file").split("\n"), terms=terms)
    output.say(f"matching {len(entries)} transactions against {len(items)} open items")
    with ProcessPoolExecutor(workers) if workers > 1 else nullcontext() as executor:
        result = match(entries, items, terms=terms, executor=executor)
    rows = [json.dumps(row, ensure_ascii=False) for row in prediction_rows(result)]
    write_text(out, "".join(row + "\n" for row in rows))
    counts = Counter(proposal.decision.value for proposal in result.proposals)
    summary = {"transactions": len(entries), "open_items": len(items)}
    summary |= {decision: counts[decision] for decision in ("auto", "review", "none")}
    if call.json:
        output.record({**summary, "out": str(out)})
    else:
        output.table(("what", "count"), [(name, str(count)) for name, count in summary.items()], right=("count",))
        output.line(f"written to {out}")
    return Exit.DONE
