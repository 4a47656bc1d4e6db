"""The journal cut anywhere, and written to a disk that fails: it recovers or refuses, and nothing is sent unwritten.

The write-ahead log is cut at every byte of its headers and at every 97th byte of its pages, and the file at the same
steps; with OIMKIT_EVERY_CHECKPOINT=1 (``make faults``) at every byte. A failing disk is a limit on the size of files
(the write fails with an I/O error, as on a broken disk), tried at every 1,024 bytes that a run could reach; the client
is a real one, and its server tells what reached it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oimkit.errors import ConfigurationError, NotSent, OdooError, OutcomeUnknown
from oimkit.odoo import Journal, Odoo, connect
from oimkit.odoo.journal import IntentState
from oimkit.odoo.writing import create_once
from oimkit.sandbox import Sandbox
from tests.faults import failing_fsync
from tests.odoo.meddling import Meddling

KEY = "0a1b2c3d-1111-2222-3333-444455556666"
EVERY = os.environ.get("OIMKIT_EVERY_CHECKPOINT") == "1"
STRIDE = 1 if EVERY else 97
LOG_HEADER, FRAME_HEADER, PAGE = 32, 24, 4096


def write_acts(journal: Journal, count: int) -> Iterator[str]:
    """*count* runs of one act each, intended and done; yields after each commit what a reader must find."""
    for number in range(count):
        run = journal.begin("kind", f'{{"plan":{number}}}').id
        yield "begun"
        journal.intend(run, f"oimkit.k{number}", what="create", until=journal.clock(), settle_after_s=120)
        yield "intended"
        journal.mark_done(run, f"oimkit.k{number}", "create", model="res.partner", record=number + 1, created=True)
        yield "done"


def told(journal: Journal) -> list[str]:
    """The last thing known of each run: ``begun``, ``intended`` or ``done``."""
    state = {IntentState.INTENDED: "intended", IntentState.DONE: "done"}
    acts = [journal.intents(run.id) for run in journal.runs()]
    return [state[act[0].state] if act else "begun" for act in acts]


def place(folder: Path, main: bytes, log: bytes | None, key: str = KEY) -> Path:
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    (folder / f"{key}.sqlite3").write_bytes(main)
    if log is not None:
        (folder / f"{key}.sqlite3-wal").write_bytes(log)
    return folder


@pytest.fixture
def halves(tmp_path: Path) -> tuple[bytes, bytes, list[str]]:
    """A journal's file and its log as a crash leaves them, and the step after each commit that is in the log."""
    folder = tmp_path / "whole"
    journal = Journal.open(folder, KEY)
    journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal._db.execute("PRAGMA wal_autocheckpoint = 0")
    steps = list(write_acts(journal, 2))
    main, log = (folder / f"{KEY}.sqlite3").read_bytes(), (folder / f"{KEY}.sqlite3-wal").read_bytes()
    journal.close()
    return main, log, steps


def log_cuts(size: int) -> list[int]:
    """Every byte of the log's headers and of its pages' borders, and every ``STRIDE``-th byte of the pages."""
    cuts = set(range(0, size + 1, STRIDE)) | set(range(min(LOG_HEADER + 1, size)))
    for frame in range(LOG_HEADER, size, FRAME_HEADER + PAGE):
        cuts |= set(range(max(0, frame - 2), min(size, frame + FRAME_HEADER + 2)))
    return sorted(cuts | {size})


