"""The table of signatures is what servers say of their methods; calls beyond it are refused by what they say."""

from __future__ import annotations

import pytest

from oimkit.errors import InvalidCall
from oimkit.odoo import Odoo, Secret
from oimkit.odoo.transport import Deadline, Http, Json2
from oimkit.odoo.transport.documentation import Described
from oimkit.odoo.transport.signatures import TABLE, Signature, signature
from tests.contract.conftest import Server, Target

MODELS = (
    *("res.partner", "crm.lead", "account.move", "account.move.line", "account.bank.statement.line", "res.users"),
    *("ir.model.data", "ir.config_parameter", "decimal.precision", "mail.activity", "sale.order"),
    *("crm.lead2opportunity.partner", "sale.advance.payment.inv"),
)
LEFT_OUT = frozenset(["read_group", "check_access_rights", "toggle_active"])
"""Deprecated on 19: not described, and answered."""


def client(server: Server, role: str = "admin") -> Odoo:
    return Target(server, "json2").connect(role)


def documented(server: Server, role: str = "admin") -> Json2:
    login = server.logins[role]
    return Json2(Http(server.url), server.database, login.user_id, Secret(login.api_key))


def disagreement(known: Signature, told: Described) -> str | None:
    """How the table differs from what the server says, or None."""
    if known.on != "either" and (known.on == "model") is not told.of_model:
        return f"on {known.on}, the server says otherwise"
    for argument in known.arguments:
        there = [name for name in argument.names if name in told.names]
        if there and argument.names[0] not in told.names:
            return f"{argument.names[0]} is {there[0]} on the newest server"
        if argument.required and there and argument.names[0] not in told.required:
            return f"{argument.names[0]} need not be given"
    places = [argument.names[0] for argument in known.arguments if argument.names[0] in told.names]
    if places != [name for name in told.names if name in places]:
        return "the order is another"
    left = set(told.required) - {name for argument in known.arguments for name in argument.names}
    return f"{sorted(left)} are needed as well" if left and not known.open else None


def test_the_table_agrees_with_what_the_server_says_of_its_methods(new_server: Server) -> None:
    transport = documented(new_server)
    compared, wrong = set(), []
    for model in MODELS:
        for name in TABLE:
            method = name.rpartition(".")[2] if "." in name else name
            known = signature(model, method)
            if known is None or ("." in name and name != f"{model}.{method}"):
                continue
            told = transport.documentation.method(model, method, Deadline.after(30))
            if told is not None:
                compared.add(known.name)
                if difference := disagreement(known, told):
                    wrong.append(f"{model}.{method}: {difference}")
    assert wrong == []
    assert LEFT_OUT.isdisjoint(compared) or not new_server.is_live
    if new_server.is_live:
        assert len(compared) >= 45, sorted(set(TABLE) - compared)


def test_method_of_records_that_is_in_no_table_is_not_carried_out_on_none_of_them(new_server: Server) -> None:
    odoo = client(new_server)
    assert signature("crm.lead", "action_set_won_rainbowman") is None
    with pytest.raises(InvalidCall, match="is a method of records and was given no ids"):
        odoo.call("crm.lead", "action_set_won_rainbowman")


@pytest.mark.parametrize("transport", ["xmlrpc", "jsonrpc", "json2"])
def test_wrong_argument_is_refused_with_the_names_that_there_are(new_server: Server, transport: str) -> None:
    odoo = Target(new_server, transport).connect()
    with pytest.raises(InvalidCall) as caught:
        odoo.call("res.partner", "search", domain=[], nonsense=1)
    assert caught.value.reason == "res.partner.search does not take the argument nonsense"
    if transport == "json2":
        assert caught.value.advice == "it takes domain, offset, limit, order"


def test_user_without_the_documentation_is_refused_by_the_call_itself(new_server: Server) -> None:
    odoo = client(new_server, "limited")
    for _ in range(2):
        with pytest.raises(InvalidCall, match=r"res\.partner\.search does not take the argument nonsense"):
            odoo.call("res.partner", "search", domain=[], nonsense=1)
    transport = documented(new_server, "limited")
    transport.documentation.method("res.partner", "search", Deadline.after(30))
    assert transport.documentation.is_closed
