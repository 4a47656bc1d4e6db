"""``oimkit statement convert``: one file out of several, what is lost is told, nothing is written after a refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

from oimkit.banking import read_statements

Caller = Callable[..., Result]
JsonCaller = Callable[..., list[dict[str, Any]]]

GOOD = (
    b":20:A\n:25:NL57OIMK0417164300\n:28C:1\n:60F:C250101EUR10,00\n"
    b":61:250102D4,00NTRFPAY-1//B1\n:86:for the canary text\n:62F:C250102EUR6,00\n-\n"
)
BAD = GOOD.replace(b"EUR6,00", b"EUR7,00")


def test_files_become_one_that_reads_back(tmp_path: Path, call_json: JsonCaller) -> None:
    source, out = tmp_path / "a.sta", tmp_path / "out.xml"
    source.write_bytes(GOOD)
    (row,) = call_json("statement", "convert", source, source, "--out", out, "--json")
    assert (row["statements"], row["entries"]) == (2, 2)
    again = read_statements(out.read_bytes())
    assert [statement.balanced for statement in again] == [True, True]
    assert [entry.amount.text for statement in again for entry in statement.entries] == ["-4.00", "-4.00"]


def test_nothing_is_written_when_a_file_is_refused(tmp_path: Path, call: Caller) -> None:
    good, bad, out = tmp_path / "a.sta", tmp_path / "b.sta", tmp_path / "out.xml"
    good.write_bytes(GOOD)
    bad.write_bytes(BAD)
    result = call("statement", "convert", good, bad, "--out", out)
    assert result.exit_code == 2
    assert "does not close" in result.output
    assert not out.exists()


def test_unbalanced_statements_are_taken_when_told_so(tmp_path: Path, call: Caller) -> None:
    bad, out = tmp_path / "b.sta", tmp_path / "out.xml"
    bad.write_bytes(BAD)
    assert call("statement", "convert", bad, "--out", out, "--accept-unbalanced").exit_code in (0, 1)
    assert read_statements(out.read_bytes(), unbalanced="report")[0].balanced is False
