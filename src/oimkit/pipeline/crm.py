"""The commercial pipeline: from a first sign of interest to a customer, a loss that is kept, or silence asked for.

Five independent dimensions: kind (lead, opportunity), stage (of one's own PipelineSpec), outcome (open, won, lost),
visibility (active, archived) and contactability (free, restricted by channel, forbidden).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from oimkit.errors import InputError
from oimkit.money import Money
from oimkit.pipeline.definition import Dimension, Fact, Goal, Guard, Need, Test, Transition, When, identifier
from oimkit.pipeline.events import Command, Occasion, State, facts_of
from oimkit.pipeline.machine import Machine

__all__ = [
    "DEFAULT_SPEC",
    "NEW_CUSTOMER",
    "Channel",
    "Contactability",
    "Kind",
    "Outcome",
    "PipelineSpec",
    "Stage",
    "Standing",
    "Trigger",
    "Visibility",
    "archive",
    "capture",
    "commercial",
    "contact",
    "convert",
    "forbid",
    "lose",
    "move",
    "record",
    "release",
    "reopen",
    "restore",
    "restrict",
    "standing",
    "win",
]


class Kind(StrEnum):
    """What a case is: someone who might be interested, or a sale that could be made."""

    LEAD = "lead"
    OPPORTUNITY = "opportunity"


class Outcome(StrEnum):
    """How a case has ended, if it has."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Visibility(StrEnum):
    """Whether a case is in sight or was put away; losing does not put it away, it is an outcome."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class Contactability(StrEnum):
    """Whether people behind the case may be contacted: on every channel, on some, on none."""

    FREE = "free"
    RESTRICTED = "restricted"
    FORBIDDEN = "forbidden"


class Channel(StrEnum):
    """A way to contact someone."""

    EMAIL = "email"
    PHONE = "phone"


class Trigger(StrEnum):
    """Why a lead became an opportunity."""

    STATED_WISH = "stated_wish"
    PROMISING_PROFILE = "promising_profile"


NEW_CUSTOMER = "new"
"""The fact ``customer`` when the customer is yet to be made of what the case knows."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a sale.

    code   its name in programs; title what people read
    won    entering it is winning: only ``win`` leads there
    needs  facts that must be known before a case may go forward into it, such as ("expected_revenue",)
    """

    code: str
    title: str = field(default="", repr=False)
    won: bool = False
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        identifier(self.code, "a stage")
        if self.won and self.needs:
            raise InputError(f"stage {self.code} is entered by winning, what winning needs is not its own")


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """The stages of a company's sale, in order, under a version that grows when they change.

    skips, returns  whether a case may jump over stages, and go back
    """

    version: int
    stages: tuple[Stage, ...]
    name: str = "commercial"
    skips: bool = True
    returns: bool = True

    def __post_init__(self) -> None:
        codes = [stage.code for stage in self.stages]
        if len(set(codes)) != len(codes):
            raise InputError("a stage of the pipeline is named twice", advice="give each stage its own code")
        if not self.open_stages:
            raise InputError("a pipeline has at least one stage that is not a won stage")

    @property
    def open_stages(self) -> tuple[str, ...]:
        """Codes of the stages in which a sale is still open, in order."""
        return tuple(stage.code for stage in self.stages if not stage.won)

    def won_after(self, code: str) -> str:
        """Where winning in stage *code* leads: the next won stage, else the nearest before, else *code* itself."""
        codes = [stage.code for stage in self.stages]
        here = codes.index(code)
        if self.stages[here].won:
            return code
        after = [stage.code for stage in self.stages[here:] if stage.won]
        before = [stage.code for stage in self.stages[:here] if stage.won]
        return after[0] if after else before[-1] if before else code


DEFAULT_SPEC = PipelineSpec(
    1,
    (
        Stage("new", "New"),
        Stage("qualified", "Qualified"),
        Stage("proposition", "Proposition"),
        Stage("won", "Won", won=True),
    ),
)
"""The four stages that every Odoo since 8 starts with."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a commercial case stands, by dimension."""

    kind: Kind
    stage: str
    outcome: Outcome
    visibility: Visibility
    contactability: Contactability

    @property
    def position(self) -> tuple[str, ...]:
        """The same as a position of the machine."""
        return (self.kind.value, self.stage, self.outcome.value, self.visibility.value, self.contactability.value)


