"""Messages on a record: notes that notify nobody, and mail to partners when it is asked for by name.

A note is a ``mail.message`` created under a key, so it exists once and mails nobody. Mail goes through the server's
own posting, which mails when it returns; it carries a Message-Id made of its key, by which it is found again.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oimkit.errors import InputError
from oimkit.odoo.apply import register
from oimkit.odoo.documents.attachments import Attachment, attach
from oimkit.odoo.documents.keyed import find_keyed, load_keyed
from oimkit.odoo.documents.target import demand_record
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.once import Report, Session

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["File", "Mail", "mail_of", "plan_mail", "post_note"]

KIND = "mail"

_NOTE = ExternalId("mail", "mt_note")
_COMMENT = "mail.mt_comment"


@dataclass(frozen=True, slots=True)
class File:
    """A file to attach along with a message."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    mimetype: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A message to be mailed to partners, once; carried out by ``oimkit.odoo.apply``.

    partners     ids in res.partner of those who are mailed, beside the record's followers
    body         HTML
    attachments  ids of attachments of the same record
    """

    key: ExternalId
    model: str
    record: int
    partners: tuple[int, ...]
    subject: str | None = field(repr=False)
    body: str = field(repr=False)
    attachments: tuple[int, ...] = ()


def post_note(
    odoo: Odoo,
    model: str,
    record: int,
    text: str | None = None,
    *,
    key: ExternalId,
    body_html: str | None = None,
    files: Sequence[File | Attachment] = (),
) -> int:
    """The id of the internal note under *key* in a record's history: the one that is there, else a new one.

    Nobody is mailed or notified. Called again with the same key it adds nothing, whatever the text is then.

    Args:
        text: plain text, lines kept; or else
        body_html: HTML, of which the server keeps what it holds safe.
        files: attached to the record, once each, and shown with the note.

    Raises:
        MissingRecord: there is no such record, or this user may not see it.
        OutcomeUnknown: no usable answer; post the same again, it finds what was made.
    """
    body = _body(text, body_html)
    found = find_keyed(odoo, key, "mail.message")
    if found is not None:
        return found
    demand_record(odoo, model, record)
    shown = _attached(odoo, model, record, files)
    cells = {
        "model": model,
        "res_id": str(record),
        "body": body,
        "message_type": "comment",
        "subtype_id/id": str(_NOTE),
        **({"attachment_ids/.id": ",".join(map(str, shown))} if shown else {}),
    }
    return load_keyed(odoo, key, "mail.message", cells)


def plan_mail(
    odoo: Odoo,
    model: str,
    record: int,
    text: str | None = None,
    *,
    key: ExternalId,
    to: Sequence[int],
    subject: str | None = None,
    body_html: str | None = None,
    files: Sequence[File | Attachment] = (),
) -> Mail:
    """A message to *to* (partners) and the record's followers, for ``apply`` to send once; files are attached now.

    Raises:
        InputError: nobody is named.
        MissingRecord: the record or a partner is not there.
    """
    if not to:
        raise InputError("nobody is named to be mailed", advice="post_note writes a note that mails nobody")
    body = _body(text, body_html)
    demand_record(odoo, model, record)
    demand_record(odoo, "res.partner", *to)
    shown = _attached(odoo, model, record, files)
    return Mail(key, model, record, tuple(to), subject, body, tuple(shown))


def mail_of(odoo: Odoo, key: ExternalId) -> int | None:
    """The id of the message that was mailed under *key*, or None."""
    found = odoo.search("mail.message", [["message_id", "=", _message_id(key)]], order="id", limit=1)
    return found[0] if found else None


def _body(text: str | None, body_html: str | None) -> str:
    if (text is None) == (body_html is None):
        raise InputError("a message has either text or body_html")
    if body_html is not None:
        return body_html
    lines = html.escape(text or "", quote=False).splitlines()
    return f"<p>{'<br/>'.join(lines)}</p>"


def _attached(odoo: Odoo, model: str, record: int, files: Sequence[File | Attachment]) -> list[int]:
    """Ids of *files*, attached to the record where they are not yet."""
    ids = []
    for file in files:
        if isinstance(file, File):
            ids.append(attach(odoo, model, record, file.name, file.content, mimetype=file.mimetype).id)
        elif file.record is None or (file.record.model, file.record.id) != (model, record):
            raise InputError(
                f"ir.attachment {file.id} is not attached to this record", advice="pass its content as a File"
            )
        else:
            ids.append(file.id)
    return ids


def _message_id(key: ExternalId) -> str:
    """The Message-Id of the mail under *key*, as headers of mail are written."""
    return f"<{key}@oimkit.invalid>"


def _carry_out(plan: Mail, session: Session) -> Report:
    odoo = session.odoo

    html_flag: dict[str, Any] = {"body_is_html": True} if odoo.version.major >= 17 else {}

    def send() -> None:
        odoo.call(
            plan.model,
            "message_post",
            ids=[plan.record],
            body=plan.body,
            subject=plan.subject or False,
            message_type="comment",
            subtype_xmlid=_COMMENT,
            partner_ids=list(plan.partners),
            attachment_ids=list(plan.attachments),
            message_id=_message_id(plan.key),
            **html_flag,
        )

    session.ensure(f"mail {plan.key}", done=lambda: mail_of(odoo, plan.key), act=send)
    return session.report(KIND)


register(KIND, Mail, _carry_out)
