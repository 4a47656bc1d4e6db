"""Files that a person names on the command line: read whole within a bound, written whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from oimkit.errors import InputError

__all__ = ["read_bytes", "read_text", "write_bytes", "write_text"]

LIMIT_BYTES = 256 * 1024 * 1024


def read_bytes(name: str, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """What the file *name* holds, ``-`` being standard input; InputError when it cannot be read or is too large.

    One byte more than the limit is never read.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(limit_bytes + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(limit_bytes + 1)
    except OSError as error:
        raise InputError(_why(error), advice="check the name and the rights of the file") from None
    except ValueError:
        raise InputError("the file's name cannot be a file's name", advice="check the name") from None
    if len(data) > limit_bytes:
        raise InputError(f"the file is larger than {limit_bytes} bytes", advice="split it, or check what it is")
    return data


def read_text(name: str, *, what: str, limit_bytes: int = LIMIT_BYTES) -> str:
    """The UTF-8 text of the file *name*; *what* says in errors which file it is."""
    try:
        return read_bytes(name, limit_bytes=limit_bytes).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is not UTF-8 text (byte {error.start})", advice="save it as UTF-8") from None
    except InputError as error:
        raise InputError(f"{what}: {error.reason}", advice=error.advice) from None


def write_text(path: Path, text: str) -> None:
    """Put *text* into *path* whole or not at all; InputError when that cannot be done."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Put *data* into *path* whole or not at all; InputError when that cannot be done."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be written: {_why(error)}", advice="name another file or folder"
        ) from None


def _why(error: OSError) -> str:
    """The operating system's words without the file's name, which the caller gives."""
    return f"the file cannot be opened: {error.strerror or type(error).__name__}"
