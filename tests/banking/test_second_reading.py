"""The second reading: agreement is silence, every difference is data, no foreign fault or text comes through."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from oimkit.banking import compare_readings
from oimkit.banking.second_reading import Difference
from tests.banking.statement_files import FILES, content, mt940, ofx


def codes(differences: tuple[Difference, ...]) -> list[str]:
    return [difference.code for difference in differences]


@pytest.mark.parametrize("name", ["mt940/abn_slash.sta", "mt940/german_numbered.sta", "ofx1/one_line_two_accounts.qfx"])
def test_readings_that_agree_give_nothing(name: str) -> None:
    assert compare_readings(content(name)) == ()


def test_entries_that_the_library_loses_are_a_difference() -> None:
    differences = compare_readings(content("mt940/rabobank_dotted.swi"))
    assert (differences[0].code, differences[0].own, differences[0].other) == ("entry-count", "2", "1")


def test_a_refusal_of_the_library_is_a_difference_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    data = content("mt940/asn_long_reference.sta").replace(b"NOVB", b"N   ")
    differences = compare_readings(data.replace(b"Betaling boeken", b"GEHEIM-CANARY"))
    assert "CANARY" not in repr(differences) + caplog.text
    assert codes(differences) == ["second-reader-refused"]


FIRST_CALL = """
import json, logging, sys, warnings
from pathlib import Path

told = []

class Kept(logging.Handler):
    def emit(self, record):
        told.append(f"{record.levelname} {record.getMessage()}")

if sys.argv[2] == "kept":
    logging.basicConfig(level=logging.DEBUG, handlers=[Kept()])
    logging.captureWarnings(True)
    warnings.simplefilter("always")
from oimkit.banking import compare_readings
compare_readings(Path(sys.argv[1]).read_bytes())
print(json.dumps({"told": told, "asked": sorted({"mt940", "ofxparse"} & set(sys.modules))}))
"""


def first_call(file: str, records: str) -> tuple[dict[str, list[str]], str]:
    """What the first call of a process tells to a handler of every record, and what it writes to standard error."""
    command = [sys.executable, "-c", FIRST_CALL, str(FILES / file), records]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout), done.stderr


@pytest.mark.parametrize(
    ("file", "library"),
    [("mt940/asn_long_reference.sta", "mt940"), ("ofx1/one_line_two_accounts.qfx", "ofxparse")],
)
def test_first_call_of_a_process_writes_nothing_to_standard_error(file: str, library: str) -> None:
    said, errors = first_call(file, "unconfigured")
    assert said["asked"] == [library]
    assert errors == ""


@pytest.mark.parametrize("file", ["mt940/asn_long_reference.sta", "ofx1/one_line_two_accounts.qfx"])
def test_first_call_of_a_process_makes_no_record_at_any_level(file: str) -> None:
    said, errors = first_call(file, "kept")
    assert (said["told"], errors) == ([], "")


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
