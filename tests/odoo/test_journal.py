"""What was written down is there after a crash, or the journal says clearly that it is damaged."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oimkit.errors import ConfigurationError, InputError, JournalHeld, NotSent, OimkitError
from oimkit.odoo import Journal
from oimkit.odoo.journal import IntentState, RunState, journal_directory

KEY = "0a1b2c3d-1111-2222-3333-444455556666"


def filled(folder: Path, runs: int = 3) -> list[str]:
    with Journal.open(folder, KEY) as journal:
        ids = []
        for number in range(runs):
            run = journal.begin("kind", f'{{"plan":{number}}}')
            journal.intend(
                run.id, f"oimkit.k{number}", what="create res.partner", until=journal.clock(), settle_after_s=120
            )
            if number:
                journal.mark_done(run.id, f"oimkit.k{number}", "x", model="res.partner", record=number, created=True)
            ids.append(run.id)
        return ids


def test_what_was_written_is_read_by_the_next_process(tmp_path):
    ids = filled(tmp_path)
    with Journal.open(tmp_path, KEY) as journal:
        assert [run.id for run in journal.open_runs()] == ids
        assert [run.plan for run in journal.runs()] == ['{"plan":0}', '{"plan":1}', '{"plan":2}']
        assert [(intent.key, intent.state) for intent in journal.unsettled()] == [("oimkit.k0", IntentState.INTENDED)]
        assert [(created.model, created.id) for created in journal.created(ids[2])] == [("res.partner", 2)]


def test_states_of_a_run(tmp_path):
    with Journal.open(tmp_path, KEY) as journal:
        run = journal.begin("kind", "{}").id
        assert journal.run(run).state is RunState.OPEN
        journal.finish(run, '{"report":1}')
        assert journal.run(run).state is RunState.DONE
        assert journal.run(run).report == '{"report":1}'
        journal.mark_undone(run)
        assert journal.run(run).state is RunState.UNDONE
        assert journal.open_runs() == []


def test_run_with_an_unknown_outcome_is_not_stopped(tmp_path):
    with Journal.open(tmp_path, KEY) as journal:
        run = journal.begin("kind", "{}").id
        journal.intend(run, "k", what="x", until=journal.clock(), settle_after_s=1)
        journal.stop(run)
        assert journal.run(run).state is RunState.OPEN
        journal.mark_failed(run, "k")
        journal.stop(run)
        assert journal.run(run).state is RunState.STOPPED


def test_unknown_run_is_refused(tmp_path):
    with Journal.open(tmp_path, KEY) as journal, pytest.raises(InputError, match="no run"):
        journal.run("nope")


def test_second_writer_is_told_who_holds_the_journal(tmp_path):
    program = (
        "import sys; from pathlib import Path; from oimkit.odoo import Journal; from oimkit.errors import JournalHeld\n"
        "try: Journal.open(Path(sys.argv[1]), sys.argv[2])\n"
        "except JournalHeld as error: print(error.holder, error)"
    )
    with Journal.open(tmp_path, KEY):
        told = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path), KEY], capture_output=True, text=True, timeout=60
        )
        assert told.stdout.startswith(f"{os.getpid()} another process writes through this journal")
        with pytest.raises(JournalHeld, match="this process has the journal open already; pass that one on") as caught:
            Journal.open(tmp_path, KEY)
        assert caught.value.holder == os.getpid()
    Journal.open(tmp_path, KEY).close()


def test_lock_ends_with_its_process(tmp_path):
    program = (
        "import os, signal, sys; from pathlib import Path; from oimkit.odoo import Journal\n"
        "journal = Journal.open(Path(sys.argv[1]), sys.argv[2]); journal.begin('kind', '{}')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path), KEY], timeout=60)
    assert killed.returncode == -9
    with Journal.open(tmp_path, KEY) as journal:
        assert len(journal.open_runs()) == 1


def test_two_databases_have_two_journals(tmp_path):
    with Journal.open(tmp_path, KEY) as one, Journal.open(tmp_path, "other") as other:
        one.begin("kind", "{}")
        assert other.runs() == []


def test_journal_of_another_database_is_refused(tmp_path):
    filled(tmp_path)
    shutil.copy(tmp_path / f"{KEY}.sqlite3", tmp_path / "other.sqlite3")
    with pytest.raises(ConfigurationError, match="another database"):
        Journal.open(tmp_path, "other")


def test_journal_of_a_later_oimkit_is_refused(tmp_path):
    with Journal.open(tmp_path, KEY) as journal:
        journal._db.execute("UPDATE journal SET format = 99")
    with pytest.raises(ConfigurationError, match="later oimkit"):
        Journal.open(tmp_path, KEY)


def test_only_the_user_can_read_it(tmp_path):
    filled(tmp_path / "state")
    assert stat.S_IMODE((tmp_path / "state" / f"{KEY}.sqlite3").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_failed_opening_releases_the_lock(tmp_path):
    (tmp_path / f"{KEY}.sqlite3").write_bytes(b"this is no database, and never was" * 100)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="damaged"):
            Journal.open(tmp_path, KEY)


def wal_journal(folder: Path) -> tuple[bytes, bytes, int]:
    """The bytes of a journal's file and of its write-ahead log, as a crash leaves them, and its number of runs."""
    journal = Journal.open(folder, KEY)
    journal._db.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(3):
        run = journal.begin("kind", f'{{"plan":{number}}}')
        journal.intend(run.id, f"oimkit.k{number}", what="x", until=journal.clock(), settle_after_s=120)
    main, log = (folder / f"{KEY}.sqlite3").read_bytes(), (folder / f"{KEY}.sqlite3-wal").read_bytes()
    journal.close()
    return main, log, 3


