"""The documentation's pages as blocks that can be run; CONTRIBUTING.md tells the convention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.source import ROOT

RUNNABLE = {"python", "console", "sh"}
CHECKED = {"toml", "json", "jsonl"}
SHOWN = {"text", "mermaid", "xml", "csv", "diff"}
"""Languages of blocks that run, that must parse, and that are shown only. No other language is used."""

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>.*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: the words after the fence, its text, and the line of its first line of text."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int

    @property
    def sandbox(self) -> int | None:
        """The Odoo version of the embedded server that the block needs, or None."""
        for word in self.words:
            name, _, version = word.partition("=")
            if name == "sandbox":
                return int(version or 19)
        return None

    @property
    def file(self) -> str | None:
        """The file that the block's text is put into before the page's later blocks run, or None."""
        return next((word.removeprefix("file=") for word in self.words if word.startswith("file=")), None)


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a console block, the output that is shown below it (None: not shown), its exit status."""

    command: str
    expected: str | None
    status: int
    line: int


def pages() -> list[Path]:
    """Every page for readers: those at the root and those in docs/."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(text: str) -> Iterator[Block]:
    lines = text.splitlines()
    index = 0
    while index < len(lines):
        opening = _FENCE.match(lines[index])
        index += 1
        if not opening:
            continue
        start = index
        while index < len(lines) and not lines[index].strip().startswith(opening["fence"]):
            index += 1
        language, *words = opening["info"].split() or [""]
        indent = len(opening["indent"])
        yield Block(language, tuple(words), "".join(line[indent:] + "\n" for line in lines[start:index]), start + 1)
        index += 1


def steps(block: Block) -> Iterator[Step]:
    """The commands of a console block: ``$ `` begins one, ``[exit N]`` tells its status, the rest is output."""
    current: list[str] = []
    command, status, begun = "", 0, 0
    for number, line in enumerate([*block.text.splitlines(), "$ "], start=block.line):
        if line.startswith("$ ") or line == "$":
            if command:
                yield Step(command, "".join(part + "\n" for part in current) if current else None, status, begun)
            command, status, begun, current = line[2:].strip(), 0, number, []
        elif exit_line := re.fullmatch(r"\[exit (\d+)\]", line):
            status = int(exit_line[1])
        elif line.startswith("> ") and not current:
            command += "\n" + line[2:]
        else:
            current.append(line)


def links(text: str) -> Iterator[tuple[int, str]]:
    """(line, target) of every Markdown link outside blocks and inline code."""
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if _FENCE.match(line):
            inside = not inside
        if not inside:
            plain = re.sub(r"`[^`]*`", "", line)
            yield from ((number, target) for target in re.findall(r"\]\(([^)\s]+)\)", plain))


def anchors(text: str) -> set[str]:
    """What a link may name after ``#``: the headings as web forges make identifiers of them."""
    found = set()
    inside = False
    for line in text.splitlines():
        if _FENCE.match(line):
            inside = not inside
        heading = re.match(r"#{1,6} +(.+?) *#*$", line)
        if heading and not inside:
            plain = re.sub(r"[^\w\- ]", "", heading[1].replace("`", "").lower())
            found.add(plain.replace(" ", "-"))
    return found
