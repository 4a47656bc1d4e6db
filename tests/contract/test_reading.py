"""Reading at scale: streams by keyset, related records, groups; the same on every server and transport."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from oimkit.errors import InputError, InvalidCall, MissingRecord, Refused
from oimkit.odoo import Odoo, Ref
from oimkit.odoo.grouping import Span
from tests.contract.conftest import Target
from tests.contract.raw import Raw
from tests.house.source import ROOT


def partners(target: Target, count: int, **values: object) -> list[int]:
    """Ids of new partners that no other test sees, ascending; their ref is the target's token."""
    rows = [{"name": f"{target.fresh_token} {number}", "ref": target.fresh_token, **values} for number in range(count)]
    return sorted(target.admin().call("res.partner", "create", rows))


def mine(target: Target) -> list[object]:
    return ["ref", "=", target.fresh_token]


# --- streams


@pytest.mark.parametrize("load_names", [True, False])
@pytest.mark.parametrize("batch", [1, 4, 5, 100])
def test_every_record_is_given_once_in_the_order_of_ids(target: Target, batch: int, load_names: bool) -> None:
    ids = partners(target, 8 if batch == 4 else 11)
    stream = target.connect().stream("res.partner", [mine(target)], ["name"], batch=batch, load_names=load_names)
    assert [record["id"] for record in stream] == ids


def test_names_of_linked_records_are_left_out_where_they_are_not_wanted(target: Target) -> None:
    country = target.admin().find("res.country", [["code", "=", "BE"]], "name")[0]
    partners(target, 1, country_id=country["id"])
    odoo = target.connect()
    with_names, without = (
        next(odoo.stream("res.partner", [mine(target)], ["country_id"], load_names=wanted)) for wanted in (True, False)
    )
    assert with_names["country_id"] == Ref(country["id"], country["name"])
    assert without["country_id"] == Ref(country["id"])


def test_a_domain_of_alternatives_keeps_its_meaning_on_every_page(target: Target) -> None:
    ids = partners(target, 9)
    domain = ["|", ["id", "in", ids[:4]], "&", ["id", "in", ids[2:8]], "!", ["id", "=", ids[5]]]
    found = [record["id"] for record in target.connect().stream("res.partner", domain, [], batch=2)]
    assert found == [*ids[:5], *ids[6:8]]


def test_two_conditions_side_by_side_are_both_meant(target: Target) -> None:
    ids = partners(target, 3)
    domain = ["|", ["id", "=", ids[0]], ["id", "=", ids[1]], mine(target)]
    assert [record["id"] for record in target.connect().stream("res.partner", domain, [], batch=1)] == ids[:2]


def test_reading_goes_on_after_a_given_id(target: Target) -> None:
    ids = partners(target, 6)
    assert [r["id"] for r in target.connect().stream("res.partner", [mine(target)], [], after=ids[3])] == ids[4:]


def test_archived_records_are_given_where_they_are_asked_for(target: Target) -> None:
    ids = partners(target, 4)
    target.admin().call("res.partner", "write", ids[1:3], {"active": False})
    odoo = target.connect()

    def found(**options: bool) -> list[int]:
        return [record["id"] for record in odoo.stream("res.partner", [mine(target)], [], **options)]

    assert found() == found(active_test=True) == [ids[0], ids[3]]
    assert found(active_test=False) == ids
    assert [r["id"] for r in odoo.stream("res.partner", [mine(target), ["active", "=", False]], [])] == ids[1:3]


def test_no_fields_means_ids_alone(target: Target) -> None:
    ids = partners(target, 2)
    odoo = target.connect()
    assert list(odoo.stream("res.partner", [mine(target)], [])) == [{"id": identity} for identity in ids]
    assert list(odoo.stream_raw("res.partner", [mine(target)], [])) == [{"id": identity} for identity in ids]


