"""The live ring: the contract tests and the chain on every real server, one process a server, side by side.

    python -m tests.live.ring

Each server is one process of its own, so two processes of tests use both without disturbing each other. Ends with
status 1 when a test failed on any of them, or when no server is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.live.servers import LiveServer, running_servers

LIMIT_S = 3000
"""Seconds after which a server's tests are given up."""


def main() -> int:
    servers = running_servers()
    if not servers:
        sys.stderr.write("NO REAL ODOO IS RUNNING: python -m tests.live.servers up\n")
        return 1
    with ThreadPoolExecutor(len(servers)) as pool:
        results = list(pool.map(test, servers))
    for server, (status, text) in zip(servers, results, strict=True):
        print(f"\n--- real Odoo {server.version}: {'passed' if status == 0 else f'FAILED ({status})'}\n{text}")
    return 1 if any(status for status, _ in results) else 0


def test(server: LiveServer) -> tuple[int, str]:
    """Run the live tests of one server; its exit status and what it printed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-m",
        "live",
        "-k",
        f"live-{server.major}",
        "tests/contract",
        "tests/live",
    ]
    environment = {**os.environ, "OIMKIT_TEST_LIVE": "1"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        text = expired.stdout.decode(errors="replace") if isinstance(expired.stdout, bytes) else expired.stdout or ""
        return 1, f"{text}\ngiven up after {LIMIT_S} s"
    return done.returncode, done.stdout


if __name__ == "__main__":
    raise SystemExit(main())
