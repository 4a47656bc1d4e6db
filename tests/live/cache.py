"""The folder that holds everything the live ring installs, and which of its steps are complete."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOCK_TIMEOUT_S = 2700
LOG_TAIL_LINES = 15
# A step does not outlive the command that carries it out, however that one ends.
DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")


class LiveError(Exception):
    """A real server could not be installed, started or found; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Cache:
    """The folders of one cache; nothing of it lies in the repository."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """What is running now: process ids, ports, databases."""
        return self.root / "run"

    def prepare(self) -> None:
        for folder in (self.root, self.logs, self.run, self.root / "done", self.root / "conf"):
            folder.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def is_done(self, step: str, fingerprint: str) -> bool:
        """Whether *step* was carried through to its end with this very *fingerprint* (what it was made from)."""
        marker = self.root / "done" / step
        return marker.is_file() and marker.read_text(encoding="utf-8") == fingerprint

    def once(self, step: str, fingerprint: str, make: Callable[[], None], *, product: Path | None = None) -> None:
        """Carry out *step* unless it is done; what an interrupted run left of *product* is removed first."""
        if self.is_done(step, fingerprint) and (product is None or product.exists()):
            return
        marker = self.root / "done" / step
        marker.unlink(missing_ok=True)
        if product is not None:
            remove(product)
        say(f"{step} ...")
        began = time.monotonic()
        make()
        draft = marker.with_suffix(".part")
        draft.write_text(fingerprint, encoding="utf-8")
        draft.replace(marker)
        say(f"{step}: done in {time.monotonic() - began:.0f} s")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time installs, starts and stops; a second one waits, at most LOCK_TIMEOUT_S."""
        self.prepare()
        with (self.root / "lock").open("w") as lock:
            deadline = time.monotonic() + LOCK_TIMEOUT_S
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise LiveError(f"another run has held {lock.name} for {LOCK_TIMEOUT_S} s; stop it") from None
                    time.sleep(1)
            yield


def default_cache() -> Cache:
    """The folder of OIMKIT_LIVE_CACHE, or `oimkit/live` in the user's cache folder (XDG)."""
    named = os.environ.get("OIMKIT_LIVE_CACHE")
    if named:
        return Cache(Path(named).resolve())
    user = os.environ.get("XDG_CACHE_HOME")
    return Cache((Path(user) if user else Path.home() / ".cache") / "oimkit" / "live")


def run(
    command: Sequence[str | Path],
    log: Path,
    *,
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    given: str = "",
    cwd: Path | None = None,
) -> str:
    """What *command* printed on standard output; everything it printed is appended to *log*.

    Raises LiveError with the last lines of its output when it fails or takes longer than *timeout_s*.
    """
    words = [str(word) for word in command]
    with log.open("a", encoding="utf-8") as output:
        output.write(f"\n$ {' '.join(words)}\n")
        output.flush()
        begin = output.tell()
        process = subprocess.Popen(
            [*DIES_WITH_US, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            env={**os.environ, **(env or {})},
            cwd=cwd or Path("/"),
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
        try:
            printed, _ = process.communicate(given, timeout=timeout_s)
        except BaseException as stopped:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)  # its own group: start_new_session above
            process.wait()
            if isinstance(stopped, subprocess.TimeoutExpired):
                raise LiveError(f"{words[0]} took longer than {timeout_s:.0f} s; see {log}") from None
            raise
    if process.returncode != 0:
        with log.open("rb") as written:
            written.seek(begin)
            said = (written.read().decode("utf-8", "replace") + printed).splitlines()
        tail = "\n    ".join(said[-LOG_TAIL_LINES:])
        raise LiveError(f"{' '.join(words[:6])} ended with status {process.returncode}; see {log}\n    {tail}")
    return printed


def remove(path: Path) -> None:
    """Remove *path* whole; file systems mounted below it (an interrupted installation's /proc) are unmounted first."""
    for mounted in sorted(mounts_below(path), reverse=True):
        subprocess.run(["umount", mounted], check=True, stdin=subprocess.DEVNULL, timeout=60)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def mounts_below(path: Path) -> list[str]:
    rows = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    points = [row.split()[4].replace("\\040", " ") for row in rows]
    return [point for point in points if Path(point).is_relative_to(path)]


def say(text: str) -> None:
    """A line for people, on standard error."""
    print(f"live: {text}", file=sys.stderr, flush=True)
