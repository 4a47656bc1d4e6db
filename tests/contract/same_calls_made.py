"""Which calls every transport must answer alike: reads, writes, creations, refusals, odd values; for one version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.contract.same_calls import MARK, Own, Same, call

__all__ = ["calls_of"]

PARTNER, LEAD, MOVE, LINE = "res.partner", "crm.lead", "account.move", "account.move.line"
KEYS, FILES = "ir.model.data", "ir.attachment"
NOBODY = 99_999_999


def calls_of(version: int) -> list[Same]:
    """All calls for a server of this major version, in the order in which they are made."""
    return [
        *creations(version),
        *reads(),
        *searches(),
        *domains(),
        *contexts(version),
        *texts(),
        *numbers_and_days(),
        *files(),
        *names(version),
        *grouping(version),
        *loading(),
        *writes(version),
        *missing_records(),
        *wrong_calls(version),
        *wrong_values(),
        *rights(version),
        *services(version),
        *leads(version),
        *invoices(version),
        *talk(),
        *german(version),
        *ends(),
    ]


def partner(name: str, **more: Any) -> dict[str, Any]:
    return {"name": f"{MARK} {name}", **more}


def creations(version: int) -> Iterator[Same]:
    yield call(PARTNER, "create", vals_list=partner("alone"), save="alone")
    yield call(PARTNER, "create", vals_list=[partner("first", ref=MARK), partner("second", ref=MARK)], save="pair")
    yield call(PARTNER, "create", vals=partner("old name of the argument"))
    yield call(PARTNER, "create", values=[partner("another name")])
    yield call(PARTNER, "create", vals_list=[])
    yield call(PARTNER, "create", vals_list=[partner("child", parent_id=Own("alone"))], save="child")
    lines = [[0, 0, partner("inner one")], [0, 0, partner("inner two")]]
    yield call(PARTNER, "create", vals_list=[partner("with children", child_ids=lines)], save="parent")
    tags = [[0, 0, {"name": f"{MARK} tag"}]]
    yield call(PARTNER, "create", vals_list=[partner("with tag", category_id=tags)], save="tagged")
    yield call(PARTNER, "create", vals_list=[partner("archived", active=False)], save="archived")
    yield call(PARTNER, "create", vals_list=[partner("none of it", ref=None, parent_id=None, comment=False)])
    yield call(PARTNER, "copy", Own("alone"), default=partner("copy"))
    yield call(PARTNER, "copy", [Own("alone")], default=partner("copy of one"))
    yield call(PARTNER, "copy", [Own("child")], save="copied")
    yield call(PARTNER, "read", [Own("copied")], fields=["name", "parent_id", "ref"])
    if version >= 18:
        yield call(PARTNER, "copy", [Own("pair"), Own("pair", 1)])
    yield call(PARTNER, "name_create", name=f"{MARK} by its name")
    yield call("res.partner.category", "name_create", name=f"{MARK} category")
    yield call("res.partner.category", "create", vals_list=[{"name": f"{MARK} x"}, {"name": f"{MARK} y"}], save="tags")


def reads() -> Iterator[Same]:
    some = ["name", "ref", "parent_id", "child_ids", "active", "color", "email", "category_id", "is_company"]
    yield call(PARTNER, "read", [Own("alone")], fields=some)
    yield call(PARTNER, "read", [Own("pair"), Own("pair", 1)], fields=some)
    yield call(PARTNER, "read", [Own("pair", 1), Own("pair")], fields=["name"])
    yield call(PARTNER, "read", [Own("pair"), Own("pair")], fields=["name"])
    yield call(PARTNER, "read", [Own("child")], fields=["parent_id"], load="")
    yield call(PARTNER, "read", [Own("child")], fields=["parent_id"], load=None)
    yield call(PARTNER, "read", [Own("parent")], fields=["child_ids", "parent_name"])
    yield call(PARTNER, "read", [Own("tagged")], fields=["category_id"])
    yield call(PARTNER, "read", [Own("alone")], fields=["id"])
    yield call(PARTNER, "read", [Own("alone")], fields=["name", "name"])
    yield call(PARTNER, "read", [], fields=["name"])
    yield call(PARTNER, "read", [Own("alone")], fields=["nope"])
    yield call(PARTNER, "read", [Own("alone")], fields=["parent_id.name"])
    yield call(PARTNER, "read", [Own("alone")], fields="name")
    yield call(PARTNER, "read", [Own("alone")], fields=[1])
    yield call(PARTNER, "read", [Own("alone")], show=lambda rows: [sorted(rows[0])])
    yield call(PARTNER, "read", [Own("alone")], fields=[], show=lambda rows: [sorted(rows[0])])
    yield call(PARTNER, "read", [Own("alone")], fields=False, show=lambda rows: [sorted(rows[0])])
    yield call(PARTNER, "read", [NOBODY], fields=["name"])
    yield call(PARTNER, "read", [Own("alone"), NOBODY], fields=["name"])
    yield call(PARTNER, "read", [0], fields=["name"])
    yield call(PARTNER, "read", [-1], fields=["name"])
    yield call("res.currency", "read", [1], fields=["name", "rounding", "decimal_places", "symbol", "position"])
    yield call("res.company", "read", [1], fields=["name", "currency_id", "partner_id"])
    yield call("res.users", "read", [2], fields=["login", "active", "company_ids"])
    yield call("res.country", "search_read", domain=[["code", "=", "NL"]], fields=["name", "code", "currency_id"])


def searches() -> Iterator[Same]:
    mine = [["ref", "=", MARK]]
    yield call(PARTNER, "search", domain=mine)
    yield call(PARTNER, "search", args=mine)
    yield call(PARTNER, "search", domain=mine, order="id desc")
    yield call(PARTNER, "search", domain=mine, order="name desc, id", limit=1)
    yield call(PARTNER, "search", domain=mine, order="id", limit=1, offset=1)
    yield call(PARTNER, "search", domain=mine, offset=10)
    yield call(PARTNER, "search", domain=mine, limit=None)
    yield call(PARTNER, "search", domain=mine, order="nope")
    yield call(PARTNER, "search", domain=mine, order="name; drop table res_partner")
    yield call(PARTNER, "search", domain=mine, order="name sideways")
    yield call(PARTNER, "search", domain=mine, limit=-1)
    yield call(PARTNER, "search_count", domain=mine)
    yield call(PARTNER, "search_count", args=mine)
    yield call(PARTNER, "search_count", domain=[["id", "=", NOBODY]])
    yield call(PARTNER, "search_read", domain=mine, fields=["name", "ref"], order="id")
    yield call(PARTNER, "search_read", domain=mine, fields=["name"], limit=1, offset=1, order="id")
    yield call(PARTNER, "search_read", fields=["name"], domain=[["id", "=", Own("child")]])
    yield call(PARTNER, "search_read", domain=mine, fields=["nope"])
    yield call(PARTNER, "search_read", domain=[["ref", "=", f"{MARK}none"]], fields=["name"])
    yield call("res.lang", "search_read", domain=[["code", "=", "en_US"]], fields=["name", "code", "active"])
    yield call("res.users", "search", domain=[["login", "=", "admin"]])


def domains() -> Iterator[Same]:
    of_mine: list[list[Any]] = [
        [["name", "ilike", MARK], ["active", "=", False]],
        ["|", ["ref", "=", MARK], ["id", "=", Own("child")]],
        ["&", ["ref", "=", MARK], ["name", "like", "first"]],
        ["!", ["ref", "!=", MARK]],
        ["&", "|", ["name", "=like", f"{MARK} f%"], ["name", "=ilike", f"{MARK} S%"], ["ref", "!=", False]],
        [["ref", "=", MARK], ["id", "in", [Own("pair"), NOBODY]]],
        [["ref", "=", MARK], ["id", "not in", [Own("pair")]]],
        [["ref", "=", MARK], ["id", "in", []]],
        [["parent_id", "child_of", Own("parent")]],
        [["id", "parent_of", Own("child")]],
        [["parent_id.name", "=", f"{MARK} alone"]],
        [["parent_id", "=", f"{MARK} alone"]],
        [["category_id.name", "ilike", MARK]],
        [["category_id", "=", False], ["ref", "=", MARK]],
        [["child_ids", "!=", False], ["name", "ilike", MARK]],
        [["ref", "=", MARK], ["create_date", ">", "2020-01-01 00:00:00"]],
        [["ref", "=", MARK], ["color", ">=", 0]],
        [["ref", "=", MARK], ["ref", "=?", False]],
        [[1, "=", 1], ["ref", "=", MARK]],
        [[0, "=", 1]],
        [["id", "=", "1"], ["ref", "=", MARK]],
        [["id", "=", Decimal("1.5")]],
        [["name", "=", 5]],
        [["active", "=", "yes"], ["ref", "=", MARK]],
        [["ref", "=", "100% _under\\score' \" ; --"]],
        [["ref", "in", MARK]],
        [["id", "=", NOBODY]],
        [["id", "=", 2**40]],
        [["id", "in", [2**31]]],
        [["name", "ilike", ""], ["ref", "=", MARK]],
        [["nope", "=", 1]],
        [["parent_id.nope", "=", 1]],
        [["name", "=>", "x"]],
        [["name", "="]],
        [["name"]],
        ["|"],
        ["|", ["name", "=", "x"]],
        ["?", ["name", "=", "x"]],
        [5],
        [[]],
        [None],
        [["name", "=", {"a": 1}]],
        [["create_date", ">", "yesterday"], ["ref", "=", MARK]],
        [["name", "in", [[1, 2]]]],
    ]
    for domain in of_mine:
        yield call(PARTNER, "search", domain=domain, order="id")
    yield call(PARTNER, "search_count", domain="[]", show=lambda count: count > 0)
    yield call(PARTNER, "search_count", domain={}, show=lambda count: count > 0)
    yield call(PARTNER, "search_count", domain=None, show=lambda count: count > 0)
    yield call(PARTNER, "search_count", domain="name")


def contexts(version: int) -> Iterator[Same]:
    archived = [["id", "=", Own("archived")]]
    yield call(PARTNER, "search", domain=archived)
    yield call(PARTNER, "search", domain=archived, context={"active_test": False})
    yield call(PARTNER, "read", [Own("alone")], fields=["name"], context={"lang": "en_US"})
    yield call(PARTNER, "read", [Own("alone")], fields=["name"], context={"lang": "xx_XX"})
    yield call(PARTNER, "read", [Own("alone")], fields=["name"], context={"lang": None})
    yield call(PARTNER, "read", [Own("alone")], fields=["name"], context={"tz": "Europe/Amsterdam"})
    yield call(PARTNER, "read", [Own("alone")], fields=["name"], context={"tz": "Nowhere/None"})
    yield call(PARTNER, "read", [Own("alone")], fields=["name"], context={"allowed_company_ids": [1]})
    yield call(PARTNER, "read", [Own("alone")], fields=["name"], context={"allowed_company_ids": [NOBODY]})
    yield call(PARTNER, "read", [Own("child")], fields=["display_name"], context={"show_address": True})
    with_none = {"default_name": MARK, "default_ref": None}
    yield call(PARTNER, "default_get", fields=["name"], context={"default_name": MARK})
    if version >= 19:
        yield call(PARTNER, "default_get", fields=["name", "ref"], context=with_none, unreadable=("xmlrpc",))
    yield call(PARTNER, "create", vals_list=[{"name": f"{MARK} d"}], context={"default_ref": f"{MARK}c"}, save="given")
    yield call(PARTNER, "read", [Own("given")], fields=["ref"], context={"nested": {"a": [1, {"b": None}]}})


def texts() -> Iterator[Same]:
    for number, text in enumerate(
        (
            "Ünïçödé ☃ 漢字 🎉",
            "line\nfeed\tand tab",
            "carriage\r\nreturn\rand more",
            "\r",
            "<b>&amp;\"'</b> ]]> <![CDATA[",
            "  spaces around  ",
            "x" * 5000,
            "True",
            "0",
            "",
        )
    ):
        saved = f"text{number}"
        yield call(PARTNER, "create", vals_list=[{"name": MARK, "ref": text, "street": f"{text}."}], save=saved)
        yield call(PARTNER, "read", [Own(saved)], fields=["ref", "street"])
    yield call(PARTNER, "create", vals_list=[{"name": MARK, "comment": "<p>hi <b>x</b></p>\r\n"}], save="html")
    yield call(PARTNER, "read", [Own("html")], fields=["comment"])
    yield call(PARTNER, "search", domain=[["ref", "=", "carriage\r\nreturn\rand more"], ["name", "=", MARK]])
    yield call(PARTNER, "write", [Own("text0")], vals={"street": "bell\x07"})
    yield call(PARTNER, "write", [Own("text0")], vals={"street": "half \ud83d"})
    yield call(PARTNER, "write", [Own("text0")], vals={"street": "not one \uffff"})


def numbers_and_days() -> Iterator[Same]:
    amounts = ["12.34", "0.1", "-7.5", "0", "70368744177664.25", "1E+2", "0.30000000000000004", "123456789012.12"]
    for number, amount in enumerate(amounts):
        values = {"name": MARK, "expected_revenue": Decimal(amount), "probability": Decimal("33.33")}
        yield call(LEAD, "create", vals_list=[values], save=f"amount{number}")
        yield call(LEAD, "read", [Own(f"amount{number}")], fields=["expected_revenue", "probability"])
    yield call(LEAD, "create", vals_list=[{"name": MARK, "expected_revenue": 5}], save="whole")
    yield call(LEAD, "read", [Own("whole")], fields=["expected_revenue", "company_currency"])
    days = {"date_deadline": "2026-02-28", "date_open": "2026-01-31 23:30:00"}
    yield call(LEAD, "create", vals_list=[{"name": MARK, **days}], save="days")
    yield call(LEAD, "read", [Own("days")], fields=["date_deadline", "date_open", "date_closed"])
    yield call(LEAD, "read", [Own("days")], fields=["date_open"], context={"tz": "Asia/Tokyo"})
    yield call(LEAD, "search", domain=[["date_deadline", "<=", "2026-02-28"], ["name", "=", MARK]])
    yield call(LEAD, "search", domain=[["date_open", "<", "2026-02-01"], ["name", "=", MARK]])
    for day in ("2026-02-30", "2026-13-01", "someday", "0001-01-01", "9999-12-31", "2026-02-28 10:00:00", 20260228):
        yield call(LEAD, "write", [Own("days")], vals={"date_deadline": day})
        yield call(LEAD, "read", [Own("days")], fields=["date_deadline"])
    for moment in ("2026-02-28", "2026-02-28T10:00:00", "2026-02-28 25:00:00", "", False, None):
        yield call(LEAD, "write", [Own("days")], vals={"date_open": moment})
        yield call(LEAD, "read", [Own("days")], fields=["date_open"])
    for color in (0, 2**31 - 1, -(2**31), 2**31, True, "7", "seven", Decimal("1.5"), None):
        yield call(PARTNER, "write", [Own("alone")], vals={"color": color})
        yield call(PARTNER, "read", [Own("alone")], fields=["color"])
    for revenue in ("12", "abc", None, False, "1e400"):
        yield call(LEAD, "write", [Own("whole")], vals={"expected_revenue": revenue})
        yield call(LEAD, "read", [Own("whole")], fields=["expected_revenue"])
    for flag in (True, False, "no", 0, None):
        yield call(PARTNER, "write", [Own("alone")], vals={"is_company": flag})
        yield call(PARTNER, "read", [Own("alone")], fields=["is_company"])


def files() -> Iterator[Same]:
    whole = "aGVsbG8gd29ybGQ="
    owner = {"res_model": PARTNER, "res_id": Own("alone")}
    yield call(FILES, "create", vals_list=[{"name": f"{MARK}.bin", "datas": whole, **owner}], save="file")
    fields = ["name", "datas", "mimetype", "file_size", "checksum", "type"]
    yield call(FILES, "read", [Own("file")], fields=fields)
    yield call(FILES, "read", [Own("file")], fields=["datas"], context={"bin_size": True})
    yield call(FILES, "search_read", domain=[["name", "=", f"{MARK}.bin"]], fields=["res_model", "datas"])
    yield call(FILES, "create", vals_list=[{"name": f"{MARK} none", "datas": False}], save="empty file")
    yield call(FILES, "read", [Own("empty file")], fields=["datas", "file_size"])
    yield call(FILES, "create", vals_list=[{"name": f"{MARK} bad", "datas": "no base64!"}], show=lambda ids: len(ids))
    yield call(FILES, "unlink", [Own("file"), Own("empty file")])


def names(version: int) -> Iterator[Same]:
    yield call(PARTNER, "name_search", name=f"{MARK} f")
    yield call(PARTNER, "name_search", name=MARK, domain=[["ref", "=", MARK]], operator="ilike", limit=1)
    yield call(PARTNER, "name_search", name=MARK, args=[["ref", "=", MARK]])
    yield call(PARTNER, "name_search", domain=[["ref", "=", MARK]])
    yield call(PARTNER, "name_search", args=[["ref", "=", MARK]], limit=1)
    yield call(PARTNER, "name_search", name=f"{MARK} alone", operator="=")
    yield call(PARTNER, "name_search", name=f"{MARK} nobody at all")
    yield call(PARTNER, "name_search", name=f"{MARK}", operator="=>")
    yield call("res.country", "name_search", name="Netherlands", operator="=")
    yield call(PARTNER, "read", [Own("child"), Own("alone")], fields=["display_name"])
    yield call(PARTNER, "name_get", [Own("child")], show=lambda pairs: [pair[1] for pair in pairs])
    del version


def grouping(version: int) -> Iterator[Same]:
    mine = [["name", "=", MARK]]
    sums: Mapping[str, Any] = {"domain": mine, "fields": ["expected_revenue:sum"]}
    yield call(LEAD, "read_group", groupby=["stage_id"], **sums)
    yield call(LEAD, "read_group", groupby=["stage_id", "user_id"], lazy=False, **sums)
    yield call(LEAD, "read_group", groupby=["date_deadline:year"], **sums)
    yield call(LEAD, "read_group", groupby=[], show=lambda rows: [row | {"id": 0} for row in rows], **sums)
    yield call(LEAD, "read_group", groupby=["stage_id"], limit=1, orderby="stage_id", **sums)
    yield call(LEAD, "read_group", groupby=["nope"], **sums)
    yield call(LEAD, "read_group", groupby=["date_deadline:fortnight"], **sums)
    yield call(LEAD, "read_group", domain=mine, fields=["expected_revenue:median"], groupby=["stage_id"])
    yield call(LEAD, "read_group", domain=[["nope", "=", 1]], fields=["expected_revenue"], groupby=["stage_id"])
    totals = {"domain": mine, "aggregates": ["expected_revenue:sum", "__count"]}
    yield call(LEAD, "formatted_read_group", groupby=["stage_id"], **totals)
    if version >= 19:
        yield call(LEAD, "formatted_read_group", groupby=["date_deadline:month"], **totals)
        yield call(LEAD, "formatted_read_group", groupby=[], **totals)
        yield call(LEAD, "formatted_read_group", groupby=["nope"], **totals)
        yield call(LEAD, "formatted_read_group", groupby=["stage_id"], domain=mine, aggregates=["nope:sum"])


def loading() -> Iterator[Same]:
    head = ["id", "name", "ref"]
    yield call(PARTNER, "load", fields=head, data=[[f"oimkit.{MARK}_1", f"{MARK} one", "l"], ["", f"{MARK} two", "l"]])
    yield call(PARTNER, "load", fields=head, data=[[f"oimkit.{MARK}_1", f"{MARK} one again", ""]])
    yield call(PARTNER, "search_read", domain=[["name", "=", f"{MARK} one again"]], fields=["name", "ref"])
    yield call(PARTNER, "load", fields=["name", "parent_id/id"], data=[[f"{MARK} c", f"oimkit.{MARK}_1"]])
    yield call(PARTNER, "load", fields=["name", "parent_id/.id"], data=[[f"{MARK} c", str(NOBODY)]])
    yield call(PARTNER, "load", fields=["name", "parent_id/.id"], data=[[f"{MARK} c", "x"]])
    yield call(PARTNER, "load", fields=["name", "color"], data=[[f"{MARK} ok", "1"], [f"{MARK} no", "red"]])
    yield call(PARTNER, "search", domain=[["name", "=", f"{MARK} ok"]])
    yield call(LEAD, "load", fields=["name", "date_deadline"], data=[[MARK, "01/11/2026"]])
    yield call(LEAD, "load", fields=["name", "expected_revenue"], data=[[MARK, "1,50"]])
    yield call(LEAD, "load", fields=["name", "type"], data=[[MARK, "nonsense"]])
    yield call(LEAD, "load", fields=["name", "expected_revenue"], data=[[MARK, "1e2"]])
    yield call(LEAD, "load", fields=["name"], data=[[""]])
    yield call(PARTNER, "load", fields=["name"], data=[])
    yield call(PARTNER, "load", fields=["nope"], data=[["x"]])
    yield call(
        PARTNER, "load", fields=["name", "child_ids/name"], data=[[f"{MARK} p", f"{MARK} c1"], ["", f"{MARK} c2"]]
    )
    yield call(PARTNER, "load", fields=["name", "ref"], data=[[f"{MARK} crlf", "a\r\nb"]])
    yield call(PARTNER, "search_read", domain=[["name", "=", f"{MARK} crlf"]], fields=["ref"])
    yield call(PARTNER, "load", fields=["name"], data=[[f"{MARK} by limited"]], role="limited")
    yield call(PARTNER, "load", fields=["name"])
    yield call(PARTNER, "export_data", [Own("alone")], fields_to_export=["name", "color"])
    yield call(PARTNER, "export_data", [Own("child")], fields_to_export=["parent_id/name"])


def writes(version: int) -> Iterator[Same]:
    yield call(PARTNER, "write", [Own("alone")], vals={"name": f"{MARK} alone", "email": "a@example.com"})
    yield call(PARTNER, "write", [Own("alone")], values={"email": False})
    yield call(PARTNER, "write", [Own("pair"), Own("pair", 1)], vals={"color": 3})
    yield call(PARTNER, "write", [], vals={"color": 3})
    yield call(PARTNER, "write", [Own("alone")], vals={})
    yield call(PARTNER, "read", [Own("alone"), Own("pair")], fields=["email", "color"])
    for commands in (
        [[6, 0, [Own("tags"), Own("tags", 1)]]],
        [[3, Own("tags")]],
        [[4, Own("tags")]],
        [[5]],
        [[0, 0, {"name": f"{MARK} made inside"}]],
        [[9, 0, 0]],
        [[6, 0]],
        [[4, NOBODY]],
        "nonsense",
        [Own("tags")],
        False,
    ):
        yield call(PARTNER, "write", [Own("alone")], vals={"category_id": commands})
        yield call(PARTNER, "read", [Own("alone")], fields=["category_id"])
    yield call(PARTNER, "write", [Own("parent")], vals={"child_ids": [[0, 0, partner("third")]]})
    yield call(PARTNER, "search_read", domain=[["parent_id", "=", Own("parent")]], fields=["name"], order="id")
    yield call(PARTNER, "action_archive", [Own("pair")])
    yield call(PARTNER, "read", [Own("pair")], fields=["active"])
    yield call(PARTNER, "action_unarchive", [Own("pair")])
    yield call(PARTNER, "toggle_active", [Own("pair")])
    yield call(PARTNER, "toggle_active", [Own("pair")])
    if version < 19:
        yield call(PARTNER, "exists", [Own("pair"), NOBODY])


def missing_records() -> Iterator[Same]:
    yield call(PARTNER, "write", [NOBODY], vals={"name": "x"})
    yield call(PARTNER, "write", [Own("alone"), NOBODY], vals={"color": 1})
    yield call(PARTNER, "unlink", [NOBODY])
    yield call(PARTNER, "copy", [NOBODY])
    yield call(LEAD, "action_set_won", [NOBODY])
    yield call(LEAD, "action_set_lost", [NOBODY])
    yield call(MOVE, "action_post", [NOBODY])
    yield call(PARTNER, "export_data", [NOBODY], fields_to_export=["name"])
    yield call(PARTNER, "get_metadata", [NOBODY])
    yield call(PARTNER, "create", vals_list=[partner("x", parent_id=NOBODY)])
    yield call(KEYS, "check_object_reference", module="oimkit", xml_id=f"{MARK}_absent")


def wrong_calls(version: int) -> Iterator[Same]:
    yield call("no.model", "search", domain=[])
    yield call("no.model", "anything", [1])
    yield call(PARTNER, "no_method", [1])
    yield call(PARTNER, "no_method")
    yield call(PARTNER, "_write", [1], vals={})
    yield call(PARTNER, "_search", domain=[])
    yield call(PARTNER, "env", [1])
    yield call(PARTNER, "search", domain=[], nonsense=1)
    yield call(PARTNER, "search", domain=[], args=[])
    yield call(PARTNER, "search", [1], domain=[])
    yield call(PARTNER, "search")
    yield call(PARTNER, "create")
    yield call(PARTNER, "create", vals_list=[{}], vals={})
    yield call(PARTNER, "create", vals_list=[partner("x")], nonsense=1)
    yield call(PARTNER, "create", [1], vals_list=[partner("x")])
    yield call(PARTNER, "write", vals={"color": 1})
    yield call(PARTNER, "write", [Own("alone")])
    yield call(PARTNER, "write", [Own("alone")], vals={"color": 1}, nonsense=1)
    yield call(PARTNER, "write", [Own("alone")], vals=5)
    yield call(PARTNER, "write", [Own("alone")], vals=[["color", 1]])
    yield call(PARTNER, "unlink")
    yield call(PARTNER, "unlink", [Own("alone")], nonsense=1)
    yield call(PARTNER, "read", fields=["name"])
    yield call(PARTNER, "read", [Own("alone")], columns=["name"])
    yield call(PARTNER, "fields_get", nonsense=1)
    yield call(PARTNER, "name_create")
    yield call(PARTNER, "name_search", nonsense="x")
    yield call(PARTNER, "copy", [Own("alone")], nonsense={})
    yield call(PARTNER, "copy")
    yield call(LEAD, "action_set_won")
    yield call(LEAD, "merge_opportunity", nonsense=1)
    yield call(LEAD, "merge_opportunity", [Own("days")], nonsense=1)
    yield call(LEAD, "action_set_won", [Own("days")], nonsense=1)
    yield call(MOVE, "action_post")
    yield call(PARTNER, "default_get", nonsense=1)
    yield call(PARTNER, "search_count", domain=[], order="id")
    if version < 17:
        yield call(PARTNER, "search_count", domain=[], limit=1)
    yield call("res.company", "write", [1], vals={"nope": 1})
    yield call(PARTNER, "create", vals_list=[partner("x", nope=1)])
    yield call(PARTNER, "create", vals_list=5)
    yield call(PARTNER, "create", vals_list="name")
    yield call(PARTNER, "create", vals_list=[5])
    yield call(PARTNER, "load", fields=5, data=5)
    yield call("ir.config_parameter", "get_param")
    yield call("decimal.precision", "precision_get")


def wrong_values() -> Iterator[Same]:
    yield call(PARTNER, "create", vals_list=[partner("x", type="zzz")])
    yield call(PARTNER, "create", vals_list=[{"ref": MARK}])
    yield call(LEAD, "create", vals_list=[{"expected_revenue": 5}])
    yield call(LEAD, "create", vals_list=[{"name": MARK, "stage_id": NOBODY}])
    yield call(LEAD, "create", vals_list=[{"name": MARK, "stage_id": "New"}])
    yield call(PARTNER, "write", [Own("alone")], vals={"parent_id": Own("alone")})
    yield call(PARTNER, "write", [Own("alone")], vals={"parent_id": Own("child")})
    yield call(PARTNER, "write", [Own("alone")], vals={"parent_id": "x"})
    yield call(PARTNER, "write", [Own("alone")], vals={"parent_id": [Own("child"), "name"]})
    yield call(PARTNER, "write", [Own("alone")], vals={"name": False})
    yield call(PARTNER, "write", [Own("alone")], vals={"name": {"a": "b"}})
    yield call(PARTNER, "write", [Own("alone")], vals={"lang": "xx_XX"})
    yield call(PARTNER, "write", [Own("alone")], vals={"id": 5})
    yield call(PARTNER, "write", [Own("alone")], vals={"create_uid": 5})
    yield call(KEYS, "create", vals_list=[{"module": "oimkit", "name": f"{MARK}_k", "model": PARTNER, "res_id": 1}])
    yield call(KEYS, "create", vals_list=[{"module": "oimkit", "name": f"{MARK}_k", "model": PARTNER, "res_id": 1}] * 1)
    yield call(KEYS, "create", vals_list={"module": "oimkit", "name": f"{MARK}_k", "model": LEAD, "res_id": 2})
    yield call(
        KEYS, "create", vals_list=[{"module": "oimkit", "name": f"{MARK} spaced", "model": PARTNER, "res_id": 1}]
    )
    yield call(MOVE, "create", vals_list=[{"move_type": "nonsense"}])
    yield call("res.currency", "create", vals_list=[{"name": "EUR", "symbol": "E"}])


def rights(version: int) -> Iterator[Same]:
    frozen = ("xmlrpc",) if version < 16 else ()  # 14 cannot write its frozen dicts as XML
    for role in ("limited", "billing"):
        yield call(MOVE, "search_read", domain=[["ref", "=", MARK]], fields=["name"], role=role)
        yield call("ir.config_parameter", "search", domain=[], role=role)
        yield call("ir.config_parameter", "get_param", key="database.uuid", role=role, show=lambda _: "told")
        yield call("account.analytic.line", "search_count", domain=[["name", "=", MARK]], role=role)
        yield call("res.users", "write", [2], vals={"name": "x"}, role=role)
        yield call(PARTNER, "unlink", [Own("alone")], role=role)
        yield call(LEAD, "create", vals_list=[{"name": MARK}], role=role, show=len)
        yield call("res.groups", "create", vals_list=[{"name": MARK}], role=role)
        yield call("ir.rule", "search", domain=[], limit=1, role=role, show=len)
        yield call(MOVE, "action_post", [NOBODY], role=role)
        yield call(PARTNER, "read", [Own("alone")], fields=["name"], role=role)
        yield call(MOVE, "check_access_rights", operation="create", raise_exception=False, role=role)
        yield call(MOVE, "check_access_rights", operation="create", role=role)
        yield call(KEYS, "check_object_reference", module="base", xml_id="main_company", role=role)
        yield call("res.users", "context_get", role=role, show=sorted, unreadable=frozen)
        yield call(PARTNER, "check_access_rights", operation="write")
    yield call(PARTNER, "check_access_rights", operation="fly")
    yield call(PARTNER, "has_access", [], operation="write")


def services(version: int) -> Iterator[Same]:
    yield call(
        PARTNER, "fields_get", allfields=["name", "parent_id", "type"], attributes=["type", "string", "relation"]
    )
    yield call(
        PARTNER, "fields_get", attributes=["type"], show=lambda told: {name: told[name] for name in sorted(told)}
    )
    yield call(PARTNER, "fields_get", allfields=["type"], attributes=["selection"])
    yield call(PARTNER, "fields_get", allfields=["nope"])
    yield call(
        LEAD, "fields_get", allfields=["expected_revenue", "date_open"], attributes=["type", "digits", "required"]
    )
    yield call(PARTNER, "default_get", fields=["active", "type", "lang", "nope"])
    yield call(LEAD, "default_get", fields=["type", "name", "expected_revenue"])
    who = ["id", "create_uid", "xmlid", "noupdate"]
    yield call(PARTNER, "get_metadata", [Own("alone")], show=lambda rows: [{name: rows[0][name] for name in who[1:]}])
    yield call("res.company", "get_external_id", [1], unreadable=("xmlrpc",))  # its keys are numbers
    yield call(KEYS, "check_object_reference", module="base", xml_id="main_partner")
    yield call(KEYS, "check_object_reference", module="base", xml_id="main_partner", raise_on_access_error=True)
    yield call("ir.config_parameter", "set_param", key=f"oimkit.{MARK}", value="a\r\nb")
    yield call("ir.config_parameter", "get_param", key=f"oimkit.{MARK}")
    yield call("ir.config_parameter", "get_param", key=f"oimkit.{MARK}.absent")
    yield call("ir.config_parameter", "get_param", key=f"oimkit.{MARK}.absent", default="mine")
    yield call("ir.config_parameter", "set_param", key=f"oimkit.{MARK}", value=False)
    yield call("decimal.precision", "precision_get", application="Product Price")
    yield call("decimal.precision", "precision_get", application="No Such Use")
    on = [2] if version >= 18 else None
    yield call("res.users", "has_group", on, group_ext_id="base.group_user")
    yield call("res.users", "has_group", on, group_ext_id="base.no_such_group")
    frozen = ("xmlrpc",) if version < 16 else ()
    yield call("res.users", "context_get", show=lambda told: [told["lang"], told["tz"]], unreadable=frozen)


def leads(version: int) -> Iterator[Same]:
    yield call(
        LEAD, "create", vals_list=[{"name": f"{MARK} lead {n}", "type": "opportunity"} for n in range(3)], save="lead"
    )
    seen = ["stage_id", "probability", "active", "type"]
    yield call(LEAD, "action_set_won", [Own("lead")])
    yield call(LEAD, "read", [Own("lead")], fields=seen)
    yield call(LEAD, "action_set_lost", [Own("lead", 1)])
    yield call(LEAD, "read", [Own("lead", 1)], fields=["active", "stage_id"])
    yield call(LEAD, "action_set_lost", [Own("lead", 2)], **{"lost_reason_id" if version >= 16 else "lost_reason": 1})
    yield call(LEAD, "action_set_lost", [Own("lead", 2)], nope=1)
    if version >= 18:
        yield call(LEAD, "action_unarchive", [Own("lead", 1)])
    else:
        yield call(LEAD, "toggle_active", [Own("lead", 1)])
    yield call(LEAD, "read", [Own("lead", 1)], fields=["active"])
    yield call(LEAD, "create", vals_list={"name": f"{MARK} raw", "type": "lead"}, save="raw")
    partner_name = "partner" if version >= 17 else "partner_id"
    yield call(LEAD, "convert_opportunity", [Own("raw")], **{partner_name: False})
    yield call(LEAD, "read", [Own("raw")], fields=["type"])
    yield call(LEAD, "unlink", [Own("raw")])


def invoices(version: int) -> Iterator[Same]:
    lines = [
        [0, 0, {"name": "work", "quantity": Decimal("2.5"), "price_unit": Decimal("12.50"), "tax_ids": [[6, 0, []]]}]
    ]
    draft = {"move_type": "out_invoice", "partner_id": Own("alone"), "invoice_date": "2026-11-20", "ref": MARK}
    yield call(MOVE, "create", vals_list=[{**draft, "invoice_line_ids": lines}], save="move")
    yield call(MOVE, "create", vals_list=[draft], save="empty move")
    totals = ["amount_total", "amount_residual", "state", "payment_state", "invoice_date", "currency_id", "move_type"]
    yield call(MOVE, "read", [Own("move")], fields=totals)
    yield call(
        LINE, "search_read", domain=[["move_id", "=", Own("move")]], fields=["name", "debit", "credit", "quantity"]
    )
    yield call(MOVE, "action_post", [Own("empty move")])
    yield call(MOVE, "action_post", [Own("move")])
    yield call(MOVE, "action_post", [Own("move")])
    yield call(MOVE, "read", [Own("move")], fields=["name", "state", "invoice_date_due"])
    yield call(MOVE, "write", [Own("move")], vals={"partner_id": Own("child")})
    yield call(MOVE, "unlink", [Own("move")])
    yield call(PARTNER, "unlink", [Own("alone")])
    yield call(MOVE, "button_draft", [Own("move")])
    yield call(MOVE, "button_draft", [Own("move")])
    yield call(MOVE, "button_cancel", [Own("move")])
    yield call(MOVE, "read", [Own("move")], fields=["state"])
    yield call(MOVE, "copy", [Own("move")])
    columns = [
        "id",
        "move_type",
        "partner_id/.id",
        "invoice_date",
        "invoice_line_ids/name",
        "invoice_line_ids/price_unit",
    ]
    bad = [f"oimkit.{MARK}_m", "out_invoice", str(NOBODY), "2026-11-20", "work", "10"]
    yield call(MOVE, "load", fields=columns, data=[bad])
    yield call(MOVE, "load", fields=columns, data=[[*bad[:2], "", "20.11.2026", "work", "abc"]])
    if version < 16:
        statement = {
            "name": MARK,
            "journal_id": 7,
            "line_ids": [[0, 0, {"date": "2026-11-20", "payment_ref": "x", "amount": 5}]],
        }
        yield call(
            "account.bank.statement",
            "create",
            vals_list=[{**statement, "balance_start": 0, "balance_end_real": 5}],
            save="statement",
        )
        yield call("account.bank.statement", "button_post", [Own("statement")])
        yield call("account.bank.statement", "button_post", [Own("statement")])
        yield call("account.bank.statement", "button_reopen", [Own("statement")])
        yield call("account.bank.statement", "unlink", [Own("statement")])


def talk() -> Iterator[Same]:
    yield call(PARTNER, "message_post", [Own("pair")], body=f"{MARK} hello", save="message")
    yield call("mail.message", "read", [Own("message")], fields=["model", "message_type"])
    yield call(PARTNER, "message_post", [Own("pair")], body="x", nonsense_argument=1, show=len)
    yield call(PARTNER, "message_post", body="x")
    yield call(PARTNER, "message_subscribe", [Own("pair")], partner_ids=[Own("pair", 1)])
    yield call(PARTNER, "message_unsubscribe", [Own("pair")], partner_ids=[Own("pair", 1)])


def german(version: int) -> Iterator[Same]:
    """Refusals whose texts are in another language are told apart as well; 14 takes too long to learn one."""
    if version < 16:
        return
    there = {"active_test": False}
    yield call("res.lang", "search", domain=[["code", "=", "de_DE"]], context=there, save="german")
    yield call("res.lang", "write", [Own("german")], vals={"active": True})
    lang = {"lang": "de_DE"}
    yield call(PARTNER, "fields_get", allfields=["name", "type"], attributes=["string", "selection"], context=lang)
    yield call(PARTNER, "write", [NOBODY], vals={"name": "x"}, context=lang)
    yield call(PARTNER, "unlink", [NOBODY], context=lang)
    yield call("no.model", "search", domain=[], context=lang)
    yield call("ir.config_parameter", "search", domain=[], role="limited", context=lang)
    yield call(PARTNER, "write", [Own("pair")], vals={"parent_id": Own("pair")}, context=lang)
    yield call(PARTNER, "_write", [Own("pair")], vals={}, context=lang)
    yield call(PARTNER, "no_method", [Own("pair")], context=lang)
    yield call(PARTNER, "create", vals_list=[{"ref": MARK}], context=lang)
    yield call(LEAD, "create", vals_list=[{"name": MARK, "stage_id": NOBODY}], context=lang)
    yield call(KEYS, "check_object_reference", module="oimkit", xml_id=f"{MARK}_absent", context=lang)
    yield call(PARTNER, "search", domain=[["nope", "=", 1]], context=lang)
    yield call(MOVE, "action_post", [Own("empty move")], context=lang)
    yield call(MOVE, "read", [Own("move")], fields=["state", "display_name"], context=lang)


def ends() -> Iterator[Same]:
    yield call(PARTNER, "unlink", [Own("copied")])
    yield call(PARTNER, "unlink", [Own("copied")])
    yield call(PARTNER, "read", [Own("copied")], fields=["name"])
    yield call(PARTNER, "unlink", [])
    yield call("res.partner.category", "unlink", [Own("tags"), Own("tags", 1)])
