"""Models generated from real servers: mypy takes them, and every record that the demo created comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oimkit.odoo import Odoo, connect
from oimkit.odoo.codegen import DEFAULT_MODELS, RECORD, ChangeKind, compare, package_files, read_record, survey
from tests.live import servers
from tests.live.session import hands_out_databases, server_of_this_process
from tests.odoo.round_trip import classes_of, failures, run_demo, strictly_typed, write_package

pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=[pytest.param(14, id="live-14"), pytest.param(19, id="live-19")])
def odoo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odoo]:
    """A database of its own in which the demo has run."""
    server = server_of_this_process(request.param) if hands_out_databases(request.param) else None
    if server is None:
        pytest.skip(f"no real Odoo {request.param} that hands out databases")
    name = servers.fresh_database(server.major)
    try:
        made = connect(server.url, database=name, user=server.user, secret=server.secret)
        run_demo(made, tmp_path_factory.mktemp("journal"), settle_after_s=5)
        yield made
    finally:
        servers.drop_database(server.major, name)


@pytest.fixture(scope="module")
def project(odoo: Odoo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_package(odoo, folder, f"real{odoo.version.major}")
    return folder


def test_mypy_takes_the_package(odoo: Odoo, project: Path) -> None:
    assert strictly_typed(project, f"real{odoo.version.major}") == ""


def test_every_record_of_the_demo_comes_back_as_it_was(odoo: Odoo, project: Path) -> None:
    classes = classes_of(project, f"real{odoo.version.major}")
    assert len(classes) >= 25
    wrong, counted = failures(odoo, classes)
    assert wrong == []
    assert counted["account.move"] > 5
    assert counted["account.analytic.line"] > 10


def test_second_survey_gives_the_same_bytes(odoo: Odoo, project: Path) -> None:
    for name, text in package_files(survey(odoo)).items():
        assert (project / f"real{odoo.version.major}" / name).read_text(encoding="utf-8") == text


def test_field_added_and_removed_on_the_server_is_told(odoo: Odoo, project: Path) -> None:
    before = read_record((project / f"real{odoo.version.major}" / RECORD).read_text(encoding="utf-8"))
    (model,) = odoo.search("ir.model", [["model", "=", "res.partner"]])
    created = odoo.call(
        "ir.model.fields",
        "create",
        vals_list=[
            {
                "name": "x_studio_size",
                "model_id": model,
                "ttype": "selection",
                "field_description": 'Size """ of\\ it',
                "help": "Told by\na person",
                "selection_ids": [[0, 0, {"value": "s", "name": "Small"}], [0, 0, {"value": "l", "name": "Large"}]],
            }
        ],
    )
    fields = created if isinstance(created, list) else [created]
    with_field = survey(odoo, DEFAULT_MODELS)
    changes = compare(before, with_field)
    assert {(change.model, change.field, change.kind) for change in changes} >= {
        ("res.partner", "x_studio_size", ChangeKind.NEW)
    }
    written = package_files(with_field)["res_partner.py"]
    assert '    x_studio_size: Literal["s", "l"] | None = unread()' in written
    assert "Custom field." in written[written.index("x_studio_size:") :][:300]
    odoo.call("ir.model.fields", "unlink", ids=fields)
    went = compare(with_field, survey(odoo, DEFAULT_MODELS))
    assert ("res.partner", "x_studio_size", ChangeKind.GONE) in {
        (change.model, change.field, change.kind) for change in went
    }
