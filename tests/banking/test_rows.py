"""The rows of ``--json``: exactly the keys of the contract, exact amounts, nothing that json cannot say."""

from __future__ import annotations

import json

from oimkit.banking import statement_row
from tests.banking.statement_files import read

STATEMENT_KEYS = [
    *("file", "format", "account", "currency", "opening", "closing", "opening_date", "closing_date", "balanced"),
    *("findings", "entries"),
]
ENTRY_KEYS = [
    *("booking_date", "value_date", "amount", "currency", "status", "reference", "end_to_end_id", "mandate_id"),
    *("batch_id", "counterparty_name", "counterparty_account", "structured_reference", "remittance", "bank_code"),
    *("return_reason", "reversal", "instructed_amount", "instructed_currency", "charges_amount", "details"),
]


def test_a_row_has_the_keys_of_the_contract_and_survives_json() -> None:
    (statement,) = read("camt053/batch_returned_pending.xml")
    row = statement_row(statement, "a/file.xml")
    assert set(row) >= set(STATEMENT_KEYS)
    again = json.loads(json.dumps(row))
    assert again["file"] == "a/file.xml"
    assert (again["opening"], again["closing"], again["balanced"]) == ("100.00", "153.00", True)
    assert all(set(entry) >= set(ENTRY_KEYS) for entry in again["entries"])
    assert len(again["entries"]) == 3
    assert again["entries"][0]["details"][1]["remittance"] == ["Invoice 8", "and 9"]
    assert again["entries"][2]["booking_date"] is None


def test_absent_values_are_null() -> None:
    (statement,) = read("ofx1/charset_none_latin1.ofx")
    row = statement_row(statement, "f")
    assert (row["opening"], row["closing_date"], row["balanced"]) == (None, None, None)
