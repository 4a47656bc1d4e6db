"""Models written from a server: whatever its texts hold they stay texts, and the same server gives the same bytes."""

from __future__ import annotations

import ast
import random
import string
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.errors import BadReply, InputError, InvalidCall
from oimkit.odoo import Odoo, connect
from oimkit.odoo.codegen import (
    RECORD,
    ChangeKind,
    Survey,
    compare,
    file_names,
    package_files,
    read_record,
    record_text,
    survey,
)
from oimkit.odoo.codegen.naming import RESERVED, attribute_names, class_names, module_names
from oimkit.odoo.typed import Model
from oimkit.odoo.version import ServerVersion
from oimkit.sandbox import Sandbox
from tests.odoo.round_trip import classes_of, failures, run_demo, strictly_typed, write_package

Facts = dict[str, dict[str, Any]]


class Told:
    """A server that tells of its fields what a test wants."""

    version = ServerVersion.parse("19.0-20260101")
    server_key = "0f0f"

    def __init__(self, models: Mapping[str, Facts]) -> None:
        self.models = models

    def with_context(self, **context: object) -> Told:
        assert context == {"lang": "en_US"}
        return self

    def call(self, model: str, method: str, **_arguments: object) -> Any:
        assert method == "fields_get"
        if model not in self.models:
            raise InvalidCall(f"no model {model}")
        return self.models[model]


def told(fields: Facts, model: str = "x.model") -> Survey:
    return survey(Told({model: fields}), [model])  # type: ignore[arg-type]


def source(fields: Facts) -> str:
    return package_files(told(fields))["x_model.py"]


def load(fields: Facts) -> type[Model]:
    """The class that is written for *fields*."""
    names: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source(fields), "generated", "exec", dont_inherit=True), names)
    found = names["XModel"]
    assert issubclass(found, Model)
    return found


def line_of(fields: Facts, attribute: str) -> str:
    (line,) = [line for line in source(fields).splitlines() if line.startswith(f"    {attribute}: ")]
    return line.strip()


# --- types


@pytest.mark.parametrize(
    ("facts", "written"),
    [
        ({"type": "char"}, "str | None"),
        ({"type": "char", "required": True}, "str"),
        ({"type": "boolean"}, "bool"),
        ({"type": "integer"}, "int"),
        ({"type": "many2one_reference"}, "RecordRef | None"),
        ({"type": "float"}, "Decimal"),
        ({"type": "monetary"}, "Decimal"),
        ({"type": "date"}, "Date | None"),
        ({"type": "datetime", "required": True}, "AwareDatetime"),
        ({"type": "many2one", "relation": "_unknown"}, "Ref | None"),
        ({"type": "one2many", "relation": "a.b"}, "tuple[int, ...]"),
        ({"type": "html"}, "str | None"),
        ({"type": "reference", "required": True}, "RecordRef"),
        ({"type": "binary"}, "bytes | None"),
        ({"type": "binary", "store": False}, "Any"),
        ({"type": "json"}, "Any"),
        ({"type": "properties"}, "Properties"),
        ({"type": "properties_definition"}, "tuple[Definition, ...]"),
        ({"type": "a type to come"}, "Any"),
        ({"type": "selection", "selection": [["a", "A"], ["b", "B"]]}, 'Literal["a", "b"] | None'),
        ({"type": "selection", "selection": [["a", "A"]], "required": True}, 'Literal["a"]'),
        ({"type": "selection", "selection": [[False, ""], [2, "Two"], [3, "Three"]]}, "Literal[2, 3] | None"),
        ({"type": "selection", "selection": [['say "it\'s"', "x"]]}, "Literal['say \"it\\'s\"'] | None"),
        ({"type": "selection", "selection": [["é\u202e\n", "x"]]}, 'Literal["\\xe9\\u202e\\n"] | None'),
        ({"type": "selection", "selection": [[True, "x"], ["b", "B"]]}, "str | None"),
        ({"type": "selection", "selection": [["x" * 201, "X"]]}, "str | None"),
        ({"type": "selection", "selection": []}, "str | None"),
        ({"type": "selection", "selection": False}, "str | None"),
        ({"type": "selection", "selection": [[str(n), ""] for n in range(101)]}, "str | None"),
    ],
)
def test_field_has_the_type_that_the_codec_gives(facts: dict[str, Any], written: str) -> None:
    assert line_of({"x_field": facts}, "x_field") == f"x_field: {written} = unread()"
    load({"x_field": facts})


