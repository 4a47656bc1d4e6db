"""Values by field type beyond the plain ones: what a server would change without a word is refused by its field."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.errors import BadReply, InputError
from oimkit.odoo.codec import (
    UNSET,
    Definition,
    Field,
    Properties,
    RecordRef,
    Ref,
    Rounded,
    Unreadable,
    cell_text,
    decode_column,
    encode_value,
    encode_values,
)
from oimkit.odoo.codec.writing import MOST_BINARY_BYTES
from oimkit.odoo.commands import Clear, Create, Delete, Link, Set, Unlink, Update, command_of
from tests.odoo.test_codec import over_json, over_xml

FIELDS = {
    "kind": Field("kind", "selection", selection=("lead", "opportunity")),
    "about": Field("about", "reference", selection=("res.partner", "crm.lead")),
    "res_id": Field("res_id", "many2one_reference", model_field="res_model"),
    "res_model": Field("res_model", "char"),
    "price": Field("price", "float", decimals=2),
    "rate": Field("rate", "float"),
    "amount": Field("amount", "monetary", currency_field="currency_id"),
    "currency_id": Field("currency_id", "many2one", relation="res.currency"),
    "data": Field("data", "binary"),
    "lines": Field("lines", "one2many", relation="line"),
    "tags": Field("tags", "many2many", relation="tag"),
    "name": Field("name", "char"),
    "extra": Field("extra", "json"),
    "props": Field("props", "properties", definition_record="parent_id", definition_field="definitions"),
    "day": Field("day", "date"),
}


def inner(_model, values):
    return encode_values(values, lambda name: FIELDS[name], inner)


def written(**values):
    return encode_values(values, FIELDS.__getitem__, inner, decimals_of={None: 2, 1: 2, 2: 0, 3: 3}.get)


def read(name, value, **others):
    rows = [{"id": 1, name: value, **others}]
    decode_column(FIELDS[name], rows, lambda _currency: 2)
    return rows[0][name]


# --- left as it is, and empty


def test_unset_is_left_out_and_none_empties():
    assert written(name=UNSET, day=None, kind=UNSET) == {"day": False}


def test_unset_is_left_out_of_the_records_of_a_command_too():
    assert written(lines=[Create({"name": "a", "price": UNSET})]) == {"lines": [[0, 0, {"name": "a"}]]}


def test_unset_is_no_cell_and_no_truth():
    with pytest.raises(InputError, match="name"):
        cell_text(FIELDS["name"], UNSET)
    with pytest.raises(TypeError):
        bool(UNSET)
    assert repr(UNSET) == "UNSET"


# --- selections


def test_key_of_a_selection_is_checked():
    assert written(kind="lead") == {"kind": "lead"}
    with pytest.raises(InputError, match=r"kind has no such key; its keys are lead, opportunity"):
        written(kind="Lead")


def test_selection_without_known_keys_takes_any_text():
    assert encode_value(Field("x", "selection"), "anything", inner) == "anything"


# --- records of any model


def test_reference_survives_the_way_there_and_back():
    assert written(about=RecordRef("res.partner", 7)) == {"about": "res.partner,7"}
    assert read("about", "res.partner,7") == RecordRef("res.partner", 7)
    assert read("about", "res.partner,0") is None
    assert read("about", False) is None


def test_reference_of_a_model_that_the_field_does_not_take_is_refused():
    with pytest.raises(InputError, match=r"about takes no record of account\.move"):
        written(about=RecordRef("account.move", 1))


@pytest.mark.parametrize("value", ["res.partner,7", 7, RecordRef(None, 7), Ref(7)])
def test_reference_takes_a_record_with_its_model_only(value):
    with pytest.raises(InputError, match="about"):
        written(about=value)


@pytest.mark.parametrize("text", ["nope", "res.partner,x", "res.partner", ",5"])
def test_text_that_is_no_reference_is_a_bad_reply(text):
    with pytest.raises(BadReply, match="about"):
        read("about", text)


def test_many2one_reference_writes_its_model_beside_it():
    assert written(res_id=RecordRef("crm.lead", 5)) == {"res_id": 5, "res_model": "crm.lead"}
    assert written(res_id=5) == {"res_id": 5}
    assert read("res_id", 5, res_model="crm.lead") == RecordRef("crm.lead", 5)
    assert read("res_id", 0, res_model=False) is None
    assert read("res_id", 5, res_model=False) == RecordRef(None, 5)


def test_two_models_for_one_record_are_refused():
    with pytest.raises(InputError, match="res_model says another model"):
        written(res_id=RecordRef("crm.lead", 5), res_model="res.partner")


def test_cell_cannot_carry_model_and_id():
    with pytest.raises(InputError, match="the model in res_model"):
        cell_text(FIELDS["res_id"], RecordRef("crm.lead", 5))
    assert cell_text(FIELDS["about"], RecordRef("crm.lead", 5)) == "crm.lead,5"


@pytest.mark.parametrize(("model", "identity"), [("", 1), ("a,b", 1), ("a", 0), ("a", True), ("a", "1")])
def test_record_that_cannot_be_is_refused(model, identity):
    with pytest.raises(InputError):
        RecordRef(model, identity)


# --- bytes


@given(st.binary(max_size=200))
def test_bytes_survive_the_way_there_and_back(content):
    wire = written(data=content)["data"]
    for carry in (over_json, over_xml):
        assert read("data", carry(wire)) == content


def test_computed_binary_may_hold_json():
    assert read("data", {"a": [1]}) == {"a": [1]}


@pytest.mark.parametrize("value", ["5.00 bytes", "not base64", "ü"])
def test_text_that_is_no_base64_is_a_bad_reply(value):
    with pytest.raises(BadReply, match="data"):
        read("data", value)


def test_binary_takes_bytes_only_and_not_too_many():
    with pytest.raises(InputError, match="data takes bytes"):
        written(data="aGVsbG8=")
    with pytest.raises(InputError, match="one request carries"):
        written(data=bytes(MOST_BINARY_BYTES + 1))


# --- numbers


@pytest.mark.parametrize("number", ["1.234", "0.001", "-1.005", "100.001", "1E-3", "99.999"])
def test_number_with_more_digits_than_its_field_keeps_is_refused(number):
    with pytest.raises(InputError, match="price keeps 2 digits after the point") as caught:
        written(price=Decimal(number))
    assert number.lstrip("-") not in str(caught.value)


@pytest.mark.parametrize("number", ["1.23", "1.230", "1.2300000", "0.000", "1E+2", "-5", "0.5"])
def test_number_whose_digits_fit_is_written_as_it_is(number):
    assert written(price=Decimal(number))["price"] == Decimal(number)


@given(
    st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False).map(lambda d: d.quantize(Decimal("0.000001"))),
    st.integers(0, 6),
)
def test_decimal_is_exact_or_refused(number, decimals):
    field = Field("price", "float", decimals=decimals)
    try:
        wire = encode_value(field, number, inner)
    except InputError:
        assert number != round(number, decimals)
        return
    assert wire == number == round(number, decimals)
    for carry in (over_json, over_xml):
        rows = [{"id": 1, "price": carry(wire)}]
        decode_column(field, rows, lambda _currency: None)
        assert rows[0]["price"] == number


def test_rounding_is_done_where_it_is_asked_for():
    assert written(price=Rounded(Decimal("1.005")))["price"] == Decimal("1.01")
    assert written(price=Rounded(Decimal("-1.005")))["price"] == Decimal("-1.01")
    assert written(amount=Rounded(Decimal("12.5")), currency_id=2)["amount"] == 13
    assert written(rate=Rounded(Decimal("0.1")))["rate"] == Decimal("0.1")


def test_money_keeps_the_digits_of_the_currency_that_is_given_along():
    assert written(amount=Decimal("12.34"), currency_id=Ref(1))["amount"] == Decimal("12.34")
    assert written(amount=Decimal("1.234"), currency_id=3)["amount"] == Decimal("1.234")
    with pytest.raises(InputError, match="amount keeps 0 digits"):
        written(amount=Decimal("12.5"), currency_id=2)


def test_money_without_a_currency_keeps_the_most_digits_in_use():
    with pytest.raises(InputError, match="amount keeps 2 digits"):
        written(amount=Decimal("1.234"))


# --- texts


@settings(max_examples=500)
@given(st.text())
def test_any_text_comes_back_whole_or_is_refused_by_its_field(text):
    try:
        wire = written(name=text)["name"]
    except InputError as error:
        assert "the field name" in str(error)
        assert any(
            (ord(c) < 32 and c not in "\t\n\r") or 0xD800 <= ord(c) < 0xE000 or c in "\ufffe\uffff" for c in text
        )
        return
    for carry in (over_json, over_xml):
        assert read("name", carry(wire)) == text


def test_json_is_plain_values_and_no_floats():
    assert written(extra={"1": Decimal("33.33"), "a": [None, True]}) == {
        "extra": {"1": Decimal("33.33"), "a": [None, True]}
    }
    with pytest.raises(InputError, match="the field extra"):
        written(extra={"1": 0.5})


# --- commands


def test_commands_are_written_as_the_servers_tuples():
    commands = [
        Create({"name": "a"}),
        Update(3, {"price": Decimal(1)}),
        Delete(4),
        Unlink(5),
        Link(6),
        Clear(),
        Set((7,)),
    ]
    assert written(lines=commands)["lines"] == [
        [0, 0, {"name": "a"}],
        [1, 3, {"price": Decimal(1)}],
        [2, 4, 0],
        [3, 5, 0],
        [4, 6, 0],
        [5, 0, 0],
        [6, 0, [7]],
    ]


def test_the_servers_tuples_are_taken():
    tuples = [(0, 0, {"name": "a"}), (1, 3, {}), (2, 4), (3, 5, 0), [4, 6], (5,), (6, 0, [7, 8])]
    assert [command_of(each) for each in tuples] == [
        Create({"name": "a"}),
        Update(3, {}),
        Delete(4),
        Unlink(5),
        Link(6),
        Clear(),
        Set((7, 8)),
    ]


@pytest.mark.parametrize(
    "command", [(7, 0, 0), (0, 0), (0, 0, 5), (1, 0, {}), (4, "5"), (True, 1, {}), (), "x", (6, 0, 5), (6, 0, ["1"])]
)
def test_what_is_no_command_is_refused_by_its_field(command):
    with pytest.raises(InputError, match="the field lines"):
        written(lines=[command])


def test_refusal_inside_a_command_names_both_fields():
    with pytest.raises(InputError, match="in lines: the field price"):
        written(lines=[Create({"price": Decimal("1.234")})])


# --- properties

TOLD = [
    {"name": "a", "type": "char", "string": "Text", "default": "d", "value": "x"},
    {"name": "b", "type": "boolean", "string": "Yes", "value": False},
    {"name": "d", "type": "date", "string": "Day", "value": "2026-01-31"},
    {"name": "t", "type": "datetime", "string": "At", "value": "2026-01-31 10:00:00"},
    {"name": "s", "type": "selection", "string": "Size", "selection": [["s", "Small"], ["l", "Large"]], "value": "l"},
    {"name": "g", "type": "tags", "string": "Tags", "tags": [["x", "X", 1], ["y", "Y", 2]], "value": ["x"]},
    {"name": "m", "type": "many2one", "string": "One", "comodel": "res.partner", "value": [7, "Name"]},
    {"name": "mm", "type": "many2many", "string": "Many", "comodel": "res.partner", "value": [[7, "Name"], [8, None]]},
    {"name": "f", "type": "float", "string": "Number", "value": Decimal("0.1")},
    {"name": "i", "type": "integer", "string": "Count"},
    {"name": "sep", "type": "separator", "string": "More"},
    {"name": "bad", "type": "date", "string": "Broken", "value": "2026-13-01"},
    {"name": "new", "type": "signature", "string": "Later", "value": {"a": 1}},
]


def test_properties_read_as_typed_values():
    properties = read("props", TOLD)
    assert dict(properties) == {
        "a": "x",
        "b": False,
        "d": date(2026, 1, 31),
        "t": datetime(2026, 1, 31, 10, tzinfo=UTC),
        "s": "l",
        "g": ("x",),
        "m": Ref(7, "Name"),
        "mm": (Ref(7, "Name"), Ref(8)),
        "f": Decimal("0.1"),
        "i": None,
        "bad": Unreadable("2026-13-01"),
        "new": {"a": 1},
    }
    assert "Name" not in repr(properties)
    assert len(properties) == 12


def test_properties_are_written_as_the_whole_they_were_read_as():
    wire = written(props=read("props", TOLD))["props"]
    assert wire == {
        "a": "x",
        "b": False,
        "d": "2026-01-31",
        "t": "2026-01-31 10:00:00",
        "s": "l",
        "g": ["x"],
        "m": 7,
        "mm": [7, 8],
        "f": Decimal("0.1"),
        "bad": "2026-13-01",
        "new": {"a": 1},
    }


def test_changing_one_property_keeps_the_others():
    properties = read("props", TOLD).with_values(i=5, a=None, s=UNSET)
    assert (properties["i"], properties["a"], properties["s"]) == (5, None, "l")
    assert "a" not in properties.wire()
    assert properties.wire()["g"] == ["x"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nope", 1),
        ("s", "z"),
        ("g", ("x", "z")),
        ("i", "5"),
        ("i", True),
        ("d", "2026-01-31"),
        ("t", datetime(2026, 1, 1)),
        ("m", "7"),
        ("mm", (0,)),
        ("f", 0.1),
        ("a", "a\x01b"),
        ("sep", 1),
    ],
)
def test_property_that_the_server_would_drop_or_garble_is_refused(name, value):
    with pytest.raises(InputError, match=f"property '?{name}"):
        read("props", TOLD).with_values({name: value})


def test_mapping_alone_is_refused_because_it_would_empty_the_rest():
    with pytest.raises(InputError, match="empties every property"):
        encode_value(FIELDS["props"], {"a": "x"}, inner)


def test_property_is_found_by_its_label_when_that_is_the_only_one():
    properties = Properties(
        (Definition("a", "char", "Same"), Definition("b", "char", "Same"), Definition("c", "char", "One"))
    )
    assert properties.labelled("One").name == "c"
    with pytest.raises(InputError, match="2 properties"):
        properties.labelled("Same")


def test_definitions_survive_the_way_there_and_back():
    field = Field("defs", "properties_definition")
    told = [{key: value for key, value in entry.items() if key != "value"} for entry in TOLD]
    rows = [{"id": 1, "defs": told}]
    decode_column(field, rows, lambda _currency: None)
    assert encode_value(field, rows[0]["defs"], inner) == told
