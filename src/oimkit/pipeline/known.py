"""The pipelines that come with oimkit, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oimkit.errors import InputError
from oimkit.pipeline.crm import commercial
from oimkit.pipeline.machine import Machine

__all__ = ["PIPELINES", "pipeline"]

PIPELINES: Mapping[str, Machine] = MappingProxyType({machine.name: machine for machine in (commercial(),)})


def pipeline(name: str) -> Machine:
    """The pipeline called *name*; InputError, naming those there are, when there is none."""
    machine = PIPELINES.get(name)
    if machine is None:
        raise InputError(f"there is no pipeline called {name[:40]!a}", advice=f"name one of {', '.join(PIPELINES)}")
    return machine