def standing(state: State) -> Standing:
    """The standing of a case of a commercial machine."""
    kind, stage, outcome, visibility, contactability = state.position
    return Standing(Kind(kind), stage, Outcome(outcome), Visibility(visibility), Contactability(contactability))


_TITLE = Guard("title_known", (Need("title"),), "a case has a title that says what it is about")
_TRIGGER = Guard(
    "trigger_given",
    (Need("trigger", Test.ONE_OF, tuple(trigger.value for trigger in Trigger), given=True),),
    "a lead becomes an opportunity for a stated reason",
)
_CUSTOMER = Guard("customer_known", (Need("customer"),), "who buys is a customer, known or to be made")
_REASON = Guard("reason_given", (Need("lost_reason", given=True),), "a loss has a reason, to be learnt from")
_WHY = Guard("why_given", (Need("contact_why", given=True),), "silence is kept for a reason, and on whose wish it says")
_BLOCKED = Guard("channels_given", (Need("blocked_channels", given=True),), "a restriction names its channels")
_CHANNEL = Guard("channel_given", (Need("channel", given=True),), "a contact says by which channel")
_PERMITTED = Guard(
    "channel_permitted",
    (Need("channel", Test.OUTSIDE, listing="blocked_channels", given=True),),
    "this channel was asked not to be used",
)


def commercial(spec: PipelineSpec = DEFAULT_SPEC) -> Machine:
    """The machine of *spec*; its promises: winning, losing and starting again are in reach from anywhere."""
    titles = tuple((stage.code, stage.title or stage.code) for stage in spec.stages)
    dimensions = (
        Dimension("kind", tuple(Kind), final=(Kind.OPPORTUNITY,)),
        Dimension("stage", tuple(stage.code for stage in spec.stages), _resting(spec), titles),
        Dimension("outcome", tuple(Outcome)),
        Dimension("visibility", tuple(Visibility)),
        Dimension("contactability", tuple(Contactability)),
    )
    transitions = (*_beginnings(spec), *_moves(spec), *_endings(spec), *_sight(), *_contact(), _RECORD)
    goals = (
        Goal("can_be_won", (), (("outcome", (Outcome.WON,)),)),
        Goal("can_be_lost", (), (("outcome", (Outcome.LOST,)),)),
        Goal("can_start_again", (), (("kind", (Kind.OPPORTUNITY,)), ("stage", spec.open_stages[:1]), *_LIVE)),
    )
    return Machine(spec.name, spec.version, dimensions, transitions, goals, adopts=True)


_IN_SIGHT: When = (("visibility", (Visibility.ACTIVE,)),)
_LIVE: When = (("outcome", (Outcome.OPEN,)), *_IN_SIGHT)
_RECORD = Transition("record", "recorded")


def _resting(spec: PipelineSpec) -> tuple[str, ...]:
    """A pipeline of a single stage rests in it."""
    return (spec.stages[0].code,) if len(spec.stages) == 1 else ()


def _beginnings(spec: PipelineSpec) -> Iterator[Transition]:
    """Capture a case, and make an opportunity of a lead."""
    for kind in Kind:
        begin = Standing(kind, spec.stages[0].code, Outcome.OPEN, Visibility.ACTIVE, Contactability.FREE)
        if begin.stage not in spec.open_stages:
            begin = Standing(kind, spec.open_stages[0], Outcome.OPEN, Visibility.ACTIVE, Contactability.FREE)
        names = ("kind", "stage", "outcome", "visibility", "contactability")
        then = tuple(zip(names, begin.position, strict=True))
        yield Transition("capture", "captured", then, None, to=kind, guards=(_TITLE,))
    yield Transition(
        "convert",
        "converted",
        (("kind", Kind.OPPORTUNITY),),
        (("kind", (Kind.LEAD,)), *_LIVE),
        guards=(_TRIGGER,),
    )


