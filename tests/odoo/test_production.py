"""On a target marked production nothing is changed before somebody said yes; reads never ask."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from oimkit.errors import ConfigurationError
from oimkit.odoo import ExternalId, Journal, Odoo, apply, connect, resume
from oimkit.odoo.production import Known, Question, Standing, Targets, place_of
from oimkit.odoo.records import PlannedRecord, plan_records
from oimkit.sandbox import Sandbox


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Sandbox]]:
    with Sandbox(version=19) as first, Sandbox(version=19) as second:
        yield {"first": first, "second": second}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("OIMKIT_PRODUCTION", "OIMKIT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "oimkit" / "targets.json"


@dataclass
class Person:
    """Answers questions and keeps them."""

    answer: bool = True
    asked: list[Question] = field(default_factory=list)

    def __call__(self, question: Question) -> bool:
        self.asked.append(question)
        return self.answer


def open_(sandbox: Sandbox, role: str = "admin", **options: object) -> Odoo:
    login = sandbox.login(role)
    options.setdefault("url", sandbox.url)
    return connect(database=sandbox.database, user=role, secret=login.password, transport="jsonrpc", **options)


def write(odoo: Odoo) -> None:
    odoo.call("res.partner", "create", vals_list=[{"name": "written"}])


def same_uuid(servers: dict[str, Sandbox]) -> None:
    """Make the second server a copy that kept the first one's UUID."""
    uuid = open_(servers["first"]).server_key
    odoo = open_(servers["second"], production=False)
    row = odoo.call("ir.config_parameter", "search", domain=[["key", "=", "database.uuid"]])
    odoo.call("ir.config_parameter", "write", ids=row, vals={"value": uuid})


def parameter(odoo: Odoo, key: str, value: str) -> None:
    odoo.call("ir.config_parameter", "create", vals_list=[{"key": key, "value": value}])


def test_write_to_production_without_anybody_to_ask_is_refused_and_nothing_is_sent(servers):
    odoo = open_(servers["first"], production=True)
    before = servers["first"].faults.mutating
    with pytest.raises(
        ConfigurationError,
        match=r"nobody has allowed res.partner.create on 0 records on the database .*"
        r"production \(the caller says so\); give connect\(confirm=...\) something that decides$",
    ):
        write(odoo)
    assert servers["first"].faults.mutating == before


def test_reads_never_ask(servers):
    odoo = open_(servers["first"], production=True)
    assert odoo.count("res.partner", []) > 0
    assert odoo.search("res.partner", [], limit=1)
    odoo.read("res.partner", [1], ["name"])
    odoo.call("res.users", "has_group", ids=[odoo.uid], group_ext_id="base.group_system")


def test_one_yes_is_good_for_the_single_calls_of_a_connection(servers):
    person = Person()
    odoo = open_(servers["first"], production=True, confirm=person)
    write(odoo)
    write(odoo.with_context(lang="en_US"))
    assert [question.act for question in person.asked] == ["res.partner.create on 0 records"]
    assert str(person.asked[0]).startswith(f"The database {odoo.database} at {odoo.url} is production (")


def test_no_is_no_and_the_next_call_asks_again(servers):
    person = Person(answer=False)
    odoo = open_(servers["first"], production=True, confirm=person)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="was not allowed; nothing was changed"):
            write(odoo)
    assert len(person.asked) == 2


def test_every_run_is_asked_for_once_and_a_refused_one_leaves_no_trace(servers, tmp_path):
    person = Person()
    odoo = open_(servers["first"], production=True, confirm=person)
    plans = [
        plan_records([PlannedRecord(ExternalId("oimkit", f"asked_{name}"), "res.partner", (("name", name),))])
        for name in "ab"
    ]
    with Journal.open(tmp_path / "journal", odoo.server_key) as journal:
        for plan in plans:
            apply(plan, odoo, journal)
        assert [question.act for question in person.asked] == ["a run of the kind records"] * 2
        person.answer = False
        with pytest.raises(ConfigurationError, match="a run of the kind records on the database"):
            apply(
                plan_records([PlannedRecord(ExternalId("oimkit", "asked_c"), "res.partner", (("name", "c"),))]),
                odoo,
                journal,
            )
        assert journal.open_runs() == []


def test_finishing_a_begun_run_asks_too_and_nothing_to_finish_asks_nothing(servers, tmp_path):
    person = Person(answer=False)
    odoo = open_(servers["first"], production=True, confirm=person)
    with Journal.open(tmp_path / "journal", odoo.server_key) as journal:
        assert resume(odoo, journal) == []
        journal.begin("records", "[]")
        with pytest.raises(ConfigurationError, match=r"the end of 1 begun runs \(records\)"):
            resume(odoo, journal)
    assert len(person.asked) == 1


def test_a_target_that_nobody_declared_does_not_ask(servers):
    write(open_(servers["first"]))


def test_variable_marks_the_target(servers, monkeypatch):
    monkeypatch.setenv("OIMKIT_PRODUCTION", "1")
    with pytest.raises(ConfigurationError, match="OIMKIT_PRODUCTION says so"):
        write(open_(servers["first"], production=False))
    monkeypatch.setenv("OIMKIT_PRODUCTION", "perhaps")
    with pytest.raises(ConfigurationError, match="neither yes nor no"):
        open_(servers["first"])


