"""The watch over the whole run sees what it is there for."""

from __future__ import annotations

import logging

import pytest

from oimkit.errors import InputError
from oimkit.odoo import Secret
from tests.conftest import WATCH

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


def test_reference_that_only_looks_like_an_account_number_is_none() -> None:
    InputError("oimkit.NL00ABNA0417164300")
    assert WATCH.leaks() == []
