"""``oimkit models``: a package is written whole, again only where it differs, and checked against the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from oimkit.odoo.codegen import RECORD
from oimkit.sandbox import Sandbox

Caller = Callable[..., Result]
JsonCaller = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module", params=[14, 19])
def server(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(version=request.param) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def connection(server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("url", "database", "user", "secret"):
        monkeypatch.setenv(f"OIMKIT_{name.upper()}", str(getattr(server, name)))


def edit_record(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Make the package's record tell of another server than the one there is."""
    path = folder / "odoo_models" / RECORD
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def test_package_of_the_usual_models_is_written(call: Caller, tmp_path: Path) -> None:
    result = call("models", "generate", "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "models with" in result.stdout
    names = {path.name for path in (tmp_path / "odoo_models").iterdir()}
    assert len(names) >= 25 + 3
    assert {"__init__.py", "py.typed", RECORD, "res_partner.py", "account_move_line.py"} <= names


def test_named_models_alone_are_written_and_those_before_are_taken_away(call: Caller, tmp_path: Path) -> None:
    call("models", "generate", "--out", tmp_path, "--model", "res.partner", "--model", "crm.stage")
    kept = tmp_path / "odoo_models" / "own.txt"
    kept.write_text("of a person")
    result = call("models", "generate", "--out", tmp_path, "--model", "crm.stage", "--package", "odoo_models")
    assert result.exit_code == 0, result.stderr
    names = {path.name for path in (tmp_path / "odoo_models").iterdir()}
    assert names == {"__init__.py", "py.typed", RECORD, "crm_stage.py", "own.txt"}


def test_files_that_are_as_they_should_be_are_not_touched(call: Caller, tmp_path: Path) -> None:
    call("models", "generate", "--out", tmp_path, "--model", "crm.stage")
    path = tmp_path / "odoo_models" / "crm_stage.py"
    before = path.stat().st_mtime_ns, path.read_bytes()
    assert call("models", "generate", "--out", tmp_path, "--model", "crm.stage").exit_code == 0
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_folder_with_other_files_is_refused(call: Caller, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "crm_stage.py").write_text("mine")
    result = call("models", "generate", "--out", tmp_path, "--package", "src", "--model", "crm.stage")
    assert result.exit_code == 2
    assert "src holds files that are no generated models" in result.stderr
    assert (tmp_path / "src" / "crm_stage.py").read_text() == "mine"


@pytest.mark.parametrize("name", ["../x", "a-b", "class", "", "a/b", "é"])
def test_package_whose_name_is_no_python_name_is_refused(call: Caller, tmp_path: Path, name: str) -> None:
    assert call("models", "generate", "--out", tmp_path, "--package", name).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_model_that_the_server_lacks_is_refused_when_named(call: Caller, tmp_path: Path) -> None:
    result = call("models", "generate", "--out", tmp_path, "--model", "no.such.model")
    assert result.exit_code == 3
    assert "the server has no model no.such.model" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_of_an_unchanged_server_finds_nothing(call: Caller, tmp_path: Path) -> None:
    call("models", "generate", "--out", tmp_path)
    result = call("models", "generate", "--out", tmp_path, "--check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_check_tells_what_went_came_and_changed(call: Caller, call_json: JsonCaller, tmp_path: Path) -> None:
    call("models", "generate", "--out", tmp_path, "--model", "crm.stage")

    def change(record: dict[str, Any]) -> None:
        fields = record["models"]["crm.stage"]
        fields["gone_field"] = {"type": "char"}
        fields["name"]["type"] = "text"
        del fields["sequence"]

    edit_record(tmp_path, change)
    result = call("models", "generate", "--out", tmp_path, "--check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "crm.stage.gone_field: field gone",
        "crm.stage.name: type, was text, is char",
        "crm.stage.sequence: field new",
    ]
    rows = call_json("models", "generate", "--out", tmp_path, "--check", "--json", status=1)
    assert rows[0] == {
        "type": "change",
        "model": "crm.stage",
        "field": "gone_field",
        "change": "field gone",
        "was": "",
        "now": "",
    }


def test_check_leaves_the_package_as_it_is(call: Caller, tmp_path: Path) -> None:
    call("models", "generate", "--out", tmp_path, "--model", "crm.stage")
    edit_record(tmp_path, lambda record: record["models"]["crm.stage"].pop("sequence"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "odoo_models").iterdir()}
    call("models", "generate", "--out", tmp_path, "--check")
    assert {path.name: path.read_bytes() for path in (tmp_path / "odoo_models").iterdir()} == before


def test_check_without_a_package_is_refused(call: Caller, tmp_path: Path) -> None:
    result = call("models", "generate", "--out", tmp_path, "--check")
    assert result.exit_code == 2
    assert RECORD in result.stderr


def test_check_of_a_model_that_was_not_generated_is_refused(call: Caller, tmp_path: Path) -> None:
    call("models", "generate", "--out", tmp_path, "--model", "crm.stage")
    result = call("models", "generate", "--out", tmp_path, "--check", "--model", "res.partner")
    assert result.exit_code == 2
    assert "the package has no model res.partner" in result.stderr


# --- what breaks on another version


def test_way_between_two_versions_is_told_without_a_server(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OIMKIT_URL")
    result = call("models", "breaks", "--from", 14, "--on", 19)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert "crm.lead.lost_reason -> lost_reason_id: renamed, oimkit knows both (read on 14 and 19)" in lines
    assert "res.partner.mobile: gone; the upgrade folds it into phone (read on 14 and 19)" in lines
    assert "base.name_get(): gone; read display_name (read on 14 and 19)" in lines
    assert "model res.partner.title: gone (OpenUpgrade analysis)" in lines


def test_server_is_asked_when_no_version_is_named(call_json: JsonCaller, server: Sandbox) -> None:
    rows = call_json("models", "breaks", "--on", 19, "--json", status=1 if server.version < 19 else 0)
    if server.version < 19:
        (row,) = [row for row in rows if (row["model"], row["name"]) == ("crm.lead", "lost_reason")]
        assert (row["now"], row["then"], row["on_server"]) == ("lost_reason", "lost_reason_id", "lost_reason")
    assert [row for row in rows if row["type"] == "unexpected"] == []


def test_only_what_oimkit_relies_on_is_told_on_request(call_json: JsonCaller) -> None:
    rows = call_json("models", "breaks", "--from", 14, "--on", 19, "--used", "--json", status=1)
    assert rows
    assert all(row["used"] for row in rows)


def test_version_beyond_the_map_is_refused(call: Caller) -> None:
    result = call("models", "breaks", "--from", 19, "--on", 20)
    assert result.exit_code == 2
    assert "the version map tells of Odoo 12 to 19, not of 20" in result.stderr


def test_same_version_breaks_nothing_and_says_so(call: Callable[..., Result]) -> None:
    result = call("models", "breaks", "--from", 19, "--on", 19)
    assert (result.exit_code, "nothing that oimkit knows of breaks" in result.stdout) == (0, True)
