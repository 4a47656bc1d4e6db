"""Results of calls, made equal on every transport and version: a record set is a list of ids."""

from __future__ import annotations

import re

from oimkit.errors import OdooError
from oimkit.odoo import faults
from oimkit.odoo.codec import Wire
from oimkit.odoo.transport.calls import Call
from oimkit.odoo.transport.tracebacks import Trace

__all__ = ["normalised", "unwritten"]

_RECORD_SET = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*\(((?:\d+, ?)*(?:\d+,?)?)\)", re.ASCII)
_UNWRITTEN_SET = re.compile(r"cannot marshal <class 'odoo\.api\.([\w.]+)'> objects")


def normalised(result: Wire, call: Call) -> Wire | OdooError:
    """*result* with a list of ids wherever the method gives a record set, or the error where it gave none.

    Known methods give lists of ids whatever the server makes of them: one id (``create`` of one on 14), a list, the
    set's text in JSON (``account.move(6,)``), nothing for an empty set. Of other methods that may change something,
    texts of record sets become ids, in the result itself and in the values of a dict. Reading methods are left alone.
    The error is an OutcomeUnknown: a method that gives records was answered with something else.
    """
    known = call.signature
    if known is not None and known.gives == "ids":
        ids = _known_ids(result)
        return faults.unusable("the reply is no list of ids", call) if ids is None else ids
    if not call.changes:
        return result
    if type(result) is dict:
        return {name: _ids_of(value) for name, value in result.items()}
    return _ids_of(result)


def _known_ids(result: Wire) -> list[int] | None:
    if type(result) is int:
        return [result]
    if result is False or result is None:
        return []
    ids = _ids_of(result)
    return ids if type(ids) is list and all(type(identity) is int for identity in ids) else None


def _ids_of(result: Wire) -> Wire:
    if type(result) is str and len(result) < 100_000 and result.endswith(")"):
        found = _RECORD_SET.fullmatch(result)
        if found:
            return [int(identity) for identity in found[1].split(",") if identity.strip()]
    return result


def unwritten(trace: Trace, call: Call) -> tuple[Wire] | None:
    """The result that XML-RPC could not write, as a tuple of one, where *trace* tells it; None where it does not.

    It tells it for a method that returns nothing, and for one known to return the records it was called on. The work
    was committed before, so that the call is over and its result known.
    """
    if not trace.is_of_whole_result:
        return None
    if trace.message.startswith("cannot marshal None"):
        return ([] if call.signature is not None and call.signature.gives == "ids" else None,)
    known, found = call.signature, _UNWRITTEN_SET.match(trace.message)
    if known is not None and known.gives == "self" and found is not None and found[1] == call.model:
        return (list(call.ids or ()),)
    return None
