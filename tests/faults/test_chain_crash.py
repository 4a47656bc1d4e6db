"""The whole demo chain under crashes and lost replies: it always ends as if nothing had happened.

Every checkpoint is tried with OIMKIT_EVERY_CHECKPOINT=1 (``make faults``); the ordinary run takes every 29th, and
a fault at every 9th call that changes something, so that it stays short.
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

EVERY = os.environ.get("OIMKIT_EVERY_CHECKPOINT") == "1"
STRIDE = 1 if EVERY else 29
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

    def run(self, target: Target, journal: Path, transport: str, kill_at: int | None = None) -> dict[str, Any]:
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
        }
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def finish(self, target: Target, journal: Path, transport: str) -> None:
        """Run again until the chain ends without an error; more than a few tries are a failure."""
        for _ in range(MOST_TRIES):
            answer = self.run(target, journal, transport)
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


def undisturbed(worker: Worker, version: int, transport: str, folder: Path) -> Undisturbed:
    with Sandbox(version=version) as sandbox:
        target = target_of(sandbox, transport)
        answer = worker.run(target, folder / "undisturbed", transport)
        assert answer["error"] is None, answer
        state, calls = sandbox.dump(), sandbox.faults.mutating
        again = worker.run(target, folder / "undisturbed", transport)
        assert (again["error"], again["created"]) == (None, 0)
        assert sandbox.dump() == state
    return Undisturbed(state, answer["passed"], calls, answer["created"])


@pytest.mark.slow
@pytest.mark.parametrize("version", [14, 19])
def test_killed_at_any_checkpoint_the_chain_ends_as_undisturbed(worker: Worker, version: int, tmp_path: Path) -> None:
    expected = undisturbed(worker, version, "jsonrpc", tmp_path)
    assert expected.checkpoints > 300
    tried = range(1, expected.checkpoints + 1, STRIDE)
    for point in tried:
        with Sandbox(version=version) as sandbox:
            journal = tmp_path / f"killed-{point}"
            target = target_of(sandbox, "jsonrpc")
            assert worker.run(target, journal, "jsonrpc", kill_at=point)["killed"], point
            worker.finish(target, journal, "jsonrpc")
            assert sandbox.dump() == expected.state, f"killed at checkpoint {point} of {expected.checkpoints}"
    print(f"\nOdoo {version}: killed at {len(tried)} of {expected.checkpoints} checkpoints, each ended as undisturbed")


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