def test_installed_languages_are_no_literal() -> None:
    assert line_of({"lang": {"type": "selection", "selection": [["en_US", "English"]]}}, "lang").endswith(
        "str | None = unread()"
    )


def test_longest_literal_stands_one_value_a_line() -> None:
    values = [[f"value_{n}", str(n)] for n in range(100)]
    kind = load({"x_field": {"type": "selection", "selection": values}})
    assert kind.from_record({"id": 1, "x_field": "value_99"}).to_record()["x_field"] == "value_99"
    with pytest.raises(InputError, match="selection that the class does not know"):
        kind.from_record({"id": 1, "x_field": "value_100"})


# --- texts


def docstrings(text: str) -> list[str]:
    (kind,) = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    return [
        node.value.value
        for node in kind.body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]


def shape(text: str) -> list[str]:
    """The kinds of statements in a module and its class: what runs when it is imported."""
    tree = ast.parse(text)
    (kind,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return [type(node).__name__ for node in (*tree.body, *kind.body)]


CALM = shape(source({"x_field": {"type": "selection", "string": "Label", "help": "Help", "selection": [["a", "A"]]}}))


@pytest.mark.parametrize(
    "text",
    [
        '"""\nimport os; os.abort()\n"""',
        '"' * 7,
        "\\",
        '\\"""',
        'ends with a quote"',
        "ends with a backslash\\",
        "\\N{BULLET} \\x \\u12",
        "line\r\nline\u2028line\x0bline\x85line",
        "\x00 NUL \x1b[31m",
        "half \ud800 pair",
        "\u202eright to left\u2066",
        "#" + "x" * 5000,
        "",
        "   ",
    ],
)
def test_hostile_label_and_help_stay_in_their_docstring(text: str) -> None:
    facts = {"type": "selection", "string": text, "help": text, "selection": [[text[:200], text]], "relation": text}
    written = source({"x_field": facts})
    assert shape(written) == CALM
    written.encode("utf-8")
    assert all(character.isprintable() or character == "\n" for character in written)
    assert max(map(len, written.splitlines())) < 12_000


@given(st.text(max_size=80), st.text(max_size=300), st.text(max_size=20))
def test_no_text_at_all_breaks_out(label: str, words: str, value: str) -> None:
    written = source({"x_field": {"type": "selection", "string": label, "help": words, "selection": [[value, label]]}})
    assert shape(written) == CALM
    compile(written, "generated", "exec", dont_inherit=True)


def test_names_of_models_and_fields_break_nothing() -> None:
    nasty = ['x"); import os #', "../../etc", "x\ny", "", "1st", "class", "é"]
    fields: Facts = {name: {"type": "char", "relation": name} for name in nasty}
    for model in nasty:
        files = package_files(survey(Told({model: fields}), [model]))  # type: ignore[arg-type]
        assert all(set(name) <= set(string.ascii_letters + string.digits + "_-.") for name in files)
        assert all("/" not in name and not name.startswith(".") for name in files)
        for name, text in files.items():
            if name.endswith(".py"):
                compile(text, name, "exec")
    assert load(fields).from_record({"id": 1, 'x"); import os #': "a", "1st": None}).id == 1


def test_docstring_tells_label_help_values_and_what_may_be_done() -> None:
    facts = {
        "type": "selection",
        "string": "Status",
        "help": "Where it\nstands",
        "required": True,
        "readonly": True,
        "manual": True,
        "store": False,
        "selection": [["a", "First"], ["b", "Second"]],
    }
    assert docstrings(source({"x_state": facts}))[-1] == (
        "Status. Where it stands. Values: a = First, b = Second. Required. Read-only. Not stored. Custom field."
    )


# --- names


def test_every_attribute_of_the_base_class_is_reserved() -> None:
    own = {name for name in dir(Model) if not name.startswith("_")} - {"id"}
    assert own <= RESERVED


@pytest.mark.parametrize("name", [*sorted(RESERVED), "class", "__last_update", "_x", "1st", "a-b", "ä", "None", "___"])
def test_field_of_any_name_can_be_read(name: str) -> None:
    kind = load({name: {"type": "char"}, "date": {"type": "date"}, "type": {"type": "date"}})
    record = {"id": 1, name: "x", "date": None}
    instance = kind.from_record(record)
    assert instance.to_record() == record
    assert getattr(instance, attribute_names([name, "date"])[name]) == "x"


def test_names_that_would_be_the_same_are_told_apart() -> None:
    assert attribute_names(["a_b", "a-b", "a.b"]) == {"a_b": "a_b", "a-b": "a_b_", "a.b": "a_b__"}
    assert class_names(["a.b_c", "a_b.c"]) == {"a.b_c": "ABC", "a_b.c": "ABC2"}
    assert module_names(["a.b_c", "a_b.c"]) == {"a.b_c": "a_b_c", "a_b.c": "a_b_c_2"}


# --- the same server gives the same bytes


def test_order_in_which_a_server_tells_its_fields_changes_nothing() -> None:
    fields: Facts = {f"f_{number}": {"type": "char", "string": str(number)} for number in range(50)}
    fields |= {"class": {"type": "char"}, "class_": {"type": "char"}}
    shuffled = list(fields.items())
    random.Random(5).shuffle(shuffled)
    assert package_files(told(fields)) == package_files(told(dict(shuffled)))


def test_nothing_tells_of_address_or_secret() -> None:
    text = "".join(package_files(told({"name": {"type": "char"}})).values())
    assert "# Written by oimkit models generate from Odoo 19.0, server 0f0f; do not edit." in text
    assert "http" not in text


def test_names_of_files_are_known_from_the_record_alone() -> None:
    found = told({"state": {"type": "selection", "selection": [["a", "A"]]}})
    assert file_names(read_record(record_text(found))) == package_files(found).keys()


def test_one_more_field_is_a_small_difference() -> None:
    before = package_files(told({"a": {"type": "char"}, "c": {"type": "char"}}))
    after = package_files(told({"a": {"type": "char"}, "b": {"type": "char"}, "c": {"type": "char"}}))
    for name in before:
        assert set(before[name].splitlines()) <= set(after[name].splitlines())
        assert len(after[name].splitlines()) - len(before[name].splitlines()) <= 3


# --- what was generated, and what has changed since


def test_record_tells_what_was_generated() -> None:
    found = told(
        {
            "state": {"type": "selection", "selection": [["a", "A"], [2, "Two"]], "required": True},
            "name": {"type": "char", "readonly": True, "store": False, "manual": True},
            "line_ids": {"type": "one2many", "relation": "x.line"},
        }
    )
    again = read_record(record_text(found))
    assert compare(again, found) == ()
    assert compare(found, again) == ()
    assert again.by_name["x.model"].by_name["state"].selection == ("a", 2)
    assert again.by_name["x.model"].by_name["name"].custom


def test_text_that_is_no_record_is_refused() -> None:
    for text in ("", "[]", "{}", '{"form": "oimkit models 1"}', "[" * 100_000, '{"form": "oimkit models 2"}'):
        with pytest.raises(InputError, match="generate the models again"):
            read_record(text)


def test_description_that_is_none_is_refused() -> None:
    with pytest.raises(BadReply, match=r"description of x.model"):
        survey(Told({"x.model": ["no"]}), ["x.model"])  # type: ignore[dict-item, arg-type]


BEFORE: Facts = {
    "id": {"type": "integer"},
    "gone": {"type": "char"},
    "typed": {"type": "char"},
    "partner_id": {"type": "many2one", "relation": "res.partner"},
    "state": {"type": "selection", "selection": [["a", "A"], ["b", "B"]]},
    "needed": {"type": "char"},
    "fixed": {"type": "char"},
    "opened": {"type": "selection", "selection": [["a", "A"]]},
    "image": {"type": "binary"},
    "same": {"type": "selection", "selection": [["a", "A"], ["b", "B"]], "string": "Same"},
}
AFTER: Facts = {
    "id": {"type": "integer"},
    "new": {"type": "char"},
    "typed": {"type": "text"},
    "partner_id": {"type": "many2one", "relation": "res.users"},
    "state": {"type": "selection", "selection": [["b", "B"], ["c", "C"]]},
    "needed": {"type": "char", "required": True},
    "fixed": {"type": "char", "readonly": True},
    "opened": {"type": "selection", "selection": []},
    "image": {"type": "binary", "store": False},
    "same": {"type": "selection", "selection": [["b", "Other"], ["a", "Words"]], "string": "As before"},
}


def test_every_change_that_a_program_notices_is_told() -> None:
    assert [change.text for change in compare(told(BEFORE), told(AFTER))] == [
        "x.model.fixed: readonly, was no, is yes",
        "x.model.gone: field gone",
        "x.model.image: type, was stored binary, is computed binary",
        "x.model.needed: required, was no, is yes",
        "x.model.new: field new",
        "x.model.opened: type, was 1 values, is any text",
        "x.model.partner_id: relation, was res.partner, is res.users",
        "x.model.state: selection, 'a' went, 'c' came",
        "x.model.typed: type, was char, is text",
    ]


def test_models_that_went_and_came_are_told() -> None:
    before = survey(Told({"a.gone": {}}), ["a.gone", "b.new"])  # type: ignore[arg-type]
    now = survey(Told({"b.new": {}}), ["a.gone", "b.new"])  # type: ignore[arg-type]
    assert [(change.model, change.kind) for change in compare(before, now)] == [
        ("a.gone", ChangeKind.MODEL_GONE),
        ("b.new", ChangeKind.MODEL_NEW),
    ]
    assert [change.model for change in compare(before, now, ["a.gone"])] == ["a.gone"]


# --- on the double


@pytest.fixture(scope="module", params=[14, 19])
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def odoo(version: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odoo]:
    with Sandbox(version=version) as server:
        made = connect(server.url, database=server.database, user=server.user, secret=server.secret)
        run_demo(made, tmp_path_factory.mktemp("journal"), settle_after_s=2)
        yield made


@pytest.fixture(scope="module")
def project(odoo: Odoo, version: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_package(odoo, folder, f"double{version}")
    return folder


USE = """
from datetime import datetime
from decimal import Decimal
from typing import Literal, assert_type

from oimkit.odoo import Odoo, Ref
from {package} import AccountMove, ResPartner


def total(odoo: Odoo) -> Decimal:
    moves = odoo.search_read("account.move", [], ["amount_total", "state"], typed=AccountMove)
    assert_type(moves, list[AccountMove])
    for move in odoo.stream("account.move", [], ["partner_id"], typed=AccountMove):
        assert_type(move.partner_id, Ref | None)
        assert_type(move.state, Literal["draft", "posted", "cancel"])
        assert_type(move.invoice_line_ids, tuple[int, ...])
    partner = ResPartner(id=1, name="Harbour")
    assert_type(partner.write_date, datetime | None)
    return sum((move.amount_total for move in moves), Decimal(0))
"""

MISUSE = """
from {package} import AccountMove

move = AccountMove(id=1, state="draft")
move.phonne
if move.state == "open":
    pass
move.amount_total + 0.5
AccountMove(id=1, amount_total=0.5)
move.name.upper()
"""


@pytest.mark.slow
def test_mypy_takes_the_package_and_sees_its_misuse(project: Path, version: int) -> None:
    package = f"double{version}"
    (project / "use.py").write_text(USE.format(package=package))
    (project / "misuse.py").write_text(MISUSE.format(package=package))
    assert strictly_typed(project, package, "use.py") == ""
    seen = strictly_typed(project, "misuse.py").splitlines()
    assert [int(line.split(":")[1]) for line in seen if "error" in line] == [5, 6, 8, 9, 10]


def test_package_is_imported_without_building_its_validators(project: Path, version: int) -> None:
    """Or a program with 30 models waited for seconds before its first line."""
    code = (
        f"import double{version} as package\n"
        "built = [name for name in package.__all__ if getattr(package, name).__pydantic_complete__]\n"
        "assert package.__all__ and not built, built\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=project)


def test_every_record_of_the_demo_comes_back_as_it_was(odoo: Odoo, project: Path, version: int) -> None:
    classes = classes_of(project, f"double{version}")
    assert len(classes) >= 25
    wrong, counted = failures(odoo, classes, double=True)
    assert wrong == []
    assert counted["account.move"] > 5
    assert counted["account.analytic.line"] > 10


def test_second_run_writes_the_same_bytes(odoo: Odoo, project: Path, version: int) -> None:
    odoo.schema.forget()
    for name, text in package_files(survey(odoo)).items():
        assert (project / f"double{version}" / name).read_text(encoding="utf-8") == text


def test_field_removed_on_the_server_is_told(odoo: Odoo, project: Path, version: int) -> None:
    before = read_record((project / f"double{version}" / RECORD).read_text(encoding="utf-8"))

    class Without:
        version, server_key = odoo.version, odoo.server_key

        def with_context(self, **_context: object) -> Without:
            return self

        def call(self, model: str, method: str, **arguments: Any) -> Any:
            told = odoo.call(model, method, **arguments)
            if model == "res.partner":
                del told["phone"]
            return told

    now = survey(Without(), [model.name for model in before.models])  # type: ignore[arg-type]
    assert [(change.model, change.field, change.kind) for change in compare(before, now)] == [
        ("res.partner", "phone", ChangeKind.GONE)
    ]


def test_models_that_the_server_lacks_are_named(odoo: Odoo) -> None:
    assert survey(odoo, ["res.partner", "helpdesk.nothing"]).missing == ("helpdesk.nothing",)
