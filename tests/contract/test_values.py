"""A value of every field type comes back from a server as it was written, over every transport, or is refused.

The refusals stand beside what the server itself does with such a value, asked without oimkit: it rounds, drops or
empties without a word.
"""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from oimkit.errors import InputError
from oimkit.odoo import ExternalId, Journal, Odoo, apply
from oimkit.odoo.codec import UNSET, Definition, Properties, RecordRef, Ref, Rounded, Unreadable, cell_text
from oimkit.odoo.commands import Clear, Create, Delete, Link, Set, Unlink, Update
from oimkit.odoo.records import plan_record, plan_records
from oimkit.odoo.sifting import sift, sift_rows
from tests.contract.conftest import Target

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def odoo(target: Target) -> Odoo:
    return target.connect()


def made(odoo: Odoo, model: str, **values: object) -> int:
    (identity,) = odoo.call(model, "create", vals_list=[odoo.encoded(model, values)])
    return int(identity)


def kept(odoo: Odoo, model: str, identity: int, *fields: str) -> dict[str, object]:
    (row,) = odoo.read(model, [identity], fields)
    return row


# --- every type there and back


def test_values_of_a_contact_come_back_as_they_were_written(odoo: Odoo, token: str) -> None:
    parent, tag = made(odoo, "res.partner", name=f"P {token}"), made(odoo, "res.partner.category", name=token)
    contact = made(odoo, "res.partner", name="before")
    values = {
        "name": f"Ünï & <{token}>",
        "active": False,
        "color": 7,
        "type": "invoice",
        "parent_id": parent,
        "category_id": (tag,),
        "image_1920": PIXEL,
        "partner_latitude": Decimal("-12.34567"),
    }
    odoo.write("res.partner", [contact], values)
    row = kept(odoo, "res.partner", contact, *values)
    assert type(row["parent_id"]) is Ref
    assert row == {"id": contact, **values, "parent_id": row["parent_id"]}
    assert row["parent_id"].id == parent


def test_values_of_a_lead_come_back_as_they_were_written(odoo: Odoo, token: str) -> None:
    lead = made(odoo, "crm.lead", name=token)
    noon = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    values = {"expected_revenue": Decimal("1234.50"), "date_deadline": date(2026, 12, 31), "date_open": noon}
    odoo.write("crm.lead", [lead], values)
    row = kept(odoo, "crm.lead", lead, *values)
    assert row == {"id": lead, **values}
    assert str(row["expected_revenue"]) == "1234.50"
    assert row["date_open"].tzinfo is UTC


def test_none_empties_and_unset_leaves(odoo: Odoo, token: str) -> None:
    contact = made(odoo, "res.partner", name=token, ref="r", phone="1", type=UNSET)
    odoo.write("res.partner", [contact], {"ref": None, "phone": UNSET})
    assert kept(odoo, "res.partner", contact, "ref", "phone", "type") == {
        "id": contact,
        "ref": None,
        "phone": "1",
        "type": "contact",
    }


def test_unset_takes_the_default_on_load_and_none_does_not(odoo: Odoo, token: str, tmp_path: Path) -> None:
    left, emptied = ExternalId("oimkit", f"left_{token}"), ExternalId("oimkit", f"emptied_{token}")
    records = [
        plan_record(left, "res.partner", {"name": "a", "type": UNSET}),
        plan_record(emptied, "res.partner", {"name": "b", "type": None}),
    ]
    with Journal.open(tmp_path, odoo.server_key) as journal:
        report = apply(plan_records(records), odoo, journal)
    types = {each.key: kept(odoo, "res.partner", each.id, "type")["type"] for each in report.created}
    assert types == {str(left): "contact", str(emptied): None}


