"""Companies, languages, API keys and the production guard, on the double and on real servers alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from oimkit.errors import AccessDenied, ConfigurationError, InputError, OimkitError
from oimkit.odoo import Odoo, Secret, connect
from oimkit.odoo.api_keys import Rotated, list_keys, revoke, rotate
from oimkit.odoo.production import Standing
from tests.contract.conftest import Server, Target

NOW = datetime.now(UTC).replace(microsecond=0)


def made(odoo: Odoo, model: str, **values: object) -> int:
    (identity,) = odoo.call(model, "create", vals_list=[values])  # type: ignore[list-item,misc]
    return int(identity)


@pytest.fixture
def second(target: Target) -> int:
    """A second company that the administrator belongs to."""
    odoo = target.connect()
    name = f"Second {target.fresh_token}"
    company = made(odoo, "res.company", name=name)
    odoo.call("res.users", "write", ids=[odoo.uid], vals={"company_ids": [[4, company, 0]]})
    return company


def test_new_records_belong_to_the_company_chosen(target: Target, second: int) -> None:
    odoo = target.connect().with_company(second)
    lead = made(odoo, "crm.lead", name=target.fresh_token)
    (row,) = odoo.read("crm.lead", [lead], ["company_id"])
    assert row["company_id"].id == second


def test_record_of_another_company_is_not_written(target: Target, second: int) -> None:
    odoo = target.connect()
    partner = made(odoo, "res.partner", name=target.fresh_token, company_id=second)
    first = next(company for company in odoo.search("res.company", [], order="id") if company != second)
    view = odoo.with_company(first)
    with pytest.raises(InputError, match=rf"would reach into company {second} \(record {partner}\)"):
        view.write("res.partner", [partner], {"name": "changed"})
    with pytest.raises(InputError, match=rf"would reach into company {second}"):
        made(view, "res.partner", name="x", company_id=second)
    both = odoo.with_company(first, also=[second])
    both.write("res.partner", [partner], {"name": "changed"})
    assert odoo.read("res.partner", [partner], ["name"])[0]["name"] == "changed"


def test_company_is_found_by_name_and_a_strangers_is_refused(target: Target, second: int) -> None:
    odoo = target.connect()
    (row,) = odoo.read("res.company", [second], ["name"])
    assert odoo.with_company(str(row["name"])).company == odoo.with_company(second).company
    with pytest.raises(InputError, match="does not belong to company"):
        target.connect("limited").with_company(second)


def test_language_that_is_not_installed_is_refused(target: Target) -> None:
    odoo = target.connect("limited")
    assert odoo.with_language("en_US").context["lang"] == "en_US"
    with pytest.raises(InputError, match=r"the language is not installed .* en_US"):
        odoo.with_language("xx_XX")


def test_production_target_is_known_by_its_uuid(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    login = target.server.logins["admin"]

    def open_(url: str, **options: object) -> Odoo:
        return connect(
            url,
            database=target.server.database,
            user=login.login,
            secret=login.api_key,
            transport=target.transport,
            **options,  # type: ignore[arg-type]
        )

    open_(target.server.url, production=True)
    if "127.0.0.1" in target.server.url:
        other = open_(target.server.url.replace("127.0.0.1", "localhost"))
        assert other.guard.verdict(other).standing is Standing.PERHAPS
        with pytest.raises(ConfigurationError, match="a copy that kept the UUID"):
            other.call("res.partner", "create", vals_list=[{"name": "x"}])
        assert other.count("res.partner", []) > 0


# --- API keys: only real servers keep several and make new ones


@dataclass(frozen=True)
class KeyHolder:
    """A user of its own with one key, over a transport by which the server makes keys."""

    server: Server
    login: str
    password: str
    key: Secret
    transport: str

    def connect(self, secret: Secret) -> Odoo:
        server = self.server
        return connect(server.url, database=server.database, user=self.login, secret=secret, transport=self.transport)

    def turn(self, keep: Callable[[Secret], None], *, password: str | None = None, days: int = 30) -> Rotated:
        return rotate(
            self.connect(self.key),
            self.key,
            name="turned",
            now=NOW,
            days=days,
            keep=keep,
            reconnect=self.connect,
            password=lambda: Secret(self.password if password is None else password),
        )


@pytest.fixture
def holder(server: Server, token: str) -> KeyHolder:
    return key_holder(server, token, "json2" if server.version >= 19 else "jsonrpc")


def key_holder(server: Server, token: str, transport: str) -> KeyHolder:
    login, password = f"keys-{token}", f"Pass-{token}"
    admin = server.logins["admin"]
    odoo = connect(server.url, database=server.database, user=admin.login, secret=admin.api_key, transport="jsonrpc")
    made(odoo, "res.users", name=login, login=login, password=password)
    return KeyHolder(server, login, password, Secret(first_key(server, login, password)), transport)


def first_key(server: Server, login: str, password: str) -> str:
    """A key for a user who has none: by program up to 17, and in the browser's own way since."""
    if server.version >= 18:
        return _made_in_a_browser(server, login, password)
    kept: list[Secret] = []
    holder = KeyHolder(server, login, password, Secret(password), "jsonrpc")
    done = rotate(
        holder.connect(holder.key),
        holder.key,
        name="first",
        now=NOW,
        keep=kept.append,
        reconnect=holder.connect,
        password=lambda: Secret(password),
    )
    assert "there is no old key to revoke" in done.finding
    return kept[0].reveal()


