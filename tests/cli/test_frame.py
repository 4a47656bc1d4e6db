"""The frame of the command: exit statuses, where options may stand, what becomes of an error."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

from oimkit._version import __version__
from oimkit.cli.app import SUB_COMMANDS, Frame
from oimkit.cli.call import Call, common_options, connection_options, with_call
from oimkit.cli.exits import Exit, highest, status_of
from oimkit.cli.output import Output
from oimkit.errors import (
    AccessDenied,
    AccessRefused,
    AmountError,
    BadReply,
    Busy,
    ConfigurationError,
    CurrencyMismatch,
    DivergedRecord,
    IllegalTransition,
    InputError,
    InvalidCall,
    InvalidRecord,
    JournalHeld,
    MissingRecord,
    NotSent,
    OimkitError,
    OutcomeUnknown,
    RuleError,
    StatementError,
)
from oimkit.odoo import connect
from tests.conftest import WATCH

Caller = Callable[..., Result]

STATUSES: dict[type[OimkitError], int] = {
    InputError: 2,
    StatementError: 2,
    AmountError: 2,
    CurrencyMismatch: 2,
    RuleError: 2,
    ConfigurationError: 2,
    IllegalTransition: 2,
    JournalHeld: 2,
    NotSent: 3,
    AccessDenied: 3,
    AccessRefused: 3,
    MissingRecord: 3,
    InvalidRecord: 3,
    InvalidCall: 3,
    Busy: 3,
    BadReply: 3,
    DivergedRecord: 3,
    OutcomeUnknown: 4,
}

SECRET = "canary-d41d8cd98f00"
ACCOUNT = "NL57OIMK0417164300"


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch, call: Caller) -> Callable[[BaseException], Result]:
    """Call a sub-command that raises."""

    def run(error: BaseException) -> Result:
        @click.command("doctor")
        def failing() -> None:
            text_of_a_payment = SECRET
            raise error from ValueError(text_of_a_payment)

        monkeypatch.setattr(Frame, "get_command", lambda *_: failing)
        return call("doctor")

    return run


@pytest.mark.parametrize(("error", "status"), STATUSES.items(), ids=[error.__name__ for error in STATUSES])
def test_error_gives_its_status_and_one_sentence(
    error: type[OimkitError], status: int, fail: Callable[[BaseException], Result]
) -> None:
    result = fail(error("the cause", advice="do this next"))
    assert (result.exit_code, result.stdout) == (status, "")
    assert "the cause; do this next" in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr


def test_every_error_has_a_status() -> None:
    from oimkit import errors

    named = [getattr(errors, name) for name in errors.__all__]
    leaves = {each for each in named if issubclass(each, Exception)}
    assert all(status_of(error("x")) in (Exit.REFUSED, Exit.SERVER, Exit.UNKNOWN) for error in leaves)


def test_unknown_outcome_says_how_to_settle_it(fail: Callable[[BaseException], Result]) -> None:
    assert "oimkit resume" in fail(OutcomeUnknown("no answer came", key="oimkit.x")).stderr


def test_several_statuses_become_the_highest() -> None:
    assert highest([Exit.DONE, Exit.REFUSED, Exit.FINDINGS]) is Exit.REFUSED
    assert highest([]) is Exit.DONE


def test_defect_is_one_sentence_and_a_report_without_data(fail: Callable[[BaseException], Result]) -> None:
    result = fail(RuntimeError(f"{SECRET} {ACCOUNT}"))
    assert result.exit_code == 70
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    report = Path(result.stderr.strip().rpartition(" lies in ")[2]).read_text(encoding="utf-8")
    assert "RuntimeError" in report and "ValueError" in report and "test_frame.py" in report
    for text in (result.stderr, report):
        assert SECRET not in text and ACCOUNT not in text


def test_interrupt_is_not_a_defect(fail: Callable[[BaseException], Result]) -> None:
    assert fail(KeyboardInterrupt()).exit_code == 130


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["statement", "read"], ["match"]])
def test_call_that_makes_no_sense_is_refused(arguments: list[str], call: Caller) -> None:
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_every_sub_command_shows_version_and_help(call: Caller) -> None:
    for name in ("", *SUB_COMMANDS):
        if name == "demo":
            continue
        start = [name] if name else []
        assert call(*start, "--version").stdout.strip() == f"oimkit, version {__version__}", name
        help_text = call(*start, "--help")
        assert help_text.exit_code == 0
        assert all(option in help_text.stdout for option in ("--json", "--verbose", "--quiet")), name


def test_secret_is_no_option_anywhere(call: Caller) -> None:
    for name in SUB_COMMANDS:
        options = {word for word in call(name, "--help").stdout.replace(",", " ").split() if word.startswith("--")}
        assert not options & {"--secret", "--password", "--api-key", "--key", "--token"}, name


@pytest.mark.parametrize(
    "arguments",
    [
        ["--url", "http://a", "--json", "doctor", "--user", "me"],
        ["doctor", "--url", "http://a", "--json", "--user", "me"],
        ["--url", "http://b", "--user", "me", "doctor", "--url", "http://a", "--json"],
    ],
    ids=["around", "after", "the later one wins"],
)
def test_option_may_stand_before_or_after_the_sub_command(
    arguments: list[str], call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Call] = []

    @click.command("doctor")
    @connection_options
    @common_options
    @with_call
    def listening(call: Call, output: Output) -> Exit:
        seen.append(call)
        return Exit.DONE

    monkeypatch.setattr(Frame, "get_command", lambda *_: listening)
    assert call(*arguments).exit_code == 0
    assert seen == [Call(json=True, url="http://a", user="me")]


def test_verbose_log_goes_to_stderr_without_secrets(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command("doctor")
    @common_options
    @with_call
    def talking(call: Call, output: Output) -> Exit:
        logging.getLogger("oimkit.odoo").debug("password: %s for %s", SECRET, ACCOUNT)
        logging.getLogger("oimkit.odoo").info("key %s", SECRET)
        return Exit.DONE

    monkeypatch.setattr(Frame, "get_command", lambda *_: talking)
    monkeypatch.setenv("OIMKIT_SECRET", SECRET)
    result = call("doctor", "--verbose")
    assert result.stdout == ""
    assert "password: [secret] for [account]" in result.stderr
    assert SECRET not in result.stderr and ACCOUNT not in result.stderr
    assert call("doctor").stderr == ""
    assert WATCH.leaks(), "what this test planted in the log was not seen"


def test_control_characters_reach_no_terminal(fail: Callable[[BaseException], Result]) -> None:
    assert "\x1b" not in fail(InputError("a \x1b[2J name")).stderr


def test_command_as_a_process(process: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert process("--version").stdout == f"oimkit, version {__version__}\n"
    answer = process("nonsense")
    assert (answer.returncode, answer.stdout) == (2, "")


def test_sandbox_prints_a_login_for_every_protocol() -> None:
    command = [Path(sys.executable).parent / "oimkit", "sandbox", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        about = json.loads(child.stdout.readline())
        try:
            who = {"database": about["database"], "user": about["user"]}
            for secret, transport in (("secret", "xmlrpc"), ("api_key", "json2")):
                odoo = connect(about["url"], secret=about[secret], transport=transport, **who)
                assert odoo.count("res.company", []) == 1
        finally:
            child.terminate()


def test_every_sub_command_has_a_section_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    headings = [line.removeprefix("## ").lower() for line in page.splitlines() if line.startswith("## ")]
    assert [name for name in SUB_COMMANDS if not any(name in heading.split(" ") for heading in headings)] == []


def test_reader_that_stops_early_is_no_error() -> None:
    oimkit = Path(sys.executable).parent / "oimkit"
    line = f"'{oimkit}' pipeline show commercial --json | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
    answer = subprocess.run(["bash", "-c", line], check=False, capture_output=True, text=True)
    assert answer.returncode in (0, 141)
    assert answer.stderr == ""


def test_importing_the_command_loads_no_sub_command() -> None:
    code = "import sys, oimkit.cli; print([n for n in sys.modules if n.startswith(('oimkit.odoo', 'oimkit.sandbox'))])"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "[]"
