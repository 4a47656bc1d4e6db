"""What changed in the server's behaviour between 14 and 19, and with which version: one table for the whole double.

Code asks ``env.has("optional_statements")`` instead of comparing versions. Only 14.0 and 19.0 were measured; the
version in between at which a behaviour turned is taken from the upgrade analyses of OCA/OpenUpgrade (``map``), or
not verified at all (``assumed``). A test that leans on an assumed step of 15 to 18 proves nothing about a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["CHANGES", "Change"]


@dataclass(frozen=True, slots=True)
class Change:
    """The first version that behaves the new way; 14 never does, 19 always does."""

    since: int
    source: Literal["map", "assumed"]
    what: str


_MAP: Literal["map"] = "map"
_ASSUMED: Literal["assumed"] = "assumed"

CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        # The wire and the ORM
        "newer_orm_texts": Change(18, _ASSUMED, "wording of refusals of unknown fields, methods and missing values"),
        "domain_texts": Change(19, _ASSUMED, "wording of refused conditions"),
        "any_operator": Change(17, _ASSUMED, "the domain operators any and not any"),
        "constraint_head": Change(16, _ASSUMED, "'The operation cannot be completed: ' before a constraint's text"),
        "json_error_code_0": Change(19, _ASSUMED, "JSON-RPC errors have code 0 instead of 200"),
        "json2": Change(19, _MAP, "/json/2, /web/version and /doc-bearer"),
        "health_page": Change(16, _ASSUMED, "/web/health answers"),
        "copies_are_lists": Change(19, _ASSUMED, "copy and message_post give a list of ids"),
        "uid_in_context": Change(18, _ASSUMED, "context_get tells the user's id"),
        "keys_of_administrators": Change(19, _ASSUMED, "ir.model.data is closed to plain users"),
        "groups_renamed": Change(19, _MAP, "res.users.groups_id is group_ids, res.groups.users is user_ids"),
        "rules_in_jest": Change(17, _ASSUMED, "a refusal by a record rule no longer names the rule"),
        "shared_projects": Change(18, _ASSUMED, "a new project belongs to no company"),
        "complete_names": Change(17, _ASSUMED, "contacts are ordered by complete_name"),
        # load
        "load_plain_texts": Change(16, _MAP, "load hands a UserError's text on as it is"),
        "load_strict_booleans": Change(17, _ASSUMED, "load refuses an unknown boolean text instead of assuming yes"),
        "load_field_names": Change(17, _ASSUMED, "messages of load carry the label of the field"),
        "load_any_case": Change(17, _ASSUMED, "load reads a selection in capitals or not"),
        "load_skips": Change(15, _MAP, "load knows import_skip_records and import_set_empty_fields"),
        "list_views": Change(18, _ASSUMED, "views of type tree are called list"),
        "load_value_error": Change(17, _ASSUMED, "an unknown column is a ValueError instead of a KeyError"),
        "load_batch_error_first": Change(18, _MAP, "the batch's own refusal comes first where single rows fail too"),
        "load_outer_savepoint": Change(19, _MAP, "a bad row takes back the good rows before it"),
        "keys_keep_their_model": Change(16, _ASSUMED, "an external id of another model is refused, not moved"),
        # Accounting
        "account_types": Change(16, _MAP, "account.account.account_type instead of account.account.type"),
        "account_companies": Change(18, _MAP, "account.account.company_ids instead of company_id"),
        "chart_of_17": Change(17, _ASSUMED, "codes of the generic chart and the name of its tax"),
        "journals_of_19": Change(19, _ASSUMED, "journals are called Sales and Purchases; rounding is global"),
        "sales_numbered_by_year": Change(15, _ASSUMED, "INV/2026/00001 instead of INV/2026/11/0001"),
        "banks_numbered_by_year": Change(16, _ASSUMED, "BNK1/2026/00001 instead of BNK1/2026/11/0001"),
        "unnamed_drafts": Change(18, _ASSUMED, "no draft has a number; its name is empty instead of /"),
        "computed_lines": Change(16, _MAP, "invoice lines are computed: keys of lines stay, loading again changes"),
        "rounds_over_lines": Change(19, _ASSUMED, "the untaxed amount of an invoice is rounded once"),
        "prices_unrounded": Change(19, _ASSUMED, "price_unit is kept as sent"),
        "frozen_posted": Change(17, _ASSUMED, "fields of a posted entry cannot be written"),
        "posting_gives_nothing": Change(15, _ASSUMED, "action_post gives False instead of the records"),
        "posting_twice_refused": Change(16, _ASSUMED, "a posted entry cannot be posted again"),
        "reconcile_gives_nothing": Change(17, _ASSUMED, "reconcile gives None instead of what it made"),
        "matching_by_id": Change(17, _MAP, "matching numbers are plain; account.full.reconcile has no name"),
        "draft_keeps_matches": Change(18, _ASSUMED, "reset to draft leaves matches, cancelling takes them back"),
        "change_takes_match_back": Change(17, _ASSUMED, "a matched item's account can be written"),
        "drafts_can_be_matched": Change(17, _ASSUMED, "unposted items can be matched"),
        "posted_once_deletable": Change(16, _ASSUMED, "a draft that was posted once can be deleted"),
        # Bank
        "optional_statements": Change(16, _MAP, "bank lines stand alone and are posted at once"),
        # Leads, time, projects
        "lost_reason_id": Change(16, _MAP, "crm.lead.lost_reason is lost_reason_id"),
        "lost_wizard_leads": Change(17, _ASSUMED, "crm.lead.lost names its leads"),
        "partner_as_record": Change(16, _ASSUMED, "convert_opportunity takes no id of a customer"),
        "won_status": Change(19, _MAP, "stage, probability and activity of a lead are kept in step"),
        "project_account_id": Change(18, _MAP, "project.project.analytic_account_id is account_id"),
        "hourly_cost": Change(16, _ASSUMED, "hr.employee.timesheet_cost is hourly_cost"),
        "employee_required": Change(16, _ASSUMED, "a timesheet needs an active employee"),
        "billing_types_of_15": Change(15, _ASSUMED, "timesheet_invoice_type knows no non_billable_project"),
        "units_relative": Change(19, _ASSUMED, "units have a relative factor instead of a category"),
    }
)
