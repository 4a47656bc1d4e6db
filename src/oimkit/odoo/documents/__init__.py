"""Files, PDFs, messages and activities on records; nothing is mailed unless it is asked for by name."""

from oimkit.odoo.documents.activities import TO_DO, Activity, ActivityDone, activities, is_open, schedule_activity
from oimkit.odoo.documents.attachments import (
    Attachment,
    attach,
    attachments,
    open_attachment,
    read_attachment,
    save_attachment,
)
from oimkit.odoo.documents.invoice_pdf import InvoicePdf, invoice_pdf
from oimkit.odoo.documents.messages import File, Mail, mail_of, plan_mail, post_note
from oimkit.odoo.documents.websession import WebSession, web_session

__all__ = [
    "TO_DO",
    "Activity",
    "ActivityDone",
    "Attachment",
    "File",
    "InvoicePdf",
    "Mail",
    "WebSession",
    "activities",
    "attach",
    "attachments",
    "invoice_pdf",
    "is_open",
    "mail_of",
    "open_attachment",
    "plan_mail",
    "post_note",
    "read_attachment",
    "save_attachment",
    "schedule_activity",
    "web_session",
]