def test_raw_records_are_what_the_server_sent(target: Target) -> None:
    partners(target, 1, parent_id=False)
    raw = next(target.connect().stream_raw("res.partner", [mine(target)], ["parent_id", "active", "create_date"]))
    assert raw["parent_id"] is False
    assert raw["active"] is True
    assert datetime.strptime(raw["create_date"], "%Y-%m-%d %H:%M:%S")


def test_pages_hold_no_more_than_a_batch(target: Target) -> None:
    ids = partners(target, 7)
    pages = list(target.connect().pages("res.partner", [mine(target)], ["name"], batch=3))
    assert [[record["id"] for record in page] for page in pages] == [ids[:3], ids[3:6], ids[6:]]


@pytest.mark.parametrize("batch", [2, 1000])
def test_models_that_are_filtered_after_the_page_is_cut_are_given_whole(target: Target, batch: int) -> None:
    """Servers search messages and attachments for a page, and only then drop what the user may not see."""
    odoo = target.connect("limited")
    for model in ("mail.message", "ir.attachment"):
        found = [record["id"] for record in odoo.stream(model, [], [], batch=batch)]
        assert found == sorted(set(found))
        assert len(found) == odoo.count(model, [])


def test_an_unknown_field_and_a_broken_domain_are_refused_before_anything_is_read(target: Target) -> None:
    odoo = target.connect()
    with pytest.raises(InvalidCall, match="no field nonsense"):
        odoo.stream("res.partner", [], ["nonsense"])
    with pytest.raises(InputError, match="1 more operands"):
        odoo.stream("res.partner", ["|", ["id", "=", 1]], ["name"])


# --- while others write

WRITER = """
import sys, time
from tests.contract.raw import Raw
url, database, user, token = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
raw = Raw(url, database, user, sys.stdin.readline().strip())
doomed = raw.call("res.partner", "search", [["ref", "=", token + " doomed"]], order="id")
print("ready", flush=True)
while True:
    raw.call("res.partner", "create", [{"name": "new", "ref": token}, {"name": "new", "ref": token}])
    if doomed:
        raw.call("res.partner", "unlink", [doomed.pop(len(doomed) // 2)])
"""


