"""Write the field tables of the sandbox's version profiles from running real servers.

    python scripts/take_field_tables.py [--servers FILE] [--out FOLDER]

The servers are those of the live ring (`python -m tests.live.servers up`), or those in FILE: one JSON object a line
with `url`, `database`, `user` and `secret`. For each server one `<major>.json` is written:

    {"server_version": ..., "modules": [...], "models": {model: {field: {...}} or null}}

A model that the server does not have is null. Of each field stand there: `type`; `string`, its title in English,
where that is not its name in words; `relation`, `relation_field`, `digits`, `currency_field`, `size` and `selection`
(the stored keys) with `labels` where it has them; `required`, `readonly`, `company_dependent` and `translate` where
they are true; `store` and `searchable` where they are false. Help texts are left out. What `fields_get` tells depends
on the user: a field kept from the administrator by a group is not in the table.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import requests

from oimkit.sandbox.profile import words_of

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 120
MODELS = """
    res.partner res.partner.bank res.users res.groups res.company res.currency res.bank res.country
    ir.model ir.model.fields ir.model.data ir.config_parameter ir.attachment ir.module.module decimal.precision
    mail.message mail.activity mail.activity.type
    crm.lead crm.stage crm.team crm.lost.reason crm.tag utm.source utm.medium utm.campaign
    project.project project.project.stage project.task project.task.type project.milestone project.tags
    hr.employee hr.expense hr.expense.sheet account.analytic.line account.analytic.account account.analytic.plan
    product.product product.template product.category uom.uom uom.category
    account.journal account.account account.move account.move.line account.bank.statement account.bank.statement.line
    account.partial.reconcile account.full.reconcile account.payment account.tax account.payment.term
    account.payment.term.line account.reconcile.model account.payment.register account.payment.method
    account.payment.method.line account.account.type
    sale.order sale.order.line sale.advance.payment.inv
    mail.mail mail.notification mail.template account.move.send.wizard ir.ui.menu
    mail.message.subtype mail.blacklist phone.blacklist mail.tracking.value mail.followers
    crm.lead.lost crm.lead2opportunity.partner
    ir.rule ir.model.access ir.actions.report res.lang res.partner.category res.users.apikeys
""".split()  # noqa: SIM905 - fifty names read better as a paragraph
PLAIN = (
    "type", "relation", "relation_field", "digits", "currency_field", "size",
    "model_field", "definition_record", "definition_record_field",
)  # fmt: skip
WHEN_TRUE = ("required", "readonly", "company_dependent", "translate")
WHEN_FALSE = ("store", "searchable")
# Keys that are a list of the world rather than of Odoo (time zones, languages) are not kept.
OPEN_SELECTIONS = {"tz", "lang", "default_lang"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", type=Path, help="JSON lines with url, database, user, secret")
    parser.add_argument("--out", type=Path, default=ROOT / "src" / "oimkit" / "sandbox" / "profiles")
    arguments = parser.parse_args()
    servers = servers_in(arguments.servers) if arguments.servers else servers_of_the_live_ring()
    if not servers:
        print("no server: run `python -m tests.live.servers up` first", file=sys.stderr)
        return 1
    arguments.out.mkdir(parents=True, exist_ok=True)
    for server in servers:
        table = take(Session(server))
        path = arguments.out / f"{table['server_version'].split('.')[0]}.json"
        path.write_text(written(table), encoding="utf-8")
        print(f"{path}: {len(table['models'])} models", file=sys.stderr)
    return 0


def servers_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def servers_of_the_live_ring() -> list[dict[str, Any]]:
    sys.path.insert(0, str(ROOT))
    from tests.live.servers import running_servers

    return [
        {"url": server.url, "database": server.database, "user": server.user, "secret": server.secret}
        for server in running_servers()
    ]


class Session:
    """One server over JSON-RPC, signed in."""

    def __init__(self, server: dict[str, Any]) -> None:
        self.url = server["url"].rstrip("/") + "/jsonrpc"
        self.database, self.secret = server["database"], server["secret"]
        self.version: str = self.ask("common", "version")["server_version"]
        self.user_id: int = self.ask("common", "authenticate", self.database, server["user"], self.secret, {})

    def ask(self, service: str, method: str, *arguments: Any) -> Any:
        body = {
            "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": {"service": service, "method": method, "args": arguments},
        }  # fmt: skip
        reply = requests.post(self.url, json=body, timeout=TIMEOUT_S).json()
        if "error" in reply:
            raise LookupError(reply["error"]["data"]["message"])
        return reply.get("result")

    def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        return self.ask(
            "object", "execute_kw", self.database, self.user_id, self.secret, model, method, arguments, named
        )


def take(session: Session) -> dict[str, Any]:
    known = {row["model"] for row in session.call("ir.model", "search_read", [["model", "in", MODELS]], ["model"])}
    modules = session.call("ir.module.module", "search_read", [["state", "=", "installed"]], ["name"])
    return {
        "server_version": session.version,
        "modules": sorted(row["name"] for row in modules),
        "models": {name: fields_of(session, name) if name in known else None for name in sorted(MODELS)},
    }


def fields_of(session: Session, model: str) -> dict[str, dict[str, Any]]:
    fields = session.call(model, "fields_get", [], ["string", *PLAIN, *WHEN_TRUE, *WHEN_FALSE, "selection"])
    return {name: entry(name, fields[name]) for name in sorted(fields)}


def entry(name: str, field: dict[str, Any]) -> dict[str, Any]:
    row = {key: field[key] for key in PLAIN if field.get(key)}
    if field["string"] != words_of(name):
        row["string"] = field["string"]
    row |= {key: True for key in WHEN_TRUE if field.get(key)}
    row |= {key: False for key in WHEN_FALSE if field.get(key) is False}
    if field["type"] in ("selection", "reference") and name not in OPEN_SELECTIONS:
        row["selection"] = [key for key, _label in field.get("selection") or ()]
        row["labels"] = [label for _key, label in field.get("selection") or ()]
    return row


def written(table: dict[str, Any]) -> str:
    """The table as JSON, one field a line, so that a change of version can be read as a difference."""
    lines = [
        "{",
        f'"server_version": {json.dumps(table["server_version"])},',
        f'"modules": {json.dumps(table["modules"])},',
    ]
    lines.append('"models": {')
    for model, fields in table["models"].items():
        last = model == max(table["models"])
        if fields is None:
            lines.append(f'"{model}": null' + ("" if last else ","))
            continue
        rows = ",\n".join(f" {json.dumps(n)}: {json.dumps(f, separators=(',', ':'))}" for n, f in fields.items())
        lines += [f'"{model}": {{', rows, "}" + ("" if last else ",")]
    return "\n".join([*lines, "}", "}", ""])


if __name__ == "__main__":
    sys.exit(main())
