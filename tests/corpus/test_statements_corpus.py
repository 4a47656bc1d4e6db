"""Real bank files, read where they lie: nothing misread, at least 99 % of every format read right.

The folder is OIMKIT_CORPUS or ../shared/corpus; without it one loud line tells how many tests did not run.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from oimkit.banking import FORMATS, Statement, compare_readings, detect, read_statements
from oimkit.errors import StatementError
from tests.conftest import corpus_folder

pytestmark = pytest.mark.corpus

LEAST_RIGHT = 0.99

NOT_OURS = {"mt940/fruitl00p+php-mt940/Rabo__sample"}
"""Files in which mt-940 is known to lose entries, so that the two readings differ."""

TWO_ON_A_LINE = ("bai2/moov-io+bai2/testdata__sample3.txt", "bai2/moov-io+bai2/testdata__sample3~v.txt")
"""The oracle counts the records (16) at the beginning of a line; two lines of these files hold a second one, and with
it the first two accounts close, which the oracle says that they do not."""


@lru_cache
def manifest() -> tuple[dict[str, str], ...]:
    folder = corpus_folder()
    if folder is None:
        return ()
    with (folder / "MANIFEST.csv").open(encoding="utf-8") as lines:
        return tuple(row for row in csv.DictReader(lines) if (folder / row["file"]).exists())


@lru_cache
def oracle() -> dict[str, Any]:
    folder = corpus_folder()
    assert folder is not None
    found: dict[str, Any] = json.loads((folder / "oracle.json").read_text(encoding="utf-8"))
    return found


def content(row: dict[str, str]) -> bytes:
    folder = corpus_folder()
    assert folder is not None
    return Path(folder, row["file"]).read_bytes()


def files(name: str) -> list[dict[str, str]]:
    known = oracle().keys() - set(TWO_ON_A_LINE)
    return [row for row in manifest() if row["format"] == name and row["file"] in known]


NOT_JUDGED = {"csv", "1c"}
"""Formats of whose files the oracle says nothing."""

JUDGED = [name for name in FORMATS if name not in NOT_JUDGED]


def test_every_other_format_is_judged() -> None:
    assert {name for name in FORMATS if not files(name)} <= NOT_JUDGED


def verdict(row: dict[str, str]) -> str:
    """RIGHT, WRONG or REFUSED, by the number of entries, their sum and the balances that the oracle has.

    The oracle's number of entries holds those that are not booked, its sum does not.
    """
    real = oracle()[row["file"]]["st"]
    try:
        statements = read_statements(content(row), unbalanced="report")
    except StatementError:
        return "RIGHT" if row["nature"] in ("malformed", "fragment") or not real else "REFUSED"
    return "RIGHT" if any(_agree(statements, real, pending, bad) for pending in (0, 1) for bad in (0, 1)) else "WRONG"


def _agree(statements: tuple[Statement, ...], real: list[dict[str, Any]], pending: int, bad: int) -> bool:
    entries = [entry for statement in statements for entry in (statement.entries if pending else statement.booked)]
    count = sum(one["n"] - (not pending) * (one.get("pending") or 0) - bad * (one.get("bad") or 0) for one in real)
    total = sum((Decimal(one["sum_all"] if pending and one.get("sum_all") else one["sum"]) for one in real), Decimal(0))
    if len(entries) != count or sum((entry.amount.amount for entry in entries), Decimal(0)) != total:
        return False
    wanted = Counter((_number(one["open"]), _number(one["close"])) for one in real if one["n"])
    read = Counter((_balance(one, "opening"), _balance(one, "closing")) for one in statements)
    return not Counter({pair: times for pair, times in wanted.items() if None not in pair}) - read


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _balance(statement: Statement, end: str) -> Decimal | None:
    balance = getattr(statement, end)
    return None if balance is None else balance.amount.amount


@pytest.mark.parametrize("name", JUDGED)
def test_no_file_is_misread_and_nearly_all_are_read(name: str) -> None:
    verdicts: dict[str, list[str]] = defaultdict(list)
    for row in files(name):
        verdicts[verdict(row)].append(row["file"])
    counts = {key: len(named) for key, named in verdicts.items()}
    print(f"{name}: {counts}")
    assert verdicts["WRONG"] == []
    assert len(verdicts["RIGHT"]) >= LEAST_RIGHT * sum(counts.values()), verdicts["REFUSED"]


@pytest.mark.parametrize("name", JUDGED)
def test_what_the_oracle_says_balances_does(name: str) -> None:
    differing = []
    for row in files(name):
        real = oracle()[row["file"]]["st"]
        if not real or any(one["ok"] is None for one in real) or row["nature"] in ("malformed", "fragment"):
            continue
        statements = read_statements(content(row), unbalanced="report")
        verdicts = Counter(statement.balanced for statement in statements if statement.balanced is not None)
        if Counter(one["ok"] for one in real) != verdicts:
            differing.append(row["file"])
    assert differing == []


def test_records_that_share_a_line_are_all_read() -> None:
    rows = [row for row in manifest() if row["file"] in TWO_ON_A_LINE]
    assert len(rows) in (0, len(TWO_ON_A_LINE))
    for row in rows:
        printed = re.findall(rb"(?:^|[/\s])16,[0-9]{3},", content(row), re.MULTILINE)
        statements = read_statements(content(row), unbalanced="report")
        assert sum(len(statement.entries) for statement in statements) == len(printed) == 26
        assert not [statement for statement in statements if statement.balanced is False]


@pytest.mark.parametrize("name", ["mt940", "ofx1", "ofx2"])
def test_the_library_reads_the_same_where_it_reads(name: str) -> None:
    differing = {}
    for row in files(name):
        if row["nature"] in ("malformed", "fragment") or row["file"] in NOT_OURS:
            continue
        codes = {difference.code for difference in compare_readings(content(row), name)}
        if codes - {"second-reader-refused", "not-compared", "own-reader-refused"}:
            differing[row["file"]] = codes
    assert differing == {}


def test_every_file_is_recognised_as_its_format_or_refused() -> None:
    other = {}
    for row in manifest():
        if row["nature"] in ("malformed", "fragment"):
            continue
        try:
            name = detect(content(row))
        except StatementError:
            continue
        if name != row["format"] and not {name, row["format"]} <= {"mt940", "mt942"}:
            other[row["file"]] = name
    share = len(other) / max(1, len(manifest()))
    print(f"recognised as another format: {other}")
    assert share < 0.03


def test_no_refusal_repeats_the_text_of_its_file() -> None:
    """No word of eight or more characters of a file stands in its refusal, apart from the file's own markup."""
    ours = {"statement", "document", "download", "CdtDbtInd", "unbalanced", "recognised"}
    for row in manifest():
        data = content(row)
        try:
            read_statements(data)
        except StatementError as error:
            words = {word.strip(".,;:()\"'") for word in str(error).split()}
            texts = data.decode("latin-1")
            repeated = {word for word in words if any(map(str.isdigit, word)) and len(word) >= 8 and word in texts}
            assert repeated - ours == set(), row["file"]
