"""One transaction a call: all of it or nothing, also under many clients at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from oimkit.sandbox import Sandbox
from tests.contract.raw import Raw, RawFault
from tests.sandbox.conftest import raw_of


def test_a_refused_call_takes_back_what_it_had_done(raw: Raw) -> None:
    made = raw.create("res.partner", name="before")
    with pytest.raises(RawFault):
        raw.call("res.partner", "write", [made], {"name": "after", "child_ids": [[0, 0, {"nope": 1}]]})
    assert raw.value("res.partner", made, "name") == "before"


def test_ids_of_a_refused_call_are_not_given_again(raw: Raw) -> None:
    made = raw.create("res.partner", name="one")
    with pytest.raises(RawFault):
        raw.call("res.partner", "create", [{"name": "lost"}, {"nope": 1}])
    assert raw.create("res.partner", name="two") == made + 2


def test_an_index_stays_true_after_a_refusal(raw: Raw) -> None:
    made = raw.create("res.partner", name="indexed")
    assert raw.call("res.partner", "search", [["name", "=", "indexed"]]) == [made]
    with pytest.raises(RawFault):
        raw.call("res.partner", "write", [made, 99999999], {"name": "other"})
    assert raw.call("res.partner", "search", [["name", "=", "indexed"]]) == [made]
    assert raw.call("res.partner", "search", [["name", "=", "other"]]) == []


def test_clients_at_once_lose_nothing(sandbox: Sandbox) -> None:
    def create(number: int) -> int:
        return raw_of(sandbox).create("res.partner", name=f"at once {number}")

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(create, range(64)))
    assert len(set(ids)) == 64
    assert raw_of(sandbox).call("res.partner", "search_count", [["name", "like", "at once "]]) == 64


def test_one_of_many_claims_of_a_key_wins(sandbox: Sandbox) -> None:
    def claim(number: int) -> bool:
        values = {"module": "oimkit", "name": "claimed", "model": "res.partner", "res_id": number + 1}
        try:
            raw_of(sandbox).call("ir.model.data", "create", values)
        except RawFault:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(claim, range(8))) == [False] * 7 + [True]
