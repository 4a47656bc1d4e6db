"""The snapshot: equal for equal states, whatever the ids, the order and the time; different for one record more."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from oimkit.sandbox import Sandbox
from tests.contract.raw import Raw
from tests.sandbox.conftest import raw_of


def invoice(raw: Raw, customer: int, amount: int) -> int:
    line = {"name": f"work {amount}", "quantity": 1, "price_unit": amount}
    move = raw.create(
        "account.move", move_type="out_invoice", partner_id=customer, invoice_date="2026-11-05",
        invoice_line_ids=[[0, 0, line]],
    )  # fmt: skip
    raw.call("account.move", "action_post", [move])
    return move


def work(raw: Raw, *, detour: bool) -> None:
    if detour:  # ids move on, and nothing else
        raw.call("res.partner", "unlink", [raw.create("res.partner", name="gone")])
    raw.call("res.partner", "load", ["id", "name"], [["oimkit.c", "Customer"]])
    customer = raw.find("res.partner", [["name", "=", "Customer"]], "id")[0]["id"]
    invoice(raw, customer, 10)
    invoice(raw, customer, 20)


def dump_of(version: int, do: Callable[[Raw], None], clock: datetime) -> dict[str, object]:
    with Sandbox(version, clock=lambda: clock) as sandbox:
        do(raw_of(sandbox))
        return sandbox.dump()


NOON, EVENING = datetime(2026, 11, 21, 12), datetime(2026, 11, 21, 20)


def test_two_runs_of_the_same_work_give_the_same_snapshot(sandbox: Sandbox) -> None:
    plain = dump_of(sandbox.version, lambda raw: work(raw, detour=False), NOON)
    detour = dump_of(sandbox.version, lambda raw: work(raw, detour=True), EVENING)
    assert json.dumps(plain, sort_keys=True) == json.dumps(detour, sort_keys=True)


def test_one_record_more_shows(sandbox: Sandbox) -> None:
    once = dump_of(sandbox.version, lambda raw: work(raw, detour=False), NOON)

    def more(raw: Raw) -> None:
        work(raw, detour=False)
        raw.create("res.partner", name="Customer")

    assert dump_of(sandbox.version, more, NOON) != once


def test_a_link_to_another_record_shows(sandbox: Sandbox) -> None:
    def linked(position: int) -> Callable[[Raw], None]:
        def do(raw: Raw) -> None:
            project = raw.create("project.project", name="P")
            time = raw.create("account.analytic.line", project_id=project, name="w", unit_amount=1, date="2026-11-02")
            customer = raw.create("res.partner", name="Customer")
            moves = [invoice(raw, customer, 10), invoice(raw, customer, 20)]
            raw.call("account.analytic.line", "write", [time], {"timesheet_invoice_id": moves[position]})

        return do

    assert dump_of(sandbox.version, linked(0), NOON) != dump_of(sandbox.version, linked(1), NOON)
