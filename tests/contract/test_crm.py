"""Leads and opportunities: planned from commands, carried out once, read back, on the sandbox and on real servers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from oimkit.errors import DivergedRecord, InputError, MissingRecord
from oimkit.money import Money
from oimkit.odoo import ExternalId, Journal, apply, dump, find, restore, resume
from oimkit.odoo.crm import (
    CrmPlan,
    plan_stages,
    read_cases,
    read_history,
    read_pipeline,
)
from oimkit.pipeline import (
    NEW_CUSTOMER,
    Certainty,
    Channel,
    Command,
    Contactability,
    Kind,
    Outcome,
    PipelineSpec,
    Stage,
    Standing,
    Trigger,
    Visibility,
    commercial,
    crm,
    observe,
    standing,
)
from tests.pipeline.sales import Sales, on, won


@pytest.fixture
def sales(target: Any, tmp_path: Path) -> Iterator[Sales]:
    yield Sales(target.connect(), target.fresh_token, tmp_path / "journal")


def test_a_captured_lead_reads_back_with_what_was_known(sales: Sales) -> None:
    sales.do(
        sales.lead(
            "a", contact_name="Jo", company_name="Mill", email=sales.email(), expected_revenue=Money("12.50", "EUR")
        )
    )
    case = sales.case("a")
    assert case.standing == Standing(Kind.LEAD, "new", Outcome.OPEN, Visibility.ACTIVE, Contactability.FREE)
    facts = dict(case.seen.facts)
    assert (facts["title"], facts["contact_name"], facts["company_name"]) == ("Desks a", "Jo", "Mill")
    assert (facts["email"], facts["expected_revenue"]) == (sales.email(), Money("12.50", "EUR"))
    assert case.inconsistencies == ()


def test_an_opportunity_can_be_captured_at_once(sales: Sales) -> None:
    sales.do(sales.lead("a", kind=Kind.OPPORTUNITY))
    assert sales.case("a").standing.kind is Kind.OPPORTUNITY


def test_a_lead_becomes_a_customer(sales: Sales) -> None:
    sales.do(*won(sales))
    case = sales.case("won")
    assert case.standing == Standing(Kind.OPPORTUNITY, "won", Outcome.WON, Visibility.ACTIVE, Contactability.FREE)
    assert case.inconsistencies == ()
    assert case.customer_id is not None
    (partner,) = sales.odoo.read("res.partner", [case.customer_id], ["name", "email", "is_company"])
    assert (partner["name"], partner["email"], partner["is_company"]) == (
        f"Harbour {sales.token}",
        sales.email(),
        True,
    )
    row = sales.row("won", "probability", "stage_id", "type")
    assert (row["probability"], row["stage_id"].id, row["type"]) == (
        Decimal(100),
        sales.pipeline.id_of("won"),
        "opportunity",
    )


def test_a_second_run_plans_nothing_and_makes_nothing(sales: Sales) -> None:
    commands = [
        *won(sales),
        sales.lead("b", email=sales.email("b"), phone=sales.phone),
        crm.lose(sales.name("b"), on(1), f"No budget {sales.token}"),
        crm.forbid(sales.name("b"), on(2), "asked by mail"),
    ]
    sales.do(*commands)
    before = sales.records()
    again = sales.plan(*commands)
    assert (again.steps, again.refusals, again.known) == ((), (), len(commands))
    report = sales.apply(again)
    assert (report.created, report.updated) == ((), ())
    assert sales.records() == before


def test_an_equal_plan_applied_again_makes_nothing(sales: Sales, tmp_path: Path) -> None:
    """Even with the plan made before anything was done, and a journal that knows nothing of the first run."""
    commands = won(sales)
    plan = sales.plan(*commands)
    sales.apply(plan)
    before = sales.records()
    with Journal.open(tmp_path / "another", sales.odoo.server_key) as journal:
        report = apply(plan, sales.odoo, journal)
    assert report.created == ()
    assert sales.records() == before
    assert sales.case("won").standing.outcome is Outcome.WON


def test_a_case_that_is_known_is_continued(sales: Sales) -> None:
    commands = won(sales)
    sales.do(*commands[:2])
    plan = sales.plan(*commands)
    assert (plan.known, [step.event.name for step in plan.steps]) == (2, ["moved_forward", "moved_forward", "won"])
    assert [step.event.sequence for step in plan.steps] == [3, 4, 5]
    sales.apply(plan)
    assert sales.case("won").standing.outcome is Outcome.WON


def test_a_plan_survives_being_saved(sales: Sales) -> None:
    plan = sales.plan(*won(sales), crm.win("lead_unknown", on(5)))
    assert dump(restore(CrmPlan, dump(plan))) == dump(plan)
    assert restore(CrmPlan, dump(plan)) == plan


@pytest.mark.parametrize("known", [True, False], ids=["reason-known", "reason-new"])
def test_a_lost_case_is_kept_with_its_stage_and_its_reason(sales: Sales, known: bool) -> None:
    reason = "Too expensive" if known else f"No budget {sales.token}"
    case = sales.name("a")
    sales.do(
        sales.lead("a"),
        crm.convert(case, on(1), Trigger.PROMISING_PROFILE),
        crm.move(case, on(2), "qualified"),
        crm.lose(case, on(3), reason),
    )
    found = sales.case("a")
    assert found.standing == Standing(
        Kind.OPPORTUNITY, "qualified", Outcome.LOST, Visibility.ACTIVE, Contactability.FREE
    )
    assert found.inconsistencies == ()
    assert sales.row("a", sales.reason_field)[sales.reason_field].name == reason
    assert sales.id("a") not in sales.odoo.search("crm.lead", [])


def test_a_reason_that_two_losses_share_is_made_once(sales: Sales) -> None:
    reason = f"No answer {sales.token}"
    sales.do(
        sales.lead("a"),
        crm.lose(sales.name("a"), on(1), reason),
        sales.lead("b"),
        crm.lose(sales.name("b"), on(1), reason),
    )
    assert sales.odoo.count("crm.lost.reason", [["name", "=", reason]]) == 1
    assert sales.case("a").reason_id == sales.case("b").reason_id


def test_a_loss_is_taken_back_without_its_reason(sales: Sales) -> None:
    case = sales.name("a")
    commands = [
        sales.lead("a"),
        crm.convert(case, on(1), Trigger.STATED_WISH),
        crm.move(case, on(2), "qualified"),
        crm.lose(case, on(3), "Too expensive"),
        crm.reopen(case, on(4)),
    ]
    sales.do(*commands)
    found = sales.case("a")
    assert (found.standing.outcome, found.standing.stage, found.reason_id) == (Outcome.OPEN, "qualified", None)
    assert found.inconsistencies == ()
    sales.do(crm.lose(case, on(5), "Not enough stock"), crm.reopen(case, on(6), "new"))
    assert (sales.case("a").standing.outcome, sales.case("a").standing.stage) == (Outcome.OPEN, "new")


def test_a_win_is_taken_back_into_a_stage(sales: Sales) -> None:
    sales.do(*won(sales), crm.reopen(sales.name("won"), on(5), "qualified"))
    found = sales.case("won")
    assert (found.standing.outcome, found.standing.stage) == (Outcome.OPEN, "qualified")
    assert found.inconsistencies == ()
    assert found.customer_id is not None
    assert (found.seen.probability or 0) < 100


def test_an_archived_case_is_not_a_lost_one(sales: Sales) -> None:
    case = sales.name("a")
    sales.do(sales.lead("a"), crm.convert(case, on(1), Trigger.STATED_WISH), crm.archive(case, on(2)))
    assert sales.case("a").standing == Standing(
        Kind.OPPORTUNITY, "new", Outcome.OPEN, Visibility.ARCHIVED, Contactability.FREE
    )
    sales.do(crm.restore(case, on(3)))
    assert sales.case("a").standing.visibility is Visibility.ACTIVE
    assert sales.case("a").inconsistencies == ()


def test_a_won_case_stays_won_when_it_is_put_away(sales: Sales) -> None:
    case = sales.name("won")
    sales.do(*won(sales), crm.archive(case, on(5)))
    assert (sales.case("won").standing.outcome, sales.case("won").standing.visibility) == (
        Outcome.WON,
        Visibility.ARCHIVED,
    )
    sales.do(crm.restore(case, on(6)))
    assert sales.case("won").standing.visibility is Visibility.ACTIVE
    assert sales.case("won").inconsistencies == ()


def test_conversion_keeps_the_customer_that_is_there(sales: Sales) -> None:
    customer = sales.odoo.load("res.partner", ["name"], [[f"Known {sales.token}"]])[0]
    case = sales.name("a")
    sales.do(
        sales.lead("a", customer=f"partner:{customer}"),
        crm.convert(case, on(1), Trigger.STATED_WISH),
        crm.win(case, on(2)),
    )
    assert (sales.case("a").customer_id, sales.case("a").standing.outcome) == (customer, Outcome.WON)


def test_conversion_without_a_customer_makes_none(sales: Sales) -> None:
    partners = sales.odoo.count("res.partner", [])
    sales.do(
        sales.lead("a", contact_name="Jo", email=sales.email()),
        crm.convert(sales.name("a"), on(1), Trigger.STATED_WISH),
    )
    assert sales.case("a").customer_id is None
    assert sales.odoo.count("res.partner", []) == partners
    assert sales.row("a", "date_conversion")["date_conversion"] is not None


def test_conversion_with_a_new_customer_makes_one(sales: Sales) -> None:
    sales.do(
        sales.lead("a", contact_name=f"Jo {sales.token}"),
        crm.convert(sales.name("a"), on(1), Trigger.STATED_WISH, customer=NEW_CUSTOMER),
    )
    customer = sales.case("a").customer_id
    assert customer is not None
    assert sales.odoo.read("res.partner", [customer], ["name"])[0]["name"] == f"Jo {sales.token}"


def test_a_new_customer_whose_address_is_known_is_that_partner(sales: Sales) -> None:
    known = sales.odoo.load("res.partner", ["name", "email"], [[f"Known {sales.token}", sales.email().upper()]])[0]
    sales.do(*won(sales))
    assert sales.case("won").customer_id == known


def test_two_partners_with_the_address_are_for_a_person_to_tell_apart(sales: Sales) -> None:
    rows = [[f"First {sales.token}", sales.email()], [f"Second {sales.token}", sales.email()]]
    sales.odoo.load("res.partner", ["name", "email"], rows)
    before = sales.records()
    plan = sales.plan(*won(sales))
    assert (plan.steps, [refusal.code for refusal in plan.refusals]) == ((), ["ambiguous_customer"])
    assert sales.apply(plan).findings
    assert sales.records() == before


def test_silence_is_kept_on_every_channel_and_lifted_again(sales: Sales) -> None:
    case = sales.name("a")
    sales.do(sales.lead("a", email=sales.email(), phone=sales.phone), crm.forbid(case, on(1), "asked by mail"))
    assert sales.case("a").standing.contactability is Contactability.FORBIDDEN
    assert sales.odoo.count("mail.blacklist", [["email", "=", sales.email()]]) == 1
    (refusal,) = sales.plan(crm.contact(case, on(2), Channel.EMAIL)).refusals
    assert refusal.satisfied_by == ("release",)
    sales.do(crm.release(case, on(3)))
    assert sales.case("a").standing.contactability is Contactability.FREE
    sales.do(crm.forbid(case, on(4), "asked again"))
    assert sales.case("a").standing.contactability is Contactability.FORBIDDEN
    assert sales.odoo.count("mail.blacklist", [["email", "=", sales.email()], ["active", "in", [True, False]]]) == 1


def test_a_restriction_blocks_its_channel_only(sales: Sales) -> None:
    case = sales.name("a")
    sales.do(
        sales.lead("a", email=sales.email(), phone=sales.phone),
        crm.restrict(case, on(1), [Channel.EMAIL], "calls only"),
    )
    found = sales.case("a")
    assert (found.standing.contactability, found.seen.blocked) == (Contactability.RESTRICTED, (Channel.EMAIL,))
    sales.do(crm.restrict(case, on(2), [Channel.PHONE], "mail only"))
    assert sales.case("a").seen.blocked == (Channel.PHONE,)
    (refusal,) = sales.plan(crm.contact(case, on(3), Channel.PHONE)).refusals
    assert refusal.guard is not None and refusal.guard.name == "channel_permitted"


def test_a_new_lead_whose_address_is_blocked_is_reported(sales: Sales) -> None:
    sales.do(sales.lead("a", email=sales.email()), crm.forbid(sales.name("a"), on(1), "asked by mail"))
    report = sales.do(sales.lead("b", email=sales.email()))
    assert len(report.findings) == 1 and "must not be contacted" in report.findings[0]
    assert sales.email() not in report.findings[0]
    assert sales.case("b").standing.contactability is Contactability.FORBIDDEN


def test_silence_without_an_address_is_refused(sales: Sales) -> None:
    plan = sales.plan(sales.lead("a"), crm.forbid(sales.name("a"), on(1), "asked on the street"))
    assert [refusal.code for refusal in plan.refusals] == ["nothing_to_block"]
    assert plan.refusals[0].satisfied_by == ("record email or phone first",)
    assert plan.steps == ()


def test_a_refused_step_leaves_its_case_alone_and_the_others_go_on(sales: Sales) -> None:
    before = sales.records()
    plan = sales.plan(
        sales.lead("bad"),
        crm.win(sales.name("bad"), on(1), customer=NEW_CUSTOMER),
        sales.lead("good"),
    )
    assert [refusal.satisfied_by for refusal in plan.refusals] == [("convert",)]
    assert {step.event.case for step in plan.steps} == {sales.name("good")}
    assert sales.records() == before
    report = sales.apply(plan)
    assert len(report.findings) == 1
    assert ExternalId.of("lead", sales.name("bad")) not in find(sales.odoo, [ExternalId.of("lead", sales.name("bad"))])


def illegal(sales: Sales) -> dict[str, Command]:
    lost, record = f"lead:{sales.id('lost')}", f"lead:{sales.id('won')}"
    return {
        "not_from_here": crm.win(lost, on(9), customer=NEW_CUSTOMER),
        "already_there": crm.lose(lost, on(9), "Too expensive"),
        "already_begun": crm.capture(lost, on(9), title="again"),
        "unknown_target": crm.move(record, on(9), "nowhere"),
        "unknown_command": Command(record, "celebrate", on(9)),
        "guard_failed": Command(record, "forbid", on(9)),
        "out_of_order": crm.reopen(record, on(-9), "new"),
        "not_begun": crm.move(sales.name("unheard"), on(9), "new"),
    }


def test_every_kind_of_illegal_step_is_refused_before_any_write(sales: Sales) -> None:
    sales.do(*won(sales), sales.lead("lost"), crm.lose(sales.name("lost"), on(1), "Too expensive"))
    before = (sales.records(), sales.case("won"), sales.case("lost"))
    for code, command in illegal(sales).items():
        plan = sales.plan(command)
        assert [refusal.code for refusal in plan.refusals] == [code]
        assert plan.refusals[0].satisfied_by and plan.steps == ()
        sales.apply(plan)
    assert (sales.records(), sales.case("won"), sales.case("lost")) == before


def test_a_record_made_by_others_is_taken_over_as_it_was_found(sales: Sales) -> None:
    stage = sales.pipeline.id_of("qualified")
    (identity,) = sales.odoo.load(
        "crm.lead", ["name", "type", "stage_id/.id"], [[f"Theirs {sales.token}", "opportunity", str(stage)]]
    )
    case = f"lead:{identity}"
    sales.do(crm.move(case, on(1), "proposition"), crm.record(case, on(2), site="old town"))
    (history,) = read_history(sales.odoo, [identity])
    assert [(event.name, event.certainty) for event in history] == [
        ("adopted", Certainty.INFERRED),
        ("moved_forward", Certainty.OBSERVED),
        ("recorded", Certainty.OBSERVED),
    ]
    machine = commercial(sales.pipeline.spec)
    state = machine.replay(history)
    (found,) = read_cases(sales.odoo, [["id", "=", identity]], pipeline=sales.pipeline)
    assert standing(state) == found.standing
    assert state.fact("site") == "old town"


def test_the_history_is_read_back_and_replays_to_where_the_record_stands(sales: Sales) -> None:
    case = sales.name("a")
    sales.do(
        sales.lead("a", email=sales.email(), contact_name="Canary Person"),
        crm.convert(case, on(1), Trigger.STATED_WISH),
        crm.move(case, on(2), "proposition"),
        crm.move(case, on(3), "qualified"),
        crm.lose(case, on(4), "Too expensive"),
        crm.reopen(case, on(5)),
        crm.contact(case, on(6), Channel.PHONE),
        crm.forbid(case, on(7), "“no more” <calls> & letters"),
    )
    (history,) = read_history(sales.odoo, [sales.id("a")])
    assert [event.name for event in history] == [
        "captured",
        "converted",
        "skipped_ahead",
        "moved_back",
        "lost",
        "reopened",
        "contacted",
        "contact_forbidden",
    ]
    assert [event.occurred_at for event in history] == [on(hours).occurred_at for hours in range(8)]
    assert dict(history.events[-1].facts)["contact_why"] == "“no more” <calls> & letters"
    assert history.machine == sales.pipeline.spec.name + "/1"
    assert standing(commercial(sales.pipeline.spec).replay(history)) == sales.case("a").standing
    notes = sales.odoo.search_read(
        "mail.message", [["model", "=", "crm.lead"], ["res_id", "=", sales.id("a")]], ["body"]
    )
    assert not any("Canary" in (note["body"] or "") for note in notes if "oimkit" in (note["body"] or ""))


def test_what_a_record_shows_tells_its_history_as_far_as_it_can_be_known(sales: Sales) -> None:
    sales.do(*won(sales))
    case = sales.case("won")
    events = observe(case.seen, commercial(sales.pipeline.spec))
    assert [event.name for event in events] == ["captured", "converted", "won"]
    assert all(event.certainty is not Certainty.ASSERTED for event in events)
    assert standing(commercial(sales.pipeline.spec).replay(events)) == case.standing


def test_what_someone_changed_between_plan_and_apply_is_not_overwritten_silently(sales: Sales) -> None:
    sales.do(*won(sales)[:2])
    plan = sales.plan(*won(sales))
    sales.odoo.call("crm.lead", "write", ids=[sales.id("won")], vals={"type": "lead"})
    with pytest.raises(DivergedRecord, match="kind is lead, planned was opportunity"):
        sales.apply(plan)


def test_facts_are_written_and_read_back(sales: Sales) -> None:
    case = sales.name("a")
    sales.do(
        sales.lead("a"),
        crm.record(case, on(1), expected_revenue=Money("99.95", "EUR"), company_name=f"Mill {sales.token}"),
        crm.record(case, on(2), company_name=None),
    )
    facts = dict(sales.case("a").seen.facts)
    assert facts["expected_revenue"] == Money("99.95", "EUR")
    assert "company_name" not in facts


def test_an_amount_in_another_currency_is_refused(sales: Sales) -> None:
    with pytest.raises(InputError, match="is in JPY, the company keeps EUR"):
        sales.plan(sales.lead("a", expected_revenue=Money(500, "JPY")))


def test_a_record_that_is_not_there_is_named(sales: Sales) -> None:
    with pytest.raises(MissingRecord, match=r"crm\.lead 999999999"):
        sales.plan(crm.archive("lead:999999999", on(1)))


def test_the_past_cannot_be_commanded(sales: Sales) -> None:
    with pytest.raises(InputError, match="a report of the past"):
        sales.plan(crm.archive("lead:1", on(1, Certainty.OBSERVED)))


@pytest.fixture
def stages_go(sales: Sales) -> Iterator[None]:
    """Stages that bear the test's token go with it: other tests go through the stages that the server has."""
    yield
    sales.odoo.call("crm.stage", "unlink", ids=sales.odoo.search("crm.stage", [["name", "ilike", sales.token]]))