def test_reference_is_a_record_of_any_model(odoo: Odoo, token: str) -> None:
    (action,) = odoo.search("ir.actions.report", [["model", "=", "account.move"]], limit=1) or [1]
    menu = made(odoo, "ir.ui.menu", name=token, action=RecordRef("ir.actions.report", action))
    assert kept(odoo, "ir.ui.menu", menu, "action")["action"] == RecordRef("ir.actions.report", action)
    odoo.write("ir.ui.menu", [menu], {"action": None})
    assert kept(odoo, "ir.ui.menu", menu, "action")["action"] is None
    with pytest.raises(InputError, match=r"action takes no record of res\.partner"):
        odoo.write("ir.ui.menu", [menu], {"action": RecordRef("res.partner", 1)})


def test_pointer_to_any_model_carries_the_model_along(odoo: Odoo, token: str) -> None:
    contact = made(odoo, "res.partner", name=token)
    pointer = RecordRef("res.partner", contact)
    attachment = made(odoo, "ir.attachment", name="f", datas=b"x", res_id=pointer)
    assert kept(odoo, "ir.attachment", attachment, "res_id") == {"id": attachment, "res_id": pointer}
    alone = made(odoo, "ir.attachment", name="f", datas=b"x")
    assert kept(odoo, "ir.attachment", alone, "res_id")["res_id"] is None


def test_bytes_are_kept_as_they_are(odoo: Odoo) -> None:
    content = bytes(range(256)) * 40
    attachment = made(odoo, "ir.attachment", name="all bytes", datas=content)
    assert kept(odoo, "ir.attachment", attachment, "datas")["datas"] == content
    with pytest.raises(InputError, match="read datas"):
        odoo.read("ir.attachment", [attachment], ["raw"])


@pytest.mark.versions(first=17)
def test_json_is_kept_as_it_is(odoo: Odoo, token: str) -> None:
    account = odoo.search("account.analytic.account", [], limit=1) or [
        made(odoo, "account.analytic.account", name=token)
    ]
    contact = made(odoo, "res.partner", name=token)
    lines = [Create({"name": "l", "price_unit": Decimal(10), "tax_ids": (), "quantity": Decimal(1)})]
    move = made(odoo, "account.move", move_type="out_invoice", partner_id=contact, invoice_line_ids=lines)
    (line,) = kept(odoo, "account.move", move, "invoice_line_ids")["invoice_line_ids"]
    share = {str(account[0]): Decimal("33.3")}
    odoo.write("account.move.line", [line], {"analytic_distribution": share})
    assert kept(odoo, "account.move.line", line, "analytic_distribution")["analytic_distribution"] == share
    odoo.write("account.move.line", [line], {"analytic_distribution": None})
    assert kept(odoo, "account.move.line", line, "analytic_distribution")["analytic_distribution"] is None


# --- texts


TEXTS = (
    "  spaces around  ",
    "tab\tand\nline",
    "carriage\r\nreturn and \r alone",
    "<b>&amp; ]]> 'quoted' \"twice\"",
    "false",
    "0",
    "\U0001f984 ünïcödé \u202eright to left",
    "e\u0301 combining",
    "\u2028 separators \u2029 \x7f \x85 \ufdd0",
    "x" * 5000,
)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_text_comes_back_as_it_was_written(odoo: Odoo, text: str) -> None:
    contact = made(odoo, "res.partner", name="x", street=text)
    assert kept(odoo, "res.partner", contact, "street")["street"] == text


@pytest.mark.parametrize("text", ["a\x00b", "\x01", "\x1f", "\ud800", "\ufffe"])
def test_text_that_xml_cannot_carry_is_refused_on_every_transport_by_its_field(odoo: Odoo, text: str) -> None:
    with pytest.raises(InputError, match="the field street"):
        made(odoo, "res.partner", name="x", street=text)


