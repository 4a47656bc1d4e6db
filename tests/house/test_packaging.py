"""The wheel: builds from the tree, holds the package and nothing else, works in an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from oimkit.sandbox import Sandbox
from scripts.setup_env import fingerprint, requirements, wheelhouse
from tests.house.source import PACKAGE, ROOT

pytestmark = pytest.mark.slow


def sources_of_wheels() -> list[str]:
    """pip's options: the wheelhouse alone where it is complete, else the registry with it."""
    house = wheelhouse()
    complete = (house / f"complete-{fingerprint(requirements(['test']))}").exists()
    return ["--find-links", str(house), *(["--no-index"] if complete else [])]


def run(*command: str | Path, folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OIMKIT_"))}
    answer = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=clean)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "wheel", "--quiet", "--no-deps", *sources_of_wheels(), "--wheel-dir", folder, ROOT, folder=folder)
    (built,) = folder.glob("oimkit-*.whl")
    return built


@pytest.fixture(scope="module")
def empty_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", folder / "venv" / "bin" / "python"]
    run(*pip, "install", "--quiet", *sources_of_wheels(), wheel, folder=folder)
    run(*pip, "check", folder=folder)
    return folder


def test_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    examples = {path for path in (ROOT / "examples").rglob("*") if path.is_file()}
    assert held == {
        *(str(path.relative_to(PACKAGE.parent)) for path in files),
        *(f"oimkit/cli/demo/{path.relative_to(ROOT)}" for path in examples),
    }


def test_wheel_carries_licence_and_type_marker(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith("METADATA"))
        text = archive.read(metadata).decode()
    assert "oimkit/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "Requires-Python: >=3.11" in text
    assert "License-Expression: MIT" in text


def test_command_works_in_an_empty_environment(empty_environment: Path) -> None:
    command = empty_environment / "venv" / "bin" / "oimkit"
    assert run(command, "--version", folder=empty_environment).startswith("oimkit, version ")
    assert "stateDiagram" in run(command, "pipeline", "show", "commercial", "--mermaid", folder=empty_environment)
    run(command, "sandbox", "--help", folder=empty_environment)


def test_demo_runs_from_the_installed_wheel(empty_environment: Path) -> None:
    run(empty_environment / "venv" / "bin" / "oimkit", "demo", folder=empty_environment)
    assert "<html" in (empty_environment / "out" / "demo" / "index.html").read_text(encoding="utf-8")


def test_every_module_is_imported_in_an_empty_environment(empty_environment: Path) -> None:
    """No module needs a test tool but the one that pytest itself asks for, and no data file is missing."""
    code = (
        "import importlib, pkgutil, oimkit\n"
        "for module in pkgutil.walk_packages(oimkit.__path__, 'oimkit.'):\n"
        "    if not module.name.endswith(('__main__', '.pytest_plugin')):\n"
        "        importlib.import_module(module.name)\n"
        "print(oimkit.__file__)\n"
    )
    python = empty_environment / "venv" / "bin" / "python"
    assert str(empty_environment) in run(python, "-I", "-c", code, folder=empty_environment)


def test_generated_models_are_strictly_typed_where_nothing_but_the_wheel_is(empty_environment: Path) -> None:
    with Sandbox(version=19) as server:
        named = ["--url", server.url, "--database", server.database, "--user", server.user]
        command = empty_environment / "venv" / "bin" / "oimkit"
        generate = [command, "models", "generate", "--out", "src", "--package", "erp", *named]
        run("env", f"OIMKIT_SECRET={server.secret}", *generate, folder=empty_environment)
    python = empty_environment / "venv" / "bin" / "python"
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable", python]
    assert "no issues found in 3" in run(*mypy, "src/erp", folder=empty_environment)
    imported = run(
        python,
        "-c",
        "import sys; sys.path.insert(0, 'src'); import erp; print(len(erp.__all__))",
        folder=empty_environment,
    )
    assert int(imported) >= 25
