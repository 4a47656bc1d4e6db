"""Fields of the few models on this path that the profiles leave out: wizards, mail's lists, the account types of 14."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["ADDITIONS"]

Table = Mapping[str, Mapping[str, Mapping[str, Any]]]

_CONVERT: dict[str, Any] = {
    "lead_id": {"type": "many2one", "relation": "crm.lead", "required": True},
    "name": {"type": "selection", "selection": ["convert", "merge"]},
    "action": {"type": "selection", "selection": ["create", "exist", "nothing"]},
    "partner_id": {"type": "many2one", "relation": "res.partner"},
    "user_id": {"type": "many2one", "relation": "res.users"},
    "team_id": {"type": "many2one", "relation": "crm.team"},
    "duplicated_lead_ids": {"type": "many2many", "relation": "crm.lead"},
    "force_assignment": {"type": "boolean"},
}

_MAIL: Table = {
    "mail.message.subtype": {
        "name": {"type": "char", "required": True},
        "description": {"type": "text"},
        "internal": {"type": "boolean"},
        "default": {"type": "boolean"},
        "hidden": {"type": "boolean"},
        "res_model": {"type": "char"},
        "relation_field": {"type": "char"},
        "sequence": {"type": "integer"},
        "parent_id": {"type": "many2one", "relation": "mail.message.subtype"},
    },
    "mail.blacklist": {"email": {"type": "char", "required": True}, "active": {"type": "boolean"}},
    "phone.blacklist": {"number": {"type": "char", "required": True}, "active": {"type": "boolean"}},
}

ADDITIONS: Mapping[int, Table] = {
    14: {
        **_MAIL,
        "crm.lead2opportunity.partner": _CONVERT,
        "crm.lead.lost": {"lost_reason_id": {"type": "many2one", "relation": "crm.lost.reason"}},
        "account.account.type": {
            "name": {"type": "char", "required": True},
            "type": {"type": "selection", "selection": ["other", "receivable", "payable", "liquidity"]},
        },
    },
    19: {
        **_MAIL,
        "crm.lead2opportunity.partner": {
            **_CONVERT,
            "action": {"type": "selection", "selection": ["create", "exist"]},
            "commercial_partner_id": {"type": "many2one", "relation": "res.partner"},
        },
        "crm.lead.lost": {
            "lead_ids": {"type": "many2many", "relation": "crm.lead"},
            "lost_reason_id": {"type": "many2one", "relation": "crm.lost.reason"},
            "lost_feedback": {"type": "html"},
        },
    },
}
