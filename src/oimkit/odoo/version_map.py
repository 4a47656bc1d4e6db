"""What Odoo's main versions call the same thing: data, each entry with where it is known from.

An entry has one name that does not change and the spellings of it: ``lost_reason ..15`` is the name up to 15.0,
``lost_reason_id 16..`` from 16.0 on; a third word tells the type where that changed under the same name. Builds of
Odoo Online switch somewhere between two versions, and a server may lack a module, so an adapter asks ``fields_get``
(field_map.py) and nobody decides by these numbers alone; they tell what to expect of a version one does not run yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NEWEST", "OLDEST", "VERSION_MAP", "Entry", "Evidence", "Kind", "Spelling"]

OLDEST, NEWEST = 12, 19
"""The first and the last main version that the map tells of."""


class Kind(StrEnum):
    """What an entry names."""

    FIELD = "field"
    MODEL = "model"
    METHOD = "method"


class Evidence(StrEnum):
    """Where an entry is known from.

    READ      seen on real servers of 14 and of 19; the version between them from OpenUpgrade's analyses
    ANALYSED  OpenUpgrade's analyses of the module alone
    KNOWN     common knowledge, read nowhere
    """

    READ = "read on 14 and 19"
    ANALYSED = "OpenUpgrade analysis"
    KNOWN = "common knowledge"


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name, and the main versions that have it, both ends included; None is as far as the map goes.

    type  the field's type, where it is what changed
    """

    name: str
    since: int | None = None
    until: int | None = None
    type: str | None = None

    def holds_on(self, version: int) -> bool:
        return (self.since is None or self.since <= version) and (self.until is None or version <= self.until)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing and its spellings, in the order in which a server is looked through for them.

    model  its model as 19 calls it, or as the last version with it did; ``base`` for every model; for a model the
           same as ``name``
    used   oimkit itself relies on it
    note   what is different beside the name
    """

    kind: Kind
    model: str
    name: str
    spellings: tuple[Spelling, ...]
    evidence: Evidence
    used: bool = False
    note: str = ""

    def on(self, version: int) -> Spelling | None:
        """The spelling on a main version, or None where it has none."""
        return next((spelling for spelling in self.spellings if spelling.holds_on(version)), None)


_SPELLING = re.compile(r"(\S+) ([0-9]+)?\.\.([0-9]+)?(?: (\S+))?")


def _spelling(text: str) -> Spelling:
    found = _SPELLING.fullmatch(text)
    assert found is not None, text
    name, since, until, kind = found.groups()
    return Spelling(name, int(since) if since else None, int(until) if until else None, kind)


def _field(
    model: str,
    name: str,
    *spellings: str,
    evidence: Evidence = Evidence.READ,
    used: bool = False,
    note: str = "",
) -> Entry:
    return Entry(Kind.FIELD, model, name, tuple(map(_spelling, spellings)), evidence, used, note)


def _model(name: str, *spellings: str, evidence: Evidence = Evidence.ANALYSED, note: str = "") -> Entry:
    return Entry(Kind.MODEL, name, name, tuple(map(_spelling, spellings)), evidence, note=note)


def _method(
    model: str, name: str, *spellings: str, evidence: Evidence = Evidence.READ, used: bool = False, note: str = ""
) -> Entry:
    return Entry(Kind.METHOD, model, name, tuple(map(_spelling, spellings)), evidence, used, note)


_ANALYSED, _KNOWN = Evidence.ANALYSED, Evidence.KNOWN

_BASE = (
    _field(
        "res.partner", "customer_rank", "customer_rank 13..", "customer ..12", evidence=_ANALYSED, note="was a flag"
    ),
    _field(
        "res.partner", "supplier_rank", "supplier_rank 13..", "supplier ..12", evidence=_ANALYSED, note="was a flag"
    ),
    _field("res.partner", "image", "image_1920 13..", "image ..12", evidence=_ANALYSED),
    _field("res.partner", "mobile", "mobile ..18", note="the upgrade folds it into phone"),
    _field("res.partner", "title", "title ..18"),
    _field("res.partner", "autopost_bills", "autopost_bills 18.."),
    _field("res.partner", "properties", "properties 19.."),
    _field("res.partner", "invoice_warning", "invoice_warn ..18"),
    _field("res.partner", "debit_limit", "debit_limit ..18"),
    _model("res.partner.title", "res.partner.title ..18"),
    _field("res.partner.bank", "clearing_number", "clearing_number 19.."),
    _field("res.users", "groups", "group_ids 19..", "groups_id ..18"),
    _field("res.groups", "users", "user_ids 19..", "users ..18", evidence=_ANALYSED),
    _field("ir.filters", "users", "user_ids 19..", "user_id ..18", evidence=_ANALYSED, note="was one user"),
    _field("ir.attachment", "file_name", "name 13..", "datas_fname ..12", evidence=_ANALYSED),
    _field("ir.attachment", "raw", "raw 14..", evidence=_KNOWN, note="unsafe over RPC: read datas"),
    _method("base", "name_get", "name_get ..17", note="read display_name"),
    _method("base", "read_group", "formatted_read_group 19..", "read_group ..18", note="still answers on 19"),
    _method("base", "check_access", "has_access 18..", "check_access_rights ..17", note="still answers on 19"),
)

_CRM = (
    _field("crm.lead", "lost_reason", "lost_reason_id 16..", "lost_reason ..15", used=True),
    _field(
        "crm.lead",
        "revenue",
        "planned_revenue ..13",
        "expected_revenue 14..",
        used=True,
        note="expected_revenue was another amount to 13, weighted by the probability",
    ),
    _field("crm.lead", "prorated_revenue", "prorated_revenue 14..", "expected_revenue ..13"),
    _field("crm.lead", "outcome", "won_status 19..", used=True, note="won, lost or pending, stored"),
    _field("crm.lead", "automation_date", "date_automation_last 17..", "date_action_last ..16"),
    _field("crm.lead", "mobile", "mobile ..18"),
    _field("crm.lead", "title", "title ..18"),
    _field("crm.stage", "teams", "team_ids 19..", "team_id ..18", used=True, note="was one team"),
    _model("crm.tag", "crm.tag 14..", "crm.lead.tag ..13"),
    _field("mail.activity", "active", "active 17..", note="finished ones may stay, archived"),
    _field("mail.activity", "date_done", "date_done 17.."),
    _model("discuss.channel", "discuss.channel 17..", "mail.channel ..16"),
)

_INVOICES = (
    _model("account.move", "account.move 13..", "account.invoice ..12", note="an invoice and its entry are one record"),
    _field("account.move", "type", "move_type 14..", "type 12..13", evidence=_ANALYSED, used=True),
    _field(
        "account.move",
        "payment_state",
        "payment_state 14..",
        "invoice_payment_state 13..13",
        evidence=_ANALYSED,
        used=True,
    ),
    _field(
        "account.move",
        "payment_reference",
        "payment_reference 14..",
        "invoice_payment_ref 13..13",
        evidence=_ANALYSED,
        used=True,
    ),
    _field(
        "account.move", "bank_account", "partner_bank_id 14..", "invoice_partner_bank_id 13..13", evidence=_ANALYSED
    ),
    _field("account.move", "sent", "is_move_sent 14..", "invoice_sent 13..13", evidence=_ANALYSED),
    _field("account.move", "narration", "narration 15.. html", "narration ..14 text"),
    _field("account.move", "auto_post", "auto_post 16.. selection", "auto_post ..15 boolean"),
    _field("account.move", "to_check", "checked 18..", "to_check ..17", note="the sense is inverted"),
    _field("account.move", "reversals", "reversal_move_ids 18..", "reversal_move_id ..17"),
    _field("account.move", "payment", "origin_payment_id 18..", "payment_id 14..17"),
    _field("account.move", "sending", "sending_data 18..", "send_and_print_values 17..17", evidence=_ANALYSED),
    _field(
        "account.move.line",
        "analytic",
        "analytic_distribution 16..",
        "analytic_account_id ..15",
        note="was one account; now percentages by accounts",
    ),
    _field(
        "account.move.line",
        "excluded",
        "exclude_from_invoice_tab ..15",
        note="from 16 on display_type tells product lines",
    ),
    _field("account.move.line", "tax_tags", "tax_tag_ids 14..", "tag_ids ..13", evidence=_ANALYSED),
    _field("account.move.line", "discounted_amount", "discount_amount_currency 16..", used=True),
    _field("account.move.line", "discount_date", "discount_date 16..", used=True),
    _method("account.move", "post", "action_post 14..", "post 13..13", evidence=_KNOWN, used=True),
)

_ACCOUNTS = (
    _field(
        "account.account",
        "type",
        "account_type 16..",
        "internal_type ..15",
        used=True,
        note="asset_receivable was receivable, liability_payable was payable",
    ),
    _field("account.account", "type_record", "user_type_id ..15"),
    _model("account.account.type", "account.account.type ..15"),
    _field("account.account", "companies", "company_ids 18..", "company_id ..17", note="was one company"),
    _field("account.account", "active", "active 19..", "deprecated ..18", note="the sense is inverted"),
    _field(
        "account.journal",
        "default_account",
        "default_account_id 14..",
        "default_debit_account_id ..13",
        evidence=_ANALYSED,
        used=True,
    ),
    _field(
        "account.journal", "inbound_methods", "inbound_payment_method_line_ids 15..", "inbound_payment_method_ids ..14"
    ),
    _field(
        "account.journal",
        "outbound_methods",
        "outbound_payment_method_line_ids 15..",
        "outbound_payment_method_ids ..14",
    ),
    _field("account.tax", "country", "country_id 15..", note="required"),
    _field("res.company", "period_lock_date", "period_lock_date ..17", note="see sale_lock_date, purchase_lock_date"),
    _field("res.company", "sale_lock_date", "sale_lock_date 18.."),
    _field("res.company", "purchase_lock_date", "purchase_lock_date 18.."),
    _field("res.company", "hard_lock_date", "hard_lock_date 18.."),
    _model("account.fiscal.position.tax", "account.fiscal.position.tax ..18"),
)

_BANKING = (
    _field(
        "account.bank.statement", "state", "state ..15", used=True, note="from 16 on a statement is a folder of lines"
    ),
    _field("account.bank.statement", "difference", "difference ..15"),
    _field("account.bank.statement", "total_entry_encoding", "total_entry_encoding ..15"),
    _field("account.bank.statement", "previous", "previous_statement_id ..15"),
    _field("account.bank.statement", "move_lines", "move_line_ids ..15"),
    _field("account.bank.statement", "is_complete", "is_complete 16.."),
    _field("account.bank.statement", "first_line_index", "first_line_index 16.."),
    _field(
        "account.bank.statement.line",
        "payment_reference",
        "payment_ref 14..",
        "name ..13",
        evidence=_ANALYSED,
        used=True,
    ),
    _field(
        "account.bank.statement.line",
        "foreign_currency",
        "foreign_currency_id 14..",
        "currency_id ..13",
        evidence=_ANALYSED,
        used=True,
        note="currency_id is the journal's from 14 on",
    ),
    _field(
        "account.bank.statement.line",
        "bank_account",
        "partner_bank_id 14..",
        "bank_account_id ..13",
        evidence=_ANALYSED,
    ),
    _field("account.bank.statement.line", "running_balance", "running_balance 16..", used=True),
    _field("account.bank.statement.line", "transaction_details", "transaction_details 17.."),
    _method(
        "account.bank.statement.line",
        "undo_reconciliation",
        "action_undo_reconciliation 16..",
        "button_undo_reconciliation ..15",
        used=True,
    ),
    _method("account.bank.statement", "post", "button_post 14..15", used=True, note="lines are posted when created"),
)

_PAYMENTS = (
    _field("account.payment", "date", "date 14..", "payment_date ..13", evidence=_ANALYSED),
    _field("account.payment", "memo", "memo 18..", "ref 14..17", "communication ..13"),
    _field(
        "account.payment", "bank_account", "partner_bank_id 14..", "partner_bank_account_id ..13", evidence=_ANALYSED
    ),
    _field(
        "account.payment",
        "method",
        "payment_method_line_id 15..",
        "payment_method_id ..14",
        note="of another model; payment_method_id stays, computed",
    ),
    _field("account.payment", "is_internal_transfer", "is_internal_transfer 14..17"),
    _field("account.payment", "destination_journal", "destination_journal_id 15..17", evidence=_ANALYSED),
    _field(
        "account.payment",
        "invoices",
        "invoice_ids 18..",
        "reconciled_invoice_ids 14..17",
        "invoice_ids ..13",
        note="computed from 14 to 17, and reconciled_invoice_ids still is",
    ),
)

_TIME = (
    _field("account.analytic.line", "move_line", "move_line_id 16..", "move_id ..15"),
    _field("account.analytic.line", "group", "group_id ..15"),
    _field("account.analytic.line", "tags", "tag_ids ..15"),
    _field("account.analytic.account", "plan", "plan_id 16..", "group_id ..15", note="another model"),
    _model("account.analytic.plan", "account.analytic.plan 16..", "account.analytic.group ..15"),
    _model("account.analytic.tag", "account.analytic.tag ..15"),
    _field("project.project", "analytic_account", "account_id 18..", "analytic_account_id ..17"),
    _field("project.task", "users", "user_ids 15..", "user_id ..14", note="was one user"),
    _field("project.task", "planned_hours", "allocated_hours 17..", "planned_hours ..16"),
    _field("project.task", "state", "state 17..", "kanban_state ..16", note="other values"),
    _field("project.task", "deadline", "date_deadline 17.. datetime", "date_deadline ..16 date"),
    _field("project.task", "analytic_account", "analytic_account_id 14..17", note="see the project's"),
    _field(
        "uom.uom",
        "family",
        "parent_path 19..",
        "category_id ..18",
        used=True,
        note="units of one kind share the root of their tree, to 18 their category",
    ),
    _field(
        "uom.uom",
        "relative_factor",
        "relative_factor 19..",
        used=True,
        note="with it factor says how many of the reference a unit is, to 18 how many of it make the reference",
    ),
)

_SALES = (
    _field("sale.order", "analytic_account", "analytic_account_id ..17", note="analytic_distribution on the lines"),
    _field("sale.order", "locked", "locked 17..", note="the state done was this"),
    _field("sale.order.line", "taxes", "tax_ids 19..", "tax_id ..18"),
    _field("sale.order.line", "unit", "product_uom_id 19..", "product_uom ..18"),
    _field("sale.order.line", "packaging", "product_packaging_id 15..18", "product_packaging ..14"),
)

VERSION_MAP: tuple[Entry, ...] = (*_BASE, *_CRM, *_INVOICES, *_ACCOUNTS, *_BANKING, *_PAYMENTS, *_TIME, *_SALES)
"""Every entry; a name is the only one of its kind and model."""
