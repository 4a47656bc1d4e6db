"""A rule file is read exactly or refused with the path to the rule."""

from __future__ import annotations

from decimal import Decimal

import pytest

from oimkit.billing import Dimension, RuleSet, Scope, Unit
from oimkit.errors import RuleError
from tests.billing.example import RULES, rules

HEAD = 'version = "1"\ncurrency = "EUR"\n'
CARD = "[[rates]]\nrate = 10\n"


def test_numbers_are_decimals_and_never_floats() -> None:
    rate = rules().rates[0].rate
    assert rate is not None and str(rate.amount.amount) == "95.50"


def test_every_section_reaches_the_rule_set() -> None:
    read = RuleSet.from_toml(
        HEAD
        + 'precedence = ["employee+task", "any"]\n'
        + CARD
        + '[[rates]]\ntask = [1, "Two"]\nemployee = 5\nrate = "1.5"\nper = "entry"\n'
        + '[rounding]\nscope = "day"\nmode = "nearest"\nhalf = "even"\nstep = "6 min"\nminimum = "0.5 h"\n'
        + "factor = 1.5\n"
        + '[amounts]\nhalf = "even"\n[lines]\ngroup = ["day"]\nunits = ["hour", "minute"]\ntext = "{task}"\n'
        + '[invoices]\nper = ["customer", "month"]\npayment_reference = "{code}{year}"\n'
        + '[[customers]]\ncustomer = 7\ncode = "HLB"\n[odoo]\nproduct = 3\ntaxes = [1, 2]\n[time]\nsnap = "minute"\n'
    )
    assert read.precedence == ((Dimension.TASK, Dimension.EMPLOYEE), ())
    assert (read.rounding.scope, read.rounding.step_seconds, read.rounding.minimum_seconds) == (Scope.DAY, 360, 1800)
    assert read.rounding.factor == Decimal("1.5")
    assert read.lines.units == (Unit.HOUR, Unit.MINUTE)
    assert read.lines.other_text.text == "{task} ({time} h)"
    assert (read.odoo.product, read.odoo.taxes) == (3, (1, 2))
    assert read.customers[0].code == "HLB"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("version =\n", "line 1"),
        (CARD, "version"),
        (HEAD, "rates"),
        (HEAD + "rates = []", "rates"),
        (HEAD + CARD + "price = 5", "rates[0].price"),
        (HEAD + CARD + "[rounding]\nstepp = '1 min'", "rounding.stepp"),
        (HEAD + CARD + "[rounding]\nstep = 15", "rounding.step"),
        (HEAD + CARD + "[rounding]\nstep = '15 minutes'", "rounding.step"),
        (HEAD + CARD + "[rounding]\nmode = 'upwards'", "rounding.mode"),
        (HEAD + CARD + "[rounding]\nstep = '0 min'", "rounding.step"),
        (HEAD + "[[rates]]\nrate = -1", "rates[0].rate"),
        (HEAD + "[[rates]]\nrate = '1,50'", "rates[0].rate"),
        (HEAD + "[[rates]]\nrate = nan", "rates[0].rate"),
        (HEAD + "[[rates]]\nrate = true", "rates[0].rate"),
        (HEAD + "[[rates]]\nname = 'x'", "rates[0]"),
        (HEAD + CARD + "billable = false", "rates[0]"),
        (HEAD + CARD + "valid_from = '2026-01-01'", "rates[0].valid_from"),
        (HEAD + CARD + "valid_from = 2026-01-01T00:00:00", "rates[0].valid_from"),
        (HEAD + CARD + "valid_from = 2026-02-01\nvalid_until = 2026-02-01", "rates[0]"),
        (HEAD + CARD + "customer = []", "rates[0].customer"),
        (HEAD + CARD + "customer = 0", "rates[0].customer"),
        (HEAD + CARD + "customer = [1, 1]", "rates[0]"),
        (HEAD + "precedence = ['any', 'boss']\n" + CARD, "precedence[1]"),
        (HEAD + "precedence = ['task']\n" + CARD, "rates[0]"),
        (HEAD + "precedence = ['any', 'any']\n" + CARD, "precedence"),
        (HEAD + CARD + CARD, "rates[1]"),
        (HEAD + CARD + "name = 'a'\n[[rates]]\nname = 'a'\nrate = 1\ntask = 1", "rates[1].name"),
        (HEAD + CARD + "[lines]\ntext = '{project.name}'", "lines.text"),
        (HEAD + CARD + "[lines]\ntext = '{project!r}'", "lines.text"),
        (HEAD + CARD + "[lines]\ntext = '{hours:>9999999}'", "lines.text"),
        (HEAD + CARD + "[lines]\ntext = '{'", "lines.text"),
        (HEAD + CARD + "[lines]\nunits = ['amount']", "lines.units"),
        (HEAD + CARD + "[lines]\ngroup = ['day', 'day']", "lines.group"),
        (HEAD + CARD + "[invoices]\nper = ['project']", "invoices.per"),
        (HEAD + CARD + "[invoices]\nper = ['customer', 'day']", "invoices.per"),
        (HEAD + CARD + "[[customers]]\ncustomer = 1\ncode = 'A B'", "customers[0].code"),
        (
            HEAD + CARD + "[[customers]]\ncustomer = 1\ncode = 'A'\n[[customers]]\ncustomer = 2\ncode = 'A'",
            "customers[1].code",
        ),
        ('version = "1"\ncurrency = "euro"\n' + CARD, "currency"),
    ],
)
def test_a_mistake_is_refused_with_the_path_to_the_rule(text: str, where: str) -> None:
    with pytest.raises(RuleError) as refused:
        RuleSet.from_toml(text)
    assert refused.value.where.split(",")[0] == where
    assert refused.value.reason


def test_a_tie_is_seen_before_any_time_is_read() -> None:
    tie = '[[rates]]\nname = "again"\ncustomer = ["Other", "Harbour"]\nrate = 1\nvalid_from = 2026-12-01\n'
    with pytest.raises(RuleError, match=r"rates\[4\]: a tie: rates\[2\]"):
        rules(tie)


def test_cards_whose_days_only_meet_are_no_tie() -> None:
    assert len(rules().rates) == 4


@pytest.mark.parametrize("text", ["[" * 100_000, "x = " + "9" * 5000, "a = " + "[" * 50_000, "x" * 2_000_000])
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        RuleSet.from_toml(text)


def test_a_card_cannot_combine_without_bound() -> None:
    many = list(range(1, 400))
    with pytest.raises(RuleError, match="combines more than"):
        RuleSet.from_toml(HEAD + CARD + f"customer = {many}\nproject = {many}\n")


def test_refusal_repeats_no_value_of_the_file() -> None:
    with pytest.raises(RuleError) as refused:
        RuleSet.from_toml(HEAD + CARD + 'employee = ""\nname = "Ida Confidential"')
    assert "Confidential" not in str(refused.value)


def test_hash_depends_on_content_only() -> None:
    assert rules().hash == RuleSet.from_toml("# a comment\n" + RULES.replace("95.50", '"95.5"')).hash
    assert rules().hash != RuleSet.from_toml(RULES.replace("95.50", "95.51")).hash
    assert rules().hash != RuleSet.from_toml(RULES.replace("2026-11-01", "2026-11-02")).hash
