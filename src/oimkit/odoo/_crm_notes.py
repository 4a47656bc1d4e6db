"""What happened to a case, kept where people see it: one note in the record's history for each event.

A note says in words what happened and carries the event beside it, so that it can be read back. It is a
``mail.message`` created under the event's key: it notifies nobody, and it exists once. Names and addresses are not
repeated in it; they stand in the record itself.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from oimkit.errors import InputError, OimkitError
from oimkit.money import Money
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Value
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.saved import dump
from oimkit.pipeline import Certainty, Command, Event, Fact, History, Occasion, facts_of

__all__ = ["PRIVATE", "event_key", "note_values", "read_history"]

PRIVATE = frozenset({"title", "contact_name", "company_name", "email", "phone", "expected_revenue", "owner", "team"})
"""Facts that are fields of the record: a note does not repeat them."""

_MARK = re.compile(r"<p>\s*oimkit (\{.*?\})\s*</p>", re.DOTALL)
_NOTE = ExternalId("mail", "mt_note")


def event_key(command: Command) -> ExternalId:
    """The key of what *command* brings about: the same command, given again, is the same event.

    A case is captured once; any other step is told apart by its target and the moment it happened.
    """
    if command.name == "capture":
        return ExternalId.of("event", command.case, "capture")
    facts = dump(command.facts) if command.name == "record" else None
    moment = command.occasion.occurred_at.astimezone(UTC).isoformat()
    return ExternalId.of("event", command.case, command.name, command.to, moment, facts)


def note_values(machine: str, event: Event, lead: int) -> dict[str, Value]:
    """The values of the note about *event* on crm.lead *lead*."""
    told = {
        "machine": machine,
        "n": event.sequence,
        "event": event.name,
        "command": event.command,
        "to": event.to,
        "changes": [list(change) for change in event.changes],
        "facts": {name: _written(value) for name, value in event.facts if name not in PRIVATE},
        "at": event.occurred_at.isoformat(),
        "recorded": event.recorded_at.isoformat(),
        "actor": event.actor,
        "certainty": event.certainty.value,
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    body = f"<p>{html.escape(_sentence(event), quote=False)}</p><p>oimkit {html.escape(text, quote=False)}</p>"
    return {
        "model": "crm.lead",
        "res_id": lead,
        "body": body,
        "message_type": "notification",
        "subtype_id": _NOTE,
    }


def _sentence(event: Event) -> str:
    """What people read: ``Lost: too expensive``."""
    words = event.name.replace("_", " ").capitalize()
    target = f" to {event.to}" if event.to is not None and event.command != "capture" else ""
    known = dict(event.facts)
    why = [known.get(name) for name in ("lost_reason", "contact_why", "trigger", "channel")]
    told = next((str(value).replace("_", " ") for value in why if value is not None), "")
    return f"{words}{target}: {told}" if told else f"{words}{target}"


def read_history(odoo: Odoo, leads: Sequence[int]) -> tuple[History, ...]:
    """The histories that notes on these records tell, in the order of *leads*; a record without notes is left out.

    Events are observed: their source is the note. Numbered in the order in which they were written.
    """
    if not leads:
        return ()
    rows = odoo.search_read(
        "mail.message",
        [["model", "=", "crm.lead"], ["res_id", "in", list(leads)], ["body", "ilike", "oimkit {"]],
        ["res_id", "body"],
        order="id",
    )
    told: dict[int, list[tuple[str, Event]]] = {}
    for row in rows:
        for match in _MARK.finditer(row["body"] or ""):
            read = _read(html.unescape(match.group(1)), row["res_id"].id, row["id"])
            if read is not None:
                told.setdefault(row["res_id"].id, []).append(read)
    return tuple(_history(lead, told[lead]) for lead in dict.fromkeys(leads) if lead in told)


def _history(lead: int, told: list[tuple[str, Event]]) -> History:
    ordered = sorted(told, key=lambda pair: pair[1].sequence)
    events = tuple(replace(event, sequence=place) for place, (_, event) in enumerate(ordered, start=1))
    return History(ordered[-1][0], f"lead:{lead}", events)


def _read(text: str, lead: int, message: int) -> tuple[str, Event] | None:
    """The machine and the event that a note carries; None for a text that is not one, whoever wrote it."""
    try:
        told = json.loads(text)
        occasion = Occasion(
            datetime.fromisoformat(told["at"]),
            str(told["actor"]),
            f"mail.message:{message}",
            Certainty(told["certainty"]) if told["certainty"] != Certainty.ASSERTED else Certainty.OBSERVED,
            datetime.fromisoformat(told["recorded"]),
        )
        changes = tuple(
            (str(name), None if before is None else str(before), str(after)) for name, before, after in told["changes"]
        )
        to = None if told["to"] is None else str(told["to"])
        facts = facts_of({str(name): _fact(value) for name, value in told["facts"].items()})
        event = Event(
            f"lead:{lead}", int(told["n"]), str(told["event"]), str(told["command"]), to, changes, facts, occasion
        )
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError, OimkitError):
        return None
    return str(told["machine"]), event


def _written(value: Fact) -> object:
    """*value* as JSON; what JSON has no word for is named by its kind."""
    match value:
        case None | bool() | int() | str():
            return value
        case tuple():
            return list(value)
        case datetime():
            return {"time": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Decimal():
            return {"number": str(value)}
        case Money():
            return {"money": [value.text, value.currency.code]}


def _fact(value: object) -> Fact:
    """What ``_written`` wrote."""
    match value:
        case None | bool() | int() | str():
            return value
        case list():
            return tuple(str(item) for item in value)
        case Mapping() if len(value) == 1:
            ((kind, inner),) = value.items()
            match kind, inner:
                case "time", str():
                    return datetime.fromisoformat(inner)
                case "date", str():
                    return date.fromisoformat(inner)
                case "number", str():
                    return Decimal(inner)
                case "money", [amount, currency]:
                    return Money(amount, currency)
    raise InputError("a note holds a value that is none")
