"""What a server knows of its sales: its stages as a PipelineSpec, its leads as observed cases."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from oimkit.errors import BadReply, InputError
from oimkit.money import Money
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Record, Ref, Wire
from oimkit.odoo.field_map import name_of, names_of
from oimkit.odoo.keys import ExternalId, find
from oimkit.pipeline import (
    Channel,
    Fact,
    Inconsistency,
    Kind,
    ObservedLead,
    Outcome,
    PipelineSpec,
    Stage,
    Standing,
    classify,
    facts_of,
    inconsistencies,
)

__all__ = ["BLACKLISTS", "Case", "Names", "ServerPipeline", "read_cases", "read_pipeline", "stage_key"]

BLACKLISTS: Mapping[Channel, tuple[str, str, str, str]] = {
    Channel.EMAIL: ("mail.blacklist", "email", "email_normalized", "is_blacklisted"),
    Channel.PHONE: ("phone.blacklist", "number", "phone_sanitized", "phone_sanitized_blacklisted"),
}
"""By channel: the model of blocked addresses, its field; on crm.lead the address, and whether it is blocked."""


@dataclass(frozen=True, slots=True)
class Names:
    """What this server calls the fields of crm.lead that were renamed between versions; None where it has none.

    reason   the reason of a loss
    revenue  what the sale may bring
    told     the stored outcome
    """

    reason: str | None
    revenue: str | None
    told: str | None
    fields: tuple[str, ...]

    @classmethod
    def of(cls, odoo: Odoo) -> Names:
        """The names on this server, by the field map."""
        names = names_of(odoo.schema, "crm.lead", ("lost_reason", "revenue", "outcome"))
        blocked = (name for row in BLACKLISTS.values() for name in row[2:])
        known = odoo.schema.fields("crm.lead")
        wanted = (*_READ, *names.values(), *blocked)
        fields = tuple(name for name in wanted if name is not None and name in known)
        return cls(names["lost_reason"], names["revenue"], names["outcome"], fields)


_READ = (
    "name",
    "type",
    "active",
    "probability",
    "stage_id",
    "partner_id",
    "user_id",
    "team_id",
    "contact_name",
    "partner_name",
    "email_from",
    "phone",
    "company_currency",
    "create_date",
    "date_conversion",
    "date_last_stage_update",
    "date_closed",
    "write_date",
)


@dataclass(frozen=True, slots=True)
class ServerPipeline:
    """A pipeline and where its stages are on one server: (code, id in crm.stage) in the order of the pipeline."""

    spec: PipelineSpec
    stages: tuple[tuple[str, int], ...]

    def id_of(self, code: str) -> int:
        """The record of the stage *code*."""
        return dict(self.stages)[code]

    def code_of(self, identity: int) -> str | None:
        """The stage that a record is, or None for one that this pipeline leaves out."""
        return next((code for code, known in self.stages if known == identity), None)

    def is_won(self, code: str) -> bool:
        """Whether entering *code* is winning."""
        return any(stage.won for stage in self.spec.stages if stage.code == code)


def stage_key(spec: PipelineSpec, code: str) -> ExternalId:
    """The key under which a stage of one's own is created."""
    return ExternalId.of("stage", spec.name, code)


