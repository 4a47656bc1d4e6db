"""Values survive the way to the server and back; what would not is refused by the name of its field."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.errors import BadReply, InputError
from oimkit.odoo import Ref
from oimkit.odoo.codec import (
    Field,
    cell_text,
    decode_column,
    dump_json,
    encode_value,
    parse_json,
    read_double,
    refuse_unwireable,
)
from oimkit.odoo.transport.xml_values import dump_call, parse_response


def over_json(value):
    return parse_json(dump_json(value))


def over_xml(value):
    refuse_unwireable(value)
    call = dump_call("x", [value]).decode()
    middle = call[call.index("<params>") : call.index("</methodCall>")]
    return parse_response(f"<?xml version='1.0'?><methodResponse>{middle}</methodResponse>".encode())


def decoded(field, value, **others):
    rows = [{"id": 1, field.name: value, **others}]
    decode_column(field, rows, lambda currency: {1: 2, 2: 0}.get(currency))
    return rows[0][field.name]


def encoded(field, value):
    return encode_value(field, value, lambda _model, values: dict(values))


def field(kind, **attributes):
    return Field("thing", kind, **attributes)


texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
        lambda character: ord(character) >= 32 or character in "\t\n\r"
    )
)
amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
moments = st.datetimes(
    min_value=datetime(1, 1, 3),
    max_value=datetime(9999, 12, 29),
    timezones=st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
        lambda gap: timezone(timedelta(minutes=gap // timedelta(minutes=1)))
    ),
).map(lambda moment: moment.replace(microsecond=0))
wire = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | texts | amounts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(wire)
def test_wire_values_are_equal_over_json(value):
    assert over_json(value) == value


@given(wire)
def test_wire_values_are_equal_over_xml(value):
    assert over_xml(value) == value


@given(amounts)
def test_amount_survives_the_way_there_and_back(amount):
    money = field("float", decimals=2)
    for carry in (over_json, over_xml):
        assert decoded(money, carry(encoded(money, amount))) == amount


@given(moments)
def test_moment_survives_the_way_there_and_back(moment):
    back = decoded(field("datetime"), encoded(field("datetime"), moment))
    assert back == moment
    assert back.tzinfo is UTC


@given(st.dates())
def test_date_never_shifts(day):
    assert decoded(field("date"), encoded(field("date"), day)) == day


@given(texts)
def test_text_survives_the_way_there_and_back(text):
    for carry in (over_json, over_xml):
        assert decoded(field("char"), carry(encoded(field("char"), text))) == text


@given(st.text())
def test_any_text_is_carried_whole_or_refused(text):
    try:
        refuse_unwireable(text)
    except InputError:
        return
    assert over_json(text) == over_xml(text) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_amount_is_exact_or_refused(amount):
    try:
        refuse_unwireable(amount)
    except InputError:
        assert abs(amount) > 7 * 10**13
        return
    assert over_json(amount) == over_xml(amount) == amount


SURE = {0: 2**53, 1: 2**49, 2: 2**46, 3: 2**43, 4: 2**39, 5: 2**36, 6: 2**33}
"""By the digits after the point, the bound below which doubles lie closer together than such numbers do."""


def of_units(sign: int, units: int, digits: int) -> Decimal:
    return sign * Decimal(units).scaleb(-digits)


magnitudes = st.integers(0, 20).flatmap(lambda power: st.integers(0, 10**power))
money = st.integers(0, 6).flatmap(
    lambda digits: st.tuples(
        st.just(digits), st.builds(of_units, st.sampled_from([-1, 1]), magnitudes, st.just(digits))
    )
)


def carried(digits: int, amount: Decimal) -> list[Decimal]:
    """*amount* as it comes back over each codec, from a field that keeps so many digits."""
    kept = field("float", decimals=digits)
    sent = encoded(kept, amount)
    refuse_unwireable(sent)
    return [decoded(kept, carry(sent)) for carry in (over_json, over_xml)]


@settings(max_examples=500, deadline=None)
@given(money)
def test_money_of_any_digits_and_magnitude_is_exact_or_refused(drawn):
    digits, amount = drawn
    try:
        back = carried(digits, amount)
    except InputError:
        assert abs(amount) >= SURE[digits]
        return
    assert back == [amount, amount]


@pytest.mark.parametrize(("digits", "bound"), SURE.items())
def test_money_is_sure_below_its_bound_and_not_above(digits, bound):
    unit = Decimal(1).scaleb(-digits)
    below = [bound - number * unit for number in range(1, 200)]
    assert [carried(digits, amount)[0] for amount in below] == below
    with pytest.raises(InputError):
        for number in range(1, 200):
            carried(digits, bound + number * unit)


@pytest.mark.parametrize(
    "kind", ["char", "text", "html", "selection", "date", "datetime", "many2one", "binary", "float"]
)
def test_false_of_a_field_that_is_no_boolean_is_none(kind):
    assert decoded(field(kind), False) is None
    assert encoded(field(kind), None) is False


def test_false_of_a_boolean_stays_false():
    assert decoded(field("boolean"), False) is False


def test_zero_is_not_none():
    assert decoded(field("integer"), 0) == 0
    assert decoded(field("float", decimals=2), over_json(Decimal("0.0"))) == Decimal("0.00")


def test_dust_of_the_servers_arithmetic_is_rounded_to_the_fields_digits():
    assert str(decoded(field("float", decimals=2), parse_json(b"0.30000000000000004"))) == "0.30"
    assert str(decoded(field("float", decimals=2), parse_json(b"1e3"))) == "1000.00"
    assert str(decoded(field("float", decimals=2), 7)) == "7.00"


def test_number_without_known_digits_keeps_its_own_text():
    assert str(decoded(field("float"), parse_json(b"0.1"))) == "0.1"


def test_monetary_has_its_own_rows_currency_decimals():
    money = field("monetary", currency_field="currency_id")
    assert str(decoded(money, Decimal("12.3"), currency_id=[1, "EUR"])) == "12.30"
    assert str(decoded(money, Decimal("1200.0"), currency_id=[2, "JPY"])) == "1200"
    assert str(decoded(money, Decimal("12.345"), currency_id=[3, "?"])) == "12.345"
    assert str(decoded(money, Decimal("12.345"), currency_id=False)) == "12.345"


def test_reference_is_read_with_and_without_its_name():
    assert decoded(field("many2one"), [7, "Name"]) == Ref(7, "Name")
    assert decoded(field("many2one"), 7) == Ref(7)
    assert "Name" not in repr(Ref(7, "Name"))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "2026-02-30"),
        ("date", 5),
        ("datetime", "yesterday"),
        ("datetime", "2026-01-01 10:00:00+02:00"),
        ("float", "12"),
        ("float", [1]),
        ("many2one", ["x", "y"]),
        ("many2one", [1]),
        ("many2many", 5),
    ],
)
def test_value_that_does_not_fit_its_field_is_a_bad_reply(kind, value):
    with pytest.raises(BadReply, match="thing"):
        decoded(field(kind, decimals=2 if kind == "float" else None), value)


def test_field_left_out_is_a_bad_reply():
    with pytest.raises(BadReply, match="left out"):
        decode_column(field("date"), [{"id": 1}], lambda _: None)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("datetime", datetime(2026, 1, 1)),
        ("datetime", date(2026, 1, 1)),
        ("datetime", datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC)),
        ("date", datetime(2026, 1, 1, tzinfo=UTC)),
        ("date", "2026-01-01"),
        ("float", 1.5),
        ("float", True),
        ("float", Decimal("0.12345678901234567890")),
        ("float", Decimal("NaN")),
        ("monetary", Decimal("99999999999999.99")),
        ("integer", True),
        ("integer", 2**31),
        ("char", 5),
        ("boolean", 1),
        ("boolean", None),
        ("many2one", "5"),
        ("many2many", 5),
        ("many2many", ("5",)),
        ("one2many", [(9, 0, 0)]),
    ],
)
def test_value_that_would_change_on_the_way_is_refused(kind, value):
    with pytest.raises(InputError, match="thing") as caught:
        encoded(field(kind), value)
    assert "99999999999999" not in str(caught.value)


def test_moment_is_written_in_utc():
    summer = timezone(timedelta(hours=2))
    assert encoded(field("datetime"), datetime(2026, 7, 1, 1, 30, tzinfo=summer)) == "2026-06-30 23:30:00"


def test_links_are_written_as_the_whole_set_and_commands_pass():
    assert encoded(field("many2many"), (3, 4)) == [[6, 0, [3, 4]]]
    assert encoded(field("one2many"), [(0, 0, {"a": 1}), (4, 5, 0)]) == [[0, 0, {"a": 1}], [4, 5, 0]]


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("char", 'Ü, "x"', 'Ü, "x"'),
        ("float", Decimal("1E+2"), "100"),
        ("float", Decimal("0.10"), "0.10"),
        ("date", date(2026, 1, 31), "2026-01-31"),
        ("datetime", datetime(2026, 1, 31, 23, 30, tzinfo=UTC), "2026-01-31 23:30:00"),
        ("many2one", Ref(5, "x"), "5"),
        ("many2many", (5, 6), "5,6"),
        ("boolean", True, "1"),
        ("boolean", False, "0"),
        ("integer", 0, "0"),
        ("selection", None, ""),
        ("json", {"7": Decimal(100)}, '{"7":100.0}'),
    ],
)
def test_cells_of_load(kind, value, cell):
    assert cell_text(field(kind), value) == cell


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"values": {"name": "a\x0bb"}}, "arguments.values.name"),
        ({"data": [["x"], ["\ud800"]]}, r"arguments.data\[1\]\[0\]"),
        ({"data": 1.5}, "arguments.data is a float"),
        ({"data": b"x"}, "arguments.data is of type bytes"),
        ({"data": {1: "x"}}, "arguments.data has a key"),
        ({"data": 2**63}, "arguments.data is a number"),
        ({"data": date(2026, 1, 1)}, "arguments.data is of type date"),
    ],
)
def test_what_the_wire_cannot_carry_is_refused_by_its_place(value, place):
    with pytest.raises(InputError, match=place):
        refuse_unwireable(value)


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1_000", "٣", "1" * 500, "", "0x10", "1e9999"])
def test_text_that_is_no_finite_number_is_refused(text):
    with pytest.raises(ValueError, match="finite"):
        read_double(text)


def test_brackets_in_texts_are_not_depth():
    assert parse_json(json.dumps(["[" * 500, {"a": "{" * 500}]).encode()) == ["[" * 500, {"a": "{" * 500}]
