"""The whole demo chain under crashes and lost replies: it always ends as if nothing had happened.

With OIMKIT_EVERY_CHECKPOINT=1 (``make faults``) every checkpoint of the chains of 1, 3 and 10 invoices is tried, every
43rd of the chain of 100, and pairs of kills at every 31st; the ordinary run takes a few of each, and a fault at every
9th call that changes something, so that it stays short.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from oimkit.sandbox import Sandbox
from oimkit.sandbox.faults import Fault, FaultKind, When
from tests.faults.chain_worker import DEMO_INVOICES

EVERY = os.environ.get("OIMKIT_EVERY_CHECKPOINT") == "1"
STRIDES = {1: 1, 3: 1, 10: 1, 100: 43} if EVERY else {1: 173, 3: 29, 10: 301}
"""Checkpoints from one that is tried to the next, by the number of invoices that the chain makes."""

CHAINS = (
    [(version, size) for size in STRIDES for version in (14, 19)] if EVERY else [(14, 3), (19, 3), (19, 1), (14, 10)]
)
"""Versions with the numbers of invoices that are tried on them."""

PAIR_STRIDE = 31 if EVERY else 290
FAULT_STRIDE = 1 if EVERY else 9
SETTLE_AFTER_S = 0.0
"""The double ends a call when its connection ends, so nothing is still running after a lost reply."""

MOST_TRIES = 4


@dataclass(frozen=True)
class Target:
    """A database to run the chain on."""

    url: str
    database: str
    user: str
    secret: str = field(repr=False)


def target_of(sandbox: Sandbox, transport: str) -> Target:
    secret = sandbox.api_key if transport == "json2" else sandbox.secret
    return Target(sandbox.url, sandbox.database, sandbox.user, secret)


class Worker:
    """The process that forks the runs."""

    def __init__(self, *, settle_after_s: float = SETTLE_AFTER_S) -> None:
        self._settle_after_s = settle_after_s
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.chain_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        target: Target,
        journal: Path,
        transport: str,
        kill_at: int | None = None,
        *,
        invoices: int = DEMO_INVOICES,
    ) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        command = {
            "url": target.url,
            "database": target.database,
            "user": target.user,
            "secret": target.secret,
            "journal": str(journal),
            "transport": transport,
            "kill_at": kill_at,
            "settle_after_s": self._settle_after_s,
            "invoices": invoices,
        }
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def finish(self, target: Target, journal: Path, transport: str, *, invoices: int = DEMO_INVOICES) -> None:
        """Run again until the chain ends without an error; more than a few tries are a failure."""
        for _ in range(MOST_TRIES):
            answer = self.run(target, journal, transport, invoices=invoices)
            if answer["error"] is None:
                return
        pytest.fail(f"not finished after {MOST_TRIES} more runs: {answer['text']}")

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    process = Worker()
    yield process
    process.stop()


@dataclass(frozen=True)
class Undisturbed:
    """What a run without faults leaves, and how many checkpoints and changing calls it has."""

    state: dict[str, Any]
    checkpoints: int
    changing_calls: int
    created: int


def undisturbed(
    worker: Worker, version: int, transport: str, folder: Path, *, invoices: int = DEMO_INVOICES
) -> Undisturbed:
    with Sandbox(version=version) as sandbox:
        target = target_of(sandbox, transport)
        answer = worker.run(target, folder / "undisturbed", transport, invoices=invoices)
        assert answer["error"] is None, answer
        state, calls = sandbox.dump(), sandbox.faults.mutating
        again = worker.run(target, folder / "undisturbed", transport, invoices=invoices)
        assert (again["error"], again["created"]) == (None, 0)
        assert sandbox.dump() == state
    return Undisturbed(state, answer["passed"], calls, answer["created"])


@pytest.mark.slow
@pytest.mark.parametrize(("version", "invoices"), CHAINS)
def test_killed_at_any_checkpoint_the_chain_ends_as_undisturbed(
    worker: Worker, version: int, invoices: int, tmp_path: Path
) -> None:
    expected = undisturbed(worker, version, "jsonrpc", tmp_path, invoices=invoices)
    assert expected.checkpoints > 300
    tried = range(1, expected.checkpoints + 1, STRIDES[invoices])
    for point in tried:
        with Sandbox(version=version) as sandbox:
            journal = tmp_path / f"killed-{point}"
            target = target_of(sandbox, "jsonrpc")
            assert worker.run(target, journal, "jsonrpc", kill_at=point, invoices=invoices)["killed"], point
            worker.finish(target, journal, "jsonrpc", invoices=invoices)
            assert sandbox.dump() == expected.state, f"killed at checkpoint {point} of {expected.checkpoints}"
    print(
        f"\nOdoo {version}, {invoices} invoices: killed at {len(tried)} of {expected.checkpoints} checkpoints, "
        "each ended as undisturbed"
    )


@pytest.mark.slow
@pytest.mark.parametrize("version", [14, 19])
def test_killed_once_more_while_it_resumes_the_chain_ends_as_undisturbed(
    worker: Worker, version: int, tmp_path: Path
) -> None:
    invoices = 10 if EVERY else DEMO_INVOICES
    expected = undisturbed(worker, version, "jsonrpc", tmp_path, invoices=invoices)
    pairs = 0
    for first in range(PAIR_STRIDE // 2, expected.checkpoints + 1, PAIR_STRIDE):
        for second in range(PAIR_STRIDE // 3, expected.checkpoints + 1, PAIR_STRIDE):
            with Sandbox(version=version) as sandbox:
                journal = tmp_path / f"killed-{first}-{second}"
                target = target_of(sandbox, "jsonrpc")
                assert worker.run(target, journal, "jsonrpc", kill_at=first, invoices=invoices)["killed"], first
                again = worker.run(target, journal, "jsonrpc", kill_at=second, invoices=invoices)
                worker.finish(target, journal, "jsonrpc", invoices=invoices)
                assert sandbox.dump() == expected.state, f"killed at checkpoint {first}, then at {second}"
            if not again["killed"]:
                break  # what was left had fewer checkpoints
            pairs += 1
    assert pairs
    print(f"\nOdoo {version}, {invoices} invoices: killed at {pairs} pairs of checkpoints, each ended as undisturbed")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "transport", "kind"),
    [
        (14, "jsonrpc", FaultKind.DROP_AFTER_COMMIT),
        (14, "xmlrpc", FaultKind.MARSHAL_AFTER_COMMIT),
        (19, "json2", FaultKind.DROP_AFTER_COMMIT),
        (19, "xmlrpc", FaultKind.MARSHAL_AFTER_COMMIT),
        (19, "jsonrpc", FaultKind.DROP_BEFORE_CALL),
        (19, "jsonrpc", FaultKind.BAD_GATEWAY_AFTER),
    ],
)
def test_a_fault_at_any_changing_call_leaves_the_chain_as_undisturbed(
    worker: Worker, version: int, transport: str, kind: FaultKind, tmp_path: Path
) -> None:
    expected = undisturbed(worker, version, transport, tmp_path)
    assert expected.changing_calls > 30
    tried = range(1, expected.changing_calls + 1, FAULT_STRIDE)
    for nth in tried:
        with Sandbox(version=version) as sandbox:
            sandbox.faults.add(Fault(kind, When(nth=nth)))
            journal = tmp_path / f"{kind.value}-{nth}"
            worker.finish(target_of(sandbox, transport), journal, transport)
            assert sandbox.dump() == expected.state, f"{kind.value} at changing call {nth}"
    print(f"\nOdoo {version}, {transport}: {kind.value} at {len(tried)} of {expected.changing_calls} changing calls")
