"""Adapters of the billing areas: each turns the words of a case into a rule set and entries and asks the engine.

An adapter sees what is given, never what is expected. Areas without an adapter here fail in the runner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oimkit.billing import (
    BilledTime,
    Dimension,
    GroupKey,
    Half,
    InvoiceKind,
    InvoicePlan,
    MinimumFee,
    MixedRates,
    Mode,
    Per,
    Period,
    Printing,
    RateCard,
    Reason,
    Scope,
    TaxMethod,
    TimeRounding,
    Unit,
    WorkedTime,
    clock_time,
    plan_invoices,
)
from oimkit.billing.exact import read_seconds, round_ratio
from oimkit.billing.lines import month_share
from oimkit.money import Money, Rounding
from tests.golden.running import (
    DAY,
    EUR,
    FINE,
    TODAY,
    NotModelled,
    as_billed,
    billed_seconds,
    card,
    hours,
    plan,
    rule_set,
    seconds,
    worked,
)

Given = Mapping[str, Any]
Answers = Mapping[str, object]

ONE = card("one", 1)


def lines_of(result: InvoicePlan) -> list[Any]:
    return [line for draft in result.drafts for line in draft.lines]


# -- time --------------------------------------------------------------------------------------------------------


CLOCK = {
    "ceil": (Mode.UP, Mode.UP, Mode.UP),
    "floor": (Mode.DOWN, Mode.DOWN, Mode.DOWN),
    "closest": (Mode.NEAREST, Mode.NEAREST, Mode.NEAREST),
    "default": (Mode.DOWN, Mode.UP, Mode.UP),
}
"""Modes of begin, end and duration; closest sends an exact half down (the note of the first such case)."""

OCA = {
    "UP": (Mode.UP, Half.UP),
    "DOWN": (Mode.DOWN, Half.UP),
    "HALF_UP": (Mode.NEAREST, Half.UP),
}


def time_rounding(given: Given) -> Answers:
    if "start" in given:
        return clock_rounding(given)
    if "minutes" in given:
        rounding = TimeRounding(mode=Mode(given["mode"]), step_seconds=given["step_min"] * 60)
        result = plan([worked(given["minutes"] * 60)], rule_set(ONE, rounding=rounding))
        line = lines_of(result)[0]
        return {"billed_min": line.billed_seconds // 60, "worked_min": line.seconds // 60}
    if "factor_pct" in given:
        rounding = oca_rounding(given)
    else:
        rounding = TimeRounding(mode=Mode(given["mode"]), step_seconds=seconds(given["step_hours"]))
    result = plan([worked(seconds(given["hours"]))], rule_set(ONE, rounding=rounding))
    return {"billed_hours": hours(billed_seconds(result))}


def oca_rounding(given: Given) -> TimeRounding:
    mode, half = OCA[given["mode"]]
    return TimeRounding(
        scope=Scope.ENTRY,
        mode=mode,
        half=half,
        step_seconds=seconds(given["unit_hours"]) or 1,
        factor=Decimal(given["factor_pct"]) / 100,
    )


def clock_rounding(given: Given) -> Answers:
    modes = CLOCK[given["mode"]]
    begin, end, duration = (
        TimeRounding(mode=mode, half=Half.DOWN, step_seconds=given[f"{part}_min"] * 60 or 1)
        for part, mode in zip(("begin", "end", "duration"), modes, strict=True)
    )
    start, stop = (datetime.fromisoformat(f"{DAY}T{given[part]}") for part in ("start", "stop"))
    reading = clock_time(start, stop, begin=begin, end=end)
    result = plan([worked(reading.seconds)], rule_set(ONE, rounding=duration))
    return {
        "start": reading.start.time().isoformat(),
        "stop": reading.stop.time().isoformat(),
        "seconds": billed_seconds(result),
    }


def decimal_hours(digits: int | None) -> TimeRounding:
    """A line's time to so many decimals of an hour; None leaves it as it is."""
    return TimeRounding(step_seconds=1 if digits is None else seconds(Decimal(1).scaleb(-digits)))


def hours_to_decimal(given: Given) -> Answers:
    result = plan([worked(given["seconds"])], rule_set(ONE, rounding=decimal_hours(given["hours_digits"])))
    return {"seconds": billed_seconds(result)}


# -- rates -------------------------------------------------------------------------------------------------------


PRECEDENCE = tuple(
    tuple(Dimension(part) for part in combination)
    for combination in (["entry"], ["project", "employee"], ["task"], ["project"], ["customer"], ["employee"], [])
)


