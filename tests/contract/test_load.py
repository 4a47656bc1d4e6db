"""Every kind of answer that ``load`` gives, asked with plain requests: the same on the double and on real servers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.conftest import Server
from tests.contract.raw import Raw, RawFault, RawXml

PARTNER = "res.partner"


@pytest.fixture
def raw(server: Server) -> Raw:
    return server.raw()


class Loader:
    """``load`` of contacts whose keys begin with one test's token."""

    def __init__(self, raw: Raw, token: str) -> None:
        self.raw, self.token = raw, token

    def __call__(self, columns: str, *rows: Sequence[Any], model: str = PARTNER, **context: Any) -> dict[str, Any]:
        """Columns as words; the first cell of a row is the end of its key where the first column is ``id``."""
        names = columns.split()
        named = [[f"x{self.token}.{row[0]}", *row[1:]] if names[0] == "id" and row[0] else list(row) for row in rows]
        return dict(self.raw.call(model, "load", names, named, context=context))

    def key(self, name: str) -> str:
        return f"x{self.token}.{name}"

    def id_of(self, name: str) -> int:
        rows = self.raw.find("ir.model.data", [["module", "=", f"x{self.token}"], ["name", "=", name]], "res_id")
        return int(rows[0]["res_id"])

    def count(self) -> int:
        return int(self.raw.call("ir.model.data", "search_count", [["module", "=", f"x{self.token}"]]))


@pytest.fixture
def load(raw: Raw, token: str) -> Loader:
    return Loader(raw, token)


def only(answer: dict[str, Any]) -> dict[str, Any]:
    (message,) = answer["messages"]
    return dict(message)


def with_label(server: Server, message: dict[str, Any], label: str) -> dict[str, Any]:
    """19 adds the field's title to messages about a cell."""
    return {**message, "field_name": label} if server.version >= 17 else message