def read_pipeline(odoo: Odoo, spec: PipelineSpec | None = None, *, team: int | None = None) -> ServerPipeline:
    """The server's stages as a pipeline; with *spec*, where the stages of that pipeline are.

    Without *spec* a stage's code is its untranslated name in small letters (``qualified``), or ``stage_<id>`` where
    that is no name or not the only one; stages that belong to other teams than *team* are left out. A stage of
    *spec* is found by its key, else by its title.

    Raises InputError, naming the codes, when stages of *spec* are not on the server: ``plan_stages`` creates them.
    """
    rows = _stage_rows(odoo, team)
    if spec is None:
        codes = _codes(rows)
        stages = tuple(Stage(codes[row["id"]], row["name"] or "", bool(row["is_won"])) for row in rows)
        return ServerPipeline(PipelineSpec(1, stages), tuple((codes[row["id"]], row["id"]) for row in rows))
    found = find_stages(odoo, spec, rows)
    missing = [stage.code for stage in spec.stages if stage.code not in found]
    if missing:
        raise InputError(
            f"{len(missing)} stages of pipeline {spec.name} are not on this server: {', '.join(missing)}",
            advice="apply plan_stages(odoo, spec) first, or give them the titles of existing stages",
        )
    by_id = {row["id"]: row for row in rows}
    for stage in spec.stages:
        row = by_id.get(found[stage.code])
        if row is not None and bool(row["is_won"]) != stage.won:
            raise InputError(
                f"stage {stage.code} of {spec.name} and crm.stage {row['id']} do not agree on being a won stage",
                advice="change one of the two",
            )
    return ServerPipeline(spec, tuple((stage.code, found[stage.code]) for stage in spec.stages))


def _stage_rows(odoo: Odoo, team: int | None) -> list[Record]:
    """Stages in their order, with their untranslated names; those of other teams left out."""
    teams = name_of(odoo.schema, "crm.stage", "teams")
    names = ["name", "sequence", "is_won", *([teams] if teams else [])]
    rows = odoo.with_context(lang="en_US").search_read("crm.stage", [], names, order="sequence, name, id")
    if teams is None:
        return rows
    return [row for row in rows if _is_shared(row[teams], team)]


def _is_shared(teams: object, team: int | None) -> bool:
    if teams is None or teams == ():
        return True
    owners = (teams.id,) if isinstance(teams, Ref) else teams
    return isinstance(owners, tuple) and team in owners


def _codes(rows: Sequence[Record]) -> dict[int, str]:
    plain = {row["id"]: re.sub(r"[^a-z0-9]+", "_", (row["name"] or "").lower()).strip("_") for row in rows}
    usable = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
    return {
        identity: code if usable.fullmatch(code) and list(plain.values()).count(code) == 1 else f"stage_{identity}"
        for identity, code in plain.items()
    }


def find_stages(odoo: Odoo, spec: PipelineSpec, rows: Sequence[Record] | None = None) -> dict[str, int]:
    """Ids of the stages of *spec* that are on the server, by code: by key first, then by title."""
    rows = _stage_rows(odoo, None) if rows is None else rows
    keyed = find(odoo, [stage_key(spec, stage.code) for stage in spec.stages])
    by_title: dict[str, list[int]] = {}
    for row in rows:
        by_title.setdefault((row["name"] or "").casefold(), []).append(row["id"])
    found: dict[str, int] = {}
    for stage in spec.stages:
        key = stage_key(spec, stage.code)
        titled = by_title.get((stage.title or stage.code).casefold(), [])
        if key in keyed:
            found[stage.code] = keyed[key].id
        elif len(titled) == 1:
            found[stage.code] = titled[0]
        elif titled:
            raise InputError(
                f"{len(titled)} stages of the server have the title of stage {stage.code}: {titled}",
                advice="rename all but one",
            )
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """A lead or opportunity of a server: its record, what was seen of it, where it stands.

    stage_id     its stage's record; None when it has none or when the pipeline leaves that stage out
    customer_id  its partner; reason_id the reason of its loss
    addresses    its address on each channel that has a usable one
    """

    id: int
    seen: ObservedLead
    stage_id: int | None
    customer_id: int | None
    reason_id: int | None
    addresses: tuple[tuple[Channel, str], ...] = field(repr=False)

    @property
    def standing(self) -> Standing:
        """Where it stands, by dimension."""
        return classify(self.seen)

    @property
    def inconsistencies(self) -> tuple[Inconsistency, ...]:
        """What contradicts itself in the record."""
        return inconsistencies(self.seen)


