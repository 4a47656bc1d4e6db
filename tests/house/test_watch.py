"""The watch over the whole run sees what it is there for."""

from __future__ import annotations

import logging
import uuid
import weakref

import pytest

from oimkit.errors import InputError
from oimkit.odoo import Secret
from tests.conftest import WATCH
from tests.watch import MEMO, NAME, Watch

SECRET = "a-secret-of-this-test-only"
IBAN = "NL91ABNA0417164300"


def test_secret_in_the_text_of_an_error_is_seen() -> None:
    Secret(SECRET)
    InputError(f"refused: {SECRET}")
    assert WATCH.leaks() == [
        "text of InputError (shown with InputError) holds a secret",
        "repr of InputError (shown with InputError) holds a secret",
    ]


def test_account_number_in_the_cause_of_an_error_is_seen() -> None:
    with pytest.raises(InputError):
        try:
            raise ValueError(IBAN)
        except ValueError as error:
            raise InputError("refused") from error
    assert any("ValueError" in leak and "account number" in leak for leak in WATCH.leaks())


def test_suppressed_context_is_not_printed_and_not_counted() -> None:
    with pytest.raises(InputError):
        try:
            raise ValueError(IBAN)
        except ValueError:
            raise InputError("refused") from None
    assert WATCH.leaks() == []


def test_account_number_in_a_log_record_is_seen() -> None:
    logging.getLogger("oimkit.watched").warning("entry of %s", IBAN)
    assert WATCH.leaks() == ["log record of oimkit.watched holds an account number"]


def test_debug_record_of_a_logger_whose_level_nobody_set_is_seen() -> None:
    logging.getLogger("oimkit.watched").debug("entry of %s", IBAN)
    assert WATCH.leaks() == ["log record of oimkit.watched holds an account number"]


def test_name_and_text_of_a_record_in_an_error_are_seen() -> None:
    for personal in (NAME.upper(), MEMO):
        InputError(f"refused: {personal}")
        assert [leak.partition(" holds ")[2] for leak in WATCH.leaks()] == ["a name or a text of a record"] * 2


def test_name_of_a_record_may_stand_in_the_log_below_info_only() -> None:
    for level in (logging.DEBUG, logging.INFO, logging.ERROR):
        logging.getLogger("oimkit.watched").log(level, "read %s", NAME)
    assert WATCH.leaks() == ["log record of oimkit.watched holds a name or a text of a record"] * 2


def test_level_of_a_logger_is_as_it_was_when_watching_ends() -> None:
    logger = logging.getLogger("urllib3")
    during_this_run = logger.level
    logger.setLevel(logging.ERROR)
    try:
        watch = Watch()
        watch.listen()
        assert logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.DEBUG)
        watch.stop()
        assert (logger.level, watch in logger.handlers) == (logging.ERROR, False)
    finally:
        logger.setLevel(during_this_run)


def test_reference_that_only_looks_like_an_account_number_is_none() -> None:
    InputError("oimkit.NL00ABNA0417164300")
    assert WATCH.leaks() == []


def test_errors_are_looked_at_before_a_test_of_many_ends_and_not_kept() -> None:
    InputError(f"refused: {IBAN}")
    errors = [weakref.ref(InputError("refused")) for _ in range(2000)]
    assert sum(error() is not None for error in errors) < 500
    assert len(WATCH.leaks()) == 2


def test_text_that_held_nothing_is_looked_at_again_when_there_is_a_new_secret() -> None:
    fresh = f"fresh-{uuid.uuid4().hex}"
    InputError(f"refused: {fresh}")
    assert WATCH.leaks() == []
    Secret(fresh)
    InputError(f"refused: {fresh}")
    assert len(WATCH.leaks()) == 2
