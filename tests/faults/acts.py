"""One call of each method of the sandbox that changes something, with a way to count how often its effect is there.

An act is named like the entry point that it calls: ``copy`` for every model's own, ``crm.lead.action_set_won`` where
a model has a method of its own or its own version of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oimkit.odoo import Odoo
from oimkit.odoo.transport import Call
from oimkit.sandbox.model import Model
from oimkit.sandbox.models.registry import REGISTRY
from oimkit.sandbox.profile import load_profile
from oimkit.sandbox.rpc import entry_points

__all__ = ["ACTS", "UNTRIED", "Act", "acts_of", "changing_entry_points"]

PARTNER, LEAD, MOVE, ITEM = "res.partner", "crm.lead", "account.move", "account.move.line"
STATEMENT, LINE = "account.bank.statement", "account.bank.statement.line"
BOTH, OLD, NEW = (14, 19), (14,), (19,)

_ONLY_READS = "it only reads, and is taken for one that changes something because no table of methods says so"

UNTRIED = {
    "ir.actions.report.get_wkhtmltopdf_state": _ONLY_READS,
    "ir.model.access.check": _ONLY_READS,
    "ir.model.data.xmlid_to_res_model_res_id": _ONLY_READS,  # until 14
}
"""Entry points without an act, each with its reason."""


@dataclass(frozen=True)
class Act:
    """One mutating call.

    prepare   what has to be there before; what it returns is handed to the other two
    act       the call, once
    effects   how often its effect is there after it: 1 when it was carried out once
    versions  those of 14 and 19 that have the method
    """

    name: str
    prepare: Callable[[Odoo, str], Any]
    act: Callable[[Odoo, str, Any], object]
    effects: Callable[[Odoo, str, Any], int]
    versions: tuple[int, ...] = BOTH


def acts_of(version: int) -> list[Act]:
    return [act for act in ACTS if version in act.versions]


def changing_entry_points(version: int) -> set[str]:
    """Every entry point that the client takes for one that changes something, named as an act is."""
    common = {entry.function for entry in entry_points(Model)}
    there = {model: kind for model, kind in REGISTRY.items() if model in load_profile(version).models}
    return {
        entry.name if entry.function in common else f"{model}.{entry.name}"
        for model, kind in there.items()
        for entry in entry_points(kind)
        if entry.since <= version <= entry.until and Call(model, entry.name).changes
    }


# --- what is there before


def one(odoo: Odoo, model: str, values: dict[str, Any], **context: Any) -> int:
    (identity,) = odoo.with_context(**context).call(model, "create", vals_list=[values])
    return int(identity)


def nothing(_odoo: Odoo, _mark: str) -> None:
    return None


def partner(odoo: Odoo, mark: str) -> int:
    return one(odoo, PARTNER, {"name": mark})


def archived_partner(odoo: Odoo, mark: str) -> int:
    return one(odoo, PARTNER, {"name": mark, "active": False})


def lead(odoo: Odoo, mark: str) -> int:
    return one(odoo, LEAD, {"name": mark, "type": "opportunity"})


def raw_lead(odoo: Odoo, mark: str) -> int:
    return one(odoo, LEAD, {"name": mark, "contact_name": mark, "type": "lead"})


def lost_lead(odoo: Odoo, mark: str) -> int:
    identity = lead(odoo, mark)
    odoo.call(LEAD, "action_set_lost", ids=[identity])
    return identity


def lost_wizard(odoo: Odoo, mark: str) -> tuple[int, int]:
    """A lead, and the wizard that loses it: it takes the lead from its values on 19, from the context on 14."""
    identity = lead(odoo, mark)
    values = {"lead_ids": [[6, 0, [identity]]]} if odoo.version.major >= 17 else {}
    return identity, one(odoo, "crm.lead.lost", values)


def convert_wizard(odoo: Odoo, mark: str) -> tuple[int, int]:
    identity = raw_lead(odoo, mark)
    values = {"action": "create", "name": "convert"}
    return identity, one(odoo, "crm.lead2opportunity.partner", values, active_id=identity)


def draft(odoo: Odoo, mark: str, kind: str = "out_invoice", customer: int | None = None) -> int:
    line = [0, 0, {"name": "work", "quantity": 1, "price_unit": 10}]
    owner = customer or partner(odoo, mark)
    values = {"move_type": kind, "ref": mark, "partner_id": owner, "invoice_line_ids": [line]}
    return one(odoo, MOVE, values)


def posted(odoo: Odoo, mark: str, kind: str = "out_invoice", customer: int | None = None) -> int:
    move = draft(odoo, mark, kind, customer)
    odoo.call(MOVE, "action_post", ids=[move])
    return move


def trade_item(odoo: Odoo, move: int) -> int:
    """The item of *move* that its customer owes."""
    (item,) = odoo.search(ITEM, [["move_id", "=", move], ["date_maturity", "!=", False]])
    return item


def open_pair(odoo: Odoo, mark: str) -> tuple[int, int, int]:
    """An invoice and a credit note of one customer: the invoice, its item, the credit note's item."""
    customer = partner(odoo, mark)
    moves = [posted(odoo, mark, kind, customer) for kind in ("out_invoice", "out_refund")]
    return moves[0], trade_item(odoo, moves[0]), trade_item(odoo, moves[1])


