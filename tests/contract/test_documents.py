"""Files, PDFs, notes, mail and activities on records: each once, none mailed unasked, on every server and transport."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import requests

from oimkit.errors import (
    AccessDenied,
    BadReply,
    ConfigurationError,
    DivergedRecord,
    InputError,
    InvalidCall,
    MissingRecord,
    OimkitError,
    OutcomeUnknown,
    Refused,
)
from oimkit.odoo import ExternalId, Journal, Odoo, apply
from oimkit.odoo.codec import RecordRef
from oimkit.odoo.documents import (
    ActivityDone,
    File,
    activities,
    attach,
    attachments,
    invoice_pdf,
    is_open,
    mail_of,
    open_attachment,
    plan_mail,
    post_note,
    read_attachment,
    save_attachment,
    schedule_activity,
    web_session,
)
from oimkit.sandbox import Fault, FaultKind, When
from tests.contract.conftest import Target

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def odoo(target: Target) -> Odoo:
    return target.connect()


@pytest.fixture
def contact(odoo: Odoo, token: str) -> int:
    return new(odoo, "res.partner", name=token, email=f"{token}@example.com")


@pytest.fixture
def journal(odoo: Odoo, tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, odoo.server_key) as held:
        yield held


def new(odoo: Odoo, model: str, **values: object) -> int:
    (identity,) = odoo.call(model, "create", vals_list=[values])
    return int(identity)


def invoice(odoo: Odoo, contact: int) -> int:
    """A posted invoice of one line."""
    line = [0, 0, {"name": "l", "quantity": 1, "price_unit": 10, "tax_ids": [[5, 0, 0]]}]
    values = {
        "move_type": "out_invoice",
        "partner_id": contact,
        "invoice_date": "2026-11-01",
        "invoice_line_ids": [line],
    }
    move = new(odoo, "account.move", **values)
    odoo.call("account.move", "action_post", ids=[move])
    return move


def mails(odoo: Odoo) -> int:
    return odoo.count("mail.mail", [])


# --- attachments


def test_file_is_attached_once(odoo: Odoo, contact: int) -> None:
    first = attach(odoo, "res.partner", contact, "a.txt", b"hello")
    assert attach(odoo, "res.partner", contact, "a.txt", b"hello") == first
    assert attachments(odoo, "res.partner", contact) == (first,)
    assert (first.name, first.mimetype, first.size) == ("a.txt", "text/plain", 5)
    assert first.record == RecordRef("res.partner", contact)
    assert read_attachment(odoo, first) == b"hello"
    assert "a.txt" not in repr(first)


def test_file_that_several_attach_at_the_same_moment_is_attached_once(target: Target, contact: int) -> None:
    clients = [target.connect() for _ in range(4)]
    with ThreadPoolExecutor(len(clients)) as pool:
        found = list(pool.map(lambda odoo: attach(odoo, "res.partner", contact, "a.txt", b"hello").id, clients))
    assert len(set(found)) == 1
    assert [each.id for each in attachments(clients[0], "res.partner", contact)] == found[:1]


def test_another_name_or_content_or_record_is_another_file(odoo: Odoo, contact: int, token: str) -> None:
    other = new(odoo, "res.partner", name=token)
    ids = {
        attach(odoo, "res.partner", contact, "a.txt", b"hello").id,
        attach(odoo, "res.partner", contact, "b.txt", b"hello").id,
        attach(odoo, "res.partner", contact, "a.txt", b"hello!").id,
        attach(odoo, "res.partner", other, "a.txt", b"hello").id,
    }
    assert len(ids) == 4
    assert len(attachments(odoo, "res.partner", contact)) == 3


def test_empty_file_is_a_file(odoo: Odoo, contact: int) -> None:
    attachment = attach(odoo, "res.partner", contact, "empty", b"")
    assert (attachment.size, read_attachment(odoo, attachment)) == (0, b"")


def test_picture_is_not_scaled_down(odoo: Odoo, contact: int) -> None:
    picture = wide_picture()
    attachment = attach(odoo, "res.partner", contact, "wide.png", picture)
    assert attachment.sha1 == hashlib.sha1(picture).hexdigest()
    assert read_attachment(odoo, attachment) == picture


def wide_picture() -> bytes:
    """A PNG of 2500 by 30 points, which 19 makes smaller where it is not told to leave pictures alone."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    points = b"".join(b"\0" + b"\x10\x20\x30" * 2500 for _ in range(30))
    head = struct.pack(">IIBBBBB", 2500, 30, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(points)) + chunk(b"IEND", b"")


