"""Leads and opportunities kept in Odoo: read as cases of the commercial pipeline, changed by plans of its commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from oimkit.errors import InputError, MissingRecord
from oimkit.money import Money
from oimkit.odoo._crm_acting import carry_out
from oimkit.odoo._crm_notes import PRIVATE, event_key, read_history
from oimkit.odoo._crm_reading import (
    Case,
    Names,
    ServerPipeline,
    case_of,
    find_stages,
    read_cases,
    read_pipeline,
    stage_key,
)
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
from oimkit.odoo.apply import Report, register
from oimkit.odoo.client import Odoo
from oimkit.odoo.keys import ExternalId, Found, find
from oimkit.odoo.once import Session
from oimkit.pipeline import (
    NEW_CUSTOMER,
    Certainty,
    Channel,
    Command,
    Event,
    Fact,
    History,
    Machine,
    Occasion,
    Outcome,
    PipelineSpec,
    Refusal,
    State,
    commercial,
    facts_of,
    standing,
)

__all__ = [
    "Case",
    "CrmPlan",
    "CrmStep",
    "ServerPipeline",
    "StagePlan",
    "plan_crm",
    "plan_stages",
    "read_cases",
    "read_history",
    "read_pipeline",
]

_FIELDS: Mapping[str, str] = {
    "title": "name",
    "contact_name": "contact_name",
    "company_name": "partner_name",
    "email": "email_from",
    "phone": "phone",
    "owner": "user_id",
    "team": "team_id",
    "customer": "partner_id",
}
"""Facts that are fields of crm.lead on every version; the others live in the notes."""

_BEGINNING_OF_TIME = datetime(1, 1, 1, tzinfo=UTC)


def plan_crm(odoo: Odoo, commands: Iterable[Command], *, pipeline: ServerPipeline | None = None) -> CrmPlan:
    """What has to be done on the server for *commands*; nothing is written.

    A case is ``lead:<id>`` for a record of the server, or any other name of one's own, which ``capture`` then
    creates once under a key. Each command is decided in the state that the record shows after the commands before it.
    Commands that were carried out before (by their note) are counted as known and left out, so that a second run
    plans nothing. A case of which one command is refused is left alone altogether: the refusals are in the plan.

    Raises:
        InputError: a command is not asserted, an amount is in another currency than the company's, ...
        MissingRecord: a ``lead:<id>`` is not there.
    """
    asked: dict[str, list[Command]] = {}
    for command in commands:
        if command.occasion.certainty is not Certainty.ASSERTED:
            raise InputError(f"{command.title} for case {command.case} is a report of the past, not something to do")
        asked.setdefault(command.case, []).append(command)
    server = _Server.read(odoo, pipeline or read_pipeline(odoo), asked)
    steps: list[CrmStep] = []
    refusals: list[Refusal] = []
    known = 0
    for case, case_commands in asked.items():
        fresh = [command for command in case_commands if event_key(command) not in server.carried_out]
        known += len(case_commands) - len(fresh)
        planned = _Planner(server, case).plan(fresh)
        if isinstance(planned, Refusal):
            refusals.append(planned)
        else:
            steps += planned
    return CrmPlan(server.pipeline, tuple(steps), tuple(refusals), known)


@dataclass(frozen=True)
class _Server:
    """What planning needs to know of the server, read in a few calls for all cases together."""

    odoo: Odoo
    pipeline: ServerPipeline
    machine: Machine
    names: Names
    carried_out: Mapping[ExternalId, Found]
    leads: Mapping[str, Case]
    histories: Mapping[int, History]
    customers: Mapping[str, tuple[int, ...]] = field(repr=False)
    reasons: Mapping[str, int]
    currency: str | None

    @classmethod
    def read(cls, odoo: Odoo, pipeline: ServerPipeline, asked: Mapping[str, Sequence[Command]]) -> _Server:
        commands = [command for group in asked.values() for command in group]
        keys = {case: ExternalId.of("lead", case) for case in asked if _lead_id(case) is None}
        found = find(odoo, [*keys.values(), *(event_key(command) for command in commands)])
        ids = {case: identity for case in asked if (identity := _lead_id(case)) is not None}
        ids |= {case: found[key].id for case, key in keys.items() if key in found}
        names = Names.of(odoo)
        cases = _cases_by_id(odoo, sorted(set(ids.values())), names, pipeline)
        missing = sorted({identity for identity in ids.values() if identity not in cases})
        if missing:
            raise MissingRecord(
                f"{len(missing)} leads are not there, the first is crm.lead {missing[0]}",
                advice="they were deleted or merged, or this user may not see them",
            )
        facts = [dict(command.facts) for command in commands]
        return cls(
            odoo,
            pipeline,
            commercial(pipeline.spec),
            names,
            found,
            {case: cases[identity] for case, identity in ids.items()},
            {lead: history for lead, history in zip(cases, _histories(odoo, list(cases)), strict=True) if history},
            _customers(odoo, commands, [dict(case.seen.facts) for case in cases.values()]),
            _reasons(odoo, {reason for known in facts if isinstance(reason := known.get("lost_reason"), str)}),
            _currency(odoo) if any("expected_revenue" in known for known in facts) else None,
        )


def _lead_id(case: str) -> int | None:
    """The record that a case is named after, or None for a name of one's own."""
    kind, _, number = case.partition(":")
    return int(number) if kind == "lead" and number.isascii() and number.isdigit() else None


