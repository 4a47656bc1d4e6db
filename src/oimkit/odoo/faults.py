"""Faults of the server, in the words of each transport, as errors that say what the caller may do next.

The server's exception class decides where the transport tells it (JSON-RPC, JSON-2); XML-RPC has four codes and
a text, so there the last line of the server's traceback decides. A server's text may hold data: only the first
line of a sentence that was written for the user (UserError, ValidationError) is repeated, bounded and masked.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from oimkit.errors import (
    AccessDenied,
    AccessRefused,
    BadReply,
    Busy,
    InvalidCall,
    InvalidRecord,
    MissingRecord,
    OdooError,
    OutcomeUnknown,
    Refused,
)
from oimkit.odoo.codec import Wire
from oimkit.odoo.transport.calls import Call, needed_argument, no_such_argument, without_ids
from oimkit.odoo.transport.http import Reply, lost
from oimkit.odoo.transport.tracebacks import Trace, read_trace

__all__ = [
    "Throttled",
    "decoded",
    "from_server",
    "from_status",
    "from_xmlrpc",
    "is_conflict",
    "masked",
    "not_odoo",
    "refused_login",
    "settled",
    "unusable",
]

_ADDRESS_ADVICE = (
    "check the address: it is the one of the login page without /web or /odoo, and with https where it has that"
)

_BUSY = frozenset(
    [
        "LockError",
        "SerializationFailure",
        "DeadlockDetected",
        "LockNotAvailable",
        "TransactionRollbackError",
        "TransactionRollback",
        "ConcurrencyError",
        "QueryCanceledError",
        "TooManyRequests",
        "PoolError",
    ]
)
_TO_THE_USER = frozenset(["UserError", "ValidationError", "RedirectWarning", "Warning", "except_orm", "except_osv"])
_LOGIN = frozenset(["AccessDenied", "SessionExpiredException", "AuthenticationError", "Unauthorized"])
_CALL = frozenset(
    ["AttributeError", "TypeError", "KeyError", "ValueError", "NotFound", "UnprocessableEntity", "BadRequest"]
)
_DATABASE = frozenset(
    [
        "IntegrityError",
        "NotNullViolation",
        "UniqueViolation",
        "ForeignKeyViolation",
        "CheckViolation",
        "DataError",
        "InvalidTextRepresentation",
        "NumericValueOutOfRange",
        "InvalidDatetimeFormat",
    ]
)

_CONFLICT = re.compile(
    r"could not serialize access|deadlock detected|could not obtain lock|lock not available"
    r"|canceling statement due to lock",
    re.IGNORECASE,
)
"""PostgreSQL's own texts for a conflict between transactions, in English; other languages are not recognised."""

_MARSHAL = re.compile(r"cannot marshal|dictionary key must be string|int exceeds XML-RPC limits", re.IGNORECASE)

# Every part is bounded: a text of a hostile server costs no more than its length, and no megabyte is ever a name.
_NO_DATABASE = re.compile(r"database \"?[^\"\n]{0,100}\"? does not exist", re.IGNORECASE)
_NO_MODEL = re.compile(r"Object ([\w.]{1,128}) doesn't exist|model '([\w.]{1,128})' does not exist")
_NO_METHOD = re.compile(
    r"method '([\w.]{1,128})' does not exist|type object '([\w.]{1,128})' has no attribute '(\w{1,128})'"
)
_PRIVATE = re.compile(r"Private methods \(such as '?([\w.]{1,128})'?\)")
_NO_FIELD = re.compile(
    r"[Ii]nvalid field(?: name)?:? "
    r"(?:'(\w{1,128})'(?: on (?:model )?'([\w.]{1,128})')?|\"(\w{1,128})\""
    r"|([\w.]{1,128})\.(\w{1,128})(?: in condition)?)"
)
_NO_KEY = re.compile(r"External ID not found in the system")
_ARGUMENT = re.compile(
    r"(unexpected keyword|missing a required|required positional)[a-z ]{0,40}:? ['\"](\w{1,128})['\"]"
)
_LONGEST_NAME = 200

