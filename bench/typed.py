"""Client CPU of reading 10,000 records as instances of a class, against bare ``requests`` and ``json.loads``.

The stub, the records and the way of measuring are those of ``bench.transports``. Beside oimkit's typed reading stand
the two other ways of making pydantic instances of the same decoded records: validating each, and ``model_construct``.
Target: typed at most 3 times bare, also with a class of 200 fields of which 10 are read.

    python -m bench.typed [--records 10000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, create_model

from bench import transports
from bench.transports import DATABASE, KEY, NAMES, USER, bare, measure
from oimkit.odoo import Odoo, connect
from oimkit.odoo.typed import AwareDatetime, Model, Ref, unread

TARGET = 3


class Narrow(Model):
    odoo_model = "bench.model"
    name: str | None = unread()
    email: str | None = unread()
    ref: str | None = unread()
    partner_id: Ref | None = unread()
    user_id: Ref | None = unread()
    amount: Decimal = unread()
    create_date: AwareDatetime | None = unread()
    active: bool = unread()
    is_company: bool = unread()
    tag_ids: tuple[int, ...] = unread()


Wide = create_model("Wide", __base__=Narrow, **{f"x_field_{number}": (str | None, unread()) for number in range(190)})
"""As many fields as a generated class has."""


def ways(url: str) -> dict[str, Callable[[], Any]]:
    odoo = connect(url, database=DATABASE, user=USER, secret=KEY, transport="jsonrpc")
    listed = TypeAdapter(list[Narrow])

    def rows() -> list[dict[str, Any]]:
        return odoo.search_read("bench.model", [], NAMES)

    def typed(kind: type[Model]) -> Callable[[], Any]:
        return lambda: odoo.search_read("bench.model", [], NAMES, typed=kind)

    return {
        "bare requests + json.loads": bare(url, 0)[0],
        "oimkit, decoded dicts": rows,
        "oimkit, typed": typed(Narrow),
        "oimkit, typed, class of 200 fields": typed(Wide),
        "decoded dicts + model_construct": lambda: [Narrow.model_construct(**row) for row in rows()],
        "decoded dicts + pydantic validation": lambda: listed.validate_python(rows()),
        "decoded dicts + validation, 200 fields": _wide_validation(odoo),
    }


def _wide_validation(odoo: Odoo) -> Callable[[], Any]:
    listed = TypeAdapter(list[Wide])
    return lambda: listed.validate_python(odoo.search_read("bench.model", [], NAMES))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("out/bench/typed.json"))
    options = parser.parse_args(arguments)
    stub = subprocess.Popen(
        [sys.executable, transports.__file__, "--serve", "--records", str(options.records)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert stub.stdout is not None
        return run(f"http://127.0.0.1:{int(stub.stdout.readline())}", options)
    finally:
        stub.terminate()
        stub.wait()


def run(url: str, options: argparse.Namespace) -> int:
    actions = ways(url)
    for action in actions.values():
        assert len(action()) == options.records
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(options.rounds):
        for name, action in actions.items():
            times[name].append(measure(action))
    whole = statistics.median(next(iter(times.values())))
    figures = {
        name: {
            "ms": round(statistics.median(took) * 1000, 1),
            "ratio": round(statistics.median(took) / whole, 2),
        }
        for name, took in times.items()
    }
    print(f"{options.records} records of {len(NAMES)} fields, client CPU, medians of {options.rounds} rounds")
    for name, row in figures.items():
        print(f"{name:40}{row['ms']:>9.1f} ms{row['ratio']:>8.2f}")
    reached = all(row["ratio"] <= TARGET for name, row in figures.items() if name.startswith("oimkit, typed"))
    print(f"target: typed at most {TARGET} times bare: {'reached' if reached else 'NOT reached'}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(
        json.dumps({"records": options.records, "target": TARGET, "reached": reached, "ways": figures}, indent=1)
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
