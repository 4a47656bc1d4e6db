"""``oimkit statement read``: what it prints, what it refuses, and with which status."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Caller = Callable[..., Result]
JsonCaller = Callable[..., list[dict[str, Any]]]

GOOD = (
    ":20:A\n:25:NL57OIMK0417164300\n:28C:1\n:60F:C250101EUR10,00\n"
    ":61:250102D4,00NTRFPAY-1//B1\n:86:for the canary text\n:62F:C250102EUR6,00\n-\n"
)
UNBALANCED = GOOD.replace("EUR6,00", "EUR7,00")
WITHOUT_ENTRIES = ":20:A\n:25:NL57OIMK0417164300\n:28C:1\n:60F:C250101EUR10,00\n:62F:C250102EUR10,00\n-\n"
TRUNCATED = GOOD.split(":62F:")[0]
STATEMENT_KEYS = {
    "file", "format", "account", "currency", "opening", "closing", "opening_date", "closing_date", "balanced",
    "findings", "entries",
}  # fmt: skip
ENTRY_KEYS = {
    "booking_date", "value_date", "amount", "currency", "status", "reference", "end_to_end_id", "mandate_id",
    "batch_id", "counterparty_name", "counterparty_account", "structured_reference", "remittance", "bank_code",
    "return_reason", "reversal", "instructed_amount", "instructed_currency", "charges_amount", "details",
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(content: str | bytes, name: str = "statement.sta") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_statement_is_one_object_with_its_entries(file: Callable[..., Path], call_json: JsonCaller) -> None:
    path = file(GOOD)
    (row,) = call_json("statement", "read", path, "--json")
    assert set(row) >= STATEMENT_KEYS
    assert (row["file"], row["format"], row["balanced"]) == (str(path), "mt940", True)
    assert (row["opening"], row["closing"], row["closing_date"]) == ("10.00", "6.00", "2025-01-02")
    (entry,) = row["entries"]
    assert set(entry) >= ENTRY_KEYS
    assert (entry["amount"], entry["currency"], entry["status"]) == ("-4.00", "EUR", "booked")


def test_statement_without_entries_is_an_object_too(file: Callable[..., Path], call_json: JsonCaller) -> None:
    (row,) = call_json("statement", "read", file(WITHOUT_ENTRIES), "--json")
    assert row["entries"] == [] and row["balanced"] is True


def test_amounts_are_texts_never_numbers(file: Callable[..., Path], call_json: JsonCaller) -> None:
    def numbers(value: object) -> list[object]:
        if isinstance(value, dict):
            return [found for part in value.values() for found in numbers(part)]
        if isinstance(value, list):
            return [found for part in value for found in numbers(part)]
        return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []

    (row,) = call_json("statement", "read", file(GOOD), "--json")
    assert numbers(row) == []
    assert Decimal(row["opening"]) + Decimal(row["entries"][0]["amount"]) == Decimal(row["closing"])


def test_file_is_named_exactly_as_given(
    file: Callable[..., Path], call_json: JsonCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file(GOOD).parent)
    (row,) = call_json("statement", "read", "./statement.sta", "--json")
    assert row["file"] == "./statement.sta"


def test_unbalanced_statement_is_shown_and_marked(file: Callable[..., Path], call_json: JsonCaller) -> None:
    (row,) = call_json("statement", "read", file(UNBALANCED), "--json", status=1)
    assert row["balanced"] is False
    assert len(row["entries"]) == 1


def test_refused_file_does_not_keep_the_others_from_being_read(
    file: Callable[..., Path], call_json: JsonCaller
) -> None:
    bad, good = file("no statement\n", "bad.txt"), file(GOOD)
    refused, read = call_json("statement", "read", bad, good, "--json", status=2)
    assert set(refused) == {"file", "error", "line", "reason"}
    assert refused["file"] == str(bad) and refused["reason"]
    assert read["file"] == str(good)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 2),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", 2),
        (b"PK\x03\x04\x14\x00", 2),
        (b"\x00" * 1000, 2),
        (b"<?xml version='1.0'?><html><body>Log in</body></html>", 2),
        (TRUNCATED.encode(), 1),
        (UNBALANCED.encode(), 1),
        (GOOD.replace("4,00", "4.000,00").encode(), 1),
    ],
    ids=["empty", "pdf", "zip", "zeros", "web page", "truncated", "unbalanced", "amount of two readings"],
)
def test_bad_file_gives_one_clear_sentence(
    content: bytes, status: int, file: Callable[..., Path], call: Caller, call_json: JsonCaller
) -> None:
    path = file(content)
    result = call("statement", "read", path)
    assert result.exit_code == status
    assert "Traceback" not in result.stderr
    if status == 2:
        assert result.stdout == ""
        assert result.stderr.startswith(f"oimkit: {path}: refused: ")
        assert result.stderr.count("\n") == 1
        assert len(result.stderr.split("; ")) >= 2, "what to do next is missing"
    (row,) = call_json("statement", "read", path, "--json", status=status)
    assert row["reason"] if status == 2 else row["findings"] or row["balanced"] is False


@pytest.mark.parametrize("name", ["none.sta", ".", "a\0b"], ids=["missing", "folder", "no name"])
def test_name_that_is_no_file_is_refused(
    name: str, call_json: JsonCaller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (row,) = call_json("statement", "read", name, "--json", status=2)
    assert row["file"] == name and row["error"] and row["line"] is None


def test_format_that_does_not_exist_is_refused(file: Callable[..., Path], call_json: JsonCaller) -> None:
    (row,) = call_json("statement", "read", file(GOOD), "--format", "nonsense", "--json", status=2)
    assert "mt940" in row["reason"]


def test_refusal_repeats_nothing_of_the_file(file: Callable[..., Path], call: Caller) -> None:
    result = call("statement", "read", file(GOOD.replace(":61:250102D4,00", ":61:CANARY57OIMK04171643004,00")))
    assert "CANARY" not in result.stderr and "NL57OIMK0417164300" not in result.stderr


def test_second_reading_is_a_key_of_every_statement(file: Callable[..., Path], call_json: JsonCaller) -> None:
    (row,) = call_json("statement", "read", file(GOOD), "--second-reading", "--json")
    assert row["second_reading"] == []
    assert set(row) >= STATEMENT_KEYS | {"second_reading"}


def test_table_is_for_people(file: Callable[..., Path], call: Caller) -> None:
    result = call("statement", "read", file(GOOD))
    assert result.exit_code == 0
    for text in ("mt940", "-4.00", "opening 10.00 EUR", "closing 6.00 EUR"):
        assert text in result.stdout


def test_long_statement_is_cut_for_people_only(file: Callable[..., Path], call: Caller, call_json: JsonCaller) -> None:
    line = ":61:250102D1,00NTRFX//B{0}\n"
    entries = "".join(line.format(number) for number in range(60))
    text = GOOD.split(":61:")[0] + entries + ":62F:D250102EUR50,00\n-\n"
    path = file(text)
    assert "and 10 entries more" in call("statement", "read", path).stdout
    (row,) = call_json("statement", "read", path, "--json")
    assert len(row["entries"]) == 60


def test_control_characters_of_a_file_reach_no_terminal(file: Callable[..., Path], call: Caller) -> None:
    result = call("statement", "read", file(GOOD.replace("canary", "\x1b[31mred\x07")))
    assert "\x1b" not in result.stdout and "\x07" not in result.stdout


def test_standard_input_is_a_file_called_hyphen(process: Callable[..., Any]) -> None:
    answer: subprocess.CompletedProcess[str] = process("statement", "read", "-", "--json", input=GOOD)
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["file"] == "-"
    assert answer.stderr == ""


def test_file_name_that_is_not_utf8_is_given_back(tmp_path: Path, process: Callable[..., Any]) -> None:
    name = str(tmp_path / "caf\udce9.sta")
    Path(name).write_text(GOOD)
    assert json.loads(process("statement", "read", name, "--json").stdout)["file"] == name


def test_records_that_cannot_be_read_are_left_out_where_that_is_asked(
    file: Callable[..., Path], call_json: JsonCaller
) -> None:
    torn = file(GOOD.replace(":62F:", ":61:250102D1.000NTRF\n:62F:"))
    (refused,) = call_json("statement", "read", torn, "--json", status=2)
    assert refused["line"] == 7
    (row,) = call_json("statement", "read", torn, "--damaged", "report", "--json", status=1)
    assert [entry["amount"] for entry in row["entries"]] == ["-4.00"]
    assert [(finding["code"], finding["line"]) for finding in row["findings"]] == [("record-not-read", 7)]


def test_statements_of_an_archive_say_which_file_they_are_of(
    tmp_path: Path, call: Caller, call_json: JsonCaller
) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.sta", GOOD)
        archive.writestr("b.sta", WITHOUT_ENTRIES)
    shown = call("statement", "read", path).stdout
    assert f"{path}, file 1: mt940" in shown.replace("\n", "") and f"{path}, file 2: mt940" in shown.replace("\n", "")
    assert [row["member"] for row in call_json("statement", "read", path, "--json")] == [1, 2]


def test_how_a_file_was_read_is_told_and_leaves_the_status_at_0(file: Callable[..., Path], call: Caller) -> None:
    path = file(GOOD.replace("canary", "caf\u00e9").encode("cp1252"))
    result = call("statement", "read", path)
    assert result.exit_code == 0
    assert "note: the bytes are not UTF-8" in result.stdout and "look at:" not in result.stdout


def test_a_finding_that_leaves_something_open_is_status_1(file: Callable[..., Path], call: Caller) -> None:
    result = call("statement", "read", file("!Type:Bank\nD13/01/2025\nT-1.50\nPRent\n^\n"))
    assert result.exit_code == 1
    assert "note: line 2: the dates are read" in result.stdout
    assert "look at: line 1: the file names no currency" in result.stdout
