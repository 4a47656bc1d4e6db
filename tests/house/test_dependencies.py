"""What pyproject.toml asks for has no hole that is known, whatever a resolver chooses."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.house.source import ROOT, imports, modules

FLOORS = {
    "urllib3": (2, 7, 0),  # CVE-2026-44432: unpacks more of a reply than was asked for
    "requests": (2, 32, 4),  # CVE-2024-47081: gives secrets of .netrc to another host
    "mt-940": (5, 1, 1),  # before it no options that read the sign of reversals
}
"""The first release without what is known against those before it."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def floors() -> dict[str, tuple[int, ...]]:
    """Each dependency with the first release that it takes."""
    found = {}
    for requirement in PROJECT["dependencies"]:
        name, _, floor = requirement.partition(">=")
        assert re.fullmatch(r"[0-9.]+", floor), f"{requirement}: a name and a floor, nothing else"
        found[name] = tuple(map(int, floor.split(".")))
    return found


@pytest.mark.parametrize("name", FLOORS)
def test_no_release_with_a_known_hole_is_taken(name: str) -> None:
    assert floors()[name] >= FLOORS[name]


def test_xml_from_outside_is_read_by_what_refuses_its_tricks() -> None:
    used = {dotted.partition(".")[0] for path in modules().values() for _, dotted in imports(path)}
    assert ("defusedxml" in used, "defusedxml" in floors()) == (True, True)
