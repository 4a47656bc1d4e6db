"""Every example in a docstring does what it says."""

from __future__ import annotations

import doctest
import importlib
import os
from pathlib import Path

import pytest

from tests.house.source import modules

FLAGS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL


@pytest.mark.parametrize("name", sorted(name for name, path in modules().items() if path.name != "__main__.py"))
def test_examples_of_the_module_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(f"oimkit.{name}" if name else "oimkit")
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(test, out=said.append)
    assert not said, "".join(said)
    assert os.listdir(tmp_path) == [], "an example left a file behind"
