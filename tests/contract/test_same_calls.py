"""The same calls over every transport of a server give the same values and the same errors."""

from __future__ import annotations

import uuid

import pytest

from oimkit.odoo import Odoo
from tests.contract.conftest import Server, Target
from tests.contract.same_calls import MARK, Outcome, Run, Same, differences, distinct_made, distinct_values
from tests.contract.same_calls_made import calls_of

MADE, VALUES = 400, 200
"""Different calls that each server answers at least, and those of them that it answers with a value."""

REFUSALS = {"InvalidCall", "InvalidRecord", "MissingRecord", "AccessRefused", "InputError"}
"""Classes of errors that each server's refusals have at least: none stands for all."""


def outcomes(server: Server, transport: str, calls: list[Same]) -> list[Outcome]:
    users: dict[str, Odoo] = {role: Target(server, transport).connect(role) for role in ("admin", "limited", "billing")}
    run = Run(users, uuid.uuid4().hex[:12])
    return [run.outcome(same) for same in calls]


def test_the_same_calls_are_answered_alike_on_every_transport(server: Server) -> None:
    calls = calls_of(server.version)
    runs = {transport: outcomes(server, transport, calls) for transport in server.transports}
    for transport, made in runs.items():
        assert distinct_made(calls, made) >= MADE, transport
        assert distinct_values(calls, made) >= VALUES, transport
        assert {outcome.kind for outcome in made} >= REFUSALS, transport
        if not server.is_live:  # the sentence of a real server's business rule may name the record
            assert [told for told in made if told.kind != "value" and MARK in told.value] == []
    told = [
        "\n   ".join([same.title, *(f"{transport:8} {outcome}" for transport, outcome in found.items())])
        for same, found in differences(calls, runs)
    ]
    if told:
        pytest.fail(f"{len(told)} of {len(calls)} calls differ:\n" + "\n".join(told), pytrace=False)