def test_poisoned_record_stops_no_other(odoo: Odoo, token: str, tmp_path: Path) -> None:
    names = ("good", "bad\x01", "good too")
    records = [(ExternalId("oimkit", f"p{n}_{token}"), {"name": name}) for n, name in enumerate(names)]
    sifted = sift(odoo, "res.partner", records)
    assert [(each.index, each.key) for each in sifted.unfit] == [(1, f"oimkit.p1_{token}")]
    assert "the field name" in sifted.unfit[0].reason
    with Journal.open(tmp_path, odoo.server_key) as journal:
        plan = plan_records(plan_record(key, "res.partner", values) for key, values in sifted.good)
        report = apply(plan, odoo, journal)
    assert [each.key for each in report.created] == [f"oimkit.p0_{token}", f"oimkit.p2_{token}"]


def test_poisoned_row_of_load_is_named_and_may_be_left_out(odoo: Odoo, token: str) -> None:
    rows = [[f"oimkit.r0_{token}", "good"], [f"oimkit.r1_{token}", "bad\x01"]]
    with pytest.raises(InputError, match="row 1: the column name"):
        odoo.load("res.partner", ["id", "name"], rows)
    sifted = sift_rows(["id", "name"], rows)
    assert len(odoo.load("res.partner", ["id", "name"], sifted.good)) == 1
    assert [(each.index, each.key) for each in sifted.unfit] == [(1, f"oimkit.r1_{token}")]


# --- numbers


def test_money_keeps_the_digits_of_its_currency(target: Target, odoo: Odoo, token: str) -> None:
    lead = made(odoo, "crm.lead", name=token)
    with pytest.raises(InputError, match="expected_revenue keeps 2 digits"):
        odoo.write("crm.lead", [lead], {"expected_revenue": Decimal("12.345")})
    odoo.write("crm.lead", [lead], {"expected_revenue": Rounded(Decimal("12.345"))})
    ours = kept(odoo, "crm.lead", lead, "expected_revenue")["expected_revenue"]
    target.admin().call("crm.lead", "write", [lead], {"expected_revenue": 12.345})
    assert kept(odoo, "crm.lead", lead, "expected_revenue")["expected_revenue"] == ours == Decimal("12.35")


@pytest.mark.versions(last=14)
def test_price_is_refused_where_the_server_would_round_it(target: Target, odoo: Odoo, token: str) -> None:
    contact = made(odoo, "res.partner", name=token)
    line = {"name": "l", "quantity": Decimal(1), "price_unit": Decimal("1.005"), "tax_ids": ()}
    with pytest.raises(InputError, match="in invoice_line_ids: the field price_unit keeps 2 digits"):
        made(odoo, "account.move", move_type="out_invoice", partner_id=contact, invoice_line_ids=[Create(line)])
    line["price_unit"] = Rounded(Decimal("1.005"))
    move = made(odoo, "account.move", move_type="out_invoice", partner_id=contact, invoice_line_ids=[Create(line)])
    (kept_line,) = kept(odoo, "account.move", move, "invoice_line_ids")["invoice_line_ids"]
    assert kept(odoo, "account.move.line", kept_line, "price_unit")["price_unit"] == Decimal("1.01")


def test_key_that_a_selection_does_not_have_is_refused(odoo: Odoo, token: str) -> None:
    contact = made(odoo, "res.partner", name=token)
    with pytest.raises(InputError, match=r"type has no such key; its keys are contact, "):
        odoo.write("res.partner", [contact], {"type": "Invoice"})


# --- moments in load


def test_moment_of_load_is_utc_whatever_the_time_zone_of_the_context(odoo: Odoo, token: str) -> None:
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    far = odoo.with_context(tz="America/New_York")
    field = odoo.schema.field("mail.message", "date")
    (message,) = far.load("mail.message", ["id", "date"], [[f"oimkit.tz_{token}", cell_text(field, at)]])
    assert kept(far, "mail.message", message, "date")["date"] == at
    far.write("mail.message", [message], {"date": at.astimezone(timezone(timedelta(hours=-9)))})
    assert kept(odoo, "mail.message", message, "date")["date"] == at


# --- commands