# Cells --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "label", "cell", "words", "more"),
    [
        ("color", "Color Index", "1.5", "'1.5' does not seem to be an integer for field 'Color Index'", None),
        (
            "partner_latitude", "Geo Latitude", "1,5",
            "'1,5' does not seem to be a number for field 'Geo Latitude'", None,
        ),
        ("parent_id/.id", "Related Company", "x", "Invalid database id 'x' for the field 'Related Company'", "key"),
        (
            "parent_id/.id", "Related Company", "99999999",
            "No matching record found for database id '99999999' in field 'Related Company'", "key",
        ),
        (
            "parent_id/id", "Related Company", "x.nope",
            "No matching record found for external id 'x.nope' in field 'Related Company'", "key",
        ),
        (
            "parent_id", "Related Company", "No Such",
            "No matching record found for name 'No Such' in field 'Related Company'", "name",
        ),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_told_in_full(
    server: Server, load: Loader, column: str, label: str, cell: str, words: str, more: str | None
) -> None:
    answer = load(f"id name {column}", ("a", "good", ""), ("b", "bad", cell))
    assert answer["ids"] is False
    field = column.partition("/")[0]
    expected = {"type": "error", "rows": {"from": 1, "to": 1}, "record": 1, "field": field, "message": words}
    message = only(answer)
    action = message.pop("moreinfo", None)
    assert message == with_label(server, expected, label)
    if more is None:
        assert action is None
    else:
        shown = {"res_model": "ir.model.data", "domain": [["model", "=", PARTNER]]} if more == "key" else {}
        assert {**action, "res_model": PARTNER, **shown} == action
        assert action["type"] == "ir.actions.act_window"
    assert load.count() == 0


def test_an_unknown_boolean_is_yes_with_a_warning_or_an_error(server: Server, load: Loader) -> None:
    answer = load("id name is_company", ("a", "A", "maybe"))
    words, more = "Unknown value 'maybe' for boolean field 'Is a Company'", "Use '1' for yes and '0' for no"
    message = only(answer)
    if server.version < 17:
        assert (message["type"], message["message"]) == ("warning", f"{words}, assuming 'yes'")
        assert load.raw.value(PARTNER, answer["ids"][0], "is_company") is True
    else:
        assert (answer["ids"], message["type"], message["message"]) == (False, "error", words)
    assert message["moreinfo"] == more


def test_boolean_words_are_read_in_capitals_or_not(load: Loader) -> None:
    words = ("1", "TRUE", "Yes", "0", "no", "False", "")
    ids = load("id name is_company", *((f"k{n}", "A", word) for n, word in enumerate(words)))["ids"]
    assert [load.raw.value(PARTNER, id_, "is_company") for id_ in ids] == [True] * 3 + [False] * 4


def test_a_selection_is_read_by_its_key_or_its_title(server: Server, load: Loader) -> None:
    title = "Invoice Address" if server.version < 17 else "Invoice"
    ids = load("id name type", ("a", "A", "invoice"), ("b", "B", title))["ids"]
    assert [load.raw.value(PARTNER, id_, "type") for id_ in ids] == ["invoice", "invoice"]


def test_only_the_new_server_reads_a_selection_in_capitals(server: Server, load: Loader) -> None:
    answer = load("id name type", ("a", "A", "INVOICE"))
    if server.version >= 17:
        assert load.raw.value(PARTNER, answer["ids"][0], "type") == "invoice"
    else:
        assert only(answer)["message"] == "Value 'INVOICE' not found in selection field 'Address Type'"


def test_a_refused_selection_names_the_values_there_are(load: Loader) -> None:
    message = only(load("id name type", ("a", "A", "zzz")))
    assert message["message"] == "Value 'zzz' not found in selection field 'Address Type'"
    assert message["moreinfo"][0] == "Contact"


@pytest.mark.parametrize(
    ("model", "columns", "cell", "words", "more"),
    [
        (
            "crm.lead", "id name date_deadline", "01/02/2026",
            "'01/02/2026' does not seem to be a valid date for field 'Expected Closing'", "Use the format '2012-12-31'",
        ),
        (
            "mail.message", "id body date", "2026-13-01 00:00:00",
            "'2026-13-01 00:00:00' does not seem to be a valid datetime for field 'Date'",
            "Use the format '2012-12-31 23:59:59'",
        ),
    ],
)  # fmt: skip
def test_a_date_that_is_none_is_told_with_the_form_it_should_have(
    load: Loader, model: str, columns: str, cell: str, words: str, more: str
) -> None:
    message = only(load(columns, ("a", "A", cell), model=model))
    assert (message["message"], message["moreinfo"]) == (words, more)


def test_a_clock_is_read_in_the_time_zone_of_the_context(load: Loader) -> None:
    rows = ("a", "A", "2026-12-01 12:00:00"), ("b", "B", "2026-07-01")
    ids = load("id body date", *rows, model="mail.message", tz="America/New_York")["ids"]
    assert [load.raw.value("mail.message", id_, "date") for id_ in ids] == [
        "2026-12-01 17:00:00",
        "2026-07-01 04:00:00",
    ]


def test_an_empty_cell_overrides_the_default_and_an_absent_column_does_not(load: Loader) -> None:
    (with_cell,) = load("id name lang", ("a", "A", ""))["ids"]
    (without,) = load("id name", ("b", "B"))["ids"]
    assert [load.raw.value(PARTNER, id_, "lang") for id_ in (with_cell, without)] == [False, "en_US"]


def test_a_cell_of_a_computed_field_is_ignored_without_a_word(load: Loader) -> None:
    answer = load("id name commercial_partner_id/.id create_date", ("a", "A", "1", "2020-01-01 00:00:00"))
    row = load.raw.one(PARTNER, answer["ids"][0], "commercial_partner_id", "create_date")
    assert answer["messages"] == []
    assert row["commercial_partner_id"][0] == row["id"]
    assert not row["create_date"].startswith("2020")


def test_an_unknown_column_is_a_fault_and_not_a_message(server: Server, load: Loader) -> None:
    with pytest.raises(RawFault) as caught:
        load("id name nope", ("a", "A", "1"))
    expected = (
        ("builtins.ValueError", "Invalid field name 'nope'") if server.version >= 17 else ("builtins.KeyError", "nope")
    )
    assert (caught.value.name, caught.value.message) == expected


def test_python_truth_in_a_boolean_cell_is_a_fault(load: Loader) -> None:
    with pytest.raises(RawFault, match="'bool' object has no attribute 'lower'"):
        load("id name is_company", ("a", "A", True))


def test_whole_numbers_nothing_and_short_rows_are_taken(load: Loader) -> None:
    ids = load("id name color", ("a", "A", 3), ("b", "B", None), ("c", "C"))["ids"]
    assert [load.raw.value(PARTNER, id_, "color") for id_ in ids] == [3, 0, 0]


# Links --------------------------------------------------------------------------------------------------------------


def test_a_name_that_several_have_takes_the_first_with_a_warning(server: Server, load: Loader, token: str) -> None:
    twins = [load.raw.create(PARTNER, name=f"Twin {token}", is_company=True) for _ in range(2)]
    answer = load("id name parent_id", ("a", "A", f"Twin {token}"))
    words = "Found multiple matches for field 'Related Company' (2 matches)"
    if server.version >= 17:
        words = f'Found multiple matches for value "Twin {token}" in field "Related Company" (2 matches)'
    message = only(answer)
    assert (message["type"], message["field"], message["message"]) == ("warning", "parent_id", words)
    assert load.raw.value(PARTNER, answer["ids"][0], "parent_id")[0] in twins


def test_a_list_of_names_is_split_at_commas_and_not_trimmed(load: Loader, token: str) -> None:
    tags = [load.raw.create("res.partner.category", name=f"{letter}{token}") for letter in "ab"]
    (id_,) = load("id name category_id", ("a", "A", f"a{token},b{token}"))["ids"]
    assert sorted(load.raw.value(PARTNER, id_, "category_id")) == tags
    words = only(load("id name category_id", ("b", "B", f"a{token}, b{token}")))["message"]
    assert words == f"No matching record found for name ' b{token}' in field 'Tags'"


def test_a_list_replaces_the_links_or_adds_to_them_where_told(load: Loader, token: str) -> None:
    one, two = (load.raw.create("res.partner.category", name=f"{letter}{token}") for letter in "ab")
    (id_,) = load("id name category_id/.id", ("a", "A", str(one)))["ids"]
    load("id name category_id/.id", ("a", "A", str(two)), update_many2many=True)
    assert sorted(load.raw.value(PARTNER, id_, "category_id")) == [one, two]
    load("id name category_id/.id", ("a", "A", str(one)))
    assert load.raw.value(PARTNER, id_, "category_id") == [one]


def test_two_ways_to_name_one_link_are_refused(load: Loader) -> None:
    message = only(load("id name parent_id/id parent_id/.id", ("a", "A", "", "1")))
    assert message["message"] == (
        "Ambiguous specification for field 'Related Company', only provide one of name, external id or database id"
    )
    assert "moreinfo" not in message


def test_a_missing_name_is_made_where_the_context_allows_it(load: Loader, token: str) -> None:
    (id_,) = load("id name parent_id", ("a", "A", f"New {token}"), name_create_enabled_fields={"parent_id": True})[
        "ids"
    ]
    assert load.raw.value(PARTNER, id_, "parent_id")[1] == f"New {token}"


@pytest.mark.versions(first=15)
def test_an_import_may_leave_out_what_it_does_not_find(load: Loader) -> None:
    row = ("a", "A", "No Such")
    (id_,) = load("id name parent_id", row, import_file=True, import_set_empty_fields=["parent_id"])["ids"]
    assert load.raw.value(PARTNER, id_, "parent_id") is False
    skipped = load("id name parent_id", ("b", "B", "No Such"), import_file=True, import_skip_records=["parent_id"])
    assert (skipped["ids"], skipped["messages"]) == ([], [])


# Lines --------------------------------------------------------------------------------------------------------------


def test_rows_with_nothing_but_lines_continue_the_record(load: Loader) -> None:
    answer = load("id name child_ids/name", ("a", "A", "one"), ("", "", "two"), ("b", "B", "three"))
    counts = [len(load.raw.value(PARTNER, id_, "child_ids")) for id_ in answer["ids"]]
    assert counts == [2, 1]


def test_a_bad_line_is_told_under_the_list_with_the_rows_of_the_record(server: Server, load: Loader) -> None:
    message = only(load("id name child_ids/name child_ids/color", ("a", "A", "c", "abc"), ("", "", "d", "x")))
    expected = {
        "type": "error", "rows": {"from": 0, "to": 1}, "record": 0, "field": "child_ids",
        "message": "'abc' does not seem to be an integer for field 'Contact/Color Index'",
    }  # fmt: skip
    assert message == with_label(server, expected, "Contact")


def test_lines_may_be_named_by_key_or_id_alone(load: Loader) -> None:
    one, two = load("id name", ("a", "A"), ("b", "B"))["ids"]
    (parent,) = load("id name child_ids/id", ("c", "C", f"{load.key('a')},{load.key('b')}"))["ids"]
    assert sorted(load.raw.value(PARTNER, parent, "child_ids")) == [one, two]
    (other,) = load("id name child_ids/.id", ("d", "D", f"{one},{two}"))["ids"]
    assert sorted(load.raw.value(PARTNER, other, "child_ids")) == [one, two]


# Records ------------------------------------------------------------------------------------------------------------


def test_a_required_field_that_is_empty_is_named(server: Server, load: Loader) -> None:
    message = only(load("id name", ("a", ""), model="crm.lead"))
    head = "Missing required value for the field 'Opportunity' (name)"
    assert message["message"].startswith(head)
    assert ("\nModel: 'Lead' (crm.lead)\n" in message["message"]) is (server.version >= 19)
    assert {key: message[key] for key in ("type", "field", "record", "rows")} == {
        "type": "error", "field": "name", "record": 0, "rows": {"from": 0, "to": 0},
    }  # fmt: skip


def test_a_refusal_of_the_database_has_no_field(server: Server, load: Loader) -> None:
    words = "'Contacts require a name'" if server.version < 16 else "Contacts require a name"
    expected = {"type": "error", "rows": {"from": 1, "to": 1}, "record": 1, "message": words}
    answer = load("id name", ("a", "A"), ("b", ""))
    assert (answer["ids"], answer["messages"]) == (False, [expected])
    assert load.count() == 0


def test_a_rule_of_a_model_is_wrapped_by_the_old_server_only(server: Server, load: Loader) -> None:
    load("id name parent_id/id", ("a", "A", ""), ("b", "B", load.key("a")))
    message = only(load("id name parent_id/id", ("a", "A", load.key("b"))))
    if server.version < 16:
        assert message["message"].startswith("Unknown error during import: <class 'odoo.exceptions.ValidationError'>: ")
        assert message["moreinfo"] == "Resolve other errors first"
    else:
        assert message["message"].startswith("You cannot create recursive")
        assert "moreinfo" not in message
    assert "field" not in message


def test_a_missing_right_is_a_message_too(server: Server, token: str) -> None:
    answer = server.raw("limited").call(PARTNER, "load", ["id", "name"], [[f"x{token}.a", "A"]])
    assert answer["ids"] is False
    assert "You are not allowed to create 'Contact' (res.partner) records." in only(answer)["message"]


def test_a_key_with_a_space_is_refused_by_the_database(load: Loader) -> None:
    assert 'violates check constraint "ir_model_data_name_nospaces"' in only(load("id name", ("a b", "A")))["message"]


def test_a_key_in_the_name_of_a_module_is_refused_in_an_import(server: Server, load: Loader, token: str) -> None:
    answer = load.raw.call(PARTNER, "load", ["id", "name"], [[f"base.{token}", "A"]], context={"import_file": True})
    if server.version < 16:
        assert len(answer["ids"]) == 1
    else:
        assert f"The record base.{token} has the module prefix base." in only(answer)["message"]


def test_an_unknown_database_id_is_told_under_its_column(load: Loader) -> None:
    message = only(load(".id name", ("99999999", "A")))
    assert (message["field"], message["message"]) == (".id", "Unknown database identifier '99999999'")


def test_keys_without_a_module_get_one(load: Loader, token: str) -> None:
    for context in ({}, {"module": f"m{token}"}):
        load.raw.call(PARTNER, "load", ["id", "name"], [[f"k{token}{len(context)}", "A"]], context=context)
    rows = load.raw.find("ir.model.data", [["name", "like", f"k{token}"]], "module", order="name")
    assert [row["module"] for row in rows] == ["__import__", f"m{token}"]


def test_a_key_twice_in_one_call_is_one_record_with_the_last_values(load: Loader) -> None:
    first, second = load("id name", ("a", "one"), ("a", "two"))["ids"]
    assert first == second
    assert load.raw.value(PARTNER, first, "name") == "two"


def test_a_record_that_is_not_to_be_updated_is_left_alone_in_update_mode_only(load: Loader) -> None:
    (id_,) = load("id name", ("a", "first"), noupdate=True)["ids"]
    load("id name", ("a", "second"), mode="update")
    assert load.raw.value(PARTNER, id_, "name") == "first"
    load("id name", ("a", "third"))
    assert load.raw.value(PARTNER, id_, "name") == "third"


# Batches ------------------------------------------------------------------------------------------------------------


def test_a_record_may_name_one_above_it_in_the_same_call(load: Loader) -> None:
    parent, child = load("id name parent_id/id", ("a", "A", ""), ("b", "B", load.key("a")))["ids"]
    assert load.raw.value(PARTNER, child, "parent_id")[0] == parent


def test_a_record_may_not_name_one_below_it(load: Loader) -> None:
    message = only(load("id name parent_id/id", ("b", "B", load.key("a")), ("a", "A", "")))
    assert (message["record"], message["field"]) == (0, "parent_id")
    assert load.count() == 0


def test_after_a_bad_row_19_has_forgotten_the_good_rows_before_it(server: Server, load: Loader) -> None:
    answer = load("id name parent_id/id", ("a", "A", ""), ("b", "", ""), ("c", "C", load.key("a")))
    records = [message["record"] for message in answer["messages"]]
    assert records == ([1] if server.version < 19 else [1, 2])
    if server.version >= 19:
        words = f"No matching record found for external id '{load.key('a')}' in field 'Related Company'"
        assert answer["messages"][1]["message"] == words
    assert load.count() == 0


def test_the_refusal_of_the_batch_comes_first_from_18_on(server: Server, load: Loader) -> None:
    load("id name parent_id/id", ("a", "A", ""), ("b", "B", load.key("a")))
    answer = load("id name parent_id/id", ("c", "C", ""), ("a", "A", load.key("b")))
    assert [message["record"] for message in answer["messages"]] == ([1] if server.version < 18 else [0, 1])
    assert len({message["message"] for message in answer["messages"]}) == 1


def test_ten_refusals_in_a_row_end_the_call(load: Loader) -> None:
    answer = load("id name", *((f"k{n}", "") for n in range(15)))
    errors, last = answer["messages"][:-1], answer["messages"][-1]
    assert [message["record"] for message in errors] == list(range(10))
    assert last == {
        "type": "warning",
        "message": "Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing too "
        "many errors.",
    }


def test_one_refusal_in_ten_does_not_end_the_call(load: Loader) -> None:
    rows = [(f"k{n}", "" if n >= 100 else "A") for n in range(112)]
    records = [message.get("record") for message in load("id name", *rows)["messages"]]
    assert records == [*range(100, 112), None]


def test_cells_that_cannot_be_read_are_all_told(load: Loader) -> None:
    answer = load("id name color", *((f"k{n}", "A", "abc") for n in range(15)))
    assert [message["record"] for message in answer["messages"]] == list(range(15))


@pytest.mark.parametrize(
    ("limit", "bad", "ids", "nextrow"), [(2, None, 2, 2), (5, None, 5, 5), (2, 1, 0, 2), (2, 3, 2, 2), (9, None, 5, 0)]
)
def test_a_limit_of_rows_says_where_to_go_on(load: Loader, limit: int, bad: int | None, ids: int, nextrow: int) -> None:
    rows = [(f"k{n}", "" if n == bad else "A") for n in range(5)]
    answer = load("id name", *rows, _import_limit=limit)
    assert (len(answer["ids"] or []), answer["nextrow"]) == (ids, nextrow)


def test_a_limit_does_not_cut_a_record(load: Loader) -> None:
    rows = ("a", "A", "one"), ("", "", "two"), ("b", "B", "three"), ("c", "C", "four")
    answer = load("id name child_ids/name", *rows, _import_limit=1)
    assert (len(answer["ids"]), answer["nextrow"]) == (1, 2)


# Keys by create ------------------------------------------------------------------------------------------------------


def test_create_under_a_key_makes_a_record_each_time_and_moves_the_key(raw: Raw, token: str) -> None:
    def create(name: str, key: str) -> int:
        values = [{"id": key, "name": name}]
        (made,) = raw.call(PARTNER, "create", values, context={"_import_current_module": f"x{token}"})
        return int(made)

    first = create("A", "key")
    second = create("B", f"x{token}.key")
    assert first != second
    rows = raw.find("ir.model.data", [["module", "=", f"x{token}"]], "name", "res_id")
    assert [(row["name"], row["res_id"]) for row in rows] == [("key", second)]


def test_an_id_among_the_values_of_create_is_ignored(raw: Raw, token: str) -> None:
    made = raw.create(PARTNER, name=token, id=f"k{token}")
    assert raw.value(PARTNER, made, "name") == token
    assert raw.find("ir.model.data", [["name", "=", f"k{token}"]], "id") == []


# Two at once --------------------------------------------------------------------------------------------------------


def test_of_calls_that_race_for_one_key_one_record_comes(server: Server, token: str) -> None:
    rows = [[f"x{token}.{number}", f"R {token}"] for number in range(40)]

    def send(_number: int) -> dict[str, Any]:
        return dict(server.raw().call(PARTNER, "load", ["id", "name"], rows))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    raw = server.raw()
    assert raw.call(PARTNER, "search_count", [["name", "=", f"R {token}"]]) == 40
    assert raw.call("ir.model.data", "search_count", [["module", "=", f"x{token}"]]) == 40
    winners = [answer for answer in answers if answer["ids"]]
    assert winners
    assert {tuple(answer["ids"]) for answer in winners} == {tuple(winners[0]["ids"])}
    for answer in answers:
        if not answer["ids"]:
            words = {message["message"].strip() for message in answer["messages"] if message["type"] == "error"}
            assert words == {"could not serialize access due to concurrent update"}


def test_a_load_over_xmlrpc_answers_the_same(server: Server, token: str) -> None:
    over_xml = server.raw(transport="xmlrpc")
    assert isinstance(over_xml, RawXml)
    rows = [[f"x{token}.a", ""]]
    answers = [raw.call(PARTNER, "load", ["id", "name"], rows) for raw in (over_xml, server.raw())]
    assert answers[0] == answers[1]
