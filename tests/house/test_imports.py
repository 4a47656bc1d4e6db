"""Who may import whom: the house as it is drawn in the README of the source, read from the code itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import imports, modules, place

CORE = {"errors", "money"}
DOMAIN = {"banking", "billing", "pipeline", "migration"}
MAY_IMPORT = {
    "errors": set(),
    "money": {"errors"},
    "_version": set(),
    "banking": CORE,
    "billing": CORE,
    "pipeline": CORE,
    "migration": CORE,
    "odoo": CORE | DOMAIN | {"_version"},
    "report": CORE | DOMAIN | {"_version"},
    "web": CORE | DOMAIN | {"odoo", "report", "_version"},
    "cli": CORE | DOMAIN | {"odoo", "report", "web", "sandbox", "_version"},
    "sandbox": {"errors"},
    "__main__": {"cli"},
    "": {"_version", "odoo"},
}
"""Part of the package -> the other parts that it may import."""

NETWORK_OR_CLOCK = {"socket", "requests", "urllib", "http", "subprocess", "os", "time", "logging", "random", "secrets"}
TOUCHES = {("banking.second_reading", "logging")}
"""The libraries of the second reading log whole lines of the file; their loggers are switched off there."""

FORBIDDEN = {"pickle", "marshal", "shelve", "dill", "yaml", "ctypes"}


def part(name: str) -> str:
    """The part of oimkit that a dotted name below it belongs to."""
    return name.split(".")[0]


def test_every_module_imports_only_what_its_part_may() -> None:
    assert [wrong for module, path in modules().items() for wrong in wrong_imports(module, path)] == []


def wrong_imports(module: str, path: Path) -> Iterator[str]:
    """The arrows of *module* that the house does not have."""
    allowed = {part(module)} | MAY_IMPORT[part(module)]
    for line, name in imports(path):
        target = part(name.removeprefix("oimkit").lstrip("."))
        if (name + ".").startswith("oimkit.") and (target if target in MAY_IMPORT else "") not in allowed:
            yield f"{place(path, line)}: {part(module) or 'oimkit'} may not import {name}"


def test_pure_core_touches_nothing_outside() -> None:
    outside = [
        f"{place(path, line)}: the core imports {name}"
        for module, path in modules().items()
        if part(module) in CORE | DOMAIN
        for line, name in imports(path)
        if name.split(".")[0] in NETWORK_OR_CLOCK and (module, name.split(".")[0]) not in TOUCHES
    ]
    assert outside == []


def test_arrow_that_the_house_does_not_have_is_seen() -> None:
    path = modules()["odoo.client"]
    assert list(wrong_imports("banking.client", path))
    assert not list(wrong_imports("odoo.client", path))


def test_dependency_that_runs_what_it_reads_is_imported_nowhere() -> None:
    found = [
        place(path, line)
        for path in modules().values()
        for line, name in imports(path)
        if name.split(".")[0] in FORBIDDEN
    ]
    assert found == []


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(answer.stdout.split())


def test_importing_oimkit_loads_no_part_of_it() -> None:
    loaded = {name for name in loaded_after("import oimkit") if name.startswith("oimkit")}
    assert loaded == {"oimkit", "oimkit._version"}


@pytest.mark.parametrize("package", ["banking", "billing", "pipeline"])
def test_domain_package_loads_neither_odoo_nor_a_network_library(package: str) -> None:
    loaded = loaded_after(f"import oimkit.{package}")
    assert not {name for name in loaded if name.startswith(("oimkit.odoo", "oimkit.cli", "oimkit.sandbox", "requests"))}


def test_asking_for_connect_loads_it() -> None:
    assert "oimkit.odoo" in loaded_after("import oimkit; oimkit.connect")


def test_importing_every_module_prints_nothing_and_starts_nothing() -> None:
    names = [f"oimkit.{name}" if name else "oimkit" for name in modules() if not name.endswith("__main__")]
    code = f"import {', '.join(names)}; import threading; assert threading.active_count() == 1"
    answer = subprocess.run([sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