@contextmanager
def another_process_writing(target: Target) -> Iterator[None]:
    """While this lasts, a process of its own creates partners and deletes the doomed ones, one by one."""
    raw = target.admin()
    command = [sys.executable, "-c", WRITER, raw.url, raw.database, str(raw.user_id), target.fresh_token]
    writer = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write(raw.secret + "\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "ready\n"
        yield
        assert writer.poll() is None, "the writing process ended before the reading did"
    finally:
        writer.kill()
        writer.communicate()


@pytest.mark.parametrize("load_names", [True, False])
def test_records_that_stay_are_given_once_while_another_process_inserts_and_deletes(
    target: Target, load_names: bool
) -> None:
    rows = [{"name": "stays", "ref": target.fresh_token + (" doomed" if number % 2 else "")} for number in range(240)]
    target.admin().call("res.partner", "create", rows)
    odoo = target.connect()
    staying = odoo.search("res.partner", [mine(target)], order="id")
    domain = [["ref", "in", [target.fresh_token, target.fresh_token + " doomed"]]]
    with another_process_writing(target):
        given = [r["id"] for r in odoo.stream("res.partner", domain, ["name"], batch=8, load_names=load_names)]
    assert given == sorted(set(given))
    assert set(staying) <= set(given)


# --- related records


def test_related_records_are_read_together(target: Target) -> None:
    parents = partners(target, 3)
    raw = target.admin()
    for parent in parents[:2]:
        for number in range(2):
            raw.create("res.partner", name=f"child {number}", parent_id=parent)
    odoo = target.connect()
    children = odoo.search_read("res.partner", [["parent_id", "in", parents]], ["parent_id"])
    related = odoo.prefetch("res.partner", children, "parent_id", ["name", "child_ids"])
    assert sorted(related.records) == parents[:2]
    assert related.missing == ()
    assert related.one(children[0]["parent_id"]) == related.records[children[0]["parent_id"].id]
    assert related.one(None) is None
    first = related.records[parents[0]]
    siblings = odoo.prefetch("res.partner", [first], "child_ids", ["name"], batch=1)
    assert [record["id"] for record in siblings.many(first["child_ids"])] == list(first["child_ids"])


def test_archived_records_that_are_pointed_to_are_read(target: Target) -> None:
    parent, child = partners(target, 2)
    raw = target.admin()
    raw.call("res.partner", "write", [child], {"parent_id": parent})
    raw.call("res.partner", "write", [parent], {"active": False})
    odoo = target.connect()
    related = odoo.prefetch("res.partner", odoo.read("res.partner", [child], ["parent_id"]), "parent_id", ["name"])
    assert list(related.records) == [parent]


def test_records_that_are_gone_are_told_and_not_guessed(target: Target) -> None:
    parent, child = partners(target, 2)
    target.admin().call("res.partner", "write", [child], {"parent_id": parent})
    odoo = target.connect()
    records = odoo.read("res.partner", [child], ["parent_id"])
    target.admin().call("res.partner", "write", [child], {"parent_id": False})
    target.admin().call("res.partner", "unlink", [parent])
    related = odoo.prefetch("res.partner", records, "parent_id", ["name"])
    assert related.missing == (parent,)
    with pytest.raises(MissingRecord, match=str(parent)):
        related.one(records[0]["parent_id"])


def test_records_that_a_rule_hides_are_told_as_missing(target: Target) -> None:
    raw = target.admin()
    project = raw.create("project.project", name=target.fresh_token)
    worked = [
        raw.create("account.analytic.line", project_id=project, name=f"w{hours}", unit_amount=hours) for hours in (1, 2)
    ]
    move = {"id": 1, "timesheet_ids": tuple(worked)}
    shown = target.connect().prefetch("account.move", [move], "timesheet_ids", ["name"])
    assert (sorted(shown.records), shown.missing) == (worked, ())
    hidden = target.connect("billing").prefetch("account.move", [move], "timesheet_ids", ["name"])
    assert (dict(hidden.records), hidden.missing) == ({}, tuple(worked))


def test_relations_that_lead_to_different_models_are_refused(target: Target) -> None:
    odoo = target.connect()
    with pytest.raises(InputError, match="lead to 2 models"):
        odoo.prefetch("res.partner", [], ["parent_id", "country_id"], ["name"])
    with pytest.raises(InputError, match="leads to no records"):
        odoo.prefetch("res.partner", [], "name", ["name"])


# --- groups


def test_groups_have_typed_keys_counts_and_domains_that_find_them(target: Target) -> None:
    raw = target.admin()
    country = raw.find("res.country", [["code", "=", "BE"]], "name")[0]
    ids = partners(target, 5, color=2)
    raw.call("res.partner", "write", ids[:3], {"country_id": country["id"], "is_company": True})
    odoo = target.connect()
    domain = ["|", mine(target), ["id", "=", 0]]
    by_country = {
        group["country_id"]: group for group in odoo.group("res.partner", domain, ["country_id"], ["color:sum"])
    }
    assert set(by_country) == {Ref(country["id"], country["name"]), None}
    assert {key: group.count for key, group in by_country.items()} == {Ref(country["id"], country["name"]): 3, None: 2}
    assert by_country[None]["color:sum"] == 4
    for group in by_country.values():
        assert odoo.count("res.partner", group.domain) == group.count
    by_both = odoo.group("res.partner", [mine(target)], ["is_company", "ref"])
    assert {(group["is_company"], group["ref"], group.count) for group in by_both} == {
        (True, target.fresh_token, 3),
        (False, target.fresh_token, 2),
    }


def test_groups_come_in_the_order_of_an_aggregate(target: Target) -> None:
    raw = target.admin()
    ids = partners(target, 6, color=1)
    for code, part in (("BE", ids[:1]), ("NL", ids[1:4]), ("DE", ids[4:])):
        country = raw.find("res.country", [["code", "=", code]], "code")[0]["id"]
        raw.call("res.partner", "write", part, {"country_id": country})
    odoo = target.connect()

    def sums(**options: object) -> list[int]:
        return [
            group["color:sum"]
            for group in odoo.group("res.partner", [mine(target)], ["country_id"], ["color:sum"], **options)
        ]

    assert sums(order="color:sum desc") == [3, 2, 1]
    assert sums(order="color:sum") == [1, 2, 3]
    assert sums(order="color:sum desc", limit=2) == [3, 2]


@pytest.mark.parametrize("tz", ["UTC", "Europe/Brussels", "Pacific/Auckland", "America/Caracas"])
def test_days_and_months_of_moments_are_those_of_the_zone_that_was_named(target: Target, tz: str) -> None:
    ids = partners(target, 3)
    odoo = target.connect()
    moments = [record["create_date"] for record in odoo.read("res.partner", ids, ["create_date"])]
    for span in ("hour", "day", "week", "month", "quarter", "year"):
        groups = odoo.group("res.partner", [mine(target)], [f"create_date:{span}"], tz=tz)
        assert sum(group.count for group in groups) == 3
        for group in groups:
            found = group[f"create_date:{span}"]
            inside = [moment for moment in moments if found.start <= moment < found.end]
            assert len(inside) == group.count == odoo.count("res.partner", group.domain)
            local = found.start.astimezone(ZoneInfo(tz))
            assert local.utcoffset() == found.start.utcoffset()
            if span != "hour":
                assert (local.hour, local.minute, local.second) == (0, 0, 0)
            if span in ("month", "quarter", "year"):
                assert local.day == 1


def test_spans_of_dates_are_dates(target: Target) -> None:
    raw = target.admin()
    days = ("2026-01-31", "2026-02-01", "2026-02-28", False)
    leads = raw.call("crm.lead", "create", [{"name": target.fresh_token, "date_deadline": day} for day in days])
    groups = target.connect().group("crm.lead", [["id", "in", leads]], ["date_deadline:month"])
    assert {group["date_deadline:month"]: group.count for group in groups} == {
        Span(date(2026, 1, 1), date(2026, 2, 1)): 1,
        Span(date(2026, 2, 1), date(2026, 3, 1)): 2,
        None: 1,
    }


def test_month_and_week_of_one_date_are_told_apart(target: Target) -> None:
    lead = target.admin().create("crm.lead", name=target.fresh_token, date_deadline="2026-11-04")
    (group,) = target.connect().group("crm.lead", [["id", "=", lead]], ["date_deadline:week", "date_deadline:month"])
    assert group["date_deadline:month"] == Span(date(2026, 11, 1), date(2026, 12, 1))
    week = group["date_deadline:week"]
    assert week.start <= date(2026, 11, 4) < week.end == week.start + timedelta(days=7)


def test_sums_of_amounts_are_exact_and_have_the_digits_of_their_currency(target: Target) -> None:
    raw = target.admin()
    revenues = (0.1, 0.2, 70000000.07)
    leads = raw.call("crm.lead", "create", [{"name": target.fresh_token, "expected_revenue": r} for r in revenues])
    (group,) = target.connect().group("crm.lead", [["id", "in", leads]], [], ["expected_revenue:sum", "color:max"])
    assert str(group["expected_revenue:sum"]) == "70000000.37"
    assert group.count == 3
    currency = raw.call("res.company", "search_read", [], ["currency_id"])[0]["currency_id"][0]
    assert group.currencies == {"expected_revenue:sum": currency}


def test_amounts_of_several_currencies_are_never_added_up(target: Target) -> None:
    raw = target.admin()
    raw.call("res.currency", "write", [c["id"] for c in usd(raw)], {"active": True})
    partner = partners(target, 1)[0]
    company = raw.call("res.company", "search_read", [], ["currency_id"])[0]["currency_id"][0]
    for currency, price in ((company, 10.1), (usd(raw)[0]["id"], 5.05), (company, 20.2)):
        line = {"name": "x", "quantity": 1, "price_unit": price, "tax_ids": [[6, 0, []]]}
        values = {"move_type": "out_invoice", "partner_id": partner, "currency_id": currency}
        raw.create("account.move", **values, invoice_line_ids=[[0, 0, line]])
    odoo = target.connect()
    domain = [["partner_id", "=", partner]]
    with pytest.raises(InputError, match="group by currency_id too"):
        odoo.group("account.move", domain, ["state"], ["amount_total:sum"])
    groups = odoo.group("account.move", domain, ["currency_id"], ["amount_total:sum"])
    assert {group["currency_id"].id: str(group["amount_total:sum"]) for group in groups} == {
        company: "30.30",
        usd(raw)[0]["id"]: "5.05",
    }


def usd(raw: Raw) -> list[dict[str, int]]:
    return raw.find("res.currency", [["name", "=", "USD"]], "name", context={"active_test": False})


def test_no_records_give_no_groups_and_one_empty_whole(target: Target) -> None:
    odoo = target.connect()
    assert odoo.group("res.partner", [["id", "=", 0]], ["country_id"], ["color:sum"]) == []
    (whole,) = odoo.group("res.partner", [["id", "=", 0]], [], ["color:sum", "color:count", "create_date:max"])
    assert whole.count == 0
    assert whole.values == {"color:sum": None, "color:count": 0, "create_date:max": None}


def test_largest_and_smallest_values_are_of_the_field_s_type(target: Target) -> None:
    partners(target, 3)
    (whole,) = target.connect().group("res.partner", [mine(target)], [], ["create_date:max", "color:avg", "id:count"])
    assert whole["create_date:max"].tzinfo is UTC
    assert whole["color:avg"] == Decimal(0)
    assert whole["id:count"] == 3


@pytest.mark.parametrize(
    ("by", "aggregates", "why"),
    [
        (["create_date"], [], "create_date:month"),
        (["create_date:fortnight"], [], "no(t)? .*one"),
        (["name:month"], [], "is no date"),
        (["name"], ["color"], "color:sum"),
        (["name"], ["name:sum"], "has no sum"),
        (["color"], ["color:sum"], "cannot be aggregated as well"),
    ],
)
def test_questions_that_could_be_meant_in_two_ways_are_refused(
    target: Target, by: list[str], aggregates: list[str], why: str
) -> None:
    with pytest.raises(InputError, match=why):
        target.connect().group("res.partner", [], by, aggregates)


def test_a_field_that_is_not_kept_is_refused_by_the_server(target: Target) -> None:
    with pytest.raises(Refused):
        target.connect().group("res.partner", [], ["contact_address"])


def test_both_methods_of_the_server_give_the_same_groups(target: Target) -> None:
    if target.version < 19:
        assert [g.count for g in without_formatted(target.connect()).group("res.partner", [], [])] == [
            target.connect().count("res.partner", [])
        ]
        return
    raw = target.admin()
    ids = partners(target, 4, color=3)
    country = raw.find("res.country", [["code", "=", "BE"]], "name")[0]["id"]
    raw.call("res.partner", "write", ids[:2], {"country_id": country})
    question = ("res.partner", ["|", mine(target), ["id", "=", 0]], ["country_id", "create_date:day"], ["color:sum"])
    newer = target.connect().group(*question, tz="Europe/Brussels")
    older = without_formatted(target.connect()).group(*question, tz="Europe/Brussels")
    assert [(dict(g.keys), g.count, dict(g.values)) for g in newer] == [
        (dict(g.keys), g.count, dict(g.values)) for g in older
    ]


def without_formatted(odoo: Odoo) -> Odoo:
    """*odoo* as if its server had only the older method."""
    odoo.schema.has_formatted_groups = False
    return odoo
