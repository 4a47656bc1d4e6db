"""Processes that outlive the command that started them, known again by more than their number."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Started:
    """A process that we started.

    pid      its number, which the system gives to another process once this one is gone
    ticks    when it began, in clock ticks since the machine's start
    boot     which start of the machine that was
    """

    pid: int
    ticks: int
    boot: str

    @property
    def is_alive(self) -> bool:
        return self.boot == boot_id() and self.ticks == began_at(self.pid)


def start(command: Sequence[str | Path], log: Path, *, env: Mapping[str, str] | None = None) -> Started:
    """Start *command* in a session of its own; it holds nothing of ours open but *log*."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd="/",
            start_new_session=True,
            close_fds=True,
        )
    process.returncode = 0  # it is meant to go on: no warning when this object is collected
    return identify(process.pid)


def identify(pid: int) -> Started:
    ticks = began_at(pid)
    return Started(pid, -1 if ticks is None else ticks, boot_id())


def stop(started: Started, *, timeout_s: float = 30) -> None:
    """End that very process: asked first, after *timeout_s* killed. Nothing happens when it is gone already."""
    for number, patience_s in ((signal.SIGTERM, timeout_s), (signal.SIGKILL, timeout_s)):
        if not started.is_alive:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(started.pid, number)
        deadline = time.monotonic() + patience_s
        while started.is_alive and time.monotonic() < deadline:
            time.sleep(0.1)


def began_at(pid: int) -> int | None:
    """Field 22 of /proc/PID/stat, or None when there is no such process or only its remains (a zombie)."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if after_name[0] in "ZX" else int(after_name[19])


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def free_port(preferred: int) -> int:
    """*preferred* if nobody listens there, else one that the system gives."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def write_record(path: Path, started: Started, **facts: Any) -> None:
    """Write down a running process and *facts* about it, whole or not at all, readable by its owner only."""
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as output:
        json.dump({"process": asdict(started), **facts}, output)
    draft.replace(path)


def read_record(path: Path) -> tuple[Started, dict[str, Any]] | None:
    """What `write_record` wrote, or None when there is nothing readable."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return Started(**facts.pop("process")), facts
    except (OSError, ValueError, KeyError, TypeError):
        return None
