"""Whatever is wrong: one clear sentence that says what to do next, the right status, and no secret in it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from oimkit.sandbox import Sandbox

Caller = Callable[..., Result]

WRONG = "canary-wrong-secret"
STATEMENT = (
    ":20:A\n:25:NL57OIMK0417164300\n:28C:1\n:60F:C260101EUR0,00\n"
    ":61:2601020102C100,00NTRFPAY-1//B1\n:86:canary text\n:62F:C260103EUR100,00\n-\n"
)
TIE = """\
version = "1"
currency = "EUR"

[[rates]]
rate = 90

[[rates]]
rate = 95
"""


def sentence(result: Result, status: int) -> str:
    """The one line that a refused call prints, after the checks that hold for every refusal."""
    assert result.exit_code == status, result.stderr
    lines = [line for line in result.stderr.splitlines() if line]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("oimkit: ")
    assert "; " in lines[0], "what to do next is missing"
    for hidden in (WRONG, "canary text", "NL57OIMK0417164300", "Traceback"):
        assert hidden not in result.output
    return lines[0]


@pytest.fixture
def statement(tmp_path: Path) -> Path:
    path = tmp_path / "week.sta"
    path.write_text(STATEMENT)
    return path


@pytest.fixture
def other_server() -> Iterator[str]:
    """The address of a web server that is no Odoo."""

    class Page(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html><body>Welcome</body></html>")

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_address_where_nothing_listens(connected: Callable[..., None], call: Caller) -> None:
    connected(URL="http://127.0.0.1:9")
    assert "127.0.0.1:9" in sentence(call("doctor"), 3)


def test_address_of_something_else(connected: Callable[..., None], call: Caller, other_server: str) -> None:
    connected(URL=other_server)
    sentence(call("doctor"), 3)


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1", "http://", "http://user:canary-wrong-secret@127.0.0.1"])
def test_address_that_is_none(url: str, connected: Callable[..., None], call: Caller) -> None:
    connected(URL=url)
    sentence(call("doctor"), 2)


def test_secret_is_not_sent_in_the_clear_to_another_machine(connected: Callable[..., None], call: Caller) -> None:
    connected(URL="http://odoo.invalid")
    sentence(call("doctor"), 2)


def test_database_that_is_not_there(connected: Callable[..., None], call: Caller) -> None:
    connected(DATABASE="nonsense")
    assert "database" in sentence(call("doctor"), 3)


@pytest.mark.parametrize("transport", ["auto", "jsonrpc", "xmlrpc"])
def test_wrong_password(transport: str, connected: Callable[..., None], call: Caller) -> None:
    connected(SECRET=WRONG)
    sentence(call("doctor", "--transport", transport), 3)


def test_unknown_user(connected: Callable[..., None], call: Caller) -> None:
    connected()
    sentence(call("doctor", "--user", "nobody"), 3)


def test_password_of_an_account_with_a_second_factor(connected: Callable[..., None], call: Caller) -> None:
    connected("twofactor")
    assert "API key" in sentence(call("doctor"), 3)


def test_api_key_of_an_account_with_a_second_factor_is_taken(
    connected: Callable[..., None], call: Caller, sandbox: Sandbox
) -> None:
    connected("twofactor", SECRET=sandbox.login("twofactor").api_key)
    assert call("doctor").exit_code in (0, 1)


def test_no_secret_anywhere(connected: Callable[..., None], call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OIMKIT_SECRET")
    assert "OIMKIT_SECRET" in sentence(call("doctor"), 2)


def test_no_connection_named(call: Caller) -> None:
    assert "OIMKIT_URL" in sentence(call("doctor"), 2)


def test_profile_that_is_not_there(call: Caller) -> None:
    sentence(call("doctor", "--profile", "nonsense"), 2)


@pytest.mark.parametrize("arguments", [["statement", "import"], ["reconcile", "--journal", "BNK1"]])
def test_missing_accounting_rights(
    arguments: list[str], connected: Callable[..., None], call: Caller, statement: Path
) -> None:
    connected("limited")
    extra = [statement] if arguments[0] == "statement" else []
    sentence(call(*arguments, *extra), 3)


def test_doctor_names_the_rights_that_are_missing(connected: Callable[..., None], call: Caller) -> None:
    connected("limited")
    result = call("doctor", "--json")
    assert result.exit_code == 1
    assert '"verdict": "missing"' in result.stdout


def test_missing_timesheet_rights(connected: Callable[..., None], call: Caller, tmp_path: Path) -> None:
    connected("billing")
    rules = tmp_path / "rules.toml"
    rules.write_text(TIE.split("\n\n[[rates]]\nrate = 95")[0])
    assert "timesheet" in sentence(call("bill", "plan", "--rules", rules), 3).lower()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
        (STATEMENT.split(":62F:")[0].encode(), "closing"),
        (STATEMENT.replace("EUR100,00", "EUR99,00").encode(), "close"),
    ],
    ids=["empty", "pdf", "truncated", "unbalanced"],
)
def test_statement_that_cannot_be_imported(
    content: bytes, why: str, connected: Callable[..., None], call: Caller, tmp_path: Path
) -> None:
    path = tmp_path / "week.sta"
    path.write_bytes(content)
    assert why.lower() in sentence(call("statement", "import", path), 2).lower()


def test_statement_of_another_currency(connected: Callable[..., None], call: Caller, statement: Path) -> None:
    assert "BNKU" in sentence(call("statement", "import", statement, "--journal", "BNKU"), 2)


def test_statement_of_an_unknown_account(connected: Callable[..., None], call: Caller, statement: Path) -> None:
    statement.write_text(STATEMENT.replace("NL57OIMK0417164300", "DE89370400440532013000"))
    assert "--journal" in sentence(call("statement", "import", statement), 2)


def test_journal_that_is_not_there(connected: Callable[..., None], call: Caller) -> None:
    assert "BNK1" in sentence(call("reconcile", "--journal", "NONE"), 2)


@pytest.mark.parametrize(
    "text", ["= nonsense", "", "version = 1\n", "x" * 100], ids=["no toml", "empty", "no cards", "text"]
)
def test_rule_file_that_is_none(text: str, connected: Callable[..., None], call: Caller, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(text)
    sentence(call("bill", "plan", "--rules", rules), 2)


def test_rule_file_that_is_not_there(connected: Callable[..., None], call: Caller, tmp_path: Path) -> None:
    assert "rule" in sentence(call("bill", "plan", "--rules", tmp_path / "none.toml"), 2)


def test_run_that_is_not_there(connected: Callable[..., None], call: Caller) -> None:
    sentence(call("undo", "nonsense"), 2)
