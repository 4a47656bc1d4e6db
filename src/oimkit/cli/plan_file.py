"""A plan kept in a file: exactly what was planned, for exactly the database it was planned for."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from oimkit.errors import InputError
from oimkit.odoo import Odoo, dump, restore

__all__ = ["plan_text", "read_plan"]

Plan = TypeVar("Plan")

_FORM = 1


def plan_text(kind: str, odoo: Odoo, plan: object) -> str:
    """*plan* as a text that ``read_plan`` reads back to an equal one."""
    frame = {"oimkit_plan": _FORM, "kind": kind, "server": odoo.server_key, "plan": json.loads(dump(plan))}
    return json.dumps(frame, ensure_ascii=False, indent=1) + "\n"


def read_plan(kind: str, plan_type: type[Plan], text: str, odoo: Odoo) -> Plan:
    """The plan in *text*; InputError when it is none of this *kind*, of another form, or for another database."""
    try:
        frame: Any = json.loads(text)
    except (ValueError, RecursionError):
        frame = None
    if not isinstance(frame, dict) or set(frame) != {"oimkit_plan", "kind", "server", "plan"} or frame["kind"] != kind:
        raise InputError(f"the file is no plan of `oimkit {kind} plan --out`", advice="name the file that it wrote")
    if frame["oimkit_plan"] != _FORM:
        raise InputError("the plan was written by another version of oimkit", advice="plan anew")
    if frame["server"] != odoo.server_key:
        raise InputError("the plan was made for another database", advice="connect to that one, or plan anew")
    return restore(plan_type, json.dumps(frame["plan"]))