_NO_IDS = re.compile(r"(?:tuple|list) index out of range")
_IDS_ON_MODEL = re.compile(r"cannot call [\w.]+ with ids")
_MISSING = re.compile(
    r"does not exist or has been deleted|Record does not exist|\([^()\n]*: [a-z][\w.]*\([\d, ]+\), [^()\n]*: \d+\)\s*$"
)
"""A MissingError's text in English, or its last line, ``(Record: res.partner(7,), User: 2)``, in any language."""

_TUPLE = re.compile(r"\((['\"])(.*?)(?<!\\)\1, [{\d]", re.DOTALL)
"""A RedirectWarning over XML-RPC: the repr of text, action, button."""

_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){5,}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,8}\b")


def masked(text: str, limit: int = 300) -> str:
    """The first line of *text*, at most *limit* characters, without long numbers, account numbers and its full stop.

    >>> masked("The entry 12345678 cannot be posted.")
    'The entry *** cannot be posted'
    """
    if found := _TUPLE.match(text):
        text = found[2].replace("\\n", "\n")
    lines = text.strip().strip("'\"").splitlines()
    line = "".join(character for character in (lines[0] if lines else "") if character.isprintable())[:limit]
    return _LONG_NUMBER.sub("***", _IBAN.sub("***", line)).rstrip(" .")


def from_server(name: str, message: str, call: Call, *, login: bool = False, trace: Trace | None = None) -> OdooError:
    """The error for the server's exception class *name* (dotted, or "") with *message*.

    trace  the functions it went through, where the server tells them
    """
    name = _full_name(name)[:_LONGEST_NAME]
    short = name.rpartition(".")[2]
    if _is_after_commit(short, message, trace):
        return after_commit(call)
    if short in _BUSY or _CONFLICT.search(message):
        return Busy(f"another transaction was in the way of {call.name}", server_class=name, advice="try again later")
    if _NO_DATABASE.search(message):
        return AccessDenied(
            "the server has no database of this name", server_class=name, advice="check the name of the database"
        )
    if short in _LOGIN:
        return refused_login(name)
    if _NO_KEY.search(message):
        return MissingRecord(f"{call.name}: there is no record under this external id", server_class=name)
    technical = _misuse(short, message, call, trace) or _technical(name, message, call)
    if technical is not None:
        technical.server_class = name
        return technical
    if short == "AccessError":
        return _no_right(name, message, call)
    if short == "MissingError":
        return MissingRecord(
            f"{call.name}: a record is not there, or no longer", server_class=name, advice="read it again"
        )
    if short in _TO_THE_USER:
        return InvalidRecord(
            f"the server refused {call.name}: {masked(message) or short}", server_class=name, advice="mend the record"
        )
    if short in _DATABASE:
        return InvalidRecord(
            f"the server's database refused the values of {call.name} ({short})",
            server_class=name,
            advice="look for a value that is missing, too long or already taken",
        )
    if short in _CALL:
        return InvalidCall(
            f"the server cannot carry out {call.name} with these arguments ({short})",
            server_class=name,
            advice="check the names of fields and arguments for this version; the server's log has the reason",
        )
    if login:
        return AccessDenied(
            "the login failed inside the server", server_class=name, advice="check the name of the database"
        )
    return Refused(
        f"{call.name} failed inside the server" + (f" ({short})" if short.isidentifier() else ""),
        server_class=name,
        advice="the server's log has the reason",
    )


