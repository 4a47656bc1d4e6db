"""The models with behaviour of their own; every other model of a profile keeps records without rules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oimkit.sandbox.model import Model
from oimkit.sandbox.models.keys import ExternalIds
from oimkit.sandbox.models.ledger import Accounts, Journals
from oimkit.sandbox.models.partner import PartnerBanks, Partners
from oimkit.sandbox.models.user import Groups, Users

__all__ = ["REGISTRY"]

REGISTRY: Mapping[str, type[Model]] = MappingProxyType(
    {
        "account.account": Accounts,
        "account.journal": Journals,
        "ir.model.data": ExternalIds,
        "res.groups": Groups,
        "res.partner": Partners,
        "res.partner.bank": PartnerBanks,
        "res.users": Users,
    }
)
