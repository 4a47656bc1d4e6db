"""The profiles that come with oimkit: each can be read, is written as it was read, and stands on its page."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.resources import files

import pytest

from oimkit.banking.csv_profiles import Profile, builtin_profiles, load_profile
from oimkit.banking.csv_profiles.model import FIELDS, KINDS, LINE_FIELDS
from oimkit.banking.csv_profiles.writing import profile_text
from oimkit.errors import InputError
from tests.house.pages import blocks
from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "formats" / "csv.md").read_text(encoding="utf-8")
MINIMAL = """name = "x"
bank = "X"
source = "s"
[header]
required = ["D", "A", "T"]
[columns]
booking_date = "D"
amount = "A"
"""


def test_every_file_is_a_profile_of_its_own_name() -> None:
    folder = files("oimkit.banking.csv_profiles").joinpath("profiles")
    names = sorted(file.name.removesuffix(".toml") for file in folder.iterdir())
    assert names == sorted(profile.name for profile in builtin_profiles())
    assert len(set(names)) == len(names) > 0


@pytest.mark.parametrize("profile", builtin_profiles(), ids=lambda profile: profile.name)
def test_a_profile_is_written_as_it_was_read(profile: Profile) -> None:
    assert load_profile(profile_text(profile)) == profile


@pytest.mark.parametrize("profile", builtin_profiles(), ids=lambda profile: profile.name)
def test_every_column_of_a_profile_is_one_of_its_header_or_of_its_cells(profile: Profile) -> None:
    names = {*profile.header.required, *profile.header.optional}
    columns = [column for _, listed in profile.columns for column in listed]
    columns += [column for _, column in profile.references]
    assert columns
    assert all(column.position is not None or column.name in names for column in columns)
    assert all(column.position is None or column.position <= (len(profile.cells) or 1000) for column in columns)


def test_the_page_lists_every_profile_and_no_other() -> None:
    head = ["| profile | bank | country | layout | known from |", "|---|---|---|---|---|"]
    table = "\n".join([*head, *map(row_of, builtin_profiles())])
    assert f"\n{table}\n\n" in PAGE, f"the table of profiles in docs/formats/csv.md is now:\n{table}"


def row_of(profile: Profile) -> str:
    known = profile.source.removeprefix("public ")
    return f"| `{profile.name}` | {profile.bank} | {profile.country or ''} | {profile.about or ''} | {known} |"


def test_the_page_names_every_key_field_kind_and_rule() -> None:
    (example,) = (block for block in blocks(PAGE) if block.language == "toml")
    assert isinstance(load_profile(example.text), Profile)
    own = {field.name for field in fields(Profile)} - {"guessed", "lines", "columns"}
    missing = [name for name in own if not re.search(rf"^\[*{name}\b|^`?{name}|`{name}", PAGE, re.MULTILINE)]
    missing += [name for name in (*FIELDS, *LINE_FIELDS) if f"`{name}`" not in PAGE]
    missing += [kind for kind in KINDS if f"`{kind}`" not in PAGE]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("= 1", "not TOML"),
        ("name = 'x'", "bank is missing"),
        (MINIMAL + "colour = 'red'", "a column holds none of these: colour"),
        (MINIMAL.replace('"x"', '"X y"', 1), "small letters"),
        (MINIMAL + "[dates]\norder = 'dym'\n", "dates.order is one of dmy, mdy, ymd"),
        (MINIMAL + "[amounts]\nsign = 'columns'\n", "need the columns debit, credit"),
        (MINIMAL + "[file]\nencoding = 'klingon'\n", "file.encoding is none that is known"),
        (MINIMAL + "[amounts]\ndecimals = ','\n", "amounts.decimals is no key"),
        (MINIMAL + "[amounts]\ncurrency = 'euros'\n", "a currency code is three capital letters"),
        (MINIMAL.replace('booking_date = "D"\n', ""), "needs a booking_date or a value_date"),
        (MINIMAL + "[[line]]\nlabel = 'x'\ngives = 'colour'\n", "a row gives one of"),
        ("x" * 100_001, "at most 100000 characters"),
    ],
)
def test_a_profile_with_a_mistake_is_refused_with_what_to_do(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as refused:
        load_profile(text)
    assert refused.value.advice
