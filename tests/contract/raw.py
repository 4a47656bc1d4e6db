"""Plain requests to a server, without oimkit: what a contract test measures with, and prepares with.

One class a protocol; ``call`` gives the value (None where a JSON reply has no ``result``) or raises RawFault.
"""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Mapping
from typing import Any

import requests

TIMEOUT_S = 60


class RawFault(Exception):
    """A fault of the server: its class (dotted) or XML-RPC code, and its text."""

    def __init__(self, name: str, message: str, status: int = 200) -> None:
        self.name, self.message, self.status = name, message, status
        super().__init__(f"{name}: {message}")


class Raw:
    """One user of one database over JSON-RPC."""

    def __init__(self, url: str, database: str, user_id: int, secret: str) -> None:
        self.url, self.database, self.user_id, self.secret = url, database, user_id, secret
        self.session = requests.Session()
        self.session.trust_env = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(user_id={self.user_id})"

    def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        login = (self.database, self.user_id, self.secret)
        return self.service("object", "execute_kw", *login, model, method, list(arguments), named)

    def service(self, service: str, method: str, *arguments: Any) -> Any:
        params = {"service": service, "method": method, "args": list(arguments)}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        reply = self.session.post(f"{self.url}/jsonrpc", json=body, timeout=TIMEOUT_S)
        return jsonrpc_value(reply)

    # Short forms of what tests ask most

    def create(self, model: str, **values: Any) -> int:
        return int(self.call(model, "create", values))

    def one(self, model: str, id_: int, *fields: str) -> dict[str, Any]:
        return dict(self.call(model, "read", [id_], list(fields))[0])

    def value(self, model: str, id_: int, field: str) -> Any:
        return self.one(model, id_, field)[field]

    def find(self, model: str, domain: list[Any], *fields: str, **more: Any) -> list[dict[str, Any]]:
        return list(self.call(model, "search_read", domain, list(fields), **more))


class RawXml(Raw):
    """The same over XML-RPC."""

    def service(self, service: str, method: str, *arguments: Any) -> Any:
        proxy: Any = xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/{service}")
        try:
            return getattr(proxy, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            raise RawFault(str(fault.faultCode), fault.faultString) from None


class RawJson2(Raw):
    """The same over JSON-2: named arguments only, the secret is an API key."""

    def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        assert not arguments, "JSON-2 takes named arguments only"
        return self.post(model, method, named)

    def post(self, model: str, method: str, named: Mapping[str, Any]) -> Any:
        headers = {"Authorization": f"bearer {self.secret}", "X-Odoo-Database": self.database}
        url = f"{self.url}/json/2/{model}/{method}"
        reply = self.session.post(url, json=dict(named), headers=headers, timeout=TIMEOUT_S)
        if reply.status_code != 200:
            body = reply.json() if "json" in reply.headers.get("Content-Type", "") else {}
            raise RawFault(body.get("name", "html"), body.get("message", ""), reply.status_code)
        return reply.json()


def jsonrpc_value(reply: requests.Response) -> Any:
    body = reply.json()
    if "error" in body:
        data = body["error"]["data"]
        raise RawFault(data["name"], data["message"], reply.status_code)
    return body.get("result")
