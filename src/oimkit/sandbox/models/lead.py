"""crm.lead with its stages and outcomes, and the wizards that lose and convert a lead.

Won and lost follow each version: 14 keeps active, stage and probability apart (a lost record may stand in the won
stage), 19 ties them together and tells ``won_status``. There is no predictive scoring: an open lead's probability
stays what was written, a re-opened one's is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.models import mail
from oimkit.sandbox.refusals import Foreign, UserError, ValidationError
from oimkit.sandbox.rpc import public
from oimkit.sandbox.store import Row

__all__ = ["ConvertWizard", "Leads", "LostWizard", "Stages"]

_HUNDRED = Decimal(100)
_WON_CANNOT_BE_LOST = "A lead in a Won stage cannot be lost. Move it to another stage first."


class Stages(Model):
    order = "sequence, name, id"


class Leads(Model):
    order = "priority desc, id desc"
    label = "Lead"
    expands = ("stage_id",)

    @property
    def _strict(self) -> bool:
        """From 19 on stage, probability and activity are kept in step."""
        return self.env.has("won_status")

    def title(self) -> str:
        return "Lead" if self._strict else "Lead/Opportunity"

    @property
    def _reason_field(self) -> str:
        return "lost_reason_id" if self.env.has("lost_reason_id") else "lost_reason"

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        stages = self.env["crm.stage"].sorted_ids(self.env["crm.stage"].table.rows, None)
        own = {"type": "opportunity", "user_id": self.env.user, "stage_id": stages[0], "priority": "0"}
        own["company_id"] = self.env.company
        team = sorted(self.env["crm.team"].table.rows)[:1]
        return {**own, "team_id": team[0] if team else False, "probability": 0, **super().defaults(values)}

    def shown_defaults(self) -> dict[str, Any]:
        return {"type": "opportunity", "user_id": self.env.user}

    def insert(self, values: Mapping[str, Any]) -> int:
        given = dict(values)
        now = self.env.now
        if not self._strict:
            given["date_open"] = given["date_last_stage_update"] = now
        given.setdefault("date_last_stage_update", now)
        if given.get("user_id"):
            given.setdefault("date_open", now)
        if given.get("stage_id") and self._is_won_stage(given["stage_id"]):
            given |= {"probability": 100, "automated_probability": 100}
            if self._strict:
                given.setdefault("date_closed", now)
        id_ = super().insert(given)
        self._copy_customer(id_)
        mail.log(self.env, self.name, id_, "crm.mt_lead_create")
        return id_

    def _copy_customer(self, id_: int) -> None:
        """Fill a lead's empty contact fields from its customer."""
        row = self.row(id_)
        if not row.get("partner_id"):
            return
        partner = self.env["res.partner"].row(row["partner_id"])
        parent = self.env["res.partner"].row(partner["parent_id"]) if partner.get("parent_id") else {}
        company = partner.get("name") if partner.get("is_company") else parent.get("name")
        person = None if partner.get("is_company") else partner.get("name")
        known = {"partner_name": company, "contact_name": person, "email_from": partner.get("email")}
        self.put(id_, **{name: value for name, value in known.items() if value and not row.get(name)})

    def _is_won_stage(self, stage: int) -> bool:
        return bool(self.env["crm.stage"].row(stage).get("is_won"))

    def modify(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        given = dict(values)
        stage = given.get("stage_id")
        if stage:
            given["date_last_stage_update"] = self.env.now
            if self._is_won_stage(stage):
                given |= {"probability": 100, "automated_probability": 100}
                given |= {"active": True} if self._strict else {}
            elif "probability" not in given:
                self._leave_won(ids)
        if given.get("user_id"):
            given.setdefault("date_open", self.env.now)
        if "date_closed" not in given:
            given |= self._closing(given)
        before = {id_: dict(self.row(id_)) for id_ in ids}
        super().modify(ids, given)
        for id_ in ids:
            self._refuse_lost_in_won(id_)
            self._log_change(id_, before[id_])

    def _log_change(self, id_: int, before: Row) -> None:
        """The message that a change of stage or of activity leaves in the record's history."""
        row = self.row(id_)
        if before.get("stage_id") != row.get("stage_id"):
            won = self._is_won_stage(row["stage_id"])
            mail.log(self.env, self.name, id_, "crm.mt_lead_won" if won else "crm.mt_lead_stage")
        elif before.get("active") and not row.get("active") and not row.get("probability"):
            mail.log(self.env, self.name, id_, "crm.mt_lead_lost")
        elif not before.get("active") and row.get("active"):
            mail.log(self.env, self.name, id_, "crm.mt_lead_restored")

    def _leave_won(self, ids: Sequence[int]) -> None:
        """A won lead that is moved to an open stage is open again."""
        for id_ in ids:
            if self._is_won_stage(self.row(id_)["stage_id"]) and self.row(id_).get("probability") == _HUNDRED:
                self.put(id_, probability=Decimal(0), automated_probability=Decimal(0))

    def _closing(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """``date_closed`` after a write: now when it wins or archives, empty when a lower probability is written."""
        if Decimal(given.get("probability") or 0) >= _HUNDRED or given.get("active", True) is False:
            return {"date_closed": self.env.now}
        if "probability" in given or (self._strict and given.get("stage_id")):
            return {"date_closed": False}
        return {}

    def _refuse_lost_in_won(self, id_: int) -> None:
        row = self.row(id_)
        if self._strict and self._is_won_stage(row["stage_id"]) and not row.get("probability"):
            raise ValidationError(_WON_CANNOT_BE_LOST)

    def get_won_status(self, row: Row) -> str:
        probability = row.get("probability") or Decimal(0)
        if probability >= _HUNDRED and row.get("stage_id") and self._is_won_stage(row["stage_id"]):
            return "won"
        return "lost" if not row.get("active") and not probability else "pending"

    def get_company_currency(self, row: Row) -> Any:
        del row
        return self.env["res.company"].row(1)["currency_id"]

    def get_email_normalized(self, row: Row) -> str | None:
        return mail.normalised_email(row.get("email_from"))

    def get_is_blacklisted(self, row: Row) -> bool:
        return mail.is_listed(self.env, "mail.blacklist", "email", self.get_email_normalized(row))

    def get_phone_sanitized(self, row: Row) -> str | None:
        return mail.sanitised_phone(row.get("phone"))

    def get_phone_sanitized_blacklisted(self, row: Row) -> bool:
        return mail.is_listed(self.env, "phone.blacklist", "number", self.get_phone_sanitized(row))

    def get_prorated_revenue(self, row: Row) -> Decimal:
        return (row.get("expected_revenue") or Decimal(0)) * (row.get("probability") or Decimal(0)) / _HUNDRED

    # Outcomes ---------------------------------------------------------------------------------------------------

    @public("multi")
    def action_set_won(self, ids: Sequence[int]) -> bool:
        """Into the next won stage by sequence, else the nearest before."""
        self.check("write", ids)
        if not self._strict:
            self._set_active(ids, True)
        for id_ in ids:
            self.modify([id_], {"stage_id": self._won_stage(id_), "probability": 100})
        return True

    @public("multi")
    def action_set_won_rainbowman(self, ids: Sequence[int]) -> bool:
        return self.action_set_won(ids)

    def _won_stage(self, id_: int) -> int:
        stages = self.env["crm.stage"]
        now = stages.row(self.row(id_)["stage_id"]).get("sequence") or 0
        won = [stages.row(stage) for stage in stages.sorted_ids(stages.table.rows, None) if self._is_won_stage(stage)]
        if not won:
            raise UserError("There is no stage that means won.")
        later = [row["id"] for row in won if (row.get("sequence") or 0) >= now]
        return int(later[0] if later else won[-1]["id"])

    @public("multi")
    def action_set_lost(self, ids: Sequence[int], **additional_values: Any) -> None:
        self.check("write", ids)
        if self._strict:
            self.modify(ids, {"active": False, "probability": 0, "automated_probability": 0, **additional_values})
            return
        self._set_active(ids, False)
        if additional_values:
            self.modify(ids, additional_values)

    @public("multi", since=18)
    def action_restore(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        self._set_active(ids, True)

    @public("multi")
    def toggle_active(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        for id_ in ids:
            self._set_active([id_], not self.row(id_).get("active"))

    @public("multi")
    def action_archive(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        if self._strict:
            self.modify(ids, {"active": False})
        else:
            self._set_active([id_ for id_ in ids if self.row(id_).get("active")], False)

    @public("multi")
    def action_unarchive(self, ids: Sequence[int]) -> None:
        self.check("write", ids)
        self._set_active([id_ for id_ in ids if not self.row(id_).get("active")], True)

    def _set_active(self, ids: Sequence[int], active: bool) -> None:
        """Archive or restore as the button does: probability 0 with the one, the lost reason cleared with the other."""
        for id_ in ids:
            if bool(self.row(id_).get("active")) == active:
                continue
            super().modify([id_], {"active": active})
            if active:
                lost = not self.row(id_).get("probability")
                self.put(id_, **{self._reason_field: None}, **({"date_closed": None} if lost else {}))
            else:
                self.modify([id_], {"probability": 0, "automated_probability": 0})

    @public("multi")
    def convert_opportunity(
        self, ids: Sequence[int], partner: Any, user_ids: Any = False, team_id: Any = False
    ) -> bool:
        """As on the server, a partner of False erases the customer, and from 16 on an id is refused."""
        self.check("write", ids)
        if partner and self.env.has("partner_as_record"):
            raise Foreign("builtins.AttributeError", "'int' object has no attribute 'id'")
        for id_ in ids:
            if self._strict and self.row(id_).get("partner_id"):
                self.put(id_, partner_name=None, contact_name=None)
            self.modify([id_], {"type": "opportunity", "date_conversion": self.env.now, "partner_id": partner or False})
            if team_id:
                self.modify([id_], {"team_id": team_id})
            if user_ids:
                self.modify([id_], {"user_id": user_ids[0]})
        return True

    def make_customer(self, id_: int) -> int:
        """A contact from the lead's own words: the company, the person in it, or the person alone."""
        row, partners = self.row(id_), self.env["res.partner"]
        company = partners.new({"name": row["partner_name"], "is_company": True}) if row.get("partner_name") else None
        if company and not row.get("contact_name"):
            partners.modify([company], {"email": row.get("email_from") or False, "phone": row.get("phone") or False})
            return company
        name = row.get("contact_name") or row["name"]
        values = {"name": name, "email": row.get("email_from") or False, "phone": row.get("phone") or False}
        seller = {"user_id": row.get("user_id") or False} if "user_id" in partners.fields else {}
        return partners.new({**values, **seller, "parent_id": company or False})


class LostWizard(Model):
    """crm.lead.lost: loses the records of the context (14) or of ``lead_ids`` (19), with a reason."""

    @public("multi")
    def action_lost_reason_apply(self, ids: Sequence[int]) -> Any:
        row = self.row(ids[0])
        leads = row.get("lead_ids") if self.env.has("lost_wizard_leads") else self.env.context.get("active_ids")
        reason = "lost_reason_id" if self.env.has("lost_reason_id") else "lost_reason"
        values = {reason: row.get("lost_reason_id") or False}
        lost: Any = self.env["crm.lead"]
        return lost.action_set_lost(list(leads or []), **values)


class ConvertWizard(Model):
    """crm.lead2opportunity.partner: makes leads of the context opportunities, with or without a customer."""

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": "convert", "action": "exist" if values.get("partner_id") else "create"}

    def new(self, values: Mapping[str, Any]) -> int:
        lead = values.get("lead_id") or self.env.context.get("active_id")
        if lead and self.env["crm.lead"].row(lead).get("probability") == _HUNDRED:
            raise UserError("Closed/Dead leads cannot be converted into opportunities.")
        return super().new({**values, "lead_id": lead})

    @public("multi")
    def action_apply(self, ids: Sequence[int]) -> dict[str, Any]:
        row = self.row(ids[0])
        leads = [int(id_) for id_ in self.env.context.get("active_ids") or ()]
        if not leads:
            raise Foreign("builtins.IndexError", "tuple index out of range")
        for id_ in leads:
            self._convert(id_, row)
        return {
            "name": "Lead or Opportunity",
            "view_mode": "form",
            "res_model": "crm.lead",
            "domain": [["type", "=", "opportunity"]],
            "res_id": leads[0],
            "view_id": False,
            "type": "ir.actions.act_window",
            "context": {"default_type": "opportunity"},
        }

    def _convert(self, id_: int, wizard: Row) -> None:
        leads: Any = self.env["crm.lead"]
        values: dict[str, Any] = {"type": "opportunity", "date_conversion": self.env.now}
        if wizard.get("user_id"):
            values["user_id"] = wizard["user_id"]
        if wizard.get("team_id"):
            values["team_id"] = wizard["team_id"]
        customer = leads.row(id_).get("partner_id")
        if wizard.get("action") == "create" and not customer:
            customer = leads.make_customer(id_)
        elif wizard.get("action") == "exist" and wizard.get("partner_id"):
            customer = wizard["partner_id"]
            leads.put(id_, partner_name=None, contact_name=None)
        leads.modify([id_], {**values, "partner_id": customer or False})
        leads._copy_customer(id_)
