"""One matcher over one generated set in a process of its own: processor seconds, memory, predictions."""

from __future__ import annotations

import json
import multiprocessing
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bench.matchers.plain import by_reference, by_similarity
from oimkit.banking.matching import OpenItem, match
from oimkit.banking.matching.benchmark_files import prediction_rows, read_open_items, read_terms, read_transactions
from oimkit.banking.statement import Entry

__all__ = ["MATCHERS", "Run", "run"]

Row = dict[str, object]

PLAIN = {"rapidfuzz, blocked by amount": by_similarity, "reference and amount": by_reference}
MATCHERS = ("oimkit", *PLAIN)


@dataclass(frozen=True, slots=True)
class Run:
    """load_s and match_s in processor seconds of one core; memory in MB, of the whole process at its most."""

    load_s: float
    match_s: float
    loaded_mb: int
    peak_mb: int


def run(matcher: str, folder: Path, predictions: Path) -> Run:
    """*matcher* over the set in *folder*; its predictions go to a file, which is timed by nobody."""
    receiver, sender = multiprocessing.get_context("spawn").Pipe(duplex=False)
    child = multiprocessing.get_context("spawn").Process(target=_run, args=(matcher, folder, predictions, sender))
    child.start()
    sender.close()
    try:
        done: Run = receiver.recv()
    finally:
        child.join()
    return done


def _run(matcher: str, folder: Path, predictions: Path, sender: Connection) -> None:
    begun = time.process_time()
    terms = read_terms((folder / "meta.json").read_text(encoding="utf-8"))
    with (folder / "transactions.jsonl").open(encoding="utf-8") as lines:
        entries = read_transactions(lines)
    with (folder / "open_items.jsonl").open(encoding="utf-8") as lines:
        items = read_open_items(lines, terms=terms)
    loaded, loaded_mb = time.process_time(), _peak_mb()
    if matcher == "oimkit":
        result = match(entries, items, terms=terms)
        matched = time.process_time()
        rows = prediction_rows(result)
    else:
        taken = list(PLAIN[matcher](entries, items))
        matched = time.process_time()
        rows = _rows(entries, taken)
    done = Run(loaded - begun, matched - loaded, loaded_mb, _peak_mb())
    predictions.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    sender.send(done)


def _rows(entries: Sequence[Entry], taken: Sequence[OpenItem | None]) -> Iterator[Row]:
    for entry, item in zip(entries, taken, strict=True):
        allocations = [{"item_id": item.id, "amount": item.residual.text}] if item is not None else []
        yield {
            "tx_id": entry.id,
            "decision": "auto" if item is not None else "none",
            "allocations": allocations,
            "suggestions": [],
        }


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
