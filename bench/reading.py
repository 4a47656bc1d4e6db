"""Reading a large model: memory, order and completeness while another process writes, and the client's own CPU.

On a real Odoo 19 where one runs (`make live` starts it), in a database of its own with 100,000 partners made by
``load``, deleted afterwards; else on the embedded double with fewer, which says so in one loud line. Client CPU is
``time.process_time`` while the same pages are read by everyone in turn: bare ``requests`` and ``json.loads``, oimkit
(wire values, records, instances of a class), OdooRPC, odooly and odoo-client-lib. Ratios are medians over the turns.
Targets: wire values at most 1.3 times bare, instances at most 3, memory flat within 20 MB, nothing lost or double.

    python -m bench.reading [--records 100000] [--compared 20000] [--turns 4]
"""

from __future__ import annotations

import argparse
import array
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from oimkit.odoo import Odoo, Ref, connect
from oimkit.odoo.typed import Model, unread

FIELDS = [
    "name",
    "ref",
    "email",
    "city",
    "country_id",
    "is_company",
    "color",
    "create_date",
    "category_id",
    "partner_latitude",
]
MINE = ["ref", "=like", "bench%"]
DOOMED = "benchdoomed"
BATCH = 1000
LOADED = 2000
RAW_TARGET, TYPED_TARGET, FLAT_MB = Decimal("1.3"), Decimal(3), 20
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """Where the partners are: a real server's own database, or the double's."""

    name: str
    url: str
    database: str
    user: str
    user_id: int
    secret: str = field(repr=False)

    def connect(self) -> Odoo:
        return connect(
            self.url,
            database=self.database,
            user=self.user,
            secret=self.secret,
            transport="jsonrpc",
        )


class Partner(Model):
    odoo_model = "res.partner"
    name: str | None = unread()
    ref: str | None = unread()
    email: str | None = unread()
    city: str | None = unread()
    country_id: Ref | None = unread()
    is_company: bool = unread()
    color: int | None = unread()
    create_date: datetime | None = unread()
    category_id: tuple[int, ...] = unread()
    partner_latitude: Decimal | None = unread()


# --- the server and its partners


@contextmanager
def server_with_a_database() -> Iterator[Server]:
    """A real 19 with a new database, or the double where none runs."""
    real = next((found for found in _running() if found.major >= 19), None)
    if real is None:
        with double() as server:
            yield server
        return
    from tests.live.servers import drop_database, fresh_database

    admin = real.user_in("admin")
    database = fresh_database(real.major)
    try:
        yield Server(f"Odoo {real.version}", real.url, database, admin.login, admin.user_id, admin.secret)
    finally:
        drop_database(real.major, database)


