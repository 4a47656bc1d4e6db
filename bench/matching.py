"""The matching engine beside two plain matchers, on generated sets, in the same run.

    python -m bench.matching [--entries 10000] [--large 100000] [--seeds 1,2,3,4,5] [--tools ../shared/tools]

A set of --entries is made for each seed and noise; oimkit, a matcher by likeness of texts (rapidfuzz, blocked by
amount) and one by reference and amount match it, and the benchmark's own scorer judges all three. Then oimkit matches a
set of --large entries: processor seconds of one core, memory of the whole process, and how its time has grown. Printed
are the figures beside what is wanted of oimkit. Fails when one is missed, or when there is no generator in --tools.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.matchers.running import MATCHERS, Run, run

GENERATOR, SCORER = "make_matching_benchmark.py", "score_matching.py"

WANTED = {
    "normal": {
        "precision": 0.998,
        "precision_value": 0.999,
        "straight_through": 0.80,
        "recall": 0.88,
        "hit_at_3": 0.75,
        "outcome_right": 0.97,
    },
    "harsh": {"precision": 0.995},
}
MOST_FALSE = 0.003
MOST_S, MOST_MB, MOST_GROWTH = 30.0, 1536, 12.0
"""Processor seconds and memory for 100,000 entries, and time(10 n) / time(n)."""

SHOWN = ("precision", "precision_value", "straight_through", "recall", "false_auto", "hit_at_3", "outcome_right")


def main() -> int:
    args = _arguments()
    tools = {name: args.tools / name for name in (GENERATOR, SCORER)}
    if absent := [str(path) for path in tools.values() if not path.exists()]:
        print(f"NOT MEASURED: there is no {' and no '.join(absent)}; name its folder with --tools", file=sys.stderr)
        return 1
    report: list[dict[str, Any]] = []
    missed: list[str] = []
    small: Run | None = None
    with tempfile.TemporaryDirectory() as directory:
        for seed, noise in [*((seed, "normal") for seed in args.seeds), (args.seeds[0], "harsh")]:
            folder = _generated(tools[GENERATOR], Path(directory) / f"{noise}-{seed}", args.entries, seed, noise)
            for matcher in MATCHERS:
                done, scores = _scored(matcher, folder, tools[SCORER])
                report.append({"matcher": matcher, "seed": seed, "noise": noise, **_figures(done), **scores})
                print(_line(report[-1]), flush=True)
                if matcher == "oimkit":
                    small = small or done
                    missed += [f"seed {seed}, {noise}: {each}" for each in _missed(scores, noise)]
        if args.large:
            folder = _generated(tools[GENERATOR], Path(directory) / "large", args.large, args.seeds[0], "normal")
            large = run("oimkit", folder, folder / "predictions.jsonl")
            report.append({"matcher": "oimkit", "entries": args.large, **_figures(large)})
            missed += _too_much(large, small, args.large / args.entries)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(report, indent=2))
    print(f"{len(missed)} missed" + "".join(f"\n  {each}" for each in missed))
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="the matching engine beside plain matchers")
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000, help="entries of the large set; 0 for none")
    parser.add_argument("--seeds", type=_seeds, default=[1, 2, 3, 4, 5], help="numbers with commas between")
    parser.add_argument("--tools", type=Path, default=Path("../shared/tools"), help="folder of generator and scorer")
    parser.add_argument("--out", type=Path, default=Path("out/bench/matching.json"))
    return parser.parse_args()


def _seeds(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _generated(generator: Path, folder: Path, entries: int, seed: int, noise: str) -> Path:
    options = ["--n", str(entries), "--seed", str(seed), "--noise", noise, "--out", str(folder)]
    subprocess.run([sys.executable, str(generator), *options], check=True, stdout=subprocess.DEVNULL)
    return folder


def _scored(matcher: str, folder: Path, scorer: Path) -> tuple[Run, dict[str, Any]]:
    predictions = folder / "predictions.jsonl"
    done = run(matcher, folder, predictions)
    command = [sys.executable, str(scorer), str(folder), str(predictions), "--json"]
    printed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    scores = printed.get("total", printed)
    return done, {name: scores[name] for name in SHOWN}


def _missed(scores: dict[str, Any], noise: str) -> list[str]:
    found = [f"{name} {scores[name]}, wanted {least}" for name, least in WANTED[noise].items() if scores[name] < least]
    if scores["false_auto"] > MOST_FALSE:
        found.append(f"false_auto {scores['false_auto']}, at most {MOST_FALSE}")
    return found


def _too_much(large: Run, small: Run | None, times: float) -> list[str]:
    assert small is not None
    growth = large.match_s / small.match_s / times * 10
    print(
        f"large set: loaded in {large.load_s:.1f} s, matched in {large.match_s:.1f} s of {MOST_S:.0f}; "
        f"{large.peak_mb} MB of {MOST_MB}, {large.loaded_mb} of them loaded; ten times as many entries take "
        f"{growth:.1f} times as long, at most {MOST_GROWTH:g}"
    )
    checks = (
        (large.match_s <= MOST_S, f"{large.match_s:.1f} s for the large set, at most {MOST_S:.0f}"),
        (large.peak_mb <= MOST_MB, f"{large.peak_mb} MB for the large set, at most {MOST_MB}"),
        (growth <= MOST_GROWTH, f"growth {growth:.1f}, at most {MOST_GROWTH:g}"),
    )
    return [what for met, what in checks if not met]


def _figures(done: Run) -> dict[str, Any]:
    return {
        "load_s": round(done.load_s, 2),
        "match_s": round(done.match_s, 2),
        "loaded_mb": done.loaded_mb,
        "peak_mb": done.peak_mb,
    }


def _line(row: dict[str, Any]) -> str:
    scores = "  ".join(f"{name} {row[name] if row[name] is not None else '-'}" for name in SHOWN)
    return f"{row['noise']:6} seed {row['seed']}  {row['matcher']:28}  {row['match_s']:6.2f} s  {scores}"


if __name__ == "__main__":
    sys.exit(main())
