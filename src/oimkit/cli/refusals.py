"""How a file that is refused is told: one object for programs, one sentence for people."""

from __future__ import annotations

from oimkit.cli.call import Call
from oimkit.cli.output import Output
from oimkit.errors import InputError, StatementError

__all__ = ["refuse_file"]


def refuse_file(call: Call, output: Output, name: str, error: InputError) -> None:
    """Say that the file *name*, as the person gave it, is refused, and why."""
    line = error.line if isinstance(error, StatementError) else None
    if call.json:
        reason = f"{error.reason}; {error.advice}" if error.advice else error.reason
        kind = "StatementError" if isinstance(error, StatementError) else type(error).__name__
        output.record({"file": name, "error": kind, "line": line, "reason": reason})
    else:
        output.complain(f"{name}: refused: {error}")
