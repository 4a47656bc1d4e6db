"""The sandbox as a process of its own: ``python -m oimkit.sandbox --version 19 --path FILE --port 8069``.

Prints one JSON line (url, database, user, secret, api_key, version, pid) on standard output, then serves until
SIGTERM or SIGINT. ``--fault KIND[:MODEL.METHOD][@NTH]`` arms a fault; the crash faults end the process at once.
``--fault-seed 7 --fault-rate drop-after-commit=0.15`` draws faults: the same calls in the same order meet the same.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from oimkit.errors import ConfigurationError
from oimkit.sandbox.faults import parse_fault, parse_rate
from oimkit.sandbox.profile import VERSIONS
from oimkit.sandbox.server import Sandbox

CRASHED = 70


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m oimkit.sandbox", description="An embedded Odoo double.")
    parser.add_argument("--version", type=int, default=19, choices=VERSIONS)
    parser.add_argument("--path", type=Path, help="SQLite file that keeps the records; memory without it")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--today", type=datetime.fromisoformat, help="stand the clock still at this time (UTC)")
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[:MODEL.METHOD][@NTH]")
    parser.add_argument("--fault-seed", type=int, help="draw faults from this seed, by the rates given")
    parser.add_argument("--fault-rate", action="append", default=[], metavar="KIND=RATE")
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())

    def now() -> datetime:
        return arguments.today or datetime.now(UTC).replace(tzinfo=None)

    try:
        rates = dict(parse_rate(text) for text in arguments.fault_rate)
        sandbox = Sandbox(
            arguments.version,
            arguments.path,
            arguments.port,
            now,
            on_crash=lambda: os._exit(CRASHED),
            fault_seed=arguments.fault_seed,
            fault_rates=rates,
        )
        for text in arguments.fault:
            sandbox.faults.add(parse_fault(text))
        sandbox.start()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    about = {name: getattr(sandbox, name) for name in ("url", "database", "user", "secret", "api_key", "version")}
    sys.stdout.write(json.dumps({**about, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    stop.wait()
    sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
