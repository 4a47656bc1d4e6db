"""Set up .venv with oimkit and its tools, from the registry or from the wheelhouse in the user's cache.

    python scripts/setup_env.py [test] [check] [bench] [audit]

The first run builds a wheel of everything it installs, the build backend included, and leaves the wheels in
``$XDG_CACHE_HOME/oimkit/wheelhouse``. Every later set-up with the same requirements installs from there without
asking the registry; with other requirements it asks the registry first and falls back to the wheelhouse. When
nothing has changed since the last set-up it does nothing. Only the standard library is used.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".oimkit-setup.json"
GROUPS = ("test", "check", "bench", "audit")
BUILD_TOOLS = ("pip", "editables>=0.5")
"""Beside build-system.requires: what installs, and what an editable install asks hatchling for."""


class SetupFailed(Exception):
    """One sentence for the person who typed ``make``."""


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST:
        return run_with_a_newer_python(arguments)
    groups = sorted(set(arguments) | {"test"})
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        say(f"there is no group of tools named {unknown[0]}; known: {', '.join(GROUPS)}")
        return 2
    try:
        set_up(groups)
    except SetupFailed as failure:
        say(str(failure))
        return 1
    return 0


def set_up(groups: list[str]) -> None:
    wanted = requirements(groups)
    key = fingerprint(wanted)
    done = read_stamp()
    if key in done:
        return
    make_venv()
    house = wheelhouse()
    if (house / f"complete-{key}").exists() and install(house, groups):
        say(f"installed from {house} (nothing was downloaded)")
    elif fill(house, wanted):
        (house / f"complete-{key}").touch()
        if not install(house, groups, loud=True):
            raise SetupFailed("the wheels were fetched but could not be installed; pip's words stand above")
        say(f"installed; the wheels are kept in {house} for the next time, with or without a network")
    elif install(house, groups):
        say(f"nothing could be fetched; installed from what {house} held")
    else:
        raise SetupFailed(
            f"not everything could be fetched and built (pip's words stand above), and {house} does not hold it: "
            "connect once, or set PIP_INDEX_URL to a registry that can be reached, and type the same command again"
        )
    write_stamp([*done, key])


def requirements(groups: list[str]) -> list[str]:
    """Every requirement of *groups*, of the package and of its build, as pyproject.toml writes them."""
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    extras = project["project"]["optional-dependencies"]
    listed = [*BUILD_TOOLS, *project["build-system"]["requires"], *project["project"]["dependencies"]]
    return sorted({*listed, *(requirement for group in groups for requirement in extras[group])})


def fingerprint(wanted: list[str]) -> str:
    """Changes when the requirements, the Python version or the platform do."""
    parts = [sys.implementation.cache_tag or "", sysconfig.get_platform(), *wanted]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def wheelhouse() -> Path:
    """The folder of wheels in the user's cache; one inside .venv where that cannot be written."""
    cache = os.environ.get("XDG_CACHE_HOME") or ""
    base = Path(cache) if Path(cache).is_absolute() else Path.home() / ".cache"
    for folder in (base / "oimkit" / "wheelhouse", VENV / "wheelhouse"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise SetupFailed(f"neither {base} nor {VENV} can be written to: set XDG_CACHE_HOME to a folder that can")


def make_venv() -> None:
    """A virtual environment of this Python in .venv; one that works already is kept."""
    if works(VENV):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    say(f"making {VENV} with Python {sys.version.split()[0]}")
    with_pip = has_module("ensurepip")
    if not with_pip and not has_module("pip"):
        raise SetupFailed("this Python has neither ensurepip nor pip: on Debian, apt-get install python3-venv")
    command = [sys.executable, "-m", "venv", str(VENV)] + ([] if with_pip else ["--without-pip"])
    if subprocess.run(command, check=False).returncode:
        raise SetupFailed("python -m venv failed; its words stand above (on Debian, apt-get install python3-venv)")


def works(folder: Path) -> bool:
    """True when *folder* is a virtual environment of this very Python version."""
    python = folder / "bin" / "python"
    command = [str(python), "-c", "import sys; print(sys.version)"]
    if not python.exists():
        return False
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()


def has_module(name: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {name}"], check=False, capture_output=True).returncode == 0


def fill(house: Path, wanted: list[str]) -> bool:
    """Put a wheel of everything in *wanted*, and of what it needs, into *house*; False when that failed."""
    say("fetching and building what is needed (a minute or two, only the first time)")
    patience = ["--retries", "2", "--timeout", "30"]
    return pip(
        "wheel", "--use-pep517", *patience, "--wheel-dir", str(house), "--find-links", str(house), *wanted, loud=True
    )


def install(house: Path, groups: list[str], *, loud: bool = False) -> bool:
    """Install oimkit, editable, with the tools of *groups*, from *house* alone; False when something is missing."""
    offline = ["--no-index", "--find-links", str(house)]
    if not (VENV / "bin" / "pip").exists() and not pip("install", *offline, "pip", loud=loud):
        return False
    return pip("install", *offline, "--editable", f"{ROOT}[{','.join(groups)}]", loud=loud)


def pip(*arguments: str, loud: bool) -> bool:
    """Run pip for .venv: its own, else the one of the Python that runs this."""
    own = VENV / "bin" / "pip"
    python = VENV / "bin" / "python"
    start = [str(python), "-m", "pip"] if own.exists() else [sys.executable, "-m", "pip", "--python", str(python)]
    command = [*start, "--disable-pip-version-check", "--quiet", *arguments]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    if answer.returncode and loud:
        said = (answer.stdout + answer.stderr).splitlines()
        sys.stderr.write("\n".join(line for line in said if not line.startswith("WARNING"))[-4000:] + "\n")
    return answer.returncode == 0


def read_stamp() -> list[str]:
    """Fingerprints of what this .venv, made here by this Python, already holds."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    ours = isinstance(stamp, dict) and (stamp.get("python"), stamp.get("root")) == (sys.version, str(ROOT))
    return list(stamp["keys"]) if ours and works(VENV) else []


def write_stamp(keys: list[str]) -> None:
    stamp = {"python": sys.version, "root": str(ROOT), "keys": keys}
    STAMP.write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def run_with_a_newer_python(arguments: list[str]) -> int:
    for minor in range(19, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        answers = found and subprocess.run([found, "-c", "import venv"], check=False, capture_output=True)
        if found and answers and answers.returncode == 0:
            return subprocess.run([found, __file__, *arguments], check=False).returncode
    have = sys.version.split()[0]
    say(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed and this is {have}: name one, make PYTHON=/path/to/python")
    return 1


def say(text: str) -> None:
    sys.stderr.write(f"setup: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
