"""``oimkit pipeline``: what a pipeline's states and steps are."""

from __future__ import annotations

import click

from oimkit.cli.call import Call, common_options, with_call
from oimkit.cli.exits import Exit
from oimkit.cli.output import Output
from oimkit.pipeline import PIPELINES, Machine, describe, mermaid, pipeline

__all__ = ["command"]


@click.group("pipeline")
@common_options
def command() -> None:
    """Show the states and steps of a pipeline."""


@command.command("show")
@click.argument("name", required=False)
@click.option("--mermaid", "drawn", is_flag=True, help="A mermaid state diagram, for documentation.")
@common_options
@with_call
def show(call: Call, output: Output, name: str | None, drawn: bool) -> Exit:
    """Show the states, steps and guards of the pipeline NAME; without a name, list the pipelines there are."""
    if name is None:
        for known in PIPELINES.values():
            if call.json:
                output.record({"name": known.name, "version": known.version})
            else:
                output.line(known.name)
        return Exit.DONE
    machine = pipeline(name)
    if call.json:
        output.record(_row(machine, drawn))
    else:
        output.raw(mermaid(machine) if drawn else describe(machine))
    return Exit.DONE


def _row(machine: Machine, drawn: bool) -> dict[str, object]:
    """*machine* as one JSON object: its dimensions with their states, and its steps."""
    row: dict[str, object] = {
        "name": machine.name,
        "version": machine.version,
        "dimensions": [
            {"name": dimension.name, "states": list(dimension.states), "final": list(dimension.final)}
            for dimension in machine.dimensions
        ],
        "transitions": [
            {
                "command": step.command,
                "to": step.to,
                "event": step.event,
                "begins": step.when is None,
                "when": {dimension: list(states) for dimension, states in step.when or ()},
                "then": dict(step.then),
                "guards": [{"name": guard.name, "text": guard.text} for guard in step.guards],
            }
            for step in machine.transitions
        ],
    }
    return {**row, "mermaid": mermaid(machine)} if drawn else row
