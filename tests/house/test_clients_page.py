"""The page that sets oimkit beside other clients: every cell of oimkit names tests that run, every no a reason."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.source import ROOT

PAGE = ROOT / "docs" / "clients.md"
FEATURES = 40


def rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.count("|") == 14]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


RUN_EVERYWHERE = {"parametrize", "double", "versions", "slow", "usefixtures"}
"""Marks of tests that ``make test`` runs: not ``live``, ``browser`` or skips, nor ``real``, which the double cannot
run, nor ``corpus``, which not every machine has."""


def shown_by(row: list[str]) -> list[str]:
    return re.findall(r"`([^`]+)`", row[2])


def marks_of(test: str) -> set[str]:
    """The marks of the test with this id and of its module; KeyError when there is no such test."""
    path, _, name = test.partition("::")
    assert Path(path).name.startswith("test_"), f"pytest looks for no tests in {path}"
    module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    tests = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    whole = [
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    ]
    text = " ".join(map(ast.unparse, [*tests[name].decorator_list, *whole]))
    return set(re.findall(r"pytest\.mark\.(\w+)", text))


def test_the_table_has_every_feature() -> None:
    features = [row[0] for row in rows()]
    assert len(features) == len(set(features)) == FEATURES


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].replace(" ", "-"))
def test_a_cell_of_oimkit_is_shown_by_tests_that_run_everywhere(row: list[str]) -> None:
    assert shown_by(row)
    for test in shown_by(row):
        assert marks_of(test) <= RUN_EVERYWHERE, test


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].replace(" ", "-"))
def test_a_no_has_its_reason_below_the_table(row: list[str]) -> None:
    assert row[1]
    if row[1].startswith("no"):
        (note,) = re.findall(r"[¹²³⁴⁵]", row[1])
        number = "¹²³⁴⁵".index(note) + 1
        assert re.search(rf"^{number}\. \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
