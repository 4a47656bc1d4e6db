"""The golden cases: areas that are done pass completely, and what is open is counted, not hidden."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.golden.__main__ import AREAS, equal, run

FILE = Path(__file__).with_name("billing.jsonl")
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
OPEN = sorted({case["area"] for case in CASES} - set(AREAS))


@pytest.mark.parametrize("area", sorted(AREAS))
def test_area_passes_completely(area: str) -> None:
    cases = [case for case in CASES if case["area"] == area]
    assert cases
    assert {case["id"]: problem for case in cases if (problem := run(case))} == {}


def test_every_other_area_fails_and_none_is_skipped(record_property: pytest.RecordProperty) -> None:
    problems = [run(case) for case in CASES if case["area"] in OPEN]
    record_property("golden cases open", len(problems))
    print(
        f"\ngolden: {len(CASES) - len(problems)} of {len(CASES)} cases in {len(AREAS)} areas; open: {', '.join(OPEN)}"
    )
    assert set(problems) <= {"no adapter knows this area"}


@pytest.mark.parametrize("case", [case for case in CASES if case["area"] in AREAS][::5], ids=lambda case: case["id"])
def test_a_wrong_expectation_fails(case: dict[str, object]) -> None:
    expect = case["expect"]
    assert isinstance(expect, dict)
    key = next(iter(expect))
    assert run({**case, "expect": {**expect, key: "something else"}})


def test_command_closes_with_the_two_numbers(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    good = next(case for case in CASES if case["area"] == "half-cent-mode")
    file.write_text(json.dumps(good) + "\n" + json.dumps({**good, "area": "nobody-knows"}) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.golden", str(file)],
        capture_output=True,
        text=True,
        cwd=FILE.parents[2],
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "1 passed, 1 failed")


def test_numbers_are_equal_by_value_and_true_is_no_number() -> None:
    assert equal("2.50", 2.5, None) and equal(["1"], [1], None) and not equal(True, 1, None)
    assert not equal("0.892", "0.898", "0.005") and equal("0.892", "0.897", "0.005")
