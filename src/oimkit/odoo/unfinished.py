"""A file that is written piece by piece and may be gone on with after the writer was killed.

Beside ``FILE`` stand ``FILE.part`` with what is written so far and ``FILE.state`` with how much of it counts. A piece
counts once the state says so: it is written and synced first, then the state is replaced, so that a kill at any moment
leaves either the old state, whose surplus is cut off, or the new one. The finished file is renamed into place.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from oimkit.errors import ConfigurationError, InputError, JournalHeld

__all__ = ["Progress", "Unfinished"]

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has come.

    size     bytes that count
    last     id of the last record in them, None before the first
    records  how many records they hold
    done     nothing more will come
    """

    size: int = 0
    last: int | None = None
    records: int = 0
    done: bool = False


class Unfinished:
    """The unfinished form of one file, held by one process at a time; use it in a ``with``.

    asked     what the file shall hold, as texts by name; going on demands the same
    progress  what counts so far
    """

    def __init__(self, path: Path, asked: Mapping[str, str], progress: Progress, descriptor: int) -> None:
        self.path = path
        self.asked = dict(asked)
        self.progress = progress
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: Path, asked: Mapping[str, str], *, resume: bool) -> Self:
        """Begin *path*, or with *resume* go on where it stands; a file that was never begun is begun.

        Raises:
            InputError: it is finished already; it is begun and *resume* is not given; or what was begun is something
                else than *asked*, or damaged.
            JournalHeld: another process is writing it.
            ConfigurationError: its folder cannot be written.
        """
        with _told(path):
            descriptor = _locked(_part(path), path)
            try:
                progress = _progress(path, asked, resume=resume)
                file = cls(path, asked, progress, descriptor)
                if not progress.done:
                    os.ftruncate(descriptor, progress.size)
                    os.lseek(descriptor, progress.size, os.SEEK_SET)
                    file._keep()
            except BaseException:
                os.close(descriptor)
                raise
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self.progress.records == 0 and not self.progress.done:
            self._leave_nothing()
        self.close()

    def _leave_nothing(self) -> None:
        """Take away what holds no record: a question that was refused must not stand in the way of the next."""
        with _told(self.path):
            _state(self.path).unlink(missing_ok=True)
            _part(self.path).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file, as far as it has come."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def add(self, piece: bytes, *, last: int | None, records: int) -> None:
        """Append *piece*, whose last record is *last*; it counts when this returns. InputError once all is done."""
        if self.progress.done:
            raise InputError(f"{self.path.name} is complete, nothing can be added to it", advice="finish it")
        with _told(self.path):
            left = memoryview(piece)
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
            self.progress = Progress(self.progress.size + len(piece), last, self.progress.records + records)
            self._keep()

    def finish(self) -> None:
        """Rename what was written into place; nothing else is left of it."""
        with _told(self.path):
            if not self.progress.done:
                self.progress = replace(self.progress, done=True)
                self._keep()
            _put_in_place(self.path, self.progress)

    def _keep(self) -> None:
        state = {"format": _FORMAT, "asked": self.asked, **asdict(self.progress)}
        fresh = _state(self.path).with_name(_state(self.path).name + ".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, json.dumps(state).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(_state(self.path))
        _sync_folder(self.path)


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _state(path: Path) -> Path:
    return path.with_name(path.name + ".state")


def _put_in_place(path: Path, progress: Progress) -> None:
    if _was_put_in_place(path, progress):
        _part(path).unlink()
    elif path.exists():
        raise _finished_already(path)
    else:
        _part(path).replace(path)
    _sync_folder(path)
    _state(path).unlink()
    _sync_folder(path)


def _was_put_in_place(path: Path, progress: Progress) -> bool:
    """True when a kill came between the renaming and the end: the part is gone (or newly made by looking)."""
    return (
        progress.done
        and path.exists()
        and path.stat().st_size == progress.size
        and (not _part(path).exists() or (_part(path).stat().st_size == 0 and progress.size > 0))
    )


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of the file system in oimkit's words."""
    try:
        yield
    except FileNotFoundError:
        raise ConfigurationError(f"the folder {path.parent} is not there", advice="make it, or name another") from None
    except OSError as error:
        raise ConfigurationError(
            f"{path.name} cannot be written: {error.strerror or type(error).__name__}",
            advice="make room or name another folder; what was written until then can be gone on with",
        ) from None


def _locked(part: Path, path: Path) -> int:
    """The open and locked *part*, new or as it was left."""
    while True:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise JournalHeld(f"another process is writing {path.name}", advice="wait until it has ended") from None
            if _inode(part) == os.fstat(descriptor).st_ino:
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # another process renamed it between our opening and locking: look again


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _progress(path: Path, asked: Mapping[str, str], *, resume: bool) -> Progress:
    """What counts of the unfinished *path*; refuses what cannot be gone on with."""
    part, state = _part(path), _state(path)
    if not state.exists():
        if part.stat().st_size:
            raise InputError(
                f"{part.name} holds something and {state.name} is gone, so nothing tells how much of it counts",
                advice=f"remove {part.name} and begin again",
            )
        if path.exists():
            part.unlink()
            raise _finished_already(path)
        return Progress()
    begun, progress = _read_state(state)
    if not resume:
        raise InputError(
            f"{path.name} was begun ({_so_far(progress)}) and not finished",
            advice=f"go on with it (resume), or remove {part.name} and {state.name}",
        )
    different = sorted(name for name in {*begun, *asked} if begun.get(name) != asked.get(name))
    if different:
        raise InputError(
            f"{path.name} was begun with another {' and '.join(different)}",
            advice=f"ask for the same, or remove {part.name} and {state.name} to begin again",
        )
    if part.stat().st_size < progress.size and not _was_put_in_place(path, progress):
        raise InputError(
            f"{part.name} is shorter than the {progress.size} bytes that were written to it",
            advice=f"remove {part.name} and {state.name} and begin again",
        )
    return progress


def _so_far(progress: Progress) -> str:
    return f"{progress.records} records, the last is {progress.last}" if progress.records else "no record is in it yet"


_KINDS: dict[str, type | tuple[type, ...]] = {
    "asked": dict,
    "size": int,
    "last": (int, type(None)),
    "records": int,
    "done": bool,
}


def _read_state(state: Path) -> tuple[dict[str, str], Progress]:
    try:
        told = json.loads(state.read_bytes())
    except ValueError:
        told = None
    if (
        not isinstance(told, dict)
        or told.pop("format", None) != _FORMAT
        or told.keys() != _KINDS.keys()
        or not all(isinstance(told[name], kind) for name, kind in _KINDS.items())
    ):
        raise InputError(
            f"{state.name} is damaged, or of another version of oimkit", advice="remove it and begin again"
        )
    return told.pop("asked"), Progress(**told)


def _finished_already(path: Path) -> InputError:
    return InputError(f"{path.name} is there already", advice="remove it, or name another file")