def rate_precedence(given: Given) -> Answers:
    if "typed_amount" in given:  # a typed amount is no input of the engine: it computes
        return t_and_m(given)
    if "pricing" in given:
        return employee_rate(given)
    time = worked(given["seconds"], customer=1, project=1, task=1, employee=1)
    levels = {"activity": "task", "project": "project", "customer": "customer"}
    prices = [
        card(level, given[level], per=Per.ENTRY if given.get(f"{level}_fixed") else Per.HOUR, **{dimension: 1})
        for level, dimension in levels.items()
        if level in given
    ]
    if "entry_fixed" in given:
        prices.append(card("entry", given["entry_fixed"], per=Per.ENTRY, entry=1))
    if "user_hourly" in given:
        prices.append(card("user", given["user_hourly"], employee=1))
    return {"amount": amount(time, prices), "internal_cost": amount(time, cost_cards(given, levels))}


def cost_cards(given: Given, levels: Mapping[str, str]) -> list[RateCard]:
    """Costs are a rule set of their own: the level's internal rate, else the person's, else what is charged."""
    cards = [
        card(level, given[f"{level}_internal"], **{dimension: 1})
        for level, dimension in levels.items()
        if f"{level}_internal" in given
    ]
    own = given.get("user_internal", given.get("user_hourly"))
    if own is not None:
        cards.append(card("user", own, employee=1))
    if "entry_fixed" in given:
        cards.append(card("charged", given["entry_fixed"], per=Per.ENTRY))
    return cards


def amount(time: WorkedTime, cards: list[RateCard]) -> Decimal:
    return plan([time], replace(rule_set(*cards), precedence=PRECEDENCE)).amount.amount


def employee_rate(given: Given) -> Answers:
    """Odoo's map of employees holds for tasks that have an order line: a card for each such task and employee."""
    people = {name: number for number, name in enumerate(("manager", "employee_user"), start=1)}
    cards = [RateCard(name="nothing", rate=None)]
    if given["task_line"] is not None:
        cards.append(card(given["task_line"], 1, task=1))
        cards += [card(line, 2, task=1, employee=people[name]) for name, line in given["map"].items()]
    entries = given.get("entries") or [given["entry"]]
    times = [
        worked(seconds(entry["hours"]), number=number, task=1, employee=people[entry["employee"]])
        for number, entry in enumerate(entries, start=1)
    ]
    result = plan(times, rule_set(*cards))
    answers: dict[str, object] = {"so_line": None}
    for line in lines_of(result):
        answers[line.explanation.rated[0].choice.card] = hours(line.billed_seconds)
        answers["so_line"] = line.explanation.rated[0].choice.card
    return answers


def rate_precision(given: Given) -> Answers:
    printing = replace(FINE, currency_rounding=Decimal(1).scaleb(-given["amount_digits"]))
    rules = rule_set(card("hourly", given["hourly"]), rounding=decimal_hours(given["hours_digits"]))
    return {"amount": plan([worked(given["seconds"])], rules, printing=printing).amount.amount}


def t_and_m(given: Given) -> Answers:
    if "billing_rate" in given:
        time = worked(seconds(given["hours"]))
        return {
            key: plan([time], rule_set(card("rate", given[rate]))).amount.amount
            for key, rate in (("billing", "billing_rate"), ("costing", "costing_rate"))
        }
    times = [worked(seconds(length), number=n) for n, length in enumerate(given["entries_hours"], start=1)]
    result = plan(times, rule_set(card("price", given["price"])), printing=Printing())
    (line,) = lines_of(result)
    return {
        "qty": line.printed.quantity,
        "amount": line.printed.amount,
        "type": "billable_time" if line.printed.unit is Unit.HOUR else "other",
        "linked_to_draft": line.times == tuple(times),
    }


# -- sums and printing -------------------------------------------------------------------------------------------


def sum_of_rounded(given: Given) -> Answers:
    if "entries_hours" in given:
        times = [worked(seconds(length), number=n) for n, length in enumerate(given["entries_hours"], start=1)]
        result = plan(times, rule_set(ONE, rounding=oca_rounding(given)))
        return {"worked": hours(sum(time.seconds for time in times)), "billed": hours(billed_seconds(result))}
    if "minutes" in given:
        return one_by_one(given)
    repeat = given.get("repeat", 1)
    once, often = (entry_by_entry(given, times) for times in (repeat, given.get("repeat", 130)))
    return {
        "seconds": sum(line.seconds for line in lines_of(once)),
        "sum": once.amount.amount,
        "per_entry": [line.amount.amount for line in lines_of(once)],
        "sum_once": once.amount.amount,
        "exact_sum_once": once.drafts[0].unrounded.amount,
        "sum_x130": often.amount.amount,
    }