@contextmanager
def double() -> Iterator[Server]:
    """The embedded Odoo in a process of its own, whose work is not the clients'."""
    command = [sys.executable, "-m", "oimkit.sandbox", "--version", "19"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        login = told["database"], told["user"], told["api_key"]
        user_id = connect(told["url"], database=login[0], user=login[1], secret=login[2], transport="jsonrpc").uid
        yield Server("double", told["url"], login[0], login[1], user_id, login[2])
    finally:
        process.terminate()
        process.wait()


def _running() -> tuple[Any, ...]:
    if "OIMKIT_LIVE_URL" in os.environ:
        return ()  # a server that somebody named is not filled with 100,000 partners
    from tests.live.servers import running_servers

    return running_servers()


def load_partners(odoo: Odoo, count: int) -> list[int]:
    """Ids of *count* new partners, ascending."""
    country = odoo.search("res.country", [["code", "=", "BE"]])[0]
    columns = ["name", "ref", "email", "city", "country_id/.id", "is_company", "color", "partner_latitude"]
    view = odoo.with_context(tracking_disable=True, mail_create_nosubscribe=True)
    ids: list[int] = []
    for start in range(0, count, LOADED):
        rows = [
            [
                f"Invented partner {number}",
                DOOMED if number % 200 == 7 else f"bench{number:06d}",
                f"partner{number}@example.com" if number % 3 else "",
                f"Town {number % 500}",
                str(country) if number % 4 else "",
                str(number % 2),
                str(number % 12),
                f"{number % 90}.{number % 1000:03d}",
            ]
            for number in range(start, min(start + LOADED, count))
        ]
        ids += view.load("res.partner", columns, rows)
    return sorted(ids)


# --- memory, order, completeness


def read_with_memory(server: Server, out: Path) -> dict[str, Any]:
    """Read every partner by stream and note how large this process becomes; ids go to *out*."""
    odoo = server.connect()
    given = array.array("i")
    sizes: list[float] = []
    last, ordered = 0, True
    for record in odoo.stream("res.partner", [MINE], FIELDS, batch=BATCH):
        ordered &= record["id"] > last
        last = record["id"]
        given.append(last)
        if len(given) % BATCH == 0:
            sizes.append(resident_mb())
    out.write_bytes(given.tobytes())
    begun = sizes[min(4, len(sizes) - 1)]
    return {"records": len(given), "ordered": ordered, "grown_mb": round(max(sizes) - begun, 1), "mb": round(begun, 1)}


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def keep_writing(server: Server) -> None:
    """Create partners and delete the doomed ones until this process is ended; says when it has begun."""
    odoo = server.connect()
    doomed = odoo.search("res.partner", [["ref", "=", DOOMED]], order="id")
    created, deleted = 0, 0
    print("ready", flush=True)
    while sys.stdin.readline():
        odoo.call("res.partner", "create", vals_list=[{"name": "new", "ref": "benchnew"}] * 5)
        created += 5
        if doomed:
            odoo.call("res.partner", "unlink", ids=[doomed.pop(len(doomed) // 2)])
            deleted += 1
        print(json.dumps({"created": created, "deleted": deleted}), flush=True)


def memory_and_completeness(server: Server, ids: list[int]) -> dict[str, Any]:
    """The reading in a process of its own while another one writes; what it found against what stayed."""
    writer, reader = child(server, "--write"), None
    try:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "ids"
            reader = child(server, "--memory", str(out))
            written: dict[str, int] = {}
            while reader.poll() is None:
                writer.stdin.write("once more\n")
                writer.stdin.flush()
                written = json.loads(writer.stdout.readline())
            told = json.loads(reader.communicate()[0])
            given = array.array("i")
            given.frombytes(out.read_bytes())
    finally:
        for process in (writer, reader):
            if process is not None:
                process.kill()
                process.communicate()
    stayed = set(server.connect().search("res.partner", [MINE])) & set(ids)
    told["lost"] = len(stayed - set(given))
    told["double"] = len(given) - len(set(given))
    return {**told, "stayed": len(stayed), **written}


def child(server: Server, *arguments: str) -> subprocess.Popen[str]:
    """This module in a process of its own; where the server is goes through its standard input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.reading", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(vars(server)) + "\n")
    process.stdin.flush()
    return process


# --- CPU: everyone reads the pages between two ids and gives the number of records


Read = Callable[[int, int], int]


def domain_between(first: int, last: int) -> list[Any]:
    return [["id", ">=", first], ["id", "<=", last], MINE]


def by_pages(search_read: Callable[[list[Any]], Any]) -> Read:
    """Page by page by id, as oimkit does it, with what a client has for one page."""

    def read(first: int, last: int) -> int:
        count = 0
        while True:
            rows = search_read(domain_between(first, last))
            for _record in rows:
                count += 1
            if len(rows) < BATCH:
                return count
            first = rows[-1]["id"] + 1

    return read


def bare(server: Server) -> Read:
    import requests

    session = requests.Session()
    login = [server.database, server.user_id, server.secret]

    def search_read(domain: list[Any]) -> Any:
        named = {"domain": domain, "fields": FIELDS, "limit": BATCH, "order": "id"}
        params = {
            "service": "object",
            "method": "execute_kw",
            "args": [*login, "res.partner", "search_read", [], named],
        }
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        return json.loads(session.post(f"{server.url}/jsonrpc", json=body).content)["result"]

    return by_pages(search_read)


def oimkit_raw(server: Server) -> Read:
    odoo = server.connect()

    def read(first: int, last: int) -> int:
        return sum(1 for _ in odoo.stream_raw("res.partner", domain_between(first, last), FIELDS, batch=BATCH))

    return read


def oimkit_records(server: Server) -> Read:
    odoo = server.connect()

    def read(first: int, last: int) -> int:
        return sum(1 for _ in odoo.stream("res.partner", domain_between(first, last), FIELDS, batch=BATCH))

    return read


def oimkit_typed(server: Server) -> Read:
    odoo = server.connect()

    def read(first: int, last: int) -> int:
        domain = domain_between(first, last)
        return sum(1 for _ in odoo.stream("res.partner", domain, FIELDS, batch=BATCH, typed=Partner))

    return read


def odoorpc(server: Server) -> Read:
    import odoorpc

    odoo = odoorpc.ODOO("127.0.0.1", port=int(server.url.rpartition(":")[2]), timeout=120)
    odoo.login(server.database, server.user, server.secret)
    options = {"fields": FIELDS, "limit": BATCH, "order": "id"}
    return by_pages(lambda domain: odoo.execute_kw("res.partner", "search_read", [domain], options))


def odooly(server: Server) -> Read:
    import odooly

    client = odooly.Client(f"{server.url}/jsonrpc", server.database, server.user, server.secret)
    execute = client.env.execute
    return by_pages(lambda domain: execute("res.partner", "search_read", domain, FIELDS, 0, BATCH, "id"))


def odoo_client_lib(server: Server) -> Read:
    import odoolib

    connection = odoolib.get_connection(
        hostname="127.0.0.1",
        port=int(server.url.rpartition(":")[2]),
        protocol="jsonrpc",
        database=server.database,
        login=server.user,
        password=server.secret,
    )
    model = connection.get_model("res.partner")
    return by_pages(lambda domain: model.search_read(domain, FIELDS, 0, BATCH, "id"))


CLIENTS: dict[str, Callable[[Server], Read]] = {
    "bare requests + json.loads": bare,
    "oimkit, wire values": oimkit_raw,
    "oimkit, records": oimkit_records,
    "oimkit, instances of a class": oimkit_typed,
    "OdooRPC": odoorpc,
    "odooly": odooly,
    "odoo-client-lib": odoo_client_lib,
}


def compare(server: Server, ids: list[int], turns: int) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """CPU of each client for *ids*, in turns over parts of them, and who could not take part and why."""
    readers: dict[str, Read] = {}
    absent: dict[str, str] = {}
    for name, make in CLIENTS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                readers[name] = make(server)
                readers[name](ids[0], ids[9])
        except ImportError as error:
            absent[name] = f"not installed: {error.name}"
    spent: dict[str, list[float]] = {name: [] for name in readers}
    part = len(ids) // turns
    for turn in range(turns):
        first, last = ids[turn * part], ids[(turn + 1) * part - 1]
        counts = set()
        for name, read in readers.items():
            gc.collect()
            start = time.process_time()
            counts.add(read(first, last))
            spent[name].append(time.process_time() - start)
        assert len(counts) == 1, f"the clients did not read the same records: {counts}"
    base = spent[next(iter(CLIENTS))]
    return {
        name: {
            "cpu_ms_per_1000": round(statistics.median(times) / part * 1e6, 2),
            "ratio": round(statistics.median(mine / bare for mine, bare in zip(times, base, strict=True)), 2),
        }
        for name, times in spent.items()
    }, absent


# --- the run


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--compared", type=int, default=20_000, help="records that every client reads")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--out", type=Path, default=Path("out/bench/reading.json"))
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.memory or options.write:
        server = Server(**json.loads(sys.stdin.readline()))
        if options.write:
            keep_writing(server)
        else:
            print(json.dumps(read_with_memory(server, options.memory)))
        return 0
    with server_with_a_database() as server:
        records = options.records
        if server.name == "double":
            records = min(records, 10_000)
            print(
                f"!!! no real Odoo 19 runs: these are {records} partners on the embedded double, figures of no server"
            )
        return run(server, records, options)


def run(server: Server, records: int, options: argparse.Namespace) -> int:
    odoo = server.connect()
    begun = time.monotonic()
    ids = load_partners(odoo, records)
    loaded_s = time.monotonic() - begun
    print(f"{server.name}: {len(ids)} partners loaded in {loaded_s:.0f} s, read in pages of {BATCH}")
    staying = [record["id"] for record in odoo.stream_raw("res.partner", [MINE, ["ref", "!=", DOOMED]], [])]
    clients, absent = compare(server, staying[: min(options.compared, len(staying))], options.turns)
    memory = memory_and_completeness(server, ids)
    reached = {
        "wire values": clients["oimkit, wire values"]["ratio"] <= RAW_TARGET,
        "instances": clients["oimkit, instances of a class"]["ratio"] <= TYPED_TARGET,
        "memory": memory["grown_mb"] <= FLAT_MB,
        "order and completeness": memory["ordered"] and memory["lost"] == memory["double"] == 0,
    }
    print(f"{'client':32}{'CPU ms per 1000':>16}{'ratio':>8}")
    for name, row in clients.items():
        print(f"{name:32}{row['cpu_ms_per_1000']:>16.2f}{row['ratio']:>8.2f}")
    for name, why in absent.items():
        print(f"{name:32}{why}")
    print(
        f"stream of {memory['records']} while another process created {memory['created']} and deleted "
        f"{memory['deleted']}: grew by {memory['grown_mb']} MB, {memory['lost']} lost, {memory['double']} double, "
        f"{'in order' if memory['ordered'] else 'NOT in order'}"
    )
    for what, is_reached in reached.items():
        print(f"target, {what}: {'reached' if is_reached else 'NOT reached'}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "server": server.name,
        "records": len(ids),
        "batch": BATCH,
        "loaded_s": round(loaded_s),
        "compared": min(options.compared, len(ids)),
        "clients": clients,
        "absent": absent,
        "stream": memory,
        "targets": {"wire_values": str(RAW_TARGET), "instances": str(TYPED_TARGET), "flat_mb": FLAT_MB},
        "reached": reached,
    }
    options.out.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
