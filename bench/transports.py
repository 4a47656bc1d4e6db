"""Client CPU of reading 10,000 records, and of a small call, by transport and by client, against one local stub.

The stub runs in a process of its own and sends texts made beforehand, so that only the client's work is measured
(``time.process_time``). Every client reads the same records; figures are ratios to bare ``requests`` and
``json.loads``, medians of several rounds taken in turn. Target: the JSON transports, whose records are decoded
(Decimal, dates, references), at most 1.5 times bare.

    python -m bench.transports [--records 10000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
import xmlrpc.client
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FIELDS = {
    "name": {"type": "char"},
    "email": {"type": "char"},
    "ref": {"type": "char"},
    "partner_id": {"type": "many2one", "relation": "res.partner"},
    "user_id": {"type": "many2one", "relation": "res.users"},
    "amount": {"type": "float", "digits": [16, 2]},
    "create_date": {"type": "datetime"},
    "active": {"type": "boolean"},
    "is_company": {"type": "boolean"},
    "tag_ids": {"type": "many2many", "relation": "res.partner.category"},
}
NAMES = list(FIELDS)
KEY = "0123456789abcdef0123456789abcdef01234567"
DATABASE, USER = "bench", "bench"
TARGET = 1.5


def records(count: int) -> list[dict[str, Any]]:
    """Invented records; amounts, moments and texts all differ, 40 people share them."""
    return [
        {
            "id": number,
            "name": f"Invented customer {number}",
            "email": f"customer{number}@example.com" if number % 3 else False,
            "ref": f"C{number:06d}",
            "partner_id": [number % 1000 + 1, f"Invented partner {number % 1000}"],
            "user_id": [number % 40 + 1, f"Seller {number % 40}"],
            "amount": round(number * 1.37, 2),
            "create_date": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d} {number % 24:02d}:{number % 60:02d}:07",
            "active": True,
            "is_company": number % 2 == 0,
            "tag_ids": [number % 7, number % 11 + 10, number % 13 + 30],
        }
        for number in range(1, count + 1)
    ]


# --- the stub


def serve(count: int) -> None:
    """Answer every client's questions until the process is stopped; prints the port first."""
    rows = records(count)
    version = {"server_version": "19.0", "server_version_info": [19, 0, 0, "final", 0, ""], "protocol_version": 1}
    info = {**version, "uid": 2, "db": DATABASE, "username": USER, "user_context": {"lang": "en_US", "uid": 2}}
    models = [{"model": "bench.model", "name": "Bench", "id": 1}]
    answers = {
        "version": version,
        "authenticate": 2,
        "login": 2,
        "fields_get": FIELDS,
        "context_get": {"lang": "en_US", "uid": 2},
        "search_count": count,
        "server_version": "19.0",
        "list": [DATABASE],
    }
    as_json = {name: json.dumps(value).encode() for name, value in answers.items()}
    as_json["search_read"] = json.dumps(rows).encode()
    as_xml = {name: xmlrpc.client.dumps((value,), methodresponse=True).encode() for name, value in answers.items()}
    as_xml["search_read"] = xmlrpc.client.dumps((rows,), methodresponse=True).encode()

    class Stub(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(b'{"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}')

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.startswith("/xmlrpc"):
                (*params,), method = xmlrpc.client.loads(body)
                name = params[4] if method == "execute_kw" else method
                self._send(as_xml[name], "text/xml")
            elif self.path.startswith("/json/2/"):
                name = self.path.rpartition("/")[2]
                self._send(json.dumps([{"id": 2, "login": USER}]).encode() if name == "read" else as_json[name])
            else:
                self._json_rpc(json.loads(body) if body else {})

        def _json_rpc(self, request: dict[str, Any]) -> None:
            params = request.get("params") or {}
            if self.path.startswith("/jsonrpc"):
                name = params["args"][4] if params["method"].startswith("execute") else params["method"]
                model = params["args"][3] if params["method"].startswith("execute") else ""
            else:
                name, model = params.get("method", self.path.rpartition("/")[2]), params.get("model", "")
            if self.path == "/web/webclient/version_info":
                answer = as_json["version"]
            elif self.path.startswith("/web/session"):
                answer = json.dumps(info).encode()
            elif model == "ir.model":
                answer = json.dumps(models).encode()
            else:
                answer = as_json.get(name, b"false")
            number = json.dumps(request.get("id")).encode()
            self._send(b'{"jsonrpc": "2.0", "id": %b, "result": %b}' % (number, answer))

        def _send(self, body: bytes, kind: str = "application/json") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    print(server.server_address[1], flush=True)
    server.serve_forever()


# --- the clients: each gives a function for the large read and one for a small call

Client = tuple[Callable[[], Any], Callable[[], Any]]


def bare(url: str, count: int) -> Client:
    import requests

    session = requests.Session()

    def call(method: str, **named: Any) -> Any:
        args = [DATABASE, 2, KEY, "bench.model", method, [], named]
        params = {"service": "object", "method": "execute_kw", "args": args}
        reply = session.post(f"{url}/jsonrpc", json={"jsonrpc": "2.0", "method": "call", "params": params, "id": 1})
        return json.loads(reply.content)["result"]

    return lambda: call("search_read", domain=[], fields=NAMES), lambda: call("search_count", domain=[])


def oimkit_over(transport: str) -> Callable[[str, int], Client]:
    def client(url: str, count: int) -> Client:
        from oimkit.odoo import connect

        odoo = connect(url, database=DATABASE, user=USER, secret=KEY, transport=transport)
        odoo.schema.fields("bench.model")
        return lambda: odoo.search_read("bench.model", [], NAMES), lambda: odoo.count("bench.model", [])

    return client


def oimkit_raw(url: str, count: int) -> Client:
    from oimkit.odoo import connect

    odoo = connect(url, database=DATABASE, user=USER, secret=KEY, transport="jsonrpc")
    return (
        lambda: odoo.call("bench.model", "search_read", domain=[], fields=NAMES),
        lambda: odoo.call("bench.model", "search_count", domain=[]),
    )


def odoorpc_client(url: str, count: int) -> Client:
    import odoorpc

    odoo = odoorpc.ODOO("127.0.0.1", port=int(url.rpartition(":")[2]), timeout=120)
    odoo.login(DATABASE, USER, KEY)
    return (
        lambda: odoo.execute_kw("bench.model", "search_read", [[]], {"fields": NAMES}),
        lambda: odoo.execute_kw("bench.model", "search_count", [[]], {}),
    )


def odooly_client(url: str, count: int) -> Client:
    import odooly

    client = odooly.Client(f"{url}/jsonrpc", DATABASE, USER, KEY)
    execute = client.env.execute
    return (
        lambda: execute("bench.model", "search_read", [], NAMES),
        lambda: execute("bench.model", "search_count", []),
    )


def stdlib_xmlrpc(url: str, count: int) -> Client:
    proxy = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object")

    def call(method: str, *args: Any, **named: Any) -> Any:
        return proxy.execute_kw(DATABASE, 2, KEY, "bench.model", method, list(args), named)

    return lambda: call("search_read", [], fields=NAMES), lambda: call("search_count", [])


CLIENTS: dict[str, Callable[[str, int], Client]] = {
    "bare requests + json.loads": bare,
    "oimkit json2, decoded": oimkit_over("json2"),
    "oimkit jsonrpc, decoded": oimkit_over("jsonrpc"),
    "oimkit jsonrpc, wire values": oimkit_raw,
    "oimkit xmlrpc, decoded": oimkit_over("xmlrpc"),
    "OdooRPC": odoorpc_client,
    "odooly": odooly_client,
    "stdlib xmlrpc.client": stdlib_xmlrpc,
}


def measure(action: Callable[[], Any], times: int = 1) -> float:
    start = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - start) / times


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("out/bench/transports.json"))
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.records)
        return 0
    stub = subprocess.Popen(
        [sys.executable, __file__, "--serve", "--records", str(options.records)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert stub.stdout is not None
        return run(f"http://127.0.0.1:{int(stub.stdout.readline())}", options)
    finally:
        stub.terminate()
        stub.wait()


def run(url: str, options: argparse.Namespace) -> int:
    clients: dict[str, Client] = {}
    absent: dict[str, str] = {}
    for name, make in CLIENTS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                clients[name] = make(url, options.records)
                assert len(clients[name][0]()) == options.records
                assert clients[name][1]() == options.records
        except ImportError as error:
            absent[name] = f"not installed: {error.name}"
    large: dict[str, list[float]] = {name: [] for name in clients}
    small: dict[str, list[float]] = {name: [] for name in clients}
    for _ in range(options.rounds):
        for name, (read, count) in clients.items():
            large[name].append(measure(read))
            small[name].append(measure(count, 50))
    return report(large, small, absent, options)


def report(
    large: dict[str, list[float]], small: dict[str, list[float]], absent: dict[str, str], options: argparse.Namespace
) -> int:
    base, base_small = next(iter(large)), next(iter(small))
    whole, part = statistics.median(large[base]), statistics.median(small[base_small])
    figures = {
        name: {
            "read_ms": round(statistics.median(large[name]) * 1000, 2),
            "read_ratio": round(statistics.median(large[name]) / whole, 2),
            "small_call_ms": round(statistics.median(small[name]) * 1000, 3),
            "small_call_ratio": round(statistics.median(small[name]) / part, 2),
        }
        for name in large
    }
    print(f"{options.records} records, client CPU, medians of {options.rounds} rounds")
    print(f"{'client':32}{'read ms':>10}{'ratio':>8}{'call ms':>10}{'ratio':>8}")
    for name, row in figures.items():
        print(
            f"{name:32}{row['read_ms']:>10.1f}{row['read_ratio']:>8.2f}{row['small_call_ms']:>10.2f}{row['small_call_ratio']:>8.2f}"
        )
    for name, why in absent.items():
        print(f"{name:32}{why}")
    reached = all(figures[name]["read_ratio"] <= TARGET for name in figures if "json" in name and "oimkit" in name)
    print(f"target: JSON transports at most {TARGET} times bare: {'reached' if reached else 'NOT reached'}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(
        json.dumps(
            {"records": options.records, "target": TARGET, "reached": reached, "clients": figures, "absent": absent},
            indent=1,
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
