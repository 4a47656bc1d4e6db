"""The journal cut anywhere, and written to a disk that fails: it recovers or refuses, and nothing is sent unwritten.

The write-ahead log is cut at every byte of its headers and at every 97th byte of its pages, and the file at the same
steps; with OIMKIT_EVERY_CHECKPOINT=1 (``make faults``) at every byte. A failing disk is a limit on the size of files
(the write fails with an I/O error, as on a broken disk), tried at every 512 bytes that a commit could reach.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oimkit.errors import ConfigurationError, NotSent, OutcomeUnknown
from oimkit.odoo import Journal
from oimkit.odoo.journal import IntentState

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


def place(folder: Path, main: bytes, log: bytes | None) -> Path:
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    (folder / f"{KEY}.sqlite3").write_bytes(main)
    if log is not None:
        (folder / f"{KEY}.sqlite3-wal").write_bytes(log)
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


def test_nothing_is_sent_where_the_disk_fails_while_the_intent_is_written(
    halves: tuple[bytes, bytes, list[str]], tmp_path: Path
) -> None:
    main, log, _ = halves
    failed = stored = 0
    for limit in range(len(log), len(log) + 6 * (PAGE + FRAME_HEADER), 512):
        folder = place(tmp_path / "disk", main, log)
        sent: list[str] = []
        with Journal.open(folder, KEY) as journal:
            journal._db.execute("PRAGMA wal_autocheckpoint = 0")
            run = journal.runs()[0].id
            before = told(journal)
            try:
                with files_end_at(limit):
                    journal.intend(run, "oimkit.more", what="create", until=journal.clock(), settle_after_s=1)
                sent.append("load")
                stored += 1
            except NotSent as error:
                assert "nothing was sent" in str(error)
                failed += 1
        with Journal.open(folder, KEY) as journal:
            intended = any(intent.key == "oimkit.more" for intent in journal.intents(run))
            assert intended or not sent, limit
            assert intended or told(journal) == before
    assert failed
    assert stored


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