@pytest.mark.usefixtures("stages_go")
def test_stages_of_ones_own_are_created_in_order_found_again_and_used(sales: Sales) -> None:
    spec = PipelineSpec(
        3,
        (
            Stage("new", "New"),
            Stage("visit", f"Visit {sales.token}", needs=("expected_revenue",)),
            Stage("won", "Won", won=True),
        ),
        name=f"roofs_{zlib.crc32(sales.token.encode())}",
    )
    with pytest.raises(InputError, match=r"1 stages of pipeline .* are not on this server: visit"):
        read_pipeline(sales.odoo, spec)
    stages = plan_stages(sales.odoo, spec)
    assert [code for code, *_ in stages.created] == ["visit"]
    sales.apply(stages)
    again = plan_stages(sales.odoo, spec)
    assert (again.created, again.moved) == ((), ())
    own = sales.pipeline = read_pipeline(sales.odoo, spec)
    rows = sales.odoo.read("crm.stage", [identity for _, identity in own.stages], ["sequence", "is_won"])
    assert [row["sequence"] for row in rows] == sorted({row["sequence"] for row in rows})
    assert [row["is_won"] for row in rows] == [False, False, True]

    case = sales.name("a")
    lacking = sales.plan(sales.lead("a", kind=Kind.OPPORTUNITY), crm.move(case, on(1), "visit"))
    assert lacking.refusals[0].satisfied_by == ("give expected_revenue, or record it first",)
    sales.do(
        sales.lead("a", kind=Kind.OPPORTUNITY, expected_revenue=Money(10, "EUR")),
        crm.move(case, on(1), "visit"),
        crm.win(case, on(2), customer=NEW_CUSTOMER),
    )
    assert (sales.case("a").standing.stage, sales.case("a").standing.outcome) == ("won", Outcome.WON)


