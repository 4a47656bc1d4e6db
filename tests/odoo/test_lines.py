"""Records as lines: exact values, and cells that a spreadsheet cannot take for formulas."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.errors import InputError
from oimkit.odoo import Ref
from oimkit.odoo.codec import Field, Properties, RecordRef
from oimkit.odoo.lines import Column, columns_of, csv_header, csv_lines, jsonl_lines

RECORD = {
    "id": 7,
    "name": 'A "B", C',
    "ref": None,
    "note": "",
    "active": False,
    "color": -3,
    "amount": Decimal("-12.50"),
    "small": Decimal("1E-7"),
    "day": date(2026, 1, 31),
    "moment": datetime(2026, 2, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))),
    "partner_id": Ref(4, "=cmd"),
    "tag_ids": (1, 2),
    "res_id": RecordRef("res.partner", 7),
    "image": b"\x00\xff",
    "data": {"a": [Decimal("0.10"), True, None]},
    "properties": Properties(),
}
COLUMNS = [Column(name, name) for name in RECORD]


def test_json_lines_hold_exact_values() -> None:
    (line,) = jsonl_lines(COLUMNS, [RECORD]).decode().splitlines()
    told = json.loads(line)
    assert list(told) == list(RECORD)
    assert told == {
        "id": 7,
        "name": 'A "B", C',
        "ref": None,
        "note": "",
        "active": False,
        "color": -3,
        "amount": "-12.50",
        "small": "0.0000001",
        "day": "2026-01-31",
        "moment": "2026-01-31T23:30:00Z",
        "partner_id": 4,
        "tag_ids": [1, 2],
        "res_id": "res.partner,7",
        "image": "AP8=",
        "data": {"a": ["0.10", True, None]},
        "properties": {},
    }


def test_csv_cells_tell_nothing_from_empty_text_and_numbers_from_texts() -> None:
    line = csv_lines(COLUMNS, [RECORD], guard_formulas=True).decode()
    assert line == (
        '7,"A ""B"", C",,"",false,-3,-12.50,0.0000001,"2026-01-31","2026-01-31T23:30:00Z",4,"[1,2]","res.partner,7",'
        '"AP8=","{""a"":[""0.10"",true,null]}","{}"\r\n'
    )


def test_names_stand_beside_the_ids() -> None:
    columns = columns_of([Field("partner_id", "many2one", "res.partner"), Field("day", "date")], names=True)
    assert csv_header(columns) == b'"id","partner_id","partner_id.name","day"\r\n'
    assert json.loads(jsonl_lines(columns, [RECORD])) == {
        "id": 7,
        "partner_id": 4,
        "partner_id.name": "=cmd",
        "day": "2026-01-31",
    }
    assert csv_lines(columns, [{**RECORD, "partner_id": None}], guard_formulas=True) == b'7,,,"2026-01-31"\r\n'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_made_harmless(start: str) -> None:
    columns, text = [Column("name", "name")], f"{start}1+1"
    assert csv_lines(columns, [{"name": text}], guard_formulas=True).decode() == f'"\'{text}"\r\n'
    assert csv_lines(columns, [{"name": text}], guard_formulas=False).decode() == f'"{text}"\r\n'
    assert json.loads(jsonl_lines(columns, [{"name": text}])) == {"name": text}


def test_the_name_of_a_linked_record_is_made_harmless_too() -> None:
    columns = [Column("partner_id.name", "partner_id", is_name=True)]
    assert csv_lines(columns, [RECORD], guard_formulas=True) == b'"\'=cmd"\r\n'


def test_amounts_stay_numbers() -> None:
    assert csv_lines([Column("amount", "amount")], [RECORD], guard_formulas=True) == b"-12.50\r\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_text_comes_back_from_csv(texts: list[str]) -> None:
    data = csv_lines([Column("name", "name")], [{"name": text} for text in texts], guard_formulas=False).decode()
    assert [row[0] for row in csv.reader(io.StringIO(data, newline=""))] == texts


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_guarded_text_begins_with_no_sign_of_a_formula_and_loses_nothing(text: str) -> None:
    data = csv_lines([Column("name", "name")], [{"name": text}], guard_formulas=True).decode()
    ((cell,),) = csv.reader(io.StringIO(data, newline=""))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.removeprefix("'") == text or cell == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_amount_comes_back_exactly(amount: Decimal) -> None:
    told = json.loads(jsonl_lines([Column("amount", "amount")], [{"amount": amount}]))["amount"]
    assert Decimal(told) == amount
    assert "E" not in told.upper()


def test_a_moment_before_year_1000_keeps_four_digits() -> None:
    record = {"moment": datetime(1, 1, 1, tzinfo=UTC), "day": date(1, 1, 1)}
    assert json.loads(jsonl_lines([Column("moment", "moment"), Column("day", "day")], [record])) == {
        "moment": "0001-01-01T00:00:00Z",
        "day": "0001-01-01",
    }


def test_a_value_that_no_field_has_is_refused() -> None:
    with pytest.raises(InputError, match="of type float"):
        jsonl_lines([Column("rate", "rate")], [{"rate": 0.5}])
