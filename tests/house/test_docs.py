"""Every block of the documentation runs, every shown output is what comes out, every link leads somewhere."""

from __future__ import annotations

import doctest
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.pages import CHECKED, RUNNABLE, SHOWN, Block, Step, anchors, blocks, links, pages, steps
from tests.house.source import ROOT

TIMEOUT_S = 120


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


class Reader:
    """One person reading one page: a folder with the examples, a namespace, and an embedded server where asked."""

    def __init__(self, page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.page = page
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.monkeypatch = monkeypatch
        self.server: Any = None
        if (ROOT / "examples").is_dir():
            (folder / "examples").symlink_to(ROOT / "examples")
        monkeypatch.chdir(folder)
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)  # a reader's pytest prints what pytest prints by itself

    def follow(self, block: Block) -> None:
        if block.sandbox is not None:
            self.serve(block.sandbox)
        if block.file is not None:
            (self.folder / block.file).write_text(block.text, encoding="utf-8")
        match block.language:
            case "python":
                self.run_python(block)
            case "console":
                for step in steps(block):
                    self.run_command(step)
            case "sh":
                for number, line in enumerate(block.text.splitlines(), start=block.line):
                    self.run_command(Step(line.split("  #")[0].strip(), None, 0, number))
            case "toml":
                tomllib.loads(block.text)
            case "json":
                json.loads(block.text)
            case "jsonl":
                for line in block.text.splitlines():
                    json.loads(line)
            case other:
                assert other in SHOWN, (
                    f"{self.page}:{block.line}: a block in {other or 'no language'} cannot be checked"
                )

    def serve(self, version: int) -> None:
        from oimkit.sandbox import Sandbox

        if self.server is None:
            self.server = Sandbox(version=version)
            self.server.start()
            for name in ("url", "database", "user", "secret"):
                self.monkeypatch.setenv(f"OIMKIT_{name.upper()}", str(getattr(self.server, name)))

    def run_python(self, block: Block) -> None:
        where = f"{named(self.page)}:{block.line}"
        if ">>>" in block.text:
            test = doctest.DocTestParser().get_doctest(block.text, self.names, where, str(self.page), block.line - 1)
            said: list[str] = []
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            doctest.DocTestRunner(optionflags=flags).run(test, out=said.append, clear_globs=False)
            assert not said, "".join(said)
            self.names.update(test.globs)
            return
        code = compile("\n" * (block.line - 1) + block.text, str(self.page), "exec", dont_inherit=True)
        exec(code, self.names)

    def run_command(self, step: Step) -> None:
        if not step.command or step.command.startswith("#"):
            return
        command = step.command
        if command.startswith("make"):
            command = f"make -C {ROOT} -n {command.removeprefix('make')}"
        elif export := re.fullmatch(r"export (\w+)=(\S+)", command):
            self.monkeypatch.setenv(export[1], export[2])
            return
        answer = subprocess.run(
            ["bash", "-c", command],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
        )
        where = f"{named(self.page)}:{step.line}: {step.command}"
        assert answer.returncode == step.status, f"{where}\nexit {answer.returncode}\n{answer.stdout}"
        if step.expected is not None:
            same = doctest.OutputChecker().check_output(
                step.expected, answer.stdout, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            )
            assert same, f"{where}\n--- shown:\n{step.expected}--- comes out:\n{answer.stdout}"

    def close(self) -> None:
        if self.server is not None:
            self.server.stop()


@pytest.fixture
def read_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    readers: list[Reader] = []

    def read(page: Path) -> None:
        readers.append(Reader(page, tmp_path, monkeypatch))
        for block in blocks(page.read_text(encoding="utf-8")):
            readers[-1].follow(block)

    yield read
    for reader in readers:
        reader.close()


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_block_of_the_page_runs(page: Path, read_page: Any) -> None:
    read_page(page)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_link_of_the_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for line, target in links(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = page if not path else (page.parent / path).resolve()
        assert there.exists(), f"{named(page)}:{line}: {target} leads nowhere"
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), (
                f"{named(page)}:{line}: no heading for {target}"
            )


@pytest.mark.parametrize("page", [page for page in pages() if page.parent != ROOT], ids=named)
def test_page_can_be_found_from_the_index(page: Path) -> None:
    """Following links from docs/index.md reaches every page of docs/."""
    index = ROOT / "docs" / "index.md"
    reached, waiting = {index}, [index]
    while waiting:
        here = waiting.pop()
        for _, target in links(here.read_text(encoding="utf-8")):
            there = (here.parent / target.partition("#")[0]).resolve()
            if there.suffix == ".md" and there.is_file() and there not in reached:
                reached.add(there)
                waiting.append(there)
    assert page in reached


def test_block_that_fails_is_seen(tmp_path: Path, read_page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = ROOT / "docs" / "none.md"
    samples = (
        "```python\nassert False\n```\n",
        "```python\n>>> 1 + 1\n3\n```\n",
        "```console\n$ echo one\ntwo\n```\n",
        "```console\n$ false\n```\n",
        "```sh\nfalse\n```\n",
        "```toml\n= 1\n```\n",
        "```ruby\n1\n```\n",
    )
    for number, sample in enumerate(samples):
        folder = tmp_path / str(number)
        folder.mkdir()
        reader = Reader(bad, folder, monkeypatch)
        with pytest.raises((AssertionError, ValueError)):
            for block in blocks(sample):
                reader.follow(block)


def test_languages_are_told_apart() -> None:
    assert RUNNABLE.isdisjoint(CHECKED | SHOWN)