def _cases_by_id(odoo: Odoo, ids: list[int], names: Names, pipeline: ServerPipeline) -> dict[int, Case]:
    if not ids:
        return {}
    domain = [["id", "in", ids], ["active", "in", [True, False]]]
    rows = odoo.search_read("crm.lead", domain, names.fields, order="id")
    return {row["id"]: case_of(row, names, pipeline) for row in rows}


def _histories(odoo: Odoo, leads: list[int]) -> list[History | None]:
    told = {history.case: history for history in read_history(odoo, leads)}
    return [told.get(f"lead:{lead}") for lead in leads]


def _customers(
    odoo: Odoo, commands: Sequence[Command], records: Sequence[Mapping[str, Fact]]
) -> dict[str, tuple[int, ...]]:
    """Partners by e-mail address, for the addresses of cases whose customer may have to be made."""
    if not any(dict(command.facts).get("customer") == NEW_CUSTOMER for command in commands):
        return {}
    known = [*(dict(command.facts) for command in commands), *records]
    addresses = sorted({_address(facts) for facts in known} - {None}, key=str)
    if not addresses or not odoo.schema.has_field("res.partner", "email_normalized"):
        return {}
    rows = odoo.search_read("res.partner", [["email_normalized", "in", addresses]], ["email_normalized"], order="id")
    found: dict[str, tuple[int, ...]] = {}
    for row in rows:
        found[row["email_normalized"]] = (*found.get(row["email_normalized"], ()), row["id"])
    return found


def _address(facts: Mapping[str, Fact]) -> str | None:
    """The e-mail address of a case, bare and in small letters."""
    text = facts.get("email")
    if not isinstance(text, str) or "@" not in text:
        return None
    return text.rpartition("<")[2].partition(">")[0].strip().lower()


def _reasons(odoo: Odoo, texts: set[str]) -> dict[str, int]:
    """Reasons of a loss that are there, by name; of two with one name the older."""
    if not texts:
        return {}
    domain = [["name", "in", sorted(texts)], ["active", "in", [True, False]]]
    rows = odoo.search_read("crm.lost.reason", domain, ["name"], order="id desc")
    return {row["name"]: row["id"] for row in rows}


def _currency(odoo: Odoo) -> str:
    """The currency of the user's company, in which crm.lead keeps amounts."""
    (user,) = odoo.read("res.users", [odoo.uid], ["company_id"])
    (company,) = odoo.read("res.company", [user["company_id"].id], ["currency_id"])
    return str(company["currency_id"].name)


