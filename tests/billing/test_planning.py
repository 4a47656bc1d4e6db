"""What is billed, what is left out and why, and how entries become lines and invoices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from oimkit.billing import (
    BilledFee,
    BilledTime,
    InvoiceKind,
    InvoicePlan,
    Period,
    Reason,
    WorkedTime,
    check_plan,
    plan_invoices,
)
from oimkit.errors import InputError, RuleError
from oimkit.money import Money
from tests.billing.example import TODAY, plain, rules, worked


def reasons(plan: InvoicePlan) -> dict[int, Reason]:
    return {item.entry: item.reason for item in plan.left_out}


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        (worked(seconds=0), Reason.NO_TIME),
        (worked(day=date(2026, 11, 22)), Reason.FUTURE),
        (worked(customer=None), Reason.NO_CUSTOMER),
        (worked(project_name="Internal"), Reason.PROJECT_NOT_BILLED),
        (worked(task=9), Reason.RATE_NOT_BILLED),
    ],
)
def test_every_entry_left_out_has_its_reason(time: WorkedTime, reason: Reason) -> None:
    plan = plan_invoices([time], rules(), today=TODAY)
    assert (plan.drafts, reasons(plan)) == ((), {1: reason})


def test_time_without_a_rate_waits_for_a_person_with_the_cards_that_ended() -> None:
    ended = rules(text=RULES_THAT_ENDED)
    (item,) = plan_invoices([worked()], ended, today=TODAY).needs_a_person
    assert (item.reason, item.rejected[0].rule) == (Reason.NO_RATE, "rates[0]")


RULES_THAT_ENDED = 'version = "1"\ncurrency = "EUR"\n[[rates]]\nrate = 1\nvalid_until = 2026-01-01\n'


def test_a_period_includes_its_first_and_its_last_day() -> None:
    period = Period(date(2026, 11, 2), date(2026, 11, 3))
    times = [worked(n, day=date(2026, 11, n)) for n in (1, 2, 3, 4)]
    plan = plan_invoices(times, rules(), today=TODAY, period=period)
    assert reasons(plan) == {1: Reason.BEFORE_PERIOD, 4: Reason.AFTER_PERIOD}
    assert [time.id for time in plan.drafts[0].times] == [2, 3]


def test_the_same_entry_twice_is_refused() -> None:
    with pytest.raises(InputError, match="entry 1 is passed twice"):
        plan_invoices([worked(), worked()], rules(), today=TODAY)


def test_a_change_of_rate_cuts_the_line() -> None:
    times = [worked(1, day=date(2026, 10, 31)), worked(2, day=date(2026, 11, 1))]
    (draft,) = plan_invoices(times, rules(), today=TODAY).drafts
    assert [(line.times[0].id, line.amount.text) for line in draft.lines] == [(1, "80.00"), (2, "90.00")]


def test_customers_get_invoices_of_their_own() -> None:
    plan = plan_invoices([worked(1), worked(2, customer=8, customer_name="Mill")], rules(), today=TODAY)
    assert [(draft.customer, draft.amount.text) for draft in plan.drafts] == [(7, "90.00"), (8, "95.50")]


def test_invoices_are_split_by_month_when_told() -> None:
    split = rules('[invoices]\nper = ["customer", "month"]\n')
    times = [worked(1, day=date(2026, 10, 31)), worked(2, day=date(2026, 11, 1))]
    assert [draft.period.first.month for draft in plan_invoices(times, split, today=TODAY).drafts] == [10, 11]


def test_rounding_scopes_add_up_before_they_round() -> None:
    times = [worked(n, 10, day=date(2026, 11, 2 + n // 3), task=n % 2) for n in range(1, 5)]
    billed = {}
    for scope in ("entry", "day", "task", "line", "invoice"):
        one = plain(f'[rounding]\nscope = "{scope}"\nmode = "up"\nstep = "30 min"\n')
        billed[scope] = plan_invoices(times, one, today=TODAY).drafts[0].lines[0].billed_seconds // 60
    assert billed == {"entry": 120, "day": 60, "task": 60, "line": 60, "invoice": 60}


def test_invoice_scope_spreads_its_rounding_over_the_lines() -> None:
    by_task = '[lines]\ngroup = ["task"]\ntext = "work"\n[rounding]\nscope = "invoice"\nmode = "up"\nstep = "1 h"\n'
    times = [worked(1, 10, task=1), worked(2, 20, task=2)]
    (draft,) = plan_invoices(times, plain(by_task), today=TODAY).drafts
    assert [line.billed_seconds for line in draft.lines] == [1200, 2400]


def test_negative_total_becomes_a_credit_note() -> None:
    (draft,) = plan_invoices([worked(minutes=-60)], rules(), today=TODAY).drafts
    assert (draft.kind, draft.amount.text) == (InvoiceKind.CREDIT_NOTE, "-90.00")


def test_time_that_cancels_out_makes_no_document() -> None:
    plan = plan_invoices([worked(1, 60), worked(2, -60)], rules(), today=TODAY)
    assert (plan.drafts, set(reasons(plan).values())) == ((), {Reason.NOTHING_TO_BILL})


def test_a_correction_takes_back_exactly_what_was_rounded_up() -> None:
    times = [worked(1, 5), worked(2, -5), worked(3, 60)]
    assert plan_invoices(times, rules(), today=TODAY).amount.text == "90.00"


def test_time_billed_before_is_left_out_and_changed_time_waits() -> None:
    billed = [BilledTime(worked(1), 3600), BilledTime(worked(2), 3600)]
    plan = plan_invoices([worked(1), worked(2, 90)], rules(), today=TODAY, billed=billed)
    assert reasons(plan) == {1: Reason.ALREADY_BILLED, 2: Reason.CHANGED_AFTER_BILLING}


def test_cumulative_rounding_needs_to_know_the_past() -> None:
    with pytest.raises(RuleError, match=r"rounding\.cumulative"):
        plan_invoices([worked()], plain("[rounding]\ncumulative = true\n"), today=TODAY)


def test_minimum_fee_fills_up_once() -> None:
    fee = plain('[minimum_fee]\nmonthly = "250.00"\n')
    november = Period(date(2026, 11, 1), date(2026, 11, 30))
    (draft,) = plan_invoices([worked()], fee, today=TODAY, period=november, billed=[]).drafts
    assert [line.amount.text for line in draft.lines] == ["100.00", "150.00"]
    before = [BilledTime(worked(), 3600, Money("100", "EUR")), BilledFee(7, november.last, Money("150", "EUR"))]
    (late,) = plan_invoices([worked(2)], fee, today=TODAY, period=november, billed=before).drafts
    assert [line.amount.text for line in late.lines] == ["100.00"]
    with pytest.raises(RuleError, match="minimum_fee"):
        plan_invoices([worked()], fee, today=TODAY, period=november)


def test_run_key_names_the_work_and_nothing_else() -> None:
    (one,) = plan_invoices([worked(1), worked(2)], rules(), today=TODAY).drafts
    (dearer,) = plan_invoices([worked(2), worked(1)], plain(rate="1.00"), today=date(2027, 1, 1)).drafts
    assert one.key == dearer.key
    others = [
        plan_invoices([worked(1), worked(2)], rules(), today=TODAY, revision=1),
        plan_invoices([worked(1), worked(2, 61)], rules(), today=TODAY),
        plan_invoices([worked(1), worked(3)], rules(), today=TODAY),
        plan_invoices([worked(1, customer=8), worked(2, customer=8)], rules(), today=TODAY),
    ]
    assert len({one.key, *(plan.drafts[0].key for plan in others)}) == 5


def test_payment_reference_is_checked_by_its_digits() -> None:
    with_code = rules(
        '[invoices]\npayment_reference = "{code}{year}{month}"\n[[customers]]\ncustomer = 7\ncode = "HLB"\n'
    )
    (draft,) = plan_invoices([worked(day=date(2026, 10, 5))], with_code, today=TODAY).drafts
    assert draft.payment_reference == "RF42HLB202610"
    with pytest.raises(RuleError, match="customer 8 has 0 codes"):
        plan_invoices([worked(customer=8, customer_name="Mill")], with_code, today=TODAY)


def test_two_drafts_never_share_a_payment_reference() -> None:
    per_project = plain('[invoices]\nper = ["customer", "project"]\npayment_reference = "A{customer}"\n')
    with pytest.raises(InputError, match="payment reference"):
        plan_invoices([worked(1), worked(2, project=4)], per_project, today=TODAY)


def test_a_plan_that_was_edited_is_refused() -> None:
    plan = plan_invoices([worked(1), worked(2, customer=8)], rules(), today=TODAY)
    one, two = plan.drafts
    line = one.lines[0]
    wrong = [
        replace(plan, drafts=(one, one)),
        replace(plan, drafts=(replace(one, amount=two.amount + two.amount),)),
        replace(plan, drafts=(replace(one, customer=8),)),
        replace(plan, drafts=(replace(one, kind=InvoiceKind.CREDIT_NOTE),)),
        replace(plan, drafts=(replace(one, lines=(replace(line, seconds=1),)),)),
        replace(plan, drafts=(replace(one, lines=(replace(line, printed=replace(line.printed, quantity=2)),)),)),
    ]
    for broken in wrong:
        with pytest.raises(InputError):
            check_plan(broken)


def test_names_in_braces_are_printed_and_not_filled() -> None:
    plan = plan_invoices([worked(project_name="{amount} {0.__class__}")], rules(), today=TODAY)
    assert plan.drafts[0].lines[0].text == "{amount} {0.__class__}: Design"
