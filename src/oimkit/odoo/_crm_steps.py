"""Plans for leads and opportunities as data: what each step does on the server, and what is read back after it."""

from __future__ import annotations

from dataclasses import dataclass, field

from oimkit.odoo._crm_reading import ServerPipeline
from oimkit.odoo.keys import ExternalId
from oimkit.pipeline import Channel, Event, Refusal, Standing

__all__ = [
    "Action",
    "Archive",
    "Block",
    "Convert",
    "CreateLead",
    "CrmPlan",
    "CrmStep",
    "Lose",
    "MakeRecord",
    "Target",
    "Unarchive",
    "Unblock",
    "Values",
    "WriteLead",
]

Target = int | ExternalId
"""A record: its id, or the key under which the plan makes or finds it."""

Values = tuple[tuple[str, object], ...]
"""Python values by field; a Target where a field points to a record."""


@dataclass(frozen=True, slots=True)
class CreateLead:
    """Create the lead under *key*."""

    key: ExternalId
    values: Values = field(repr=False)


@dataclass(frozen=True, slots=True)
class MakeRecord:
    """Create another record that the step needs, such as the customer or a reason, under *key*."""

    key: ExternalId
    model: str
    values: Values = field(repr=False)


@dataclass(frozen=True, slots=True)
class WriteLead:
    """Write *values*; done when they read back."""

    values: Values = field(repr=False)


@dataclass(frozen=True, slots=True)
class Convert:
    """Make an opportunity of the lead, with *customer* or with the customer it has."""

    customer: Target | None


@dataclass(frozen=True, slots=True)
class Lose:
    """Mark as lost, for *reason*."""

    reason: Target


@dataclass(frozen=True, slots=True)
class Unarchive:
    """Take a loss back."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Put out of sight without losing it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Add the record's addresses on *channels* to the server's lists of those who must not be contacted."""

    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Unblock:
    """Take the record's addresses on *channels* off those lists."""

    channels: tuple[Channel, ...]


Action = CreateLead | MakeRecord | WriteLead | Convert | Lose | Unarchive | Archive | Block | Unblock


@dataclass(frozen=True, slots=True)
class CrmStep:
    """One event to bring about: the acts, where the case then stands, and the key of the note that tells it.

    A step whose note exists has been carried out.
    """

    note: ExternalId
    event: Event
    lead: Target
    actions: tuple[Action, ...]
    expected: Standing


@dataclass(frozen=True, slots=True)
class CrmPlan:
    """Everything to be done for a set of commands; carried out by ``apply``.

    refusals  first refused command of each case that is therefore left alone
    known     commands that had been carried out before
    """

    pipeline: ServerPipeline
    steps: tuple[CrmStep, ...]
    refusals: tuple[Refusal, ...] = ()
    known: int = 0