@pytest.mark.slow
def test_the_log_cut_at_any_byte_tells_a_past_of_what_was_written(
    halves: tuple[bytes, bytes, list[str]], tmp_path: Path
) -> None:
    main, log, steps = halves
    pasts = [[], *([*["done"] * (at // 3), step] for at, step in enumerate(steps))]
    seen = []
    for cut in log_cuts(len(log)):
        with Journal.open(place(tmp_path / "cut", main, log[:cut]), KEY) as journal:
            found = told(journal)
        assert found in pasts, cut
        seen.append(pasts.index(found))
    assert seen == sorted(seen), "a longer log tells less"
    assert set(seen) == set(range(len(pasts))), "every commit is found once it is whole"


@pytest.mark.slow
def test_the_file_cut_at_any_byte_is_refused_or_whole(tmp_path: Path) -> None:
    folder = tmp_path / "whole"
    with Journal.open(folder, KEY) as journal:
        list(write_acts(journal, 2))
    main = (folder / f"{KEY}.sqlite3").read_bytes()
    borders = {cut for page in range(0, len(main), PAGE) for cut in (page - 1, page, page + 1) if cut > 0}
    refused = 0
    for cut in sorted(set(range(1, len(main), STRIDE)) | borders):
        try:
            with Journal.open(place(tmp_path / "cut", main[:cut], None), KEY) as journal:
                pytest.fail(f"cut at {cut} of {len(main)} it was opened, and tells {told(journal)}")
        except ConfigurationError as error:
            assert "damaged" in str(error)
            assert "nothing is made twice" in str(error)
            refused += 1
    assert refused > 100


@contextmanager
def files_end_at(limit: int) -> Iterator[None]:
    """No file of this process grows beyond *limit* bytes: a write there fails with an I/O error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def watched(sandbox: Sandbox) -> tuple[Odoo, Meddling]:
    """A client of *sandbox*, and what sees each of its calls that goes there."""
    odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)
    wire = Meddling(odoo._transport)
    return connect(transport=wire), wire


def made(odoo: Odoo, name: str) -> int:
    return odoo.count("res.partner", [["name", "=", name]])


def create(odoo: Odoo, name: str, journal: Journal) -> int:
    return create_once(odoo, f"oimkit.{name}", "res.partner", {"name": name}, journal=journal, settle_after_s=0)


def test_nothing_is_sent_where_the_disk_fails_while_the_intent_is_written(sandbox: Sandbox, tmp_path: Path) -> None:
    odoo, wire = watched(sandbox)
    Journal.open(tmp_path, odoo.server_key).close()
    empty = (tmp_path / f"{odoo.server_key}.sqlite3").read_bytes()
    came: set[str] = set()
    for limit in range(0, 16 * (PAGE + FRAME_HEADER), 1024):
        wire.sent.clear()
        name = f"disk-{limit}"
        with Journal.open(place(tmp_path / "disk", empty, None, odoo.server_key), odoo.server_key) as journal:
            journal._db.execute("PRAGMA wal_autocheckpoint = 0")
            try:
                with files_end_at(limit):
                    create(odoo, name, journal)
                came.add("done")
            except NotSent as error:
                assert "nothing was sent" in str(error)
                assert "load" not in wire.sent, limit
                came.add("not sent")
            except OutcomeUnknown as error:
                assert error.after_commit
                came.add("done and not written down")
        assert made(odoo, name) == wire.sent.count("load"), limit
        with Journal.open(tmp_path / "disk", odoo.server_key) as journal:
            assert "load" not in wire.sent or journal.intents(journal.runs()[0].id), limit
            create(odoo, name, journal)
        assert made(odoo, name) == 1, limit
    assert came == {"not sent", "done", "done and not written down"}


@pytest.mark.parametrize(
    ("step", "error", "sent"), [("open", NotSent, 0), ("begin", NotSent, 0), ("intend", OutcomeUnknown, 1)]
)
def test_nothing_is_sent_while_the_journal_can_only_be_read(
    sandbox: Sandbox, tmp_path: Path, step: str, error: type[OdooError], sent: int
) -> None:
    odoo, wire = watched(sandbox)

    def after(done: str) -> None:
        if done.startswith(step):
            journal._db.execute("PRAGMA query_only = ON")

    name = f"read-only-{step}"
    with Journal.open(tmp_path, odoo.server_key, on_commit=after) as journal:
        after("open")
        with pytest.raises(error, match="could not be written"):
            create(odoo, name, journal)
    assert wire.sent.count("load") == made(odoo, name) == sent
    with Journal.open(tmp_path, odoo.server_key) as journal:
        create(odoo, name, journal)
    assert made(odoo, name) == 1


@pytest.mark.skipif(not failing_fsync.IS_POSSIBLE, reason="the filter of system calls is Linux's")
@pytest.mark.parametrize(
    ("step", "error", "sent"), [("open", "NotSent", 0), ("begin", "NotSent", 0), ("intend", "OutcomeUnknown", 1)]
)
def test_nothing_is_sent_where_the_disk_does_not_keep_what_it_took(
    tmp_path: Path, step: str, error: str, sent: int
) -> None:
    with Sandbox() as sandbox:
        login = (sandbox.url, sandbox.database, sandbox.user, sandbox.secret)
        program = [sys.executable, "-m", "tests.faults.failing_fsync", *login, str(tmp_path), step]
        done = subprocess.run(program, capture_output=True, text=True, timeout=60)
        told = json.loads(done.stdout)
        odoo, _ = watched(sandbox)
        assert (told["error"], told["sent"].count("load"), made(odoo, "x")) == (error, sent, sent)
        assert told["after_commit"] == bool(sent)
        with Journal.open(tmp_path, odoo.server_key) as journal:
            create_once(odoo, "oimkit.fsync", "res.partner", {"name": "x"}, journal=journal, settle_after_s=0)
        assert made(odoo, "x") == 1


def test_a_result_that_a_failing_disk_did_not_take_is_an_unknown_outcome(
    halves: tuple[bytes, bytes, list[str]], tmp_path: Path
) -> None:
    main, log, _ = halves
    folder = place(tmp_path / "disk", main, log)
    with Journal.open(folder, KEY) as journal:
        run = journal.runs()[0].id
        journal.intend(run, "oimkit.more", what="create", until=journal.clock(), settle_after_s=1)
        size = (folder / f"{KEY}.sqlite3-wal").stat().st_size
        with files_end_at(size), pytest.raises(OutcomeUnknown, match="could not be written in the journal"):
            journal.mark_done(run, "oimkit.more", "create", model="res.partner", record=5, created=True)
    with Journal.open(folder, KEY) as journal:
        assert [intent.key for intent in journal.unsettled()] == ["oimkit.more"]


def test_a_journal_that_the_disk_does_not_let_begin_is_refused(tmp_path: Path) -> None:
    for limit in range(0, 6 * PAGE, 1024):
        folder = tmp_path / f"{limit}"
        with files_end_at(limit), pytest.raises(ConfigurationError, match="cannot be written"):
            Journal.open(folder, KEY)
        with Journal.open(folder, KEY) as journal:
            assert journal.runs() == []
    with Journal.open(tmp_path, KEY) as journal:
        assert journal.runs() == []