def _moves(spec: PipelineSpec) -> Iterator[Transition]:
    """Go to another open stage: to the next, over some, or back."""
    stages = list(spec.stages)
    for target in stages:
        if target.won:
            continue
        at = stages.index(target)
        before = [stage.code for stage in stages[:at] if not stage.won]
        later = tuple(stage.code for stage in stages if stage.code != target.code and stage.code not in before)
        guards = _stage_guards(target)
        for event, sources, allowed, asked in (
            ("moved_forward", tuple(before[-1:]), True, guards),
            ("skipped_ahead", tuple(before[:-1]), spec.skips, guards),
            ("moved_back", later, spec.returns, ()),
        ):
            if sources and allowed:
                when: When = (("kind", (Kind.OPPORTUNITY,)), ("stage", sources), *_LIVE)
                yield Transition("move", event, (("stage", target.code),), when, to=target.code, guards=asked)


def _stage_guards(stage: Stage) -> tuple[Guard, ...]:
    if not stage.needs:
        return ()
    needs = tuple(Need(fact) for fact in stage.needs)
    return (Guard(f"ready_for_{stage.code}"[:63], needs, f"stage {stage.code} is entered with certain facts known"),)


def _endings(spec: PipelineSpec) -> Iterator[Transition]:
    """Win, lose, and take either back."""
    by_target: dict[str, list[str]] = {}
    for stage in spec.stages:
        by_target.setdefault(spec.won_after(stage.code), []).append(stage.code)
    for target, sources in by_target.items():
        yield Transition(
            "win",
            "won",
            (("stage", target), ("outcome", Outcome.WON)),
            (("kind", (Kind.OPPORTUNITY,)), ("stage", tuple(sources)), *_LIVE),
            guards=(_CUSTOMER,),
        )
    in_open_stage: When = (("stage", spec.open_stages),)
    yield Transition("lose", "lost", (("outcome", Outcome.LOST),), (*in_open_stage, *_LIVE), guards=(_REASON,))
    ended: When = (("outcome", (Outcome.WON, Outcome.LOST)), *_IN_SIGHT)
    yield Transition(
        "reopen", "reopened", (("outcome", Outcome.OPEN),), (*in_open_stage, *ended), clears=("lost_reason",)
    )
    for stage_code in spec.open_stages:
        then = (("stage", stage_code), ("outcome", Outcome.OPEN))
        yield Transition("reopen", "reopened", then, ended, to=stage_code, clears=("lost_reason",))


def _sight() -> Iterator[Transition]:
    """Put away and fetch back; what is lost is out of sight by being lost."""
    kept: When = (("outcome", (Outcome.OPEN, Outcome.WON)), *_IN_SIGHT)
    yield Transition("archive", "archived", (("visibility", Visibility.ARCHIVED),), kept)
    hidden: When = (("visibility", (Visibility.ARCHIVED,)),)
    yield Transition("restore", "restored", (("visibility", Visibility.ACTIVE),), hidden)


def _contact() -> Iterator[Transition]:
    """Ask for silence, lift it, and the contact that it guards."""
    free: When = (("contactability", (Contactability.FREE,)),)
    restricted: When = (("contactability", (Contactability.RESTRICTED,)),)
    loose: When = (("contactability", (Contactability.FREE, Contactability.RESTRICTED)),)
    bound: When = (("contactability", (Contactability.RESTRICTED, Contactability.FORBIDDEN)),)
    stops = ("blocked_channels", "contact_why", "contact_since")
    yield Transition(
        "forbid",
        "contact_forbidden",
        (("contactability", Contactability.FORBIDDEN),),
        loose,
        guards=(_WHY,),
        clears=("blocked_channels",),
    )
    yield Transition(
        "restrict",
        "contact_restricted",
        (("contactability", Contactability.RESTRICTED),),
        loose,
        guards=(_WHY, _BLOCKED),
    )
    yield Transition("release", "contact_released", (("contactability", Contactability.FREE),), bound, clears=stops)
    yield Transition("contact", "contacted", when=free, guards=(_CHANNEL,))
    yield Transition("contact", "contacted", when=restricted, guards=(_CHANNEL, _PERMITTED))