def test_nothing_is_attached_to_a_record_that_is_not_there(odoo: Odoo) -> None:
    with pytest.raises(MissingRecord):
        attach(odoo, "res.partner", 99_999_999, "a.txt", b"hello")
    with pytest.raises(InvalidCall):
        attach(odoo, "no.model", 1, "a.txt", b"hello")


@pytest.mark.parametrize("name", ["", "  ", "../a", "a\\b"])
def test_name_that_is_none_is_refused(odoo: Odoo, contact: int, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        attach(odoo, "res.partner", contact, name, b"x")


def test_content_that_somebody_replaced_is_not_taken_for_ours(odoo: Odoo, contact: int) -> None:
    first = attach(odoo, "res.partner", contact, "a.txt", b"hello")
    odoo.write("ir.attachment", [first.id], {"datas": b"other"})
    with pytest.raises(DivergedRecord, match="other bytes"):
        attach(odoo, "res.partner", contact, "a.txt", b"hello")


def test_larger_attachment_than_permitted_is_refused_before_it_is_fetched(odoo: Odoo, contact: int) -> None:
    attachment = attach(odoo, "res.partner", contact, "a.bin", bytes(1001))
    with pytest.raises(InputError, match="has 1001 bytes, the limit is 1000"):
        open_attachment(odoo, attachment, limit_bytes=1000)
    assert read_attachment(odoo, attachment, limit_bytes=1001) == bytes(1001)


def test_large_attachment_is_a_stream(odoo: Odoo, contact: int) -> None:
    content = bytes(range(256)) * 12_000
    attachment = attach(odoo, "res.partner", contact, "large.bin", content)
    target = io.BytesIO()
    assert save_attachment(odoo, attachment.id, target) == attachment
    assert target.getvalue() == content
    with open_attachment(odoo, attachment) as stream:
        assert stream.read(10) == content[:10]
        assert len(stream.read()) == len(content) - 10


def test_address_has_no_content(odoo: Odoo) -> None:
    address = new(odoo, "ir.attachment", name="web", type="url", url="https://example.com/")
    with pytest.raises(InputError, match="is an address"):
        read_attachment(odoo, address)


def test_attachment_that_is_not_there_is_missing(odoo: Odoo) -> None:
    with pytest.raises(MissingRecord):
        read_attachment(odoo, 99_999_999)


def test_nobody_attaches_to_what_he_may_not_change(target: Target, contact: int) -> None:
    limited = target.connect("limited")
    with pytest.raises(Refused):
        attach(limited, "res.partner", contact, "a.txt", b"hello")
    assert attachments(target.connect(), "res.partner", contact) == ()


@pytest.mark.double
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER_COMMIT, FaultKind.BAD_GATEWAY_AFTER, FaultKind.DROP_BEFORE_CALL])
def test_lost_reply_leaves_one_file(target: Target, odoo: Odoo, contact: int, kind: FaultKind) -> None:
    assert target.sandbox is not None
    target.sandbox.faults.add(Fault(kind, When("ir.attachment", "load")))
    with pytest.raises(OutcomeUnknown):
        attach(odoo, "res.partner", contact, "a.txt", b"hello")
    attach(odoo, "res.partner", contact, "a.txt", b"hello")
    assert len(attachments(odoo, "res.partner", contact)) == 1


# --- web sessions


@pytest.fixture
def web_target(target: Target) -> Target:
    """The target, in the one database that its server lets web sessions into, where its filter names one."""
    reply = requests.post(f"{target.server.url}/web/database/list", json={"params": {}}, timeout=60).json()
    known = reply.get("result") or []
    if target.server.database in known or len(known) != 1:
        return target
    return replace(target, server=replace(target.server, database=known[0]))


