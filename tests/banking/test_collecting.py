"""The garbage collector is off while files are read, and afterwards as it was."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from oimkit.banking import read_statements
from oimkit.banking.formats.collecting import without_collector
from oimkit.errors import StatementError
from tests.banking.statement_files import mt940


@pytest.fixture(autouse=True)
def collector_on() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.enable()
    yield
    if not was_on:
        gc.disable()


def test_the_collector_is_off_within_and_on_again() -> None:
    with without_collector():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_program_that_switched_it_off_finds_it_off() -> None:
    gc.disable()
    with without_collector():
        pass
    assert not gc.isenabled()


def test_it_stays_off_until_the_last_of_two_readings_ends() -> None:
    inside, leave = threading.Event(), threading.Event()

    def read() -> None:
        with without_collector():
            inside.set()
            assert leave.wait(10)

    other = threading.Thread(target=read)
    other.start()
    assert inside.wait(10)
    with without_collector():
        pass
    assert not gc.isenabled()
    leave.set()
    other.join()
    assert gc.isenabled()


def test_what_was_made_within_is_old_afterwards() -> None:
    with without_collector():
        made = [[number] for number in range(5000)]
    young = {id(value) for generation in (0, 1) for value in gc.get_objects(generation)}
    assert not young & {id(value) for value in made}


def test_what_a_program_has_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with without_collector():
            pass
        assert gc.get_freeze_count() >= frozen - 100 > 0
    finally:
        gc.unfreeze()


def test_a_refused_file_leaves_it_on() -> None:
    with pytest.raises(StatementError):
        read_statements(mt940(":61:2503040304C1,0x"))
    assert gc.isenabled()
