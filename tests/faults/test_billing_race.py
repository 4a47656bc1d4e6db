"""Eight processes that bill the same timesheets at once make one invoice of each; 1,000 runs with ``make faults``."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

ROUNDS = 125 if os.environ.get("OIMKIT_EVERY_CHECKPOINT") == "1" else 2
PROCESSES = 8


@pytest.mark.slow
@pytest.mark.parametrize("version", [14, 19])
def test_entries_that_eight_processes_bill_at_once_are_billed_once(version: int) -> None:
    sizes = ["--version", str(version), "--processes", str(PROCESSES), "--rounds", str(ROUNDS)]
    program = [sys.executable, "-m", "tests.faults.billing_race", *sizes]
    told = json.loads(subprocess.run(program, capture_output=True, text=True, check=False, timeout=3600).stdout)
    assert told["runs"] == PROCESSES * ROUNDS
    assert told["errors"] == {}
    assert (told["duplicates"], told["billed_twice"], told["lost"]) == (0, 0, 0)
    print(f"\nOdoo {version}: {told['runs']} runs, each entry on one line of one posted invoice")
