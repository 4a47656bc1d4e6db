"""Carrying out a plan for leads and opportunities: each act once, each step read back and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from oimkit.errors import DivergedRecord, InputError, OutcomeUnknown
from oimkit.odoo._crm_notes import note_values
from oimkit.odoo._crm_reading import BLACKLISTS, Case, Names, case_of
from oimkit.odoo._crm_steps import (
    Action,
    Archive,
    Block,
    Convert,
    CreateLead,
    CrmPlan,
    CrmStep,
    Lose,
    MakeRecord,
    Target,
    Unarchive,
    Unblock,
    WriteLead,
)
from oimkit.odoo.codec import Record, Ref, Value
from oimkit.odoo.keys import ExternalId, find
from oimkit.odoo.once import Report, Session
from oimkit.pipeline import Channel, Contactability, Outcome

__all__ = ["carry_out"]


def carry_out(plan: CrmPlan, session: Session) -> Report:
    """Carry out the steps of *plan* that have no note yet, in order.

    Raises DivergedRecord when a record reads back otherwise than planned; the steps before it hold.
    """
    names = Names.of(session.odoo)
    leads = [step.lead for step in plan.steps if isinstance(step.lead, ExternalId)]
    found = {
        key: record.id for key, record in find(session.odoo, [*leads, *(step.note for step in plan.steps)]).items()
    }
    findings = [str(refusal) for refusal in plan.refusals]
    found |= _captured(plan, session, found)
    for step in plan.steps:
        if step.note not in found:
            findings += _Step(plan, step, session, names, found).carry_out()
    return session.report("crm", findings)


def _captured(plan: CrmPlan, session: Session, found: Mapping[ExternalId, int]) -> dict[ExternalId, int]:
    """The leads that *plan* still has to create, created together."""
    fresh = {
        action.key: dict(action.values)
        for step in plan.steps
        if step.note not in found
        for action in step.actions
        if isinstance(action, CreateLead)
    }
    return dict(zip(fresh, session.create_many("crm.lead", list(fresh.items())), strict=True))


@dataclass
class _Step:
    """One step at work; ``records`` are the ids of records by key, completed as they are made."""

    plan: CrmPlan
    step: CrmStep
    session: Session
    names: Names
    records: dict[ExternalId, int]
    row: Record | None = field(default=None, repr=False)

    def carry_out(self) -> list[str]:
        """Act, read back and compare, then write the note; what a person should look at."""
        findings = []
        for number, action in enumerate(self.step.actions, start=1):
            findings += self._act(action, f"{self.step.note} {number}")
        findings += self._compare(self._case())
        spec = self.plan.pipeline.spec
        values = note_values(f"{spec.name}/{spec.version}", self.step.event, self._lead)
        self.session.create(self.step.note, "mail.message", values)
        return findings

    def _act(self, action: Action, key: str) -> list[str]:
        match action:
            case CreateLead():
                pass  # all of a plan's leads were created together
            case MakeRecord():
                values = self._resolved(action.values)
                self.records[action.key] = self.session.create(action.key, action.model, values)
            case WriteLead():
                self._write(self._resolved(action.values), key)
            case Convert():
                self._convert(None if action.customer is None else self._id(action.customer), key)
            case Lose():
                self._lose(self._id(action.reason), key)
            case Unarchive():
                self._ensure(key, lambda row: bool(row["active"]), lambda: self._call("action_unarchive"))
            case Archive():
                return self._archive(key)
            case Block():
                for channel in action.channels:
                    self._block(channel, key)
            case Unblock():
                for channel in action.channels:
                    self._unblock(channel, key)
        return []

    # --- acts

    def _write(self, values: dict[str, Value], key: str) -> None:
        def holds(row: Record) -> bool:
            return all(_same(row[name], value) for name, value in values.items())

        self._ensure(key, holds, lambda: self.session.odoo.write("crm.lead", [self._lead], values))

    def _convert(self, customer: int | None, key: str) -> None:
        """Through the server's own wizard: its method erases or refuses customers, depending on the version."""

        def holds(row: Record) -> bool:
            return row["type"] == "opportunity" and (customer is None or _same(row["partner_id"], customer))

        self._ensure(key, holds, lambda: self._run_wizard(customer))

    def _run_wizard(self, customer: int | None) -> None:
        odoo, wizard = self.session.odoo, "crm.lead2opportunity.partner"
        present = self._read()["partner_id"]
        kept = customer if customer is not None else present.id if present else None
        offered = odoo.schema.field(wizard, "action").selection
        action = "nothing" if kept is None and "nothing" in offered else "exist"
        context = {"active_model": "crm.lead", "active_id": self._lead, "active_ids": [self._lead]}
        values = {"lead_id": self._lead, "name": "convert", "action": action, "partner_id": kept or False}
        try:
            made = odoo.call(wizard, "create", vals_list=[values], context=context)
        except OutcomeUnknown as error:
            if not error.after_commit:
                raise
            made = odoo.call(wizard, "create", vals_list=[values], context=context)  # one never applied does nothing
        identity = made[0] if isinstance(made, list) and made else made
        if type(identity) is not int:
            raise DivergedRecord(f"{wizard}.create on crm.lead {self._lead} made no record")
        odoo.call(wizard, "action_apply", ids=[identity], context=context)

    def _lose(self, reason: int, key: str) -> None:
        name = self.names.reason
        if name is None:
            raise InputError("this server keeps no reasons of losses", advice="it is older than the oldest supported")

        def holds(row: Record) -> bool:
            return not row["active"] and not row["probability"] and _same(row[name], reason)

        self._ensure(key, holds, lambda: self._call("action_set_lost", **{name: reason}))

    def _archive(self, key: str) -> list[str]:
        """Archive; where that would read as a loss, because the probability is 0, give it 1 %, and say so."""
        found: list[str] = []

        def holds(_row: Record) -> bool:
            case = self._case()
            return not case.seen.active and case.standing.outcome is not Outcome.LOST

        def act() -> None:
            try:
                self.session.odoo.write("crm.lead", [self._lead], {"active": False})
            except OutcomeUnknown as error:
                if not error.after_commit:
                    raise
            self.row = None
            if self._case().standing.outcome is Outcome.LOST:
                self.session.odoo.write("crm.lead", [self._lead], {"probability": Decimal(1)})
                found.append(f"crm.lead {self._lead} was archived at 0 %, which means lost: it was given 1 %")

        self._ensure(key, holds, act)
        return found

    def _block(self, channel: Channel, key: str) -> None:
        model, name, *_ = BLACKLISTS[channel]
        address = self._address(channel)
        if address is None:
            return
        odoo = self.session.odoo
        rows = odoo.search_read(model, [[name, "=", address], ["active", "in", [True, False]]], ["active"])
        if not rows:
            self.session.create(ExternalId.of("blocked", channel.value, address), model, {name: address})
        elif not rows[0]["active"]:
            self._switch(model, [rows[0]["id"]], True, f"{key} {channel.value}")
        self.row = None

    def _unblock(self, channel: Channel, key: str) -> None:
        model, name, *_ = BLACKLISTS[channel]
        address = self._address(channel)
        if address is None:
            return
        rows = self.session.odoo.search(model, [[name, "=", address], ["active", "=", True]])
        if rows:
            self._switch(model, rows, False, f"{key} {channel.value}")
        self.row = None

    def _switch(self, model: str, ids: list[int], active: bool, key: str) -> None:
        odoo = self.session.odoo

        def holds() -> bool | None:
            return True if all(bool(row["active"]) == active for row in odoo.read(model, ids, ["active"])) else None

        self.session.ensure(key, done=holds, act=lambda: odoo.write(model, ids, {"active": active}))

    def _address(self, channel: Channel) -> str | None:
        if not self.session.odoo.schema.has_model(BLACKLISTS[channel][0]):
            return None
        return dict(self._case().addresses).get(channel)

    # --- reading back

    def _compare(self, case: Case) -> Iterator[str]:
        """DivergedRecord when the case stands otherwise than planned; what a person should know all the same.

        Whether someone may be contacted hangs on addresses that other records have too, so that a difference is
        an error only where the step is about it. A restriction that leaves no address shows as forbidden.
        """
        event, expected, found = self.step.event, self.step.expected, case.standing
        places = ("kind", "stage", "outcome", "visibility", "contactability")
        changed = {place for place in places if getattr(expected, place) != getattr(found, place)}
        contact = (expected.contactability, found.contactability)
        about = event.command == "contact" or any(
            place == "contactability" and before for place, before, _ in event.changes
        )
        if contact == (Contactability.RESTRICTED, Contactability.FORBIDDEN) or not about:
            changed.discard("contactability")
        if changed:
            told = (f"{p} is {getattr(found, p)}, planned was {getattr(expected, p)}" for p in places if p in changed)
            raise DivergedRecord(
                f"crm.lead {case.id} after event {event.sequence} ({event.name}): {', '.join(told)}",
                advice="look at the record: someone or an automation changed it too; then plan anew",
            )
        if contact[0] != contact[1] and not about and event.command in ("capture", "record"):
            yield f"crm.lead {case.id} has an address that must not be contacted: it is {found.contactability}"

    def _ensure(self, key: str, holds: Callable[[Record], bool], act: Callable[[], None]) -> None:
        """``Session.ensure`` on the lead's own row; the row read last is kept for the comparison."""

        def done() -> bool | None:
            self.row = None
            return True if holds(self._read()) else None

        self.session.ensure(key, done=done, act=act)

    def _read(self) -> Record:
        if self.row is None:
            (self.row,) = self.session.odoo.read("crm.lead", [self._lead], self.names.fields)
        return self.row

    def _case(self) -> Case:
        return case_of(self._read(), self.names, self.plan.pipeline)

    def _call(self, method: str, **arguments: Value) -> None:
        self.session.odoo.call("crm.lead", method, ids=[self._lead], **arguments)

    # --- records

    @property
    def _lead(self) -> int:
        return self._id(self.step.lead)

    def _id(self, target: Target) -> int:
        if isinstance(target, int):
            return target
        if target not in self.records:
            found = find(self.session.odoo, [target])
            if target not in found:
                raise DivergedRecord(f"no record has the key {target} that the plan counts on", advice="plan anew")
            self.records[target] = found[target].id
        return self.records[target]

    def _resolved(self, values: tuple[tuple[str, object], ...]) -> dict[str, Value]:
        return {name: self._id(value) if isinstance(value, ExternalId) else value for name, value in values}


def _same(read: Value, planned: Value) -> bool:
    """Whether a field reads back as planned; a record is the same by its id, an empty text is none."""
    if isinstance(read, Ref):
        return bool(planned == (read if isinstance(planned, Ref) else read.id))
    return bool(read == planned or (read is None and planned in ("", 0) and not isinstance(planned, bool)))