def read_cases(odoo: Odoo, domain: Sequence[Wire] = (), *, pipeline: ServerPipeline | None = None) -> tuple[Case, ...]:
    """Every lead and opportunity that fits *domain*, lost and archived ones included, in the order of their ids.

    A case is named ``lead:<id>``. The stage of a record that *pipeline* leaves out is called ``stage_<id>``.
    """
    pipeline = pipeline or read_pipeline(odoo)
    names = Names.of(odoo)
    everywhere = [*domain, ["active", "in", [True, False]]]
    rows = odoo.search_read("crm.lead", everywhere, names.fields, order="id")
    return tuple(case_of(row, names, pipeline) for row in rows)


def case_of(row: Record, names: Names, pipeline: ServerPipeline) -> Case:
    """The case that a record read with ``names.fields`` is."""
    identity = row["id"]
    stage = row["stage_id"].id if row["stage_id"] else None
    code = pipeline.code_of(stage) if stage is not None else None
    reason = row[names.reason] if names.reason else None
    addresses = tuple((channel, row[address]) for channel, (_, _, address, _) in BLACKLISTS.items() if row.get(address))
    seen = ObservedLead(
        case=f"lead:{identity}",
        kind=Kind(row["type"]),
        active=bool(row["active"]),
        probability=_decimal(row["probability"]),
        stage=code or f"stage_{stage or 0}",
        won_stage=code is not None and pipeline.is_won(code),
        seen_at=_moment(row, "write_date") or _moment(row, "create_date") or _never(identity),
        told_outcome=_TOLD.get(row[names.told]) if names.told else None,
        has_lost_reason=reason is not None,
        captured_at=_moment(row, "create_date"),
        converted_at=_moment(row, "date_conversion"),
        stage_entered_at=_moment(row, "date_last_stage_update"),
        closed_at=_moment(row, "date_closed"),
        reachable_by=tuple(channel for channel, _ in addresses),
        blocked=tuple(channel for channel, _ in addresses if row.get(BLACKLISTS[channel][3])),
        facts=facts_of(_facts(row, names)),
        source=f"crm.lead:{identity}",
    )
    customer = row["partner_id"].id if row["partner_id"] else None
    return Case(identity, seen, stage if code else None, customer, reason.id if reason else None, addresses)


_TOLD = {"won": Outcome.WON, "lost": Outcome.LOST, "pending": Outcome.OPEN}


def _facts(row: Record, names: Names) -> dict[str, Fact]:
    """What the record knows, under the pipeline's names; what is empty is left out."""
    plain = {
        "title": row["name"],
        "contact_name": row.get("contact_name"),
        "company_name": row.get("partner_name"),
        "email": row.get("email_from"),
        "phone": row.get("phone"),
        "customer": _reference("partner", row["partner_id"]),
        "owner": _reference("user", row["user_id"]),
        "team": _reference("team", row.get("team_id")),
        "lost_reason": _reference("reason", row[names.reason]) if names.reason else None,
        "expected_revenue": _money(row, names),
    }
    return {name: value for name, value in plain.items() if value is not None}


def _reference(what: str, ref: Ref | None) -> str | None:
    return None if ref is None else f"{what}:{ref.id}"


def _money(row: Record, names: Names) -> Money | None:
    """What the sale may bring; 0 in the record is "not said"."""
    amount = row[names.revenue] if names.revenue else None
    currency = row.get("company_currency")
    if not amount or currency is None or not re.fullmatch(r"[A-Z]{3}", currency.name or ""):
        return None
    return Money(_decimal(amount) or Decimal(0), currency.name)


def _decimal(value: object) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise BadReply("a number of crm.lead is none")


def _moment(row: Record, name: str) -> datetime | None:
    value = row.get(name)
    if value is not None and not isinstance(value, datetime):
        raise BadReply(f"the field {name} of crm.lead holds no time")
    return value


def _never(identity: int) -> datetime:
    raise BadReply(f"crm.lead {identity} has neither a time of creation nor of change")
