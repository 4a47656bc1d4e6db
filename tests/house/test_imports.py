"""Who may import whom: the house as it is drawn in the README of the source, read from the code itself."""

from __future__ import annotations

import subprocess
import sys

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


@pytest.mark.parametrize("module", sorted(modules()))
def test_module_imports_only_what_its_part_may(module: str) -> None:
    path = modules()[module]
    for line, name in imports(path):
        if not (name + ".").startswith("oimkit."):
            continue
        target = part(name.removeprefix("oimkit").lstrip("."))
        target = target if target in MAY_IMPORT else ""
        allowed = {part(module)} | MAY_IMPORT[part(module)]
        assert target in allowed, f"{place(path, line)}: {part(module) or 'oimkit'} may not import {name}"


@pytest.mark.parametrize("module", sorted(name for name in modules() if part(name) in CORE | DOMAIN))
def test_pure_core_touches_nothing_outside(module: str) -> None:
    path = modules()[module]
    for line, name in imports(path):
        outside = name.split(".")[0]
        if (module, outside) not in TOUCHES:
            assert outside not in NETWORK_OR_CLOCK, f"{place(path, line)}: the core imports {name}"


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