def _made_in_a_browser(server: Server, login: str, password: str) -> str:
    """What a person does under Account Security."""
    web = requests.Session()

    def post(path: str, **params: object) -> Any:
        told = web.post(server.url + path, json={"jsonrpc": "2.0", "params": params}, timeout=60).json()
        assert "error" not in told, told["error"]["data"]["message"]
        return told["result"]

    def call(model: str, method: str, *args: object, **kwargs: object) -> Any:
        return post(f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=args, kwargs=kwargs)

    post("/web/session/authenticate", db=server.database, login=login, password=password)
    wish = call("res.users.apikeys.description", "create", {"name": "first", "duration": "30"})
    check = call("res.users.apikeys.description", "make_key", wish)["res_id"]
    shown = call("res.users.identitycheck", "run_check", [check], context={"password": password})
    return str(shown["context"]["default_key"])


@pytest.mark.real
def test_key_is_replaced_by_the_servers_own_check_of_the_password(holder: KeyHolder) -> None:
    kept: list[Secret] = []
    done = holder.turn(kept.append)
    assert (done.revoked, done.finding) == (True, "")
    with pytest.raises(AccessDenied):
        holder.connect(holder.key)
    (key,) = list_keys(holder.connect(kept[0]))
    assert key.name == "turned"
    assert key.has_end is (holder.server.version >= 19)
    if key.has_end:
        assert key.expires == NOW + timedelta(days=30)


@pytest.mark.real
@pytest.mark.versions(last=17)
def test_key_is_replaced_over_xmlrpc_on_old_servers(server: Server, token: str) -> None:
    holder = key_holder(server, token, "xmlrpc")
    kept: list[Secret] = []
    assert holder.turn(kept.append).revoked
    assert [key.name for key in list_keys(holder.connect(kept[0]))] == ["turned"]


@pytest.mark.real
@pytest.mark.versions(first=19)
@pytest.mark.parametrize("transport", ["jsonrpc", "xmlrpc"])
def test_other_protocols_of_new_servers_make_no_key_and_say_which_does(
    server: Server, token: str, transport: str
) -> None:
    holder = key_holder(server, token, transport)
    with pytest.raises(OimkitError, match="connect with transport json2"):
        holder.turn(lambda secret: None)
    assert [key.name for key in list_keys(holder.connect(holder.key))] == ["first"]


@pytest.mark.real
def test_wrong_password_makes_no_key(holder: KeyHolder) -> None:
    with pytest.raises(OimkitError, match="did not take the account's password"):
        holder.turn(lambda secret: None, password="not the password")
    assert [key.name for key in list_keys(holder.connect(holder.key))] == ["first"]


@pytest.mark.real
@pytest.mark.versions(first=18)
def test_key_that_lives_too_long_is_refused_in_a_clear_sentence(holder: KeyHolder) -> None:
    with pytest.raises(OimkitError, match="does not let this user have a key that lives so long"):
        holder.turn(lambda secret: None, days=400)


@pytest.mark.real
def test_key_is_revoked_by_its_id(holder: KeyHolder) -> None:
    odoo = holder.connect(holder.key)
    (key,) = list_keys(odoo)
    revoke(odoo, key.id, lambda: Secret(holder.password))
    with pytest.raises(AccessDenied):
        holder.connect(holder.key)
