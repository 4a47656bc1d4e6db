"""A short run of every fuzz target with a fixed seed; ``make fuzz`` runs them for as long as wished."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.__main__ import MOST_BYTES, fuzz
from tests.fuzz.inputs import WORDS, mutated, seeds
from tests.fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_input_ends_in_anything_but_statements_or_a_refusal(target: Target) -> None:
    chance = random.Random(target.name)
    pool = seeds(target.name)
    outcomes = [
        target.run(mutated(chance.choice(pool), pool, WORDS[target.name], chance, MOST_BYTES)) for _ in range(1500)
    ]
    assert any(outcomes) and not all(outcomes)


def test_a_defect_is_found_kept_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(data: bytes) -> bool:
        raise KeyError("defect")

    assert fuzz(Target("mt940", broken), 0.05, 1, 1.0, tmp_path) > 0
    assert list(tmp_path.iterdir())
    assert "KeyError" in capsys.readouterr().err
