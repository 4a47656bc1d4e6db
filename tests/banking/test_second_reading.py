"""The second reading: agreement is silence, every difference is data, no foreign fault or text comes through."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from oimkit.banking import compare_readings
from oimkit.banking.second_reading import Difference
from tests.banking.statement_files import content, mt940, ofx


def codes(differences: tuple[Difference, ...]) -> list[str]:
    return [difference.code for difference in differences]


@pytest.mark.parametrize("name", ["mt940/abn_slash.sta", "mt940/german_numbered.sta", "ofx1/one_line_two_accounts.qfx"])
def test_readings_that_agree_give_nothing(name: str) -> None:
    assert compare_readings(content(name)) == ()


def test_entries_that_the_library_loses_are_a_difference() -> None:
    differences = compare_readings(content("mt940/rabobank_dotted.swi"))
    assert codes(differences)[0] in ("entry-count", "entry-amounts")
    assert differences[0].own == "2" or differences[0].own is not None


def test_a_refusal_of_the_library_is_a_difference_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    data = content("mt940/asn_long_reference.sta").replace(b"NOVB", b"N   ")
    differences = compare_readings(data.replace(b"Betaling boeken", b"GEHEIM-CANARY"))
    assert "CANARY" not in repr(differences) + caplog.text
    assert all(difference.code != "own-reader-refused" for difference in differences)


def test_a_refusal_of_the_own_reader_is_a_difference() -> None:
    assert codes(compare_readings(mt940(":61:garbage"))) == ["own-reader-refused"]


def test_a_format_without_a_library_is_not_compared() -> None:
    assert codes(compare_readings(content("camt053/batch_returned_pending.xml"))) == ["not-compared"]


def test_a_file_too_large_for_the_library_is_not_given_to_it() -> None:
    data = ofx(*["<DTPOSTED>20250304<TRNAMT>1.00<FITID>A"] * 4001)
    assert codes(compare_readings(data)) == ["not-compared"]


def test_a_text_that_names_a_file_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(":20:").write_text(content("mt940/abn_slash.sta").decode())
    assert compare_readings(b":20:", "mt940") == ()  # the file of that name would be one entry more