def _technical(name: str, message: str, call: Call) -> InvalidCall | None:
    """An InvalidCall that names what the server does not know; technical names only, never the text."""
    if found := _NO_MODEL.search(message):
        model = found[1] or found[2]
        reason, advice = f"the server has no model {model}", "install the module that brings it, or check the name"
    elif found := _NO_METHOD.search(message):
        method = found[1] or f"{found[2]}.{found[3]}"
        reason, advice = f"the server has no method {method}", "check the name for this version of Odoo"
    elif found := _PRIVATE.search(message):
        reason, advice = f"the method {call.name} cannot be called from outside", "use a public method"
    elif (found := _NO_FIELD.search(message)) and "Error" in name:
        model, field = found[2] or found[4] or call.model, found[1] or found[3] or found[5]
        reason, advice = f"the model {model} has no field {field}", "check the name for this version of Odoo"
    else:
        return None
    return InvalidCall(reason, advice=advice)


def _misuse(short: str, message: str, call: Call, trace: Trace | None) -> InvalidCall | None:
    """An InvalidCall for ids or arguments with which the server could not enter the method."""
    is_binding = short == "UnprocessableEntity" or trace is None or trace.is_of_binding
    if not is_binding or short not in ("TypeError", "UnprocessableEntity", "IndexError"):
        return None
    if short == "IndexError":
        return without_ids(call) if call.ids is None and _NO_IDS.search(message) else None
    if _IDS_ON_MODEL.search(message):
        return InvalidCall(f"{call.name} is a method of the model and takes no ids", advice="leave the ids out")
    if found := _ARGUMENT.search(message):
        return (no_such_argument if found[1].startswith("unexpected") else needed_argument)(call, found[2])
    return None


def _full_name(name: str) -> str:
    """*name* with the module that XML-RPC leaves out for the interpreter's own exceptions."""
    return f"builtins.{name}" if name and "." not in name and hasattr(builtins, name) else name


def _is_after_commit(short: str, message: str, trace: Trace | None) -> bool:
    """True when the work is done and committed, and only the reply could not be written.

    Without a trace the text decides, on the safe side: what is called unknown is looked up, what is called refused
    is sent again.
    """
    if trace is not None and (trace.is_of_xml_reply or trace.is_of_json_reply):
        return True
    if trace is not None and not trace.is_unplaced:
        return False
    return bool(_MARSHAL.search(message)) and short in ("TypeError", "OverflowError", "")


def _no_right(name: str, message: str, call: Call) -> AccessRefused:
    groups = [masked(line[3:], 80) for line in message.splitlines() if line.startswith("\t- ")][:8]
    if groups:
        advice = f"ask an administrator for one of these groups: {', '.join(groups)}"
    elif "record rule" in message or "security restrictions" in message or "multi-company" in message.lower():
        advice = "a record rule (often the company) hides the records; ask an administrator, or choose the company"
    else:
        advice = "ask an administrator for the right"
    return AccessRefused(f"the user may not do {call.name}", server_class=name, advice=advice)


def from_xmlrpc(code: object, text: str, call: Call, *, login: bool = False) -> OdooError:
    """The error for an XML-RPC fault: 1 any exception (a traceback), 2 for the user, 3 login, 4 rights."""
    trace = read_trace(text) if code == 1 else None
    if trace is not None:
        name, message = trace.name, trace.message
    elif code == 2 and _MISSING.search(text):
        name, message = "odoo.exceptions.MissingError", text
    else:
        name, message = (
            _XML_CLASSES.get(code if isinstance(code, int) else 0, ""),
            text,
        )
    return from_server(name, message, call, login=login, trace=trace)


_XML_CLASSES = {
    2: "odoo.exceptions.UserError",
    3: "odoo.exceptions.AccessDenied",
    4: "odoo.exceptions.AccessError",
}
"""The classes behind the codes of XML-RPC; 2 also stands for those that are UserErrors by descent."""


def after_commit(call: Call) -> OdooError:
    """The server did the work, committed it, and failed while it wrote its answer."""
    if call.changes:
        return OutcomeUnknown(
            f"{call.name} was carried out, but the server could not write its result in this protocol",
            after_commit=True,
            advice="read the record back to see the result, and use JSON-RPC or JSON-2 where the server has it",
        )
    return BadReply(
        f"the server could not write the result of {call.name} in this protocol",
        advice="use JSON-RPC or JSON-2, or ask for fewer fields",
    )


