"""An explanation as lines of text, by ids and numbers only."""

from __future__ import annotations

from collections.abc import Iterator

from oimkit.billing.plan import InvoiceLine

__all__ = ["explain"]


def explain(line: InvoiceLine) -> str:
    """How *line* came about, for a person to read: entries, rounding, rates with the rejected ones, amount, print.

    Names and descriptions do not appear; entries and cards are named by id and by rule.
    """
    return "\n".join(_explained(line))


def _explained(line: InvoiceLine) -> Iterator[str]:
    explanation = line.explanation
    yield f"line {line.number}: {line.amount}"
    for portion in explanation.portions:
        time = portion.time
        yield f"  entry {time.id} of {time.date}: {portion.seconds} s worked, {portion.billed_seconds} s billed"
    for step in explanation.steps:
        yield f"  {step.what} ({step.rule}): {step.formula} = {step.result}"
    for group in explanation.rated:
        choice = group.choice
        yield f"  {choice.card} wins for {len(group.entries)} of the entries"
        for rejected in choice.rejected:
            yield f"    not {rejected.card} ({rejected.rule}): {rejected.why}"
    if line.amount != line.unrounded:
        yield f"  rounding changed {line.unrounded} to {line.amount}"
