"""Each fault of a server, in the form of each transport, is the error that tells what to do next."""

from __future__ import annotations

import pytest

from oimkit.errors import (
    AccessDenied,
    AccessRefused,
    BadReply,
    Busy,
    InvalidCall,
    InvalidRecord,
    MissingRecord,
    OutcomeUnknown,
    Refused,
)
from oimkit.odoo.faults import from_server, from_status, from_xmlrpc, masked
from oimkit.odoo.transport import Call
from oimkit.odoo.transport.http import Reply
from oimkit.odoo.transport.results import normalised

READ = Call("res.partner", "search_read")
WRITE = Call("res.partner", "write", (1,))

ACCESS = (
    "You are not allowed to access 'Journal Entry' (account.move) records.\n\n"
    "This operation is allowed for the following groups:\n\t- Accounting/Invoicing\n\t- Accounting/Administrator\n\n"
    "Contact your administrator to request access if necessary."
)


@pytest.mark.parametrize(
    ("name", "message", "error", "part"),
    [
        ("odoo.exceptions.AccessDenied", "Access Denied", AccessDenied, "login refused"),
        ("odoo.http.SessionExpiredException", "Session expired", AccessDenied, "login refused"),
        ("werkzeug.exceptions.Unauthorized", "Invalid apikey", AccessDenied, "login refused"),
        ("odoo.exceptions.AccessError", ACCESS, AccessRefused, "Accounting/Invoicing, Accounting/Administrator"),
        ("odoo.exceptions.AccessError", "blocked by a record rule", AccessRefused, "record rule"),
        ("odoo.exceptions.MissingError", "Record does not exist: x", MissingRecord, "not there"),
        ("odoo.exceptions.UserError", "You must post it first.\nmore", InvalidRecord, "You must post it first"),
        ("odoo.exceptions.ValidationError", "No recursion.", InvalidRecord, "No recursion"),
        ("odoo.exceptions.UserError", "Object no.model doesn't exist", InvalidCall, "no model no.model"),
        ("werkzeug.exceptions.NotFound", "the model 'a.b' does not exist", InvalidCall, "no model a.b"),
        ("builtins.AttributeError", "The method 'res.partner.nope' does not exist", InvalidCall, "res.partner.nope"),
        ("builtins.AttributeError", "type object 'res.partner' has no attribute 'nope'", InvalidCall, "nope"),
        ("builtins.ValueError", "Invalid field 'nope' on 'res.partner'", InvalidCall, "res.partner has no field nope"),
        (
            "builtins.ValueError",
            "Invalid field res.partner.nope in condition ('nope', '=', 'CANARY')",
            InvalidCall,
            "nope",
        ),
        ("builtins.ValueError", "Invalid field name 'nope'", InvalidCall, "no field nope"),
        ("builtins.TypeError", "search() got an unexpected keyword argument 'foo'", InvalidCall, "argument foo"),
        ("builtins.KeyError", "CANARY", InvalidCall, "KeyError"),
        ("odoo.exceptions.LockError", "x", Busy, "transaction"),
        ("psycopg2.errors.SerializationFailure", "could not serialize access", Busy, "transaction"),
        ("psycopg2.OperationalError", "deadlock detected", Busy, "transaction"),
        ("psycopg2.errors.UniqueViolation", "Key (ref)=(CANARY) already exists", InvalidRecord, "UniqueViolation"),
        ("psycopg2.OperationalError", 'database "nodb" does not exist', AccessDenied, "no database"),
        ("builtins.ZeroDivisionError", "CANARY", Refused, "ZeroDivisionError"),
        ("", "CANARY", Refused, "failed inside the server"),
    ],
)
def test_server_class_decides(name, message, error, part):
    made = from_server(name, message, WRITE)
    assert type(made) is error
    assert part in str(made)
    assert "CANARY" not in str(made)


