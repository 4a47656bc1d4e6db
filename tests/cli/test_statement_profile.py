"""``oimkit statement profile``, and ``--csv-profile`` where statements are read: from a file to its entries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from oimkit.banking import read_statements
from oimkit.banking.csv_profiles import load_profile
from tests.banking.statement_files import FILES

Caller = Callable[..., Result]
JsonCaller = Callable[..., list[dict[str, Any]]]

UNKNOWN = b"Posted;Details;Money out;Money in\n05/01/2025;Rent;700,00;\n06/01/2025;INV-42;;121,00\n"
KNOWN = FILES / "golden" / "csv" / "de_dkb.csv"


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    path = tmp_path / "download.csv"
    path.write_bytes(UNKNOWN)
    return path


@pytest.fixture
def profile(unknown: Path, call: Caller) -> Path:
    """The profile that the command proposes, with the answers that a person gives."""
    result = call("statement", "profile", unknown)
    assert result.exit_code == 1
    path = unknown.parent / "my-bank.toml"
    path.write_text(result.stdout.replace("# order", "order").replace("# currency", "currency"), encoding="utf-8")
    return path


def test_the_proposal_is_a_profile_on_standard_output_and_words_beside_it(unknown: Path, call: Caller) -> None:
    result = call("statement", "profile", unknown)
    assert load_profile(result.stdout).name == "my-bank"
    shown, questions = result.stderr.splitlines()[:2], result.stderr.splitlines()[2:]
    assert ["-700" in shown[0], "121" in shown[1]] == [True, True]
    assert [line.split(":")[0] for line in questions] == [
        "open",
        "open",
        "keep it in a file, look it through, and read with",
    ]


def test_as_json_it_is_one_object(unknown: Path, call_json: JsonCaller) -> None:
    (row,) = call_json("statement", "profile", unknown, "--json", status=1)
    assert (row["file"], row["known"], len(row["questions"]), len(row["entries"])) == (str(unknown), None, 2, 2)
    assert load_profile(row["profile"]).dates.order is None


def test_a_file_that_is_known_needs_no_profile(call: Caller, call_json: JsonCaller) -> None:
    assert "oimkit reads this file already, by its own profile de-dkb" in call("statement", "profile", KNOWN).stderr
    (row,) = call_json("statement", "profile", KNOWN, "--json")
    assert (row["known"], row["questions"]) == ("de-dkb", [])


def test_at_most_ten_entries_are_shown(tmp_path: Path, call_json: JsonCaller) -> None:
    path = tmp_path / "long.csv"
    rows = "".join(f"2025-01-{day:02};Text;{day},00;\n" for day in range(1, 29))
    path.write_text(f"Posted;Details;Money out;Money in\n{rows}")
    (row,) = call_json("statement", "profile", path, "--json", status=1)
    assert len(row["entries"]) == 10


def test_a_file_that_is_no_table_gets_no_profile(tmp_path: Path, call: Caller) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader,\nthis is no table.\n")
    result = call("statement", "profile", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"oimkit: {path}: refused: ")


def test_the_profile_with_its_answers_reads_the_file(
    unknown: Path, profile: Path, call: Caller, call_json: JsonCaller
) -> None:
    assert call("statement", "read", unknown).exit_code == 2
    (row,) = call_json("statement", "read", unknown, "--csv-profile", profile, "--json")
    assert [(entry["booking_date"], entry["amount"]) for entry in row["entries"]] == [
        ("2025-01-05", "-700.00"),
        ("2025-01-06", "121.00"),
    ]
    assert (row["format"], row["currency"], row["findings"]) == ("csv", "EUR", [])


def test_the_profile_is_taken_for_converting(unknown: Path, profile: Path, call: Caller, tmp_path: Path) -> None:
    out = tmp_path / "out.xml"
    assert call("statement", "convert", unknown, "--out", out).exit_code == 2
    result = call("statement", "convert", unknown, "--csv-profile", profile, "--out", out)
    assert result.exit_code in (0, 1), result.stderr
    (statement,) = read_statements(out.read_bytes())
    assert [entry.amount.text for entry in statement.entries] == ["-700.00", "121.00"]


def test_the_profile_is_taken_for_importing(
    unknown: Path, profile: Path, call_json: JsonCaller, connected: Callable[..., None]
) -> None:
    (row,) = call_json(
        *("statement", "import", unknown, "--csv-profile", profile, "--journal", "BNK1", "--dry-run", "--json"),
        status=1,
    )
    assert [entry["amount"] for entry in row["entries"]] == ["-700.00", "121.00"]


def test_a_second_reading_of_csv_is_not_compared(unknown: Path, profile: Path, call_json: JsonCaller) -> None:
    (row,) = call_json("statement", "read", unknown, "--csv-profile", profile, "--second-reading", "--json")
    assert [difference["code"] for difference in row["second_reading"]] == ["not-compared"]


def test_a_file_that_the_profile_does_not_fit_is_refused(profile: Path, call: Caller) -> None:
    result = call("statement", "read", KNOWN, "--csv-profile", profile)
    assert result.exit_code == 2
    assert "the profile does not fit" in result.stderr


@pytest.mark.parametrize("name", ["read", "convert", "import"])
@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        (None, (), "the CSV profile: the file cannot be opened"),
        (b"= 1", (), "the profile is not TOML"),
        (b"\xff", (), "not UTF-8"),
        (b"name = 'x'", (), "bank is missing"),
        (b"", ("--format", "mt940"), "--csv-profile reads CSV"),
    ],
)
def test_a_profile_that_is_none_is_refused(
    name: str, text: bytes | None, more: tuple[str, ...], reason: str, unknown: Path, call: Caller
) -> None:
    path = unknown.parent / "wrong.toml"
    if text is not None:
        path.write_bytes(text)
    out = ("--out", unknown.parent / "out.xml") if name == "convert" else ()
    result = call("statement", name, unknown, "--csv-profile", path, *more, *out)
    assert result.exit_code == 2
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1
