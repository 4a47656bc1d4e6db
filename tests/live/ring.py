"""The live ring: the contract tests and the chain on every real server, side by side.

    python -m tests.live.ring

Each server is one process of its own and each part of the tests gets databases of its own, so the parts disturb each
other only in speed; as many run at once as the machine has processors. Ends with status 1 when a test failed on any
of the servers, or when no server is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.live.servers import LiveServer, running_servers, server_of_the_environment

LIMIT_S = 3000
"""Seconds after which a part of a server's tests is given up."""

CONTRACT, CHAIN = "tests/contract", "tests/live"


def main() -> int:
    servers = running_servers()
    if not servers:
        sys.stderr.write("NO REAL ODOO IS RUNNING: python -m tests.live.servers up\n")
        return 1
    newest_first = sorted(servers, key=lambda server: -server.major)  # it has more transports, so more to do
    parts = [CONTRACT] if server_of_the_environment() else [CONTRACT, CHAIN]  # the chain makes databases of its own
    work = [(server, part) for part in parts for server in newest_first]
    with ThreadPoolExecutor(max(len(servers), os.cpu_count() or 1)) as pool:
        results = list(pool.map(lambda job: test(*job), work))
    for (server, part), (status, text) in zip(work, results, strict=True):
        outcome = "passed" if status == 0 else f"FAILED ({status})"
        print(f"\n--- real Odoo {server.version}, {part}: {outcome}\n{text}")
    return 1 if any(status for status, _ in results) else 0


def test(server: LiveServer, part: str) -> tuple[int, str]:
    """Run the live tests of one server that lie under *part*; the exit status and what was printed."""
    command = [sys.executable, "-m", "pytest", "-m", "live", "-k", f"live-{server.major}", part]
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
