"""Fuzz the readers: ``python -m tests.fuzz --seconds 60 [--inputs N] [--target mt940] [--seed 1] [--keep FOLDER]``.

Each target runs for the given time, or on so many inputs, on random and mutated files. Anything but a statement or a
StatementError is a failure, as is an input of 8 KB that takes longer than --slow seconds; the input is written to
--keep. So is memory that grows with the inputs. Ends with one line for each target and exit status 1 when there was a
failure.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from tests.fuzz.inputs import WORDS, mutated, seeds
from tests.fuzz.targets import TARGETS, Target

MOST_BYTES = 8192

MOST_GROWTH = 96 * 2**20
"""Bytes by which the process may grow over any number of inputs: caches and inputs that are kept for others."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="fuzz the statement readers")
    parser.add_argument("--seconds", type=float, default=60.0, help="time for each target")
    parser.add_argument("--inputs", type=int, help="inputs for each target, in place of a time")
    parser.add_argument("--target", choices=[target.name for target in TARGETS])
    parser.add_argument("--seed", type=int, default=None, help="repeat a run")
    parser.add_argument("--slow", type=float, default=0.5, help="seconds of CPU that one input may take")
    parser.add_argument("--keep", type=Path, default=Path("out/fuzz"), help="where failing inputs are kept")
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if args.seed is None else args.seed
    chosen = [target for target in TARGETS if args.target in (None, target.name)]
    failures = sum(fuzz(target, args.seconds, seed, args.slow, args.keep, inputs=args.inputs) for target in chosen)
    return 1 if failures else 0


def fuzz(target: Target, seconds: float, seed: int, slow_s: float, keep: Path, *, inputs: int | None = None) -> int:
    """Run one target for *seconds*, or on so many *inputs*; print what happened and return the number of failures."""
    chance = random.Random(f"{target.name} {seed}")
    pool = seeds(target.name)
    runs = read = failures = 0
    slowest = 0.0
    memory = resident_bytes()
    begun = time.monotonic()
    while time.monotonic() < begun + seconds if inputs is None else runs < inputs:
        data = mutated(chance.choice(pool), pool, WORDS[target.name], chance, MOST_BYTES)
        start = time.process_time()
        try:
            outcome = target.run(data)
        except Exception:
            failures += 1
            report(target, data, keep, traceback.format_exc())
        else:
            read += outcome
            if outcome and len(pool) < 200 and chance.random() < 0.05:
                pool.append(data)
        taken = time.process_time() - start
        if taken > slow_s:  # a machine that stood still is not the reader's fault: what is slow is slow twice
            taken = min(taken, _cpu_s(target, data))
        slowest = max(slowest, taken)
        if taken > slow_s:
            failures += 1
            report(target, data, keep, f"took {taken:.2f} s\n")
        runs += 1
        if runs % 10_000 == 0 and resident_bytes() - memory > MOST_GROWTH:
            break
    growth = resident_bytes() - memory
    failures += growth > MOST_GROWTH
    print(
        f"{target.name:8} seed {seed}: {runs} inputs, {runs * target.decodings} decodings in "
        f"{time.monotonic() - begun:.0f} s, {read} read, slowest {slowest * 1000:.0f} ms, "
        f"grown by {growth / 2**20:.0f} MB, {failures} failures",
        flush=True,
    )
    return failures


def resident_bytes() -> int:
    """Memory that the process holds now, or where the system does not tell that, the most it ever held."""
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _cpu_s(target: Target, data: bytes) -> float:
    """Processor time of one more run, however it ends."""
    start = time.process_time()
    with suppress(Exception):
        target.run(data)
    return time.process_time() - start


def report(target: Target, data: bytes, keep: Path, what: str) -> None:
    keep.mkdir(parents=True, exist_ok=True)
    path = keep / f"{target.name}-{hashlib.sha256(data).hexdigest()[:16]}"
    path.write_bytes(data)
    print(f"{path}\n{what}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
