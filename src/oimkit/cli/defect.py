"""The report of a defect: where the program stood when it failed, and nothing of the data it held."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from oimkit._version import __version__

__all__ = ["state_folder", "write_report"]


def state_folder() -> Path:
    """Where oimkit keeps its journals and reports: ``$XDG_STATE_HOME/oimkit``, else ``~/.local/state/oimkit``."""
    named = os.environ.get("XDG_STATE_HOME", "")
    base = Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "state"
    return base / "oimkit"


def write_report(error: BaseException, command: str) -> Path:
    """Write a report of *error*, met in *command* (the sub-command's words only), and return where it lies.

    The report holds versions, the chain of exception classes and the lines of code they passed. Messages,
    arguments and values are left out, as they may repeat what a file or a server said.
    """
    name = f"defect-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    text = _report(error, command)
    for folder in (state_folder() / "reports", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = folder / name
            path.write_text(text, encoding="utf-8")
        except OSError:
            continue
        return path
    return Path("nowhere (no folder could be written to)")


def _report(error: BaseException, command: str) -> str:
    lines = [
        f"oimkit {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        f"command: {command or 'oimkit'}",
    ]
    chain: BaseException | None = error
    while chain is not None:
        lines.append(f"\n{type(chain).__module__}.{type(chain).__qualname__} (message left out)")
        lines.extend(_places(chain))
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    return "\n".join(lines) + "\n"


def _places(error: BaseException) -> list[str]:
    """File below the import path, line, function and source line of each frame, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}\n    {frame.line}" for frame in frames]


def _short(filename: str) -> str:
    roots = sorted((root for root in sys.path if root and filename.startswith(root)), key=len, reverse=True)
    return filename[len(roots[0]) :].lstrip("/") if roots else Path(filename).name
