"""Some hundred mutants of each format; ``python -m tests.mutants --mutants 1000000`` plays as many as wished."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oimkit.banking import FORMATS
from tests.mutants.__main__ import FILES, originals, outcome, play
from tests.mutants.dumb import CSV_FILES, dumb_for

MUTANTS = 500


@pytest.mark.parametrize("name", FORMATS)
def test_no_mutant_is_misread(name: str) -> None:
    told, misread = play(name, MUTANTS, seed=1)
    assert [(original.name, mutant) for original, mutant in misread] == []
    assert told["as it says"] and told["refused"] + told["reported"]


DECIDED_BY_BALANCE = {"reversal_against_its_mark_v02", "quicken_us_investments"}
"""What these files say is not in the amounts alone, so that a dumb reader cannot know it."""


@pytest.mark.parametrize("name", FORMATS)
def test_every_invented_file_has_mutants_but_those_that_no_dumb_reader_can_read(name: str) -> None:
    paths = [*(FILES / name).glob("*.*"), *(FILES / "golden" / name).glob("*.*")]
    files = {path.stem for path in paths if path.suffix != ".json"}
    if name == "csv":  # a bank more needs no table here, but those with one are there
        files &= CSV_FILES
        assert len(files) == len(CSV_FILES)
    assert files - {original.name for original in originals(name)} <= DECIDED_BY_BALANCE


@pytest.mark.parametrize("name", FORMATS)
def test_a_reading_that_is_not_what_the_file_says_is_told(name: str) -> None:
    original = originals(name)[0]
    assert outcome(replace(original, dumb=lambda _: []), original.data) == "misread"
    assert outcome(replace(original, days=lambda _: []), original.data) == "misread"


def test_a_finding_that_the_original_has_not_is_told() -> None:
    original = next(each for each in originals("mt940") if not each.known)
    entry = original.data.index(b":61:")
    doubled = original.data[:entry] + b":61:2503040304C1.234NTRF\n" + original.data[entry:]
    assert outcome(original, doubled) == "refused"
    assert outcome(original, original.data.replace(b":62F:C", b":62F:D")) == "reported"
    assert dumb_for("mt940", original.name)(doubled) != original.dumb(original.data)
