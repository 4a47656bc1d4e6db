"""Play mutants: ``python -m tests.mutants --mutants 100000 [--format mt940] [--seed 1]``.

A mutant is an invented statement in which one character of a digit, a sign, a mark or a currency is another one. It has
to be refused, or given with a finding or a balance that does not close that the original has not, or to be read as what
it says now: with the very amounts, and value days, that a dumb reader finds in it. Anything else is a silent misreading
and printed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from oimkit.banking import FORMATS, Statement, read_statements
from oimkit.errors import StatementError
from tests.mutants.dumb import CSV_FILES, DAYS, UNORDERED, Days, Dumb, dumb_for

FILES = Path(__file__).resolve().parent.parent / "files"

CHANGES = (
    *((b"C", b"D"), (b"D", b"C"), (b"R", b"C"), (b"+", b"-"), (b"-", b"+"), (b",", b"."), (b".", b",")),
    *((b"E", b"U"), (b"U", b"C"), (b"1", b"l"), (b"0", b"O"), (b"5", b" "), (b" ", b"1"), (b"{", b"}"), (b"A", b"J")),
    *((b" ", b"-"), (b" ", b"0"), (b"0", b" "), (b"0", b"-"), (b"}", b"{"), (b"J", b"A"), (b"'", b"."), (b"/", b"1")),
    *((b";", b","), (b",", b";"), (b'"', b" "), (b"2", b"."), (b"3", b","), (b"E", b"R"), (b"C", b"E"), (b"B", b"K")),
)


@dataclass(frozen=True, slots=True)
class Original:
    """A good file: what is known of it, and the dumb readers to compare with; that of days where it can read it."""

    format: str
    name: str
    data: bytes
    dumb: Dumb
    known: Counter[str]
    days: Days | None


def originals(name: str) -> list[Original]:
    """The invented files of a format that read without refusal, and whose amounts the dumb reader finds as well."""
    paths = [*sorted((FILES / name).glob("*.*")), *sorted((FILES / "golden" / name).glob("*.*"))]
    known = [path for path in paths if path.suffix != ".json" and (name != "csv" or path.stem in CSV_FILES)]
    found = [_original(name, path) for path in known]
    return [original for original in found if outcome(original, original.data) == "as it says"]


def _original(name: str, path: Path) -> Original:
    data = path.read_bytes()
    statements = _read(name, data)
    days = DAYS.get(name)
    try:
        known_days = days if days is not None and days(data) == value_days(statements) else None
    except (LookupError, ValueError):
        known_days = None
    return Original(name, path.stem, data, dumb_for(name, path.stem), codes(statements), known_days)


def outcome(original: Original, data: bytes) -> str:
    """What came of *data*, a mutant of *original*: refused, reported, as it says, or misread."""
    try:
        statements = _read(original.format, data)
    except StatementError:
        return "refused"
    if any(statement.balanced is False for statement in statements) or codes(statements) - original.known:
        return "reported"
    try:
        return "as it says" if _agree(original, data, statements) else "misread"
    except (ArithmeticError, LookupError, ValueError, SyntaxError):  # the dumb reader cannot read it at all
        return "misread"


def _agree(original: Original, data: bytes, statements: tuple[Statement, ...]) -> bool:
    """True when amounts, and value days where a dumb reader finds them, are what *data* says."""
    found = amounts(statements)
    if (sorted(found) if original.format in UNORDERED else found) != original.dumb(data):
        return False
    return original.days is None or value_days(statements) == original.days(data)


def _read(name: str, data: bytes) -> tuple[Statement, ...]:
    return read_statements(data, format=name, unbalanced="report")


def codes(statements: tuple[Statement, ...]) -> Counter[str]:
    """How often each finding is there."""
    return Counter(finding.code for statement in statements for finding in statement.findings)


def amounts(statements: tuple[Statement, ...]) -> list[Decimal]:
    return [entry.amount.amount for statement in statements for entry in statement.booked]


def value_days(statements: tuple[Statement, ...]) -> list[date]:
    return [entry.value_date for statement in statements for entry in statement.booked]


def mutants(pool: list[Original], chance: random.Random) -> Iterator[tuple[Original, bytes]]:
    """Files with one character changed, and what they were, without end."""
    while True:
        original = chance.choice(pool)
        data = original.data
        at = chance.randrange(len(data))
        if data[at : at + 1].isdigit() and chance.random() < 0.7:
            other = chance.choice([digit for digit in b"0123456789" if digit != data[at]])
            yield original, data[:at] + bytes([other]) + data[at + 1 :]
            continue
        fitting = [new for old, new in CHANGES if data[at : at + 1] == old]
        if fitting:
            yield original, data[:at] + chance.choice(fitting) + data[at + 1 :]


def play(name: str, count: int, seed: int) -> tuple[Counter[str], list[tuple[Original, bytes]]]:
    """Outcomes of *count* mutants of a format, and those that were misread with what they were made from."""
    chance = random.Random(f"{name} {seed}")
    told: Counter[str] = Counter()
    misread: list[tuple[Original, bytes]] = []
    for _, (original, mutant) in zip(range(count), mutants(originals(name), chance), strict=False):
        result = outcome(original, mutant)
        told[result] += 1
        if result == "misread":
            misread.append((original, mutant))
    return told, misread


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="play mutants of good statements")
    parser.add_argument("--mutants", type=int, default=100_000, help="over all formats")
    parser.add_argument("--format", choices=sorted(FORMATS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("out/mutants"), help="where misread ones are kept")
    args = parser.parse_args()
    names = [args.format] if args.format else list(FORMATS)
    failed = 0
    for name in names:
        told, misread = play(name, args.mutants // len(names), args.seed)
        what = ", ".join(f"{count} {word}" for word, count in sorted(told.items()))
        print(f"{name:9} {len(originals(name)):3} files: {what}", flush=True)
        for number, (original, mutant) in enumerate(misread[:20]):
            args.keep.mkdir(parents=True, exist_ok=True)
            (args.keep / f"{name}-{original.name}-{args.seed}-{number}").write_bytes(mutant)
        failed += len(misread)
    print(f"{failed} misread")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