def test_commands_do_what_they_say(odoo: Odoo, token: str) -> None:
    parent = made(odoo, "res.partner", name=token, child_ids=[Create({"name": "a"}), Create({"name": "b"})])
    a, b = sorted(kept(odoo, "res.partner", parent, "child_ids")["child_ids"])
    other = made(odoo, "res.partner", name="c")
    odoo.write("res.partner", [parent], {"child_ids": [Update(a, {"name": "A"}), Link(other), Delete(b)]})
    assert set(kept(odoo, "res.partner", parent, "child_ids")["child_ids"]) == {a, other}
    assert kept(odoo, "res.partner", a, "name")["name"] == "A"
    assert odoo.search("res.partner", [["id", "=", b], ["active", "in", [True, False]]]) == []
    odoo.write("res.partner", [parent], {"child_ids": [Unlink(other)]})
    assert kept(odoo, "res.partner", parent, "child_ids")["child_ids"] == (a,)
    assert kept(odoo, "res.partner", other, "parent_id")["parent_id"] is None


def test_commands_replace_and_clear(odoo: Odoo, token: str) -> None:
    tags = [made(odoo, "res.partner.category", name=f"{token} {n}") for n in range(3)]
    contact = made(odoo, "res.partner", name=token, category_id=tuple(tags[:2]))
    odoo.write("res.partner", [contact], {"category_id": [Set((tags[2],)), (4, tags[0], 0)]})
    assert set(kept(odoo, "res.partner", contact, "category_id")["category_id"]) == {tags[0], tags[2]}
    odoo.write("res.partner", [contact], {"category_id": [Clear()]})
    assert kept(odoo, "res.partner", contact, "category_id")["category_id"] == ()


# --- properties

DEFINED = (
    Definition("note", "char", "Note", default="first"),
    Definition("count", "integer", "Count"),
    Definition("share", "float", "Share"),
    Definition("yes", "boolean", "Yes"),
    Definition("day", "date", "Day"),
    Definition("at", "datetime", "At"),
    Definition("size", "selection", "Size", (("s", "Small"), ("l", "Large"))),
    Definition("tags", "tags", "Tags", (("x", "X"), ("y", "Y"))),
    Definition("who", "many2one", "Who", comodel="res.partner"),
    Definition("all", "many2many", "All", comodel="res.partner"),
)


@pytest.fixture
def task(odoo: Odoo, token: str) -> int:
    project = made(odoo, "project.project", name=token, task_properties_definition=DEFINED)
    return made(odoo, "project.task", name=token, project_id=project)


def properties(odoo: Odoo, task: int) -> Properties:
    found = kept(odoo, "project.task", task, "task_properties")["task_properties"]
    assert isinstance(found, Properties)
    return found


@pytest.mark.versions(first=17)
def test_properties_of_every_type_come_back_as_they_were_written(odoo: Odoo, task: int, token: str) -> None:
    contact = made(odoo, "res.partner", name=token)
    values = {
        "note": "n",
        "count": 5,
        "share": Decimal("0.1"),
        "yes": True,
        "day": date(2026, 1, 31),
        "at": datetime(2026, 1, 31, 10, tzinfo=UTC),
        "size": "l",
        "tags": ("x", "y"),
        "who": Ref(contact),
        "all": (Ref(contact),),
    }
    assert properties(odoo, task)["note"] == "first"
    odoo.write("project.task", [task], {"task_properties": properties(odoo, task).with_values(values)})
    back = properties(odoo, task)
    assert {**back, "who": Ref(back["who"].id), "all": tuple(Ref(ref.id) for ref in back["all"])} == values
    odoo.write("project.task", [task], {"task_properties": back})
    assert properties(odoo, task) == back


@pytest.mark.versions(first=17)
def test_one_property_by_name_leaves_the_others(target: Target, odoo: Odoo, task: int) -> None:
    odoo.write("project.task", [task], {"task_properties": {"count": 5, "size": "s"}})
    odoo.write("project.task", [task], {"task_properties": {"note": "n"}})
    assert (properties(odoo, task)["count"], properties(odoo, task)["size"]) == (5, "s")
    target.admin().call("project.task", "write", [task], {"task_properties": {"note": "n"}})
    assert properties(odoo, task)["count"] is None  # the server itself empties what is not named


