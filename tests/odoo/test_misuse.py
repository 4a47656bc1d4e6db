"""What is easily typed wrongly is refused here, in one sentence that says how it is written."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from oimkit.errors import InputError
from oimkit.odoo import Journal, Odoo
from oimkit.odoo.documents import attach, save_attachment
from oimkit.odoo.typed import Model

FLAT = ["name", "=", "x"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda odoo: odoo.search("res.partner", FLAT),
        lambda odoo: odoo.count("res.partner", FLAT),
        lambda odoo: odoo.search_read("res.partner", FLAT, ["name"]),
        lambda odoo: list(odoo.stream("res.partner", FLAT, ["name"])),
        lambda odoo: odoo.search("res.partner", "name = x"),
    ],
)
def test_domain_without_brackets_around_its_term_is_told_as_such(odoo: Odoo, ask: Callable[[Odoo], object]) -> None:
    with pytest.raises(InputError, match=r'write \[\("field", "=", value\)\]'):
        ask(odoo)


def test_id_that_is_no_list_is_refused_for_reading_as_for_writing(odoo: Odoo) -> None:
    for act in (lambda: odoo.read("res.partner", 3, ["name"]), lambda: odoo.write("res.partner", 3, {"name": "x"})):
        with pytest.raises(InputError, match=r"the ids of records are a list, also for one record; give \[id\]"):
            act()


class Partner(Model):
    odoo_model = "res.partner"
    name: str | None = None


def test_values_that_are_no_mapping_are_refused(odoo: Odoo) -> None:
    (typed,) = odoo.read("res.partner", [1], ["name"], typed=Partner)
    for values in (typed, [("name", "x")]):
        with pytest.raises(InputError, match=r"a mapping of fields to values; .* of a typed record give to_record\(\)"):
            odoo.write("res.partner", [1], values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "ask",
    [
        lambda odoo: odoo.read("res.partner", [1], ["name"], typed=dict),
        lambda odoo: odoo.search_read("res.partner", [], ["name"], typed=dict),
        lambda odoo: list(odoo.stream("res.partner", [], ["name"], typed=dict)),
    ],
)
def test_class_that_is_no_model_is_refused(odoo: Odoo, ask: Callable[[Odoo], object]) -> None:
    with pytest.raises(InputError, match="typed takes a class of the model that is read"):
        ask(odoo)


@pytest.mark.parametrize(
    ("record", "content", "said"),
    [(1, "text", "is bytes"), (1, BytesIO(b"x"), r"read the file first"), ([1], b"x", r"give id, not \[id\]")],
)
def test_attaching_what_is_no_content_or_to_no_record_is_refused(
    odoo: Odoo, record: object, content: object, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        attach(odoo, "res.partner", record, "a.txt", content)  # type: ignore[arg-type]


def test_attachment_is_saved_under_a_path_too(odoo: Odoo, tmp_path: Path) -> None:
    made = attach(odoo, "res.partner", 1, "a.txt", b"content")
    assert save_attachment(odoo, made, tmp_path / "a.txt") == made
    save_attachment(odoo, made.id, str(tmp_path / "b.txt"))
    assert [(tmp_path / name).read_bytes() for name in ("a.txt", "b.txt")] == [b"content"] * 2


def test_attachment_that_is_refused_leaves_the_file_at_the_path_alone(odoo: Odoo, tmp_path: Path) -> None:
    made = attach(odoo, "res.partner", 1, "a.txt", b"content")
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(InputError, match="limit"):
        save_attachment(odoo, made, tmp_path / "a.txt", limit_bytes=3)
    assert (tmp_path / "a.txt").read_text() == "mine"


def test_journal_is_opened_in_a_folder_that_is_named_by_text(tmp_path: Path) -> None:
    with Journal.open(str(tmp_path / "here"), "0123456789abcdef") as journal:
        assert journal.path.parent == tmp_path / "here"


@pytest.mark.parametrize(
    ("by", "aggregates", "said"),
    [(["create_date"], [], "create_date needs a span"), (["country_id"], ["color"], "color needs a function")],
)
def test_group_without_span_or_function_says_what_it_needs(
    odoo: Odoo, by: list[str], aggregates: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        odoo.group("res.partner", [], by, aggregates)