def entry_by_entry(given: Given, repeat: int) -> InvoicePlan:
    rules = rule_set(
        card("hourly", given["hourly"]), rounding=decimal_hours(given["hours_digits"]), group=[GroupKey.ENTRY]
    )
    times = [worked(length, number=n) for n, length in enumerate(given["seconds"] * repeat, start=1)]
    return plan(times, rules, printing=replace(FINE, currency_rounding=Decimal(1).scaleb(-given["amount_digits"])))


def one_by_one(given: Given) -> Answers:
    """An invoice for each entry, the time of all of them rounded cumulatively."""
    rounding = replace(decimal_hours(given["hours_digits"]), cumulative=True)
    billed: list[BilledTime] = []
    quantities = []
    for number, minutes in enumerate(given["minutes"], start=1):
        result = plan([worked(minutes * 60, number=number)], rule_set(ONE, rounding=rounding), billed=billed)
        billed += as_billed(result)
        quantities.append(hours(billed_seconds(result)))
    return {"quantities": quantities, "total": sum(quantities)}


def odoo_line_fit(given: Given) -> Answers:
    printing = Printing()
    quantity, price = Decimal(given["quantity"]), Decimal(given["price"])
    subtotal = printing.subtotal(quantity, price, EUR, discount=Decimal(given.get("discount", 0)))
    count = given.get("lines", 1)
    tax = printing.tax([Money(subtotal, EUR)], Decimal(given.get("tax", 0)), EUR).amount
    rules = rule_set(card("price", price), group=[GroupKey.ENTRY])
    exact = plan([worked(seconds(quantity), number=n) for n in range(1, count + 1)], rules, printing=printing)
    return {
        "stored_quantity": printing.stored_quantity(Fraction(quantity)),
        "stored_price": printing.stored_price(Fraction(price)),
        "subtotal": subtotal,
        "untaxed": subtotal * count,
        "tax": tax,
        "total": subtotal + tax,
        "exact": exact.amount.amount,
    }


def printed_line(given: Given) -> Answers:
    if "start" in given:
        start, stop = (datetime.fromisoformat(f"{DAY}T{given[part]}") for part in ("start", "stop"))
        length = clock_time(start, stop).seconds
        rounding = TimeRounding(mode=Mode.UP, step_seconds=seconds(given["round_up_hours"]))
    else:
        shown = given.get("seconds_shown_as")
        length = read_seconds(shown) if shown else given["minutes"] * 60
        rounding = decimal_hours(given.get("hours_digits", 2))
    result = plan([worked(length)], rule_set(card("hourly", given["hourly"]), rounding=rounding), printing=Printing())
    printed = lines_of(result)[0].printed
    return {"qty": printed.quantity, "line": printed.amount}


def half_cent_mode(given: Given) -> Answers:
    rules = rule_set(card("fixed", given["amount"], per=Per.ENTRY))
    return {
        name: plan([worked(60)], replace(rules, amounts=mode)).amount.amount
        for name, mode in (("half_up", Rounding.HALF_UP), ("half_even", Rounding.HALF_EVEN))
    }


def tax_rounding(given: Given) -> Answers:
    printing = Printing(tax_method=TaxMethod(given["method"]))
    subtotals = [Money(line, EUR) for line in given["lines"]]
    tax = printing.tax(subtotals, Decimal(given["tax"]), EUR)
    return {"tax": tax.amount, "total": sum((subtotal.amount for subtotal in subtotals), tax.amount)}


def minimum(given: Given) -> Answers:
    month_days = given.get("of", 31)
    first = next(day for month in range(1, 13) if days_of(day := date(2026, month, 1)) == month_days)
    period = Period(first, first + timedelta(days=given.get("days", month_days) - 1))
    rules = replace(
        rule_set(card("used", Decimal(given["used_cents"]) / 100, per=Per.ENTRY)),
        minimum_fee=MinimumFee(Money(Decimal(given["minimum_cents"]) / 100, EUR)),
    )
    result = plan_invoices([worked(60, day=first)], rules, today=TODAY, period=period, billed=[])
    fees = [line for line in lines_of(result) if line.explanation.fee is not None]
    answers: dict[str, object] = {"true_up_cents": fees[0].amount.minor_units if fees else None}
    if fees:
        basis = fees[0].explanation.fee
        exact = Fraction(basis.monthly.amount) * month_share(basis.period) - Fraction(basis.used.amount)
        answers["precise"] = round_ratio(exact * 100, Decimal("1e-13"), Rounding.HALF_UP)
    return answers