def test_attachment_comes_over_a_web_session_too(web_target: Target, token: str) -> None:
    odoo, content = web_target.connect(), bytes(range(256)) * 8_000
    contact = new(odoo, "res.partner", name=token)
    attachment = attach(odoo, "res.partner", contact, "large.bin", content)
    with web_session(odoo, password=web_target.server.logins["admin"].password) as web:
        assert read_attachment(odoo, attachment, web=web) == content
        assert "large" not in repr(web)


def test_content_of_another_attachment_is_not_taken_for_the_one_asked_for(web_target: Target, token: str) -> None:
    odoo = web_target.connect()
    contact = new(odoo, "res.partner", name=token)
    one = attach(odoo, "res.partner", contact, "1", b"one")
    two = attach(odoo, "res.partner", contact, "2", b"two")
    mixed = replace(one, id=two.id)
    with pytest.raises(BadReply, match="not the 3 the server keeps"):
        read_attachment(odoo, mixed)
    password = web_target.server.logins["admin"].password
    with web_session(odoo, password=password) as web:
        with pytest.raises(BadReply, match="not the 3 the server keeps"):
            read_attachment(odoo, mixed, web=web)
        with pytest.raises(BadReply, match="larger than 2 bytes"):
            read_attachment(odoo, replace(one, size=1), web=web)


def test_api_key_opens_no_web_session(target: Target) -> None:
    login = target.server.logins["admin"]
    with (
        pytest.raises(AccessDenied, match="an API key opens no web session"),
        web_session(target.connect(), password=login.api_key),
    ):
        pass


def test_connection_with_an_api_key_asks_for_the_password(target: Target) -> None:
    with pytest.raises(ConfigurationError, match="pass password="), web_session(target.connect("twofactor")):
        pass


def test_second_factor_is_named(target: Target) -> None:
    password = target.server.logins["twofactor"].password
    with (
        pytest.raises(AccessDenied, match="second factor"),
        web_session(target.connect("twofactor"), password=password),
    ):
        pass


@pytest.mark.live
@pytest.mark.versions(last=15)
def test_session_that_would_serve_another_database_is_refused(target: Target) -> None:
    """The ring's filter on 14 names another database than the test's own: the server would serve that one's files."""
    if not target.is_live:
        return
    with (
        pytest.raises(BadReply, match="database filter"),
        web_session(target.connect(), password=target.server.logins["admin"].password),
    ):
        pass


# --- invoices as PDF


def test_draft_has_no_pdf(odoo: Odoo, contact: int) -> None:
    draft = new(odoo, "account.move", move_type="out_invoice", partner_id=contact)
    with pytest.raises(InputError, match="post it first"):
        invoice_pdf(odoo, draft)


@pytest.mark.versions(first=17)
def test_stored_pdf_of_an_invoice_is_its_own(odoo: Odoo, contact: int) -> None:
    move = invoice(odoo, contact)
    odoo.write("account.move", [move], {"invoice_pdf_report_file": PDF})
    found = invoice_pdf(odoo, move)
    assert (found.way, found.content) == ("stored", PDF)
    assert found.attachment is not None
    assert attachments(odoo, "account.move", move) == ()


@pytest.mark.versions(last=16)
def test_stored_pdf_of_an_invoice_is_what_printing_has_kept(odoo: Odoo, contact: int) -> None:
    move = invoice(odoo, contact)
    attach(odoo, "account.move", move, "other.pdf", PDF + b"other")
    name = odoo.read("account.move", [move], ["name"])[0]["name"].replace("/", "_")
    printed = attach(odoo, "account.move", move, f"{name}.pdf", PDF)
    found = invoice_pdf(odoo, move)
    assert (found.way, found.attachment, found.content) == ("stored", printed.id, PDF)


