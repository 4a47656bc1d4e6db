"""A server of API keys only: what later builds of 19 do by key, and what every version does by password.

It stands for `res.users.apikeys` as the documentation and the two measured servers show it; contract tests ask the
real ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from oimkit.errors import AccessDenied, InvalidCall, InvalidRecord, OutcomeUnknown
from oimkit.odoo import Odoo, Secret, ServerVersion, connect
from oimkit.odoo.transport import Call, Deadline

FIELDS: Mapping[str, Mapping[str, str]] = {
    "res.users.apikeys": {
        "name": "char",
        "scope": "char",
        "user_id": "many2one",
        "create_date": "datetime",
        "expiration_date": "datetime",
    },
    "res.users.apikeys.description": {"name": "char", "duration": "selection", "expiration_date": "datetime"},
    "res.users.identitycheck": {"password": "char"},
}


def refuse(text: str) -> InvalidRecord:
    return InvalidRecord(f"the server refused it: {text}", server_class="odoo.exceptions.UserError")


@dataclass(repr=False)
class KeyServer:
    """One user's keys. ``by_key`` is False on builds without ``generate``; ``stored_password`` is True as on 14."""

    by_key: bool = True
    password: str = "correct horse"
    stored_password: bool = False
    limit: int = 10
    keys: dict[int, dict[str, Any]] = field(default_factory=dict)
    refusal: str = ""
    lose: str = ""
    asked: list[str] = field(default_factory=list)
    wizards: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, scope: str | None = "rpc", expires: str | bool = False) -> str:
        key = secrets.token_hex(20)
        self.keys[len(self.asked) * 100 + len(self.keys) + 1] = {
            "name": name,
            "scope": scope or False,
            "expiration_date": expires,
            "key": key,
        }
        return key

    def connect(self, secret: Secret | str) -> Odoo:
        value = secret if isinstance(secret, str) else secret.reveal()
        if value != self.password and value not in [row["key"] for row in self.keys.values()]:
            raise AccessDenied("login refused: database, user or secret is wrong")
        return connect(transport=_Login(self))

    def works(self, secret: Secret | str) -> bool:
        try:
            self.connect(secret)
        except AccessDenied:
            return False
        return True

    def send(self, call: Call, deadline: Deadline) -> Any:
        del deadline
        self.asked.append(f"{call.model}.{call.method}")
        if call.method == "fields_get":
            types = FIELDS[call.model]
            stored = self.stored_password or call.model != "res.users.identitycheck"
            return {name: {"type": kind, "relation": "res.users", "store": stored} for name, kind in types.items()}
        result = self._do(call)
        if self.lose == call.method:
            self.lose = ""
            raise OutcomeUnknown("the connection broke")
        return result

    def _do(self, call: Call) -> Any:
        given = call.arguments
        if self.refusal and call.method in ("generate", "make_key"):
            raise refuse(self.refusal)
        match call.method:
            case "search_read":
                moment = "2026-01-01 00:00:00"
                return [
                    {**{k: v for k, v in row.items() if k != "key"}, "id": id_, "create_date": moment}
                    for id_, row in sorted(self.keys.items())
                ]
            case "generate" | "revoke" if not self.by_key:
                raise InvalidCall(f"the server has no method {call.model}.{call.method}")
            case "generate":
                if len(self.keys) >= self.limit:
                    raise refuse(f"Limit of {self.limit} API keys is reached for programmatic creation")
                if not self.works(given["key"]):
                    raise AccessDenied("denied")
                return self.add(given["name"], given["scope"] or None, given["expiration_date"])
            case "revoke":
                for id_, row in self.keys.items():
                    if row["key"] == given["key"]:
                        del self.keys[id_]
                        return True
                raise AccessDenied("denied")
            case "create":
                return [self._wizard(given["vals_list"][0])]
            case "make_key" | "remove":
                wizard = self._wizard({"method": call.method, "ids": call.ids})
                return {"res_model": "res.users.identitycheck", "res_id": wizard}
            case "write":
                self.wizards[call.ids[0]].update(given["vals"])
                return True
            case "run_check":
                return self._checked(self.wizards[call.ids[0]], call.context)
        raise AssertionError(call)

    def _wizard(self, values: Mapping[str, Any]) -> int:
        number = len(self.wizards) + 1
        self.wizards[number] = dict(values)
        return number

    def _checked(self, wizard: dict[str, Any], context: Mapping[str, Any]) -> Any:
        password = wizard.get("password") if self.stored_password else context.get("password")
        if password != self.password:
            raise refuse("Incorrect Password, try again") if not self.stored_password else AccessDenied("denied")
        if self.stored_password:
            wizard["password"] = False
        if wizard["method"] == "remove":
            for id_ in wizard["ids"]:
                del self.keys[id_]
            return {"type": "ir.actions.act_window_close"}
        wish = self.wizards[wizard["ids"][0]]
        key = self.add(wish["name"], None, wish.get("expiration_date", False))
        return {"res_model": "res.users.apikeys.show", "context": {"default_key": key}}


@dataclass(frozen=True)
class _Login:
    server: KeyServer

    name = "json2"
    url = "https://keys.example.com"
    database = "d"
    uid = 2

    def version(self, deadline: Deadline) -> ServerVersion:
        return ServerVersion.parse("19.0")

    def send(self, call: Call, deadline: Deadline) -> Any:
        return self.server.send(call, deadline)


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
