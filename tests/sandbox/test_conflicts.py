"""Transactions that conflict, on request and for real, and faults that a seed draws."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from oimkit.errors import ConfigurationError
from oimkit.sandbox import Fault, FaultKind, FaultPlan, Sandbox, When, parse_rate
from tests.contract.raw import Raw, RawFault
from tests.sandbox.conftest import raw_of

LOAD = When("res.partner", "load")
WORDS = "could not serialize access due to concurrent update\n"


def load(raw: Raw, key: str, name: str) -> dict[str, Any]:
    return dict(raw.call("res.partner", "load", ["id", "name"], [[f"oimkit.{key}", name]]))


def together(count: int, *calls: Any) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_a_conflict_in_load_is_a_message_and_keeps_nothing(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(Fault(FaultKind.CONFLICT, LOAD))
    answer = load(raw, "a", "A")
    assert (answer["ids"], [message["message"] for message in answer["messages"]]) == (False, [WORDS])
    assert answer["messages"][0]["rows"] == {"from": 0, "to": 0}
    assert raw.call("ir.model.data", "search_count", [["module", "=", "oimkit"]]) == 0
    assert load(raw, "a", "A")["ids"]


@pytest.mark.parametrize("method", ["create", "write", "unlink"])
def test_a_conflict_in_other_calls_is_tried_again_by_the_server(sandbox: Sandbox, raw: Raw, method: str) -> None:
    made = raw.create("res.partner", name="before")
    sandbox.faults.add(Fault(FaultKind.CONFLICT, When("res.partner", method)))
    arguments = {"create": [{"name": "new"}], "write": [[made], {"name": "after"}], "unlink": [[made]]}
    raw.call("res.partner", method, *arguments[method])
    names = {row["name"] for row in raw.find("res.partner", [["name", "in", ["before", "after", "new"]]], "name")}
    assert names == {"create": {"before", "new"}, "write": {"after"}, "unlink": set()}[method]


def test_of_two_loads_that_race_for_one_key_one_wins(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(FaultKind.OVERLAP, LOAD, times=2, delay_ms=5000))
    answers = together(2, *(lambda name=name: load(raw_of(sandbox), "race", name) for name in ("one", "two")))
    won = [answer for answer in answers if answer["ids"]]
    lost = [answer for answer in answers if not answer["ids"]]
    assert (len(won), [answer["messages"][0]["message"] for answer in lost]) == (1, [WORDS])
    assert raw_of(sandbox).call("res.partner", "search_count", [["name", "in", ["one", "two"]]]) == 1


def test_writes_that_race_are_all_done_in_the_end(sandbox: Sandbox, raw: Raw) -> None:
    made = raw.create("res.partner", name="x")
    sandbox.faults.add(Fault(FaultKind.OVERLAP, When("res.partner", "write"), times=3, delay_ms=5000))
    values = ({"email": "a@b.example"}, {"phone": "1"}, {"ref": "r"})
    answers = together(
        3, *(lambda vals=vals: raw_of(sandbox).call("res.partner", "write", [made], vals) for vals in values)
    )
    assert answers == [True, True, True]
    row = raw.one("res.partner", made, "email", "phone", "ref")
    assert (row["email"], row["phone"], row["ref"]) == ("a@b.example", "1", "r")


def test_of_two_claims_of_one_key_one_is_refused(sandbox: Sandbox, raw: Raw) -> None:
    made = raw.create("res.partner", name="x")
    sandbox.faults.add(Fault(FaultKind.OVERLAP, When("ir.model.data", "create"), times=2, delay_ms=5000))
    values = {"module": "oimkit", "name": "claim", "model": "res.partner", "res_id": made}

    def claim() -> str:
        try:
            raw_of(sandbox).call("ir.model.data", "create", values)
        except RawFault as fault:
            return fault.name
        return "mine"

    assert sorted(together(2, claim, claim)) == ["mine", "odoo.exceptions.ValidationError"]


def test_a_call_that_is_to_meet_another_goes_on_alone_in_the_end(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(FaultKind.OVERLAP, LOAD, times=2, delay_ms=50))
    assert load(raw_of(sandbox), "alone", "A")["ids"]


# Faults by seed -----------------------------------------------------------------------------------------------------

RATES = {FaultKind.BAD_GATEWAY: 0.2, FaultKind.TOO_MANY_REQUESTS: 0.2, FaultKind.BAD_GATEWAY_AFTER: 0.2}


def history(seed: int) -> tuple[list[tuple[int, str]], int]:
    """(what happened at which call, records in the end) of 30 creates against one seed."""
    with Sandbox(19, fault_seed=seed, fault_rates=RATES) as sandbox:
        raw = raw_of(sandbox)
        for number in range(30):
            body = {"service": "object", "method": "execute_kw", "args": [
                raw.database, raw.user_id, raw.secret, "res.partner", "create", [{"name": f"seeded {number}"}], {},
            ]}  # fmt: skip
            requests.post(f"{raw.url}/jsonrpc", json={"jsonrpc": "2.0", "id": 1, "params": body}, timeout=10)
        struck = [(number, kind.value) for number, _call, kind in sandbox.faults.struck]
        sandbox.faults.clear()
        return struck, raw.call("res.partner", "search_count", [["name", "like", "seeded "]])


def test_one_seed_gives_the_same_faults_twice_and_another_seed_others() -> None:
    first, again, other = history(7), history(7), history(8)
    assert first == again
    assert first != other
    assert {kind for _number, kind in first[0]} == {kind.value for kind in RATES}
    undone = [kind for _number, kind in first[0] if kind != "bad-gateway-after"]
    assert first[1] == 30 - len(undone)


def test_reads_meet_no_fault_of_a_seed_unless_asked_for() -> None:
    with Sandbox(19, fault_seed=1, fault_rates={FaultKind.BAD_GATEWAY: 1}) as sandbox:
        assert raw_of(sandbox).find("res.partner", [], "name", limit=1)
        sandbox.faults.plan = FaultPlan(1, {FaultKind.BAD_GATEWAY: 1}, mutating=False)
        with pytest.raises(requests.JSONDecodeError):
            raw_of(sandbox).find("res.partner", [], "name", limit=1)


@pytest.mark.parametrize(
    "rates", [{FaultKind.SLOW: 1.5}, {FaultKind.SLOW: -0.1}, {FaultKind.SLOW: 0.6, FaultKind.CRASH: 0.6}]
)
def test_rates_that_are_no_probabilities_are_refused(rates: dict[FaultKind, float]) -> None:
    with pytest.raises(ConfigurationError, match="no probabilities"):
        FaultPlan(1, rates)


def test_a_rate_is_read_from_the_command_line() -> None:
    assert parse_rate("drop-after-commit=0.15") == (FaultKind.DROP_AFTER_COMMIT, 0.15)
    with pytest.raises(ConfigurationError):
        parse_rate("nonsense=0.1")