@pytest.mark.versions(last=16)
def test_mail_template_gives_a_pdf_to_an_api_key_and_mails_nobody(odoo: Odoo, contact: int) -> None:
    if odoo.call("ir.actions.report", "get_wkhtmltopdf_state") == "install":
        pytest.skip("this server prints nothing")
    before, move = mails(odoo), invoice(odoo, contact)
    found = invoice_pdf(odoo, move)
    assert found.way == "template"
    assert found.content.startswith(b"%PDF-")
    assert invoice_pdf(odoo, move).way == "stored"
    assert mails(odoo) == before


@pytest.mark.versions(first=17)
def test_refusal_names_every_way_that_is_left(odoo: Odoo, contact: int) -> None:
    with pytest.raises(MissingRecord) as caught:
        invoice_pdf(odoo, invoice(odoo, contact))
    for words in ("none is stored", "web=, which needs a password", "make=True"):
        assert words in str(caught.value)


@pytest.mark.versions(first=18)
def test_pdf_is_made_only_when_asked_for_and_mailed_to_nobody(odoo: Odoo, contact: int) -> None:
    before, move = mails(odoo), invoice(odoo, contact)
    state = odoo.call("ir.actions.report", "get_wkhtmltopdf_state")
    if state == "install":  # a real server without the engine: the refusal says so, and nothing is kept
        with pytest.raises(MissingRecord, match="no wkhtmltopdf"):
            invoice_pdf(odoo, move, make=True)
        assert odoo.read("account.move", [move], ["invoice_pdf_report_id"])[0]["invoice_pdf_report_id"] is None
    else:
        made = invoice_pdf(odoo, move, make=True)
        assert (made.way, made.content[:5]) == ("made", b"%PDF-")
        assert invoice_pdf(odoo, move).way == "stored"
    assert mails(odoo) == before


def test_report_is_printed_over_a_web_session(web_target: Target, token: str) -> None:
    odoo = web_target.connect()
    move = invoice(odoo, new(odoo, "res.partner", name=token))
    with web_session(odoo, password=web_target.server.logins["admin"].password) as web:
        if odoo.call("ir.actions.report", "get_wkhtmltopdf_state") == "install":
            with pytest.raises(MissingRecord, match="no wkhtmltopdf"):
                invoice_pdf(odoo, move, web=web)
        else:
            found = invoice_pdf(odoo, move, web=web)
            assert (found.way, found.content[:5]) == ("report", b"%PDF-")


@pytest.mark.double
def test_server_without_an_engine_is_told_from_one_without_a_pdf(odoo: Odoo, contact: int) -> None:
    parameter = new(odoo, "ir.config_parameter", key="sandbox.wkhtmltopdf", value="install")
    try:
        with pytest.raises(MissingRecord, match="no wkhtmltopdf"):
            invoice_pdf(odoo, invoice(odoo, contact), make=True)
    finally:
        odoo.call("ir.config_parameter", "unlink", ids=[parameter])


def test_bytes_that_are_no_pdf_are_refused(odoo: Odoo, contact: int) -> None:
    move = invoice(odoo, contact)
    if "invoice_pdf_report_file" in odoo.schema.fields("account.move"):
        odoo.write("account.move", [move], {"invoice_pdf_report_file": b"<html></html>"})
    else:
        name = odoo.read("account.move", [move], ["name"])[0]["name"].replace("/", "_")
        attach(odoo, "account.move", move, f"{name}.pdf", b"<html></html>", mimetype="application/pdf")
        if not odoo.search("ir.attachment", [["name", "=", f"{name}.pdf"], ["mimetype", "=", "application/pdf"]]):
            return  # this server tells the type from the content
    with pytest.raises(BadReply, match="no PDF"):
        invoice_pdf(odoo, move)


# --- notes


