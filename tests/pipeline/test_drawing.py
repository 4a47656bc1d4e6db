"""What people see of a machine: the diagram and the description say everything that the table says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oimkit.errors import InputError
from oimkit.pipeline import PIPELINES, PipelineSpec, Stage, commercial, describe, mermaid, pipeline


def test_the_diagram_draws_every_state_once_and_every_command_that_moves() -> None:
    machine = commercial()
    drawn = mermaid(machine)
    assert drawn.startswith("stateDiagram-v2\n")
    for dimension in machine.dimensions:
        for state in dimension.states:
            assert drawn.count(f'state "{dimension.title(state)}" as') == 1
    for row in machine.transitions:
        if row.then:
            assert row.command in drawn


def test_the_diagram_shows_guards_by_name() -> None:
    assert "d3_open --> d3_lost: lose [reason_given]" in mermaid(commercial())


def test_titles_cannot_break_out_of_the_diagram() -> None:
    spec = PipelineSpec(1, (Stage("a", 'x"\n} --> [*]: <script>'), Stage("b", "Å-b (ü)")))
    drawn = mermaid(commercial(spec))
    (line,) = [line for line in drawn.splitlines() if line.endswith(" as d2_a")]
    assert re.fullmatch(r' *state "x[ \[\]-]+script" as d2_a', line)
    assert 'state "Å-b  ü" as d2_b' in drawn
    assert drawn.count("{") == drawn.count("}") == 5


def test_the_description_names_every_step_guard_and_promise() -> None:
    machine = commercial()
    text = describe(machine)
    for row in machine.transitions:
        assert row.title in text and row.event in text
        assert all(guard.text in text and guard.name in text for guard in row.guards)
    assert all(goal.name in text for goal in machine.goals)


def test_pipelines_are_found_by_name() -> None:
    assert pipeline("commercial") is PIPELINES["commercial"]
    with pytest.raises(InputError, match="name one of commercial"):
        pipeline("comercial")


def test_the_shipped_pipelines_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        PIPELINES["mine"] = commercial()  # type: ignore[index]


def test_the_documentation_shows_the_drawing_of_today() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "pipeline.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{mermaid(commercial())}```" in page