@dataclass
class _Planner:
    """Decides the commands of one case one after the other and notes what each needs on the server."""

    server: _Server
    case: str

    def plan(self, commands: Sequence[Command]) -> list[CrmStep] | Refusal:
        """The steps for *commands*, or the first refusal."""
        machine = self.server.machine
        found = self.server.leads.get(self.case)
        state = None if found is None else self._found(found)
        if commands and isinstance(state, Refusal):
            return state
        assert not isinstance(state, Refusal)
        steps: list[CrmStep] = []
        for command in commands:
            if state is not None and state.sequence == 0:
                recaptured = command.name == "capture" and self._key is not None
                adopted = self._adopted(state, command)
                state = machine.evolve(state, adopted)
                steps.append(
                    CrmStep(
                        event_key(command) if recaptured else self._adoption_key,
                        adopted,
                        self._target,
                        (),
                        standing(state),
                    )
                )
                if recaptured:
                    continue
            decided = machine.decide(state, command)
            if isinstance(decided, Refusal):
                return decided
            (event,) = decided
            actions = self._actions(state, event)
            if isinstance(actions, Refusal):
                return actions
            state = machine.evolve(state, event)
            steps.append(CrmStep(event_key(command), event, self._target, tuple(actions), standing(state)))
        return steps

    @property
    def _key(self) -> ExternalId | None:
        return ExternalId.of("lead", self.case) if _lead_id(self.case) is None else None

    @property
    def _target(self) -> Target:
        found = self.server.leads.get(self.case)
        return found.id if found is not None else ExternalId.of("lead", self.case)

    @property
    def _adoption_key(self) -> ExternalId:
        return ExternalId.of("event", self.case, "adopt")

    def _found(self, found: Case) -> State | Refusal:
        """The state of a record: its place as it shows, what its notes know beside, as late as its last note."""
        history = self.server.histories.get(found.id)
        if found.stage_id is None:
            return Refusal(
                "stage_unknown",
                self.case,
                "",
                f"crm.lead {found.id} is in a stage that pipeline {self.server.pipeline.spec.name} does not have",
                ("move it to one of its stages in Odoo", "or plan with a pipeline that has its stage"),
            )
        known: dict[str, Fact] = {}
        for event in history or ():
            known |= {name: value for name, value in event.facts if name not in PRIVATE}
        known = {name: value for name, value in known.items() if value is not None and name not in _IN_RECORD}
        blocked = tuple(sorted(channel.value for channel in found.seen.blocked))
        facts = facts_of({**known, **dict(found.seen.facts), **({"blocked_channels": blocked} if blocked else {})})
        at = history.events[-1].occurred_at if history else _BEGINNING_OF_TIME
        return State(self.case, found.standing.position, facts, len(history) if history else 0, at)

    def _adopted(self, state: State, command: Command) -> Event:
        """The event by which a record that has no history of ours is taken over as it was found."""
        at = command.occasion.occurred_at
        on = Occasion(at, "", f"crm.lead:{self._target}", Certainty.INFERRED, command.occasion.recorded_at)
        return self.server.machine.adopt(self.case, state.position, on, state.facts)

    def _actions(self, state: State | None, event: Event) -> list[Action] | Refusal:
        """What brings *event* about on the server."""
        facts = dict(event.facts)
        match event.command:
            case "capture":
                return [self._create(event, facts)]
            case "record":
                written = self._values(facts)
                return [WriteLead(written)] if written else []
            case "convert":
                return self._with_customer(state, facts, lambda customer: [Convert(customer)])
            case "move":
                return [WriteLead((("stage_id", self._stage(event)),))]
            case "win":
                return self._with_customer(state, facts, lambda customer: [self._win(event, customer)])
            case "lose":
                return self._lose(str(facts["lost_reason"]))
            case "reopen":
                return self._reopen(event)
            case "archive":
                return [Archive()]
            case "restore":
                return self._restore(state)
            case "forbid":
                return self._block(state, facts, tuple(Channel))
            case "restrict":
                return self._block(state, facts, tuple(Channel(name) for name in _texts(facts["blocked_channels"])))
            case "release":
                return [Unblock(tuple(Channel))]
            case "contact":
                return []
        raise InputError(f"the command {event.command} is not one that crm.lead has an act for")

    def _create(self, event: Event, facts: Mapping[str, Fact]) -> CreateLead:
        first = {dimension: after for dimension, _, after in event.changes}
        values: tuple[tuple[str, object], ...] = (
            ("type", first["kind"]),
            ("stage_id", self.server.pipeline.id_of(first["stage"])),
            *self._values(facts),
        )
        return CreateLead(ExternalId.of("lead", self.case), values)

    def _values(self, facts: Mapping[str, Fact]) -> tuple[tuple[str, object], ...]:
        """Field values for those of *facts* that crm.lead has a field for."""
        values: list[tuple[str, object]] = []
        for name, value in facts.items():
            if name == "expected_revenue":
                if self.server.names.revenue is not None:
                    values.append((self.server.names.revenue, self._amount(value)))
            elif name in ("owner", "team", "customer"):
                values.append((_FIELDS[name], None if value is None else _reference(name, value)))
            elif name in _FIELDS:
                values.append((_FIELDS[name], value))
        return tuple(values)

    def _amount(self, value: Fact) -> object:
        if value is None:
            return None
        if not isinstance(value, Money):
            raise InputError(f"expected_revenue of case {self.case} is no Money")
        if value.currency.code != self.server.currency:
            raise InputError(
                f"expected_revenue of {self.case} is in {value.currency}, the company keeps {self.server.currency}",
                advice="convert it first, at the rate you mean",
            )
        return value.amount

    def _stage(self, event: Event) -> int:
        """The record of the stage that *event* leads to."""
        return next(self.server.pipeline.id_of(after) for name, _, after in event.changes if name == "stage")

    def _win(self, event: Event, customer: Target | None) -> WriteLead:
        moved = any(name == "stage" for name, _, _ in event.changes)
        values: list[tuple[str, object]] = [] if customer is None else [("partner_id", customer)]
        values += [("stage_id", self._stage(event))] if moved else []
        return WriteLead((*values, ("probability", Decimal(100))))

    def _lose(self, reason: str) -> list[Action]:
        if reason.startswith("reason:"):
            return [Lose(_reference("lost_reason", reason))]
        known = self.server.reasons.get(reason)
        if known is not None:
            return [Lose(known)]
        key = ExternalId.of("lost_reason", reason)
        return [MakeRecord(key, "crm.lost.reason", (("name", reason),)), Lose(key)]

    def _reopen(self, event: Event) -> list[Action]:
        before = {name: was for name, was, _ in event.changes}["outcome"]
        to_stage: list[tuple[str, object]] = (
            [("stage_id", self._stage(event))] if any(name == "stage" for name, _, _ in event.changes) else []
        )
        if before == Outcome.WON:  # 14 leaves the closing date behind
            return [WriteLead((*to_stage, ("date_closed", None)))]
        return [Unarchive(), WriteLead(tuple(to_stage))] if to_stage else [Unarchive()]

    def _restore(self, state: State | None) -> list[Action]:
        won = state is not None and standing(state).outcome is Outcome.WON
        return [WriteLead((("active", True), *(() if won else (("date_closed", None),))))]

    def _block(
        self, state: State | None, facts: Mapping[str, Fact], channels: tuple[Channel, ...]
    ) -> list[Action] | Refusal:
        """Block *channels*, and no others; refused where the case has no address that could be blocked."""
        known = facts if state is None else {**dict(state.facts), **facts}
        if not any(known.get(channel.value) for channel in channels):
            names = " or ".join(channel.value for channel in channels)
            return Refusal(
                "nothing_to_block",
                self.case,
                "forbid" if len(channels) == len(Channel) else "restrict",
                f"case {self.case} has no {names}: Odoo blocks addresses, and there is none",
                (f"record {names} first",),
            )
        others = tuple(channel for channel in Channel if channel not in channels)
        return [Block(channels), *([Unblock(others)] if others else [])]

    def _with_customer(
        self, state: State | None, facts: Mapping[str, Fact], act: Callable[[Target | None], list[Action]]
    ) -> list[Action] | Refusal:
        """*act* with the customer that the command names, who is made or found first where it is a new one."""
        customer = facts.get("customer")
        if customer is None:
            return act(None)
        if customer != NEW_CUSTOMER:
            return act(_reference("customer", customer))
        known = {**(dict(state.facts) if state is not None else {}), **facts}
        address = _address(known)
        matches = self.server.customers.get(address or "", ())
        if len(matches) == 1:
            return act(matches[0])
        if matches:
            return Refusal(
                "ambiguous_customer",
                self.case,
                "customer",
                f"{len(matches)} partners have the e-mail address of case {self.case}: {list(matches)}",
                (f"name one of them as customer, such as partner:{matches[0]}",),
            )
        key = ExternalId.of("customer", "email", address) if address else ExternalId.of("customer", "case", self.case)
        return [MakeRecord(key, "res.partner", _partner(known)), *act(key)]