def matched_pair(odoo: Odoo, mark: str) -> tuple[int, int, int]:
    invoice, item, other = open_pair(odoo, mark)
    odoo.call(ITEM, "reconcile", ids=[item, other])
    return invoice, item, other


def statement(odoo: Odoo, mark: str) -> int:
    (bank, *_) = odoo.search("account.journal", [["type", "=", "bank"]])
    return one(odoo, STATEMENT, {"name": mark, "journal_id": bank, "date": "2026-11-02"})


def posted_statement(odoo: Odoo, mark: str) -> int:
    identity = statement(odoo, mark)
    odoo.call(STATEMENT, "button_post", ids=[identity])
    return identity


def settled_line(odoo: Odoo, mark: str) -> tuple[int, int]:
    """A bank entry whose suspense item was moved to another account, and the suspense account."""
    (bank, *_) = odoo.search_read("account.journal", [["type", "=", "bank"]], ["suspense_account_id"])
    owner = {"statement_id": statement(odoo, mark)} if odoo.version.major < 16 else {"journal_id": bank["id"]}
    line = one(odoo, LINE, {**owner, "payment_ref": mark, "amount": 10, "date": "2026-11-02"})
    suspense = bank["suspense_account_id"].id
    (item,) = odoo.search(ITEM, [["statement_line_id", "=", line], ["account_id", "=", suspense]])
    (move,) = odoo.search_read(ITEM, [["date_maturity", "!=", False]], ["account_id"], limit=1)
    odoo.call(ITEM, "write", ids=[item], vals={"account_id": move["account_id"].id})
    return line, suspense


def send_wizard(odoo: Odoo, mark: str) -> tuple[int, int]:
    move = posted(odoo, mark)
    return move, one(odoo, "account.move.send.wizard", {"move_id": move, "sending_methods": ["email"]})


def activity(odoo: Odoo, mark: str) -> tuple[int, int]:
    identity = partner(odoo, mark)
    return identity, one(odoo, "mail.activity", {"res_model": PARTNER, "res_id": identity, "summary": mark})


# --- how often the effect is there


def named(odoo: Odoo, mark: str, _before: Any = None) -> int:
    return odoo.with_context(active_test=False).count(PARTNER, [["name", "=", mark]])


def copied(odoo: Odoo, mark: str, _before: Any) -> int:
    return named(odoo, f"{mark} copied")


def gone(odoo: Odoo, mark: str, before: Any) -> int:
    return 1 - named(odoo, mark, before)


def where(model: str, field: str, value: Any) -> Callable[[Odoo, str, Any], int]:
    """1 when the record that was there before, the first of several, has *value* in *field*."""

    def effects(odoo: Odoo, _mark: str, before: Any) -> int:
        identity = before[0] if isinstance(before, tuple) else before
        (row,) = odoo.call(model, "read", ids=[identity], fields=[field])
        return int(row[field] == value)

    return effects


