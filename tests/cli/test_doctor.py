"""The doctor finds what is wrong, in the order of the way, and says what to do about each."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from click.testing import Result

from oimkit.cli.doctor import surroundings as around
from oimkit.cli.doctor.reaching import log_in
from oimkit.errors import AccessDenied, AccessRefused, BadReply
from oimkit.odoo import Odoo, Secret, Settings, connect
from oimkit.odoo.api_keys import ApiKey
from oimkit.odoo.schema import Schema
from oimkit.sandbox import Sandbox
from tests.faults.test_wire_tls import AUTHORITY, tls
from tests.odoo.hostile import hostile, reply, result

Doctor = Callable[..., dict[str, dict[str, str]]]


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("PROFILE", "PRODUCTION", "TRANSPORT", "CA_BUNDLE"):
        monkeypatch.delenv(f"OIMKIT_{name}", raising=False)


@pytest.fixture
def doctor(call_json: Callable[..., list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Call the doctor at an address; its checks by name."""

    def run(url: str, status: int, *options: str, secret: str = "doctor-secret-5") -> dict[str, dict[str, str]]:
        values = {"URL": url, "DATABASE": "sandbox", "USER": "admin", "SECRET": secret}
        for name, value in values.items():
            monkeypatch.setenv(f"OIMKIT_{name}", value)
        return {row["check"]: row for row in call_json("doctor", "--json", *options, status=status)}

    return run


@pytest.fixture(scope="module", params=[14, 19])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(version=request.param) as server:
        yield server


def odoo_of(sandbox: Sandbox, role: str = "admin", **options: object) -> Odoo:
    login = sandbox.login(role)
    return connect(
        sandbox.url,
        database="sandbox",
        user=role,
        secret=login.password,
        transport="jsonrpc",
        **options,  # type: ignore[arg-type]
    )


def settings_for(url: str, secret: str = "x" * 12) -> Settings:
    return Settings(url=url, database="d", user="u", secret=Secret(secret))


# --- the way to the server


def test_good_server_has_no_finding(sandbox: Sandbox, doctor: Doctor) -> None:
    found = doctor(sandbox.url, 0, secret=sandbox.secret)
    assert {row["verdict"] for row in found.values()} == {"ok"}
    names = {"address", "server", "protocols", "clock", "database", "login", "transport", "way in", "API keys"}
    names |= {"companies", "currency", "language", "target", "leads", "worked time", "invoices", "bank statements"}
    assert names <= set(found)
    assert found["server"]["text"].startswith(f"Odoo {sandbox.version}.0")


def test_plain_http_to_another_host_is_found(doctor: Doctor) -> None:
    found = doctor("http://erp.example.com", 2)
    assert list(found) == ["address"]
    assert "plain http would send the secret readable" in found["address"]["text"]


def test_unknown_host_is_found(doctor: Doctor) -> None:
    found = doctor("https://no-such-host.invalid", 3)
    assert list(found) == ["address", "server"]
    assert "no-such-host.invalid" in found["server"]["text"]


