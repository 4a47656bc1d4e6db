"""Formats that other packages add by an entry point: the page's example, installed; and packages with a mistake."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oimkit.banking import FORMATS, detect, read_statements
from oimkit.banking.formats import added_formats
from oimkit.banking.formats.registry import ENTRY_POINTS
from oimkit.errors import InputError, StatementError
from tests.house.pages import Block, blocks
from tests.house.source import ROOT

PAGE = ROOT / "docs" / "formats" / "index.md"
BLOCKS = list(blocks(PAGE.read_text(encoding="utf-8")))
ACME = b"ACME EUR\n2026-11-02 -12.50\n2026-11-03 7.00\n"

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a module and its entry points where Python finds installed packages."""

    def put(module: str, text: str, points: dict[str, str]) -> None:
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        folder = tmp_path / f"{module}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        lines = [f"[{ENTRY_POINTS}]", *(f"{name} = {value}" for name, value in points.items())]
        (folder / "entry_points.txt").write_text("\n".join(lines) + "\n")

    monkeypatch.syspath_prepend(tmp_path)
    added_formats.cache_clear()
    yield put
    added_formats.cache_clear()


def example() -> tuple[Block, dict[str, str]]:
    """The module of the page, and the entry points that it tells to write."""
    (module,) = (block for block in BLOCKS if block.file == "acme_statements.py")
    (project,) = (block for block in BLOCKS if block.language == "toml")
    return module, tomllib.loads(project.text)["project"]["entry-points"][ENTRY_POINTS]


def test_the_format_of_the_page_is_read_once_it_is_installed(install: Install) -> None:
    with pytest.raises(StatementError, match="no bank statement format"):
        read_statements(ACME)
    added_formats.cache_clear()
    module, points = example()
    install("acme_statements", module.text, points)
    assert detect(ACME) == "acme"
    for given in ({}, {"format": "acme"}):
        (statement,) = read_statements(ACME, **given)  # type: ignore[arg-type]
        assert [entry.amount.text for entry in statement.entries] == ["-12.50", "7.00"]
    with pytest.raises(StatementError, match="acme, line 2: a line is no entry"):
        read_statements(ACME.replace(b"-12.50", b"-12,50"))


def test_own_formats_are_recognised_without_asking_a_package(install: Install) -> None:
    install("greedy_one", "raise SystemError('imported')\n", {"greedy": "greedy_one:GREEDY"})
    assert detect(b"!Type:Bank\nD13/01/2025\nT1.00\n^\n") == "qif"
    with pytest.raises(InputError, match="entry point 'greedy' cannot be loaded: SystemError"):
        detect(ACME)


@pytest.mark.parametrize("name", ["csv", "acme_two"])
def test_a_name_that_is_taken_is_refused(name: str, install: Install) -> None:
    text = f"from oimkit.banking.formats import Format\nONE = Format({name!r}, 'x', None)\n"
    install("taken_one", text, {"one": "taken_one:ONE", "two": "taken_one:ONE"})
    with pytest.raises(InputError, match="gives no Format with a name of its own"):
        detect(ACME)


def test_what_is_no_format_is_refused(install: Install) -> None:
    install("wrong_one", "ONE = 'a text'\n", {"one": "wrong_one:ONE"})
    with pytest.raises(InputError, match="gives no Format") as refused:
        read_statements(ACME, format="one")
    assert refused.value.advice


def test_the_page_lists_every_format_and_no_other() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert {row[0].strip("| `") for row in rows} == set(FORMATS)
    linked = {target.split("](")[1].split(")")[0].split("#")[0] for row in rows for target in row[-1:]}
    pages = {path.name for path in PAGE.parent.glob("*.md")} - {"index.md"}
    assert linked == pages
