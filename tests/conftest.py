"""What every test may rely on: folders of its own, no settings of the user, and the corpus where there is one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import session
from tests.watch import Watch

ROOT = Path(__file__).resolve().parent.parent

SETTINGS = ("URL", "DATABASE", "USER", "SECRET", "PROFILE", "TRANSPORT", "PRODUCTION", "LANGUAGE", "COMPANY")
"""OIMKIT_* of the person who runs the tests; no test may talk to that person's server by accident."""


WATCH = Watch()


def corpus_folder() -> Path | None:
    """The folder of real bank files: OIMKIT_CORPUS, else ../shared/corpus, else None."""
    named = os.environ.get("OIMKIT_CORPUS")
    folder = Path(named) if named else ROOT.parent / "shared" / "corpus"
    return folder if (folder / "MANIFEST.csv").is_file() else None


def pytest_configure(config: pytest.Config) -> None:
    WATCH.start()
    for name in SETTINGS:
        os.environ.pop(f"OIMKIT_{name}", None)
    os.environ.pop("COLUMNS", None)  # the width of somebody's terminal
    home = tempfile.TemporaryDirectory(prefix="oimkit-tests-")
    config.add_cleanup(home.cleanup)
    for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        folder = Path(home.name, variable.lower())
        folder.mkdir()
        os.environ[variable] = str(folder)


def pytest_unconfigure() -> None:
    WATCH.stop()
    session.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if corpus_folder() is None:
        absent = pytest.mark.skip(reason="no corpus: neither OIMKIT_CORPUS nor ../shared/corpus")
        for item in items:
            if item.get_closest_marker("corpus"):
                item.add_marker(absent)


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail the test in which an error or a log record held a secret or personal data."""
    yield
    leaks = WATCH.leaks()
    assert not leaks, "\n".join(dict.fromkeys(leaks))


@pytest.fixture(scope="session")
def corpus() -> Iterator[Path]:
    """The folder of real bank files; the test is skipped, and counted loudly, where there is none."""
    folder = corpus_folder()
    if folder is None:
        pytest.skip("no corpus: neither OIMKIT_CORPUS nor ../shared/corpus")
    yield folder


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:  # one of several processes, each of which watched its own tests
        output["watched"] = (sorted(WATCH.secrets), WATCH.errors, WATCH.records)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    secrets, errors, records = getattr(node, "workeroutput", {}).get("watched", ((), 0, 0))
    WATCH.add(secrets, errors, records)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(
        f"watched for {len(WATCH.secrets)} secrets, any IBAN, names and texts: "
        f"{WATCH.errors} errors, {WATCH.records} log records"
    )
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "no corpus:" in str(report.longrepr)]
    if skipped:
        why = "; ".join(sorted({str(report.longrepr[-1]).partition("no corpus: ")[2] for report in skipped}))
        text = f"NO CORPUS: {len(skipped)} tests on real bank files did not run ({why}); name one with OIMKIT_CORPUS"
        terminalreporter.write_line(f"!! {text} !!", red=True, bold=True)
