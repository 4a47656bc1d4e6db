"""The command's frame: its sub-commands, loaded when asked for, and what becomes of an error."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from oimkit.cli.call import common_options, connection_options
from oimkit.cli.defect import write_report
from oimkit.cli.exits import Exit, status_of
from oimkit.cli.redaction import printable
from oimkit.errors import OimkitError, OutcomeUnknown

__all__ = ["command", "main"]

SUB_COMMANDS = {
    "demo": "From a lead to a settled bank entry on the embedded Odoo.",
    "doctor": "What the server is, what it allows, and what is missing.",
    "key": "Show, replace and revoke the user's API keys.",
    "statement": "Read bank statements, or import them into Odoo.",
    "reconcile": "Settle bank entries against open items in Odoo.",
    "match": "Match transactions of one file against open items of another.",
    "bill": "Plan invoices from worked time, and apply a plan.",
    "models": "Typed models from the server, what has changed since, what breaks on another version.",
    "pipeline": "Show the states and steps of a pipeline.",
    "profile": "List, show and add connections by name.",
    "production": "List and forget which databases were declared production.",
    "sandbox": "Serve the embedded Odoo on loopback until stopped.",
    "resume": "Settle unknown outcomes and finish what was begun.",
    "undo": "Take back what a run has created.",
    "export": "Write the records of a model to a file; goes on after an interruption.",
}
"""One module of this package each, with a click command of the name ``command``."""


class Frame(click.Group):
    """The ``oimkit`` group: imports a sub-command's module when it is called, and turns errors into exit statuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        specs = {name: importlib.util.find_spec(f"oimkit.cli.{name}") for name in SUB_COMMANDS}
        return [name for name, spec in specs.items() if spec is not None and spec.origin is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found = importlib.import_module(f"oimkit.cli.{cmd_name}").command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = self.list_commands(ctx)
        if names:
            with formatter.section("Commands"):
                formatter.write_dl([(name, SUB_COMMANDS[name]) for name in names])

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: object) -> NoReturn:  # type: ignore[override]
        sys.exit(self._status(list(sys.argv[1:] if args is None else args), prog_name or "oimkit"))

    def _status(self, arguments: list[str], prog_name: str) -> int:
        """Run the sub-command that *arguments* name and return the exit status, telling on stderr what went wrong."""
        try:
            status = super().main(arguments, prog_name, standalone_mode=False)
            sys.stdout.flush()
        except OimkitError as error:
            return _told(error)
        except click.ClickException as error:
            error.show()
            return Exit.REFUSED
        except (click.Abort, KeyboardInterrupt):
            _tell("interrupted; if something was being written to Odoo, type: oimkit resume")
            return Exit.INTERRUPTED
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.DONE
        except Exception as error:  # noqa: BLE001  the last line of defence: whatever it is, a person sees one sentence
            report = write_report(error, _words(arguments))
            _tell(f"this is a defect in oimkit ({type(error).__name__}), not in your data; a report lies in {report}")
            return Exit.DEFECT
        return int(status) if isinstance(status, int) else Exit.DONE


@click.group(cls=Frame, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@connection_options
@common_options
def command() -> None:
    """Read and write any Odoo: leads, worked time, invoices, bank statements."""


def main() -> NoReturn:
    """The console script."""
    command.main()


def _told(error: OimkitError) -> Exit:
    text = str(error)
    if isinstance(error, OutcomeUnknown) and "resume" not in text:
        text += "; type: oimkit resume"
    _tell(text)
    return status_of(error)


def _tell(text: str) -> None:
    click.echo(printable(f"oimkit: {text}"), err=True)


def _words(arguments: Sequence[str]) -> str:
    """The sub-command's own words among *arguments*: no values, no file names."""
    known = {*SUB_COMMANDS, "read", "import", "plan", "apply", "show", "generate", "breaks"}
    return " ".join(["oimkit", *(word for word in arguments if word in known)])
