"""Attachments, printed invoices, posted messages and activities."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.domains import mentions
from oimkit.sandbox.model import Model
from oimkit.sandbox.refusals import AccessError, Foreign, UserError
from oimkit.sandbox.rights import may
from oimkit.sandbox.rpc import public
from oimkit.sandbox.store import Row

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment

__all__ = ["Activities", "Attachments", "MailTemplates", "OwnPdf", "Reports", "SendWizard", "post_message"]

ENGINE = "sandbox.wkhtmltopdf"
"""The system parameter that says what ``get_wkhtmltopdf_state`` answers; ``ok`` when there is none."""

_WIDEST = 1920
_REFUSED = "Sorry, you are not allowed to access this document."
_POSTING = frozenset(
    (
        *("attachment_ids", "author_id", "body", "body_is_html", "date", "email_from", "email_layout_xmlid"),
        *("mail_auto_delete", "message_id", "message_type", "parent_id", "partner_ids", "reply_to", "subject"),
        *("subtype_id", "subtype_xmlid", "tracking_value_ids"),
    )
)


class Attachments(Model):
    """ir.attachment: the content under its checksum, shown to who may see the record it is attached to."""

    order = "id desc"

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "binary", **super().defaults(values)}

    def insert(self, values: Mapping[str, Any]) -> int:
        self._refuse_target(values)
        id_ = super().insert(values)
        if "_content" not in self.row(id_) and self.row(id_).get("type") != "url":
            self._keep(id_, b"")
        return id_

    def _refuse_target(self, values: Mapping[str, Any]) -> None:
        """14 attaches to what is not there; later servers do not. Nobody attaches to what he may not change."""
        name, target = values.get("res_model"), int(values.get("res_id") or 0)
        if not name or not target:
            return
        known = name in self.env.profile.models
        if known and not may(self.env, str(name), "write"):
            raise AccessError(_REFUSED)
        if self.env.has("newer_orm_texts") and (not known or target not in self.env[str(name)].table.rows):
            raise AccessError(_REFUSED)

    def set_datas(self, id_: int, value: Any) -> None:
        try:
            content = base64.b64decode(str(value or ""))
        except binascii.Error as error:
            raise Foreign("binascii.Error", str(error)) from None
        if self.env.has("newer_orm_texts") and not self.env.context.get("image_no_postprocess"):
            content = _scaled(content)
        self._keep(id_, content)

    def _keep(self, id_: int, content: bytes) -> None:
        row = self.row(id_)
        checksum = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        empty_has_none = self.env.has("newer_orm_texts") and not content
        self.put(
            id_,
            _content=base64.b64encode(content).decode("ascii"),
            checksum=None if empty_has_none else checksum,
            file_size=len(content),
            mimetype=row.get("mimetype") or _mimetype(content),
        )

    def get_datas(self, row: Row) -> Any:
        text = row.get("_content")
        if self.env.context.get("bin_size"):
            return f"{row.get('file_size') or 0}.00 bytes"
        return None if text is None else text

    def get_raw(self, row: Row) -> Any:
        return base64.b64decode(row.get("_content") or "").decode("utf-8", "replace")

    def get_res_name(self, row: Row) -> Any:
        name = row.get("res_model")
        if not name or name not in self.env.profile.models or not row.get("res_id"):
            return None
        return self.env[name].elevated().name_by_id(row["res_id"])

    def visible(self, domain: Sequence[Any]) -> set[int]:
        """Without what fields hold, unless they are asked for, and without what belongs to hidden records."""
        if not mentions(domain, "res_field") and not mentions(domain, "id"):
            domain = [["res_field", "=", False], *domain]
        return {id_ for id_ in super().visible(domain) if self._may_read(self.row(id_))}

    def _may_read(self, row: Row) -> bool:
        name = row.get("res_model")
        return not name or name not in self.env.profile.models or may(self.env, name, "read")

    def check(self, operation: str, ids: Sequence[int] = ()) -> None:
        super().check(operation, ids)
        if operation == "read" and not all(
            self._may_read(self.table.rows[id_]) for id_ in ids if id_ in self.table.rows
        ):
            raise AccessError(_REFUSED)

    def content(self, id_: int) -> bytes:
        """The bytes of one attachment, for the web route."""
        self.check("read", [id_])
        return base64.b64decode(self.row(id_).get("_content") or "")


def _mimetype(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        return "application/pdf"
    if content.startswith(b"\x89PNG"):
        return "image/png"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    if not content or any(ord(character) < 32 and character not in "\t\r\n" for character in text):
        return "application/octet-stream"
    return "text/html" if text.lstrip().lower().startswith(("<!doctype html", "<html")) else "text/plain"


def _scaled(content: bytes) -> bytes:
    """A picture that is too wide comes back as another one: here it only loses its last byte."""
    wide = content.startswith(b"\x89PNG") and int.from_bytes(content[16:20], "big") > _WIDEST
    return content[:-1] if wide else content


# Printing -----------------------------------------------------------------------------------------------------------


def _engine(env: Environment) -> str:
    for row in env["ir.config_parameter"].table.rows.values():
        if row.get("key") == ENGINE:
            return str(row.get("value"))
    return "ok"


def _drawn(env: Environment, invoice: int) -> bytes:
    if _engine(env) in ("install", "broken"):
        raise UserError("Unable to find Wkhtmltopdf on this system. The PDF can not be created.")
    env["account.move"].row(invoice)
    return b"%PDF-1.4\n% invoice " + str(invoice).encode() + b" of a double\n%%EOF\n"


class Reports(Model):
    """ir.actions.report, as far as invoices are printed."""

    @public("model")
    def get_wkhtmltopdf_state(self) -> str:
        return _engine(self.env)

    def pdf(self, report: str, ids: Sequence[int]) -> bytes:
        """What the web route prints."""
        if not report.startswith("account.report_"):
            raise Foreign("builtins.ValueError", f"External ID not found in the system: {report}")
        self.env["account.move"].check("read", ids)
        return b"".join(_drawn(self.env.sudo(), id_) for id_ in ids)


class OwnPdf(Model):
    """The PDF that an invoice keeps as its own (17 and later)."""

    def get_invoice_pdf_report_id(self, row: Row) -> Any:
        found = self._own(row["id"])
        return found["id"] if found else None

    def get_invoice_pdf_report_file(self, row: Row) -> Any:
        found = self._own(row["id"])
        return found["_content"] if found else None

    def set_invoice_pdf_report_file(self, id_: int, value: Any) -> None:
        attachments, old = self.env["ir.attachment"].elevated(), self._own(id_)
        if old is not None:
            attachments.remove([old["id"]])
        if value:
            target = {"res_model": self.name, "res_id": id_, "res_field": "invoice_pdf_report_file"}
            attachments.new({"name": "invoice_pdf_report_file", "datas": value, **target})

    def _own(self, id_: int) -> Row | None:
        for row in self.env["ir.attachment"].table.rows.values():
            place = (row.get("res_model"), row.get("res_id"), row.get("res_field"))
            if place == (self.name, id_, "invoice_pdf_report_file"):
                return row
        return None


class SendWizard(Model):
    """account.move.send.wizard: prints, and mails where it is told to."""

    def set_sending_methods(self, id_: int, value: Any) -> None:
        self.put(id_, sending_methods=list(value or ()))

    def get_sending_methods(self, row: Row) -> Any:
        return row.get("sending_methods") or ["email"]

    @public("multi")
    def action_send_and_print(self, ids: Sequence[int], **more: Any) -> Any:
        del more
        for row in self.rows(ids):
            drawn = base64.b64encode(_drawn(self.env, row["move_id"])).decode("ascii")
            moves = self.env["account.move"]
            moves.check("write", [row["move_id"]])
            moves.elevated().modify([row["move_id"]], {"invoice_pdf_report_file": drawn})
            if "email" in self.get_sending_methods(row):
                _mail(self.env, "account.move", row["move_id"], [], None)
        return {"type": "ir.actions.act_window_close"}


class MailTemplates(Model):
    """mail.template: until 16 whoever may read it may have a mail of it made, without sending it."""

    @public("multi", until=16)
    def generate_email(self, ids: Sequence[int], res_ids: Any, fields: Sequence[str]) -> Any:
        del ids, fields
        invoice = int(res_ids if isinstance(res_ids, int) else res_ids[0])
        moves = self.env["account.move"]
        moves.check("read", [invoice])
        drawn, name = _drawn(self.env.sudo(), invoice), str(moves.row(invoice).get("name") or "").replace("/", "_")
        content = base64.b64encode(drawn).decode("ascii")
        kept = {"name": f"{name}.pdf", "datas": content, "res_model": "account.move", "res_id": invoice}
        if not self.env["ir.attachment"].matching([["name", "=", kept["name"]], ["res_id", "=", invoice]]):
            self.env["ir.attachment"].elevated().new(kept)
        return {"subject": False, "attachment_ids": [], "attachments": [[f"Invoice_{name}.pdf", content]]}


# Messages -----------------------------------------------------------------------------------------------------------


def post_message(model: Model, ids: Sequence[int], named: Mapping[str, Any]) -> Any:
    """``message_post``: the ids of the messages, one id on servers that give one."""
    env = model.env
    model.check("read", ids)
    if env.has("newer_orm_texts") and (unknown := sorted(set(named) - _POSTING)):
        words = ", ".join(unknown)
        raise Foreign("builtins.ValueError", f"Those values are not supported when posting or notifying: {words}")
    body = str(named.get("body") or "")
    if env.has("newer_orm_texts") and not named.get("body_is_html") and body:
        body = f"<span>{html.escape(body)}</span>"
    subtype = env.ref(str(named.get("subtype_xmlid") or "mail.mt_note"))
    named_partners = [int(partner) for partner in named.get("partner_ids") or ()]
    messages, posted = env["mail.message"].elevated(), []
    for id_ in ids:
        model.row(id_)
        is_note = subtype == env.ref("mail.mt_note")
        partners = [*named_partners, *(() if is_note else _followers(model, id_, named_partners))]
        values: dict[str, Any] = {"model": model.name, "res_id": id_, "body": body, "subtype_id": subtype}
        values |= {key: named[key] for key in ("subject", "message_type", "message_id") if named.get(key)}
        values |= {"attachment_ids": [(6, 0, list(named.get("attachment_ids") or ()))]}
        values |= {"partner_ids": [(6, 0, partners)], "notified_partner_ids": [(6, 0, partners)], "date": env.now}
        posted.append(messages.new({name: value for name, value in values.items() if name in messages.fields}))
        if partners:
            _mail(env, model.name, id_, partners, posted[-1])
    return posted if env.has("copies_are_lists") else posted[0]


def _followers(model: Model, id_: int, but: Sequence[int]) -> list[int]:
    """Who follows a record, without the caller and those in *but*."""
    followers = model.env["mail.followers"]
    own = model.env["res.users"].row(model.env.user)["partner_id"]
    found = followers.matching([["res_model", "=", model.name], ["res_id", "=", id_]])
    return [row["partner_id"] for row in followers.rows(sorted(found)) if row["partner_id"] not in (own, *but)]


def _mail(env: Environment, model: str, id_: int, partners: Sequence[int], message: int | None) -> None:
    """The mail that the server would send."""
    mails = env["mail.mail"].elevated()
    message = message or env["mail.message"].elevated().new({"model": model, "res_id": id_})
    mails.new({"mail_message_id": message, "state": "outgoing", "recipient_ids": [(6, 0, list(partners))]})


class Activities(Model):
    """mail.activity: done, it leaves a message behind; from 17 on it is archived, before it is deleted."""

    order = "date_deadline, id"

    def defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        own: dict[str, Any] = {"date_deadline": self.env.today}
        if not self.env.has("newer_orm_texts"):
            own["user_id"] = self.env.user
        return {**own, **super().defaults(values)}

    def insert(self, values: Mapping[str, Any]) -> int:
        name, model = values.get("res_model"), values.get("res_model_id")
        table = self.env["ir.model"].table.rows
        if model:
            name = table[int(model)]["model"]
        elif name:
            model = next((row["id"] for row in table.values() if row["model"] == name), None)
        if not model or name not in self.env.profile.models:
            raise UserError("An activity is about a record of a model that is there.")
        self.env[str(name)].check("write")
        self.env[str(name)].row(int(values.get("res_id") or 0))
        id_ = super().insert({**values, "res_model_id": model, "res_model": name})
        assigned = self.row(id_).get("user_id")
        if assigned and assigned != self.env.user and not self.env.context.get("mail_activity_quick_update"):
            partner = self.env["res.users"].row(assigned)["partner_id"]
            _mail(self.env, str(name), int(values["res_id"]), [partner], None)
        return id_

    def get_state(self, row: Row) -> str:
        if row.get("active") is False:
            return "done"
        due = str(row.get("date_deadline") or self.env.today)
        return "today" if due == self.env.today else "overdue" if due < self.env.today else "planned"

    @public("multi")
    def action_feedback(self, ids: Sequence[int], feedback: Any = False, attachment_ids: Any = None) -> Any:
        self.check("write", ids)
        messages, posted = self.env["mail.message"].elevated(), []
        for row in self.rows(ids):
            values = {"model": row["res_model"], "res_id": row["res_id"], "message_type": "notification"}
            body = f"<div><p>done</p><div>{html.escape(str(feedback or ''))}</div></div>"
            posted.append(
                messages.new(
                    {**values, "body": body, "subtype_id": self.env.ref("mail.mt_activities"), "date": self.env.now}
                )
            )
            if "active" in self.fields:
                self.put(row["id"], active=False)
            else:
                self.remove([row["id"]])
        return posted[-1] if posted else False
