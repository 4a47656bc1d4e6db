"""Any history ends with each record there once; and a client with a known bug is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from unittest.mock import patch

import pytest

from oimkit.errors import OutcomeUnknown
from oimkit.odoo import Odoo, Session
from oimkit.odoo import client as client_module
from oimkit.odoo.keys import ExternalId
from tests.simulation.histories import History, Stage, no_waiting

SEEDS = 1_000
"""Histories of the ordinary run; ``make faults`` plays 100,000 (``python -m tests.simulation``)."""

BUG_SEEDS = 3_000
"""Histories within which a planted bug must show."""


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


@pytest.mark.slow
def test_every_record_is_there_once_whatever_happens(stage: Stage) -> None:
    with no_waiting():
        for seed in range(SEEDS):
            wrong = stage.play(History.of(seed))
            assert not wrong, f"seed {seed}: {wrong}; again with: python -m tests.simulation --seed {seed}"


def test_the_same_seed_is_the_same_history(stage: Stage) -> None:
    with no_waiting(), _tracing() as first:
        stage.play(History.of(7))
    with no_waiting(), _tracing() as second:
        stage.play(History.of(7))
    assert len(first) > 20
    assert first == second


@contextmanager
def _tracing() -> Iterator[list[str]]:
    """The names of the calls that reach the model server, with the moment of each."""
    from tests.simulation import world

    seen: list[str] = []
    plain = world.World.advance

    def advance(self: world.World, to_s: float) -> None:
        seen.append(f"{to_s:.9f}")
        plain(self, to_s)

    with patch.object(world.World, "advance", advance):
        yield seen


# --- five bugs that were once somebody's, and the one that the server's mode keeps away


def no_look_before_the_send() -> AbstractContextManager[object]:
    """The key is never asked for: a record that is there already is sent again."""
    return patch("oimkit.odoo.once.find", lambda _odoo, _keys: {})


def retry_on_outcome_unknown() -> AbstractContextManager[object]:
    """A call without an answer is sent again at once."""
    plain = client_module._was_not_sent
    return patch(
        "oimkit.odoo.client._was_not_sent",
        lambda error: plain(error) or (isinstance(error, OutcomeUnknown) and not error.after_commit),
    )


def journal_after_the_call() -> AbstractContextManager[object]:
    """The intent is not written before the call but, with the result, after it."""
    return patch.object(Session, "_intend", lambda *_args, **_named: None)


def no_waiting_for_the_servers_limit() -> AbstractContextManager[object]:
    """An unknown outcome is settled by one look at once, while the call may still be under way."""
    return patch.object(Session, "_quiet_at", lambda *_args: None)


def unstable_key() -> AbstractContextManager[object]:
    """A key that is another one at every start of the program."""
    numbers = count()
    plain = ExternalId.of.__func__  # type: ignore[attr-defined]
    return patch.object(
        ExternalId, "of", classmethod(lambda cls, kind, *parts: plain(cls, kind, *parts, next(numbers) // 50))
    )


def load_that_writes_to_what_is_there() -> AbstractContextManager[object]:
    """Two writers are not kept apart: the later one's ``load`` writes to the record of the earlier one."""
    return patch.object(Odoo, "load_new", Odoo.load)


@pytest.mark.parametrize(
    ("bug", "shown_by"),
    [
        (no_look_before_the_send, "written to|doubled"),
        (retry_on_outcome_unknown, "done [2-9] times"),
        (journal_after_the_call, "done [2-9] times"),
        (no_waiting_for_the_servers_limit, "done [2-9] times"),
        (unstable_key, "in place of one"),
        (load_that_writes_to_what_is_there, "lines doubled"),
    ],
)
def test_a_planted_bug_is_found(stage: Stage, bug: Callable[[], AbstractContextManager[object]], shown_by: str) -> None:
    import re

    with no_waiting(), bug():
        for seed in range(BUG_SEEDS):
            wrong = " ".join(stage.play(History.of(seed)))
            if re.search(shown_by, wrong):
                return
    pytest.fail(f"{bug.__name__} was not found in {BUG_SEEDS} histories")
