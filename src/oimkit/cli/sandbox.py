"""``oimkit sandbox``: the embedded Odoo on loopback, until it is stopped."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from oimkit._version import __version__
from oimkit.cli.call import Call, flag_options, with_call
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output

__all__ = ["command"]

_OWN = "oimkit"
"""What ``--version`` alone asks for, as on every other sub-command."""


@click.command("sandbox")
@click.option(
    "--version",
    "odoo_version",
    type=click.Choice(["14", "15", "16", "17", "18", "19", _OWN]),
    default="19",
    is_flag=False,
    flag_value=_OWN,
    metavar="[14|15|16|17|18|19]",
    help="Which Odoo it stands for (default 19; 15 to 18 derived); alone, show oimkit's version and exit.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on loopback; 0 takes a free one.")
@click.option("--path", type=click.Path(dir_okay=False, path_type=Path), help="SQLite file to keep; else in memory.")
@flag_options
@with_call
def command(call: Call, output: Output, odoo_version: str, port: int, path: Path | None) -> Exit:
    """Serve the embedded Odoo on loopback until stopped; it is a double for tests and first steps, not an ERP.

    Its address, database, user and secret are printed first (they are invented, and of use on this machine only).
    """
    if odoo_version == _OWN:
        output.raw(f"oimkit, version {__version__}")
        return Exit.DONE
    from oimkit.sandbox import Sandbox

    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with Sandbox(version=int(odoo_version), path=path, port=port) as sandbox:
        shown = {"url": sandbox.url, "database": sandbox.database, "user": sandbox.user, "secret": sandbox.secret}
        if call.json:
            output.record({**shown, "api_key": sandbox.api_key})
        else:
            for name, value in shown.items():
                output.raw(f"export OIMKIT_{name.upper()}={value}")
            output.raw(f"# JSON-2 takes an API key: export OIMKIT_SECRET={sandbox.api_key}")
        output.flush()
        output.say("serving; stop with Ctrl-C")
        try:
            stopped.wait()
        except KeyboardInterrupt:
            output.say("stopped")
    return Exit.DONE