def days_of(day: date) -> int:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal() - day.replace(day=1).toordinal()


# -- grouping and periods ----------------------------------------------------------------------------------------


GROUP_KEYS = {
    "date": GroupKey.DAY,
    "user": GroupKey.EMPLOYEE,
    "project": GroupKey.PROJECT,
    "iso_week": GroupKey.WEEK,
}


def invoice_grouping(given: Given) -> Answers:
    if "subproject" in given:
        return two_parties(given)
    group, mixed = grouping(given["group_by"])
    times, cards = [], []
    for number, entry in enumerate(given["entries"], start=1):
        day = entry.get("date", str(DAY))
        times.append(
            worked(
                entry.get("seconds", 3600),
                number=number,
                day=date.max.replace(year=2028) if day == "other" else date.fromisoformat(day),
                project=entry.get("project", 1),
                employee=entry.get("user"),
            )
        )
        price = entry.get("fixed") or entry.get("hourly") or entry["amount"]
        cards.append(card(f"entry {number}", price, per=Per.HOUR if "hourly" in entry else Per.ENTRY, entry=number))
    rules = rule_set(*cards, group=group, mixed=mixed, rounding=decimal_hours(given.get("hours_digits")))
    return totals(plan(times, rules), given)


def grouping(group_by: Any) -> tuple[list[GroupKey], MixedRates]:
    if group_by is None:
        return [GroupKey.ENTRY], MixedRates.SPLIT
    if group_by == "price":  # the rate is part of every line's key
        return [], MixedRates.SPLIT
    if group_by == "all":
        return [], MixedRates.AMOUNT
    return [GROUP_KEYS[key] for key in group_by], MixedRates.AMOUNT


def totals(result: InvoicePlan, given: Given) -> Answers:
    """Lines come in the order of the case where they are the same lines: ours is by key, the peer's by appearance."""
    lines = lines_of(result)
    tax = Printing(tax_method=TaxMethod.GLOBALLY).tax(
        [line.amount for line in lines], Decimal(given.get("vat", 0)), EUR
    )
    amounts = [line.amount.amount for line in lines]
    if given["group_by"] == "price":
        first = {line.amount.amount: min(time.id for time in line.times) for line in lines}
        amounts.sort(key=lambda value: first[value])
    return {
        "lines": amounts if given["group_by"] not in (None, "all") else len(lines),
        "subtotal": result.amount.amount,
        "total": (result.amount + tax).amount,
        "seconds": sum(line.billed_seconds for line in lines),
        "presentation": "one fixed amount" if [line.printed.unit for line in lines] == [Unit.AMOUNT] else "other",
    }


def two_parties(given: Given) -> Answers:
    parties: dict[str, int] = {}
    times = [
        worked(
            seconds(given[part]["effort_h"]),
            number=number,
            project=number,
            customer=parties.setdefault(given[part]["party"], len(parties) + 1),
        )
        for number, part in enumerate(("project", "subproject"), start=1)
    ]
    result = plan(times, rule_set(card("price", given["price"])))
    return {"invoices": len(result.drafts), "total": result.amount.amount}


def period_boundary(given: Given) -> Answers:
    if "group_by" in given:
        days = [date.fromisoformat(day) for day in given["dates"]]
        length = given.get("seconds_each", 3600)
        times = [worked(length, number=number, day=day) for number, day in enumerate(days, start=1)]
        each = card("each", given.get("amount_each", 1), per=Per.ENTRY)
        result = plan(times, rule_set(each, group=[GROUP_KEYS[key] for key in given["group_by"]]))
        return {
            "lines": len(lines_of(result)),
            "amount": result.amount.amount,
            "seconds": billed_seconds(result),
        }
    if "lines" in given:
        return one_day_period(given)
    return relative_period(given)


def one_day_period(given: Given) -> Answers:
    days = [date.fromisoformat(f"2026-{line['date']}") for line in given["lines"]]
    times = [worked(3600, number=number, day=day, task=number) for number, day in enumerate(days, start=1)]
    first, last = (date.fromisoformat(f"2026-{day}") for day in given["period"])
    rules = rule_set(ONE, group=[GroupKey.TASK])
    june = plan_invoices(times, rules, today=TODAY, period=Period(first, last))
    later = plan_invoices(times, rules, today=TODAY, billed=as_billed(june))
    outside = [item.reason for item in june.left_out if item.entry == 2]
    offered = [time.id for line in lines_of(later) for time in line.times]
    return {"line2": "still to invoice" if (outside, offered) == ([Reason.AFTER_PERIOD], [2]) else "lost"}


