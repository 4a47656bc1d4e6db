"""Pipelines: what may happen to a case, decided by pure functions from declared tables, with its history kept."""

from oimkit.pipeline.classify import Inconsistency, Limbo, ObservedLead, classify, inconsistencies, observe
from oimkit.pipeline.crm import (
    DEFAULT_SPEC,
    NEW_CUSTOMER,
    Channel,
    Contactability,
    Kind,
    Outcome,
    PipelineSpec,
    Stage,
    Standing,
    Trigger,
    Visibility,
    commercial,
    standing,
)
from oimkit.pipeline.definition import Dimension, Fact, Goal, Guard, Need, Test, Transition
from oimkit.pipeline.drawing import describe, mermaid
from oimkit.pipeline.events import Certainty, Command, Event, History, Occasion, Refusal, State, Violation, facts_of
from oimkit.pipeline.known import PIPELINES, pipeline
from oimkit.pipeline.machine import Machine

__all__ = [
    "DEFAULT_SPEC",
    "NEW_CUSTOMER",
    "PIPELINES",
    "Certainty",
    "Channel",
    "Command",
    "Contactability",
    "Dimension",
    "Event",
    "Fact",
    "Goal",
    "Guard",
    "History",
    "Inconsistency",
    "Kind",
    "Limbo",
    "Machine",
    "Need",
    "ObservedLead",
    "Occasion",
    "Outcome",
    "PipelineSpec",
    "Refusal",
    "Stage",
    "Standing",
    "State",
    "Test",
    "Transition",
    "Trigger",
    "Violation",
    "Visibility",
    "classify",
    "commercial",
    "describe",
    "facts_of",
    "inconsistencies",
    "mermaid",
    "observe",
    "pipeline",
    "standing",
]