_IN_RECORD = frozenset({*_FIELDS, "expected_revenue", "lost_reason", "blocked_channels"})
"""Facts that a record shows itself, so that a note about them is history."""

_KINDS = {"owner": "user", "team": "team", "customer": "partner", "lost_reason": "reason"}
"""What a reference under a fact's name points to."""


def _reference(name: str, value: Fact) -> int:
    """The record that a reference such as ``partner:7`` names."""
    kind, _, number = str(value).partition(":")
    if kind != _KINDS[name] or not (number.isascii() and number.isdigit()):
        raise InputError(
            f"the fact {name} is no reference to a record",
            advice=f"write it as {_KINDS[name]}:<id>, such as {_KINDS[name]}:7",
        )
    return int(number)


def _texts(value: Fact) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _partner(known: Mapping[str, Fact]) -> tuple[tuple[str, object], ...]:
    """A partner from what a case knows: the company where it names one, else the person, else its title."""
    company = known.get("company_name")
    name = company or known.get("contact_name") or known.get("title")
    values: dict[str, object] = {
        "name": name,
        "is_company": company is not None,
        "email": known.get("email"),
        "phone": known.get("phone"),
    }
    return tuple((field_name, value) for field_name, value in values.items() if value is not None)


# --- stages of one's own


@dataclass(frozen=True, slots=True)
class StagePlan:
    """Which stages of a pipeline are on the server, which are to be created, and which have to move to keep its order.

    found    (code, id) of stages that are there
    created  (code, key, title, sequence, won) of stages to create
    moved    (id, new sequence) of stages that are there but out of order
    """

    spec: PipelineSpec
    found: tuple[tuple[str, int], ...]
    created: tuple[tuple[str, ExternalId, str, int, bool], ...]
    moved: tuple[tuple[int, int], ...]


