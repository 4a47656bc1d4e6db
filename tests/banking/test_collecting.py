"""The garbage collector is off while files are read, and afterwards as it was."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import suppress
from xml.parsers import expat

import pytest

from oimkit.banking import collecting, read_statements
from oimkit.banking.collecting import without_collector
from oimkit.errors import StatementError
from tests.banking.statement_files import content, mt940


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


def test_what_a_large_reading_made_is_old_afterwards() -> None:
    with without_collector():
        made = [[number] for number in range(2 * collecting._FEW)]
    young = {id(value) for generation in (0, 1) for value in gc.get_objects(generation)}
    assert not young & {id(value) for value in made}


class Knot:
    """A value of a cycle, which only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


def knot() -> weakref.ref[Knot]:
    return weakref.ref(Knot())


def alive(knots: list[weakref.ref[Knot]]) -> int:
    return sum(each() is not None for each in knots)


def test_cycles_of_small_readings_are_freed() -> None:
    knots: list[weakref.ref[Knot]] = []
    for _ in range(2000):
        with without_collector():
            knots += [knot() for _ in range(10)]
    assert alive(knots) < 10_000  # the collector comes every 700 values, as a rule


def test_cycles_of_large_readings_are_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_FEW", 1_000)
    monkeypatch.setattr(collecting, "_MANY", 50_000)
    knots: list[weakref.ref[Knot]] = []
    for _ in range(300):
        with without_collector():
            knots.append(knot())
            made = [[number] for number in range(2_000)]
        assert len(made) == 2_000
        del made
    most = max(50_000, len(gc.get_objects()) // 4) / 2_000  # readings that grow old before all is gone through
    assert alive(knots) <= most + 1


def test_cycles_of_readings_that_overlap_are_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_MANY", 1_000)
    knots: list[weakref.ref[Knot]] = []
    kept: list[object] = []
    with without_collector():
        for _ in range(100):
            with without_collector():
                knots.append(knot())
                kept += [[number] for number in range(100)]
        assert alive(knots) < 20
        assert not gc.isenabled()


XML = ("camt053/batch_returned_pending.xml", "ofx2/payee_and_other_account.ofx")


@pytest.mark.parametrize("name", XML)
@pytest.mark.parametrize("change", [b"", b"</Amx>", b"<!DOCTYPE x>", b"cut"])
def test_parsers_of_xml_let_go_of_what_would_keep_them_until_the_collector_comes(name: str, change: bytes) -> None:
    data = content(name)
    changed = data[: len(data) // 2] if change == b"cut" else data.replace(b"?>", b"?>" + change, 1)
    gc.disable()
    before = set(map(id, parsers()))
    with suppress(StatementError):  # the watch of the tests keeps it, and so the parser that it was raised within
        read_statements(changed)
    left = [parser for parser in parsers() if id(parser) not in before]
    assert not left or change
    assert [parser for parser in left if parser.StartDoctypeDeclHandler or parser.StartElementHandler] == []


def parsers() -> list[expat.XMLParserType]:
    return [value for value in gc.get_objects() if type(value) is expat.XMLParserType]


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
