"""An explanation can be executed again, and any number that was changed is found."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from oimkit.billing import explain, plan_invoices, verify
from oimkit.money import Money
from tests.billing.example import TODAY, plain, rules, worked


def example_line() -> Any:
    times = [worked(1, 50), worked(2, 20)]
    return plan_invoices(times, rules(), today=TODAY).drafts[0].lines[0]


def test_a_line_is_reproduced_by_its_own_explanation() -> None:
    assert verify(example_line(), rules()) == ()


def changed(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case Decimal():
            return value + 1
        case Money():
            return value + Money(1, value.currency)
        case str():
            return value + "x"
    return None


def mutations(value: Any) -> Any:
    """Copies of *value* with one number or text changed, anywhere in it but in the recorded inputs themselves."""
    if is_dataclass(value) and not isinstance(value, Money):
        for part in fields(value):
            if part.name not in ("time", "printing", "number"):
                for inner in mutations(getattr(value, part.name)):
                    yield replace(value, **{part.name: inner})
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            for inner in mutations(item):
                yield (*value[:index], inner, *value[index + 1 :])
    elif type(value) in (bool, int, Decimal, Money, str):
        yield changed(value)


def test_any_changed_number_or_text_is_found() -> None:
    line = example_line()
    copies = list(mutations(line))
    assert len(copies) > 40
    missed = [copy for copy in copies if not verify(copy, rules())]
    assert missed == []


def test_entry_changed_after_billing_is_found() -> None:
    line = example_line()
    portion = line.explanation.portions[0]
    longer = replace(portion, time=replace(portion.time, seconds=portion.time.seconds + 60))
    portions = (longer, *line.explanation.portions[1:])
    edited = replace(line, explanation=replace(line.explanation, portions=portions))
    assert verify(edited, rules())


def test_another_rule_set_is_told_by_its_hash() -> None:
    differences = verify(example_line(), rules('[amounts]\nhalf = "even"\n'))
    assert [difference.path for difference in differences] == ["explanation.rules"]


def test_rules_without_a_rate_are_a_difference_and_no_crash() -> None:
    (difference,) = verify(example_line(), rules(text=ENDED))
    assert (difference.path, difference.recomputed) == (
        "explanation",
        "refused: entry 1 has no rate under this rule set",
    )


ENDED = 'version = "1"\ncurrency = "EUR"\n[[rates]]\nrate = 1\nvalid_until = 2020-01-01\n'


def test_difference_repeats_no_text() -> None:
    line = replace(example_line(), text="a private matter")
    assert "private" not in repr(verify(line, rules()))


def test_explanation_for_people_names_ids_and_rules_only() -> None:
    text = explain(example_line())
    assert "rates[2]" in text and "entry 1 of 2026-11-02" in text and "lower-precedence" in text
    assert "Crane" not in text and "Ida" not in text


@pytest.mark.parametrize("scope", ["entry", "day", "task", "line", "invoice"])
def test_every_scope_is_reproduced(scope: str) -> None:
    by_task = f'[lines]\ngroup = ["task"]\ntext = "w"\n[rounding]\nscope = "{scope}"\nmode = "up"\nstep = "15 min"\n'
    times = [worked(n, 7 * n, task=n % 2 + 1) for n in range(1, 5)]
    lines = plan_invoices(times, plain(by_task), today=TODAY).drafts[0].lines
    assert [verify(line, plain(by_task)) for line in lines] == [(), ()]
