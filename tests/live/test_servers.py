"""What brings the real servers up, as far as it can be tested without one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stdnum import iban as iban_standard

from tests.live import install, prepare, process, servers
from tests.live.cache import Cache, LiveError, run


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    cache = Cache(tmp_path / "live")
    cache.prepare()
    return cache


def test_a_step_is_carried_out_once(cache: Cache) -> None:
    made: list[str] = []
    for _ in range(2):
        cache.once("step", "1", lambda: made.append("now"))
    assert made == ["now"]


def test_a_step_made_from_something_else_is_carried_out_again(cache: Cache) -> None:
    made: list[str] = []
    cache.once("step", "1", lambda: made.append("one"))
    cache.once("step", "2", lambda: made.append("two"))
    assert made == ["one", "two"]


def test_what_an_interrupted_step_left_is_removed_before_it_is_repeated(cache: Cache) -> None:
    product = cache.root / "product"

    def interrupted() -> None:
        product.mkdir()
        (product / "half").touch()
        raise LiveError("stopped")

    with pytest.raises(LiveError):
        cache.once("step", "1", interrupted, product=product)
    cache.once("step", "1", product.mkdir, product=product)
    assert list(product.iterdir()) == []


def test_a_vanished_product_is_made_again(cache: Cache) -> None:
    product = cache.root / "product"
    cache.once("step", "1", product.mkdir, product=product)
    product.rmdir()
    cache.once("step", "1", product.mkdir, product=product)
    assert product.is_dir()


def test_a_failing_command_says_what_it_said(cache: Cache) -> None:
    with pytest.raises(LiveError, match="status 3") as refused:
        run(["sh", "-c", "echo the reason >&2; exit 3"], cache.logs / "log", timeout_s=10)
    assert "the reason" in str(refused.value)


def test_a_command_that_hangs_is_ended(cache: Cache) -> None:
    began = time.monotonic()
    with pytest.raises(LiveError, match="longer than"):
        run(["sleep", "60"], cache.logs / "log", timeout_s=0.3)
    assert time.monotonic() - began < 20


def test_a_started_process_holds_no_pipe_of_ours_and_can_be_stopped(tmp_path: Path) -> None:
    started = process.start(["sleep", "60"], tmp_path / "log")
    assert started.is_alive
    assert os.getsid(started.pid) == started.pid
    assert {os.readlink(f"/proc/{started.pid}/fd/{number}") for number in (1, 2)} == {str(tmp_path / "log")}
    process.stop(started)
    assert not started.is_alive


def test_a_number_given_to_another_process_is_not_ours() -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        stale = process.Started(other.pid, ticks=1, boot=process.boot_id())
        assert not stale.is_alive
        process.stop(stale)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_busy_port_is_passed_over() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert process.free_port(taken) != taken


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "14.json").write_text('{"process": {"pid"', encoding="utf-8")
    assert process.read_record(tmp_path / "14.json") is None


def test_a_record_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    process.write_record(tmp_path / "14.json", process.identify(os.getpid()), port=1)
    assert (tmp_path / "14.json").stat().st_mode & 0o077 == 0
    record = process.read_record(tmp_path / "14.json")
    assert record is not None
    assert record[0].is_alive


def test_invented_account_numbers_have_right_check_digits() -> None:
    for _currency, country, rest in prepare.ACCOUNTS:
        assert iban_standard.is_valid(prepare.iban(country, rest))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "debian.sources",
            "Types: deb\nURIs: http://mirror.example/other\nSigned-By: /keys/other.gpg\n\n"
            "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nSigned-By: /keys/debian.gpg\n",
        ),
        (
            "debian.list",
            "deb [signed-by=/keys/other.gpg] http://mirror.example/other stable main\n"
            "deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.example/debian bookworm main\n",
        ),
    ],
)
def test_the_key_is_the_one_the_sources_name_for_the_mirror(tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / name).write_text(text, encoding="utf-8")
    assert install.signing_key("http://mirror.example/debian", sources=tmp_path) == Path("/keys/debian.gpg")
    assert install.signing_key("http://mirror.example/absent", sources=tmp_path) is None


def test_a_server_and_its_users_show_no_secret() -> None:
    user = servers.LiveUser("admin", "admin", 2, "KEY-1", "PASSWORD-1", "TOTP-1")
    journal = servers.LiveJournal(1, "BNK1", "EUR", "NL00XXXX")
    server = servers.LiveServer("19.0", "http://x", "db", "admin", "KEY-1", "PASSWORD-1", (user,), (journal,))
    shown = repr(server)
    assert not [word for word in ("KEY-1", "PASSWORD-1", "TOTP-1", "NL00XXXX") if word in shown]


def test_a_half_named_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in servers.NAMED_SERVER:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OIMKIT_LIVE_URL", "http://127.0.0.1:9")
    with pytest.raises(LiveError, match="set all of"):
        servers.running_servers()


def test_without_servers_there_are_none_and_up_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in servers.NAMED_SERVER:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OIMKIT_LIVE_CACHE", str(tmp_path))
    assert servers.running_servers() == ()
    with pytest.raises(LiveError, match=r"tests\.live\.servers up"):
        servers.fresh_database(19)


def test_the_status_command_ends_and_says_that_nothing_runs(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in servers.NAMED_SERVER}
    environment["OIMKIT_LIVE_CACHE"] = str(tmp_path)
    command = [sys.executable, "-m", "tests.live.servers", "status"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_both_field_tables_hold_what_the_paths_need() -> None:
    folder = Path(__file__).resolve().parents[2] / "src" / "oimkit" / "sandbox" / "profiles"
    for major in (14, 19):
        table = json.loads((folder / f"{major}.json").read_text(encoding="utf-8"))
        assert table["server_version"] == f"{major}.0"
        assert table["models"]["account.move"]["timesheet_ids"]["relation"] == "account.analytic.line"
        assert table["models"]["account.bank.statement.line"]["amount"]["type"] == "monetary"
