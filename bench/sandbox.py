"""How fast the sandbox answers: 1,000 ``search_read`` of 80 records with 10 fields, over HTTP, from one client.

    python -m bench.sandbox [--calls 1000] [--version 19]

Three clients in the same run: bare `requests` with `json.loads` over JSON-RPC, oimkit's own client over JSON-RPC
(values decoded), and over JSON-2 on 19. The sandbox runs as a process of its own, as `oimkit sandbox` does, and once
more in threads of the client's process, as tests use it, where both share one interpreter. Every figure is wall time
of one client, its own time included; `cpu_s` is the processor time of the client's process. The figure to reach is
5 s for bare `requests` against the process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

import oimkit
from oimkit.sandbox import Sandbox

LIMIT_S = 5.0
RECORDS = 80
FIELDS = (
    "name", "email", "phone", "is_company", "country_id", "parent_id", "category_id", "color", "partner_latitude",
    "create_date",
)  # fmt: skip
OUT = Path(__file__).resolve().parent.parent / "out" / "bench"


@dataclass(frozen=True, slots=True)
class Served:
    """Where a sandbox listens, and its administrator's secrets."""

    url: str
    database: str
    user: str
    secret: str
    api_key: str


@contextmanager
def in_threads(version: int) -> Iterator[Served]:
    with Sandbox(version) as sandbox:
        yield Served(sandbox.url, sandbox.database, sandbox.user, sandbox.secret, sandbox.api_key)


@contextmanager
def in_a_process(version: int) -> Iterator[Served]:
    command = [sys.executable, "-m", "oimkit.sandbox", "--version", str(version)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            about = json.loads(child.stdout.readline())
            yield Served(*(about[name] for name in ("url", "database", "user", "secret", "api_key")))
        finally:
            child.terminate()


def fill(sandbox: Served) -> None:
    """80 contacts of one mill, in a country, and 400 others that the search must leave out."""
    odoo = oimkit.connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)
    (mill,) = odoo.call("res.partner", "create", vals_list=[{"name": "Mill", "is_company": True}])
    (country,) = odoo.search("res.country", [["code", "=", "NL"]])
    values = {
        "parent_id": mill,
        "country_id": country,
        "phone": "+31 20 000 0000",
        "partner_latitude": Decimal("52.3702157"),
    }
    rows = [{"name": f"Person {n}", "email": f"p{n}@mill.example", "color": n % 11, **values} for n in range(RECORDS)]
    odoo.call("res.partner", "create", vals_list=rows)
    odoo.call("res.partner", "create", vals_list=[{"name": f"Other {n}", "is_company": True} for n in range(400)])


def domain() -> list[Any]:
    return [["parent_id.name", "=", "Mill"], ["is_company", "=", False]]


def bare(sandbox: Served) -> Callable[[], int]:
    """requests and json.loads, nothing else."""
    session = requests.Session()
    session.trust_env = False
    named = {"domain": domain(), "fields": list(FIELDS), "limit": RECORDS}
    arguments = [sandbox.database, 2, sandbox.api_key, "res.partner", "search_read", [], named]
    params = {"service": "object", "method": "execute_kw", "args": arguments}
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}).encode()
    headers = {"Content-Type": "application/json"}

    def call() -> int:
        reply = session.post(f"{sandbox.url}/jsonrpc", data=body, headers=headers, timeout=30)
        return len(json.loads(reply.content)["result"])

    return call


def own(sandbox: Served, transport: str) -> Callable[[], int]:
    """oimkit's client: the same records, each value decoded by its type."""
    secret = sandbox.api_key if transport == "json2" else sandbox.secret
    odoo = oimkit.connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=secret, transport=transport)
    return lambda: len(odoo.search_read("res.partner", domain(), FIELDS, limit=RECORDS))


def measure(call: Callable[[], int], calls: int) -> dict[str, float]:
    for _ in range(20):
        assert call() == RECORDS, "the search did not find the 80 records"
    each = []
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        start = time.perf_counter()
        call()
        each.append(time.perf_counter() - start)
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    return {"wall_s": round(wall, 3), "cpu_s": round(used, 3), "median_ms": round(statistics.median(each) * 1000, 3)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--version", type=int, default=19)
    arguments = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    for where, serve in (("a process", in_a_process), ("threads", in_threads)):
        with serve(arguments.version) as sandbox:
            fill(sandbox)
            clients = {"requests, JSON-RPC": bare(sandbox), "oimkit, JSON-RPC": own(sandbox, "jsonrpc")}
            if arguments.version >= 19:
                clients["oimkit, JSON-2"] = own(sandbox, "json2")
            for name, call in clients.items():
                found = results[f"{name}, {where}"] = measure(call, arguments.calls)
                scaled = found["wall_s"] * 1000 / arguments.calls
                print(f"{name:20} {where:10} {scaled:6.2f} s per 1,000 calls (limit {LIMIT_S} s)  {found}")
    OUT.mkdir(parents=True, exist_ok=True)
    written = {"calls": arguments.calls, "records": RECORDS, "fields": len(FIELDS), "limit_s": LIMIT_S, **results}
    (OUT / "sandbox.json").write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    late = results["requests, JSON-RPC, a process"]["wall_s"] * 1000 / arguments.calls > LIMIT_S
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
