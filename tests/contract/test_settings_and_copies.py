"""Parameters, rights asked for as methods, copies and metadata: the same on the double and on real servers."""

from __future__ import annotations

import uuid

import pytest

from oimkit.sandbox import Sandbox
from tests.contract.conftest import Server
from tests.contract.raw import Raw, RawFault
from tests.sandbox.conftest import raw_of


@pytest.fixture
def raw(server: Server) -> Raw:
    return server.raw()


def test_the_database_has_an_identity_that_stays(server: Server, raw: Raw) -> None:
    first = raw.call("ir.config_parameter", "get_param", "database.uuid")
    assert str(uuid.UUID(first)) == first
    assert raw.call("ir.config_parameter", "get_param", "database.uuid") == first
    row = raw.find("ir.config_parameter", [["key", "=", "database.uuid"]], "value")
    assert row[0]["value"] == first


def test_a_stored_sandbox_keeps_its_identity_and_another_has_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("identity")

    def identity(name: str) -> str:
        with Sandbox(19, folder / name) as sandbox:
            return str(raw_of(sandbox).call("ir.config_parameter", "get_param", "database.uuid"))

    first = identity("one.sqlite")
    assert identity("one.sqlite") == first
    assert identity("two.sqlite") != first


def test_parameters_are_set_and_taken_away(raw: Raw, token: str) -> None:
    def get(*default: str) -> object:
        return raw.call("ir.config_parameter", "get_param", f"x.{token}", *default)

    assert (get(), get("instead")) == (False, "instead")
    raw.call("ir.config_parameter", "set_param", f"x.{token}", "1")
    assert raw.call("ir.config_parameter", "set_param", f"x.{token}", "2") == "1"
    assert get() == "2"
    raw.call("ir.config_parameter", "set_param", f"x.{token}", False)
    assert get() is False


def test_parameters_are_for_administrators(server: Server) -> None:
    with pytest.raises(RawFault, match="You are not allowed to access 'System Parameter'"):
        server.raw("limited").call("ir.config_parameter", "get_param", "database.uuid")


def test_rights_are_asked_for_as_a_method(server: Server) -> None:
    assert server.raw().call("ir.model.access", "check", "res.partner", "write") is True
    assert server.raw("limited").call("ir.model.access", "check", "res.partner", "write", False) is False
    with pytest.raises(RawFault, match="You are not allowed to modify 'Contact'"):
        server.raw("limited").call("ir.model.access", "check", "res.partner", "write")


def test_a_copy_is_one_id_or_a_list_by_version(server: Server, raw: Raw, token: str) -> None:
    made = raw.create("res.partner", name=f"Orig {token}", email="a@b.example", color=3)
    copied = raw.call("res.partner", "copy", [made])
    (id_,) = copied if server.version >= 19 else [copied]
    row = raw.one("res.partner", id_, "name", "email", "color")
    assert row == {"id": id_, "name": f"Orig {token} (copy)", "email": "a@b.example", "color": 3}
    named = raw.call("res.partner", "copy", [made], {"name": f"New {token}"})
    (other,) = named if server.version >= 19 else [named]
    assert raw.value("res.partner", other, "email") == "a@b.example"


def test_metadata_tells_who_and_when(raw: Raw, token: str) -> None:
    made = raw.create("res.partner", name=token)
    (told,) = raw.call("res.partner", "get_metadata", [made])
    assert (told["id"], told["create_uid"][0], told["xmlid"]) == (made, raw.user_id, False)
    assert told["create_date"] == raw.value("res.partner", made, "create_date")