def cuts(size: int, parts: int = 60) -> list[int]:
    return sorted({size * part // parts for part in range(parts)} | {size - 1, 1, 31, 32, 33})


def test_log_cut_anywhere_is_recovered_up_to_the_cut(tmp_path):
    main, log, written = wal_journal(tmp_path / "whole")
    recovered = set()
    for cut in cuts(len(log)):
        folder = tmp_path / f"log{cut}"
        folder.mkdir()
        (folder / f"{KEY}.sqlite3").write_bytes(main)
        (folder / f"{KEY}.sqlite3-wal").write_bytes(log[:cut])
        with Journal.open(folder, KEY) as journal:
            runs = journal.runs()
            assert [run.plan for run in runs] == [f'{{"plan":{number}}}' for number in range(len(runs))]
            recovered.add(len(runs))
            journal.begin("kind", "{}")
    assert recovered == set(range(written + 1))


def test_file_cut_anywhere_is_recovered_or_refused(tmp_path):
    filled(tmp_path / "whole")
    main = (tmp_path / "whole" / f"{KEY}.sqlite3").read_bytes()
    refused = 0
    for cut in cuts(len(main)):
        folder = tmp_path / f"file{cut}"
        folder.mkdir()
        (folder / f"{KEY}.sqlite3").write_bytes(main[:cut])
        try:
            with Journal.open(folder, KEY) as journal:
                assert cut == 0, cut
                assert journal.runs() == []
        except ConfigurationError as error:
            assert "damaged" in str(error)
            refused += 1
    assert refused > 50


def test_no_changed_byte_ends_in_a_foreign_error(tmp_path):
    """SQLite keeps no sums of its pages: a byte that rots within a text is read as it stands."""
    filled(tmp_path / "whole")
    main = bytearray((tmp_path / "whole" / f"{KEY}.sqlite3").read_bytes())
    for position in range(0, len(main), 509):
        folder = tmp_path / f"byte{position}"
        folder.mkdir()
        changed = bytearray(main)
        changed[position] ^= 0xFF
        (folder / f"{KEY}.sqlite3").write_bytes(changed)
        try:
            with Journal.open(folder, KEY) as journal:
                journal.runs()
                journal.unsettled()
        except OimkitError:
            continue


def test_every_commit_is_on_the_disk_before_anything_is_sent(tmp_path):
    with Journal.open(tmp_path, KEY) as journal:
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL: each commit ends with an fsync
    with Journal.open(tmp_path, KEY) as journal:
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_journal_that_can_only_be_read_is_not_sent(tmp_path):
    with Journal.open(tmp_path, KEY) as journal:
        journal._db.execute("PRAGMA query_only = ON")
        with pytest.raises(NotSent, match="nothing was sent"):
            journal.begin("kind", "{}")
        assert journal.runs() == []


def test_commit_that_was_broken_off_is_in_nobodys_way(tmp_path):
    with Journal.open(tmp_path, KEY) as journal:
        with pytest.raises(UnicodeEncodeError):
            journal.begin("kind", "half \ud83d pair")
        run = journal.begin("kind", "{}")
        assert journal.runs() == [run]


def test_full_disk_is_not_sent(tmp_path):
    with Journal.open(tmp_path, KEY) as journal:
        pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
        journal._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(NotSent, match="nothing was sent"):
            journal.begin("kind", "x" * 100_000)
        assert journal.runs() == []


def test_read_only_folder_is_refused_in_one_sentence(tmp_path):
    target = tmp_path / "file"
    target.write_text("not a folder")
    with pytest.raises(ConfigurationError, match="folder cannot be made"):
        Journal.open(target / "inside", KEY)


def test_commit_is_told_to_the_test_hook(tmp_path):
    steps: list[str] = []
    with Journal.open(tmp_path, KEY, on_commit=steps.append) as journal:
        run = journal.begin("kind", "{}")
        journal.intend(run.id, "k", what="x", until=datetime.now(UTC) + timedelta(1), settle_after_s=1)
        journal.mark_unknown(run.id, "k")
        journal.mark_done(run.id, "k", "x")
    assert [step.split()[0] for step in steps] == ["begin", "intend", "unknown", "done"]


def test_folder_is_the_users_state_folder():
    assert journal_directory({"XDG_STATE_HOME": "/state"}) == Path("/state/oimkit")
    assert journal_directory({"HOME": "/home/x"}) == Path("/home/x/.local/state/oimkit")