EARLIER_STEPS = {6: 10, 5: 10}
"""The cases of relative periods are steps of one story: those before the last bill the entries of day -6 and -5."""


def relative_period(given: Given) -> Answers:
    entries: dict[int, str] = {int(day): text for day, text in (given.get("today_minus") or given["rest"]).items()}
    times, earlier = [], []
    for number, (days, text) in enumerate(sorted(entries.items()), start=1):
        time = worked(
            seconds(text.split()[0]), number=number, day=DAY - timedelta(days=days), task=2 if "other" in text else 1
        )
        times.append(time)
        if "invoiced" in text:
            earlier.append(BilledTime(time, time.seconds))
    if "rest" in given:
        earlier += [
            BilledTime(time, time.seconds)
            for number, (days, length) in enumerate(EARLIER_STEPS.items(), start=90)
            for time in [worked(length * 3600, number=number, day=DAY - timedelta(days=days), task=1)]
        ]
    first, last = (DAY + timedelta(days=days) for days in given["period"])
    rules = rule_set(ONE, group=[GroupKey.TASK])
    result = plan_invoices(times, rules, today=DAY, period=Period(first, last), billed=earlier)
    by_task = {line.times[0].task: line.billed_seconds for line in lines_of(result)}
    return {
        "qty": hours(by_task.get(1, 0)),
        "cumulative": hours(by_task.get(1, 0) + sum(item.billed_seconds for item in earlier)),
        "other_line": hours(by_task.get(2, 0)),
    }


def non_billable(given: Given) -> Answers:
    """Work is billed by the task's order line; what has none meets a card that says so."""
    cards = [RateCard(name="no order line", rate=None)]
    if given["so_line"] is not None:
        raise NotModelled("an order line")
    result = plan([worked(3600, task=given["task"])], rule_set(*cards))
    reasons = [item.reason for item in result.left_out]
    return {"type": "non_billable" if reasons == [Reason.RATE_NOT_BILLED] else "other", "linked": bool(result.drafts)}


# -- runs after runs ---------------------------------------------------------------------------------------------


def idempotent_run(given: Given) -> Answers:
    if "row" in given:
        return already_invoiced()
    if "usage" in given:
        return blocks(given)
    if "cut_over" in given:
        return run_after_cut_over(given)
    if "invoice1" in given:
        return legacy(given)
    return rebill_same_period(given)


def already_invoiced() -> Answers:
    time = worked(3600)
    result = plan([time], rule_set(ONE), billed=[BilledTime(time, 3600)])
    return {"error": not result.drafts and [item.reason for item in result.left_out] == [Reason.ALREADY_BILLED]}


def blocks(given: Given) -> Answers:
    """Units as seconds, a started block billed whole: the run bills what should be less what was billed."""
    block = given["block"]
    rate = Decimal(given["price"]) * 3600 / block
    rounding = TimeRounding(scope=Scope.ENTRY, mode=Mode.UP, step_seconds=block, cumulative=True)
    missing = []
    for period, usage in given["usage"].items():
        times = [worked(units, number=number) for number, units in enumerate(usage, start=1)]
        covered = int(Decimal(given["already_billed"][period]) / Decimal(given["price"])) * block
        earlier = [BilledTime(worked(covered, number=1), covered)]
        result = plan(times, rule_set(card("block", rate), rounding=rounding), billed=earlier)
        missing.append(result.amount.amount)
    return {"missing": missing}


def run_after_cut_over(given: Given) -> Answers:
    time = worked(seconds(given["already_invoiced"]))
    first = plan([time], rule_set(ONE))
    second = plan([time], rule_set(ONE), billed=as_billed(first))
    return {"second_run": "nothing" if not second.drafts else f"{hours(billed_seconds(second))} again"}


def legacy(given: Given) -> Answers:
    """An entry that a cut-over counts as billed stays with its invoice, whatever became of that invoice."""
    one, two = worked(seconds(given["hours1"])), worked(seconds(given["hours2"]), number=2)
    result = plan([one, two], rule_set(ONE), billed=[BilledTime(one, one.seconds)])
    kept = [item.entry for item in result.left_out if item.reason is Reason.ALREADY_BILLED] == [one.id]
    return {"invoice2_qty": hours(billed_seconds(result)), "entry1_link": "invoice1" if kept else "invoice2"}