def test_closed_port_is_found(doctor: Doctor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    found = doctor(f"http://127.0.0.1:{port}", 3)
    assert found["server"]["text"] == f"127.0.0.1:{port} cannot be reached"
    assert "check that the server runs" in found["server"]["advice"]


@pytest.mark.parametrize(("certificate", "why"), [("expired", "expired"), ("other_host", "for another host")])
def test_bad_certificate_is_found(doctor: Doctor, monkeypatch: pytest.MonkeyPatch, certificate: str, why: str) -> None:
    monkeypatch.setenv("OIMKIT_CA_BUNDLE", AUTHORITY)
    with tls(certificate) as server:
        found = doctor(server.url, 3)
    assert found["address"]["text"].endswith("certificates by the file named")
    assert why in found["server"]["text"]


@pytest.mark.parametrize(
    ("location", "hint"),
    [
        ("https://erp.example.org/jsonrpc", "perhaps https://erp.example.org"),
        ("https://erp.example.org/erp/web/login", "perhaps https://erp.example.org/erp"),
        ("/web/database/selector", "really answers at"),
        ("https://user:secret@[::1]/", "really answers at"),
    ],
)
def test_redirect_is_found_and_its_end_named(doctor: Doctor, location: str, hint: str) -> None:
    with hostile(reply(b"", status="301 Moved", headers=f"Location: {location}\r\n")) as server:
        found = doctor(server.url, 3)
    assert "the server redirects" in found["server"]["text"]
    assert found["server"]["advice"].endswith(hint)


def test_page_that_is_no_odoo_is_found(doctor: Doctor) -> None:
    with hostile(reply(b"<html>hello</html>", kind="text/html")) as server:
        found = doctor(server.url, 3)
    assert "no Odoo answers at this address" in found["server"]["text"]


@contextmanager
def pretending(version: str, *, database: object = None, date: str = "", login: object = False) -> Iterator[str]:
    """A server that tells *version* and lets nobody in."""
    info = [int(version.split(".")[0]), 0, 0, "final", 0, ""]

    def answer(connection: socket.socket, request: bytes) -> None:
        headers = f"Date: {date}\r\n" if date else ""
        if b"/web/database/list" in request:
            told = json.dumps({"jsonrpc": "2.0", "result": database}).encode()
            connection.sendall(reply(told) if database is not None else reply(b"{}", status="404 Not Found"))
        elif b'"version"' in request:
            connection.sendall(result({"server_version": version, "server_version_info": info}))
        elif b'"authenticate"' in request:
            connection.sendall(result(login))
        else:
            connection.sendall(reply(b"<html></html>", status="404 Not Found", kind="text/html", headers=headers))

    with hostile(answer) as server:
        yield server.url


@pytest.mark.parametrize(
    ("version", "verdict", "text"), [("11.0", "missing", "older than 12.0"), ("20.0", "look", "newer than what")]
)
def test_version_beyond_what_is_known_is_found(doctor: Doctor, version: str, verdict: str, text: str) -> None:
    with pretending(version) as url:
        found = doctor(url, 3)
    assert (found["server"]["verdict"], text in found["server"]["text"]) == (verdict, True)


def test_refused_login_is_the_last_check_and_says_what_may_be_wrong(doctor: Doctor) -> None:
    with pretending("17.0") as url:
        found = doctor(url, 3)
    assert list(found)[-1] == "login"
    assert "two-factor" in found["login"]["advice"]
    assert found["database"]["verdict"] == "unknown"


def test_database_that_is_not_listed_is_told(doctor: Doctor) -> None:
    with pretending("17.0", database=["Sandbox", "other"]) as url:
        found = doctor(url, 3)
    assert found["database"]["text"] == "sandbox is not among those that the server lists: Sandbox, other"
    assert "capital letters count" in found["database"]["advice"]


def test_clock_that_is_wrong_is_found(doctor: Doctor) -> None:
    late = (datetime.now(UTC) - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    with pretending("17.0", date=late) as url:
        found = doctor(url, 3)
    assert found["clock"]["verdict"] == "look"
    assert "s behind this machine's" in found["clock"]["text"]
    with pretending("17.0") as url:
        assert doctor(url, 3)["clock"]["verdict"] == "unknown"


def test_protocol_that_is_not_there_is_found(doctor: Doctor) -> None:
    with pretending("17.0") as url:
        found = doctor(url, 3, "--transport", "json2")
    assert found["protocols"]["verdict"] == "missing"
    assert found["protocols"]["advice"] == "use transport auto, or one of jsonrpc"


def test_only_xmlrpc_is_found(doctor: Doctor) -> None:
    with Sandbox(version=14) as behind:

        def answer(connection: socket.socket, request: bytes) -> None:
            if b"/jsonrpc" in request:
                connection.sendall(reply(b"<html></html>", status="404 Not Found", kind="text/html"))
                return
            head, _, body = request.partition(b"\r\n\r\n")
            method, path = head.split(b" ")[:2]
            told = requests.request(
                method.decode(), behind.url + path.decode(), data=body, headers={"Content-Type": "text/xml"}, timeout=30
            )
            kind = told.headers["Content-Type"]
            connection.sendall(reply(told.content, status=f"{told.status_code} X", kind=kind))

        with hostile(answer) as server:
            found = doctor(server.url, 1, secret=behind.secret)
    assert (found["protocols"]["verdict"], found["login"]["verdict"]) == ("look", "ok")
    assert "let it pass /jsonrpc" in found["protocols"]["advice"]


def test_plan_of_odoo_online_is_named_where_it_looks_like_a_wrong_password() -> None:
    def refuse() -> Odoo:
        raise AccessDenied("login refused", advice="check all three")

    _, check = log_in(settings_for("https://acme.odoo.com"), refuse)
    assert "only the plan Custom has the external API" in check.advice
    _, check = log_in(settings_for("https://erp.acme.org"), refuse)
    assert "plan" not in check.advice


def test_wrong_secret_is_found(sandbox: Sandbox, doctor: Doctor) -> None:
    found = doctor(sandbox.url, 3, secret="not it at all")
    assert (found["login"]["verdict"], found["database"]["verdict"]) == ("missing", "ok")


# --- the login and what surrounds it


def test_user_who_may_nothing_on_odoo_online_is_a_matter_of_the_plan(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    odoo = odoo_of(sandbox)

    def refuse(*arguments: object, **named: object) -> None:
        raise AccessRefused("the user may not do it", advice="ask")

    monkeypatch.setattr(Odoo, "call", refuse)
    (check,) = around.surroundings(odoo, settings_for(odoo.url), datetime.now(UTC))
    assert (check.name, check.verdict) == ("plan", "missing")
    monkeypatch.setattr(Odoo, "url", "https://acme.odoo.com")
    (check,) = around.surroundings(odoo, settings_for(odoo.url), datetime.now(UTC))
    assert "take the plan Custom" in check.advice


def checks_around(odoo: Odoo, secret: str = "a password") -> dict[str, around.Check]:
    found = around.surroundings(odoo, settings_for(odoo.url, secret), datetime.now(UTC))
    return {check.name: check for check in found}


def test_password_login_is_told_to_become_a_key(sandbox: Sandbox) -> None:
    odoo = odoo_of(sandbox)
    assert "make an API key" in checks_around(odoo)["way in"].advice
    assert checks_around(odoo, "0123456789" * 4)["way in"].text.startswith("an API key")


def test_key_that_ends_soon_is_found(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = datetime.now(UTC) + timedelta(days=3)
    keys = (ApiKey(7, "a", None, None, ends), ApiKey(8, "b", None, None, None))
    monkeypatch.setattr(around, "list_keys", lambda odoo: keys)
    check = checks_around(odoo_of(sandbox))["API keys"]
    assert (check.verdict, f"the first (id 7) on {ends:%Y-%m-%d}" in check.text) == ("look", True)
    assert "oimkit key rotate" in check.advice


def test_what_was_found_is_shown_although_a_later_look_fails(
    sandbox: Sandbox, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(odoo: Odoo) -> tuple[ApiKey, ...]:
        raise BadReply("not a reply of Odoo", advice="look at the proxy")

    monkeypatch.setattr(around, "list_keys", fail)
    found = doctor(sandbox.url, 1, secret=sandbox.secret)
    assert found["way in"]["verdict"] == "ok"
    assert found["rest of the login"]["text"] == "could not be looked at: not a reply of Odoo"
    assert found["invoices"]["verdict"] == "ok"


def test_several_companies_without_a_choice_are_found() -> None:
    with Sandbox(version=19) as server:
        odoo = odoo_of(server)
        (second,) = odoo.call("res.company", "create", vals_list=[{"name": "Second"}])  # type: ignore[misc]
        odoo.call("res.users", "write", ids=[odoo.uid], vals={"company_ids": [[4, second, 0]]})
        check = checks_around(odoo)["companies"]
        assert (check.verdict, f"{second} (Second)" in check.text) == ("look", True)
        assert "company = ... in the profile" in check.advice
        assert checks_around(odoo.with_company("Second"))["companies"].verdict == "ok"


def test_target_that_may_be_production_is_found(sandbox: Sandbox) -> None:
    odoo_of(sandbox, production=True)
    login = sandbox.login("admin")
    other = connect(
        sandbox.url.replace("127.0.0.1", "localhost"), database="sandbox", user="admin", secret=login.password
    )
    check = checks_around(other)["target"]
    assert (check.verdict, "kept the UUID" in check.text) == ("look", True)
    assert check.advice.startswith("production = true or false in its profile settles it")


def test_user_who_may_not_read_the_uuid_is_told_so(sandbox: Sandbox) -> None:
    assert "may not read the database's UUID" in checks_around(odoo_of(sandbox, "limited"))["target"].advice


# --- rights


def test_missing_rights_are_told_with_the_groups_that_give_them(sandbox: Sandbox, doctor: Doctor, monkeypatch) -> None:
    login = sandbox.login("limited")
    monkeypatch.setenv("OIMKIT_USER", "limited")
    found = doctor(sandbox.url, 1, "--user", "limited", secret=login.password)
    assert found["login"]["verdict"] == "ok"
    row = found["bank statements"]
    assert row["verdict"] == "missing"
    assert row["text"].startswith("this user may not read account.bank.statement.line, create account.bank.statement")
    assert row["advice"].startswith("an administrator gives it in Settings / Users: ")


def test_missing_module_is_told_apart_from_a_missing_right(
    sandbox: Sandbox, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_model = Schema.has_model
    monkeypatch.setattr(Schema, "has_model", lambda schema, model: model != "crm.lead" and has_model(schema, model))
    row = doctor(sandbox.url, 1, secret=sandbox.secret)["leads"]
    assert (row["verdict"], row["text"]) == ("missing", "there is no crm.lead here")
    assert "install the app CRM" in row["advice"]


def test_people_get_a_table(sandbox: Sandbox, call: Callable[..., object], doctor: Doctor) -> None:
    doctor(sandbox.url, 0, secret=sandbox.secret)
    shown = call("doctor")
    assert "what to do" in shown.stdout  # type: ignore[attr-defined]


def test_way_is_walked_up_to_the_login_without_a_secret(
    sandbox: Sandbox, call: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OIMKIT_SECRET", raising=False)
    result = call("doctor", "--url", sandbox.url, "--database", "sandbox", "--user", "admin", "--json")
    found = {row["check"]: row for row in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 2
    assert found["clock"]["verdict"] == "ok"
    assert (found["login"]["verdict"], found["login"]["text"]) == ("missing", "no secret was found")
    assert list(found)[-1] == "login"
