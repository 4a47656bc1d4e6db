"""What the command prints: tables for people or JSON lines for programs on stdout, everything else on stderr."""

from __future__ import annotations

import json as json_text
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from oimkit.cli.redaction import printable, redacted

__all__ = ["Output"]

_WIDTH = 120
"""Columns of a table that is not printed on a terminal."""


class Output:
    """Where a sub-command's results and remarks go; one object for the time of one call."""

    def __init__(self, *, json: bool = False, quiet: bool = False) -> None:
        self.json = json
        self.quiet = quiet
        self._out = _console(sys.stdout)
        self._err = _console(sys.stderr)

    def record(self, row: Mapping[str, object]) -> None:
        """One JSON object on its own line; amounts and dates are texts already."""
        sys.stdout.write(json_text.dumps(row, ensure_ascii=True, allow_nan=False, separators=(", ", ": ")) + "\n")

    def heading(self, text: str) -> None:
        """A line that stands above what follows, for people."""
        self._out.print(Text(printable(text), style="bold"), soft_wrap=True)

    def line(self, text: str, *, style: str = "") -> None:
        """A line of the result, for people."""
        self._out.print(Text(printable(text), style=style), soft_wrap=True)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = (), title: str = ""
    ) -> None:
        """A table of the result, for people; the columns named in *right* hold numbers."""
        table = Table(title=printable(title) or None, title_justify="left", header_style="bold", box=SIMPLE_HEAD)
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", no_wrap=column in right)
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._out.print(table)

    def raw(self, text: str) -> None:
        """A text for another program (a diagram, a file's content), as it is."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def flush(self) -> None:
        """See that what was printed has left this process."""
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """A remark on standard error, unless --quiet."""
        if not self.quiet:
            self._err.print(Text(printable(text)), soft_wrap=True)

    def complain(self, text: str) -> None:
        """A refusal on standard error, also with --quiet."""
        self._err.print(Text(printable(f"oimkit: {text}")), soft_wrap=True)

    @contextmanager
    def progress(self, what: str, of: int | None = None) -> Iterator[_Steps]:
        """Show how far *what* has come, on a terminal only; ``advance`` counts one of *of* done."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        hidden = self.quiet or not self._err.is_terminal
        with Progress(*columns, console=self._err, transient=True, disable=hidden) as bar:
            task = bar.add_task(printable(what), total=of)
            yield _Steps(bar, task)

    @contextmanager
    def verbose_log(self) -> Iterator[None]:
        """Show oimkit's log on standard error, redacted, while the block runs."""
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_RedactedFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger = logging.getLogger("oimkit")
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)


class _Steps:
    """The moving part of a progress display."""

    def __init__(self, bar: Progress, task: object) -> None:
        self._bar = bar
        self._task = task

    def advance(self, steps: int = 1) -> None:
        self._bar.advance(self._task, steps)  # type: ignore[arg-type]


class _RedactedFormatter(logging.Formatter):
    """Log lines without secrets and account numbers; a traceback's text is left out."""

    def format(self, record: logging.LogRecord) -> str:
        plain = {
            **record.__dict__,
            "msg": redacted(record.getMessage()),
            "args": (),
            "exc_info": None,
            "stack_info": None,
        }
        return super().format(logging.makeLogRecord({**plain, "exc_text": None}))


def _console(stream: object) -> Console:
    console = Console(file=stream, highlight=False, markup=False, emoji=False)  # type: ignore[arg-type]
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH
    return console
