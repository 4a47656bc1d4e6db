"""Activities: what somebody is to do about a record until a day, scheduled and marked done once.

Until 16 an activity that is done is deleted, and its key with it; later ones are kept, archived. So scheduling again
what was done makes a new one on 16 and before, and gives the old one from 17 on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from oimkit.errors import MissingRecord
from oimkit.odoo.apply import register
from oimkit.odoo.codec import Field, RecordRef, cell_text
from oimkit.odoo.documents.keyed import find_keyed, load_keyed
from oimkit.odoo.documents.target import demand_record
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.once import Report, Session

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["TO_DO", "Activity", "ActivityDone", "activities", "is_open", "schedule_activity"]

KIND = "activity done"

TO_DO = ExternalId("mail", "mail_activity_data_todo")
"""The kind of activity that every server has."""

_FIELDS = ("summary", "date_deadline", "user_id", "activity_type_id", "res_model", "res_id")
_DATE = Field("date_deadline", "date")


@dataclass(frozen=True, slots=True)
class Activity:
    """One open activity.

    due   the day until which it is to be done
    user  id in res.users of who is to do it, or None
    kind  id in mail.activity.type, or None
    """

    id: int
    record: RecordRef
    due: date
    user: int | None
    kind: int | None
    summary: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ActivityDone:
    """An activity to be marked done, once; carried out by ``oimkit.odoo.apply``.

    feedback  what is written into the record's history, plain text, or None
    """

    activity: int
    feedback: str | None = field(default=None, repr=False)


def schedule_activity(
    odoo: Odoo,
    model: str,
    record: int,
    *,
    key: ExternalId,
    due: date,
    summary: str | None = None,
    note_html: str | None = None,
    kind: ExternalId | int = TO_DO,
    user: int | None = None,
    mail_user: bool = False,
) -> int:
    """The id of the activity under *key*: the one that is there, else a new one.

    Args:
        kind: what is to be done, in mail.activity.type: its external id or its id.
        user: who is to do it, in res.users; None is this connection's user.
        mail_user: let the server mail the user that it is theirs, where that is somebody else; it does not unasked.

    Raises:
        MissingRecord: there is no such record, or this user may not see it.
        InvalidRecord: the user may not see the record (14), or the kind is for other records.
        OutcomeUnknown: no usable answer; schedule the same again, it finds what was made.
    """
    found = find_keyed(odoo, key, "mail.activity")
    if found is not None:
        return found
    demand_record(odoo, model, record)
    kind_column = "activity_type_id/.id" if isinstance(kind, int) else "activity_type_id/id"
    cells = {
        "res_id": str(record),
        kind_column: str(kind),
        "user_id/.id": str(odoo.uid if user is None else user),
        "date_deadline": cell_text(_DATE, due),
        **({"summary": summary} if summary is not None else {}),
        **({"note": note_html} if note_html is not None else {}),
    }
    # The server finds the id in ir.model by itself, where the user may not (19 keeps that table to administrators).
    context = {"default_res_model": model, "mail_activity_quick_update": not mail_user}
    return load_keyed(odoo.with_context(**context), key, "mail.activity", cells)


def activities(odoo: Odoo, model: str, record: int) -> tuple[Activity, ...]:
    """The open activities of a record, the next due first."""
    rows = odoo.with_context(active_test=True).search_read(
        "mail.activity", [["res_model", "=", model], ["res_id", "=", record]], _FIELDS, order="date_deadline, id"
    )
    return tuple(
        Activity(
            id=row["id"],
            record=RecordRef(model, record),
            due=row["date_deadline"],
            user=row["user_id"].id if row["user_id"] else None,
            kind=row["activity_type_id"].id if row["activity_type_id"] else None,
            summary=row["summary"],
        )
        for row in rows
    )


def is_open(odoo: Odoo, activity: int) -> bool:
    """True while the activity is to be done; False when it was done, or was deleted."""
    shown = odoo.with_context(active_test=True)  # from 17 on what is done is archived
    return bool(shown.search("mail.activity", [["id", "=", activity]], limit=1))


def _carry_out(plan: ActivityDone, session: Session) -> Report:
    odoo = session.odoo
    named: dict[str, Any] = {"feedback": plan.feedback} if plan.feedback is not None else {}

    def done() -> bool | None:
        return None if is_open(odoo, plan.activity) else True

    def act() -> None:
        try:
            odoo.call("mail.activity", "action_feedback", ids=[plan.activity], **named)
        except MissingRecord:  # somebody else was quicker, on a version that deletes what is done
            if is_open(odoo, plan.activity):
                raise

    session.ensure(f"done mail.activity {plan.activity}", done=done, act=act)
    return session.report(KIND)


register(KIND, ActivityDone, _carry_out)