@pytest.mark.parametrize(
    ("code", "text", "error"),
    [
        (
            1,
            "Traceback:\n  File \"x\", line 1, in y\n    z\nValueError: Invalid field 'q' on 'a.b'\n",
            InvalidCall,
        ),
        (
            1,
            'Traceback (most recent call last):\n  File "x"\nodoo.exceptions.UserError: first\nsecond\n',
            InvalidRecord,
        ),
        (1, 'Traceback:\n  File "x"\npsycopg2.OperationalError: FATAL:  database "x" does not exist\n', AccessDenied),
        (1, "no traceback at all", Refused),
        (2, "Please mend it", InvalidRecord),
        (2, "Record does not exist or has been deleted.\n(Record: a(1,), User: 2)", MissingRecord),
        (3, "Access Denied", AccessDenied),
        (4, ACCESS, AccessRefused),
        (99, "?", Refused),
        ("warning", "?", Refused),
    ],
)
def test_xmlrpc_code_and_text_decide(code, text, error):
    assert type(from_xmlrpc(code, text, WRITE)) is error


@pytest.mark.parametrize(
    "last",
    [
        "TypeError: cannot marshal None unless allow_none is enabled",
        "TypeError: cannot marshal <class 'odoo.api.account.move'> objects",
        "OverflowError: int exceeds XML-RPC limits",
        "TypeError: dictionary key must be string",
    ],
)
def test_fault_after_commit_is_told_apart(last):
    text = f'Traceback (most recent call last):\n  File "x", line 1, in dumps\n    raise\n{last}\n'
    written = from_xmlrpc(1, text, Call("account.move", "action_post", (1,)))
    assert isinstance(written, OutcomeUnknown)
    assert written.after_commit
    assert isinstance(from_xmlrpc(1, text, READ), BadReply)


def page(status: int, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"<html></html>")


def test_too_many_requests_is_busy_with_the_servers_own_time():
    assert from_status(page(429, retry_after="7"), WRITE).retry_after_s == 7
    date = "Sat, 21 Nov 2026 10:00:00 GMT"
    assert from_status(page(429, retry_after="Sat, 21 Nov 2026 10:00:30 GMT", date=date), WRITE).retry_after_s == 30
    assert from_status(page(429, retry_after="soon"), WRITE).retry_after_s is None
    assert isinstance(from_status(page(429), READ), Busy)


@pytest.mark.parametrize(
    ("status", "write", "read"),
    [
        (401, AccessDenied, AccessDenied),
        (403, AccessDenied, AccessDenied),
        (404, OutcomeUnknown, BadReply),
        (413, InvalidCall, InvalidCall),
        (500, OutcomeUnknown, BadReply),
        (502, OutcomeUnknown, BadReply),
        (503, OutcomeUnknown, BadReply),
        (504, OutcomeUnknown, BadReply),
        (200, OutcomeUnknown, BadReply),
    ],
)
def test_status_without_a_body_of_odoo(status, write, read):
    assert isinstance(from_status(page(status), WRITE), write)
    assert isinstance(from_status(page(status), READ), read)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Account NL57OIMK0417164300 is closed.", "Account *** is closed"),
        ("Account NL57 OIMK 0417 1643 00 is closed.", "Account *** is closed"),
        ("Number 123456 and 12345.", "Number *** and 12345"),
        ("Card 1234 5678 9012 3456", "Card ***"),
        ("first\nsecond", "first"),
        ("('Mend it first.\\nThen go on.', {'type': 'x'}, 'Go', None)", "Mend it first"),
        ("('Mend it.', 12, 'Go')", "Mend it"),
        ("x" * 400, "x" * 300),
        ("", ""),
        ("bell\x07", "bell"),
    ],
)
def test_texts_of_the_server_are_bounded_and_masked(text, shown):
    assert masked(text) == shown


def test_text_of_a_record_set_is_its_ids():
    post = Call("account.move", "action_post", (6,))
    assert normalised("account.move(6,)", post) == [6]
    assert normalised("account.move(6, 7)", post) == [6, 7]
    assert normalised({"partials": "account.partial.reconcile(2,)", "moves": "account.move()"}, post) == {
        "partials": [2],
        "moves": [],
    }
    assert normalised("account.move(6,)", Call("account.move", "read", (6,))) == "account.move(6,)"
    assert normalised("see (6)", post) == "see (6)"
