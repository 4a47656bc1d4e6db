"""Every statement reader beside other programs and beside the least that a reader can do, in the same run.

    python -m bench.readers [--entries 100000] [--formats mt940,camt053] [--out out/bench/readers.json]

For each format (MT940 in three dialects) a file is generated, and oimkit, with every field and check on, takes turns
with each program that reads it and with a bare pass that only cuts it into tokens. Printed are the CPU seconds, the
ratios against what is wanted of them, the peak memory of oimkit (measured in a process of its own) and what twice the
file does to its time. A program whose time grows with the square of the file is stopped when the wanted ratio is
proved, another one after --patience CPU seconds; its ratio is then a lower bound. Fails when a figure is missed, when a
program fails, and when one is not installed: ``pip install oimkit[bench]`` brings all of them.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import oimkit
from bench.statements.files import FILES
from bench.statements.floors import FLOORS
from bench.statements.measuring import Times, doubling, memory_mb, side_by_side
from bench.statements.peers import PEERS, Peer, missing

DOUBLING = 2.5
MEMORY_TIMES, MEMORY_MB = 15, 40
"""Peak memory may be so many times the file and so much on top."""


def main() -> int:
    args = _arguments()
    warnings.simplefilter("ignore")  # those of the other programs
    absent = missing(args.formats)
    for peer in absent:
        print(f"NOT INSTALLED: {peer.package}; its figures are missing (pip install {peer.package})", file=sys.stderr)
    rows = []
    for name in args.formats:
        rows.append(_measure(name, args, [peer.package for peer in absent]))
        print(_table(rows[-1]), flush=True)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    about = {"oimkit": oimkit.__version__, "python": platform.python_version(), "entries": args.entries}
    args.out.write_text(
        json.dumps({**about, "not_installed": [peer.package for peer in absent], "readers": rows}, indent=2)
    )
    missed = [f"{row['format']}: {check['what']}" for row in rows for check in row["checks"] if not check["met"]]
    print(f"{len(missed)} missed" + "".join(f"\n  {each}" for each in missed))
    return 1 if absent or missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="statement readers beside other programs")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--formats", type=_formats, default=list(FILES), help="names with commas between; all without")
    parser.add_argument("--rounds", type=int, default=3, help="turns of which the least counts")
    parser.add_argument("--patience", type=float, default=300.0, help="CPU seconds a program gets for one file")
    parser.add_argument("--out", type=Path, default=Path("out/bench/readers.json"))
    return parser.parse_args()


def _formats(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in FILES:
            raise argparse.ArgumentTypeError(f"no format is called {name}; there are {', '.join(FILES)}")
    return names


# -- one format ---------------------------------------------------------------------------------------------------


def _measure(name: str, args: argparse.Namespace, absent: list[str]) -> dict[str, Any]:
    """The figures of one format and the verdicts on them."""
    with tempfile.TemporaryDirectory() as directory:
        path, twice = Path(directory) / _file_name(name), Path(directory) / f"twice-{_file_name(name)}"
        path.write_bytes(FILES[name](args.entries))
        against = [_peer(peer, path, args) for peer in PEERS.get(name, ()) if peer.package not in absent]
        against.append(_floor(name, path, args.rounds))
        memory, megabytes = memory_mb(path), path.stat().st_size / 1e6
        twice.write_bytes(FILES[name](2 * args.entries))
        growth = doubling(path, twice, args.rounds)
    allowed = MEMORY_TIMES * megabytes + MEMORY_MB
    checks = [check for each in against if (check := each.pop("check")) is not None]
    checks.append({"what": f"memory {memory:.0f} MB of {allowed:.0f}", "met": memory <= allowed})
    checks.append(
        {"what": f"twice the file takes {growth:.2f} times as long, at most {DOUBLING}", "met": growth <= DOUBLING}
    )
    return {
        "format": name,
        "entries": args.entries,
        "megabytes": round(megabytes, 1),
        "own_s": min(each["own_s"] for each in against),
        "memory_mb": round(memory),
        "memory_allowed_mb": round(allowed),
        "doubling": round(growth, 2),
        "against": against,
        "checks": checks,
    }


def _file_name(name: str) -> str:
    """Some programs look at the ending."""
    endings = {"ofx1": "ofx", "ofx2": "ofx", "mt940": "sta", "camt052": "xml", "camt053": "xml", "camt054": "xml"}
    return f"statement.{endings.get(name.partition('-')[0], 'txt')}"


def _peer(peer: Peer, path: Path, args: argparse.Namespace) -> dict[str, Any]:
    import_module(peer.module)
    times = side_by_side(peer.read, path, args.entries, rounds=args.rounds, patience=_patience(peer, args.patience))
    ratio = times.other_s / times.own_s
    check = None
    if times.failed is not None:
        check = {"what": f"{peer.label}: {times.failed}", "met": False}
    elif peer.at_least is not None:
        wanted = f"{ratio:.1f} times as fast as {peer.label}, at least {peer.at_least:g}"
        check = {"what": wanted, "met": ratio >= peer.at_least}
    return {**_row(peer.label, times), "times_as_fast": round(ratio, 2), "wanted": peer.at_least, "check": check}


def _patience(peer: Peer, seconds: float) -> Callable[[float], float]:
    if peer.stops and peer.at_least is not None:
        factor = 1.2 * peer.at_least
        return lambda own_s: factor * own_s
    return lambda own_s: seconds


def _floor(name: str, path: Path, rounds: int) -> dict[str, Any]:
    label, read, at_most = FLOORS[name]
    times = side_by_side(read, path, None, rounds=rounds, patience=lambda own_s: 600.0)
    ratio = times.own_s / times.other_s
    check = None
    if at_most is not None:
        check = {"what": f"{ratio:.2f} times the CPU of {label}, at most {at_most:g}", "met": ratio <= at_most}
    return {**_row(label, times), "times_its_cpu": round(ratio, 2), "wanted": at_most, "check": check}


def _row(label: str, times: Times) -> dict[str, Any]:
    own, other = round(times.own_s, 4), round(times.other_s, 4)
    return {"other": label, "own_s": own, "other_s": other, "ended": times.ended, "failed": times.failed}


# -- output -------------------------------------------------------------------------------------------------------


def _table(row: dict[str, Any]) -> str:
    lines = [
        f"{row['format']}: {row['entries']} entries, {row['megabytes']} MB, oimkit {row['own_s']:.2f} s, "
        f"{row['memory_mb']} MB of {row['memory_allowed_mb']} MB at the most, twice the file {row['doubling']} times"
    ]
    for each in row["against"]:
        bound = "" if each["ended"] else " or more (stopped)"
        said = (
            f"{each['times_as_fast']} times as fast{bound}"
            if "times_as_fast" in each
            else f"{each['times_its_cpu']} times its CPU"
        )
        lines.append(f"    {each['other']:36} {each['other_s']:9.2f} s   oimkit {each['own_s']:7.2f} s   {said}")
    lines += [f"    {'met    ' if check['met'] else 'NOT MET'}  {check['what']}" for check in row["checks"]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
