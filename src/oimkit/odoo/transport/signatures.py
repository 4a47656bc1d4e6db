"""What is known beforehand of the methods that clients call: arguments, their names over the versions, results.

Data only, read from the table below; what a server itself says about its methods is in ``documentation.py``. A
line stands for Odoo 14 to 19, whatever of it one version has:

    on          ``model`` (a method of the model itself), ``records`` (of given ids) or ``either`` (it depends on the
                version, the caller knows)
    effect      ``reads`` changes nothing, so that it may be asked again when an answer is lost; ``acts`` may change
    method      for every model, or with the model's name for one
    arguments   in the order of their places; ``domain|args`` are two names of one argument, the newest first, of
                which overrides use either; ``!`` it must be given; ``*`` there may be others, unknown here
    ``-> ids``  the result is a record set: a list of ids on every transport
    ``-> self`` the result is a record set, namely the records it was called on

Source: the methods' definitions in Odoo Community 14.0 and 19.0, and the version map in docs/transports.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

__all__ = ["TABLE", "Argument", "Signature", "changes", "signature"]

On = Literal["model", "records", "either"]
Gives = Literal["value", "ids", "self"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One place in the order of arguments; ``names`` has the newest first."""

    names: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """One method: see the module's words.

    name   ``method``, or ``model.method`` for the method of one model
    open   True when it takes further arguments, by name
    """

    name: str
    on: On
    reads: bool
    arguments: tuple[Argument, ...]
    open: bool = False
    gives: Gives = "value"

    def place(self, name: str) -> Argument | None:
        """The argument that has, or had, this name."""
        return next((argument for argument in self.arguments if name in argument.names), None)


_ORM = """
model   reads search                domain|args! offset limit order count
model   reads search_read           domain fields offset limit order *
model   reads search_count          domain|args! limit
records reads read                  fields load
model   acts  create                vals_list|vals|values|values_list! -> ids
records acts  write                 vals|values!
records acts  unlink
records acts  copy                  default -> ids
records reads copy_data             default
model   acts  load                  fields! data!
records reads export_data           fields_to_export!
model   reads fields_get            allfields|fields attributes
model   reads default_get           fields|fields_list|default_fields|field_list!
model   reads name_search           name domain|args operator limit
model   acts  name_create           name!
records reads name_get
records reads exists
records reads get_metadata
records reads get_external_id
model   reads read_group            domain! fields! groupby! offset limit orderby lazy
model   reads formatted_read_group  domain! groupby aggregates having offset limit order
model   reads check_access_rights   operation! raise_exception
records reads has_access            operation!
model   reads user_has_groups       groups!
model   reads fields_view_get       view_id view_type toolbar submenu
model   reads get_view              view_id view_type *
model   reads get_views             views! options
model   reads web_search_read       domain *
records reads web_read              specification *
model   reads web_read_group        domain! *
model   reads search_fetch          domain! field_names offset limit order
records acts  web_save              vals! specification! next_id
records acts  toggle_active
records acts  action_archive
records acts  action_unarchive
records acts  message_post          * -> ids
records acts  message_subscribe     partner_ids *
records acts  message_unsubscribe   partner_ids *
records acts  activity_schedule     act_type_xmlid date_deadline summary note * -> ids
records acts  activity_feedback     act_type_xmlids! user_id feedback attachment_ids only_automated
records acts  activity_unlink       act_type_xmlids! user_id only_automated
"""

_MODELS = """
either  reads res.users.has_group                            group_ext_id!
model   reads res.users.context_get
model   reads ir.config_parameter.get_param                  key! default
model   acts  ir.config_parameter.set_param                  key! value!
model   reads ir.model.data.check_object_reference           module! xml_id! raise_on_access_error
model   reads ir.model.data.get_object_reference             module! xml_id!
model   reads ir.model.data.xmlid_to_res_id                  xmlid! raise_if_not_found
model   reads decimal.precision.precision_get                application!
records acts  mail.activity.action_feedback                  feedback attachment_ids
records acts  account.move.action_post -> self
records acts  account.move.button_draft
records acts  account.move.button_cancel
records acts  account.move.line.reconcile
records acts  account.move.line.remove_move_reconcile
records acts  account.bank.statement.button_post
records acts  account.bank.statement.button_reopen
records acts  account.bank.statement.button_validate
records acts  account.bank.statement.line.button_undo_reconciliation
records acts  account.bank.statement.line.action_undo_reconciliation
records acts  crm.lead.action_set_won
records acts  crm.lead.action_set_lost                       *
records acts  crm.lead.action_restore
records acts  crm.lead.convert_opportunity                   partner|partner_id! user_ids team_id
records acts  crm.lead2opportunity.partner.action_apply
records acts  sale.order.action_confirm
records acts  sale.advance.payment.inv.create_invoices
"""

_WORD = re.compile(r"([a-z_|]+)(!?)")


def _signatures(table: str) -> Iterator[Signature]:
    for line in table.strip().splitlines():
        on, effect, name, *words = line.split()
        gives: Gives = "value"
        if "->" in words:
            gives = "self" if words[-1] == "self" else "ids"
            words = words[: words.index("->")]
        found = [_WORD.fullmatch(word) for word in words if word != "*"]
        arguments = tuple(Argument(tuple(word[1].split("|")), word[2] == "!") for word in found if word)
        assert len(arguments) == len(found) and on in ("model", "records", "either"), line
        yield Signature(name, on, effect == "reads", arguments, "*" in words, gives)  # type: ignore[arg-type]


TABLE = {known.name: known for known in (*_signatures(_ORM), *_signatures(_MODELS))}
"""Every signature under its name: ``search``, ``res.users.has_group``."""


def signature(model: str, method: str) -> Signature | None:
    """What is known of *method* of *model*, or None."""
    return TABLE.get(f"{model}.{method}") or TABLE.get(method)


def changes(model: str, method: str) -> bool:
    """True when the call may change something: everything but the methods that are known to read."""
    known = signature(model, method)
    return known is None or not known.reads