def capture(
    case: str,
    on: Occasion,
    *,
    title: str,
    kind: Kind = Kind.LEAD,
    contact_name: str | None = None,
    company_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    customer: str | None = None,
    expected_revenue: Money | None = None,
    owner: str | None = None,
    team: str | None = None,
) -> Command:
    """Begin *case* with what is known. *customer*, *owner* and *team* are references such as ``partner:7``."""
    return _command(
        case,
        "capture",
        on,
        kind,
        title=title,
        contact_name=contact_name,
        company_name=company_name,
        email=email,
        phone=phone,
        customer=customer,
        expected_revenue=expected_revenue,
        owner=owner,
        team=team,
    )


def record(case: str, on: Occasion, **facts: Fact) -> Command:
    """Note *facts* about a case, such as ``expected_revenue`` or ``customer``; None takes one back."""
    return Command(case, "record", on, facts=facts_of(facts))


def convert(case: str, on: Occasion, trigger: Trigger, *, customer: str | None = None) -> Command:
    """Make an opportunity of a lead because of *trigger*."""
    return _command(case, "convert", on, trigger=trigger.value, customer=customer)


def move(case: str, on: Occasion, stage: str) -> Command:
    """Go to another open *stage*, whether forward, over some, or back."""
    return _command(case, "move", on, stage)


def win(case: str, on: Occasion, *, customer: str | None = None) -> Command:
    """Win the opportunity; *customer* is a reference, NEW_CUSTOMER, or None where the case knows its customer."""
    return _command(case, "win", on, customer=customer)


def lose(case: str, on: Occasion, reason: str) -> Command:
    """Lose it, for *reason*; the case and its history are kept."""
    return _command(case, "lose", on, lost_reason=reason)


def reopen(case: str, on: Occasion, stage: str | None = None) -> Command:
    """Take back a win or a loss: into *stage*, or, where a loss left it in an open one, into the stage it is in."""
    return _command(case, "reopen", on, stage)


def archive(case: str, on: Occasion) -> Command:
    """Put the case out of sight without ending it."""
    return _command(case, "archive", on)


def restore(case: str, on: Occasion) -> Command:
    """Bring an archived case back into sight."""
    return _command(case, "restore", on)


def forbid(case: str, on: Occasion, why: str) -> Command:
    """Do not contact, on any channel, from now on."""
    return _command(case, "forbid", on, contact_why=why, contact_since=on.occurred_at)


def restrict(case: str, on: Occasion, channels: Iterable[Channel], why: str) -> Command:
    """Do not contact by *channels*; these replace the ones blocked before."""
    blocked = tuple(sorted({channel.value for channel in channels}))
    return _command(case, "restrict", on, blocked_channels=blocked, contact_why=why, contact_since=on.occurred_at)


def release(case: str, on: Occasion) -> Command:
    """Contact is welcome again on every channel."""
    return _command(case, "release", on)


def contact(case: str, on: Occasion, channel: Channel) -> Command:
    """A contact that goes out by *channel*: refused where silence was asked for."""
    return _command(case, "contact", on, channel=channel.value)


def _command(case: str, name: str, on: Occasion, to: str | None = None, **facts: Fact) -> Command:
    """A command with those of *facts* that are not None."""
    known = {fact: value for fact, value in facts.items() if value is not None}
    return Command(case, name, on, None if to is None else str(to), facts_of(known))
