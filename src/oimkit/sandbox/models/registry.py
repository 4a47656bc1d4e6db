"""The models with behaviour of their own; every other model of a profile keeps records without rules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oimkit.sandbox.model import Model
from oimkit.sandbox.models.bank import StatementLines, Statements
from oimkit.sandbox.models.company import Companies
from oimkit.sandbox.models.documents import Activities, Attachments, MailTemplates, Reports, SendWizard
from oimkit.sandbox.models.keys import ExternalIds
from oimkit.sandbox.models.lead import ConvertWizard, Leads, LostWizard, Stages
from oimkit.sandbox.models.ledger import Accounts, Journals
from oimkit.sandbox.models.mail import EmailBlacklist, Messages, PhoneBlacklist
from oimkit.sandbox.models.move import Moves
from oimkit.sandbox.models.move_line import MoveLines
from oimkit.sandbox.models.partner import PartnerBanks, Partners
from oimkit.sandbox.models.reconciling import FullMatches, PartialMatches
from oimkit.sandbox.models.settings import AccessRights, Parameters
from oimkit.sandbox.models.time import AnalyticAccounts, AnalyticLines, Employees, Projects, Tasks
from oimkit.sandbox.models.user import Groups, Users

__all__ = ["REGISTRY"]

REGISTRY: Mapping[str, type[Model]] = MappingProxyType(
    {
        "account.account": Accounts,
        "account.analytic.account": AnalyticAccounts,
        "account.analytic.line": AnalyticLines,
        "account.bank.statement": Statements,
        "account.bank.statement.line": StatementLines,
        "account.full.reconcile": FullMatches,
        "account.journal": Journals,
        "account.move": Moves,
        "account.move.line": MoveLines,
        "account.move.send.wizard": SendWizard,
        "account.partial.reconcile": PartialMatches,
        "crm.lead": Leads,
        "crm.lead.lost": LostWizard,
        "crm.lead2opportunity.partner": ConvertWizard,
        "crm.stage": Stages,
        "hr.employee": Employees,
        "ir.actions.report": Reports,
        "ir.attachment": Attachments,
        "ir.config_parameter": Parameters,
        "ir.model.access": AccessRights,
        "ir.model.data": ExternalIds,
        "mail.activity": Activities,
        "mail.blacklist": EmailBlacklist,
        "mail.message": Messages,
        "mail.template": MailTemplates,
        "phone.blacklist": PhoneBlacklist,
        "project.project": Projects,
        "project.task": Tasks,
        "res.company": Companies,
        "res.groups": Groups,
        "res.partner": Partners,
        "res.partner.bank": PartnerBanks,
        "res.users": Users,
    }
)
