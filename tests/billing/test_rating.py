"""The card of the highest declared precedence wins, and the others say why not."""

from __future__ import annotations

from datetime import date

import pytest

from oimkit.billing import RateBook, RuleSet, WhyNot, plan_invoices
from oimkit.errors import RuleError
from tests.billing.example import TODAY, rules, worked


def test_winner_and_rejected_cards_are_told() -> None:
    choice = RateBook(rules()).choose(worked(day=date(2026, 10, 31)))
    assert (choice.card, choice.rule) == ("harbour, until October", "rates[1]")
    assert [(card.rule, card.why) for card in choice.rejected] == [
        ("rates[2]", WhyNot.NOT_YET_VALID),
        ("rates[0]", WhyNot.LOWER_PRECEDENCE),
    ]


def test_validity_ends_before_its_last_day() -> None:
    book = RateBook(rules())
    assert book.choose(worked(day=date(2026, 11, 1))).rule == "rates[2]"
    assert book.choose(worked(day=date(2026, 11, 1))).rejected[0].why is WhyNot.NO_LONGER_VALID


def test_declared_precedence_decides_and_not_the_order_of_cards() -> None:
    cards = "[[rates]]\ntask = 4\nrate = 1\n[[rates]]\nemployee = 5\nrate = 2\n"
    head = 'version = "1"\ncurrency = "EUR"\n'
    for order, winner in (('["task", "employee"]', "rates[0]"), ('["employee", "task"]', "rates[1]")):
        book = RateBook(RuleSet.from_toml(f"{head}precedence = {order}\n{cards}"))
        assert book.choose(worked()).rule == winner


def test_id_and_name_of_one_record_are_a_tie_when_they_meet() -> None:
    tied = rules("[[rates]]\nname = 'by id'\ncustomer = 7\nrate = 1\n")
    with pytest.raises(RuleError, match=r"rates\[4\]: a tie: rates\[2\] matches entry 1"):
        plan_invoices([worked()], tied, today=TODAY)
    assert plan_invoices([worked(customer=8)], tied, today=TODAY).drafts


def test_a_tie_below_the_winner_does_not_matter() -> None:
    tied = rules("[[rates]]\nname = 'by id'\ncustomer = 7\nrate = 1\n[[rates]]\nname = 'entry'\nentry = 1\nrate = 3\n")
    assert RateBook(tied).choose(worked()).card == "entry"
