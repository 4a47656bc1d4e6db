"""A file written piece by piece: whatever moment the writer dies at, going on gives the same bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from oimkit.errors import ConfigurationError, InputError, JournalHeld
from oimkit.odoo import unfinished
from oimkit.odoo.unfinished import Progress, Unfinished

ASKED = {"model": "res.partner", "fields": "name"}
PIECES = [f"line {number}\n".encode() for number in range(5)]


class Died(BaseException):
    """The process ended here."""


def write(path: Path, *, resume: bool = False) -> None:
    """Write the pieces that are still missing, numbered by their last "id"."""
    with Unfinished.open(path, ASKED, resume=resume) as file:
        for number, piece in enumerate(PIECES):
            if not file.progress.done and number > (-1 if file.progress.last is None else file.progress.last):
                file.add(piece, last=number, records=1)
        file.finish()


def test_a_finished_file_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    write(path)
    assert path.read_bytes() == b"".join(PIECES)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


STEPS = ("write", "fsync", "replace", "unlink", "ftruncate")


def dying_at(monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool) -> None:
    """Die at the *step*-th operation on a file from now on, before or after it was done; half a write is done."""
    count = [0]

    def dying(real):
        def operate(*arguments, **named):
            count[0] += 1
            if count[0] != step:
                return real(*arguments, **named)
            if after:
                real(*arguments, **named)
            elif real is os_write:
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            raise Died

        return operate

    os_write = os.write
    for name in ("write", "fsync", "ftruncate"):
        monkeypatch.setattr(unfinished.os, name, dying(getattr(os, name)))
    monkeypatch.setattr(Path, "replace", dying(Path.replace))
    monkeypatch.setattr(Path, "unlink", dying(Path.unlink))


@pytest.mark.parametrize("after", [False, True])
def test_dying_at_any_operation_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    step = 0
    while True:
        step += 1
        path = tmp_path / f"out{step}"
        with monkeypatch.context() as patched:
            dying_at(patched, step, after=after)
            try:
                write(path)
            except Died:
                pass
            else:
                break
        if not (path.exists() and not list(tmp_path.glob(f"out{step}.*"))):
            write(path, resume=True)
        assert path.read_bytes() == b"".join(PIECES), f"died at operation {step}"
        assert not list(tmp_path.glob(f"out{step}.*")), f"died at operation {step}"
    assert step > 40


def test_dying_again_and_again_comes_to_the_same_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    for step in range(2, 200):
        with monkeypatch.context() as patched:
            dying_at(patched, step, after=bool(step % 2))
            try:
                write(path, resume=True)
            except Died:
                continue
        break
    assert path.read_bytes() == b"".join(PIECES)


def begun(path: Path) -> None:
    with Unfinished.open(path, ASKED, resume=False) as file:
        file.add(PIECES[0], last=0, records=1)


def test_what_was_begun_is_not_begun_again_unasked(tmp_path: Path) -> None:
    begun(tmp_path / "out")
    with pytest.raises(InputError, match="1 records, the last is 0") as refused:
        Unfinished.open(tmp_path / "out", ASKED, resume=False)
    assert "resume" in refused.value.advice


def test_what_was_begun_with_another_question_is_not_gone_on_with(tmp_path: Path) -> None:
    begun(tmp_path / "out")
    with pytest.raises(InputError, match="begun with another fields"):
        Unfinished.open(tmp_path / "out", {**ASKED, "fields": "name,ref"}, resume=True)


@pytest.mark.parametrize("resume", [False, True])
def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path, resume: bool) -> None:
    path = tmp_path / "out"
    path.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        Unfinished.open(path, ASKED, resume=resume)
    assert path.read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with Unfinished.open(path, ASKED, resume=False) as file:
        file.add(PIECES[0], last=0, records=1)
        path.write_text("mine")
        with pytest.raises(InputError, match="is there already"):
            file.finish()
    assert path.read_text() == "mine"
    path.unlink()
    with Unfinished.open(path, ASKED, resume=True) as file:
        with pytest.raises(InputError, match="complete"):
            file.add(PIECES[1], last=1, records=1)
        file.finish()
    assert path.read_bytes() == PIECES[0]


def test_a_second_process_is_told_that_the_file_is_being_written(tmp_path: Path) -> None:
    with Unfinished.open(tmp_path / "out", ASKED, resume=False), pytest.raises(JournalHeld, match="another process"):
        Unfinished.open(tmp_path / "out", ASKED, resume=True)


def test_a_part_that_was_cut_is_refused(tmp_path: Path) -> None:
    begun(tmp_path / "out")
    (tmp_path / "out.part").write_bytes(b"li")
    with pytest.raises(InputError, match="shorter than"):
        Unfinished.open(tmp_path / "out", ASKED, resume=True)


def test_a_part_without_its_state_is_refused(tmp_path: Path) -> None:
    begun(tmp_path / "out")
    (tmp_path / "out.state").unlink()
    with pytest.raises(InputError, match="nothing tells how much of it counts"):
        Unfinished.open(tmp_path / "out", ASKED, resume=True)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1, "asked": {}}'])
def test_a_damaged_state_is_refused(tmp_path: Path, damage: bytes) -> None:
    begun(tmp_path / "out")
    (tmp_path / "out.state").write_bytes(damage)
    with pytest.raises(InputError, match="damaged"):
        Unfinished.open(tmp_path / "out", ASKED, resume=True)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"the folder .+ is not there; make it"):
        Unfinished.open(tmp_path / "none" / "out", ASKED, resume=False)


def test_what_a_killed_writer_left_behind_the_state_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "out"
    begun(path)
    with (tmp_path / "out.part").open("ab") as part:
        part.write(b"half a li")
    with Unfinished.open(path, ASKED, resume=True) as file:
        assert file.progress == Progress(len(PIECES[0]), 0, 1)
    write(path, resume=True)
    assert path.read_bytes() == b"".join(PIECES)


def test_what_was_begun_and_holds_no_record_says_so(tmp_path: Path) -> None:
    Unfinished.open(tmp_path / "out", ASKED, resume=False).close()
    with pytest.raises(InputError, match=r"out was begun \(no record is in it yet\) and not finished"):
        Unfinished.open(tmp_path / "out", ASKED, resume=False)


def test_an_error_takes_away_only_what_holds_no_record(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Unfinished.open(tmp_path / "none", ASKED, resume=False):
        raise RuntimeError
    with pytest.raises(RuntimeError), Unfinished.open(tmp_path / "one", ASKED, resume=False) as file:
        file.add(PIECES[0], last=0, records=1)
        raise RuntimeError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.part", "one.state"]
