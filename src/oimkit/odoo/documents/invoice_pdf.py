"""The PDF of an invoice, by whatever way its version and the connection have.

| way | versions | needs | what else it does |
|---|---|---|---|
| stored | all | that somebody printed or sent it before | nothing |
| report | all | a web session, and wkhtmltopdf on the server | until 16 the server may keep the PDF at the invoice |
| template | 14 to 16 | an API key is enough; wkhtmltopdf | the server may keep the PDF at the invoice |
| made | 17 and later | to be asked for; an API key is enough; wkhtmltopdf | it becomes the invoice's own PDF |

Nothing is mailed by any of them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oimkit.errors import BadReply, DivergedRecord, InputError, InvalidCall, MissingRecord, OdooError
from oimkit.odoo.codec import Record
from oimkit.odoo.documents.attachments import LIMIT_BYTES, read_attachment
from oimkit.odoo.documents.websession import WebSession
from oimkit.odoo.keys import ExternalId, find

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["REPORT", "InvoicePdf", "invoice_pdf"]

REPORT = "account.report_invoice_with_payments"
"""What servers print for an invoice unless somebody chooses another report."""

_TEMPLATE = ExternalId("account", "email_template_edi_invoice")
_ENGINE_MISSING = ("install", "broken")
"""Answers of ``get_wkhtmltopdf_state`` that mean no PDF can be made."""


@dataclass(frozen=True, slots=True)
class InvoicePdf:
    """An invoice as PDF.

    way         stored, report, template or made
    attachment  id of the attachment it was read from, or None
    """

    invoice: int
    way: str
    attachment: int | None
    content: bytes = field(repr=False)


def invoice_pdf(
    odoo: Odoo,
    invoice: int,
    *,
    web: WebSession | None = None,
    make: bool = False,
    report: str = REPORT,
    limit_bytes: int = LIMIT_BYTES,
) -> InvoicePdf:
    """The PDF of the invoice *invoice* in account.move, by the first way that gives one.

    Tried in this order: stored; report, where *web* is given; template, until 16; made, where *make* is given.

    Args:
        web: a session to print over (``web_session``, which needs a password).
        make: let the server make the PDF and keep it as the invoice's own, from 17 on; nothing is mailed.
        report: the technical name of the report to print.
        limit_bytes: of the PDF.

    Raises:
        InputError: a draft, which has no PDF of its own: post it first.
        MissingRecord: no way was open; says why each was not and what opens one.
        BadReply: what came is no PDF.
    """
    known = odoo.schema.fields("account.move")
    has_own = "invoice_pdf_report_id" in known
    names = ["name", "state", *(["invoice_pdf_report_id"] if has_own else [])]
    row = odoo.read("account.move", [invoice], names)[0]
    if row["state"] == "draft":
        raise InputError(f"account.move {invoice} is a draft and has no PDF of its own", advice="post it first")
    closed: list[str] = []
    ways: Sequence[tuple[str, Callable[[], tuple[int | None, bytes] | None]]] = (
        ("stored", lambda: _stored(odoo, row, has_own, limit_bytes, closed)),
        ("report", lambda: _report(odoo, web, invoice, report, limit_bytes, closed)),
        ("template", lambda: _template(odoo, invoice, limit_bytes, closed)),
        ("made", lambda: _made(odoo, invoice, make, has_own, limit_bytes, closed)),
    )
    for way, take in ways:
        taken = take()
        if taken is not None:
            attachment, content = taken
            return InvoicePdf(invoice, way, attachment, _checked(invoice, content))
    raise MissingRecord(f"account.move {invoice} has no PDF here: {'; '.join(closed)}")


def _checked(invoice: int, content: bytes) -> bytes:
    if not content.startswith(b"%PDF-"):
        raise BadReply(f"account.move {invoice}: {len(content)} bytes came that are no PDF")
    return content


# --- stored


def _stored(odoo: Odoo, row: Record, has_own: bool, limit_bytes: int, closed: list[str]) -> tuple[int, bytes] | None:
    attachment = _own(row) if has_own else _printed(odoo, row)
    if attachment is None:
        closed.append("none is stored with it")
        return None
    return attachment, read_attachment(odoo, attachment, limit_bytes=limit_bytes)


def _own(row: Record) -> int | None:
    ref = row["invoice_pdf_report_id"]
    return None if ref is None else int(ref.id)


def _printed(odoo: Odoo, row: Record) -> int | None:
    """The newest PDF that printing has kept, by the name under which servers until 16 keep it."""
    name = str(row["name"]).replace("/", "_") + ".pdf"
    domain = [
        ["res_model", "=", "account.move"],
        ["res_id", "=", row["id"]],
        ["name", "=", name],
        ["mimetype", "=", "application/pdf"],
    ]
    found = odoo.search("ir.attachment", domain, order="id desc", limit=1)
    return found[0] if found else None


# --- printed over the web


def _report(
    odoo: Odoo, web: WebSession | None, invoice: int, report: str, limit_bytes: int, closed: list[str]
) -> tuple[None, bytes] | None:
    if web is None:
        closed.append("no web session was given to print over (web=, which needs a password)")
        return None
    if _engine_is_missing(odoo):
        closed.append("the server has no wkhtmltopdf to print with, its administrator can install it")
        return None
    pieces: list[bytes] = []
    reply = web.download(f"/report/pdf/{_path(report)}/{invoice}", pieces.append, limit_bytes=limit_bytes)
    if reply.status != 200:
        closed.append(f"printing the report {report} over the web failed (status {reply.status})")
        return None
    return None, b"".join(pieces)


def _path(report: str) -> str:
    if not report.isascii() or not report.replace(".", "_").isidentifier():
        raise InputError("the technical name of a report is letters, digits, underscores and dots")
    return report


def _engine_is_missing(odoo: Odoo) -> bool:
    try:
        return odoo.call("ir.actions.report", "get_wkhtmltopdf_state") in _ENGINE_MISSING
    except InvalidCall:
        return False  # a version that prints by other means: it will say


# --- rendered for the mail template, until 16


def _template(odoo: Odoo, invoice: int, limit_bytes: int, closed: list[str]) -> tuple[None, bytes] | None:
    if odoo.version.major > 16:
        return None
    if _engine_is_missing(odoo):
        closed.append("the server has no wkhtmltopdf to make one with, its administrator can install it")
        return None
    template = find(odoo, [_TEMPLATE]).get(_TEMPLATE)
    if template is None:
        closed.append("the mail template of invoices was deleted")
        return None
    told = odoo.call("mail.template", "generate_email", ids=[template.id], res_ids=invoice, fields=["subject"])
    found = told.get("attachments") if isinstance(told, dict) else None
    for item in found if isinstance(found, list) else ():
        if isinstance(item, list) and len(item) == 2 and str(item[0]).lower().endswith(".pdf"):
            return None, _decoded(invoice, item[1], limit_bytes)
    closed.append("the mail template of invoices makes no PDF")
    return None


def _decoded(invoice: int, text: Any, limit_bytes: int) -> bytes:
    if not isinstance(text, str):
        raise BadReply(f"account.move {invoice}: the PDF came in no form that is known")
    if len(text) > limit_bytes * 4 // 3 + 4:
        raise InputError(f"the PDF of account.move {invoice} is larger than {limit_bytes} bytes")
    try:
        return base64.b64decode(text.replace("\n", ""), validate=True)
    except binascii.Error:
        raise BadReply(f"account.move {invoice}: the PDF is not base64") from None


# --- made and kept, from 17 on


def _made(
    odoo: Odoo, invoice: int, make: bool, has_own: bool, limit_bytes: int, closed: list[str]
) -> tuple[int, bytes] | None:
    if not has_own:
        return None
    if not make:
        closed.append("the server was not asked to make and keep one (make=True)")
        return None
    if _engine_is_missing(odoo):
        closed.append("the server has no wkhtmltopdf to make one with, its administrator can install it")
        return None
    _run_wizard(odoo, invoice)
    row = odoo.read("account.move", [invoice], ["invoice_pdf_report_id"])[0]
    attachment = _own(row)
    if attachment is None:
        raise DivergedRecord(f"account.move {invoice}: the server reported no error, and yet it keeps no PDF")
    return attachment, read_attachment(odoo, attachment, limit_bytes=limit_bytes)


def _run_wizard(odoo: Odoo, invoice: int) -> None:
    """Let "send and print" print; that it will send nothing is read back from the server first."""
    if odoo.schema.has_model("account.move.send.wizard"):
        wizard, values = "account.move.send.wizard", {"move_id": invoice, "sending_methods": ["manual"]}
        silent: Mapping[str, Any] = {"sending_methods": ["manual"]}
    else:  # 17
        wizard, values = "account.move.send", {"move_ids": [[6, 0, [invoice]]], "checkbox_send_mail": False}
        silent = {"checkbox_send_mail": False}
    context = {"active_model": "account.move", "active_ids": [invoice]}
    made = odoo.call(wizard, "create", vals_list=values, context=context)
    identity = made[0] if isinstance(made, list) else made
    told = odoo.call(wizard, "read", ids=[identity], fields=list(silent))[0]
    if any(told.get(name) != wanted for name, wanted in silent.items()):
        raise DivergedRecord(
            f"account.move {invoice}: the server would send the invoice, not only make its PDF; nothing was done",
            advice="print it over a web session",
        )
    try:
        odoo.call(wizard, "action_send_and_print", ids=[identity], context=context)
    except OdooError as error:
        if error.reason.lower().find("wkhtmltopdf") >= 0:
            raise MissingRecord(
                f"account.move {invoice} has no PDF here: the server has no wkhtmltopdf to make one with",
                advice="its administrator can install it",
            ) from None
        raise