def notes(odoo: Odoo, mark: str, before: Any) -> int:
    identity = before[0] if isinstance(before, tuple) else before
    said = [["model", "=", PARTNER], ["res_id", "=", identity], ["body", "like", mark]]
    return odoo.count("mail.message", said)


def followers(odoo: Odoo, _mark: str, identity: Any) -> int:
    return odoo.count("mail.followers", [["res_model", "=", PARTNER], ["res_id", "=", identity]])


def parameters(odoo: Odoo, mark: str, _before: Any) -> int:
    return odoo.count("ir.config_parameter", [["key", "=", mark], ["value", "=", "set"]])


def matches(odoo: Odoo, _mark: str, pair: Any) -> int:
    return odoo.count("account.partial.reconcile", [["debit_move_id", "=", pair[1]]])


def unmatched(odoo: Odoo, mark: str, pair: Any) -> int:
    return 1 - matches(odoo, mark, pair)


def suspense_items(odoo: Odoo, _mark: str, before: Any) -> int:
    line, suspense = before
    return odoo.count(ITEM, [["statement_line_id", "=", line], ["account_id", "=", suspense]])


def mails(odoo: Odoo, _mark: str, before: Any) -> int:
    about = [["mail_message_id.model", "=", MOVE], ["mail_message_id.res_id", "=", before[0]]]
    return odoo.count("mail.mail", about)


def documents(odoo: Odoo, _mark: str, move: Any) -> int:
    return odoo.count("ir.attachment", [["res_model", "=", MOVE], ["res_id", "=", move]])


# --- the acts


def on(model: str, method: str, **arguments: Any) -> Callable[[Odoo, str, Any], object]:
    """The call of *method* on the record that was there before, the last of several."""

    def act(odoo: Odoo, _mark: str, before: Any) -> object:
        identity = before[-1] if isinstance(before, tuple) else before
        return odoo.call(model, method, ids=[identity], **arguments)

    return act


def in_context(model: str, method: str) -> Callable[[Odoo, str, Any], object]:
    """The call of *method* on a wizard that takes its record from the context."""

    def act(odoo: Odoo, _mark: str, before: Any) -> object:
        record, wizard = before
        return odoo.call(model, method, ids=[wizard], context={"active_ids": [record]})

    return act


