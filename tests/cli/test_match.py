"""``oimkit match`` and ``oimkit pipeline show``: files in, files out, no server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Caller = Callable[..., Result]
JsonCaller = Callable[..., list[dict[str, Any]]]

TRANSACTION = {
    "tx_id": "T1", "book": "nl", "account_iban": "NL57OIMK0417164300", "booking_date": "2026-01-05",
    "value_date": "2026-01-05", "amount": "121.00", "currency": "EUR", "counterparty_name": "A\u2028B BV",
    "counterparty_iban": None, "structured_reference": "RF18539007547034", "remittance_text": "",
    "end_to_end_id": None, "mandate_id": None, "batch_id": None, "bank_code": None, "return_reason": None,
    "instructed_amount": None, "instructed_currency": None, "charges_amount": None, "bank_reference": "B1",
}  # fmt: skip
ITEM = {
    "item_id": "I1", "book": "nl", "item_type": "customer_invoice", "document_number": "2026-1",
    "partner_document_number": None, "payment_reference": "RF18539007547034", "partner_id": "P1",
    "partner_name": "A BV", "customer_number": None, "partner_ibans": [], "issue_date": "2025-12-20",
    "due_date": "2026-01-10", "currency": "EUR", "amount": "121.00", "residual": "121.00", "company_amount": "121.00",
    "discount_amount": None, "discount_date": None, "end_to_end_id": None, "mandate_id": None, "batch_id": None,
    "related_number": None,
}  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., list[object]]:
    def write(transactions: list[dict[str, Any]], items: list[dict[str, Any]]) -> list[object]:
        for name, rows in (("transactions", transactions), ("items", items)):
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (tmp_path / name).write_text(text, encoding="utf-8")
        meta = {"own_accounts": {"nl": ["NL57OIMK0417164300"]}, "base_currency": {"nl": "EUR"}}
        (tmp_path / "meta").write_text(json.dumps(meta))
        return [
            "match", "--transactions", tmp_path / "transactions", "--open-items", tmp_path / "items",
            "--meta", tmp_path / "meta", "--out", tmp_path / "out",
        ]  # fmt: skip

    return write


@pytest.mark.parametrize("workers", [1, 2])
def test_prediction_is_written_for_each_transaction(
    workers: int, files: Callable[..., list[object]], call_json: JsonCaller, tmp_path: Path
) -> None:
    arguments = files([TRANSACTION, {**TRANSACTION, "tx_id": "T2", "book": "be"}], [ITEM])
    (summary,) = call_json(*arguments, "--workers", workers, "--json")
    rows = [json.loads(line) for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()]
    assert [row["tx_id"] for row in rows] == ["T1", "T2"]
    assert rows[0]["decision"] == "auto"
    assert rows[0]["allocations"] == [{"item_id": "I1", "amount": "121.00", "currency": "EUR"}]
    assert (summary["transactions"], summary["auto"]) == (2, 1)


@pytest.mark.parametrize(
    ("change", "status"),
    [({"amount": 121.0}, 2), ({"amount": "1,21"}, 2), ({"booking_date": "2026-02-30"}, 2), ({"currency": "euro"}, 2)],
    ids=["number", "comma", "day", "currency"],
)
def test_line_that_is_wrong_is_named_and_nothing_is_written(
    change: dict[str, Any], status: int, files: Callable[..., list[object]], call: Caller, tmp_path: Path
) -> None:
    result = call(*files([TRANSACTION, {**TRANSACTION, **change}], [ITEM]))
    assert result.exit_code == status
    assert "line 2" in result.stderr
    assert not (tmp_path / "out").exists()


def test_missing_file_is_named_by_what_it_is_for(
    files: Callable[..., list[object]], call: Caller, tmp_path: Path
) -> None:
    arguments = files([TRANSACTION], [ITEM])
    (tmp_path / "items").unlink()
    result = call(*arguments)
    assert result.exit_code == 2
    assert "the open items file" in result.stderr


def test_folder_that_cannot_be_written_to_is_refused(
    files: Callable[..., list[object]], call: Caller, tmp_path: Path
) -> None:
    arguments = files([TRANSACTION], [ITEM])
    result = call(*arguments[:-1], tmp_path / "none" / "out")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_pipelines_are_listed_and_shown(call: Caller, call_json: JsonCaller) -> None:
    names = [row["name"] for row in call_json("pipeline", "show", "--json")]
    assert "commercial" in names
    for name in names:
        (row,) = call_json("pipeline", "show", name, "--json")
        assert row["dimensions"] and row["transitions"]
        assert call("pipeline", "show", name, "--mermaid").stdout.startswith("stateDiagram-v2\n")
        assert name in call("pipeline", "show", name).stdout


def test_unknown_pipeline_names_those_there_are(call: Caller) -> None:
    result = call("pipeline", "show", "nonsense")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "commercial" in result.stderr