def plan_stages(odoo: Odoo, spec: PipelineSpec) -> StagePlan:
    """What makes the stages of *spec* stand on the server in their order; nothing is written, no stage is deleted."""
    found = find_stages(odoo, spec)
    rows = {row["id"]: row["sequence"] or 0 for row in odoo.read("crm.stage", list(found.values()), ["sequence"])}
    created, moved, last = [], [], 0
    for stage in spec.stages:
        identity = found.get(stage.code)
        if identity is None:
            last += 1
            key = stage_key(spec, stage.code)
            created.append((stage.code, key, stage.title or stage.code, last, stage.won))
        elif rows[identity] > last:
            last = rows[identity]
        else:
            last += 1
            moved.append((identity, last))
    return StagePlan(spec, tuple(found.items()), tuple(created), tuple(moved))


def _carry_out_stages(plan: StagePlan, session: Session) -> Report:
    for _, key, title, sequence, won in plan.created:
        session.create(key, "crm.stage", {"name": title, "sequence": sequence, "is_won": won})
    for identity, sequence in plan.moved:
        _move_stage(session, identity, sequence)
    return session.report("crm_stages")


def _move_stage(session: Session, identity: int, sequence: int) -> None:
    def stands() -> bool | None:
        (row,) = session.odoo.read("crm.stage", [identity], ["sequence"])
        return True if row["sequence"] == sequence else None

    session.ensure(
        f"sequence {sequence} of crm.stage {identity} in {session.run}",
        done=stands,
        act=lambda: session.odoo.write("crm.stage", [identity], {"sequence": sequence}),
    )


register("crm", CrmPlan, carry_out)
register("crm_stages", StagePlan, _carry_out_stages)