def test_note_exists_once_and_notifies_nobody(odoo: Odoo, contact: int, token: str) -> None:
    follower = new(odoo, "res.partner", name=f"F {token}", email="f@example.com")
    odoo.call("res.partner", "message_subscribe", ids=[contact], partner_ids=[follower])
    before, key = mails(odoo), ExternalId.of("note", token)
    note = post_note(odoo, "res.partner", contact, "5 < 6 & so\nsecond line", key=key, files=[File("n.txt", b"note")])
    assert post_note(odoo, "res.partner", contact, "another text", key=key) == note
    (row,) = odoo.read(
        "mail.message", [note], ["body", "res_id", "attachment_ids", "notified_partner_ids", "subtype_id"]
    )
    assert "5 &lt; 6 &amp; so<br" in row["body"]
    assert row["res_id"] == RecordRef("res.partner", contact)
    assert row["notified_partner_ids"] == ()
    assert [each.name for each in attachments(odoo, "res.partner", contact)] == ["n.txt"]
    assert row["attachment_ids"] == tuple(each.id for each in attachments(odoo, "res.partner", contact))
    assert mails(odoo) == before


def test_note_may_be_html_but_not_both(odoo: Odoo, contact: int, token: str) -> None:
    note = post_note(odoo, "res.partner", contact, body_html="<p>a <b>b</b></p>", key=ExternalId.of("note", token))
    assert odoo.read("mail.message", [note], ["body"])[0]["body"] == "<p>a <b>b</b></p>"
    for texts in ({}, {"text": "a", "body_html": "b"}):
        with pytest.raises(InputError, match="either text or body_html"):
            post_note(odoo, "res.partner", contact, key=ExternalId.of("note", token, 2), **texts)


def test_note_with_a_file_of_another_record_is_refused(odoo: Odoo, contact: int, token: str) -> None:
    foreign = attach(odoo, "res.partner", new(odoo, "res.partner", name=token), "a", b"a")
    with pytest.raises(InputError, match="not attached to this record"):
        post_note(odoo, "res.partner", contact, "x", key=ExternalId.of("note", token), files=[foreign])


@pytest.mark.double
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER_COMMIT, FaultKind.DROP_BEFORE_CALL])
def test_lost_reply_leaves_one_note(target: Target, odoo: Odoo, contact: int, token: str, kind: FaultKind) -> None:
    assert target.sandbox is not None
    target.sandbox.faults.add(Fault(kind, When("mail.message", "load")))
    key = ExternalId.of("note", token)
    with pytest.raises(OutcomeUnknown):
        post_note(odoo, "res.partner", contact, "x", key=key)
    note = post_note(odoo, "res.partner", contact, "x", key=key)
    about = [["model", "=", "res.partner"], ["res_id", "=", contact], ["body", "ilike", "x"]]
    assert odoo.search("mail.message", about) == [note]


# --- mail


def test_mail_is_sent_once_to_those_who_are_named(odoo: Odoo, contact: int, token: str, journal: Journal) -> None:
    before, key = mails(odoo), ExternalId.of("mail", token)
    receiver = new(odoo, "res.partner", name=f"R {token}", email="r@example.com")
    plan = plan_mail(
        odoo, "res.partner", contact, "1 < 2", key=key, to=[receiver], subject="S", files=[File("a", b"a")]
    )
    assert mails(odoo) == before
    assert mail_of(odoo, key) is None
    first, second = apply(plan, odoo, journal), apply(plan, odoo, journal)
    assert (len(first.updated), len(second.updated)) == (1, 0)
    message = mail_of(odoo, key)
    assert message is not None
    (row,) = odoo.read("mail.message", [message], ["body", "subject", "notified_partner_ids", "attachment_ids"])
    assert "1 &lt; 2" in row["body"]
    assert "&amp;lt;" not in row["body"]
    assert (row["subject"], row["notified_partner_ids"], len(row["attachment_ids"])) == ("S", (receiver,), 1)
    assert mails(odoo) == before + 1
    assert token not in repr(plan)


def test_mail_to_nobody_is_refused(odoo: Odoo, contact: int, token: str) -> None:
    with pytest.raises(InputError, match="post_note"):
        plan_mail(odoo, "res.partner", contact, "x", key=ExternalId.of("mail", token), to=[])