def rebill_same_period(given: Given) -> Answers:
    first, last = (date.fromisoformat(day) for day in given["period"])
    done = worked(seconds(given["already_invoiced"]), day=first)
    new = worked(seconds(given["new_entry_outside_period"]), number=2, day=last + timedelta(days=1))
    result = plan_invoices(
        [done, new],
        rule_set(ONE),
        today=TODAY,
        period=Period(first, last),
        billed=[BilledTime(done, done.seconds)],
    )
    return {"invoice": result.drafts[0].key if result.drafts else None}


def late_entry(given: Given) -> Answers:
    if "late_entry" in given:
        return late_in_june(given)
    if "new_entries" in given:
        old = [worked(seconds(length), number=n) for n, length in enumerate(given["already_invoiced"], start=1)]
        new = [worked(seconds(length), number=n) for n, length in enumerate(given["new_entries"], start=50)]
        first = plan(old, rule_set(ONE))
        second = plan(old + new, rule_set(ONE), billed=as_billed(first))
        again = plan(old, rule_set(ONE))
        return {"second_invoice_qty": hours(billed_seconds(second)), "first_unchanged": again == first}
    rate = card("price", given["price"])
    first = plan([worked(seconds(Decimal(given["invoiced"]) / Decimal(given["price"])))], rule_set(rate))
    late = worked(seconds(given["late_hours"]), number=2)
    second = plan([*(item.time for item in as_billed(first)), late], rule_set(rate), billed=as_billed(first))
    return {"invoice": second.amount.amount, "total": (first.amount + second.amount).amount}


def late_in_june(given: Given) -> Answers:
    june = Period(date(2026, 6, 1), date(2026, 6, 30))
    done = worked(3600, day=june.last)
    first = plan_invoices([done], rule_set(ONE), today=TODAY, period=june)
    late = worked(
        seconds(given["late_entry"]["hours"]), number=2, day=date.fromisoformat(f"2026-{given['late_entry']['date']}")
    )
    second = plan_invoices([done, late], rule_set(ONE), today=TODAY, period=june, billed=as_billed(first))
    return {"picked_up": [time.id for line in lines_of(second) for time in line.times] == [late.id]}


def correction(given: Given) -> Answers:
    if "lines" in given:
        return negative_line(given)
    if "new_entry" in given:
        time = worked(seconds(given["new_entry"]), number=2)
        (draft,) = plan([time], rule_set(card("price", given["price"])), printing=Printing()).drafts
        kinds = {InvoiceKind.INVOICE: ("out_invoice", 1), InvoiceKind.CREDIT_NOTE: ("out_refund", -1)}
        document, sign = kinds[draft.kind]
        return {
            "document": document,
            "qty": sign * draft.lines[0].printed.quantity,
            "total": sign * draft.amount.amount,
        }
    (line,) = lines_of(plan([worked(seconds(given["entry_hours"]))], rule_set(ONE)))
    return {"type": "billable_time" if line.printed.unit is Unit.HOUR else "other"}


def negative_line(given: Given) -> Answers:
    times = [worked(seconds(line["qty"]), number=n, task=n) for n, line in enumerate(given["lines"], start=1)]
    cards = [card(f"line {n}", line["price"], task=n) for n, line in enumerate(given["lines"], start=1)]
    result = plan(times, rule_set(*cards, group=[GroupKey.TASK]), printing=Printing())
    tax = Printing().tax([line.amount for line in lines_of(result)], Decimal(given["tax"]), EUR)
    return {"untaxed": result.amount.amount, "tax": tax.amount, "total": (result.amount + tax).amount}


AREAS: Mapping[str, Callable[[Given], Answers]] = {
    "correction": correction,
    "half-cent-mode": half_cent_mode,
    "hours-to-decimal": hours_to_decimal,
    "idempotent-run": idempotent_run,
    "invoice-grouping": invoice_grouping,
    "late-entry": late_entry,
    "minimum": minimum,
    "non-billable": non_billable,
    "odoo-line-fit": odoo_line_fit,
    "period-boundary": period_boundary,
    "printed-line-must-multiply": printed_line,
    "rate-precedence": rate_precedence,
    "rate-precision": rate_precision,
    "sum-of-rounded-vs-rounded-sum": sum_of_rounded,
    "t-and-m": t_and_m,
    "tax-rounding": tax_rounding,
    "time-rounding": time_rounding,
}