def settled(outcome: Wire | OdooError) -> Wire:
    """*outcome*, raised when it is an error: here, where no local value holds what the server has sent."""
    if isinstance(outcome, OdooError):
        raise outcome
    return outcome


def refused_login(name: str = "", *, is_key: bool = False) -> AccessDenied:
    """Login refused; Odoo does not tell which of the three is wrong, nor that a second factor is demanded."""
    if is_key:
        advice = "check database and user; the API key may be expired, revoked, or another user's"
    else:
        advice = (
            "check all three; an account with two-factor authentication does not take its password here: "
            "make an API key in its preferences, under account security, and give that as the secret"
        )
    return AccessDenied("login refused: database, user or secret is wrong", server_class=name, advice=advice)


def not_odoo(status: int, *, changes: bool) -> OdooError:
    """An answer that no Odoo gives at this address."""
    return lost(
        f"no Odoo answers at this address (status {status}, not a reply of its services)",
        changes=changes,
        advice=_ADDRESS_ADVICE,
    )


def from_status(reply: Reply, call: Call, *, login: bool = False) -> OdooError:
    """The error for an HTTP status other than 200 whose body tells nothing."""
    status = reply.status
    if status == 429:
        wait = _retry_after_s(reply)
        return Throttled(
            "the server limits how often it may be asked",
            retry_after_s=wait,
            advice="try again later" if wait is None else f"try again in {wait:g} s",
        )
    if status in (401, 403, 407):
        return AccessDenied(
            f"the server, or a proxy before it, demands another login (status {status})",
            advice="ask whoever runs it how programs get in",
        )
    if status == 413:
        return InvalidCall("the request is larger than the server takes", advice="send fewer rows in one call")
    if status == 503 and not call.changes and (wait := _retry_after_s(reply)) is not None:
        return Busy(
            f"the server is not there for {call.name} and says when it will be",
            retry_after_s=wait,
            advice=f"try again in {wait:g} s",
        )
    if status in (502, 503, 504):
        return lost(
            f"a proxy answered {status} in place of the server for {call.name}",
            changes=call.changes,
            again=True,
            advice="" if call.changes else "try again when the server is up",
        )
    if status == 500 and login:
        return AccessDenied(
            "the login failed inside the server, as it does when there is no database of this name",
            advice="check the name of the database",
        )
    if status >= 500:
        return lost(
            f"the server answered {call.name} with an error page (status {status}) that does not tell the reason",
            changes=call.changes,
            advice="" if call.changes else "the server's log has the reason; XML-RPC tells it too",
        )
    return not_odoo(status, changes=call.changes)


class Throttled(Busy):
    """Status 429: the request was turned away before anything looked at it, so it may be sent again."""


def _retry_after_s(reply: Reply) -> float | None:
    """Seconds until the moment that ``Retry-After`` names, by the server's clock where it tells that."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 7:
        return float(int(text))
    then, now = _moment(text), _moment(reply.headers.get("date", "")) or datetime.now(UTC)
    return None if then is None else max(0.0, (then - now).total_seconds())


def _moment(text: str) -> datetime | None:
    """The moment in an HTTP date; one without a zone is UTC, as HTTP has it."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def decoded(reply: Reply, call: Call, decode: Callable[[bytes], Wire]) -> Wire:
    """The decoded body; where it cannot be, the outcome of a call that may change something is unknown."""
    if reply.is_html:
        raise not_odoo(reply.status, changes=call.changes)
    try:
        return decode(reply.body)
    except BadReply as error:
        reason = error.reason
    raise unusable(reason, call)


def unusable(reason: str, call: Call) -> OdooError:
    """The error for an answer that cannot be understood."""
    return lost(f"{call.name}: {reason}", changes=call.changes)


def is_conflict(message: str) -> bool:
    """True for PostgreSQL's text of a conflict between transactions: nothing was done, a later try may pass."""
    return bool(_CONFLICT.search(message))