@pytest.mark.double
def test_lost_reply_mails_once(target: Target, odoo: Odoo, contact: int, token: str, journal: Journal) -> None:
    assert target.sandbox is not None
    before = mails(odoo)
    plan = plan_mail(odoo, "res.partner", contact, "x", key=ExternalId.of("mail", token), to=[contact])
    target.sandbox.faults.add(Fault(FaultKind.DROP_AFTER_COMMIT, When("res.partner", "message_post")))
    with pytest.raises(OutcomeUnknown):
        apply(plan, odoo, journal)
    apply(plan, odoo, journal)
    assert mails(odoo) == before + 1


# --- activities


def test_activity_is_scheduled_once_and_mails_nobody(target: Target, odoo: Odoo, contact: int, token: str) -> None:
    before, key, due = mails(odoo), ExternalId.of("activity", token), date(2026, 12, 24)
    colleague = target.server.logins["billing"].user_id
    first = schedule_activity(odoo, "res.partner", contact, key=key, due=due, summary="s", user=colleague)
    assert schedule_activity(odoo, "res.partner", contact, key=key, due=due) == first
    (found,) = activities(odoo, "res.partner", contact)
    assert (found.id, found.due, found.user, found.summary) == (first, due, colleague, "s")
    assert found.record == RecordRef("res.partner", contact)
    assert mails(odoo) == before


def test_activity_mails_its_user_when_asked_to(target: Target, odoo: Odoo, contact: int, token: str) -> None:
    before, colleague = mails(odoo), target.server.logins["billing"].user_id
    key = ExternalId.of("activity", token)
    schedule_activity(odoo, "res.partner", contact, key=key, due=date(2026, 12, 24), user=colleague, mail_user=True)
    assert mails(odoo) == before + 1


def test_activity_on_a_record_that_is_not_there_is_refused(odoo: Odoo, token: str) -> None:
    with pytest.raises(MissingRecord):
        schedule_activity(odoo, "res.partner", 99_999_999, key=ExternalId.of("activity", token), due=date(2026, 1, 1))


def test_plain_user_schedules_without_rights_on_the_table_of_models(target: Target, contact: int, token: str) -> None:
    billing = target.connect("billing")
    move = new(billing, "account.move", move_type="out_invoice", partner_id=contact)
    key = ExternalId.of("activity", token)
    made = schedule_activity(billing, "account.move", move, key=key, due=date(2026, 12, 24))
    assert [each.id for each in activities(billing, "account.move", move)] == [made]


def test_activity_is_done_once(odoo: Odoo, contact: int, token: str, journal: Journal) -> None:
    key = ExternalId.of("activity", token)
    made = schedule_activity(odoo, "res.partner", contact, key=key, due=date(2026, 12, 24))
    about = [["model", "=", "res.partner"], ["res_id", "=", contact]]
    before, sent = odoo.count("mail.message", about), mails(odoo)
    plan = ActivityDone(made, "all is well")
    assert len(apply(plan, odoo, journal).updated) == 1
    assert len(apply(plan, odoo, journal).updated) == 0
    assert not is_open(odoo, made)
    assert activities(odoo, "res.partner", contact) == ()
    assert odoo.count("mail.message", about) == before + 1
    assert odoo.count("mail.message", [*about, ["body", "ilike", "all is well"]]) == 1
    assert mails(odoo) == sent


@pytest.mark.double
def test_lost_reply_tells_of_one_activity_done_once(
    target: Target, odoo: Odoo, contact: int, token: str, journal: Journal
) -> None:
    assert target.sandbox is not None
    made = schedule_activity(odoo, "res.partner", contact, key=ExternalId.of("a", token), due=date(2026, 12, 24))
    target.sandbox.faults.add(Fault(FaultKind.DROP_AFTER_COMMIT, When("mail.activity", "action_feedback")))
    with pytest.raises(OutcomeUnknown):
        apply(ActivityDone(made, "well"), odoo, journal)
    apply(ActivityDone(made, "well"), odoo, journal)
    assert odoo.count("mail.message", [["res_id", "=", contact], ["body", "ilike", "well"]]) == 1


def test_errors_of_documents_are_of_the_one_tree() -> None:
    assert all(issubclass(kind, OimkitError) for kind in (MissingRecord, DivergedRecord, BadReply, InputError))
