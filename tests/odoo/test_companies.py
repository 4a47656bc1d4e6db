"""Whoever has chosen a company does not write into another one by accident."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from oimkit.errors import AccessRefused, InputError
from oimkit.odoo import ExternalId, Odoo, Ref, ServerVersion, connect
from oimkit.sandbox import Sandbox


@dataclass(frozen=True)
class Place:
    """A database with two companies, and one partner of each and one of none."""

    odoo: Odoo
    first: int
    second: int
    partner_of_first: int
    partner_of_second: int
    shared_partner: int

    @property
    def in_first(self) -> Odoo:
        return self.odoo.with_company(self.first)


@pytest.fixture(scope="module", params=[14, 19])
def place(request) -> Iterator[Place]:
    with Sandbox(version=request.param) as sandbox:
        odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)
        (first,) = odoo.search("res.company", [])
        second = create(odoo, "res.company", name="Second")
        odoo.call("res.users", "write", ids=[odoo.uid], vals={"company_ids": [[6, 0, [first, second]]]})
        yield Place(
            odoo,
            first,
            second,
            create(odoo, "res.partner", name="a", company_id=first),
            create(odoo, "res.partner", name="b", company_id=second),
            create(odoo, "res.partner", name="c"),
        )


def create(odoo: Odoo, model: str, **values: object) -> int:
    made = odoo.call(model, "create", vals_list=[values])  # type: ignore[list-item]
    assert isinstance(made, list)
    return made[0]


def test_company_is_named_by_id_name_or_ref(place):
    for named in (place.second, "Second", Ref(place.second, "any")):
        view = place.odoo.with_company(named, also=[place.first])
        assert view.context["allowed_company_ids"] == [place.second, place.first]
        assert view.company.ids == (place.second, place.first)
    assert place.odoo.company is None


@pytest.mark.parametrize(
    ("named", "why"),
    [(999, r"does not belong to company 999, only to \d+, \d+"), ("Nobody", "no company of the name")],
)
def test_company_of_somebody_else_is_refused(place, named, why):
    with pytest.raises(InputError, match=why):
        place.odoo.with_company(named)


def test_two_companies_of_one_name_are_refused(place):
    other = place.odoo
    third = create(other, "res.company", name="Twin")
    fourth = create(other, "res.company", name="Twin")
    every = [place.first, place.second, third, fourth]
    other.call("res.users", "write", ids=[other.uid], vals={"company_ids": [[6, 0, every]]})
    try:
        with pytest.raises(InputError, match="more than one company"):
            other.with_company("Twin")
    finally:
        other.call("res.users", "write", ids=[other.uid], vals={"company_ids": [[6, 0, every[:2]]]})


def test_record_of_another_company_is_not_written(place):
    ids = [place.partner_of_first, place.partner_of_second]
    with pytest.raises(
        InputError,
        match=rf"res.partner.write would reach into company {place.second} \(record {place.partner_of_second}\), "
        rf"and the company chosen is {place.first}; choose that company with with_company",
    ):
        place.in_first.write("res.partner", ids, {"name": "changed"})
    assert [row["name"] for row in place.odoo.read("res.partner", ids, ["name"])] == ["a", "b"]


@pytest.mark.parametrize("method", ["unlink", "some_button"])
def test_any_method_that_may_change_something_is_checked(place, method):
    with pytest.raises(InputError, match=f"res.partner.{method} would reach into company"):
        place.in_first.call("res.partner", method, ids=[place.partner_of_second])


def test_records_of_the_company_and_shared_ones_are_written(place):
    place.in_first.write("res.partner", [place.partner_of_first, place.shared_partner], {"ref": "x"})
    place.odoo.with_company(place.second, also=[place.first]).write(
        "res.partner", [place.partner_of_first], {"ref": "y"}
    )


def test_record_for_another_company_is_not_created(place):
    with pytest.raises(InputError, match=r"res.partner.create with company_id would reach into company"):
        create(place.in_first, "res.partner", name="x", company_id=place.second)
    with pytest.raises(InputError, match=r"res.partner.write with company_id would reach into company"):
        place.in_first.write("res.partner", [place.partner_of_first], {"company_id": place.second})


def test_reference_to_a_record_of_another_company_is_refused(place):
    with pytest.raises(InputError, match=r"res.partner.create with parent_id would reach into company"):
        create(place.in_first, "res.partner", name="x", parent_id=place.partner_of_second)
    create(place.in_first, "res.partner", name="x", parent_id=place.shared_partner)


def test_load_is_checked_by_key_id_and_company(place):
    key = ExternalId.of("company_test", place.partner_of_second)
    place.odoo.load("res.partner", ["id", "name", "company_id/.id"], [[str(key), "b2", str(place.second)]])
    for columns, row in (
        (["id", "name"], [str(key), "changed"]),
        ([".id", "name"], [str(place.partner_of_second), "changed"]),
        (["name", "company_id/.id"], ["changed", str(place.second)]),
    ):
        with pytest.raises(InputError, match=r"res.partner.load.* would reach into company"):
            place.in_first.load("res.partner", columns, [row])
    assert place.odoo.count("res.partner", [("name", "=", "changed")]) == 0
    assert place.in_first.load("res.partner", ["name", "company_id/.id"], [["kept", str(place.first)]])


def test_wizard_is_not_let_loose_on_records_of_another_company(place):
    for named in ({"active_ids": [place.partner_of_second]}, {"active_id": place.partner_of_second}):
        context = {"active_model": "res.partner", **named}
        with pytest.raises(InputError, match=r"some_button for records of res.partner would reach into company"):
            place.in_first.call("crm.lead", "some_button", context=context)


def test_check_can_be_switched_off_and_then_the_server_decides(place):
    view = place.odoo.with_company(place.first, allow_crossing=True)
    with pytest.raises(AccessRefused, match="a record rule"):
        view.write("res.partner", [place.partner_of_second], {"ref": "not checked here"})


def test_reading_is_left_to_the_server(place):
    place.in_first.read("res.company", [place.second], ["name"])


def test_before_13_only_the_users_own_company_can_be_chosen(place):
    old = replace(place.odoo, version=ServerVersion.parse("12.0"))
    assert old.with_company(place.first).context == {"force_company": place.first}
    with pytest.raises(InputError, match="lets a user work in one company at a time"):
        old.with_company(place.second)


def test_view_of_a_view_keeps_the_company(place):
    view = place.in_first.with_context(lang="en_US").with_archived()
    assert view.context == {"allowed_company_ids": [place.first], "lang": "en_US", "active_test": False}
    with pytest.raises(InputError, match="would reach into company"):
        view.write("res.partner", [place.partner_of_second], {"name": "x"})


def test_language_that_is_not_installed_is_refused(place):
    assert place.odoo.with_language("en_US").context == {"lang": "en_US"}
    with pytest.raises(InputError, match=r"the language is not installed on the database sandbox, which has en_US; "):
        place.odoo.with_language("de_DE")


def test_time_zone_must_exist(place):
    assert place.odoo.with_timezone("Europe/Berlin").context == {"tz": "Europe/Berlin"}
    for wrong in ("Berlin", "../etc/passwd", ""):
        with pytest.raises(InputError, match="the time zone is not known"):
            place.odoo.with_timezone(wrong)


def test_connection_can_begin_in_a_company(place):
    with pytest.raises(InputError, match="does not belong to company 999"):
        connect(transport=place.odoo._transport, company=999)
    assert connect(transport=place.odoo._transport, company="Second").company.id == place.second
