"""Typed records: every value has the type its class promises, and an unread field is not an empty one."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, ValidationError, field_validator

from oimkit.errors import FieldNotRead, InputError
from oimkit.odoo import Odoo, Ref, connect
from oimkit.odoo.typed import AwareDatetime, Model, unread
from oimkit.sandbox import Sandbox

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Partner(Model):
    odoo_model = "res.partner"
    name: str | None = unread()
    active: bool = unread()
    color: int = unread()
    credit: Decimal = unread()
    day: date | None = unread()
    write_date: AwareDatetime | None = unread()
    country_id: Ref | None = unread()
    child_ids: tuple[int, ...] = unread()
    type: Literal["contact", "invoice"] | None = unread()
    level: Literal[1, 2] | None = unread()
    class_: str | None = unread("class")
    properties: Any = unread()


FULL = {
    "id": 7,
    "name": "Harbour",
    "active": True,
    "color": 0,
    "credit": Decimal("1.20"),
    "day": date(2026, 3, 1),
    "write_date": MOMENT,
    "country_id": Ref(3, "Nowhere"),
    "child_ids": (1, 2),
    "type": "contact",
    "level": 2,
    "class": "a",
    "properties": [{"name": "x", "value": True}],
}


def test_record_that_was_read_comes_back_as_it_was() -> None:
    assert Partner.from_record(FULL).to_record() == FULL


def test_record_given_stays_as_it_is() -> None:
    given = dict(FULL)
    Partner.from_record(given)
    assert given == FULL


def test_field_that_was_not_read_is_refused_with_its_name_and_record() -> None:
    partner = Partner.from_record({"id": 7, "name": None})
    assert partner.name is None
    with pytest.raises(FieldNotRead, match=r"res.partner 7: the field credit was not read; name it among"):
        _ = partner.credit


def test_unread_field_is_also_unread_in_a_record_built_by_hand() -> None:
    partner = Partner(id=1, name="x")
    assert partner.fields_read == {"id", "name"}
    with pytest.raises(FieldNotRead):
        _ = partner.credit


def test_attribute_that_no_field_has_is_no_unread_field() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = Partner.from_record({"id": 7}).phonne  # type: ignore[attr-defined]
    assert not isinstance(caught.value, FieldNotRead)


def test_field_whose_name_python_keeps_has_another_attribute() -> None:
    partner = Partner.from_record({"id": 7, "class": "a"})
    assert partner.class_ == "a"
    assert partner.to_record() == {"id": 7, "class": "a"}


def test_json_text_gives_the_same_record_again() -> None:
    partner = Partner.from_record(FULL)
    again = Partner.model_validate_json(partner.model_dump_json())
    assert again == partner
    assert again.credit.as_tuple() == Decimal("1.20").as_tuple()
    assert again.fields_read == partner.fields_read


def test_copies_and_pickles_are_equal() -> None:
    partner = Partner.from_record(FULL)
    assert copy.deepcopy(partner) == partner
    assert pickle.loads(pickle.dumps(partner)) == partner


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 5),
        ("name", False),
        ("active", 1),
        ("active", None),
        ("color", True),
        ("color", Decimal(1)),
        ("credit", 1),
        ("credit", None),
        ("day", MOMENT),
        ("write_date", datetime(2026, 3, 1)),
        ("write_date", date(2026, 3, 1)),
        ("country_id", 3),
        ("child_ids", [1]),
        ("child_ids", (True,)),
        ("child_ids", None),
        ("type", "delivery"),
        ("type", 1),
        ("level", 3),
        ("level", True),
        ("level", "1"),
    ],
)
def test_value_of_another_type_is_refused_without_being_shown(field: str, value: object) -> None:
    rows = [{"id": 1, field: FULL[field]}, {"id": 2, field: value}]
    with pytest.raises(InputError, match=rf"^res.partner 2: the value of the field {field} is") as caught:
        Partner.from_records(rows)
    assert caught.value.__suppress_context__
    assert "delivery" not in str(caught.value)


def test_selection_that_the_class_does_not_know_says_to_generate_again() -> None:
    with pytest.raises(InputError, match=r"selection that the class does not know.*oimkit models generate --check"):
        Partner.from_record({"id": 1, "type": "delivery"})


def test_field_that_the_class_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="the class Partner has no field phone"):
        Partner.from_record({"id": 1, "phone": None})


def test_records_with_different_fields_are_not_mixed() -> None:
    for second in ({"id": 2}, {"id": 2, "color": 1}, {"id": 2, "name": None, "color": 1}):
        with pytest.raises(InputError, match="different fields"):
            Partner.from_records([{"id": 1, "name": None}, second])


def test_record_without_its_id_is_refused() -> None:
    with pytest.raises(InputError, match="without its id"):
        Partner.from_record({"name": "x"})


def test_no_text_of_a_record_is_shown() -> None:
    partner = Partner.from_record(FULL)
    assert (repr(partner), str(partner)) == ("Partner(id=7)", "id=7")
    with pytest.raises(ValidationError) as caught:
        Partner(id="Harbour")  # type: ignore[arg-type]
    assert "Harbour" not in str(caught.value)


def test_float_is_no_amount() -> None:
    with pytest.raises(ValidationError):
        Partner(id=1, credit=0.1)  # type: ignore[arg-type]


def test_records_cannot_be_changed() -> None:
    partner = Partner.from_record(FULL)
    with pytest.raises(ValidationError):
        partner.name = "other"


class Kind(StrEnum):
    CONTACT = "contact"


def positive(value: int) -> int:
    if value < 0:
        raise ValueError("negative")
    return value


class Narrow(Model):
    odoo_model = "res.partner"
    type: Kind | None
    color: Annotated[int, AfterValidator(positive)]


def test_type_of_ones_own_is_read_by_pydantic() -> None:
    narrow = Narrow.from_record({"id": 1, "type": "contact", "color": 3})
    assert narrow.type is Kind.CONTACT
    with pytest.raises(InputError, match=r"res.partner 1: the value of the field color"):
        Narrow.from_record({"id": 1, "type": None, "color": -1})


def test_class_with_validators_is_refused_since_reading_would_not_run_them() -> None:
    class Checked(Model):
        odoo_model = "res.partner"
        name: str

        @field_validator("name")
        @classmethod
        def _upper(cls, value: str) -> str:
            return value.upper()

    with pytest.raises(InputError, match="has validators"):
        Checked.from_record({"id": 1, "name": "x"})


def test_class_and_its_subclass_have_their_own_fields() -> None:
    class More(Partner):
        phone: str | None = unread()

    Partner.from_record({"id": 1, "name": None})
    assert More.from_record({"id": 1, "phone": "1"}).phone == "1"
    assert "phone" not in Partner.server_names()
    assert "class" in Partner.server_names()


# --- over a connection


class Named(Model):
    odoo_model = "res.partner"
    name: str
    country_id: Ref | None
    write_date: AwareDatetime
    child_ids: tuple[int, ...]


@pytest.fixture(scope="module", params=[14, 19])
def odoo(request: pytest.FixtureRequest) -> Iterator[Odoo]:
    with Sandbox(version=request.param) as server:
        yield connect(server.url, database=server.database, user=server.user, secret=server.secret)


def test_search_read_gives_records_of_the_class(odoo: Odoo) -> None:
    (identity,) = odoo.load("res.partner", ["id", "name"], [["typed.one", "Typed"]])
    (found,) = odoo.search_read("res.partner", [["id", "=", identity]], Named.server_names(), typed=Named)
    assert (found.id, found.name, found.country_id, found.child_ids) == (identity, "Typed", None, ())
    assert found.write_date.tzinfo is UTC


def test_read_keeps_the_order_and_repeats_of_the_ids(odoo: Odoo) -> None:
    first, second = odoo.load("res.partner", ["id", "name"], [["typed.a", "A"], ["typed.b", "B"]])
    names = [record.name for record in odoo.read("res.partner", [second, first, second], ["name"], typed=Named)]
    assert names == ["B", "A", "B"]


def test_class_of_another_model_is_refused_before_anything_is_asked(odoo: Odoo) -> None:
    with pytest.raises(InputError, match=r"the class Named is of res.partner, not of res.users"):
        odoo.read("res.users", [1], ["name"], typed=Named)
