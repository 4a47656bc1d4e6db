"""The page that sets oimkit beside other clients: every cell of oimkit names a test that exists, every no a reason."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.source import ROOT

PAGE = ROOT / "docs" / "clients.md"
FEATURES = 40


def rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.count("|") == 14]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_table_has_every_feature() -> None:
    features = [row[0] for row in rows()]
    assert len(features) == len(set(features)) == FEATURES


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].replace(" ", "-"))
def test_a_cell_of_oimkit_is_shown_by_a_test_that_exists(row: list[str]) -> None:
    path, _, name = row[2].strip("`").partition("::")
    assert name.startswith("test_") and name in names_in(path)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].replace(" ", "-"))
def test_a_no_has_its_reason_below_the_table(row: list[str]) -> None:
    assert row[1]
    if row[1].startswith("no"):
        (note,) = re.findall(r"[¹²³⁴⁵]", row[1])
        number = "¹²³⁴⁵".index(note) + 1
        assert re.search(rf"^{number}\. \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
