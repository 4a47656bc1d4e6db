"""``read_statements(profile=...)``: a file is read as CSV by that layout and by nothing else."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from oimkit.banking import read_statements
from oimkit.banking.csv_profiles import builtin_profiles
from oimkit.banking.csv_profiles.model import Sign
from oimkit.errors import InputError, StatementError
from tests.banking.own_profile import own_profile
from tests.banking.statement_files import FILES, mt940

MINE = own_profile("mine", ("When", "What", "How much"), decimal=".", currency="USD")
DATA = b"When,What,How much\n01/02/2025,Cafe,3.50\n01/03/2025,Refund,-3.50\n"


def test_the_profile_decides_what_the_file_leaves_open() -> None:
    with pytest.raises(StatementError):
        read_statements(DATA)
    for given in ({}, {"format": "csv"}):
        (statement,) = read_statements(DATA, profile=MINE, **given)  # type: ignore[arg-type]
        assert statement.format == "csv" and statement.currency.code == "USD"
        assert [(str(entry.booking_date), entry.amount.text) for entry in statement.entries] == [
            ("2025-01-02", "-3.50"),
            ("2025-01-03", "3.50"),
        ]


def test_one_of_oimkits_own_profiles_can_be_named() -> None:
    data = (FILES / "golden" / "csv" / "de_dkb.csv").read_bytes()
    (own,) = (profile for profile in builtin_profiles() if profile.name == "de-dkb")
    assert read_statements(data, profile=own) == read_statements(data)


def test_the_profile_is_for_every_file_of_an_archive() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", DATA)
        archive.writestr("b.csv", DATA.replace(b"3.50", b"7.00"))
    statements = read_statements(packed.getvalue(), profile=MINE)
    assert [(each.member, each.entries[0].amount.text) for each in statements] == [(1, "-3.50"), (2, "-7.00")]


@pytest.mark.parametrize("data", [mt940(), b"When,What\n01/02/2025,Cafe\n", b"%PDF-1.7\n", b""])
def test_a_file_that_the_profile_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(StatementError, match="the profile does not fit") as refused:
        read_statements(data, profile=MINE)
    assert refused.value.advice


def test_a_damaged_row_is_reported_where_that_is_asked() -> None:
    torn = DATA.replace(b",3.50", b",3.5O")
    with pytest.raises(StatementError, match="line 2"):
        read_statements(torn, profile=MINE)
    (statement,) = read_statements(torn, profile=MINE, unbalanced="report", damaged="report")
    assert [(finding.code, finding.line) for finding in statement.findings] == [("record-not-read", 2)]


def test_a_profile_goes_with_no_other_format() -> None:
    with pytest.raises(InputError, match="a profile is of a CSV file"):
        read_statements(DATA, profile=MINE, format="mt940")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (DATA.replace(b"What", b"Which"), "the file lacks number 2 of the columns that it requires"),
        (b"a,b,c\n1,2,3\n", "none of the columns that it requires is in the file"),
        (DATA.replace(b"much\n", b"much,When\n"), "a header with each of its columns once"),
    ],
)
def test_a_profile_that_does_not_fit_says_which_columns_are_missing(data: bytes, reason: str) -> None:
    with pytest.raises(StatementError, match="the profile does not fit") as caught:
        read_statements(data, profile=MINE)
    assert reason in caught.value.reason


def test_what_a_profile_leaves_open_is_said_in_that_profile() -> None:
    open_sign = replace(MINE, amounts=replace(MINE.amounts, sign=Sign.OPEN))
    with pytest.raises(StatementError, match="the sign of the amounts is not certain") as caught:
        read_statements(DATA, profile=open_sign)
    assert caught.value.advice.startswith("say it in the profile")


def test_a_path_in_place_of_the_bytes_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match="given as bytes, not as str"):
        read_statements("statement.sta")  # type: ignore[arg-type]
