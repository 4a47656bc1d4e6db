"""CPU seconds and memory of reading one file: oimkit and another program by turns in a process of their own."""

from __future__ import annotations

import gc
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from oimkit.banking.limits import Limits
from oimkit.banking.reading import read_statements

__all__ = ["LIMITS", "Times", "cpu_s", "doubling", "memory_mb", "ours", "side_by_side"]

LIMITS = Limits(bytes=1024 * 1024 * 1024)
"""100,000 entries of CAMT are more than the 64 MiB that are read by default."""

Read = Callable[[Path], int]


def ours(path: Path) -> int:
    """How many entries oimkit reads, with every field and every check."""
    return sum(len(statement.entries) for statement in read_statements(path.read_bytes(), limits=LIMITS))


@dataclass(frozen=True, slots=True)
class Times:
    """CPU seconds of oimkit and of the other; *ended* is False for one that was stopped, and other_s then a bound.

    failed  what the other raised, or how many entries it found instead of all
    """

    own_s: float
    other_s: float
    ended: bool = True
    failed: str | None = None


def cpu_s(read: Read, path: Path) -> tuple[float, int]:
    """CPU seconds of one reading, and what it returned; the mean of many readings where one is too short to measure."""
    gc.collect()
    start, readings, used = time.process_time(), 0, 0.0
    while used < _SHORTEST_S:
        found = read(path)
        readings += 1
        used = time.process_time() - start
    return used / readings, found


_SHORTEST_S = 0.2
"""The clock of a process moves in steps of up to 10 ms."""


def side_by_side(
    read: Read, path: Path, entries: int | None, *, rounds: int, patience: Callable[[float], float]
) -> Times:
    """oimkit and *read* on one file, the least of *rounds* turns each.

    Args:
        entries: what both have to find; None for a pass whose count is of something else.
        patience: CPU seconds that *read* gets for one reading, of the seconds that oimkit took.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=_turns, args=(read, path, entries, rounds, patience, sender))
    child.start()
    sender.close()
    own, other, ended, failed = float("inf"), float("inf"), False, None
    try:
        while True:
            kind, value = receiver.recv()
            if kind == "own":
                own = min(own, value)
            elif kind == "patience":
                other = min(other, value)
            elif kind == "other":
                other, ended = (min(other, value) if ended else value), True
            else:
                failed = value
    except EOFError:
        child.join()
    return Times(own, other, ended, failed)


def _turns(
    read: Read, path: Path, entries: int | None, rounds: int, patience: Callable[[float], float], out: Connection
) -> None:
    for turn in range(rounds):
        own, found = cpu_s(ours, path)
        if entries is not None and found != entries:
            out.send(("failed", f"oimkit found {found} of {entries} entries"))
            return
        out.send(("own", own))
        if turn == 0:
            own = min(own, cpu_s(ours, path)[0])
            out.send(("own", own))
            out.send(("patience", patience(own)))
        _stop_after(patience(own))
        try:
            other, found = cpu_s(read, path)
        except Exception as error:
            out.send(("failed", f"it raised {type(error).__name__}"))
            return
        if entries is not None and found != entries:
            out.send(("failed", f"it found {found} of {entries} entries"))
        out.send(("other", other))
        if other > 20 * own:
            return


def _stop_after(seconds: float) -> None:
    """The kernel ends this process when it has used *seconds* more of the processor."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def doubling(once: Path, twice: Path, rounds: int) -> float:
    """How many times as long oimkit takes for the file of twice the entries."""
    short = long = float("inf")
    for _ in range(rounds):
        short, long = min(short, cpu_s(ours, once)[0]), min(long, cpu_s(ours, twice)[0])
    return long / short


# -- memory -------------------------------------------------------------------------------------------------------


def memory_mb(path: Path) -> float:
    """How far the peak memory of a new process grows while it loads and reads the file and keeps the statements, MB."""
    spawning = multiprocessing.get_context("spawn")
    receiver, sender = spawning.Pipe(duplex=False)
    child = spawning.Process(target=_memory, args=(path, sender))
    child.start()
    sender.close()
    grown: float = receiver.recv()
    child.join()
    return grown


def _memory(path: Path, out: Connection) -> None:
    before = _peak_mb()
    kept = read_statements(path.read_bytes(), limits=LIMITS)
    out.send(_peak_mb() - before)
    del kept


def _peak_mb() -> float:
    """Peak of this process; Linux counts a parent's peak in ru_maxrss, so that VmHWM is asked where there is one."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM")), None)
        if peak is not None:
            return int(peak.split()[1]) / 1024
    peak_units = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_units / (1024 * 1024 if sys.platform == "darwin" else 1024)