ACTS = (
    Act("create", nothing, lambda o, m, _: o.call(PARTNER, "create", vals_list=[{"name": m}]), named),
    Act("name_create", nothing, lambda o, m, _: o.call(PARTNER, "name_create", name=m), named),
    Act("load", nothing, lambda o, m, _: o.load(PARTNER, ["name"], [[m]]), named),
    Act("copy", partner, lambda o, m, i: o.call(PARTNER, "copy", ids=[i], default={"name": f"{m} copied"}), copied),
    Act("write", partner, lambda o, _, i: o.write(PARTNER, [i], {"ref": "x"}), where(PARTNER, "ref", "x")),
    Act("unlink", partner, on(PARTNER, "unlink"), gone),
    Act("action_archive", partner, on(PARTNER, "action_archive"), where(PARTNER, "active", False)),
    Act("action_unarchive", archived_partner, on(PARTNER, "action_unarchive"), where(PARTNER, "active", True)),
    Act("toggle_active", partner, on(PARTNER, "toggle_active"), where(PARTNER, "active", False), OLD),
    Act("message_post", partner, lambda o, m, i: o.call(PARTNER, "message_post", ids=[i], body=m), notes),
    Act(
        "message_subscribe",
        partner,
        lambda o, _, i: o.call(PARTNER, "message_subscribe", ids=[i], partner_ids=[i]),
        followers,
    ),
    Act(
        "mail.activity.action_feedback",
        activity,
        lambda o, m, both: o.call("mail.activity", "action_feedback", ids=[both[1]], feedback=m),
        notes,
    ),
    Act(
        "ir.config_parameter.set_param",
        nothing,
        lambda o, m, _: o.call("ir.config_parameter", "set_param", key=m, value="set"),
        parameters,
    ),
    Act("crm.lead.action_set_won", lead, on(LEAD, "action_set_won"), where(LEAD, "probability", 100)),
    Act(
        "crm.lead.action_set_won_rainbowman",
        lead,
        on(LEAD, "action_set_won_rainbowman"),
        where(LEAD, "probability", 100),
    ),
    Act("crm.lead.action_set_lost", lead, on(LEAD, "action_set_lost"), where(LEAD, "active", False)),
    Act("crm.lead.action_restore", lost_lead, on(LEAD, "action_restore"), where(LEAD, "active", True), NEW),
    Act("crm.lead.toggle_active", lead, on(LEAD, "toggle_active"), where(LEAD, "active", False)),
    Act("crm.lead.action_archive", lead, on(LEAD, "action_archive"), where(LEAD, "active", False)),
    Act("crm.lead.action_unarchive", lost_lead, on(LEAD, "action_unarchive"), where(LEAD, "active", True)),
    Act(
        "crm.lead.convert_opportunity",
        raw_lead,
        on(LEAD, "convert_opportunity", partner=False),
        where(LEAD, "type", "opportunity"),
    ),
    Act(
        "crm.lead.lost.action_lost_reason_apply",
        lost_wizard,
        in_context("crm.lead.lost", "action_lost_reason_apply"),
        where(LEAD, "active", False),
    ),
    Act(
        "crm.lead2opportunity.partner.action_apply",
        convert_wizard,
        in_context("crm.lead2opportunity.partner", "action_apply"),
        named,
    ),
    Act("account.move.action_post", draft, on(MOVE, "action_post"), where(MOVE, "state", "posted")),
    Act("account.move.button_draft", posted, on(MOVE, "button_draft"), where(MOVE, "state", "draft")),
    Act("account.move.button_cancel", draft, on(MOVE, "button_cancel"), where(MOVE, "state", "cancel")),
    Act(
        "account.move.js_assign_outstanding_line",
        open_pair,
        lambda o, _, pair: o.call(MOVE, "js_assign_outstanding_line", ids=[pair[0]], line_id=pair[2]),
        matches,
    ),
    Act(
        "account.move.line.reconcile",
        open_pair,
        lambda o, _, pair: o.call(ITEM, "reconcile", ids=list(pair[1:])),
        matches,
    ),
    Act(
        "account.move.line.remove_move_reconcile",
        matched_pair,
        lambda o, _, pair: o.call(ITEM, "remove_move_reconcile", ids=list(pair[1:])),
        unmatched,
    ),
    Act(
        "account.move.send.wizard.action_send_and_print",
        send_wizard,
        on("account.move.send.wizard", "action_send_and_print"),
        mails,
        NEW,
    ),
    Act(
        "mail.template.generate_email",
        posted,
        lambda o, _, i: o.call("mail.template", "generate_email", ids=[1], res_ids=i, fields=["subject"]),
        documents,
        OLD,
    ),
    Act(
        "account.bank.statement.button_post",
        statement,
        on(STATEMENT, "button_post"),
        where(STATEMENT, "state", "posted"),
        OLD,
    ),
    Act(
        "account.bank.statement.button_validate",
        posted_statement,
        on(STATEMENT, "button_validate"),
        where(STATEMENT, "state", "confirm"),
        OLD,
    ),
    Act(
        "account.bank.statement.button_reopen",
        posted_statement,
        on(STATEMENT, "button_reopen"),
        where(STATEMENT, "state", "open"),
        OLD,
    ),
    Act(
        "account.bank.statement.line.button_undo_reconciliation",
        settled_line,
        lambda o, _, both: o.call(LINE, "button_undo_reconciliation", ids=[both[0]]),
        suspense_items,
        OLD,
    ),
    Act(
        "account.bank.statement.line.action_undo_reconciliation",
        settled_line,
        lambda o, _, both: o.call(LINE, "action_undo_reconciliation", ids=[both[0]]),
        suspense_items,
        NEW,
    ),
)