@pytest.mark.versions(first=17)
def test_what_the_server_drops_or_empties_is_refused(target: Target, odoo: Odoo, task: int) -> None:
    target.admin().call("project.task", "write", [task], {"task_properties": {"nope": 1, "size": "z"}})
    assert properties(odoo, task)["size"] is None
    with pytest.raises(InputError, match="no property 'nope'"):
        odoo.write("project.task", [task], {"task_properties": {"nope": 1}})
    with pytest.raises(InputError, match="the property size has no such key"):
        odoo.write("project.task", [task], {"task_properties": {"size": "z"}})


@pytest.mark.versions(first=17)
def test_stored_value_that_does_not_fit_is_carried_along(target: Target, odoo: Odoo, task: int) -> None:
    target.admin().call("project.task", "write", [task], {"task_properties": {"day": "2026-13-01", "count": 1}})
    assert properties(odoo, task)["day"] == Unreadable("2026-13-01")
    odoo.write("project.task", [task], {"task_properties": {"count": 2}})
    assert (properties(odoo, task)["count"], properties(odoo, task)["day"]) == (2, Unreadable("2026-13-01"))


@pytest.mark.versions(first=17)
def test_properties_of_a_new_record_are_checked_by_what_its_parent_defines(odoo: Odoo, task: int, token: str) -> None:
    project = kept(odoo, "project.task", task, "project_id")["project_id"]
    new = made(odoo, "project.task", name=token, project_id=project, task_properties={"size": "l"})
    assert properties(odoo, new)["size"] == "l"
    assert properties(odoo, new)["note"] == "first"
    with pytest.raises(InputError, match="the property size has no such key"):
        made(odoo, "project.task", name=token, project_id=project, task_properties={"size": "z"})
    with pytest.raises(InputError, match="give project_id along"):
        made(odoo, "project.task", name=token, task_properties={"size": "l"})


@pytest.mark.versions(first=17)
def test_records_with_different_properties_are_written_one_by_one(odoo: Odoo, task: int, token: str) -> None:
    project = kept(odoo, "project.task", task, "project_id")["project_id"]
    other = made(odoo, "project.task", name=token, project_id=project, task_properties={"count": 9})
    with pytest.raises(InputError, match="one by one"):
        odoo.write("project.task", [task, other], {"task_properties": {"size": "l"}})
    odoo.write("project.task", [other], {"task_properties": {"count": None}})
    odoo.write("project.task", [task, other], {"task_properties": {"size": "l"}})
    assert [properties(odoo, each)["size"] for each in (task, other)] == ["l", "l"]


@pytest.mark.versions(first=17)
def test_json_goes_through_load_and_properties_are_refused_there(odoo: Odoo, task: int, token: str) -> None:
    with pytest.raises(InputError, match="write them afterwards"):
        cell_text(odoo.schema.field("project.task", "task_properties"), properties(odoo, task))
    contact = made(odoo, "res.partner", name=token)
    lines = [Create({"name": "l", "price_unit": Decimal(10), "tax_ids": (), "quantity": Decimal(1)})]
    move = made(odoo, "account.move", move_type="out_invoice", partner_id=contact, invoice_line_ids=lines)
    (line,) = kept(odoo, "account.move", move, "invoice_line_ids")["invoice_line_ids"]
    account = odoo.search("account.analytic.account", [], limit=1) or [
        made(odoo, "account.analytic.account", name=token)
    ]
    share = {str(account[0]): Decimal(50)}
    cell = cell_text(odoo.schema.field("account.move.line", "analytic_distribution"), share)
    odoo.load("account.move.line", [".id", "analytic_distribution"], [[str(line), cell]])
    assert kept(odoo, "account.move.line", line, "analytic_distribution")["analytic_distribution"] == share