def test_a_case_in_a_stage_that_the_pipeline_leaves_out_is_refused(sales: Sales) -> None:
    spec = PipelineSpec(1, (Stage("new", "New"), Stage("won", "Won", won=True)), name="short")
    case = sales.name("a")
    sales.do(sales.lead("a"), crm.convert(case, on(1), Trigger.STATED_WISH), crm.move(case, on(2), "qualified"))
    sales.pipeline = read_pipeline(sales.odoo, spec)
    (refusal,) = sales.plan(crm.lose(case, on(3), "Too expensive")).refusals
    assert refusal.code == "stage_unknown"


def test_a_run_that_was_cut_off_is_finished_from_its_plan(sales: Sales) -> None:
    """The process ends at a commit of the journal; another one resumes, and the end is the undisturbed one."""
    plan, before = sales.plan(*won(sales)), sales.records()
    commits = 0

    def cut(_what: str) -> None:
        nonlocal commits
        commits += 1
        if commits == 11:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Journal.open(sales.folder, sales.odoo.server_key, on_commit=cut) as journal:
        apply(plan, sales.odoo, journal, settle_after_s=0)
    with Journal.open(sales.folder, sales.odoo.server_key) as journal:
        (report,) = resume(sales.odoo, journal, settle_after_s=0)
    assert report.kind == "crm"
    assert sales.case("won").standing.outcome is Outcome.WON
    assert [now - then for now, then in zip(sales.records()[:2], before[:2], strict=True)] == [1, 1]
    (history,) = read_history(sales.odoo, [sales.id("won")])
    assert len(history) == 5
