"""The error tree says what the caller may do next, and its texts say where and what."""

from __future__ import annotations

import inspect
import pickle

import pytest

from oimkit import errors
from oimkit.errors import (
    AccessDenied,
    AccessRefused,
    BadReply,
    Busy,
    IllegalTransition,
    InputError,
    JournalHeld,
    NotSent,
    OdooError,
    OimkitError,
    OutcomeUnknown,
    Refused,
    RuleError,
    StatementError,
)

NAMED = [getattr(errors, name) for name in errors.__all__]
CLASSES = [each for each in NAMED if issubclass(each, Exception)]


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_class_is_one_of_the_tree_and_says_what_it_means(error: type[OimkitError]) -> None:
    assert issubclass(error, OimkitError)
    assert inspect.getdoc(error)
    assert error.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_advice_is_part_of_the_text(error: type[OimkitError]) -> None:
    assert str(error("the reason", advice="do this")).endswith("the reason; do this")
    assert str(error("the reason")) == "the reason"


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_error_survives_the_way_between_processes(error: type[OimkitError]) -> None:
    """An executor's workers hand their errors over by pickle: class, text and fields stay."""
    first = error("the reason", advice="do this")
    second = pickle.loads(pickle.dumps(first))
    assert type(second) is error
    assert str(second) == str(first)
    assert vars(second) == vars(first)


def test_wrong_input_is_a_value_error_too() -> None:
    assert issubclass(InputError, ValueError)
    assert not issubclass(OdooError, ValueError)


def test_statement_error_tells_format_line_and_tag_first() -> None:
    error = StatementError("the amount is empty", format="mt940", line=7, tag=":61:", advice="ask the bank")
    assert str(error) == "mt940, line 7, :61:: the amount is empty; ask the bank"
    assert (error.format, error.line, error.tag, error.reason) == ("mt940", 7, ":61:", "the amount is empty")


def test_statement_error_without_a_place_is_the_reason() -> None:
    assert str(StatementError("not a statement")) == "not a statement"


def test_rule_error_tells_where_in_the_rules() -> None:
    assert str(RuleError("two rates apply", where="rate[2]")) == "rate[2]: two rates apply"


def test_what_may_be_sent_again_is_told_apart_from_what_must_be_settled() -> None:
    assert not issubclass(OutcomeUnknown, (NotSent, Refused, BadReply))
    assert not issubclass(NotSent, (Refused, OutcomeUnknown))
    unknown = OutcomeUnknown("no answer came", key="oimkit.x", after_commit=True)
    assert (unknown.key, unknown.after_commit) == ("oimkit.x", True)


@pytest.mark.parametrize("error", [AccessDenied, AccessRefused, Busy])
def test_refusals_of_the_server_carry_its_class(error: type[Refused]) -> None:
    assert error("no", server_class="odoo.exceptions.AccessError").server_class == "odoo.exceptions.AccessError"


def test_busy_tells_how_long_to_wait() -> None:
    assert Busy("too many requests", retry_after_s=3).retry_after_s == 3


def test_journal_held_tells_the_holder() -> None:
    assert JournalHeld("held", holder=4711).holder == 4711


def test_illegal_transition_has_a_code_for_programs() -> None:
    assert IllegalTransition("won is final", code="final").code == "final"
