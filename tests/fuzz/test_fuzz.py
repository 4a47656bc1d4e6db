"""Every fuzz target with fixed seeds; ``make fuzz`` runs them on other inputs, as many as wished."""

from __future__ import annotations

import random
import time
import traceback
from pathlib import Path

import pytest

from oimkit.banking import FORMATS, join_pages, read_statements
from oimkit.errors import StatementError
from tests.fuzz import __main__ as fuzzing
from tests.fuzz.__main__ import MOST_BYTES, MOST_GROWTH, fuzz, resident_bytes
from tests.fuzz.inputs import WORDS, mutated, planted, seeds
from tests.fuzz.targets import TARGETS, Target

PARTS, INPUTS = 4, 5_000
"""Each part of a target decodes so many inputs of its own: 20,000 in all for a reader, one part for the others."""

EACH_PART = [(target, part) for target in TARGETS for part in range(PARTS if target.name in FORMATS else 1)]


@pytest.mark.parametrize(("target", "part"), EACH_PART, ids=[f"{target.name}-{part}" for target, part in EACH_PART])
def test_no_input_ends_in_anything_but_statements_or_a_refusal(target: Target, part: int) -> None:
    chance = random.Random(f"{target.name} {part}")
    pool = seeds(target.name)
    before = resident_bytes()
    outcomes = [
        target.run(mutated(chance.choice(pool), pool, WORDS[target.name], chance, MOST_BYTES))
        for _ in range(INPUTS // target.decodings)
    ]
    assert any(outcomes) and not all(outcomes)
    assert resident_bytes() - before < MOST_GROWTH


def test_memory_that_grows_with_the_inputs_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "MOST_GROWTH", 2**24)
    kept: list[bytes] = []

    def keeps(_: bytes) -> bool:
        kept.append(b"x" * 2**16)
        return True

    assert fuzz(Target("mt940", keeps), 0, 1, 1.0, tmp_path, inputs=1_000) == 1


def test_inputs_and_decodings_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (replies,) = [target for target in TARGETS if target.name == "replies"]
    assert fuzz(replies, 0, 1, 1.0, tmp_path, inputs=20) == 0
    assert "20 inputs, 100 decodings" in capsys.readouterr().out


def test_an_input_is_slow_only_when_it_is_slow_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def busy(data: bytes) -> bool:
        turns[data] = turns.get(data, 0) + 1
        end = time.process_time() + (0.05 if turns[data] == 1 or always else 0)
        while time.process_time() < end:
            pass
        return True

    for always in (False, True):
        turns: dict[bytes, int] = {}
        assert fuzz(Target("mt940", busy), 0, 1, 0.04, tmp_path, inputs=3) == (3 if always else 0)
        assert max(turns.values()) >= 2


CANARY = "CANARY"
WAYS = (("refuse", "refuse"), ("report", "refuse"), ("report", "report"))
"""What is done with statements that do not close, and with records that are damaged."""


@pytest.mark.parametrize("name", FORMATS)
def test_no_refusal_or_finding_repeats_a_word_of_the_file(name: str) -> None:
    chance = random.Random(f"planted in {name}")
    pool = [data for data in seeds(name) if data]
    told: list[str] = []
    for _ in range(250):
        data = planted(chance.choice(pool), CANARY.encode(), chance)
        told += told_about(mutated(data, pool, WORDS[name], chance, MOST_BYTES), name)
    assert len(told) >= 250
    assert [text for text in told if CANARY in text] == []


def told_about(data: bytes, name: str) -> list[str]:
    """The traceback of each refusal of *data*, and the findings where it is read."""
    told: list[str] = []
    for unbalanced, damaged in WAYS:
        try:
            statements = read_statements(data, format=name, unbalanced=unbalanced, damaged=damaged)  # type: ignore[arg-type]
        except StatementError as error:
            told.append("".join(traceback.format_exception(error)))
        else:
            told += [f"{statement.findings} {statement!r}" for statement in join_pages(statements)]
    return told


def test_every_format_is_a_target_with_files_and_words_of_its_own() -> None:
    names = [target.name for target in TARGETS]
    assert set(FORMATS) < set(names) and len(names) == len(set(names))
    assert all(any(seeds(name)) and WORDS[name] for name in names)


def test_a_word_of_the_file_in_a_finding_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def telling(data: bytes, **_: str) -> None:
        raise StatementError(data.decode("latin-1"), format="mt940")

    monkeypatch.setattr("tests.fuzz.test_fuzz.read_statements", telling)
    assert [CANARY in text for text in told_about(b"x" + CANARY.encode(), "mt940")] == [True] * len(WAYS)


def test_a_defect_is_found_kept_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(data: bytes) -> bool:
        raise KeyError("defect")

    assert fuzz(Target("mt940", broken), 0.05, 1, 1.0, tmp_path) > 0
    assert list(tmp_path.iterdir())
    assert "KeyError" in capsys.readouterr().err