def test_declared_target_is_known_again_at_its_address_without_a_mark(servers, state):
    open_(servers["first"], production=True)
    assert [(known.production, known.database) for known in Targets(state).read()] == [(True, "sandbox")]
    with pytest.raises(ConfigurationError, match="it was declared so before, at this address"):
        write(open_(servers["first"]))


def test_no_of_any_kind_leaves_a_remembered_yes_in_force_and_in_the_file(servers, state, tmp_path, monkeypatch):
    open_(servers["first"], production=True)
    remembered = state.read_text()
    (tmp_path / "config" / "oimkit").mkdir(parents=True)
    (tmp_path / "config" / "oimkit" / "profiles.toml").write_text("[copy]\nproduction = false\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for variable, options in (("0", {}), ("", {"production": False}), ("", {"profile": "copy"})):
        monkeypatch.setenv("OIMKIT_PRODUCTION", variable)
        with pytest.raises(
            ConfigurationError,
            match=r"one yes is enough, though .+ says otherwise\); .*"
            r"if it is not, or no longer: oimkit production forget 127\.0\.0\.1:\d+ sandbox",
        ):
            write(open_(servers["first"], **options))
    assert state.read_text() == remembered


def test_variable_holds_for_its_process_alone(servers, state, monkeypatch):
    monkeypatch.setenv("OIMKIT_PRODUCTION", "1")
    odoo = open_(servers["first"])
    assert odoo.guard.verdict(odoo).standing is Standing.PRODUCTION
    monkeypatch.setenv("OIMKIT_PRODUCTION", "0")
    write(open_(servers["first"]))
    assert not state.exists()


def test_yes_of_the_caller_is_remembered_though_the_variable_says_it_too(servers, state, monkeypatch):
    monkeypatch.setenv("OIMKIT_PRODUCTION", "1")
    open_(servers["first"], production=True)
    assert [known.production for known in Targets(state).read()] == [True]


def test_mere_look_remembers_no_no(servers, state):
    odoo = open_(servers["first"], production=False)
    odoo.count("res.partner", [])
    assert odoo.guard.verdict(odoo).standing is Standing.OTHER
    assert not state.exists()


def declared(state: Path, sandbox: Sandbox, uuid: str | None, *, production: bool) -> None:
    Targets(state).remember(Known(place_of(sandbox.url), "sandbox", uuid, production))


def test_other_database_at_a_production_address_asks_again_and_a_no_settles_it(servers, state):
    declared(state, servers["first"], "another-database-0001", production=True)
    person = Person()
    write(open_(servers["first"], confirm=person))
    assert person.asked[0].standing is Standing.PERHAPS
    assert "a database with another UUID was declared so before, at this address" in str(person.asked[0])
    write(open_(servers["first"], production=False))
    write(open_(servers["first"]))  # the no is remembered, for this UUID


def test_no_for_another_database_at_a_production_address_keeps_the_yes_of_the_first(servers, state):
    declared(state, servers["first"], "another-database-0001", production=True)
    write(open_(servers["first"], production=False))
    assert {(known.uuid == "another-database-0001", known.production) for known in Targets(state).read()} == {
        (True, True),
        (False, False),
    }


def test_variable_settles_a_doubt_for_its_process(servers, state, monkeypatch):
    declared(state, servers["first"], "another-database-0001", production=True)
    remembered = state.read_text()
    monkeypatch.setenv("OIMKIT_PRODUCTION", "0")
    write(open_(servers["first"]))
    assert state.read_text() == remembered
    monkeypatch.delenv("OIMKIT_PRODUCTION")
    with pytest.raises(ConfigurationError, match="OIMKIT_PRODUCTION=0 does for one process"):
        write(open_(servers["first"]))


@pytest.mark.parametrize(("uuid", "role"), [("another-database-0001", "limited"), (None, "admin")])
def test_yes_holds_where_nothing_proves_another_database(servers, state, uuid, role):
    declared(state, servers["first"], uuid, production=True)
    odoo = open_(servers["first"], role, production=False)
    assert odoo.guard.verdict(odoo).standing is Standing.PRODUCTION


def test_no_for_one_database_is_not_inherited_by_another_at_its_address(servers, state):
    uuid = open_(servers["first"]).server_key
    declared(state, servers["first"], "another-database-0001", production=False)
    Targets(state).remember(Known("erp.example.com", "books", uuid, production=True))
    odoo = open_(servers["first"])
    assert odoo.guard.verdict(odoo).standing is Standing.PERHAPS


def test_neutralised_database_at_a_production_address_does_not_ask(state):
    with Sandbox(version=19) as copy:
        parameter(open_(copy), "database.is_neutralized", "true")
        declared(state, copy, "another-database-0001", production=True)
        write(open_(copy))


def test_unreadable_memory_is_not_overruled_by_a_no(servers, state, monkeypatch):
    state.parent.mkdir()
    state.write_text('[{"place": "x"}]')
    monkeypatch.setenv("OIMKIT_PRODUCTION", "0")
    odoo = open_(servers["first"])
    assert odoo.guard.verdict(odoo).standing is Standing.PERHAPS


def test_other_address_of_the_same_database_is_recognised_by_its_uuid(servers):
    open_(servers["first"], production=True)
    person = Person()
    other = open_(servers["first"], url=servers["first"].url.replace("127.0.0.1", "localhost"), confirm=person)
    write(other)
    assert person.asked[0].standing is Standing.PERHAPS
    assert "it is that one, or a copy that kept the UUID" in str(person.asked[0])


def test_copy_that_kept_its_uuid_asks_until_somebody_declares_it(servers):
    same_uuid(servers)
    Targets.default().forget(place_of(servers["second"].url), "sandbox")
    open_(servers["first"], production=True)
    with pytest.raises(ConfigurationError, match=r"perhaps production .*in its profile settles it"):
        write(open_(servers["second"]))
    write(open_(servers["second"], production=False))
    write(open_(servers["second"]))  # declared once, remembered


def test_neutralised_copy_does_not_ask():
    with Sandbox(version=19) as first, Sandbox(version=19) as second:
        pair = {"first": first, "second": second}
        same_uuid(pair)
        parameter(open_(second), "database.is_neutralized", "true")
        Targets.default().forget(place_of(second.url), "sandbox")
        open_(first, production=True)
        odoo = open_(second)
        write(odoo)
        assert "neutralised copy of sandbox" in odoo.guard.verdict(odoo).why


def test_database_of_another_uuid_at_another_address_does_not_ask(servers):
    with Sandbox(version=19) as unrelated:
        open_(servers["first"], production=True)
        odoo = open_(unrelated)
        write(odoo)
        assert odoo.guard.verdict(odoo).standing is Standing.OTHER


def test_user_who_may_not_read_the_uuid_is_asked_where_the_name_is_the_same(servers):
    open_(servers["first"], production=True)
    person = Person()
    odoo = open_(servers["second"], "limited", confirm=person)
    odoo.permitted("a test")
    assert "has the name of the production database" in person.asked[0].why


def test_stated_uuid_must_be_the_databases_own(servers, tmp_path, monkeypatch):
    folder = tmp_path / "config" / "oimkit"
    folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    uuid = open_(servers["first"]).server_key
    assert uuid != uuid[::-1]
    (folder / "profiles.toml").write_text(f'[right]\nuuid = "{uuid}"\n[wrong]\nuuid = "{uuid[::-1]}"\n')
    open_(servers["first"], profile="right")
    with pytest.raises(ConfigurationError, match="is not the one whose UUID the profile states"):
        open_(servers["first"], profile="wrong")
    open_(servers["first"], "limited", profile="wrong")  # cannot be checked: this user is not told the UUID


def test_unreadable_memory_asks_rather_than_forgets(servers, state):
    state.parent.mkdir()
    state.write_text('[{"place": "x"}]')
    with pytest.raises(ConfigurationError, match=r"remembers which databases are production cannot be read"):
        write(open_(servers["first"]))


def test_state_folder_that_cannot_be_written_is_told_in_the_log(servers, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING, "oimkit.odoo"):
        open_(servers["first"], production=True)
    assert "could not be written to the state folder" in caplog.text


def test_no_of_databases_that_are_gone_does_not_pile_up(state):
    targets = Targets(state)
    for number in range(3):
        targets.remember(Known("a", "d", f"uuid-{number}", production=False))
    assert targets.read() == (Known("a", "d", "uuid-2", production=False),)


def test_what_was_remembered_can_be_forgotten(state):
    targets = Targets(state)
    assert not targets.forget("a", "d")
    targets.remember(Known("a", "d", None, production=True))
    assert not targets.remember(Known("a", "d", None, production=False))
    targets.remember(Known("b", "d", None, production=True))
    assert len(targets.read()) == 2
    assert targets.forget("a", "d")
    assert targets.read() == (Known("b", "d", None, production=True),)


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("https://A.example.com/", "http://a.example.com:80", True),
        ("https://a.example.com/erp", "https://a.example.com", False),
        ("https://a.example.com:8069", "https://a.example.com", False),
        ("https://a.example.com.", "https://a.example.com", True),
    ],
)
def test_two_spellings_of_an_address_are_one_place(left, right, equal):
    assert (place_of(left) == place_of(right)) is equal


def test_uuid_is_asked_for_only_where_it_is_needed(servers):
    seen: list[str] = []
    write(_Counting(open_(servers["first"]), seen).odoo)
    assert seen == ["res.partner"]


class _Counting:
    def __init__(self, odoo: Odoo, seen: list[str]) -> None:
        inner = odoo._transport

        class Wrapper:
            def __getattr__(self, name: str) -> object:
                return getattr(inner, name)

            def send(self, call: object, deadline: object) -> object:
                seen.append(call.model)  # type: ignore[attr-defined]
                return inner.send(call, deadline)  # type: ignore[arg-type]

        self.odoo = connect(transport=Wrapper())  # type: ignore[arg-type]
