"""``oimkit export``: whole files, gone on with after any interruption."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oimkit.sandbox import Sandbox
from oimkit.sandbox.faults import Fault, FaultKind, When
from tests.contract.raw import Raw

pytestmark = pytest.mark.usefixtures("connected")


@pytest.fixture
def raw(sandbox: Sandbox) -> Raw:
    login = sandbox.login("admin")
    return Raw(sandbox.url, sandbox.database, login.user_id, login.api_key)


def partners(raw: Raw, token: str, count: int) -> list[int]:
    """Ids of new partners whose ref is *token*, ascending."""
    rows = [{"name": f'{number}, "quoted"\nline', "ref": token, "color": number} for number in range(count)]
    return sorted(raw.call("res.partner", "create", rows))


def question(token: str) -> tuple[str, ...]:
    return "export", "res.partner", "--fields", "name,color,country_id", "--domain", json.dumps([["ref", "=", token]])


def test_export_writes_one_object_a_record(call: Callable[..., Any], raw: Raw, tmp_path: Path) -> None:
    ids = partners(raw, "one", 5)
    out = tmp_path / "partners.jsonl"
    result = call(*question("one"), "--out", out, "--batch", 2)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"5 records of res.partner written to {out}\n"
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert rows == [
        {"id": identity, "name": f'{number}, "quoted"\nline', "color": number, "country_id": None}
        for number, identity in enumerate(ids)
    ]
    assert [entry.name for entry in tmp_path.glob("partners*")] == ["partners.jsonl"]


def test_export_as_csv_has_a_header_and_names_where_asked(
    call_json: Callable[..., list[dict[str, Any]]], raw: Raw, tmp_path: Path
) -> None:
    country = raw.find("res.country", [["code", "=", "BE"]], "name")[0]
    identity = raw.create("res.partner", name="=1+1", ref="csv", country_id=country["id"])
    out = tmp_path / "partners.csv"
    told = call_json(*question("csv"), "--out", out, "--names", "--json")
    assert told == [{"model": "res.partner", "file": str(out), "records": 1, "resumed": 0}]
    with out.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["id", "name", "color", "country_id", "country_id.name"],
            [str(identity), "'=1+1", "0", str(country["id"]), country["name"]],
        ]
    call_json(*question("csv"), "--out", tmp_path / "kept.csv", "--formulas", "keep", "--json")
    assert ',"=1+1",' not in out.read_text()
    assert ',"=1+1",' in (tmp_path / "kept.csv").read_text()


def test_no_records_make_an_empty_file_and_a_header(call: Callable[..., Any], tmp_path: Path) -> None:
    for name, text in (("none.jsonl", ""), ("none.csv", '"id","name","color","country_id"\r\n')):
        assert call(*question("none"), "--out", tmp_path / name).exit_code == 0
        assert (tmp_path / name).read_bytes().decode() == text


def test_archived_records_are_written_where_asked(call: Callable[..., Any], raw: Raw, tmp_path: Path) -> None:
    ids = partners(raw, "archived", 3)
    raw.call("res.partner", "write", ids[:1], {"active": False})
    for more, expected in (((), ids[1:]), (("--archived",), ids)):
        out = tmp_path / f"{len(more)}.jsonl"
        assert call(*question("archived"), "--out", out, *more).exit_code == 0
        assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == expected


def test_a_file_that_is_there_is_not_touched(call: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl"
    out.write_text("mine")
    result = call(*question("there"), "--out", out)
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--domain", "name = x", "--fields", "name"), "no JSON list"),
        (("--domain", '["|", ["id", "=", 1]]', "--fields", "name"), "more operands"),
        (("--fields", "nonsense"), "no field nonsense"),
        (("--fields", "name", "--domain", '[["nope", "=", 1]]'), "res.partner"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(
    call: Callable[..., Any], tmp_path: Path, options: tuple[str, ...], why: str
) -> None:
    result = call("export", "res.partner", *options, "--out", tmp_path / "out.jsonl")
    assert result.exit_code == 2
    assert why in result.stderr
    assert not list(tmp_path.glob("out*"))


def test_a_server_that_is_lost_on_the_way_leaves_what_was_written_and_says_how_to_go_on(
    call: Callable[..., Any], sandbox: Sandbox, raw: Raw, tmp_path: Path
) -> None:
    partners(raw, "lost", 6)
    out = tmp_path / "out.jsonl"
    second_page = When(
        nth=2, model="res.partner", method="search_read" if sandbox.version >= 15 else "read", mutating=False
    )
    sandbox.faults.add(Fault(FaultKind.DROP_BEFORE_CALL, second_page, times=9))
    result = call(*question("lost"), "--out", out, "--batch", 2)
    sandbox.faults.clear()
    assert result.exit_code == 3
    assert "--resume goes on with it" in result.stderr
    assert json.loads((tmp_path / "out.jsonl.state").read_text())["records"] == 2
    assert call(*question("lost"), "--out", out, "--resume").exit_code == 0
    assert len(out.read_text().splitlines()) == 6


def test_a_name_without_a_form_needs_one(call: Callable[..., Any], tmp_path: Path) -> None:
    result = call(*question("form"), "--out", tmp_path / "out.txt")
    assert result.exit_code == 2
    assert "does not tell the form" in result.stderr
    assert call(*question("form"), "--out", tmp_path / "out.txt", "--format", "csv").exit_code == 0


def test_killed_at_random_moments_the_export_ends_as_undisturbed(
    call: Callable[..., Any], sandbox: Sandbox, raw: Raw, tmp_path: Path
) -> None:
    form = "csv" if sandbox.version == 19 else "jsonl"
    ids = partners(raw, "killed", 240)
    command = (*question("killed"), "--names", "--batch", "2")
    undisturbed, out = tmp_path / f"undisturbed.{form}", tmp_path / f"killed.{form}"
    part = tmp_path / f"killed.{form}.part"
    assert call(*command, "--out", undisturbed).exit_code == 0
    size = undisturbed.stat().st_size
    seed = random.randrange(10**9)
    dice = random.Random(seed)
    kills = 0
    while not out.exists():
        assert kills < 60, f"the export does not come forward (seed {seed})"
        until = size_of(part) + dice.randrange(size // 4)
        kills += killed_once_larger((*command, "--out", str(out), "--resume"), part, until, dice)
    if (tmp_path / f"killed.{form}.state").exists():
        assert call(*command, "--out", out, "--resume").exit_code == 0
    assert out.read_bytes() == undisturbed.read_bytes(), f"{len(ids)} records, {kills} kills, seed {seed}"
    assert kills >= 2, f"the export was too quick to be killed (seed {seed})"
    assert sorted(entry.name for entry in tmp_path.glob("killed*")) == [out.name]


def killed_once_larger(command: tuple[str, ...], part: Path, size: int, dice: random.Random) -> bool:
    """Start *command*, kill it moments after *part* has more than *size* bytes; True when it was killed."""
    process = subprocess.Popen(
        [Path(sys.executable).parent / "oimkit", *command], stdout=subprocess.DEVNULL, env=os.environ.copy()
    )
    while process.poll() is None and size_of(part) <= size:
        time.sleep(0.001)
    try:
        process.wait(dice.uniform(0, 0.02))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def test_a_refused_question_does_not_stand_in_the_way_of_the_right_one(
    call: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("out.jsonl", "out.csv"):
        nonsense = ("--fields", "name", "--domain", '[["nope", "=", 1]]')
        wrong = call("export", "res.partner", *nonsense, "--out", tmp_path / name)
        assert wrong.exit_code in (2, 3)
        assert not list(tmp_path.glob(f"{name}*"))
        assert call(*question("none"), "--out", tmp_path / name).exit_code == 0


def test_a_folder_that_is_not_there_is_named(call: Callable[..., Any], tmp_path: Path) -> None:
    result = call(*question("none"), "--out", tmp_path / "nowhere" / "out.jsonl")
    assert result.exit_code == 2
    assert f"the folder {tmp_path / 'nowhere'} is not there" in result.stderr
