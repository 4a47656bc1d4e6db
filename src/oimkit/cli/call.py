"""What every sub-command accepts: --json, --verbose, --quiet, --version, and the connection's options."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Concatenate, ParamSpec

import click

from oimkit._version import __version__
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output

__all__ = ["Call", "common_options", "connection_options", "flag_options", "journal_option", "with_call", "yes_option"]

P = ParamSpec("P")

_KEPT = "oimkit.call."


@dataclass(frozen=True, slots=True)
class Call:
    """The options that stand before or after the sub-command, wherever they were given (the later one wins)."""

    json: bool = False
    verbose: bool = False
    quiet: bool = False
    url: str | None = None
    database: str | None = None
    user: str | None = None
    profile: str | None = None
    transport: str | None = None
    journal_dir: Path | None = None
    yes: bool = False

    @classmethod
    def of(cls, context: click.Context) -> Call:
        """The options that *context* and its parents were given."""
        given = {
            field.name: context.meta[_KEPT + field.name] for field in fields(cls) if _KEPT + field.name in context.meta
        }
        return cls(**given)


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> object:
    if value not in (None, False) and parameter.name is not None:
        context.meta[_KEPT + parameter.name] = value
    return value


def _flag(*names: str, text: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option(*names, is_flag=True, expose_value=False, callback=_keep, help=text)


def _text(*names: str, text: str, **more: object) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option(*names, expose_value=False, callback=_keep, help=text, **more)  # type: ignore[arg-type]


def flag_options(command: click.decorators.FC) -> click.decorators.FC:
    """--json, --verbose and --quiet."""
    options = (
        _flag("--json", text="One JSON object a line on standard output, nothing else there."),
        _flag("--verbose", text="Tell on standard error what is done (secrets and account numbers left out)."),
        _flag("--quiet", text="No progress and no remarks on standard error, errors only."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def common_options(command: click.decorators.FC) -> click.decorators.FC:
    """--json, --verbose, --quiet and --version."""
    return flag_options(click.version_option(__version__, prog_name="oimkit")(command))


def connection_options(command: click.decorators.FC) -> click.decorators.FC:
    """--url, --database, --user, --profile and --transport; the secret is never an option."""
    options = (
        _text("--url", text="Address of the Odoo server [env: OIMKIT_URL]."),
        _text("--database", text="Its database [env: OIMKIT_DATABASE]."),
        _text(
            "--user",
            text="Login name [env: OIMKIT_USER]; the secret is never an option, see docs/cli.md.",
        ),
        _text("--profile", text="Section of profiles.toml in the configuration folder [env: OIMKIT_PROFILE]."),
        _text(
            "--transport",
            text="Which protocol to speak; auto takes the best the server has.",
            type=click.Choice(["auto", "json2", "jsonrpc", "xmlrpc"]),
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def journal_option(command: click.decorators.FC) -> click.decorators.FC:
    """--journal-dir, for sub-commands that write."""
    return _text(
        "--journal-dir",
        text="Folder of the journal of intents and results (default: the user's state folder).",
        type=click.Path(file_okay=False, path_type=Path),
    )(command)


def yes_option(command: click.decorators.FC) -> click.decorators.FC:
    """--yes, for sub-commands that change something on a server."""
    return _flag("--yes", text="Change a production target without asking; programs need it there.")(command)


def with_call(command: Callable[Concatenate[Call, Output, P], Exit]) -> Callable[P, Exit]:
    """Give *command* the Call and the Output first, and let its progress end before the command does."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> Exit:
        call = Call.of(click.get_current_context())
        output = Output(json=call.json, quiet=call.quiet)
        with output.verbose_log() if call.verbose else nullcontext():
            return command(call, output, *args, **kwargs)

    return run
