"""Play histories, on all cores.

    python -m tests.simulation [--seeds 100000] [--first 0] [--processes 2]
    python -m tests.simulation --seed 4711        one history, with what went wrong in it

Ends with status 1, and the seeds that fail, when a promise was broken in any of them.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from os import cpu_count

from tests.simulation.histories import History, Stage, no_waiting

MOST_SHOWN = 10


def play(first: int, count: int) -> dict[int, list[str]]:
    """The seeds of *count* from *first* in which something went wrong, and what."""
    stage = Stage()
    with no_waiting():
        played = ((seed, stage.play(History.of(seed))) for seed in range(first, first + count))
        return {seed: wrong for seed, wrong in played if wrong}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=cpu_count() or 1)
    parser.add_argument("--seed", type=int, help="play this one only")
    chosen = parser.parse_args()
    if chosen.seed is not None:
        print(History.of(chosen.seed))
    begun = time.monotonic()
    failed = play(chosen.seed, 1) if chosen.seed is not None else _play_all(chosen)
    seeds = 1 if chosen.seed is not None else chosen.seeds
    print(f"{seeds} histories in {time.monotonic() - begun:.1f} s: {len(failed)} failed")
    for seed, wrong in sorted(failed.items())[:MOST_SHOWN]:
        print(f"seed {seed}: {'; '.join(wrong)}; again with: python -m tests.simulation --seed {seed}")
    return 1 if failed else 0


def _play_all(chosen: argparse.Namespace) -> dict[int, list[str]]:
    parts = max(1, min(chosen.seeds, chosen.processes * 8))
    bounds = [chosen.first + chosen.seeds * part // parts for part in range(parts + 1)]
    with ProcessPoolExecutor(chosen.processes) as pool:
        results = list(pool.map(play, bounds[:-1], (after - at for at, after in pairwise(bounds))))
    return {seed: wrong for result in results for seed, wrong in result.items()}


if __name__ == "__main__":
    sys.exit(main())
