"""Generated models proven on one database: mypy takes them, and every record comes back as it was read."""

from __future__ import annotations

import copy
import importlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from oimkit.cli.demo.chain import Demo, run_chain
from oimkit.cli.demo.company import examples_folder, read_company
from oimkit.errors import OdooError
from oimkit.odoo import Journal, Odoo, Ref
from oimkit.odoo.codec import Definition, Field, Properties, RecordRef, encode_value
from oimkit.odoo.codegen import package_files, survey
from oimkit.odoo.reading import Columns
from oimkit.odoo.typed import Model

MOST = 2000
"""Records of a model that are read; the demo makes fewer than a hundred."""

UNREADABLE = {
    "account.account.root_id",  # 19: its records have texts for ids
    "account.move.line.account_root_id",
    "account.move.needed_terms",  # 19: a mapping whose keys no transport carries
    "crm.team.dashboard_graph_data",  # 14: refused where the team of the website has no model for its graph
    "ir.attachment.raw",  # plain text in a field of bytes: `datas` holds the same, encoded
    "project.project.is_rotting",  # 19: refused to everybody who is no administrator of stages
    "project.project.rotting_days",
}
"""Fields that a real server refuses to read for all records, or sends in a form that its own fields_get denies."""


def run_demo(odoo: Odoo, journal: Path, *, settle_after_s: float) -> None:
    """Fill the database with what ``oimkit demo`` creates."""
    company, hours = read_company(examples_folder())
    with Journal.open(journal, odoo.server_key) as opened:
        outcome = run_chain(
            Demo(company, hours, examples_folder()), odoo, opened, say=str, settle_after_s=settle_after_s
        )
    assert outcome.created > 50


def write_package(odoo: Odoo, folder: Path, package: str) -> None:
    target = folder / package
    target.mkdir(parents=True)
    for name, text in package_files(survey(odoo)).items():
        (target / name).write_text(text, encoding="utf-8")


def strictly_typed(folder: Path, *targets: str) -> str:
    """What ``mypy --strict`` says of *targets* in a project that has nothing but oimkit."""
    answer = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", *targets],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    return answer.stdout + answer.stderr


def classes_of(folder: Path, package: str) -> dict[str, type[Model]]:
    """The generated classes by their models."""
    sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module(package)
    finally:
        sys.path.remove(str(folder))
    found = [getattr(module, name) for name in module.__all__]
    return {one.odoo_model: one for one in found}


def failures(
    odoo: Odoo, classes: Mapping[str, type[Model]], *, double: bool = False
) -> tuple[list[str], dict[str, int]]:
    """What does not come back as it was read, in words, and how many records of each model were looked at."""
    everything = odoo.with_context(active_test=False)
    wrong: list[str] = []
    counted = {}
    for model, kind in classes.items():
        ids = everything.search(model, [], order="id", limit=MOST)
        counted[model] = len(ids)
        if not ids:
            continue
        names = readable(everything, model, ids, kind.server_names(), double=double)
        columns = Columns.of(odoo.schema, model, names)
        wire = everything.call(model, "read", ids=ids, fields=list(columns.asked))
        plain = columns.decoded(copy.deepcopy(wire))
        typed = kind.from_records([dict(record) for record in plain])
        for told, record, instance in zip(wire, plain, typed, strict=True):
            where = f"{model} {record['id']}"
            if instance.to_record() != record:
                wrong.append(f"{where}: not the record that was read")
            wrong += [
                f"{where}.{name}: would be written as another value"
                for name, value in instance.to_record().items()
                if name != "id" and not writes_back(odoo.schema.field(model, name), value, told[name])
            ]
            exact = {name for name in instance.fields_read if has_json(kind, name)}
            again = kind.model_validate_json(instance.model_dump_json(include=exact))
            if {name: getattr(again, name) for name in exact} != {name: getattr(instance, name) for name in exact}:
                wrong.append(f"{where}: its JSON text gives another record")
    return wrong, counted


def readable(odoo: Odoo, model: str, ids: Sequence[int], names: Sequence[str], *, double: bool) -> list[str]:
    """The fields of *names* that the server gives, which must be every field but those in UNREADABLE.

    The embedded Odoo has no values where it does not have the model that a field points to (``account.tax.group``).
    """
    fields = odoo.schema.fields(model)
    wanted = [
        name
        for name in names
        if f"{model}.{name}" not in UNREADABLE
        and not (double and fields[name].relation and not odoo.schema.has_model(fields[name].relation or ""))
    ]
    try:
        odoo.call(model, "read", ids=list(ids), fields=wanted)
    except OdooError:
        refused = [name for name in wanted if _is_refused(odoo, model, ids, name)]
        raise AssertionError(f"{model}: the server refuses to read {refused}") from None
    return wanted


def _is_refused(odoo: Odoo, model: str, ids: Sequence[int], name: str) -> bool:
    try:
        odoo.call(model, "read", ids=list(ids), fields=[name])
    except OdooError:
        return True
    return False


def has_json(kind: type[Model], name: str) -> bool:
    """Whether the JSON text of the field gives its value again; one that may hold anything, and properties, do not."""
    return kind.model_fields[name].annotation not in (Any, Properties, tuple[Definition, ...])


def writes_back(field: Field, value: Any, wire: Any) -> bool:
    """Whether *value* is written as the wire value it was read from."""
    if field.type in ("float", "monetary"):
        step = Decimal(1).scaleb(-(field.decimals or 2))
        return value == Decimal(wire) or abs(value - Decimal(wire)) < step
    if field.type in ("properties", "properties_definition"):
        return True  # the codec's own tests write them
    if isinstance(value, (list, dict)) or field.type == "json":
        return bool(value == wire or (value is None and wire is False))
    if isinstance(value, date) and value.year < 1000:  # a server writes the first year without its zeros
        return str(wire).split("-")[1:] == str(value).split()[0].split("-")[1:]
    if field.type == "selection" and type(value) is int:
        return bool(value == wire)
    if isinstance(value, RecordRef):
        return wire in (value.id, f"{value.model},{value.id}")
    written = encode_value(field, value, lambda _model, values: dict(values))
    if isinstance(value, Ref):
        return bool(written == wire[0])
    if isinstance(value, tuple):
        return bool(written == [[6, 0, wire]])
    if isinstance(value, bytes):
        return bool(written == wire.replace("\n", ""))
    return bool(written == wire or (written is False and wire in (None, 0)))
